//! VPCs: private networks, each in one region.

mod actions;
mod error;
mod model;
mod rules;
mod view;

pub(super) use actions::ACTIONS;
pub use model::Vpc;
