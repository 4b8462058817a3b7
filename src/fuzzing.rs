//! Entry points of the fuzz targets in `fuzz/`, which need private items.
//!
//! The module exists only under `--cfg fuzzing`, which `cargo fuzz` sets.

use axum::http::request::Parts;
use chrono::DateTime;

use crate::{
    ecm::CATALOG,
    protocol::{
        ApiError, Code, Refusal, Tree, refusal,
        request::{Head, Request},
        signature::{
            self, Case, SignatureCheck,
            keyring::{Credential, Keyring},
        },
    },
};

/// Time of [`check_signature`] in Unix seconds: noon in Beijing on 2026-11-22.
pub const NOW: i64 = 1_795_320_000;

/// Result of [`check_signature`].
#[derive(Debug)]
pub struct Signature {
    /// The error code of the check that runs before each call.
    pub checked: Result<(), &'static str>,
    /// The error code of the check that explains its result.
    pub verified: Result<(), &'static str>,
    /// The explanation as JSON.
    pub explanation: Option<String>,
}

/// Returns the codes of the gateway.
pub fn gateway_codes() -> impl Iterator<Item = &'static str> {
    refusal::codes::ALL.iter().map(|code| code.as_str())
}

/// Returns the names of all actions, and the error codes that the vendor documents for each.
pub fn actions() -> impl Iterator<Item = (&'static str, impl Iterator<Item = &'static str>)> {
    CATALOG.models.iter().map(|model| (model.name, model.codes.iter().map(|code| code.as_str())))
}

/// Reads a request, and returns its parameters as JSON.
///
/// # Errors
/// The error code.
pub fn read_request(parts: &Parts, body: &[u8]) -> Result<String, &'static str> {
    let request = Request::read(Head::from(parts), Ok(body));
    _ = (signature::secret_id(&request), signature::scheme(&request), request.language());
    for check in [request.check_values(), signature::check_presence(&request)] {
        check.map_err(|refusal| code(&refusal))?;
    }
    let params = request.params().map_err(|refusal| code(&refusal))?;
    Ok(print(params.members()))
}

/// Reads a request, and decodes its parameters as those of an action.
///
/// # Errors
/// The error code.
///
/// # Panics
/// Panics if there is no such action.
pub fn decode(parts: &Parts, body: &[u8], action: &str) -> Result<(), &'static str> {
    let request = Request::read(Head::from(parts), Ok(body));
    let params = request.params().map_err(|refusal| code(&refusal))?;
    let action = CATALOG.find(action).expect("an action");
    action.decode(&params).map(drop).map_err(|error| error.code.as_str())
}

/// Reads a body as JSON, and prints it.
///
/// # Errors
/// The error code.
pub fn json_tree(body: &[u8]) -> Result<String, &'static str> {
    let members = Tree::from_json(body).map_err(|syntax| code(&syntax.into()))?;
    Ok(print(&members))
}

/// Checks the signature of a request at [`NOW`], both with an explanation and without.
///
/// # Panics
/// Panics if a credential is invalid.
pub fn check_signature(parts: &Parts, body: &[u8], credentials: &[&str]) -> Signature {
    let credential = |text: &&str| text.parse::<Credential>().expect("a credential");
    let keyring = Keyring::new(credentials.iter().map(credential).collect());
    let request = Request::read(Head::from(parts), Ok(body));
    let now = DateTime::from_timestamp(NOW, 0).expect("a time");
    let service = CATALOG.service;
    let checked = Case { request: &request, keyring: &keyring, service, now }.check().outcome;
    let SignatureCheck { outcome, explanation } =
        signature::verify(&request, &keyring, service, now);
    Signature {
        checked: checked.map_err(|refusal| code(&refusal)),
        verified: outcome.map_err(|refusal| code(&refusal)),
        explanation: explanation.map(|it| print(&it)),
    }
}

/// Returns the code of a rejection, whose message must not be empty.
fn code(refusal: &Refusal) -> &'static str {
    let ApiError { code, message } = refusal.clone().into();
    assert!(!message.in_language(crate::protocol::Language::English).is_empty(), "{refusal:?}");
    Code::as_str(code)
}

fn print(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("it has only names and values of JSON")
}
