//! Why the product refuses a call, in the product's own terms.

mod wire;

use std::{fmt, net::Ipv4Addr};

use ipnet::Ipv4Net;

use super::{
    ids::{AddressId, HaVipId, InstanceId, NetworkInterfaceId, SubnetId, TaskId, VpcId},
    pool::PoolError,
    zones::{Region, Zone},
};

/// Something that a call names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// A VPC.
    Vpc(VpcId),
    /// A subnet.
    Subnet(SubnetId),
    /// A HAVIP.
    HaVip(HaVipId),
    /// A network interface.
    NetworkInterface(NetworkInterfaceId),
    /// A private address of an interface.
    PrivateIp(Ipv4Addr),
    /// An EIP.
    Address(AddressId),
    /// An instance.
    Instance(InstanceId),
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vpc(id) => write!(f, "VPC `{id}`"),
            Self::Subnet(id) => write!(f, "subnet `{id}`"),
            Self::HaVip(id) => write!(f, "HAVIP `{id}`"),
            Self::NetworkInterface(id) => write!(f, "network interface `{id}`"),
            Self::PrivateIp(address) => write!(f, "private IP {address}"),
            Self::Address(id) => write!(f, "EIP `{id}`"),
            Self::Instance(id) => write!(f, "instance `{id}`"),
        }
    }
}

