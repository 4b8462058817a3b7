//! Explanations of wrong signatures: the computed strings, and the known mistake that reproduces the
//! client's signature.
//!
//! A mistake is found by making it: each trial is the correct signature with one thing changed. The
//! trial that reproduces the client's signature is the client's mistake, so the diagnosis is
//! certain. Only a diagnosis based on the text of the call, without a trial, is not.

mod claim;
mod diagnosis;
mod host;
mod json;
mod key;
mod query;
mod v1;
mod v3;

use serde::Serialize;

use super::{
    Case, Signed,
    host::{Candidate, INTERNAL, Kind, candidates, real},
};
use crate::protocol::{
    refusal::{AuthFailure, Refusal},
    request::Style,
    secret::without_password,
    text::CutBytes,
};
#[cfg(test)]
pub use diagnosis::HEADER_BYTES_MAX;
pub use diagnosis::{Diagnosis, Mistake};
use diagnosis::{shown, shown_host};

/// Bytes shown of a canonical request or a string to sign.
pub const TEXT_BYTES_MAX: usize = 16 * 1024;
/// Bytes shown of a host.
const HOST_BYTES_MAX: usize = 256;
/// Maximum number of bytes signed in search of a mistake, including [`TRIAL_BYTES`] for each trial.
const TRIED_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Fixed cost of a trial, in bytes.
const TRIAL_BYTES: usize = 1024;

/// The explanation of a signature that is rejected, or that is accepted for a host other than the
/// one on the wire.
///
/// Contains no secret key and no token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Explanation {
    /// Whether the signature is accepted.
    pub valid: bool,
    /// `TC3-HMAC-SHA256`, `HmacSHA1` or `HmacSHA256`.
    pub scheme: &'static str,
    /// The host that the client signed for, if it is found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_host: Option<String>,
    /// Canonical request of a correct signature, for the signed host or, if that is unknown or not
    /// accepted, the host on the wire. Only in v3, and only if the `Authorization` header is
    /// well-formed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical_request: Option<String>,
    /// String to sign of a correct signature. If signed with the SecretId's key, it is accepted,
    /// unless the timestamp or a token is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub string_to_sign: Option<String>,
    /// Hosts that a signature is accepted for, in the order they are tried.
    pub candidates: Vec<String>,
    /// The client's mistake, if it is found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<Diagnosis>,
}

/// Explains a signature that is correct for a host other than the one on the wire.
pub(super) fn accepted(case: Case<'_>, signed: &Candidate<'_>) -> Box<Explanation> {
    let found =
        FoundMistake { diagnosis: accepted_host(case, signed), host: signed.host.to_string() };
    explanation(case, Some(found), true)
}

/// Explains a rejection, if it concerns the signature.
pub(super) fn refused(case: Case<'_>, refusal: &Refusal) -> Option<Box<Explanation>> {
    let found = match refusal {
        Refusal::ContentHash => claim::content_hash(case).map(FoundMistake::from),
        Refusal::Auth(failure) => match failure {
            AuthFailure::Authorization(part) => {
                claim::authorization(case, *part).map(FoundMistake::from)
            }
            AuthFailure::Expired { .. } => claim::timestamp(case).map(FoundMistake::from),
            AuthFailure::SecretId => Some(key::unknown(case).into()),
            AuthFailure::Token => Some(claim::token(case).into()),
            AuthFailure::Signature => search(case),
            AuthFailure::FormTooLarge | AuthFailure::Unsigned { .. } => return None,
        },
        _ => return None,
    };
    Some(explanation(case, found, false))
}

fn explanation(case: Case<'_>, found: Option<FoundMistake>, valid: bool) -> Box<Explanation> {
    let candidates = hosts(case);
    let (diagnosis, signed_host) = match found {
        Some(FoundMistake { diagnosis, host }) => {
            (Some(diagnosis), Some(host).filter(|it| !it.is_empty()))
        }
        None => (None, None),
    };
    let due = signed_host.clone().filter(|it| candidates.contains(it));
    let due = due.or_else(|| candidates.first().cloned()).unwrap_or_default();
    let keys = case.keyring.known_keys();
    let text = |it: String| CutBytes(&keys.mask(&it), TEXT_BYTES_MAX).to_string();
    let host =
        |it: String| CutBytes(&keys.mask(&without_password(&it)), HOST_BYTES_MAX).to_string();
    let computed = match case.request.style {
        Style::V3 => v3::computed(case, &due),
        Style::V1 => v1::computed(case, &due),
    };
    Box::new(Explanation {
        valid,
        scheme: computed.scheme,
        signed_host: signed_host.map(host),
        canonical_request: computed.canonical_request.map(text),
        string_to_sign: computed.string_to_sign.map(text),
        candidates: candidates.into_iter().map(host).collect(),
        diagnosis: diagnosis.map(|it| it.masked(keys)),
    })
}

