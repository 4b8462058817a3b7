//! VPCs, subnets, HAVIPs, and their failover.

use ipnet::Ipv4Net;
use serde_json::{Value, json};

use super::{
    Codes, HA_VIPS_PER_VPC, HaVip, KNOWN, Kind, Lack, Model, No, Outcome, SUBNETS_PER_VPC, Subnet,
    Target, VPCS_PER_REGION, Vpc, assignable, must, refuse,
};
use crate::tests::machine::steps::{Failover, NetworkCall};

const MASKS: std::ops::RangeInclusive<u8> = 16..=28;
const NAME_MAX: usize = 60;

/// Returns whether a range is private and of an allowed size.
fn is_vpc_range(net: Ipv4Net) -> bool {
    let [a, b, ..] = net.network().octets();
    let is_private = a == 10 || a == 172 && (16..32).contains(&b) || (a, b) == (192, 168);
    is_private && MASKS.contains(&net.prefix_len())
}

fn overlap(one: Ipv4Net, other: Ipv4Net) -> bool {
    one.contains(&other) || other.contains(&one)
}

/// Checks the name of a HAVIP: up to 60 characters.
fn ha_vip_name(name: &str) -> Result<(), Codes> {
    must(!name.is_empty(), "InvalidParameter")?;
    must(name.chars().count() <= NAME_MAX, "InvalidParameterValue.TooLong")
}

impl Model {
    pub(super) fn network_call(&mut self, call: &NetworkCall) -> Outcome {
        match call {
            NetworkCall::CreateHaVip { .. } => self.create_ha_vip(call),
            NetworkCall::DeleteHaVip { ha_vip } => {
                must(self.ha_vip(*ha_vip).is_some(), "ResourceNotFound")?;
                let is_bound = self.bound_to(Target::HaVip(*ha_vip)).is_some();
                must(!is_bound, "UnsupportedOperation")?;
                self.ha_vips.retain(|it| it.no != *ha_vip);
                Ok(json!({}))
            }
            NetworkCall::ModifyHaVip { ha_vip, name } => {
                ha_vip_name(name)?;
                let found = self.ha_vips.iter_mut().find(|it| it.no == *ha_vip);
                found.ok_or(vec!["ResourceNotFound"])?.name.clone_from(name);
                Ok(json!({}))
            }
            NetworkCall::CreateVpc { region, name, net } => self.create_vpc(*region, name, *net),
            NetworkCall::DeleteVpc { region, vpc } => self.delete_vpc(*region, *vpc),
            NetworkCall::ModifyVpc { region, vpc, name } => {
                must(*region < KNOWN, "InvalidParameterValue.InvalidRegion")?;
                must(name.chars().count() <= NAME_MAX, "InvalidParameterValue.TooLong")?;
                let found = self.vpcs.iter_mut().find(|it| it.no == *vpc && it.region == *region);
                let found = found.ok_or(vec!["ResourceNotFound"])?;
                if !name.is_empty() {
                    found.name.clone_from(name);
                }
                Ok(json!({}))
            }
            NetworkCall::CreateSubnet { .. } => self.create_subnet(call),
            NetworkCall::DeleteSubnet { region, subnet } => self.delete_subnet(*region, *subnet),
            NetworkCall::ModifySubnet { .. } => self.modify_subnet(call),
            NetworkCall::ModifyDefault { region, zone, vpc, subnet } => {
                must(*region < KNOWN && zone == region, "InvalidParameterValue.InvalidRegion")?;
                must(self.region_of_vpc(*vpc) == Some(*region), "ResourceNotFound")?;
                let found = self.subnet(*subnet);
                let fits = found.is_some_and(|it| it.vpc == *vpc && it.zone == *zone);
                must(fits, "ResourceNotFound")?;
                self.set_default(*zone, *subnet);
                Ok(json!({}))
            }
        }
    }