/// A refused call. A variant carries the facts; [`Error::codes`] alone knows the wire codes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A parameter of the right type does not parse.
    #[error("{parameter}: {reason}")]
    Malformed {
        /// Dotted path.
        parameter: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A parameter has a value that cannot be used.
    #[error("{parameter}: {reason}")]
    Value {
        /// Its wire name.
        parameter: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A required text or list is empty.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// A text is longer than allowed.
    #[error("{parameter} has {length} {unit}; at most {max} are allowed")]
    TooLong {
        /// Its wire name.
        parameter: &'static str,
        /// Its length.
        length: usize,
        /// What is counted.
        unit: &'static str,
        /// The limit.
        max: usize,
    },
    /// A list has more items than allowed.
    #[error("{parameter} has {count} items; at most {max} are allowed")]
    TooMany {
        /// Its wire name.
        parameter: &'static str,
        /// How many there are.
        count: usize,
        /// The limit.
        max: usize,
    },
    /// There are more filters, or more values of one, than allowed.
    #[error("{path} has {count} items; at most {max} are allowed")]
    TooManyFilters {
        /// Dotted path.
        path: String,
        /// How many there are.
        count: usize,
        /// The limit.
        max: usize,
    },
    /// An interface would have more private addresses than any may.
    #[error("{asked} private IPs are asked for; a network interface has at most {max}")]
    PrivateIps {
        /// How many there would be.
        asked: usize,
        /// The limit.
        max: usize,
    },
    /// Two parameters that exclude each other.
    #[error("{0} and {1} exclude each other")]
    Coexist(&'static str, &'static str),
    /// Two things to bind an EIP to.
    #[error("InstanceId and NetworkInterfaceId exclude each other")]
    TwoTargets,
    /// None of the parameters is there of which one must be.
    #[error("{0}")]
    MissingEntity(&'static str),
    /// An interface is named without its private address.
    #[error("NetworkInterfaceId needs PrivateIpAddress")]
    MissingPrivateIp,
    /// No such region.
    #[error("EcmRegion: {0}")]
    Region(String),
    /// No such zone.
    #[error("Zone: {0}")]
    Zone(String),
    /// The zone is in another region.
    #[error("zone `{zone}` is not in region `{region}`")]
    ZoneElsewhere {
        /// Zone asked for.
        zone: Zone,
        /// Region asked for.
        region: Region,
    },
    /// The zone has no default subnet.
    #[error("zone `{0}` has no default subnet")]
    NoDefaultSubnet(Zone),
    /// A filter that cannot be used.
    #[error("{path}: {reason}")]
    Filter {
        /// Dotted path.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A page that cannot be had.
    #[error("{parameter} is {value}; {rule}")]
    Page {
        /// Its wire name.
        parameter: &'static str,
        /// Its value.
        value: String,
        /// What it must be.
        rule: &'static str,
        /// Whether it is more than there may be.
        is_too_large: bool,
    },
    /// A field that nothing is sorted by.
    #[error("OrderByField: {0} is not timestamp")]
    OrderBy(String),
    /// No such thing.
    #[error("{0}")]
    NotFound(Resource),
    /// The thing is in another region.
    #[error("{resource} is not in region `{region}`")]
    Elsewhere {
        /// Thing asked for.
        resource: Resource,
        /// Region asked for.
        region: Region,
    },
    /// The VPC in which something would be made is in another region.
    #[error("{resource} is not in region `{region}`")]
    VpcElsewhere {
        /// The VPC.
        resource: Resource,
        /// Region asked for.
        region: Region,
    },
    /// The subnet is in another zone.
    #[error("subnet `{subnet}` is not in zone `{zone}`")]
    SubnetElsewhere {
        /// Subnet asked for.
        subnet: SubnetId,
        /// Zone asked for.
        zone: Zone,
    },
    /// The subnet is another VPC's.
    #[error("subnet `{subnet}` is not in VPC `{vpc}`")]
    SubnetNotInVpc {
        /// Subnet asked for.
        subnet: SubnetId,
        /// VPC asked for.
        vpc: VpcId,
    },
    /// The address is not the interface's.
    #[error("{address} is not on network interface `{interface}`")]
    NotOnInterface {
        /// Address asked for.
        address: Ipv4Addr,
        /// Interface asked for.
        interface: NetworkInterfaceId,
    },
    /// No such task.
    #[error("there is no task `{0}`")]
    TaskNotFound(TaskId),
    /// The things are in different VPCs.
    #[error("{one} and {other} are not in the same VPC")]
    VpcMismatch {
        /// One of them.
        one: Resource,
        /// The other.
        other: Resource,
    },
    /// The subnet is not inside its VPC.
    #[error("{net} is not inside {vpc}, the range of its VPC")]
    SubnetOutside {
        /// The subnet's range.
        net: Ipv4Net,
        /// The VPC's range.
        vpc: Ipv4Net,
    },
    /// Another subnet has some of the addresses.
    #[error("{net} overlaps {other}, the range of `{sibling}`")]
    SubnetOverlap {
        /// The subnet's range.
        net: Ipv4Net,
        /// The other subnet.
        sibling: SubnetId,
        /// The other subnet's range.
        other: Ipv4Net,
    },
    /// The subnet's mask is too long or too short.
    #[error("{net} {bad}")]
    SubnetMask {
        /// The subnet's range.
        net: Ipv4Net,
        /// What is wrong with it.
        bad: super::cidr::BadCidr,
    },
    /// A quota is used up.
    #[error("{of} has {}{}; its quota is {quota}", what.counted(*count), asked(*more))]
    Quota {
        /// What the quota is of, such as a VPC.
        of: Holder,
        /// How many it has.
        count: usize,
        /// How many more it would have.
        more: usize,
        /// Of what.
        what: Counted,
        /// The quota.
        quota: usize,
    },
    /// The address cannot be had.
    #[error("subnet `{subnet}`: {reason}")]
    Address {
        /// Subnet that was asked for it.
        subnet: SubnetId,
        /// Why not.
        reason: PoolError,
    },
    /// No public address is left.
    #[error("no public address is left")]
    PublicExhausted,
    /// Something is in the way of the change.
    #[error("{resource} {reason}")]
    InUse {
        /// What would change.
        resource: Resource,
        /// What is in the way.
        reason: String,
    },
    /// The thing is in a state in which it cannot be changed so.
    #[error("{resource} is {state}")]
    State {
        /// What would change.
        resource: Resource,
        /// Its state.
        state: &'static str,
    },
    /// The vendor has blocked the EIP, so that it stays bound.
    #[error("EIP `{0}` is blocked")]
    Blocked(AddressId),
    /// The interface has an instance already.
    #[error("network interface `{interface}` is attached to instance `{instance}`")]
    Attached {
        /// The interface.
        interface: NetworkInterfaceId,
        /// Its instance.
        instance: InstanceId,
    },
    /// The interface is not attached to the instance.
    #[error("network interface `{interface}` is not attached to instance `{instance}`")]
    NotAttached {
        /// The interface.
        interface: NetworkInterfaceId,
        /// Instance asked for.
        instance: InstanceId,
    },
    /// What is primary cannot be parted with.
    #[error("{0} is the primary one, which stays where it is")]
    Primary(Resource),
    /// What the vendor made cannot be deleted.
    #[error("{0} was made by the vendor, and stays")]
    MadeByVendor(Resource),
    /// The private address or the HAVIP has an EIP already.
    #[error("{holder} has EIP `{address}`")]
    HasAddress {
        /// What the EIP would be bound to.
        holder: Resource,
        /// EIP that is bound to it.
        address: AddressId,
    },
    /// The private address has a general public address.
    #[error("{0} has a public IP")]
    HasPublicIp(Resource),
    /// The instance has no interface to bind an EIP to.
    #[error("instance `{0}` has no primary network interface")]
    NoPrimaryInterface(InstanceId),
    /// The bandwidth is too small or too large.
    #[error("InternetMaxBandwidthOut is {0}; it must be 1 to 5000")]
    Bandwidth(u64),
    /// Several EIPs cannot be bound to one thing.
    #[error("AddressCount is {0}; with something to bind it to it must be 1")]
    AddressCount(u64),
    /// The address is where it would move to.
    #[error("{address} is on network interface `{interface}` already")]
    AlreadyThere {
        /// The address.
        address: Ipv4Addr,
        /// Its interface.
        interface: NetworkInterfaceId,
    },
    /// The interfaces are in different subnets.
    #[error("network interfaces `{0}` and `{1}` are not in the same subnet")]
    SubnetMismatch(NetworkInterfaceId, NetworkInterfaceId),
    /// The interface cannot announce the HAVIP.
    #[error("network interface `{interface}` cannot announce HAVIP `{ha_vip}`: {reason}")]
    Announcement {
        /// The interface.
        interface: NetworkInterfaceId,
        /// The HAVIP.
        ha_vip: HaVipId,
        /// Why not.
        reason: &'static str,
    },
}

/// What a quota belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A resource.
    Of(Resource),
    /// A region.
    Region(Region),
    /// The account itself.
    Account,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Of(resource) => resource.fmt(f),
            Self::Region(region) => write!(f, "region `{region}`"),
            Self::Account => f.write_str("the account"),
        }
    }
}

