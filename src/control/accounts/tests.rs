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
    let (output, _) = account.state().run(call.unwrap(), Uuid::max(), None).unwrap();
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
    other.faults().add(Rule::delay("CreateHaVip", std::time::Duration::from_millis(1))).unwrap();
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
