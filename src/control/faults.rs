//! Fault injection: rules that apply to calls of an account.

mod check;
#[cfg(feature = "command")]
mod file;
mod held;
pub mod rule;
mod wait;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{lock::Lock, protocol::tree::Members};

pub use check::{BadRule, known_code};
#[cfg(feature = "command")]
pub use file::read;
use held::HeldCalls;
pub use held::{HeldCall, HeldWatch};
pub use rule::{Connection, Effect, ErrorAnswer, Hold, HttpAnswer, Rule, When};

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
    active: Vec<Entry>,
    /// Whether the rules hold no more calls.
    has_ended: bool,
}

/// A rule, and the calls that it holds.
#[derive(Debug)]
struct Entry {
    shown: ActiveRule,
    /// `None` if the rule has no `Hold`.
    held: Option<HeldCalls>,
}

/// A choice of one rule.
#[derive(Debug, Clone, Copy)]
pub enum RuleKey<'a> {
    /// The rule with an ID.
    Id(&'a str),
    /// This exact rule. After a reset, another rule can have its ID.
    Same(&'a Arc<Rule>),
}

impl RuleKey<'_> {
    fn selects(self, rule: &ActiveRule) -> bool {
        match self {
            Self::Id(id) => *rule.id == *id,
            Self::Same(same) => Arc::ptr_eq(&rule.rule, same),
        }
    }
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
    /// Whether every account begins with the rule.
    #[serde(skip)]
    pub(crate) is_initial: bool,
    /// Number of calls that matched, including skipped calls.
    pub matches: u64,
    /// Number of calls that the rule was applied to.
    pub hits: u64,
    /// Request IDs of the calls that the rule holds now, oldest first. `None` if it has no `Hold`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) held: Option<Vec<String>>,
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
            own.put(Arc::clone(rule), true);
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
        Ok(rules.put(Arc::new(rule), false).show())
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
        self.rules.lock().active.iter().map(Entry::show).collect()
    }

    /// Returns a rule.
    pub fn find(&self, key: RuleKey<'_>) -> Option<ActiveRule> {
        self.rules.lock().entry(key).map(|it| it.show())
    }

    /// Removes a rule, and returns it if it existed. The calls that it holds go on.
    pub fn remove(&self, key: RuleKey<'_>) -> Option<ActiveRule> {
        let mut rules = self.rules.lock();
        let index = rules.active.iter().position(|it| key.selects(&it.shown))?;
        let removed = rules.active.remove(index);
        self.any.store(!rules.active.is_empty(), Relaxed);
        Some(removed.show())
    }

    /// Removes all rules, and returns how many were removed. The calls that they hold go on.
    pub fn clear(&self) -> usize {
        let mut rules = self.rules.lock();
        self.any.store(false, Relaxed);
        std::mem::take(&mut rules.active).len()
    }

    /// Returns the first rule that applies to a call, and counts the hit.
    pub fn hit(&self, action: &str, params: &Members<'_>) -> Option<FaultHit> {
        let seed = self.seed;
        let mut rules = self.rules.lock();
        let mut active = rules.active.iter_mut().map(|it| &mut it.shown);
        let hit = active.find_map(|it| it.applies(action, params, &seed).then_some(it))?;
        Some(FaultHit { id: Arc::clone(&hit.id), rule: Arc::clone(&hit.rule) })
    }

    /// Holds a call by a rule. Returns `None` if the rule no longer exists or has no `Hold`.
    pub fn hold(self: &Arc<Self>, rule: &Arc<Rule>, request_id: Uuid) -> Option<HeldCall> {
        let mut rules = self.rules.lock();
        if rules.has_ended {
            return None;
        }
        let held = rules.entry(RuleKey::Same(rule))?.held.as_ref()?;
        let released = held.add(request_id);
        Some(HeldCall::new(Arc::clone(self), Arc::clone(rule), request_id, released))
    }

    /// Releases the oldest `calls` held calls of a rule, and returns how many were released. Returns
    /// `None` if the rule does not exist.
    pub fn release(&self, key: RuleKey<'_>, calls: usize) -> Option<usize> {
        let mut rules = self.rules.lock();
        Some(rules.entry(key)?.held.as_ref().map_or(0, |held| held.release(calls)))
    }

    /// Releases all held calls of all rules, which hold no more calls from now on.
    pub fn end_holds(&self) {
        let mut rules = self.rules.lock();
        rules.has_ended = true;
        for entry in &mut rules.active {
            entry.held = None;
        }
    }

    /// Returns a watch of the calls that a rule holds. Returns `None` if the rule does not exist or
    /// holds no more calls.
    fn watch(&self, key: RuleKey<'_>) -> Option<HeldWatch> {
        self.rules.lock().entry(key)?.held.as_ref().map(HeldCalls::watch)
    }

    /// Removes a call from the held calls of its rule.
    fn forget_held(&self, rule: &Arc<Rule>, request_id: Uuid) {
        let mut rules = self.rules.lock();
        if let Some(held) = rules.entry(RuleKey::Same(rule)).and_then(|it| it.held.as_ref()) {
            held.remove(request_id);
        }
    }
}

