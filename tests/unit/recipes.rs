//! Runs every recipe: a request succeeds, or returns its code.

use std::{collections::HashMap, sync::LazyLock};

use crate::{
    control::fixture::{DEMO, Source},
    ecm::{
        CATALOG,
        recipes::{self, Recipe, Trigger},
        store::Settings,
    },
};
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::tests::{
    cloud::Cloud,
    support::{TestServer, examples},
};

/// Returns every recipe of an error, with its action and code.
fn all_recipes() -> impl Iterator<Item = (&'static str, &'static str, &'static Recipe)> {
    CATALOG.models.iter().flat_map(|action| {
        recipes::of(action.name).filter_map(|(code, trigger)| match trigger {
            Trigger::Request(recipe) => Some((action.name, code.as_str(), recipe)),
            Trigger::FaultOnly => None,
        })
    })
}

/// Returns the response to a recipe's request, or the rejection of a preceding call.
fn answer(action: &str, recipe: &Recipe) -> Result<Value, Value> {
    let texts = [Some(DEMO.to_owned()), recipe.state.as_ref().map(Value::to_string)];
    let sources: Vec<Source> = ["demo.json", "state.json"]
        .into_iter()
        .zip(texts)
        .filter_map(|(file, text)| Some(Source { file: file.to_owned(), text: text? }))
        .collect();
    let mut cloud = Cloud::merged(&sources, Settings::default());
    let mut answer = Value::Null;
    for step in &recipe.before {
        for number in 1..=step.times {
            answer = cloud.call(&step.action, &step.params(number, &answer));
            if !answer["Error"].is_null() {
                return Err(answer);
            }
        }
    }
    Ok(cloud.call(action, &recipe.request))
}

/// The response to each recipe of an error, by action and code. Some recipes need thousands of calls,
/// so the tests share these.
pub(crate) static ANSWERS: LazyLock<HashMap<(&str, &str), Value>> = LazyLock::new(|| {
    let answers = all_recipes().map(|(action, code, recipe)| {
        let answer = answer(action, recipe).unwrap_or_else(|refusal| {
            panic!("{action} {code}: a call before is refused: {refusal}");
        });
        ((action, code), answer)
    });
    answers.collect()
});

#[test]
fn every_recipe_triggers_its_code() {
    for (action, code, recipe) in all_recipes() {
        let answer = &ANSWERS[&(action, code)];
        assert_eq!(answer["Error"]["Code"], code, "{action} {recipe:?}: {answer}");
    }
}

#[test]
fn every_example_succeeds() {
    for (action, recipe) in examples() {
        let answer = answer(action, recipe).unwrap_or_else(|refusal| {
            panic!("{action}: a call before is refused: {refusal}");
        });
        assert_eq!(answer["Error"], Value::Null, "{action} {recipe:?}");
    }
}

/// Without its state or its preceding calls, a recipe has a different result.
#[test]
fn no_recipe_has_more_than_it_needs() {
    let errors = all_recipes().map(|(action, code, recipe)| (action, json!(code), recipe));
    let examples = examples().map(|(action, recipe)| (action, Value::Null, recipe));
    for (action, code, recipe) in errors.chain(examples) {
        let without_state = Recipe { state: None, ..recipe.clone() };
        let without_calls = Recipe { before: Vec::new(), ..recipe.clone() };
        for (is_shorter, shorter) in
            [(recipe.state.is_some(), without_state), (!recipe.before.is_empty(), without_calls)]
        {
            if is_shorter && let Ok(answer) = answer(action, &shorter) {
                assert_ne!(answer["Error"]["Code"], code, "{action} {shorter:?}");
            }
        }
    }
}

/// Sends a request to the admin API, which must succeed, and returns the response body.
async fn admin(server: &TestServer, method: &str, path: &str, body: &Value) -> Value {
    let body = body.to_string();
    let answer = server.send(method, &format!("/_ecmock/{path}"), &[], body.as_bytes()).await;
    let told = serde_json::from_slice(&answer.body).unwrap();
    assert!(answer.status().starts_with('2'), "{method} {path} {body}: {told}");
    told
}

/// Maximum number of preceding calls that are also made over HTTP.
const BEFORE_MAX: u64 = 100;

/// The steps in `GET actions/NAME` work unchanged: merge the state, make the preceding calls, then
/// send the request; or add the fault rule, then make any call.
#[tokio::test]
async fn every_error_of_an_action_is_triggered_as_the_admin_api_documents() {
    let server = TestServer::new().await;
    for action in CATALOG.models {
        let name = action.name;
        let described = admin(&server, "GET", &format!("actions/{name}"), &Value::Null).await;
        let mut errors = described["Errors"].as_array().unwrap().clone();
        if name == "CreateHaVip" {
            errors.extend(described["GatewayErrors"].as_array().unwrap().clone());
        }
        for error in &errors {
            let account = format!("{name}-{}", error["Code"].as_str().unwrap());
            if let Some(answer) = trigger(&server, &account, name, error).await {
                assert_eq!(answer["Error"]["Code"], error["Code"], "{name} {error}: {answer}");
            }
            admin(&server, "DELETE", &format!("accounts/{account}"), &Value::Null).await;
        }
    }
}