/// What a quota counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// VPCs of a region.
    Vpcs,
    /// Subnets of a VPC.
    Subnets,
    /// HAVIPs of a VPC.
    HaVips,
    /// Network interfaces of a VPC or of an instance.
    NetworkInterfaces,
    /// Private addresses of an interface.
    PrivateIps,
    /// Public addresses of an instance, EIPs or not.
    PublicIps,
    /// EIPs of a region.
    Addresses,
    /// EIPs that were applied for today.
    AddressesToday,
    /// General public addresses that were given today.
    PublicIpsToday,
}

impl Counted {
    /// Such as `1 VPC` or `2 EIPs that were applied for today`.
    fn counted(self, count: usize) -> String {
        let (noun, which) = match self {
            Self::Vpcs => ("VPC", ""),
            Self::Subnets => ("subnet", ""),
            Self::HaVips => ("HAVIP", ""),
            Self::NetworkInterfaces => ("network interface", ""),
            Self::PrivateIps => ("private IP", ""),
            Self::PublicIps => ("public IP", ""),
            Self::Addresses => ("EIP", ""),
            Self::AddressesToday => ("EIP", " of today's applications"),
            Self::PublicIpsToday => ("public IP", " given today"),
        };
        format!("{}{which}", counted(count, noun))
    }
}

/// A number of things, such as `1 VPC` or `2 addresses`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    let ending = match count {
        1 => "",
        _ if noun.ends_with('s') => "es",
        _ => "s",
    };
    format!("{count} {noun}{ending}")
}

/// That more than one is asked for.
fn asked(more: usize) -> String {
    if more > 1 { format!(", and {more} more are asked for") } else { String::new() }
}
