//! Binding and unbinding of EIPs.

use crate::ecm::store::Settings;
use rstest::rstest;
use serde_json::{Value, json};

use crate::tests::cloud::{Cloud, HANGZHOU, XIAN, changed};

fn eip(id: &str) -> Value {
    json!({ "EcmRegion": HANGZHOU, "AddressId": id })
}

/// Returns the parameters that bind an EIP to the primary private IP of an unattached interface.
fn binding() -> Value {
    let target = json!({ "NetworkInterfaceId": "eni-loose001", "PrivateIpAddress": "10.0.1.4" });
    changed(&eip("eip-unbound1"), &target)
}

#[test]
fn an_eip_is_bound_to_a_private_address() {
    let mut cloud = Cloud::new();
    let before = cloud.eip("eip-unbound1");
    let response = cloud.ok("AssociateAddress", &binding());
    assert!(response["TaskId"].is_string());
    let shown = json!({
        "AddressStatus": "BIND_ENI",
        "NetworkInterfaceId": "eni-loose001",
        "PrivateAddressIp": "10.0.1.4",
    });
    assert_eq!(cloud.eip("eip-unbound1"), changed(&before, &shown));
    let ip = cloud.interface("eni-loose001")["PrivateIpAddressSet"][0].take();
    assert_eq!(
        (&ip["AddressId"], &ip["PublicIpAddress"]),
        (&json!("eip-unbound1"), &json!("198.51.100.1"))
    );
    cloud.ok("DisassociateAddress", &eip("eip-unbound1"));
    assert_eq!(cloud.eip("eip-unbound1"), before);
    let ip = cloud.interface("eni-loose001")["PrivateIpAddressSet"][0].take();
    assert_eq!((&ip["AddressId"], &ip["PublicIpAddress"]), (&json!(""), &json!("")));
}

#[test]
fn an_eip_of_an_instance_is_bound_to_its_primary_address() {
    let mut cloud = Cloud::new();
    let to_instance = changed(&eip("eip-unbound1"), &json!({ "InstanceId": "ein-1core001" }));
    cloud.ok("AssociateAddress", &to_instance);
    insta::assert_json_snapshot!(cloud.eip("eip-unbound1"), @r#"
    {
      "AddressId": "eip-unbound1",
      "AddressIp": "198.51.100.1",
      "AddressName": "",
      "AddressStatus": "BIND",
      "AddressType": "EIP",
      "Bandwidth": 1,
      "CascadeRelease": false,
      "CreatedTime": "2026-11-22T04:00:00Z",
      "InstanceId": "ein-1core001",
      "InternetServiceProvider": "CMCC",
      "IsArrears": false,
      "IsBlocked": false,
      "IsEipDirectConnection": false,
      "NetworkInterfaceId": "eni-primary1",
      "PayMode": "BANDWIDTH_PACKAGE",
      "PrivateAddressIp": "10.0.1.2"
    }
    "#);
}

#[rstest]
#[case::interface(
    json!({ "NetworkInterfaceId": "eni-loose001", "PrivateIpAddress": "10.0.1.4" }),
    "BIND_ENI"
)]
#[case::instance(json!({ "InstanceId": "ein-1core001" }), "BIND")]
#[case::blanks(
    json!({ "InstanceId": "ein-1core001", "NetworkInterfaceId": "", "PrivateIpAddress": "" }),
    "BIND"
)]
fn an_eip_can_be_bound_when_it_is_allocated(#[case] target: Value, #[case] status: &str) {
    let mut cloud = Cloud::new();
    let params = changed(&json!({ "EcmRegion": HANGZHOU, "AddressCount": 1 }), &target);
    let id = cloud.ok("AllocateAddresses", &params)["AddressSet"][0].take();
    assert_eq!(cloud.eip(id.as_str().unwrap())["AddressStatus"], status);
}

