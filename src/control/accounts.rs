//! Accounts: isolated clouds.

mod name;
mod pause;
mod request_ids;
mod resources;
mod state;
#[cfg(test)]
mod tests;

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
    persistence::{AccountFile, Restored, StateDirectory, StateError},
};

pub use name::{
    ACCOUNT_NAME_BYTES_MAX, ACCOUNT_PREFIX, AccountName, DEFAULT_ACCOUNT, account_name,
};
use request_ids::RequestIds;
pub use state::{AccountState, Durability, InvalidState};

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
    /// Directory of the accounts' logs, if they survive a restart.
    pub directory: Option<StateDirectory>,
}

impl AccountTemplate {
    /// Creates a template with the real clock, no faults, and default journal limits.
    pub fn new(store: Store, seed: u64) -> Self {
        let (faults, journals) = (Vec::new(), Arc::default());
        Self { store, seed, clock: Clock::Real, faults, journals, directory: None }
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
    /// File of the log, if there is one.
    file: Option<Arc<AccountFile>>,
    /// Replaced by a reset. The lock is held only to copy the pointer.
    state: Lock<Arc<AccountState>>,
}

impl AccountRecord {
    fn new(name: &str, lane: u64, look_up: u64, template: Arc<AccountTemplate>) -> Self {
        let last_call = Arc::<AtomicU64>::default();
        let directory = template.directory.as_ref();
        let file = directory.map(|it| it.file(name, lane));
        let log = file.as_ref().map(AccountFile::log);
        let state = AccountState::new(&template, lane, Arc::clone(&last_call), log);
        Self {
            name: name.into(),
            lane,
            request_ids: RequestIds::new(
                template.seed,
                lane,
                directory.map_or(0, StateDirectory::restarts),
            ),
            last_used: AtomicU64::new(look_up),
            waits: AtomicUsize::new(0),
            state: Lock::new(Arc::new(state)),
            file,
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
        let replace = |log| {
            let last_call = Arc::clone(&self.last_call);
            let state = Arc::new(AccountState::new(&self.template, self.lane, last_call, log));
            std::mem::replace(&mut *self.state.lock(), state)
        };
        let old = match &self.file {
            None => replace(None),
            Some(file) => file.reset(|log| replace(Some(log))),
        };
        old.journal.end();
        old.faults.end_holds();
        free(old);
    }

    /// Deletes the log, because the account is deleted or evicted.
    fn delete_log(&self) {
        if let Some(file) = &self.file {
            file.close();
        }
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

impl Drop for Accounts {
    /// Leaves the logs to the next emulator with the directory, even if calls or threads have parts of
    /// this one.
    fn drop(&mut self) {
        for account in self.list() {
            if let Some(file) = &account.file {
                file.release();
            }
        }
        if let Some(directory) = &self.template.directory {
            directory.unlock();
        }
    }
}

impl Accounts {
    /// Creates an empty set of accounts, which will be created from `template`.
    pub fn new(template: AccountTemplate) -> Self {
        let (template, known) = (Arc::new(template), SharedLock::default());
        Self { template, last_look_up: AtomicU64::new(0), known }
    }

    /// Restores the accounts of the state directory, if there is one.
    pub fn restore_all(&self) -> Result<(), StateError> {
        if let Some(directory) = &self.template.directory {
            for restored in directory.restore(self.template.clock)? {
                self.restore(restored);
            }
        }
        Ok(())
    }

    /// Adds an account as it was before a restart.
    fn restore(&self, restored: Restored) {
        let Restored { account: name, lane, store, clock, file, log } = restored;
        let (number, template) = (self.next_look_up(), Arc::clone(&self.template));
        let account = AccountRecord::new(&name, lane, number, template);
        let last_call = Arc::clone(&account.last_call);
        let state = AccountState::new(&self.template, lane, last_call, None);
        let state = Lock::new(Arc::new(state.restored(store, clock, log)));
        let account = AccountRecord { file: Some(file), state, ..account };
        let mut known = self.known.write();
        known.lanes.insert(lane);
        known.accounts.insert(name, Arc::new(account));
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
            account.delete_log();
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
        let mut known = self.known.write();
        let forgotten = known.accounts.remove(name);
        // Under the lock: a new account with the name has the same file.
        if let Some(account) = &forgotten {
            account.delete_log();
        }
        drop(known);
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
