//! Naive model of the documented behavior, as lists with linear search.
//!
//! Each object links only to its container or target. The other direction is found by searching all
//! objects. IDs are numbers in creation order.

mod addresses;
mod interfaces;
mod network;
mod private_ips;

use std::{collections::BTreeMap, fmt, net::Ipv4Addr};

use ipnet::Ipv4Net;
use serde_json::Value;

use super::steps::Step;

/// Number of an object among those of its kind.
pub(super) type No = usize;
/// Fields that the response must have, or the possible error codes.
pub(super) type Outcome = Result<Value, Codes>;
/// Possible codes. Several if a call has several faults and the order of IDs decides.
pub(super) type Codes = Vec<&'static str>;

/// Regions, each with one zone. The last does not exist.
pub(super) const REGIONS: [&str; 3] = ["ap-hangzhou-ecm", "ap-beijing-ecm-ct", "ap-nowhere-ecm"];
/// Regions that exist.
pub(super) const KNOWN: usize = 2;
/// Low limits, so that tests reach them soon.
pub(super) const VPCS_PER_REGION: usize = 3;
pub(super) const SUBNETS_PER_VPC: usize = 4;
pub(super) const HA_VIPS_PER_VPC: usize = 4;
pub(super) const INTERFACES_PER_VPC: usize = 8;
pub(super) const ADDRESSES_PER_REGION: usize = 5;

pub(super) const DAY_MINUTES: u32 = 24 * 60;

/// A kind of object that has IDs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Vpc,
    Subnet,
    Instance,
    Interface,
    HaVip,
    Address,
    Task,
}

#[derive(Debug, Clone)]
pub(super) struct Vpc {
    pub(super) no: No,
    pub(super) region: usize,
    pub(super) net: Ipv4Net,
    pub(super) name: String,
}

#[derive(Debug, Clone)]
pub(super) struct Subnet {
    pub(super) no: No,
    pub(super) vpc: No,
    pub(super) zone: usize,
    pub(super) net: Ipv4Net,
    pub(super) is_vendors: bool,
    pub(super) name: String,
    pub(super) has_broadcast: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Instance {
    pub(super) no: No,
    pub(super) vpc: No,
    pub(super) subnet: No,
    pub(super) state: &'static str,
    /// Maximum numbers of interfaces, of private IPs per interface, and of public IPs.
    pub(super) limits: (usize, usize, usize),
    pub(super) own: Vec<Ipv4Addr>,
}

/// How changes settle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Reads(u32),
    Minutes(u32),
}

/// Number of reads that still show a change, or the minute when it settles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remaining {
    Reads(u32),
    Until(u32),
}

impl Remaining {
    /// Returns the remainder after a read.
    pub(super) fn read(self) -> Option<Self> {
        match self {
            Self::Reads(1) => None,
            Self::Reads(reads) => Some(Self::Reads(reads - 1)),
            Self::Until(_) => Some(self),
        }
    }
}

