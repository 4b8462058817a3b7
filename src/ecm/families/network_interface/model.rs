//! Network interfaces and their private IPs in the store.

use std::net::{IpAddr, Ipv4Addr};

use imbl::OrdSet;

use crate::ecm::{
    api::objects,
    fields::Str,
    ids::{AddressId, HaVipId, InstanceId, NetworkInterfaceId, SecurityGroupId, SubnetId, VpcId},
    model::{LocalTime, Passthrough, PendingChange, Remaining, Tag},
};

/// Maximum length in characters of a network interface's description.
pub const DESCRIPTION_CHARS_MAX: usize = 60;

/// An elastic network interface (ENI).
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkInterface {
    pub id: NetworkInterfaceId,
    /// Display name.
    pub name: Str,
    pub description: Str,
    /// VPC of the interface.
    pub vpc_id: VpcId,
    /// Subnet of the addresses.
    pub subnet_id: SubnetId,
    /// MAC address, such as `20:90:6F:62:33:E2`.
    pub mac_address: Str,
    /// Whether the interface is the primary interface of its instance and cannot be detached.
    pub is_primary: bool,
    /// IDs of security groups. ecmock does not emulate security groups.
    pub groups: Vec<SecurityGroupId>,
    /// Private IPs.
    pub addresses: Vec<PrivateIp>,
    /// Attachment to an instance, if any.
    pub attachment: Option<Attachment>,
    pub tags: Vec<Tag>,
    /// Creation time.
    pub created_time: LocalTime,
    /// Pending change, if any.
    pub transit: Option<PendingChange<InterfaceChange>>,
    /// Members that no action changes.
    pub passthrough: Passthrough<objects::NetworkInterface>,
    /// HAVIPs that the interface announces.
    pub(in crate::ecm) announced: OrdSet<HaVipId>,
}

impl NetworkInterface {
    /// Creates an interface without addresses and with default settings.
    pub fn new(
        id: NetworkInterfaceId,
        vpc_id: VpcId,
        subnet_id: SubnetId,
        created_time: LocalTime,
    ) -> Self {
        Self {
            id,
            name: Str::default(),
            description: Str::const_new(""),
            vpc_id,
            subnet_id,
            mac_address: id.mac_address().into(),
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

    /// Returns the private IP `address`, if the interface has it.
    pub fn address(&self, address: Ipv4Addr) -> Option<&PrivateIp> {
        self.addresses.iter().find(|it| it.address == address)
    }

    pub(in crate::ecm) fn address_mut(&mut self, address: Ipv4Addr) -> Option<&mut PrivateIp> {
        self.addresses.iter_mut().find(|it| it.address == address)
    }

    /// Removes a private IP, which the interface must have.
    #[track_caller]
    pub(in crate::ecm) fn remove_address(&mut self, address: Ipv4Addr) -> PrivateIp {
        let index = self.addresses.iter().position(|it| it.address == address);
        self.addresses.remove(index.expect("the interface has the address"))
    }

    /// Returns the primary private IP.
    pub fn primary_address(&self) -> Option<&PrivateIp> {
        self.addresses.iter().find(|it| it.is_primary)
    }

    /// Returns the remainders of the pending changes of the interface and its addresses.
    pub fn left(&self) -> impl Iterator<Item = Remaining> {
        let of_addresses = self.addresses.iter().filter_map(|it| it.transit.map(|it| it.left));
        self.transit.map(|it| it.left).into_iter().chain(of_addresses)
    }
}

/// Attachment of an interface to an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub instance_id: InstanceId,
    /// Device index of the interface in the instance. The primary interface has index 0.
    pub device_index: u64,
    /// Account number of the instance's owner.
    pub instance_account_id: Str,
    /// Attachment time.
    pub attach_time: LocalTime,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InterfaceChange {
    /// The interface is being created.
    Pending,
    /// The interface is being attached.
    Attaching,
    /// The interface is being detached.
    Detaching,
    /// The interface is being deleted.
    Deleting,
}

impl InterfaceChange {
    /// Returns the state of an interface during the change.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Attaching => "ATTACHING",
            Self::Detaching => "DETACHING",
            Self::Deleting => "DELETING",
        }
    }
}

/// A private IP of an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivateIp {
    pub address: Ipv4Addr,
    /// Whether the address is primary and cannot be removed.
    pub is_primary: bool,
    pub description: Str,
    /// EIP that is bound to the address, if any.
    pub address_id: Option<AddressId>,
    /// General public IP, which is not an EIP.
    pub public_ip: Option<IpAddr>,
    /// Whether the public address is blocked.
    pub is_wan_ip_blocked: bool,
    /// Pending change, if any.
    pub transit: Option<PendingChange<IpChange>>,
}

impl PrivateIp {
    /// Returns whether the address has an EIP or a general public IP.
    pub const fn is_public(&self) -> bool {
        self.address_id.is_some() || self.public_ip.is_some()
    }

    /// Creates a private IP without a public IP.
    pub const fn new(address: Ipv4Addr, is_primary: bool) -> Self {
        Self {
            address,
            is_primary,
            description: Str::const_new(""),
            address_id: None,
            public_ip: None,
            is_wan_ip_blocked: false,
            transit: None,
        }
    }
}

/// Change of a private IP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IpChange {
    /// The address is being assigned.
    Pending,
    /// The address is being moved to this interface from another.
    Migrating,
    /// The address is being removed.
    Deleting,
}

impl IpChange {
    /// Returns the state of a private IP during the change.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Migrating => "MIGRATING",
            Self::Deleting => "DELETING",
        }
    }
}
