//! VPCs as the wire shows them.

use std::net::IpAddr;

use serde::Serialize;

use crate::ecm::{
    Store,
    ids::VpcId,
    model::{Kept, LocalTime, Tag},
    zones::Region,
};

use super::Vpc;

/// The vendor's `VpcInfo`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct VpcView {
    vpc_name: String,
    vpc_id: VpcId,
    cidr_block: String,
    is_default: bool,
    enable_multicast: bool,
    created_time: LocalTime,
    dns_server_set: Vec<IpAddr>,
    domain_name: String,
    tag_set: Vec<Tag>,
    region: Region,
    description: String,
    region_name: &'static str,
    subnet_count: usize,
    instance_count: usize,
    #[serde(flatten)]
    kept: Kept,
}

impl Store {
    /// A VPC as the wire shows it.
    pub fn view_vpc(&self, vpc: &Vpc) -> VpcView {
        VpcView {
            vpc_name: vpc.name.clone(),
            vpc_id: vpc.id,
            cidr_block: vpc.cidr.to_string(),
            is_default: vpc.is_default,
            enable_multicast: vpc.enable_multicast,
            created_time: vpc.created_time,
            dns_server_set: vpc.dns_servers.clone(),
            domain_name: vpc.domain_name.clone(),
            tag_set: vpc.tags.clone(),
            region: vpc.region,
            description: vpc.description.clone(),
            region_name: vpc.region.shown_name(),
            subnet_count: vpc.contents.subnets.len(),
            instance_count: vpc.contents.instances,
            kept: vpc.kept.clone(),
        }
    }
}
