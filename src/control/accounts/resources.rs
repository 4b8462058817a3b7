//! The resources of an account, protected by its lock.

use std::{
    borrow::Borrow,
    io,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
};

use chrono::{DateTime, Utc};

use crate::{
    control::{
        Clock,
        persistence::{CallSource, Log, Record, Snapshot, WrittenSnapshot},
    },
    ecm::{Store, store::Created},
    protocol::{
        ApiError, Context,
        action::{Call, Output},
        refusal::codes,
    },
};

/// A response and the resources that the call created, or an API error.
pub(super) type Outcome = Result<(Box<dyn Output<Store>>, Created), ApiError>;

/// Error message for calls to an account with inconsistent resources.
const BROKEN: &str = "an internal error has left the account's resources inconsistent; \
    reset the account or replace its resources";
/// Error message for calls to an account whose last change is not in its log.
const UNSAVED: &str = "the account's last change could not be written to the state directory; \
    reset the account";

/// The resources of an account.
///
/// If a change panics, the store is checked. If an invariant is violated, calls are rejected until
/// the store is replaced, so no call uses a half-changed store. A copy of the store before each change
/// would allow a rollback, but each change would then copy the rows and address pools that it
/// touches, which can be large.
#[derive(Debug)]
pub(super) struct Resources {
    store: Store,
    /// Number of changes to `store`.
    changes: u64,
    /// Whether a merge is about to replace `store`. Until then, `store` must not change.
    pub(super) is_merging: bool,
    /// Whether a change has panicked and left `store` inconsistent.
    is_broken: bool,
    /// Whether a change is missing in `log`.
    is_unsaved: bool,
    /// The changes, if they survive a restart.
    log: Option<Log>,
}

impl Resources {
    pub(super) const fn new(store: Store, log: Option<Log>) -> Self {
        Self { store, changes: 0, is_merging: false, is_broken: false, is_unsaved: false, log }
    }

    pub(super) const fn store(&self) -> &Store {
        &self.store
    }

    pub(super) const fn changes(&self) -> u64 {
        self.changes
    }

    /// Runs a call, and counts the change unless the call only reads.
    /// The call's `source` is needed if there is a log.
    pub(super) fn run(
        &mut self,
        call: Box<dyn Call<Store>>,
        cx: &Context,
        source: Option<&CallSource>,
    ) -> Outcome {
        self.check_usable()?;
        self.pass_time(cx.now);
        let only_reads = call.only_reads();
        let (output, created) = self.guard(|store| store.run(call, cx))?;
        self.changes += u64::from(!only_reads);
        let has_settled = self.settle(&*output);
        if !only_reads || has_settled {
            self.add_record(|| source.map(|it| it.record(cx)));
        }
        self.check_usable()?;
        Ok((output, created))
    }

    /// Changes the store at the given time.
    ///
    /// # Panics
    /// Panics if the store is inconsistent.
    pub(super) fn change<T, E>(
        &mut self,
        now: DateTime<Utc>,
        record: &Record<'_>,
        change: impl FnOnce(&mut Store) -> Result<T, E>,
    ) -> Result<T, E> {
        self.assert_usable();
        self.pass_time(now);
        self.changes += 1;
        let changed = self.guard(change)?;
        self.add_record(|| Some(record));
        self.assert_usable();
        Ok(changed)
    }

    /// Counts `output` as a read of the pending changes that it shows, and settles those that are due.
    /// If a merge is about to replace the store, later reads count instead.
    /// Returns whether there were any.
    pub(super) fn settle(&mut self, output: &dyn Output<Store>) -> bool {
        let has_settled =
            !self.is_merging && !self.is_broken && self.guard(|store| output.settle(store));
        self.changes += u64::from(has_settled);
        has_settled
    }

    /// Settles the pending changes that are due. If a merge is about to replace the store, they settle
    /// later.
    pub(super) fn pass_time(&mut self, now: DateTime<Utc>) {
        if !self.is_merging && !self.is_broken && self.guard(|store| store.pass_time(now)) {
            self.changes += 1;
            // Later records settle the changes as well, except after the clock was set back.
            self.add_record(|| Some(Record::Time { at: now }));
        }
    }

