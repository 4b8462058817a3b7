//! Consistency check of the store. Scans all resources: for tests, and after a panic.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr},
};

use imbl::OrdMap;

use crate::ecm::{
    families::{
        address::{TASKS_MAX, Target},
        vpc::Vpc,
    },
    ids::{AddressId, HaVipId, NetworkInterfaceId, SubnetId},
    kinds::KINDS,
    model::Remaining,
    pool::Pool,
};

use super::{
    Store,
    settle::{Changing, Due},
};

/// Broken invariants found so far.
#[derive(Default)]
struct Broken(Vec<String>);

impl Broken {
    fn unless(&mut self, holds: bool, sentence: impl FnOnce() -> String) {
        if !holds {
            self.0.push(sentence());
        }
    }
}

impl Store {
    /// Returns every broken invariant as a message.
    pub fn check(&self) -> Vec<String> {
        let mut broken = Broken::default();
        for kind in KINDS {
            broken.0.extend((kind.check)(self));
        }
        for vpc in self.tables.vpcs.iter() {
            self.check_vpc(vpc, &mut broken);
        }
        self.check_pools(&mut broken);
        self.check_announcements(&mut broken);
        self.check_attachments(&mut broken);
        self.check_bindings(&mut broken);
        self.check_public_ips(&mut broken);
        self.check_tasks(&mut broken);
        self.check_due(&mut broken);
        for (zone, id) in &self.default_subnets {
            let is_there = self.get(*id).is_some_and(|it| it.zone == *zone);
            broken
                .unless(is_there, || format!("{zone} has the default subnet {id} of another zone"));
        }
        broken.0
    }

    fn check_vpc(&self, vpc: &Vpc, broken: &mut Broken) {
        let contents = &vpc.contents;
        let of = vpc.id;
        let ha_vips = self.tables.ha_vips.iter().filter(|it| it.vpc_id == of).count();
        let interfaces = self.tables.network_interfaces.iter().filter(|it| it.vpc_id == of).count();
        let instances = self.tables.instances.iter().filter(|it| it.vpc_id == of).count();
        let counts = (contents.ha_vips, contents.network_interfaces, contents.instances);
        let found = (ha_vips, interfaces, instances);
        broken.unless(counts == found, || format!("{of} counts {counts:?} but has {found:?}"));
        let subnets: OrdMap<Ipv4Addr, SubnetId> = self
            .tables
            .subnets
            .iter()
            .filter(|it| it.vpc_id == of)
            .map(|it| (it.net().network(), it.id))
            .collect();
        broken.unless(contents.subnets == subnets, || format!("{of} lists the wrong subnets"));
        let nets: Vec<_> = subnets.values().filter_map(|id| self.get(*id)).collect();
        for (one, next) in nets.iter().zip(nets.iter().skip(1)) {
            let is_apart = one.net().broadcast() < next.net().network();
            broken.unless(is_apart, || format!("{} overlaps {}", one.id, next.id));
        }
    }

    /// Checks that each address in use has exactly one owner, in its subnet.
    fn check_pools(&self, broken: &mut Broken) {
        let mut owners: BTreeMap<SubnetId, Vec<Ipv4Addr>> = BTreeMap::new();
        for interface in self.tables.network_interfaces.iter() {
            let addresses = interface.addresses.iter().map(|it| it.address);
            owners.entry(interface.subnet_id).or_default().extend(addresses);
            broken
                .unless(interface.addresses.iter().filter(|it| it.is_primary).count() <= 1, || {
                    format!("{} has several primary addresses", interface.id)
                });
        }
        for ha_vip in self.tables.ha_vips.iter() {
            owners.entry(ha_vip.subnet_id).or_default().push(ha_vip.vip);
        }
        for instance in self.tables.instances.iter() {
            owners.entry(instance.subnet_id).or_default().extend(&instance.own_addresses);
        }
        for subnet in self.tables.subnets.iter() {
            let (id, pool) = (subnet.id, &subnet.pool);
            let vpc = self.get(subnet.vpc_id);
            broken.unless(vpc.is_some_and(|it| it.cidr.contains(&subnet.net())), || {
                format!("{id} is outside {}", subnet.vpc_id)
            });
            let region = vpc.map(|it| it.region);
            broken.unless(region == Some(subnet.zone.node().region), || {
                format!("{id} is in a different region than its VPC")
            });
            let instances = self.tables.instances.iter().filter(|it| it.subnet_id == id).count();
            broken.unless(subnet.instances == instances, || {
                format!("{id} counts {} instances but has {instances}", subnet.instances)
            });
            let taken = owners.remove(&id).unwrap_or_default();
            let distinct: BTreeSet<_> = taken.iter().copied().collect();
            broken.unless(distinct.len() == taken.len(), || {
                format!("{id} has an address with two owners")
            });
            broken.unless(distinct.iter().all(|it| !pool.is_free(*it)), || {
                format!("{id} has an address that is both in use and free")
            });
            let assignable = Pool::new(pool.net()).available();
            broken.unless(pool.available() + taken.len() as u64 == assignable, || {
                format!("{id} has the wrong number of free addresses")
            });
        }
        broken.unless(owners.is_empty(), || format!("addresses without a subnet: {owners:?}"));
    }

