//! Accounts: each a whole private cloud.

mod name;
mod pause;
mod request_ids;
mod resources;
mod state;

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    thread,
};

use sha2::{Digest as _, Sha256};

use crate::{
    ecm::{Store, ids::LANES},
    lock::Lock,
};

use super::{
    clock::{AccountClock, Clock},
    faults::{Faults, Rule},
    journal::{Journal, JournalSet},
};

pub use name::{
    ACCOUNT_NAME_BYTES_MAX, ACCOUNT_PREFIX, AccountName, DEFAULT_ACCOUNT, account_name,
};
use request_ids::RequestIds;
pub use state::{AccountState, InvalidState};

/// Number of accounts at which creating another evicts the least recently used one. Accounts with a
/// pending wait are not evicted, even if there are more of them.
pub const ACCOUNTS_MAX: usize = 1000;

/// What every account begins with.
#[derive(Debug)]
pub struct AccountTemplate {
    /// Its resources.
    pub store: Store,
    /// All ids and chance derive from it.
    pub seed: u64,
    /// Its clock.
    pub clock: Clock,
    /// Its fault rules.
    pub faults: Vec<Arc<Rule>>,
    /// Where its calls are written down.
    pub journals: Arc<JournalSet>,
}

impl AccountTemplate {
    /// Resources and a seed, with the real clock, no faults and a journal of the default size.
    pub fn new(store: Store, seed: u64) -> Self {
        Self { store, seed, clock: Clock::Real, faults: Vec::new(), journals: Arc::default() }
    }
}

/// One account: its name, and the state that it has at the moment.
#[derive(Debug)]
pub struct AccountRecord {
    name: Arc<str>,
    lane: u64,
    request_ids: RequestIds,
    /// Number of its last call, which goes on through all resets.
    last_call: Arc<AtomicU64>,
    /// When it was last looked up, in look-ups of any account.
    last_used: AtomicU64,
    /// Number of waits for its calls. An account with any is not evicted.
    waits: AtomicUsize,
    template: Arc<AccountTemplate>,
    /// Swapped by a reset. The lock is held to copy the pointer.
    state: Lock<Arc<AccountState>>,
}

impl AccountRecord {
    fn new(name: &str, lane: u64, now: u64, template: Arc<AccountTemplate>) -> Self {
        let last_call = Arc::<AtomicU64>::default();
        Self {
            name: name.into(),
            lane,
            request_ids: RequestIds::new(template.seed, lane),
            last_used: AtomicU64::new(now),
            waits: AtomicUsize::new(0),
            state: Lock::new(Arc::new(AccountState::new(&template, lane, Arc::clone(&last_call)))),
            last_call,
            template,
        }
    }

    /// Its name.
    pub const fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The next request id: the same ones in the same order for one seed, and none twice, whatever
    /// is reset.
    pub fn next_request_id(&self) -> String {
        self.request_ids.next().to_string()
    }

    /// The state that the account has at the moment. A call keeps to the one that it began in.
    pub fn state(&self) -> Arc<AccountState> {
        Arc::clone(&self.state.lock())
    }

    /// The account's calls.
    pub fn journal(&self) -> Arc<Journal> {
        Arc::clone(&self.state().journal)
    }

    /// The account's fault rules.
    pub fn faults(&self) -> Arc<Faults> {
        let state = self.state();
        state.set_used();
        Arc::clone(&state.faults)
    }

    /// The account's clock.
    pub fn clock(&self) -> Arc<AccountClock> {
        let state = self.state();
        state.set_used();
        Arc::clone(&state.clock)
    }

    /// Makes the account as new: resources and their ids, calls, faults, clock and rate limits.
    /// Takes the same time however much is in it; calls in flight end in the old state. The numbers
    /// of calls go on, so that "after this one" means the same as before.
    pub fn reset(&self) {
        let state =
            Arc::new(AccountState::new(&self.template, self.lane, Arc::clone(&self.last_call)));
        let old = std::mem::replace(&mut *self.state.lock(), state);
        old.journal.end();
        free(old);
    }

