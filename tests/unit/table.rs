//! Rules for every action, present and future.

use crate::{ecm::CATALOG, protocol::schema::Member};
use serde_json::{Map, Value, json};

use crate::tests::{
    cloud::changed,
    support::{TestServer, error, examples},
};

/// Returns values that are invalid for almost every parameter.
pub(crate) fn wrong_values() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!(u64::MAX),
        json!(""),
        json!("x"),
        json!("名".repeat(1000)),
        json!([]),
        json!([""]),
        json!([{ "Key": "", "Value": "" }]),
        json!([{ "Name": "x", "Values": [] }]),
        json!([{ "PrivateIpAddress": "8.8.8.8" }]),
        json!([[[[{}]]]]),
        json!({ "a": { "b": null } }),
        json!("vpc-zzzzzzzz"),
        json!("subnet-zzzzzzzz"),
        json!("eni-zzzzzzzz"),
        json!("ein-zzzzzzzz"),
        json!("eip-zzzzzzzz"),
        json!(["eip-zzzzzzzz"]),
        json!("ap-xian-ecm"),
        json!("172.16.0.2"),
        json!("10.0.0.0/8"),
    ]
}

/// Returns valid requests with and without optional parameters, which can exclude others.
fn valid_requests(valid: &Value, parameters: &[Member]) -> Vec<Value> {
    let is_required = |name: &str| parameters.iter().any(|it| it.name == name && it.required);
    let mut short = valid.clone();
    short.as_object_mut().unwrap().retain(|name, _| is_required(name));
    let mut requests = vec![valid.clone(), short];
    requests.dedup();
    requests
}

/// Returns valid requests with one of `values` for one parameter.
fn with_each(values: &[Value], valid: &Value, parameters: &[Member]) -> Vec<Value> {
    let mut requests = Vec::new();
    for valid in &valid_requests(valid, parameters) {
        for value in values {
            let one = |it: &Member| changed(valid, &json!({ it.name: value }));
            requests.extend(parameters.iter().map(one));
        }
    }
    requests
}

/// Returns requests with invalid values in one or all parameters, an unknown parameter, or none.
pub(crate) fn wrong_requests(valid: &Value, parameters: &[Member]) -> Vec<Value> {
    let values = wrong_values();
    let mut requests = vec![json!({}), changed(valid, &json!({ "Bogus": 1 }))];
    requests.extend(values.iter().map(|value| {
        parameters
            .iter()
            .map(|it| (it.name.to_owned(), value.clone()))
            .collect::<Map<_, _>>()
            .into()
    }));
    requests.extend(with_each(&values, valid, parameters));
    requests
}

/// `call` checks every response against the table of documented codes.
#[tokio::test]
async fn every_action_answers_only_its_documented_codes() {
    let server = TestServer::new().await;
    for (action, recipe) in examples() {
        server.prepare(action, recipe).await;
        let parameters = CATALOG.model(action).unwrap().parameters.members;
        for request in wrong_requests(&recipe.request, parameters) {
            let response = server.call_as(action, action, &request).await;
            assert!(response["RequestId"].is_string(), "{action} {request}");
        }
    }
}

#[tokio::test]
async fn an_unknown_parameter_is_named_by_every_action() {
    let server = TestServer::new().await;
    for (action, recipe) in examples() {
        server.prepare(action, recipe).await;
        let request = changed(&recipe.request, &json!({ "Aaa": 1, "Zzz": 1 }));
        let response = server.call_as(action, action, &request).await;
        let expected = ("UnknownParameter", "The parameter `Aaa` is not recognized.");
        assert_eq!(error(&response), expected, "{action}");
    }
}

#[tokio::test]
async fn a_missing_parameter_is_named_by_every_action() {
    let server = TestServer::new().await;
    for (action, recipe) in examples() {
        server.prepare(action, recipe).await;
        for parameter in CATALOG.model(action).unwrap().parameters.members {
            if !parameter.required {
                continue;
            }
            let name = parameter.name;
            let expected = format!("The request is missing a required parameter `{name}`.");
            let mut absent = recipe.request.clone();
            absent.as_object_mut().unwrap().remove(name);
            for request in [absent, changed(&recipe.request, &json!({ name: null }))] {
                let response = server.call_as(action, action, &request).await;
                assert_eq!(error(&response), ("MissingParameter", &*expected), "{action}");
            }
        }
    }
}

