//! Tests over real sockets, in one binary.

mod support;
