//! The version of Rust, which several files state.

use std::{fs, path::Path};

/// Returns the text between `before` and the next `"` or `-` in a file.
fn version_in(file: &str, before: &str) -> String {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("{file} has no `{before}`"));
    rest.split(['"', '-']).next().unwrap_or_default().to_owned()
}

#[test]
fn every_file_states_the_same_version_of_rust() {
    let version = env!("CARGO_PKG_RUST_VERSION");
    assert_eq!(version_in("Cargo.toml", "\nrust-version = \""), version);
    assert_eq!(version_in("xtask/Cargo.toml", "\nrust-version = \""), version);
    assert_eq!(version_in("Dockerfile", "FROM rust:"), version);
    assert_eq!(version_in("rust-toolchain.toml", "\nchannel = \""), format!("{version}.0"));
}

/// Clippy reads `rust-version` if clippy.toml has no `msrv`.
#[test]
fn clippy_reads_the_version_in_cargo_toml() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("clippy.toml");
    assert!(!fs::read_to_string(path).unwrap().contains("msrv"));
}
