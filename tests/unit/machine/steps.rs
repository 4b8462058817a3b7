//! Steps of a test: calls of actions, and events without a call.

use std::{collections::BTreeMap, net::Ipv4Addr};

use ipnet::Ipv4Net;
use serde_json::{Value, json};

use super::model::{Kind, No, REGIONS};

#[derive(Debug, Clone)]
pub(super) enum Step {
    Network(NetworkCall),
    Interface(InterfaceCall),
    PrivateIp(PrivateIpCall),
    Address(AddressCall),
    Failover(Failover),
    /// Time passes. After a day, the daily quotas start over.
    Wait {
        minutes: u32,
    },
}

#[derive(Debug, Clone)]
pub(super) enum NetworkCall {
    CreateHaVip { vpc: No, subnet: No, name: String, vip: Option<Ipv4Addr> },
    DeleteHaVip { ha_vip: No },
    ModifyHaVip { ha_vip: No, name: String },
    CreateVpc { region: usize, name: String, net: Ipv4Net },
    DeleteVpc { region: usize, vpc: No },
    ModifyVpc { region: usize, vpc: No, name: String },
    CreateSubnet { region: usize, zone: usize, vpc: No, name: String, net: Ipv4Net },
    DeleteSubnet { region: usize, subnet: No },
    ModifySubnet { region: usize, subnet: No, name: String, broadcast: &'static str },
    ModifyDefault { region: usize, zone: usize, vpc: No, subnet: No },
}

#[derive(Debug, Clone)]
pub(super) enum InterfaceCall {
    Create {
        region: usize,
        vpc: No,
        subnet: No,
        name: String,
        /// Addresses, each with whether it is marked as primary.
        named: Vec<(Ipv4Addr, bool)>,
        more: Option<usize>,
    },
    Delete {
        region: usize,
        interface: No,
    },
    Attach {
        region: usize,
        interface: No,
        instance: No,
    },
    Detach {
        region: usize,
        interface: No,
        instance: No,
    },
    Migrate {
        region: usize,
        interface: No,
        from: No,
        to: No,
    },
    Describe {
        interfaces: Vec<No>,
    },
}

#[derive(Debug, Clone)]
pub(super) enum PrivateIpCall {
    Assign { region: usize, interface: No, named: Vec<Ipv4Addr>, more: Option<usize> },
    Remove { region: usize, interface: No, named: Vec<Ipv4Addr> },
    Modify { region: usize, interface: No, named: Vec<Ipv4Addr>, text: String },
    Migrate { region: usize, from: No, to: No, ip: Ipv4Addr },
}

/// Binding target that a call names.
#[derive(Debug, Clone, Default)]
pub(super) struct Named {
    pub(super) instance: Option<No>,
    pub(super) interface: Option<No>,
    pub(super) ip: Option<Ipv4Addr>,
}

#[derive(Debug, Clone)]
pub(super) enum AddressCall {
    Allocate {
        region: usize,
        count: Option<usize>,
        isp: Option<&'static str>,
        mbps: Option<u64>,
        target: Named,
    },
    Release {
        region: usize,
        addresses: Vec<No>,
    },
    Associate {
        region: usize,
        address: No,
        target: Named,
    },
    /// `gives`: whether a general public IP replaces the EIP.
    Disassociate {
        region: usize,
        address: No,
        gives: bool,
    },
    Modify {
        region: usize,
        address: No,
        name: Option<String>,
        direct: &'static str,
    },
    Bandwidth {
        region: usize,
        addresses: Vec<No>,
        mbps: u64,
    },
    Describe {
        region: usize,
        addresses: Vec<No>,
    },
    Task {
        region: usize,
        task: No,
    },
}

/// Changes by high-availability software and by the vendor's console.
#[derive(Debug, Clone)]
pub(super) enum Failover {
    Announce { ha_vip: No, by: No },
    Withdraw { ha_vip: No },
    Bind { ha_vip: No, address: Option<No> },
}

/// IDs of objects by number.
#[derive(Debug, Clone, Default)]
pub(super) struct Ids(BTreeMap<Kind, Vec<String>>);

impl Ids {
    /// Returns the ID of an object, or an unused ID if the object never existed.
    pub(super) fn of(&self, kind: Kind, no: No) -> String {
        let known = self.0.get(&kind).and_then(|it| it.get(no));
        known.cloned().unwrap_or_else(|| match kind {
            Kind::Vpc => format!("vpc-{no:z>8}"),
            Kind::Subnet => format!("subnet-{no:z>8}"),
            Kind::Instance => format!("ein-{no:z>8}"),
            Kind::Interface => format!("eni-{no:z>8}"),
            Kind::HaVip => format!("havip-{no:z>8}"),
            Kind::Address => format!("eip-{no:z>8}"),
            Kind::Task => no.to_string(),
        })
    }

