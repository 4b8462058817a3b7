//! Mistakes in a call's claims about its signature, found without a trial.

use chrono::DateTime;

use super::{
    super::{Case, TIMESTAMP_SKEW_SECONDS_MAX, host, utc_date, v3},
    Diagnosis, Mistake, shown, shown_host,
};
use crate::protocol::{
    refusal::AuthorizationPart as Part,
    request::{Common, Style},
    text::count_of,
};

const HOUR_SECONDS: i64 = 3600;
/// Offsets of time zones from UTC in hours, the most likely first.
const ZONE_HOURS: [i64; 26] = [
    8, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, -1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11,
    -12,
];
/// Additional skew of a clock in another time zone, in seconds.
const ZONE_SKEW_SECONDS_MAX: u64 = 60;
/// Seconds in ten years. A number that is this close to now in a smaller unit is taken to be in it.
const UNIT_SKEW_SECONDS_MAX: u64 = 315_360_000;
/// Maximum length of a string that may be the name of an algorithm, in bytes. Secret keys are longer.
const ALGORITHM_BYTES_MAX: usize = 20;
/// Units smaller than seconds.
const UNITS: [(i64, &str); 3] =
    [(1_000, "milliseconds"), (1_000_000, "microseconds"), (1_000_000_000, "nanoseconds")];

/// Diagnoses the invalid part of an `Authorization` header.
pub(super) fn authorization(case: Case<'_>, part: Part) -> Option<Diagnosis> {
    let header = case.request.common(Common::SIGNATURE)?;
    let malformed = |text: String| Some(Diagnosis::new(Mistake::AuthorizationMalformed, text));
    match part {
        Part::Algorithm => malformed(match header.split_once(v3::is_space) {
            // Any other string might be a key.
            Some((algorithm, _))
                if algorithm.len() <= ALGORITHM_BYTES_MAX && !case.keyring.has_key(algorithm) => format!(
                "`Authorization` begins with the algorithm {}. It must begin with `{}`.",
                shown(algorithm),
                v3::ALGORITHM
            ),
            _ => format!("`Authorization` must begin with `{}` and a space.", v3::ALGORITHM),
        }),
        Part::Credential => malformed(
            "`Authorization` must have `Credential=SecretId/Date/Service/tc3_request` between commas."
                .to_owned(),
        ),
        Part::Signature => malformed(
            "`Authorization` must have `Signature=` and 64 hex digits, after a comma.".to_owned(),
        ),
        Part::SignedHeaders => Some(signed_headers(header)),
        Part::Service => service(case, header),
        Part::Date => date(case, header),
    }
}

fn signed_headers(header: &str) -> Diagnosis {
    let text = match v3::Authorization::parse(header) {
        Ok(it) => format!(
            "SignedHeaders is {}. It must have `content-type` and `host`, and no name twice.",
            shown(it.signed_headers)
        ),
        Err(_) => {
            "`Authorization` must have `SignedHeaders=content-type;host`, after a comma.".into()
        }
    };
    Diagnosis::new(Mistake::SignedHeadersInvalid, text)
}

fn service(case: Case<'_>, header: &str) -> Option<Diagnosis> {
    let text = format!(
        "The service in Credential is {}, but the host {} is that of `{}`. Sign for that service.",
        shown(v3::Authorization::parse(header).ok()?.service),
        shown_host(host::wire(case.request)),
        case.service
    );
    Some(Diagnosis::new(Mistake::ServiceOther, text))
}

fn date(case: Case<'_>, header: &str) -> Option<Diagnosis> {
    let stated = v3::Authorization::parse(header).ok()?.date;
    let (_, seconds) = case.timestamp().ok()?;
    if let Some(wrong_unit) = unit(case, seconds) {
        return Some(wrong_unit);
    }
    let due = utc_date(seconds).unwrap_or_default();
    let end = format!("It must be the UTC date of the timestamp, {due}.");
    let shown_date = shown(stated);
    let diagnosis = |mistake, text: String| Some(Diagnosis::new(mistake, text));
    let zone = |hours: &&i64| {
        let local = seconds.checked_add(*hours * HOUR_SECONDS).and_then(utc_date);
        local.as_deref() == Some(stated)
    };
    if !is_date(stated) {
        let text =
            format!("The date in Credential is {shown_date}, not written as YYYY-MM-DD. {end}");
        return diagnosis(Mistake::DateMalformed, text);
    }
    if utc_date(case.now.timestamp()).as_deref() == Some(stated)
        && let Some(wrong_time) = timestamp(case)
    {
        return Some(wrong_time);
    }
    if let Some(hours) = ZONE_HOURS.iter().find(zone) {
        let text =
            format!("The date in Credential is {shown_date}, the date at UTC{hours:+}. {end}");
        return diagnosis(Mistake::DateLocal, text);
    }
    diagnosis(Mistake::DateOther, format!("The date in Credential is {shown_date}. {end}"))
}

