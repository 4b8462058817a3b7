//! What holds for every action there is, and every one to come.

use std::collections::BTreeMap;

use ecmock::ecm::CATALOG;
use serde_json::{Map, Value, json};

use crate::{
    cloud::{CLOUD, HANGZHOU},
    support::{TestServer, error},
};

/// A request of each action that [`CLOUD`] grants.
fn valid_requests() -> BTreeMap<&'static str, Value> {
    let home = json!({ "VpcId": "vpc-00000001", "SubnetId": "subnet-00000001" });
    let vpc = json!({ "VpcName": "demo", "CidrBlock": "10.9.0.0/16" });
    let subnet = json!({
        "VpcId": "vpc-00000001", "SubnetName": "demo", "CidrBlock": "10.0.3.0/24",
        "Zone": "ap-hangzhou-ecm-1",
    });
    let zone = json!({ "Zone": "ap-hangzhou-ecm-1" });
    let loose = json!({ "NetworkInterfaceId": "eni-loose001" });
    let attachment = json!({ "NetworkInterfaceId": "eni-loose001", "InstanceId": "ein-4core001" });
    let ips = json!([{ "PrivateIpAddress": "10.0.1.5" }]);
    let eips = json!({ "AddressIds": ["eip-unbound1"] });
    let binding = json!({ "AddressId": "eip-unbound1", "InstanceId": "ein-1core001" });
    let mut requests = BTreeMap::from([
        ("CreateHaVip", with(&home, &json!({ "HaVipName": "demo" }))),
        ("DeleteHaVip", json!({ "HaVipId": "havip-00000001" })),
        ("ModifyHaVipAttribute", json!({ "HaVipId": "havip-00000001", "HaVipName": "new" })),
        ("CreateVpc", vpc),
        ("DeleteVpc", json!({ "VpcId": "vpc-0000free" })),
        ("ModifyVpcAttribute", json!({ "VpcId": "vpc-00000001" })),
        ("CreateSubnet", subnet),
        ("DeleteSubnet", json!({ "SubnetId": "subnet-0000free" })),
        ("ModifySubnetAttribute", json!({ "SubnetId": "subnet-00000001" })),
        ("DescribeDefaultSubnet", zone.clone()),
        ("ModifyDefaultSubnet", with(&home, &zone)),
        ("CreateNetworkInterface", with(&home, &json!({ "NetworkInterfaceName": "demo" }))),
        ("DeleteNetworkInterface", loose.clone()),
        ("AttachNetworkInterface", attachment.clone()),
        ("AssignPrivateIpAddresses", with(&loose, &json!({ "SecondaryPrivateIpAddressCount": 1 }))),
        ("RemovePrivateIpAddresses", with(&loose, &json!({ "PrivateIpAddresses": ips }))),
        ("ModifyPrivateIpAddressesAttribute", with(&loose, &json!({ "PrivateIpAddresses": ips }))),
        ("ReleaseAddresses", eips.clone()),
        ("AssociateAddress", binding),
        ("DisassociateAddress", json!({ "AddressId": "eip-loose001" })),
        ("ModifyAddressAttribute", json!({ "AddressId": "eip-unbound1" })),
        ("ModifyAddressesBandwidth", with(&eips, &json!({ "InternetMaxBandwidthOut": 1 }))),
        ("DescribeTaskResult", json!({ "TaskId": "1528600" })),
    ]);
    requests.extend(attached_requests());
    for entry in CATALOG.entries() {
        let request = requests.entry(entry.model.name).or_insert_with(|| json!({}));
        let parameters = &entry.model.parameters;
        if parameters.members.iter().any(|it| it.name == "EcmRegion" && it.required) {
            request["EcmRegion"] = json!(HANGZHOU);
        }
    }
    requests
}

