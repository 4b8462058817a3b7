//! Network interfaces, and the settling of their changes.

use std::{collections::BTreeSet, iter, net::Ipv4Addr};

use serde_json::{Value, json};

use super::{
    Change, Codes, INTERFACES_PER_VPC, Interface, Ip, KNOWN, Kind, Lack, Model, No, Outcome,
    Remaining, Target, must,
};
use crate::tests::machine::steps::InterfaceCall;

const INVALID_STATE: &str = "UnsupportedOperation.InvalidState";
const NAME_BYTES_MAX: usize = 60;
const NAMED_MAX: usize = 10;
/// Maximum number of private IPs of an unattached interface.
pub(super) const IPS_MAX: usize = 20;

impl Model {
    pub(super) fn interface_call(&mut self, call: &InterfaceCall) -> Outcome {
        match call {
            InterfaceCall::Create { .. } => self.create_interface(call),
            InterfaceCall::Delete { region, interface } => {
                self.delete_interface(*region, *interface)
            }
            InterfaceCall::Attach { region, interface, instance } => {
                self.attach(*region, *interface, *instance)
            }
            InterfaceCall::Detach { region, interface, instance } => {
                self.detach(*region, *interface, *instance)
            }
            InterfaceCall::Migrate { region, interface, from, to } => {
                self.migrate(*region, *interface, *from, *to)
            }
            InterfaceCall::Describe { interfaces } => Ok(self.read_interfaces(interfaces)),
        }
    }

    fn create_interface(&mut self, call: &InterfaceCall) -> Outcome {
        let InterfaceCall::Create { region, vpc, subnet, name, named, more } = call else {
            unreachable!()
        };
        must(*region < KNOWN, "InvalidParameterValue.InvalidRegion")?;
        must((1..=NAME_BYTES_MAX).contains(&name.len()), "InvalidParameterValue")?;
        must(named.len() <= NAMED_MAX, "InvalidParameterValue.LimitExceeded")?;
        must(each_once(named.iter().map(|it| it.0)), "InvalidParameterValue")?;
        must(named.iter().filter(|it| it.1).count() <= 1, "InvalidParameterValue")?;
        must(self.region_of_vpc(*vpc) == Some(*region), "ResourceNotFound")?;
        let home = self.subnet(*subnet).filter(|it| it.vpc == *vpc);
        let home = home.ok_or(vec!["ResourceNotFound"])?;
        let held = self.interfaces.iter().filter(|it| it.vpc == *vpc).count();
        must(held < INTERFACES_PER_VPC, "LimitExceeded.EniQuotaLimitExceeded")?;
        // The primary address comes first. If no address is given, it is the lowest free one.
        let primary = named.iter().filter(|it| it.1);
        let wanted: Vec<Ipv4Addr> =
            primary.chain(named.iter().filter(|it| !it.1)).map(|it| it.0).collect();
        let more = more.unwrap_or(0) + usize::from(wanted.is_empty());
        must(wanted.len() + more <= IPS_MAX, "InvalidParameterValue.LimitExceeded")?;
        let lent = self.lend(home, &wanted, more).map_err(|lack| match lack {
            Lack::Exhausted => vec!["ResourceInsufficient"],
            Lack::Outside => vec!["InvalidParameterValue.Range"],
            Lack::Reserved => vec!["InvalidParameterValue.Reserved"],
            Lack::Taken => vec!["ResourceInUse"],
        })?;
        let ip = |(index, address): (usize, &Ipv4Addr)| self.new_ip(*address, index == 0);
        let ips: Vec<Ip> = lent.iter().enumerate().map(ip).collect();
        let says = json!({
            "NetworkInterfaceName": name, "Primary": false, "State": "PENDING", "Attachment": null,
            "CreatedTime": "", "PrivateIpAddressSet": ips.iter().map(begun).collect::<Value>(),
        });
        let no = self.make(Kind::Interface);
        self.interfaces.push(Interface {
            no,
            vpc: *vpc,
            subnet: *subnet,
            name: name.clone(),
            is_primary: false,
            ips,
            attached: None,
            change: self.begun("PENDING"),
        });
        Ok(json!({ "NetworkInterface": says }))
    }

