//! EIPs and the tasks that change them.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::{
    ADDRESSES_PER_REGION, Address, Codes, KNOWN, Kind, Model, No, Outcome, Target, Task, must,
    refuse,
};
use crate::tests::machine::steps::{AddressCall, Named};

const STATUS: &str = "UnsupportedOperation.StatusNotPermit";
const NOT_FOUND: &str = "UnsupportedOperation.AddressIdNotFound";
const NAME_CHARS_MAX: usize = 20;
/// Maximum number of general public IPs per day in a region.
const GIVEN_A_DAY_MAX: usize = 40;

/// Error codes for invalid binding targets, where actions differ.
struct Says {
    no_such_interface: &'static str,
    no_such_instance: &'static str,
    no_private_ip: &'static str,
    no_primary_interface: &'static str,
    instance_has_one: &'static str,
}

const ALLOCATE: Says = Says {
    no_such_interface: "ResourceNotFound",
    no_such_instance: "ResourceNotFound.InstanceNotExist",
    no_private_ip: "MissingParameter.MissingPrivateIpAddress",
    no_primary_interface: "FailedOperation.OperationNotAllow",
    instance_has_one: "FailedOperation.PrivateIpAddressBinded",
};

const ASSOCIATE: Says = Says {
    no_such_interface: "UnsupportedOperation.InvalidNetworkInterfaceIdNotFound",
    no_such_instance: "UnsupportedOperation.InstanceIdNotFound",
    no_private_ip: "MissingParameter",
    no_primary_interface: "UnsupportedOperation.InstanceIdNotSupported",
    instance_has_one: "UnsupportedOperation.AlreadyBindEip",
};

/// Binding target of an EIP.
#[derive(Clone, Copy)]
enum Wanted {
    /// The primary private IP of the primary interface of an instance.
    Instance(No),
    Ip(No, Ipv4Addr),
}

/// Returns the target that the parameters of a call name, if any.
fn wanted(named: &Named, says: &Says) -> Result<Option<Wanted>, Codes> {
    match (named.instance, named.interface, named.ip) {
        (None, None, None) => Ok(None),
        (Some(_), Some(_), _) => refuse("InvalidParameter.InvalidParameterConflict"),
        (_, None, Some(_)) => refuse("InvalidParameterValue"),
        (None, Some(_), None) => refuse(says.no_private_ip),
        (None, Some(interface), Some(ip)) => Ok(Some(Wanted::Ip(interface, ip))),
        (Some(instance), None, None) => Ok(Some(Wanted::Instance(instance))),
    }
}

impl Model {
    pub(super) fn address_call(&mut self, call: &AddressCall) -> Outcome {
        match call {
            AddressCall::Allocate { .. } => self.allocate(call),
            AddressCall::Release { region, addresses } => {
                must(*region < KNOWN, "InvalidParameterValue")?;
                must(!addresses.is_empty(), "InvalidParameter")?;
                self.must_all_be(*region, addresses, &["UNBIND"])?;
                self.begin(addresses, Some("OFFLINING"));
                Ok(json!({}))
            }
            AddressCall::Associate { region, address, target } => {
                self.associate(*region, *address, target)
            }
            AddressCall::Disassociate { region, address, gives } => {
                self.disassociate(*region, *address, *gives)
            }
            AddressCall::Modify { .. } => self.modify_address(call),
            AddressCall::Bandwidth { region, addresses, mbps } => {
                must(*region < KNOWN, "InvalidParameterValue")?;
                must(!addresses.is_empty(), "InvalidParameter")?;
                must((1..=5000).contains(mbps), "InvalidParameterValue.InvalidBandwidth")?;
                self.must_all_be(*region, addresses, &["UNBIND", "BIND", "BIND_ENI"])?;
                for it in self.addresses.iter_mut().filter(|it| addresses.contains(&it.no)) {
                    it.mbps = *mbps;
                }
                self.begin(addresses, None);
                Ok(json!({}))
            }
            AddressCall::Describe { region, addresses } => self.read_addresses(*region, addresses),
            AddressCall::Task { region, task } => self.read_task(*region, *task),
        }
    }

