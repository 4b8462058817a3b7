//! The trace of a call, from its `traceparent` header.
//!
//! See <https://www.w3.org/TR/trace-context/>.

use std::{borrow::Cow, fmt, num::NonZeroU128, str::FromStr};

use serde::{Deserialize, Serialize, Serializer};

/// Number of digits of a trace ID.
const DIGITS: usize = 32;
/// Length of a `traceparent` header of version 00, and of the part that later versions have in common.
const PARENT_BYTES: usize = 55;

/// The ID of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Cow<'_, str>")]
pub struct TraceId(NonZeroU128);

/// A string that is not a trace ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be {DIGITS} digits of 0-9 and a-f, not all 0")]
pub struct InvalidTraceId;

impl TraceId {
    /// Reads a `traceparent` header: version, trace ID, ID of the parent, and flags. Returns `None` if it
    /// is invalid.
    pub fn of_parent(header: &str) -> Option<Self> {
        let (known, rest) = header.split_at_checked(PARENT_BYTES)?;
        let mut fields = known.split('-');
        let [version, trace, parent, flags] =
            [fields.next()?, fields.next()?, fields.next()?, fields.next()?];
        let is_valid = hex::<2>(version).is_some_and(|it| it != 0xff)
            && hex::<16>(parent).is_some_and(|it| it != 0)
            && hex::<2>(flags).is_some()
            // Only a later version can have more fields.
            && (rest.is_empty() || (version != "00" && rest.starts_with('-')));
        trace.parse().ok().filter(|_| is_valid)
    }

    /// Parses the trace ID of a caller.
    ///
    /// # Panics
    /// Panics if `text` is not a trace ID.
    #[track_caller]
    pub fn expected(text: &str) -> Self {
        text.parse().unwrap_or_else(|error| panic!("the trace `{text}` {error}"))
    }

    /// Writes the ID to a buffer.
    pub fn encode(self, buffer: &mut [u8; DIGITS]) -> &str {
        let bytes = self.0.get().to_be_bytes();
        base16ct::lower::encode_str(&bytes, buffer).unwrap_or_default() // The buffer is large enough.
    }
}

/// Parses a number of exactly `DIGITS` lowercase hexadecimal digits.
fn hex<const DIGITS: usize>(text: &str) -> Option<u128> {
    let is_digit = |it: u8| matches!(it, b'0'..=b'9' | b'a'..=b'f');
    if text.len() != DIGITS || !text.bytes().all(is_digit) {
        return None;
    }
    u128::from_str_radix(text, 16).ok()
}

impl FromStr for TraceId {
    type Err = InvalidTraceId;

    fn from_str(text: &str) -> Result<Self, InvalidTraceId> {
        hex::<DIGITS>(text).and_then(NonZeroU128::new).map(Self).ok_or(InvalidTraceId)
    }
}

impl TryFrom<Cow<'_, str>> for TraceId {
    type Error = InvalidTraceId;

    fn try_from(text: Cow<'_, str>) -> Result<Self, InvalidTraceId> {
        text.parse()
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.encode(&mut [0; DIGITS]))
    }
}

impl Serialize for TraceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.encode(&mut [0; DIGITS]))
    }
}