#[test]
fn an_invalid_binding_is_rejected() {
    let mut cloud = Cloud::new();
    insta::assert_snapshot!(cloud.refusals("AssociateAddress", &binding(), [
        ("no EIP", json!({ "AddressId": null })),
        ("a malformed EIP", json!({ "AddressId": "198.51.100.1" })),
        ("an unknown EIP", json!({ "AddressId": "eip-zzzzzzzz" })),
        ("another region", json!({ "EcmRegion": XIAN })),
        ("an unknown region", json!({ "EcmRegion": "x" })),
        ("an EIP that is bound to an interface", json!({ "AddressId": "eip-loose001" })),
        ("an EIP that is bound to an instance", json!({ "AddressId": "eip-blocked1" })),
    ]), @r#"
    no EIP
        MissingParameter: The request is missing a required parameter `AddressId`.
    a malformed EIP
        UnsupportedOperation.Malformed: Please check whether the provided IP address is complete. (AddressId: `198.51.100.1` must be `eip-` followed by 8 characters from 0-9 and a-z)
    an unknown EIP
        UnsupportedOperation.AddressIdNotFound: The IP was not found. (EIP `eip-zzzzzzzz`)
    another region
        UnsupportedOperation.AddressIdNotFound: The IP was not found. (EIP `eip-unbound1` is not in region `ap-xian-ecm`)
    an unknown region
        InvalidParameterValue.InvalidRegion: The ECM region is invalid. (EcmRegion: unknown region `x`)
    an EIP that is bound to an interface
        UnsupportedOperation.StatusNotPermit: This operation cannot be performed in the current status. (EIP `eip-loose001` is BIND_ENI)
    an EIP that is bound to an instance
        UnsupportedOperation.StatusNotPermit: This operation cannot be performed in the current status. (EIP `eip-blocked1` is BIND)
    "#);
}

/// Returns parameters with an instance instead of an interface.
fn instance(id: &str) -> Value {
    json!({ "InstanceId": id, "NetworkInterfaceId": null, "PrivateIpAddress": null })
}

/// Returns invalid binding targets, in addition to an interface and its address.
fn wrong_targets() -> [(&'static str, Value); 17] {
    [
        ("an instance and an interface", json!({ "InstanceId": "ein-1core001" })),
        (
            "an instance and an address",
            json!({ "InstanceId": "ein-1core001", "NetworkInterfaceId": null }),
        ),
        ("an address without an interface", json!({ "NetworkInterfaceId": null })),
        ("an interface without an address", json!({ "PrivateIpAddress": null })),
        ("a malformed interface", json!({ "NetworkInterfaceId": "eni" })),
        ("an unknown interface", json!({ "NetworkInterfaceId": "eni-zzzzzzzz" })),
        (
            "an interface of another region",
            json!({ "NetworkInterfaceId": "eni-0000xian", "PrivateIpAddress": "192.168.0.2" }),
        ),
        ("a malformed address", json!({ "PrivateIpAddress": "ten" })),
        ("an address of another interface", json!({ "PrivateIpAddress": "10.0.1.2" })),
        ("a HAVIP", json!({ "PrivateIpAddress": "10.0.1.6" })),
        ("an address with an EIP", json!({ "PrivateIpAddress": "10.0.1.5" })),
        ("a malformed instance", instance("ins-11112222")),
        ("an unknown instance", instance("ein-zzzzzzzz")),
        ("an instance of another region", instance("ein-0000xian")),
        ("an instance with an EIP", instance("ein-4core001")),
        ("an instance without an interface", instance("ein-4core002")),
        ("a stopping instance", instance("ein-stopping")),
    ]
}

#[test]
fn an_invalid_target_is_rejected() {
    let mut cloud = Cloud::new();
    insta::assert_snapshot!(cloud.refusals("AssociateAddress", &binding(), wrong_targets()), @r#"
    an instance and an interface
        InvalidParameter.InvalidParameterConflict: The two specified parameters conflict. An EIP can only be bound to an instance or the specified private IP of the specified ENI. (InstanceId and NetworkInterfaceId are mutually exclusive)
    an instance and an address
        InvalidParameterValue: The parameter value is incorrect. (PrivateIpAddress: requires NetworkInterfaceId)
    an address without an interface
        InvalidParameterValue: The parameter value is incorrect. (PrivateIpAddress: requires NetworkInterfaceId)
    an interface without an address
        MissingParameter: A parameter is missing. (NetworkInterfaceId requires PrivateIpAddress)
    a malformed interface
        InvalidParameterValue.InvaildEniID: The ENI ID is invalid. (NetworkInterfaceId: `eni` must be `eni-` followed by 8 characters from 0-9 and a-z)
    an unknown interface
        UnsupportedOperation.InvalidNetworkInterfaceIdNotFound: The specified `NetworkInterfaceId` does not exist, or the specified `PrivateIpAddress` is not on the `NetworkInterfaceId`. (network interface `eni-zzzzzzzz`)
    an interface of another region
        UnsupportedOperation.InvalidNetworkInterfaceIdNotFound: The specified `NetworkInterfaceId` does not exist, or the specified `PrivateIpAddress` is not on the `NetworkInterfaceId`. (network interface `eni-0000xian` is not in region `ap-hangzhou-ecm`)
    a malformed address
        UnsupportedOperation.Malformed: Please check whether the provided IP address is complete. (PrivateIpAddress: `ten` must be an IPv4 address such as 10.0.0.2)
    an address of another interface
        UnsupportedOperation.InvalidNetworkInterfaceIdNotFound: The specified `NetworkInterfaceId` does not exist, or the specified `PrivateIpAddress` is not on the `NetworkInterfaceId`. (10.0.1.2 is not on network interface `eni-loose001`)
    a HAVIP
        UnsupportedOperation.InvalidNetworkInterfaceIdNotFound: The specified `NetworkInterfaceId` does not exist, or the specified `PrivateIpAddress` is not on the `NetworkInterfaceId`. (10.0.1.6 is not on network interface `eni-loose001`)
    an address with an EIP
        UnsupportedOperation.InvalidPrivateIpAddressAlreadyBindEip: The specified private IP of the specified ENI has already been bound to an EIP. A private IP cannot be bound to more than one EIP. (private IP 10.0.1.5 has EIP `eip-loose001`)
    a malformed instance
        InvalidParameterValue.InvalidInstanceID: The instance ID is invalid. (InstanceId: `ins-11112222` must be `ein-` followed by 8 characters from 0-9 and a-z)
    an unknown instance
        UnsupportedOperation.InstanceIdNotFound: The instance ID is invalid, as the specified instance ID does not exist. (instance `ein-zzzzzzzz`)
    an instance of another region
        UnsupportedOperation.InstanceIdNotFound: The instance ID is invalid, as the specified instance ID does not exist. (instance `ein-0000xian` is not in region `ap-hangzhou-ecm`)
    an instance with an EIP
        UnsupportedOperation.AlreadyBindEip: The specified instance has been bound to an EIP. You must unbind it from the current EIP first before you can bind it to another EIP. (instance `ein-4core001` has EIP `eip-blocked1`)
    an instance without an interface
        UnsupportedOperation.InstanceIdNotSupported: The instance is not supported. (instance `ein-4core002` has no primary network interface)
    a stopping instance
        FailedOperation.InvalidStatus: This operation cannot be performed in the current status. (instance `ein-stopping` is STOPPING)
    "#);
}

#[test]
fn an_invalid_target_of_a_new_eip_is_rejected() {
    let mut cloud = Cloud::new();
    let mut allocation = binding();
    allocation.as_object_mut().unwrap().remove("AddressId");
    insta::assert_snapshot!(cloud.refusals("AllocateAddresses", &allocation, wrong_targets()), @r#"
    an instance and an interface
        InvalidParameter.InvalidParameterConflict: The two specified parameters conflict. An EIP can only be bound to an instance or the specified private IP of the specified ENI. (InstanceId and NetworkInterfaceId are mutually exclusive)
    an instance and an address
        InvalidParameterValue: The parameter value is incorrect. (PrivateIpAddress: requires NetworkInterfaceId)
    an address without an interface
        InvalidParameterValue: The parameter value is incorrect. (PrivateIpAddress: requires NetworkInterfaceId)
    an interface without an address
        MissingParameter.MissingPrivateIpAddress: The private IP address is missing. (NetworkInterfaceId requires PrivateIpAddress)
    a malformed interface
        InvalidParameterValue: The parameter value is incorrect. (NetworkInterfaceId: `eni` must be `eni-` followed by 8 characters from 0-9 and a-z)
    an unknown interface
        ResourceNotFound: The resource does not exist. (network interface `eni-zzzzzzzz`)
    an interface of another region
        ResourceNotFound: The resource does not exist. (network interface `eni-0000xian` is not in region `ap-hangzhou-ecm`)
    a malformed address
        InvalidParameterValue: The parameter value is incorrect. (PrivateIpAddress: `ten` must be an IPv4 address such as 10.0.0.2)
    an address of another interface
        ResourceNotFound: The resource does not exist. (10.0.1.2 is not on network interface `eni-loose001`)
    a HAVIP
        ResourceNotFound: The resource does not exist. (10.0.1.6 is not on network interface `eni-loose001`)
    an address with an EIP
        UnsupportedOperation.InvalidPrivateIpAddressAlreadyBindEip: The specified private IP of the specified ENI has already been bound to an EIP. A private IP cannot be bound to more than one EIP. (private IP 10.0.1.5 has EIP `eip-loose001`)
    a malformed instance
        InvalidParameterValue: The parameter value is incorrect. (InstanceId: `ins-11112222` must be `ein-` followed by 8 characters from 0-9 and a-z)
    an unknown instance
        ResourceNotFound.InstanceNotExist: The instance is invalid. (instance `ein-zzzzzzzz`)
    an instance of another region
        ResourceNotFound.InstanceNotExist: The instance is invalid. (instance `ein-0000xian` is not in region `ap-hangzhou-ecm`)
    an instance with an EIP
        FailedOperation.PrivateIpAddressBinded: The private IP has been bound to an EIP. (instance `ein-4core001` has EIP `eip-blocked1`)
    an instance without an interface
        FailedOperation.OperationNotAllow: The current operation is not allowed. (instance `ein-4core002` has no primary network interface)
    a stopping instance
        FailedOperation.InvalidStatus: This operation cannot be performed in the current status. (instance `ein-stopping` is STOPPING)
    "#);
}

#[test]
fn a_binding_to_nothing_is_rejected() {
    let mut cloud = Cloud::new();
    insta::assert_snapshot!(cloud.refused("AssociateAddress", &eip("eip-unbound1")), @"MissingParameter.MissingAssociateEntity: The entity parameter to be associated is missing. (InstanceId or NetworkInterfaceId is required)");
    let blank = json!({ "InstanceId": "", "NetworkInterfaceId": "", "PrivateIpAddress": "" });
    let blank = changed(&eip("eip-unbound1"), &blank);
    insta::assert_snapshot!(cloud.refused("AssociateAddress", &blank), @"MissingParameter.MissingAssociateEntity: The entity parameter to be associated is missing. (InstanceId or NetworkInterfaceId is required)");
}

/// One vCPU: one EIP.
#[test]
fn the_vcpus_of_an_instance_limit_its_eips() {
    let mut cloud = Cloud::new();
    let ip = cloud.assign_private_ip("eni-primary1");
    let to_instance = changed(&eip("eip-unbound1"), &json!({ "InstanceId": "ein-1core001" }));
    cloud.ok("AssociateAddress", &to_instance);
    let second = json!({ "NetworkInterfaceId": "eni-primary1", "PrivateIpAddress": ip });
    let second = changed(&eip("eip-unbound2"), &second);
    insta::assert_snapshot!(cloud.refused("AssociateAddress", &second), @"LimitExceeded.AddressQuotaLimitExceeded: The number applied for exceeds the limit. (instance `ein-1core001` has 1 public IP; its quota is 1)");
}

#[test]
fn an_invalid_unbinding_is_rejected() {
    let mut cloud = Cloud::new();
    insta::assert_snapshot!(cloud.refusals("DisassociateAddress", &eip("eip-loose001"), [
        ("no EIP", json!({ "AddressId": null })),
        ("a malformed EIP", json!({ "AddressId": "eip-loose01" })),
        ("an unknown EIP", json!({ "AddressId": "eip-zzzzzzzz" })),
        ("another region", json!({ "EcmRegion": XIAN })),
        ("an unknown region", json!({ "EcmRegion": "x" })),
        ("an EIP that is not bound", json!({ "AddressId": "eip-unbound1" })),
        ("an EIP that is blocked", json!({ "AddressId": "eip-blocked1" })),
        ("another public IP for a secondary address", json!({ "ReallocateNormalPublicIp": true })),
    ]), @r#"
    no EIP
        MissingParameter: The request is missing a required parameter `AddressId`.
    a malformed EIP
        InvalidParameterValue.InvaildAddressId: The EIP is invalid. (AddressId: `eip-loose01` must be `eip-` followed by 8 characters from 0-9 and a-z)
    an unknown EIP
        UnsupportedOperation.AddressIdNotFound: The IP was not found. (EIP `eip-zzzzzzzz`)
    another region
        UnsupportedOperation.AddressIdNotFound: The IP was not found. (EIP `eip-loose001` is not in region `ap-xian-ecm`)
    an unknown region
        InvalidParameterValue.InvalidRegion: The ECM region is invalid. (EcmRegion: unknown region `x`)
    an EIP that is not bound
        UnsupportedOperation.StatusNotPermit: This operation cannot be performed in the current status. (EIP `eip-unbound1` is UNBIND)
    an EIP that is blocked
        UnsupportedOperation.StatusNotPermit: This operation cannot be performed in the current status. (EIP `eip-blocked1` is blocked)
    another public IP for a secondary address
        InvalidParameterValue: The parameter value is incorrect. (ReallocateNormalPublicIp: the EIP is not bound to the primary private IP of a primary network interface)
    "#);
}

/// Binds an EIP to an instance, and replaces it by a general public IP.
fn reallocate(cloud: &mut Cloud) -> Value {
    let to_instance = changed(&eip("eip-unbound1"), &json!({ "InstanceId": "ein-1core001" }));
    cloud.ok("AssociateAddress", &to_instance);
    let in_its_place = json!({ "ReallocateNormalPublicIp": true });
    cloud.call("DisassociateAddress", &changed(&eip("eip-unbound1"), &in_its_place))
}

#[test]
fn a_general_public_address_replaces_an_eip() {
    let mut cloud = Cloud::new();
    assert!(reallocate(&mut cloud)["TaskId"].is_string());
    assert_eq!(cloud.eip("eip-unbound1")["AddressStatus"], "UNBIND");
    let ip = cloud.interface("eni-primary1")["PrivateIpAddressSet"][0].take();
    assert_eq!((&ip["AddressId"], &ip["PublicIpAddress"]), (&json!(""), &json!("198.18.0.2")));
    let quota = cloud.ok("DescribeAddressQuota", &json!({ "EcmRegion": HANGZHOU }));
    insta::assert_json_snapshot!(quota["QuotaSet"][2], @r#"
    {
      "QuotaCurrent": 1,
      "QuotaId": "DAILY_EIP_ASSIGN",
      "QuotaLimit": 40
    }
    "#);
    let again = changed(&eip("eip-unbound1"), &json!({ "InstanceId": "ein-1core001" }));
    insta::assert_snapshot!(cloud.refused("AssociateAddress", &again), @"UnsupportedOperation.InvalidPrivateIpAddressAlreadyBindEip: The specified private IP of the specified ENI has already been bound to an EIP. A private IP cannot be bound to more than one EIP. (private IP 10.0.1.2 has a public IP)");
}

/// One vCPU: one public address, whether EIP or general public IP.
#[test]
fn a_general_public_address_counts_toward_the_limit_of_its_instance() {
    let mut cloud = Cloud::new();
    reallocate(&mut cloud);
    let ip = cloud.assign_private_ip("eni-primary1");
    let second = json!({ "NetworkInterfaceId": "eni-primary1", "PrivateIpAddress": ip });
    let second = changed(&eip("eip-unbound2"), &second);
    insta::assert_snapshot!(cloud.refused("AssociateAddress", &second), @"LimitExceeded.AddressQuotaLimitExceeded: The number applied for exceeds the limit. (instance `ein-1core001` has 1 public IP; its quota is 1)");
    let attachment = json!({
        "NetworkInterfaceId": "eni-loose001", "InstanceId": "ein-1core001", "EcmRegion": HANGZHOU,
    });
    insta::assert_snapshot!(cloud.refused("AttachNetworkInterface", &attachment), @"LimitExceeded.AddressQuotaLimitExceeded: The number applied for exceeds the limit. (instance `ein-1core001` has 1 public IP; its quota is 1)");
}

#[test]
fn only_a_primary_address_of_a_primary_interface_gets_a_general_public_address() {
    let mut cloud = Cloud::new();
    cloud.ok("AssociateAddress", &binding());
    let in_its_place = json!({ "ReallocateNormalPublicIp": true });
    let params = changed(&eip("eip-unbound1"), &in_its_place);
    insta::assert_snapshot!(cloud.refused("DisassociateAddress", &params), @"InvalidParameterValue: The parameter value is incorrect. (ReallocateNormalPublicIp: the EIP is not bound to the primary private IP of a primary network interface)");
    cloud.ok(
        "DisassociateAddress",
        &changed(&params, &json!({ "ReallocateNormalPublicIp": false })),
    );
}

/// Forty, from the vendor's example of `DescribeAddressQuota`. A general public IP stays, so each
/// belongs to a different instance.
#[test]
fn forty_general_public_addresses_can_be_allocated_a_day() {
    let mut cloud = Cloud::of(&crowd(41), Settings::default());
    let give = |cloud: &mut Cloud, number: usize| {
        let instance = json!({ "InstanceId": format!("ein-{number:08}") });
        cloud.ok("AssociateAddress", &changed(&eip("eip-00000000"), &instance));
        let in_its_place = json!({ "ReallocateNormalPublicIp": true });
        cloud.call("DisassociateAddress", &changed(&eip("eip-00000000"), &in_its_place))
    };
    for number in 0..40 {
        assert!(give(&mut cloud, number)["TaskId"].is_string());
    }
    insta::assert_json_snapshot!(give(&mut cloud, 40), @r#"
    {
      "Error": {
        "Code": "UnsupportedOperation.QuotaLimitExceeded",
        "Message": "The instance specification supports binding only three EIPs. (region `ap-hangzhou-ecm` has 40 public IPs allocated today; its quota is 40)"
      }
    }
    "#);
    cloud.wait_hours(12);
    cloud.ok("DisassociateAddress", &eip("eip-00000000"));
    assert!(give(&mut cloud, 40)["TaskId"].is_string());
}

/// Returns a fixture of instances with one interface each, and one EIP.
fn crowd(count: usize) -> String {
    let home = json!({ "VpcId": "vpc-00000001", "SubnetId": "subnet-00000001" });
    let instance =
        |number| json!({ "InstanceId": format!("ein-{number:08}"), "VirtualPrivateCloud": home });
    let interface = |number| {
        let ip = format!("10.0.1.{}", number + 2);
        let own = json!({
            "NetworkInterfaceId": format!("eni-{number:08}"),
            "Primary": true,
            "Attachment": { "InstanceId": format!("ein-{number:08}") },
            "PrivateIpAddressSet": [{ "PrivateIpAddress": ip, "Primary": true }],
        });
        changed(&home, &own)
    };
    let crowd = json!({
        "VpcSet": [{ "VpcId": "vpc-00000001", "CidrBlock": "10.0.0.0/16" }],
        "SubnetSet": [{
            "SubnetId": "subnet-00000001", "VpcId": "vpc-00000001", "CidrBlock": "10.0.1.0/24",
        }],
        "InstanceSet": (0..count).map(instance).collect::<Vec<Value>>(),
        "NetworkInterfaceSet": (0..count).map(interface).collect::<Vec<Value>>(),
        "AddressSet": [{ "AddressId": "eip-00000000" }],
    });
    crowd.to_string()
}
