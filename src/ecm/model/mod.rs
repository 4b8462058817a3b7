//! Types that the resources of several families have in common.

mod kept;
mod time;
mod transit;

pub use kept::{Blank, Field, Kept, Kind};
pub use time::{BadTime, LocalTime, UtcTime};
pub use transit::{Left, Transit};

use serde::{Deserialize, Serialize};

/// Bytes of the name of a VPC, a subnet or a network interface at most.
pub const NAME_BYTES_MAX: usize = 60;

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Tag {
    /// What it is about.
    pub key: String,
    /// What it says.
    pub value: String,
}
