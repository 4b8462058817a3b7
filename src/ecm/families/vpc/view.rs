//! VPCs in responses.

use crate::ecm::{
    Store,
    api::objects,
    fields::{Cidr, DnsServer},
    model::Defaults,
};

use super::Vpc;

impl Defaults for objects::VpcInfo {
    fn fill(&mut self) {
        self.enable_dhcp.get_or_insert(true);
    }
}

impl Store {
    /// Returns a VPC as responses show it.
    #[expect(clippy::unused_self, reason = "resources of all kinds are viewed by a store")]
    pub fn view_vpc(&self, vpc: &Vpc) -> objects::VpcInfo {
        objects::VpcInfo {
            vpc_name: vpc.name.clone(),
            vpc_id: vpc.id.into(),
            cidr_block: Cidr(vpc.cidr).into(),
            is_default: vpc.is_default,
            enable_multicast: vpc.enable_multicast,
            created_time: vpc.created_time.into(),
            dns_server_set: vpc.dns_servers.iter().copied().map(DnsServer).collect(),
            domain_name: vpc.domain_name.clone(),
            tag_set: vpc.tags.clone(),
            region: vpc.region.into(),
            description: vpc.description.clone(),
            region_name: vpc.region.shown_name().into(),
            subnet_count: vpc.contents.subnets.len() as u64,
            instance_count: vpc.contents.instances as u64,
            ..vpc.passthrough.object()
        }
    }
}
