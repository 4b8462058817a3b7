//! Changes that settle after a number of reads.

mod clock;

use crate::ecm::store::{Settings, Settle};
use rstest::rstest;
use serde_json::{Value, json};

use crate::tests::{
    cloud::{Cloud, HANGZHOU, changed, private_ips},
    support::TestServer,
};

fn eip(id: &str) -> Value {
    json!({ "EcmRegion": HANGZHOU, "AddressId": id })
}

fn loose(change: &Value) -> Value {
    changed(&json!({ "NetworkInterfaceId": "eni-loose001", "EcmRegion": HANGZHOU }), change)
}

fn attachment() -> Value {
    loose(&json!({ "InstanceId": "ein-4core001" }))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Returns the states of an interface in a number of reads.
fn interface_states(cloud: &mut Cloud, id: &str, reads: usize) -> Vec<String> {
    (0..reads).map(|_| text(&cloud.interface(id)["State"])).collect()
}

fn eip_states(cloud: &mut Cloud, id: &str, reads: usize) -> Vec<String> {
    (0..reads).map(|_| text(&cloud.eip(id)["AddressStatus"])).collect()
}

/// Returns the state of a private address of an interface, or `None` if it has no such address.
fn ip_state(cloud: &mut Cloud, interface: &str, ip: &str) -> Option<String> {
    let interface = cloud.interface(interface);
    let ips = interface["PrivateIpAddressSet"].as_array().unwrap();
    ips.iter().find(|it| it["PrivateIpAddress"] == ip).map(|it| text(&it["State"]))
}

/// Returns the states of `reads` reads during a change and two reads after it.
fn settles(change: &str, reads: u32, end: &str) -> Vec<String> {
    let changing = std::iter::repeat_n(change, reads as usize);
    changing.chain([end; 2]).map(str::to_owned).collect()
}

#[rstest]
fn a_new_interface_becomes_available_after_a_number_of_reads(#[values(0, 1, 2, 5)] reads: u32) {
    let mut cloud = Cloud::settling(reads);
    let params = json!({
        "VpcId": "vpc-00000001", "SubnetId": "subnet-00000001",
        "NetworkInterfaceName": "demo", "EcmRegion": HANGZHOU,
    });
    let answer = cloud.ok("CreateNetworkInterface", &params)["NetworkInterface"].take();
    assert_eq!(answer["State"], "PENDING");
    let id = text(&answer["NetworkInterfaceId"]);
    let states: Vec<(String, String)> = (0..reads + 2)
        .map(|_| {
            let interface = cloud.interface(&id);
            (text(&interface["State"]), text(&interface["PrivateIpAddressSet"][0]["State"]))
        })
        .collect();
    let expected = settles("PENDING", reads, "AVAILABLE");
    assert_eq!(states, expected.iter().cloned().zip(expected.iter().cloned()).collect::<Vec<_>>());
}

#[rstest]
fn attaching_and_detaching_settle_after_a_number_of_reads(#[values(0, 1, 3)] reads: u32) {
    let mut cloud = Cloud::settling(reads);
    let count = reads as usize + 2;
    cloud.ok("AttachNetworkInterface", &attachment());
    let seen = interface_states(&mut cloud, "eni-loose001", count);
    assert_eq!(seen, settles("ATTACHING", reads, "AVAILABLE"));
    assert_eq!(cloud.interface("eni-loose001")["Attachment"]["InstanceId"], "ein-4core001");
    cloud.ok("DetachNetworkInterface", &attachment());
    let seen = interface_states(&mut cloud, "eni-loose001", count);
    assert_eq!(seen, settles("DETACHING", reads, "AVAILABLE"));
    assert_eq!(cloud.interface("eni-loose001")["Attachment"], Value::Null);
}

#[rstest]
fn migrating_an_interface_settles_after_a_number_of_reads(#[values(0, 1, 3)] reads: u32) {
    let mut cloud = Cloud::settling(reads);
    cloud.ok("AttachNetworkInterface", &attachment());
    interface_states(&mut cloud, "eni-loose001", reads as usize);
    let params = json!({
        "EcmRegion": HANGZHOU, "NetworkInterfaceId": "eni-loose001",
        "SourceInstanceId": "ein-4core001", "DestinationInstanceId": "ein-4core002",
    });
    cloud.ok("MigrateNetworkInterface", &params);
    let seen = interface_states(&mut cloud, "eni-loose001", reads as usize + 2);
    assert_eq!(seen, settles("ATTACHING", reads, "AVAILABLE"));
}

#[rstest]
fn a_deleted_interface_disappears_after_a_number_of_reads(#[values(0, 1, 3)] reads: u32) {
    let mut cloud = Cloud::settling(reads);
    let available =
        |cloud: &mut Cloud| cloud.subnet("subnet-00000001")["AvailableIpAddressCount"].take();
    let before = available(&mut cloud);
    cloud.ok("DeleteNetworkInterface", &loose(&json!({})));
    for _ in 0..reads {
        assert_eq!(available(&mut cloud), before);
        assert_eq!(cloud.interface("eni-loose001")["State"], "DELETING");
    }
    let ids = json!({ "NetworkInterfaceIds": ["eni-loose001"] });
    assert_eq!(cloud.ok("DescribeNetworkInterfaces", &ids)["TotalCount"], 0);
    assert_eq!(available(&mut cloud).as_u64(), before.as_u64().map(|it| it + 2));
}

#[rstest]
fn assigning_and_removing_an_address_settle_after_a_number_of_reads(#[values(0, 1, 3)] reads: u32) {
    let mut cloud = Cloud::settling(reads);
    let named = loose(&json!({ "PrivateIpAddresses": [{ "PrivateIpAddress": "10.0.1.50" }] }));
    let answer = cloud.ok("AssignPrivateIpAddresses", &named);
    assert_eq!(answer["PrivateIpAddressSet"][0]["State"], "PENDING");
    let state = |cloud: &mut Cloud| ip_state(cloud, "eni-loose001", "10.0.1.50");
    for expected in settles("PENDING", reads, "AVAILABLE") {
        assert_eq!(state(&mut cloud), Some(expected));
    }
    cloud.ok("RemovePrivateIpAddresses", &named);
    for _ in 0..reads {
        assert_eq!(state(&mut cloud).as_deref(), Some("DELETING"));
    }
    assert_eq!(state(&mut cloud), None);
}

#[rstest]
fn migrating_a_private_address_settles_after_a_number_of_reads(#[values(0, 1, 3)] reads: u32) {
    let mut cloud = Cloud::settling(reads);
    let params = json!({
        "EcmRegion": HANGZHOU,
        "SourceNetworkInterfaceId": "eni-loose001",
        "DestinationNetworkInterfaceId": "eni-primary4",
        "PrivateIpAddress": "10.0.1.5",
    });
    cloud.ok("MigratePrivateIpAddress", &params);
    assert_eq!(private_ips(&cloud.interface("eni-loose001")), ["10.0.1.4"]);
    for expected in settles("MIGRATING", reads, "AVAILABLE") {
        assert_eq!(ip_state(&mut cloud, "eni-primary4", "10.0.1.5"), Some(expected));
    }
}

/// The effect on an EIP of a call that starts a task.
#[rstest]
#[case::binding(
    "AssociateAddress",
    changed(&eip("eip-unbound1"), &json!({ "InstanceId": "ein-1core001" })),
    "eip-unbound1",
    "BINDING",
    Some("BIND")
)]
#[case::binding_to_an_interface(
    "AssociateAddress",
    changed(
        &eip("eip-unbound1"),
        &json!({ "NetworkInterfaceId": "eni-loose001", "PrivateIpAddress": "10.0.1.4" }),
    ),
    "eip-unbound1",
    "BINDING",
    Some("BIND_ENI")
)]
#[case::unbinding(
    "DisassociateAddress",
    eip("eip-loose001"),
    "eip-loose001",
    "UNBINDING",
    Some("UNBIND")
)]
#[case::releasing(
    "ReleaseAddresses",
    json!({ "EcmRegion": HANGZHOU, "AddressIds": ["eip-unbound1"] }),
    "eip-unbound1",
    "OFFLINING",
    None
)]
fn a_change_of_an_eip_settles_after_a_number_of_reads(
    #[values(0, 1, 3)] reads: u32,
    #[case] action: &str,
    #[case] params: Value,
    #[case] id: &str,
    #[case] change: &str,
    #[case] end: Option<&str>,
) {
    let mut cloud = Cloud::settling(reads);
    let task = cloud.ok(action, &params)["TaskId"].take();
    let task = json!({ "EcmRegion": HANGZHOU, "TaskId": task });
    let seen = eip_states(&mut cloud, id, reads as usize);
    assert_eq!(seen, vec![change; reads as usize]);
    if let Some(end) = end {
        assert_eq!(eip_states(&mut cloud, id, 2), [end; 2]);
    } else {
        let ids = json!({ "EcmRegion": HANGZHOU, "AddressIds": [id] });
        assert_eq!(cloud.ok("DescribeAddresses", &ids)["TotalCount"], 0);
    }
    assert_eq!(cloud.ok("DescribeTaskResult", &task)["Result"], "SUCCESS");
}

