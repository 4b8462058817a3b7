//! Families of resources and actions, one folder each.

pub mod address;
pub mod config;
pub mod ha_vip;
pub mod instance;
pub mod network_interface;
mod parts;
pub mod subnet;
pub mod vpc;

use crate::protocol::Catalog;

use super::{Store, api::actions::ACTIONS};

/// State of a resource without a pending change.
const AVAILABLE: &str = "AVAILABLE";

/// All actions of the product, and the emulated actions of each family.
pub static CATALOG: Catalog<Store> = Catalog::new(
    "ecm",
    "2019-07-19",
    // Assumed (api.chinese-site): members that only the Chinese site has exist.
    &ACTIONS,
    // Assumed (api.check-order): every action checks regions and zones, then values, then
    // resources, then states and quotas.
    &[
        ha_vip::ACTIONS,
        vpc::ACTIONS,
        subnet::ACTIONS,
        network_interface::ACTIONS,
        address::ACTIONS,
        instance::ACTIONS,
        config::ACTIONS,
    ],
);

/// Recipe files of the families.
pub(super) const RECIPES: &[&str] = &[
    include_str!("ha_vip/recipes.json"),
    include_str!("vpc/recipes.json"),
    include_str!("subnet/recipes.json"),
    include_str!("network_interface/recipes.json"),
    include_str!("address/recipes.json"),
    include_str!("instance/recipes.json"),
    include_str!("config/recipes.json"),
];
