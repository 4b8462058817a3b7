//! Comparison of a call's parameters with expected parameters.

use std::ops::ControlFlow::{self, Break, Continue};

use serde::Serialize;

use crate::protocol::{
    Tree,
    path::Path,
    spelling,
    text::{Cut, Name},
    tree::Members,
};

/// A difference between an expected and an actual value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Difference {
    /// Dotted path of the parameter, such as `Filters.0.Name`. A very long string is truncated, as in
    /// `expected` and `got`.
    pub path: String,
    /// The expected value. Null if the parameter should be absent.
    pub expected: Tree<'static>,
    /// The actual value. Null if the parameter is absent.
    pub got: Tree<'static>,
}

/// Maximum number of differences reported for a call.
const DIFFERENCES_MAX: usize = 100;
/// Maximum length of a string in a difference.
const TEXT_CHARS_MAX: usize = 1000;

/// Whether `got` contains everything in `expected`.
///
/// Members that are not in `expected` are ignored. Lists must have the same length, and their items
/// are compared one by one. A string equals the number or boolean that it spells, because queries
/// contain only strings. Null matches an absent value.
pub fn is_match(expected: &Members<'_>, got: &Members<'_>) -> bool {
    members(&Path::Root, expected, got, &mut |_, _, _| Break(())).is_continue()
}

/// Counts the differences between `expected` and `got`; see [`is_match`].
pub fn count(expected: &Members<'_>, got: &Members<'_>) -> usize {
    let mut count = 0;
    _ = members(&Path::Root, expected, got, &mut |_, _, _| {
        count += 1;
        Continue(())
    });
    count
}

/// Returns the differences between `expected` and `got`, at most the first hundred; see
/// [`is_match`].
pub fn differences(expected: &Members<'_>, got: &Members<'_>) -> Vec<Difference> {
    let mut found = Vec::new();
    _ = members(&Path::Root, expected, got, &mut |path, expected, got| {
        let path = Name(&path.to_string()).to_string();
        found.push(Difference { path, expected: shortened(expected), got: shortened(got) });
        if found.len() < DIFFERENCES_MAX { Continue(()) } else { Break(()) }
    });
    found
}

/// Truncates long strings in a value.
fn shortened(tree: &Tree<'_>) -> Tree<'static> {
    match tree {
        Tree::Text(text) if text.len() > TEXT_CHARS_MAX => {
            Tree::Text(Cut(text, TEXT_CHARS_MAX).to_string().into())
        }
        Tree::List(items) => Tree::List(items.iter().map(shortened).collect()),
        Tree::Object(members) => {
            let name = |name: &str| Name(name).to_string().into();
            let members = members.iter().map(|(it, member)| (name(it), shortened(member)));
            Tree::Object(members.collect())
        }
        other => other.clone().into_owned(),
    }
}

/// A callback for each difference, with its path and the expected and actual values.
type Tell<'a> = dyn FnMut(&Path<'_>, &Tree<'_>, &Tree<'_>) -> ControlFlow<()> + 'a;

fn members(
    path: &Path<'_>,
    expected: &Members<'_>,
    got: &Members<'_>,
    tell: &mut Tell<'_>,
) -> ControlFlow<()> {
    expected.iter().try_for_each(|(name, expected)| {
        let got = got.get(name).unwrap_or(&Tree::Null);
        value(&Path::Member(path, name), expected, got, tell)
    })
}

fn value(
    path: &Path<'_>,
    expected: &Tree<'_>,
    got: &Tree<'_>,
    tell: &mut Tell<'_>,
) -> ControlFlow<()> {
    match (expected, got) {
        (Tree::Object(expected), Tree::Object(got)) => members(path, expected, got, tell),
        (Tree::List(expected), Tree::List(got)) => {
            (0..expected.len().max(got.len())).try_for_each(|index| {
                let (expected, got) = (expected.get(index), got.get(index));
                let (expected, got) = (expected.unwrap_or(&Tree::Null), got.unwrap_or(&Tree::Null));
                value(&Path::Item(path, index), expected, got, tell)
            })
        }
        _ if is_same(expected, got) => Continue(()),
        _ => tell(path, expected, got),
    }
}

fn is_same(expected: &Tree<'_>, got: &Tree<'_>) -> bool {
    match (expected, got) {
        (Tree::Number(expected), Tree::Number(got)) => spelling::is_same_number(expected, got),
        (Tree::Number(expected), Tree::Text(got)) => spelling::is_number(got, expected),
        (Tree::Bool(expected), Tree::Text(got)) => spelling::boolean(got) == Some(*expected),
        _ => expected == got,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(json: &str) -> Members<'_> {
        Tree::from_json(json.as_bytes()).unwrap()
    }

    #[test]
    fn members_that_are_not_expected_are_ignored() {
        let got =
            tree(r#"{"A":1,"B":{"C":"x","D":2},"L":[{"N":"a","V":["1"]}],"T":"10","F":"True"}"#);
        for expected in [
            "{}",
            r#"{"A":1}"#,
            r#"{"B":{"C":"x"}}"#,
            r#"{"L":[{"N":"a"}]}"#,
            r#"{"L":[{"V":["1"]}]}"#,
            r#"{"T":10,"F":true}"#,
            r#"{"A":1.0,"T":10.0}"#,
            r#"{"Z":null}"#,
        ] {
            assert!(is_match(&tree(expected), &got), "{expected}");
        }
    }

    #[test]
    fn a_difference_contains_its_path() {
        let got = tree(r#"{"A":1,"L":[{"N":"a"},{"N":"b"}],"S":"x"}"#);
        for (expected, paths) in [
            (r#"{"A":2}"#, vec!["A"]),
            (r#"{"A":"1"}"#, vec!["A"]),
            (r#"{"A":null}"#, vec!["A"]),
            (r#"{"B":1,"S":"y"}"#, vec!["B", "S"]),
            (r#"{"L":[{"N":"a"}]}"#, vec!["L.1"]),
            (r#"{"L":[{"N":"a"},{"N":"c"},{"N":"d"}]}"#, vec!["L.1.N", "L.2"]),
            (r#"{"S":{"X":1}}"#, vec!["S"]),
        ] {
            let found = differences(&tree(expected), &got);
            let found: Vec<&str> = found.iter().map(|it| it.path.as_str()).collect();
            assert_eq!(found, paths, "{expected}");
        }
    }
}