    pub(in crate::tests::machine) fn status(&self, address: &Address) -> &'static str {
        match (address.change, address.target) {
            (Some((change, _)), _) => change,
            (None, None) => "UNBIND",
            (None, Some(Target::HaVip(_))) => "BIND",
            (None, Some(Target::Ip(interface, _))) => {
                let interface = self.interface(interface);
                let is_attached = interface.is_some_and(|it| it.attached.is_some());
                if is_attached { "BIND" } else { "BIND_ENI" }
            }
        }
    }

    fn address_in(&self, no: No, region: usize) -> Result<&Address, Codes> {
        self.address(no).filter(|it| it.region == region).ok_or(vec![NOT_FOUND])
    }

    /// Fails unless each EIP exists and is in one of the states. The order of IDs decides which
    /// fault is reported.
    fn must_all_be(&self, region: usize, named: &[No], states: &[&str]) -> Result<(), Codes> {
        let wrong = |no: &No| match self.address_in(*no, region) {
            Err(codes) => codes,
            Ok(found) if !states.contains(&self.status(found)) => vec![STATUS],
            Ok(_) => Vec::new(),
        };
        let wrong: Codes = named.iter().flat_map(wrong).collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }

    fn allocate(&mut self, call: &AddressCall) -> Outcome {
        let AddressCall::Allocate { region, count, isp, mbps, target } = call else {
            unreachable!()
        };
        let region = *region;
        must(region < KNOWN, "InvalidParameterValue.InvalidRegion")?;
        // The only provider of the second region is China Telecom.
        must(region == 0 || isp.is_none_or(|it| it == "CTCC"), "InvalidParameterValue")?;
        let mbps = mbps.unwrap_or(1);
        must((1..=5000).contains(&mbps), "InvalidParameterValue.InvalidBandwidth")?;
        let wanted = wanted(target, &ALLOCATE)?;
        let count = count.unwrap_or(1);
        must(count > 0, "InvalidParameterValue")?;
        must(wanted.is_none() || count == 1, "InvalidParameterValue.InvalidAddressCount")?;
        let target = wanted.map(|it| self.target(region, it, &ALLOCATE)).transpose()?;
        let held = self.addresses.iter().filter(|it| it.region == region).count();
        let fits = held + count <= ADDRESSES_PER_REGION;
        must(fits, "LimitExceeded.AddressQuotaLimitExceeded")?;
        let today = self.applied.iter().filter(|it| **it == (region, self.day())).count();
        let fits = today + count <= 2 * ADDRESSES_PER_REGION;
        must(fits, "LimitExceeded.AddressQuotaLimitExceededDailyAllocate")?;
        let mut made = Vec::new();
        for _ in 0..count {
            let (no, ip) = (self.make(Kind::Address), self.lowest_public());
            made.push(no);
            self.applied.push((region, self.day()));
            self.addresses.push(Address {
                no,
                region,
                ip,
                name: String::new(),
                mbps,
                is_direct: false,
                is_blocked: false,
                target,
                change: None,
            });
        }
        self.begin(&made, Some("CREATING"));
        Ok(json!({}))
    }

    /// Returns the lowest free public address of 198.18.0.0/15.
    fn lowest_public(&self) -> Ipv4Addr {
        let general = self.interfaces.iter().flat_map(|it| &it.ips).filter_map(|it| it.public);
        let used: Vec<Ipv4Addr> = self.addresses.iter().map(|it| it.ip).chain(general).collect();
        let first = Ipv4Addr::new(198, 18, 0, 2).to_bits();
        let mut all = (first..).map(Ipv4Addr::from_bits);
        all.find(|it| !used.contains(it)).expect("the range is large")
    }

    /// Returns the private IP that a call names. Fails if no EIP can be bound to it.
    fn target(&self, region: usize, wanted: Wanted, says: &Says) -> Result<Target, Codes> {
        let (interface, ip, has_one) = match wanted {
            Wanted::Ip(interface, ip) => {
                (interface, ip, "UnsupportedOperation.InvalidPrivateIpAddressAlreadyBindEip")
            }
            Wanted::Instance(instance) => {
                let is_there = self.region_of_instance(instance) == Some(region);
                must(is_there, says.no_such_instance)?;
                let state = self.instance(instance).expect("it was found").state;
                must(["RUNNING", "STOPPED"].contains(&state), "FailedOperation.InvalidStatus")?;
                let primary = self.attached_to(instance).find(|it| it.is_primary);
                let primary = primary.ok_or(vec![says.no_primary_interface])?;
                let ip = primary
                    .ips
                    .iter()
                    .find(|it| it.is_primary)
                    .expect("it has a primary address")
                    .address;
                (primary.no, ip, says.instance_has_one)
            }
        };
        let no_such = || vec![says.no_such_interface];
        let found = self.interface_in(interface, region).ok_or_else(no_such)?;
        let place = found.ips.iter().find(|it| it.address == ip).ok_or_else(no_such)?;
        must(found.change.is_none(), "FailedOperation.InvalidStatus")?;
        must(place.change.is_none(), "FailedOperation.PrivateIpAddressUnavailable")?;
        let target = Target::Ip(interface, ip);
        must(self.bound_to(target).is_none(), has_one)?;
        let is_public = place.public.is_some();
        must(!is_public, "UnsupportedOperation.InvalidPrivateIpAddressAlreadyBindEip")?;
        let fits = found.attached.is_none_or(|it| self.has_public_room(it.0, 1));
        must(fits, "LimitExceeded.AddressQuotaLimitExceeded")?;
        Ok(target)
    }

    fn associate(&mut self, region: usize, no: No, named: &Named) -> Outcome {
        must(region < KNOWN, "InvalidParameterValue.InvalidRegion")?;
        let Some(wanted) = wanted(named, &ASSOCIATE)? else {
            return refuse("MissingParameter.MissingAssociateEntity");
        };
        must(self.status(self.address_in(no, region)?) == "UNBIND", STATUS)?;
        let target = self.target(region, wanted, &ASSOCIATE)?;
        for it in self.addresses.iter_mut().filter(|it| it.no == no) {
            it.target = Some(target);
        }
        self.begin(&[no], Some("BINDING"));
        Ok(json!({}))
    }

    fn disassociate(&mut self, region: usize, no: No, gives: bool) -> Outcome {
        must(region < KNOWN, "InvalidParameterValue.InvalidRegion")?;
        let found = self.address_in(no, region)?;
        must(["BIND", "BIND_ENI"].contains(&self.status(found)) && !found.is_blocked, STATUS)?;
        let target = found.target;
        if gives {
            let Some(Target::Ip(interface, ip)) = target else {
                return refuse("InvalidParameterValue");
            };
            let holder = self.interface(interface).expect("the EIP is bound to it");
            let place =
                holder.ips.iter().find(|it| it.address == ip).expect("the EIP is bound to it");
            must(holder.is_primary && place.is_primary, "InvalidParameterValue")?;
            let today = self.given.iter().filter(|it| **it == (region, self.day())).count();
            must(today < GIVEN_A_DAY_MAX, "UnsupportedOperation.QuotaLimitExceeded")?;
            let public = Some(self.lowest_public());
            self.given.push((region, self.day()));
            let mut ips = self.edit(interface).ips.iter_mut();
            ips.find(|it| it.address == ip).expect("the EIP is bound to it").public = public;
        }
        self.unbind(no);
        self.begin(&[no], Some("UNBINDING"));
        Ok(json!({}))
    }

    fn modify_address(&mut self, call: &AddressCall) -> Outcome {
        let AddressCall::Modify { region, address, name, direct } = call else { unreachable!() };
        must(*region < KNOWN, "InvalidParameterValue.InvalidRegion")?;
        let length = name.as_ref().map_or(0, |it| it.chars().count());
        must(length <= NAME_CHARS_MAX, "InvalidParameterValue.TooLong")?;
        let direct = match *direct {
            "" => None,
            "TRUE" => Some(true),
            "false" => Some(false),
            _ => return refuse("InvalidParameterValue"),
        };
        self.address_in(*address, *region)?;
        for it in self.addresses.iter_mut().filter(|it| it.no == *address) {
            it.name = name.clone().unwrap_or_else(|| it.name.clone());
            it.is_direct = direct.unwrap_or(it.is_direct);
        }
        Ok(json!({}))
    }

    /// Starts a task, which ends immediately if changes settle immediately.
    fn begin(&mut self, named: &[No], change: Option<&'static str>) {
        let no = self.make(Kind::Task);
        let addresses: Vec<No> = named.to_vec();
        for it in self.addresses.iter_mut().filter(|it| addresses.contains(&it.no)) {
            it.change = change.map(|it| (it, no)).or(it.change);
        }
        let left = self.takes_now();
        self.tasks.push(Task { no, addresses, left });
        if left.is_none() {
            self.end(no);
        }
    }

    pub(super) fn end(&mut self, task: No) {
        self.tasks[task].left = None;
        for no in self.tasks[task].addresses.clone() {
            let change = self.address(no).and_then(|it| it.change).filter(|it| it.1 == task);
            match change.map(|it| it.0) {
                None => {}
                Some("OFFLINING") => self.addresses.retain(|it| it.no != no),
                Some(_) => {
                    for it in self.addresses.iter_mut().filter(|it| it.no == no) {
                        it.change = None;
                    }
                }
            }
        }
    }

    /// Unbinds an EIP immediately.
    pub(super) fn unbind(&mut self, no: No) {
        for it in self.addresses.iter_mut().filter(|it| it.no == no) {
            (it.target, it.change) = (None, None);
        }
    }

    fn see_task(&mut self, no: No) {
        let Some(left) = self.tasks[no].left else { return };
        match left.read() {
            None => self.end(no),
            left => self.tasks[no].left = left,
        }
    }

    /// Reads EIPs of a region, or all if none is named. Each task that the response shows counts
    /// one read.
    fn read_addresses(&mut self, region: usize, named: &[No]) -> Outcome {
        must(region < KNOWN, "InvalidParameterValue.InvalidRegion")?;
        let seen = self.addresses.iter().filter(|it| it.region == region);
        let seen = seen.filter(|it| named.is_empty() || named.contains(&it.no));
        let seen: Vec<Option<No>> = seen.map(|it| it.change.map(|it| it.1)).collect();
        for task in 0..self.tasks.len() {
            if seen.contains(&Some(task)) {
                self.see_task(task);
            }
        }
        Ok(json!({ "TotalCount": seen.len() }))
    }

    fn read_task(&mut self, region: usize, no: No) -> Outcome {
        must(region < KNOWN, "InvalidParameterValue.InvalidRegion")?;
        let task = self.tasks.get(no).ok_or(vec!["InvalidParameterValue"])?;
        let result: Value = if task.left.is_none() { "SUCCESS" } else { "RUNNING" }.into();
        self.see_task(no);
        Ok(json!({ "Result": result }))
    }
}