    pub(super) fn all(&self, kind: Kind, numbers: &[No]) -> Vec<String> {
        numbers.iter().map(|no| self.of(kind, *no)).collect()
    }

    pub(super) fn learn(&mut self, kind: Kind, id: &Value) {
        self.0.entry(kind).or_default().push(id.as_str().expect("an ID is a text").to_owned());
    }
}

/// Returns the zone of a region.
pub(super) fn zone(region: usize) -> String {
    format!("{}-1", REGIONS[region])
}

impl Step {
    /// Returns the action to call and its parameters, or `None` if the step calls none.
    pub(super) fn call(&self, ids: &Ids) -> Option<(&'static str, Value)> {
        match self {
            Self::Network(call) => Some(call.params(ids)),
            Self::Interface(call) => Some(call.params(ids)),
            Self::PrivateIp(call) => Some(call.params(ids)),
            Self::Address(call) => Some(call.params(ids)),
            Self::Failover(_) | Self::Wait { .. } => None,
        }
    }

    /// Returns the name of the step in the statistics.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Failover(Failover::Announce { .. }) => "announce",
            Self::Failover(Failover::Withdraw { .. }) => "withdraw",
            Self::Failover(Failover::Bind { .. }) => "bind_ha_vip",
            Self::Wait { .. } => "wait",
            _ => self.call(&Ids::default()).map_or("", |it| it.0),
        }
    }

    /// Records the IDs of the objects that the step created.
    pub(super) fn learn(&self, ids: &mut Ids, response: &Value) {
        let (kind, pointer) = match self {
            Self::Network(NetworkCall::CreateVpc { .. }) => (Kind::Vpc, "/Vpc/VpcId"),
            Self::Network(NetworkCall::CreateSubnet { .. }) => (Kind::Subnet, "/Subnet/SubnetId"),
            Self::Network(NetworkCall::CreateHaVip { .. }) => (Kind::HaVip, "/HaVip/HaVipId"),
            Self::Interface(InterfaceCall::Create { .. }) => {
                (Kind::Interface, "/NetworkInterface/NetworkInterfaceId")
            }
            Self::Address(AddressCall::Task { .. }) => return,
            Self::Address(_) => {
                for id in response["AddressSet"].as_array().into_iter().flatten() {
                    if id.is_string() {
                        ids.learn(Kind::Address, id);
                    }
                }
                if response["TaskId"].is_null() {
                    return;
                }
                (Kind::Task, "/TaskId")
            }
            _ => return,
        };
        ids.learn(kind, response.pointer(pointer).expect("the response has an ID"));
    }
}