/// Reads of a task count as reads of the EIPs that it changes.
#[rstest]
fn a_task_finishes_after_a_number_of_reads(#[values(0, 1, 3)] reads: u32) {
    let mut cloud = Cloud::settling(reads);
    let params = json!({ "EcmRegion": HANGZHOU, "AddressCount": 2 });
    let response = cloud.ok("AllocateAddresses", &params);
    let task = json!({ "EcmRegion": HANGZHOU, "TaskId": response["TaskId"] });
    let results: Vec<String> =
        (0..reads + 2).map(|_| text(&cloud.ok("DescribeTaskResult", &task)["Result"])).collect();
    assert_eq!(results, settles("RUNNING", reads, "SUCCESS"));
    for id in response["AddressSet"].as_array().unwrap() {
        assert_eq!(cloud.eip(id.as_str().unwrap())["AddressStatus"], "UNBIND");
    }
}

#[test]
fn reads_of_an_eip_and_reads_of_its_task_both_count() {
    let mut cloud = Cloud::settling(3);
    let response = cloud.ok("AllocateAddresses", &json!({ "EcmRegion": HANGZHOU }));
    let task = json!({ "EcmRegion": HANGZHOU, "TaskId": response["TaskId"] });
    let id = text(&response["AddressSet"][0]);
    assert_eq!(eip_states(&mut cloud, &id, 1), ["CREATING"]);
    assert_eq!(cloud.ok("DescribeTaskResult", &task)["Result"], "RUNNING");
    assert_eq!(eip_states(&mut cloud, &id, 2), ["CREATING", "UNBIND"]);
    assert_eq!(cloud.ok("DescribeTaskResult", &task)["Result"], "SUCCESS");
}

