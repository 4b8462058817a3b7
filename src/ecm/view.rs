//! What the views of all families have in common.

use serde::Serialize;

/// State of what is not changing.
pub(in crate::ecm) const AVAILABLE: &str = "AVAILABLE";

/// What is there, or an empty text.
#[derive(Debug, Clone, Copy)]
pub struct OrEmpty<T>(pub Option<T>);

impl<T: Serialize> Serialize for OrEmpty<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Some(it) => it.serialize(serializer),
            None => serializer.serialize_str(""),
        }
    }
}
