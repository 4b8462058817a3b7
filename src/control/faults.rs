//! Fault injection: rules that apply to calls of an account.

mod check;
#[cfg(feature = "command")]
mod file;
pub mod rule;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{lock::Lock, protocol::tree::Members};

pub use check::{BadRule, known_code};
#[cfg(feature = "command")]
pub use file::read;
pub use rule::{Connection, Effect, ErrorAnswer, HttpAnswer, Rule, When};

use super::matching::is_match;

/// Maximum number of rules per account.
pub const RULES_MAX: usize = 1000;

/// The fault rules of one account, evaluated in order.
#[derive(Debug)]
pub struct Faults {
    /// Seed of fault probabilities.
    seed: [u8; 32],
    /// Whether the account has rules. If it has none, a call does not take the lock.
    any: AtomicBool,
    /// The lock is held to find the rule for a call.
    rules: Lock<Rules>,
}

#[derive(Debug, Default)]
struct Rules {
    added: u64,
    active: Vec<ActiveRule>,
}

/// A rule of an account, and its counters.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ActiveRule {
    /// ID, such as `fault-1`.
    pub id: Arc<str>,
    /// The rule.
    #[serde(flatten)]
    pub rule: Arc<Rule>,
    /// Number of calls that matched, including skipped calls.
    pub matches: u64,
    /// Number of calls that the rule was applied to.
    pub hits: u64,
}

/// A rule that applies to a call.
#[derive(Debug, Clone)]
pub struct FaultHit {
    /// ID of the rule.
    pub id: Arc<str>,
    /// The rule.
    pub rule: Arc<Rule>,
}

impl Faults {
    /// Creates the initial rules of an account. Probabilities derive from `seed` and the account's
    /// `lane`.
    pub fn new(rules: &[Arc<Rule>], seed: u64, lane: u64) -> Self {
        let hash = Sha256::new().chain_update(b"fault").chain_update(seed.to_le_bytes());
        let seed = hash.chain_update(lane.to_le_bytes()).finalize().into();
        let mut own = Rules::default();
        for rule in rules {
            own.put(Arc::clone(rule));
        }
        Self { seed, any: AtomicBool::new(!own.active.is_empty()), rules: Lock::new(own) }
    }

    /// Adds a rule after the existing rules.
    pub fn add(&self, rule: Rule) -> Result<ActiveRule, BadRule> {
        rule.check()?;
        let mut rules = self.rules.lock();
        if rules.active.len() >= RULES_MAX {
            return Err(BadRule::TooMany);
        }
        self.any.store(true, Relaxed);
        Ok(rules.put(Arc::new(rule)))
    }

    /// Returns whether there are no rules, without a lock.
    pub fn is_empty(&self) -> bool {
        !self.any.load(Relaxed)
    }

    /// Returns the number of rules.
    pub fn len(&self) -> usize {
        self.rules.lock().active.len()
    }

    /// Returns the rules in the order of evaluation.
    pub fn list(&self) -> Vec<ActiveRule> {
        self.rules.lock().active.clone()
    }

    /// Removes a rule, and returns it if it existed.
    pub fn remove(&self, id: &str) -> Option<ActiveRule> {
        self.remove_first(|it| *it.id == *id)
    }

    /// Removes this exact rule if it still exists. After a reset, another rule can have its ID.
    pub fn remove_same(&self, rule: &Arc<Rule>) {
        self.remove_first(|it| Arc::ptr_eq(&it.rule, rule));
    }

    fn remove_first(&self, is_meant: impl Fn(&ActiveRule) -> bool) -> Option<ActiveRule> {
        let mut rules = self.rules.lock();
        let index = rules.active.iter().position(is_meant)?;
        let removed = rules.active.remove(index);
        self.any.store(!rules.active.is_empty(), Relaxed);
        Some(removed)
    }

    /// Removes all rules, and returns how many were removed.
    pub fn clear(&self) -> usize {
        let mut rules = self.rules.lock();
        self.any.store(false, Relaxed);
        std::mem::take(&mut rules.active).len()
    }

    /// Returns the first rule that applies to a call, and counts the hit.
    pub fn hit(&self, action: &str, params: &Members<'_>) -> Option<FaultHit> {
        let seed = self.seed;
        let mut rules = self.rules.lock();
        let mut active = rules.active.iter_mut();
        let hit = active.find_map(|it| it.applies(action, params, &seed).then_some(it))?;
        Some(FaultHit { id: Arc::clone(&hit.id), rule: Arc::clone(&hit.rule) })
    }
}

impl Rules {
    fn put(&mut self, rule: Arc<Rule>) -> ActiveRule {
        self.added += 1;
        let id = format!("fault-{}", self.added).into();
        let active = ActiveRule { id, rule, matches: 0, hits: 0 };
        self.active.push(active.clone());
        active
    }
}

