//! Elastic IPs (EIPs): public addresses, and the tasks that change them.

mod actions;
mod error;
mod model;
mod rules;
mod task;
mod view;

pub(super) use actions::ACTIONS;
pub use model::{ADDRESS_NAME_CHARS_MAX, Address, AddressChange, Applications, Target, Task};
pub(in crate::ecm) use rules::PUBLIC;
pub use rules::{AddressStatus, PUBLIC_IPS_A_DAY_MAX, TASKS_MAX};
