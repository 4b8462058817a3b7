//! The product's actions, one file a family.

mod address;
mod ha_vip;
mod instance;
mod network_interface;
mod node;
mod parts;
mod private_ip;
mod subnet;
mod task;
mod vpc;

use crate::protocol::Catalog;

use super::{Store, api::actions::ACTIONS};

/// Every action of the product, and those of each family that are emulated.
pub static CATALOG: Catalog<Store> = Catalog {
    service: "ecm",
    version: "2019-07-19",
    models: &ACTIONS,
    families: &[
        ha_vip::ACTIONS,
        vpc::ACTIONS,
        subnet::ACTIONS,
        network_interface::ACTIONS,
        private_ip::ACTIONS,
        address::ACTIONS,
        task::ACTIONS,
        instance::ACTIONS,
        node::ACTIONS,
    ],
};
