//! Pages and their order.

use std::{collections::BTreeSet, net::Ipv4Addr};

use crate::ecm::store::Settings;
use rstest::rstest;
use serde_json::{Value, json};

use super::{Codes, FAMILIES, Family, filter, filters, varied};
use crate::tests::cloud::{Cloud, changed};

const COUNT: usize = 250;

/// 250 resources of every kind.
fn crowd() -> Cloud {
    let vpc = |number: usize| json!({ "VpcId": format!("vpc-{number:08}"), "CidrBlock": "10.0.0.0/16", "VpcName": "x" });
    let subnet = |number: usize| {
        let net = Ipv4Addr::from_bits(0x0a00_0000 + 256 * u32::try_from(number).unwrap());
        json!({
            "SubnetId": format!("subnet-{number:08}"), "VpcId": "vpc-00000000",
            "CidrBlock": format!("{net}/24"), "SubnetName": "x",
        })
    };
    let home = json!({ "VpcId": "vpc-00000000", "SubnetId": "subnet-00000000" });
    let in_subnet = |prefix: &str, id: &str, number: usize, more: Value| {
        let own = json!({ id: format!("{prefix}{number:08}") });
        changed(&changed(&home, &own), &more)
    };
    // Each has its own subnet, because a single subnet is too small for all.
    let at = |number: usize| json!({ "SubnetId": format!("subnet-{number:08}") });
    let all = |one: &dyn Fn(usize) -> Value| (0..COUNT).map(one).collect::<Vec<Value>>();
    let fixture = json!({
        "VpcSet": all(&vpc),
        "SubnetSet": all(&subnet),
        "InstanceSet": all(&|number| json!({
            "InstanceId": format!("ein-{number:08}"), "VirtualPrivateCloud": home,
        })),
        "NetworkInterfaceSet": all(&|number| in_subnet("eni-", "NetworkInterfaceId", number, at(number))),
        "HaVipSet": all(&|number| in_subnet("havip-", "HaVipId", number, at(number))),
        "AddressSet": all(&|number| json!({ "AddressId": format!("eip-{number:08}") })),
    });
    Cloud::of(&fixture.to_string(), Settings::default())
}

fn id(family: &Family, number: usize) -> String {
    format!("{}{number:08}", family.prefix)
}

fn ids(family: &Family, numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(|number| id(family, number)).collect()
}

/// Maximum number of resources on a page.
const LIMIT_MAX: i64 = 100;

#[test]
fn a_walk_by_pages_sees_each_resource_once_and_in_order() {
    let mut cloud = crowd();
    for family in &FAMILIES {
        let mut seen = Vec::new();
        while seen.len() < COUNT {
            let page = family
                .page(&[("Offset", i64::try_from(seen.len()).unwrap()), ("Limit", LIMIT_MAX)]);
            let (total, page) = family.find(&mut cloud, &page);
            assert_eq!(total, COUNT as u64);
            assert!(!page.is_empty() && page.len() <= usize::try_from(LIMIT_MAX).unwrap());
            seen.extend(page);
        }
        assert_eq!(seen, ids(family, 0..COUNT), "{}", family.action);
    }
}

#[test]
fn a_walk_continues_while_resources_are_created_and_deleted() {
    let mut cloud = crowd();
    let first = cloud.ok("DescribeHaVips", &json!({ "Limit": 100 }));
    assert_eq!(first["HaVipSet"].as_array().unwrap().len(), 100);
    cloud.ok("DeleteHaVip", &json!({ "HaVipId": "havip-00000200" }));
    let second = cloud.ok("DescribeHaVips", &json!({ "Limit": 100, "Offset": 100 }));
    let set: BTreeSet<&str> = second["HaVipSet"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["HaVipId"].as_str().unwrap())
        .collect();
    assert_eq!(second["TotalCount"], 249);
    assert!(set.contains("havip-00000100") && set.contains("havip-00000199"));
}

