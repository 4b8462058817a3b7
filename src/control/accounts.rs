//! Accounts: each a whole private cloud.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{
    ecm::{
        Error, Store,
        ids::{AddressId, HaVipId, IdSequence, LANES, NetworkInterfaceId},
    },
    protocol::{
        ApiError, Context,
        action::{Call, Output},
        signature::keyring::{Credential, Keyring},
    },
};

use super::throttle::Throttle;

/// Accounts that are kept. The longest idle one goes when another comes.
pub const ACCOUNTS_MAX: usize = 1000;

/// Account of everybody who names none.
pub const DEFAULT_ACCOUNT: &str = "default";
/// A `SecretId` that begins so belongs to the account named by the rest.
pub const ACCOUNT_PREFIX: &str = "ecmock-";

/// Bytes of an account's name at most.
pub const ACCOUNT_NAME_BYTES_MAX: usize = 128;

/// The account of a `SecretId`: its credential's, or the one that the `SecretId` itself names.
pub fn account_name<'a>(keyring: &'a Keyring, secret_id: Option<&'a str>) -> &'a str {
    let Some(secret_id) = secret_id else { return DEFAULT_ACCOUNT };
    let configured = keyring.find(secret_id).and_then(Credential::account);
    let is_name = |name: &&str| (1..=ACCOUNT_NAME_BYTES_MAX).contains(&name.len());
    let named = secret_id.strip_prefix(ACCOUNT_PREFIX).filter(is_name);
    configured.or(named).unwrap_or(DEFAULT_ACCOUNT)
}

/// One account's cloud.
#[derive(Debug)]
pub struct Account {
    name: String,
    request_ids: RequestIds,
    /// When it was last looked up, in look-ups of any account.
    last_used: AtomicU64,
    /// What its state begins with.
    base: Arc<Store>,
    ids: IdSequence,
    /// Made when it is first asked for, so that nobody else waits for it.
    ///
    /// Not an async lock: no action awaits, so a call holds it for microseconds, and nothing may
    /// hold it across an await.
    state: OnceLock<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    store: Store,
    throttle: Throttle,
}

impl Account {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The next request id: the same ones in the same order for one seed.
    pub fn next_request_id(&self) -> String {
        self.request_ids.next().to_string()
    }

    /// Counts a call of `action` in the current second.
    pub fn count_call(&self, action: &'static str, now: DateTime<Utc>) -> u32 {
        self.lock().throttle.count(action, now)
    }

    /// Runs a call.
    pub fn run(
        &self,
        call: Box<dyn Call<Store>>,
        cx: &Context,
    ) -> Result<Box<dyn Output>, ApiError> {
        let store = &mut self.lock().store;
        store.pass_time(cx.now);
        call.run(store, cx)
    }

    /// Reads the account's state.
    pub fn read<T>(&self, read: impl FnOnce(&Store) -> T) -> T {
        read(&self.lock().store)
    }

    /// Lets a network interface announce a HAVIP, as high-availability software does by ARP; see
    /// [`Store::announce`].
    pub fn announce(&self, ha_vip: HaVipId, by: NetworkInterfaceId) -> Result<(), Error> {
        self.lock().store.announce(ha_vip, by)
    }

    /// Lets nobody announce a HAVIP any more.
    pub fn withdraw(&self, ha_vip: HaVipId) -> Result<(), Error> {
        self.lock().store.withdraw(ha_vip)
    }

    /// Binds an EIP to a HAVIP, or none; see [`Store::bind_ha_vip`].
    pub fn bind_ha_vip(&self, ha_vip: HaVipId, address: Option<AddressId>) -> Result<(), Error> {
        self.lock().store.bind_ha_vip(ha_vip, address)
    }

    /// An action checks everything before it changes anything, and what it then does cannot
    /// panic; so a lock that a panic has poisoned guards a whole state.
    fn lock(&self) -> MutexGuard<'_, State> {
        let state = || {
            let store = self.base.with_ids(self.ids.clone());
            Mutex::new(State { store, throttle: Throttle::default() })
        };
        self.state.get_or_init(state).lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All accounts, made from one state as they are first used.
#[derive(Debug)]
pub struct Accounts {
    base: Arc<Store>,
    seed: u64,
    look_ups: AtomicU64,
    /// Held for a look-up, never across an await.
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    accounts: HashMap<String, Arc<Account>>,
    /// Lanes of accounts that are or were: a lane is given once, so no id comes twice.
    lanes: HashSet<u64>,
}

impl Accounts {
    /// No accounts yet. Each begins with `base`; all ids and request ids derive from `seed`.
    pub fn new(base: Store, seed: u64) -> Self {
        let (base, known) = (Arc::new(base), Mutex::default());
        Self { base, seed, look_ups: AtomicU64::new(0), known }
    }

