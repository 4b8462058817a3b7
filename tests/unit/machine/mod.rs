//! State machine test of every action that changes something, against a naive model.
//!
//! The model predicts the response of each call. After each step, the store is consistent, an error
//! has changed nothing, Describe calls match the model, and an exported fixture loads unchanged.

mod draw;
mod initial;
mod model;
mod observe;
mod steps;

use std::collections::BTreeMap;

use crate::{
    ecm::{CATALOG, Error, Store},
    protocol::{Context, Tree, decode::Encoding, params::Params},
};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use serde_json::Value;

use model::{Model, Takes};
use steps::{Failover, Ids, Step};

/// Default number of cases. `PROPTEST_CASES` overrides it.
const CASES: u32 = 24;

/// How changes settle: mostly after reads, and in a third of the walks after a time.
const WAYS: [Takes; 6] = [
    Takes::Reads(0),
    Takes::Reads(1),
    Takes::Reads(1),
    Takes::Reads(2),
    Takes::Minutes(1),
    Takes::Minutes(3),
];

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        prop::sample::select(&WAYS).prop_map(initial::model).boxed()
    }

    fn transitions(model: &Self) -> BoxedStrategy<Step> {
        draw::step(model)
    }

    fn apply(mut model: Self, step: &Step) -> Self {
        // The test itself checks rejections.
        let _ = model.apply(step);
        model
    }
}

struct EveryAction {
    store: Store,
    ids: Ids,
    model: Model,
    /// Whether the last step was rejected. If so, there is nothing new to check.
    is_refused: bool,
}

impl StateMachineTest for EveryAction {
    type SystemUnderTest = Self;
    type Reference = Model;

    fn init_test(model: &Model) -> Self {
        let (store, ids) = initial::store(model.takes);
        Self { store, ids, model: model.clone(), is_refused: false }
    }

    fn apply(mut test: Self, _: &Model, step: Step) -> Self {
        let expected = test.model.apply(&step);
        test.store.pass_time(test.model.now());
        let before = test.store.clone();
        let got = test.take(&step);
        test.is_refused = got.is_err();
        match (got, expected) {
            (Ok(response), Ok(expected)) => {
                observe::assert_says(&response, &expected, "answer");
                step.learn(&mut test.ids, &response);
            }
            (Err(code), Err(expected)) => {
                assert!(expected.contains(&code), "{step:?} returned {code}, not {expected:?}");
                assert!(test.store == before, "{step:?} was refused but changed something");
            }
            (got, expected) => panic!("{step:?} returned {got:?}, not {expected:?}"),
        }
        test
    }

    fn check_invariants(test: &Self, _: &Model) {
        if test.is_refused {
            return;
        }
        assert_eq!(test.store.check(), [""; 0]);
        observe::everything(&test.store, &test.model, &test.ids);
        observe::round_trip(&test.store, test.model.now());
    }

    fn teardown(test: Self, _: Model) {
        observe::settle_elsewhere(&test.store, &test.model);
    }
}

impl EveryAction {
    /// Runs a step. Returns the response of the call or its error code.
    fn take(&mut self, step: &Step) -> Result<Value, &'static str> {
        let code = |error: Error| error.codes()[0].as_str();
        let Step::Failover(failover) = step else {
            return match step.call(&self.ids) {
                Some((action, params)) => run(&mut self.store, self.model.now(), action, &params),
                None => Ok(Value::Null),
            };
        };
        let id = |kind, no| self.ids.of(kind, no);
        let ha_vip = |no| id(model::Kind::HaVip, no).parse().unwrap();
        let done = match failover {
            Failover::Announce { ha_vip: no, by } => {
                let by = id(model::Kind::Interface, *by).parse().unwrap();
                self.store.announce(ha_vip(*no), by)
            }
            Failover::Withdraw { ha_vip: no } => self.store.withdraw(ha_vip(*no)),
            Failover::Bind { ha_vip: no, address } => {
                let address = address.map(|it| id(model::Kind::Address, it).parse().unwrap());
                self.store.bind_ha_vip(ha_vip(*no), address)
            }
        };
        done.map(|()| Value::Null).map_err(code)
    }
}

/// Returns the time `minute` minutes after noon UTC of the first day, plus a fraction of a second.
fn at(minute: u32) -> DateTime<Utc> {
    let little = TimeDelta::nanoseconds(123_456_789);
    DateTime::UNIX_EPOCH + TimeDelta::hours(12) + TimeDelta::minutes(minute.into()) + little
}

impl Model {
    fn now(&self) -> DateTime<Utc> {
        at(self.minute)
    }
}

/// Runs an action without HTTP. Returns the fields of the response or the error code.
fn run(
    store: &mut Store,
    now: DateTime<Utc>,
    action: &str,
    params: &Value,
) -> Result<Value, &'static str> {
    let json = params.to_string();
    let members = Tree::from_json(json.as_bytes()).unwrap();
    let call = CATALOG.find(action).unwrap().decode(&Params::new(members, Encoding::Json));
    let cx = Context { now, request_id: uuid::Uuid::nil() };
    let output = call.and_then(|call| call.run(store, &cx)).map_err(|error| error.code.as_str())?;
    output.settle(store);
    let mut body: Value = serde_json::from_slice(&output.body(uuid::Uuid::nil())).unwrap();
    Ok(body["Response"].take())
}

fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    let is_set = std::env::var_os("PROPTEST_CASES").is_some();
    ProptestConfig { cases: if is_set { default.cases } else { CASES }, ..default }
}

prop_state_machine! {
    #![proptest_config(config())]

    #[test]
    fn every_action_does_what_the_model_does(sequential 1..60 => EveryAction);
}

/// Guards against a state machine that hardly exercises an action.
#[test]
fn every_action_succeeds_and_fails_often() {
    let mut runner = TestRunner::deterministic();
    let mut tried: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for walk in WAYS.into_iter().cycle().take(90) {
        let mut model = initial::model(walk);
        for _ in 0..60 {
            let step = draw::step(&model).new_tree(&mut runner).unwrap().current();
            let (done, refused) = tried.entry(step.name()).or_default();
            match model.apply(&step) {
                Ok(_) => *done += 1,
                Err(_) => *refused += 1,
            }
        }
    }
    let is_read = |name: &str| ["DescribeNetworkInterfaces", "wait"].contains(&name);
    let rare = |(name, (done, refused)): &(&&str, &(u32, u32))| {
        *done < 20 || *refused < 5 && !is_read(name)
    };
    let rare: Vec<_> = tried.iter().filter(rare).collect();
    assert_eq!((tried.len(), rare), (32, vec![]), "{tried:?}");
}
