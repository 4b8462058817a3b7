//! Edge Computing Machine (ECM), version 2019-07-19, without HTTP, locks, or clocks.

pub mod api;
pub mod cidr;
pub mod error;
pub mod families;
pub mod fields;
pub mod ids;
pub mod kinds;
pub mod model;
pub mod pool;
pub mod query;
pub mod recipes;
pub mod store;
pub mod table;
pub mod zones;

pub use api::codes;
pub use error::Error;
pub use families::CATALOG;
pub use store::Store;