    fn create_ha_vip(&mut self, call: &NetworkCall) -> Outcome {
        let NetworkCall::CreateHaVip { vpc, subnet, name, vip } = call else { unreachable!() };
        ha_vip_name(name)?;
        let home = self.subnet(*subnet).filter(|it| it.vpc == *vpc);
        let home = home.ok_or(vec!["ResourceNotFound"])?;
        let held = self.ha_vips.iter().filter(|it| it.vpc == *vpc).count();
        must(held < HA_VIPS_PER_VPC, "LimitExceeded")?;
        let lent = self.lend(home, vip.as_slice(), usize::from(vip.is_none()));
        let vip = lent.map_err(|lack| match lack {
            Lack::Exhausted => vec!["ResourceInsufficient"],
            Lack::Outside => vec!["InvalidParameterValue.ObjectNotCurrentSubnet"],
            Lack::Reserved => vec!["InvalidParameterValue"],
            Lack::Taken => vec!["InvalidParameterValue.Duplicate"],
        })?[0];
        let (no, name) = (self.make(Kind::HaVip), name.clone());
        let says = json!({
            "Vip": vip, "HaVipName": name, "State": "UNBIND", "NetworkInterfaceId": "",
            "InstanceId": "", "AddressIp": "",
        });
        let (vpc, subnet) = (*vpc, *subnet);
        self.ha_vips.push(HaVip { no, vpc, subnet, vip, name, announcer: None });
        Ok(json!({ "HaVip": says }))
    }

    fn create_vpc(&mut self, region: usize, name: &str, net: Ipv4Net) -> Outcome {
        must(region < KNOWN, "InvalidParameterValue.InvalidRegion")?;
        must(!name.is_empty(), "InvalidParameterValue")?;
        must(name.len() <= NAME_MAX, "InvalidParameterValue.TooLong")?;
        must(is_vpc_range(net), "InvalidParameterValue")?;
        let held = self.vpcs.iter().filter(|it| it.region == region).count();
        must(held < VPCS_PER_REGION, "LimitExceeded")?;
        let no = self.make(Kind::Vpc);
        self.vpcs.push(Vpc { no, region, net, name: name.to_owned() });
        Ok(json!({ "Vpc": {
            "CidrBlock": net, "SubnetCount": 0, "InstanceCount": 0, "IsDefault": false,
        } }))
    }

    /// Deletes a VPC and its subnets.
    fn delete_vpc(&mut self, region: usize, vpc: No) -> Outcome {
        must(region < KNOWN, "InvalidParameterValue.InvalidRegion")?;
        must(self.region_of_vpc(vpc) == Some(region), "ResourceNotFound")?;
        let is_used = self.instances.iter().any(|it| it.vpc == vpc)
            || self.interfaces.iter().any(|it| it.vpc == vpc)
            || self.ha_vips.iter().any(|it| it.vpc == vpc);
        must(!is_used, "ResourceInUse")?;
        self.subnets.retain(|it| it.vpc != vpc);
        self.vpcs.retain(|it| it.no != vpc);
        self.fall_back();
        Ok(json!({}))
    }

    fn create_subnet(&mut self, call: &NetworkCall) -> Outcome {
        let NetworkCall::CreateSubnet { region, zone, vpc, name, net } = call else {
            unreachable!()
        };
        must(*region < KNOWN, "InvalidParameterValue.InvalidRegion")?;
        must(zone == region, "InvalidParameterValue.InvalidZone")?;
        must((1..=NAME_MAX).contains(&name.len()), "InvalidParameterValue")?;
        must(MASKS.contains(&net.prefix_len()), "InvalidParameterValue.SubnetRange")?;
        let home = self.vpc(*vpc).ok_or(vec!["ResourceNotFound"])?;
        must(home.region == *region, "UnsupportedOperation.VpcMismatch")?;
        must(home.net.contains(net), "InvalidParameterValue.SubnetRange")?;
        let siblings = || self.subnets.iter().filter(|it| it.vpc == *vpc);
        let is_clear = siblings().all(|it| !overlap(it.net, *net));
        must(is_clear, "InvalidParameterValue.SubnetConflict")?;
        must(siblings().count() < SUBNETS_PER_VPC, "LimitExceeded")?;
        let no = self.make(Kind::Subnet);
        self.subnets.push(Subnet {
            no,
            vpc: *vpc,
            zone: *zone,
            net: *net,
            is_vendors: false,
            name: name.clone(),
            has_broadcast: false,
        });
        self.set_default(*zone, no);
        let available = assignable(*net).len();
        Ok(json!({ "Subnet": { "AvailableIpAddressCount": available, "InstanceCount": 0 } }))
    }

