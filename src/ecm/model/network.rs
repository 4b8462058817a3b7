//! What has private addresses: VPCs, subnets, network interfaces and HAVIPs.

use std::net::{IpAddr, Ipv4Addr};

use imbl::{OrdMap, OrdSet};
use ipnet::Ipv4Net;

use crate::ecm::{
    api::objects,
    ids::{AddressId, HaVipId, InstanceId, NetworkInterfaceId, SecurityGroupId, SubnetId, VpcId},
    pool::Pool,
    zones::{Region, Zone},
};

use super::{Left, LocalTime, Passthrough, Tag, Transit};

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
    pub transit: Option<Transit<InterfaceChange>>,
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

    /// The primary private address.
    pub fn primary_address(&self) -> Option<&PrivateIp> {
        self.addresses.iter().find(|it| it.is_primary)
    }

    /// What is left of its changes, and of those of its addresses.
    pub fn left(&self) -> impl Iterator<Item = Left> {
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
    pub transit: Option<Transit<IpChange>>,
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
