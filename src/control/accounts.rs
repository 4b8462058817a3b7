//! Accounts: each a whole private cloud.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{
    ecm::{
        Store,
        ids::{IdSequence, LANES},
    },
    protocol::{
        ApiError, Context,
        action::{Call, Output},
    },
};

use super::throttle::Throttle;

/// Accounts that are kept. The longest idle one goes when another comes.
pub const ACCOUNTS_MAX: usize = 1000;

/// One account's cloud.
#[derive(Debug)]
pub struct Account {
    name: String,
    lane: u64,
    request_ids: RequestIds,
    /// When it was last looked up, in look-ups of any account.
    last_used: AtomicU64,
    /// Not an async lock: no action awaits, so a call holds it for microseconds, and nothing may
    /// hold it across an await.
    state: Mutex<State>,
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

    /// Runs a call. An action checks everything before it changes anything, so even one that
    /// panics leaves a whole state.
    pub fn run(
        &self,
        call: Box<dyn Call<Store>>,
        cx: &Context,
    ) -> Result<Box<dyn Output>, ApiError> {
        call.run(&mut self.lock().store, cx)
    }

    /// Reads the account's state.
    pub fn read<T>(&self, read: impl FnOnce(&Store) -> T) -> T {
        read(&self.lock().store)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All accounts, made from one state as they are first used.
#[derive(Debug)]
pub struct Accounts {
    base: Store,
    seed: u64,
    look_ups: AtomicU64,
    /// Held for a look-up, never across an await.
    all: Mutex<HashMap<String, Arc<Account>>>,
}

impl Accounts {
    /// No accounts yet. Each begins with `base`; all ids and request ids derive from `seed`.
    pub fn new(base: Store, seed: u64) -> Self {
        Self { base, seed, look_ups: AtomicU64::new(0), all: Mutex::default() }
    }

    /// The account `name`, made if it is not there.
    pub fn get(&self, name: &str) -> Arc<Account> {
        let now = self.look_ups.fetch_add(1, Relaxed);
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(account) = all.get(name) {
            account.last_used.store(now, Relaxed);
            return Arc::clone(account);
        }
        if all.len() >= ACCOUNTS_MAX {
            forget_idlest(&mut all);
        }
        let lanes: HashSet<u64> = all.values().map(|account| account.lane).collect();
        let account = Arc::new(self.make(name, now, &lanes));
        all.insert(name.to_owned(), Arc::clone(&account));
        account
    }

    /// An account whose ids no other account has: they come from a lane of its own, which its
    /// name decides unless another account happens to have it.
    fn make(&self, name: &str, now: u64, lanes: &HashSet<u64>) -> Account {
        let digest = Sha256::new().chain_update(self.seed.to_le_bytes()).chain_update(name);
        let hash = digest.clone().finalize();
        let wanted =
            hash.iter().take(8).fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
        let lane = (0..LANES)
            .map(|step| (wanted % LANES + step) % LANES)
            .find(|lane| !lanes.contains(lane))
            .unwrap_or_default();
        Account {
            name: name.to_owned(),
            lane,
            request_ids: RequestIds { key: digest, next: AtomicU64::new(0) },
            last_used: AtomicU64::new(now),
            state: Mutex::new(State {
                store: self.base.with_ids(IdSequence::new(self.seed, lane)),
                throttle: Throttle::default(),
            }),
        }
    }
}

/// Looks at every account, which happens only when one too many comes.
fn forget_idlest(all: &mut HashMap<String, Arc<Account>>) {
    let idlest = all.values().min_by_key(|account| account.last_used.load(Relaxed));
    if let Some(name) = idlest.map(|account| account.name.clone()) {
        tracing::warn!(account = name, "forgot the longest idle of {ACCOUNTS_MAX} accounts");
        all.remove(&name);
    }
}

/// Request ids: UUIDs of version 4, of which the `n`th is a hash of the seed, the account and `n`.
#[derive(Debug)]
struct RequestIds {
    /// Has the seed and the account's name in it.
    key: Sha256,
    next: AtomicU64,
}

impl RequestIds {
    fn next(&self) -> Uuid {
        let number = self.next.fetch_add(1, Relaxed);
        let hash = self.key.clone().chain_update([0]).chain_update(number.to_le_bytes()).finalize();
        let bytes = *hash.first_chunk().expect("a hash has 32 bytes");
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecm::store::Quotas;

    fn accounts() -> Accounts {
        Accounts::new(Store::new(Quotas::default(), IdSequence::new(0, 0)), 7)
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

    #[test]
    fn the_longest_idle_account_goes_when_there_are_too_many() {
        let accounts = accounts();
        let first = accounts.get("first");
        let second = accounts.get("second");
        for number in 2..ACCOUNTS_MAX {
            accounts.get(&number.to_string());
        }
        accounts.get("first");
        accounts.get("one more");
        assert!(Arc::ptr_eq(&first, &accounts.get("first")));
        assert!(!Arc::ptr_eq(&second, &accounts.get("second")));
        assert_eq!(accounts.all.lock().unwrap().len(), ACCOUNTS_MAX);
    }

    #[test]
    fn accounts_do_not_share_lanes() {
        let accounts = accounts();
        let lanes: HashSet<u64> = (0..500).map(|it| accounts.get(&it.to_string()).lane).collect();
        assert_eq!(lanes.len(), 500);
    }
}
