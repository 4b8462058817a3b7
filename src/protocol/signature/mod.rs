//! Verification of the signatures of calls.

pub mod explain;
mod host;
pub mod keyring;
pub mod v1;
pub mod v3;

use chrono::{DateTime, Datelike as _, Utc};
use compact_str::{CompactString, ToCompactString as _};

use super::{
    refusal::{AuthFailure, Refusal},
    request::{Common, Request, Style},
    text::{Ascii, digits},
};
use explain::Explanation;
#[cfg(feature = "command")]
pub use host::real_hosts;
use host::{Candidate, Kind};
pub use host::{DOMAINS, is_backup};
use keyring::{Credential, Keyring};

/// Maximum difference between a timestamp and the clock, in seconds.
pub const TIMESTAMP_SKEW_SECONDS_MAX: u64 = 300;

/// Returns the SecretId that a call states, even if the call is not signed with it.
pub fn secret_id<'a>(request: &'a Request<'_>) -> Option<&'a str> {
    match request.style {
        Style::V3 => v3::Authorization::secret_id(request.common(Common::SIGNATURE)?),
        Style::V1 => request.common(Common::SECRET_ID),
    }
}

/// Returns the signature algorithm that a call states, if it is a known one.
pub fn scheme(request: &Request<'_>) -> Option<&'static str> {
    let signature = request.common(Common::SIGNATURE)?;
    match request.style {
        Style::V3 => signature.starts_with(v3::ALGORITHM).then_some(v3::ALGORITHM),
        Style::V1 => v1::Method::of(request).ok().map(v1::Method::name),
    }
}

/// Whether a call declares itself unsigned: `Authorization: SKIP`.
pub fn is_skipped(request: &Request<'_>) -> bool {
    request.style == Style::V3 && request.common(Common::SIGNATURE) == Some(v3::SKIP)
}

/// Rejects a call that lacks a common parameter of its signature. Checks in the gateway's order.
pub fn check_presence(request: &Request<'_>) -> Result<(), Refusal> {
    let required: &[Common] = match request.style {
        Style::V3 => &[Common::TIMESTAMP, Common::SIGNATURE],
        Style::V1 => &[Common::TIMESTAMP, Common::NONCE, Common::SECRET_ID, Common::SIGNATURE],
    };
    required.iter().try_for_each(|common| request.require(*common).map(drop))
}

/// Rejects an invalid value of a common parameter of the signature.
pub fn check_values(request: &Request<'_>) -> Result<(), Refusal> {
    whole_number(request, Common::TIMESTAMP)?;
    if request.style == Style::V1 {
        // Assumed (auth.nonce-repeated): a nonce may repeat.
        whole_number(request, Common::NONCE)?;
        v1::Method::of(request)?;
    }
    Ok(())
}

/// Result of checking a signature.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct SignatureCheck {
    /// Whether the signature is accepted, or the rejection.
    pub outcome: Result<(), Refusal>,
    /// The computed strings and the client's mistake. `None` if the signature is correct for the host
    /// on the wire, or if the call lacks a part that a signature needs.
    pub explanation: Option<Box<Explanation>>,
}

/// Checks a call's credential and signature, and explains why they are wrong.
///
/// An explanation takes up to tens of milliseconds. A server should call [`Case::check`] first, and
/// this function where it blocks no other call.
pub fn verify(
    request: &Request<'_>,
    keyring: &Keyring,
    service: &str,
    now: DateTime<Utc>,
) -> SignatureCheck {
    let case = Case { request, keyring, service, now };
    match case.find_host() {
        Ok(Candidate { kind: Kind::Wire, .. }) => {
            SignatureCheck { outcome: Ok(()), explanation: None }
        }
        Ok(candidate) => SignatureCheck {
            outcome: Ok(()),
            explanation: Some(explain::accepted(case, &candidate)),
        },
        Err(refusal) => {
            let explanation = explain::refused(case, &refusal);
            SignatureCheck { outcome: Err(refusal), explanation }
        }
    }
}

/// Result of checking a signature, without an explanation.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Checked {
    /// Whether the signature is accepted, or the rejection.
    pub outcome: Result<(), Refusal>,
    /// Whether [`verify`] may return an explanation.
    pub is_unexplained: bool,
}