    /// Adds a record to the log, if there is one.
    fn add_record<'a, R: Borrow<Record<'a>>>(&mut self, record: impl FnOnce() -> Option<R>) {
        let Some(log) = self.log.as_mut().filter(|_| !self.is_unsaved) else { return };
        let appended = match record() {
            Some(record) => log.append(record.borrow()),
            None => Err(io::Error::other("the parameters are missing")),
        };
        if let Err(error) = appended {
            self.is_unsaved = true;
            tracing::error!("{UNSAVED}: {error}");
        }
    }

    /// Adds the account's clock to the log, if there is one.
    pub(super) fn log_clock(&mut self, clock: Clock) {
        self.add_record(|| Some(Record::Clock { clock: clock.into() }));
    }

    /// Returns the log, if there is one.
    pub(super) const fn log(&self) -> Option<&Log> {
        self.log.as_ref()
    }

    /// Begins to compact the log to the current state, unless the log lacks a change.
    pub(super) fn begin_compaction(&mut self) -> Option<Snapshot> {
        let is_usable = self.unusable().is_none();
        let log = self.log.as_mut().filter(|_| is_usable)?;
        log.begin_compaction(self.store.clone())
    }

    /// Replaces the log by a state and the records that followed it.
    pub(super) fn end_compaction(
        &mut self,
        written: io::Result<WrittenSnapshot>,
    ) -> io::Result<()> {
        self.log.as_mut().map_or(Ok(()), |log| log.end_compaction(written))
    }

    /// Begins the log again with the state, because no record has the change of a call that panicked.
    fn save(&mut self) {
        let saved = match self.begin_compaction() {
            Some(snapshot) => self.end_compaction(snapshot.write()),
            None => Err(io::Error::other("another state is being written")),
        };
        if let Err(error) = saved {
            self.set_unsaved(&error);
        }
    }

    /// Records that a change could not be written to the disk.
    pub(super) fn set_unsaved(&mut self, error: &io::Error) {
        self.is_unsaved = true;
        tracing::error!("{UNSAVED}: {error}");
    }

    /// Returns a copy of the store at the given time, for a call that only reads.
    pub(super) fn copy_for_call(&mut self, now: DateTime<Utc>) -> Result<Store, ApiError> {
        self.check_usable()?;
        self.pass_time(now);
        Ok(self.store.clone())
    }

    /// Returns a copy of the store at the given time, and its number of changes. The copy takes
    /// constant time.
    ///
    /// # Panics
    /// Panics if the store is inconsistent.
    pub(super) fn copy_at(&mut self, now: DateTime<Utc>) -> (Store, u64) {
        self.assert_usable();
        self.pass_time(now);
        (self.store.clone(), self.changes)
    }

    /// Replaces the store, and returns the old one. Dropping the old store can be slow, so the caller
    /// must release the lock first.
    ///
    /// # Panics
    /// Panics if a change is missing in the log, which replacing the store does not repair.
    #[must_use]
    pub(super) fn replace(&mut self, store: Store, record: &Record<'_>) -> Store {
        self.changes += 1;
        self.is_broken = false;
        let old = std::mem::replace(&mut self.store, store);
        self.add_record(|| Some(record));
        self.assert_usable();
        old
    }

    fn check_usable(&self) -> Result<(), ApiError> {
        match self.unusable() {
            Some(reason) => Err(codes::INTERNAL_ERROR.because(&reason)),
            None => Ok(()),
        }
    }

    fn assert_usable(&self) {
        if let Some(reason) = self.unusable() {
            panic!("{reason}");
        }
    }

