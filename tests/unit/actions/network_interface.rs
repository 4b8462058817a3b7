//! Actions on network interfaces, except the results of `DescribeNetworkInterfaces`.

use crate::ecm::store::{Quotas, Settings};
use rstest::rstest;
use serde_json::{Value, json};

use crate::tests::cloud::{CLOUD, Cloud, HANGZHOU, changed, private_ips};

fn interface() -> Value {
    json!({
        "VpcId": "vpc-00000001",
        "NetworkInterfaceName": "demo",
        "SubnetId": "subnet-00000001",
        "EcmRegion": HANGZHOU,
    })
}

fn made(cloud: &mut Cloud, change: &Value) -> Value {
    cloud.ok("CreateNetworkInterface", &changed(&interface(), change))["NetworkInterface"].take()
}

fn id_of(interface: &Value) -> String {
    interface["NetworkInterfaceId"].as_str().unwrap().to_owned()
}

#[test]
fn a_new_interface_looks_like_the_vendors_example() {
    let mut cloud = Cloud::new();
    let params = json!({ "NetworkInterfaceDescription": "Test" });
    let response = cloud.ok("CreateNetworkInterface", &changed(&interface(), &params));
    insta::assert_json_snapshot!(response, @r#"
    {
      "NetworkInterface": {
        "Attachment": null,
        "Business": "",
        "CreatedTime": "",
        "EcmRegion": "ap-hangzhou-ecm",
        "EniType": 0,
        "GroupSet": [],
        "Ipv6AddressSet": [],
        "MacAddress": "20:90:6F:38:45:EB",
        "NetworkInterfaceDescription": "Test",
        "NetworkInterfaceId": "eni-9qfs5ivn",
        "NetworkInterfaceName": "demo",
        "Primary": false,
        "PrivateIpAddressSet": [
          {
            "AddressId": "",
            "Description": "",
            "IsWanIpBlocked": false,
            "Primary": true,
            "PrivateIpAddress": "10.0.1.7",
            "PublicIpAddress": "",
            "State": "PENDING"
          }
        ],
        "State": "PENDING",
        "SubnetId": "subnet-00000001",
        "TagSet": [],
        "VpcId": "vpc-00000001",
        "Zone": "ap-hangzhou-ecm-1"
      }
    }
    "#);
}

#[test]
fn an_interface_has_all_given_attributes() {
    let mut cloud = Cloud::new();
    let params = json!({
        "NetworkInterfaceDescription": "名".repeat(60),
        "SecurityGroupIds": ["esg-d5fk1x7n"],
        "PrivateIpAddresses": [
            { "PrivateIpAddress": "10.0.1.100", "Description": "second" },
            { "PrivateIpAddress": "10.0.1.99", "Primary": true, "Description": "first" },
        ],
        "Tags": [{ "Key": "env", "Value": "prod" }],
    });
    let id = id_of(&made(&mut cloud, &params));
    insta::assert_json_snapshot!(cloud.interface(&id), @r#"
    {
      "Attachment": null,
      "Business": "",
      "CreatedTime": "2026-11-22 12:00:00",
      "EcmRegion": "ap-hangzhou-ecm",
      "EniType": 0,
      "GroupSet": [
        "esg-d5fk1x7n"
      ],
      "Ipv6AddressSet": [],
      "MacAddress": "20:90:6F:38:45:EB",
      "NetworkInterfaceDescription": "名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名名",
      "NetworkInterfaceId": "eni-9qfs5ivn",
      "NetworkInterfaceName": "demo",
      "Primary": false,
      "PrivateIpAddressSet": [
        {
          "AddressId": "",
          "Description": "first",
          "IsWanIpBlocked": false,
          "Primary": true,
          "PrivateIpAddress": "10.0.1.99",
          "PublicIpAddress": "",
          "State": "AVAILABLE"
        },
        {
          "AddressId": "",
          "Description": "second",
          "IsWanIpBlocked": false,
          "Primary": false,
          "PrivateIpAddress": "10.0.1.100",
          "PublicIpAddress": "",
          "State": "AVAILABLE"
        }
      ],
      "State": "AVAILABLE",
      "SubnetId": "subnet-00000001",
      "TagSet": [
        {
          "Key": "env",
          "Value": "prod"
        }
      ],
      "VpcId": "vpc-00000001",
      "Zone": "ap-hangzhou-ecm-1"
    }
    "#);
}

#[rstest]
#[case::none(json!({}), &["10.0.1.7"])]
#[case::no_more(json!({ "SecondaryPrivateIpAddressCount": 0 }), &["10.0.1.7"])]
#[case::two_more(json!({ "SecondaryPrivateIpAddressCount": 2 }), &["10.0.1.7", "10.0.1.8", "10.0.1.9"])]
#[case::one_named(json!({ "PrivateIpAddresses": [{ "PrivateIpAddress": "10.0.1.9" }] }), &["10.0.1.9"])]
#[case::the_first_named_is_primary(
    json!({ "PrivateIpAddresses": [{ "PrivateIpAddress": "10.0.1.9" }, { "PrivateIpAddress": "10.0.1.8" }] }),
    &["10.0.1.9", "10.0.1.8"]
)]
#[case::a_count_and_a_name(
    json!({ "PrivateIpAddresses": [{ "PrivateIpAddress": "10.0.1.7" }], "SecondaryPrivateIpAddressCount": 1 }),
    &["10.0.1.7", "10.0.1.8"]
)]
fn the_first_address_is_primary(#[case] params: Value, #[case] expected: &[&str]) {
    let mut cloud = Cloud::new();
    let interface = made(&mut cloud, &params);
    assert_eq!(private_ips(&interface), expected);
    let ips = interface["PrivateIpAddressSet"].as_array().unwrap();
    let primary: Vec<bool> = ips.iter().map(|it| it["Primary"] == true).collect();
    assert_eq!(primary.iter().filter(|it| **it).count(), 1);
    assert!(primary[0]);
}