impl Rules {
    fn put(&mut self, rule: Arc<Rule>, is_initial: bool) -> &Entry {
        self.added += 1;
        let id = format!("fault-{}", self.added).into();
        let held = rule.hold.map(|_| HeldCalls::default());
        let shown = ActiveRule { id, rule, is_initial, matches: 0, hits: 0, held: None };
        self.active.push_mut(Entry { shown, held })
    }

    fn entry(&mut self, key: RuleKey<'_>) -> Option<&mut Entry> {
        self.active.iter_mut().find(|it| key.selects(&it.shown))
    }
}

impl Entry {
    fn show(&self) -> ActiveRule {
        let held = self.shown.rule.hold.map(|_| self.held.as_ref().map(HeldCalls::ids));
        ActiveRule { held: held.map(Option::unwrap_or_default), ..self.shown.clone() }
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

    /// Returns the request IDs of the calls that the rule holds now, oldest first.
    pub fn held(&self) -> &[String] {
        self.held.as_deref().unwrap_or_default()
    }

    /// Whether no call has reached the rule, apart from calls that `skip` lets through. A rule that
    /// chance has never applied is used, and so is a rule that every account begins with.
    pub(crate) fn is_unused(&self) -> bool {
        !self.is_initial && self.matches <= self.rule.skip
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
        assert_eq!(&*faults.remove(RuleKey::Id("fault-1")).unwrap().id, "fault-1");
        assert!(faults.remove(RuleKey::Id("fault-1")).is_none());
        assert_eq!(hits(&faults, "CreateHaVip", 1), "2");
        assert_eq!(faults.clear(), 1);
        assert_eq!(hits(&faults, "CreateHaVip", 1), ".");
    }

    const HOLDS: &str = r#"{"Hold":"checked"}"#;

    fn holding() -> (Arc<Faults>, Arc<Rule>) {
        let faults = Arc::new(faults(&[HOLDS]));
        let rule = Arc::clone(&faults.list()[0].rule);
        (faults, rule)
    }

    fn held(faults: &Faults) -> Vec<String> {
        faults.list()[0].held().to_vec()
    }

    #[test]
    fn held_calls_are_released_oldest_first() {
        let (faults, rule) = holding();
        let ids: Vec<Uuid> = (1..=3).map(Uuid::from_u128).collect();
        let calls: Vec<_> = ids.iter().map(|id| faults.hold(&rule, *id).unwrap()).collect();
        let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
        assert_eq!(held(&faults), names);
        let key = RuleKey::Same(&rule);
        assert_eq!(faults.release(key, 2), Some(2));
        assert_eq!(held(&faults), names[2..]);
        drop(calls);
        assert_eq!(held(&faults), [""; 0]);
        assert_eq!(faults.release(key, 1), Some(0));
        assert_eq!(faults.release(RuleKey::Id("fault-2"), 1), None);
    }

    #[test]
    fn a_call_of_a_removed_rule_is_not_held() {
        let (faults, rule) = holding();
        let call = faults.hold(&rule, Uuid::nil()).unwrap();
        let removed = faults.remove(RuleKey::Id("fault-1")).unwrap();
        assert_eq!(removed.held(), [Uuid::nil().to_string()]);
        assert!(faults.hold(&rule, Uuid::nil()).is_none());
        drop(call);
    }

    #[test]
    fn ended_rules_apply_and_hold_no_call() {
        let (faults, rule) = holding();
        let _call = faults.hold(&rule, Uuid::nil()).unwrap();
        faults.end_holds();
        assert_eq!(held(&faults), [""; 0]);
        assert!(faults.hold(&rule, Uuid::nil()).is_none());
        assert_eq!(hits(&faults, "CreateHaVip", 1), "1");
    }

    #[test]
    fn a_rule_without_a_hold_holds_no_call() {
        let faults = Arc::new(faults(&[r#"{"DelayMs":1}"#]));
        let rule = Arc::clone(&faults.list()[0].rule);
        assert!(faults.hold(&rule, Uuid::nil()).is_none());
        assert_eq!(faults.release(RuleKey::Same(&rule), 1), Some(0));
    }
}
