//! The known mistakes of signature v3.

mod headers;
mod payload;

use std::borrow::Cow;

use base16ct::{mixed, upper};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::Hmac;
use percent_encoding::percent_decode_str;
use sha2::{Digest as _, Sha256};

use super::{
    super::{
        Case,
        host::{bare, wire},
        keyring::{Credential, signing_key, v3_seed},
        utc_date,
        v3::{self, Authorization, Draft, Signed},
    },
    Claim, Computed, Diagnosis, FoundMistake, Mistake, Trial, first_for_hosts, host, key, shown,
    v1,
};
use crate::protocol::secret::{MASK, is_secret, secret_pairs, without_password};

/// Maximum number of signed headers of a call whose mistake is searched for.
const SIGNED_HEADERS_MAX: usize = 32;
/// Seconds between two readings of the clock.
const CLOCK_SECONDS_MAX: i64 = 2;
/// Digits of a SHA-256 in hex.
const SIGNATURE_DIGITS: usize = 64;

type Trials<'a> = Vec<Trial<Draft<'a>>>;
type Change = fn(&mut Draft<'_>);

/// All mistakes except wrong hosts, the most common first.
const MISTAKES: [for<'a> fn(&Call<'a>) -> Trials<'a>; 14] = [
    wrong_key,
    headers::wrong_content_type,
    layout,
    headers::value_not_lower_cased,
    headers::headers_unsorted,
    headers::names_not_lower_cased,
    payload::wrong_payload,
    wrong_method,
    wrong_path,
    payload::wrong_query,
    wrong_timestamp,
    wrong_scope,
    signature_in_other_digits,
    payload::respelled_body,
];

/// A call with a wrong signature.
struct Call<'a> {
    case: Case<'a>,
    credential: &'a Credential,
    authorization: Authorization<'a>,
    claim: Claim<Draft<'a>>,
}

impl super::Draft for Draft<'_> {
    type Key = Hmac<Sha256>;

    fn fits(&self, host: &str, key: &Self::Key, signature: &[u8]) -> bool {
        self.matches(host, key, signature)
    }

    fn bytes(&self) -> usize {
        let headers = self.headers.iter().map(|it| it.name.len() + it.value.len());
        self.query.len() + self.payload_hash.len() + headers.sum::<usize>()
    }
}

/// Returns the strings of a correct signature for `host`.
pub(super) fn computed(case: Case<'_>, host: &str) -> Computed {
    let signed = case.timestamp().and_then(|(text, seconds)| {
        Signed::read(case.request, text).map(|signed| (signed, seconds))
    });
    let Ok((signed, seconds)) = signed else {
        return Computed { scheme: v3::ALGORITHM, canonical_request: None, string_to_sign: None };
    };
    let service = signed.due_service(case.service).to_owned();
    let mut draft = signed.draft;
    draft.date = utc_date(seconds).map_or(draft.date, Into::into);
    draft.service = service.into();
    let string_to_sign = draft.string_to_sign(host);
    let keys = case.keyring.known_keys();
    for header in &mut draft.headers {
        // Most values are signed in lower case, where a key would not be recognized.
        let sent = case.request.head.joined_header(&*header.name);
        if !is_shown(&header.name) || keys.mask(&sent) != sent {
            header.value = MASK.into();
        }
    }
    draft.query = masked(case, &draft.query).into();
    Computed {
        scheme: v3::ALGORITHM,
        canonical_request: Some(draft.canonical_request(&without_password(host))),
        string_to_sign: Some(string_to_sign),
    }
}

/// Whether the value of a signed header is shown. Only protocol headers are shown, except for
/// the token.
fn is_shown(name: &str) -> bool {
    matches!(name, "host" | "content-type") || (name.starts_with("x-tc-") && !is_secret(name))
}

/// Masks the secrets in a query.
fn masked(case: Case<'_>, query: &str) -> String {
    let decode = |text| percent_decode_str(text).decode_utf8_lossy();
    let pieces: Vec<(&str, Option<&str>)> = query
        .split('&')
        .map(|piece| piece.split_once('=').map_or((piece, None), |(name, it)| (name, Some(it))))
        .collect();
    let decoded: Vec<(Cow<'_, str>, Cow<'_, str>)> = pieces
        .iter()
        .map(|(name, value)| (decode(name), decode(value.unwrap_or_default())))
        .collect();
    let is_secret = secret_pairs(decoded.iter().map(|(name, value)| (&**name, &**value)));
    let shown = pieces.iter().zip(&decoded).zip(is_secret).map(
        |(((name, value), (decoded_name, decoded)), is_secret)| match value {
            None => (*name).to_owned(),
            Some(_) if is_secret || v1::masked(case, decoded_name, decoded) != *decoded => {
                format!("{name}={MASK}")
            }
            Some(value) => format!("{name}={value}"),
        },
    );
    shown.collect::<Vec<_>>().join("&")
}

