//! What can be done to subnets, and the addresses that they lend.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::ecm::{
    Error, Store,
    error::{Counted, Holder, Resource, counted},
    families::vpc::Vpc,
    ids::SubnetId,
    store::{check_capacity, check_quota, find_mut},
    zones::{Region, Zone},
};

use super::Subnet;

impl Store {
    /// Fails if `vpc` has no room for another subnet.
    pub fn check_subnet_quota(&self, vpc: &Vpc) -> Result<(), Error> {
        let (of, count) = (Holder::Of(Resource::Vpc(vpc.id)), vpc.contents.subnets.len());
        check_quota(of, count, 1, Counted::Subnets, self.settings.quotas.subnets_per_vpc)?;
        check_capacity(&self.ids, &self.subnets, 1, Counted::Subnets)
    }

    /// Fails if `vpc` has no room for a subnet `net`.
    pub fn check_subnet(&self, vpc: &Vpc, net: Ipv4Net) -> Result<(), Error> {
        if !vpc.cidr.contains(&net) {
            return Err(Error::SubnetOutside { net, vpc: vpc.cidr });
        }
        // The siblings do not overlap, so only the last to begin before the end of `net` can
        // reach into it.
        let last = vpc.contents.subnets.get_prev(&net.broadcast());
        let last = last.and_then(|(_, sibling)| self.subnets.get(*sibling));
        match last.filter(|it| it.net().broadcast() >= net.network()) {
            Some(last) => Err(Error::SubnetOverlap { net, sibling: last.id, other: last.net() }),
            None => Ok(()),
        }
    }

    /// Adds a subnet, with an id that none has, that [`Store::check_subnet`] has room for. It
    /// becomes the default one of its zone.
    pub fn insert_subnet(&mut self, subnet: Subnet) {
        let Some(vpc) = self.vpcs.get_mut(subnet.vpc_id) else { return };
        vpc.contents.subnets.insert(subnet.net().network(), subnet.id);
        self.default_subnets.insert(subnet.zone, subnet.id);
        if subnet.is_default {
            self.vendor_subnets.insert(subnet.zone, subnet.id);
        }
        self.subnets.insert(subnet.id, vpc.region, subnet);
    }

    /// Replaces a subnet, whose addresses stay in use. Returns `false` and changes nothing if there is
    /// no such subnet or it has another VPC, range or zone, or is no longer the vendor's.
    pub fn replace_subnet(&mut self, mut subnet: Subnet) -> bool {
        let Some(before) = self.subnets.get_mut(subnet.id) else { return false };
        let fixed = |it: &Subnet| (it.vpc_id, it.net(), it.zone, it.is_default);
        let fits = fixed(before) == fixed(&subnet);
        if fits {
            (subnet.pool, subnet.instances) = (before.pool.clone(), before.instances);
            *before = subnet;
        }
        fits
    }

    /// The subnet `id`, to change what is said of it.
    pub fn subnet_mut(&mut self, id: SubnetId, region: Region) -> Result<&mut Subnet, Error> {
        find_mut(&mut self.subnets, id, Some(region), Resource::Subnet)
    }

    /// Takes away a subnet in which nothing is.
    pub fn remove_subnet(&mut self, id: SubnetId, region: Region) -> Result<(), Error> {
        let subnet = self.subnet(id, Some(region))?;
        if subnet.is_default {
            return Err(Error::MadeByVendor(Resource::Subnet(id)));
        }
        let taken = usize::try_from(subnet.pool.taken()).unwrap_or(usize::MAX);
        if taken > 0 {
            let reason = format!("has {} in use", counted(taken, "address"));
            return Err(Error::InUse { resource: Resource::Subnet(id), reason });
        }
        if subnet.instances > 0 {
            let reason = format!("has {}", counted(subnet.instances, "instance"));
            return Err(Error::InUse { resource: Resource::Subnet(id), reason });
        }
        self.take_subnet(id);
        Ok(())
    }

    /// The default subnet of a zone falls back to the one that the vendor made.
    pub(in crate::ecm) fn take_subnet(&mut self, id: SubnetId) {
        let Some(subnet) = self.subnets.remove(id) else { return };
        if let Some(vpc) = self.vpcs.get_mut(subnet.vpc_id) {
            vpc.contents.subnets.remove(&subnet.net().network());
        }
        if self.vendor_subnets.get(&subnet.zone) == Some(&id) {
            self.vendor_subnets.remove(&subnet.zone);
        }
        if self.default_subnets.get(&subnet.zone) == Some(&id) {
            match self.vendor_subnets.get(&subnet.zone) {
                Some(made) => self.default_subnets.insert(subnet.zone, *made),
                None => self.default_subnets.remove(&subnet.zone),
            };
        }
    }

    /// The default subnet of a zone.
    pub fn default_subnet(&self, zone: Zone) -> Result<&Subnet, Error> {
        let id = self.default_subnets.get(&zone).ok_or(Error::NoDefaultSubnet(zone))?;
        self.subnet(*id, None)
    }

    /// The subnet of a zone that the vendor made.
    pub fn vendor_subnet(&self, zone: Zone) -> Option<SubnetId> {
        self.vendor_subnets.get(&zone).copied()
    }

    /// Leaves every zone without a default subnet.
    pub fn forget_default_subnets(&mut self) {
        self.default_subnets.clear();
    }

    /// Makes a subnet the default one of its zone.
    pub fn set_default_subnet(&mut self, zone: Zone, id: SubnetId) {
        self.default_subnets.insert(zone, id);
    }

    /// Takes an address of a subnet, the lowest free one unless one is `wanted`.
    pub fn take_address(
        &mut self,
        id: SubnetId,
        wanted: Option<Ipv4Addr>,
    ) -> Result<Ipv4Addr, Error> {
        let subnet = self.subnets.get_mut(id).ok_or(Error::NotFound(Resource::Subnet(id)))?;
        subnet.pool.take(wanted).map_err(|reason| Error::Address { subnet: id, reason })
    }

    /// Takes all the addresses that are `wanted`, and then `more` of the lowest free ones; or none.
    pub fn take_addresses(
        &mut self,
        id: SubnetId,
        wanted: &[Ipv4Addr],
        more: usize,
    ) -> Result<Vec<Ipv4Addr>, Error> {
        let mut taken = Vec::new();
        let wanted = wanted.iter().copied().map(Some);
        for wanted in wanted.chain(std::iter::repeat_n(None, more)) {
            match self.take_address(id, wanted) {
                Ok(address) => taken.push(address),
                Err(error) => {
                    for address in taken {
                        self.give_back(id, address);
                    }
                    return Err(error);
                }
            }
        }
        Ok(taken)
    }

    pub(in crate::ecm) fn give_back(&mut self, id: SubnetId, address: Ipv4Addr) {
        if let Some(subnet) = self.subnets.get_mut(id) {
            subnet.pool.give_back(address);
        }
    }
}
