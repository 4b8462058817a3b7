//! Tests over real sockets, in one binary.

mod ha_vip;
mod support;