    pub(in crate::tests::machine) fn new_ip(&self, address: Ipv4Addr, is_primary: bool) -> Ip {
        let change = self.begun("PENDING");
        Ip { address, is_primary, description: String::new(), public: None, change }
    }

    pub(super) fn interface_in(&self, no: No, region: usize) -> Option<&Interface> {
        self.interface(no).filter(|it| self.region_of_vpc(it.vpc) == Some(region))
    }

    /// Returns an existing interface mutably.
    pub(super) fn edit(&mut self, no: No) -> &mut Interface {
        self.interfaces.iter_mut().find(|it| it.no == no).expect("it was found")
    }

    /// Checks that the interface and the instance of a call are in its region.
    fn pair(&self, region: usize, interface: No, instance: No) -> Result<&Interface, Codes> {
        let found = self.interface_in(interface, region);
        let found = found.ok_or(vec!["ResourceNotFound"])?;
        must(self.region_of_instance(instance) == Some(region), "ResourceNotFound")?;
        Ok(found)
    }

    fn delete_interface(&mut self, region: usize, no: No) -> Outcome {
        must(region < KNOWN, "InvalidParameterValue")?;
        let found = self.interface_in(no, region).ok_or(vec!["ResourceNotFound"])?;
        must(is_settled(found), "UnsupportedOperation")?;
        must(found.attached.is_none(), "ResourceInUse")?;
        let mut bound = found.ips.iter().filter_map(|it| self.bound_to(Target::Ip(no, it.address)));
        let can_part = bound.all(|it| it.change.is_none() && !it.is_blocked);
        must(can_part, "UnsupportedOperation")?;
        for ip in found.ips.clone() {
            self.unbind_ip(no, ip.address);
        }
        match self.begun("DELETING") {
            None => self.interfaces.retain(|it| it.no != no),
            change => self.edit(no).change = change,
        }
        Ok(json!({}))
    }

    fn attach(&mut self, region: usize, no: No, instance: No) -> Outcome {
        must(region < KNOWN, "InvalidParameterValue")?;
        let found = self.pair(region, no, instance)?;
        must(is_settled(found), INVALID_STATE)?;
        must(found.attached.is_none(), "UnsupportedOperation.AttachmentAlreadyExists")?;
        self.must_fit(found, instance)?;
        self.link(no, instance);
        self.edit(no).change = self.begun("ATTACHING");
        Ok(json!({}))
    }

    fn must_fit(&self, interface: &Interface, instance: No) -> Result<(), Codes> {
        let found = self.instance(instance).expect("it was found");
        must(found.vpc == interface.vpc, "UnsupportedOperation.VpcMismatch")?;
        must(["RUNNING", "STOPPED"].contains(&found.state), INVALID_STATE)?;
        let (interfaces, ips, _) = found.limits;
        let attached = self.attached_to(instance).count();
        must(attached < interfaces, "LimitExceeded.EniQuotaLimitExceeded")?;
        must(interface.ips.len() <= ips, "LimitExceeded.PrivateIPQuotaLimitExceeded")?;
        let fits = self.has_public_room(instance, self.public_on(interface));
        must(fits, "LimitExceeded.AddressQuotaLimitExceeded")
    }

    /// Attaches the interface with the lowest free device index of the instance.
    fn link(&mut self, no: No, instance: No) {
        let is_free = |index: &u64| {
            self.attached_to(instance).all(|it| it.attached != Some((instance, *index)))
        };
        let index = (0..=self.interfaces.len() as u64).find(is_free).expect("one index is unused");
        self.edit(no).attached = Some((instance, index));
    }