impl ActiveRule {
    /// Returns the rule's ID, such as `fault-1`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the rule.
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// Returns the number of calls that matched, including skipped calls.
    pub const fn matches(&self) -> u64 {
        self.matches
    }

    /// Returns the number of calls that the rule was applied to.
    pub const fn hits(&self) -> u64 {
        self.hits
    }

    /// Counts a call if it matches, and returns whether the rule applies to it.
    fn applies(&mut self, action: &str, params: &Members<'_>, seed: &[u8; 32]) -> bool {
        let rule = &self.rule;
        let is_spent = rule.times.is_some_and(|times| self.hits >= times);
        let is_meant = rule.action.as_deref().is_none_or(|it| it == action);
        if is_spent || !is_meant || !is_match(&rule.params, params) {
            return false;
        }
        self.matches += 1;
        let applies = self.matches > rule.skip && self.chance(seed) < rule.probability;
        self.hits += u64::from(applies);
        applies
    }

    /// Returns a pseudorandom number in `0.0..1.0` for the call that just matched.
    fn chance(&self, seed: &[u8; 32]) -> f64 {
        let hash = Sha256::new().chain_update(seed).chain_update(self.id.as_bytes());
        let hash = hash.chain_update(self.matches.to_le_bytes()).finalize();
        let bytes = *hash.first_chunk().expect("a hash has 32 bytes");
        f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(rules: &[&str]) -> Faults {
        let faults = Faults::new(&[], 7, 1);
        for rule in rules {
            faults.add(serde_json::from_str(rule).unwrap()).unwrap();
        }
        faults
    }

    fn hits(faults: &Faults, action: &str, calls: usize) -> String {
        let params = Members::new();
        let hits = (0..calls).map(|_| faults.hit(action, &params));
        hits.map(|it| it.map_or('.', |it| it.id.chars().last().unwrap())).collect()
    }

    const FAILS: &str = r#""Error":{"Code":"InternalError"}"#;

    #[test]
    fn rules_skip_calls_run_out_and_are_evaluated_in_order() {
        let first = format!(r#"{{"Action":"CreateHaVip","Skip":1,"Times":2,{FAILS}}}"#);
        let second = format!(r#"{{"Times":2,{FAILS}}}"#);
        let faults = faults(&[&first, &second]);
        assert_eq!(hits(&faults, "CreateHaVip", 6), "2112..");
        let counts: Vec<_> = faults.list().iter().map(|it| (it.matches, it.hits)).collect();
        assert_eq!(counts, [(3, 2), (2, 2)]);
        assert_eq!(hits(&faults, "DeleteHaVip", 1), ".");
    }

    #[test]
    fn the_same_seed_hits_the_same_calls() {
        let rule = format!(r#"{{"Probability":0.5,{FAILS}}}"#);
        let all = hits(&faults(&[&rule]), "CreateHaVip", 400);
        assert_eq!(hits(&faults(&[&rule]), "CreateHaVip", 400), all);
        let count = all.matches('1').count();
        assert!((150..250).contains(&count), "{count}");
        for (probability, expected) in [("0", 0), ("1", 400)] {
            let rule = format!(r#"{{"Probability":{probability},{FAILS}}}"#);
            let all = hits(&faults(&[&rule]), "CreateHaVip", 400);
            assert_eq!(all.matches('1').count(), expected);
        }
    }

    #[test]
    fn concurrent_additions_do_not_exceed_the_limit() {
        let (faults, rule) = (faults(&[]), format!("{{{FAILS}}}"));
        let add = || {
            (0..RULES_MAX)
                .filter(|_| faults.add(serde_json::from_str(&rule).unwrap()).is_ok())
                .count()
        };
        let added = std::thread::scope(|scope| {
            let threads = [scope.spawn(add), scope.spawn(add)];
            threads.into_iter().map(|it| it.join().unwrap()).sum::<usize>()
        });
        assert_eq!((added, faults.len()), (RULES_MAX, RULES_MAX));
        assert_eq!(faults.add(serde_json::from_str(&rule).unwrap()).unwrap_err(), BadRule::TooMany);
    }

    #[test]
    fn a_removed_rule_no_longer_applies() {
        let rule = format!("{{{FAILS}}}");
        let faults = faults(&[&rule, &rule]);
        assert_eq!(&*faults.remove("fault-1").unwrap().id, "fault-1");
        assert!(faults.remove("fault-1").is_none());
        assert_eq!(hits(&faults, "CreateHaVip", 1), "2");
        assert_eq!(faults.clear(), 1);
        assert_eq!(hits(&faults, "CreateHaVip", 1), ".");
    }
}
