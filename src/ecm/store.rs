//! All state of the product in one account. No locks, no clock, no chance.

use std::{collections::BTreeMap, net::Ipv4Addr};

use ipnet::Ipv4Net;

use crate::protocol::Product;

use super::{
    Error,
    ids::{HaVipId, IdSequence, NetworkInterfaceId, SubnetId, Tail, VpcId},
    model::{HaVip, NetworkInterface, Subnet, Vpc},
    pool::Pool,
};

/// Limits that a real account has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// HAVIPs in one VPC.
    pub ha_vips_per_vpc: usize,
}

impl Default for Quotas {
    /// Assumed: ECM publishes none of its own, so these are those of the vendor's VPC.
    fn default() -> Self {
        Self { ha_vips_per_vpc: 10 }
    }
}

/// A subnet that cannot be where it is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Misplaced {
    /// Not inside its VPC.
    #[error("{net} is not inside {vpc}, the range of its VPC")]
    Outside {
        /// The subnet's range.
        net: Ipv4Net,
        /// The VPC's range.
        vpc: Ipv4Net,
    },
    /// Another subnet has some of its addresses.
    #[error("{net} overlaps {other}, the range of `{sibling}`")]
    Overlap {
        /// The subnet's range.
        net: Ipv4Net,
        /// The other subnet.
        sibling: SubnetId,
        /// The other subnet's range.
        other: Ipv4Net,
    },
}

/// The product's state.
///
/// Invariants, which [`Store::check`] verifies: a subnet lies inside its VPC and overlaps no
/// sibling; every address of a pool that is not free belongs to exactly one interface or HAVIP;
/// a VPC's count of HAVIPs is true.
#[derive(Debug, Clone)]
pub struct Store {
    vpcs: BTreeMap<VpcId, Vpc>,
    subnets: BTreeMap<SubnetId, Subnet>,
    network_interfaces: BTreeMap<NetworkInterfaceId, NetworkInterface>,
    ha_vips: BTreeMap<HaVipId, HaVip>,
    quotas: Quotas,
    ids: IdSequence,
}

impl Store {
    /// An empty store.
    pub const fn new(quotas: Quotas, ids: IdSequence) -> Self {
        Self {
            vpcs: BTreeMap::new(),
            subnets: BTreeMap::new(),
            network_interfaces: BTreeMap::new(),
            ha_vips: BTreeMap::new(),
            quotas,
            ids,
        }
    }

    /// The same state with other ids to come: what another account begins with.
    #[must_use]
    pub fn with_ids(&self, ids: IdSequence) -> Self {
        Self { ids, ..self.clone() }
    }

    /// The VPC `id`.
    pub fn vpc(&self, id: VpcId) -> Result<&Vpc, Error> {
        self.vpcs.get(&id).ok_or(Error::VpcNotFound(id))
    }

    /// The subnet `id` of the VPC `vpc`.
    pub fn subnet(&self, vpc: VpcId, id: SubnetId) -> Result<&Subnet, Error> {
        match self.subnets.get(&id) {
            Some(subnet) if subnet.vpc_id == vpc => Ok(subnet),
            Some(_) => Err(Error::SubnetNotInVpc { subnet: id, vpc }),
            None => Err(Error::SubnetNotFound(id)),
        }
    }

    /// The network interface `id`, if there is one.
    pub fn network_interface(&self, id: NetworkInterfaceId) -> Option<&NetworkInterface> {
        self.network_interfaces.get(&id)
    }

    /// The HAVIP `id`, if there is one.
    pub fn ha_vip(&self, id: HaVipId) -> Option<&HaVip> {
        self.ha_vips.get(&id)
    }

