//! What an account has, from one reset to the next.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
};

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{
    control::{
        clock::AccountClock,
        faults::Faults,
        fixture::{self, Finding, Loaded, Source},
        journal::Book,
        throttle::Throttle,
    },
    ecm::{
        Error, Store,
        ids::{AddressId, HaVipId, IdSequence, NetworkInterfaceId},
    },
    protocol::{
        ApiError, Context,
        action::{Call, Output},
    },
};

use super::Origin;

/// Merges that are tried while calls go on, before one makes them wait.
const MERGE_TRIES_MAX: usize = 3;

/// One account's cloud, and what is done to it.
#[derive(Debug)]
pub struct World {
    /// Its calls.
    pub journal: Arc<Book>,
    /// Its fault rules.
    pub faults: Arc<Faults>,
    /// Its clock.
    pub clock: Arc<AccountClock>,
    /// Whether anybody has done more than name it.
    used: AtomicBool,
    /// Not an async lock: no action awaits, so a call holds it for microseconds, and nothing may
    /// hold it across an await. Only the last try of a merge holds it for longer.
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    store: Store,
    /// How often somebody had the store to change.
    changes: u64,
    throttle: Throttle,
}

/// Why a state cannot be had: every problem that there is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the fixture has {} problem{}", .0.len(), if .0.len() == 1 { "" } else { "s" })]
pub struct BadState(pub Vec<Finding>);

impl World {
    /// As `origin` has it. Calls are numbered on from `last_call`.
    pub(super) fn new(origin: &Origin, lane: u64, last_call: Arc<AtomicU64>) -> Self {
        let store = origin.store.with_ids(IdSequence::new(origin.seed, lane));
        Self {
            journal: Arc::new(origin.journal.open(last_call)),
            faults: Arc::new(Faults::new(&origin.faults, origin.seed, lane)),
            clock: Arc::new(AccountClock::new(origin.clock)),
            used: AtomicBool::new(false),
            state: Mutex::new(State { store, changes: 0, throttle: Throttle::default() }),
        }
    }

    /// Whether anybody has done more than name it.
    pub(super) fn is_used(&self) -> bool {
        self.used.load(Relaxed)
    }

    /// Says that somebody has.
    pub(super) fn set_used(&self) {
        self.used.store(true, Relaxed);
    }

    /// Counts a call of `action` in the current second.
    pub fn count_call(&self, action: &'static str, now: DateTime<Utc>) -> u32 {
        self.lock().throttle.count(action, now)
    }

    /// Runs a call.
    pub fn run(&self, call: Box<dyn Call<Store>>) -> Result<Box<dyn Output>, ApiError> {
        let cx = Context { now: self.clock.now() };
        self.at(cx.now, |store| call.run(store, &cx))
    }

    /// Reads the resources.
    pub fn read<T>(&self, read: impl FnOnce(&Store) -> T) -> T {
        self.at(self.clock.now(), |store| read(store))
    }

    /// The resources as a fixture.
    pub fn export(&self) -> Value {
        // Of a copy, so that no call waits.
        fixture::export(&self.read(Store::clone))
    }

    /// Puts the resources of a fixture in the place of all that there are, and returns what was
    /// passed over in it. Ids go on.
    pub fn replace(&self, text: String) -> Result<Vec<Finding>, BadState> {
        let settings = self.read(|store| *store.settings());
        let loaded = fixture::load(&[body(text)], settings, self.clock.now()).map_err(BadState)?;
        let mut state = self.lock();
        let store = loaded.store.with_ids(state.store.ids().clone());
        let old = std::mem::replace(state.store(), store);
        drop(state);
        drop(old);
        Ok(loaded.warnings)
    }

    /// Adds the resources of a fixture to those that there are, in place of those with their ids,
    /// and returns what was passed over in it. The account's calls go on meanwhile; so it is done
    /// again if there was one, and if there is one each time, calls wait for the last try.
    pub fn merge(&self, text: String) -> Result<Vec<Finding>, BadState> {
        let patch = body(text);
        self.merge_by(|store, now| fixture::merge(store, &patch, now))
    }

