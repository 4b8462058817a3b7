//! HAVIPs as the store keeps them.

use std::net::Ipv4Addr;

use crate::ecm::{
    api::objects,
    ids::{AddressId, HaVipId, NetworkInterfaceId, SubnetId, VpcId},
    model::{LocalTime, Passthrough},
};

/// Characters of a HAVIP's name at most.
pub const HA_VIP_NAME_CHARS_MAX: usize = 60;

/// A highly available virtual IP.
#[derive(Debug, Clone, PartialEq)]
pub struct HaVip {
    /// Key.
    pub id: HaVipId,
    /// Display name. Names may repeat.
    pub name: String,
    /// The address.
    pub vip: Ipv4Addr,
    /// VPC that it lies in.
    pub vpc_id: VpcId,
    /// Subnet that lends the address.
    pub subnet_id: SubnetId,
    /// Interface that announces it, if any does.
    pub network_interface_id: Option<NetworkInterfaceId>,
    /// EIP that is bound to it.
    pub address_id: Option<AddressId>,
    /// When it was made.
    pub created_time: LocalTime,
    /// Members that no action changes.
    pub passthrough: Passthrough<objects::HaVip>,
}
