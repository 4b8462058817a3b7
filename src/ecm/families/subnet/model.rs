//! Subnets in the store.

use ipnet::Ipv4Net;

use crate::ecm::{
    api::objects,
    fields::Str,
    ids::{SubnetId, VpcId},
    model::{LocalTime, Passthrough, Tag},
    pool::Pool,
    zones::Zone,
};

#[derive(Debug, Clone, PartialEq)]
pub struct Subnet {
    pub id: SubnetId,
    /// Display name.
    pub name: Str,
    /// VPC of the subnet.
    pub vpc_id: VpcId,
    /// Zone of the subnet.
    pub zone: Zone,
    /// Whether the vendor created the subnet.
    pub is_default: bool,
    /// Whether broadcast is enabled. Has no effect.
    pub enable_broadcast: bool,
    pub tags: Vec<Tag>,
    /// Creation time.
    pub created_time: LocalTime,
    /// Members that no action changes.
    pub passthrough: Passthrough<objects::Subnet>,
    /// Address pool.
    pub(in crate::ecm) pool: Pool,
    /// Number of instances in the subnet.
    pub(in crate::ecm) instances: usize,
}

impl Subnet {
    /// Creates a subnet whose addresses are all free.
    pub fn new(
        id: SubnetId,
        vpc_id: VpcId,
        net: Ipv4Net,
        zone: Zone,
        created_time: LocalTime,
    ) -> Self {
        Self {
            id,
            name: Str::default(),
            vpc_id,
            zone,
            is_default: false,
            enable_broadcast: false,
            tags: Vec::new(),
            created_time,
            passthrough: Passthrough::default(),
            pool: Pool::new(net),
            instances: 0,
        }
    }

    /// Returns the range of the subnet.
    pub const fn net(&self) -> Ipv4Net {
        self.pool.net()
    }
}
