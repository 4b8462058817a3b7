//! Subnets as the store keeps them.

use ipnet::Ipv4Net;

use crate::ecm::{
    api::objects,
    ids::{SubnetId, VpcId},
    model::{LocalTime, Passthrough, Tag},
    pool::Pool,
    zones::Zone,
};

/// A subnet.
#[derive(Debug, Clone, PartialEq)]
pub struct Subnet {
    /// Key.
    pub id: SubnetId,
    /// Display name.
    pub name: String,
    /// VPC that it lies in.
    pub vpc_id: VpcId,
    /// Zone that it lies in.
    pub zone: Zone,
    /// Whether the vendor made it.
    pub is_default: bool,
    /// Whether broadcast is enabled, which has no effect.
    pub enable_broadcast: bool,
    /// Tags.
    pub tags: Vec<Tag>,
    /// When it was made.
    pub created_time: LocalTime,
    /// Members that no action changes.
    pub passthrough: Passthrough<objects::Subnet>,
    /// Its addresses.
    pub(in crate::ecm) pool: Pool,
    /// How many instances it has.
    pub(in crate::ecm) instances: usize,
}

impl Subnet {
    /// A subnet whose addresses are all free.
    pub fn new(
        id: SubnetId,
        vpc_id: VpcId,
        net: Ipv4Net,
        zone: Zone,
        created_time: LocalTime,
    ) -> Self {
        Self {
            id,
            name: String::new(),
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

    /// Its range.
    pub const fn net(&self) -> Ipv4Net {
        self.pool.net()
    }
}