async fn trigger(server: &TestServer, account: &str, action: &str, error: &Value) -> Option<Value> {
    if error.get("Fault").is_some() {
        admin(server, "POST", &format!("faults?account={account}"), &error["Fault"]).await;
        return Some(server.forced_as(account, action, &json!({})).await);
    }
    let mut recipe: Recipe = serde_json::from_value(json!({
        "State": error["State"], "Request": error["Request"],
        "Before": error.get("Before").unwrap_or(&json!([])),
    }))
    .unwrap();
    let is_long = recipe.before.iter().map(|it| u64::from(it.times)).sum::<u64>() > BEFORE_MAX;
    if is_long {
        recipe.before.clear();
    }
    server.prepare(account, &recipe).await;
    if is_long {
        admin(server, "POST", &format!("reset?account={account}"), &Value::Null).await;
        return None;
    }
    Some(server.call_as(account, action, &recipe.request).await)
}

/// An `Example` has the fields of a recipe. Only emulated actions have an `Example`.
#[tokio::test]
async fn every_example_succeeds_as_the_admin_api_shows_it() {
    let server = TestServer::new().await;
    for action in CATALOG.models {
        let name = action.name;
        let mut described = admin(&server, "GET", &format!("actions/{name}"), &Value::Null).await;
        let example = described.get_mut("Example").map(Value::take);
        assert_eq!(example.is_some(), CATALOG.is_emulated(name), "{name}");
        if let Some(example) = example {
            let recipe: Recipe = serde_json::from_value(example).unwrap();
            server.prepare(name, &recipe).await;
            let response = server.call_as(name, name, &recipe.request).await;
            assert_eq!(response["Error"], Value::Null, "{name} {recipe:?}");
            assert!(response["RequestId"].is_string(), "{name}");
        }
    }
}

/// Counts the codes of each emulated action that a call triggers, and those that only a fault rule
/// triggers.
#[test]
fn no_recipe_is_lost() {
    let mut lines = Vec::new();
    let mut all = [0, 0];
    for action in CATALOG.models.iter().filter(|action| CATALOG.is_emulated(action.name)) {
        let natural = all_recipes().filter(|(name, ..)| *name == action.name).count();
        let injectable = recipes::of(action.name).count() - natural;
        all = [all[0] + natural, all[1] + injectable];
        lines.push(format!("{:<36}{natural:>4}{injectable:>4}", action.name));
    }
    lines.push(format!("{:<36}{:>4}{:>4}", "all", all[0], all[1]));
    assert_snapshot!(lines.join("\n"), @"
    CreateHaVip                            9   1
    DeleteHaVip                            4   3
    DescribeHaVips                         6   2
    ModifyHaVipAttribute                   4   1
    CreateVpc                              6   4
    DeleteVpc                              4   4
    DescribeVpcs                           6   5
    ModifyVpcAttribute                     5   4
    CreateSubnet                           9   4
    DeleteSubnet                           5   6
    DescribeSubnets                        8   4
    ModifySubnetAttribute                  5   6
    DescribeDefaultSubnet                  2   3
    ModifyDefaultSubnet                    3   3
    CreateNetworkInterface                11   5
    DeleteNetworkInterface                 5   6
    DescribeNetworkInterfaces              6   6
    AttachNetworkInterface                 9  11
    DetachNetworkInterface                 5   5
    MigrateNetworkInterface                5   3
    AssignPrivateIpAddresses               9   4
    RemovePrivateIpAddresses               6   4
    ModifyPrivateIpAddressesAttribute      4   1
    MigratePrivateIpAddress                4   4
    AllocateAddresses                     17   8
    ReleaseAddresses                       5   6
    DescribeAddresses                      5   4
    AssociateAddress                      19   9
    DisassociateAddress                    8   9
    ModifyAddressAttribute                 6   7
    ModifyAddressesBandwidth               5   6
    DescribeAddressQuota                   2   4
    DescribeTaskResult                     4   4
    DescribeInstances                      4   7
    DescribeInstanceTypeConfig             0   4
    DescribeNode                           1   3
    DescribeConfig                         0   5
    DescribeImportImageOs                  0   1
    DescribeSecurityGroupLimits            0   4
    all                                  216 180
    ");
}
