//! The resources of an account, protected by its lock.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use chrono::{DateTime, Utc};

use crate::{
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
}

impl Resources {
    pub(super) const fn new(store: Store) -> Self {
        Self { store, changes: 0, is_merging: false, is_broken: false }
    }

    pub(super) const fn store(&self) -> &Store {
        &self.store
    }

    pub(super) const fn changes(&self) -> u64 {
        self.changes
    }

    /// Runs a call, and counts the change unless the call only reads.
    pub(super) fn run(&mut self, call: Box<dyn Call<Store>>, cx: &Context) -> Outcome {
        self.check_usable()?;
        self.pass_time(cx.now);
        let only_reads = call.only_reads();
        let (output, created) = self.guard(|store| store.run(call, cx))?;
        self.changes += u64::from(!only_reads);
        self.settle(&*output);
        Ok((output, created))
    }

    /// Changes the store at the given time.
    ///
    /// # Panics
    /// Panics if the store is inconsistent.
    pub(super) fn change<T>(
        &mut self,
        now: DateTime<Utc>,
        change: impl FnOnce(&mut Store) -> T,
    ) -> T {
        assert!(!self.is_broken, "{BROKEN}");
        self.pass_time(now);
        self.changes += 1;
        self.guard(change)
    }

    /// Counts `output` as a read of the pending changes that it shows, and settles those that are due.
    /// If a merge is about to replace the store, later reads count instead.
    pub(super) fn settle(&mut self, output: &dyn Output<Store>) {
        if !self.is_merging && !self.is_broken {
            self.changes += u64::from(self.guard(|store| output.settle(store)));
        }
    }

    /// Settles the pending changes that are due. If a merge is about to replace the store, they settle
    /// later.
    pub(super) fn pass_time(&mut self, now: DateTime<Utc>) {
        if !self.is_merging && !self.is_broken {
            self.changes += u64::from(self.guard(|store| store.pass_time(now)));
        }
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
        assert!(!self.is_broken, "{BROKEN}");
        self.pass_time(now);
        (self.store.clone(), self.changes)
    }

    /// Replaces the store, and returns the old one. Dropping the old store can be slow, so the caller
    /// must release the lock first.
    #[must_use]
    pub(super) const fn replace(&mut self, store: Store) -> Store {
        self.changes += 1;
        self.is_broken = false;
        std::mem::replace(&mut self.store, store)
    }

    fn check_usable(&self) -> Result<(), ApiError> {
        if self.is_broken { Err(codes::INTERNAL_ERROR.because(&BROKEN)) } else { Ok(()) }
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
    const CREATE_VPC: &str =
        r#"{"VpcName":"v","CidrBlock":"10.0.0.0/16","EcmRegion":"ap-hangzhou-ecm"}"#;

    fn call(action: &str, params: &str) -> Box<dyn Call<Store>> {
        let params = Params::new(Tree::from_json(params.as_bytes()).unwrap(), Encoding::Json);
        CATALOG.find(action).unwrap().decode(&params).unwrap()
    }

    /// A VPC with a subnet.
    fn resources() -> Resources {
        let mut resources = Resources::new(Store::new(Settings::default(), IdSequence::new(0)));
        resources.run(call("CreateVpc", CREATE_VPC), &CX).unwrap();
        let vpc = resources.store.table::<Vpc>().at(0).unwrap().id;
        let subnet = format!(
            r#"{{"VpcId":"{vpc}","SubnetName":"s","CidrBlock":"10.0.1.0/24","Zone":"ap-hangzhou-ecm-1","EcmRegion":"ap-hangzhou-ecm"}}"#
        );
        resources.run(call("CreateSubnet", &subnet), &CX).unwrap();
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
        let run = AssertUnwindSafe(|| resources.run(Box::new(Panics(change)), &CX).map(drop));
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
        resources.run(call("CreateVpc", CREATE_VPC), &CX).unwrap();
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
            let refusal = resources.run(call(action, params), &CX).unwrap_err();
            assert_eq!(refusal.code, codes::INTERNAL_ERROR, "{action}");
        }
        assert!(resources.copy_for_call(NOW).is_err());
        catch_unwind(AssertUnwindSafe(|| resources.copy_at(NOW))).unwrap_err();
        catch_unwind(AssertUnwindSafe(|| resources.change(NOW, |_| ()))).unwrap_err();
        _ = resources.replace(whole);
        resources.run(call("CreateVpc", CREATE_VPC), &CX).unwrap();
        assert_eq!(resources.store.check(), [""; 0]);
    }
}