/// Searches for the mistake that reproduces a signature.
pub(super) fn search<'a>(case: Case<'a>, signed: Signed<'a>) -> Option<FoundMistake> {
    let Signed { authorization, draft, signature, .. } = signed;
    let credential = case.keyring.find(authorization.secret_id)?;
    let seed = v3_seed(credential.key().as_bytes());
    let key = signing_key(&seed, authorization.date, authorization.service);
    let signature = signature.map(Vec::from).unwrap_or_default();
    let claim = Claim { draft, key, signature };
    let call = Call { case, credential, authorization, claim };
    if call.claim.draft.headers.len() > SIGNED_HEADERS_MAX {
        return seen(&call).map(FoundMistake::from);
    }
    let found = first_for_hosts(case, |accepted| {
        let others = MISTAKES.iter().flat_map(|mistake| mistake(&call));
        wrong_host(&call, accepted).into_iter().chain(others)
    });
    found.or_else(|| seen(&call).map(FoundMistake::from))
}

/// Returns a mistake that is visible without a trial.
fn seen(call: &Call<'_>) -> Option<Diagnosis> {
    let text = call.authorization.signature;
    let is_digit = |it: u8| matches!(it, b'0'..=b'9' | b'a'..=b'f');
    if text.len() != SIGNATURE_DIGITS || !text.bytes().all(is_digit) {
        let text = format!(
            "The signature has {} characters. It must have {SIGNATURE_DIGITS} digits of lower-case hex.",
            text.len()
        );
        return Some(Diagnosis::new(Mistake::SignatureMalformed, text));
    }
    let headers = call.case.request.head.headers;
    let missing = call.claim.draft.headers.iter().map(|it| &*it.name);
    let missing =
        missing.filter(|name| *name != "host").find(|name| !headers.contains_key(*name))?;
    let text = format!("SignedHeaders has {}, but the call has no such header.", shown(missing));
    Some(Diagnosis::new(Mistake::HeaderNotSent, text))
}

fn wrong_host<'a>(call: &Call<'a>, accepted: &[String]) -> Trials<'a> {
    host::trials(call.case, &call.claim, accepted, Some(call.authorization.service))
}

fn wrong_key<'a>(call: &Call<'a>) -> Trials<'a> {
    let Authorization { date, service, .. } = call.authorization;
    let mut seeds = key::wrong(call.case, call.credential);
    for (_, key) in &mut seeds {
        *key = v3_seed(key);
    }
    let text = "The key lacks the prefix `TC3`. The key of the first HMAC-SHA256 is `TC3` and the SecretKey.";
    let plain = call.credential.key().as_bytes().to_vec();
    seeds.push((Diagnosis::new(Mistake::KeyPrefix, text), plain));
    let key = |(diagnosis, seed): (_, Vec<u8>)| {
        call.claim.but(diagnosis, |it| it.key = signing_key(&seed, date, service))
    };
    seeds.into_iter().map(key).collect()
}

/// Mistakes that change a whole string.
const LAYOUTS: [(Mistake, &str, Change); 9] = [
    (
        Mistake::RequestEndsInNewline,
        "The canonical request ends in a newline. It must end in the hash of the body.",
        |it| it.layout.request = ended,
    ),
    (
        Mistake::StringEndsInNewline,
        "The string to sign ends in a newline. It must end in the hash of the canonical request.",
        |it| it.layout.string = ended,
    ),
    (
        Mistake::CarriageReturns,
        "The lines of the canonical request end in CR LF. They must end in LF.",
        |it| it.layout.request = carried,
    ),
    (
        Mistake::CarriageReturns,
        "Lines end in CR LF, in the canonical request and the string to sign. They must end in LF.",
        |it| (it.layout.request, it.layout.string) = (carried, carried),
    ),
    (
        Mistake::BlankLineLeftOut,
        "The canonical request has no blank line between the headers and SignedHeaders. Each header ends in a newline, and one more follows.",
        |it| it.layout.after_headers = "",
    ),
    (
        Mistake::RequestNotHashed,
        "The string to sign ends in the canonical request itself. It must end in its SHA-256 in hex.",
        |it| it.layout.digest = str::to_owned,
    ),
    (
        Mistake::HashInUpperCase,
        "The hash of the canonical request is in upper-case hex. It must be in lower case.",
        |it| it.layout.digest = upper_hash,
    ),
    (
        Mistake::HashInUpperCase,
        "The hash of the body is in upper-case hex. It must be in lower case.",
        |it| it.payload_hash.make_ascii_uppercase(),
    ),
    (
        Mistake::HashInUpperCase,
        "The hashes of the body and the canonical request are in upper-case hex. They must be in lower case.",
        |it| {
            it.payload_hash.make_ascii_uppercase();
            it.layout.digest = upper_hash;
        },
    ),
];

fn layout<'a>(call: &Call<'a>) -> Trials<'a> {
    let trial = |(mistake, text, change): (_, &str, Change)| {
        call.claim.but(Diagnosis::new(mistake, text), |it| change(&mut it.draft))
    };
    LAYOUTS.map(trial).into()
}

fn ended(text: &mut String) {
    text.push('\n');
}