/// A change and its remainder.
pub(super) type Change = Option<(&'static str, Remaining)>;

#[derive(Debug, Clone)]
pub(super) struct Interface {
    pub(super) no: No,
    pub(super) vpc: No,
    pub(super) subnet: No,
    pub(super) name: String,
    pub(super) is_primary: bool,
    pub(super) ips: Vec<Ip>,
    /// Instance, and the device index of the interface.
    pub(super) attached: Option<(No, u64)>,
    pub(super) change: Change,
}

#[derive(Debug, Clone)]
pub(super) struct Ip {
    pub(super) address: Ipv4Addr,
    pub(super) is_primary: bool,
    pub(super) description: String,
    pub(super) public: Option<Ipv4Addr>,
    pub(super) change: Change,
}

#[derive(Debug, Clone)]
pub(super) struct HaVip {
    pub(super) no: No,
    pub(super) vpc: No,
    pub(super) subnet: No,
    pub(super) vip: Ipv4Addr,
    pub(super) name: String,
    pub(super) announcer: Option<No>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Ip(No, Ipv4Addr),
    HaVip(No),
}

#[derive(Debug, Clone)]
pub(super) struct Address {
    pub(super) no: No,
    pub(super) region: usize,
    pub(super) ip: Ipv4Addr,
    pub(super) name: String,
    pub(super) mbps: u64,
    pub(super) is_direct: bool,
    pub(super) is_blocked: bool,
    pub(super) target: Option<Target>,
    /// Pending change, and the task that performs it.
    pub(super) change: Option<(&'static str, No)>,
}

#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) no: No,
    pub(super) addresses: Vec<No>,
    /// `None` if the task is done.
    pub(super) left: Option<Remaining>,
}

/// The complete state.
#[derive(Clone)]
pub(super) struct Model {
    pub(super) takes: Takes,
    /// Minutes since noon UTC of the first day.
    pub(super) minute: u32,
    /// Number of objects of each kind that were ever created.
    pub(super) made: BTreeMap<Kind, No>,
    pub(super) vpcs: Vec<Vpc>,
    pub(super) subnets: Vec<Subnet>,
    pub(super) instances: Vec<Instance>,
    pub(super) interfaces: Vec<Interface>,
    pub(super) ha_vips: Vec<HaVip>,
    pub(super) addresses: Vec<Address>,
    pub(super) tasks: Vec<Task>,
    /// Zone and its default subnet.
    pub(super) defaults: Vec<(usize, No)>,
    /// Region and day of each EIP allocation.
    pub(super) applied: Vec<(usize, u32)>,
    /// Region and day of each allocation of a general public IP.
    pub(super) given: Vec<(usize, u32)>,
}

impl fmt::Debug for Model {
    /// Prints little: a failure lists the steps, and the initial state is always the same.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model").field("takes", &self.takes).finish_non_exhaustive()
    }
}

/// Why an address cannot be allocated.
pub(super) enum Lack {
    Exhausted,
    Outside,
    Reserved,
    Taken,
}

/// Returns an error with one code.
pub(super) fn refuse<T>(code: &'static str) -> Result<T, Codes> {
    Err(vec![code])
}

/// Fails with `code` unless `holds`.
pub(super) fn must(holds: bool, code: &'static str) -> Result<(), Codes> {
    if holds { Ok(()) } else { refuse(code) }
}

/// Returns the assignable addresses of a range: all except the first two and the last.
pub(super) fn assignable(net: Ipv4Net) -> Vec<Ipv4Addr> {
    let (first, last) = (net.network().to_bits(), net.broadcast().to_bits());
    (first + 2..last).map(Ipv4Addr::from_bits).collect()
}

impl Model {
    /// Applies a step. A rejected step changes nothing.
    pub(super) fn apply(&mut self, step: &Step) -> Outcome {
        let mut next = self.clone();
        let outcome = next.step(step);
        if outcome.is_ok() {
            *self = next;
        }
        outcome
    }

    fn step(&mut self, step: &Step) -> Outcome {
        match step {
            Step::Network(call) => self.network_call(call),
            Step::Interface(call) => self.interface_call(call),
            Step::PrivateIp(call) => self.private_ip_call(call),
            Step::Address(call) => self.address_call(call),
            Step::Failover(call) => self.failover(call),
            Step::Wait { minutes } => {
                self.minute += minutes;
                self.settle_due();
                Ok(Value::Null)
            }
        }
    }

    /// Returns the day in Beijing, where it is evening at noon UTC.
    pub(super) fn day(&self) -> u32 {
        (20 * 60 + self.minute) / DAY_MINUTES
    }

    /// Settles all due changes.
    fn settle_due(&mut self) {
        let minute = self.minute;
        let on_time =
            |left| Some(left).filter(|it| !matches!(it, Remaining::Until(at) if *at <= minute));
        let interfaces: Vec<No> = self.interfaces.iter().map(|it| it.no).collect();
        for no in interfaces {
            self.settle_interface(no, on_time);
        }
        for no in 0..self.tasks.len() {
            if self.tasks[no].left.is_some_and(|left| on_time(left).is_none()) {
                self.end(no);
            }
        }
    }

    /// Returns the number of a new object.
    pub(in crate::tests::machine) fn make(&mut self, kind: Kind) -> No {
        let made = self.made.entry(kind).or_default();
        *made += 1;
        *made - 1
    }

    pub(super) fn vpc(&self, no: No) -> Option<&Vpc> {
        self.vpcs.iter().find(|it| it.no == no)
    }

    pub(super) fn subnet(&self, no: No) -> Option<&Subnet> {
        self.subnets.iter().find(|it| it.no == no)
    }

    pub(super) fn instance(&self, no: No) -> Option<&Instance> {
        self.instances.iter().find(|it| it.no == no)
    }

