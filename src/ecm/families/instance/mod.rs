//! Instances, which only fixtures create.

mod actions;
mod error;
mod model;
mod rules;
mod view;

pub(super) use actions::ACTIONS;
pub use model::{Instance, InstanceState};
