//! Rate limits: calls a second, of one account and one action.

use std::{collections::HashMap, num::NonZeroU32, str::FromStr};

use chrono::{DateTime, Utc};

/// Calls a second that the vendor documents for every ECM action.
pub const DOCUMENTED_CALLS_PER_SECOND: u32 = 20;

/// How many calls a second each action of an account allows: `off`, `documented` or a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RateLimit(Option<NonZeroU32>);

impl RateLimit {
    /// As many as anybody likes.
    pub const OFF: Self = Self(None);

    /// The limit, if there is one.
    pub fn calls_per_second(self) -> Option<u32> {
        self.0.map(NonZeroU32::get)
    }
}

/// Why a rate limit cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be `off`, `documented` or a number of calls a second above 0")]
pub struct BadRateLimit;

impl FromStr for RateLimit {
    type Err = BadRateLimit;

    fn from_str(text: &str) -> Result<Self, BadRateLimit> {
        match text {
            "off" => Ok(Self::OFF),
            "documented" => Ok(Self(NonZeroU32::new(DOCUMENTED_CALLS_PER_SECOND))),
            number => number.parse().map(|it| Self(Some(it))).map_err(|_| BadRateLimit),
        }
    }
}

/// What one account has called in the current second of its clock.
///
/// Assumed: seconds are counted from full second to full second, and refused calls count too.
#[derive(Debug, Clone, Default)]
pub struct Throttle {
    second: i64,
    calls: HashMap<&'static str, u32>,
}

impl Throttle {
    /// Counts a call of `action`, and says how many there were in this second with it.
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
            assert_eq!(text.parse::<RateLimit>(), Err(BadRateLimit), "{text}");
        }
    }

    #[test]
    fn each_action_and_each_second_counts_for_itself() {
        let mut throttle = Throttle::default();
        let at = |millis| DateTime::from_timestamp_millis(millis).unwrap();
        assert_eq!(throttle.count("A", at(0)), 1);
        assert_eq!(throttle.count("A", at(999)), 2);
        assert_eq!(throttle.count("B", at(999)), 1);
        assert_eq!(throttle.count("A", at(1000)), 1);
    }
}
