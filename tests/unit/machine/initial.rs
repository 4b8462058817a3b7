//! The initial state, as a fixture and as a model.

use std::{net::Ipv4Addr, time::Duration};

use crate::{
    control::fixture::{Source, load},
    ecm::{
        Store,
        ids::IdSequence,
        store::{Quotas, Settings, Settle},
    },
};
use serde_json::json;

use super::{
    model::{
        ADDRESSES_PER_REGION, Address, HA_VIPS_PER_VPC, INTERFACES_PER_VPC, Instance, Interface,
        Ip, Kind, Model, No, REGIONS, SUBNETS_PER_VPC, Subnet, Takes, Target, VPCS_PER_REGION, Vpc,
    },
    steps::{Ids, zone},
};

const VPCS: [(usize, &str); 3] = [(0, "10.0.0.0/24"), (1, "10.1.0.0/26"), (0, "192.168.0.0/27")];
/// VPC and range. The vendor created the first.
const SUBNETS: [(No, &str); 4] =
    [(0, "10.0.0.0/28"), (0, "10.0.0.16/28"), (1, "10.1.0.0/28"), (2, "192.168.0.0/28")];
/// Subnet, state, number of vCPUs, and the resulting limits.
type SaidInstance = (No, &'static str, Option<u64>, (usize, usize, usize));
const INSTANCES: [SaidInstance; 7] = [
    (0, "RUNNING", Some(1), (2, 2, 1)),
    (0, "RUNNING", None, (8, 20, 4)),
    (1, "STOPPED", Some(2), (2, 10, 1)),
    (2, "RUNNING", Some(4), (3, 10, 3)),
    (0, "SHUTDOWN", Some(8), (4, 10, 3)),
    (2, "RUNNING", Some(16), (6, 10, 4)),
    (2, "RUNNING", Some(1), (2, 2, 1)),
];
/// Subnet, addresses, and the instance with the device index of the interface. The primary
/// interface has index 0.
type SaidInterface = (No, &'static [&'static str], Option<(No, u64)>);
const INTERFACES: [SaidInterface; 9] = [
    (0, &["10.0.0.2"], Some((0, 0))),
    (0, &["10.0.0.3", "10.0.0.9"], Some((1, 0))),
    (1, &["10.0.0.18", "10.0.0.19"], Some((2, 0))),
    (2, &["10.1.0.2"], Some((3, 0))),
    (0, &["10.0.0.4", "10.0.0.5"], Some((1, 1))),
    (2, &["10.1.0.3", "10.1.0.4", "10.1.0.8"], None),
    (2, &["10.1.0.6"], Some((5, 1))),
    (2, &["10.1.0.7"], Some((6, 0))),
    (1, &["10.0.0.20"], Some((2, 1))),
];
/// General public IPs of the primary addresses of interfaces.
const GENERAL: [(No, &str); 2] = [(6, "203.0.113.6"), (7, "203.0.113.7")];
/// An address that an instance has without an interface.
const OWN: (No, &str) = (5, "10.1.0.5");
/// Region, address, and the interface and address that the EIP is bound to. Bound EIPs are blocked.
type SaidAddress = (usize, &'static str, Option<(No, &'static str)>);
const ADDRESSES: [SaidAddress; 5] = [
    (0, "60.28.209.138", Some((2, "10.0.0.19"))),
    (0, "60.28.209.139", None),
    (1, "198.18.0.3", None),
    (1, "198.18.0.9", None),
    (1, "198.18.0.5", Some((5, "10.1.0.4"))),
];

pub(super) fn settings(takes: Takes) -> Settings {
    let quotas = Quotas {
        vpcs_per_region: VPCS_PER_REGION,
        subnets_per_vpc: SUBNETS_PER_VPC,
        ha_vips_per_vpc: HA_VIPS_PER_VPC,
        network_interfaces_per_vpc: INTERFACES_PER_VPC,
        addresses_per_region: ADDRESSES_PER_REGION,
    };
    let settle = match takes {
        Takes::Reads(reads) => Settle::Reads(reads),
        Takes::Minutes(minutes) => Settle::After(Duration::from_mins(minutes.into())),
    };
    Settings { quotas, settle, ..Settings::default() }
}

fn is_primary(attached: Option<(No, u64)>) -> bool {
    attached.is_some_and(|it| it.1 == 0)
}

/// Returns the general public IP of an address of an interface.
fn general(interface: No, index: usize) -> Option<&'static str> {
    let given = GENERAL.iter().find(|it| it.0 == interface && index == 0);
    given.map(|it| it.1)
}

fn address(text: &str) -> Ipv4Addr {
    text.parse().unwrap()
}

/// Returns the store and the IDs of its objects.
pub(super) fn store(takes: Takes) -> (Store, Ids) {
    let mut ids = Ids::default();
    let mut id = |kind, text: String| ids.learn(kind, &text.into());
    (0..VPCS.len()).for_each(|no| id(Kind::Vpc, format!("vpc-{no:08}")));
    (0..SUBNETS.len()).for_each(|no| id(Kind::Subnet, format!("subnet-{no:08}")));
    (0..INSTANCES.len()).for_each(|no| id(Kind::Instance, format!("ein-{no:08}")));
    (0..INTERFACES.len()).for_each(|no| id(Kind::Interface, format!("eni-{no:08}")));
    (0..ADDRESSES.len()).for_each(|no| id(Kind::Address, format!("eip-{no:08}")));
    let source = Source { file: "initial.json".to_owned(), text: fixture() };
    let loaded = load(&[source], settings(takes), super::at(0));
    let loaded = loaded.unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert_eq!(loaded.warnings.total(), 0);
    (loaded.store.with_ids(IdSequence::new(1)), ids)
}