    fn check_announcements(&self, broken: &mut Broken) {
        let mut one: BTreeSet<(NetworkInterfaceId, HaVipId)> = BTreeSet::new();
        for interface in self.tables.network_interfaces.iter() {
            one.extend(interface.announced.iter().map(|ha_vip| (interface.id, *ha_vip)));
            broken.unless(interface.announced.is_empty() || interface.attachment.is_some(), || {
                format!("{} announces HAVIPs but is not attached", interface.id)
            });
        }
        let other: BTreeSet<_> = self
            .tables
            .ha_vips
            .iter()
            .filter_map(|ha_vip| Some((ha_vip.network_interface_id?, ha_vip.id)))
            .collect();
        broken.unless(one == other, || {
            format!("announced by interfaces {one:?}, by HAVIPs {other:?}")
        });
        for (interface, ha_vip) in other {
            let subnets = (
                self.get(interface).map(|it| it.subnet_id),
                self.get(ha_vip).map(|it| it.subnet_id),
            );
            broken.unless(subnets.0 == subnets.1, || {
                format!("{interface} announces {ha_vip} of another subnet")
            });
        }
    }

    fn check_attachments(&self, broken: &mut Broken) {
        let one: BTreeSet<_> = self
            .tables
            .network_interfaces
            .iter()
            .filter_map(|it| Some((it.attachment.as_ref()?.instance_id, it.id)))
            .collect();
        let other: BTreeSet<_> = self
            .tables
            .instances
            .iter()
            .flat_map(|it| it.network_interfaces.iter().map(|interface| (it.id, *interface)))
            .collect();
        broken.unless(one == other, || {
            format!("attached by interfaces {one:?}, by instances {other:?}")
        });
        for (instance, interface) in one {
            let vpcs =
                (self.get(interface).map(|it| it.vpc_id), self.get(instance).map(|it| it.vpc_id));
            broken.unless(vpcs.0 == vpcs.1, || {
                format!("{interface} is attached to {instance} of another VPC")
            });
        }
    }

    fn check_bindings(&self, broken: &mut Broken) {
        let mut one: Vec<(AddressId, String)> = Vec::new();
        for interface in self.tables.network_interfaces.iter() {
            for ip in &interface.addresses {
                let target = Target::PrivateIp(interface.id, ip.address);
                one.extend(ip.address_id.map(|id| (id, format!("{target:?}"))));
            }
        }
        for ha_vip in self.tables.ha_vips.iter() {
            let target = Target::HaVip(ha_vip.id);
            one.extend(ha_vip.address_id.map(|id| (id, format!("{target:?}"))));
        }
        let mut other: Vec<_> = self
            .tables
            .addresses
            .iter()
            .filter_map(|it| Some((it.id, format!("{:?}", it.target?))))
            .collect();
        one.sort();
        other.sort();
        broken.unless(one == other, || format!("bound by targets {one:?}, by EIPs {other:?}"));
    }

    fn check_public_ips(&self, broken: &mut Broken) {
        let interfaces = self.tables.network_interfaces.iter().flat_map(|it| &it.addresses);
        let general = interfaces.filter_map(|it| it.public_ip);
        let used: Vec<IpAddr> =
            self.tables.addresses.iter().map(|it| it.ip).chain(general).collect();
        let distinct: BTreeSet<_> = used.iter().copied().collect();
        broken.unless(distinct.len() == used.len(), || "a public IP has two owners".to_owned());
        let noted: BTreeSet<_> = self.public_ips.iter().copied().collect();
        broken.unless(distinct == noted, || {
            format!("public IPs in use {distinct:?}, recorded {noted:?}")
        });
        let taken = distinct.iter().filter(|ip| match ip {
            IpAddr::V4(ip) => self.public_pool.net().contains(ip) && !self.public_pool.is_free(*ip),
            IpAddr::V6(_) => false,
        });
        broken.unless(taken.count() as u64 == self.public_pool.taken(), || {
            "the public pool has the wrong number of free addresses".to_owned()
        });
    }

    fn check_tasks(&self, broken: &mut Broken) {
        let queue: BTreeSet<_> = self.task_queue.iter().copied().collect();
        let tasks: BTreeSet<_> = self.tasks.keys().copied().collect();
        broken.unless(queue == tasks && tasks.len() <= TASKS_MAX, || {
            "the task queue does not match the tasks".to_owned()
        });
        for address in self.tables.addresses.iter() {
            let Some((_, task)) = address.pending else { continue };
            let task = self.tasks.get(&task);
            let runs =
                task.is_some_and(|it| it.left.is_some() && it.addresses.contains(&address.id));
            broken.unless(runs, || format!("{} waits for a task that is not running", address.id));
        }
    }

    /// Checks that the queue holds exactly the changes that settle at a time.
    fn check_due(&self, broken: &mut Broken) {
        let interfaces = self.tables.network_interfaces.iter();
        let interfaces = interfaces
            .flat_map(|it| it.left().map(|left| (left, Changing::NetworkInterface(it.id))));
        let tasks = self.tasks.iter().filter_map(|(id, it)| Some((it.left?, Changing::Task(*id))));
        let hidden = self.hidden().into_iter();
        let hidden = hidden.map(|(id, left)| (left, Changing::Visibility(id)));
        let due: Due = interfaces
            .chain(tasks)
            .chain(hidden)
            .filter_map(|(left, changing)| match left {
                Remaining::Until(at) => Some((at, changing)),
                Remaining::Reads(_) => None,
            })
            .collect();
        broken.unless(due == self.due, || format!("due {due:?}, recorded {:?}", self.due));
    }
}
