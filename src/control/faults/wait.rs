//! Waits for held calls.

use std::time::Duration;

use tokio::time::timeout;

use crate::control::AccountRecord;

use super::{ActiveRule, RuleKey};

impl AccountRecord {
    /// Waits until a rule holds at least `calls` calls, and returns the rule. On timeout, the rule holds
    /// fewer calls. Returns `None` if the rule does not exist, or no longer exists after a removal or a
    /// reset.
    pub async fn wait_for_held(
        &self,
        key: RuleKey<'_>,
        calls: usize,
        time: Duration,
    ) -> Option<ActiveRule> {
        let _in_use = self.hold();
        let faults = self.faults();
        match timeout(time, faults.watch(key)?.held(calls)).await {
            Ok(held) => Some(ActiveRule { held: Some(held?), ..faults.find(key)? }),
            Err(_) => faults.find(key),
        }
    }
}
