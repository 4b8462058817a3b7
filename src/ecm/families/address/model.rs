//! EIPs and their tasks in the store.

use std::net::{IpAddr, Ipv4Addr};

use chrono::NaiveDate;

use crate::ecm::{
    api::objects,
    fields::Str,
    ids::{AddressId, HaVipId, NetworkInterfaceId, TaskId},
    model::{Passthrough, Remaining, UtcTime},
    zones::{Isp, Region},
};

/// Maximum length in characters of an EIP's name.
pub const ADDRESS_NAME_CHARS_MAX: usize = 20;

/// An elastic IP (EIP).
#[derive(Debug, Clone, PartialEq)]
pub struct Address {
    pub id: AddressId,
    /// Display name.
    pub name: Str,
    /// Public address.
    pub ip: IpAddr,
    /// Region of the EIP.
    pub region: Region,
    /// Provider of the public address.
    pub isp: Isp,
    /// Maximum outbound bandwidth in Mbps.
    pub bandwidth_mbps: u64,
    /// Whether the public address is visible inside the instance.
    pub is_direct: bool,
    /// Whether the vendor has blocked the EIP. A blocked EIP cannot be unbound.
    pub is_blocked: bool,
    /// Target that the EIP is bound to, if any.
    pub target: Option<Target>,
    /// Creation time.
    pub created_time: UtcTime,
    /// Pending change, and the task that performs it.
    pub pending: Option<(AddressChange, TaskId)>,
    /// Members that no action changes.
    pub passthrough: Passthrough<objects::Address>,
}

/// Target that an EIP is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A private address of an interface.
    PrivateIp(NetworkInterfaceId, Ipv4Addr),
    HaVip(HaVipId),
}

/// Change of an EIP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressChange {
    /// The EIP is being created.
    Creating,
    /// The EIP is being bound to its target.
    Binding,
    /// The EIP is being unbound from its target.
    Unbinding,
    /// The EIP is being released.
    Offlining,
}

/// An asynchronous task that an action started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// EIPs that the task changes.
    pub addresses: Vec<AddressId>,
    /// Remaining reads or time. `None` if the task is done.
    pub left: Option<Remaining>,
}

/// Allocations in a region on the last day that had any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applications {
    /// Day in UTC+8.
    pub day: NaiveDate,
    /// Number of EIPs.
    pub addresses: usize,
    /// Number of general public IPs.
    pub public_ips: usize,
}
