//! `DescribeNode` and `DescribeConfig`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::tests::cloud::Cloud;

fn nodes() -> Vec<Value> {
    let mut response = Cloud::new().ok("DescribeNode", &json!({}));
    assert_eq!(response["TotalCount"], 29);
    let Value::Array(nodes) = response["NodeSet"].take() else { unreachable!() };
    nodes
}

#[test]
fn a_node_has_the_vendors_fields() {
    let nodes = nodes();
    let hangzhou = nodes.iter().find(|it| it["ZoneInfo"]["Zone"] == "ap-hangzhou-ecm-1").unwrap();
    insta::assert_json_snapshot!(hangzhou, @r#"
    {
      "Area": {
        "AreaId": "china-east",
        "AreaName": "华东"
      },
      "City": {
        "CityId": "china-east-zhejiang-hangzhou",
        "CityName": "杭州"
      },
      "Country": {
        "CountryId": "china",
        "CountryName": "中国"
      },
      "ISPNum": 3,
      "ISPSet": [
        {
          "ISPId": "CMCC",
          "ISPName": "移动"
        },
        {
          "ISPId": "CUCC",
          "ISPName": "联通"
        },
        {
          "ISPId": "CTCC",
          "ISPName": "电信"
        },
        {
          "ISPId": "CTCC;CUCC;CMCC",
          "ISPName": "三网"
        }
      ],
      "LBSupported": true,
      "Province": {
        "ProvinceId": "china-east-zhejiang",
        "ProvinceName": "浙江"
      },
      "RegionInfo": {
        "Region": "ap-hangzhou-ecm",
        "RegionId": 1011,
        "RegionName": "杭州"
      },
      "ZoneInfo": {
        "Zone": "ap-hangzhou-ecm-1",
        "ZoneId": 10110001,
        "ZoneName": "杭州一区"
      }
    }
    "#);
}

#[test]
fn a_node_with_one_provider_lists_only_it() {
    let nodes = nodes();
    let telecom =
        nodes.iter().find(|it| it["RegionInfo"]["Region"] == "ap-beijing-ecm-ct").unwrap();
    assert_eq!(telecom["ISPNum"], 1);
    assert_eq!(telecom["ISPSet"], json!([{ "ISPId": "CTCC", "ISPName": "电信" }]));
}

#[test]
fn the_nodes_are_those_observed() {
    let nodes = nodes();
    assert_eq!(nodes.len(), 29);
    let zones: BTreeSet<&str> =
        nodes.iter().map(|it| it["ZoneInfo"]["Zone"].as_str().unwrap()).collect();
    assert_eq!(zones.len(), 29);
    for node in &nodes {
        let (region, zone) = (&node["RegionInfo"], &node["ZoneInfo"]);
        let number = region["RegionId"].as_u64().unwrap();
        assert_eq!(zone["ZoneId"], number * 10_000 + 1, "{node}");
        let (region, zone) = (region["Region"].as_str().unwrap(), zone["Zone"].as_str().unwrap());
        assert!(zone == format!("{region}-1") || zone == "ap-shenzhen-ecm-ct2", "{node}");
        let place = |kind: &str| node[kind][format!("{kind}Id")].as_str().unwrap();
        assert!(place("Area").starts_with("china-"));
        assert!(place("Province").starts_with(&format!("{}-", place("Area"))));
        assert!(place("City").starts_with(&format!("{}-", place("Province"))));
    }
}

#[test]
fn every_node_has_instances_of_every_family() {
    let mut cloud = Cloud::new();
    let family =
        |values: &[&str]| json!({ "Filters": [{ "Name": "InstanceFamily", "Values": values }] });
    assert_eq!(cloud.ok("DescribeNode", &family(&["SN3ne"]))["TotalCount"], 29);
    insta::assert_snapshot!(cloud.refusals("DescribeNode", &json!({}), [
        ("another filter", json!({ "Filters": [{ "Name": "zone", "Values": ["x"] }] })),
        ("no values", family(&[])),
        ("six values", family(&["x"; 6])),
        ("pages", json!({ "Limit": 1 })),
    ]), @r#"
    another filter
        InvalidParameter.InvalidDataFormat: The data format is incorrect. (Filters.0: unknown filter `zone`; expected one of InstanceFamily)
    no values
        InvalidParameter.InvalidDataFormat: The data format is incorrect. (Filters.0: has no values)
    six values
        InvalidParameter.InvalidDataFormat: The data format is incorrect. (Filters.0.Values has 6 items; at most 5 are allowed)
    pages
        UnknownParameter: The parameter `Limit` is not recognized.
    "#);
}

#[test]
fn the_limits_are_those_of_the_vendors_example() {
    let mut cloud = Cloud::new();
    let mut config = cloud.ok("DescribeConfig", &json!({}));
    let images = config["ImageWhiteSet"].take();
    assert_eq!(images.as_array().unwrap().len(), 35);
    let limits = config["InstanceNetworkLimitConfigs"].take();
    assert_eq!(limits.as_array().unwrap().len(), 12);
    insta::assert_json_snapshot!(limits[2], @r#"
    {
      "CpuNum": 4,
      "InnerIpPerNetworkInterface": 10,
      "NetworkInterfaceLimit": 3,
      "PublicIpPerInstance": 3
    }
    "#);
    insta::assert_json_snapshot!(config, @r#"
    {
      "DefaultIPDirect": true,
      "ImageLimits": {
        "MaxImageSize": 0
      },
      "ImageWhiteSet": null,
      "InstanceNetworkLimitConfigs": null,
      "NetworkStorageRange": {
        "CBSSupported": false,
        "DiskNumLimit": 10,
        "MaxBandwidth": 1000,
        "MaxDataDiskSize": 1024,
        "MaxModuleNum": 1000,
        "MaxSystemDiskSize": 100,
        "MaxVcpu": 100,
        "MaxVcpuPerReq": 100,
        "MinBandwidth": 25,
        "MinDataDiskSize": 50,
        "MinSystemDiskSize": 0,
        "MinVcpu": 1,
        "PerBandwidth": 1,
        "PerDataDisk": 10,
        "SuggestBandwidth": 25,
        "SuggestDataDiskSize": 1024,
        "SuggestSystemDiskSize": 50
      }
    }
    "#);
}

#[test]
fn images_of_these_systems_can_be_imported() {
    let answer = Cloud::new().ok("DescribeImportImageOs", &json!({}));
    let supported = &answer["ImportImageOsListSupported"];
    assert_eq!(supported["Windows"][2], "Windows Server 2016");
    assert_eq!(
        supported["Linux"],
        json!([
            "CentOS",
            "CoreOS",
            "Debian",
            "FreeBSD",
            "OpenSUSE",
            "SUSE",
            "Ubuntu",
            "Other Linux"
        ])
    );
    let versions = answer["ImportImageOsVersionSet"].as_array().unwrap();
    assert_eq!(versions.len(), 12);
    let of = |name: &str| versions.iter().find(|it| it["OsName"] == name).unwrap();
    let architecture = json!(["x86_64", "i386"]);
    assert_eq!(
        *of("CentOS"),
        json!({ "OsName": "CentOS", "OsVersions": ["5", "6", "7"], "Architecture": architecture })
    );
    assert_eq!(of("Windows Server 2008")["OsVersions"], json!(["-"]));
    assert_eq!(of("Redhat")["OsVersions"], json!(["5", "6", "7"]));
}

#[test]
fn the_limits_of_security_groups_are_those_of_the_vendors_example() {
    assert_eq!(
        Cloud::new().ok("DescribeSecurityGroupLimits", &json!({}))["SecurityGroupLimitSet"],
        json!({
            "SecurityGroupLimit": 50, "SecurityGroupPolicyLimit": 100, "SecurityGroupInstanceLimit": 2000,
            "InstanceSecurityGroupLimit": 2000, "ReferedSecurityGroupLimit": 10,
            "SecurityGroupModuleLimit": 10, "ModuleSecurityGroupLimit": 10,
        })
    );
}
