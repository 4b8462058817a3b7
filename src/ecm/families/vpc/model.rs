//! VPCs in the store.

use std::net::{IpAddr, Ipv4Addr};

use imbl::OrdMap;
use ipnet::Ipv4Net;

use crate::ecm::{
    api::objects,
    fields::Str,
    ids::{SubnetId, VpcId},
    model::{LocalTime, Passthrough, Tag},
    zones::Region,
};

/// A virtual private cloud.
#[derive(Debug, Clone, PartialEq)]
pub struct Vpc {
    pub id: VpcId,
    /// Display name.
    pub name: Str,
    /// Range of the VPC, which contains its subnets.
    pub cidr: Ipv4Net,
    /// Region of the VPC.
    pub region: Region,
    pub description: Str,
    /// Whether the vendor created the VPC.
    pub is_default: bool,
    /// Whether multicast is enabled. Has no effect.
    pub enable_multicast: bool,
    /// DNS servers. They have no effect.
    pub dns_servers: Vec<IpAddr>,
    /// DHCP domain. Has no effect.
    pub domain_name: Str,
    pub tags: Vec<Tag>,
    /// Creation time.
    pub created_time: LocalTime,
    /// Members that no action changes.
    pub passthrough: Passthrough<objects::VpcInfo>,
    /// Contents, which only the store counts.
    pub(in crate::ecm) contents: Contents,
}

/// Contents of a VPC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::ecm) struct Contents {
    /// Subnets by first address. Invariant: they do not overlap.
    pub(in crate::ecm) subnets: OrdMap<Ipv4Addr, SubnetId>,
    /// Number of HAVIPs.
    pub(in crate::ecm) ha_vips: usize,
    /// Number of network interfaces.
    pub(in crate::ecm) network_interfaces: usize,
    /// Number of instances.
    pub(in crate::ecm) instances: usize,
}

impl Vpc {
    /// Creates an empty VPC with default settings.
    pub fn new(id: VpcId, cidr: Ipv4Net, region: Region, created_time: LocalTime) -> Self {
        Self {
            id,
            name: Str::default(),
            cidr,
            region,
            description: Str::default(),
            is_default: false,
            enable_multicast: false,
            dns_servers: Vec::new(),
            domain_name: Str::default(),
            tags: Vec::new(),
            created_time,
            passthrough: Passthrough::default(),
            contents: Contents::default(),
        }
    }
}
