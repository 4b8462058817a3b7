//! Emulator features beyond the API: accounts, the clock, rate limits, fixtures, the journal, and
//! faults.

pub mod accounts;
pub mod clock;
pub mod coverage;
pub mod faults;
pub mod fixture;
pub mod journal;
pub mod matching;
pub mod metrics;
pub mod offload;
pub mod throttle;

pub use accounts::{AccountRecord, AccountTemplate, Accounts};
pub use clock::Clock;

/// Deserializes handwritten JSON. The error contains the path of the invalid field.
pub(crate) fn read_json<'de, T: serde::Deserialize<'de>>(
    json: impl serde::Deserializer<'de>,
) -> Result<T, String> {
    serde_path_to_error::deserialize(json).map_err(|error| {
        let (path, what) = (error.path().to_string(), error.inner().to_string());
        // An error about an unknown field already contains its name.
        let is_enough = matches!(path.as_str(), "." | "?") || what.contains(&format!("`{path}`"));
        if is_enough { what } else { format!("{path}: {what}") }
    })
}