fn carried(text: &mut String) {
    *text = text.replace('\n', "\r\n");
}

fn upper_hash(text: &str) -> String {
    upper::encode_string(&Sha256::digest(text))
}

fn wrong_method<'a>(call: &Call<'a>) -> Trials<'a> {
    let sent = call.case.request.head.method.as_str();
    let other = if sent == "GET" { "POST" } else { "GET" };
    let lower = sent.to_ascii_lowercase();
    [(Mistake::MethodInLowerCase, lower.as_str()), (Mistake::MethodOther, other)]
        .map(|(mistake, method)| {
            let text = format!("The signed method is `{method}`. Sign it as `{sent}`.");
            let method = method.to_owned();
            call.claim.but(Diagnosis::new(mistake, text), |it| it.draft.method = method.into())
        })
        .into()
}

fn wrong_path<'a>(call: &Call<'a>) -> Trials<'a> {
    let target = call.case.request.head.target;
    let whole = target.path_and_query().map_or("/", |it| it.as_str());
    ["", target.path(), whole, "/?"]
        .into_iter()
        .filter(|path| *path != "/")
        .map(|path| {
            let text = format!("The signed path is {}. It must be `/` in every call.", shown(path));
            let path = path.to_owned();
            call.claim
                .but(Diagnosis::new(Mistake::PathOther, text), |it| it.draft.path = path.into())
        })
        .collect()
}

fn wrong_timestamp<'a>(call: &Call<'a>) -> Trials<'a> {
    let Ok((sent, seconds)) = call.case.timestamp() else { return Vec::new() };
    let near = (-CLOCK_SECONDS_MAX..=CLOCK_SECONDS_MAX).filter(|it| *it != 0);
    let beijing = [8, -8].map(|hours| hours * 3600);
    let other = near.chain(beijing).map(|by| seconds.saturating_add(by).to_string());
    other
        .chain([format!("{sent}000"), format!("{sent}.0"), String::new()])
        .map(|timestamp| {
            let text = format!(
                "The timestamp in the string to sign is {}, but X-TC-Timestamp is `{sent}`. Read the clock only once.",
                shown(&timestamp)
            );
            let diagnosis = Diagnosis::new(Mistake::TimestampOther, text);
            call.claim.but(diagnosis, |it| it.draft.timestamp = timestamp.into())
        })
        .collect()
}

/// The key, the string to sign, or both are for another date or service.
fn wrong_scope<'a>(call: &Call<'a>) -> Trials<'a> {
    let Authorization { date, service, .. } = call.authorization;
    let seconds = call.case.timestamp().map_or(0, |(_, seconds)| seconds);
    let day = |by: i64| {
        utc_date(seconds.saturating_add(by * 86_400)).map(String::from).unwrap_or_default()
    };
    let dates = [day(1), day(-1), date.replace('-', "")];
    let label = bare(wire(call.case.request)).split('.').next().unwrap_or_default();
    let services = [call.case.service, label, "cvm", "vpc", ""].map(str::to_owned);
    let dates = dates.map(|it| (Mistake::ScopeOtherDate, it, service.to_owned()));
    let services = services.map(|it| (Mistake::ScopeOtherService, date.to_owned(), it));
    let others = dates.into_iter().chain(services);
    let others = others.filter(|(_, other, of)| (other.as_str(), of.as_str()) != (date, service));
    others
        .flat_map(|(mistake, other_date, other_service)| {
            let seed = v3_seed(call.credential.key().as_bytes());
            let key = signing_key(&seed, &other_date, &other_service);
            [
                ("key is", true, false),
                ("string to sign is", false, true),
                ("key and the string to sign are", true, true),
            ]
            .map(|(what, in_key, in_string)| {
                let text = format!(
                    "The {what} for {}, but Credential is for {}. They must be the same.",
                    shown(&format!("{other_date}/{other_service}")),
                    shown(&format!("{date}/{service}")),
                );
                call.claim.but(Diagnosis::new(mistake, text), |it| {
                    if in_key {
                        it.key.clone_from(&key);
                    }
                    if in_string {
                        it.draft.date = other_date.clone().into();
                        it.draft.service = other_service.clone().into();
                    }
                })
            })
        })
        .collect()
}

fn signature_in_other_digits<'a>(call: &Call<'a>) -> Trials<'a> {
    let text = call.authorization.signature;
    let due = "It must be in lower-case hex.";
    let hex = mixed::decode_vec(text).ok().map(|signature| {
        let text = format!("The signature is in upper-case hex. {due}");
        (Diagnosis::new(Mistake::SignatureInUpperCase, text), signature)
    });
    let base64 = BASE64_STANDARD.decode(text).ok().map(|signature| {
        let text = format!("The signature is in base64. {due}");
        (Diagnosis::new(Mistake::SignatureInBase64, text), signature)
    });
    let trial = |(diagnosis, signature)| call.claim.but(diagnosis, |it| it.signature = signature);
    hex.into_iter().chain(base64).map(trial).collect()
}