/// A call, and everything its signature is checked against.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    pub request: &'a Request<'a>,
    pub keyring: &'a Keyring,
    /// The product, such as `ecm`.
    pub service: &'a str,
    /// The account's time.
    pub now: DateTime<Utc>,
}

impl<'a> Case<'a> {
    /// Checks a call's credential and signature, in the gateway's order: form of the header,
    /// service, date, hash of the body, timestamp, SecretId, token, signature.
    pub fn check(self) -> Checked {
        let host = self.find_host();
        let is_unexplained = !matches!(host, Ok(Candidate { kind: Kind::Wire, .. }));
        Checked { outcome: host.map(drop), is_unexplained }
    }

    /// Returns the signed host, or the rejection.
    fn find_host(self) -> Result<Candidate<'a>, Refusal> {
        // Assumed (auth.check-order): the checks run in this order.
        let (timestamp, seconds) = self.timestamp()?;
        let signed = Signed::read(self.request, timestamp)?;
        if let Signed::V3(signed) = &signed {
            signed.check(seconds, self.service)?;
        }
        if seconds.abs_diff(self.now.timestamp()) > TIMESTAMP_SKEW_SECONDS_MAX {
            return Err(AuthFailure::Expired { server_time: self.now.timestamp() }.into());
        }
        let secret_id = match &signed {
            Signed::V3(signed) => signed.secret_id(),
            Signed::V1(_) => self.request.require(Common::SECRET_ID)?,
        };
        let credential = self.keyring.find(secret_id).ok_or(AuthFailure::SecretId)?;
        // Assumed (auth.token): any token belongs to another credential, as configured credentials
        // are permanent.
        if self.request.common(Common::TOKEN).is_some() {
            return Err(AuthFailure::Token.into());
        }
        host::candidates(self.request, self.service)
            .find(|candidate| signed.matches(&candidate.host, credential))
            .ok_or_else(|| AuthFailure::Signature.into())
    }

    /// Returns the timestamp as a string and in seconds.
    fn timestamp(self) -> Result<(&'a str, i64), Refusal> {
        whole_number(self.request, Common::TIMESTAMP)
    }
}

/// Returns a common parameter as a string and as a number. It must be an unsigned decimal number of up
/// to 63 bits.
fn whole_number<'a>(request: &'a Request<'_>, common: Common) -> Result<(&'a str, i64), Refusal> {
    let text = request.require(common)?;
    // Assumed (auth.timestamp-digits, auth.nonce-digits): any other text is an invalid value.
    let number = text.bytes().try_fold(0_i64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| byte - b'0')?;
        number.checked_mul(10)?.checked_add(digit.into())
    });
    number.map(|number| (text, number)).ok_or_else(|| request.bad_value(common))
}

/// A signed request of either version.
#[expect(clippy::large_enum_variant, reason = "one per call, and it stays on the stack")]
enum Signed<'a> {
    V3(v3::Signed<'a>),
    V1(v1::Signed<'a>),
}

impl<'a> Signed<'a> {
    /// Collects what the signature covers.
    fn read(request: &'a Request<'a>, timestamp: &'a str) -> Result<Self, Refusal> {
        Ok(match request.style {
            Style::V3 => Self::V3(v3::Signed::read(request, timestamp)?),
            Style::V1 => Self::V1(v1::Signed::read(request)?),
        })
    }

    /// Whether `credential` produces this signature for `host`.
    fn matches(&self, host: &str, credential: &Credential) -> bool {
        match self {
            Self::V3(signed) => signed.matches(host, credential),
            Self::V1(signed) => signed.matches(host, credential),
        }
    }
}

/// Returns the UTC date of a time, in the format of a credential.
fn utc_date(seconds: i64) -> Option<CompactString> {
    let date = DateTime::from_timestamp(seconds, 0)?.date_naive();
    let Ok(year @ 0..=9999) = u32::try_from(date.year()) else {
        return Some(date.to_compact_string());
    };
    let [month, day] = [date.month(), date.day()].map(digits::<2>);
    let text = Ascii::<16>::new([&digits::<4>(year), b"-", &month, b"-", &day]);
    Some(text.as_str().into())
}