    /// How many VPCs, subnets, network interfaces and HAVIPs there are.
    pub fn counts(&self) -> [(usize, &'static str); 4] {
        [
            (self.vpcs.len(), "VPC"),
            (self.subnets.len(), "subnet"),
            (self.network_interfaces.len(), "network interface"),
            (self.ha_vips.len(), "HAVIP"),
        ]
    }

    /// Fails if `vpc` has no room for another HAVIP.
    pub fn check_ha_vip_quota(&self, vpc: VpcId) -> Result<(), Error> {
        let quota = self.quotas.ha_vips_per_vpc;
        let count = self.vpc(vpc)?.ha_vip_count;
        if count < quota { Ok(()) } else { Err(Error::HaVipQuota { vpc, count, quota }) }
    }

    /// An id that no HAVIP has.
    pub fn new_ha_vip_id(&mut self) -> HaVipId {
        let Self { ids, ha_vips, .. } = self;
        new_id(ids, HaVipId::new, |id| ha_vips.contains_key(id))
    }

    /// Takes an address of a subnet, the lowest free one unless one is `wanted`.
    pub fn take_address(
        &mut self,
        subnet: SubnetId,
        wanted: Option<Ipv4Addr>,
    ) -> Result<Ipv4Addr, Error> {
        let found = self.subnets.get_mut(&subnet).ok_or(Error::SubnetNotFound(subnet))?;
        found.pool.take(wanted).map_err(|reason| Error::Address { subnet, reason })
    }

    /// Adds a VPC with an id that none has.
    pub fn insert_vpc(&mut self, id: VpcId, cidr: Ipv4Net) {
        let vpc = Vpc { id, cidr, subnets: BTreeMap::new(), ha_vip_count: 0 };
        let before = self.vpcs.insert(id, vpc);
        debug_assert!(before.is_none(), "{id} was there");
    }

    /// Fails if `vpc` has no room for a subnet `net`.
    pub fn check_subnet(&self, vpc: &Vpc, net: Ipv4Net) -> Result<(), Misplaced> {
        if !vpc.cidr.contains(&net) {
            return Err(Misplaced::Outside { net, vpc: vpc.cidr });
        }
        // The siblings do not overlap, so only the last to begin before the end of `net` can
        // reach into it.
        let last = vpc.subnets.range(..=net.broadcast()).next_back();
        let last = last.and_then(|(_, sibling)| self.subnets.get(sibling));
        match last.filter(|it| it.pool.net().broadcast() >= net.network()) {
            Some(last) => Err(Misplaced::Overlap { net, sibling: last.id, other: last.pool.net() }),
            None => Ok(()),
        }
    }

    /// Adds a subnet, with an id that none has, that [`Store::check_subnet`] has room for.
    pub fn insert_subnet(&mut self, id: SubnetId, vpc_id: VpcId, net: Ipv4Net) {
        if let Some(vpc) = self.vpcs.get_mut(&vpc_id) {
            vpc.subnets.insert(net.network(), id);
        }
        self.subnets.insert(id, Subnet { id, vpc_id, pool: Pool::new(net) });
    }

    /// Adds a network interface whose addresses have been taken.
    pub fn insert_network_interface(&mut self, interface: NetworkInterface) {
        self.network_interfaces.insert(interface.id, interface);
    }

    /// Adds a HAVIP whose address has been taken.
    pub fn insert_ha_vip(&mut self, ha_vip: HaVip) {
        if let Some(vpc) = self.vpcs.get_mut(&ha_vip.vpc_id) {
            vpc.ha_vip_count += 1;
        }
        self.ha_vips.insert(ha_vip.id, ha_vip);
    }

    /// Every broken invariant, as a sentence. Walks through all there is: for tests.
    pub fn check(&self) -> Vec<String> {
        let mut broken = Vec::new();
        let mut claim = |holds: bool, sentence: String| {
            if !holds {
                broken.push(sentence);
            }
        };
        for vpc in self.vpcs.values() {
            let ha_vips = self.ha_vips.values().filter(|it| it.vpc_id == vpc.id).count();
            claim(
                vpc.ha_vip_count == ha_vips,
                format!("{} counts {} HAVIPs, and has {ha_vips}", vpc.id, vpc.ha_vip_count),
            );
            let subnets: BTreeMap<_, _> = self
                .subnets
                .values()
                .filter(|it| it.vpc_id == vpc.id)
                .map(|it| (it.pool.net().network(), it.id))
                .collect();
            claim(vpc.subnets == subnets, format!("{} lists its subnets wrongly", vpc.id));
        }
        let mut owners: BTreeMap<SubnetId, Vec<Ipv4Addr>> = BTreeMap::new();
        for interface in self.network_interfaces.values() {
            owners.entry(interface.subnet_id).or_default().extend(&interface.addresses);
        }
        for ha_vip in self.ha_vips.values() {
            owners.entry(ha_vip.subnet_id).or_default().push(ha_vip.vip);
        }
        for subnet in self.subnets.values() {
            let Subnet { id, vpc_id, pool } = subnet;
            let net = pool.net();
            claim(
                self.vpcs.get(vpc_id).is_some_and(|vpc| vpc.cidr.contains(&net)),
                format!("{id} is outside {vpc_id}"),
            );
            let mut taken = owners.remove(id).unwrap_or_default();
            let count = taken.len();
            taken.sort_unstable();
            taken.dedup();
            claim(taken.len() == count, format!("{id} has two owners of one address"));
            claim(
                taken.iter().all(|it| !pool.is_free(*it)),
                format!("{id} has an address that is both taken and free"),
            );
            let assignable = Pool::new(net).available();
            claim(
                pool.available() + taken.len() as u64 == assignable,
                format!("{id} has lost or gained addresses"),
            );
        }
        claim(owners.is_empty(), format!("addresses are taken in no subnet: {owners:?}"));
        broken
    }
}

fn new_id<T>(ids: &mut IdSequence, make: impl Fn(Tail) -> T, is_taken: impl Fn(&T) -> bool) -> T {
    loop {
        let id = make(ids.next_tail());
        if !is_taken(&id) {
            return id;
        }
    }
}

impl Product for Store {
    type Error = Error;

