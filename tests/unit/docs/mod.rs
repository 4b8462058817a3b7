//! The generated parts of README.md and docs/, and the links between the pages.
//!
//! A generated part stands between `<!-- generated: NAME -->` and `<!-- end of generated -->`.
//! `cargo xtask docs` writes these parts.

mod actions;
mod assumptions;
mod cli;
mod clients;
mod facts;
mod generated;
mod links;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use crate::{admin::ENDPOINTS, tests::support::TestServer, time_limits};

/// If set, the test writes the generated parts instead of comparing them.
const UPDATE: &str = "ECMOCK_UPDATE_DOCS";

const BEGIN: &str = "<!-- generated: ";
const END: &str = "<!-- end of generated -->";

/// Returns the text of a generated part.
type Generator = fn() -> String;

/// The generators, by name.
const GENERATORS: [(&str, Generator); 9] = [
    ("families", actions::families),
    ("actions", actions::actions),
    ("errors", actions::errors),
    ("clients", clients::clients),
    ("commands", cli::commands),
    ("quotas", cli::quotas),
    ("time-limits", time_limits),
    ("admin-api", admin_api),
    ("metrics", metrics),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// README.md and all pages below docs/, by path from the root.
fn pages() -> Vec<(PathBuf, String)> {
    let mut pages = vec![PathBuf::from("README.md")];
    let mut folders = vec![PathBuf::from("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages.into_iter().map(|path| (path.clone(), read(&path))).collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

/// A page with its generated parts as they should be. Adds the names of these parts to `used`.
fn regenerated(path: &Path, page: &str, used: &mut BTreeSet<&'static str>) -> String {
    let mut parts = page.split(BEGIN);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once(" -->\n").unwrap_or_else(|| panic!("{path:?}: {part}"));
        let (_, rest) = rest.split_once(END).unwrap_or_else(|| panic!("{path:?}: no `{END}`"));
        let generator = GENERATORS.into_iter().find(|(known, _)| *known == name);
        let (name, generate) = generator.unwrap_or_else(|| panic!("{path:?}: no part `{name}`"));
        used.insert(name);
        text.extend([BEGIN, name, " -->\n", &generate(), END, rest]);
    }
    text
}

#[test]
fn generated_parts_are_current() {
    let mut used = BTreeSet::new();
    let mut stale = Vec::new();
    for (path, page) in pages() {
        let current = regenerated(&path, &page, &mut used);
        if page == current {
            continue;
        }
        if std::env::var_os(UPDATE).is_some() {
            fs::write(root().join(&path), current).unwrap();
        } else {
            stale.push(path);
        }
    }
    assert!(stale.is_empty(), "{stale:?}: run `cargo xtask docs`");
    assert_eq!(used, GENERATORS.map(|(name, _)| name).into());
}

/// A table in Markdown. A `|` within a cell is escaped.
fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |cells: Vec<String>| {
        let cells = cells
            .iter()
            .map(|cell| if cell.is_empty() { " ".to_owned() } else { format!(" {cell} ") });
        format!("|{}|\n", cells.collect::<Vec<_>>().join("|"))
    };
    let mut text = line(header.iter().map(|it| (*it).to_owned()).collect());
    text += &line(vec!["---".to_owned(); header.len()]);
    for row in rows {
        text += &line(row.iter().map(|cell| cell.replace('|', "\\|")).collect());
    }
    text
}

fn code(text: impl std::fmt::Display) -> String {
    format!("`{text}`")
}

fn admin_api() -> String {
    let rows = ENDPOINTS.iter().flat_map(|endpoint| {
        endpoint.methods.iter().map(|(method, summary)| {
            vec![(*method).to_owned(), code(endpoint.path), (*summary).to_owned()]
        })
    });
    table(&["method", "path", "description"], rows)
}

fn time_limits() -> String {
    let rows = [
        ("first byte of a request, on a new or kept-alive connection", time_limits::IDLE_TIME_MAX),
        ("TLS handshake", time_limits::HANDSHAKE_TIME_MAX),
        ("head of a request, from its first byte", time_limits::HEAD_TIME_MAX),
        ("gap between two pieces of a request body", time_limits::BODY_GAP_TIME_MAX),
        ("rest of an oversize request body", time_limits::DRAIN_TIME_MAX),
        (
            "gap between two pieces of a response that the client reads",
            time_limits::UNREAD_TIME_MAX,
        ),
        ("response to an HTTP/1.0 client that closed its side", time_limits::HALF_CLOSED_TIME_MAX),
    ];
    let rows = rows.map(|(what, time)| vec![what.to_owned(), format!("{} s", time.as_secs())]);
    table(&["for", "limit"], rows)
}

/// The metrics of a server, by the comments that Prometheus reads.
fn metrics() -> String {
    let page = async { TestServer::new().await.send("GET", "/_ecmock/metrics", &[], b"").await };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let page = String::from_utf8(runtime.block_on(page).body).unwrap();
    let comments = |kind| page.lines().filter_map(move |it| it.strip_prefix(kind)?.split_once(' '));
    let rows = comments("# HELP ").zip(comments("# TYPE ")).map(|((name, help), (_, kind))| {
        vec![code(name), kind.to_owned(), help.trim_end_matches('.').to_owned()]
    });
    table(&["metric", "type", "description"], rows)
}