    fn delete_subnet(&mut self, region: usize, subnet: No) -> Outcome {
        must(region < KNOWN, "InvalidParameterValue.InvalidRegion")?;
        let found = self.subnet(subnet).filter(|it| it.zone == region);
        let found = found.ok_or(vec!["ResourceNotFound"])?;
        must(!found.is_vendors, "FailedOperation.OperationNotAllow")?;
        let has_instances = self.instances.iter().any(|it| it.subnet == subnet);
        must(!has_instances && self.taken(subnet).is_empty(), "ResourceInUse")?;
        self.subnets.retain(|it| it.no != subnet);
        self.fall_back();
        Ok(json!({}))
    }

    fn modify_subnet(&mut self, call: &NetworkCall) -> Outcome {
        let NetworkCall::ModifySubnet { region, subnet, name, broadcast } = call else {
            unreachable!()
        };
        must(*region < KNOWN, "InvalidParameterValue.InvalidRegion")?;
        must(name.len() <= NAME_MAX, "InvalidParameterValue.TooLong")?;
        let broadcast = match *broadcast {
            "" => None,
            "TRUE" => Some(true),
            "false" => Some(false),
            _ => return refuse("InvalidParameterValue"),
        };
        let found = self.subnets.iter_mut().find(|it| it.no == *subnet && it.zone == *region);
        let found = found.ok_or(vec!["ResourceNotFound"])?;
        if !name.is_empty() {
            found.name.clone_from(name);
        }
        found.has_broadcast = broadcast.unwrap_or(found.has_broadcast);
        Ok(json!({}))
    }

    fn set_default(&mut self, zone: usize, subnet: No) {
        self.defaults.retain(|it| it.0 != zone);
        self.defaults.push((zone, subnet));
    }

    /// Replaces deleted default subnets by the vendor-created one of the zone, if any.
    fn fall_back(&mut self) {
        for (zone, default) in self.defaults.clone() {
            if self.subnet(default).is_none() {
                self.defaults.retain(|it| it.0 != zone);
                let vendors = self.subnets.iter().find(|it| it.zone == zone && it.is_vendors);
                self.defaults.extend(vendors.map(|it| (zone, it.no)));
            }
        }
    }

    pub(super) fn failover(&mut self, call: &Failover) -> Outcome {
        match call {
            Failover::Announce { ha_vip, by } => self.announce(*ha_vip, *by),
            Failover::Withdraw { ha_vip } => {
                let found = self.ha_vips.iter_mut().find(|it| it.no == *ha_vip);
                found.ok_or(vec!["ResourceNotFound"])?.announcer = None;
                Ok(Value::Null)
            }
            Failover::Bind { ha_vip, address } => self.bind(*ha_vip, *address),
        }
    }

    /// Checks that the interface is in the same subnet and attached to a running instance.
    fn announce(&mut self, ha_vip: No, by: No) -> Outcome {
        let subnet = self.ha_vip(ha_vip).ok_or(vec!["ResourceNotFound"])?.subnet;
        let interface = self.interface(by);
        let interface =
            interface.ok_or(vec!["UnsupportedOperation.InvalidNetworkInterfaceIdNotFound"])?;
        let instance = interface.attached.and_then(|it| self.instance(it.0));
        let runs = instance.is_some_and(|it| it.state == "RUNNING");
        let is_moving = interface.change.is_some();
        must(interface.subnet == subnet && runs && !is_moving, "UnsupportedOperation")?;
        let found = self.ha_vips.iter_mut().find(|it| it.no == ha_vip);
        found.expect("it was found").announcer = Some(by);
        Ok(Value::Null)
    }

    fn bind(&mut self, ha_vip: No, address: Option<No>) -> Outcome {
        let vpc = self.ha_vip(ha_vip).ok_or(vec!["ResourceNotFound"])?.vpc;
        let region = self.region_of_vpc(vpc);
        let target = Target::HaVip(ha_vip);
        let bound = self.bound_to(target).map(|it| it.no);
        let Some(no) = address else {
            if let Some(bound) = bound {
                self.unbind(bound);
            }
            return Ok(Value::Null);
        };
        let found = self.address(no).filter(|it| Some(it.region) == region);
        let found = found.ok_or(vec!["UnsupportedOperation.AddressIdNotFound"])?;
        if bound == Some(no) {
            return Ok(Value::Null);
        }
        must(self.status(found) == "UNBIND", "UnsupportedOperation.StatusNotPermit")?;
        must(bound.is_none(), "UnsupportedOperation")?;
        let found = self.addresses.iter_mut().find(|it| it.no == no);
        found.expect("it was found").target = Some(target);
        Ok(Value::Null)
    }
}
