//! Allocation and release of EIPs, their attributes, and their quotas.

use crate::ecm::store::Quotas;
use rstest::rstest;
use serde_json::{Value, json};

use crate::tests::cloud::{Cloud, HANGZHOU, XIAN, changed};

fn region() -> Value {
    json!({ "EcmRegion": HANGZHOU })
}

fn eip(id: &str) -> Value {
    json!({ "EcmRegion": HANGZHOU, "AddressId": id })
}

fn eips(ids: &[&str]) -> Value {
    json!({ "EcmRegion": HANGZHOU, "AddressIds": ids })
}

/// Allocates EIPs, and returns their IDs.
fn made(cloud: &mut Cloud, change: &Value) -> Vec<String> {
    let response = cloud.ok("AllocateAddresses", &changed(&region(), change));
    let ids = response["AddressSet"].as_array().unwrap();
    ids.iter().map(|it| it.as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_eip_is_allocated() {
    let mut cloud = Cloud::new();
    let params = json!({
        "InternetServiceProvider": "CUCC",
        "InternetMaxBandwidthOut": 5000,
        "Tags": [{ "Key": "env", "Value": "prod" }],
    });
    let response = cloud.ok("AllocateAddresses", &changed(&region(), &params));
    insta::assert_json_snapshot!(response, @r#"
    {
      "AddressSet": [
        "eip-9qfs5ivn"
      ],
      "TaskId": "761986469"
    }
    "#);
    let id = response["AddressSet"][0].as_str().unwrap();
    insta::assert_json_snapshot!(cloud.eip(id), @r#"
    {
      "AddressId": "eip-9qfs5ivn",
      "AddressIp": "198.18.0.2",
      "AddressName": "",
      "AddressStatus": "UNBIND",
      "AddressType": "EIP",
      "Bandwidth": 5000,
      "CascadeRelease": false,
      "CreatedTime": "2026-11-22T04:00:00Z",
      "InstanceId": "",
      "InternetServiceProvider": "CUCC",
      "IsArrears": false,
      "IsBlocked": false,
      "IsEipDirectConnection": false,
      "NetworkInterfaceId": "",
      "PayMode": "BANDWIDTH_PACKAGE",
      "PrivateAddressIp": ""
    }
    "#);
}

#[test]
fn an_eip_has_defaults() {
    let mut cloud = Cloud::new();
    let ids = made(&mut cloud, &json!({}));
    assert_eq!(ids.len(), 1);
    let eip = cloud.eip(&ids[0]);
    let shown = [&eip["Bandwidth"], &eip["InternetServiceProvider"], &eip["AddressStatus"]];
    assert_eq!(shown, [&json!(1), &json!("CMCC"), &json!("UNBIND")]);
}

#[test]
fn several_eips_are_allocated_with_an_address_each() {
    let mut cloud = Cloud::new();
    let ids = made(&mut cloud, &json!({ "AddressCount": 3, "InternetMaxBandwidthOut": 1 }));
    let ips: Vec<Value> = ids.iter().map(|id| cloud.eip(id)["AddressIp"].take()).collect();
    assert_eq!(ips, ["198.18.0.2", "198.18.0.3", "198.18.0.4"]);
}

#[rstest]
#[case("ap-beijing-ecm-ct", "CTCC")]
#[case("ap-beijing-ecm-cu", "CUCC")]
#[case("ap-beijing-ecm-cm", "CMCC")]
fn a_region_with_one_provider_has_only_its_eips(#[case] region: &str, #[case] isp: &str) {
    let mut cloud = Cloud::new();
    for wanted in [json!(null), json!(isp)] {
        let params = json!({ "EcmRegion": region, "InternetServiceProvider": wanted });
        let id = cloud.ok("AllocateAddresses", &params)["AddressSet"][0].take();
        let params = json!({ "EcmRegion": region, "AddressIds": [id] });
        let eip = cloud.only("DescribeAddresses", "AddressSet", &params);
        assert_eq!(eip["InternetServiceProvider"], isp);
    }
    for other in ["CTCC", "CUCC", "CMCC"].iter().filter(|it| **it != isp) {
        let params = json!({ "EcmRegion": region, "InternetServiceProvider": other });
        let expected = format!(
            "InvalidParameterValue: The parameter value is incorrect. \
             (InternetServiceProvider: {other} does not serve region `{region}`)"
        );
        assert_eq!(cloud.refused("AllocateAddresses", &params), expected);
    }
}

#[test]
fn an_invalid_allocation_is_rejected() {
    let mut cloud = Cloud::new();
    let bound = json!({ "AddressCount": 2, "InstanceId": "ein-1core001" });
    insta::assert_snapshot!(cloud.refusals("AllocateAddresses", &region(), [
        ("no region", json!({ "EcmRegion": null })),
        ("an unknown region", json!({ "EcmRegion": "cn-hangzhou" })),
        ("no EIPs", json!({ "AddressCount": 0 })),
        ("a negative count", json!({ "AddressCount": -1 })),
        ("an unknown provider", json!({ "InternetServiceProvider": "BGP" })),
        ("a provider in lower case", json!({ "InternetServiceProvider": "ctcc" })),
        ("a bandwidth of zero", json!({ "InternetMaxBandwidthOut": 0 })),
        ("too much bandwidth", json!({ "InternetMaxBandwidthOut": 5001 })),
        ("two EIPs for one instance", bound),
        ("a tag without a key", json!({ "Tags": [{ "Key": "", "Value": "" }] })),
    ]), @r#"
    no region
        MissingParameter: The request is missing a required parameter `EcmRegion`.
    an unknown region
        InvalidParameterValue.InvalidRegion: The ECM region is invalid. (EcmRegion: unknown region `cn-hangzhou`; did you mean `ap-hangzhou-ecm`?)
    no EIPs
        InvalidParameterValue: The parameter value is incorrect. (AddressCount: must be at least 1)
    a negative count
        InvalidParameter: The value type of parameter `AddressCount` is not valid, input type should be `uint64`
    an unknown provider
        InvalidParameterValue: The parameter value is incorrect. (InternetServiceProvider: `BGP` must be CMCC, CUCC, or CTCC)
    a provider in lower case
        InvalidParameterValue: The parameter value is incorrect. (InternetServiceProvider: `ctcc` must be CMCC, CUCC, or CTCC)
    a bandwidth of zero
        InvalidParameterValue.InvalidBandwidth: The bandwidth size is invalid. (InternetMaxBandwidthOut is 0; must be 1 to 5000)
    too much bandwidth
        InvalidParameterValue.InvalidBandwidth: The bandwidth size is invalid. (InternetMaxBandwidthOut is 5001; must be 1 to 5000)
    two EIPs for one instance
        InvalidParameterValue.InvalidAddressCount: When you bind an ENI synchronously, you can apply for only one EIP at a time. (AddressCount is 2; must be 1 when a binding target is given)
    a tag without a key
        InvalidParameterValue: The parameter value is incorrect. (Tags: a tag has an empty key)
    "#);
}

#[test]
fn the_eips_of_a_region_are_limited_by_its_quota() {
    let mut cloud = Cloud::with_quotas(Quotas { addresses_per_region: 6, ..Quotas::default() });
    let count = |count: usize| changed(&region(), &json!({ "AddressCount": count }));
    insta::assert_snapshot!(cloud.refusals("AllocateAddresses", &region(), [
        ("four if two remain", json!({ "AddressCount": 4 })),
        ("far too many", json!({ "AddressCount": u64::MAX })),
    ]), @"
    four if two remain
        LimitExceeded.AddressQuotaLimitExceeded: The number applied for exceeds the limit. (region `ap-hangzhou-ecm` has 4 EIPs, and 4 more are requested; its quota is 6)
    far too many
        LimitExceeded.AddressQuotaLimitExceeded: The number applied for exceeds the limit. (region `ap-hangzhou-ecm` has 4 EIPs, and 18446744073709551615 more are requested; its quota is 6)
    ");
    cloud.ok("AllocateAddresses", &count(2));
    insta::assert_snapshot!(cloud.refused("AllocateAddresses", &count(1)), @"LimitExceeded.AddressQuotaLimitExceeded: The number applied for exceeds the limit. (region `ap-hangzhou-ecm` has 6 EIPs; its quota is 6)");
    cloud.ok("AllocateAddresses", &json!({ "EcmRegion": XIAN }));
}

/// The vendor documents twice the quota. Days are in Beijing time, where the test begins at noon.
#[test]
fn the_daily_limit_is_twice_the_quota() {
    let mut cloud = Cloud::with_quotas(Quotas { addresses_per_region: 6, ..Quotas::default() });
    for _ in 0..12 {
        let ids = made(&mut cloud, &json!({}));
        cloud.ok("ReleaseAddresses", &eips(&[&ids[0]]));
    }
    insta::assert_snapshot!(cloud.refused("AllocateAddresses", &region()), @"LimitExceeded.AddressQuotaLimitExceededDailyAllocate: The maximum number of applications has been reached. The maximum number of applications that can be made by a Tencent Cloud account per day in each region is equal to twice the quota. (region `ap-hangzhou-ecm` has 12 EIPs allocated today; its quota is 12)");
    made(&mut cloud, &json!({ "EcmRegion": XIAN }));
    cloud.wait_hours(11);
    cloud.refused("AllocateAddresses", &region());
    cloud.wait_hours(1);
    made(&mut cloud, &json!({}));
}

#[test]
fn the_quotas_are_shown() {
    let mut cloud = Cloud::with_quotas(Quotas { addresses_per_region: 6, ..Quotas::default() });
    let ids = made(&mut cloud, &json!({ "AddressCount": 2 }));
    cloud.ok("ReleaseAddresses", &eips(&[&ids[0]]));
    insta::assert_json_snapshot!(cloud.ok("DescribeAddressQuota", &region()), @r#"
    {
      "QuotaSet": [
        {
          "QuotaCurrent": 5,
          "QuotaId": "TOTAL_EIP_QUOTA",
          "QuotaLimit": 6
        },
        {
          "QuotaCurrent": 2,
          "QuotaId": "DAILY_EIP_APPLY",
          "QuotaLimit": 12
        },
        {
          "QuotaCurrent": 0,
          "QuotaId": "DAILY_EIP_ASSIGN",
          "QuotaLimit": 40
        }
      ]
    }
    "#);
    let xian = cloud.ok("DescribeAddressQuota", &json!({ "EcmRegion": XIAN }));
    assert_eq!(xian["QuotaSet"][0]["QuotaCurrent"], 1);
    assert_eq!(xian["QuotaSet"][1]["QuotaCurrent"], 0);
    cloud.wait_hours(12);
    let tomorrow = cloud.ok("DescribeAddressQuota", &region());
    assert_eq!(tomorrow["QuotaSet"][0]["QuotaCurrent"], 5);
    assert_eq!(tomorrow["QuotaSet"][1]["QuotaCurrent"], 0);
    insta::assert_snapshot!(cloud.refusals("DescribeAddressQuota", &region(), [
        ("no region", json!({ "EcmRegion": null })),
        ("an unknown region", json!({ "EcmRegion": "ap-xian" })),
    ]), @r#"
    no region
        MissingParameter: The request is missing a required parameter `EcmRegion`.
    an unknown region
        InvalidParameterValue.InvalidRegion: The ECM region is invalid. (EcmRegion: unknown region `ap-xian`; did you mean `ap-xian-ecm`?)
    "#);
}

#[test]
fn released_eips_no_longer_exist_and_their_addresses_are_free() {
    let mut cloud = Cloud::new();
    let ids = made(&mut cloud, &json!({ "AddressCount": 2 }));
    // A repeated ID counts once.
    let response = cloud.ok("ReleaseAddresses", &eips(&[&ids[1], &ids[0], &ids[0]]));
    assert!(response["TaskId"].as_str().unwrap().parse::<u64>().is_ok());
    assert_eq!(cloud.ok("DescribeAddresses", &eips(&[&ids[0], &ids[1]]))["TotalCount"], 0);
    let ids = made(&mut cloud, &json!({}));
    assert_eq!(cloud.eip(&ids[0])["AddressIp"], "198.18.0.2");
}

#[test]
fn an_invalid_release_is_rejected() {
    let mut cloud = Cloud::new();
    let many: Vec<String> = (0..101).map(|it| format!("eip-{it:08}")).collect();
    insta::assert_snapshot!(cloud.refusals("ReleaseAddresses", &eips(&["eip-unbound1"]), [
        ("no region", json!({ "EcmRegion": null })),
        ("an unknown region", json!({ "EcmRegion": "x" })),
        ("another region", json!({ "EcmRegion": XIAN })),
        ("no ids", json!({ "AddressIds": null })),
        ("an empty list", json!({ "AddressIds": [] })),
        ("101 ids", json!({ "AddressIds": many })),
        ("a malformed id", json!({ "AddressIds": ["198.51.100.1"] })),
        ("an unknown id and a known one", json!({ "AddressIds": ["eip-unbound1", "eip-zzzzzzzz"] })),
        ("an EIP that is bound to an interface", json!({ "AddressIds": ["eip-unbound1", "eip-loose001"] })),
        ("an EIP that is bound to an instance", json!({ "AddressIds": ["eip-blocked1"] })),
    ]), @r#"
    no region
        MissingParameter: The request is missing a required parameter `EcmRegion`.
    an unknown region
        InvalidParameterValue: The parameter value is incorrect. (EcmRegion: unknown region `x`)
    another region
        UnsupportedOperation.AddressIdNotFound: The IP was not found. (EIP `eip-unbound1` is not in region `ap-xian-ecm`)
    no ids
        MissingParameter: The request is missing a required parameter `AddressIds`.
    an empty list
        InvalidParameter: The parameter is incorrect. (AddressIds is empty)
    101 ids
        InvalidParameterValue: The parameter value is incorrect. (AddressIds has 101 items; at most 100 are allowed)
    a malformed id
        UnsupportedOperation.Malformed: Please check whether the provided IP address is complete. (AddressIds.0: `198.51.100.1` must be `eip-` followed by 8 characters from 0-9 and a-z)
    an unknown id and a known one
        UnsupportedOperation.AddressIdNotFound: The IP was not found. (EIP `eip-zzzzzzzz`)
    an EIP that is bound to an interface
        UnsupportedOperation.StatusNotPermit: This operation cannot be performed in the current status. (EIP `eip-loose001` is BIND_ENI)
    an EIP that is bound to an instance
        UnsupportedOperation.StatusNotPermit: This operation cannot be performed in the current status. (EIP `eip-blocked1` is BIND)
    "#);
}

#[test]
fn an_eip_is_renamed_and_made_direct() {
    let mut cloud = Cloud::new();
    let before = cloud.eip("eip-unbound1");
    assert_eq!(cloud.ok("ModifyAddressAttribute", &eip("eip-unbound1")), json!({}));
    assert_eq!(cloud.eip("eip-unbound1"), before);
    let params = json!({ "AddressName": "名".repeat(20), "EipDirectConnection": "TRUE" });
    cloud.ok("ModifyAddressAttribute", &changed(&eip("eip-unbound1"), &params));
    let shown = json!({ "AddressName": "名".repeat(20), "IsEipDirectConnection": true });
    assert_eq!(cloud.eip("eip-unbound1"), changed(&before, &shown));
    let params = json!({ "EipDirectConnection": "false" });
    cloud.ok("ModifyAddressAttribute", &changed(&eip("eip-unbound1"), &params));
    assert_eq!(cloud.eip("eip-unbound1")["IsEipDirectConnection"], false);
}

#[test]
fn an_invalid_modification_is_rejected() {
    let mut cloud = Cloud::new();
    insta::assert_snapshot!(cloud.refusals("ModifyAddressAttribute", &eip("eip-unbound1"), [
        ("no id", json!({ "AddressId": null })),
        ("a malformed id", json!({ "AddressId": "eip" })),
        ("an unknown id", json!({ "AddressId": "eip-zzzzzzzz" })),
        ("another region", json!({ "EcmRegion": XIAN })),
        ("an unknown region", json!({ "EcmRegion": "x" })),
        ("a name of 21 characters", json!({ "AddressName": "名".repeat(21) })),
        ("a direct connection that is not a boolean", json!({ "EipDirectConnection": "1" })),
    ]), @r#"
    no id
        MissingParameter: The request is missing a required parameter `AddressId`.
    a malformed id
        UnsupportedOperation.Malformed: Please check whether the provided IP address is complete. (AddressId: `eip` must be `eip-` followed by 8 characters from 0-9 and a-z)
    an unknown id
        UnsupportedOperation.AddressIdNotFound: The IP was not found. (EIP `eip-zzzzzzzz`)
    another region
        UnsupportedOperation.AddressIdNotFound: The IP was not found. (EIP `eip-unbound1` is not in region `ap-xian-ecm`)
    an unknown region
        InvalidParameterValue.InvalidRegion: The ECM region is invalid. (EcmRegion: unknown region `x`)
    a name of 21 characters
        InvalidParameterValue.TooLong: The parameter value is too long. (AddressName has 21 characters; at most 20 are allowed)
    a direct connection that is not a boolean
        InvalidParameterValue: The parameter value is incorrect. (EipDirectConnection: `1` is neither true nor false)
    "#);
}

#[test]
fn the_bandwidth_of_eips_is_changed() {
    let mut cloud = Cloud::new();
    let params = eips(&["eip-unbound1", "eip-loose001", "eip-blocked1"]);
    let params = changed(&params, &json!({ "InternetMaxBandwidthOut": 5000 }));
    let response = cloud.ok("ModifyAddressesBandwidth", &params);
    assert!(response["TaskId"].is_string());
    for id in ["eip-unbound1", "eip-loose001", "eip-blocked1"] {
        assert_eq!(cloud.eip(id)["Bandwidth"], 5000);
    }
}

#[test]
fn an_invalid_bandwidth_is_rejected() {
    let mut cloud = Cloud::new();
    let params = changed(&eips(&["eip-unbound1"]), &json!({ "InternetMaxBandwidthOut": 1 }));
    insta::assert_snapshot!(cloud.refusals("ModifyAddressesBandwidth", &params, [
        ("none", json!({ "InternetMaxBandwidthOut": null })),
        ("zero", json!({ "InternetMaxBandwidthOut": 0 })),
        ("too much", json!({ "InternetMaxBandwidthOut": 5001 })),
        ("a negative bandwidth", json!({ "InternetMaxBandwidthOut": -1 })),
        ("no ids", json!({ "AddressIds": null })),
        ("an empty list", json!({ "AddressIds": [] })),
        ("a malformed id", json!({ "AddressIds": ["eip"] })),
        ("an unknown id", json!({ "AddressIds": ["eip-zzzzzzzz"] })),
        ("another region", json!({ "EcmRegion": XIAN })),
        ("an unknown region", json!({ "EcmRegion": "x" })),
    ]), @r#"
    none
        MissingParameter: The request is missing a required parameter `InternetMaxBandwidthOut`.
    zero
        InvalidParameterValue.InvalidBandwidth: The bandwidth size is invalid. (InternetMaxBandwidthOut is 0; must be 1 to 5000)
    too much
        InvalidParameterValue.InvalidBandwidth: The bandwidth size is invalid. (InternetMaxBandwidthOut is 5001; must be 1 to 5000)
    a negative bandwidth
        InvalidParameter: The value type of parameter `InternetMaxBandwidthOut` is not valid, input type should be `uint64`
    no ids
        MissingParameter: The request is missing a required parameter `AddressIds`.
    an empty list
        InvalidParameter: The parameter is incorrect. (AddressIds is empty)
    a malformed id
        InvalidParameterValue: The parameter value is incorrect. (AddressIds.0: `eip` must be `eip-` followed by 8 characters from 0-9 and a-z)
    an unknown id
        UnsupportedOperation.AddressIdNotFound: The IP was not found. (EIP `eip-zzzzzzzz`)
    another region
        UnsupportedOperation.AddressIdNotFound: The IP was not found. (EIP `eip-unbound1` is not in region `ap-xian-ecm`)
    an unknown region
        InvalidParameterValue: The parameter value is incorrect. (EcmRegion: unknown region `x`)
    "#);
}

#[test]
fn an_invalid_task_is_rejected() {
    let mut cloud = Cloud::new();
    let id = cloud.ok("AllocateAddresses", &region())["TaskId"].take();
    let task = json!({ "EcmRegion": HANGZHOU, "TaskId": id });
    assert_eq!(cloud.ok("DescribeTaskResult", &task), json!({ "TaskId": id, "Result": "SUCCESS" }));
    insta::assert_snapshot!(cloud.refusals("DescribeTaskResult", &task, [
        ("no id", json!({ "TaskId": null })),
        ("an empty id", json!({ "TaskId": "" })),
        ("a number", json!({ "TaskId": 202_869_021 })),
        ("letters", json!({ "TaskId": "task" })),
        ("a leading zero", json!({ "TaskId": "0202869021" })),
        ("too many digits", json!({ "TaskId": "9".repeat(30) })),
        ("an unknown id", json!({ "TaskId": "1" })),
        ("no region", json!({ "EcmRegion": null })),
        ("an unknown region", json!({ "EcmRegion": "x" })),
    ]), @r#"
    no id
        MissingParameter: The request is missing a required parameter `TaskId`.
    an empty id
        InvalidParameter: The parameter is incorrect. (TaskId is empty)
    a number
        InvalidParameter: The value type of parameter `TaskId` is not valid, input type should be `string`
    letters
        InvalidParameterValue: The parameter value is incorrect. (TaskId: `task` must be digits such as 202869021)
    a leading zero
        InvalidParameterValue: The parameter value is incorrect. (TaskId: `0202869021` must be digits such as 202869021)
    too many digits
        InvalidParameterValue: The parameter value is incorrect. (TaskId: `999999999999999999999999999999` must be digits such as 202869021)
    an unknown id
        InvalidParameterValue: The parameter value is incorrect. (task `1` does not exist)
    no region
        MissingParameter: The request is missing a required parameter `EcmRegion`.
    an unknown region
        InvalidParameterValue.InvalidRegion: The ECM region is invalid. (EcmRegion: unknown region `x`)
    "#);
}
