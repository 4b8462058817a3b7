//! What the vendor documents of each of its actions, emulated or not.
//!
//! Sources: the API model of the vendor's command line for names and parameters, the comments of
//! its Go SDK for the codes.

use std::sync::LazyLock;

use crate::{nearest::nearest, protocol::Code};

use super::{CATALOG, codes};

const TEXT: &str = include_str!("documented.txt");
/// Codes that the gateway has too.
const SHARED: [Code; 6] = [
    codes::INTERNAL_ERROR,
    codes::INVALID_PARAMETER,
    codes::INVALID_PARAMETER_VALUE,
    codes::MISSING_PARAMETER,
    codes::UNAUTHORIZED_OPERATION,
    codes::UNSUPPORTED_OPERATION,
];

static ACTIONS: LazyLock<Vec<Documented>> = LazyLock::new(|| parse(TEXT));

/// An action as the vendor documents it.
#[derive(Debug)]
pub struct Documented {
    /// Its name.
    pub name: &'static str,
    /// Its parameters, less the common ones.
    pub parameters: Vec<Parameter>,
    /// The codes that it may return beside those of the gateway, in order.
    pub codes: Vec<Code>,
}

impl Documented {
    /// Whether the action is emulated, not only recognised.
    pub fn is_emulated(&self) -> bool {
        CATALOG.find(self.name).is_some()
    }
}

/// A documented parameter.
#[derive(Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Name on the wire.
    pub name: &'static str,
    /// Its type, such as `uint64` or `[string]`.
    pub kind: &'static str,
    /// Whether a call must have it.
    pub required: bool,
}

impl Parameter {
    /// The type as a message of the gateway has it, such as `list of string`.
    pub fn type_name(&self) -> String {
        match self.kind.strip_prefix('[').and_then(|kind| kind.strip_suffix(']')) {
            Some(item) => format!("list of {item}"),
            None => self.kind.to_owned(),
        }
    }
}

/// Every action, by families.
pub fn actions() -> &'static [Documented] {
    &ACTIONS
}

/// The action `name`.
pub fn find(name: &str) -> Option<&'static Documented> {
    ACTIONS.iter().find(|action| action.name == name)
}

/// The action that was probably meant by a name that none has.
pub fn nearest_to(name: &str) -> Option<&'static str> {
    nearest(name, ACTIONS.iter().map(|action| action.name))
}

/// The name of an action, if there is one that is called so.
pub fn name_of(name: &str) -> Option<&'static str> {
    find(name).map(|action| action.name)
}

/// The codes of the action `name`; none if there is no such action.
pub fn codes_of(name: &str) -> &'static [Code] {
    find(name).map_or(&[], |action| &action.codes)
}

fn parse(text: &'static str) -> Vec<Documented> {
    let mut actions: Vec<Documented> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let (Some(names), Some(action)) = (line.strip_prefix("  "), actions.last_mut()) {
            action.codes.extend(names.split(' ').map(code));
        } else {
            let (name, parameters) = line.split_once(' ').unwrap_or((line, ""));
            let parameters = parameters.split_whitespace().map(parameter).collect();
            actions.push(Documented { name, parameters, codes: Vec::new() });
        }
    }
    actions
}

fn parameter(text: &'static str) -> Parameter {
    let (name, kind) = text.split_once(':').expect("a parameter has a type");
    match name.strip_suffix('?') {
        Some(name) => Parameter { name, kind, required: false },
        None => Parameter { name, kind, required: true },
    }
}

fn code(name: &str) -> Code {
    let known = codes::ALL.iter().chain(&SHARED).find(|code| code.as_str() == name);
    *known.unwrap_or_else(|| panic!("{name} is a code"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_action_once() {
        let mut names: Vec<&str> = actions().iter().map(|action| action.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!((names.len(), actions().len()), (132, 132));
    }

    #[test]
    fn the_codes_of_an_action_are_listed_once_and_in_order() {
        for action in actions() {
            let codes: Vec<&str> = action.codes.iter().map(|it| it.as_str()).collect();
            assert!(codes.is_sorted_by(|a, b| a < b), "{}: {codes:?}", action.name);
            assert!(!codes.is_empty(), "{}", action.name);
        }
    }
}
