//! Compares the responses of Describe calls with the model.

use crate::{
    control::fixture,
    ecm::{Store, model as kept},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    at,
    model::{
        ADDRESSES_PER_REGION, Address, Change, DAY_MINUTES, HaVip, Interface, KNOWN, Kind, Model,
        REGIONS, Remaining, Subnet, Takes, Target, Vpc, assignable,
    },
    run,
    steps::{Ids, zone},
};

/// The model, and the IDs of its objects in the store.
struct Shown<'a> {
    model: &'a Model,
    ids: &'a Ids,
}

/// Compares every resource with the model.
pub(super) fn everything(store: &Store, model: &Model, ids: &Ids) {
    let shown = Shown { model, ids };
    let all = |list: Vec<Value>| json!({ "TotalCount": list.len(), "Set": list });
    let show = |action, set: &str, mut params: Value, expected: Vec<Value>| {
        params["Limit"] = if action == "DescribeSubnets" { json!("100") } else { json!(100) };
        let mut response = look(store, model, action, &params).unwrap();
        response["Set"] = response[set].take();
        assert_says(&response, &all(expected), action);
    };
    let vpcs = model.vpcs.iter().map(|it| shown.vpc(it));
    show("DescribeVpcs", "VpcSet", json!({}), vpcs.collect());
    let subnets = model.subnets.iter().map(|it| shown.subnet(it));
    show("DescribeSubnets", "SubnetSet", json!({}), subnets.collect());
    let interfaces = model.interfaces.iter().map(|it| shown.interface(it));
    let set = "NetworkInterfaceSet";
    show("DescribeNetworkInterfaces", set, json!({}), interfaces.collect());
    let ha_vips = model.ha_vips.iter().map(|it| shown.ha_vip(it));
    show("DescribeHaVips", "HaVipSet", json!({}), ha_vips.collect());
    for (region, name) in REGIONS.iter().enumerate().take(KNOWN) {
        let addresses = model.addresses.iter().filter(|it| it.region == region);
        let addresses = addresses.map(|it| shown.address(it)).collect();
        show("DescribeAddresses", "AddressSet", json!({ "EcmRegion": name }), addresses);
        let quotas = look(store, model, "DescribeAddressQuota", &json!({ "EcmRegion": name }));
        assert_says(&quotas.unwrap(), &shown.quotas(region), "DescribeAddressQuota");
        shown.check_default(store, region);
    }
    shown.check_instances(store);
    shown.check_tasks(store);
}

/// Runs a call on a copy of the store, because reads settle changes.
fn look(store: &Store, model: &Model, action: &str, params: &Value) -> Result<Value, &'static str> {
    run(&mut store.clone(), model.now(), action, params)
}

/// Asserts that a response has the expected fields, and exactly the expected list items.
pub(super) fn assert_says(actual: &Value, expected: &Value, place: &str) {
    match (actual, expected) {
        (Value::Object(_), Value::Object(members)) => {
            for (name, expected) in members {
                assert_says(&actual[name], expected, &format!("{place}.{name}"));
            }
        }
        (Value::Array(actual), Value::Array(expected)) => {
            assert_eq!(actual.len(), expected.len(), "{place}: {actual:#?} {expected:#?}");
            for (index, (actual, expected)) in actual.iter().zip(expected).enumerate() {
                assert_says(actual, expected, &format!("{place}[{index}]"));
            }
        }
        _ => assert_eq!(actual, expected, "{place}"),
    }
}

fn state(change: Change) -> &'static str {
    change.map_or("AVAILABLE", |it| it.0)
}