    fn malformed(parameter: String, reason: String) -> Error {
        Error::Malformed { parameter, reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VPC: &str = "vpc-00000001";

    fn store() -> Store {
        let mut store = Store::new(Quotas::default(), IdSequence::new(1, 1));
        store.insert_vpc(VPC.parse().unwrap(), "10.0.0.0/16".parse().unwrap());
        store
    }

    fn insert(store: &mut Store, number: u8, net: &str) -> Result<(), Misplaced> {
        let (vpc, net) = (VPC.parse().unwrap(), net.parse().unwrap());
        store.check_subnet(store.vpc(vpc).unwrap(), net)?;
        store.insert_subnet(format!("subnet-0000000{number}").parse().unwrap(), vpc, net);
        Ok(())
    }

    #[test]
    fn a_subnet_lies_inside_its_vpc_and_beside_its_siblings() {
        let mut store = store();
        insert(&mut store, 1, "10.0.1.0/24").unwrap();
        insert(&mut store, 2, "10.0.0.0/24").unwrap();
        insert(&mut store, 3, "10.0.2.0/23").unwrap();
        for (net, reason) in [
            ("10.0.1.0/24", "10.0.1.0/24 overlaps 10.0.1.0/24, the range of `subnet-00000001`"),
            ("10.0.1.128/28", "10.0.1.128/28 overlaps 10.0.1.0/24, the range of `subnet-00000001`"),
            ("10.0.3.0/24", "10.0.3.0/24 overlaps 10.0.2.0/23, the range of `subnet-00000003`"),
            ("10.0.0.0/16", "10.0.0.0/16 overlaps 10.0.2.0/23, the range of `subnet-00000003`"),
            ("10.1.0.0/24", "10.1.0.0/24 is not inside 10.0.0.0/16, the range of its VPC"),
        ] {
            assert_eq!(insert(&mut store, 9, net).unwrap_err().to_string(), reason);
        }
        assert_eq!(store.check(), [""; 0]);
    }

    #[test]
    fn an_id_in_use_is_passed_over() {
        let mut store = store();
        insert(&mut store, 1, "10.0.1.0/24").unwrap();
        let subnet_id = "subnet-00000001".parse().unwrap();
        let id = store.clone().new_ha_vip_id();
        let vip = store.take_address(subnet_id, None).unwrap();
        store.insert_ha_vip(HaVip {
            id,
            name: String::new(),
            vip,
            vpc_id: VPC.parse().unwrap(),
            subnet_id,
            network_interface_id: None,
            instance_id: None,
            address_ip: None,
            created_time: crate::ecm::model::LocalTime(chrono::DateTime::UNIX_EPOCH),
            business: String::new(),
        });
        assert_ne!(store.new_ha_vip_id(), id);
        assert_eq!(store.check(), [""; 0]);
    }
}
