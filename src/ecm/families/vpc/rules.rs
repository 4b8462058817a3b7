//! What can be done to VPCs.

use crate::ecm::{
    Error, Store,
    error::{Counted, Holder, Resource, counted},
    ids::{SubnetId, VpcId},
    store::{check_capacity, check_quota, find_mut},
    zones::Region,
};

use super::Vpc;

impl Store {
    /// Fails if `region` has no room for another VPC.
    pub fn check_vpc_quota(&self, region: Region) -> Result<(), Error> {
        let count = self.vpcs.listing(Some(region)).len();
        let quota = self.settings.quotas.vpcs_per_region;
        check_quota(Holder::Region(region), count, 1, Counted::Vpcs, quota)?;
        check_capacity(&self.ids, &self.vpcs, 1, Counted::Vpcs)
    }

    /// Adds a VPC with an id that none has.
    pub fn insert_vpc(&mut self, vpc: Vpc) {
        self.vpcs.insert(vpc.id, vpc.region, vpc);
    }

    /// Replaces a VPC, whose contents stay. Returns `false` and changes nothing if there is no such VPC
    /// or it has another range or region, as its contents depend on these.
    pub fn replace_vpc(&mut self, mut vpc: Vpc) -> bool {
        let Some(before) = self.vpcs.get_mut(vpc.id) else { return false };
        let fits = (before.cidr, before.region) == (vpc.cidr, vpc.region);
        if fits {
            vpc.contents = before.contents.clone();
            *before = vpc;
        }
        fits
    }

    /// The VPC `id`, to change what is said of it.
    pub fn vpc_mut(&mut self, id: VpcId, region: Region) -> Result<&mut Vpc, Error> {
        find_mut(&mut self.vpcs, id, Some(region), Resource::Vpc)
    }

    /// Takes away a VPC in which nothing is but subnets, and these too.
    ///
    /// Assumed: even those that the vendor made; the action has no code to refuse them.
    pub fn remove_vpc(&mut self, id: VpcId, region: Region) -> Result<(), Error> {
        let contents = &self.vpc(id, Some(region))?.contents;
        for (count, what) in [
            (contents.instances, "instance"),
            (contents.network_interfaces, "network interface"),
            (contents.ha_vips, "HAVIP"),
        ] {
            if count > 0 {
                let reason = format!("has {}", counted(count, what));
                return Err(Error::InUse { resource: Resource::Vpc(id), reason });
            }
        }
        let subnets: Vec<SubnetId> = contents.subnets.values().copied().collect();
        for subnet in subnets {
            self.take_subnet(subnet);
        }
        self.vpcs.remove(id);
        Ok(())
    }
}
