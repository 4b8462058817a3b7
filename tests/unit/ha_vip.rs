//! `CreateHaVip`: every case that its documents suggest.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::{Value, json};

use crate::tests::support::{SUBNET, TestServer, VPC, code, create, error, vip};

/// A second subnet, a second VPC, and small subnets to fill.
const WORLD: &str = r#"{
    "VpcSet": [
        {"VpcId": "vpc-m0c2kcun", "CidrBlock": "172.16.0.0/16"},
        {"VpcId": "vpc-00000002", "CidrBlock": "10.0.0.0/16"}
    ],
    "SubnetSet": [
        {"SubnetId": "subnet-rtmfkg4w", "VpcId": "vpc-m0c2kcun", "CidrBlock": "172.16.0.0/24"},
        {"SubnetId": "subnet-00000001", "VpcId": "vpc-m0c2kcun", "CidrBlock": "172.16.1.0/24"},
        {"SubnetId": "subnet-00000028", "VpcId": "vpc-m0c2kcun", "CidrBlock": "172.16.2.0/28"},
        {"SubnetId": "subnet-00000002", "VpcId": "vpc-00000002", "CidrBlock": "10.0.0.0/24"}
    ],
    "NetworkInterfaceSet": [
        {"NetworkInterfaceId": "eni-00000001", "VpcId": "vpc-m0c2kcun", "SubnetId": "subnet-rtmfkg4w",
         "PrivateIpAddressSet": [{"PrivateIpAddress": "172.16.0.2"}, {"PrivateIpAddress": "172.16.0.4"}]},
        {"NetworkInterfaceId": "eni-00000002", "VpcId": "vpc-m0c2kcun", "SubnetId": "subnet-00000028",
         "PrivateIpAddressSet": [{"PrivateIpAddress": "172.16.2.2"}, {"PrivateIpAddress": "172.16.2.3"},
                                 {"PrivateIpAddress": "172.16.2.4"}, {"PrivateIpAddress": "172.16.2.5"}]}
    ]
}"#;

async fn server() -> TestServer {
    TestServer::with_fixture(WORLD).await
}

