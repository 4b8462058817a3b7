//! Failover of a HAVIP between two instances.

use crate::ecm::{
    Error,
    ids::NetworkInterfaceId,
    store::{Settings, Settle},
};
use serde_json::{Value, json};

use crate::tests::cloud::{Cloud, HANGZHOU, changed, private_ips};

/// Two instances in the subnet of a HAVIP, a stopped one, and interfaces that cannot announce it.
const PAIR: &str = r#"{
    "VpcSet": [{"VpcId": "vpc-00000001", "CidrBlock": "10.0.0.0/16"}],
    "SubnetSet": [
        {"SubnetId": "subnet-00000001", "VpcId": "vpc-00000001", "CidrBlock": "10.0.1.0/24"},
        {"SubnetId": "subnet-00000002", "VpcId": "vpc-00000001", "CidrBlock": "10.0.2.0/24"}
    ],
    "InstanceSet": [
        {"InstanceId": "ein-00000001", "VirtualPrivateCloud": {"VpcId": "vpc-00000001", "SubnetId": "subnet-00000001"}},
        {"InstanceId": "ein-00000002", "VirtualPrivateCloud": {"VpcId": "vpc-00000001", "SubnetId": "subnet-00000001"}},
        {"InstanceId": "ein-0stopped", "InstanceState": "STOPPED",
         "VirtualPrivateCloud": {"VpcId": "vpc-00000001", "SubnetId": "subnet-00000001"}}
    ],
    "NetworkInterfaceSet": [
        {"NetworkInterfaceId": "eni-00000001", "VpcId": "vpc-00000001", "SubnetId": "subnet-00000001",
         "Attachment": {"InstanceId": "ein-00000001"}, "PrivateIpAddressSet": [{"PrivateIpAddress": "10.0.1.2"}]},
        {"NetworkInterfaceId": "eni-00000002", "VpcId": "vpc-00000001", "SubnetId": "subnet-00000001",
         "Attachment": {"InstanceId": "ein-00000002"}, "PrivateIpAddressSet": [{"PrivateIpAddress": "10.0.1.3"}]},
        {"NetworkInterfaceId": "eni-0stopped", "VpcId": "vpc-00000001", "SubnetId": "subnet-00000001",
         "Attachment": {"InstanceId": "ein-0stopped"}, "PrivateIpAddressSet": [{"PrivateIpAddress": "10.0.1.4"}]},
        {"NetworkInterfaceId": "eni-000loose", "VpcId": "vpc-00000001", "SubnetId": "subnet-00000001",
         "PrivateIpAddressSet": [{"PrivateIpAddress": "10.0.1.5"}]},
        {"NetworkInterfaceId": "eni-00subnet", "VpcId": "vpc-00000001", "SubnetId": "subnet-00000002",
         "Attachment": {"InstanceId": "ein-00000001"}, "PrivateIpAddressSet": [{"PrivateIpAddress": "10.0.2.2"}]}
    ],
    "HaVipSet": [
        {"HaVipId": "havip-00000001", "HaVipName": "web", "VpcId": "vpc-00000001", "SubnetId": "subnet-00000001",
         "Vip": "10.0.1.100"},
        {"HaVipId": "havip-00000002", "VpcId": "vpc-00000001", "SubnetId": "subnet-00000001", "Vip": "10.0.1.101"}
    ],
    "AddressSet": [
        {"AddressId": "eip-00000001", "AddressIp": "198.51.100.1"},
        {"AddressId": "eip-00000002", "AddressIp": "198.51.100.2"},
        {"AddressId": "eip-0000xian", "AddressIp": "198.51.100.3", "EcmRegion": "ap-xian-ecm"}
    ]
}"#;
const VIP: &str = "havip-00000001";

impl Cloud {
    fn announce(&mut self, ha_vip: &str, by: &str) -> Result<(), String> {
        let by: NetworkInterfaceId = by.parse().unwrap();
        self.attempt(|cloud| cloud.store.announce(ha_vip.parse().unwrap(), by))
    }

    fn withdraw(&mut self, ha_vip: &str) -> Result<(), String> {
        self.attempt(|cloud| cloud.store.withdraw(ha_vip.parse().unwrap()))
    }

