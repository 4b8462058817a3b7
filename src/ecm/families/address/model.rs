//! EIPs and their tasks as the store keeps them.

use std::net::{IpAddr, Ipv4Addr};

use chrono::NaiveDate;

use crate::ecm::{
    api::objects,
    ids::{AddressId, HaVipId, NetworkInterfaceId, TaskId},
    model::{Passthrough, Remaining, UtcTime},
    zones::{Isp, Region},
};

/// Characters of an EIP's name at most.
pub const ADDRESS_NAME_CHARS_MAX: usize = 20;

/// An elastic IP (EIP).
#[derive(Debug, Clone, PartialEq)]
pub struct Address {
    /// Key.
    pub id: AddressId,
    /// Display name.
    pub name: String,
    /// The public address.
    pub ip: IpAddr,
    /// Region that it lies in.
    pub region: Region,
    /// Provider of the public address.
    pub isp: Isp,
    /// Most that may go out, in Mbps.
    pub bandwidth_mbps: u64,
    /// Whether the instance sees the public address itself.
    pub is_direct: bool,
    /// Whether the vendor has blocked it, so that it cannot be unbound.
    pub is_blocked: bool,
    /// What it is bound to.
    pub target: Option<Target>,
    /// When it was made.
    pub created_time: UtcTime,
    /// What is changing, and the task that does it.
    pub pending: Option<(AddressChange, TaskId)>,
    /// Members that no action changes.
    pub passthrough: Passthrough<objects::Address>,
}

/// What an EIP is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A private address of an interface.
    PrivateIp(NetworkInterfaceId, Ipv4Addr),
    /// A HAVIP.
    HaVip(HaVipId),
}

/// How an EIP changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressChange {
    /// It is being made.
    Creating,
    /// It is being bound to its target.
    Binding,
    /// It is being unbound from its target.
    Unbinding,
    /// It is being released.
    Offlining,
}

/// Something that an action began and that takes a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// EIPs that it changes.
    pub addresses: Vec<AddressId>,
    /// What is left of it; nothing once it is done.
    pub left: Option<Remaining>,
}

/// What was applied for in a region on the last day on which anything was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applications {
    /// The day at UTC+8.
    pub day: NaiveDate,
    /// EIPs.
    pub addresses: usize,
    /// General public addresses.
    pub public_ips: usize,
}
