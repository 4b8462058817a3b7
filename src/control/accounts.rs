//! Accounts: isolated clouds.

mod name;
mod pause;
mod request_ids;
mod resources;
mod state;

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    thread,
};

use foldhash::HashMap;
use uuid::Uuid;

use crate::{
    ecm::{
        Store,
        ids::{LANES, mix_text},
    },
    lock::{Lock, SharedLock},
};

use super::{
    clock::{AccountClock, Clock},
    expectations::Expectations,
    faults::{Faults, Rule},
    journal::{Journal, JournalSet},
};

pub use name::{
    ACCOUNT_NAME_BYTES_MAX, ACCOUNT_PREFIX, AccountName, DEFAULT_ACCOUNT, account_name,
};
use request_ids::RequestIds;
pub use state::{AccountState, InvalidState};

/// Maximum number of accounts. Creating another evicts the least recently used account. Accounts with
/// a pending wait are not evicted, even above the limit.
pub const ACCOUNTS_MAX: usize = 1000;

/// The initial state of every account.
#[derive(Debug)]
pub struct AccountTemplate {
    pub store: Store,
    /// Seed of IDs and fault probabilities.
    pub seed: u64,
    pub clock: Clock,
    pub faults: Vec<Arc<Rule>>,
    /// Journals of all accounts.
    pub journals: Arc<JournalSet>,
}

impl AccountTemplate {
    /// Creates a template with the real clock, no faults, and default journal limits.
    pub fn new(store: Store, seed: u64) -> Self {
        Self { store, seed, clock: Clock::Real, faults: Vec::new(), journals: Arc::default() }
    }
}

/// An account: its name and its current state.
#[derive(Debug)]
pub struct AccountRecord {
    name: Arc<str>,
    lane: u64,
    request_ids: RequestIds,
    /// Sequence number of the last call, kept across resets.
    last_call: Arc<AtomicU64>,
    /// Number of the last lookup of this account. See [`Accounts::last_look_up`].
    last_used: AtomicU64,
    /// Number of pending waits for calls. While it is not 0, the account is not evicted.
    waits: AtomicUsize,
    template: Arc<AccountTemplate>,
    /// Replaced by a reset. The lock is held only to copy the pointer.
    state: Lock<Arc<AccountState>>,
}

impl AccountRecord {
    fn new(name: &str, lane: u64, look_up: u64, template: Arc<AccountTemplate>) -> Self {
        let last_call = Arc::<AtomicU64>::default();
        Self {
            name: name.into(),
            lane,
            request_ids: RequestIds::new(template.seed, lane),
            last_used: AtomicU64::new(look_up),
            waits: AtomicUsize::new(0),
            state: Lock::new(Arc::new(AccountState::new(&template, lane, Arc::clone(&last_call)))),
            last_call,
            template,
        }
    }

    /// Returns the account's name.
    pub const fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Returns the next request ID. The sequence depends on the seed and the account, and continues
    /// after a reset, so no ID repeats.
    pub fn next_request_id(&self) -> Uuid {
        self.request_ids.next()
    }

    /// Returns the current state. A call uses the same state from start to end.
    pub fn state(&self) -> Arc<AccountState> {
        Arc::clone(&self.state.lock())
    }

    /// Returns the account's journal.
    pub fn journal(&self) -> Arc<Journal> {
        Arc::clone(&self.state().journal)
    }

    /// Returns the account's fault rules.
    pub fn faults(&self) -> Arc<Faults> {
        let state = self.state();
        state.set_used();
        Arc::clone(&state.faults)
    }

    /// Returns the expectations that the account's verdict checks.
    pub fn expectations(&self) -> Arc<Expectations> {
        let state = self.state();
        state.set_used();
        Arc::clone(&state.expectations)
    }

    /// Returns the account's clock.
    pub fn clock(&self) -> Arc<AccountClock> {
        let state = self.state();
        state.set_used();
        Arc::clone(&state.clock)
    }

    /// Resets the account to its initial state: resources and their IDs, calls, faults, clock, and
    /// rate limits.
    ///
    /// A reset takes constant time, except for held calls. Calls in flight, also held ones, finish in the
    /// old state. Sequence numbers of calls
    /// continue, so that "calls after number N" keeps its meaning.
    pub fn reset(&self) {
        let state =
            Arc::new(AccountState::new(&self.template, self.lane, Arc::clone(&self.last_call)));
        let old = std::mem::replace(&mut *self.state.lock(), state);
        old.journal.end();
        old.faults.end_holds();
        free(old);
    }

    /// Keeps the account from being evicted.
    pub(super) fn hold(&self) -> InUse<'_> {
        self.waits.fetch_add(1, Relaxed);
        InUse(self)
    }

    /// Ends the waits for calls of the account and the holds of its calls, and frees it.
    fn end(self: Arc<Self>) {
        let state = self.state();
        state.journal.end();
        state.faults.end_holds();
        if state.is_used() {
            free(self);
        }
    }
}