    fn bind(&mut self, ha_vip: &str, eip: Option<&str>) -> Result<(), String> {
        let eip = eip.map(|it| it.parse().unwrap());
        self.attempt(|cloud| cloud.store.bind_ha_vip(ha_vip.parse().unwrap(), eip))
    }

    /// Runs a change. Checks that the store is consistent, and unchanged if the change fails.
    fn attempt(&mut self, act: impl Fn(&mut Self) -> Result<(), Error>) -> Result<(), String> {
        let before = self.store.clone();
        let outcome = act(self).map_err(|error| error.to_string());
        assert_eq!(self.store.check(), [""; 0]);
        assert!(outcome.is_ok() || self.store == before);
        outcome
    }

    fn ha_vip(&mut self, id: &str) -> Value {
        self.only("DescribeHaVips", "HaVipSet", &json!({ "HaVipIds": [id] }))
    }

    /// Returns the state, interface, and instance of the HAVIP.
    fn announcer(&mut self) -> [String; 3] {
        let ha_vip = self.ha_vip(VIP);
        ["State", "NetworkInterfaceId", "InstanceId"]
            .map(|name| ha_vip[name].as_str().unwrap().to_owned())
    }
}

fn pair() -> Cloud {
    Cloud::of(PAIR, Settings::default())
}

fn named(interface: &str) -> Value {
    json!({ "NetworkInterfaceId": interface, "EcmRegion": HANGZHOU })
}

#[test]
fn a_failover_changes_only_the_announcer() {
    let mut cloud = pair();
    let unbound = cloud.ha_vip(VIP);
    assert_eq!(cloud.announcer(), ["UNBIND", "", ""]);
    cloud.announce(VIP, "eni-00000001").unwrap();
    let shown = json!({
        "State": "AVAILABLE", "NetworkInterfaceId": "eni-00000001", "InstanceId": "ein-00000001",
    });
    assert_eq!(cloud.ha_vip(VIP), changed(&unbound, &shown));
    cloud.announce(VIP, "eni-00000002").unwrap();
    let shown = json!({
        "State": "AVAILABLE", "NetworkInterfaceId": "eni-00000002", "InstanceId": "ein-00000002",
    });
    assert_eq!(cloud.ha_vip(VIP), changed(&unbound, &shown));
    cloud.withdraw(VIP).unwrap();
    assert_eq!(cloud.ha_vip(VIP), unbound);
    assert_eq!(cloud.ha_vip("havip-00000002")["State"], "UNBIND");
}

#[test]
fn repeated_announcements_and_withdrawals_have_no_effect() {
    let mut cloud = pair();
    cloud.withdraw(VIP).unwrap();
    cloud.announce(VIP, "eni-00000001").unwrap();
    let before = cloud.store.clone();
    cloud.announce(VIP, "eni-00000001").unwrap();
    assert!(cloud.store == before);
}

#[test]
fn an_interface_can_announce_several_ha_vips_without_their_addresses() {
    let mut cloud = pair();
    let before = cloud.interface("eni-00000001");
    cloud.announce(VIP, "eni-00000001").unwrap();
    cloud.announce("havip-00000002", "eni-00000001").unwrap();
    assert_eq!(cloud.interface("eni-00000001"), before);
    assert_eq!(private_ips(&before), ["10.0.1.2"]);
    cloud.withdraw(VIP).unwrap();
    assert_eq!(cloud.ha_vip("havip-00000002")["State"], "AVAILABLE");
}