impl Shown<'_> {
    fn vpc(&self, vpc: &Vpc) -> Value {
        let subnets = self.model.subnets.iter().filter(|it| it.vpc == vpc.no).count();
        let instances = self.model.instances.iter().filter(|it| it.vpc == vpc.no).count();
        json!({
            "VpcId": self.ids.of(Kind::Vpc, vpc.no), "VpcName": vpc.name, "CidrBlock": vpc.net,
            "Region": REGIONS[vpc.region], "SubnetCount": subnets, "InstanceCount": instances,
        })
    }

    fn subnet(&self, subnet: &Subnet) -> Value {
        let vpc = self.model.vpc(subnet.vpc).unwrap();
        let free = assignable(subnet.net).len() - self.model.taken(subnet.no).len();
        let instances = self.model.instances.iter().filter(|it| it.subnet == subnet.no).count();
        json!({
            "SubnetId": self.ids.of(Kind::Subnet, subnet.no), "SubnetName": subnet.name,
            "VpcId": self.ids.of(Kind::Vpc, subnet.vpc), "CidrBlock": subnet.net,
            "VpcCidrBlock": vpc.net, "Region": REGIONS[vpc.region], "Zone": zone(subnet.zone),
            "IsDefault": subnet.is_vendors, "EnableBroadcast": subnet.has_broadcast,
            "AvailableIpAddressCount": free, "InstanceCount": instances,
        })
    }

    fn interface(&self, interface: &Interface) -> Value {
        let ip = |ip: &super::model::Ip| {
            let bound = self.model.bound_to(Target::Ip(interface.no, ip.address));
            let public = bound.map(|it| it.ip).or(ip.public);
            json!({
                "PrivateIpAddress": ip.address, "Primary": ip.is_primary,
                "Description": ip.description, "State": state(ip.change),
                "AddressId": bound.map_or_else(String::new, |it| self.address_id(it)),
                "PublicIpAddress": public.map_or_else(String::new, |it| it.to_string()),
            })
        };
        let attachment = interface.attached.map(|(instance, index)| {
            json!({ "InstanceId": self.ids.of(Kind::Instance, instance), "DeviceIndex": index })
        });
        json!({
            "NetworkInterfaceId": self.ids.of(Kind::Interface, interface.no),
            "NetworkInterfaceName": interface.name, "Primary": interface.is_primary,
            "VpcId": self.ids.of(Kind::Vpc, interface.vpc),
            "SubnetId": self.ids.of(Kind::Subnet, interface.subnet),
            "State": state(interface.change), "Attachment": attachment,
            "PrivateIpAddressSet": interface.ips.iter().map(ip).collect::<Vec<_>>(),
        })
    }

    fn address_id(&self, address: &Address) -> String {
        self.ids.of(Kind::Address, address.no)
    }

    /// Returns the instance of an interface, or an empty string.
    fn instance_of(&self, interface: usize) -> String {
        let attached = self.model.interface(interface).and_then(|it| it.attached);
        attached.map_or_else(String::new, |it| self.ids.of(Kind::Instance, it.0))
    }

    fn ha_vip(&self, ha_vip: &HaVip) -> Value {
        let bound = self.model.bound_to(Target::HaVip(ha_vip.no));
        let by = ha_vip.announcer;
        let id = |no| self.ids.of(Kind::Interface, no);
        json!({
            "HaVipId": self.ids.of(Kind::HaVip, ha_vip.no), "HaVipName": ha_vip.name,
            "VpcId": self.ids.of(Kind::Vpc, ha_vip.vpc),
            "SubnetId": self.ids.of(Kind::Subnet, ha_vip.subnet), "Vip": ha_vip.vip,
            "State": if by.is_some() { "AVAILABLE" } else { "UNBIND" },
            "NetworkInterfaceId": by.map_or_else(String::new, id),
            "InstanceId": by.map_or_else(String::new, |it| self.instance_of(it)),
            "AddressIp": bound.map_or_else(String::new, |it| it.ip.to_string()),
        })
    }

    fn address(&self, address: &Address) -> Value {
        let (instance, interface, ip) = match address.target {
            None => (String::new(), String::new(), String::new()),
            Some(Target::HaVip(no)) => {
                let vip = self.model.ha_vip(no).unwrap().vip;
                (self.ids.of(Kind::HaVip, no), String::new(), vip.to_string())
            }
            Some(Target::Ip(no, ip)) => {
                (self.instance_of(no), self.ids.of(Kind::Interface, no), ip.to_string())
            }
        };
        json!({
            "AddressId": self.address_id(address), "AddressIp": address.ip,
            "AddressName": address.name, "AddressStatus": self.model.status(address),
            "InstanceId": instance, "NetworkInterfaceId": interface, "PrivateAddressIp": ip,
            "Bandwidth": address.mbps, "IsEipDirectConnection": address.is_direct,
        })
    }

    fn quotas(&self, region: usize) -> Value {
        let today = (region, self.model.day());
        let on = |list: &[(usize, u32)]| list.iter().filter(|it| **it == today).count();
        let held = self.model.addresses.iter().filter(|it| it.region == region).count();
        let limit = ADDRESSES_PER_REGION;
        json!({ "QuotaSet": [
            { "QuotaCurrent": held, "QuotaLimit": limit },
            { "QuotaCurrent": on(&self.model.applied), "QuotaLimit": 2 * limit },
            { "QuotaCurrent": on(&self.model.given) },
        ] })
    }

    fn check_default(&self, store: &Store, region: usize) {
        let params = json!({ "EcmRegion": REGIONS[region], "Zone": zone(region) });
        let got = look(store, self.model, "DescribeDefaultSubnet", &params);
        let got = got.map(|it| it["Subnet"]["SubnetId"].clone());
        let default = self.model.defaults.iter().find(|it| it.0 == region);
        let expected = default.map(|it| json!(self.ids.of(Kind::Subnet, it.1)));
        assert_eq!(got, expected.ok_or("InvalidParameterValue.InvalidZone"), "default subnet");
    }

    /// Checks the addresses of instances: their own, and those of their interfaces by device index.
    fn check_instances(&self, store: &Store) {
        let params = json!({ "OrderDirection": 1 });
        let response = look(store, self.model, "DescribeInstances", &params).unwrap();
        for instance in &self.model.instances {
            let internet = &response["InstanceSet"][instance.no]["Internet"];
            let listed = |set: &str, name: &str| {
                let set = internet[set].as_array().unwrap().iter();
                set.map(|it| it[name].as_str().unwrap().to_owned()).collect::<Vec<_>>()
            };
            let (mut own, mut public) = (instance.own.clone(), Vec::new());
            let mut attached: Vec<&Interface> = self.model.attached_to(instance.no).collect();
            attached.sort_by_key(|it| it.attached.map(|at| at.1));
            let ids: Vec<String> =
                attached.iter().map(|it| self.ids.of(Kind::Interface, it.no)).collect();
            assert_eq!(listed("InstanceNetworkInfoSet", "NetworkInterfaceId"), ids);
            for interface in attached {
                for ip in &interface.ips {
                    own.push(ip.address);
                    let bound = self.model.bound_to(Target::Ip(interface.no, ip.address));
                    public.extend(bound.map(|it| it.ip).or(ip.public));
                }
            }
            let texts = |list: Vec<std::net::Ipv4Addr>| {
                list.iter().map(ToString::to_string).collect::<Vec<_>>()
            };
            assert_eq!(listed("PrivateIPAddressSet", "PrivateIPAddress"), texts(own));
            assert_eq!(listed("PublicIPAddressSet", "PublicIPAddress"), texts(public));
        }
    }

    fn check_tasks(&self, store: &Store) {
        let left = |it: Remaining| match it {
            Remaining::Reads(reads) => {
                kept::Remaining::reads(reads).expect("a running task has reads left")
            }
            Remaining::Until(minute) => kept::Remaining::until(at(minute)),
        };
        let got: Vec<(String, Option<kept::Remaining>)> =
            store.tasks().map(|(id, task)| (id.to_string(), task.left)).collect();
        let expected = self.model.tasks.iter();
        let expected: Vec<(String, Option<kept::Remaining>)> =
            expected.map(|it| (self.ids.of(Kind::Task, it.no), it.left.map(left))).collect();
        assert_eq!(got, expected, "tasks");
    }
}

