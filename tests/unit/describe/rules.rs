//! Rules for every Describe action with filters.

use serde_json::{Value, json};

use super::{FAMILIES, Family, filter, filters, varied};
use crate::tests::cloud::XIAN;

/// Returns unused IDs.
fn unknown(family: &Family, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{}z{number:07}", family.prefix)).collect()
}

fn with_ids() -> impl Iterator<Item = &'static Family> {
    FAMILIES.iter().filter(|it| !it.ids.is_empty())
}

/// Returns `count` filters.
fn many(family: &Family, count: usize) -> Value {
    filters(&vec![filter(family.id_filter, &["x"]); count])
}

#[test]
fn ids_find_existing_resources_once_and_in_creation_order() {
    for family in with_ids() {
        let mut cloud = varied();
        let (_, all) = family.find(&mut cloud, &json!({}));
        let (first, second) = (&all[0], &all[1]);
        let nothing = unknown(family, 1).remove(0);
        let ids = json!({ family.ids: [second, nothing, first, second] });
        assert_eq!(family.find(&mut cloud, &ids), (2, all[..2].to_vec()), "{}", family.action);
    }
}

#[test]
fn unknown_ids_find_nothing() {
    for family in with_ids() {
        let ids = json!({ family.ids: unknown(family, 100) });
        assert_eq!(family.find(&mut varied(), &ids), (0, vec![]), "{}", family.action);
    }
}

#[test]
fn empty_lists_count_as_absent() {
    for family in &FAMILIES {
        let all = family.find(&mut varied(), &json!({}));
        assert_eq!(family.find(&mut varied(), &json!({ "Filters": [] })), all);
        if !family.ids.is_empty() {
            let both = json!({ family.ids: [], "Filters": [] });
            assert_eq!(family.find(&mut varied(), &both), all);
        }
    }
}

#[test]
fn a_hundred_and_one_ids_are_rejected() {
    for family in with_ids() {
        let ids = json!({ family.ids: unknown(family, 101) });
        let fact = format!("{} has 101 items; at most 100 are allowed", family.ids);
        family.refused(&mut varied(), &ids, family.codes.too_many_ids, &fact);
    }
}

#[test]
fn a_malformed_id_is_rejected() {
    for family in with_ids() {
        let good = unknown(family, 1).remove(0);
        for bad in ["", "x", &good[1..], &format!("{good}0"), &good.to_uppercase()] {
            let ids = json!({ family.ids: [good, bad] });
            let prefix = family.prefix;
            let value = if bad.is_empty() { "is empty;".to_owned() } else { format!("`{bad}`") };
            let fact = format!(
                "{}.1: {value} must be `{prefix}` followed by 8 characters from 0-9 and a-z",
                family.ids
            );
            family.refused(&mut varied(), &ids, family.codes.malformed, &fact);
        }
    }
}

#[test]
fn ids_and_filters_are_mutually_exclusive() {
    for family in with_ids() {
        let both = json!({
            family.ids: unknown(family, 1),
            "Filters": [filter(family.id_filter, &["x"])],
        });
        let fact = format!("{} and Filters are mutually exclusive", family.ids);
        family.refused(&mut varied(), &both, family.codes.coexist, &fact);
    }
}

#[test]
fn a_call_has_up_to_ten_filters() {
    for family in &FAMILIES {
        assert_eq!(family.find(&mut varied(), &many(family, 10)), (0, vec![]));
        let fact = "Filters has 11 items; at most 10 are allowed";
        family.refused(&mut varied(), &many(family, 11), family.codes.too_many_filters, fact);
    }
}

#[test]
fn a_filter_has_one_to_five_values() {
    for family in &FAMILIES {
        let asked = |values: &[&str]| filters(&[filter(family.id_filter, values)]);
        assert_eq!(family.find(&mut varied(), &asked(&["x"; 5])), (0, vec![]));
        let fact = "Filters.0.Values has 6 items; at most 5 are allowed";
        family.refused(&mut varied(), &asked(&["x"; 6]), family.codes.too_many_filters, fact);
        family.refused(&mut varied(), &asked(&[]), family.codes.filter, "Filters.0: has no values");
    }
}

#[test]
fn a_fuzzy_filter_has_one_value() {
    for family in FAMILIES.iter().filter(|it| !it.fuzzy.is_empty()) {
        let asked = filters(&[filter(family.id_filter, &["x"]), filter(family.fuzzy, &["a", "b"])]);
        let fact = "Filters.1.Values has 2 items; at most 1 are allowed";
        family.refused(&mut varied(), &asked, family.codes.too_many_filters, fact);
    }
}

#[test]
fn an_unknown_filter_is_rejected_with_the_nearest_name() {
    for family in &FAMILIES {
        let misspelt = family.id_filter.replace("-id", "-idd");
        let asked = filters(&[filter(&misspelt, &["x"])]);
        let fact =
            format!("Filters.0: unknown filter `{misspelt}`; did you mean `{}`?", family.id_filter);
        family.refused(&mut varied(), &asked, family.codes.filter, &fact);
        for name in ["", "tag:", "VPC-ID", "Name"] {
            let asked = filters(&[filter(name, &["x"])]);
            let refusal = cloud_refuses(family, &asked);
            let expected = format!("{}: ", family.codes.filter);
            assert!(refusal.starts_with(&expected), "{} {name:?}: {refusal}", family.action);
            assert!(refusal.contains(&format!("Filters.0: unknown filter `{name}`; ")));
        }
    }
}

