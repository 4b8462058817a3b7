//! The links of the pages, and the index of docs/.

use std::{collections::BTreeSet, path::Path};

use super::{pages, read, root};

/// Where files of the repository are that have no page of their own.
const REPOSITORY: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/");

/// Pages outside of docs/ that are checked, too.
const OTHERS: [&str; 5] =
    ["ARCHITECTURE.md", "BENCHMARKS.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"];

/// A page without its code.
fn prose(page: &str) -> String {
    let blocks = page.split("\n```").step_by(2);
    let blocks = blocks.map(|it| it.split('`').step_by(2).collect::<Vec<_>>().join("code"));
    blocks.collect::<Vec<_>>().join("\n")
}

/// The targets of links in Markdown.
fn targets(page: &str) -> Vec<String> {
    let prose = prose(page);
    let ends = prose.split("](").skip(1);
    ends.map(|rest| rest.split(')').next().unwrap_or_default().to_owned()).collect()
}

/// The anchors of a page's headings, as repository browsers and mdBook make them.
fn anchors(page: &str) -> BTreeSet<String> {
    let blocks: String = page.split("\n```").step_by(2).collect::<Vec<_>>().join("\n");
    let headings = blocks.lines().filter(|it| it.starts_with('#'));
    let anchor = |heading: &str| {
        let text = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = text.chars().filter(|it| it.is_alphanumeric() || matches!(it, ' ' | '-' | '_'));
        kept.collect::<String>().replace(' ', "-")
    };
    headings.map(anchor).collect()
}

/// Why a link is wrong.
fn problem(path: &Path, page: &str, target: &str) -> Option<String> {
    if let Some(file) = target.strip_prefix(REPOSITORY) {
        let file = file.split('#').next().unwrap_or_default();
        return (!root().join(file).exists()).then(|| format!("there is no {file}"));
    }
    if target.starts_with("https://") {
        return None;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let folder = path.parent().unwrap_or(Path::new(""));
    let linked = if file.is_empty() { path.to_owned() } else { folder.join(file) };
    let full = root().join(&linked);
    let Ok(full) = full.canonicalize() else { return Some("there is no such file".to_owned()) };
    let is_page = |path: &Path| path.starts_with(root().canonicalize().unwrap().join("docs"));
    if path.starts_with("docs") && !is_page(&full) {
        return Some(format!("leaves docs/; begin it with {REPOSITORY}"));
    }
    if anchor.is_empty() {
        return None; // An image is not a text.
    }
    let text = if file.is_empty() { page.to_owned() } else { read(&linked) };
    let is_known = anchors(&text).contains(anchor);
    (!is_known).then(|| format!("there is no heading `{anchor}`"))
}

#[test]
fn links_lead_to_pages_and_headings() {
    let others = OTHERS.map(|path| (path.into(), read(Path::new(path))));
    let mut problems = Vec::new();
    for (path, page) in pages().into_iter().chain(others) {
        for target in targets(&page) {
            if let Some(why) = problem(&path, &page, &target) {
                problems.push(format!("{}: {target}: {why}", path.display()));
            }
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn a_wrong_link_is_found() {
    let page = "# Same\n\n[a](other.md) `[b](c.md)`\n\n```\n[d](e.md)\n```\n";
    assert_eq!(targets(page), ["other.md"]);
    let problem = |path: &str, target: &str| problem(Path::new(path), page, target);
    let in_repository = |path: &str| format!("{REPOSITORY}{path}");
    assert_eq!(problem("docs/README.md", "#same"), None);
    assert_eq!(problem("README.md", "docs/README.md"), None);
    assert_eq!(problem("docs/README.md", &in_repository("Cargo.toml")), None);
    for (path, target) in [
        ("docs/README.md", "#other"),
        ("docs/README.md", "none.md"),
        ("docs/README.md", "../README.md"),
        ("docs/README.md", &in_repository("none.md")),
        ("README.md", "docs/README.md#none"),
    ] {
        assert!(problem(path, target).is_some(), "{path} {target}");
    }
}

#[test]
fn the_site_has_every_page() {
    let listed: BTreeSet<String> =
        targets(&read(Path::new("docs/SUMMARY.md"))).into_iter().collect();
    let all = pages().into_iter().map(|(path, _)| path.to_string_lossy().replace('\\', "/"));
    let all: BTreeSet<String> = all
        .filter_map(|path| Some(path.strip_prefix("docs/")?.to_owned()))
        .filter(|path| path != "SUMMARY.md")
        .collect();
    assert_eq!(listed, all);
}
