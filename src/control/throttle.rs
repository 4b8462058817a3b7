//! Rate limits per account and action.

use std::{collections::HashMap, num::NonZeroU32, str::FromStr};

use chrono::{DateTime, Utc};

/// Calls per second that the vendor documents for every ECM action.
pub const DOCUMENTED_CALLS_PER_SECOND: u32 = 20;

/// A limit on the calls per second of each action of an account.
///
/// As a string, a limit is `off`, `documented`, or a number.
///
/// ```
/// use ecmock::RateLimit;
///
/// assert_eq!("documented".parse(), Ok(RateLimit::DOCUMENTED));
/// assert_eq!("5".parse(), Ok(RateLimit::per_second(5)));
/// assert_eq!(RateLimit::DOCUMENTED.calls_per_second(), Some(20));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RateLimit(Option<NonZeroU32>);

impl RateLimit {
    /// No limit.
    pub const OFF: Self = Self(None);
    /// The limit that the vendor documents for every action: 20 calls per second.
    pub const DOCUMENTED: Self = Self(NonZeroU32::new(DOCUMENTED_CALLS_PER_SECOND));

    /// Allows a number of calls per second. 0 means no limit.
    pub const fn per_second(calls: u32) -> Self {
        Self(NonZeroU32::new(calls))
    }

    /// Returns the limit in calls per second. `None` means no limit.
    pub fn calls_per_second(self) -> Option<u32> {
        self.0.map(NonZeroU32::get)
    }
}

/// An error from parsing a [`RateLimit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be `off`, `documented`, or a number of calls per second above 0")]
pub struct InvalidRateLimit;

impl FromStr for RateLimit {
    type Err = InvalidRateLimit;

    fn from_str(text: &str) -> Result<Self, InvalidRateLimit> {
        match text {
            "off" => Ok(Self::OFF),
            "documented" => Ok(Self::DOCUMENTED),
            number => number.parse().map(|it| Self(Some(it))).map_err(|_| InvalidRateLimit),
        }
    }
}

/// The calls of one account in the current second of its clock.
///
/// Assumed (rate.scope, rate.window, rate.refused-calls): each account and action has a limit of its
/// own, counted from full second to full second. Refused calls count.
#[derive(Debug, Clone, Default)]
pub struct Throttle {
    second: i64,
    calls: HashMap<&'static str, u32>,
}

impl Throttle {
    /// Counts a call of `action`, and returns the number of its calls in this second.
    pub fn count(&mut self, action: &'static str, now: DateTime<Utc>) -> u32 {
        if self.second != now.timestamp() {
            self.second = now.timestamp();
            self.calls.clear();
        }
        let calls = self.calls.entry(action).or_default();
        *calls = calls.saturating_add(1);
        *calls
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_limit_is_off_documented_or_a_number() {
        for (text, calls) in [("off", None), ("documented", Some(20)), ("7", Some(7))] {
            assert_eq!(text.parse::<RateLimit>().unwrap().calls_per_second(), calls);
        }
        for text in ["", "0", "-1", "on", "1.5"] {
            assert_eq!(text.parse::<RateLimit>(), Err(InvalidRateLimit), "{text}");
        }
    }

    #[test]
    fn each_action_and_each_second_is_counted_separately() {
        let mut throttle = Throttle::default();
        let at = |millis| DateTime::from_timestamp_millis(millis).unwrap();
        assert_eq!(throttle.count("A", at(0)), 1);
        assert_eq!(throttle.count("A", at(999)), 2);
        assert_eq!(throttle.count("B", at(999)), 1);
        assert_eq!(throttle.count("A", at(1000)), 1);
    }
}