impl NetworkCall {
    fn params(&self, ids: &Ids) -> (&'static str, Value) {
        let id = |kind, no: &No| ids.of(kind, *no);
        let (vpc_id, subnet_id) = (|no| id(Kind::Vpc, no), |no| id(Kind::Subnet, no));
        match self {
            Self::CreateHaVip { vpc, subnet, name, vip } => (
                "CreateHaVip",
                json!({
                    "VpcId": vpc_id(vpc), "SubnetId": subnet_id(subnet), "HaVipName": name,
                    "Vip": vip,
                }),
            ),
            Self::DeleteHaVip { ha_vip } => {
                ("DeleteHaVip", json!({ "HaVipId": id(Kind::HaVip, ha_vip) }))
            }
            Self::ModifyHaVip { ha_vip, name } => (
                "ModifyHaVipAttribute",
                json!({ "HaVipId": id(Kind::HaVip, ha_vip), "HaVipName": name }),
            ),
            Self::CreateVpc { region, name, net } => (
                "CreateVpc",
                json!({ "EcmRegion": REGIONS[*region], "VpcName": name, "CidrBlock": net }),
            ),
            Self::DeleteVpc { region, vpc } => {
                ("DeleteVpc", json!({ "EcmRegion": REGIONS[*region], "VpcId": vpc_id(vpc) }))
            }
            Self::ModifyVpc { region, vpc, name } => (
                "ModifyVpcAttribute",
                json!({ "EcmRegion": REGIONS[*region], "VpcId": vpc_id(vpc), "VpcName": name }),
            ),
            Self::CreateSubnet { region, zone: at, vpc, name, net } => (
                "CreateSubnet",
                json!({
                    "EcmRegion": REGIONS[*region], "Zone": zone(*at), "VpcId": vpc_id(vpc),
                    "SubnetName": name, "CidrBlock": net,
                }),
            ),
            Self::DeleteSubnet { region, subnet } => (
                "DeleteSubnet",
                json!({ "EcmRegion": REGIONS[*region], "SubnetId": subnet_id(subnet) }),
            ),
            Self::ModifySubnet { region, subnet, name, broadcast } => (
                "ModifySubnetAttribute",
                json!({
                    "EcmRegion": REGIONS[*region], "SubnetId": subnet_id(subnet),
                    "SubnetName": name, "EnableBroadcast": broadcast,
                }),
            ),
            Self::ModifyDefault { region, zone: at, vpc, subnet } => (
                "ModifyDefaultSubnet",
                json!({
                    "EcmRegion": REGIONS[*region], "Zone": zone(*at), "VpcId": vpc_id(vpc),
                    "SubnetId": subnet_id(subnet),
                }),
            ),
        }
    }
}

impl InterfaceCall {
    fn params(&self, ids: &Ids) -> (&'static str, Value) {
        let on = |region: &usize, no: &No, instances: Value| {
            let mut params = instances;
            params["EcmRegion"] = REGIONS[*region].into();
            params["NetworkInterfaceId"] = ids.of(Kind::Interface, *no).into();
            params
        };
        let instance_id = |no: &No| ids.of(Kind::Instance, *no);
        match self {
            Self::Create { region, vpc, subnet, name, named, more } => {
                let ip =
                    |it: &(Ipv4Addr, bool)| json!({ "PrivateIpAddress": it.0, "Primary": it.1 });
                let named: Vec<Value> = named.iter().map(ip).collect();
                let params = json!({
                    "EcmRegion": REGIONS[*region], "VpcId": ids.of(Kind::Vpc, *vpc),
                    "SubnetId": ids.of(Kind::Subnet, *subnet), "NetworkInterfaceName": name,
                    "PrivateIpAddresses": named, "SecondaryPrivateIpAddressCount": more,
                });
                ("CreateNetworkInterface", params)
            }
            Self::Delete { region, interface } => {
                ("DeleteNetworkInterface", on(region, interface, json!({})))
            }
            Self::Attach { region, interface, instance } => {
                let params = json!({ "InstanceId": instance_id(instance) });
                ("AttachNetworkInterface", on(region, interface, params))
            }
            Self::Detach { region, interface, instance } => {
                let params = json!({ "InstanceId": instance_id(instance) });
                ("DetachNetworkInterface", on(region, interface, params))
            }
            Self::Migrate { region, interface, from, to } => {
                let params = json!({
                    "SourceInstanceId": instance_id(from),
                    "DestinationInstanceId": instance_id(to),
                });
                ("MigrateNetworkInterface", on(region, interface, params))
            }
            Self::Describe { interfaces } => {
                let ids = ids.all(Kind::Interface, interfaces);
                let params = json!({ "NetworkInterfaceIds": ids, "Limit": 100 });
                ("DescribeNetworkInterfaces", params)
            }
        }
    }
}