/// Whether a string has the form `YYYY-MM-DD`.
fn is_date(text: &str) -> bool {
    let is_digits = |(text, count): (&str, usize)| {
        text.len() == count && text.bytes().all(|it| it.is_ascii_digit())
    };
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() == 3 && parts.into_iter().zip([4, 2, 2]).all(is_digits)
}

/// Diagnoses a timestamp that is too far from now.
pub(super) fn timestamp(case: Case<'_>) -> Option<Diagnosis> {
    let (_, seconds) = case.timestamp().ok()?;
    let now = case.now.timestamp();
    if seconds.abs_diff(now) <= TIMESTAMP_SKEW_SECONDS_MAX {
        return None;
    }
    let diagnosis = |mistake, text: String| Some(Diagnosis::new(mistake, text));
    if let Some(wrong_unit) = unit(case, seconds) {
        return Some(wrong_unit);
    }
    let way = if seconds > now { "ahead of" } else { "behind" };
    let zone = |hours: &&i64| {
        seconds.abs_diff(now.saturating_add(**hours * HOUR_SECONDS)) <= ZONE_SKEW_SECONDS_MAX
    };
    if let Some(hours) = ZONE_HOURS.iter().find(zone) {
        let hours = usize::try_from(hours.unsigned_abs()).unwrap_or_default();
        let text = format!(
            "The timestamp is {} {way} the server's clock, like a local time that is mistaken for UTC. Use Unix seconds.",
            count_of(hours, "hour")
        );
        return diagnosis(Mistake::TimestampLocal, text);
    }
    let text = format!(
        "The timestamp is {} seconds {way} the server's clock, which reads {now} ({}). It may be off by at most {TIMESTAMP_SKEW_SECONDS_MAX}.",
        seconds.abs_diff(now),
        case.now.format("%FT%TZ"),
    );
    diagnosis(Mistake::TimestampOff, text)
}

/// Diagnoses a timestamp in a smaller unit than seconds.
fn unit(case: Case<'_>, number: i64) -> Option<Diagnosis> {
    let now = case.now.timestamp();
    let is_near = |seconds: i64| seconds.abs_diff(now) <= UNIT_SKEW_SECONDS_MAX;
    let (divisor, name) = UNITS.into_iter().find(|(divisor, _)| is_near(number / divisor))?;
    let seconds = DateTime::from_timestamp(number / divisor, 0)?.timestamp();
    let text = format!("The timestamp {number} is in {name}. It must be in seconds: {seconds}.");
    (!is_near(number)).then(|| Diagnosis::new(Mistake::TimestampNotInSeconds, text))
}

/// Diagnoses a token that is not needed.
pub(super) fn token(case: Case<'_>) -> Diagnosis {
    let name = match case.request.style {
        Style::V3 => "X-TC-Token",
        Style::V1 => "Token",
    };
    let text =
        format!("The call has a token, but all known keys are permanent. Leave out `{name}`.");
    Diagnosis::new(Mistake::TokenNotNeeded, text)
}

/// Diagnoses a stated hash that is not the body's.
pub(super) fn content_hash(case: Case<'_>) -> Option<Diagnosis> {
    let stated = shown(case.request.stated_hash()?);
    let (timestamp, _) = case.timestamp().ok()?;
    let due = v3::Signed::read(case.request, timestamp).ok()?.draft.payload_hash;
    let name = v3::CONTENT_HASH;
    let unsigned = v3::UNSIGNED_PAYLOAD;
    let text = format!("{name} is {stated}. It must be {due} or {unsigned}, or be left out.");
    Some(Diagnosis::new(Mistake::ContentHashOther, text))
}
