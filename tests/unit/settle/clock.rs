//! Changes that settle after a time, with a clock that the tests control.

use std::time::Duration;

use crate::{
    control::fixture::export,
    ecm::{
        families::address::TASKS_MAX,
        store::{Settings, Settle},
    },
};
use chrono::TimeDelta;
use rstest::rstest;
use serde_json::{Value, json};

use super::{attachment, eip, eip_states, interface_states, ip_state, loose, text};
use crate::tests::cloud::{CLOUD, Cloud, HANGZHOU, changed, private_ips};

const TIME: Duration = Duration::from_millis(1500);

/// Returns [`CLOUD`] with changes that settle after [`TIME`].
fn cloud() -> Cloud {
    Cloud::that_settles(Settle::After(TIME))
}

fn milliseconds(count: i64) -> TimeDelta {
    TimeDelta::milliseconds(count)
}

impl Cloud {
    /// Returns a view during a change and a view after it. The first view is checked again just before
    /// the change settles.
    fn watch<T: PartialEq + std::fmt::Debug>(&mut self, see: impl Fn(&mut Self) -> T) -> [T; 2] {
        let look = |cloud: &mut Self| {
            let seen = see(cloud);
            assert_eq!(see(cloud), seen, "a read changes something");
            seen
        };
        let early = look(self);
        self.wait(milliseconds(1499));
        assert_eq!(look(self), early);
        self.wait(milliseconds(1));
        [early, look(self)]
    }
}

fn is_there(cloud: &mut Cloud, id: &str) -> bool {
    let ids = json!({ "NetworkInterfaceIds": [id] });
    cloud.ok("DescribeNetworkInterfaces", &ids)["TotalCount"] == 1
}

#[test]
fn a_new_interface_becomes_available_after_a_time() {
    let mut cloud = cloud();
    let params = json!({
        "VpcId": "vpc-00000001", "SubnetId": "subnet-00000001",
        "NetworkInterfaceName": "demo", "EcmRegion": HANGZHOU,
    });
    let answer = cloud.ok("CreateNetworkInterface", &params)["NetworkInterface"].take();
    let id = text(&answer["NetworkInterfaceId"]);
    let states = cloud.watch(|cloud| {
        let interface = cloud.interface(&id);
        (text(&interface["State"]), text(&interface["PrivateIpAddressSet"][0]["State"]))
    });
    let both = |state: &str| (state.to_owned(), state.to_owned());
    assert_eq!(states, [both("PENDING"), both("AVAILABLE")]);
}

#[test]
fn attaching_migrating_and_detaching_an_interface_settle_after_a_time() {
    let mut cloud = cloud();
    let seen = |cloud: &mut Cloud| {
        let interface = cloud.interface("eni-loose001");
        [&interface["State"], &interface["Attachment"]["InstanceId"]].map(Value::clone)
    };
    cloud.ok("AttachNetworkInterface", &attachment());
    let first = "ein-4core001";
    assert_eq!(cloud.watch(seen), [["ATTACHING", first], ["AVAILABLE", first]]);
    let migration = json!({
        "EcmRegion": HANGZHOU, "NetworkInterfaceId": "eni-loose001",
        "SourceInstanceId": "ein-4core001", "DestinationInstanceId": "ein-4core002",
    });
    cloud.ok("MigrateNetworkInterface", &migration);
    let other = "ein-4core002";
    assert_eq!(cloud.watch(seen), [["ATTACHING", other], ["AVAILABLE", other]]);
    cloud.ok("DetachNetworkInterface", &loose(&json!({ "InstanceId": "ein-4core002" })));
    let [detaching, detached] = cloud.watch(seen);
    assert_eq!(detaching, ["DETACHING", other]);
    assert_eq!(detached, [json!("AVAILABLE"), Value::Null]);
}

#[test]
fn a_deleted_interface_disappears_after_a_time() {
    let mut cloud = cloud();
    cloud.ok("DeleteNetworkInterface", &loose(&json!({})));
    assert_eq!(cloud.interface("eni-loose001")["State"], "DELETING");
    let subnet =
        |cloud: &mut Cloud| cloud.subnet("subnet-00000001")["AvailableIpAddressCount"].as_u64();
    let [before, after] = cloud.watch(subnet);
    assert_eq!(after, before.map(|it| it + 2));
    assert!(!is_there(&mut cloud, "eni-loose001"));
}

