//! What the product keeps of each resource. How the wire shows it is [`view`](super::view)'s.

mod kept;
mod network;
mod public;
mod time;
mod transit;

pub use kept::{Blank, Field, Kept, Kind};
pub use network::{
    Attachment, HaVip, InterfaceChange, IpChange, NetworkInterface, PrivateIp, Subnet, Vpc,
};
pub use public::{Address, AddressChange, Instance, InstanceState, Target, Task};
pub use time::{BadTime, LocalTime, UtcTime};
pub use transit::{Left, Transit};

use serde::{Deserialize, Serialize};

/// Characters of a HAVIP's name at most.
pub const HA_VIP_NAME_CHARS_MAX: usize = 60;
/// Bytes of the name of a VPC, a subnet or a network interface at most.
pub const NAME_BYTES_MAX: usize = 60;
/// Characters of a network interface's description at most.
pub const DESCRIPTION_CHARS_MAX: usize = 60;
/// Characters of an EIP's name at most.
pub const ADDRESS_NAME_CHARS_MAX: usize = 20;

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Tag {
    /// What it is about.
    pub key: String,
    /// What it says.
    pub value: String,
}
