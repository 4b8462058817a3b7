//! The product's actions, one file a family.

mod blank;
mod ha_vip;

use crate::{catalog, protocol::Catalog};

use super::{Store, codes};

/// Every action. A new one is a type in its family's file, and a line here.
pub static CATALOG: Catalog<Store> = catalog!(Store, "ecm", "2019-07-19", {
    ha_vip::CreateHaVip: codes::CREATE_HA_VIP,
});
