//! Subnets as the wire shows them.

use serde::Serialize;

use crate::ecm::{
    Store,
    ids::{SubnetId, VpcId},
    model::{Kept, LocalTime, Tag},
    zones::{Region, Zone},
};

use super::Subnet;

/// The vendor's `Subnet`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SubnetView {
    vpc_id: VpcId,
    subnet_id: SubnetId,
    subnet_name: String,
    cidr_block: String,
    is_default: bool,
    enable_broadcast: bool,
    created_time: LocalTime,
    available_ip_address_count: u64,
    tag_set: Vec<Tag>,
    zone: Zone,
    zone_name: &'static str,
    instance_count: usize,
    vpc_cidr_block: String,
    region: Region,
    #[serde(flatten)]
    kept: Kept,
}

impl Store {
    /// A subnet as the wire shows it.
    pub fn view_subnet(&self, subnet: &Subnet) -> SubnetView {
        let vpc = self.get(subnet.vpc_id);
        SubnetView {
            vpc_id: subnet.vpc_id,
            subnet_id: subnet.id,
            subnet_name: subnet.name.clone(),
            cidr_block: subnet.net().to_string(),
            is_default: subnet.is_default,
            enable_broadcast: subnet.enable_broadcast,
            created_time: subnet.created_time,
            available_ip_address_count: subnet.pool.available(),
            tag_set: subnet.tags.clone(),
            zone: subnet.zone,
            zone_name: subnet.zone.node().zone_name,
            instance_count: subnet.instances,
            vpc_cidr_block: vpc.map_or_else(String::new, |it| it.cidr.to_string()),
            region: subnet.zone.node().region,
            kept: subnet.kept.clone(),
        }
    }
}
