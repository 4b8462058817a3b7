//! Actions on subnets, except the results of `DescribeSubnets`.

use crate::ecm::store::Quotas;
use rstest::rstest;
use serde_json::{Value, json};

use crate::tests::cloud::{CLOUD, Cloud, HANGZHOU, XIAN, changed};

const ZONE: &str = "ap-hangzhou-ecm-1";

fn subnet() -> Value {
    json!({
        "VpcId": "vpc-00000001",
        "SubnetName": "demo",
        "CidrBlock": "10.0.3.0/24",
        "Zone": ZONE,
        "EcmRegion": HANGZHOU,
    })
}

fn made(cloud: &mut Cloud, change: &Value) -> Value {
    cloud.ok("CreateSubnet", &changed(&subnet(), change))["Subnet"]["SubnetId"].take()
}

fn delete(cloud: &mut Cloud, id: &Value) {
    cloud.ok("DeleteSubnet", &json!({ "SubnetId": id, "EcmRegion": HANGZHOU }));
}

#[test]
fn a_subnet_has_all_given_attributes() {
    let mut cloud = Cloud::new();
    let params = json!({
        "Tags": [{ "Key": "city", "Value": "hangzhou" }],
        "IPv6CidrBlock": "2409:8c30:141:12::/64",
    });
    let mut response = cloud.ok("CreateSubnet", &changed(&subnet(), &params));
    insta::assert_json_snapshot!(response, @r#"
    {
      "Subnet": {
        "AvailableIpAddressCount": 253,
        "CidrBlock": "10.0.3.0/24",
        "CreatedTime": "2026-11-22 12:00:00",
        "EnableBroadcast": false,
        "ISPType": "",
        "InstanceCount": 0,
        "Ipv6CidrBlock": "2409:8c30:141:12::/64",
        "IsDefault": false,
        "IsRemoteVpcSnat": false,
        "NetworkAclId": "",
        "Region": "ap-hangzhou-ecm",
        "RouteTableId": "",
        "SubnetId": "subnet-9qfs5ivn",
        "SubnetName": "demo",
        "TagSet": [
          {
            "Key": "city",
            "Value": "hangzhou"
          }
        ],
        "VpcCidrBlock": "10.0.0.0/16",
        "VpcId": "vpc-00000001",
        "VpcIpv6CidrBlock": "",
        "Zone": "ap-hangzhou-ecm-1",
        "ZoneName": "杭州一区"
      }
    }
    "#);
    let id = response["Subnet"]["SubnetId"].as_str().unwrap().to_owned();
    assert_eq!(cloud.subnet(&id), response["Subnet"].take());
}

#[test]
fn an_invalid_subnet_is_rejected() {
    let mut cloud = Cloud::new();
    insta::assert_snapshot!(cloud.refusals("CreateSubnet", &subnet(), [
        ("no VPC", json!({ "VpcId": null })),
        ("a malformed VPC", json!({ "VpcId": "vpc-1" })),
        ("an unknown VPC", json!({ "VpcId": "vpc-zzzzzzzz" })),
        ("a VPC of another region", json!({ "VpcId": "vpc-0000xian" })),
        ("no name", json!({ "SubnetName": null })),
        ("an empty name", json!({ "SubnetName": "" })),
        ("a name of 61 bytes", json!({ "SubnetName": "n".repeat(61) })),
        ("a name of 21 characters and 63 bytes", json!({ "SubnetName": "名".repeat(21) })),
        ("no region", json!({ "EcmRegion": null })),
        ("an unknown region", json!({ "EcmRegion": "ap-hanzhou-ecm" })),
        ("no zone", json!({ "Zone": null })),
        ("an empty zone", json!({ "Zone": "" })),
        ("an unknown zone", json!({ "Zone": "ap-hangzhou-ecm-2" })),
        ("a region for a zone", json!({ "Zone": HANGZHOU })),
        ("a zone of another region", json!({ "Zone": "ap-xian-ecm-1" })),
        ("a region and zone other than the VPC's", json!({ "EcmRegion": XIAN, "Zone": "ap-xian-ecm-1" })),
        ("a tag without a key", json!({ "Tags": [{ "Key": "", "Value": "x" }] })),
        ("a tag with more than a key", json!({ "Tags": [{ "Key": "a", "Value": "b", "Extra": 1 }] })),
    ]), @r#"
    no VPC
        MissingParameter: The request is missing a required parameter `VpcId`.
    a malformed VPC
        InvalidParameterValue.Malformed: The input parameter format is invalid. (VpcId: `vpc-1` must be `vpc-` followed by 8 characters from 0-9 and a-z)
    an unknown VPC
        ResourceNotFound: The resource does not exist. (VPC `vpc-zzzzzzzz`)
    a VPC of another region
        UnsupportedOperation.VpcMismatch: The resources are not in the same VPC. (VPC `vpc-0000xian` is not in region `ap-hangzhou-ecm`)
    no name
        MissingParameter: The request is missing a required parameter `SubnetName`.
    an empty name
        InvalidParameterValue: The parameter value is incorrect. (SubnetName is empty)
    a name of 61 bytes
        InvalidParameterValue: The parameter value is incorrect. (SubnetName has 61 bytes; at most 60 are allowed)
    a name of 21 characters and 63 bytes
        InvalidParameterValue: The parameter value is incorrect. (SubnetName has 63 bytes; at most 60 are allowed)
    no region
        MissingParameter: The request is missing a required parameter `EcmRegion`.
    an unknown region
        InvalidParameterValue.InvalidRegion: The ECM region is invalid. (EcmRegion: unknown region `ap-hanzhou-ecm`; did you mean `ap-hangzhou-ecm`?)
    no zone
        MissingParameter: The request is missing a required parameter `Zone`.
    an empty zone
        InvalidParameterValue.InvalidZone: The zone is invalid. (Zone: is empty)
    an unknown zone
        InvalidParameterValue.InvalidZone: The zone is invalid. (Zone: unknown zone `ap-hangzhou-ecm-2`; did you mean `ap-hangzhou-ecm-1`?)
    a region for a zone
        InvalidParameterValue.InvalidZone: The zone is invalid. (Zone: unknown zone `ap-hangzhou-ecm`; did you mean `ap-hangzhou-ecm-1`?)
    a zone of another region
        InvalidParameterValue.InvalidZone: The zone is invalid. (zone `ap-xian-ecm-1` is not in region `ap-hangzhou-ecm`)
    a region and zone other than the VPC's
        UnsupportedOperation.VpcMismatch: The resources are not in the same VPC. (VPC `vpc-00000001` is not in region `ap-xian-ecm`)
    a tag without a key
        InvalidParameterValue: The parameter value is incorrect. (Tags: a tag has an empty key)
    a tag with more than a key
        UnknownParameter: The parameter `Tags.0.Extra` is not recognized.
    "#);
}

#[test]
fn an_invalid_range_is_rejected() {
    let mut cloud = Cloud::new();
    let ranges = [
        ("no range", ""),
        ("an address", "10.0.3.0"),
        ("set host bits", "10.0.3.1/24"),
        ("IPv6", "fd00::/64"),
        ("a mask of 29 bits", "10.0.3.0/29"),
        ("a mask of 15 bits", "10.0.0.0/15"),
        ("outside the VPC", "10.1.0.0/24"),
        ("a range of another VPC", "172.16.1.0/24"),
        ("a sibling", "10.0.1.0/24"),
        ("inside a sibling, at its start", "10.0.1.0/28"),
        ("inside a sibling, at its end", "10.0.1.240/28"),
        ("around a sibling", "10.0.2.0/23"),
        ("all of the VPC", "10.0.0.0/16"),
    ];
    let changes = ranges.map(|(what, range)| (what, json!({ "CidrBlock": range })));
    insta::assert_snapshot!(cloud.refusals("CreateSubnet", &subnet(), changes), @r#"
    no range
        InvalidParameterValue.Malformed: The input parameter format is invalid. (CidrBlock: is empty; must be an IPv4 range such as 10.0.0.0/16)
    an address
        InvalidParameterValue.Malformed: The input parameter format is invalid. (CidrBlock: `10.0.3.0` must be an IPv4 range such as 10.0.0.0/16)
    set host bits
        InvalidParameterValue.Malformed: The input parameter format is invalid. (CidrBlock: `10.0.3.1/24` has host bits set; did you mean 10.0.3.0/24?)
    IPv6
        InvalidParameterValue.Malformed: The input parameter format is invalid. (CidrBlock: `fd00::/64` must be an IPv4 range such as 10.0.0.0/16)
    a mask of 29 bits
        InvalidParameterValue.SubnetRange: The subnet IP range is invalid. (10.0.3.0/29 has a mask of 29 bits; must be 16 to 28)
    a mask of 15 bits
        InvalidParameterValue.SubnetRange: The subnet IP range is invalid. (10.0.0.0/15 has a mask of 15 bits; must be 16 to 28)
    outside the VPC
        InvalidParameterValue.SubnetRange: The subnet IP range is invalid. (10.1.0.0/24 is not inside 10.0.0.0/16, the range of its VPC)
    a range of another VPC
        InvalidParameterValue.SubnetRange: The subnet IP range is invalid. (172.16.1.0/24 is not inside 10.0.0.0/16, the range of its VPC)
    a sibling
        InvalidParameterValue.SubnetConflict: The specified CIDR block conflicts with another subnet in the same VPC. (10.0.1.0/24 overlaps 10.0.1.0/24, the range of `subnet-00000001`)
    inside a sibling, at its start
        InvalidParameterValue.SubnetConflict: The specified CIDR block conflicts with another subnet in the same VPC. (10.0.1.0/28 overlaps 10.0.1.0/24, the range of `subnet-00000001`)
    inside a sibling, at its end
        InvalidParameterValue.SubnetConflict: The specified CIDR block conflicts with another subnet in the same VPC. (10.0.1.240/28 overlaps 10.0.1.0/24, the range of `subnet-00000001`)
    around a sibling
        InvalidParameterValue.SubnetConflict: The specified CIDR block conflicts with another subnet in the same VPC. (10.0.2.0/23 overlaps 10.0.2.0/28, the range of `subnet-00000002`)
    all of the VPC
        InvalidParameterValue.SubnetConflict: The specified CIDR block conflicts with another subnet in the same VPC. (10.0.0.0/16 overlaps 10.0.2.0/28, the range of `subnet-00000002`)
    "#);
}

#[rstest]
#[case::before("10.0.0.0/24")]
#[case::right_after_a_sibling("10.0.2.16/28")]
#[case::the_end_of_the_vpc("10.0.255.240/28")]
#[case::large("10.0.128.0/17")]
fn a_free_range_can_be_used(#[case] range: &str) {
    let mut cloud = Cloud::new();
    made(&mut cloud, &json!({ "CidrBlock": range }));
    let again = changed(&subnet(), &json!({ "CidrBlock": range }));
    let refusal = cloud.refused("CreateSubnet", &again);
    assert!(refusal.starts_with("InvalidParameterValue.SubnetConflict: "), "{refusal}");
}

#[test]
fn a_subnet_can_fill_its_vpc() {
    let mut cloud = Cloud::new();
    let vpc = json!({ "VpcName": "tiny", "CidrBlock": "10.9.0.0/28", "EcmRegion": HANGZHOU });
    let vpc = cloud.ok("CreateVpc", &vpc)["Vpc"]["VpcId"].take();
    let id = made(&mut cloud, &json!({ "VpcId": vpc, "CidrBlock": "10.9.0.0/28" }));
    assert_eq!(cloud.subnet(id.as_str().unwrap())["AvailableIpAddressCount"], 13);
}

#[test]
fn the_range_of_a_deleted_subnet_is_free() {
    let mut cloud = Cloud::new();
    for _ in 0..2 {
        let id = made(&mut cloud, &json!({}));
        delete(&mut cloud, &id);
    }
}

#[test]
fn the_subnets_of_a_vpc_are_limited_by_its_quota() {
    let mut cloud = Cloud::with_quotas(Quotas { subnets_per_vpc: 2, ..Quotas::default() });
    insta::assert_snapshot!(cloud.refused("CreateSubnet", &subnet()), @"LimitExceeded: The quota limit is exceeded. (VPC `vpc-00000001` has 2 subnets; its quota is 2)");
    made(&mut cloud, &json!({ "VpcId": "vpc-00000002", "CidrBlock": "172.16.1.0/24" }));
}

/// A /24 has 256 addresses, minus three reserved ones. The fixture uses five.
#[test]
fn the_available_addresses_are_counted() {
    let mut cloud = Cloud::new();
    let available = |cloud: &mut Cloud| {
        cloud.subnet("subnet-00000001")["AvailableIpAddressCount"].as_u64().unwrap()
    };
    assert_eq!(available(&mut cloud), 248);
    let home = json!({ "VpcId": "vpc-00000001", "SubnetId": "subnet-00000001" });
    let ha_vip = cloud.ok("CreateHaVip", &changed(&home, &json!({ "HaVipName": "demo" })));
    assert_eq!(available(&mut cloud), 247);
    let interface = json!({
        "NetworkInterfaceName": "demo", "EcmRegion": HANGZHOU, "SecondaryPrivateIpAddressCount": 2,
    });
    let interface = cloud.ok("CreateNetworkInterface", &changed(&home, &interface));
    assert_eq!(available(&mut cloud), 244);
    let id = &interface["NetworkInterface"]["NetworkInterfaceId"];
    let id = json!({ "NetworkInterfaceId": id, "EcmRegion": HANGZHOU });
    cloud.ok("DeleteNetworkInterface", &id);
    cloud.ok("DeleteHaVip", &json!({ "HaVipId": ha_vip["HaVip"]["HaVipId"] }));
    assert_eq!(available(&mut cloud), 248);
    assert_eq!(cloud.subnet("subnet-00000001")["InstanceCount"], 4);
}

#[test]
fn only_the_given_attributes_are_modified() {
    let mut cloud = Cloud::new();
    let subnet = json!({ "SubnetId": "subnet-00000001", "EcmRegion": HANGZHOU });
    let before = cloud.subnet("subnet-00000001");
    assert_eq!(cloud.ok("ModifySubnetAttribute", &subnet), json!({}));
    assert_eq!(cloud.subnet("subnet-00000001"), before);
    let params = json!({
        "SubnetName": "new",
        "EnableBroadcast": "TRUE",
        "Tags": [{ "Key": "env", "Value": "prod" }],
    });
    cloud.ok("ModifySubnetAttribute", &changed(&subnet, &params));
    let shown = json!({
        "SubnetName": "new",
        "EnableBroadcast": true,
        "TagSet": [{ "Key": "env", "Value": "prod" }],
    });
    assert_eq!(cloud.subnet("subnet-00000001"), changed(&before, &shown));
    let blank = json!({ "SubnetName": "", "EnableBroadcast": "", "Tags": [] });
    cloud.ok("ModifySubnetAttribute", &changed(&subnet, &blank));
    let shown = json!({ "SubnetName": "new", "EnableBroadcast": true });
    assert_eq!(cloud.subnet("subnet-00000001"), changed(&before, &shown));
}

#[test]
fn an_invalid_modification_is_rejected() {
    let mut cloud = Cloud::new();
    let subnet = json!({ "SubnetId": "subnet-00000001", "EcmRegion": HANGZHOU });
    insta::assert_snapshot!(cloud.refusals("ModifySubnetAttribute", &subnet, [
        ("no id", json!({ "SubnetId": null })),
        ("a malformed id", json!({ "SubnetId": "vpc-00000001" })),
        ("an unknown id", json!({ "SubnetId": "subnet-zzzzzzzz" })),
        ("a subnet of another region", json!({ "EcmRegion": XIAN })),
        ("an unknown region", json!({ "EcmRegion": "ap-xian-ecm-1" })),
        ("a name of 61 bytes", json!({ "SubnetName": "n".repeat(61) })),
        ("broadcast that is not a boolean", json!({ "EnableBroadcast": "on" })),
        ("a tag without a key", json!({ "Tags": [{ "Key": "", "Value": "" }] })),
    ]), @r#"
    no id
        MissingParameter: The request is missing a required parameter `SubnetId`.
    a malformed id
        InvalidParameterValue.Malformed: The input parameter format is invalid. (SubnetId: `vpc-00000001` must be `subnet-` followed by 8 characters from 0-9 and a-z)
    an unknown id
        ResourceNotFound: The resource does not exist. (subnet `subnet-zzzzzzzz`)
    a subnet of another region
        ResourceNotFound: The resource does not exist. (subnet `subnet-00000001` is not in region `ap-xian-ecm`)
    an unknown region
        InvalidParameterValue.InvalidRegion: The ECM region is invalid. (EcmRegion: unknown region `ap-xian-ecm-1`; did you mean `ap-xian-ecm`?)
    a name of 61 bytes
        InvalidParameterValue.TooLong: The parameter value is too long. (SubnetName has 61 bytes; at most 60 are allowed)
    broadcast that is not a boolean
        InvalidParameterValue: The parameter value is incorrect. (EnableBroadcast: `on` is neither true nor false)
    a tag without a key
        InvalidParameterValue: The parameter value is incorrect. (Tags: a tag has an empty key)
    "#);
}

#[test]
fn an_invalid_deletion_is_rejected() {
    let mut cloud = Cloud::new();
    let subnet = json!({ "SubnetId": "subnet-00000001", "EcmRegion": HANGZHOU });
    insta::assert_snapshot!(cloud.refusals("DeleteSubnet", &subnet, [
        ("no id", json!({ "SubnetId": null })),
        ("a malformed id", json!({ "SubnetId": "subnet-1" })),
        ("an unknown id", json!({ "SubnetId": "subnet-zzzzzzzz" })),
        ("a subnet of another region", json!({ "EcmRegion": XIAN })),
        ("an unknown region", json!({ "EcmRegion": "xian" })),
        ("addresses in use", json!({})),
        ("one address in use", json!({ "SubnetId": "subnet-00000002" })),
    ]), @r#"
    no id
        MissingParameter: The request is missing a required parameter `SubnetId`.
    a malformed id
        InvalidParameterValue.Malformed: The input parameter format is invalid. (SubnetId: `subnet-1` must be `subnet-` followed by 8 characters from 0-9 and a-z)
    an unknown id
        ResourceNotFound: The resource does not exist. (subnet `subnet-zzzzzzzz`)
    a subnet of another region
        ResourceNotFound: The resource does not exist. (subnet `subnet-00000001` is not in region `ap-xian-ecm`)
    an unknown region
        InvalidParameterValue.InvalidRegion: The ECM region is invalid. (EcmRegion: unknown region `xian`; did you mean `ap-xian-ecm`?)
    addresses in use
        ResourceInUse: The resource is in use. (subnet `subnet-00000001` has 5 addresses in use)
    one address in use
        ResourceInUse: The resource is in use. (subnet `subnet-00000002` has 1 address in use)
    "#);
}

#[test]
fn a_subnet_whose_last_address_is_free_is_deleted() {
    let mut cloud = Cloud::new();
    let interface = json!({ "NetworkInterfaceId": "eni-0subnet2", "EcmRegion": HANGZHOU });
    cloud.ok("DeleteNetworkInterface", &interface);
    delete(&mut cloud, &json!("subnet-00000002"));
}

#[test]
fn a_subnet_with_an_instance_that_has_no_address_is_not_deleted() {
    let mut cloud = Cloud::new();
    let interface = json!({ "NetworkInterfaceId": "eni-0000vpc2", "EcmRegion": HANGZHOU });
    cloud.ok("DeleteNetworkInterface", &interface);
    let subnet = json!({ "SubnetId": "subnet-00000003", "EcmRegion": HANGZHOU });
    insta::assert_snapshot!(cloud.refused("DeleteSubnet", &subnet), @"ResourceInUse: The resource is in use. (subnet `subnet-00000003` has 1 instance)");
}

fn default_subnet(cloud: &mut Cloud) -> Value {
    let zone = json!({ "EcmRegion": HANGZHOU, "Zone": ZONE });
    cloud.ok("DescribeDefaultSubnet", &zone)["Subnet"]["SubnetId"].take()
}

#[test]
fn a_new_subnet_becomes_the_default_one_of_its_zone() {
    let mut cloud = Cloud::new();
    assert_eq!(default_subnet(&mut cloud), "subnet-00000003");
    let id = made(&mut cloud, &json!({}));
    assert_eq!(default_subnet(&mut cloud), id);
    let zone = json!({ "EcmRegion": HANGZHOU, "Zone": ZONE });
    let shown = cloud.ok("DescribeDefaultSubnet", &zone);
    assert_eq!(shown, json!({ "Subnet": cloud.subnet(id.as_str().unwrap()) }));
}

#[test]
fn the_default_subnet_can_be_changed() {
    let mut cloud = Cloud::new();
    let params = json!({
        "EcmRegion": HANGZHOU, "Zone": ZONE, "VpcId": "vpc-00000001", "SubnetId": "subnet-00000002",
    });
    assert_eq!(cloud.ok("ModifyDefaultSubnet", &params), json!({}));
    assert_eq!(default_subnet(&mut cloud), "subnet-00000002");
    insta::assert_snapshot!(cloud.refusals("ModifyDefaultSubnet", &params, [
        ("an unknown region", json!({ "EcmRegion": "nowhere" })),
        ("an unknown zone", json!({ "Zone": "nowhere-1" })),
        ("a zone of another region", json!({ "Zone": "ap-xian-ecm-1" })),
        ("a malformed VPC", json!({ "VpcId": "x" })),
        ("an unknown VPC", json!({ "VpcId": "vpc-zzzzzzzz" })),
        ("a VPC of another region", json!({ "VpcId": "vpc-0000xian" })),
        ("a malformed subnet", json!({ "SubnetId": "x" })),
        ("an unknown subnet", json!({ "SubnetId": "subnet-zzzzzzzz" })),
        ("a subnet of another VPC", json!({ "SubnetId": "subnet-00000003" })),
        ("no VPC", json!({ "VpcId": null })),
        ("no subnet", json!({ "SubnetId": null })),
    ]), @r#"
    an unknown region
        InvalidParameterValue.InvalidRegion: The ECM region is invalid. (EcmRegion: unknown region `nowhere`)
    an unknown zone
        InvalidParameterValue.InvalidRegion: The ECM region is invalid. (Zone: unknown zone `nowhere-1`)
    a zone of another region
        InvalidParameterValue.InvalidRegion: The ECM region is invalid. (zone `ap-xian-ecm-1` is not in region `ap-hangzhou-ecm`)
    a malformed VPC
        InvalidParameterValue.Malformed: The input parameter format is invalid. (VpcId: `x` must be `vpc-` followed by 8 characters from 0-9 and a-z)
    an unknown VPC
        ResourceNotFound: The resource does not exist. (VPC `vpc-zzzzzzzz`)
    a VPC of another region
        ResourceNotFound: The resource does not exist. (VPC `vpc-0000xian` is not in region `ap-hangzhou-ecm`)
    a malformed subnet
        InvalidParameterValue.Malformed: The input parameter format is invalid. (SubnetId: `x` must be `subnet-` followed by 8 characters from 0-9 and a-z)
    an unknown subnet
        ResourceNotFound: The resource does not exist. (subnet `subnet-zzzzzzzz`)
    a subnet of another VPC
        ResourceNotFound: The resource does not exist. (subnet `subnet-00000003` is not in VPC `vpc-00000001`)
    no VPC
        MissingParameter: The request is missing a required parameter `VpcId`.
    no subnet
        MissingParameter: The request is missing a required parameter `SubnetId`.
    "#);
    assert_eq!(default_subnet(&mut cloud), "subnet-00000002");
}

#[test]
fn an_invalid_default_subnet_is_rejected() {
    let mut cloud = Cloud::new();
    let zone = json!({ "EcmRegion": HANGZHOU, "Zone": ZONE });
    insta::assert_snapshot!(cloud.refusals("DescribeDefaultSubnet", &zone, [
        ("no region", json!({ "EcmRegion": null })),
        ("an unknown region", json!({ "EcmRegion": "ap-hangzhou-ecm-1" })),
        ("no zone", json!({ "Zone": null })),
        ("an unknown zone", json!({ "Zone": "ap-hangzhou-ecm-9" })),
        ("a zone of another region", json!({ "Zone": "ap-xian-ecm-1" })),
        ("a zone without subnets", json!({ "EcmRegion": "ap-wuhan-ecm", "Zone": "ap-wuhan-ecm-1" })),
    ]), @r#"
    no region
        MissingParameter: The request is missing a required parameter `EcmRegion`.
    an unknown region
        InvalidParameterValue.InvalidRegion: The ECM region is invalid. (EcmRegion: unknown region `ap-hangzhou-ecm-1`; did you mean `ap-hangzhou-ecm`?)
    no zone
        MissingParameter: The request is missing a required parameter `Zone`.
    an unknown zone
        InvalidParameterValue.InvalidZone: The zone is invalid. (Zone: unknown zone `ap-hangzhou-ecm-9`; did you mean `ap-hangzhou-ecm-1`?)
    a zone of another region
        InvalidParameterValue.InvalidZone: The zone is invalid. (zone `ap-xian-ecm-1` is not in region `ap-hangzhou-ecm`)
    a zone without subnets
        InvalidParameterValue.InvalidZone: The zone is invalid. (zone `ap-wuhan-ecm-1` has no default subnet)
    "#);
}

/// The vendor documents this, instead of the previously created subnet.
#[test]
fn the_vendor_created_subnet_replaces_a_deleted_default_one() {
    let mut fixture: Value = serde_json::from_str(CLOUD).unwrap();
    fixture["SubnetSet"][1]["IsDefault"] = json!(true);
    let mut cloud = Cloud::of(&fixture.to_string(), crate::ecm::store::Settings::default());
    let first = made(&mut cloud, &json!({}));
    let second = made(&mut cloud, &json!({ "CidrBlock": "10.0.4.0/24" }));
    delete(&mut cloud, &second);
    assert_eq!(default_subnet(&mut cloud), "subnet-00000002");
    delete(&mut cloud, &first);
    let interface = json!({ "NetworkInterfaceId": "eni-0subnet2", "EcmRegion": HANGZHOU });
    cloud.ok("DeleteNetworkInterface", &interface);
    let vendors = json!({ "SubnetId": "subnet-00000002", "EcmRegion": HANGZHOU });
    insta::assert_snapshot!(cloud.refused("DeleteSubnet", &vendors), @"FailedOperation.OperationNotAllow: The current operation is not allowed. (subnet `subnet-00000002` was created by the vendor and cannot be deleted)");
}

#[test]
fn a_zone_without_a_vendor_created_subnet_can_lack_a_default_one() {
    let mut cloud = Cloud::new();
    let id = made(&mut cloud, &json!({}));
    delete(&mut cloud, &id);
    let zone = json!({ "EcmRegion": HANGZHOU, "Zone": ZONE });
    insta::assert_snapshot!(cloud.refused("DescribeDefaultSubnet", &zone), @"InvalidParameterValue.InvalidZone: The zone is invalid. (zone `ap-hangzhou-ecm-1` has no default subnet)");
}

#[test]
fn an_invalid_ipv6_range_is_rejected() {
    let mut cloud = Cloud::new();
    let ranges =
        ["2409:8c30:141:12::", "2409:8c30:141:12::/129", "10.0.0.0/24", "::g/64", " ::/64"];
    let changes = ranges.map(|range| (range, json!({ "IPv6CidrBlock": range })));
    insta::assert_snapshot!(cloud.refusals("CreateSubnet", &subnet(), changes), @r#"
    2409:8c30:141:12::
        InvalidParameterValue.Malformed: The input parameter format is invalid. (IPv6CidrBlock: `2409:8c30:141:12::` must be an IPv6 range such as 2409:8c30:141:12::/64)
    2409:8c30:141:12::/129
        InvalidParameterValue.Malformed: The input parameter format is invalid. (IPv6CidrBlock: `2409:8c30:141:12::/129` must be an IPv6 range such as 2409:8c30:141:12::/64)
    10.0.0.0/24
        InvalidParameterValue.Malformed: The input parameter format is invalid. (IPv6CidrBlock: `10.0.0.0/24` must be an IPv6 range such as 2409:8c30:141:12::/64)
    ::g/64
        InvalidParameterValue.Malformed: The input parameter format is invalid. (IPv6CidrBlock: `::g/64` must be an IPv6 range such as 2409:8c30:141:12::/64)
     ::/64
        InvalidParameterValue.Malformed: The input parameter format is invalid. (IPv6CidrBlock: ` ::/64` must be an IPv6 range such as 2409:8c30:141:12::/64)
    "#);
    let blank = changed(&subnet(), &json!({ "IPv6CidrBlock": "" }));
    assert_eq!(cloud.ok("CreateSubnet", &blank)["Subnet"]["Ipv6CidrBlock"], "");
}
