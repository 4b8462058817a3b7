//! What the requests of several families have in common.

use std::{
    borrow::Cow,
    collections::BTreeSet,
    fmt::Display,
    net::{IpAddr, Ipv4Addr},
    str::FromStr,
};

use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::ecm::{
    Error,
    cidr::{self, BadAddress, BadCidr},
    model::{LocalTime, NAME_BYTES_MAX, Tag},
    query::{Order, Page},
    quote::Quoted,
    zones::{Region, Zone},
};

/// Tags of one resource at most.
const TAGS_MAX: usize = 50;
/// Characters of a tag's key at most.
const TAG_KEY_CHARS_MAX: usize = 127;
/// Characters of a tag's value at most.
const TAG_VALUE_CHARS_MAX: usize = 255;
/// Characters at most of a text for which the vendor states no limit.
const TEXT_CHARS_MAX: usize = 1000;

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
    text.parse().map_err(|reason| E::custom(format_args!("{} {reason}", Quoted(text))))
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

/// A region that a call names. One that is not known is not malformed: it has a code of its own.
#[derive(Debug)]
pub(super) struct EcmRegion(Result<Region, String>);

impl<'de> Deserialize<'de> for EcmRegion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        named(deserializer).map(Self)
    }
}

impl EcmRegion {
    /// The region.
    pub(super) fn known(self) -> Result<Region, Error> {
        self.0.map_err(Error::Region)
    }
}

/// The region that a call may name; none, or an empty one, for all of them.
#[derive(Debug)]
pub(super) struct AnyRegion(Option<EcmRegion>);

impl<'de> Deserialize<'de> for AnyRegion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        Ok(Self((!text.is_empty()).then(|| EcmRegion(known(&text)))))
    }
}

/// The region, if there is one.
pub(super) fn any_region(region: Option<AnyRegion>) -> Result<Option<Region>, Error> {
    region.and_then(|it| it.0).map(EcmRegion::known).transpose()
}

/// A zone that a call names. One that is not known is not malformed either.
#[derive(Debug)]
pub(super) struct EcmZone(Result<Zone, String>);

impl<'de> Deserialize<'de> for EcmZone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        named(deserializer).map(Self)
    }
}

impl EcmZone {
    /// The zone, which must be in a region.
    pub(super) fn known_in(self, region: Region) -> Result<Zone, Error> {
        let zone = self.0.map_err(Error::Zone)?;
        if zone.node().region == region {
            Ok(zone)
        } else {
            Err(Error::ZoneElsewhere { zone, region })
        }
    }
}

/// What a text names, or why it names nothing.
fn named<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(
    deserializer: D,
) -> Result<Result<T, String>, D::Error> {
    <Cow<'de, str>>::deserialize(deserializer).map(|text| known(&text))
}

fn known<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|reason| match text {
        "" => "is empty".to_owned(),
        _ => format!("{} {reason}", Quoted(text)),
    })
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

/// A text for which the vendor states no limit.
pub(super) fn text(parameter: &'static str, text: String) -> Result<String, Error> {
    short(parameter, text, TEXT_CHARS_MAX)
}

/// Fails if a list has more than `max` items.
pub(super) fn at_most(parameter: &'static str, count: usize, max: usize) -> Result<(), Error> {
    if count <= max { Ok(()) } else { Err(Error::TooMany { parameter, count, max }) }
}

/// Tags that a resource may have.
pub(super) fn tags(tags: Vec<Tag>) -> Result<Vec<Tag>, Error> {
    at_most("Tags", tags.len(), TAGS_MAX)?;
    let mut keys = BTreeSet::new();
    for Tag { key, value } in &tags {
        let refuse = |reason: String| Err(Error::Value { parameter: "Tags", reason });
        if key.is_empty() {
            return refuse("a tag has an empty key".to_owned());
        }
        if key.chars().count() > TAG_KEY_CHARS_MAX {
            return refuse(format!("a key has more than {TAG_KEY_CHARS_MAX} characters"));
        }
        if value.chars().count() > TAG_VALUE_CHARS_MAX {
            return refuse(format!("a value has more than {TAG_VALUE_CHARS_MAX} characters"));
        }
        if !keys.insert(key) {
            return refuse(format!("two tags have the key {}", Quoted(key)));
        }
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
            let reason = format!("{} is neither true nor false", Quoted(other));
            Err(Error::Value { parameter, reason })
        }
    }
}

/// The `Sort` that has the newest resource first, and so looks at every one.
pub(super) const SORT_BY_TIME: &str = "time";

/// The order that `Sort` asks for.
pub(super) fn order<V>(sort: Option<&str>, time: fn(&V) -> LocalTime) -> Result<Order<V>, Error> {
    match sort {
        None | Some("" | "default") => Ok(Order::Oldest),
        Some(SORT_BY_TIME) => Ok(Order::Newest(time)),
        Some(other) => {
            let reason = format!("{} is neither time nor default", Quoted(other));
            Err(Error::Value { parameter: "Sort", reason })
        }
    }
}

/// The page of a call whose `Offset` and `Limit` are numbers.
pub(super) fn page<T: Into<i128>>(offset: Option<T>, limit: Option<T>) -> Result<Page, Error> {
    Page::new(offset.map(Into::into), limit.map(Into::into))
}

/// An IPv6 range, as it is written.
#[derive(Debug, Clone)]
pub(super) struct Ipv6Cidr(pub(super) String);

/// A text that is not an IPv6 range.
#[derive(Debug, thiserror::Error)]
#[error("must be an IPv6 range such as 2409:8c30:141:12::/64")]
pub(super) struct BadIpv6Cidr;

impl FromStr for Ipv6Cidr {
    type Err = BadIpv6Cidr;

    fn from_str(text: &str) -> Result<Self, BadIpv6Cidr> {
        text.parse::<Ipv6Net>().map(|_| Self(text.to_owned())).map_err(|_| BadIpv6Cidr)
    }
}

/// The response of an action that returns no data.
#[derive(Debug, Serialize)]
pub(super) struct Empty {}
