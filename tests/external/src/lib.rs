//! An empty library. The tests of this crate use ecmock.