#[test]
fn a_read_that_does_not_show_the_change_does_not_count() {
    let mut cloud = Cloud::settling(1);
    cloud.ok("AttachNetworkInterface", &attachment());
    let response = cloud.ok("AllocateAddresses", &json!({ "EcmRegion": HANGZHOU }));
    for _ in 0..3 {
        cloud.interface("eni-primary1");
        cloud.eip("eip-unbound2");
        cloud.ok("DescribeNetworkInterfaces", &json!({ "Limit": 1 }));
        cloud.ok("DescribeInstances", &json!({}));
        cloud.ok("DescribeVpcs", &json!({}));
    }
    assert_eq!(interface_states(&mut cloud, "eni-loose001", 2), ["ATTACHING", "AVAILABLE"]);
    let id = text(&response["AddressSet"][0]);
    assert_eq!(eip_states(&mut cloud, &id, 2), ["CREATING", "UNBIND"]);
}

#[test]
fn a_changing_interface_rejects_other_changes() {
    let mut cloud = Cloud::settling(1);
    cloud.ok("AttachNetworkInterface", &attachment());
    let ips = json!({ "PrivateIpAddresses": [{ "PrivateIpAddress": "10.0.1.5" }] });
    let to_other = json!({
        "SourceInstanceId": "ein-4core001", "DestinationInstanceId": "ein-4core002",
    });
    let migration = json!({
        "EcmRegion": HANGZHOU, "PrivateIpAddress": "10.0.1.5",
        "SourceNetworkInterfaceId": "eni-loose001", "DestinationNetworkInterfaceId": "eni-primary4",
    });
    let one = json!({ "SecondaryPrivateIpAddressCount": 1 });
    let target = json!({ "NetworkInterfaceId": "eni-loose001", "PrivateIpAddress": "10.0.1.4" });
    let refusals = [
        ("AttachNetworkInterface", attachment()),
        ("DetachNetworkInterface", attachment()),
        ("MigrateNetworkInterface", loose(&to_other)),
        ("DeleteNetworkInterface", loose(&json!({}))),
        ("AssignPrivateIpAddresses", loose(&one)),
        ("RemovePrivateIpAddresses", loose(&ips)),
        ("ModifyPrivateIpAddressesAttribute", loose(&ips)),
        ("MigratePrivateIpAddress", migration),
        ("AssociateAddress", changed(&eip("eip-unbound1"), &target)),
        ("AllocateAddresses", changed(&json!({ "EcmRegion": HANGZHOU }), &target)),
    ]
    .map(|(action, params)| format!("{action}\n    {}\n", cloud.refused(action, &params)));
    insta::assert_snapshot!(refusals.concat(), @"
    AttachNetworkInterface
        UnsupportedOperation.InvalidState: The resource status is invalid. (network interface `eni-loose001` is ATTACHING)
    DetachNetworkInterface
        UnsupportedOperation.InvalidState: The resource status is invalid. (network interface `eni-loose001` is ATTACHING)
    MigrateNetworkInterface
        InvalidParameterValue: The parameter value is incorrect. (network interface `eni-loose001` is ATTACHING)
    DeleteNetworkInterface
        UnsupportedOperation: Unsupported operation. (network interface `eni-loose001` is ATTACHING)
    AssignPrivateIpAddresses
        UnsupportedOperation.InvalidState: The resource status is invalid. (network interface `eni-loose001` is ATTACHING)
    RemovePrivateIpAddresses
        UnsupportedOperation.MutexOperationTaskRunning: A task with a mutually exclusive resource is being executed. (network interface `eni-loose001` is ATTACHING)
    ModifyPrivateIpAddressesAttribute
        UnsupportedOperation.InvalidState: The resource status is invalid. (network interface `eni-loose001` is ATTACHING)
    MigratePrivateIpAddress
        UnsupportedOperation: Unsupported operation. (network interface `eni-loose001` is ATTACHING)
    AssociateAddress
        FailedOperation.InvalidStatus: This operation cannot be performed in the current status. (network interface `eni-loose001` is ATTACHING)
    AllocateAddresses
        FailedOperation.InvalidStatus: This operation cannot be performed in the current status. (network interface `eni-loose001` is ATTACHING)
    ");
}

#[test]
fn a_changing_eip_rejects_other_changes() {
    let mut cloud = Cloud::settling(1);
    let to_instance = changed(&eip("eip-unbound1"), &json!({ "InstanceId": "ein-1core001" }));
    cloud.ok("AssociateAddress", &to_instance);
    let ids = json!({ "EcmRegion": HANGZHOU, "AddressIds": ["eip-unbound1"] });
    let refusals = [
        ("AssociateAddress", to_instance),
        ("DisassociateAddress", eip("eip-unbound1")),
        ("ReleaseAddresses", ids.clone()),
        ("ModifyAddressesBandwidth", changed(&ids, &json!({ "InternetMaxBandwidthOut": 2 }))),
    ]
    .map(|(action, params)| format!("{action}\n    {}\n", cloud.refused(action, &params)));
    insta::assert_snapshot!(refusals.concat(), @"
    AssociateAddress
        UnsupportedOperation.StatusNotPermit: This operation cannot be performed in the current status. (EIP `eip-unbound1` is BINDING)
    DisassociateAddress
        UnsupportedOperation.StatusNotPermit: This operation cannot be performed in the current status. (EIP `eip-unbound1` is BINDING)
    ReleaseAddresses
        UnsupportedOperation.StatusNotPermit: This operation cannot be performed in the current status. (EIP `eip-unbound1` is BINDING)
    ModifyAddressesBandwidth
        UnsupportedOperation.StatusNotPermit: This operation cannot be performed in the current status. (EIP `eip-unbound1` is BINDING)
    ");
    // The name can still be changed.
    let name = changed(&eip("eip-unbound1"), &json!({ "AddressName": "new" }));
    cloud.ok("ModifyAddressAttribute", &name);
}

/// An EIP that is being bound cannot be unbound, so its private address cannot be removed.
#[test]
fn an_address_whose_eip_is_being_bound_cannot_be_removed() {
    let mut cloud = Cloud::settling(1);
    cloud.ok("DisassociateAddress", &eip("eip-loose001"));
    eip_states(&mut cloud, "eip-loose001", 1);
    let ip = json!({ "NetworkInterfaceId": "eni-loose001", "PrivateIpAddress": "10.0.1.5" });
    cloud.ok("AssociateAddress", &changed(&eip("eip-loose001"), &ip));
    let ips = json!({ "PrivateIpAddresses": [{ "PrivateIpAddress": "10.0.1.5" }] });
    let refusals =
        [("RemovePrivateIpAddresses", loose(&ips)), ("DeleteNetworkInterface", loose(&json!({})))]
            .map(|(action, params)| format!("{action}\n    {}\n", cloud.refused(action, &params)));
    insta::assert_snapshot!(refusals.concat(), @"
    RemovePrivateIpAddresses
        UnsupportedOperation.MutexOperationTaskRunning: A task with a mutually exclusive resource is being executed. (EIP `eip-loose001` is BINDING)
    DeleteNetworkInterface
        UnsupportedOperation: Unsupported operation. (EIP `eip-loose001` is BINDING)
    ");
    eip_states(&mut cloud, "eip-loose001", 1);
    cloud.ok("RemovePrivateIpAddresses", &loose(&ips));
}

/// A private address loses its EIP immediately.
#[test]
fn an_address_whose_eip_is_being_unbound_can_get_another_eip() {
    let mut cloud = Cloud::settling(1);
    cloud.ok("DisassociateAddress", &eip("eip-loose001"));
    let ip = cloud.interface("eni-loose001")["PrivateIpAddressSet"][1].take();
    assert_eq!((&ip["AddressId"], &ip["PublicIpAddress"]), (&json!(""), &json!("")));
    let target = json!({ "NetworkInterfaceId": "eni-loose001", "PrivateIpAddress": "10.0.1.5" });
    cloud.ok("AssociateAddress", &changed(&eip("eip-unbound1"), &target));
    let address = cloud.eip("eip-loose001");
    assert_eq!(address["AddressStatus"], "UNBINDING");
    let bound_to = ["InstanceId", "NetworkInterfaceId", "PrivateAddressIp"].map(|it| &address[it]);
    assert_eq!(bound_to, [""; 3]);
    assert_eq!(eip_states(&mut cloud, "eip-loose001", 1), ["UNBIND"]);
    assert_eq!(cloud.eip("eip-unbound1")["PrivateAddressIp"], "10.0.1.5");
}

#[test]
fn a_changing_private_address_rejects_other_changes() {
    let mut cloud = Cloud::settling(1);
    let named = loose(&json!({ "PrivateIpAddresses": [{ "PrivateIpAddress": "10.0.1.50" }] }));
    cloud.ok("AssignPrivateIpAddresses", &named);
    let target = json!({ "NetworkInterfaceId": "eni-loose001", "PrivateIpAddress": "10.0.1.50" });
    let refusals = [
        ("RemovePrivateIpAddresses", named.clone()),
        ("ModifyPrivateIpAddressesAttribute", named),
        ("AttachNetworkInterface", attachment()),
        ("AssociateAddress", changed(&eip("eip-unbound1"), &target)),
    ]
    .map(|(action, params)| format!("{action}\n    {}\n", cloud.refused(action, &params)));
    insta::assert_snapshot!(refusals.concat(), @"
    RemovePrivateIpAddresses
        UnsupportedOperation.MutexOperationTaskRunning: A task with a mutually exclusive resource is being executed. (private IP 10.0.1.50 is PENDING)
    ModifyPrivateIpAddressesAttribute
        UnsupportedOperation.InvalidState: The resource status is invalid. (private IP 10.0.1.50 is PENDING)
    AttachNetworkInterface
        UnsupportedOperation.InvalidState: The resource status is invalid. (private IP 10.0.1.50 is PENDING)
    AssociateAddress
        FailedOperation.PrivateIpAddressUnavailable: The private IP is unavailable. (private IP 10.0.1.50 is PENDING)
    ");
}

#[tokio::test]
async fn the_same_calls_see_the_same_states() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let server = TestServer::with(|config| config.settle = Settle::Reads(2)).await;
        let region = json!({ "EcmRegion": HANGZHOU });
        let mut answers = vec![server.call("AllocateAddresses", &region).await];
        for _ in 0..4 {
            answers.push(server.call("DescribeAddresses", &region).await);
        }
        runs.push(answers);
    }
    assert_eq!(runs[0], runs[1]);
    let states = runs[0][1..].iter().map(|it| it["AddressSet"][0]["AddressStatus"].clone());
    assert_eq!(states.collect::<Vec<_>>(), ["CREATING", "CREATING", "UNBIND", "UNBIND"]);
}

/// In the fixture, the EIP names the address, but the address does not name the EIP, so the loader does
/// not detect the conflict.
#[test]
fn deleting_an_address_unbinds_its_eip() {
    let fixture = json!({
        "VpcSet": [{ "VpcId": "vpc-00000001", "CidrBlock": "10.0.0.0/16" }],
        "SubnetSet": [{
            "SubnetId": "subnet-00000001", "VpcId": "vpc-00000001", "CidrBlock": "10.0.1.0/24",
        }],
        "NetworkInterfaceSet": [{
            "NetworkInterfaceId": "eni-loose001",
            "VpcId": "vpc-00000001", "SubnetId": "subnet-00000001",
            "PrivateIpAddressSet": [
                { "PrivateIpAddress": "10.0.1.2", "Primary": true },
                { "PrivateIpAddress": "10.0.1.3", "State": "DELETING", "ReadsLeft": 1 },
            ],
        }],
        "AddressSet": [{
            "AddressId": "eip-loose001", "AddressIp": "203.0.113.1",
            "NetworkInterfaceId": "eni-loose001", "PrivateAddressIp": "10.0.1.3",
        }],
    });
    let mut cloud = Cloud::of(&fixture.to_string(), Settings::default());
    assert_eq!(ip_state(&mut cloud, "eni-loose001", "10.0.1.3").as_deref(), Some("DELETING"));
    assert_eq!(ip_state(&mut cloud, "eni-loose001", "10.0.1.3"), None);
    assert_eq!(cloud.eip("eip-loose001")["AddressStatus"], "UNBIND");
    cloud.ok("ReleaseAddresses", &json!({ "EcmRegion": HANGZHOU, "AddressIds": ["eip-loose001"] }));
}