#[test]
fn an_invalid_announcement_is_rejected_with_its_reason() {
    let mut cloud = pair();
    cloud.announce(VIP, "eni-00000001").unwrap();
    let refusals = ["eni-00subnet", "eni-000loose", "eni-0stopped", "eni-zzzzzzzz"]
        .map(|by| cloud.announce(VIP, by).unwrap_err() + "\n");
    insta::assert_snapshot!(refusals.concat(), @"
    network interface `eni-00subnet` cannot announce HAVIP `havip-00000001`: they are not in the same subnet
    network interface `eni-000loose` cannot announce HAVIP `havip-00000001`: it is not attached to an instance
    network interface `eni-0stopped` cannot announce HAVIP `havip-00000001`: its instance is not running
    network interface `eni-zzzzzzzz`
    ");
    insta::assert_snapshot!(cloud.announce("havip-zzzzzzzz", "eni-00000001").unwrap_err(), @"HAVIP `havip-zzzzzzzz`");
    insta::assert_snapshot!(cloud.withdraw("havip-zzzzzzzz").unwrap_err(), @"HAVIP `havip-zzzzzzzz`");
    assert_eq!(cloud.announcer(), ["AVAILABLE", "eni-00000001", "ein-00000001"]);
}

#[test]
fn an_interface_that_is_being_detached_cannot_announce() {
    let mut cloud = Cloud::of(PAIR, Settings { settle: Settle::Reads(2), ..Settings::default() });
    cloud.announce(VIP, "eni-00000001").unwrap();
    let detachment = changed(&named("eni-00000001"), &json!({ "InstanceId": "ein-00000001" }));
    cloud.ok("DetachNetworkInterface", &detachment);
    assert_eq!(cloud.announcer(), ["UNBIND", "", ""]);
    insta::assert_snapshot!(cloud.announce(VIP, "eni-00000001").unwrap_err(), @"network interface `eni-00000001` cannot announce HAVIP `havip-00000001`: it is being detached");
    cloud.announce(VIP, "eni-00000002").unwrap();
}

/// High-availability software on an instance cannot use an interface before it is attached.
#[test]
fn an_interface_that_is_being_attached_cannot_announce() {
    let mut cloud = Cloud::of(PAIR, Settings { settle: Settle::Reads(1), ..Settings::default() });
    let attachment = changed(&named("eni-000loose"), &json!({ "InstanceId": "ein-00000001" }));
    cloud.ok("AttachNetworkInterface", &attachment);
    cloud.announce(VIP, "eni-000loose").unwrap_err();
    cloud.interface("eni-000loose");
    cloud.announce(VIP, "eni-000loose").unwrap();
}

#[test]
fn detaching_an_interface_withdraws_its_ha_vips() {
    let mut cloud = pair();
    cloud.announce(VIP, "eni-00000001").unwrap();
    cloud.announce("havip-00000002", "eni-00000001").unwrap();
    let detachment = changed(&named("eni-00000001"), &json!({ "InstanceId": "ein-00000001" }));
    cloud.ok("DetachNetworkInterface", &detachment);
    assert_eq!(cloud.announcer(), ["UNBIND", "", ""]);
    assert_eq!(cloud.ha_vip("havip-00000002")["State"], "UNBIND");
    cloud.ok("DeleteNetworkInterface", &named("eni-00000001"));
    assert_eq!(cloud.announcer(), ["UNBIND", "", ""]);
}

#[test]
fn an_announcing_interface_is_attached_and_cannot_be_deleted() {
    let mut cloud = pair();
    cloud.announce(VIP, "eni-00000001").unwrap();
    insta::assert_snapshot!(
        cloud.refused("DeleteNetworkInterface", &named("eni-00000001")), @"ResourceInUse: The resource is in use. (network interface `eni-00000001` is attached to instance `ein-00000001`)");
    assert_eq!(cloud.announcer(), ["AVAILABLE", "eni-00000001", "ein-00000001"]);
}

#[test]
fn migrating_an_interface_withdraws_its_ha_vips() {
    let mut cloud = pair();
    cloud.announce(VIP, "eni-00000001").unwrap();
    let migration = json!({
        "SourceInstanceId": "ein-00000001", "DestinationInstanceId": "ein-00000002",
    });
    cloud.ok("MigrateNetworkInterface", &changed(&named("eni-00000001"), &migration));
    assert_eq!(cloud.announcer(), ["UNBIND", "", ""]);
    cloud.announce(VIP, "eni-00000001").unwrap();
    assert_eq!(cloud.announcer(), ["AVAILABLE", "eni-00000001", "ein-00000002"]);
}

#[test]
fn an_announced_ha_vip_can_be_deleted() {
    let mut cloud = pair();
    cloud.announce(VIP, "eni-00000001").unwrap();
    cloud.ok("DeleteHaVip", &json!({ "HaVipId": VIP }));
    assert_eq!(cloud.ok("DescribeHaVips", &json!({ "HaVipIds": [VIP] }))["TotalCount"], 0);
    let detachment = changed(&named("eni-00000001"), &json!({ "InstanceId": "ein-00000001" }));
    cloud.ok("DetachNetworkInterface", &detachment);
}

#[test]
fn a_failover_keeps_the_eip_of_the_ha_vip() {
    let mut cloud = pair();
    cloud.bind(VIP, Some("eip-00000001")).unwrap();
    for by in ["eni-00000001", "eni-00000002"] {
        cloud.announce(VIP, by).unwrap();
        assert_eq!(cloud.ha_vip(VIP)["AddressIp"], "198.51.100.1");
    }
    insta::assert_json_snapshot!(cloud.eip("eip-00000001"), @r#"
    {
      "AddressId": "eip-00000001",
      "AddressIp": "198.51.100.1",
      "AddressName": "",
      "AddressStatus": "BIND",
      "AddressType": "EIP",
      "Bandwidth": 1,
      "CascadeRelease": false,
      "CreatedTime": "2026-11-22T04:00:00Z",
      "InstanceId": "havip-00000001",
      "InternetServiceProvider": "CMCC",
      "IsArrears": false,
      "IsBlocked": false,
      "IsEipDirectConnection": false,
      "NetworkInterfaceId": "",
      "PayMode": "BANDWIDTH_PACKAGE",
      "PrivateAddressIp": "10.0.1.100"
    }
    "#);
    cloud.withdraw(VIP).unwrap();
    assert_eq!(cloud.ha_vip(VIP)["AddressIp"], "198.51.100.1");
    cloud.bind(VIP, None).unwrap();
    assert_eq!(cloud.ha_vip(VIP)["AddressIp"], "");
    assert_eq!(cloud.eip("eip-00000001")["AddressStatus"], "UNBIND");
    cloud.bind(VIP, None).unwrap();
}

#[test]
fn an_invalid_binding_is_rejected_with_its_reason() {
    let mut cloud = pair();
    cloud.bind(VIP, Some("eip-00000001")).unwrap();
    cloud.bind(VIP, Some("eip-00000001")).unwrap();
    let refusals = [
        (VIP, "eip-00000002"),
        ("havip-00000002", "eip-00000001"),
        ("havip-00000002", "eip-0000xian"),
        ("havip-00000002", "eip-zzzzzzzz"),
        ("havip-zzzzzzzz", "eip-00000002"),
    ]
    .map(|(ha_vip, eip)| cloud.bind(ha_vip, Some(eip)).unwrap_err() + "\n");
    insta::assert_snapshot!(refusals.concat(), @"
    HAVIP `havip-00000001` has EIP `eip-00000001`
    EIP `eip-00000001` is BIND
    EIP `eip-0000xian` is not in region `ap-hangzhou-ecm`
    EIP `eip-zzzzzzzz`
    HAVIP `havip-zzzzzzzz`
    ");
}

#[test]
fn a_ha_vip_with_an_eip_cannot_be_deleted() {
    let mut cloud = pair();
    cloud.bind(VIP, Some("eip-00000001")).unwrap();
    let id = json!({ "HaVipId": VIP });
    insta::assert_snapshot!(cloud.refused("DeleteHaVip", &id), @"UnsupportedOperation: Unsupported operation. (HAVIP `havip-00000001` has EIP `eip-00000001`)");
    cloud.bind(VIP, None).unwrap();
    cloud.ok("DeleteHaVip", &id);
}

/// The HAVIP loses the EIP immediately, while the EIP settles later.
#[test]
fn a_ha_vip_whose_eip_is_being_unbound_can_be_deleted() {
    let mut cloud = Cloud::of(PAIR, Settings { settle: Settle::Reads(1), ..Settings::default() });
    cloud.bind(VIP, Some("eip-00000001")).unwrap();
    let eip = json!({ "EcmRegion": HANGZHOU, "AddressId": "eip-00000001" });
    cloud.ok("DisassociateAddress", &eip);
    assert_eq!(cloud.ha_vip(VIP)["AddressIp"], "");
    cloud.ok("DeleteHaVip", &json!({ "HaVipId": VIP }));
    let address = cloud.eip("eip-00000001");
    assert_eq!(address["AddressStatus"], "UNBINDING");
    assert_eq!(address["InstanceId"], "");
    assert_eq!(cloud.eip("eip-00000001")["AddressStatus"], "UNBIND");
}
