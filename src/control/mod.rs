//! Emulator features beyond the API: accounts, the clock, rate limits, fixtures, the journal, faults,
//! and verdicts.

pub mod accounts;
pub mod clock;
pub mod coverage;
pub mod expectations;
pub mod faults;
pub mod fixture;
pub mod journal;
pub mod matching;
pub mod metrics;
pub mod offload;
pub mod persistence;
pub mod throttle;
pub mod verdict;

pub use accounts::{AccountRecord, AccountTemplate, Accounts};
pub use clock::Clock;

use crate::protocol::text::{Cut, VALUE_CHARS_MAX};

/// Deserializes handwritten JSON. The error contains the path of the invalid field.
pub(crate) fn read_json<'de, T: serde::Deserialize<'de>>(
    json: impl serde::Deserializer<'de>,
) -> Result<T, String> {
    serde_path_to_error::deserialize(json).map_err(|error| {
        let (path, what) = (error.path().to_string(), in_words(&error.inner().to_string()));
        // An error about an unknown field already contains its name.
        let is_enough = matches!(path.as_str(), "." | "?") || what.contains(&format!("`{path}`"));
        if is_enough { what } else { format!("{path}: {what}") }
    })
}

/// Rewrites a message of serde without the names of Rust types.
pub(crate) fn in_words(message: &str) -> String {
    let (what, position) = match message.rfind(" at line ").map(|at| message.split_at(at)) {
        Some((what, position)) => (what, format!(" ({})", position.trim_start_matches(" at "))),
        None => (message, String::new()),
    };
    let (name, what) = match what.split_once(": ") {
        Some((name, what)) if !name.contains(' ') => (format!("{name}: "), what),
        _ => (String::new(), what),
    };
    let words = if what.contains("invalid digit found") || what.contains("cannot parse integer") {
        "must be a whole number from 0".to_owned()
    } else if what.contains("number too large") {
        format!("must be at most {}", u64::MAX)
    } else if let Some((problem, expected)) = what.rsplit_once(", expected ") {
        let got = problem.strip_prefix("invalid type: ");
        if let Some(got) = got.or_else(|| problem.strip_prefix("invalid value: ")) {
            format!("is {}; must be {}", json_value(got), json_type(expected))
        } else {
            let problem = problem.replace("unknown variant", "unknown value");
            format!("{problem}; expected {expected}")
        }
    } else {
        what.to_owned()
    };
    format!("{name}{words}{position}")
}

/// Returns the JSON value that serde describes, for example as ``integer `7` ``.
fn json_value(got: &str) -> String {
    let quoted = |open: char| got.split_once(open)?.1.strip_suffix(open);
    match got {
        "null" | "unit value" => "null".to_owned(),
        "map" => "an object".to_owned(),
        "sequence" => "a list".to_owned(),
        _ => match quoted('`').or_else(|| quoted('"')) {
            Some(value) => format!("`{}`", Cut(value, VALUE_CHARS_MAX)),
            None => got.to_owned(),
        },
    }
}

/// Returns the JSON type for a type that serde expects.
fn json_type(expected: &str) -> &str {
    match expected {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number from 0",
        "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a map" => "an object",
        "a sequence" => "a list",
        _ if expected.starts_with("struct ") => "an object",
        _ => expected,
    }
}
