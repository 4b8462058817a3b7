//! The state of an account between resets.

use std::{
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
        clock::AccountClock,
        expectations::Expectations,
        faults::Faults,
        fixture::{self, Findings, Loaded, Source},
        journal::Journal,
        throttle::Throttle,
    },
    ecm::{
        Error, Store,
        ids::{AddressId, HaVipId, IdSequence, NetworkInterfaceId},
    },
    lock::{Lock, wait_while},
    protocol::{Context, action::Call, text::count_of},
};

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
    pub(super) fn new(template: &AccountTemplate, lane: u64, last_call: Arc<AtomicU64>) -> Self {
        let store = template.store.with_ids(IdSequence::new(lane));
        Self {
            journal: Arc::new(template.journals.open(last_call)),
            faults: Arc::new(Faults::new(&template.faults, template.seed, lane)),
            clock: Arc::new(AccountClock::new(template.clock)),
            expectations: Arc::default(),
            used: AtomicBool::new(false),
            throttle: Lock::default(),
            resources: Lock::new(Resources::new(store)),
            merged: Condvar::new(),
            pauses: Pauses::default(),
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

    /// Runs a call. This can block for long; see [`AccountState::try_run`].
    pub fn run(&self, call: Box<dyn Call<Store>>, request_id: Uuid) -> Outcome {
        if call.only_reads() && call.is_long() {
            let cx = Context { now: self.clock.now(), request_id };
            let mut copy = self.lock().copy_for_call(cx.now)?;
            let (output, created) = copy.run(call, &cx)?;
            self.lock().settle(&*output);
            return Ok((output, created));
        }
        let mut resources = if call.only_reads() { self.lock() } else { self.lock_to_change() };
        resources.run(call, &Context { now: self.clock.now(), request_id })
    }

    /// Runs a call that has just arrived, if that takes only microseconds. Returns the call if it is long
    /// or would have to wait.
    pub fn try_run(
        &self,
        call: Box<dyn Call<Store>>,
        cx: &Context,
    ) -> Result<Outcome, Box<dyn Call<Store>>> {
        if call.is_long() {
            return Err(call);
        }
        match self.try_lock() {
            Some(mut resources) if call.only_reads() || !resources.is_merging => {
                Ok(resources.run(call, cx))
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
        let loaded =
            fixture::load(&[body(text)], settings, self.clock.now()).map_err(InvalidState)?;
        let mut resources = self.lock_to_change();
        let store = loaded.store.with_ids(resources.store().ids().clone());
        let old = resources.replace(store);
        drop(resources);
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
        self.merge_by(|store, now| fixture::merge(store, &patch, now))
    }

    fn merge_by(
        &self,
        merge: impl Fn(&Store, DateTime<Utc>) -> Result<Loaded, Findings>,
    ) -> Result<Findings, InvalidState> {
        for _ in 0..MERGE_TRIES_MAX {
            let now = self.clock.now();
            let (before, changes) = self.lock().copy_at(now);
            let loaded = merge(&before, now).map_err(InvalidState)?;
            let mut resources = self.lock_to_change();
            if resources.changes() == changes {
                let old = resources.replace(loaded.store);
                drop(resources);
                drop(old);
                return Ok(loaded.warnings);
            }
        }
        let now = self.clock.now();
        let (before, pause) = self.pause_changes(now);
        let loaded = merge(&before, now).map_err(InvalidState)?;
        let old = self.lock().replace(loaded.store);
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
        self.change_ha_vip(ha_vip, |store| store.announce(ha_vip, by))
    }

    /// Withdraws a HAVIP, so that no interface announces it. Returns the HAVIP.
    pub fn withdraw(&self, ha_vip: HaVipId) -> Result<Value, Error> {
        self.change_ha_vip(ha_vip, |store| store.withdraw(ha_vip))
    }

    /// Binds an EIP to a HAVIP, or unbinds its EIP; see [`Store::bind_ha_vip`]. Returns the HAVIP.
    pub fn bind_ha_vip(&self, ha_vip: HaVipId, address: Option<AddressId>) -> Result<Value, Error> {
        self.change_ha_vip(ha_vip, |store| store.bind_ha_vip(ha_vip, address))
    }

    fn change_ha_vip(
        &self,
        id: HaVipId,
        change: impl FnOnce(&mut Store) -> Result<(), Error>,
    ) -> Result<Value, Error> {
        self.change(|store| {
            change(store)?;
            store.find(id, None).map(|it| json!(store.view_ha_vip(it)))
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut Store) -> T) -> T {
        self.lock_to_change().change(self.clock.now(), change)
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

#[cfg(test)]
mod tests {
    use std::{
        cell::Cell,
        panic::{AssertUnwindSafe, catch_unwind},
        thread,
    };

    use super::*;
    use crate::{
        ecm::{CATALOG, store::Settings},
        protocol::{Tree, decode::Encoding, params::Params},
    };

    const CX: Context = Context { now: DateTime::UNIX_EPOCH, request_id: Uuid::max() };

    fn account_state() -> AccountState {
        let store = Store::new(Settings::default(), IdSequence::new(0));
        AccountState::new(&AccountTemplate::new(store, 7), 1, Arc::default())
    }

    /// Returns a fixture that contains one VPC.
    fn vpc(id: &str) -> String {
        format!(r#"{{"VpcSet":[{{"VpcId":"{id}","CidrBlock":"10.0.0.0/16"}}]}}"#)
    }

    fn vpcs(state: &AccountState) -> Vec<String> {
        let fixture = state.export();
        let vpcs = fixture["VpcSet"].as_array().unwrap().iter();
        vpcs.map(|it| it["VpcId"].as_str().unwrap().to_owned()).collect()
    }

    /// Merges a VPC, calls `meanwhile` during each try, and returns the number of tries.
    fn merged(state: &AccountState, meanwhile: impl Fn(usize)) -> usize {
        let tries = Cell::new(0);
        let patch = body(vpc("vpc-00000002"));
        let merge = |store: &Store, now| {
            tries.set(tries.get() + 1);
            meanwhile(tries.get());
            fixture::merge(store, &patch, now)
        };
        state.merge_by(merge).unwrap();
        tries.get()
    }

    #[test]
    fn an_uninterrupted_merge_takes_one_try() {
        assert_eq!(merged(&account_state(), |_| ()), 1);
    }

    #[test]
    fn changes_during_a_merge_are_kept() {
        let state = account_state();
        let tries = merged(&state, |number| {
            if number == 1 {
                state.replace(vpc("vpc-00000001")).unwrap();
            }
        });
        assert_eq!(tries, 2);
        assert_eq!(vpcs(&state), ["vpc-00000001", "vpc-00000002"]);
    }

    fn call(action: &str, params: &str) -> Box<dyn Call<Store>> {
        let params = Params::new(Tree::from_json(params.as_bytes()).unwrap(), Encoding::Json);
        CATALOG.find(action).unwrap().decode(&params).unwrap()
    }

    const CREATE: &str =
        r#"{"VpcName":"v","CidrBlock":"10.0.0.0/16","EcmRegion":"ap-hangzhou-ecm"}"#;

    #[test]
    fn resources_keep_the_call_that_created_them() {
        let state = account_state();
        state.replace(vpc("vpc-00000001")).unwrap();
        let (_, created) = state.run(call("CreateVpc", CREATE), CX.request_id).unwrap();
        let created: Vec<_> = created.iter().map(|id| (id, CX.request_id)).collect();
        assert_eq!(created.len(), 1);
        let id = created[0].0.to_string();
        assert!(id.starts_with("vpc-"), "{id}");
        assert_eq!(state.read(Store::created_by_calls), created);
        // An addition, and a replacement that reads the whole state again.
        for patch in [vpc("vpc-00000002"), vpc(&id).replace("10.0.", "10.1.")] {
            state.merge(patch).unwrap();
            assert_eq!(state.read(Store::created_by_calls), created);
        }
        state.replace(vpc(&id)).unwrap();
        assert_eq!(state.read(Store::created_by_calls), []);
    }

    #[test]
    fn reads_and_failed_calls_do_not_restart_a_merge() {
        let state = account_state();
        let refused = CREATE.replace("/16", "/31");
        let tries = merged(&state, |_| {
            state.run(call("DescribeVpcs", "{}"), CX.request_id).unwrap();
            state.run(call("CreateVpc", &refused), CX.request_id).unwrap_err();
            state.export();
        });
        assert_eq!(tries, 1);
    }

    #[test]
    fn a_merge_that_is_always_interrupted_pauses_changes_and_never_holds_the_lock() {
        let state = account_state();
        let run = |action, params| state.try_run(call(action, params), &CX).is_ok();
        let tries = merged(&state, |number| {
            assert!(state.resources.try_lock().is_some());
            assert!(run("DescribeVpcs", "{}"));
            assert_eq!(run("CreateVpc", CREATE), number <= MERGE_TRIES_MAX);
        });
        assert_eq!(tries, MERGE_TRIES_MAX + 1);
        assert!(run("CreateVpc", CREATE));
        assert_eq!(vpcs(&state).len(), MERGE_TRIES_MAX + 2);
    }

    #[test]
    fn a_call_that_waits_for_a_merge_runs_after_it() {
        let state = account_state();
        let (_, pause) = state.pause_changes(DateTime::UNIX_EPOCH);
        thread::scope(|scope| {
            let waiting =
                scope.spawn(|| state.run(call("CreateVpc", CREATE), CX.request_id).map(drop));
            assert_eq!(vpcs(&state), [""; 0]);
            drop(pause);
            waiting.join().unwrap().unwrap();
        });
        assert_eq!(vpcs(&state).len(), 1);
    }

    #[test]
    fn a_failed_merge_ends_its_pause() {
        let state = account_state();
        let interrupt = |_: &Store, _| {
            if !state.lock().is_merging {
                state.run(call("CreateVpc", CREATE), CX.request_id).unwrap();
            }
            fixture::load(&[body("{}".into())], Settings::default(), DateTime::UNIX_EPOCH)
        };
        let tries = Cell::new(0);
        let fail_last = |store: &Store, now| {
            tries.set(tries.get() + 1);
            if tries.get() > MERGE_TRIES_MAX {
                Err(Findings::default())
            } else {
                interrupt(store, now)
            }
        };
        assert!(state.merge_by(fail_last).is_err());
        assert!(state.try_run(call("CreateVpc", CREATE), &CX).is_ok());
    }

    #[test]
    fn try_run_returns_long_calls() {
        let state = account_state();
        for params in [r#"{"Filters":[{"Name":"vpc-name","Values":["v"]}]}"#, r#"{"Sort":"time"}"#]
        {
            assert!(state.try_run(call("DescribeVpcs", params), &CX).is_err(), "{params}");
            state.run(call("DescribeVpcs", params), CX.request_id).unwrap();
        }
        let by_id = r#"{"Filters":[{"Name":"vpc-id","Values":["vpc-00000001"]}]}"#;
        assert!(state.try_run(call("DescribeVpcs", by_id), &CX).is_ok());
    }

    #[test]
    fn replacing_the_resources_repairs_an_account_with_a_half_changed_store() {
        let state = account_state();
        let fixture = r#"{"VpcSet":[{"VpcId":"vpc-00000001","CidrBlock":"10.0.0.0/16"}],
            "SubnetSet":[{"SubnetId":"subnet-00000001","VpcId":"vpc-00000001","CidrBlock":"10.0.1.0/24"}]}"#;
        state.replace(fixture.to_owned()).unwrap();
        let halfway = |store: &mut Store| {
            store.take_address("subnet-00000001".parse().unwrap(), None).unwrap();
            panic!("on purpose")
        };
        catch_unwind(AssertUnwindSafe(|| state.change(halfway))).unwrap_err();
        for (action, params) in
            [("CreateVpc", CREATE), ("DescribeVpcs", "{}"), ("DescribeVpcs", r#"{"Sort":"time"}"#)]
        {
            let refusal = state.run(call(action, params), CX.request_id).unwrap_err();
            assert_eq!(refusal.code.as_str(), "InternalError");
        }
        state.replace(fixture.to_owned()).unwrap();
        state.run(call("CreateVpc", CREATE), CX.request_id).unwrap();
        assert_eq!(state.read(Store::check), [""; 0]);
    }

    #[test]
    fn try_run_does_not_wait_for_the_lock() {
        let state = account_state();
        let resources = state.lock();
        assert!(state.try_run(call("DescribeVpcs", "{}"), &CX).is_err());
        drop(resources);
        assert!(state.try_run(call("DescribeVpcs", "{}"), &CX).is_ok());
    }
}
