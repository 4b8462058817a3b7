//! Types that the resources of several families have in common.

mod passthrough;
mod time;
mod transit;

pub use passthrough::{Defaults, Passthrough};
pub use time::{BadTime, LocalTime, UtcTime};
pub use transit::{PendingChange, Remaining};

pub use super::api::objects::Tag;

/// Bytes of the name of a VPC, a subnet or a network interface at most.
pub const NAME_BYTES_MAX: usize = 60;