#[test]
fn a_page_has_twenty_resources_by_default() {
    let mut cloud = crowd();
    for family in &FAMILIES {
        assert_eq!(family.find(&mut cloud, &json!({})), (250, ids(family, 0..20)));
        let from = family.page(&[("Offset", 245)]);
        assert_eq!(family.find(&mut cloud, &from), (250, ids(family, 245..250)));
        for offset in [250, i64::MAX] {
            let past = family.page(&[("Offset", offset)]);
            assert_eq!(family.find(&mut cloud, &past), (250, vec![]), "{}", family.action);
        }
    }
}

#[test]
fn the_total_counts_all_pages() {
    let mut cloud = crowd();
    for family in &FAMILIES {
        let asked: Vec<String> = ids(family, 10..15);
        let values: Vec<&str> = asked.iter().map(String::as_str).collect();
        let page = family.page(&[("Offset", 1), ("Limit", 2)]);
        let filtered = changed(&filters(&[filter(family.id_filter, &values)]), &page);
        assert_eq!(family.find(&mut cloud, &filtered), (5, asked[1..3].to_vec()));
        if !family.ids.is_empty() {
            let named = changed(&json!({ family.ids: asked }), &page);
            assert_eq!(family.find(&mut cloud, &named), (5, asked[1..3].to_vec()));
        }
    }
}

#[test]
fn a_page_out_of_bounds_is_rejected() {
    for family in &FAMILIES {
        for limit in [0, 101, i64::MAX] {
            let fact = format!("Limit is {limit}; must be 1 to 100");
            let page = family.page(&[("Limit", limit)]);
            let Codes { page_too_small, page_too_large, .. } = family.codes;
            let code = if limit == 0 { page_too_small } else { page_too_large };
            family.refused(&mut varied(), &page, code, &fact);
        }
    }
}

/// Only a signed number reaches the action.
#[test]
fn a_negative_page_is_rejected() {
    for family in &FAMILIES {
        for (name, rule) in [("Offset", "must be 0 or more"), ("Limit", "must be 1 to 100")] {
            let page = family.page(&[(name, -1)]);
            if matches!(
                family.action,
                "DescribeVpcs" | "DescribeNetworkInterfaces" | "DescribeAddresses"
            ) {
                let refusal = varied().refused(family.action, &family.with(&page));
                let expected = format!(
                    "InvalidParameter: The value type of parameter `{name}` is not valid, \
                     input type should be `uint64`"
                );
                assert_eq!(refusal, expected, "{}", family.action);
            } else {
                let fact = format!("{name} is -1; {rule}");
                family.refused(&mut varied(), &page, family.codes.page_too_small, &fact);
            }
        }
    }
}