/// Keeps an account from being evicted until it is dropped.
#[derive(Debug)]
pub(super) struct InUse<'a>(&'a AccountRecord);

impl Drop for InUse<'_> {
    fn drop(&mut self) {
        self.0.waits.fetch_sub(1, Relaxed);
    }
}

/// The parts of an account that a call needs.
#[derive(Debug)]
pub struct BegunCall {
    /// Name of the account.
    pub account: Arc<str>,
    /// The account's state on arrival of the call. The call runs in it even after a reset.
    pub state: Arc<AccountState>,
    pub request_id: Uuid,
}

/// All accounts, created from one template on first use.
#[derive(Debug)]
pub struct Accounts {
    template: Arc<AccountTemplate>,
    /// Number of the last lookup of an account. Repeated lookups of the same account count once.
    last_look_up: AtomicU64,
    /// The lock is held for a lookup.
    known: SharedLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    accounts: HashMap<String, Arc<AccountRecord>>,
    /// Lanes of all accounts so far, including evicted ones. A lane is not reused, so no ID repeats.
    lanes: HashSet<u64>,
}

impl Accounts {
    /// Creates an empty set of accounts, which will be created from `template`.
    pub fn new(template: AccountTemplate) -> Self {
        let (template, known) = (Arc::new(template), SharedLock::default());
        Self { template, last_look_up: AtomicU64::new(0), known }
    }

    /// Returns the initial state of every account.
    pub fn template(&self) -> &AccountTemplate {
        &self.template
    }

    /// Returns the account `name`, and creates it if it does not exist.
    pub fn get(&self, name: &str) -> Arc<AccountRecord> {
        self.with(name, Arc::clone)
    }

    /// Begins a call of the account `name`, and creates the account if it does not exist.
    pub fn begin_call(&self, name: &str) -> BegunCall {
        self.with(name, |account| BegunCall {
            account: Arc::clone(&account.name),
            state: account.state(),
            request_id: account.next_request_id(),
        })
    }

    fn with<T>(&self, name: &str, look: impl Fn(&Arc<AccountRecord>) -> T) -> T {
        if let Some(account) = self.known.read().accounts.get(name) {
            self.use_account(account);
            return look(account);
        }
        look(&self.create(name))
    }

    /// Makes an account the most recently used one.
    fn use_account(&self, account: &AccountRecord) {
        if account.last_used.load(Relaxed) != self.last_look_up.load(Relaxed) {
            account.last_used.store(self.next_look_up(), Relaxed);
        }
    }

    fn next_look_up(&self) -> u64 {
        self.last_look_up.fetch_add(1, Relaxed) + 1
    }

    fn create(&self, name: &str) -> Arc<AccountRecord> {
        let mut known = self.known.write();
        // Another thread can have created it in between.
        if let Some(account) = known.accounts.get(name) {
            self.use_account(account);
            return Arc::clone(account);
        }
        let mut evicted = Vec::new();
        // More than one if pending waits kept accounts above the limit until now.
        while known.accounts.len() >= ACCOUNTS_MAX
            && let Some(account) = take_least_recently_used(&mut known.accounts)
        {
            evicted.push(account);
        }
        let lane = self.take_lane(name, &mut known);
        let (number, template) = (self.next_look_up(), Arc::clone(&self.template));
        let account = Arc::new(AccountRecord::new(name, lane, number, template));
        known.accounts.insert(name.to_owned(), Arc::clone(&account));
        drop(known);
        for account in evicted {
            if account.state().is_used() {
                let name = &**account.name();
                tracing::warn!(
                    account = name,
                    "evicted least recently used account `{name}`: limit of {ACCOUNTS_MAX} reached"
                );
            }
            account.end();
        }
        account
    }

    /// Returns whether an account exists.
    pub fn contains(&self, name: &str) -> bool {
        self.known.read().accounts.contains_key(name)
    }

    /// Returns all accounts, sorted by name.
    pub fn list(&self) -> Vec<Arc<AccountRecord>> {
        let mut all: Vec<_> = self.known.read().accounts.values().cloned().collect();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        all
    }

    /// Returns the number of accounts.
    pub fn len(&self) -> usize {
        self.known.read().accounts.len()
    }

    /// Deletes an account, and returns whether it existed. If it is created again, its IDs differ.
    pub fn forget(&self, name: &str) -> bool {
        let forgotten = self.known.write().accounts.remove(name);
        forgotten.map(AccountRecord::end).is_some()
    }

    /// Allocates an unused lane. Except on a collision, the lane depends only on the name, so the IDs
    /// of an account do not depend on the order of account creation.
    fn take_lane(&self, name: &str, known: &mut Known) -> u64 {
        let Known { accounts, lanes: taken } = known;
        if taken.len() as u64 >= LANES {
            // After two and a half million accounts, lanes and so IDs of evicted accounts are reused.
            *taken = accounts.values().map(|account| account.lane).collect();
        }
        let mut lane = mix_text(self.template.seed, name) % LANES;
        while !taken.insert(lane) {
            lane = (lane + 1) % LANES;
        }
        lane
    }
}

