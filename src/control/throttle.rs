//! Rate limits: calls a second, of one account and one action.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

/// Calls a second that the vendor documents for every ECM action.
pub const DOCUMENTED_CALLS_PER_SECOND: u32 = 20;

/// Calls a second that each action of an account allows, if there is a limit.
pub type RateLimit = Option<u32>;

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
    fn each_action_and_each_second_counts_for_itself() {
        let mut throttle = Throttle::default();
        let at = |millis| DateTime::from_timestamp_millis(millis).unwrap();
        assert_eq!(throttle.count("A", at(0)), 1);
        assert_eq!(throttle.count("A", at(999)), 2);
        assert_eq!(throttle.count("B", at(999)), 1);
        assert_eq!(throttle.count("A", at(1000)), 1);
    }
}