impl PrivateIpCall {
    fn params(&self, ids: &Ids) -> (&'static str, Value) {
        let on = |region: &usize, no: &No, named: &[Ipv4Addr], text: Option<&String>| {
            let ip = |it: &Ipv4Addr| json!({ "PrivateIpAddress": it, "Description": text });
            json!({
                "EcmRegion": REGIONS[*region],
                "NetworkInterfaceId": ids.of(Kind::Interface, *no),
                "PrivateIpAddresses": named.iter().map(ip).collect::<Vec<_>>(),
            })
        };
        match self {
            Self::Assign { region, interface, named, more } => {
                let mut params = on(region, interface, named, None);
                params["SecondaryPrivateIpAddressCount"] = json!(more);
                ("AssignPrivateIpAddresses", params)
            }
            Self::Remove { region, interface, named } => {
                ("RemovePrivateIpAddresses", on(region, interface, named, None))
            }
            Self::Modify { region, interface, named, text } => {
                ("ModifyPrivateIpAddressesAttribute", on(region, interface, named, Some(text)))
            }
            Self::Migrate { region, from, to, ip } => (
                "MigratePrivateIpAddress",
                json!({
                    "EcmRegion": REGIONS[*region],
                    "SourceNetworkInterfaceId": ids.of(Kind::Interface, *from),
                    "DestinationNetworkInterfaceId": ids.of(Kind::Interface, *to),
                    "PrivateIpAddress": ip,
                }),
            ),
        }
    }
}

impl AddressCall {
    fn params(&self, ids: &Ids) -> (&'static str, Value) {
        let id = |no: &No| ids.of(Kind::Address, *no);
        let to = |region: &usize, target: &Named| {
            json!({
                "EcmRegion": REGIONS[*region],
                "InstanceId": target.instance.map(|no| ids.of(Kind::Instance, no)),
                "NetworkInterfaceId": target.interface.map(|no| ids.of(Kind::Interface, no)),
                "PrivateIpAddress": target.ip,
            })
        };
        let all = |region: &usize, numbers: &[No]| {
            json!({
                "EcmRegion": REGIONS[*region], "AddressIds": ids.all(Kind::Address, numbers),
            })
        };
        match self {
            Self::Allocate { region, count, isp, mbps, target } => {
                let mut params = to(region, target);
                params["AddressCount"] = json!(count);
                params["InternetServiceProvider"] = json!(isp);
                params["InternetMaxBandwidthOut"] = json!(mbps);
                ("AllocateAddresses", params)
            }
            Self::Release { region, addresses } => ("ReleaseAddresses", all(region, addresses)),
            Self::Associate { region, address, target } => {
                let mut params = to(region, target);
                params["AddressId"] = json!(id(address));
                ("AssociateAddress", params)
            }
            Self::Disassociate { region, address, gives } => (
                "DisassociateAddress",
                json!({
                    "EcmRegion": REGIONS[*region], "AddressId": id(address),
                    "ReallocateNormalPublicIp": gives,
                }),
            ),
            Self::Modify { region, address, name, direct } => (
                "ModifyAddressAttribute",
                json!({
                    "EcmRegion": REGIONS[*region], "AddressId": id(address), "AddressName": name,
                    "EipDirectConnection": direct,
                }),
            ),
            Self::Bandwidth { region, addresses, mbps } => {
                let mut params = all(region, addresses);
                params["InternetMaxBandwidthOut"] = json!(mbps);
                ("ModifyAddressesBandwidth", params)
            }
            Self::Describe { region, addresses } => ("DescribeAddresses", all(region, addresses)),
            Self::Task { region, task } => (
                "DescribeTaskResult",
                json!({ "EcmRegion": REGIONS[*region], "TaskId": ids.of(Kind::Task, *task) }),
            ),
        }
    }
}