/// An error quotes only as much of a call as a reader needs.
#[tokio::test]
async fn no_action_repeats_a_long_string() {
    let server = TestServer::new().await;
    let long = "x".repeat(20_000);
    let wrong = [
        json!(long),
        json!([long]),
        json!([{ "Name": long, "Values": [long] }]),
        json!([{ "Key": long, "Value": long }]),
        json!([{ "PrivateIpAddress": long }]),
        json!([{ "PrivateIpAddress": "172.16.0.17", "Description": long }]),
    ];
    for (action, recipe) in examples() {
        server.prepare(action, recipe).await;
        let parameters = CATALOG.model(action).unwrap().parameters.members;
        for request in with_each(&wrong, &recipe.request, parameters) {
            let response = server.call_as(action, action, &request).await;
            let message = response["Error"]["Message"].as_str().unwrap_or_default();
            assert!(message.len() < 1000, "{action} {request:.200}: {message}");
        }
    }
}

/// Even if ecmock searches for the nearest name.
#[tokio::test]
async fn a_name_of_megabytes_is_truncated() {
    let server = TestServer::new().await;
    let region = json!({ "EcmRegion": "ap-".repeat(3_000_000) });
    let response = server.call("DescribeVpcs", &region).await;
    let expected =
        format!("(EcmRegion: unknown region `{}...`", "ap-".repeat(34).get(..100).unwrap());
    let (code, message) = error(&response);
    assert_eq!(code, "InvalidParameterValue.InvalidRegion");
    assert!(message.contains(&expected) && message.len() < 300, "{message}");
}

/// An invalid value is reported before the objects that other values name are looked up.
#[tokio::test]
async fn values_are_checked_before_any_look_up() {
    let server = TestServer::new().await;
    let ids = [
        ("VpcId", "vpc-zzzzzzzz"),
        ("SubnetId", "subnet-zzzzzzzz"),
        ("HaVipId", "havip-zzzzzzzz"),
        ("NetworkInterfaceId", "eni-zzzzzzzz"),
        ("InstanceId", "ein-zzzzzzzz"),
        ("AddressId", "eip-zzzzzzzz"),
    ];
    let wrong = [
        ("EcmRegion", json!("x")),
        ("VpcName", json!("n".repeat(61))),
        ("SubnetName", json!("n".repeat(61))),
        ("HaVipName", json!("n".repeat(61))),
        ("AddressName", json!("n".repeat(61))),
        ("NetworkInterfaceName", json!("n".repeat(61))),
        ("NetworkInterfaceDescription", json!("n".repeat(61))),
        ("Description", json!("n".repeat(1001))),
        ("DomainName", json!("n".repeat(1001))),
        ("EnableBroadcast", json!("x")),
        ("EipDirectConnection", json!("x")),
        ("DnsServers", json!(vec!["1.1.1.1"; 5])),
        ("Tags", json!([{ "Key": "", "Value": "" }])),
        ("PrivateIpAddresses", json!([])),
        (
            "PrivateIpAddresses",
            json!([{ "PrivateIpAddress": "172.16.0.17" }, { "PrivateIpAddress": "172.16.0.17" }]),
        ),
        ("SecurityGroupIds", json!(vec!["esg-00000001"; 101])),
        ("InternetMaxBandwidthOut", json!(0)),
    ];
    let mut compared = 0;
    for (action, recipe) in examples() {
        server.prepare(action, recipe).await;
        let parameters = CATALOG.model(action).unwrap().parameters.members;
        let has = |name: &str| parameters.iter().any(|it| it.name == name);
        let valid = &recipe.request;
        let named = ids.iter().filter(|(name, _)| valid.get(*name).is_some());
        let unknown: Map<String, Value> =
            named.map(|(name, id)| ((*name).to_owned(), json!(id))).collect();
        for (name, value) in wrong.iter().filter(|(name, _)| has(name)) {
            let request = changed(valid, &json!({ *name: value }));
            let there = server.call_as(action, action, &request).await;
            if there["Error"].is_null() {
                continue;
            }
            let request = changed(&request, &Value::Object(unknown.clone()));
            let absent = server.call_as(action, action, &request).await;
            assert_eq!(error(&absent), error(&there), "{action} {name}");
            compared += usize::from(!unknown.is_empty());
        }
    }
    assert!(compared > 40, "{compared}");
}

#[tokio::test]
async fn an_unknown_action_is_invalid() {
    let server = TestServer::new().await;
    for action in ["CreateHaVips", "createhavip", "HaVipAssociateAddressIp", "RunInstance"] {
        let response = server.call(action, &json!({})).await;
        let (code, message) = error(&response);
        assert_eq!(code, "InvalidAction");
        assert!(message.contains(&format!("`{action}`")), "{message}");
    }
}
