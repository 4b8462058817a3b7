//! `CreateVpc`, `DeleteVpc`, `ModifyVpcAttribute`, and the fields of a VPC in `DescribeVpcs`.

use crate::ecm::store::Quotas;
use rstest::rstest;
use serde_json::{Value, json};

use crate::tests::cloud::{Cloud, HANGZHOU, XIAN, changed};

fn vpc() -> Value {
    json!({ "VpcName": "demo", "CidrBlock": "10.9.0.0/16", "EcmRegion": HANGZHOU })
}

#[test]
fn a_vpc_has_all_given_attributes() {
    let mut cloud = Cloud::new();
    let params = json!({
        "EnableMulticast": "true",
        "DnsServers": ["8.8.8.8", "2001:4860:4860::8888"],
        "DomainName": "example.com",
        "Tags": [{ "Key": "city", "Value": "hangzhou" }],
        "Description": "vpc描述",
        "ISPTypes": [{ "ISPType": "CMCC", "Count": 1 }],
    });
    let mut response = cloud.ok("CreateVpc", &changed(&vpc(), &params));
    insta::assert_json_snapshot!(response, @r#"
    {
      "Vpc": {
        "AssistantCidrSet": [],
        "CidrBlock": "10.9.0.0/16",
        "CreatedTime": "2026-11-22 12:00:00",
        "Description": "vpc描述",
        "DhcpOptionsId": "",
        "DnsServerSet": [
          "8.8.8.8",
          "2001:4860:4860::8888"
        ],
        "DomainName": "example.com",
        "EnableDhcp": true,
        "EnableMulticast": true,
        "InstanceCount": 0,
        "Ipv6CidrBlock": "",
        "Ipv6CidrBlockSet": [],
        "Ipv6ISP": "",
        "IsDefault": false,
        "Region": "ap-hangzhou-ecm",
        "RegionName": "杭州一区",
        "SubnetCount": 0,
        "TagSet": [
          {
            "Key": "city",
            "Value": "hangzhou"
          }
        ],
        "VpcId": "vpc-9qfs5ivn",
        "VpcName": "demo"
      }
    }
    "#);
    let id = response["Vpc"]["VpcId"].as_str().unwrap().to_owned();
    assert_eq!(cloud.vpc(&id), response["Vpc"].take());
}

#[test]
fn a_vpc_has_defaults() {
    let mut cloud = Cloud::new();
    insta::assert_json_snapshot!(cloud.ok("CreateVpc", &vpc()), @r#"
    {
      "Vpc": {
        "AssistantCidrSet": [],
        "CidrBlock": "10.9.0.0/16",
        "CreatedTime": "2026-11-22 12:00:00",
        "Description": "",
        "DhcpOptionsId": "",
        "DnsServerSet": [],
        "DomainName": "",
        "EnableDhcp": true,
        "EnableMulticast": false,
        "InstanceCount": 0,
        "Ipv6CidrBlock": "",
        "Ipv6CidrBlockSet": [],
        "Ipv6ISP": "",
        "IsDefault": false,
        "Region": "ap-hangzhou-ecm",
        "RegionName": "杭州一区",
        "SubnetCount": 0,
        "TagSet": [],
        "VpcId": "vpc-9qfs5ivn",
        "VpcName": "demo"
      }
    }
    "#);
}

#[test]
fn an_invalid_vpc_is_rejected() {
    let mut cloud = Cloud::new();
    let keyless = json!([{ "Key": "", "Value": "x" }]);
    let many: Vec<Value> =
        (0..51).map(|it| json!({ "Key": it.to_string(), "Value": "" })).collect();
    insta::assert_snapshot!(cloud.refusals("CreateVpc", &vpc(), [
        ("no name", json!({ "VpcName": null })),
        ("an empty name", json!({ "VpcName": "" })),
        ("a name of 61 bytes", json!({ "VpcName": "n".repeat(61) })),
        ("a name of 21 characters and 63 bytes", json!({ "VpcName": "名".repeat(21) })),
        ("no region", json!({ "EcmRegion": null })),
        ("an empty region", json!({ "EcmRegion": "" })),
        ("a misspelt region", json!({ "EcmRegion": "ap-hangzou-ecm" })),
        ("a region of another product", json!({ "EcmRegion": "eu-frankfurt" })),
        ("a zone for a region", json!({ "EcmRegion": "ap-hangzhou-ecm-1" })),
        ("five DNS servers", json!({ "DnsServers": vec!["1.1.1.1"; 5] })),
        ("a DNS server that is a name", json!({ "DnsServers": ["1.1.1.1", "dns.example"] })),
        ("multicast that is not a boolean", json!({ "EnableMulticast": "yes" })),
        ("multicast that is not a text", json!({ "EnableMulticast": true })),
        ("a tag without a key", json!({ "Tags": keyless })),
        ("a tag without a value", json!({ "Tags": [{ "Key": "city" }] })),
        ("fifty-one tags", json!({ "Tags": many })),
        ("a parameter of another action", json!({ "VpcId": "vpc-00000001" })),
    ]), @r#"
    no name
        MissingParameter: The request is missing a required parameter `VpcName`.
    an empty name
        InvalidParameterValue: The parameter value is incorrect. (VpcName is empty)
    a name of 61 bytes
        InvalidParameterValue.TooLong: The parameter value is too long. (VpcName has 61 bytes; at most 60 are allowed)
    a name of 21 characters and 63 bytes
        InvalidParameterValue.TooLong: The parameter value is too long. (VpcName has 63 bytes; at most 60 are allowed)
    no region
        MissingParameter: The request is missing a required parameter `EcmRegion`.
    an empty region
        InvalidParameterValue.InvalidRegion: The ECM region is invalid. (EcmRegion: is empty)
    a misspelt region
        InvalidParameterValue.InvalidRegion: The ECM region is invalid. (EcmRegion: unknown region `ap-hangzou-ecm`; did you mean `ap-hangzhou-ecm`?)
    a region of another product
        InvalidParameterValue.InvalidRegion: The ECM region is invalid. (EcmRegion: unknown region `eu-frankfurt`)
    a zone for a region
        InvalidParameterValue.InvalidRegion: The ECM region is invalid. (EcmRegion: unknown region `ap-hangzhou-ecm-1`; did you mean `ap-hangzhou-ecm`?)
    five DNS servers
        InvalidParameterValue.LimitExceeded: The parameter value exceeds the limit. (DnsServers has 5 items; at most 4 are allowed)
    a DNS server that is a name
        InvalidParameterValue.Malformed: The input parameter format is invalid. (DnsServers.1: `dns.example` must be an IP address such as 10.0.0.2)
    multicast that is not a boolean
        InvalidParameterValue: The parameter value is incorrect. (EnableMulticast: `yes` is neither true nor false)
    multicast that is not a text
        InvalidParameter: The value type of parameter `EnableMulticast` is not valid, input type should be `string`
    a tag without a key
        InvalidParameterValue: The parameter value is incorrect. (Tags: a tag has an empty key)
    a tag without a value
        MissingParameter: The request is missing a required parameter `Tags.0.Value`.
    fifty-one tags
        InvalidParameterValue.LimitExceeded: The parameter value exceeds the limit. (Tags has 51 items; at most 50 are allowed)
    a parameter of another action
        UnknownParameter: The parameter `VpcId` is not recognized.
    "#);
}

#[test]
fn an_invalid_range_is_rejected() {
    let mut cloud = Cloud::new();
    let ranges = [
        "",
        "10.0.0.0",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.256/24",
        "fd00::/64",
        "10.0.0.1/16",
        "10.0.0.0/15",
        "10.0.0.0/29",
        "172.15.0.0/16",
        "172.32.0.0/16",
        "192.167.0.0/16",
        "11.0.0.0/16",
        "0.0.0.0/16",
    ];
    let changes = ranges.map(|range| (range, json!({ "CidrBlock": range })));
    insta::assert_snapshot!(cloud.refusals("CreateVpc", &vpc(), changes), @r#"

        InvalidParameterValue.Malformed: The input parameter format is invalid. (CidrBlock: is empty; must be an IPv4 range such as 10.0.0.0/16)
    10.0.0.0
        InvalidParameterValue.Malformed: The input parameter format is invalid. (CidrBlock: `10.0.0.0` must be an IPv4 range such as 10.0.0.0/16)
    10.0.0.0/
        InvalidParameterValue.Malformed: The input parameter format is invalid. (CidrBlock: `10.0.0.0/` must be an IPv4 range such as 10.0.0.0/16)
    10.0.0.0/33
        InvalidParameterValue.Malformed: The input parameter format is invalid. (CidrBlock: `10.0.0.0/33` must be an IPv4 range such as 10.0.0.0/16)
    10.0.0.256/24
        InvalidParameterValue.Malformed: The input parameter format is invalid. (CidrBlock: `10.0.0.256/24` must be an IPv4 range such as 10.0.0.0/16)
    fd00::/64
        InvalidParameterValue.Malformed: The input parameter format is invalid. (CidrBlock: `fd00::/64` must be an IPv4 range such as 10.0.0.0/16)
    10.0.0.1/16
        InvalidParameterValue.Malformed: The input parameter format is invalid. (CidrBlock: `10.0.0.1/16` has host bits set; did you mean 10.0.0.0/16?)
    10.0.0.0/15
        InvalidParameterValue: The parameter value is incorrect. (CidrBlock: 10.0.0.0/15 has a mask of 15 bits; must be 16 to 28)
    10.0.0.0/29
        InvalidParameterValue: The parameter value is incorrect. (CidrBlock: 10.0.0.0/29 has a mask of 29 bits; must be 16 to 28)
    172.15.0.0/16
        InvalidParameterValue: The parameter value is incorrect. (CidrBlock: 172.15.0.0/16 must be within 10.0.0.0/8, 172.16.0.0/12, or 192.168.0.0/16)
    172.32.0.0/16
        InvalidParameterValue: The parameter value is incorrect. (CidrBlock: 172.32.0.0/16 must be within 10.0.0.0/8, 172.16.0.0/12, or 192.168.0.0/16)
    192.167.0.0/16
        InvalidParameterValue: The parameter value is incorrect. (CidrBlock: 192.167.0.0/16 must be within 10.0.0.0/8, 172.16.0.0/12, or 192.168.0.0/16)
    11.0.0.0/16
        InvalidParameterValue: The parameter value is incorrect. (CidrBlock: 11.0.0.0/16 must be within 10.0.0.0/8, 172.16.0.0/12, or 192.168.0.0/16)
    0.0.0.0/16
        InvalidParameterValue: The parameter value is incorrect. (CidrBlock: 0.0.0.0/16 must be within 10.0.0.0/8, 172.16.0.0/12, or 192.168.0.0/16)
    "#);
}

#[rstest]
#[case("10.0.0.0/16")]
#[case("10.255.255.240/28")]
#[case("172.16.0.0/16")]
#[case("172.31.255.240/28")]
#[case("192.168.0.0/16")]
#[case("192.168.64.0/18")]
fn a_private_range_of_16_to_28_bits_is_had_even_twice(#[case] range: &str) {
    let mut cloud = Cloud::new();
    for _ in 0..2 {
        let response = cloud.ok("CreateVpc", &changed(&vpc(), &json!({ "CidrBlock": range })));
        assert_eq!(response["Vpc"]["CidrBlock"], range);
    }
}

#[rstest]
#[case::ascii("n".repeat(60))]
#[case::chinese("名".repeat(20))]
#[case::one("n".to_owned())]
fn a_name_has_up_to_60_bytes(#[case] name: String) {
    let mut cloud = Cloud::new();
    let response = cloud.ok("CreateVpc", &changed(&vpc(), &json!({ "VpcName": name })));
    assert_eq!(response["Vpc"]["VpcName"], name);
}

#[test]
fn the_vpcs_of_a_region_are_limited_by_its_quota() {
    let mut cloud = Cloud::with_quotas(Quotas { vpcs_per_region: 3, ..Quotas::default() });
    cloud.ok("CreateVpc", &vpc());
    insta::assert_snapshot!(cloud.refused("CreateVpc", &vpc()), @"LimitExceeded: The quota limit is exceeded. (region `ap-hangzhou-ecm` has 3 VPCs; its quota is 3)");
    cloud.ok("CreateVpc", &changed(&vpc(), &json!({ "EcmRegion": XIAN })));
}

#[test]
fn a_deleted_vpc_no_longer_counts_toward_the_quota() {
    let mut cloud = Cloud::with_quotas(Quotas { vpcs_per_region: 3, ..Quotas::default() });
    let id = cloud.ok("CreateVpc", &vpc())["Vpc"]["VpcId"].take();
    cloud.ok("DeleteVpc", &json!({ "VpcId": id, "EcmRegion": HANGZHOU }));
    cloud.ok("CreateVpc", &vpc());
}

#[test]
fn every_region_has_vpcs() {
    let mut cloud = Cloud::new();
    for region in ["ap-beijing-ecm-ct", "ap-shenzhen-ecm-ct2", "ap-hefei-ecm", "ap-bhmini-ecm"] {
        let response = cloud.ok("CreateVpc", &changed(&vpc(), &json!({ "EcmRegion": region })));
        assert_eq!(response["Vpc"]["Region"], region);
    }
}

#[test]
fn a_vpc_counts_its_contents() {
    let mut cloud = Cloud::new();
    let vpc = cloud.vpc("vpc-00000001");
    assert_eq!((&vpc["SubnetCount"], &vpc["InstanceCount"]), (&json!(2), &json!(4)));
    let subnet = json!({
        "VpcId": "vpc-00000001", "SubnetName": "demo", "CidrBlock": "10.0.3.0/24",
        "Zone": "ap-hangzhou-ecm-1", "EcmRegion": HANGZHOU,
    });
    let id = cloud.ok("CreateSubnet", &subnet)["Subnet"]["SubnetId"].take();
    assert_eq!(cloud.vpc("vpc-00000001")["SubnetCount"], 3);
    cloud.ok("DeleteSubnet", &json!({ "SubnetId": id, "EcmRegion": HANGZHOU }));
    assert_eq!(cloud.vpc("vpc-00000001")["SubnetCount"], 2);
}

#[test]
fn only_the_given_attributes_are_modified() {
    let mut cloud = Cloud::new();
    let vpc = json!({ "VpcId": "vpc-00000001", "EcmRegion": HANGZHOU });
    let before = cloud.vpc("vpc-00000001");
    assert_eq!(cloud.ok("ModifyVpcAttribute", &vpc), json!({}));
    assert_eq!(cloud.vpc("vpc-00000001"), before);
    let changes = json!({
        "VpcName": "名".repeat(60),
        "Tags": [{ "Key": "env", "Value": "prod" }],
        "Description": "changed",
        "DnsServers": ["183.60.83.19"],
        "DomainName": "example.org",
    });
    cloud.ok("ModifyVpcAttribute", &changed(&vpc, &changes));
    let changes = json!({
        "VpcName": "名".repeat(60),
        "TagSet": [{ "Key": "env", "Value": "prod" }],
        "Description": "changed",
        "DnsServerSet": ["183.60.83.19"],
        "DomainName": "example.org",
    });
    assert_eq!(cloud.vpc("vpc-00000001"), changed(&before, &changes));
    let blank = json!({
        "VpcName": "", "Tags": [], "Description": "", "DnsServers": [], "DomainName": "",
    });
    cloud.ok("ModifyVpcAttribute", &changed(&vpc, &blank));
    let kept = json!({ "VpcName": "名".repeat(60) });
    assert_eq!(cloud.vpc("vpc-00000001"), changed(&before, &kept));
}

#[test]
fn an_invalid_modification_is_rejected() {
    let mut cloud = Cloud::new();
    let vpc = json!({ "VpcId": "vpc-00000001", "EcmRegion": HANGZHOU, "VpcName": "new" });
    insta::assert_snapshot!(cloud.refusals("ModifyVpcAttribute", &vpc, [
        ("no id", json!({ "VpcId": null })),
        ("an empty id", json!({ "VpcId": "" })),
        ("a malformed id", json!({ "VpcId": "vpc-vpc-q6cke2sv" })),
        ("an unknown id", json!({ "VpcId": "vpc-zzzzzzzz" })),
        ("a VPC of another region", json!({ "VpcId": "vpc-0000xian" })),
        ("an unknown region", json!({ "EcmRegion": "ap-atlantis-ecm" })),
        ("no region", json!({ "EcmRegion": null })),
        ("a name of 61 characters", json!({ "VpcName": "名".repeat(61) })),
        ("five DNS servers", json!({ "DnsServers": vec!["1.1.1.1"; 5] })),
        ("a tag without a key", json!({ "Tags": [{ "Key": "", "Value": "" }] })),
    ]), @r#"
    no id
        MissingParameter: The request is missing a required parameter `VpcId`.
    an empty id
        InvalidParameterValue: The parameter value is incorrect. (VpcId: is empty; must be `vpc-` followed by 8 characters from 0-9 and a-z)
    a malformed id
        InvalidParameterValue: The parameter value is incorrect. (VpcId: `vpc-vpc-q6cke2sv` must be `vpc-` followed by 8 characters from 0-9 and a-z)
    an unknown id
        ResourceNotFound: The resource does not exist. (VPC `vpc-zzzzzzzz`)
    a VPC of another region
        ResourceNotFound: The resource does not exist. (VPC `vpc-0000xian` is not in region `ap-hangzhou-ecm`)
    an unknown region
        InvalidParameterValue.InvalidRegion: The ECM region is invalid. (EcmRegion: unknown region `ap-atlantis-ecm`; did you mean `ap-xian-ecm`?)
    no region
        MissingParameter: The request is missing a required parameter `EcmRegion`.
    a name of 61 characters
        InvalidParameterValue.TooLong: The parameter value is too long. (VpcName has 61 characters; at most 60 are allowed)
    five DNS servers
        InvalidParameterValue.TooLong: The parameter value is too long. (DnsServers has 5 items; at most 4 are allowed)
    a tag without a key
        InvalidParameterValue: The parameter value is incorrect. (Tags: a tag has an empty key)
    "#);
}

#[test]
fn a_vpc_that_contains_only_subnets_is_deleted_with_them() {
    let mut cloud = Cloud::new();
    let id = cloud.ok("CreateVpc", &vpc())["Vpc"]["VpcId"].take();
    let subnet = json!({
        "VpcId": id, "SubnetName": "demo", "CidrBlock": "10.9.0.0/24",
        "Zone": "ap-hangzhou-ecm-1", "EcmRegion": HANGZHOU,
    });
    let subnet = cloud.ok("CreateSubnet", &subnet)["Subnet"]["SubnetId"].take();
    assert_eq!(cloud.ok("DeleteVpc", &json!({ "VpcId": id, "EcmRegion": HANGZHOU })), json!({}));
    assert_eq!(cloud.ok("DescribeVpcs", &json!({ "VpcIds": [id] }))["TotalCount"], 0);
    assert_eq!(cloud.ok("DescribeSubnets", &json!({ "SubnetIds": [subnet] }))["TotalCount"], 0);
}

#[test]
fn an_invalid_deletion_is_rejected() {
    let mut cloud = Cloud::new();
    let vpc = json!({ "VpcId": "vpc-00000001", "EcmRegion": HANGZHOU });
    insta::assert_snapshot!(cloud.refusals("DeleteVpc", &vpc, [
        ("no id", json!({ "VpcId": null })),
        ("an empty id", json!({ "VpcId": "" })),
        ("a malformed id", json!({ "VpcId": "vpc-1" })),
        ("an unknown id", json!({ "VpcId": "vpc-zzzzzzzz" })),
        ("a VPC of another region", json!({ "EcmRegion": XIAN })),
        ("an unknown region", json!({ "EcmRegion": "hangzhou" })),
        ("no region", json!({ "EcmRegion": null })),
        ("instances", json!({})),
    ]), @r#"
    no id
        MissingParameter: The request is missing a required parameter `VpcId`.
    an empty id
        InvalidParameterValue.Malformed: The input parameter format is invalid. (VpcId: is empty; must be `vpc-` followed by 8 characters from 0-9 and a-z)
    a malformed id
        InvalidParameterValue.Malformed: The input parameter format is invalid. (VpcId: `vpc-1` must be `vpc-` followed by 8 characters from 0-9 and a-z)
    an unknown id
        ResourceNotFound: The resource does not exist. (VPC `vpc-zzzzzzzz`)
    a VPC of another region
        ResourceNotFound: The resource does not exist. (VPC `vpc-00000001` is not in region `ap-xian-ecm`)
    an unknown region
        InvalidParameterValue.InvalidRegion: The ECM region is invalid. (EcmRegion: unknown region `hangzhou`; did you mean `ap-hangzhou-ecm`?)
    no region
        MissingParameter: The request is missing a required parameter `EcmRegion`.
    instances
        ResourceInUse: The resource is in use. (VPC `vpc-00000001` has 4 instances)
    "#);
}

/// Contents of a VPC other than subnets.
#[rstest]
#[case::network_interface(
    "CreateNetworkInterface",
    json!({ "NetworkInterfaceName": "demo", "EcmRegion": HANGZHOU }),
    "has 1 network interface"
)]
#[case::ha_vip("CreateHaVip", json!({ "HaVipName": "demo" }), "has 1 HAVIP")]
fn a_vpc_in_use_is_not_deleted(#[case] action: &str, #[case] params: Value, #[case] reason: &str) {
    let mut cloud = Cloud::new();
    let vpc_id = cloud.ok("CreateVpc", &vpc())["Vpc"]["VpcId"].take();
    let subnet = json!({
        "VpcId": vpc_id, "SubnetName": "demo", "CidrBlock": "10.9.0.0/24",
        "Zone": "ap-hangzhou-ecm-1", "EcmRegion": HANGZHOU,
    });
    let subnet_id = cloud.ok("CreateSubnet", &subnet)["Subnet"]["SubnetId"].take();
    let home = json!({ "VpcId": vpc_id, "SubnetId": subnet_id });
    cloud.ok(action, &changed(&params, &home));
    let refusal = cloud.refused("DeleteVpc", &json!({ "VpcId": vpc_id, "EcmRegion": HANGZHOU }));
    let id = vpc_id.as_str().unwrap();
    assert_eq!(refusal, format!("ResourceInUse: The resource is in use. (VPC `{id}` {reason})"));
}

/// 1,000 characters if the vendor documents no limit.
#[rstest]
#[case::created("CreateVpc", vpc())]
#[case::modified("ModifyVpcAttribute", json!({ "VpcId": "vpc-00000001", "EcmRegion": HANGZHOU }))]
fn a_string_has_up_to_1000_characters(#[case] action: &str, #[case] params: Value) {
    let mut cloud = Cloud::new();
    for name in ["Description", "DomainName"] {
        cloud.ok(action, &changed(&params, &json!({ name: "名".repeat(1000) })));
        let refusal = cloud.refused(action, &changed(&params, &json!({ name: "名".repeat(1001) })));
        let expected = format!(
            "InvalidParameterValue.TooLong: The parameter value is too long. \
             ({name} has 1001 characters; at most 1000 are allowed)"
        );
        assert_eq!(refusal, expected);
    }
}

fn tag(key: &str, value: &str) -> Value {
    json!({ "Key": key, "Value": value })
}

#[test]
fn tags_are_limited_and_need_a_key() {
    let mut cloud = Cloud::new();
    let tags: Vec<Value> =
        (100..150).map(|it| tag(&format!("{it}{}", "名".repeat(124)), &"名".repeat(255))).collect();
    cloud.ok("CreateVpc", &changed(&vpc(), &json!({ "Tags": tags })));
    let long = "k".repeat(127);
    insta::assert_snapshot!(cloud.refusals("CreateVpc", &vpc(), [
        ("a key of 128 characters", json!({ "Tags": [tag(&"k".repeat(128), "")] })),
        ("a value of 256 characters", json!({ "Tags": [tag("k", &"v".repeat(256))] })),
        ("a repeated key", json!({ "Tags": [tag("a", ""), tag("b", ""), tag("a", "other")] })),
        ("a repeated long key", json!({ "Tags": [tag(&long, ""), tag(&long, "")] })),
    ]), @r#"
    a key of 128 characters
        InvalidParameterValue: The parameter value is incorrect. (Tags: a key has more than 127 characters)
    a value of 256 characters
        InvalidParameterValue: The parameter value is incorrect. (Tags: a value has more than 255 characters)
    a repeated key
        InvalidParameterValue: The parameter value is incorrect. (Tags: two tags have the key `a`)
    a repeated long key
        InvalidParameterValue: The parameter value is incorrect. (Tags: two tags have the key `kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk...`)
    "#);
}
