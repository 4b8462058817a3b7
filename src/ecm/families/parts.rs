//! Checks of parameters that several families share.

use std::collections::BTreeSet;

use crate::{
    ecm::{
        Error,
        fields::{Named, Str},
        model::{LocalTime, NAME_BYTES_MAX, Tag},
        query::{Order, Page, SORT_BY_TIME},
        zones::{Region, Zone},
    },
    protocol::{spelling, text::BacktickedValue},
};

const TAGS_MAX: usize = 50;
const TAG_KEY_CHARS_MAX: usize = 127;
const TAG_VALUE_CHARS_MAX: usize = 255;
/// Maximum length of a string without a documented limit, in characters.
const TEXT_CHARS_MAX: usize = 1000;

/// Returns the region of a call.
pub(super) fn region(named: Named<Region>) -> Result<Region, Error> {
    named.known(Error::Region)
}

/// Returns the optional region of a call. `None` means all regions.
pub(super) fn any_region(named: Option<Named<Region>>) -> Result<Option<Region>, Error> {
    named.map(region).transpose()
}

/// Returns the zone of a call, which must be in `region`.
pub(super) fn zone_in(region: Region, named: Named<Zone>) -> Result<Zone, Error> {
    let zone = named.known(Error::Zone)?;
    if zone.node().region == region { Ok(zone) } else { Err(Error::ZoneElsewhere { zone, region }) }
}

/// Checks the name of a VPC, subnet, or network interface.
pub(super) fn name(parameter: &'static str, text: Str) -> Result<Str, Error> {
    match text.len() {
        0 => Err(Error::Empty(parameter)),
        1..=NAME_BYTES_MAX => Ok(text),
        length => Err(Error::TooLong { parameter, length, unit: "bytes", max: NAME_BYTES_MAX }),
    }
}

/// Checks that a string has at most `max` characters.
pub(super) fn short(parameter: &'static str, text: Str, max: usize) -> Result<Str, Error> {
    let length = text.chars().count();
    if length <= max {
        Ok(text)
    } else {
        Err(Error::TooLong { parameter, length, unit: "characters", max })
    }
}

/// Checks a string without a documented limit.
pub(super) fn text(parameter: &'static str, text: Str) -> Result<Str, Error> {
    short(parameter, text, TEXT_CHARS_MAX)
}

/// Fails if a list has more than `max` items.
pub(super) fn at_most(parameter: &'static str, count: usize, max: usize) -> Result<(), Error> {
    if count <= max { Ok(()) } else { Err(Error::TooMany { parameter, count, max }) }
}

/// Checks the tags of a resource.
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
            return refuse(format!("two tags have the key {}", BacktickedValue(key)));
        }
    }
    Ok(tags)
}

/// Parses a boolean that the API passes as a string. Returns `None` if it is empty.
pub(super) fn flag(parameter: &'static str, text: Option<&str>) -> Result<Option<bool>, Error> {
    let Some(text) = text.filter(|it| !it.is_empty()) else { return Ok(None) };
    let value = spelling::boolean_word(text).ok_or_else(|| {
        let other = text.to_ascii_lowercase();
        let reason = format!("{} is neither true nor false", BacktickedValue(&other));
        Error::Value { parameter, reason }
    });
    value.map(Some)
}

/// Returns the order for `Sort`.
pub(super) fn order<V>(sort: Option<&str>, time: fn(&V) -> LocalTime) -> Result<Order<V>, Error> {
    match sort {
        None | Some("" | "default") => Ok(Order::Oldest),
        Some(SORT_BY_TIME) => Ok(Order::Newest(time)),
        Some(other) => {
            let reason = format!("{} is neither time nor default", BacktickedValue(other));
            Err(Error::Value { parameter: "Sort", reason })
        }
    }
}

/// Returns the page for a numeric `Offset` and `Limit`.
pub(super) fn page<T: Into<i128>>(offset: Option<T>, limit: Option<T>) -> Result<Page, Error> {
    Page::new(offset.map(Into::into), limit.map(Into::into))
}
