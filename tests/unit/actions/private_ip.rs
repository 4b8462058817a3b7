//! Actions on the private IPs of network interfaces.

use serde_json::{Value, json};

use crate::tests::cloud::{Cloud, HANGZHOU, XIAN, changed, private_ips};

fn ips(addresses: &[&str]) -> Value {
    addresses.iter().map(|it| json!({ "PrivateIpAddress": it })).collect()
}

/// Returns `count` addresses, starting at 10.0.1.100.
fn numbered(count: usize) -> Value {
    (100..).take(count).map(|it| json!({ "PrivateIpAddress": format!("10.0.1.{it}") })).collect()
}

fn loose(change: &Value) -> Value {
    changed(&json!({ "NetworkInterfaceId": "eni-loose001", "EcmRegion": HANGZHOU }), change)
}

#[test]
fn the_given_addresses_precede_the_lowest_free_ones() {
    let mut cloud = Cloud::new();
    let params = json!({
        "PrivateIpAddresses": [{ "PrivateIpAddress": "10.0.1.99", "Primary": true, "Description": "named" }],
        "SecondaryPrivateIpAddressCount": 1,
    });
    insta::assert_json_snapshot!(cloud.ok("AssignPrivateIpAddresses", &loose(&params)), @r#"
    {
      "PrivateIpAddressSet": [
        {
          "AddressId": "",
          "Description": "named",
          "IsWanIpBlocked": false,
          "Primary": false,
          "PrivateIpAddress": "10.0.1.99",
          "PublicIpAddress": "",
          "State": "PENDING"
        },
        {
          "AddressId": "",
          "Description": "",
          "IsWanIpBlocked": false,
          "Primary": false,
          "PrivateIpAddress": "10.0.1.7",
          "PublicIpAddress": "",
          "State": "PENDING"
        }
      ]
    }
    "#);
    let interface = cloud.interface("eni-loose001");
    assert_eq!(private_ips(&interface), ["10.0.1.4", "10.0.1.5", "10.0.1.99", "10.0.1.7"]);
    insta::assert_json_snapshot!(interface["PrivateIpAddressSet"][2], @r#"
    {
      "AddressId": "",
      "Description": "named",
      "IsWanIpBlocked": false,
      "Primary": false,
      "PrivateIpAddress": "10.0.1.99",
      "PublicIpAddress": "",
      "State": "AVAILABLE"
    }
    "#);
}

#[test]
fn an_invalid_assignment_is_rejected() {
    let mut cloud = Cloud::new();
    let one = loose(&json!({ "SecondaryPrivateIpAddressCount": 1 }));
    let ip = |ip: &str| json!({ "PrivateIpAddresses": [{ "PrivateIpAddress": ip }] });
    insta::assert_snapshot!(cloud.refusals("AssignPrivateIpAddresses", &one, [
        ("nothing", json!({ "SecondaryPrivateIpAddressCount": null })),
        ("a count of zero", json!({ "SecondaryPrivateIpAddressCount": 0 })),
        ("only an empty list", json!({ "SecondaryPrivateIpAddressCount": null, "PrivateIpAddresses": [] })),
        ("no interface", json!({ "NetworkInterfaceId": null })),
        ("a malformed interface", json!({ "NetworkInterfaceId": "eni-XXXXXXXX" })),
        ("an unknown interface", json!({ "NetworkInterfaceId": "eni-zzzzzzzz" })),
        ("an interface of another region", json!({ "EcmRegion": XIAN })),
        ("an unknown region", json!({ "EcmRegion": "ap-xian-ecn" })),
        ("a malformed address", ip("10.0.1.1.1")),
        ("the gateway", ip("10.0.1.1")),
        ("outside the subnet", ip("10.0.2.3")),
        ("its own address", ip("10.0.1.5")),
        ("a HAVIP", ip("10.0.1.6")),
        ("eleven addresses", json!({ "PrivateIpAddresses": numbered(11) })),
        ("a repeated address", json!({ "PrivateIpAddresses": ips(&["10.0.1.77", "10.0.1.77"]) })),
        ("twenty-one in total", json!({ "SecondaryPrivateIpAddressCount": 19 })),
        ("far too many", json!({ "SecondaryPrivateIpAddressCount": u64::MAX })),
    ]), @r#"
    nothing
        InvalidParameterValue: The parameter value is incorrect. (PrivateIpAddresses or SecondaryPrivateIpAddressCount is required)
    a count of zero
        InvalidParameterValue: The parameter value is incorrect. (PrivateIpAddresses or SecondaryPrivateIpAddressCount is required)
    only an empty list
        InvalidParameterValue: The parameter value is incorrect. (PrivateIpAddresses or SecondaryPrivateIpAddressCount is required)
    no interface
        MissingParameter: The request is missing a required parameter `NetworkInterfaceId`.
    a malformed interface
        InvalidParameterValue.Malformed: The input parameter format is invalid. (NetworkInterfaceId: `eni-XXXXXXXX` must be `eni-` followed by 8 characters from 0-9 and a-z)
    an unknown interface
        ResourceNotFound: The resource does not exist. (network interface `eni-zzzzzzzz`)
    an interface of another region
        ResourceNotFound: The resource does not exist. (network interface `eni-loose001` is not in region `ap-xian-ecm`)
    an unknown region
        InvalidParameterValue.InvalidRegion: The ECM region is invalid. (EcmRegion: unknown region `ap-xian-ecn`; did you mean `ap-xian-ecm`?)
    a malformed address
        InvalidParameterValue.Malformed: The input parameter format is invalid. (PrivateIpAddresses.0.PrivateIpAddress: `10.0.1.1.1` must be an IPv4 address such as 10.0.0.2)
    the gateway
        InvalidParameterValue.Range: The parameter value is not in the specified range. (subnet `subnet-00000001`: 10.0.1.1 is the gateway of 10.0.1.0/24)
    outside the subnet
        InvalidParameterValue.Range: The parameter value is not in the specified range. (subnet `subnet-00000001`: 10.0.2.3 is outside 10.0.1.0/24)
    its own address
        ResourceInUse: The resource is in use. (subnet `subnet-00000001`: 10.0.1.5 is in use)
    a HAVIP
        ResourceInUse: The resource is in use. (subnet `subnet-00000001`: 10.0.1.6 is in use)
    eleven addresses
        InvalidParameterValue: The parameter value is incorrect. (PrivateIpAddresses has 11 items; at most 10 are allowed)
    a repeated address
        InvalidParameterValue: The parameter value is incorrect. (PrivateIpAddresses: 10.0.1.77 is listed twice)
    twenty-one in total
        LimitExceeded.PrivateIPQuotaLimitExceeded: The number of private IPs exceeds the limit. (network interface `eni-loose001` has 2 private IPs, and 19 more are requested; its quota is 20)
    far too many
        LimitExceeded.PrivateIPQuotaLimitExceeded: The number of private IPs exceeds the limit. (network interface `eni-loose001` has 2 private IPs, and 18446744073709551615 more are requested; its quota is 20)
    "#);
}

#[test]
fn an_assignment_is_all_or_nothing() {
    let mut cloud = Cloud::new();
    let named = json!({ "PrivateIpAddresses": ips(&["10.0.1.50", "10.0.1.6"]) });
    cloud.refused("AssignPrivateIpAddresses", &loose(&named));
    assert_eq!(private_ips(&cloud.interface("eni-loose001")), ["10.0.1.4", "10.0.1.5"]);
    let named = json!({ "PrivateIpAddresses": ips(&["10.0.1.50"]) });
    cloud.ok("AssignPrivateIpAddresses", &loose(&named));
}

#[test]
fn a_full_subnet_has_no_address_left() {
    let mut cloud = Cloud::new();
    let params = json!({
        "NetworkInterfaceId": "eni-0subnet2", "EcmRegion": HANGZHOU, "SecondaryPrivateIpAddressCount": 12,
    });
    cloud.ok("AssignPrivateIpAddresses", &params);
    let one = changed(&params, &json!({ "SecondaryPrivateIpAddressCount": 1 }));
    insta::assert_snapshot!(cloud.refused("AssignPrivateIpAddresses", &one), @"ResourceInsufficient: Insufficient resource. (subnet `subnet-00000002`: no address is left in 10.0.2.0/28)");
}

#[test]
fn a_removed_address_is_free_and_its_eip_unbound() {
    let mut cloud = Cloud::new();
    let named = json!({ "PrivateIpAddresses": ips(&["10.0.1.5"]) });
    assert_eq!(cloud.ok("RemovePrivateIpAddresses", &loose(&named)), json!({}));
    assert_eq!(private_ips(&cloud.interface("eni-loose001")), ["10.0.1.4"]);
    assert_eq!(cloud.eip("eip-loose001")["AddressStatus"], "UNBIND");
    let ha_vip = json!({
        "VpcId": "vpc-00000001", "SubnetId": "subnet-00000001", "HaVipName": "x", "Vip": "10.0.1.5",
    });
    cloud.ok("CreateHaVip", &ha_vip);
}

#[test]
fn an_invalid_removal_is_rejected() {
    let mut cloud = Cloud::new();
    let one = loose(&json!({ "PrivateIpAddresses": ips(&["10.0.1.5"]) }));
    let named = |addresses: &[&str]| json!({ "PrivateIpAddresses": ips(addresses) });
    insta::assert_snapshot!(cloud.refusals("RemovePrivateIpAddresses", &one, [
        ("no addresses", json!({ "PrivateIpAddresses": null })),
        ("an empty list", named(&[])),
        ("a malformed address", named(&["10.0.1.500"])),
        ("the primary address", named(&["10.0.1.4"])),
        ("the primary address and another", named(&["10.0.1.5", "10.0.1.4"])),
        ("an address of another interface", named(&["10.0.1.2"])),
        ("an unassigned address", named(&["10.0.1.77"])),
        ("eleven", json!({ "PrivateIpAddresses": numbered(11) })),
        ("a repeated address", named(&["10.0.1.5", "10.0.1.4", "10.0.1.5"])),
        ("a malformed interface", json!({ "NetworkInterfaceId": "eni-12121212x" })),
        ("an unknown interface", json!({ "NetworkInterfaceId": "eni-zzzzzzzz" })),
        ("an interface of another region", json!({ "EcmRegion": XIAN })),
        ("an unknown region", json!({ "EcmRegion": "x" })),
    ]), @r#"
    no addresses
        MissingParameter: The request is missing a required parameter `PrivateIpAddresses`.
    an empty list
        InvalidParameter: The parameter is incorrect. (PrivateIpAddresses is empty)
    a malformed address
        InvalidParameterValue.Malformed: The input parameter format is invalid. (PrivateIpAddresses.0.PrivateIpAddress: `10.0.1.500` must be an IPv4 address such as 10.0.0.2)
    the primary address
        UnsupportedOperation: Unsupported operation. (private IP 10.0.1.4 is primary and cannot be detached, moved, or removed)
    the primary address and another
        UnsupportedOperation: Unsupported operation. (private IP 10.0.1.4 is primary and cannot be detached, moved, or removed)
    an address of another interface
        ResourceNotFound: The resource does not exist. (10.0.1.2 is not on network interface `eni-loose001`)
    an unassigned address
        ResourceNotFound: The resource does not exist. (10.0.1.77 is not on network interface `eni-loose001`)
    eleven
        InvalidParameter: The parameter is incorrect. (PrivateIpAddresses has 11 items; at most 10 are allowed)
    a repeated address
        InvalidParameter: The parameter is incorrect. (PrivateIpAddresses: 10.0.1.5 is listed twice)
    a malformed interface
        InvalidParameterValue.Malformed: The input parameter format is invalid. (NetworkInterfaceId: `eni-12121212x` must be `eni-` followed by 8 characters from 0-9 and a-z)
    an unknown interface
        ResourceNotFound: The resource does not exist. (network interface `eni-zzzzzzzz`)
    an interface of another region
        ResourceNotFound: The resource does not exist. (network interface `eni-loose001` is not in region `ap-xian-ecm`)
    an unknown region
        InvalidParameterValue.InvalidPublicParam: The common parameter is invalid. (EcmRegion: unknown region `x`)
    "#);
}

#[test]
fn the_description_of_an_address_is_changed() {
    let mut cloud = Cloud::new();
    let params = json!({ "PrivateIpAddresses": [
        { "PrivateIpAddress": "10.0.1.5", "Description": "new-name" },
        { "PrivateIpAddress": "10.0.1.4" },
    ] });
    let before = cloud.interface("eni-loose001");
    assert_eq!(cloud.ok("ModifyPrivateIpAddressesAttribute", &loose(&params)), json!({}));
    let after = cloud.interface("eni-loose001");
    assert_eq!(after["PrivateIpAddressSet"][0], before["PrivateIpAddressSet"][0]);
    let described = json!({ "Description": "new-name" });
    let expected = changed(&before["PrivateIpAddressSet"][1], &described);
    assert_eq!(after["PrivateIpAddressSet"][1], expected);
}

#[test]
fn an_invalid_description_is_rejected() {
    let mut cloud = Cloud::new();
    let one = loose(&json!({ "PrivateIpAddresses": ips(&["10.0.1.5"]) }));
    let named = |addresses: &[&str]| json!({ "PrivateIpAddresses": ips(addresses) });
    insta::assert_snapshot!(cloud.refusals("ModifyPrivateIpAddressesAttribute", &one, [
        ("no addresses", json!({ "PrivateIpAddresses": null })),
        ("an empty list", named(&[])),
        ("a malformed address", named(&["x"])),
        ("an address of another interface", named(&["10.0.1.2"])),
        ("a repeated address", named(&["10.0.1.5", "10.0.1.5"])),
        ("a malformed interface", json!({ "NetworkInterfaceId": "" })),
        ("an unknown interface", json!({ "NetworkInterfaceId": "eni-zzzzzzzz" })),
        ("an interface of another region", json!({ "EcmRegion": XIAN })),
        ("an unknown region", json!({ "EcmRegion": "ap-xian-ecm-1" })),
    ]), @r#"
    no addresses
        MissingParameter: The request is missing a required parameter `PrivateIpAddresses`.
    an empty list
        InvalidParameterValue.Malformed: The input parameter format is invalid. (PrivateIpAddresses is empty)
    a malformed address
        InvalidParameterValue.Malformed: The input parameter format is invalid. (PrivateIpAddresses.0.PrivateIpAddress: `x` must be an IPv4 address such as 10.0.0.2)
    an address of another interface
        ResourceNotFound: The resource does not exist. (10.0.1.2 is not on network interface `eni-loose001`)
    a repeated address
        InvalidParameterValue.Malformed: The input parameter format is invalid. (PrivateIpAddresses: 10.0.1.5 is listed twice)
    a malformed interface
        InvalidParameterValue.Malformed: The input parameter format is invalid. (NetworkInterfaceId: is empty; must be `eni-` followed by 8 characters from 0-9 and a-z)
    an unknown interface
        ResourceNotFound: The resource does not exist. (network interface `eni-zzzzzzzz`)
    an interface of another region
        ResourceNotFound: The resource does not exist. (network interface `eni-loose001` is not in region `ap-xian-ecm`)
    an unknown region
        InvalidParameterValue.InvalidRegion: The ECM region is invalid. (EcmRegion: unknown region `ap-xian-ecm-1`; did you mean `ap-xian-ecm`?)
    "#);
}

/// Returns the parameters that move an address between two interfaces in one subnet.
fn migration() -> Value {
    json!({
        "EcmRegion": HANGZHOU,
        "SourceNetworkInterfaceId": "eni-loose001",
        "DestinationNetworkInterfaceId": "eni-primary4",
        "PrivateIpAddress": "10.0.1.5",
    })
}

#[test]
fn an_address_moves_with_its_eip() {
    let mut cloud = Cloud::new();
    let before = cloud.interface("eni-loose001")["PrivateIpAddressSet"][1].take();
    assert_eq!(cloud.ok("MigratePrivateIpAddress", &migration()), json!({}));
    assert_eq!(private_ips(&cloud.interface("eni-loose001")), ["10.0.1.4"]);
    let target = cloud.interface("eni-primary4");
    assert_eq!(private_ips(&target), ["10.0.1.3", "10.0.1.5"]);
    assert_eq!(target["PrivateIpAddressSet"][1], before);
    let eip = cloud.eip("eip-loose001");
    assert_eq!(eip["NetworkInterfaceId"], "eni-primary4");
    assert_eq!(eip["InstanceId"], "ein-4core001");
    assert_eq!(eip["AddressStatus"], "BIND");
}

#[test]
fn an_invalid_migration_is_rejected() {
    let mut cloud = Cloud::new();
    insta::assert_snapshot!(cloud.refusals("MigratePrivateIpAddress", &migration(), [
        ("a malformed source", json!({ "SourceNetworkInterfaceId": "eni" })),
        ("an unknown source", json!({ "SourceNetworkInterfaceId": "eni-zzzzzzzz" })),
        ("a malformed destination", json!({ "DestinationNetworkInterfaceId": "" })),
        ("an unknown destination", json!({ "DestinationNetworkInterfaceId": "eni-zzzzzzzz" })),
        ("an interface of another region", json!({ "DestinationNetworkInterfaceId": "eni-0000xian" })),
        ("another subnet", json!({ "DestinationNetworkInterfaceId": "eni-0subnet2" })),
        ("itself", json!({ "DestinationNetworkInterfaceId": "eni-loose001" })),
        ("a malformed address", json!({ "PrivateIpAddress": "ten" })),
        ("the primary address", json!({ "PrivateIpAddress": "10.0.1.4" })),
        ("an unassigned address", json!({ "PrivateIpAddress": "10.0.1.44" })),
        ("no address", json!({ "PrivateIpAddress": null })),
        ("an unknown region", json!({ "EcmRegion": "x" })),
    ]), @r#"
    a malformed source
        InvalidParameterValue: The parameter value is incorrect. (SourceNetworkInterfaceId: `eni` must be `eni-` followed by 8 characters from 0-9 and a-z)
    an unknown source
        ResourceNotFound: The resource does not exist. (network interface `eni-zzzzzzzz`)
    a malformed destination
        InvalidParameterValue: The parameter value is incorrect. (DestinationNetworkInterfaceId: is empty; must be `eni-` followed by 8 characters from 0-9 and a-z)
    an unknown destination
        ResourceNotFound: The resource does not exist. (network interface `eni-zzzzzzzz`)
    an interface of another region
        ResourceNotFound: The resource does not exist. (network interface `eni-0000xian` is not in region `ap-hangzhou-ecm`)
    another subnet
        UnsupportedOperation: Unsupported operation. (network interfaces `eni-loose001` and `eni-0subnet2` are not in the same subnet)
    itself
        UnsupportedOperation: Unsupported operation. (10.0.1.5 is already on network interface `eni-loose001`)
    a malformed address
        InvalidParameterValue: The parameter value is incorrect. (PrivateIpAddress: `ten` must be an IPv4 address such as 10.0.0.2)
    the primary address
        UnsupportedOperation: Unsupported operation. (private IP 10.0.1.4 is primary and cannot be detached, moved, or removed)
    an unassigned address
        ResourceNotFound: The resource does not exist. (10.0.1.44 is not on network interface `eni-loose001`)
    no address
        MissingParameter: The request is missing a required parameter `PrivateIpAddress`.
    an unknown region
        InvalidParameterValue: The parameter value is incorrect. (EcmRegion: unknown region `x`)
    "#);
}

/// One vCPU allows two private IPs on each interface.
#[test]
fn a_migration_into_a_full_interface_is_rejected() {
    let mut cloud = Cloud::new();
    let one = json!({
        "NetworkInterfaceId": "eni-primary1", "EcmRegion": HANGZHOU, "SecondaryPrivateIpAddressCount": 1,
    });
    cloud.ok("AssignPrivateIpAddresses", &one);
    let params = changed(&migration(), &json!({ "DestinationNetworkInterfaceId": "eni-primary1" }));
    insta::assert_snapshot!(cloud.refused("MigratePrivateIpAddress", &params), @"InvalidParameterValue: The parameter value is incorrect. (network interface `eni-primary1` has 2 private IPs; its quota is 2)");
}

/// One vCPU allows one EIP, and the address has another.
#[test]
fn a_migration_that_exceeds_the_limit_of_eips_is_rejected() {
    let mut cloud = Cloud::new();
    let eip =
        json!({ "EcmRegion": HANGZHOU, "AddressId": "eip-unbound1", "InstanceId": "ein-1core001" });
    cloud.ok("AssociateAddress", &eip);
    let params = changed(&migration(), &json!({ "DestinationNetworkInterfaceId": "eni-primary1" }));
    insta::assert_snapshot!(cloud.refused("MigratePrivateIpAddress", &params), @"InvalidParameterValue: The parameter value is incorrect. (instance `ein-1core001` has 1 public IP; its quota is 1)");
}

#[test]
fn a_description_has_up_to_1000_characters() {
    let mut cloud = Cloud::new();
    let described = |address: &str, count: usize| {
        loose(&json!({ "PrivateIpAddresses": [
            { "PrivateIpAddress": address, "Description": "名".repeat(count) },
        ] }))
    };
    for (action, address) in [
        ("ModifyPrivateIpAddressesAttribute", "10.0.1.5"),
        ("AssignPrivateIpAddresses", "10.0.1.50"),
    ] {
        let refusal = cloud.refused(action, &described(address, 1001));
        let fact = "(Description has 1001 characters; at most 1000 are allowed)";
        assert!(refusal.ends_with(fact), "{action}: {refusal}");
        cloud.ok(action, &described(address, 1000));
    }
    let interface = cloud.interface("eni-loose001");
    for index in [1, 2] {
        let ip = &interface["PrivateIpAddressSet"][index];
        assert_eq!(ip["Description"], "名".repeat(1000));
    }
}

/// The vendor documents no limit for this action.
#[test]
fn more_than_ten_addresses_are_described() {
    let mut cloud = Cloud::new();
    cloud.ok("AssignPrivateIpAddresses", &loose(&json!({ "PrivateIpAddresses": numbered(10) })));
    let mut all = numbered(10);
    all.as_array_mut().unwrap().extend(ips(&["10.0.1.4", "10.0.1.5"]).as_array().unwrap().clone());
    for ip in all.as_array_mut().unwrap() {
        ip["Description"] = json!("one of twelve");
    }
    cloud.ok("ModifyPrivateIpAddressesAttribute", &loose(&json!({ "PrivateIpAddresses": all })));
    let interface = cloud.interface("eni-loose001");
    let ips = interface["PrivateIpAddressSet"].as_array().unwrap();
    assert_eq!(ips.len(), 12);
    assert!(ips.iter().all(|it| it["Description"] == "one of twelve"));
}

/// An instance at its limit can move its addresses between its interfaces.
#[test]
fn an_address_with_an_eip_moves_within_a_full_instance() {
    let mut cloud = Cloud::new();
    let ip = cloud.assign_private_ip("eni-primary1");
    let eip = json!({
        "EcmRegion": HANGZHOU, "AddressId": "eip-unbound1",
        "NetworkInterfaceId": "eni-primary1", "PrivateIpAddress": ip,
    });
    cloud.ok("AssociateAddress", &eip);
    let second = json!({
        "VpcId": "vpc-00000001", "SubnetId": "subnet-00000001",
        "NetworkInterfaceName": "second", "EcmRegion": HANGZHOU,
    });
    let second =
        cloud.ok("CreateNetworkInterface", &second)["NetworkInterface"]["NetworkInterfaceId"]
            .take();
    let attachment = json!({
        "NetworkInterfaceId": second, "InstanceId": "ein-1core001", "EcmRegion": HANGZHOU,
    });
    cloud.ok("AttachNetworkInterface", &attachment);
    let within = json!({
        "SourceNetworkInterfaceId": "eni-primary1",
        "DestinationNetworkInterfaceId": second,
        "PrivateIpAddress": ip,
    });
    cloud.ok("MigratePrivateIpAddress", &changed(&migration(), &within));
    assert_eq!(cloud.eip("eip-unbound1")["NetworkInterfaceId"], second);
}
