//! Clocks. No other module reads the time.

use std::time::{Duration, Instant};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::lock::Lock;

/// The first instant that a clock can show.
const FIRST: DateTime<Utc> = DateTime::UNIX_EPOCH;
/// The last instant that a clock can show: the end of the year 9999, the last year in RFC 3339.
const LAST: DateTime<Utc> =
    DateTime::from_timestamp(253_402_300_799, 999_999_999).expect("chrono has the year 9999");

/// An emulated wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    Real,
    /// A running clock, ahead of the machine's clock by this time.
    Offset(TimeDelta),
    /// A frozen clock.
    Frozen(DateTime<Utc>),
}

/// A time that a clock cannot be set to, because it is outside the years 1970 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("time is out of range; must be in the years 1970 to 9999")]
pub struct ClockOutOfRange;

impl Clock {
    /// Creates a clock that runs from `now`.
    pub fn running_from(now: DateTime<Utc>) -> Self {
        Self::Offset(now - Utc::now())
    }

    /// Returns the emulated time. A running clock stops at the end of the year 9999.
    pub fn now(self) -> DateTime<Utc> {
        self.unbounded().clamp(FIRST, LAST)
    }

    fn unbounded(self) -> DateTime<Utc> {
        match self {
            Self::Real => Utc::now(),
            Self::Offset(ahead) => {
                Utc::now().checked_add_signed(ahead).unwrap_or(DateTime::<Utc>::MAX_UTC)
            }
            Self::Frozen(now) => now,
        }
    }

    /// Returns the clock advanced by a time.
    pub fn advanced(self, by: Duration) -> Result<Self, ClockOutOfRange> {
        let by = TimeDelta::from_std(by).map_err(|_| ClockOutOfRange)?;
        let advanced = match self {
            Self::Real => Self::Offset(by),
            Self::Offset(ahead) => Self::Offset(ahead.checked_add(&by).ok_or(ClockOutOfRange)?),
            Self::Frozen(now) => Self::Frozen(now.checked_add_signed(by).ok_or(ClockOutOfRange)?),
        };
        advanced.checked()
    }

    /// Returns the clock if its time is in range.
    pub fn checked(self) -> Result<Self, ClockOutOfRange> {
        if (FIRST..=LAST).contains(&self.unbounded()) { Ok(self) } else { Err(ClockOutOfRange) }
    }
}

/// The clock of one account.
#[derive(Debug)]
pub struct AccountClock(Lock<Clock>);

impl AccountClock {
    /// Creates an account's clock.
    pub const fn new(clock: Clock) -> Self {
        Self(Lock::new(clock))
    }

    /// Returns the clock.
    pub fn get(&self) -> Clock {
        *self.0.lock()
    }

    /// Replaces the clock.
    pub fn set(&self, clock: Clock) -> Result<(), ClockOutOfRange> {
        *self.0.lock() = clock.checked()?;
        Ok(())
    }

    /// Advances the clock. A real clock becomes an offset clock, and a frozen clock stays frozen.
    pub fn advance(&self, by: Duration) -> Result<(), ClockOutOfRange> {
        let mut clock = self.0.lock();
        *clock = clock.advanced(by)?;
        Ok(())
    }

    /// Freezes the clock at its current time.
    pub fn freeze(&self) {
        let mut clock = self.0.lock();
        *clock = Clock::Frozen(clock.now());
    }

    /// Resets the clock to the machine's clock.
    pub fn set_real(&self) {
        *self.0.lock() = Clock::Real;
    }

    /// Returns the account's time.
    pub fn now(&self) -> DateTime<Utc> {
        self.get().now()
    }

    /// Returns the clock as the admin API shows it.
    pub fn show(&self) -> ShownClock {
        let clock = self.get();
        let (mode, offset_ms) = match clock {
            Clock::Real => ("real", Some(0)),
            Clock::Offset(ahead) => ("offset", Some(ahead.num_milliseconds())),
            Clock::Frozen(_) => ("frozen", None),
        };
        let now = clock.now().to_rfc3339_opts(SecondsFormat::Millis, true);
        ShownClock { now, mode, offset_ms }
    }
}

/// A clock as the admin API shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ShownClock {
    /// Time in RFC 3339 format.
    now: String,
    /// `real`, `offset`, or `frozen`.
    mode: &'static str,
    /// Milliseconds ahead of the machine's clock. `None` if frozen.
    offset_ms: Option<i64>,
}

/// A request to set a clock.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Setting {
    #[serde(default, deserialize_with = "time")]
    now: Option<DateTime<Utc>>,
    #[serde(default)]
    frozen: bool,
    #[serde(default)]
    real: bool,
}

/// Format of a time, as an error states it.
pub const TIME_FORMAT: &str = "must be a time with a zone, for example 2026-01-31T12:00:00Z";

/// Deserializes an optional time.
fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(|_| de::Error::custom(TIME_FORMAT))).transpose()
}

/// An error in a request to set a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSetting {
    /// The members are missing or contradict each other.
    #[error(
        "clock: must be {{\"Real\":true}}, {{\"Now\":TIME}} to run from a time, {{\"Now\":TIME,\"Frozen\":true}} to freeze at a time, or {{\"Frozen\":true}} to freeze at the current time"
    )]
    Form,
    /// The time is out of range.
    #[error("Now: {0}")]
    OutOfRange(ClockOutOfRange),
}

impl AccountClock {
    /// Sets the clock by a request to the admin API.
    pub fn apply(&self, setting: &Setting) -> Result<(), BadSetting> {
        let mut own = self.0.lock();
        let clock = match *setting {
            Setting { now: None, frozen: false, real: true } => Clock::Real,
            Setting { now: Some(now), frozen: true, real: false } => Clock::Frozen(now),
            Setting { now: Some(now), frozen: false, real: false } => Clock::running_from(now),
            Setting { now: None, frozen: true, real: false } => Clock::Frozen(own.now()),
            _ => return Err(BadSetting::Form),
        };
        *own = clock.checked().map_err(BadSetting::OutOfRange)?;
        Ok(())
    }
}

/// Returns the current instant, for time limits of connections.
pub fn instant() -> tokio::time::Instant {
    tokio::time::Instant::now()
}

/// A stopwatch of real time, independent of emulated clocks.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts measuring.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Returns the time since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    /// Returns the milliseconds since the start.
    pub fn elapsed_ms(self) -> u64 {
        u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_clock_stops_at_the_end_of_the_year_9999() {
        let clock = AccountClock::new(Clock::running_from(LAST));
        let past = TimeDelta::try_days(2).unwrap();
        for clock in [clock, AccountClock::new(Clock::Offset(LAST - Utc::now() + past))] {
            while clock.get().unbounded() <= LAST {
                std::hint::spin_loop();
            }
            assert_eq!(clock.now(), LAST);
            assert_eq!(clock.show().now, "9999-12-31T23:59:59.999Z");
            assert_eq!(clock.advance(Duration::ZERO), Err(ClockOutOfRange));
        }
    }
}
