//! Nothing: the tests of this crate use ecmock.
