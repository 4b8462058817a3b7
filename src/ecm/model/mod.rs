//! Types that several families share.

mod passthrough;
mod time;
mod transit;

pub use passthrough::{Defaults, Passthrough};
pub use time::{BadTime, LocalTime, UtcTime};
pub use transit::{PendingChange, Remaining};

pub use super::api::objects::Tag;

/// Maximum length in bytes of the name of a VPC, subnet, or network interface.
pub const NAME_BYTES_MAX: usize = 60;
