//! What the product keeps of each resource. How the wire shows it is [`view`](super::view)'s.

mod network;
mod passthrough;
mod public;
mod time;
mod transit;

pub use network::{
    Attachment, HaVip, InterfaceChange, IpChange, NetworkInterface, PrivateIp, Subnet, Vpc,
};
pub use passthrough::{Defaults, Passthrough};
pub use public::{Address, AddressChange, Instance, InstanceState, Target, Task};
pub use time::{BadTime, LocalTime, UtcTime};
pub use transit::{Left, Transit};

pub use super::api::objects::Tag;

/// Characters of a HAVIP's name at most.
pub const HA_VIP_NAME_CHARS_MAX: usize = 60;
/// Bytes of the name of a VPC, a subnet or a network interface at most.
pub const NAME_BYTES_MAX: usize = 60;
/// Characters of a network interface's description at most.
pub const DESCRIPTION_CHARS_MAX: usize = 60;
/// Characters of an EIP's name at most.
pub const ADDRESS_NAME_CHARS_MAX: usize = 20;
