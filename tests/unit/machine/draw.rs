//! Generates the next step, mostly for existing objects.

use std::{collections::BTreeSet, net::Ipv4Addr};

use ipnet::Ipv4Net;
use proptest::prelude::*;

use super::{
    model::{Address, DAY_MINUTES, Interface, KNOWN, Kind, Model, No, Subnet, Takes, Target},
    steps::{AddressCall, Failover, InterfaceCall, Named, NetworkCall, PrivateIpCall, Step},
};

const DICE: usize = 32;

/// Returns a strategy for steps that fit the model.
pub(super) fn step(model: &Model) -> BoxedStrategy<Step> {
    let model = model.clone();
    prop::array::uniform32(any::<u32>())
        .prop_map(move |dice| Draw { model: &model, dice, thrown: 0 }.step())
        .boxed()
}

/// Random numbers, and the model that they choose from.
struct Draw<'a> {
    model: &'a Model,
    dice: [u32; DICE],
    thrown: usize,
}

impl Draw<'_> {
    fn step(&mut self) -> Step {
        let step = self.any();
        // Changes that settle at a time need waiting: reads have no effect on them.
        let is_look = matches!(&step, Step::Interface(InterfaceCall::Describe { interfaces }) if interfaces.is_empty());
        match self.model.takes {
            Takes::Minutes(_) if is_look => Step::Wait { minutes: [1, 1, 2, 4][self.below(4)] },
            _ => step,
        }
    }

    fn any(&mut self) -> Step {
        match self.below(100) {
            0..26 => Step::Network(self.network()),
            26..49 => Step::Interface(self.interface()),
            49..61 => Step::PrivateIp(self.private_ip()),
            61..90 => Step::Address(self.address()),
            90..99 => Step::Failover(self.failover()),
            _ => Step::Wait { minutes: DAY_MINUTES },
        }
    }

    fn below(&mut self, end: usize) -> usize {
        let number = self.dice[self.thrown % DICE] as usize;
        self.thrown += 1;
        // Once all numbers are used, they are used again, and yield something else.
        (number >> (self.thrown / DICE)) % end.max(1)
    }

    fn is_one_in(&mut self, count: usize) -> bool {
        // Shrinks to the usual case.
        self.below(count) == count - 1
    }

    fn of<T: Clone>(&mut self, list: &[T]) -> Option<T> {
        let index = self.below(list.len());
        list.get(index).cloned()
    }

    /// Returns the number of an existing object, or rarely of one that was deleted or never
    /// existed.
    fn no(&mut self, kind: Kind) -> No {
        let model = self.model;
        let there: Vec<No> = match kind {
            Kind::Vpc => model.vpcs.iter().map(|it| it.no).collect(),
            Kind::Subnet => model.subnets.iter().map(|it| it.no).collect(),
            Kind::Instance => model.instances.iter().map(|it| it.no).collect(),
            Kind::Interface => model.interfaces.iter().map(|it| it.no).collect(),
            Kind::HaVip => model.ha_vips.iter().map(|it| it.no).collect(),
            Kind::Address => model.addresses.iter().map(|it| it.no).collect(),
            Kind::Task => model.tasks.iter().rev().take(4).map(|it| it.no).collect(),
        };
        let made = model.made.get(&kind).copied().unwrap_or_default();
        let any = self.below(made + 1);
        let is_any = self.is_one_in(16);
        self.of(&there).filter(|_| !is_any).unwrap_or(any)
    }

    /// Usually returns an object that passes, otherwise like [`Draw::no`].
    fn fit<T>(&mut self, kind: Kind, all: &[T], passes: impl Fn(&T) -> Option<No>) -> No {
        let any = self.no(kind);
        let fit: Vec<No> = all.iter().filter_map(passes).collect();
        if self.is_one_in(4) { any } else { self.of(&fit).unwrap_or(any) }
    }

    /// Usually returns a settled interface that passes.
    fn fit_interface(
        &mut self,
        passes: impl Fn(&Interface) -> bool,
    ) -> (No, usize, Option<Interface>) {
        let all = &self.model.interfaces;
        let fit = |it: &Interface| (is_settled(it) && passes(it)).then_some(it.no);
        let interface = self.fit(Kind::Interface, all, fit);
        let region = self.region(self.model.region_of_interface(interface));
        (interface, region, self.model.interface(interface).cloned())
    }

    /// Usually returns an EIP in one of the states, and its region.
    fn fit_address(&mut self, states: &[&str]) -> (No, usize) {
        let model = self.model;
        let fit = |it: &Address| states.contains(&model.status(it)).then_some(it.no);
        let address = self.fit(Kind::Address, &model.addresses, fit);
        (address, self.region(model.address(address).map(|it| it.region)))
    }

    /// Returns the right region for a call, or rarely another.
    fn region(&mut self, right: Option<usize>) -> usize {
        let any = self.below(KNOWN + 1);
        if self.is_one_in(20) { any } else { right.unwrap_or(any) }
    }

    fn name(&mut self, max: usize) -> String {
        match self.below(16) {
            14 => String::new(),
            15 => "x".repeat(max + 1),
            13 => "名".repeat(max),
            length => "y".repeat(length % max + 1),
        }
    }

    /// Returns a subnet and its VPC, or rarely another VPC.
    fn home(&mut self) -> (No, No) {
        let (subnet, vpc) = (self.no(Kind::Subnet), self.no(Kind::Vpc));
        let its = self.model.subnet(subnet).map_or(vpc, |it| it.vpc);
        (if self.is_one_in(16) { vpc } else { its }, subnet)
    }

    /// Returns an address in or near a subnet.
    fn ip_near(&mut self, subnet: No) -> Ipv4Addr {
        let net = self.model.subnet(subnet).map(|it| it.net);
        let first = net.map_or(0, |it: Ipv4Net| it.network().to_bits());
        let offset = if self.is_one_in(8) { self.below(40) } else { 2 + self.below(12) };
        Ipv4Addr::from_bits(first + u32::try_from(offset).unwrap())
    }

    fn ips_near(&mut self, subnet: No) -> Vec<Ipv4Addr> {
        let count = if self.is_one_in(24) { 11 } else { self.below(3) };
        (0..count).map(|_| self.ip_near(subnet)).collect()
    }

    fn broadcast(&mut self) -> &'static str {
        ["", "TRUE", "false", "perhaps"][self.below(4)]
    }

    fn network(&mut self) -> NetworkCall {
        let (vpc, subnet) = self.home();
        let region = self.region(self.model.region_of_vpc(vpc));
        match self.below(20) {
            0..6 => {
                let vip = (!self.is_one_in(2)).then(|| self.ip_near(subnet));
                NetworkCall::CreateHaVip { vpc, subnet, name: self.name(60), vip }
            }
            6..8 => NetworkCall::DeleteHaVip { ha_vip: self.no(Kind::HaVip) },
            8 => NetworkCall::ModifyHaVip { ha_vip: self.no(Kind::HaVip), name: self.name(60) },
            9..11 => self.create_vpc(),
            11 => {
                // The initial VPCs have instances.
                let vpc = self.fit(Kind::Vpc, &self.model.vpcs, |it| (it.no > 1).then_some(it.no));
                let region = self.region(self.model.region_of_vpc(vpc));
                NetworkCall::DeleteVpc { region, vpc }
            }
            12 => NetworkCall::ModifyVpc { region, vpc, name: self.name(60) },
            13..17 => self.create_subnet(),
            17 => {
                let model = self.model;
                let is_empty = |it: &Subnet| model.taken(it.no).is_empty().then_some(it.no);
                let subnet = self.fit(Kind::Subnet, &model.subnets, is_empty);
                let region = self.region(model.subnet(subnet).map(|it| it.zone));
                NetworkCall::DeleteSubnet { region, subnet }
            }
            18 => {
                let (name, broadcast) = (self.name(60), self.broadcast());
                NetworkCall::ModifySubnet { region, subnet, name, broadcast }
            }
            _ => {
                let zone = self.region(Some(region));
                NetworkCall::ModifyDefault { region, zone, vpc, subnet }
            }
        }
    }

    fn create_vpc(&mut self) -> NetworkCall {
        let nets = ["10.0.0.0/26", "172.16.0.0/27", "192.168.0.0/28", "10.0.0.0/15", "8.8.0.0/16"];
        let net = nets[self.below(nets.len())].parse().unwrap();
        NetworkCall::CreateVpc { region: self.below(KNOWN + 1), name: self.name(60), net }
    }

    fn create_subnet(&mut self) -> NetworkCall {
        let vpc = self.no(Kind::Vpc);
        let region = self.region(self.model.region_of_vpc(vpc));
        let zone = self.region(Some(region));
        let first = self.model.vpc(vpc).map_or(0, |it| it.net.network().to_bits());
        let first = first + 16 * u32::try_from(self.below(6)).unwrap();
        let bits = [28, 28, 28, 28, 27, 29][self.below(6)];
        let net = Ipv4Net::new(Ipv4Addr::from_bits(first), bits).unwrap().trunc();
        NetworkCall::CreateSubnet { region, zone, vpc, name: self.name(60), net }
    }

    fn interface(&mut self) -> InterfaceCall {
        match self.below(24) {
            0..5 => self.create_interface(),
            5..7 => {
                let (interface, region, _) = self.fit_interface(|it| it.attached.is_none());
                InterfaceCall::Delete { region, interface }
            }
            7..12 => {
                let (interface, region, found) = self.fit_interface(|it| it.attached.is_none());
                let instance = self.sibling(found.as_ref());
                InterfaceCall::Attach { region, interface, instance }
            }
            12..14 => {
                let (interface, region, found) = self.movable();
                let instance = self.holder(found.as_ref());
                InterfaceCall::Detach { region, interface, instance }
            }
            14..17 => {
                let (interface, region, found) = self.movable();
                let (from, to) = (self.holder(found.as_ref()), self.sibling(found.as_ref()));
                InterfaceCall::Migrate { region, interface, from, to }
            }
            17..23 => InterfaceCall::Describe { interfaces: Vec::new() },
            _ => {
                let count = 1 + self.below(3);
                let interfaces = (0..count).map(|_| self.no(Kind::Interface)).collect();
                InterfaceCall::Describe { interfaces }
            }
        }
    }

    /// Returns an interface that can be detached, preferably one that announces a HAVIP.
    fn movable(&mut self) -> (No, usize, Option<Interface>) {
        let announcers: Vec<No> = self.model.ha_vips.iter().filter_map(|it| it.announcer).collect();
        let is_any = announcers.is_empty() || self.is_one_in(2);
        self.fit_interface(|it| {
            let is_movable = it.attached.is_some() && !it.is_primary;
            is_movable && (is_any || announcers.contains(&it.no))
        })
    }

    /// Usually returns the instance that an interface is attached to.
    fn holder(&mut self, interface: Option<&Interface>) -> No {
        let any = self.no(Kind::Instance);
        let attached = interface.and_then(|it| it.attached).map(|it| it.0);
        if self.is_one_in(8) { any } else { attached.unwrap_or(any) }
    }

    /// Usually returns an instance in the VPC of an interface.
    fn sibling(&mut self, interface: Option<&Interface>) -> No {
        let any = self.no(Kind::Instance);
        let siblings = self.model.instances.iter();
        let siblings = siblings.filter(|it| interface.is_some_and(|other| other.vpc == it.vpc));
        let siblings: Vec<No> = siblings.map(|it| it.no).collect();
        if self.is_one_in(8) { any } else { self.of(&siblings).unwrap_or(any) }
    }

    fn create_interface(&mut self) -> InterfaceCall {
        let (vpc, subnet) = self.home();
        let region = self.region(self.model.region_of_vpc(vpc));
        let named = self.ips_near(subnet).into_iter();
        let named = named.map(|it| (it, self.is_one_in(3))).collect();
        let more = [None, None, Some(0), Some(1), Some(2), Some(6)][self.below(6)];
        InterfaceCall::Create { region, vpc, subnet, name: self.name(20), named, more }
    }

    /// Usually returns an address of an interface.
    fn ip_of(&mut self, interface: Option<&Interface>) -> Ipv4Addr {
        let subnet = interface.map_or(0, |it| it.subnet);
        let near = self.ip_near(subnet);
        let own = || interface.iter().flat_map(|it| it.ips.iter().map(|ip| (it.no, ip))).rev();
        let bound = own().filter(|it| self.model.is_public(it.0, it.1));
        let bound: Vec<Ipv4Addr> = bound.map(|it| it.1.address).collect();
        let own: Vec<Ipv4Addr> = own().map(|it| it.1.address).collect();
        match self.below(12) {
            0..7 => self.of(&own).unwrap_or(near),
            7..11 => self.of(&bound).or(own.first().copied()).unwrap_or(near),
            _ => near,
        }
    }

    fn private_ip(&mut self) -> PrivateIpCall {
        match self.below(13) {
            0..4 => {
                let (interface, region, found) = self.fit_interface(|_| true);
                let named = self.ips_near(found.map_or(0, |it| it.subnet));
                let more = [None, Some(1), Some(2), Some(7)][self.below(4)];
                PrivateIpCall::Assign { region, interface, named, more }
            }
            kind @ 4..9 => {
                let (interface, region, found) = self.fit_interface(|it| it.ips.len() > 1);
                let count = if self.is_one_in(16) { 11 } else { self.below(5).div_ceil(2) };
                let mut named: Vec<Ipv4Addr> =
                    (0..count).map(|_| self.ip_of(found.as_ref())).collect();
                if !self.is_one_in(6) {
                    let mut seen = BTreeSet::new();
                    named.retain(|it| seen.insert(*it));
                }
                if kind < 7 {
                    PrivateIpCall::Remove { region, interface, named }
                } else {
                    PrivateIpCall::Modify { region, interface, named, text: self.name(1000) }
                }
            }
            _ => {
                let (from, region, found) = self.fit_interface(|it| it.ips.len() > 1);
                let is_near = |it: &Interface| {
                    let is_near = found.as_ref().is_some_and(|from| from.subnet == it.subnet);
                    (is_near && it.no != from).then_some(it.no)
                };
                let to = self.fit(Kind::Interface, &self.model.interfaces, is_near);
                let ip = self.ip_of(found.as_ref());
                PrivateIpCall::Migrate { region, from, to, ip }
            }
        }
    }

    fn address(&mut self) -> AddressCall {
        match self.below(32) {
            0..6 => self.allocate(),
            6..9 => {
                let (_, region) = self.fit_address(&["UNBIND"]);
                AddressCall::Release { region, addresses: self.addresses(region, "UNBIND") }
            }
            9..15 => {
                let (address, region) = self.fit_address(&["UNBIND"]);
                AddressCall::Associate { region, address, target: self.target(region) }
            }
            15..19 => {
                let (model, bound) = (self.model, ["BIND", "BIND_ENI"]);
                let can_part = |it: &Address| {
                    let is_bound = bound.contains(&model.status(it));
                    (is_bound && !it.is_blocked).then_some(it.no)
                };
                let address = self.fit(Kind::Address, &model.addresses, can_part);
                let region = self.region(model.address(address).map(|it| it.region));
                AddressCall::Disassociate { region, address, gives: self.is_one_in(4) }
            }
            19..21 => {
                let (address, region) = self.fit_address(&[]);
                let name = (!self.is_one_in(4)).then(|| self.name(20));
                AddressCall::Modify { region, address, name, direct: self.broadcast() }
            }
            21..23 => {
                let mbps = [1, 100, 1000, 2000, 5000, 0, 5001][self.below(7)];
                let (_, region) = self.fit_address(&["UNBIND", "BIND", "BIND_ENI"]);
                AddressCall::Bandwidth { region, addresses: self.addresses(region, ""), mbps }
            }
            23..28 => {
                let region = self.below(KNOWN);
                let region = self.region(Some(region));
                let addresses =
                    if self.is_one_in(4) { self.addresses(region, "") } else { Vec::new() };
                AddressCall::Describe { region, addresses }
            }
            _ => AddressCall::Task { region: self.region(Some(0)), task: self.no(Kind::Task) },
        }
    }

    /// Usually returns up to three EIPs of a region, preferably in `state`.
    fn addresses(&mut self, region: usize, state: &str) -> Vec<No> {
        let model = self.model;
        let count = [1, 1, 1, 2, 3, 0][self.below(6)];
        let fit = |it: &Address| {
            let fits = state.is_empty() || model.status(it) == state;
            (it.region == region && fits).then_some(it.no)
        };
        (0..count).map(|_| self.fit(Kind::Address, &model.addresses, fit)).collect()
    }

    fn allocate(&mut self) -> AddressCall {
        let target = if self.is_one_in(3) { self.target(0) } else { Named::default() };
        let right = target.interface.and_then(|it| self.model.region_of_interface(it));
        let right = right.or(target.instance.and_then(|it| self.model.region_of_instance(it)));
        let any = self.below(KNOWN);
        AddressCall::Allocate {
            region: self.region(right.or(Some(any))),
            count: [None, None, None, Some(1), Some(1), Some(2), Some(2), Some(0)][self.below(8)],
            isp: [None, None, None, None, None, Some("CTCC"), Some("CUCC")][self.below(7)],
            mbps: [None, None, None, Some(1), Some(10), Some(5000), Some(5001)][self.below(7)],
            target,
        }
    }

    /// Returns a binding target for an EIP of a region.
    fn target(&mut self, region: usize) -> Named {
        let instance = self.no(Kind::Instance);
        let any = self.no(Kind::Interface);
        let model = self.model;
        let near = model.interfaces.iter().filter(|it| is_settled(it));
        let near = near.filter(|it| model.region_of_vpc(it.vpc) == Some(region));
        let near: Vec<No> = near.map(|it| it.no).collect();
        let interface = if self.is_one_in(12) { any } else { self.of(&near).unwrap_or(any) };
        let found = self.model.interface(interface).cloned();
        let free = found.as_ref().map(|it| it.ips.iter().map(|ip| ip.address));
        let free: Vec<Ipv4Addr> = free.into_iter().flatten().collect();
        let is_free = |ip: &Ipv4Addr| model.bound_to(Target::Ip(interface, *ip)).is_none();
        let free: Vec<Ipv4Addr> = free.into_iter().filter(is_free).collect();
        let taken = self.ip_of(found.as_ref());
        let ip = if self.is_one_in(6) { taken } else { self.of(&free).unwrap_or(taken) };
        let named = |instance, interface, ip| Named { instance, interface, ip };
        match self.below(16) {
            0..10 => named(None, Some(interface), Some(ip)),
            10..13 => named(Some(instance), None, None),
            13 => named(Some(instance), Some(interface), Some(ip)),
            14 => named(None, Some(interface), None),
            _ => named(None, None, self.is_one_in(2).then_some(ip)),
        }
    }

    /// Returns whether an interface is attached to a running instance.
    fn runs(&self, interface: &Interface) -> bool {
        let instance = interface.attached.and_then(|it| self.model.instance(it.0));
        instance.is_some_and(|it| it.state == "RUNNING")
    }

    fn failover(&mut self) -> Failover {
        let ha_vip = self.no(Kind::HaVip);
        match self.below(12) {
            0..6 => {
                let any = self.no(Kind::Interface);
                let subnet = self.model.ha_vip(ha_vip).map(|it| it.subnet);
                let near = self.model.interfaces.iter();
                let is_any = self.is_one_in(8);
                let near = near.filter(|it| Some(it.subnet) == subnet && (is_any || self.runs(it)));
                let (can_move, primary): (Vec<&Interface>, Vec<&Interface>) =
                    near.partition(|it| !it.is_primary);
                let (settled, moving): (Vec<&Interface>, Vec<&Interface>) =
                    can_move.into_iter().partition(|it| is_settled(it));
                let lists = match self.below(6) {
                    0..2 => [settled, moving, primary],
                    2..4 => [moving, settled, primary],
                    _ => [primary, settled, moving],
                };
                let near = lists.iter().find(|it| !it.is_empty());
                let near: Vec<No> = near.into_iter().flatten().map(|it| it.no).collect();
                let by = if self.is_one_in(8) { any } else { self.of(&near).unwrap_or(any) };
                Failover::Announce { ha_vip, by }
            }
            6 => Failover::Withdraw { ha_vip },
            7..11 => {
                let (address, _) = self.fit_address(&["UNBIND"]);
                Failover::Bind { ha_vip, address: Some(address) }
            }
            _ => Failover::Bind { ha_vip, address: None },
        }
    }
}

fn is_settled(interface: &Interface) -> bool {
    interface.change.is_none() && interface.ips.iter().all(|it| it.change.is_none())
}
