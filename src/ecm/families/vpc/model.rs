//! VPCs as the store keeps them.

use std::net::{IpAddr, Ipv4Addr};

use imbl::OrdMap;
use ipnet::Ipv4Net;

use crate::ecm::{
    api::objects,
    ids::{SubnetId, VpcId},
    model::{LocalTime, Passthrough, Tag},
    zones::Region,
};

/// A virtual private cloud.
#[derive(Debug, Clone, PartialEq)]
pub struct Vpc {
    /// Key.
    pub id: VpcId,
    /// Display name.
    pub name: String,
    /// Range that its subnets lie in.
    pub cidr: Ipv4Net,
    /// Region that it lies in.
    pub region: Region,
    /// Free text.
    pub description: String,
    /// Whether the vendor made it.
    pub is_default: bool,
    /// Whether multicast is enabled, which has no effect.
    pub enable_multicast: bool,
    /// DNS servers, which have no effect.
    pub dns_servers: Vec<IpAddr>,
    /// DHCP domain, which has no effect.
    pub domain_name: String,
    /// Tags.
    pub tags: Vec<Tag>,
    /// When it was made.
    pub created_time: LocalTime,
    /// Members that no action changes.
    pub passthrough: Passthrough<objects::VpcInfo>,
    /// What lies in it, which the store alone counts.
    pub(in crate::ecm) contents: Contents,
}

/// What lies in a VPC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::ecm) struct Contents {
    /// Its subnets by first address. Invariant: they do not overlap.
    pub(in crate::ecm) subnets: OrdMap<Ipv4Addr, SubnetId>,
    /// How many HAVIPs it has.
    pub(in crate::ecm) ha_vips: usize,
    /// How many network interfaces it has.
    pub(in crate::ecm) network_interfaces: usize,
    /// How many instances it has.
    pub(in crate::ecm) instances: usize,
}

impl Vpc {
    /// A VPC with nothing in it and nothing said of it.
    pub fn new(id: VpcId, cidr: Ipv4Net, region: Region, created_time: LocalTime) -> Self {
        Self {
            id,
            name: String::new(),
            cidr,
            region,
            description: String::new(),
            is_default: false,
            enable_multicast: false,
            dns_servers: Vec::new(),
            domain_name: String::new(),
            tags: Vec::new(),
            created_time,
            passthrough: Passthrough::default(),
            contents: Contents::default(),
        }
    }
}
