//! What the requests of several families have in common.

use std::{
    borrow::Cow,
    fmt::Display,
    net::{IpAddr, Ipv4Addr},
    str::FromStr,
};

use ipnet::Ipv4Net;
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::ecm::{
    Error,
    cidr::{self, BadAddress, BadCidr},
    model::{NAME_BYTES_MAX, Tag},
    query::Page,
    zones::{Region, Zone},
};

/// Tags of one resource at most.
const TAGS_MAX: usize = 50;

/// A text that parses as a `T` unless it is empty.
///
/// Some actions have a code for an empty text that is not the one for a malformed text, and where
/// a text may be absent an empty one counts as none: SDKs send both.
#[derive(Debug, Clone, Copy)]
pub(super) struct MaybeBlank<T>(pub(super) Option<T>);

impl<T> MaybeBlank<T> {
    /// The value, which `parameter` must have.
    pub(super) fn required(self, parameter: &'static str) -> Result<T, Error> {
        self.0.ok_or(Error::Empty(parameter))
    }
}

/// The value of a text that may be absent or empty.
pub(super) fn given<T>(text: Option<MaybeBlank<T>>) -> Option<T> {
    text.and_then(|text| text.0)
}

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for MaybeBlank<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        if text.is_empty() { Ok(Self(None)) } else { parse(&text).map(|it| Self(Some(it))) }
    }
}

fn parse<T: FromStr<Err: Display>, E: de::Error>(text: &str) -> Result<T, E> {
    text.parse().map_err(|reason| E::custom(format_args!("{text:?} {reason}")))
}

/// A text that parses as a `T`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parsed<T>(pub(super) T);

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Parsed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        parse(&text).map(Self)
    }
}

/// A private address whose error says what it must be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Address(pub(super) Ipv4Addr);

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        cidr::parse_address(text).map(Self)
    }
}

/// The address of a DNS server.
#[derive(Debug, Clone, Copy)]
pub(super) struct DnsServer(pub(super) IpAddr);

/// A text that is not an address of any kind.
#[derive(Debug, thiserror::Error)]
#[error("must be an IP address such as 10.0.0.2")]
pub(super) struct BadServer;

impl FromStr for DnsServer {
    type Err = BadServer;

    fn from_str(text: &str) -> Result<Self, BadServer> {
        text.parse().map(Self).map_err(|_| BadServer)
    }
}

/// A range whose host bits are zero.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cidr(pub(super) Ipv4Net);

impl FromStr for Cidr {
    type Err = BadCidr;

    fn from_str(text: &str) -> Result<Self, BadCidr> {
        cidr::parse(text).map(Self)
    }
}

/// A region that a call names.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct EcmRegion(String);

impl EcmRegion {
    /// The region.
    pub(super) fn known(&self) -> Result<Region, Error> {
        self.0.parse().map_err(|bad| Error::Region(self.0.clone(), bad))
    }
}

/// The region that a call may name; none for all of them.
pub(super) fn any_region(region: Option<&EcmRegion>) -> Result<Option<Region>, Error> {
    region.filter(|it| !it.0.is_empty()).map(EcmRegion::known).transpose()
}

/// The zone that a call names, which must be in a region.
pub(super) fn zone_of(text: &str, region: Region) -> Result<Zone, Error> {
    let zone: Zone = text.parse().map_err(|bad| Error::Zone(text.to_owned(), bad))?;
    if zone.node().region == region { Ok(zone) } else { Err(Error::ZoneElsewhere { zone, region }) }
}

/// The name of a VPC, a subnet or an interface.
pub(super) fn name(parameter: &'static str, text: String) -> Result<String, Error> {
    match text.len() {
        0 => Err(Error::Empty(parameter)),
        1..=NAME_BYTES_MAX => Ok(text),
        length => Err(Error::TooLong { parameter, length, unit: "bytes", max: NAME_BYTES_MAX }),
    }
}

/// A text that has up to `max` characters.
pub(super) fn short(parameter: &'static str, text: String, max: usize) -> Result<String, Error> {
    let length = text.chars().count();
    if length <= max {
        Ok(text)
    } else {
        Err(Error::TooLong { parameter, length, unit: "characters", max })
    }
}

/// Fails if a list has more than `max` items.
pub(super) fn at_most(parameter: &'static str, count: usize, max: usize) -> Result<(), Error> {
    if count <= max {
        Ok(())
    } else {
        Err(Error::TooMany { parameter: parameter.to_owned(), count, max })
    }
}

/// Tags that a resource may have.
pub(super) fn tags(tags: Vec<Tag>) -> Result<Vec<Tag>, Error> {
    at_most("Tags", tags.len(), TAGS_MAX)?;
    if tags.iter().any(|tag| tag.key.is_empty()) {
        let reason = "a tag has an empty key".to_owned();
        return Err(Error::Value { parameter: "Tags", reason });
    }
    Ok(tags)
}

/// A truth value that the API has as a text; none if it is empty.
pub(super) fn flag(parameter: &'static str, text: Option<&str>) -> Result<Option<bool>, Error> {
    match text.map(str::to_ascii_lowercase).as_deref() {
        None | Some("") => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(other) => {
            let reason = format!("{other:?} is neither true nor false");
            Err(Error::Value { parameter, reason })
        }
    }
}

/// Whether `Sort` asks for the newest first.
pub(super) fn newest_first(sort: Option<&str>) -> Result<bool, Error> {
    match sort {
        None | Some("" | "default") => Ok(false),
        Some("time") => Ok(true),
        Some(other) => {
            let reason = format!("{other:?} is neither time nor default");
            Err(Error::Value { parameter: "Sort", reason })
        }
    }
}

/// The page of a call whose `Offset` and `Limit` are numbers.
pub(super) fn page<T: Into<i128>>(offset: Option<T>, limit: Option<T>) -> Result<Page, Error> {
    Page::new(offset.map(Into::into), limit.map(Into::into))
}

/// The response of an action that only does something.
#[derive(Debug, Serialize)]
pub(super) struct Done {}