/// Those that need an interface which is attached and not primary.
fn attached_requests() -> [(&'static str, Value); 3] {
    let attached = json!({ "NetworkInterfaceId": "eni-attached", "InstanceId": "ein-4core001" });
    [
        ("DetachNetworkInterface", attached),
        (
            "MigrateNetworkInterface",
            json!({
                "NetworkInterfaceId": "eni-attached",
                "SourceInstanceId": "ein-4core001",
                "DestinationInstanceId": "ein-4core002",
            }),
        ),
        (
            "MigratePrivateIpAddress",
            json!({
                "SourceNetworkInterfaceId": "eni-loose001",
                "DestinationNetworkInterfaceId": "eni-primary4",
                "PrivateIpAddress": "10.0.1.5",
            }),
        ),
    ]
}

fn with(params: &Value, more: &Value) -> Value {
    crate::cloud::changed(params, more)
}

/// [`CLOUD`] with something to detach, something to delete, and a task to ask for.
fn world() -> String {
    let mut cloud: Value = serde_json::from_str(CLOUD).unwrap();
    let mut add = |set: &str, object: Value| match &mut cloud[set] {
        Value::Array(objects) => objects.push(object),
        none => *none = json!([object]),
    };
    add("VpcSet", json!({ "VpcId": "vpc-0000free", "CidrBlock": "10.8.0.0/16" }));
    add(
        "SubnetSet",
        json!({
            "SubnetId": "subnet-0000free", "VpcId": "vpc-0000free", "CidrBlock": "10.8.0.0/24",
        }),
    );
    add(
        "NetworkInterfaceSet",
        json!({
            "NetworkInterfaceId": "eni-attached", "VpcId": "vpc-00000001",
            "SubnetId": "subnet-00000001", "Attachment": { "InstanceId": "ein-4core001" },
            "PrivateIpAddressSet": [{ "PrivateIpAddress": "10.0.1.20" }],
        }),
    );
    add("TaskSet", json!({ "TaskId": "1528600", "AddressIds": [] }));
    cloud.to_string()
}

/// What no parameter can be, or hardly any.
fn wrong_values() -> Vec<Value> {
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
        json!("10.0.1.2"),
        json!("10.0.0.0/8"),
    ]
}

/// Requests that are wrong in every way that a table can think of.
fn wrong_requests(valid: &Value, parameters: &[&str]) -> Vec<Value> {
    let mut requests = vec![json!({}), with(valid, &json!({ "Bogus": 1 }))];
    for value in &wrong_values() {
        let all: Map<String, Value> =
            parameters.iter().map(|name| ((*name).to_owned(), value.clone())).collect();
        requests.push(Value::Object(all));
        for name in parameters {
            requests.push(with(valid, &json!({ *name: value })));
        }
    }
    requests
}

#[tokio::test]
async fn every_action_grants_a_valid_request() {
    for (action, request) in valid_requests() {
        let server = TestServer::with_fixture(&world()).await;
        let response = server.call(action, &request).await;
        assert_eq!(response["Error"], json!(null), "{action} {request}");
        assert!(response["RequestId"].is_string());
    }
}

/// `call` holds every answer against the table of documented codes.
#[tokio::test]
async fn every_action_answers_only_its_documented_codes() {
    let server = TestServer::with_fixture(&world()).await;
    for (action, valid) in valid_requests() {
        let parameters = CATALOG.model(action).unwrap().parameters.of_calls();
        let names: Vec<&str> = parameters.map(|it| it.name).collect();
        for request in wrong_requests(&valid, &names) {
            let response = server.call(action, &request).await;
            assert!(response["RequestId"].is_string(), "{action} {request}");
        }
    }
}

#[tokio::test]
async fn an_unknown_parameter_is_named_by_every_action() {
    let server = TestServer::with_fixture(&world()).await;
    for (action, valid) in valid_requests() {
        let request = with(&valid, &json!({ "Aaa": 1, "Zzz": 1 }));
        let response = server.call(action, &request).await;
        let expected = ("UnknownParameter", "The parameter `Aaa` is not recognized.");
        assert_eq!(error(&response), expected, "{action}");
    }
}

