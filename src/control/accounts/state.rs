//! The state of an account between resets.

mod log;
#[cfg(test)]
mod tests;

use std::{
    convert::Infallible,
    hint,
    sync::{
        Arc, Condvar, MutexGuard,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    control::{
        clock::{AccountClock, Clock},
        expectations::Expectations,
        faults::Faults,
        fixture::{self, Findings, Loaded, Source},
        journal::Journal,
        persistence::{CallSource, Log, Record},
        throttle::Throttle,
    },
    ecm::{
        Error, Store,
        ids::{AddressId, HaVipId, IdSequence, NetworkInterfaceId},
        store::Settle,
    },
    lock::{Lock, wait_while},
    protocol::{Context, action::Call, refusal::codes, text::count_of},
};

pub use log::Durability;

use super::{
    AccountTemplate,
    pause::Pauses,
    resources::{Outcome, Resources},
};

/// Maximum number of tries of a merge while calls can change the account. After that, such calls wait
/// for the merge.
const MERGE_TRIES_MAX: usize = 3;
/// Maximum number of tries to acquire the lock before it counts as busy. A short call holds the lock
/// for about a microsecond, and all tries together take a few microseconds.
const LOCK_TRIES_MAX: usize = 200;

#[derive(Debug)]
pub struct AccountState {
    pub journal: Arc<Journal>,
    pub faults: Arc<Faults>,
    pub clock: Arc<AccountClock>,
    pub expectations: Arc<Expectations>,
    /// Whether the account was used after its creation.
    used: AtomicBool,
    throttle: Lock<Throttle>,
    /// See [`AccountState::durability`].
    durability: Durability,
    /// Whether the log should be compacted.
    is_log_large: AtomicBool,
    /// Not an async lock: no action awaits, so a short call holds it for microseconds. It must not be
    /// held across an await. Scans, merges, and exports work on a copy of the store.
    resources: Lock<Resources>,
    /// Notifies threads that `is_merging` was cleared.
    merged: Condvar,
    /// Notifies tasks that `is_merging` was cleared.
    pub(super) pauses: Pauses,
}

/// The problems of a fixture that cannot be loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the fixture has {}", count_of(.0.total(), "problem"))]
pub struct InvalidState(pub Findings);

impl AccountState {
    /// Creates a state from a template. Sequence numbers of calls continue after `last_call`.
    pub(super) fn new(
        template: &AccountTemplate,
        lane: u64,
        last_call: Arc<AtomicU64>,
        log: Option<Log>,
    ) -> Self {
        let store = template.store.with_ids(IdSequence::new(lane));
        Self {
            journal: Arc::new(template.journals.open(last_call)),
            faults: Arc::new(Faults::new(&template.faults, template.seed, lane)),
            clock: Arc::new(AccountClock::new(template.clock)),
            expectations: Arc::default(),
            used: AtomicBool::new(false),
            throttle: Lock::default(),
            durability: Durability::of(log.as_ref()),
            is_log_large: AtomicBool::new(false),
            resources: Lock::new(Resources::new(store, log)),
            merged: Condvar::new(),
            pauses: Pauses::default(),
        }
    }

    /// Returns the state with the resources and the clock of a log.
    pub(super) fn restored(self, store: Store, clock: Clock, log: Log) -> Self {
        Self {
            clock: Arc::new(AccountClock::new(clock)),
            used: AtomicBool::new(true),
            durability: Durability::of(Some(&log)),
            resources: Lock::new(Resources::new(store, Some(log))),
            ..self
        }
    }

    pub(super) fn is_used(&self) -> bool {
        self.used.load(Relaxed)
    }

    pub(super) fn set_used(&self) {
        self.used.store(true, Relaxed);
    }

    /// Counts a call of `action`, and returns the number of its calls in the current second.
    pub fn count_call(&self, action: &'static str, now: DateTime<Utc>) -> u32 {
        self.set_used();
        self.throttle.lock().count(action, now)
    }

    /// Runs a call. This can block for long; see [`AccountState::try_run`]. The `source` is needed unless
    /// changes are kept in memory.
    pub fn run(
        &self,
        call: Box<dyn Call<Store>>,
        request_id: Uuid,
        source: Option<&CallSource>,
    ) -> Outcome {
        let only_reads = call.only_reads();
        // A log has the order of all changes, and settling what a copy showed may be one.
        if only_reads && call.is_long() && self.durability == Durability::Memory {
            let cx = Context { now: self.clock.now(), request_id };
            let mut copy = self.lock().copy_for_call(cx.now)?;
            let (output, created) = copy.run(call, &cx)?;
            self.lock().settle(&*output);
            return Ok((output, created));
        }
        let mut resources = if only_reads { self.lock() } else { self.lock_to_change() };
        let cx = Context { now: self.clock.now(), request_id };
        let outcome = resources.run(call, &cx, source);
        let written = self.write(resources);
        if written { outcome } else { Err(codes::INTERNAL_ERROR.into()) }
    }

    /// Runs a call that has just arrived, if that takes only microseconds. Returns the call if it is long
    /// or would have to wait.
    pub fn try_run(
        &self,
        call: Box<dyn Call<Store>>,
        cx: &Context,
        source: Option<&CallSource>,
    ) -> Result<Outcome, Box<dyn Call<Store>>> {
        let waits_for_disk = self.durability == Durability::Disk && !call.only_reads();
        if call.is_long() || waits_for_disk {
            return Err(call);
        }
        match self.try_lock() {
            Some(mut resources) if call.only_reads() || !resources.is_merging => {
                let outcome = resources.run(call, cx, source);
                self.note_size(&resources);
                Ok(outcome)
            }
            _ => Err(call),
        }
    }

    /// Runs a function on the store at the current time.
    pub fn read<T>(&self, read: impl FnOnce(&Store) -> T) -> T {
        let mut resources = self.lock();
        resources.pass_time(self.clock.now());
        read(resources.store())
    }

    /// Returns the resources as a fixture.
    pub fn export(&self) -> Value {
        // Exports a copy, so that no call waits.
        fixture::export(&self.read(Store::clone))
    }

    /// Replaces all resources with those of a fixture, and returns warnings about ignored members. The
    /// sequence of IDs continues.
    pub fn replace(&self, text: String) -> Result<Findings, InvalidState> {
        let settings = self.read(|store| *store.settings());
        let (fixture, now) = (body(text), self.clock.now());
        let loaded = fixture::load(std::slice::from_ref(&fixture), settings, now);
        let loaded = loaded.map_err(InvalidState)?;
        let mut resources = self.lock_to_change();
        let current = resources.store();
        let store = loaded.store.with_ids(current.ids().clone()).with_settings(*current.settings());
        let record = Record::Put { at: now, fixture: fixture.text.into() };
        let old = resources.replace(store, &record);
        self.finish(resources);
        drop(old);
        Ok(loaded.warnings)
    }

    /// Adds the resources of a fixture, and returns warnings about ignored members. A resource with an
    /// existing ID replaces the existing resource.
    ///
    /// The merge works on a copy while calls continue. If a call changes the account meanwhile, the
    /// merge starts over. After three tries, calls that would change the account wait for the merge
    /// to finish.
    pub fn merge(&self, text: String) -> Result<Findings, InvalidState> {
        let patch = body(text);
        self.merge_by(&patch, |store, now| fixture::merge(store, &patch, now))
    }

    fn merge_by(
        &self,
        patch: &Source,
        merge: impl Fn(&Store, DateTime<Utc>) -> Result<Loaded, Findings>,
    ) -> Result<Findings, InvalidState> {
        let record = |at| Record::Patch { at, fixture: (&*patch.text).into() };
        for _ in 0..MERGE_TRIES_MAX {
            let now = self.clock.now();
            let (before, changes) = self.lock().copy_at(now);
            let loaded = merge(&before, now).map_err(InvalidState)?;
            let mut resources = self.lock_to_change();
            if resources.changes() == changes {
                let old = resources.replace(loaded.store, &record(now));
                self.finish(resources);
                drop(old);
                return Ok(loaded.warnings);
            }
        }
        let now = self.clock.now();
        let (before, pause) = self.pause_changes(now);
        let loaded = merge(&before, now).map_err(InvalidState)?;
        let mut resources = self.lock();
        let old = resources.replace(loaded.store, &record(now));
        self.finish(resources);
        drop(pause);
        drop(old);
        Ok(loaded.warnings)
    }

    /// Pauses calls that would change the account until the guard is dropped. Also returns the store,
    /// which does not change until then.
    fn pause_changes(&self, now: DateTime<Utc>) -> (Store, Pause<'_>) {
        let mut resources = self.lock_to_change();
        let (store, _) = resources.copy_at(now);
        resources.is_merging = true;
        self.pauses.set(true);
        (store, Pause(self))
    }

    /// Announces a HAVIP from a network interface, as high-availability software does with ARP; see
    /// [`Store::announce`]. Returns the HAVIP as `DescribeHaVips` shows it.
    pub fn announce(&self, ha_vip: HaVipId, by: NetworkInterfaceId) -> Result<Value, Error> {
        let announce = |at| Record::Announce { at, ha_vip, by: Some(by) };
        self.change_ha_vip(ha_vip, announce, |store| store.announce(ha_vip, by))
    }

    /// Withdraws a HAVIP, so that no interface announces it. Returns the HAVIP.
    pub fn withdraw(&self, ha_vip: HaVipId) -> Result<Value, Error> {
        let withdraw = |at| Record::Announce { at, ha_vip, by: None };
        self.change_ha_vip(ha_vip, withdraw, |store| store.withdraw(ha_vip))
    }

    /// Binds an EIP to a HAVIP, or unbinds its EIP; see [`Store::bind_ha_vip`]. Returns the HAVIP.
    pub fn bind_ha_vip(&self, ha_vip: HaVipId, address: Option<AddressId>) -> Result<Value, Error> {
        let bind = |at| Record::Bind { at, ha_vip, address };
        self.change_ha_vip(ha_vip, bind, |store| store.bind_ha_vip(ha_vip, address))
    }

    /// Sets when Describe calls show the resources that later calls create. A delay of 0 also shows all
    /// hidden resources.
    pub fn set_visible_after(&self, delay: Settle) {
        let mut resources = self.lock_to_change();
        let at = self.clock.now();
        let record = Record::Visibility { at, after: delay.to_string() };
        let set = |store: &mut Store| {
            store.set_visible_after(delay);
            Ok::<_, Infallible>(())
        };
        let Ok(()) = resources.change(at, &record, set);
        self.finish(resources);
    }

    fn change_ha_vip(
        &self,
        id: HaVipId,
        record: impl FnOnce(DateTime<Utc>) -> Record<'static>,
        change: impl FnOnce(&mut Store) -> Result<(), Error>,
    ) -> Result<Value, Error> {
        let mut resources = self.lock_to_change();
        let now = self.clock.now();
        let changed = resources.change(now, &record(now), |store| {
            change(store)?;
            store.find(id, None).map(|it| json!(store.view_ha_vip(it)))
        });
        self.finish(resources);
        changed
    }

    /// Locks the state, after waiting for any merge that is about to replace the store.
    fn lock_to_change(&self) -> MutexGuard<'_, Resources> {
        let resources = self.lock();
        wait_while(&self.merged, resources, |resources| resources.is_merging)
    }

    /// Locks the state if that takes no longer than a short call.
    fn try_lock(&self) -> Option<MutexGuard<'_, Resources>> {
        self.set_used();
        (0..LOCK_TRIES_MAX).find_map(|_| {
            let locked = self.resources.try_lock();
            if locked.is_none() {
                hint::spin_loop();
            }
            locked
        })
    }

    fn lock(&self) -> MutexGuard<'_, Resources> {
        self.set_used();
        self.resources.lock()
    }
}

/// A guard that pauses calls that would change the account.
#[derive(Debug)]
struct Pause<'a>(&'a AccountState);

impl Drop for Pause<'_> {
    fn drop(&mut self) {
        self.0.lock().is_merging = false;
        self.0.merged.notify_all();
        self.0.pauses.set(false);
    }
}

/// Returns the fixture in the body of a request.
fn body(text: String) -> Source {
    Source { file: "the fixture".into(), text }
}