fn fixture() -> String {
    let vpcs = VPCS.iter().enumerate().map(|(no, (region, net))| {
        json!({ "VpcId": format!("vpc-{no:08}"), "CidrBlock": net, "Region": REGIONS[*region] })
    });
    let subnets = SUBNETS.iter().enumerate().map(|(no, (vpc, net))| {
        json!({
            "SubnetId": format!("subnet-{no:08}"), "VpcId": format!("vpc-{vpc:08}"),
            "CidrBlock": net, "IsDefault": no == 0, "Zone": zone(VPCS[*vpc].0),
        })
    });
    let instances = INSTANCES.iter().enumerate().map(|(no, (subnet, state, vcpus, _))| {
        json!({
            "InstanceId": format!("ein-{no:08}"), "InstanceState": state,
            "InstanceTypeConfig": vcpus.map(|it| json!({ "Vcpu": it })),
            "VirtualPrivateCloud": {
                "VpcId": format!("vpc-{:08}", SUBNETS[*subnet].0),
                "SubnetId": format!("subnet-{subnet:08}"),
                "PrivateIpAddresses": if no == OWN.0 { vec![OWN.1] } else { vec![] },
            },
        })
    });
    let interfaces = INTERFACES.iter().enumerate().map(|(no, (subnet, ips, attached))| {
        let ip = |(index, it): (usize, &&str)| {
            let public = general(no, index);
            json!({ "PrivateIpAddress": it, "Primary": index == 0, "PublicIpAddress": public })
        };
        let attachment = attached.map(|(instance, index)| {
            json!({ "InstanceId": format!("ein-{instance:08}"), "DeviceIndex": index })
        });
        json!({
            "NetworkInterfaceId": format!("eni-{no:08}"), "Primary": is_primary(*attached),
            "VpcId": format!("vpc-{:08}", SUBNETS[*subnet].0),
            "SubnetId": format!("subnet-{subnet:08}"), "Attachment": attachment,
            "PrivateIpAddressSet": ips.iter().enumerate().map(ip).collect::<Vec<_>>(),
        })
    });
    let addresses = ADDRESSES.iter().enumerate().map(|(no, (region, ip, bound))| {
        json!({
            "AddressId": format!("eip-{no:08}"), "AddressIp": ip, "IsBlocked": bound.is_some(),
            "EcmRegion": REGIONS[*region],
            "NetworkInterfaceId": bound.map(|it| format!("eni-{:08}", it.0)),
            "PrivateAddressIp": bound.map(|it| it.1),
        })
    });
    json!({
        "VpcSet": vpcs.collect::<Vec<_>>(),
        "SubnetSet": subnets.collect::<Vec<_>>(),
        "InstanceSet": instances.collect::<Vec<_>>(),
        "NetworkInterfaceSet": interfaces.collect::<Vec<_>>(),
        "AddressSet": addresses.collect::<Vec<_>>(),
        "DefaultSubnetSet": [{ "Zone": zone(0), "SubnetId": "subnet-00000001" }],
    })
    .to_string()
}

/// Returns the model of the same state.
pub(super) fn model(takes: Takes) -> Model {
    let mut model = Model {
        takes,
        minute: 0,
        made: [].into(),
        vpcs: Vec::new(),
        subnets: Vec::new(),
        instances: Vec::new(),
        interfaces: Vec::new(),
        ha_vips: Vec::new(),
        addresses: Vec::new(),
        tasks: Vec::new(),
        // The fixture has no default subnet for the other zone.
        defaults: vec![(0, 1)],
        applied: Vec::new(),
        given: Vec::new(),
    };
    for (region, net) in VPCS {
        let (no, net) = (model.make(Kind::Vpc), net.parse().unwrap());
        model.vpcs.push(Vpc { no, region, net, name: String::new() });
    }
    for (vpc, net) in SUBNETS {
        let (no, net, zone) = (model.make(Kind::Subnet), net.parse().unwrap(), VPCS[vpc].0);
        let (name, is_vendors, has_broadcast) = (String::new(), no == 0, false);
        model.subnets.push(Subnet { no, vpc, zone, net, is_vendors, name, has_broadcast });
    }
    for (subnet, state, _, limits) in INSTANCES {
        let (no, vpc) = (model.make(Kind::Instance), SUBNETS[subnet].0);
        let own = if no == OWN.0 { vec![address(OWN.1)] } else { Vec::new() };
        model.instances.push(Instance { no, vpc, subnet, state, limits, own });
    }
    for (subnet, ips, attached) in INTERFACES {
        let no = model.interfaces.len();
        let settled = |(index, it): (usize, &&str)| Ip {
            change: None,
            public: general(no, index).map(address),
            ..model.new_ip(address(it), index == 0)
        };
        let ips = ips.iter().enumerate().map(settled).collect();
        model.interfaces.push(Interface {
            no,
            vpc: SUBNETS[subnet].0,
            subnet,
            name: String::new(),
            is_primary: is_primary(attached),
            ips,
            attached,
            change: None,
        });
        model.make(Kind::Interface);
    }
    for (region, ip, bound) in ADDRESSES {
        let no = model.make(Kind::Address);
        model.addresses.push(Address {
            no,
            region,
            ip: address(ip),
            name: String::new(),
            mbps: 1,
            is_direct: false,
            is_blocked: bound.is_some(),
            target: bound.map(|(interface, private)| Target::Ip(interface, address(private))),
            change: None,
        });
    }
    model
}