#[test]
fn assigning_migrating_and_removing_an_address_settle_after_a_time() {
    let mut cloud = cloud();
    let named = loose(&json!({ "PrivateIpAddresses": [{ "PrivateIpAddress": "10.0.1.50" }] }));
    cloud.ok("AssignPrivateIpAddresses", &named);
    let state = |interface: &'static str| {
        move |cloud: &mut Cloud| ip_state(cloud, interface, "10.0.1.50").unwrap_or_default()
    };
    assert_eq!(cloud.watch(state("eni-loose001")), ["PENDING", "AVAILABLE"]);
    let way = json!({
        "EcmRegion": HANGZHOU, "PrivateIpAddress": "10.0.1.50",
        "SourceNetworkInterfaceId": "eni-loose001",
        "DestinationNetworkInterfaceId": "eni-primary4",
    });
    cloud.ok("MigratePrivateIpAddress", &way);
    assert_eq!(cloud.watch(state("eni-primary4")), ["MIGRATING", "AVAILABLE"]);
    let named = changed(&named, &json!({ "NetworkInterfaceId": "eni-primary4" }));
    cloud.ok("RemovePrivateIpAddresses", &named);
    assert_eq!(cloud.watch(state("eni-primary4")), ["DELETING", ""]);
    assert_eq!(private_ips(&cloud.interface("eni-primary4")), ["10.0.1.3"]);
}

#[test]
fn an_eip_and_its_task_settle_together() {
    let mut cloud = cloud();
    let bound = changed(&eip("eip-unbound1"), &json!({ "InstanceId": "ein-1core001" }));
    let task = cloud.ok("AssociateAddress", &bound)["TaskId"].take();
    let task = json!({ "EcmRegion": HANGZHOU, "TaskId": task });
    let seen = cloud.watch(|cloud| {
        let result = text(&cloud.ok("DescribeTaskResult", &task)["Result"]);
        (result, text(&cloud.eip("eip-unbound1")["AddressStatus"]))
    });
    let pair = |result: &str, status: &str| (result.to_owned(), status.to_owned());
    assert_eq!(seen, [pair("RUNNING", "BINDING"), pair("SUCCESS", "BIND")]);
}

#[test]
fn a_released_eip_disappears_after_a_time() {
    let mut cloud = cloud();
    let ids = json!({ "EcmRegion": HANGZHOU, "AddressIds": ["eip-unbound1"] });
    cloud.ok("ReleaseAddresses", &ids);
    assert_eq!(eip_states(&mut cloud, "eip-unbound1", 1), ["OFFLINING"]);
    let count = |cloud: &mut Cloud| cloud.ok("DescribeAddresses", &ids)["TotalCount"].as_u64();
    assert_eq!(cloud.watch(count), [Some(1), Some(0)]);
}

#[test]
fn changes_settle_immediately_with_a_time_of_zero() {
    let mut cloud = Cloud::that_settles(Settle::After(Duration::ZERO));
    cloud.ok("AttachNetworkInterface", &attachment());
    assert_eq!(interface_states(&mut cloud, "eni-loose001", 1), ["AVAILABLE"]);
}

#[test]
fn a_later_change_settles_later() {
    let mut cloud = cloud();
    let home = json!({
        "VpcId": "vpc-00000001", "SubnetId": "subnet-00000001",
        "NetworkInterfaceName": "demo", "EcmRegion": HANGZHOU,
    });
    let create = |cloud: &mut Cloud| {
        let answer = cloud.ok("CreateNetworkInterface", &home);
        text(&answer["NetworkInterface"]["NetworkInterfaceId"])
    };
    let first = create(&mut cloud);
    cloud.wait(milliseconds(1000));
    let second = create(&mut cloud);
    cloud.wait(milliseconds(1000));
    let states = [first, second].map(|id| interface_states(&mut cloud, &id, 1).remove(0));
    assert_eq!(states, ["AVAILABLE", "PENDING"]);
}

/// Changes settle in the order of their times, even without reads in between.
#[test]
fn one_long_wait_settles_all_changes() {
    let mut cloud = cloud();
    let region = json!({ "EcmRegion": HANGZHOU });
    cloud.ok("AllocateAddresses", &changed(&region, &json!({ "AddressCount": 3 })));
    cloud.ok("DeleteNetworkInterface", &loose(&json!({})));
    cloud.wait_hours(24);
    let statuses = |cloud: &mut Cloud| {
        let all = cloud.ok("DescribeAddresses", &region);
        all["AddressSet"].as_array().unwrap().iter().any(|it| it["AddressStatus"] == "CREATING")
    };
    assert!(!statuses(&mut cloud) && !is_there(&mut cloud, "eni-loose001"));
}

#[test]
fn setting_the_clock_back_delays_changes() {
    let mut cloud = cloud();
    cloud.wait_hours(1);
    cloud.ok("AttachNetworkInterface", &attachment());
    cloud.wait_hours(-1);
    assert_eq!(interface_states(&mut cloud, "eni-loose001", 1), ["ATTACHING"]);
    cloud.ok(
        "DeleteNetworkInterface",
        &changed(&loose(&json!({})), &json!({ "NetworkInterfaceId": "eni-0subnet2" })),
    );
    cloud.wait(milliseconds(1500));
    assert!(!is_there(&mut cloud, "eni-0subnet2"));
    assert_eq!(interface_states(&mut cloud, "eni-loose001", 1), ["ATTACHING"]);
    cloud.wait_hours(1);
    assert_eq!(interface_states(&mut cloud, "eni-loose001", 1), ["AVAILABLE"]);
}

