//! Fixtures.

mod bounds;
mod links;
mod loaded;
mod merge;
mod mutation;
mod objects;
mod round_trip;
mod whole;

use crate::{
    control::fixture::{Findings, Loaded, Source, load},
    ecm::store::Settings,
};
use serde_json::Value;

/// A valid fixture with resources of every type.
const SAMPLE: &str = include_str!("data/world.json");

/// Loads fixtures as the files `a.json`, `b.json` and so on.
fn load_all(texts: &[&str]) -> Result<Loaded, Findings> {
    let sources: Vec<Source> =
        ('a'..).zip(texts).map(|(name, text)| source(&format!("{name}.json"), text)).collect();
    load_at_noon(&sources)
}

fn source(file: &str, text: &str) -> Source {
    Source { file: file.to_owned(), text: text.to_owned() }
}

/// Loads fixtures at 2026-11-22 12:00:00 in Beijing.
fn load_at_noon(sources: &[Source]) -> Result<Loaded, Findings> {
    load(sources, Settings::default(), "2026-11-22T04:00:00Z".parse().unwrap())
}

/// Loads valid fixtures.
#[track_caller]
fn accepted(texts: &[&str]) -> Loaded {
    let loaded = load_all(texts).unwrap_or_else(|problems| panic!("{:#?}", lines(&problems)));
    assert_eq!(loaded.store.check(), [""; 0]);
    loaded
}

/// Returns the problems of invalid fixtures, one per line.
#[track_caller]
fn problems(texts: &[&str]) -> Vec<String> {
    lines(&load_all(texts).expect_err("the fixtures should be invalid"))
}

fn lines(findings: &Findings) -> Vec<String> {
    findings.lines().collect()
}

/// Returns the only problem that `value` at `pointer` causes, without the file name.
#[track_caller]
fn problem(pointer: &str, value: Value) -> String {
    let problems = problems(&[&with(pointer, value)]);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    problems[0].strip_prefix("a.json: ").unwrap().to_owned()
}

/// Returns [`SAMPLE`] with another value at a JSON pointer. `-` appends to a list.
fn with(pointer: &str, value: Value) -> String {
    let mut fixture: Value = serde_json::from_str(SAMPLE).unwrap();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match (fixture.pointer_mut(parent).unwrap(), key) {
        (Value::Array(items), "-") => items.push(value),
        (Value::Array(items), index) => items[index.parse::<usize>().unwrap()] = value,
        (object, name) => object[name] = value,
    }
    fixture.to_string()
}