/// Drops a possibly large value on a separate thread, so that no call waits for it.
fn free(what: impl Send + 'static) {
    _ = thread::Builder::new().name("free".into()).spawn(move || drop(what));
}

/// Removes an account without use, or else the least recently used account. Accounts with a pending
/// wait are skipped.
///
/// Scans all accounts, but runs only when the limit is reached.
fn take_least_recently_used(
    all: &mut HashMap<String, Arc<AccountRecord>>,
) -> Option<Arc<AccountRecord>> {
    let can_go = |it: &&Arc<AccountRecord>| it.waits.load(Relaxed) == 0;
    let use_of = |it: &&Arc<AccountRecord>| (it.state.lock().is_used(), it.last_used.load(Relaxed));
    let name = all.values().filter(can_go).min_by_key(use_of)?.name.to_string();
    all.remove(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ecm::{CATALOG, ids::IdSequence, store::Settings},
        protocol::{Tree, decode::Encoding, params::Params, tree::Members},
    };

    fn accounts() -> Accounts {
        Accounts::new(AccountTemplate::new(Store::new(Settings::default(), IdSequence::new(0)), 7))
    }

    fn new_id(account: &AccountRecord) -> String {
        let params = Members::from_iter(
            [("EcmRegion", "ap-hangzhou-ecm"), ("VpcName", "v"), ("CidrBlock", "10.0.0.0/16")]
                .map(|(name, text)| (name.into(), Tree::Text(text.into()))),
        );
        let call = CATALOG.find("CreateVpc").unwrap().decode(&Params::new(params, Encoding::Json));
        let (output, _) = account.state().run(call.unwrap(), Uuid::max()).unwrap();
        let body: serde_json::Value = serde_json::from_slice(&output.body(Uuid::nil())).unwrap();
        body["Response"]["Vpc"]["VpcId"].to_string()
    }

    #[test]
    fn request_ids_depend_on_seed_account_and_number() {
        let first = accounts().get("a").next_request_id();
        assert_eq!(accounts().get("a").next_request_id(), first);
        assert_ne!(accounts().get("b").next_request_id(), first);
        let accounts = accounts();
        let ids: HashSet<Uuid> = (0..1000).map(|_| accounts.get("a").next_request_id()).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| id.get_version_num() == 4));
    }

    fn used(accounts: &Accounts, name: &str) -> Arc<AccountRecord> {
        let account = accounts.get(name);
        account.state().read(|_| ());
        account
    }

    #[test]
    fn the_least_recently_used_account_is_evicted_at_the_limit() {
        let accounts = accounts();
        let first = used(&accounts, "first");
        let second = used(&accounts, "second");
        for number in 2..ACCOUNTS_MAX {
            used(&accounts, &number.to_string());
        }
        accounts.get("first");
        accounts.get("one more");
        assert!(Arc::ptr_eq(&first, &accounts.get("first")));
        assert!(!Arc::ptr_eq(&second, &accounts.get("second")));
        assert_eq!(accounts.known.read().accounts.len(), ACCOUNTS_MAX);
    }

    #[test]
    fn accounts_without_use_are_evicted_first() {
        let accounts = accounts();
        let victim = used(&accounts, "victim");
        for number in 0..3 * ACCOUNTS_MAX {
            accounts.get(&number.to_string());
        }
        assert!(Arc::ptr_eq(&victim, &accounts.get("victim")));
    }

    #[test]
    fn access_to_the_clock_or_the_faults_counts_as_use() {
        let accounts = accounts();
        let (one, other) = (accounts.get("one"), accounts.get("other"));
        one.clock().advance(std::time::Duration::from_secs(1)).unwrap();
        other
            .faults()
            .add(Rule::delay("CreateHaVip", std::time::Duration::from_millis(1)))
            .unwrap();
        for number in 0..ACCOUNTS_MAX {
            accounts.get(&number.to_string());
        }
        assert!(Arc::ptr_eq(&one, &accounts.get("one")));
        assert!(Arc::ptr_eq(&other, &accounts.get("other")));
    }

    #[test]
    fn no_id_repeats_when_an_account_is_created_again() {
        let accounts = accounts();
        let mut ids = HashSet::new();
        for _ in 0..3 {
            let account = accounts.get("again");
            assert!(ids.insert(account.next_request_id().to_string()));
            assert!(ids.insert(new_id(&account)));
            for number in 0..ACCOUNTS_MAX {
                accounts.get(&number.to_string());
            }
        }
    }

    #[test]
    fn ids_do_not_depend_on_the_order_of_account_creation() {
        let id = |accounts: &Accounts, name: &str| new_id(&accounts.get(name));
        let (one, other) = (accounts(), accounts());
        let forth = [id(&one, "a"), id(&one, "b")];
        let back = [id(&other, "b"), id(&other, "a")];
        assert_eq!(forth, [back[1].clone(), back[0].clone()]);
    }
}
