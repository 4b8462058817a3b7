//! Zones, limits of instances, and other configuration.

mod actions;
mod limits;
mod view;

pub(super) use actions::ACTIONS;
pub use limits::{NETWORK_LIMITS, NetworkLimits};
pub(in crate::ecm) use view::position;