/// Strings of a correct signature.
struct Computed {
    scheme: &'static str,
    canonical_request: Option<String>,
    string_to_sign: Option<String>,
}

/// A diagnosis and the signed host, which is empty if unknown.
struct FoundMistake {
    diagnosis: Diagnosis,
    host: String,
}

impl From<Diagnosis> for FoundMistake {
    fn from(diagnosis: Diagnosis) -> Self {
        Self { diagnosis, host: String::new() }
    }
}

fn accepted_host(case: Case<'_>, signed: &Candidate<'_>) -> Diagnosis {
    let wire = shown_host(super::host::wire(case.request));
    let host = shown_host(&signed.host);
    let (mistake, what) = match signed.kind {
        Kind::Wire | Kind::WithoutPort => (Mistake::HostWithoutPort, "has no port"),
        Kind::WithoutScheme => (Mistake::HostWithoutScheme, "has no scheme"),
        Kind::Real => (Mistake::HostReal, "is a real name of the product"),
    };
    let text =
        format!("The signed host {host} {what}, and the Host header is {wire}. It is accepted.");
    Diagnosis::new(mistake, text)
}

/// Returns the hosts that a signature is accepted for, each once.
fn hosts(case: Case<'_>) -> Vec<String> {
    distinct(candidates(case.request, case.service))
}

/// Tries mistakes with the usual hosts, then with the host in the vendor's internal network, and returns
/// the first that is found. Each host repeats all trials, so the rare one is last.
///
/// `trials` gets the hosts that are accepted.
fn first_for_hosts<D: Draft, T: Iterator<Item = Trial<D>>>(
    case: Case<'_>,
    trials: impl Fn(&[String]) -> T,
) -> Option<FoundMistake> {
    let internal = real(case.service, Some(INTERNAL));
    let is_usual = |it: &Candidate<'_>| it.kind != Kind::Real || it.host != internal;
    let usual = distinct(candidates(case.request, case.service).filter(is_usual));
    let mut bytes_left = TRIED_BYTES_MAX;
    [usual, vec![internal]]
        .iter()
        .find_map(|accepted| first(trials(accepted), accepted, &mut bytes_left))
}

fn distinct<'a>(candidates: impl Iterator<Item = Candidate<'a>>) -> Vec<String> {
    let mut hosts: Vec<String> = Vec::new();
    for Candidate { host, .. } in candidates {
        if !hosts.iter().any(|it| *it == host) {
            hosts.push(host.into_owned());
        }
    }
    hosts
}

/// Searches for the mistake that reproduces the signature of a call.
fn search(case: Case<'_>) -> Option<FoundMistake> {
    let signed = Signed::read(case.request, case.timestamp().ok()?.0).ok()?;
    match signed {
        Signed::V3(signed) => v3::search(case, signed),
        Signed::V1(signed) => v1::search(case, signed),
    }
}

/// The input of a signature, in v1 or in v3.
trait Draft: Clone {
    /// The key of the last HMAC.
    type Key: Clone;
    /// Whether `signature` is correct for this input, `host`, and `key`.
    fn fits(&self, host: &str, key: &Self::Key, signature: &[u8]) -> bool;
    /// Approximate number of signed bytes.
    fn bytes(&self) -> usize;
}

/// A signature and its presumed input.
#[derive(Clone)]
struct Claim<D: Draft> {
    draft: D,
    key: D::Key,
    signature: Vec<u8>,
}

impl<D: Draft> Claim<D> {
    /// Returns a trial of the claim with one change, and the diagnosis if the trial succeeds.
    fn but(&self, diagnosis: Diagnosis, change: impl FnOnce(&mut Self)) -> Trial<D> {
        let mut claim = self.clone();
        change(&mut claim);
        Trial { diagnosis, claim, host: None }
    }

    /// Returns a trial of the claim for a host that is not accepted.
    fn at(&self, diagnosis: Diagnosis, host: String) -> Trial<D> {
        Trial { host: Some(host), ..self.but(diagnosis, |_| ()) }
    }
}

/// A mistake that a client may have made.
struct Trial<D: Draft> {
    diagnosis: Diagnosis,
    claim: Claim<D>,
    /// The only host to try, instead of the accepted ones.
    host: Option<String>,
}

/// Finds the first trial that reproduces the client's signature.
fn first<D: Draft>(
    trials: impl Iterator<Item = Trial<D>>,
    accepted: &[String],
    bytes_left: &mut usize,
) -> Option<FoundMistake> {
    for Trial { diagnosis, claim, host } in trials {
        let hosts = host.as_ref().map_or(accepted, std::slice::from_ref);
        for host in hosts {
            *bytes_left = bytes_left.checked_sub(claim.draft.bytes() + host.len() + TRIAL_BYTES)?;
            if claim.draft.fits(host, &claim.key, &claim.signature) {
                return Some(FoundMistake { diagnosis, host: host.clone() });
            }
        }
    }
    None
}
