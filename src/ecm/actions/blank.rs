//! Texts that a client may leave blank.

use std::borrow::Cow;

use serde::{
    Deserialize, Deserializer,
    de::{IntoDeserializer, value::StrDeserializer},
};

use crate::ecm::Error;

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

impl<'de, T: Deserialize<'de>> Deserialize<'de> for MaybeBlank<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        if text.is_empty() {
            return Ok(Self(None));
        }
        let text: StrDeserializer<'_, D::Error> = text.as_ref().into_deserializer();
        T::deserialize(text).map(|it| Self(Some(it)))
    }
}
