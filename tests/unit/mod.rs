//! Tests that need the crate's own items. They are compiled into it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that finds something else fails"
)]

mod actions;
mod admin;
mod auth;
mod blocking;
mod cloud;
mod describe;
mod explain;
mod failover;
mod fixtures;
mod gateway;
mod ha_vip;
mod library;
mod limits;
mod long_texts;
mod machine;
mod order;
mod pool;
mod random;
mod readme;
mod recipes;
mod settle;
mod shapes;
mod signer;
mod spellings;
mod support;
mod table;
mod texts;
mod tls;
mod untyped_forms;
mod variants;