    fn withdraw_all(&mut self, by: No) {
        for ha_vip in self.ha_vips.iter_mut().filter(|it| it.announcer == Some(by)) {
            ha_vip.announcer = None;
        }
    }

    fn detach(&mut self, region: usize, no: No, instance: No) -> Outcome {
        must(region < KNOWN, "InvalidParameterValue.InvalidRegion")?;
        let found = self.pair(region, no, instance)?;
        must(found.attached.is_some_and(|it| it.0 == instance), INVALID_STATE)?;
        must(!found.is_primary, "UnsupportedOperation")?;
        must(is_settled(found), INVALID_STATE)?;
        self.withdraw_all(no);
        match self.begun("DETACHING") {
            None => self.edit(no).attached = None,
            change => self.edit(no).change = change,
        }
        Ok(json!({}))
    }

    fn migrate(&mut self, region: usize, no: No, from: No, to: No) -> Outcome {
        must(region < KNOWN, "InvalidParameterValue")?;
        self.pair(region, no, from)?;
        let found = self.pair(region, no, to)?;
        let is_there = found.attached.is_some_and(|it| it.0 == from);
        must(is_there, "UnsupportedOperation.AttachmentNotFound")?;
        let is_movable = !found.is_primary && is_settled(found) && from != to;
        must(is_movable, "InvalidParameterValue")?;
        // The documents list no more specific code.
        self.must_fit(found, to).map_err(|_| vec!["InvalidParameterValue"])?;
        self.withdraw_all(no);
        self.edit(no).attached = None;
        self.link(no, to);
        self.edit(no).change = self.begun("ATTACHING");
        Ok(json!({}))
    }

    /// Reads interfaces, or all if none is named, and counts the read.
    fn read_interfaces(&mut self, named: &[No]) -> Value {
        let is_named = |it: &&Interface| named.is_empty() || named.contains(&it.no);
        let seen: Vec<No> = self.interfaces.iter().filter(is_named).map(|it| it.no).collect();
        for no in &seen {
            self.settle_interface(*no, Remaining::read);
        }
        json!({ "TotalCount": seen.len() })
    }

    /// Advances the changes of an interface.
    pub(super) fn settle_interface(
        &mut self,
        no: No,
        next: impl Fn(Remaining) -> Option<Remaining>,
    ) {
        let interface = self.edit(no);
        let ends = |change: Change| change.filter(|it| next(it.1).is_none()).map(|it| it.0);
        interface.ips.retain(|it| ends(it.change) != Some("DELETING"));
        let end = ends(interface.change);
        let changes = interface.ips.iter_mut().map(|it| &mut it.change);
        for change in changes.chain(iter::once(&mut interface.change)) {
            *change = change.and_then(|(what, left)| Some((what, next(left)?)));
        }
        match end {
            Some("DETACHING") => interface.attached = None,
            Some("DELETING") => self.interfaces.retain(|it| it.no != no),
            _ => {}
        }
    }

    pub(super) fn unbind_ip(&mut self, interface: No, ip: Ipv4Addr) {
        if let Some(bound) = self.bound_to(Target::Ip(interface, ip)).map(|it| it.no) {
            self.unbind(bound);
        }
    }
}

/// Returns whether neither the interface nor any of its addresses is changing.
pub(super) fn is_settled(interface: &Interface) -> bool {
    interface.change.is_none() && interface.ips.iter().all(|it| it.change.is_none())
}

/// Returns whether no address repeats.
pub(super) fn each_once(mut named: impl Iterator<Item = Ipv4Addr>) -> bool {
    let mut seen = BTreeSet::new();
    named.all(|it| seen.insert(it))
}

/// Returns a new private IP as the response to its assignment shows it.
pub(super) fn begun(ip: &Ip) -> Value {
    json!({
        "PrivateIpAddress": ip.address, "Primary": ip.is_primary, "State": "PENDING",
        "AddressId": "", "PublicIpAddress": "",
    })
}
