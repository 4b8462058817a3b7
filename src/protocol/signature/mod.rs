//! Who signed a call, and whether they did.

pub mod keyring;
pub mod v1;
pub mod v3;

use chrono::{DateTime, Utc};

use super::{
    refusal::{AuthFailure, Refusal},
    request::{Common, Head, Request, Style},
};
use keyring::Keyring;

/// Seconds by which a timestamp may be off, either way.
pub const TIMESTAMP_SKEW_SECONDS_MAX: u64 = 300;

/// The SecretId that a call states, whether or not anything is signed with it.
pub fn secret_id<'a>(request: &'a Request<'_>) -> Option<&'a str> {
    match request.style {
        Style::V3 => v3::Authorization::secret_id(request.common(Common::SIGNATURE)?),
        Style::V1 => request.common(Common::SECRET_ID),
    }
}

/// Whether a call says that it is not signed: `Authorization: SKIP`.
pub fn is_skipped(request: &Request<'_>) -> bool {
    request.style == Style::V3 && request.common(Common::SIGNATURE) == Some(v3::SKIP)
}

/// Refuses a call that lacks a common parameter of its signature, in the gateway's order.
pub fn check_presence(request: &Request<'_>) -> Result<(), Refusal> {
    let required: &[Common] = match request.style {
        Style::V3 => &[Common::TIMESTAMP, Common::SIGNATURE],
        Style::V1 => &[Common::TIMESTAMP, Common::NONCE, Common::SECRET_ID, Common::SIGNATURE],
    };
    required.iter().try_for_each(|common| request.require(*common).map(drop))
}

/// Refuses a common parameter of the signature with a value that it cannot have.
pub fn check_values(request: &Request<'_>) -> Result<(), Refusal> {
    whole_number(request, Common::TIMESTAMP)?;
    if request.style == Style::V1 {
        whole_number(request, Common::NONCE)?;
        v1::Method::of(request)?;
    }
    Ok(())
}

/// Checks a call's credential and signature, in the gateway's order: form of the header, service,
/// date, timestamp, SecretId, token, signature.
pub fn verify(
    request: &Request<'_>,
    keyring: &Keyring,
    service: &str,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let (timestamp, seconds) = whole_number(request, Common::TIMESTAMP)?;
    let signed = match request.style {
        Style::V3 => Signed::V3(v3::Signed::read(request, timestamp, seconds, service)?),
        Style::V1 => Signed::V1(v1::Signed::read(request)?),
    };
    if seconds.abs_diff(now.timestamp()) > TIMESTAMP_SKEW_SECONDS_MAX {
        return Err(AuthFailure::Expired { server_time: now.timestamp() }.into());
    }
    let secret_id = match &signed {
        Signed::V3(signed) => signed.secret_id(),
        Signed::V1(_) => request.require(Common::SECRET_ID)?,
    };
    let credential = keyring.find(secret_id).ok_or(AuthFailure::SecretId)?;
    // Assumed: credentials here are permanent ones, so any token is somebody else's.
    if request.common(Common::TOKEN).is_some() {
        return Err(AuthFailure::Token.into());
    }
    let is_right = any_host(request, service, |host| match &signed {
        Signed::V3(signed) => signed.matches(host, credential),
        Signed::V1(signed) => signed.matches(host, credential),
    });
    if is_right { Ok(()) } else { Err(AuthFailure::Signature.into()) }
}

/// A common parameter that is a number of up to 63 bits, written in digits alone: its text, and
/// what that means.
fn whole_number<'a>(request: &'a Request<'_>, common: Common) -> Result<(&'a str, i64), Refusal> {
    let text = request.require(common)?;
    let number = text.bytes().all(|it| it.is_ascii_digit()).then(|| text.parse().ok());
    number.flatten().map(|number| (text, number)).ok_or_else(|| request.bad_value(common))
}

enum Signed<'a> {
    V3(v3::Signed<'a>),
    V1(v1::Signed<'a>),
}

/// Whether the signature is right for any host that the client may have signed for, the likeliest
/// first.
///
/// SDKs disagree on what a host is when it has a port or a scheme, and some can be pointed at
/// another address while they sign for the real one.
fn any_host(request: &Request<'_>, service: &str, matches: impl Fn(&str) -> bool) -> bool {
    let wire = wire_host(request.head);
    let bare = bare(wire);
    let portless = |host| str::rsplit_once(host, ':').map_or(host, |(name, _)| name);
    let real = |site: &str| matches(&format!("{service}.{site}tencentcloudapi.com"));
    [wire, portless(wire), bare, portless(bare)].into_iter().any(&matches)
        || real("")
        || real("intl.")
        || request.common(Common::REGION).is_some_and(|region| real(&format!("{region}.")))
}

/// A host without `http://` before it, as tccli has it.
fn bare(host: &str) -> &str {
    host.split_once("://").map_or(host, |(_, rest)| rest)
}

/// The `Host` header, whatever its text; an absolute-form target stands in for a lost one.
fn wire_host(head: Head<'_>) -> &str {
    let authority = || head.target.authority().map(axum::http::uri::Authority::as_str);
    head.header("host").or_else(authority).unwrap_or_default()
}