#[tokio::test]
async fn a_missing_parameter_is_named_by_every_action() {
    let server = TestServer::with_fixture(&world()).await;
    for (action, valid) in valid_requests() {
        for parameter in CATALOG.model(action).unwrap().parameters.of_calls() {
            if !parameter.required {
                continue;
            }
            let name = parameter.name;
            let expected = format!("The request is missing a required parameter `{name}`.");
            let mut absent = valid.clone();
            absent.as_object_mut().unwrap().remove(name);
            for request in [absent, with(&valid, &json!({ name: null }))] {
                let response = server.call(action, &request).await;
                assert_eq!(error(&response), ("MissingParameter", &*expected), "{action}");
            }
        }
    }
}

/// An error repeats no more of a call than a reader needs.
#[tokio::test]
async fn no_action_repeats_a_long_text() {
    let server = TestServer::with_fixture(&world()).await;
    let long = "x".repeat(20_000);
    let wrong = [
        json!(long),
        json!([long]),
        json!([{ "Name": long, "Values": [long] }]),
        json!([{ "Key": long, "Value": long }]),
        json!([{ "PrivateIpAddress": long }]),
        json!([{ "PrivateIpAddress": "10.0.1.5", "Description": long }]),
    ];
    for (action, valid) in valid_requests() {
        for parameter in CATALOG.model(action).unwrap().parameters.of_calls() {
            for value in &wrong {
                let request = with(&valid, &json!({ parameter.name: value }));
                let response = server.call(action, &request).await;
                let message = response["Error"]["Message"].as_str().unwrap_or_default();
                assert!(message.len() < 1000, "{action} {}: {message}", parameter.name);
            }
        }
    }
}

/// Where ecmock looks for the nearest name, too.
#[tokio::test]
async fn a_name_of_megabytes_is_cut() {
    let server = TestServer::new().await;
    let region = json!({ "EcmRegion": "ap-".repeat(3_000_000) });
    let response = server.call("DescribeVpcs", &region).await;
    let expected =
        format!("(EcmRegion: {:?}... is not a region", "ap-".repeat(34).get(..100).unwrap());
    let (code, message) = error(&response);
    assert_eq!(code, "InvalidParameterValue.InvalidRegion");
    assert!(message.contains(&expected) && message.len() < 300, "{message}");
}

/// What a parameter says is wrong by itself is told before what it names is looked for.
#[tokio::test]
async fn values_are_read_before_anything_is_looked_for() {
    let server = TestServer::with_fixture(&world()).await;
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
            json!([{ "PrivateIpAddress": "10.0.1.5" }, { "PrivateIpAddress": "10.0.1.5" }]),
        ),
        ("SecurityGroupIds", json!(vec!["esg-00000001"; 101])),
        ("InternetMaxBandwidthOut", json!(0)),
    ];
    let mut compared = 0;
    for (action, valid) in valid_requests() {
        let parameters = CATALOG.model(action).unwrap().parameters.members;
        let has = |name: &str| parameters.iter().any(|it| it.name == name);
        let named = ids.iter().filter(|(name, _)| valid.get(*name).is_some());
        let unknown: Map<String, Value> =
            named.map(|(name, id)| ((*name).to_owned(), json!(id))).collect();
        for (name, value) in wrong.iter().filter(|(name, _)| has(name)) {
            let there = server.call(action, &with(&valid, &json!({ *name: value }))).await;
            if there["Error"].is_null() {
                continue;
            }
            let request = with(&valid, &json!({ *name: value }));
            let absent =
                server.call(action, &with(&request, &Value::Object(unknown.clone()))).await;
            assert_eq!(error(&absent), error(&there), "{action} {name}");
            compared += usize::from(!unknown.is_empty());
        }
    }
    assert!(compared > 40, "{compared}");
}

#[tokio::test]
async fn an_action_that_the_product_has_not_is_invalid() {
    let server = TestServer::new().await;
    for action in ["CreateHaVips", "createhavip", "HaVipAssociateAddressIp", "RunInstance"] {
        let response = server.call(action, &json!({})).await;
        let (code, message) = error(&response);
        assert_eq!(code, "InvalidAction");
        assert!(message.contains(&format!("`{action}`")), "{message}");
    }
}