#[test]
fn the_page_of_subnets_is_a_string() {
    let mut cloud = varied();
    let all = FAMILIES[2].find(&mut cloud, &json!({}));
    let blank = json!({ "Offset": "", "Limit": "" });
    assert_eq!(FAMILIES[2].find(&mut cloud, &blank), all);
    let far = json!({ "Offset": "9".repeat(30) });
    assert_eq!(cloud.ok("DescribeSubnets", &far)["SubnetSet"], json!([]));
    insta::assert_snapshot!(cloud.refusals("DescribeSubnets", &json!({}), [
        ("a number for a limit", json!({ "Limit": 20 })),
        ("a number for an offset", json!({ "Offset": 0 })),
        ("a word", json!({ "Limit": "twenty" })),
        ("a fraction", json!({ "Offset": "1.5" })),
        ("a space", json!({ "Offset": " 1" })),
        ("far too much", json!({ "Limit": "9".repeat(50) })),
    ]), @r#"
    a number for a limit
        InvalidParameter: The value type of parameter `Limit` is not valid, input type should be `string`
    a number for an offset
        InvalidParameter: The value type of parameter `Offset` is not valid, input type should be `string`
    a word
        InvalidParameterValue.Range: The parameter value is not in the specified range. (Limit is `twenty`; must be a number from 1 to 100)
    a fraction
        InvalidParameterValue.Range: The parameter value is not in the specified range. (Offset is `1.5`; must be a number of up to 38 digits)
    a space
        InvalidParameterValue.Range: The parameter value is not in the specified range. (Offset is ` 1`; must be a number of up to 38 digits)
    far too much
        InvalidParameterValue.Range: The parameter value is not in the specified range. (Limit is `99999999999999999999999999999999999999999999999999`; must be a number from 1 to 100)
    "#);
}

#[test]
fn the_page_of_other_resources_is_a_number() {
    for family in FAMILIES.iter().filter(|it| it.action != "DescribeSubnets") {
        for name in ["Offset", "Limit"] {
            let refusal = varied().refused(family.action, &family.with(&json!({ name: "1" })));
            let expected =
                format!("InvalidParameter: The value type of parameter `{name}` is not valid");
            assert!(refusal.starts_with(&expected), "{}: {refusal}", family.action);
        }
    }
}

#[rstest]
#[case::vpcs(1)]
#[case::subnets(2)]
fn the_newest_comes_first_if_sorted_by_time(#[case] family: usize) {
    let family = &FAMILIES[family];
    let mut cloud = crowd();
    let newest =
        |from: usize, to: usize| ids(family, to..from).into_iter().rev().collect::<Vec<_>>();
    let by_time = json!({ "Sort": "time" });
    assert_eq!(family.find(&mut cloud, &by_time), (250, newest(250, 230)));
    let page = changed(&by_time, &family.page(&[("Offset", 245), ("Limit", 100)]));
    assert_eq!(family.find(&mut cloud, &page), (250, newest(5, 0)));
    for sort in ["", "default"] {
        assert_eq!(family.find(&mut cloud, &json!({ "Sort": sort })), (250, ids(family, 0..20)));
    }
    let refusal = cloud.refused(family.action, &json!({ "Sort": "name" }));
    assert_eq!(
        refusal,
        "InvalidParameterValue: The parameter value is incorrect. \
         (Sort: `name` is neither time nor default)"
    );
}

/// The order depends neither on creation times nor on IDs.
#[test]
fn resources_of_a_fixture_keep_its_order() {
    let vpc = |id: &str, time: &str| json!({ "VpcId": id, "CidrBlock": "10.0.0.0/16", "CreatedTime": time });
    let fixture = json!({ "VpcSet": [
        vpc("vpc-00000002", ""),
        vpc("vpc-00000003", "2026-01-02 00:00:00"),
        vpc("vpc-00000001", "2026-01-01 00:00:00"),
        vpc("vpc-00000004", "2026-01-02 00:00:00"),
    ] });
    let mut cloud = Cloud::of(&fixture.to_string(), Settings::default());
    let (_, found) = FAMILIES[1].find(&mut cloud, &json!({}));
    assert_eq!(found, ["vpc-00000002", "vpc-00000003", "vpc-00000001", "vpc-00000004"]);
    // Resources with the same time are in reverse order, like all resources in this order.
    let (_, found) = FAMILIES[1].find(&mut cloud, &json!({ "Sort": "time" }));
    assert_eq!(found, ["vpc-00000002", "vpc-00000004", "vpc-00000003", "vpc-00000001"]);
}

/// Instances are in the order of their times, or in reverse.
#[test]
fn instances_of_a_fixture_are_ordered_by_time() {
    let home = json!({ "VpcId": "vpc-00000001", "SubnetId": "subnet-00000001" });
    let instance = |id: &str, time: &str| json!({ "InstanceId": id, "CreateTime": time, "VirtualPrivateCloud": home });
    let fixture = json!({
        "VpcSet": [{ "VpcId": "vpc-00000001", "CidrBlock": "10.0.0.0/16" }],
        "SubnetSet": [{
            "SubnetId": "subnet-00000001", "VpcId": "vpc-00000001", "CidrBlock": "10.0.1.0/24",
        }],
        "InstanceSet": [
            instance("ein-00000001", ""),
            instance("ein-00000002", "2026-01-02 00:00:00"),
            instance("ein-00000003", "2026-01-01 00:00:00"),
        ],
    });
    let mut cloud = Cloud::of(&fixture.to_string(), Settings::default());
    let oldest_first = ["ein-00000003", "ein-00000002", "ein-00000001"];
    assert_eq!(FAMILIES[5].find(&mut cloud, &json!({})).1, oldest_first);
}
