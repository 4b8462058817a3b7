//! Network interfaces and their private addresses as the store keeps them.

use std::net::{IpAddr, Ipv4Addr};

use imbl::OrdSet;

use crate::ecm::{
    api::objects,
    ids::{AddressId, HaVipId, InstanceId, NetworkInterfaceId, SecurityGroupId, SubnetId, VpcId},
    model::{LocalTime, Passthrough, PendingChange, Remaining, Tag},
};

/// Characters of a network interface's description at most.
pub const DESCRIPTION_CHARS_MAX: usize = 60;

/// An elastic network interface (ENI).
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkInterface {
    /// Key.
    pub id: NetworkInterfaceId,
    /// Display name.
    pub name: String,
    /// Free text.
    pub description: String,
    /// VPC that it lies in.
    pub vpc_id: VpcId,
    /// Subnet that lends its addresses.
    pub subnet_id: SubnetId,
    /// Hardware address, such as `20:90:6F:62:33:E2`.
    pub mac_address: String,
    /// Whether it came with its instance, which cannot be without it.
    pub is_primary: bool,
    /// Security groups, of which ecmock knows no more.
    pub groups: Vec<SecurityGroupId>,
    /// Its private addresses.
    pub addresses: Vec<PrivateIp>,
    /// Instance that it is attached to.
    pub attachment: Option<Attachment>,
    /// Tags.
    pub tags: Vec<Tag>,
    /// When it was made.
    pub created_time: LocalTime,
    /// What is changing.
    pub transit: Option<PendingChange<InterfaceChange>>,
    /// Members that no action changes.
    pub passthrough: Passthrough<objects::NetworkInterface>,
    /// HAVIPs that it announces.
    pub(in crate::ecm) announced: OrdSet<HaVipId>,
}

impl NetworkInterface {
    /// An interface without addresses, of which nothing is said.
    pub fn new(
        id: NetworkInterfaceId,
        vpc_id: VpcId,
        subnet_id: SubnetId,
        created_time: LocalTime,
    ) -> Self {
        Self {
            id,
            name: String::new(),
            description: String::new(),
            vpc_id,
            subnet_id,
            mac_address: id.mac_address(),
            is_primary: false,
            groups: Vec::new(),
            addresses: Vec::new(),
            attachment: None,
            tags: Vec::new(),
            created_time,
            transit: None,
            passthrough: Passthrough::default(),
            announced: OrdSet::new(),
        }
    }

    /// The private address `address`, if it is the interface's.
    pub fn address(&self, address: Ipv4Addr) -> Option<&PrivateIp> {
        self.addresses.iter().find(|it| it.address == address)
    }

    pub(in crate::ecm) fn address_mut(&mut self, address: Ipv4Addr) -> Option<&mut PrivateIp> {
        self.addresses.iter_mut().find(|it| it.address == address)
    }

    /// Removes a private address, which the interface has.
    #[track_caller]
    pub(in crate::ecm) fn remove_address(&mut self, address: Ipv4Addr) -> PrivateIp {
        let index = self.addresses.iter().position(|it| it.address == address);
        self.addresses.remove(index.expect("the interface has the address"))
    }

    /// The primary private address.
    pub fn primary_address(&self) -> Option<&PrivateIp> {
        self.addresses.iter().find(|it| it.is_primary)
    }

    /// What is left of its changes, and of those of its addresses.
    pub fn left(&self) -> impl Iterator<Item = Remaining> {
        let of_addresses = self.addresses.iter().filter_map(|it| it.transit.map(|it| it.left));
        self.transit.map(|it| it.left).into_iter().chain(of_addresses)
    }
}

/// What an interface is attached to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The instance.
    pub instance_id: InstanceId,
    /// Number of the interface in the instance; that of the primary one is 0.
    pub device_index: u64,
    /// Number of the account that has the instance.
    pub instance_account_id: String,
    /// When it was attached.
    pub attach_time: LocalTime,
}

/// How an interface changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InterfaceChange {
    /// It is being made.
    Pending,
    /// It is being attached.
    Attaching,
    /// It is being detached.
    Detaching,
    /// It is being deleted.
    Deleting,
}

impl InterfaceChange {
    /// The state of an interface that changes so.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Attaching => "ATTACHING",
            Self::Detaching => "DETACHING",
            Self::Deleting => "DELETING",
        }
    }
}

/// A private address of an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivateIp {
    /// The address.
    pub address: Ipv4Addr,
    /// Whether the interface cannot be without it.
    pub is_primary: bool,
    /// Free text.
    pub description: String,
    /// EIP that is bound to it.
    pub address_id: Option<AddressId>,
    /// General public address, which is not an EIP.
    pub public_ip: Option<IpAddr>,
    /// Whether the public address is blocked.
    pub is_wan_ip_blocked: bool,
    /// What is changing.
    pub transit: Option<PendingChange<IpChange>>,
}

impl PrivateIp {
    /// Whether it has a public address, an EIP or not.
    pub const fn is_public(&self) -> bool {
        self.address_id.is_some() || self.public_ip.is_some()
    }

    /// An address that nothing is bound to.
    pub const fn new(address: Ipv4Addr, is_primary: bool) -> Self {
        Self {
            address,
            is_primary,
            description: String::new(),
            address_id: None,
            public_ip: None,
            is_wan_ip_blocked: false,
            transit: None,
        }
    }
}

/// How a private address changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IpChange {
    /// It is being given.
    Pending,
    /// It is moving to this interface from another one.
    Migrating,
    /// It is being taken back.
    Deleting,
}

impl IpChange {
    /// The state of a private address that changes so.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Migrating => "MIGRATING",
            Self::Deleting => "DELETING",
        }
    }
}
