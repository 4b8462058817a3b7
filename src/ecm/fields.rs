//! Types of the members of requests and objects. `xtask/model/types.txt` assigns them to members.

use std::{
    fmt::Display,
    net::{IpAddr, Ipv4Addr},
    str::FromStr,
};

use chrono::NaiveDate;
use compact_str::CompactString;
use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::protocol::decode::{Decode, Input, deserialize_text};

use super::{
    Error,
    cidr::{self, BadAddress, BadCidr},
    model::BadTime,
};

pub use super::{
    families::instance::InstanceState,
    ids::{
        AddressId, HaVipId, InstanceId, NetworkInterfaceId, SecurityGroupId, SubnetId, TaskId,
        VpcId,
    },
    model::{LocalTime, UtcTime},
    zones::{Isp as Provider, Region, Zone},
};

/// A string, which is not allocated if it is short.
pub type Str = CompactString;

/// Converts a count to an integer of the API. A count never exceeds the range of these integers.
pub fn count<T, N: TryFrom<T, Error: std::fmt::Debug>>(number: T) -> N {
    number.try_into().expect("the number fits")
}

/// An optional value that serializes to an empty string if absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blank<T>(pub Option<T>);

impl<T> Default for Blank<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> From<T> for Blank<T> {
    fn from(value: T) -> Self {
        Self(Some(value))
    }
}

impl<T> From<Option<T>> for Blank<T> {
    fn from(value: Option<T>) -> Self {
        Self(value)
    }
}

impl<T: Serialize> Serialize for Blank<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Some(it) => it.serialize(serializer),
            None => serializer.serialize_str(""),
        }
    }
}

impl<T: Decode> Decode for Blank<T> {
    fn decode(input: Input<'_>) -> Option<Self> {
        Option::decode(input).map(Self)
    }

    fn absent() -> Option<Self> {
        Some(Self(None))
    }
}

/// The name of a region or a zone. Unknown names have an error of their own: they are not
/// malformed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named<T>(Result<T, String>);

impl<T> Named<T> {
    /// Returns the value.
    ///
    /// # Errors
    /// Fails with `unknown`, applied to the reason, if the name is unknown.
    pub fn known(self, unknown: fn(String) -> Error) -> Result<T, Error> {
        self.0.map_err(unknown)
    }
}

impl<T: FromStr<Err: Display>> Decode for Named<T> {
    const IS_PARSED: bool = true;

    fn decode(input: Input<'_>) -> Option<Self> {
        let text = input.text()?;
        let reason = |unknown: T::Err| match text {
            "" => "is empty".to_owned(),
            _ => unknown.to_string(),
        };
        Some(Self(text.parse().map_err(reason)))
    }
}

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Named<T> {
    /// Fails if the name is unknown.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer).map(|it| Self(Ok(it)))
    }
}

/// Implements [`Deserialize`] for types that are parsed from a string.
macro_rules! deserialized {
    ($($type:ty),*) => {$(
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserialize_text(deserializer)
            }
        }
    )*};
}

deserialized!(TaskId, Provider, PrivateAddress, DnsServer, Cidr, Ipv6Cidr);

/// A type that is parsed from a string.
macro_rules! parsed {
    ($parse:ident: $($type:ty),*) => {$(
        impl Decode for $type {
            const IS_PARSED: bool = true;

            fn decode(input: Input<'_>) -> Option<Self> {
                input.$parse()
            }
        }
    )*};
}

parsed!(
    parse: AddressId,
    HaVipId,
    InstanceId,
    NetworkInterfaceId,
    SecurityGroupId,
    SubnetId,
    TaskId,
    VpcId
);
parsed!(parse: InstanceState, LocalTime, UtcTime, Provider);
parsed!(parse_name: Region, Zone);
parsed!(parse: Day, PrivateAddress, PublicAddress, DnsServer, Cidr, Ipv6Cidr);

/// A private address in a subnet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PrivateAddress(pub Ipv4Addr);

impl FromStr for PrivateAddress {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        cidr::parse_address(text).map(Self)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PublicAddress(pub IpAddr);

/// A string that is not a public address.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("must be an IP address such as 203.0.113.2")]
pub struct BadPublicAddress;

impl FromStr for PublicAddress {
    type Err = BadPublicAddress;

    fn from_str(text: &str) -> Result<Self, BadPublicAddress> {
        text.parse().map(Self).map_err(|_| BadPublicAddress)
    }
}

/// The address of a DNS server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DnsServer(pub IpAddr);

/// A string that is not the address of a DNS server.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("must be an IP address such as 10.0.0.2")]
pub struct BadDnsServer;

impl FromStr for DnsServer {
    type Err = BadDnsServer;

    fn from_str(text: &str) -> Result<Self, BadDnsServer> {
        text.parse().map(Self).map_err(|_| BadDnsServer)
    }
}

/// A range whose host bits are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Cidr(pub Ipv4Net);

impl FromStr for Cidr {
    type Err = BadCidr;

    fn from_str(text: &str) -> Result<Self, BadCidr> {
        cidr::parse(text).map(Self)
    }
}

/// A day in UTC+8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Day(pub NaiveDate);

impl FromStr for Day {
    type Err = BadTime;

    fn from_str(text: &str) -> Result<Self, BadTime> {
        LocalTime::parse_day(text).map(Self)
    }
}

/// An IPv6 range, as a string.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ipv6Cidr(pub String);

/// A string that is not an IPv6 range.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("must be an IPv6 range such as 2409:8c30:141:12::/64")]
pub struct BadIpv6Cidr;

impl FromStr for Ipv6Cidr {
    type Err = BadIpv6Cidr;

    fn from_str(text: &str) -> Result<Self, BadIpv6Cidr> {
        text.parse::<Ipv6Net>().map(|_| Self(text.to_owned())).map_err(|_| BadIpv6Cidr)
    }
}
