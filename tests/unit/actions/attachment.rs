//! Attaching, detaching, and moving network interfaces.

use serde_json::{Value, json};

use crate::tests::cloud::{Cloud, HANGZHOU, XIAN};

/// Creates an unattached interface in the first subnet.
fn made(cloud: &mut Cloud, more_addresses: usize) -> String {
    let params = json!({
        "VpcId": "vpc-00000001",
        "NetworkInterfaceName": "demo",
        "SubnetId": "subnet-00000001",
        "EcmRegion": HANGZHOU,
        "SecondaryPrivateIpAddressCount": more_addresses,
    });
    let response = cloud.ok("CreateNetworkInterface", &params);
    response["NetworkInterface"]["NetworkInterfaceId"].as_str().unwrap().to_owned()
}

/// Returns the parameters of calls that attach, detach, or delete an interface.
fn named(id: &str, instance: &str) -> Value {
    json!({ "NetworkInterfaceId": id, "InstanceId": instance, "EcmRegion": HANGZHOU })
}

#[test]
fn an_interface_is_attached_and_detached() {
    let mut cloud = Cloud::new();
    let both = named("eni-loose001", "ein-4core001");
    assert_eq!(cloud.ok("AttachNetworkInterface", &both), json!({}));
    insta::assert_json_snapshot!(cloud.interface("eni-loose001")["Attachment"], @r#"
    {
      "AttachTime": "2026-11-22 12:00:00",
      "DeviceIndex": 1,
      "InstanceAccountId": "1250000000",
      "InstanceId": "ein-4core001"
    }
    "#);
    assert_eq!(cloud.eip("eip-loose001")["AddressStatus"], "BIND");
    assert_eq!(cloud.eip("eip-loose001")["InstanceId"], "ein-4core001");
    assert_eq!(cloud.ok("DetachNetworkInterface", &both), json!({}));
    assert_eq!(cloud.interface("eni-loose001")["Attachment"], Value::Null);
    assert_eq!(cloud.eip("eip-loose001")["AddressStatus"], "BIND_ENI");
    assert_eq!(cloud.eip("eip-loose001")["InstanceId"], "");
}

#[test]
fn an_interface_can_be_attached_to_a_stopped_instance() {
    let mut cloud = Cloud::new();
    cloud.ok("AttachNetworkInterface", &named("eni-loose001", "ein-4core002"));
}

#[test]
fn devices_are_numbered() {
    let mut cloud = Cloud::new();
    let ids: Vec<String> = (0..2).map(|_| made(&mut cloud, 0)).collect();
    let index = |cloud: &mut Cloud, id: &str| {
        cloud.interface(id)["Attachment"]["DeviceIndex"].as_u64().unwrap()
    };
    for id in &ids {
        cloud.ok("AttachNetworkInterface", &named(id, "ein-4core001"));
    }
    assert_eq!(index(&mut cloud, "eni-primary4"), 0);
    assert_eq!([index(&mut cloud, &ids[0]), index(&mut cloud, &ids[1])], [1, 2]);
}

#[test]
fn an_invalid_attachment_is_rejected() {
    let mut cloud = Cloud::new();
    let params = named("eni-loose001", "ein-4core001");
    insta::assert_snapshot!(cloud.refusals("AttachNetworkInterface", &params, [
        ("no interface", json!({ "NetworkInterfaceId": null })),
        ("a malformed interface", json!({ "NetworkInterfaceId": "ein-4core001" })),
        ("an unknown interface", json!({ "NetworkInterfaceId": "eni-zzzzzzzz" })),
        ("an interface of another region", json!({ "NetworkInterfaceId": "eni-0000xian" })),
        ("no instance", json!({ "InstanceId": null })),
        ("a malformed instance", json!({ "InstanceId": "ins-4core001" })),
        ("an unknown instance", json!({ "InstanceId": "ein-zzzzzzzz" })),
        ("an instance of another region", json!({ "InstanceId": "ein-0000xian" })),
        ("an empty region", json!({ "EcmRegion": "" })),
        ("an instance of another VPC", json!({ "InstanceId": "ein-0000vpc2" })),
        ("an interface attached to another instance", json!({ "NetworkInterfaceId": "eni-primary1" })),
        ("an interface attached to the same instance", json!({ "NetworkInterfaceId": "eni-primary4" })),
        ("a stopping instance", json!({ "InstanceId": "ein-stopping" })),
    ]), @r#"
    no interface
        MissingParameter: The request is missing a required parameter `NetworkInterfaceId`.
    a malformed interface
        InvalidParameterValue.Malformed: The input parameter format is invalid. (NetworkInterfaceId: `ein-4core001` must be `eni-` followed by 8 characters from 0-9 and a-z)
    an unknown interface
        ResourceNotFound: The resource does not exist. (network interface `eni-zzzzzzzz`)
    an interface of another region
        ResourceNotFound: The resource does not exist. (network interface `eni-0000xian` is not in region `ap-hangzhou-ecm`)
    no instance
        MissingParameter: The request is missing a required parameter `InstanceId`.
    a malformed instance
        InvalidParameterValue.Malformed: The input parameter format is invalid. (InstanceId: `ins-4core001` must be `ein-` followed by 8 characters from 0-9 and a-z)
    an unknown instance
        ResourceNotFound: The resource does not exist. (instance `ein-zzzzzzzz`)
    an instance of another region
        ResourceNotFound: The resource does not exist. (instance `ein-0000xian` is not in region `ap-hangzhou-ecm`)
    an empty region
        InvalidParameterValue: The parameter value is incorrect. (EcmRegion: is empty)
    an instance of another VPC
        UnsupportedOperation.VpcMismatch: The resources are not in the same VPC. (network interface `eni-loose001` and instance `ein-0000vpc2` are not in the same VPC)
    an interface attached to another instance
        UnsupportedOperation.AttachmentAlreadyExists: The ENI is already associated with an instance. (network interface `eni-primary1` is attached to instance `ein-1core001`)
    an interface attached to the same instance
        UnsupportedOperation.AttachmentAlreadyExists: The ENI is already associated with an instance. (network interface `eni-primary4` is attached to instance `ein-4core001`)
    a stopping instance
        UnsupportedOperation.InvalidState: The resource status is invalid. (instance `ein-stopping` is STOPPING)
    "#);
}

/// One vCPU: two interfaces, two private IPs on each, and one EIP in total.
#[test]
fn the_vcpus_of_an_instance_limit_its_interfaces_and_addresses() {
    let mut cloud = Cloud::new();
    let three = made(&mut cloud, 2);
    insta::assert_snapshot!(
        cloud.refused("AttachNetworkInterface", &named(&three, "ein-1core001")), @"LimitExceeded.PrivateIPQuotaLimitExceeded: The number of private IPs exceeds the limit. (network interface `eni-9qfs5ivn` has 3 private IPs; its quota is 2)");
    let eip =
        json!({ "EcmRegion": HANGZHOU, "AddressId": "eip-unbound1", "InstanceId": "ein-1core001" });
    cloud.ok("AssociateAddress", &eip);
    insta::assert_snapshot!(
        cloud.refused("AttachNetworkInterface", &named("eni-loose001", "ein-1core001")), @"LimitExceeded.AddressQuotaLimitExceeded: The number applied for exceeds the limit. (instance `ein-1core001` has 1 public IP; its quota is 1)");
    let two = made(&mut cloud, 1);
    cloud.ok("AttachNetworkInterface", &named(&two, "ein-1core001"));
    let one = made(&mut cloud, 0);
    insta::assert_snapshot!(
        cloud.refused("AttachNetworkInterface", &named(&one, "ein-1core001")), @"LimitExceeded.EniQuotaLimitExceeded: The number of purchasable ENIs is insufficient. (instance `ein-1core001` has 2 network interfaces; its quota is 2)");
    let more = json!({
        "NetworkInterfaceId": two, "EcmRegion": HANGZHOU, "SecondaryPrivateIpAddressCount": 1,
    });
    insta::assert_snapshot!(cloud.refused("AssignPrivateIpAddresses", &more), @"LimitExceeded.PrivateIPQuotaLimitExceeded: The number of private IPs exceeds the limit. (network interface `eni-6f5qnxh8` has 2 private IPs; its quota is 2)");
}

#[test]
fn an_invalid_detachment_is_rejected() {
    let mut cloud = Cloud::new();
    cloud.ok("AttachNetworkInterface", &named("eni-loose001", "ein-4core001"));
    let params = named("eni-loose001", "ein-4core001");
    insta::assert_snapshot!(cloud.refusals("DetachNetworkInterface", &params, [
        ("a malformed interface", json!({ "NetworkInterfaceId": "eni-" })),
        ("an unknown interface", json!({ "NetworkInterfaceId": "eni-zzzzzzzz" })),
        ("a malformed instance", json!({ "InstanceId": "ins-11221122" })),
        ("an unknown instance", json!({ "InstanceId": "ein-zzzzzzzz" })),
        ("another region", json!({ "EcmRegion": XIAN })),
        ("an unknown region", json!({ "EcmRegion": "ap-xi'an-ecm" })),
        ("another instance", json!({ "InstanceId": "ein-1core001" })),
        ("an interface without an instance", json!({ "NetworkInterfaceId": "eni-0subnet2" })),
        ("a primary interface", json!({ "NetworkInterfaceId": "eni-primary4" })),
    ]), @r#"
    a malformed interface
        InvalidParameterValue.Malformed: The input parameter format is invalid. (NetworkInterfaceId: `eni-` must be `eni-` followed by 8 characters from 0-9 and a-z)
    an unknown interface
        ResourceNotFound: The resource does not exist. (network interface `eni-zzzzzzzz`)
    a malformed instance
        InvalidParameterValue.Malformed: The input parameter format is invalid. (InstanceId: `ins-11221122` must be `ein-` followed by 8 characters from 0-9 and a-z)
    an unknown instance
        ResourceNotFound: The resource does not exist. (instance `ein-zzzzzzzz`)
    another region
        ResourceNotFound: The resource does not exist. (network interface `eni-loose001` is not in region `ap-xian-ecm`)
    an unknown region
        InvalidParameterValue.InvalidRegion: The ECM region is invalid. (EcmRegion: unknown region `ap-xi'an-ecm`; did you mean `ap-xian-ecm`?)
    another instance
        UnsupportedOperation.InvalidState: The resource status is invalid. (network interface `eni-loose001` is not attached to instance `ein-1core001`)
    an interface without an instance
        UnsupportedOperation.InvalidState: The resource status is invalid. (network interface `eni-0subnet2` is not attached to instance `ein-4core001`)
    a primary interface
        UnsupportedOperation: Unsupported operation. (network interface `eni-primary4` is primary and cannot be detached, moved, or removed)
    "#);
}

#[test]
fn an_interface_moves_with_its_addresses_and_eips() {
    let mut cloud = Cloud::new();
    cloud.ok("AttachNetworkInterface", &named("eni-loose001", "ein-4core001"));
    let before = cloud.interface("eni-loose001");
    let params = json!({
        "EcmRegion": HANGZHOU,
        "NetworkInterfaceId": "eni-loose001",
        "SourceInstanceId": "ein-4core001",
        "DestinationInstanceId": "ein-4core002",
    });
    assert_eq!(cloud.ok("MigrateNetworkInterface", &params), json!({}));
    let after = cloud.interface("eni-loose001");
    assert_eq!(after["Attachment"]["InstanceId"], "ein-4core002");
    assert_eq!(after["Attachment"]["DeviceIndex"], 0);
    assert_eq!(after["PrivateIpAddressSet"], before["PrivateIpAddressSet"]);
    assert_eq!(cloud.eip("eip-loose001")["InstanceId"], "ein-4core002");
    insta::assert_snapshot!(cloud.refused("MigrateNetworkInterface", &params), @"UnsupportedOperation.AttachmentNotFound: The instance is not associated. (network interface `eni-loose001` is not attached to instance `ein-4core001`)");
}

#[test]
fn an_invalid_migration_is_rejected() {
    let mut cloud = Cloud::new();
    cloud.ok("AttachNetworkInterface", &named("eni-loose001", "ein-4core001"));
    let params = json!({
        "EcmRegion": HANGZHOU,
        "NetworkInterfaceId": "eni-loose001",
        "SourceInstanceId": "ein-4core001",
        "DestinationInstanceId": "ein-4core002",
    });
    insta::assert_snapshot!(cloud.refusals("MigrateNetworkInterface", &params, [
        ("a malformed interface", json!({ "NetworkInterfaceId": "eni" })),
        ("an unknown interface", json!({ "NetworkInterfaceId": "eni-zzzzzzzz" })),
        ("a malformed source", json!({ "SourceInstanceId": "ins-11221122" })),
        ("an unknown source", json!({ "SourceInstanceId": "ein-zzzzzzzz" })),
        ("another source", json!({ "SourceInstanceId": "ein-1core001" })),
        ("a malformed destination", json!({ "DestinationInstanceId": "ins-11331133" })),
        ("an unknown destination", json!({ "DestinationInstanceId": "ein-zzzzzzzz" })),
        ("its own instance", json!({ "DestinationInstanceId": "ein-4core001" })),
        ("another VPC", json!({ "DestinationInstanceId": "ein-0000vpc2" })),
        ("a stopping instance", json!({ "DestinationInstanceId": "ein-stopping" })),
        ("another region", json!({ "EcmRegion": XIAN })),
        ("an unknown region", json!({ "EcmRegion": "x" })),
        ("a primary interface", json!({ "NetworkInterfaceId": "eni-primary4" })),
        ("no destination", json!({ "DestinationInstanceId": null })),
    ]), @r#"
    a malformed interface
        InvalidParameterValue.Malformed: The input parameter format is invalid. (NetworkInterfaceId: `eni` must be `eni-` followed by 8 characters from 0-9 and a-z)
    an unknown interface
        ResourceNotFound: The resource does not exist. (network interface `eni-zzzzzzzz`)
    a malformed source
        InvalidParameterValue.Malformed: The input parameter format is invalid. (SourceInstanceId: `ins-11221122` must be `ein-` followed by 8 characters from 0-9 and a-z)
    an unknown source
        ResourceNotFound: The resource does not exist. (instance `ein-zzzzzzzz`)
    another source
        UnsupportedOperation.AttachmentNotFound: The instance is not associated. (network interface `eni-loose001` is not attached to instance `ein-1core001`)
    a malformed destination
        InvalidParameterValue.Malformed: The input parameter format is invalid. (DestinationInstanceId: `ins-11331133` must be `ein-` followed by 8 characters from 0-9 and a-z)
    an unknown destination
        ResourceNotFound: The resource does not exist. (instance `ein-zzzzzzzz`)
    its own instance
        InvalidParameterValue: The parameter value is incorrect. (network interface `eni-loose001` is attached to instance `ein-4core001`)
    another VPC
        InvalidParameterValue: The parameter value is incorrect. (network interface `eni-loose001` and instance `ein-0000vpc2` are not in the same VPC)
    a stopping instance
        InvalidParameterValue: The parameter value is incorrect. (instance `ein-stopping` is STOPPING)
    another region
        ResourceNotFound: The resource does not exist. (network interface `eni-loose001` is not in region `ap-xian-ecm`)
    an unknown region
        InvalidParameterValue: The parameter value is incorrect. (EcmRegion: unknown region `x`)
    a primary interface
        InvalidParameterValue: The parameter value is incorrect. (network interface `eni-primary4` is primary and cannot be detached, moved, or removed)
    no destination
        MissingParameter: The request is missing a required parameter `DestinationInstanceId`.
    "#);
}
