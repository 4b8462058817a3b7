//! Tests of the command and of the public library.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that finds something else fails"
)]

mod architecture;
mod cli;
#[path = "../unit/support/json.rs"]
mod json;
mod library;
mod licenses;
mod recordings;
#[expect(dead_code, reason = "the command is called by v3 only")]
#[path = "../unit/signer.rs"]
mod signer;
mod toolchain;