    /// The account `name`, made if it is not there.
    pub fn get(&self, name: &str) -> Arc<Account> {
        let now = self.look_ups.fetch_add(1, Relaxed);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(account) = known.accounts.get(name) {
            account.last_used.store(now, Relaxed);
            return Arc::clone(account);
        }
        if known.accounts.len() >= ACCOUNTS_MAX {
            forget_idlest(&mut known.accounts);
        }
        let lane = self.take_lane(name, &mut known.lanes);
        let account = Arc::new(Account {
            name: name.to_owned(),
            request_ids: RequestIds::new(self.seed, lane),
            last_used: AtomicU64::new(now),
            base: Arc::clone(&self.base),
            ids: IdSequence::new(self.seed, lane),
            state: OnceLock::new(),
        });
        known.accounts.insert(name.to_owned(), Arc::clone(&account));
        account
    }

    /// A lane that no account has had. The name decides it, unless it happens to be taken; so
    /// accounts have the same ids in whatever order they are made.
    fn take_lane(&self, name: &str, taken: &mut HashSet<u64>) -> u64 {
        if taken.len() as u64 >= LANES {
            taken.clear(); // After two and a half million accounts, ids come again.
        }
        let hash =
            Sha256::new().chain_update(self.seed.to_le_bytes()).chain_update(name).finalize();
        let wanted = u64::from_le_bytes(*hash.first_chunk().expect("a hash has 32 bytes"));
        let mut lane = wanted % LANES;
        while !taken.insert(lane) {
            lane = (lane + 1) % LANES;
        }
        lane
    }
}

/// Forgets an account that nobody has used yet, or else the one that has been idle longest.
///
/// Looks at every account, which happens only when one too many comes.
fn forget_idlest(all: &mut HashMap<String, Arc<Account>>) {
    let use_of = |it: &&Arc<Account>| (it.state.get().is_some(), it.last_used.load(Relaxed));
    let idlest = all.values().min_by_key(use_of);
    let forgotten = idlest.map(|it| it.name.clone()).and_then(|name| all.remove(&name));
    if let Some(account) = forgotten.filter(|it| it.state.get().is_some()) {
        let account = account.name();
        tracing::warn!(account, "forgot the longest idle of {ACCOUNTS_MAX} accounts");
    }
}

/// Request ids: UUIDs of version 4, of which the `n`th is a hash of the seed, the lane and `n`.
#[derive(Debug)]
struct RequestIds {
    /// Has the seed and the lane in it.
    key: Sha256,
    next: AtomicU64,
}

impl RequestIds {
    fn new(seed: u64, lane: u64) -> Self {
        let key = Sha256::new_with_prefix(seed.to_le_bytes()).chain_update(lane.to_le_bytes());
        Self { key, next: AtomicU64::new(0) }
    }

    fn next(&self) -> Uuid {
        let number = self.next.fetch_add(1, Relaxed);
        let hash = self.key.clone().chain_update(number.to_le_bytes()).finalize();
        let bytes = *hash.first_chunk().expect("a hash has 32 bytes");
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecm::store::Settings;

    fn accounts() -> Accounts {
        Accounts::new(Store::new(Settings::default(), IdSequence::new(0, 0)), 7)
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

    fn used(accounts: &Accounts, name: &str) -> Arc<Account> {
        let account = accounts.get(name);
        account.read(|_| ());
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
        assert_eq!(accounts.known.lock().unwrap().accounts.len(), ACCOUNTS_MAX);
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
    fn no_id_comes_twice_even_if_an_account_does() {
        let accounts = accounts();
        let mut ids = HashSet::new();
        for _ in 0..3 {
            let account = accounts.get("again");
            assert!(ids.insert(account.next_request_id()));
            assert!(ids.insert(account.lock().store.new_ha_vip_id().to_string()));
            for number in 0..ACCOUNTS_MAX {
                accounts.get(&number.to_string());
            }
        }
    }

    #[test]
    fn the_order_in_which_accounts_are_made_does_not_matter() {
        let id = |accounts: &Accounts, name: &str| {
            accounts.get(name).lock().store.new_ha_vip_id().to_string()
        };
        let (one, other) = (accounts(), accounts());
        let forth = [id(&one, "a"), id(&one, "b")];
        let back = [id(&other, "b"), id(&other, "a")];
        assert_eq!(forth, [back[1].clone(), back[0].clone()]);
    }

    #[test]
    fn a_secret_id_belongs_to_one_account() {
        let credentials = ["ecmock-*:k", "AKID*:k@team", "AKIDme:k@me", "plain:k"];
        let keyring = Keyring::new(credentials.iter().map(|it| it.parse().unwrap()).collect());
        for (secret_id, account) in [
            (None, "default"),
            (Some("ecmock-one"), "one"),
            (Some("ecmock-"), "default"),
            (Some("AKIDyou"), "team"),
            (Some("AKIDme"), "me"),
            (Some("plain"), "default"),
            (Some("nobody"), "default"),
            (Some(&format!("ecmock-{}", "n".repeat(ACCOUNT_NAME_BYTES_MAX + 1))), "default"),
        ] {
            assert_eq!(account_name(&keyring, secret_id), account, "{secret_id:?}");
        }
    }
}
