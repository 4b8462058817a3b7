//! Elastic network interfaces (ENIs) and their private IPs.

mod actions;
mod error;
mod model;
mod private_ip;
mod rules;
mod view;

pub(super) use actions::ACTIONS;
pub(in crate::ecm) use error::{NetworkInterfaceError, private_ip};
pub use model::{
    Attachment, DESCRIPTION_CHARS_MAX, InterfaceChange, IpChange, NetworkInterface, PrivateIp,
};
pub(in crate::ecm) use rules::{check_ip_settled, check_unchanged};