    fn merge_by(
        &self,
        merge: impl Fn(&Store, DateTime<Utc>) -> Result<Loaded, Vec<Finding>>,
    ) -> Result<Vec<Finding>, BadState> {
        for _ in 0..MERGE_TRIES_MAX {
            let now = self.clock.now();
            let (before, changes) = self.lock().copy_at(now);
            let loaded = merge(&before, now).map_err(BadState)?;
            let mut state = self.lock();
            if state.changes == changes {
                *state.store() = loaded.store;
                return Ok(loaded.warnings);
            }
        }
        // Held, so that no call comes in between.
        let mut state = self.lock();
        let now = self.clock.now();
        let (before, _) = state.copy_at(now);
        let loaded = merge(&before, now).map_err(BadState)?;
        *state.store() = loaded.store;
        Ok(loaded.warnings)
    }

    /// Lets a network interface announce a HAVIP, as high-availability software does by ARP; see
    /// [`Store::announce`].
    pub fn announce(&self, ha_vip: HaVipId, by: NetworkInterfaceId) -> Result<(), Error> {
        self.at(self.clock.now(), |store| store.announce(ha_vip, by))
    }

    /// Lets nobody announce a HAVIP any more.
    pub fn withdraw(&self, ha_vip: HaVipId) -> Result<(), Error> {
        self.at(self.clock.now(), |store| store.withdraw(ha_vip))
    }

    /// Binds an EIP to a HAVIP, or none; see [`Store::bind_ha_vip`].
    pub fn bind_ha_vip(&self, ha_vip: HaVipId, address: Option<AddressId>) -> Result<(), Error> {
        self.at(self.clock.now(), |store| store.bind_ha_vip(ha_vip, address))
    }

    /// Does something to the resources as they are at a time.
    fn at<T>(&self, now: DateTime<Utc>, act: impl FnOnce(&mut Store) -> T) -> T {
        let mut state = self.lock();
        let store = state.store();
        store.pass_time(now);
        act(store)
    }

    /// An action checks everything before it changes anything, and what it then does cannot
    /// panic; so a lock that a panic has poisoned guards a whole state.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.set_used();
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The store, to be changed.
    const fn store(&mut self) -> &mut Store {
        self.changes += 1;
        &mut self.store
    }

    /// The store as it is at a time, and how often it was changed until then. A copy costs nothing.
    fn copy_at(&mut self, now: DateTime<Utc>) -> (Store, u64) {
        self.store().pass_time(now);
        (self.store.clone(), self.changes)
    }
}

/// What a request brings.
fn body(text: String) -> Source {
    Source { file: "the body".into(), text }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::ecm::store::Settings;

    fn world() -> World {
        let store = Store::new(Settings::default(), IdSequence::new(0, 0));
        World::new(&Origin::new(store, 7), 1, Arc::default())
    }

    /// A VPC with an id.
    fn vpc(id: &str) -> String {
        format!(r#"{{"VpcSet":[{{"VpcId":"{id}","CidrBlock":"10.0.0.0/16"}}]}}"#)
    }

    fn vpcs(world: &World) -> Vec<String> {
        let state = world.export();
        let vpcs = state["VpcSet"].as_array().unwrap().iter();
        vpcs.map(|it| it["VpcId"].as_str().unwrap().to_owned()).collect()
    }

    /// Merges a VPC while something is done during each try, and says how often it was tried.
    fn merged(world: &World, meanwhile: impl Fn(usize)) -> usize {
        let tries = Cell::new(0);
        let patch = body(vpc("vpc-00000002"));
        let merge = |store: &Store, now| {
            tries.set(tries.get() + 1);
            meanwhile(tries.get());
            fixture::merge(store, &patch, now)
        };
        world.merge_by(merge).unwrap();
        tries.get()
    }

    #[test]
    fn a_merge_that_nothing_comes_between_is_done_once() {
        assert_eq!(merged(&world(), |_| ()), 1);
    }

    #[test]
    fn what_is_changed_during_a_merge_is_kept() {
        let world = world();
        let tries = merged(&world, |number| {
            if number == 1 {
                world.replace(vpc("vpc-00000001")).unwrap();
            }
        });
        assert_eq!(tries, 2);
        assert_eq!(vpcs(&world), ["vpc-00000001", "vpc-00000002"]);
    }

    #[test]
    fn calls_wait_for_the_last_try_of_a_merge_alone() {
        let world = world();
        let tries = merged(&world, |number| {
            assert_eq!(world.state.try_lock().is_ok(), number <= MERGE_TRIES_MAX);
            if number <= MERGE_TRIES_MAX {
                world.read(|_| ());
            }
        });
        assert_eq!(tries, MERGE_TRIES_MAX + 1);
        assert_eq!(vpcs(&world), ["vpc-00000002"]);
    }
}
