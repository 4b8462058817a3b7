//! Private IPs of interfaces.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::{
    Codes, Interface, Ip, KNOWN, Lack, Model, No, Outcome, Target,
    interfaces::{IPS_MAX, begun, each_once, is_settled},
    must,
};
use crate::tests::machine::steps::PrivateIpCall;

const NAMED_MAX: usize = 10;
const TEXT_MAX: usize = 1000;

impl Model {
    pub(super) fn private_ip_call(&mut self, call: &PrivateIpCall) -> Outcome {
        match call {
            PrivateIpCall::Assign { region, interface, named, more } => {
                self.assign(*region, *interface, named, *more)
            }
            PrivateIpCall::Remove { region, interface, named } => {
                self.remove(*region, *interface, named)
            }
            PrivateIpCall::Modify { region, interface, named, text } => {
                self.describe(*region, *interface, named, text)
            }
            PrivateIpCall::Migrate { region, from, to, ip } => {
                self.migrate_ip(*region, *from, *to, *ip)
            }
        }
    }

    /// Returns the maximum number of private IPs of an interface.
    fn ips_max(&self, interface: &Interface) -> usize {
        let instance = interface.attached.and_then(|it| self.instance(it.0));
        instance.map_or(IPS_MAX, |it| it.limits.1)
    }

    fn assign(
        &mut self,
        region: usize,
        no: No,
        named: &[Ipv4Addr],
        more: Option<usize>,
    ) -> Outcome {
        must(region < KNOWN, "InvalidParameterValue.InvalidRegion")?;
        let more = more.unwrap_or(0);
        let asks = named.len() <= NAMED_MAX && (!named.is_empty() || more > 0);
        must(asks && each_once(named.iter().copied()), "InvalidParameterValue")?;
        let found = self.interface_in(no, region).ok_or(vec!["ResourceNotFound"])?;
        must(is_settled(found), "UnsupportedOperation.InvalidState")?;
        let fits = found.ips.len() + named.len() + more <= self.ips_max(found);
        must(fits, "LimitExceeded.PrivateIPQuotaLimitExceeded")?;
        let subnet = self.subnet(found.subnet).expect("an interface has a subnet");
        let lent = self.lend(subnet, named, more).map_err(|lack| match lack {
            Lack::Exhausted => vec!["ResourceInsufficient"],
            Lack::Outside | Lack::Reserved => vec!["InvalidParameterValue.Range"],
            Lack::Taken => vec!["ResourceInUse"],
        })?;
        let ips: Vec<Ip> = lent.iter().map(|it| self.new_ip(*it, false)).collect();
        let says: Value = ips.iter().map(begun).collect();
        self.edit(no).ips.extend(ips);
        Ok(json!({ "PrivateIpAddressSet": says }))
    }

    fn remove(&mut self, region: usize, no: No, named: &[Ipv4Addr]) -> Outcome {
        must(region < KNOWN, "InvalidParameterValue.InvalidPublicParam")?;
        let asks = (1..=NAMED_MAX).contains(&named.len()) && each_once(named.iter().copied());
        must(asks, "InvalidParameter")?;
        let found = self.interface_in(no, region).ok_or(vec!["ResourceNotFound"])?;
        for address in named {
            let busy = "UnsupportedOperation.MutexOperationTaskRunning";
            must_be_movable(found, *address, busy)?;
            let bound = self.bound_to(Target::Ip(no, *address));
            must(bound.is_none_or(|it| !it.is_blocked), "UnsupportedOperation")?;
            must(bound.is_none_or(|it| it.change.is_none()), busy)?;
        }
        let change = self.begun("DELETING");
        for address in named {
            self.unbind_ip(no, *address);
            let ips = &mut self.edit(no).ips;
            match change {
                None => ips.retain(|it| it.address != *address),
                Some(_) => {
                    ips.iter_mut()
                        .find(|it| it.address == *address)
                        .expect("it was found")
                        .change = change;
                }
            }
        }
        Ok(json!({}))
    }

    fn describe(&mut self, region: usize, no: No, named: &[Ipv4Addr], text: &str) -> Outcome {
        must(region < KNOWN, "InvalidParameterValue.InvalidRegion")?;
        let asks = (1..=IPS_MAX).contains(&named.len()) && each_once(named.iter().copied());
        // The documents list no more specific code.
        must(asks && text.chars().count() <= TEXT_MAX, "InvalidParameterValue.Malformed")?;
        let found = self.interface_in(no, region).ok_or(vec!["ResourceNotFound"])?;
        let has = |address: &Ipv4Addr| found.ips.iter().any(|it| it.address == *address);
        must(named.iter().all(has), "ResourceNotFound")?;
        must(is_settled(found), "UnsupportedOperation.InvalidState")?;
        for ip in self.edit(no).ips.iter_mut().filter(|it| named.contains(&it.address)) {
            text.clone_into(&mut ip.description);
        }
        Ok(json!({}))
    }

    /// Moves an address and its EIP.
    fn migrate_ip(&mut self, region: usize, from: No, to: No, address: Ipv4Addr) -> Outcome {
        must(region < KNOWN, "InvalidParameterValue")?;
        let source = self.interface_in(from, region).ok_or(vec!["ResourceNotFound"])?;
        let target = self.interface_in(to, region).ok_or(vec!["ResourceNotFound"])?;
        must(source.subnet == target.subnet, "UnsupportedOperation")?;
        let moved = must_be_movable(source, address, "UnsupportedOperation")?;
        must(from != to && is_settled(target), "UnsupportedOperation")?;
        must(target.ips.len() < self.ips_max(target), "InvalidParameterValue")?;
        let instance_of = |it: &Interface| it.attached.map(|at| at.0);
        if let Some(instance) = instance_of(target).filter(|it| instance_of(source) != Some(*it)) {
            let more = usize::from(self.is_public(from, &moved));
            must(self.has_public_room(instance, more), "InvalidParameterValue")?;
        }
        let moved = Ip { change: self.begun("MIGRATING"), ..moved };
        let bound = self.bound_to(Target::Ip(from, address)).map(|it| it.no);
        for it in self.addresses.iter_mut().filter(|it| Some(it.no) == bound) {
            it.target = Some(Target::Ip(to, address));
        }
        self.edit(from).ips.retain(|it| it.address != address);
        self.edit(to).ips.push(moved);
        Ok(json!({}))
    }
}

/// Returns a secondary address of a settled interface, or fails.
fn must_be_movable(
    interface: &Interface,
    address: Ipv4Addr,
    busy: &'static str,
) -> Result<Ip, Codes> {
    let ip = interface.ips.iter().find(|it| it.address == address);
    let ip = ip.ok_or(vec!["ResourceNotFound"])?;
    must(!ip.is_primary, "UnsupportedOperation")?;
    must(is_settled(interface), busy)?;
    Ok(ip.clone())
}
