//! HAVIPs: addresses of a subnet that move between instances.

mod actions;
mod error;
mod model;
mod rules;
mod view;

pub(super) use actions::ACTIONS;
pub use model::{HA_VIP_NAME_CHARS_MAX, HaVip};