#[test]
fn an_invalid_interface_is_rejected() {
    let mut cloud = Cloud::new();
    let eleven = vec![json!({ "PrivateIpAddress": "10.0.1.50" }); 11];
    insta::assert_snapshot!(cloud.refusals("CreateNetworkInterface", &interface(), [
        ("no VPC", json!({ "VpcId": null })),
        ("a malformed VPC", json!({ "VpcId": "" })),
        ("an unknown VPC", json!({ "VpcId": "vpc-zzzzzzzz" })),
        ("a VPC of another region", json!({ "VpcId": "vpc-0000xian", "SubnetId": "subnet-0000xian" })),
        ("no subnet", json!({ "SubnetId": null })),
        ("a malformed subnet", json!({ "SubnetId": "subnet-" })),
        ("an unknown subnet", json!({ "SubnetId": "subnet-zzzzzzzz" })),
        ("a subnet of another VPC", json!({ "SubnetId": "subnet-00000003" })),
        ("no name", json!({ "NetworkInterfaceName": null })),
        ("an empty name", json!({ "NetworkInterfaceName": "" })),
        ("a name of 63 bytes", json!({ "NetworkInterfaceName": "名".repeat(21) })),
        ("a description of 61 characters", json!({ "NetworkInterfaceDescription": "n".repeat(61) })),
        ("no region", json!({ "EcmRegion": null })),
        ("an unknown region", json!({ "EcmRegion": "ap-xian" })),
        ("a malformed security group", json!({ "SecurityGroupIds": ["sg-1dd51d"] })),
        ("eleven addresses", json!({ "PrivateIpAddresses": eleven })),
        ("a negative count", json!({ "SecondaryPrivateIpAddressCount": -1 })),
        ("a tag without a key", json!({ "Tags": [{ "Key": "", "Value": "" }] })),
    ]), @r#"
    no VPC
        MissingParameter: The request is missing a required parameter `VpcId`.
    a malformed VPC
        InvalidParameterValue.Malformed: The input parameter format is invalid. (VpcId: is empty; must be `vpc-` followed by 8 characters from 0-9 and a-z)
    an unknown VPC
        ResourceNotFound: The resource does not exist. (VPC `vpc-zzzzzzzz`)
    a VPC of another region
        ResourceNotFound: The resource does not exist. (VPC `vpc-0000xian` is not in region `ap-hangzhou-ecm`)
    no subnet
        MissingParameter: The request is missing a required parameter `SubnetId`.
    a malformed subnet
        InvalidParameterValue.Malformed: The input parameter format is invalid. (SubnetId: `subnet-` must be `subnet-` followed by 8 characters from 0-9 and a-z)
    an unknown subnet
        ResourceNotFound: The resource does not exist. (subnet `subnet-zzzzzzzz`)
    a subnet of another VPC
        ResourceNotFound: The resource does not exist. (subnet `subnet-00000003` is not in VPC `vpc-00000001`)
    no name
        MissingParameter: The request is missing a required parameter `NetworkInterfaceName`.
    an empty name
        InvalidParameterValue: The parameter value is incorrect. (NetworkInterfaceName is empty)
    a name of 63 bytes
        InvalidParameterValue: The parameter value is incorrect. (NetworkInterfaceName has 63 bytes; at most 60 are allowed)
    a description of 61 characters
        InvalidParameterValue: The parameter value is incorrect. (NetworkInterfaceDescription has 61 characters; at most 60 are allowed)
    no region
        MissingParameter: The request is missing a required parameter `EcmRegion`.
    an unknown region
        InvalidParameterValue.InvalidRegion: The ECM region is invalid. (EcmRegion: unknown region `ap-xian`; did you mean `ap-xian-ecm`?)
    a malformed security group
        InvalidParameterValue.Malformed: The input parameter format is invalid. (SecurityGroupIds.0: `sg-1dd51d` must be `esg-` followed by 8 characters from 0-9 and a-z)
    eleven addresses
        InvalidParameterValue.LimitExceeded: The parameter value exceeds the limit. (PrivateIpAddresses has 11 items; at most 10 are allowed)
    a negative count
        InvalidParameter: The value type of parameter `SecondaryPrivateIpAddressCount` is not valid, input type should be `uint64`
    a tag without a key
        InvalidParameterValue: The parameter value is incorrect. (Tags: a tag has an empty key)
    "#);
}

#[test]
fn an_invalid_address_is_rejected() {
    let mut cloud = Cloud::new();
    let ip = |ip: &str| json!({ "PrivateIpAddresses": [{ "PrivateIpAddress": ip }] });
    let primary = |ip: &str| json!({ "PrivateIpAddress": ip, "Primary": true });
    insta::assert_snapshot!(cloud.refusals("CreateNetworkInterface", &interface(), [
        ("none", json!({ "PrivateIpAddresses": [{ "Primary": true }] })),
        ("a malformed address", ip("10.0.1")),
        ("an empty address", ip("")),
        ("IPv6", ip("fd00::1")),
        ("the network address", ip("10.0.1.0")),
        ("the gateway", ip("10.0.1.1")),
        ("the broadcast address", ip("10.0.1.255")),
        ("an address of a sister subnet", ip("10.0.2.5")),
        ("an address of another network", ip("8.8.8.8")),
        ("an address of an interface", ip("10.0.1.2")),
        ("an address of a HAVIP", ip("10.0.1.6")),
        ("a repeated address", json!({ "PrivateIpAddresses": [primary("10.0.1.9"), { "PrivateIpAddress": "10.0.1.9" }] })),
        ("two primary addresses", json!({ "PrivateIpAddresses": [primary("10.0.1.8"), primary("10.0.1.9")] })),
        ("twenty secondary addresses", json!({ "SecondaryPrivateIpAddressCount": 20 })),
        ("far too many", json!({ "SecondaryPrivateIpAddressCount": u64::MAX })),
        ("more than the subnet has", json!({ "SubnetId": "subnet-00000002", "SecondaryPrivateIpAddressCount": 12 })),
    ]), @r#"
    none
        MissingParameter: The request is missing a required parameter `PrivateIpAddresses.0.PrivateIpAddress`.
    a malformed address
        InvalidParameterValue.Malformed: The input parameter format is invalid. (PrivateIpAddresses.0.PrivateIpAddress: `10.0.1` must be an IPv4 address such as 10.0.0.2)
    an empty address
        InvalidParameterValue.Malformed: The input parameter format is invalid. (PrivateIpAddresses.0.PrivateIpAddress: is empty; must be an IPv4 address such as 10.0.0.2)
    IPv6
        InvalidParameterValue.Malformed: The input parameter format is invalid. (PrivateIpAddresses.0.PrivateIpAddress: `fd00::1` must be an IPv4 address such as 10.0.0.2)
    the network address
        InvalidParameterValue.Reserved: The parameter value is an object retained by the system. (subnet `subnet-00000001`: 10.0.1.0 is the network address of 10.0.1.0/24)
    the gateway
        InvalidParameterValue.Reserved: The parameter value is an object retained by the system. (subnet `subnet-00000001`: 10.0.1.1 is the gateway of 10.0.1.0/24)
    the broadcast address
        InvalidParameterValue.Reserved: The parameter value is an object retained by the system. (subnet `subnet-00000001`: 10.0.1.255 is the broadcast address of 10.0.1.0/24)
    an address of a sister subnet
        InvalidParameterValue.Range: The parameter value is not in the specified range. (subnet `subnet-00000001`: 10.0.2.5 is outside 10.0.1.0/24)
    an address of another network
        InvalidParameterValue.Range: The parameter value is not in the specified range. (subnet `subnet-00000001`: 8.8.8.8 is outside 10.0.1.0/24)
    an address of an interface
        ResourceInUse: The resource is in use. (subnet `subnet-00000001`: 10.0.1.2 is in use)
    an address of a HAVIP
        ResourceInUse: The resource is in use. (subnet `subnet-00000001`: 10.0.1.6 is in use)
    a repeated address
        InvalidParameterValue: The parameter value is incorrect. (PrivateIpAddresses: 10.0.1.9 is listed twice)
    two primary addresses
        InvalidParameterValue: The parameter value is incorrect. (PrivateIpAddresses: more than one is primary)
    twenty secondary addresses
        InvalidParameterValue.LimitExceeded: The parameter value exceeds the limit. (21 private IPs are requested; a network interface can have at most 20)
    far too many
        InvalidParameterValue.LimitExceeded: The parameter value exceeds the limit. (18446744073709551615 private IPs are requested; a network interface can have at most 20)
    more than the subnet has
        ResourceInsufficient: Insufficient resource. (subnet `subnet-00000002`: no address is left in 10.0.2.0/28)
    "#);
}

#[test]
fn a_subnet_can_be_used_up_to_its_last_address() {
    let mut cloud = Cloud::new();
    let params = json!({ "SubnetId": "subnet-00000002", "SecondaryPrivateIpAddressCount": 11 });
    let interface = made(&mut cloud, &params);
    assert_eq!(private_ips(&interface).len(), 12);
    assert_eq!(cloud.subnet("subnet-00000002")["AvailableIpAddressCount"], 0);
}

#[test]
fn the_interfaces_of_a_vpc_are_limited_by_its_quota() {
    let mut cloud =
        Cloud::with_quotas(Quotas { network_interfaces_per_vpc: 5, ..Quotas::default() });
    made(&mut cloud, &json!({}));
    insta::assert_snapshot!(cloud.refused("CreateNetworkInterface", &interface()), @"LimitExceeded.EniQuotaLimitExceeded: The number of purchasable ENIs is insufficient. (VPC `vpc-00000001` has 5 network interfaces; its quota is 5)");
    made(&mut cloud, &json!({ "VpcId": "vpc-00000002", "SubnetId": "subnet-00000003" }));
}

#[test]
fn a_deleted_interface_releases_its_addresses() {
    let mut cloud = Cloud::new();
    let params = json!({ "NetworkInterfaceId": "eni-loose001", "EcmRegion": HANGZHOU });
    assert_eq!(cloud.ok("DeleteNetworkInterface", &params), json!({}));
    assert_eq!(cloud.eip("eip-loose001")["AddressStatus"], "UNBIND");
    let gone = json!({ "NetworkInterfaceIds": ["eni-loose001"] });
    assert_eq!(cloud.ok("DescribeNetworkInterfaces", &gone)["TotalCount"], 0);
    assert_eq!(private_ips(&made(&mut cloud, &json!({}))), ["10.0.1.4"]);
    assert_eq!(private_ips(&made(&mut cloud, &json!({}))), ["10.0.1.5"]);
}

#[test]
fn an_invalid_deletion_is_rejected() {
    let mut cloud = Cloud::new();
    let params = json!({ "NetworkInterfaceId": "eni-loose001", "EcmRegion": HANGZHOU });
    insta::assert_snapshot!(cloud.refusals("DeleteNetworkInterface", &params, [
        ("no id", json!({ "NetworkInterfaceId": null })),
        ("a malformed id", json!({ "NetworkInterfaceId": "eni-1" })),
        ("an unknown id", json!({ "NetworkInterfaceId": "eni-zzzzzzzz" })),
        ("an interface of another region", json!({ "NetworkInterfaceId": "eni-0000xian" })),
        ("an unknown region", json!({ "EcmRegion": "ap" })),
        ("no region", json!({ "EcmRegion": null })),
        ("an instance", json!({ "NetworkInterfaceId": "eni-primary1" })),
    ]), @r#"
    no id
        MissingParameter: The request is missing a required parameter `NetworkInterfaceId`.
    a malformed id
        InvalidParameterValue.Malformed: The input parameter format is invalid. (NetworkInterfaceId: `eni-1` must be `eni-` followed by 8 characters from 0-9 and a-z)
    an unknown id
        ResourceNotFound: The resource does not exist. (network interface `eni-zzzzzzzz`)
    an interface of another region
        ResourceNotFound: The resource does not exist. (network interface `eni-0000xian` is not in region `ap-hangzhou-ecm`)
    an unknown region
        InvalidParameterValue: The parameter value is incorrect. (EcmRegion: unknown region `ap`; did you mean `ap-xian-ecm`?)
    no region
        MissingParameter: The request is missing a required parameter `EcmRegion`.
    an instance
        ResourceInUse: The resource is in use. (network interface `eni-primary1` is attached to instance `ein-1core001`)
    "#);
}

#[test]
fn an_interface_has_up_to_a_hundred_security_groups() {
    let mut cloud = Cloud::new();
    let groups = |count: usize| -> Value {
        (0..count).map(|number| json!(format!("esg-{number:08}"))).collect()
    };
    let made = made(&mut cloud, &json!({ "SecurityGroupIds": groups(100) }));
    assert_eq!(made["GroupSet"].as_array().unwrap().len(), 100);
    let more = changed(&interface(), &json!({ "SecurityGroupIds": groups(101) }));
    insta::assert_snapshot!(cloud.refused("CreateNetworkInterface", &more), @"InvalidParameterValue.LimitExceeded: The parameter value exceeds the limit. (SecurityGroupIds has 101 items; at most 100 are allowed)");
}

#[test]
fn the_description_of_an_address_has_up_to_1000_characters() {
    let mut cloud = Cloud::new();
    let described = |count: usize| {
        json!({ "PrivateIpAddresses": [
            { "PrivateIpAddress": "10.0.1.9", "Description": "名".repeat(count) },
        ] })
    };
    let long = changed(&interface(), &described(1001));
    insta::assert_snapshot!(cloud.refused("CreateNetworkInterface", &long), @"InvalidParameterValue: The parameter value is incorrect. (Description has 1001 characters; at most 1000 are allowed)");
    let made = made(&mut cloud, &described(1000));
    assert_eq!(made["PrivateIpAddressSet"][0]["Description"], "名".repeat(1000));
}

/// [`Cloud`] with a blocked EIP on a secondary address.
fn blocked() -> Cloud {
    let mut fixture: Value = serde_json::from_str(CLOUD).unwrap();
    fixture["AddressSet"][2]["IsBlocked"] = json!(true);
    Cloud::of(&fixture.to_string(), Settings::default())
}

/// Blocked EIPs cannot be unbound, so their targets cannot be removed.
#[test]
fn an_address_with_a_blocked_eip_stays() {
    let mut cloud = blocked();
    let loose = json!({ "NetworkInterfaceId": "eni-loose001", "EcmRegion": HANGZHOU });
    let named = json!({ "PrivateIpAddresses": [{ "PrivateIpAddress": "10.0.1.5" }] });
    let remove = changed(&loose, &named);
    insta::assert_snapshot!(cloud.refused("RemovePrivateIpAddresses", &remove), @"UnsupportedOperation: Unsupported operation. (EIP `eip-loose001` is blocked)");
    insta::assert_snapshot!(cloud.refused("DeleteNetworkInterface", &loose), @"UnsupportedOperation: Unsupported operation. (EIP `eip-loose001` is blocked)");
}
