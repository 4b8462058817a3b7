//! Subnets: ranges of a VPC, each in one zone.

mod actions;
mod error;
mod model;
mod rules;
mod view;

pub(super) use actions::ACTIONS;
pub use model::Subnet;
