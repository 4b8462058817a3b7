//! The absences that ARCHITECTURE.md promises.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Returns the sources below a directory or file of `src`, without unit tests.
fn sources(of: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut left = vec![root.join(of), root.join(format!("{of}.rs"))];
    let mut found = Vec::new();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|it| it == "rs") && path.exists() {
            let text = fs::read_to_string(&path).unwrap();
            if text.starts_with("// @generated") {
                continue;
            }
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let code: Vec<&str> =
                code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            found.push((path, code.join("\n")));
        }
    }
    assert!(!found.is_empty(), "{of} is gone");
    found
}

/// The modules of the public library, and the settings.
const FACADE: &[&str] = &[
    "account", "builder", "config", "emulator", "error", "faults", "fixture", "journal", "lib",
    "main", "verdict",
];

fn is_absent(words: &[&str], from: &[&str]) {
    for place in from {
        for (path, code) in sources(place) {
            for word in words {
                assert!(!code.contains(word), "{} names `{word}`", path.display());
            }
        }
    }
}

#[test]
fn the_protocol_does_not_name_the_product() {
    is_absent(&["ecm::", "crate::ecm", "control", "gateway::"], &["protocol"]);
}

#[test]
fn the_product_does_not_name_http_locks_tasks_or_control() {
    let words = [
        "axum", "hyper", "tokio", "Mutex<", "RwLock", " Lock<", "async ", "control", "std::fs",
        "std::io",
    ];
    is_absent(&words, &["ecm"]);
}

#[test]
fn only_the_lock_handles_poison() {
    let places = [
        "protocol", "ecm", "control", "gateway", "admin", "console", "server", "tls", "config",
        "builder", "cli", "main",
    ];
    is_absent(&["Mutex<", "Mutex::", "RwLock", "PoisonError"], &places);
    assert!(sources("lock").iter().any(|(_, code)| code.contains("PoisonError")));
}

#[test]
fn only_the_clock_reads_the_time() {
    let words = ["Utc::now", "Local::now", "Instant::now", "SystemTime"];
    for place in
        [FACADE, &["protocol", "ecm", "gateway", "admin", "console", "server", "tls", "cli"]]
            .concat()
    {
        is_absent(&words, &[place]);
    }
    let rest = [
        "accounts",
        "expectations",
        "faults",
        "fixture",
        "journal",
        "matching",
        "metrics",
        "throttle",
        "verdict",
    ];
    for name in rest {
        is_absent(&words, &[&format!("control/{name}")]);
    }
    assert!(sources("control/clock").iter().any(|(_, code)| code.contains("Utc::now")));
}

#[test]
fn only_tls_creates_keys() {
    let places = ["protocol", "ecm", "control", "gateway", "config", "cli", "lib", "main"];
    is_absent(&["rcgen", "rustls", "generate"], &places);
    is_absent(&["axum", "hyper", "tokio::", "gateway", "server::Server", "ecm::"], &["tls"]);
}

#[test]
fn only_the_emulator_draws_a_seed() {
    let words = ["new_v4", "rand::", "RandomState", "getrandom"];
    is_absent(
        &words,
        &["protocol", "ecm", "gateway", "admin", "console", "control", "account", "builder", "cli"],
    );
}

#[test]
fn only_admin_calls_as_an_account() {
    is_absent(&["call_as"], &["emulator", "account", "server", "console", "cli"]);
    is_absent(&["admin::", "emulator"], &["gateway"]);
}

#[test]
fn the_console_knows_no_other_module() {
    is_absent(&["crate::", "super::"], &["console"]);
}

#[test]
fn no_lock_is_held_across_an_await() {
    for place in ["protocol", "control", "gateway", "admin", "console", "server", "tls", "cli"] {
        for (path, code) in sources(place) {
            let takes_a_lock = code.contains(".lock()");
            assert!(!(takes_a_lock && code.contains("async ")), "{}", path.display());
        }
    }
}

#[test]
fn codes_are_constants() {
    for place in ["protocol", "ecm", "control", "gateway", "admin", "console", "server"] {
        for (path, code) in sources(place) {
            let declares = path.ends_with("protocol/error.rs");
            assert!(declares || !code.contains("Code::new"), "{}", path.display());
        }
    }
}

#[test]
fn no_lint_is_allowed_and_no_code_is_unfinished() {
    is_absent(&["#[allow", "todo!", "unimplemented!", "unsafe"], &["protocol", "ecm", "control"]);
    is_absent(
        &["#[allow", "todo!", "unimplemented!", "unsafe"],
        &["gateway", "admin", "console", "server", "tls", "cli"],
    );
}

#[test]
fn no_file_is_longer_than_500_lines() {
    for place in [
        FACADE,
        &["protocol", "ecm", "control", "gateway", "admin", "console", "server", "tls", "cli"],
    ]
    .concat()
    {
        for (path, _) in sources(place) {
            let text = fs::read_to_string(&path).unwrap();
            if text.starts_with("// @generated") {
                continue;
            }
            let lines = text.lines().count();
            assert!(lines <= 500, "{} has {lines} lines", path.display());
        }
    }
}

/// Users see the items that `src/lib.rs` exports.
#[test]
fn four_modules_are_public() {
    let lib = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
    let code = fs::read_to_string(lib).unwrap();
    let code = code.replace("#[cfg(fuzzing)]\n#[doc(hidden)]\npub mod fuzzing;", "");
    let public: Vec<&str> = code.lines().filter(|line| line.starts_with("pub mod ")).collect();
    assert_eq!(
        public,
        ["pub mod faults;", "pub mod fixture;", "pub mod journal;", "pub mod verdict;"]
    );
}

/// Callers of the library have no command line.
#[test]
fn no_error_of_the_library_names_a_flag() {
    let is_flag = |word: &str| word.starts_with("--") && word.len() > 2;
    for place in [FACADE, &["tls", "control", "ecm"]].concat() {
        for (path, code) in sources(place) {
            let mut words = code.split(|it: char| it.is_whitespace() || it == '"' || it == '`');
            let flag = words.find(|word| is_flag(word));
            assert_eq!(flag, None, "{}", path.display());
        }
    }
}