    pub(super) fn interface(&self, no: No) -> Option<&Interface> {
        self.interfaces.iter().find(|it| it.no == no)
    }

    pub(super) fn ha_vip(&self, no: No) -> Option<&HaVip> {
        self.ha_vips.iter().find(|it| it.no == no)
    }

    pub(super) fn address(&self, no: No) -> Option<&Address> {
        self.addresses.iter().find(|it| it.no == no)
    }

    pub(super) fn region_of_vpc(&self, no: No) -> Option<usize> {
        self.vpc(no).map(|it| it.region)
    }

    pub(super) fn region_of_interface(&self, no: No) -> Option<usize> {
        self.interface(no).and_then(|it| self.region_of_vpc(it.vpc))
    }

    pub(super) fn region_of_instance(&self, no: No) -> Option<usize> {
        self.instance(no).and_then(|it| self.region_of_vpc(it.vpc))
    }

    pub(super) fn attached_to(&self, instance: No) -> impl Iterator<Item = &Interface> {
        let is_attached = move |it: &&Interface| it.attached.is_some_and(|at| at.0 == instance);
        self.interfaces.iter().filter(is_attached)
    }

    /// Returns the EIP that is bound to a target.
    pub(super) fn bound_to(&self, target: Target) -> Option<&Address> {
        self.addresses.iter().find(|it| it.target == Some(target))
    }

    /// Returns whether a private IP has an EIP or a general public IP.
    pub(super) fn is_public(&self, interface: No, ip: &Ip) -> bool {
        ip.public.is_some() || self.bound_to(Target::Ip(interface, ip.address)).is_some()
    }

    pub(super) fn public_on(&self, interface: &Interface) -> usize {
        interface.ips.iter().filter(|it| self.is_public(interface.no, it)).count()
    }

    /// Returns whether the limits of an instance allow `more` public IPs.
    pub(super) fn has_public_room(&self, instance: No, more: usize) -> bool {
        let count: usize = self.attached_to(instance).map(|it| self.public_on(it)).sum();
        let max = self.instance(instance).expect("it was found").limits.2;
        more == 0 || count + more <= max
    }

    /// Returns the addresses of a subnet that are in use.
    pub(super) fn taken(&self, subnet: No) -> Vec<Ipv4Addr> {
        let lent = self.interfaces.iter().filter(|it| it.subnet == subnet);
        let lent = lent.flat_map(|it| it.ips.iter().map(|ip| ip.address));
        let vips = self.ha_vips.iter().filter(|it| it.subnet == subnet).map(|it| it.vip);
        let own = self.instances.iter().filter(|it| it.subnet == subnet);
        lent.chain(vips).chain(own.flat_map(|it| it.own.iter().copied())).collect()
    }

    /// Returns the wanted addresses, then a number of the lowest free ones.
    pub(super) fn lend(
        &self,
        subnet: &Subnet,
        wanted: &[Ipv4Addr],
        more: usize,
    ) -> Result<Vec<Ipv4Addr>, Lack> {
        let taken = self.taken(subnet.no);
        let mut lent: Vec<Ipv4Addr> = Vec::new();
        for address in wanted {
            if !subnet.net.contains(address) {
                return Err(Lack::Outside);
            }
            if !assignable(subnet.net).contains(address) {
                return Err(Lack::Reserved);
            }
            if taken.contains(address) || lent.contains(address) {
                return Err(Lack::Taken);
            }
            lent.push(*address);
        }
        for _ in 0..more {
            let is_left = |it: &Ipv4Addr| !taken.contains(it) && !lent.contains(it);
            lent.push(assignable(subnet.net).into_iter().find(is_left).ok_or(Lack::Exhausted)?);
        }
        Ok(lent)
    }

    /// Returns a change that begins now, or `None` if it settles immediately.
    pub(super) fn begun(&self, change: &'static str) -> Change {
        self.takes_now().map(|left| (change, left))
    }

    /// Returns the remainder of a change that begins now.
    pub(super) fn takes_now(&self) -> Option<Remaining> {
        match self.takes {
            Takes::Reads(0) | Takes::Minutes(0) => None,
            Takes::Reads(reads) => Some(Remaining::Reads(reads)),
            Takes::Minutes(minutes) => Some(Remaining::Until(self.minute + minutes)),
        }
    }
}