/// [`Cloud::call`] checks that the queue of pending changes contains no dropped tasks.
#[test]
fn a_dropped_task_is_complete() {
    let mut cloud = cloud();
    cloud.ok("AllocateAddresses", &json!({ "EcmRegion": HANGZHOU }));
    let ids = json!({
        "EcmRegion": HANGZHOU, "AddressIds": ["eip-unbound1"], "InternetMaxBandwidthOut": 2,
    });
    for _ in 0..TASKS_MAX {
        cloud.ok("ModifyAddressesBandwidth", &ids);
    }
    let all = cloud.ok("DescribeAddresses", &json!({ "EcmRegion": HANGZHOU }));
    let last = all["AddressSet"].as_array().unwrap().last().unwrap();
    assert_eq!(last["AddressStatus"], "UNBIND");
    cloud.wait_hours(1);
    cloud.eip("eip-unbound1");
}

/// The time of a pending change in a fixture starts when the fixture is loaded.
#[rstest]
#[case::time(Settle::After(TIME), ["PENDING", "AVAILABLE"])]
#[case::no_time(Settle::After(Duration::ZERO), ["AVAILABLE", "AVAILABLE"])]
fn a_pending_change_of_a_fixture_settles_after_a_time(
    #[case] settle: Settle,
    #[case] states: [&str; 2],
) {
    let mut fixture: Value = serde_json::from_str(CLOUD).unwrap();
    fixture["NetworkInterfaceSet"][2]["State"] = json!("PENDING");
    fixture["AddressSet"][0]["AddressStatus"] = json!("CREATING");
    let settings = Settings { settle, ..Settings::default() };
    let mut cloud = Cloud::of(&fixture.to_string(), settings);
    let seen = cloud.watch(|cloud| text(&cloud.interface("eni-loose001")["State"]));
    assert_eq!(seen, states);
    let tasks = export(&cloud.store)["TaskSet"].take();
    assert_eq!(tasks[0]["Result"], "SUCCESS");
}

/// Changing addresses are released with an interface that is deleted before they settle.
#[test]
fn deleting_an_interface_releases_its_changing_addresses() {
    let mut fixture: Value = serde_json::from_str(CLOUD).unwrap();
    let interface = &mut fixture["NetworkInterfaceSet"][2];
    interface["State"] = json!("DELETING");
    interface["PrivateIpAddressSet"] = json!([
        { "PrivateIpAddress": "10.0.1.4", "State": "PENDING" },
        { "PrivateIpAddress": "10.0.1.5", "State": "DELETING" },
    ]);
    fixture["AddressSet"] = json!([]);
    let settings = Settings { settle: Settle::After(TIME), ..Settings::default() };
    let mut cloud = Cloud::of(&fixture.to_string(), settings);
    assert_eq!(cloud.watch(|cloud| is_there(cloud, "eni-loose001")), [true, false]);
}

/// After an export under other settings, a state can have changes that settle by reads and changes that
/// settle by time. [`Cloud::call`] checks that the interface is removed from the queue.
#[rstest]
#[case::reads_first(json!({ "ReadsLeft": 1 }), 1)]
#[case::clock_first(json!({ "ReadsLeft": 100 }), 100)]
fn changes_by_reads_and_changes_by_time_settle_independently(
    #[case] left: Value,
    #[case] reads: usize,
) {
    let mut fixture: Value = serde_json::from_str(CLOUD).unwrap();
    let interface = &mut fixture["NetworkInterfaceSet"][2];
    *interface = changed(interface, &left);
    interface["State"] = json!("DELETING");
    interface["PrivateIpAddressSet"] = json!([
        { "PrivateIpAddress": "10.0.1.4", "State": "PENDING", "SettlesAt": "2026-11-22T05:00:00Z" },
        { "PrivateIpAddress": "10.0.1.5", "State": "DELETING", "SettlesAt": "2026-11-22T04:30:00Z" },
    ]);
    fixture["AddressSet"] = json!([]);
    let mut cloud = Cloud::of(&fixture.to_string(), Settings::default());
    for read in 0..reads {
        let seen = cloud.interface("eni-loose001");
        assert_eq!(private_ips(&seen).len(), if read < 30 { 2 } else { 1 });
        cloud.wait(TimeDelta::minutes(1));
    }
    assert!(!is_there(&mut cloud, "eni-loose001"));
    cloud.wait_hours(2);
    cloud.ok("DescribeVpcs", &json!({}));
}
