//! Subnets in responses.

use crate::ecm::{Store, api::objects, fields::Cidr, model::Defaults};

use super::Subnet;

impl Defaults for objects::Subnet {}

impl Store {
    /// Returns a subnet as responses show it.
    pub fn view_subnet(&self, subnet: &Subnet) -> objects::Subnet {
        objects::Subnet {
            vpc_id: subnet.vpc_id.into(),
            subnet_id: subnet.id.into(),
            subnet_name: subnet.name.clone(),
            cidr_block: Cidr(subnet.net()).into(),
            is_default: subnet.is_default,
            enable_broadcast: subnet.enable_broadcast,
            created_time: subnet.created_time.into(),
            available_ip_address_count: subnet.pool.available(),
            tag_set: subnet.tags.clone(),
            zone: subnet.zone.into(),
            zone_name: subnet.zone.node().zone_name.into(),
            instance_count: subnet.instances as u64,
            vpc_cidr_block: self.existing(subnet.vpc_id).cidr.to_string().into(),
            region: subnet.zone.node().region.as_str().into(),
            ..subnet.passthrough.object()
        }
    }
}