#[test]
fn the_known_filters_are_listed_if_none_is_near() {
    let refusals = FAMILIES.each_ref().map(|family| {
        let asked = filters(&[filter("what-is-this", &["x"])]);
        format!("{}\n    {}\n", family.action, cloud_refuses(family, &asked))
    });
    insta::assert_snapshot!(refusals.concat(), @r#"
    DescribeHaVips
        InvalidParameterValue.InvalidFilter: The filter is invalid. (Filters.0: unknown filter `what-is-this`; expected one of havip-id, havip-name, vpc-id, subnet-id)
    DescribeVpcs
        InvalidParameterValue.InvalidFilter: The filter is invalid. (Filters.0: unknown filter `what-is-this`; expected one of vpc-name, vpc-id, cidr-block, region, ipv6-cidr-block, isp-type, tag-key, tag:KEY)
    DescribeSubnets
        InvalidParameterValue.InvalidFilter: The filter is invalid. (Filters.0: unknown filter `what-is-this`; expected one of subnet-id, subnet-name, cidr-block, vpc-id, vpc-cidr-block, region, zone, ipv6-cidr-block, isp-type, tag-key, tag:KEY)
    DescribeNetworkInterfaces
        InvalidParameterValue.InvalidFilter: The filter is invalid. (Filters.0: unknown filter `what-is-this`; expected one of vpc-id, subnet-id, network-interface-id, attachment.instance-id, groups.security-group-id, network-interface-name, network-interface-description, address-ip, tag-key, tag:KEY, is-primary)
    DescribeAddresses
        InvalidParameterValue: The parameter value is incorrect. (Filters.0: unknown filter `what-is-this`; expected one of address-id, address-name, address-ip, address-status, instance-id, private-ip-address, network-interface-id, address-type, is-arrears)
    DescribeInstances
        InvalidParameterValue.InvalidFilter: The filter is invalid. (Filters.0: unknown filter `what-is-this`; expected one of zone, zone-name, module-id, instance-id, instance-name, ip-address, instance-uuid, instance-state, internet-service-provider, tag-key, tag:KEY, instance-family, module-name, image-id, vpc-id, subnet-id)
    "#);
}

#[test]
fn a_fuzzy_filter_of_instances_has_up_to_five_values() {
    let asked = |values: &[&str]| filters(&[filter("instance-name", values)]);
    let family = &FAMILIES[5];
    let found = family.find(&mut varied(), &asked(&["web-10", "db", "x", "y", "z"])).1;
    assert_eq!(found, ["ein-00000002", "ein-00000003"]);
}

fn cloud_refuses(family: &Family, params: &Value) -> String {
    varied().refused(family.action, &family.with(params))
}

#[test]
fn a_filter_has_only_a_name_and_values() {
    for family in &FAMILIES {
        let path = |what: &str| {
            format!(
                "MissingParameter: The request is missing a required parameter `Filters.0.{what}`."
            )
        };
        let nameless = json!({ "Filters": [{ "Values": ["x"] }] });
        assert_eq!(cloud_refuses(family, &nameless), path("Name"));
        let valueless = json!({ "Filters": [{ "Name": family.id_filter }] });
        assert_eq!(cloud_refuses(family, &valueless), path("Values"));
        let more = json!({ "Filters": [{ "Name": "x", "Values": [], "Value": "x" }] });
        assert_eq!(
            cloud_refuses(family, &more),
            "UnknownParameter: The parameter `Filters.0.Value` is not recognized."
        );
    }
}

#[test]
fn a_region_narrows_the_results() {
    for family in with_ids().filter(|it| it.action != "DescribeAddresses") {
        let mut cloud = varied();
        let (total, all) = family.find(&mut cloud, &json!({}));
        let (_, hangzhou) = family.find(&mut cloud, &json!({ "EcmRegion": "ap-hangzhou-ecm" }));
        let (_, xian) = family.find(&mut cloud, &json!({ "EcmRegion": XIAN }));
        assert_eq!(xian.len(), 1, "{}", family.action);
        assert_eq!((hangzhou.len() + 1) as u64, total, "{}", family.action);
        assert_eq!(family.find(&mut cloud, &json!({ "EcmRegion": "" })).1, all);
        let ids = json!({ family.ids: all, "EcmRegion": XIAN });
        assert_eq!(family.find(&mut cloud, &ids), (1, xian.clone()));
        let asked = json!({
            "EcmRegion": XIAN,
            "Filters": [filter(family.id_filter, &[&xian[0], &hangzhou[0]])],
        });
        assert_eq!(family.find(&mut cloud, &asked), (1, xian));
        let elsewhere = json!({ "EcmRegion": "ap-wuhan-ecm" });
        assert_eq!(family.find(&mut cloud, &elsewhere), (0, vec![]));
    }
}

#[test]
fn eips_are_those_of_the_region() {
    let family = &FAMILIES[4];
    let xian = json!({ "EcmRegion": XIAN });
    assert_eq!(family.find(&mut varied(), &xian), (1, vec!["eip-0000xian".to_owned()]));
    let elsewhere = json!({ "AddressIds": ["eip-0000xian"] });
    assert_eq!(family.find(&mut varied(), &elsewhere), (0, vec![]));
    let nowhere = json!({ "EcmRegion": null });
    assert_eq!(
        cloud_refuses(family, &nowhere),
        "MissingParameter: The request is missing a required parameter `EcmRegion`."
    );
}

#[test]
fn an_unknown_region_is_rejected() {
    for family in with_ids() {
        let fact = "EcmRegion: unknown region `ap-atlantis-ecm`";
        let nowhere = json!({ "EcmRegion": "ap-atlantis-ecm" });
        let refusal = cloud_refuses(family, &nowhere);
        let expected = format!("{}: ", family.codes.region);
        assert!(refusal.starts_with(&expected) && refusal.contains(fact), "{refusal}");
    }
}
