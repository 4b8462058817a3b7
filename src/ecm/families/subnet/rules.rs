//! Checks and changes of subnets, and allocation of their addresses.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::{
    ecm::{
        Error, Store,
        error::{QuotaScope, Subject},
        families::vpc::Vpc,
        ids::SubnetId,
        store::check_quota,
        zones::{Region, Zone},
    },
    protocol::text::count_of,
};

use super::{
    Subnet,
    error::{SUBNETS, SubnetError},
};

impl Store {
    /// Fails if the quota of `vpc` does not allow another subnet.
    pub fn check_subnet_quota(&self, vpc: &Vpc) -> Result<(), Error> {
        let (of, count) = (|| QuotaScope::Of(Subject::of(vpc.id)), vpc.contents.subnets.len());
        check_quota(of, count, 1, &SUBNETS, self.settings.quotas.subnets_per_vpc)?;
        self.check_capacity::<Subnet>(1, &SUBNETS)
    }

    /// Fails if `net` is not within `vpc`, or overlaps one of its subnets.
    pub fn check_subnet(&self, vpc: &Vpc, net: Ipv4Net) -> Result<(), Error> {
        if !vpc.cidr.contains(&net) {
            return Err(SubnetError::Outside { net, vpc: vpc.cidr }.into());
        }
        // The siblings do not overlap, so only the last sibling that begins before the end of `net`
        // can overlap it.
        let last = vpc.contents.subnets.get_prev(&net.broadcast());
        let last = last.map(|(_, sibling)| self.existing(*sibling));
        match last.filter(|it| it.net().broadcast() >= net.network()) {
            Some(last) => {
                Err(SubnetError::Overlap { net, sibling: last.id, other: last.net() }.into())
            }
            None => Ok(()),
        }
    }

    /// Adds a subnet with an unused ID. It becomes the default subnet of its zone.
    /// [`Store::check_subnet`] must have succeeded.
    pub fn insert_subnet(&mut self, subnet: Subnet) {
        let vpc = self.existing_mut(subnet.vpc_id);
        vpc.contents.subnets.insert(subnet.net().network(), subnet.id);
        let region = vpc.region;
        // Assumed (subnet.two-defaults): the default subnet of a zone need not be one with
        // `IsDefault`.
        self.default_subnets.insert(subnet.zone, subnet.id);
        if subnet.is_default {
            self.vendor_subnets.insert(subnet.zone, subnet.id);
        }
        self.insert(subnet.id, region, subnet);
    }

    /// Replaces a subnet, and keeps its address pool.
    ///
    /// Returns `false` and changes nothing if the subnet does not exist, or has a different VPC,
    /// range, zone, or `is_default`.
    pub fn replace_subnet(&mut self, mut subnet: Subnet) -> bool {
        let Some(before) = self.get_mut(subnet.id) else { return false };
        let fixed = |it: &Subnet| (it.vpc_id, it.net(), it.zone, it.is_default);
        let fits = fixed(before) == fixed(&subnet);
        if fits {
            (subnet.pool, subnet.instances) = (before.pool.clone(), before.instances);
            *before = subnet;
        }
        fits
    }

    /// Deletes an empty subnet. Fails if the vendor created it.
    pub fn remove_subnet(&mut self, id: SubnetId, region: Region) -> Result<(), Error> {
        let subnet = self.find(id, Some(region))?;
        if subnet.is_default {
            return Err(SubnetError::MadeByVendor(id).into());
        }
        let taken = usize::try_from(subnet.pool.taken()).unwrap_or(usize::MAX);
        if taken > 0 {
            let reason = format!("has {} in use", count_of(taken, "address"));
            return Err(Error::InUse { resource: Subject::of(id), reason });
        }
        if subnet.instances > 0 {
            let reason = format!("has {}", count_of(subnet.instances, "instance"));
            return Err(Error::InUse { resource: Subject::of(id), reason });
        }
        self.take_subnet(id);
        Ok(())
    }

    /// Removes a subnet. If it was the default subnet of its zone, the vendor-created one becomes
    /// the default.
    pub(in crate::ecm) fn take_subnet(&mut self, id: SubnetId) {
        let subnet = self.remove_existing(id);
        let vpc = self.existing_mut(subnet.vpc_id);
        vpc.contents.subnets.remove(&subnet.net().network());
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

    /// Returns the default subnet of a zone.
    pub fn default_subnet(&self, zone: Zone) -> Result<&Subnet, Error> {
        let id = self.default_subnets.get(&zone).ok_or(SubnetError::NoDefault(zone))?;
        self.find(*id, None)
    }

    /// Returns the vendor-created subnet of a zone.
    pub fn vendor_subnet(&self, zone: Zone) -> Option<SubnetId> {
        self.vendor_subnets.get(&zone).copied()
    }

    /// Clears the default subnets of all zones.
    pub fn forget_default_subnets(&mut self) {
        self.default_subnets.clear();
    }

    /// Sets the default subnet of a zone.
    pub fn set_default_subnet(&mut self, zone: Zone, id: SubnetId) {
        self.default_subnets.insert(zone, id);
    }

    /// Allocates `wanted`, or the lowest free address of a subnet if it is `None`.
    pub fn take_address(
        &mut self,
        id: SubnetId,
        wanted: Option<Ipv4Addr>,
    ) -> Result<Ipv4Addr, Error> {
        let subnet = self.find_mut(id, None)?;
        subnet.pool.take(wanted).map_err(|reason| Error::Address { subnet: id, reason })
    }

    /// Allocates the `wanted` addresses, then the `more` lowest free addresses. If any allocation
    /// fails, allocates none.
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
                        self.release(id, address);
                    }
                    return Err(error);
                }
            }
        }
        Ok(taken)
    }

    pub(in crate::ecm) fn release(&mut self, id: SubnetId, address: Ipv4Addr) {
        self.existing_mut(id).pool.release(address);
    }
}