#[tokio::test]
async fn the_vendors_example_returns_the_documented_response() {
    let server = TestServer::new().await;
    let params = json!({ "VpcId": VPC, "SubnetId": SUBNET, "HaVipName": "irang_testHaVip" });
    insta::assert_json_snapshot!(server.call("CreateHaVip", &params).await, @r#"
    {
      "HaVip": {
        "AddressIp": "",
        "Business": "",
        "CreatedTime": "2026-11-22 12:00:00",
        "HaVipId": "havip-9kb9pp5t",
        "HaVipName": "irang_testHaVip",
        "InstanceId": "",
        "NetworkInterfaceId": "",
        "State": "UNBIND",
        "SubnetId": "subnet-rtmfkg4w",
        "Vip": "172.16.0.17",
        "VpcId": "vpc-m0c2kcun"
      },
      "RequestId": "28ee0d8f-3185-4341-a0c3-fc20d28e179a"
    }
    "#);
}

#[tokio::test]
async fn the_lowest_free_address_comes_first() {
    let server = server().await;
    assert_eq!(vip(&server.create(json!({ "Vip": "172.16.0.6" })).await), "172.16.0.6");
    for expected in ["172.16.0.3", "172.16.0.5", "172.16.0.7"] {
        assert_eq!(vip(&server.create(json!({})).await), expected);
    }
}

#[rstest]
#[case::empty(json!(""))]
#[case::null(json!(null))]
#[tokio::test]
async fn a_blank_vip_counts_as_absent(#[case] blank: Value) {
    let server = server().await;
    assert_eq!(vip(&server.create(json!({ "Vip": blank })).await), "172.16.0.3");
}

#[rstest]
#[case::network(json!({ "Vip": "172.16.0.0" }), "InvalidParameterValue", "172.16.0.0 is the network address")]
#[case::gateway(json!({ "Vip": "172.16.0.1" }), "InvalidParameterValue", "172.16.0.1 is the gateway")]
#[case::broadcast(json!({ "Vip": "172.16.0.255" }), "InvalidParameterValue", "172.16.0.255 is the broadcast address")]
#[case::sister_subnet(json!({ "Vip": "172.16.1.9" }), "InvalidParameterValue.ObjectNotCurrentSubnet", "172.16.1.9 is outside 172.16.0.0/24")]
#[case::outside_the_vpc(json!({ "Vip": "8.8.8.8" }), "InvalidParameterValue.ObjectNotCurrentSubnet", "8.8.8.8 is outside 172.16.0.0/24")]
#[case::taken_by_an_interface(json!({ "Vip": "172.16.0.4" }), "InvalidParameterValue.Duplicate", "172.16.0.4 is in use")]
#[case::no_address(json!({ "Vip": "abc" }), "InvalidParameterValue.Malformed", "must be an IPv4 address such as 10.0.0.2")]
#[case::too_large_a_number(json!({ "Vip": "999.1.1.1" }), "InvalidParameterValue.Malformed", "must be an IPv4 address such as 10.0.0.2")]
#[case::three_numbers(json!({ "Vip": "10.0.0" }), "InvalidParameterValue.Malformed", "must be an IPv4 address such as 10.0.0.2")]
#[case::leading_zero(json!({ "Vip": "172.16.0.007" }), "InvalidParameterValue.Malformed", "must be an IPv4 address such as 10.0.0.2")]
#[case::ipv6(json!({ "Vip": "fd00::1" }), "InvalidParameterValue.Malformed", "must be an IPv4 address such as 10.0.0.2")]
#[case::malformed_vpc(json!({ "VpcId": "vpc-xyz" }), "InvalidParameterValue.Malformed", "must be `vpc-` followed by 8 characters")]
#[case::upper_case_vpc(json!({ "VpcId": "VPC-M0C2KCUN" }), "InvalidParameterValue.Malformed", "must be `vpc-` followed by 8 characters")]
#[case::malformed_subnet(json!({ "SubnetId": "vpc-m0c2kcun" }), "InvalidParameterValue.Malformed", "must be `subnet-` followed by 8 characters")]
#[case::empty_vpc(json!({ "VpcId": "" }), "InvalidParameter", "VpcId is empty")]
#[case::empty_subnet(json!({ "SubnetId": "" }), "InvalidParameter", "SubnetId is empty")]
#[case::empty_name(json!({ "HaVipName": "" }), "InvalidParameter", "HaVipName is empty")]
#[case::unknown_vpc(json!({ "VpcId": "vpc-zzzzzzzz" }), "ResourceNotFound", "(VPC `vpc-zzzzzzzz`)")]
#[case::unknown_subnet(json!({ "SubnetId": "subnet-zzzzzzzz" }), "ResourceNotFound", "(subnet `subnet-zzzzzzzz`)")]
#[case::subnet_of_another_vpc(json!({ "SubnetId": "subnet-00000002" }), "ResourceNotFound", "`subnet-00000002` is not in VPC `vpc-m0c2kcun`")]
#[case::missing(json!({ "VpcId": null }), "MissingParameter", "The request is missing a required parameter `VpcId`.")]
#[case::a_number_for_a_name(json!({ "HaVipName": 5 }), "InvalidParameter", "The value type of parameter `HaVipName` is not valid, input type should be `string`")]
#[case::unknown_parameter(json!({ "EcmRegion": "ap-xian-ecm" }), "UnknownParameter", "The parameter `EcmRegion` is not recognized.")]
#[tokio::test]
async fn a_rejected_call_states_the_reason_and_changes_nothing(
    #[case] params: Value,
    #[case] expected: &str,
    #[case] fact: &str,
) {
    let server = server().await;
    let response = server.create(params).await;
    let (code, message) = error(&response);
    assert_eq!(code, expected);
    assert!(message.contains(fact), "{message}");
    assert_eq!(vip(&server.create(json!({})).await), "172.16.0.3");
}

#[tokio::test]
async fn an_address_of_another_havip_is_rejected() {
    let server = server().await;
    server.create(json!({ "Vip": "172.16.0.9" })).await;
    let response = server.create(json!({ "Vip": "172.16.0.9" })).await;
    assert_eq!(code(&response), "InvalidParameterValue.Duplicate");
}

/// Every parameter is invalid. Fixing them in the order of the checks reveals one error after
/// another.
#[tokio::test]
async fn checks_run_in_the_documented_order() {
    let server =
        TestServer::with_fixture_and(WORLD, |config| config.quotas.ha_vips_per_vpc = 1).await;
    server.create(json!({})).await;
    let mut params = json!({
        "SubnetId": 5, "HaVipName": "", "Vip": "x", "Bogus": 1,
    });
    let mends = [
        ("MissingParameter", json!({ "VpcId": "x" })),
        ("UnknownParameter", json!({ "Bogus": null })),
        ("InvalidParameter", json!({ "SubnetId": "x" })),
        ("InvalidParameterValue.Malformed", json!({ "VpcId": "" })),
        ("InvalidParameterValue.Malformed", json!({ "SubnetId": "" })),
        ("InvalidParameterValue.Malformed", json!({ "Vip": "8.8.8.8" })),
        ("InvalidParameter", json!({ "VpcId": "vpc-zzzzzzzz" })),
        ("InvalidParameter", json!({ "SubnetId": "subnet-zzzzzzzz" })),
        ("InvalidParameter", json!({ "HaVipName": "n".repeat(61) })),
        ("InvalidParameterValue.TooLong", json!({ "HaVipName": "n" })),
        ("ResourceNotFound", json!({ "VpcId": VPC })),
        ("ResourceNotFound", json!({ "SubnetId": SUBNET })),
        ("LimitExceeded", json!({ "VpcId": "vpc-00000002", "SubnetId": "subnet-00000002" })),
        ("InvalidParameterValue.ObjectNotCurrentSubnet", json!({ "Vip": "10.0.0.1" })),
        ("InvalidParameterValue", json!({ "Vip": "10.0.0.2" })),
    ];
    for (expected, mend) in mends {
        assert_eq!(code(&server.call("CreateHaVip", &params).await), expected, "{params}");
        for (name, value) in mend.as_object().unwrap() {
            match value {
                Value::Null => params.as_object_mut().unwrap().remove(name),
                value => params.as_object_mut().unwrap().insert(name.clone(), value.clone()),
            };
        }
    }
    assert_eq!(vip(&server.call("CreateHaVip", &params).await), "10.0.0.2");
}

#[rstest]
#[case::ascii("n")]
#[case::chinese("名")]
#[case::emoji("🦀")]
#[tokio::test]
async fn a_name_has_up_to_60_characters(#[case] character: &str) {
    let server = server().await;
    let named = |count| json!({ "HaVipName": character.repeat(count) });
    let response = server.create(named(60)).await;
    assert_eq!(response["HaVip"]["HaVipName"], character.repeat(60));
    let response = server.create(named(61)).await;
    let expected =
        "The parameter value is too long. (HaVipName has 61 characters; at most 60 are allowed)";
    assert_eq!(error(&response), ("InvalidParameterValue.TooLong", expected));
}

#[tokio::test]
async fn names_need_not_be_unique() {
    let server = server().await;
    let ids: Vec<Value> = vec![
        server.create(json!({})).await["HaVip"]["HaVipId"].take(),
        server.create(json!({})).await["HaVip"]["HaVipId"].take(),
    ];
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn the_eleventh_havip_of_a_vpc_exceeds_its_quota() {
    let server = server().await;
    for _ in 0..10 {
        vip(&server.create(json!({})).await);
    }
    let expected =
        "The quota limit is exceeded. (VPC `vpc-m0c2kcun` has 10 HAVIPs; its quota is 10)";
    assert_eq!(error(&server.create(json!({})).await), ("LimitExceeded", expected));
    let other = json!({ "VpcId": "vpc-00000002", "SubnetId": "subnet-00000002" });
    assert_eq!(vip(&server.create(other).await), "10.0.0.2");
}

#[tokio::test]
async fn a_full_subnet_has_no_address_left() {
    let server = server().await;
    for _ in 0..9 {
        vip(&server.create(json!({ "SubnetId": "subnet-00000028" })).await);
    }
    let expected =
        "Insufficient resource. (subnet `subnet-00000028`: no address is left in 172.16.2.0/28)";
    let response = server.create(json!({ "SubnetId": "subnet-00000028" })).await;
    assert_eq!(error(&response), ("ResourceInsufficient", expected));
}

#[tokio::test]
async fn accounts_do_not_see_each_other() {
    let server = TestServer::new().await;
    let mut ids = BTreeSet::new();
    for account in ["a", "b", "default"] {
        let response = server.call_as(account, "CreateHaVip", &create(json!({}))).await;
        assert_eq!(vip(&response), "172.16.0.17", "{account}");
        assert!(ids.insert(response["HaVip"]["HaVipId"].to_string()));
        assert!(ids.insert(response["RequestId"].to_string()));
    }
    assert_eq!(vip(&server.create(json!({})).await), "172.16.0.18");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exactly_one_of_two_racing_calls_for_an_address_succeeds() {
    let server = TestServer::with(|config| config.quotas.ha_vips_per_vpc = 64).await;
    let params = json!({ "Vip": "172.16.0.100" });
    let calls = (0..64).map(|_| server.create(params.clone()));
    let responses = futures_util::future::join_all(calls).await;
    let (won, lost): (Vec<_>, Vec<_>) = responses.iter().partition(|it| it["Error"].is_null());
    assert_eq!(won.len(), 1);
    assert!(lost.iter().all(|it| code(it) == "InvalidParameterValue.Duplicate"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_tasks_share_a_small_subnet_without_a_clash() {
    let server =
        TestServer::with_fixture_and(WORLD, |config| config.quotas.ha_vips_per_vpc = 64).await;
    let calls = (0..64).map(|_| server.create(json!({ "SubnetId": "subnet-00000028" })));
    let responses = futures_util::future::join_all(calls).await;
    let (won, lost): (Vec<_>, Vec<_>) = responses.iter().partition(|it| it["Error"].is_null());
    let addresses: BTreeSet<&str> = won.iter().map(|it| vip(it)).collect();
    assert_eq!((won.len(), addresses.len()), (9, 9));
    assert!(lost.iter().all(|it| code(it) == "ResourceInsufficient"));
}

#[tokio::test]
async fn the_same_seed_and_calls_give_the_same_responses() {
    let mut runs = Vec::new();
    for seed in [1, 1, 2] {
        let server = TestServer::with(|config| config.seed = Some(seed)).await;
        let mut answers = Vec::new();
        for account in ["a", "b", "a"] {
            answers.push(server.call_as(account, "CreateHaVip", &create(json!({}))).await);
        }
        runs.push(answers);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
}