/// Asserts that exporting and loading the store changes nothing, nor does merging an empty fixture.
pub(super) fn round_trip(store: &Store, now: DateTime<Utc>) {
    let exported = fixture::export(store);
    let loaded = load(&exported, store, now);
    assert_same(&fixture::export(&loaded), &exported);
    assert!(loaded.with_ids(store.ids().clone()) == *store, "{loaded:#?} is not {store:#?}");
    let nothing = fixture::Source { file: "nothing.json".to_owned(), text: "{}".to_owned() };
    let merged = fixture::merge(store, &nothing, now).unwrap();
    assert_eq!(merged.warnings.total(), 0);
    assert!(merged.store == *store, "{:#?} is not {store:#?}", merged.store);
}

/// Asserts that pending changes end the same in a store that was exported and loaded meanwhile.
pub(super) fn settle_elsewhere(store: &Store, model: &Model) {
    let mut one = store.clone();
    let mut other = load(&fixture::export(store), store, model.now());
    for store in [&mut one, &mut other] {
        store.pass_time(at(model.minute + DAY_MINUTES));
        let reads = if let Takes::Reads(reads) = model.takes { reads } else { 0 };
        for _ in 0..=reads {
            settle(store, model.now());
        }
        assert_eq!(store.check(), [""; 0]);
    }
    assert_same(&fixture::export(&other), &fixture::export(&one));
}

/// Asserts that two exports are equal as text.
fn assert_same(actual: &Value, expected: &Value) {
    let texts = (actual.to_string(), expected.to_string());
    if texts.0 != texts.1 {
        // Reports the place, unless only the order of fields differs.
        assert_says(actual, expected, "export");
        assert_eq!(texts.0, texts.1);
    }
}

/// Loads an exported store.
fn load(exported: &Value, store: &Store, now: DateTime<Utc>) -> Store {
    let source = fixture::Source { file: "exported.json".to_owned(), text: exported.to_string() };
    let loaded = fixture::load(&[source], *store.settings(), now);
    let loaded = loaded.unwrap_or_else(|problems| panic!("{problems:#?}\n{exported}"));
    assert_eq!(loaded.warnings.total(), 0);
    assert_eq!(loaded.store.check(), [""; 0]);
    loaded.store
}

/// Reads everything that could have a pending change.
fn settle(store: &mut Store, now: DateTime<Utc>) {
    run(store, now, "DescribeNetworkInterfaces", &json!({ "Limit": 100 })).unwrap();
    let tasks: Vec<String> = store.tasks().map(|it| it.0.to_string()).collect();
    for task in tasks {
        let params = json!({ "EcmRegion": REGIONS[0], "TaskId": task });
        run(store, now, "DescribeTaskResult", &params).unwrap();
    }
}
