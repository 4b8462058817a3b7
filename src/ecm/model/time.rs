//! Moments as the product writes them.

use std::{fmt, str::FromStr};

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, Utc};
use serde::{Serialize, Serializer};

const ZONE: FixedOffset = FixedOffset::east_opt(8 * 3600).expect("eight hours are less than a day");

/// A moment as most of the product writes it: `YYYY-MM-DD HH:MM:SS` at UTC+8.
///
/// Assumed: the vendor does not name the zone; its console is in Beijing time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalTime(pub DateTime<Utc>);

/// A moment as EIPs write it: `YYYY-MM-DDTHH:MM:SSZ`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct UtcTime(pub DateTime<Utc>);

/// A text that is not a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadTime {
    /// Not a [`LocalTime`].
    #[error("must be a time at UTC+8 such as 2020-10-29 16:54:45")]
    Local,
    /// Not a [`UtcTime`].
    #[error("must be a time such as 2020-10-29T08:54:45Z")]
    Utc,
}

impl LocalTime {
    const FORMAT: &'static str = "%Y-%m-%d %H:%M:%S";

    /// The day that it is at UTC+8.
    pub fn day(self) -> NaiveDate {
        self.0.with_timezone(&ZONE).date_naive()
    }
}

impl UtcTime {
    const FORMAT: &'static str = "%Y-%m-%dT%H:%M:%SZ";
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.with_timezone(&ZONE).format(Self::FORMAT))
    }
}

impl fmt::Display for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format(Self::FORMAT))
    }
}

/// The parser takes more than the formats have: single digits, and years of six.
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
        serializer.collect_str(self)
    }
}

impl Serialize for UtcTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