    /// Returns why the resources cannot be used.
    const fn unusable(&self) -> Option<&'static str> {
        if self.is_broken {
            Some(BROKEN)
        } else if self.is_unsaved {
            Some(UNSAVED)
        } else {
            None
        }
    }

    /// Runs a function on the store. If it panics, records whether the store is inconsistent, and
    /// resumes the panic.
    fn guard<T>(&mut self, act: impl FnOnce(&mut Store) -> T) -> T {
        let done = catch_unwind(AssertUnwindSafe(|| act(&mut self.store)));
        done.unwrap_or_else(|panic| {
            self.changes += 1;
            self.store.end_call();
            let check = AssertUnwindSafe(|| self.store.check());
            let broken =
                catch_unwind(check).unwrap_or_else(|_| vec!["it cannot be checked".into()]);
            if let Some(first) = broken.first() {
                self.is_broken = true;
                tracing::error!(broken = broken.len(), "{BROKEN}: {first}");
            } else if self.log.is_some() {
                self.save();
            }
            resume_unwind(panic)
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        ecm::{
            CATALOG,
            families::{subnet::Subnet, vpc::Vpc},
            ids::IdSequence,
            store::Settings,
        },
        protocol::{Tree, decode::Encoding, params::Params},
    };

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
    const CX: Context = Context { now: NOW, request_id: Uuid::max() };
    const RECORD: Record<'static> = Record::Time { at: NOW };
    const CREATE_VPC: &str =
        r#"{"VpcName":"v","CidrBlock":"10.0.0.0/16","EcmRegion":"ap-hangzhou-ecm"}"#;

    fn call(action: &str, params: &str) -> Box<dyn Call<Store>> {
        let params = Params::new(Tree::from_json(params.as_bytes()).unwrap(), Encoding::Json);
        CATALOG.find(action).unwrap().decode(&params).unwrap()
    }

    /// A VPC with a subnet.
    fn resources() -> Resources {
        let mut resources =
            Resources::new(Store::new(Settings::default(), IdSequence::new(0)), None);
        resources.run(call("CreateVpc", CREATE_VPC), &CX, None).unwrap();
        let vpc = resources.store.table::<Vpc>().at(0).unwrap().id;
        let subnet = format!(
            r#"{{"VpcId":"{vpc}","SubnetName":"s","CidrBlock":"10.0.1.0/24","Zone":"ap-hangzhou-ecm-1","EcmRegion":"ap-hangzhou-ecm"}}"#
        );
        resources.run(call("CreateSubnet", &subnet), &CX, None).unwrap();
        resources
    }

    /// A call that panics after a change.
    #[derive(Debug)]
    struct Panics(fn(&mut Store));

    impl Call<Store> for Panics {
        fn run(
            self: Box<Self>,
            store: &mut Store,
            _: &Context,
        ) -> Result<Box<dyn Output<Store>>, ApiError> {
            (self.0)(store);
            panic!("on purpose");
        }

        fn is_long(&self) -> bool {
            false
        }

        fn only_reads(&self) -> bool {
            false
        }
    }

    fn panics(resources: &mut Resources, change: fn(&mut Store)) {
        let run = AssertUnwindSafe(|| resources.run(Box::new(Panics(change)), &CX, None).map(drop));
        catch_unwind(run).unwrap_err();
    }

    fn lose_an_address(store: &mut Store) {
        let subnet = store.table::<Subnet>().at(0).unwrap().id;
        store.take_address(subnet, None).unwrap();
    }

    #[test]
    fn a_panic_that_leaves_the_store_consistent_affects_only_its_call() {
        let mut resources = resources();
        let before = (resources.store.clone(), resources.changes);
        panics(&mut resources, |_| ());
        assert!(resources.store == before.0);
        // A merge must not overwrite the changes before the panic.
        panics(&mut resources, |store| {
            store.run(call("CreateVpc", CREATE_VPC), &CX).unwrap();
        });
        assert!(resources.changes > before.1);
        resources.run(call("CreateVpc", CREATE_VPC), &CX, None).unwrap();
        assert_eq!(resources.store.table::<Vpc>().len(), 3);
        assert_eq!(resources.store.check(), [""; 0]);
    }

    #[test]
    fn calls_to_a_half_changed_store_are_rejected() {
        let mut resources = resources();
        let whole = resources.store.clone();
        panics(&mut resources, lose_an_address);
        assert_ne!(resources.store.check(), [""; 0]);
        for (action, params) in [("CreateVpc", CREATE_VPC), ("DescribeVpcs", "{}")] {
            let refusal = resources.run(call(action, params), &CX, None).unwrap_err();
            assert_eq!(refusal.code, codes::INTERNAL_ERROR, "{action}");
        }
        assert!(resources.copy_for_call(NOW).is_err());
        catch_unwind(AssertUnwindSafe(|| resources.copy_at(NOW))).unwrap_err();
        catch_unwind(AssertUnwindSafe(|| resources.change(NOW, &RECORD, |_| Ok::<_, ()>(()))))
            .unwrap_err();
        _ = resources.replace(whole, &RECORD);
        resources.run(call("CreateVpc", CREATE_VPC), &CX, None).unwrap();
        assert_eq!(resources.store.check(), [""; 0]);
    }
}
