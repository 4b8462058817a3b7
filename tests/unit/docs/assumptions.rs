//! The file with the assumptions that a verdict names. The place of a marker in the source determines
//! the calls that may rely on its assumptions.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::{UPDATE, read, root};
use crate::{
    ecm::CATALOG,
    tests::fidelity::{markers, rows, sources},
};

const FILE: &str = "src/control/verdict/assumptions.txt";
/// Start of a line that implements a trait for the request of an action.
const REQUEST: &str = " for requests::";

/// Scopes of the markers in a file or a folder. The first that fits applies. In a file that none fits,
/// no call relies on a marker.
const SCOPES: [(&str, &str); 13] = [
    ("src/ecm/families/mod.rs", "calls"),
    ("src/ecm/families/parts.rs", "calls"),
    ("src/ecm/families/FAMILY/error.rs", "errors"),
    ("src/ecm/families/FAMILY/", "calls"),
    ("src/ecm/query.rs", "calls"),
    ("src/ecm/error/", "errors"),
    ("src/ecm/", "calls"),
    ("src/control/throttle.rs", "codes RequestLimitExceeded"),
    ("src/protocol/signature/", "codes AuthFailure"),
    ("src/protocol/action.rs", "calls"),
    ("src/protocol/decode.rs", "calls"),
    ("src/protocol/", "codes"),
    ("src/gateway", "codes"),
];

/// Returns the scope of a marker in a line of a file.
fn scope(path: &str, line: usize, text: &str) -> Option<String> {
    if path == "src/gateway/fault.rs" {
        return Some("faults".to_owned());
    }
    let family = path.strip_prefix("src/ecm/families/").and_then(|it| it.split_once('/'));
    let shape = match family {
        Some((_, file)) => format!("src/ecm/families/FAMILY/{file}"),
        None => path.to_owned(),
    };
    let (_, kind) = SCOPES.into_iter().find(|(place, _)| shape.starts_with(place))?;
    let names = match family {
        Some((family, _)) => match request(line, text) {
            Some(action) => vec![action],
            None => named(family, "Entry::new::<requests::"),
        },
        None if path == "src/ecm/query.rs" => named("", "impl Describe for requests::"),
        None => Vec::new(),
    };
    Some([vec![kind.to_owned()], names].concat().join(" "))
}

/// Returns the action whose implementation contains a line of a file.
fn request(line: usize, text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let begins = lines[..line].iter().rposition(|it| it.starts_with("impl "))?;
    let ends = lines[begins..].iter().position(|it| *it == "}")? + begins;
    let (_, name) = lines[begins].split_once(REQUEST)?;
    (line <= ends).then(|| name.trim_end_matches(" {").to_owned())
}

/// Returns the actions that follow a phrase in the Rust files below a folder of families.
fn named(folder: &str, phrase: &str) -> Vec<String> {
    let mut names = BTreeSet::new();
    for path in sources(&root().join("src/ecm/families").join(folder)) {
        let text = fs::read_to_string(path).unwrap();
        let rest = text.split(phrase).skip(1);
        names.extend(rest.map(|it| it.split(['>', ' ']).next().unwrap().to_owned()));
    }
    assert!(!names.is_empty() && names.iter().all(|it| CATALOG.is_emulated(it)), "{folder}");
    names.into_iter().collect()
}

fn assumptions() -> String {
    let behaviors: BTreeMap<&str, &str> = rows()
        .iter()
        .filter(|it| it.evidence == "assumed")
        .map(|it| (it.id, it.behavior))
        .collect();
    let mut scopes: BTreeMap<String, BTreeMap<&str, &str>> = BTreeMap::new();
    for marker in markers() {
        let (path, line) = marker.place.rsplit_once(':').unwrap();
        let Some(scope) = scope(path, line.parse().unwrap(), &read(Path::new(path))) else {
            continue;
        };
        let rows = marker.ids.iter().filter_map(|id| behaviors.get_key_value(id.as_str()));
        scopes.entry(scope).or_default().extend(rows);
    }
    let mut text = String::new();
    for (scope, rows) in scopes.iter().filter(|(_, rows)| !rows.is_empty()) {
        text.extend([scope, "\n"]);
        for (id, behavior) in rows {
            text.extend(["\t", id, "\t", behavior, "\n"]);
        }
    }
    text
}

#[test]
fn assumptions_of_the_verdict_are_current() {
    let current = assumptions();
    if std::env::var_os(UPDATE).is_some() {
        fs::write(root().join(FILE), current).unwrap();
    } else {
        assert!(read(Path::new(FILE)) == current, "{FILE} is stale: run `cargo xtask docs`");
    }
}

#[test]
fn the_place_of_a_marker_determines_its_scope() {
    let text =
        "/// Creates.\nimpl Action for requests::CreateHaVip {\n    // Here.\n}\n// There.\n";
    let path = "src/ecm/families/ha_vip/actions.rs";
    assert_eq!(scope(path, 3, text).unwrap(), "calls CreateHaVip");
    let all = "calls CreateHaVip DeleteHaVip DescribeHaVips ModifyHaVipAttribute";
    assert_eq!(scope(path, 5, text).unwrap(), all);
    let errors = scope("src/ecm/families/ha_vip/error.rs", 5, text).unwrap();
    assert_eq!(errors, all.replace("calls", "errors"));
    assert_eq!(scope("src/gateway/fault.rs", 1, text).unwrap(), "faults");
    assert_eq!(scope("src/server/connection.rs", 1, text), None);
}
