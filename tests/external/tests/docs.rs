//! The Rust blocks of README.md and docs/, as `build.rs` collects them.

include!(concat!(env!("OUT_DIR"), "/docs.rs"));
