//! Edge Computing Machine, version 2019-07-19: the product, and nothing of HTTP, locks or clocks.

pub mod actions;
pub mod api;
pub mod cidr;
pub mod error;
pub mod fields;
pub mod ids;
pub mod ledger;
pub mod limits;
pub mod model;
pub mod pool;
pub mod query;
pub mod quote;
pub mod store;
pub mod table;
pub mod view;
pub mod zones;

pub use actions::CATALOG;
pub use api::codes;
pub use error::Error;
pub use store::Store;
