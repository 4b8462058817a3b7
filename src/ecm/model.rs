//! What the product keeps.

use std::{collections::BTreeMap, fmt, net::Ipv4Addr, str::FromStr};

use chrono::{DateTime, FixedOffset, NaiveDateTime, Utc};
use ipnet::Ipv4Net;
use serde::{Serialize, Serializer};

use super::{
    ids::{HaVipId, InstanceId, NetworkInterfaceId, SubnetId, VpcId},
    pool::Pool,
};

/// Characters of a HAVIP's name at most.
pub const HA_VIP_NAME_CHARS_MAX: usize = 60;

/// A virtual private cloud.
#[derive(Debug, Clone)]
pub struct Vpc {
    /// Key.
    pub id: VpcId,
    /// Range that its subnets lie in.
    pub cidr: Ipv4Net,
    /// Its subnets by first address. Invariant: they do not overlap.
    pub(super) subnets: BTreeMap<Ipv4Addr, SubnetId>,
    /// How many HAVIPs it has.
    pub(super) ha_vip_count: usize,
}

/// A subnet.
#[derive(Debug, Clone)]
pub struct Subnet {
    /// Key.
    pub id: SubnetId,
    /// VPC that it lies in.
    pub vpc_id: VpcId,
    /// Its addresses.
    pub(super) pool: Pool,
}

/// An elastic network interface.
#[derive(Debug, Clone)]
pub struct NetworkInterface {
    /// Key.
    pub id: NetworkInterfaceId,
    /// VPC that it lies in.
    pub vpc_id: VpcId,
    /// Subnet that lends its addresses.
    pub subnet_id: SubnetId,
    /// Its private addresses, the primary one and the others.
    pub addresses: Vec<Ipv4Addr>,
}

/// A highly available virtual IP.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Instance of that interface.
    pub instance_id: Option<InstanceId>,
    /// Public address bound to it.
    pub address_ip: Option<Ipv4Addr>,
    /// When it was made.
    pub created_time: LocalTime,
    /// Which of the vendor's businesses uses it; nobody's for one that a user made.
    pub business: String,
}

impl HaVip {
    /// Whether an interface announces it.
    pub const fn state(&self) -> HaVipState {
        if self.network_interface_id.is_some() { HaVipState::Available } else { HaVipState::Unbind }
    }
}

/// Whether a HAVIP is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HaVipState {
    /// An interface announces it.
    Available,
    /// Nobody does.
    Unbind,
}

/// As the vendor's `HaVip` object: eleven fields, empty texts for what there is not.
impl Serialize for HaVip {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Wire<'a> {
            address_ip: String,
            created_time: LocalTime,
            ha_vip_id: HaVipId,
            ha_vip_name: &'a str,
            instance_id: String,
            network_interface_id: String,
            state: HaVipState,
            subnet_id: SubnetId,
            vip: Ipv4Addr,
            vpc_id: VpcId,
            business: &'a str,
        }
        Wire {
            address_ip: or_empty(self.address_ip),
            created_time: self.created_time,
            ha_vip_id: self.id,
            ha_vip_name: &self.name,
            instance_id: or_empty(self.instance_id),
            network_interface_id: or_empty(self.network_interface_id),
            state: self.state(),
            subnet_id: self.subnet_id,
            vip: self.vip,
            vpc_id: self.vpc_id,
            business: &self.business,
        }
        .serialize(serializer)
    }
}

fn or_empty(value: Option<impl fmt::Display>) -> String {
    value.map_or_else(String::new, |it| it.to_string())
}

/// A moment as the product writes it: `YYYY-MM-DD HH:MM:SS` at UTC+8.
///
/// Assumed: the vendor does not name the zone; its console is in Beijing time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalTime(pub DateTime<Utc>);

impl LocalTime {
    const FORMAT: &'static str = "%Y-%m-%d %H:%M:%S";
    const CHARS: usize = "2020-10-29 16:54:45".len();
    const ZONE: FixedOffset =
        FixedOffset::east_opt(8 * 3600).expect("eight hours are less than a day");
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.with_timezone(&Self::ZONE).format(Self::FORMAT))
    }
}

/// A text that is not a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a time at UTC+8 such as 2020-10-29 16:54:45")]
pub struct BadTime;

impl FromStr for LocalTime {
    type Err = BadTime;

    fn from_str(text: &str) -> Result<Self, BadTime> {
        let time = NaiveDateTime::parse_from_str(text, Self::FORMAT).map_err(|_| BadTime)?;
        let time = Self(time.and_local_timezone(Self::ZONE).single().ok_or(BadTime)?.to_utc());
        // The parser takes more than the format has: single digits, and years of six.
        let is_exact = text.len() == Self::CHARS && time.to_string() == text;
        if is_exact { Ok(time) } else { Err(BadTime) }
    }
}

impl Serialize for LocalTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
