//! Fields of an instance in `DescribeInstances`, and their order.

use rstest::rstest;
use serde_json::{Value, json};

use crate::tests::cloud::{Cloud, HANGZHOU, changed};

/// Returns the fixture's instance with four vCPUs.
fn four_core(cloud: &mut Cloud) -> Value {
    let params = json!({ "Filters": [{ "Name": "instance-id", "Values": ["ein-4core001"] }] });
    cloud.only("DescribeInstances", "InstanceSet", &params)
}

#[test]
fn an_instance_has_the_fields_of_its_fixture() {
    let mut instance = four_core(&mut Cloud::new());
    assert!(instance["Position"].take().is_object());
    assert!(instance["Internet"].take().is_object());
    insta::assert_json_snapshot!(instance, @r#"
    {
      "CreateTime": "2026-11-22 12:00:00",
      "DataDiskSize": null,
      "DataDisks": null,
      "ExpireState": null,
      "ExpireTime": null,
      "ISP": null,
      "Image": null,
      "InstanceId": "ein-4core001",
      "InstanceName": "",
      "InstanceState": "RUNNING",
      "InstanceTypeConfig": {
        "CpuModelName": "",
        "ExtInfo": null,
        "Frequency": "",
        "GpuModelName": null,
        "InstanceFamilyConfig": {
          "InstanceFamily": "",
          "InstanceFamilyName": ""
        },
        "InstanceFamilyTypeConfig": {
          "InstanceFamilyType": "",
          "InstanceFamilyTypeName": ""
        },
        "InstanceType": "",
        "Memory": 0,
        "Vcpu": 4,
        "Vgpu": null
      },
      "Internet": null,
      "IsolatedTime": null,
      "LatestOperation": null,
      "LatestOperationState": null,
      "NewFlag": null,
      "PayMode": null,
      "PhysicalPosition": null,
      "Position": null,
      "RenewFlag": null,
      "RestrictState": "NORMAL",
      "SecurityGroupIds": [],
      "SimpleModule": null,
      "SystemDisk": null,
      "SystemDiskSize": null,
      "TagSet": [],
      "UUID": null,
      "VirtualPrivateCloud": {
        "AsVpcGateway": false,
        "Ipv6AddressCount": 0,
        "Ipv6SubnetIds": [],
        "PrivateIpAddresses": [
          "10.0.1.3"
        ],
        "SubnetId": "subnet-00000001",
        "VpcId": "vpc-00000001"
      }
    }
    "#);
}

#[test]
fn an_instance_shows_the_location_of_its_zone() {
    let instance = four_core(&mut Cloud::new());
    insta::assert_json_snapshot!(instance["Position"], @r#"
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
      "Ipv6Supported": false,
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
fn an_instance_has_the_addresses_of_its_interfaces() {
    let instance = four_core(&mut Cloud::new());
    insta::assert_json_snapshot!(instance["Internet"], @r#"
    {
      "InstanceNetworkInfoSet": [
        {
          "AddressInfoSet": [
            {
              "PrivateIPAddressInfo": {
                "PrivateIPAddress": "10.0.1.3"
              },
              "PublicIPAddressInfo": {
                "ChargeMode": "BANDWIDTH_PACKAGE",
                "ISP": {
                  "ISPId": "CMCC",
                  "ISPName": "移动"
                },
                "MaxBandwidthIn": 0,
                "MaxBandwidthOut": 1,
                "PublicIPAddress": "198.51.100.4"
              },
              "PublicIPv6AddressInfo": null
            }
          ],
          "NetworkInterfaceId": "eni-primary4",
          "NetworkInterfaceName": "",
          "Primary": true
        }
      ],
      "PrivateIPAddressSet": [
        {
          "PrivateIPAddress": "10.0.1.3"
        }
      ],
      "PublicIPAddressSet": [
        {
          "ChargeMode": "BANDWIDTH_PACKAGE",
          "ISP": {
            "ISPId": "CMCC",
            "ISPName": "移动"
          },
          "MaxBandwidthIn": 0,
          "MaxBandwidthOut": 1,
          "PublicIPAddress": "198.51.100.4"
        }
      ]
    }
    "#);
}

fn ids(cloud: &mut Cloud, params: &Value) -> Vec<Value> {
    let mut response = cloud.ok("DescribeInstances", params);
    assert_eq!(response["TotalCount"], 6);
    let Value::Array(instances) = response["InstanceSet"].take() else { unreachable!() };
    instances.into_iter().map(|mut it| it["InstanceId"].take()).collect()
}

#[rstest]
#[case::by_default(json!({}))]
#[case::by_direction(json!({ "OrderDirection": 0 }))]
#[case::by_field(json!({ "OrderByField": "timestamp", "OrderDirection": 0 }))]
#[case::by_an_empty_field(json!({ "OrderByField": "" }))]
fn the_newest_instance_comes_first(#[case] params: Value) {
    let expected = [
        "ein-0000xian",
        "ein-0000vpc2",
        "ein-stopping",
        "ein-4core002",
        "ein-4core001",
        "ein-1core001",
    ];
    assert_eq!(ids(&mut Cloud::new(), &params), expected);
    let page = changed(&params, &json!({ "Offset": 1, "Limit": 2 }));
    assert_eq!(ids(&mut Cloud::new(), &page), expected[1..3]);
}

#[test]
fn the_oldest_instance_comes_first_if_requested() {
    let params = json!({ "OrderByField": "timestamp", "OrderDirection": 1, "Limit": 2 });
    assert_eq!(ids(&mut Cloud::new(), &params), ["ein-1core001", "ein-4core001"]);
}

#[test]
fn an_invalid_order_is_rejected() {
    let mut cloud = Cloud::new();
    insta::assert_snapshot!(cloud.refusals("DescribeInstances", &json!({}), [
        ("another field", json!({ "OrderByField": "name" })),
        ("another direction", json!({ "OrderDirection": 2 })),
        ("a negative direction", json!({ "OrderDirection": -1 })),
        ("ids, which are not a parameter", json!({ "InstanceIds": ["ein-1core001"] })),
        ("a region, which is not a parameter", json!({ "EcmRegion": "ap-xian-ecm" })),
    ]), @r#"
    another field
        InvalidParameterValue.InvalidOrderByField: The sort field is invalid. (OrderByField is `name`; must be timestamp)
    another direction
        InvalidParameter.InvalidDataFormat: The data format is incorrect. (OrderDirection: 2 is neither 0 nor 1)
    a negative direction
        InvalidParameter.InvalidDataFormat: The data format is incorrect. (OrderDirection: -1 is neither 0 nor 1)
    ids, which are not a parameter
        UnknownParameter: The parameter `InstanceIds` is not recognized.
    a region, which is not a parameter
        UnknownParameter: The parameter `EcmRegion` is not recognized.
    "#);
}

#[test]
fn an_instance_shows_new_addresses() {
    let mut cloud = Cloud::new();
    let params = json!({
        "NetworkInterfaceId": "eni-loose001",
        "InstanceId": "ein-4core001",
        "EcmRegion": "ap-hangzhou-ecm",
    });
    cloud.ok("AttachNetworkInterface", &params);
    let instance = four_core(&mut cloud);
    let addresses = &instance["VirtualPrivateCloud"]["PrivateIpAddresses"];
    assert_eq!(addresses, &json!(["10.0.1.3", "10.0.1.4", "10.0.1.5"]));
    insta::assert_json_snapshot!(instance["Internet"]["InstanceNetworkInfoSet"][1], @r#"
    {
      "AddressInfoSet": [
        {
          "PrivateIPAddressInfo": {
            "PrivateIPAddress": "10.0.1.4"
          },
          "PublicIPAddressInfo": null,
          "PublicIPv6AddressInfo": null
        },
        {
          "PrivateIPAddressInfo": {
            "PrivateIPAddress": "10.0.1.5"
          },
          "PublicIPAddressInfo": {
            "ChargeMode": "BANDWIDTH_PACKAGE",
            "ISP": {
              "ISPId": "CMCC",
              "ISPName": "移动"
            },
            "MaxBandwidthIn": 0,
            "MaxBandwidthOut": 1,
            "PublicIPAddress": "198.51.100.3"
          },
          "PublicIPv6AddressInfo": null
        }
      ],
      "NetworkInterfaceId": "eni-loose001",
      "NetworkInterfaceName": "",
      "Primary": false
    }
    "#);
}

/// The address belongs to the first provider of its region.
#[test]
fn an_instance_shows_its_general_public_address() {
    let mut cloud = Cloud::new();
    let eip = json!({
        "EcmRegion": HANGZHOU, "AddressId": "eip-unbound1", "InstanceId": "ein-1core001",
    });
    cloud.ok("AssociateAddress", &eip);
    let in_its_place = json!({
        "EcmRegion": HANGZHOU, "AddressId": "eip-unbound1", "ReallocateNormalPublicIp": true,
    });
    cloud.ok("DisassociateAddress", &in_its_place);
    let by = |name: &str, value: &str| json!({ "Filters": [{ "Name": name, "Values": [value] }] });
    let params = by("ip-address", "198.18.0.2");
    let instance = cloud.only("DescribeInstances", "InstanceSet", &params);
    assert_eq!(instance["InstanceId"], "ein-1core001");
    insta::assert_json_snapshot!(instance["Internet"]["PublicIPAddressSet"], @r#"
    [
      {
        "ChargeMode": "BANDWIDTH_PACKAGE",
        "ISP": {
          "ISPId": "CMCC",
          "ISPName": "移动"
        },
        "MaxBandwidthIn": 0,
        "MaxBandwidthOut": 1,
        "PublicIPAddress": "198.18.0.2"
      }
    ]
    "#);
    let of_the_provider = cloud.ok("DescribeInstances", &by("internet-service-provider", "CMCC"));
    assert_eq!(of_the_provider["TotalCount"], 2);
}

/// The vendor's example has 17, ordered by name.
#[test]
fn the_instance_types_are_those_of_the_vendors_example() {
    let answer = Cloud::new().ok("DescribeInstanceTypeConfig", &json!({}));
    let types = answer["InstanceTypeConfigSet"].as_array().unwrap();
    assert_eq!((&answer["TotalCount"], types.len()), (&json!(17), 17));
    let names: Vec<&str> = types.iter().map(|it| it["InstanceType"].as_str().unwrap()).collect();
    assert!(names.is_sorted(), "{names:?}");
    assert_eq!(
        types[0],
        json!({
            "InstanceFamilyConfig": { "InstanceFamily": "SN3ne", "InstanceFamilyName": "标准网络优化型" },
            "InstanceFamilyTypeConfig": {
                "InstanceFamilyType": "S", "InstanceFamilyTypeName": "标准型",
            },
            "InstanceType": "SN3ne.2XLARGE16", "Vcpu": 8, "Memory": 16, "Frequency": "2.5 GHz",
            "CpuModelName": "Intel Xeon Skylake 6133", "ExtInfo": "", "Vgpu": null, "GpuModelName": null,
        })
    );
}
