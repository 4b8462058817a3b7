//! Each documented filter matches what it should, and nothing else.

use crate::ecm::store::Settings;
use rstest::rstest;
use serde_json::{Value, json};

use super::{FAMILIES, Family, filter, filters, varied};
use crate::tests::cloud::{Cloud, XIAN, changed};

/// Resources with every field set.
const RICH: &str = include_str!("../data/rich.json");

fn family(action: &str) -> &'static Family {
    FAMILIES.iter().find(|it| it.action == action).unwrap()
}

/// Returns the numbers at the end of the IDs that filters find.
#[track_caller]
fn found(action: &str, asked: &[Value]) -> Vec<u32> {
    let (total, ids) = family(action).find(&mut varied(), &filters(asked));
    assert_eq!(total, ids.len() as u64);
    ids.iter().map(|id| id[id.len() - 1..].parse().unwrap()).collect()
}

const HA_VIPS: &str = "DescribeHaVips";
const VPCS: &str = "DescribeVpcs";
const SUBNETS: &str = "DescribeSubnets";
const INTERFACES: &str = "DescribeNetworkInterfaces";
const EIPS: &str = "DescribeAddresses";
const INSTANCES: &str = "DescribeInstances";

#[rstest]
#[case(HA_VIPS, "havip-id", &["havip-00000002"], &[2])]
#[case(HA_VIPS, "havip-id", &["havip-00000003", "havip-00000001", "havip-zzzzzzzz"], &[1, 3])]
#[case(HA_VIPS, "havip-name", &["alpha"], &[1, 3])]
#[case(HA_VIPS, "vpc-id", &["vpc-00000001"], &[1, 2])]
#[case(HA_VIPS, "subnet-id", &["subnet-00000003", "subnet-00000004"], &[2, 3])]
#[case(VPCS, "vpc-name", &["alpha"], &[1, 3])]
#[case(VPCS, "vpc-name", &["ALPHA"], &[])]
#[case(VPCS, "vpc-id", &["vpc-00000003", "vpc-00000001"], &[1, 3])]
#[case(VPCS, "cidr-block", &["16.0"], &[2])]
#[case(VPCS, "cidr-block", &["/16"], &[1, 2, 3])]
#[case(VPCS, "region", &["ap-xian-ecm"], &[3])]
#[case(VPCS, "region", &["ap-xian"], &[])]
#[case(VPCS, "tag-key", &["env"], &[1, 2])]
#[case(VPCS, "tag-key", &["city", "nothing"], &[1])]
#[case(VPCS, "tag:env", &["prod"], &[1])]
#[case(VPCS, "tag:env", &["prod", "test"], &[1, 2])]
#[case(VPCS, "tag:city", &["prod"], &[])]
#[case(SUBNETS, "subnet-id", &["subnet-00000002"], &[2])]
#[case(SUBNETS, "subnet-name", &["lpha"], &[1, 3, 4])]
#[case(SUBNETS, "cidr-block", &["10.0"], &[1, 4])]
#[case(SUBNETS, "vpc-id", &["vpc-00000001", "vpc-00000002"], &[1, 2, 4])]
#[case(SUBNETS, "vpc-cidr-block", &["192.168"], &[3])]
#[case(SUBNETS, "region", &["ap-hangzhou-ecm"], &[1, 2, 4])]
#[case(SUBNETS, "zone", &["ap-xian-ecm-1"], &[3])]
#[case(SUBNETS, "tag-key", &["env"], &[1, 2])]
#[case(SUBNETS, "tag:env", &["test"], &[2])]
#[case(INTERFACES, "vpc-id", &["vpc-00000001"], &[1, 2])]
#[case(INTERFACES, "subnet-id", &["subnet-00000004"], &[2])]
#[case(INTERFACES, "network-interface-id", &["eni-00000001", "eni-00000003"], &[1, 3])]
#[case(INTERFACES, "attachment.instance-id", &["ein-00000001"], &[1])]
#[case(INTERFACES, "attachment.instance-id", &["ein-00000002"], &[])]
#[case(INTERFACES, "groups.security-group-id", &["esg-00000002"], &[1, 2])]
#[case(INTERFACES, "groups.security-group-id", &["esg-00000001"], &[1])]
#[case(INTERFACES, "network-interface-name", &["alpha"], &[1])]
#[case(INTERFACES, "network-interface-name", &[""], &[3])]
#[case(INTERFACES, "network-interface-description", &["second"], &[2])]
#[case(INTERFACES, "address-ip", &["10.0.1.3"], &[1])]
#[case(INTERFACES, "address-ip", &["10.0.1.3", "192.168.1.2"], &[1, 3])]
#[case(INTERFACES, "tag-key", &["env"], &[1, 2])]
#[case(INTERFACES, "tag:env", &["test"], &[2])]
#[case(INTERFACES, "is-primary", &["true"], &[1])]
#[case(INTERFACES, "is-primary", &["FALSE"], &[2, 3])]
#[case(INTERFACES, "is-primary", &["false", "true"], &[1, 2, 3])]
#[case(EIPS, "address-id", &["eip-00000003"], &[3])]
#[case(EIPS, "address-name", &["alpha"], &[1])]
#[case(EIPS, "address-ip", &["198.51.100.2"], &[2])]
#[case(EIPS, "address-status", &["BIND"], &[1, 4])]
#[case(EIPS, "address-status", &["BIND_ENI", "UNBIND"], &[2, 3])]
#[case(EIPS, "instance-id", &["ein-00000001"], &[1])]
#[case(EIPS, "instance-id", &["havip-00000001"], &[4])]
#[case(EIPS, "private-ip-address", &["10.0.2.2"], &[2])]
#[case(EIPS, "network-interface-id", &["eni-00000001", "eni-00000002"], &[1, 2])]
#[case(EIPS, "is-arrears", &["TRUE"], &[2])]
#[case(EIPS, "is-arrears", &["FALSE"], &[1, 3, 4])]
#[case(INSTANCES, "zone", &["ap-hangzhou-ecm-1"], &[1, 2])]
#[case(INSTANCES, "zone-name", &["西安"], &[3])]
#[case(INSTANCES, "module-id", &["em-00000001"], &[1])]
#[case(INSTANCES, "instance-id", &["ein-00000002", "ein-00000001"], &[1, 2])]
#[case(INSTANCES, "instance-name", &["web-1"], &[1, 2])]
#[case(INSTANCES, "ip-address", &["10.0.1.3"], &[1])]
#[case(INSTANCES, "ip-address", &["10.0.1.200"], &[1])]
#[case(INSTANCES, "ip-address", &["198.51.100.1"], &[1])]
#[case(INSTANCES, "ip-address", &["10.0.2.2"], &[])]
#[case(INSTANCES, "instance-uuid", &["uuid-2"], &[2])]
#[case(INSTANCES, "instance-state", &["RUNNING"], &[1, 3])]
#[case(INSTANCES, "internet-service-provider", &["CUCC"], &[1])]
#[case(INSTANCES, "internet-service-provider", &["CTCC"], &[])]
#[case(INSTANCES, "tag-key", &["env"], &[1, 2])]
#[case(INSTANCES, "tag:env", &["test"], &[2])]
#[case(INSTANCES, "instance-family", &["SN3ne"], &[1])]
#[case(INSTANCES, "module-name", &["end"], &[1, 2])]
#[case(INSTANCES, "image-id", &["img-00000002"], &[2])]
#[case(INSTANCES, "vpc-id", &["vpc-00000003"], &[3])]
#[case(INSTANCES, "subnet-id", &["subnet-00000001"], &[1])]
fn a_filter_matches(
    #[case] action: &str,
    #[case] name: &str,
    #[case] values: &[&str],
    #[case] expected: &[u32],
) {
    assert_eq!(found(action, &[filter(name, values)]), expected);
}

