//! Tests over real sockets, in one binary.

mod ha_vip;
mod support;
mod auth;
mod gateway;
mod signer;
