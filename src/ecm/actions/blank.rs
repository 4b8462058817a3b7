//! Texts that a client may leave blank.

use std::{borrow::Cow, fmt::Display, net::Ipv4Addr, str::FromStr};

use serde::{Deserialize, Deserializer, de};

use crate::ecm::{
    Error,
    cidr::{BadAddress, parse_address},
};

/// A text that parses as a `T` unless it is empty.
///
/// Some actions have a code for an empty text that is not the one for a malformed text.
#[derive(Debug, Clone, Copy)]
pub(super) struct MaybeBlank<T>(pub(super) Option<T>);

impl<T> MaybeBlank<T> {
    /// The value, which `parameter` must have.
    pub(super) fn required(self, parameter: &'static str) -> Result<T, Error> {
        self.0.ok_or(Error::Empty(parameter))
    }
}

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for MaybeBlank<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        if text.is_empty() {
            return Ok(Self(None));
        }
        let malformed = |reason| de::Error::custom(format_args!("{text:?} {reason}"));
        text.parse().map(|it| Self(Some(it))).map_err(malformed)
    }
}

/// An address whose error says what it must be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Address(pub(super) Ipv4Addr);

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        parse_address(text).map(Self)
    }
}
