//! Checks and changes of VPCs.

use crate::{
    ecm::{
        Error, Store,
        error::{QuotaScope, Subject},
        ids::{SubnetId, VpcId},
        store::check_quota,
        zones::Region,
    },
    protocol::text::count_of,
};

use super::{Vpc, error::VPCS};

impl Store {
    /// Fails if the quota of `region` does not allow another VPC.
    pub fn check_vpc_quota(&self, region: Region) -> Result<(), Error> {
        let count = self.tables.vpcs.listing(Some(region)).len();
        let quota = self.settings.quotas.vpcs_per_region;
        check_quota(|| QuotaScope::Region(region), count, 1, &VPCS, quota)?;
        self.check_capacity::<Vpc>(1, &VPCS)
    }

    /// Adds a VPC with an unused ID.
    pub fn insert_vpc(&mut self, vpc: Vpc) {
        self.insert(vpc.id, vpc.region, vpc);
    }

    /// Replaces a VPC, and keeps its contents.
    ///
    /// Returns `false` and changes nothing if the VPC does not exist or has a different range or
    /// region, because its contents depend on them.
    pub fn replace_vpc(&mut self, mut vpc: Vpc) -> bool {
        let Some(before) = self.get_mut(vpc.id) else { return false };
        let fits = (before.cidr, before.region) == (vpc.cidr, vpc.region);
        if fits {
            vpc.contents = before.contents.clone();
            *before = vpc;
        }
        fits
    }

    /// Deletes a VPC and its subnets. Fails if the VPC contains anything else.
    ///
    /// Assumed (vpc.delete-subnets, vpc.delete-default): this includes VPCs that the vendor created, as
    /// the action has no code to refuse them.
    pub fn remove_vpc(&mut self, id: VpcId, region: Region) -> Result<(), Error> {
        let contents = &self.find(id, Some(region))?.contents;
        for (count, what) in [
            (contents.instances, "instance"),
            (contents.network_interfaces, "network interface"),
            (contents.ha_vips, "HAVIP"),
        ] {
            if count > 0 {
                let reason = format!("has {}", count_of(count, what));
                return Err(Error::InUse { resource: Subject::of(id), reason });
            }
        }
        let subnets: Vec<SubnetId> = contents.subnets.values().copied().collect();
        for subnet in subnets {
            self.take_subnet(subnet);
        }
        self.remove_existing(id);
        Ok(())
    }
}