#[rstest]
#[case(HA_VIPS, &[filter("havip-name", &["alpha"]), filter("vpc-id", &["vpc-00000001"])], &[1])]
#[case(VPCS, &[filter("vpc-name", &["alpha"]), filter("region", &["ap-xian-ecm"])], &[3])]
#[case(VPCS, &[filter("vpc-id", &["vpc-00000001", "vpc-00000002"]), filter("tag:env", &["test"])], &[2])]
#[case(VPCS, &[filter("vpc-id", &["vpc-00000001"]), filter("vpc-id", &["vpc-00000002"])], &[])]
#[case(VPCS, &[filter("tag:env", &["prod", "test"]), filter("tag:city", &["hangzhou"])], &[1])]
#[case(SUBNETS, &[filter("subnet-name", &["alpha"]), filter("vpc-id", &["vpc-00000001"])], &[1])]
#[case(INTERFACES, &[filter("is-primary", &["false"]), filter("tag-key", &["env"])], &[2])]
#[case(EIPS, &[filter("address-status", &["BIND", "UNBIND"]), filter("is-arrears", &["FALSE"])], &[1, 3, 4])]
#[case(INSTANCES, &[filter("instance-name", &["web"]), filter("instance-state", &["STOPPED"])], &[2])]
fn a_resource_passes_any_value_of_every_filter(
    #[case] action: &str,
    #[case] asked: &[Value],
    #[case] expected: &[u32],
) {
    assert_eq!(found(action, asked), expected);
}

#[rstest]
#[case("DescribeVpcs", "ipv6-cidr-block", "fd76:3600:1:c601::/54", "fd76:3600:1:c601::/64")]
#[case("DescribeVpcs", "isp-type", "CTCC", "CMCC")]
#[case("DescribeSubnets", "ipv6-cidr-block", "fd76:3600:1:c601::/64", "fd76:3600:1:c601::/54")]
#[case("DescribeSubnets", "isp-type", "CMCC", "CTCC")]
fn a_filter_matches_fields_of_a_fixture(
    #[case] action: &str,
    #[case] name: &str,
    #[case] value: &str,
    #[case] other: &str,
) {
    let mut cloud = Cloud::of(RICH, Settings::default());
    let mut count =
        |values: &[&str]| cloud.ok(action, &filters(&[filter(name, values)]))["TotalCount"].take();
    assert_eq!(count(&[value]), 1);
    assert_eq!(count(&[other, value]), 1);
    assert_eq!(count(&[other]), 0);
}

#[rstest]
#[case(&["AnycastEip"], &["eip-00000001"])]
#[case(&["WanIP"], &["eip-00000002"])]
#[case(&["WanIP", "AnycastEip"], &["eip-00000001", "eip-00000002"])]
#[case(&["EIP"], &[])]
fn eips_are_found_by_their_type(#[case] types: &[&str], #[case] expected: &[&str]) {
    let mut cloud = Cloud::of(RICH, Settings::default());
    let asked = changed(&filters(&[filter("address-type", types)]), &json!({ "EcmRegion": XIAN }));
    let (_, found) = family(EIPS).find(&mut cloud, &asked);
    assert_eq!(found, expected);
    // An allocated address has the type `EIP`.
    let made = cloud.ok("AllocateAddresses", &json!({ "EcmRegion": XIAN }))["AddressSet"][0].take();
    let (_, found) = family(EIPS).find(&mut cloud, &asked);
    assert_eq!(found.contains(&made.as_str().unwrap().to_owned()), types.contains(&"EIP"));
}
