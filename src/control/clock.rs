//! The only place that reads the time.

use std::time::{Duration, Instant};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::lock::Lock;

/// The first moment that a clock shows.
const FIRST: DateTime<Utc> = DateTime::UNIX_EPOCH;
/// The last one: the end of the year 9999, as RFC 3339 has no other after it.
const LAST: DateTime<Utc> =
    DateTime::from_timestamp(253_402_300_799, 999_999_999).expect("chrono has the year 9999");

/// Emulated wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Clock {
    /// The machine's.
    #[default]
    Real,
    /// Runs, so far ahead of the machine's.
    Offset(TimeDelta),
    /// Stands still.
    Frozen(DateTime<Utc>),
}

/// A time outside the years 1970 to 9999, which no clock shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a clock shows times of the years 1970 to 9999")]
pub struct ClockOutOfRange;

impl Clock {
    /// A clock that runs from `now` on.
    pub fn running_from(now: DateTime<Utc>) -> Self {
        Self::Offset(now - Utc::now())
    }

    /// The emulated time. A clock that runs stands still at the end of the year 9999.
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

    /// The clock when it has been put forward.
    pub fn advanced(self, by: Duration) -> Result<Self, ClockOutOfRange> {
        let by = TimeDelta::from_std(by).map_err(|_| ClockOutOfRange)?;
        let advanced = match self {
            Self::Real => Self::Offset(by),
            Self::Offset(ahead) => Self::Offset(ahead.checked_add(&by).ok_or(ClockOutOfRange)?),
            Self::Frozen(now) => Self::Frozen(now.checked_add_signed(by).ok_or(ClockOutOfRange)?),
        };
        advanced.checked()
    }

    /// The clock, if it shows a time that a clock can.
    pub fn checked(self) -> Result<Self, ClockOutOfRange> {
        if (FIRST..=LAST).contains(&self.unbounded()) { Ok(self) } else { Err(ClockOutOfRange) }
    }
}

/// The clock of one account.
#[derive(Debug)]
pub struct AccountClock(Lock<Clock>);

impl AccountClock {
    /// Begins with `clock`.
    pub const fn new(clock: Clock) -> Self {
        Self(Lock::new(clock))
    }

    /// The clock as it is.
    pub fn get(&self) -> Clock {
        *self.0.lock()
    }

    /// Puts another in its place.
    pub fn set(&self, clock: Clock) -> Result<(), ClockOutOfRange> {
        *self.0.lock() = clock.checked()?;
        Ok(())
    }

    /// Puts it forward: a real clock is ahead from then on, a frozen one stands still later.
    pub fn advance(&self, by: Duration) -> Result<(), ClockOutOfRange> {
        let mut clock = self.0.lock();
        *clock = clock.advanced(by)?;
        Ok(())
    }

    /// Freezes the clock at its time.
    pub fn freeze(&self) {
        let mut clock = self.0.lock();
        *clock = Clock::Frozen(clock.now());
    }

    /// Sets the machine's clock.
    pub fn set_real(&self) {
        *self.0.lock() = Clock::Real;
    }

    /// The account's time.
    pub fn now(&self) -> DateTime<Utc> {
        self.get().now()
    }

    /// What the admin API shows of it.
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
    /// RFC 3339.
    now: String,
    /// `real`, `offset` or `frozen`.
    mode: &'static str,
    /// Milliseconds by which it is ahead of the machine's, unless it stands still.
    offset_ms: Option<i64>,
}

/// How a clock is to be set.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Setting {
    now: Option<DateTime<Utc>>,
    #[serde(default)]
    frozen: bool,
    #[serde(default)]
    real: bool,
}

/// Why a clock cannot be set so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSetting {
    /// It contradicts itself, or says nothing.
    #[error(
        "must be {{\"Real\":true}}, or {{\"Now\":TIME}} for a clock that runs on from then, or {{\"Now\":TIME,\"Frozen\":true}}, or {{\"Frozen\":true}} for one that stops as it is"
    )]
    Form,
    /// No clock shows that time.
    #[error("Now: {0}")]
    OutOfRange(ClockOutOfRange),
}

impl AccountClock {
    /// Sets the clock as the admin API is told to.
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

/// The present, for time limits of connections.
pub fn instant() -> tokio::time::Instant {
    tokio::time::Instant::now()
}

/// Measures real time, whatever the emulated clock does.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts measuring.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    /// Microseconds since the start.
    pub fn elapsed_us(self) -> u64 {
        u64::try_from(self.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// Milliseconds since the start.
    pub fn elapsed_ms(self) -> u64 {
        u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_clock_stands_still_at_the_end_of_its_years() {
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
