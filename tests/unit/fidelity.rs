//! The fidelity page and the assumptions in the code agree.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

const PAGE: &str = include_str!("../../docs/concepts/fidelity.md");
const HEADER: &str = "| id | behavior | evidence | alternative |";
const ASSUMED: &str = "assumed";
/// Words that the evidence of a row may begin with.
const EVIDENCE: [&str; 5] = ["documented", "SDK model", "seen", ASSUMED, OURS];
const OURS: &str = "ours";
/// Words that begin a marker in the code, and the evidence of the rows that it names.
const MARKERS: [(&str, &str); 2] = [("Assumed", ASSUMED), ("Ours", OURS)];

/// A row of the page.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) id: &'static str,
    pub(crate) behavior: &'static str,
    /// First words of the evidence.
    pub(crate) evidence: &'static str,
}

fn row(line: &'static str) -> Row {
    let cells: Option<Vec<&str>> = line
        .strip_prefix("| ")
        .and_then(|it| it.strip_suffix(" |"))
        .map(|it| it.split(" | ").map(str::trim).collect());
    let Some(&[id, behavior, evidence, alternative]) = cells.as_deref() else {
        panic!("row must have four cells: {line}")
    };
    for cell in [id, behavior, evidence, alternative] {
        assert!(!cell.is_empty(), "cell is empty; `-` if there is no alternative: {line}");
    }
    let id = id.strip_prefix('`').and_then(|it| it.strip_suffix('`'));
    let id = id.unwrap_or_else(|| panic!("ID must be in backticks: {line}"));
    assert!(is_well_formed(id), "ID `{id}` must be `area.topic`, lower case, with hyphens");
    let (word, detail) = evidence.split_once(": ").unwrap_or((evidence, "-"));
    assert!(EVIDENCE.contains(&word), "evidence `{word}` of `{id}` is not one of {EVIDENCE:?}");
    assert!(!detail.is_empty(), "evidence of `{id}` ends after `:`");
    Row { id, behavior, evidence: word }
}

/// Whether an ID is two names with a dot between, such as `havip.check-order`.
fn is_well_formed(id: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
    };
    let is_name = |name: &str| {
        name.starts_with(|it: char| it.is_ascii_lowercase()) && name.split('-').all(is_word)
    };
    id.split_once('.').is_some_and(|(area, topic)| is_name(area) && is_name(topic))
}

/// Rows of all the page's tables of behaviors.
pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut lines = PAGE.lines();
    while lines.any(|line| line == HEADER) {
        assert_eq!(lines.next(), Some("| --- | --- | --- | --- |"));
        rows.extend(lines.by_ref().take_while(|line| line.starts_with('|')).map(row));
    }
    assert!(!rows.is_empty(), "page has no table with the header {HEADER}");
    rows
}

/// A place in the code that names rows.
#[derive(Debug)]
pub(crate) struct Marker {
    /// Path and line.
    pub(crate) place: String,
    pub(crate) ids: Vec<String>,
    evidence: &'static str,
}

/// Reads a marker `Assumed (ID, ID): text` from the text of a comment, which need not have one.
fn marker(comment: &str, place: &str) -> Option<Marker> {
    let mut words = comment.split(|it: char| !it.is_alphanumeric());
    let is_marked =
        words.any(|it| it == "Assumed") || MARKERS.iter().any(|it| begins(comment, it.0).is_some());
    if !is_marked {
        return None;
    }
    let found = MARKERS.iter().find_map(|(word, evidence)| {
        let (ids, _) = begins(comment, word)?.split_once("):")?;
        let ids: Vec<String> = ids.split(", ").map(str::to_owned).collect();
        ids.iter().all(|it| is_well_formed(it)).then_some((ids, *evidence))
    });
    let (ids, evidence) = found.unwrap_or_else(|| {
        panic!("{place}: comment must be `Assumed (ID, ID): text`, in one line up to `:`")
    });
    Some(Marker { place: place.to_owned(), ids, evidence })
}

/// Returns the text after the `(` of a marker that begins with `word`.
fn begins<'a>(comment: &'a str, word: &str) -> Option<&'a str> {
    comment.strip_prefix(word)?.strip_prefix(" (")
}

/// Returns the text of the comment in a line.
fn comment(line: &str) -> Option<&str> {
    let (_, comment) = line.split_once("//")?;
    Some(comment.trim_start_matches(['/', '!']).trim())
}

/// Files of Rust code below a folder.
pub(crate) fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut left = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// All markers in the code.
pub(crate) fn markers() -> Vec<Marker> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut markers = Vec::new();
    for path in sources(&root.join("src")) {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.strip_prefix(root).unwrap().display();
        for (index, line) in text.lines().enumerate() {
            let place = format!("{name}:{}", index + 1);
            markers.extend(comment(line).and_then(|it| marker(it, &place)));
        }
    }
    markers
}

#[test]
fn every_row_has_an_id_of_its_own() {
    let mut ids = BTreeSet::new();
    let repeated: Vec<&str> = rows().iter().map(|it| it.id).filter(|it| !ids.insert(*it)).collect();
    assert_eq!(repeated, [""; 0]);
}

#[test]
fn every_line_of_a_table_of_behaviors_is_a_row() {
    let all = PAGE.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows().len(), all, "every table of behaviors has the header {HEADER}");
}

#[test]
fn every_marker_in_the_code_names_rows_with_its_evidence() {
    let rows: BTreeMap<&str, &str> = rows().iter().map(|it| (it.id, it.evidence)).collect();
    for Marker { place, ids, evidence } in markers() {
        for id in ids {
            let actual = rows.get(id.as_str()).copied();
            assert_eq!(actual, Some(evidence), "{place}: evidence of `{id}` on the fidelity page");
        }
    }
}

#[test]
fn the_code_names_every_assumption() {
    let named: BTreeSet<String> = markers().into_iter().flat_map(|it| it.ids).collect();
    let rows = rows();
    let assumed = rows.iter().filter(|it| it.evidence == ASSUMED).map(|it| it.id);
    let missing: Vec<&str> = assumed.filter(|it| !named.contains(*it)).collect();
    assert_eq!(missing, [""; 0], "code must have a comment `Assumed (ID): text` for these");
}

#[test]
fn comments_other_than_markers_are_ignored() {
    for line in ["let a = 1;", "// As assumed above.", "/// Ours.", "// Presumed (a.b): c."] {
        assert!(comment(line).and_then(|it| marker(it, "here")).is_none(), "{line}");
    }
    let line = "    let x = 1; //! Assumed (a.b, c.d-e): text.";
    let marker = comment(line).and_then(|it| marker(it, "here")).unwrap();
    assert_eq!(marker.ids, ["a.b", "c.d-e"]);
}

#[test]
#[should_panic(expected = "here: comment must be `Assumed (ID, ID): text`")]
fn an_assumption_without_an_id_is_a_failure() {
    marker("Assumed: text.", "here");
}

#[test]
#[should_panic(expected = "ID `havip` must be `area.topic`")]
fn a_row_with_a_malformed_id_is_a_failure() {
    row("| `havip` | text | ours | - |");
}

#[test]
#[should_panic(expected = "row must have four cells")]
fn a_row_with_an_empty_cell_is_a_failure() {
    row("| `havip.quota` | text | ours | |");
}

#[test]
#[should_panic(expected = "is not one of")]
fn a_row_with_other_evidence_is_a_failure() {
    row("| `havip.quota` | text | guessed | - |");
}
