//! Subnets as the store keeps them.

use ipnet::Ipv4Net;

use crate::ecm::{
    ids::{SubnetId, VpcId},
    model::{Field, Kept, LocalTime, Tag},
    pool::Pool,
    zones::Zone,
};

/// A subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Fields that are only kept.
    pub kept: Kept,
    /// Its addresses.
    pub(in crate::ecm) pool: Pool,
    /// How many instances it has.
    pub(in crate::ecm) instances: usize,
}

impl Subnet {
    /// Fields that are only kept.
    pub const KEPT: &'static [Field] = &[
        Field::text("RouteTableId"),
        Field::text("Ipv6CidrBlock"),
        Field::text("NetworkAclId"),
        Field::flag("IsRemoteVpcSnat", false),
        Field::text("VpcIpv6CidrBlock"),
        Field::text("ISPType"),
    ];

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
            kept: Kept::new(Self::KEPT),
            pool: Pool::new(net),
            instances: 0,
        }
    }

    /// Its range.
    pub const fn net(&self) -> Ipv4Net {
        self.pool.net()
    }
}