    /// Keeps the account from being evicted.
    pub(super) fn hold(&self) -> InUse<'_> {
        self.waits.fetch_add(1, Relaxed);
        InUse(self)
    }

    /// Tells those who wait for its calls that none will come, and frees it.
    fn end(self: Arc<Self>) {
        self.journal().end();
        if self.state().is_used() {
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

/// All accounts, made alike as they are first used.
#[derive(Debug)]
pub struct Accounts {
    template: Arc<AccountTemplate>,
    look_ups: AtomicU64,
    /// The lock is held for a look-up.
    known: Lock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    accounts: HashMap<String, Arc<AccountRecord>>,
    /// Lanes of accounts that are or were: a lane is given once, so no id comes twice.
    lanes: HashSet<u64>,
}

impl Accounts {
    /// No accounts yet. Each begins with `template`.
    pub fn new(template: AccountTemplate) -> Self {
        let (template, known) = (Arc::new(template), Lock::default());
        Self { template, look_ups: AtomicU64::new(0), known }
    }

    /// What every account begins with.
    pub fn template(&self) -> &AccountTemplate {
        &self.template
    }

    /// The account `name`, made if it is not there.
    pub fn get(&self, name: &str) -> Arc<AccountRecord> {
        let now = self.look_ups.fetch_add(1, Relaxed);
        let mut known = self.known.lock();
        if let Some(account) = known.accounts.get(name) {
            account.last_used.store(now, Relaxed);
            return Arc::clone(account);
        }
        let mut evicted = Vec::new();
        // Several, if accounts that could not be evicted were too many until now.
        while known.accounts.len() >= ACCOUNTS_MAX
            && let Some(account) = take_least_recently_used(&mut known.accounts)
        {
            evicted.push(account);
        }
        let lane = self.take_lane(name, &mut known);
        let account = Arc::new(AccountRecord::new(name, lane, now, Arc::clone(&self.template)));
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
        self.known.lock().accounts.contains_key(name)
    }

    /// All accounts, by name.
    pub fn list(&self) -> Vec<Arc<AccountRecord>> {
        let mut all: Vec<_> = self.known.lock().accounts.values().cloned().collect();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        all
    }

    /// How many accounts there are.
    pub fn len(&self) -> usize {
        self.known.lock().accounts.len()
    }

    /// Forgets an account, and says whether there was one. When it comes again, it has other ids.
    pub fn forget(&self, name: &str) -> bool {
        let forgotten = self.known.lock().accounts.remove(name);
        forgotten.map(AccountRecord::end).is_some()
    }

    /// A lane that no account has had. The name decides it, unless it happens to be taken; so
    /// accounts have the same ids in whatever order they are made.
    fn take_lane(&self, name: &str, known: &mut Known) -> u64 {
        let Known { accounts, lanes: taken } = known;
        if taken.len() as u64 >= LANES {
            // After two and a half million accounts, IDs of evicted accounts repeat.
            *taken = accounts.values().map(|account| account.lane).collect();
        }
        let seed = self.template.seed.to_le_bytes();
        let hash = Sha256::new().chain_update(seed).chain_update(name).finalize();
        let wanted = u64::from_le_bytes(*hash.first_chunk().expect("a hash has 32 bytes"));
        let mut lane = wanted % LANES;
        while !taken.insert(lane) {
            lane = (lane + 1) % LANES;
        }
        lane
    }
}

/// Drops what may be much in a thread of its own, so that nobody waits for it.
fn free(what: impl Send + 'static) {
    _ = thread::Builder::new().name("free".into()).spawn(move || drop(what));
}

/// Removes an account that is only named and not used yet, or else the least recently used one. An
/// account with a pending wait stays.
///
/// Looks at every account, which happens only when one too many is created.
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
    use uuid::Uuid;

    fn accounts() -> Accounts {
        Accounts::new(AccountTemplate::new(
            Store::new(Settings::default(), IdSequence::new(0, 0)),
            7,
        ))
    }

    fn new_id(account: &AccountRecord) -> String {
        let params = Members::from(
            [("EcmRegion", "ap-hangzhou-ecm"), ("VpcName", "v"), ("CidrBlock", "10.0.0.0/16")]
                .map(|(name, text)| (name.to_owned(), Tree::Text(text.to_owned()))),
        );
        let call = CATALOG.find("CreateVpc").unwrap().decode(&Params::new(params, Encoding::Json));
        let output = account.state().run(call.unwrap()).unwrap();
        let body: serde_json::Value = serde_json::from_slice(&output.body("")).unwrap();
        body["Response"]["Vpc"]["VpcId"].to_string()
    }

    #[test]
    fn request_ids_depend_on_seed_account_and_number() {
        let first = accounts().get("a").next_request_id();
        assert_eq!(accounts().get("a").next_request_id(), first);
        assert_ne!(accounts().get("b").next_request_id(), first);
        let accounts = accounts();
        let ids: HashSet<String> = (0..1000).map(|_| accounts.get("a").next_request_id()).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| Uuid::parse_str(id).unwrap().get_version_num() == 4));
    }

    fn used(accounts: &Accounts, name: &str) -> Arc<AccountRecord> {
        let account = accounts.get(name);
        account.state().read(|_| ());
        account
    }

    #[test]
    fn the_longest_idle_account_goes_when_there_are_too_many() {
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
        assert_eq!(accounts.known.lock().accounts.len(), ACCOUNTS_MAX);
    }

    #[test]
    fn accounts_that_were_only_named_go_first() {
        let accounts = accounts();
        let victim = used(&accounts, "victim");
        for number in 0..3 * ACCOUNTS_MAX {
            accounts.get(&number.to_string());
        }
        assert!(Arc::ptr_eq(&victim, &accounts.get("victim")));
    }

    #[test]
    fn an_account_whose_clock_or_faults_were_asked_for_is_in_use() {
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
    fn no_id_comes_twice_even_if_an_account_does() {
        let accounts = accounts();
        let mut ids = HashSet::new();
        for _ in 0..3 {
            let account = accounts.get("again");
            assert!(ids.insert(account.next_request_id()));
            assert!(ids.insert(new_id(&account)));
            for number in 0..ACCOUNTS_MAX {
                accounts.get(&number.to_string());
            }
        }
    }

    #[test]
    fn the_order_in_which_accounts_are_made_does_not_matter() {
        let id = |accounts: &Accounts, name: &str| new_id(&accounts.get(name));
        let (one, other) = (accounts(), accounts());
        let forth = [id(&one, "a"), id(&one, "b")];
        let back = [id(&other, "b"), id(&other, "a")];
        assert_eq!(forth, [back[1].clone(), back[0].clone()]);
    }
}
