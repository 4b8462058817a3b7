//! Zones, and the limits of instances.

mod actions;
mod limits;
mod view;

pub(super) use actions::*;
pub use limits::{NETWORK_LIMITS, NetworkLimits};
pub use view::{IspView, Position};
