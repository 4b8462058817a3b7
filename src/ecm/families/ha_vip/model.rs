//! HAVIPs in the store.

use std::net::Ipv4Addr;

use crate::ecm::{
    api::objects,
    fields::Str,
    ids::{AddressId, HaVipId, NetworkInterfaceId, SubnetId, VpcId},
    model::{LocalTime, Passthrough},
};

/// Maximum length in characters of a HAVIP's name.
pub const HA_VIP_NAME_CHARS_MAX: usize = 60;

/// A highly available virtual IP.
#[derive(Debug, Clone, PartialEq)]
pub struct HaVip {
    pub id: HaVipId,
    /// Display name. Not necessarily unique.
    pub name: Str,
    pub vip: Ipv4Addr,
    /// VPC of the HAVIP.
    pub vpc_id: VpcId,
    /// Subnet of the address.
    pub subnet_id: SubnetId,
    /// Interface that announces the HAVIP, if any.
    pub network_interface_id: Option<NetworkInterfaceId>,
    /// EIP that is bound to the HAVIP, if any.
    pub address_id: Option<AddressId>,
    /// Creation time.
    pub created_time: LocalTime,
    /// Members that no action changes.
    pub passthrough: Passthrough<objects::HaVip>,
}
