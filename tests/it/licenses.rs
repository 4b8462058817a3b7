//! `THIRD-PARTY-LICENSES.md` lists exactly the crates of the binary.

use std::{collections::BTreeSet, path::Path, process::Command};

use serde_json::Value;

const FILE: &str = include_str!("../../THIRD-PARTY-LICENSES.md");
const LOCK: &str = include_str!("../../Cargo.lock");

/// Runs a program in the repository, and returns its output.
fn output(program: impl AsRef<std::ffi::OsStr>, args: &[&str]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(program).args(args).current_dir(root).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Returns `name version` of each crate that is linked into the binary on this platform.
fn linked() -> BTreeSet<String> {
    let host = output("rustc", &["--print", "host-tuple"]);
    // The crates of this platform are available: the test was compiled with them.
    let args = ["metadata", "--format-version=1", "--locked", "--offline", "--filter-platform"];
    let metadata = output(env!("CARGO"), &[&args[..], &[host.trim()]].concat());
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let mut rest = vec![metadata["resolve"]["root"].clone()];
    let mut ids: Vec<Value> = Vec::new();
    while let Some(id) = rest.pop() {
        let node = nodes.iter().find(|it| it["id"] == id).unwrap();
        for dependency in node["deps"].as_array().unwrap() {
            let mut kinds = dependency["dep_kinds"].as_array().unwrap().iter();
            if kinds.any(|it| it["kind"].is_null()) && !ids.contains(&dependency["pkg"]) {
                ids.push(dependency["pkg"].clone());
                rest.push(dependency["pkg"].clone());
            }
        }
    }
    let packages = metadata["packages"].as_array().unwrap().iter();
    let linked = packages.filter(|it| ids.contains(&it["id"]));
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    linked.map(|it| format!("{} {}", text(&it["name"]), text(&it["version"]))).collect()
}

/// Returns `name version` of each crate in the list.
fn listed() -> BTreeSet<String> {
    let name = |line: &str| Some(line.strip_prefix("- [")?.split_once(']')?.0.to_owned());
    FILE.lines().filter_map(name).collect()
}

const CURE: &str = "run .ci/licenses";

#[test]
fn every_crate_is_in_the_list() {
    let linked = linked();
    assert!(linked.len() > 50, "{linked:?}");
    let listed = listed();
    let missing: Vec<&String> = linked.difference(&listed).collect();
    assert!(missing.is_empty(), "{CURE}: {missing:?}");
}

#[test]
fn every_crate_in_the_list_has_its_text_and_is_in_the_lock() {
    let titles: Vec<&str> = FILE.lines().filter_map(|it| it.strip_prefix("### ")).collect();
    for name in listed() {
        let (crate_name, version) = name.split_once(' ').unwrap();
        let locked = format!("name = \"{crate_name}\"\nversion = \"{version}\"\n");
        assert!(LOCK.contains(&locked), "{CURE}: {name}");
        assert!(titles.iter().any(|it| it.split(", ").any(|it| it == name)), "{CURE}: {name}");
    }
}
