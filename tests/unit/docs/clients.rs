//! The table of clients: how each is tested.

use std::fs;

use serde_json::Value;

use super::{code, read, root, table};

/// Names of the clients, in the order of the page.
const CLIENTS: [&str; 11] = [
    "Python",
    "tccli",
    "Node",
    "capi",
    "Go",
    "Java",
    "PHP",
    "Ruby",
    ".NET",
    ".NET on Mono 6.8",
    "C++",
];

/// Packages that CI runs, each with its client. Their names and versions are in the pins of tests/sdk.
const IN_CI: [(&str, &str); 6] = [
    ("Python", "tencentcloud-sdk-python-ecm"),
    ("tccli", "tccli"),
    ("Node", "tencentcloud-sdk-nodejs"),
    ("Node", "tencentcloud-sdk-nodejs-intl-en"),
    ("capi", "capi-1"),
    ("capi", "@tencent-sdk/capi"),
];

/// Packages that were only tried by hand, each with its client and version.
const BY_HAND: [(&str, &str, &str); 4] = [
    ("Go", "tencentcloud-sdk-go-intl-en", "3.0.1474"),
    ("Java", "tencentcloud-sdk-java-intl-en", "3.1.16"),
    (".NET on Mono 6.8", "TencentCloudSDK.Ecm", "3.0.1435"),
    ("C++", "tencentcloud-sdk-cpp-intl-en", "3.1.165"),
];
const DATE: &str = "2026-11-26";

pub(super) fn clients() -> String {
    let cells = |client: &str, package: &str, version: &str, how: String| {
        [client.to_owned(), code(package), version.to_owned(), how].to_vec()
    };
    let in_ci = IN_CI.map(|(client, name)| {
        let (package, version) = pinned(name);
        cells(client, &package, &version, "run in CI".to_owned())
    });
    let by_hand = BY_HAND.map(|(client, package, version)| {
        cells(client, package, version, format!("by hand on {DATE}"))
    });
    let recorded = recordings().into_iter().map(|(header, calls)| {
        let [client, package, version, date] =
            ["Client", "Package", "Version", "Date"].map(|it| header[it].as_str().unwrap());
        cells(client, package, version, format!("{calls} calls of {date}, replayed in CI"))
    });
    let mut rows: Vec<_> = in_ci.into_iter().chain(recorded).chain(by_hand).collect();
    rows.sort_by_key(|row| CLIENTS.iter().position(|it| *it == row[0]));
    assert!(rows.iter().all(|row| CLIENTS.contains(&row[0].as_str())));
    table(&["client", "package", "version", "how it is tested"], rows)
}

/// Returns a package and its version, by its name in the pins of tests/sdk.
fn pinned(name: &str) -> (String, String) {
    let python = read("tests/sdk/requirements.txt".as_ref());
    let python = python.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix("=="));
    let node: Value = serde_json::from_str(&read("tests/sdk/package.json".as_ref())).unwrap();
    let version = python.or(node["dependencies"][name].as_str());
    let version = version.unwrap_or_else(|| panic!("{name} is not pinned"));
    // A second version of a package has an alias, such as `npm:@tencent-sdk/capi@1.1.8`.
    let alias = version.strip_prefix("npm:").and_then(|it| it.rsplit_once('@'));
    let (package, version) = alias.unwrap_or((name, version));
    (package.to_owned(), version.to_owned())
}

/// Returns the header of each file of recorded calls, and the number of its calls.
fn recordings() -> Vec<(Value, usize)> {
    let folder = root().join("tests/recordings");
    let files = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let mut files: Vec<_> =
        files.filter(|it| it.extension().is_some_and(|it| it == "jsonl")).collect();
    files.sort();
    let read = |file| {
        let text = fs::read_to_string(file).unwrap();
        let mut lines = text.lines();
        (serde_json::from_str(lines.next().unwrap()).unwrap(), lines.count())
    };
    files.into_iter().map(read).collect()
}
