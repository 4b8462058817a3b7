//! Timestamps as the product formats them.

use std::{fmt, str::FromStr};

use chrono::{
    DateTime, Datelike as _, FixedOffset, NaiveDate, NaiveDateTime, SubsecRound as _,
    Timelike as _, Utc,
};
use serde::{Serialize, Serializer};

use crate::protocol::text::{Ascii, digits};

const ZONE: FixedOffset = FixedOffset::east_opt(8 * 3600).expect("eight hours are less than a day");

/// The earliest and the latest writable time. Between them, the year has four digits in every format,
/// as parsers require.
const WRITABLE: (DateTime<Utc>, DateTime<Utc>) = (moment(0, 1, 1, 0), moment(9999, 12, 31, 15));

const fn moment(year: i32, month: u32, day: u32, hour: u32) -> DateTime<Utc> {
    let day = NaiveDate::from_ymd_opt(year, month, day).expect("a day");
    day.and_hms_opt(hour, 0, 0).expect("an hour").and_utc()
}

/// Returns the nearest time that can be formatted and parsed again.
pub(super) fn writable(at: DateTime<Utc>) -> DateTime<Utc> {
    at.clamp(WRITABLE.0, WRITABLE.1)
}

/// A timestamp in UTC+8, formatted as `YYYY-MM-DD HH:MM:SS`. Most of the product uses it.
///
/// Invariant: it is a whole second, so formatting loses nothing.
///
/// Assumed (api.time-zone): the zone is UTC+8. The vendor names none, and its console uses Beijing
/// time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalTime(DateTime<Utc>);

/// A timestamp in UTC, formatted as `YYYY-MM-DDTHH:MM:SSZ`. EIPs use it.
///
/// Invariant: it is a whole second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct UtcTime(DateTime<Utc>);

/// A string that is not a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadTime {
    /// Not a [`LocalTime`].
    #[error("must be a time at UTC+8 such as 2020-10-29 16:54:45")]
    Local,
    /// Not a date.
    #[error("must be a date such as 2020-10-29")]
    Day,
    /// Not a [`UtcTime`].
    #[error("must be a time such as 2020-10-29T08:54:45Z")]
    Utc,
}

impl LocalTime {
    const FORMAT: &'static str = "%Y-%m-%d %H:%M:%S";

    /// Truncates `at` to a whole second, and clamps it to the writable range.
    pub fn new(at: DateTime<Utc>) -> Self {
        Self(writable(at).trunc_subsecs(0))
    }

    /// Parses a date, such as `2020-10-29`.
    pub fn parse_day(text: &str) -> Result<NaiveDate, BadTime> {
        text.parse().ok().and_then(|day| exact(text, day)).ok_or(BadTime::Day)
    }

    fn text(self) -> Ascii<32> {
        text(self.0.with_timezone(&ZONE).naive_local(), b' ', b"")
    }

    /// Returns the date in UTC+8.
    pub fn day(self) -> NaiveDate {
        self.0.with_timezone(&ZONE).date_naive()
    }
}

impl UtcTime {
    const FORMAT: &'static str = "%Y-%m-%dT%H:%M:%SZ";

    fn text(self) -> Ascii<32> {
        text(self.0.naive_utc(), b'T', b"Z")
    }

    /// Truncates `at` to a whole second, and clamps it to the writable range.
    pub fn new(at: DateTime<Utc>) -> Self {
        Self(writable(at).trunc_subsecs(0))
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

impl fmt::Display for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_str())
    }
}

/// Returns a date and a time of day, with `between` between them and `end` after them. chrono's
/// interpreter of formats takes as long as the rest of a response.
///
/// The year has four digits, as all times are writable.
fn text(at: NaiveDateTime, between: u8, end: &[u8]) -> Ascii<32> {
    let [y1, y2, y3, y4] = digits(at.year().unsigned_abs());
    let ([o1, o2], [d1, d2]) = (digits(at.month()), digits(at.day()));
    let ([h1, h2], [m1, m2], [s1, s2]) =
        (digits(at.hour()), digits(at.minute()), digits(at.second()));
    let date = [y1, y2, y3, y4, b'-', o1, o2, b'-', d1, d2];
    let time = [between, h1, h2, b':', m1, m2, b':', s1, s2];
    Ascii::new([&date, &time, end])
}

/// Rejects strings that the parser accepts outside the format: single digits and six-digit years.
fn exact<T: fmt::Display>(text: &str, time: T) -> Option<T> {
    let has_a_year_of_four = text.find('-') == Some(4);
    (has_a_year_of_four && time.to_string() == text).then_some(time)
}

impl FromStr for LocalTime {
    type Err = BadTime;

    fn from_str(text: &str) -> Result<Self, BadTime> {
        NaiveDateTime::parse_from_str(text, Self::FORMAT)
            .ok()
            .and_then(|time| time.and_local_timezone(ZONE).single())
            .and_then(|time| exact(text, Self(time.to_utc())))
            .ok_or(BadTime::Local)
    }
}

impl FromStr for UtcTime {
    type Err = BadTime;

    fn from_str(text: &str) -> Result<Self, BadTime> {
        NaiveDateTime::parse_from_str(text, Self::FORMAT)
            .ok()
            .and_then(|time| exact(text, Self(time.and_utc())))
            .ok_or(BadTime::Utc)
    }
}

impl Serialize for LocalTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text().as_str())
    }
}

impl Serialize for UtcTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text().as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_time_is_that_of_the_format() {
        for seconds in (WRITABLE.0.timestamp()..WRITABLE.1.timestamp()).step_by(1_234_567_891) {
            let at = DateTime::from_timestamp(seconds, 0).unwrap();
            let local = at.with_timezone(&ZONE).format(LocalTime::FORMAT).to_string();
            assert_eq!(LocalTime::new(at).to_string(), local);
            assert_eq!(UtcTime::new(at).to_string(), at.format(UtcTime::FORMAT).to_string());
        }
    }
}
