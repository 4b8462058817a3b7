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
    AccountState::new(&AccountTemplate::new(store, 7), 1, Arc::default(), None)
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
    state.merge_by(&patch, merge).unwrap();
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

const CREATE: &str = r#"{"VpcName":"v","CidrBlock":"10.0.0.0/16","EcmRegion":"ap-hangzhou-ecm"}"#;

#[test]
fn resources_keep_the_call_that_created_them() {
    let state = account_state();
    state.replace(vpc("vpc-00000001")).unwrap();
    let (_, created) = state.run(call("CreateVpc", CREATE), CX.request_id, None).unwrap();
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
        state.run(call("DescribeVpcs", "{}"), CX.request_id, None).unwrap();
        state.run(call("CreateVpc", &refused), CX.request_id, None).unwrap_err();
        state.export();
    });
    assert_eq!(tries, 1);
}

#[test]
fn a_merge_that_is_always_interrupted_pauses_changes_and_never_holds_the_lock() {
    let state = account_state();
    let run = |action, params| state.try_run(call(action, params), &CX, None).is_ok();
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
            scope.spawn(|| state.run(call("CreateVpc", CREATE), CX.request_id, None).map(drop));
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
            state.run(call("CreateVpc", CREATE), CX.request_id, None).unwrap();
        }
        fixture::load(&[body("{}".into())], Settings::default(), DateTime::UNIX_EPOCH)
    };
    let tries = Cell::new(0);
    let fail_last = |store: &Store, now| {
        tries.set(tries.get() + 1);
        if tries.get() > MERGE_TRIES_MAX { Err(Findings::default()) } else { interrupt(store, now) }
    };
    assert!(state.merge_by(&body("{}".into()), fail_last).is_err());
    assert!(state.try_run(call("CreateVpc", CREATE), &CX, None).is_ok());
}

#[test]
fn try_run_returns_long_calls() {
    let state = account_state();
    for params in [r#"{"Filters":[{"Name":"vpc-name","Values":["v"]}]}"#, r#"{"Sort":"time"}"#] {
        assert!(state.try_run(call("DescribeVpcs", params), &CX, None).is_err(), "{params}");
        state.run(call("DescribeVpcs", params), CX.request_id, None).unwrap();
    }
    let by_id = r#"{"Filters":[{"Name":"vpc-id","Values":["vpc-00000001"]}]}"#;
    assert!(state.try_run(call("DescribeVpcs", by_id), &CX, None).is_ok());
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
    let ha_vip = "havip-00000001".parse().unwrap();
    let change =
        |state: &AccountState| state.change_ha_vip(ha_vip, |at| Record::Time { at }, halfway);
    catch_unwind(AssertUnwindSafe(|| change(&state))).unwrap_err();
    for (action, params) in
        [("CreateVpc", CREATE), ("DescribeVpcs", "{}"), ("DescribeVpcs", r#"{"Sort":"time"}"#)]
    {
        let refusal = state.run(call(action, params), CX.request_id, None).unwrap_err();
        assert_eq!(refusal.code.as_str(), "InternalError");
    }
    state.replace(fixture.to_owned()).unwrap();
    state.run(call("CreateVpc", CREATE), CX.request_id, None).unwrap();
    assert_eq!(state.read(Store::check), [""; 0]);
}

#[test]
fn try_run_does_not_wait_for_the_lock() {
    let state = account_state();
    let resources = state.lock();
    assert!(state.try_run(call("DescribeVpcs", "{}"), &CX, None).is_err());
    drop(resources);
    assert!(state.try_run(call("DescribeVpcs", "{}"), &CX, None).is_ok());
}
