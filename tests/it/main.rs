//! Tests over real sockets, in one binary.

mod ha_vip;
mod support;
mod architecture;
mod auth;
mod gateway;
mod model;
mod readme;
mod signer;
mod table;
