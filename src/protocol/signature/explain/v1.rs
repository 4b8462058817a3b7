//! The known mistakes of signature v1.

use std::{borrow::Cow, iter};

use base16ct::mixed;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use percent_encoding::percent_decode_str;

use super::{
    super::{
        Case,
        keyring::{Credential, v3_seed},
        v1::{Draft, Method, Signed, join, signed_pairs},
    },
    Claim, Computed, Diagnosis, FoundMistake, Mistake, Trial, first_for_hosts, host, key,
    query::ENCODINGS,
    shown,
};
use crate::protocol::{
    request::Common,
    secret::{MASK, secret_pairs, without_password},
};

const SECRET_ID: &str = "SecretId";
/// Maximum size of the parameters of a call whose mistake is searched for, in bytes.
const PARAMETERS_BYTES_MAX: usize = 16 * 1024;

/// Path of the vendor's earlier API, which signatures of that API cover.
const API_2_PATH: &str = "/v2/index.php";
/// PHP's text of a list.
const PHP_LIST: &str = "Array";
/// Cure of the mistakes of the PHP SDK.
const PHP_FIX: &str =
    "tencentcloud-sdk-php 3.0.1656 does this: use signature v3 or tencentcloud-sdk-php-intl-en.";
/// Maximum number of parameters with the value `0` that are tried as `false`.
const ZEROS_MAX: usize = 8;

type Trials<'a> = Vec<Trial<Draft<'a>>>;

/// All mistakes except wrong hosts, the most common first.
const MISTAKES: [for<'a> fn(&Call<'a>) -> Trials<'a>; 11] = [
    wrong_key,
    signature_in_other_digits,
    wrong_method,
    wrong_algorithm,
    wrong_end,
    wrong_path,
    values_encoded,
    wrong_order,
    values_left_out,
    lists_as_text,
    false_as_text,
];

/// A call with a wrong signature.
struct Call<'a> {
    case: Case<'a>,
    credential: &'a Credential,
    claim: Claim<Draft<'a>>,
    /// Signed parameters, sorted by name.
    pairs: Vec<(&'a str, &'a str)>,
}

impl super::Draft for Draft<'_> {
    type Key = Vec<u8>;

    fn fits(&self, host: &str, key: &Self::Key, signature: &[u8]) -> bool {
        self.matches(host, key, signature)
    }

    fn bytes(&self) -> usize {
        self.path.len() + self.parameters.len()
    }
}

/// Returns the strings of a correct signature for `host`.
pub(super) fn computed(case: Case<'_>, host: &str) -> Computed {
    let Ok(Signed { mut draft, .. }) = Signed::read(case.request) else {
        return Computed { scheme: "", canonical_request: None, string_to_sign: None };
    };
    let pairs = sorted(case);
    let shown = |((name, value), is_secret)| match value {
        "" => (name, Cow::Borrowed("")),
        _ if is_secret => (name, Cow::Borrowed(MASK)),
        value => (name, masked(case, name, value)),
    };
    let is_secret = secret_pairs(pairs.iter().copied());
    draft.parameters = join(pairs.into_iter().zip(is_secret).map(shown));
    Computed {
        scheme: draft.algorithm.name(),
        canonical_request: None,
        string_to_sign: Some(draft.string_to_sign(&without_password(host))),
    }
}

/// Masks the secret keys in a parameter of a call.
pub(super) fn masked<'t>(case: Case<'_>, name: &str, value: &'t str) -> Cow<'t, str> {
    if name == SECRET_ID {
        case.keyring.mask_secret_id(value)
    } else {
        case.keyring.known_keys().mask(value)
    }
}

/// Searches for the mistake that reproduces a signature.
pub(super) fn search<'a>(case: Case<'a>, signed: Signed<'a>) -> Option<FoundMistake> {
    let Signed { draft, signature, .. } = signed;
    let credential = case.keyring.find(case.request.common(Common::SECRET_ID)?)?;
    let key = credential.key().as_bytes().to_vec();
    let claim = Claim { draft, key, signature };
    let call = Call { case, credential, claim, pairs: sorted(case) };
    if call.claim.draft.parameters.len() > PARAMETERS_BYTES_MAX {
        return malformed(&call).map(FoundMistake::from);
    }
    let found = first_for_hosts(case, |accepted| {
        let others = MISTAKES.iter().flat_map(|mistake| mistake(&call));
        wrong_host(&call, accepted).into_iter().chain(others)
    });
    found.or_else(|| malformed(&call).map(FoundMistake::from))
}

fn sorted(case: Case<'_>) -> Vec<(&str, &str)> {
    let mut pairs = signed_pairs(case.request);
    pairs.sort_by_key(|(name, _)| *name);
    pairs
}

/// Diagnoses a string that cannot be a signature.
fn malformed(call: &Call<'_>) -> Option<Diagnosis> {
    let bytes = call.claim.signature.len();
    let due = match call.claim.draft.algorithm {
        Method::Sha1 => 20,
        Method::Sha256 => 32,
    };
    let text = format!(
        "The signature is not {due} bytes in base64, as {} requires.",
        call.claim.draft.algorithm.name()
    );
    (bytes != due).then(|| Diagnosis::new(Mistake::SignatureMalformed, text))
}

fn wrong_host<'a>(call: &Call<'a>, accepted: &[String]) -> Trials<'a> {
    let text = "The string to sign has no host. It begins with the method, the host, `/` and `?`.";
    let left_out = call.claim.at(Diagnosis::new(Mistake::HostLeftOut, text), String::new());
    let mut trials = host::trials(call.case, &call.claim, accepted, None);
    trials.push(left_out);
    trials
}

fn wrong_key<'a>(call: &Call<'a>) -> Trials<'a> {
    let mut keys = key::wrong(call.case, call.credential);
    let text = "The key has the prefix `TC3`, which only signature v3 uses.";
    let prefixed = v3_seed(call.credential.key().as_bytes());
    keys.push((Diagnosis::new(Mistake::KeyPrefix, text), prefixed));
    keys.into_iter().map(|(diagnosis, key)| call.claim.but(diagnosis, |it| it.key = key)).collect()
}

fn signature_in_other_digits<'a>(call: &Call<'a>) -> Trials<'a> {
    let text = call.case.request.common(Common::SIGNATURE).unwrap_or_default();
    let decoded = percent_decode_str(text).decode_utf8_lossy();
    let base64 = |text: &str| BASE64_STANDARD.decode(text.trim_end_matches('\n')).ok();
    [
        (
            Mistake::SignatureNotEncoded,
            "The signature is not url-encoded, so each `+` in it became a space. Encode it.",
            base64(&text.replace(' ', "+")),
        ),
        (
            Mistake::SignatureEncodedTwice,
            "The signature is url-encoded twice. Encode it once.",
            base64(&decoded),
        ),
        (
            Mistake::SignatureInHex,
            "The signature is in hex. It must be in base64.",
            mixed::decode_vec(text).ok(),
        ),
    ]
    .into_iter()
    .filter_map(|(mistake, text, signature)| {
        let diagnosis = Diagnosis::new(mistake, text);
        signature.map(|signature| call.claim.but(diagnosis, |it| it.signature = signature))
    })
    .collect()
}

fn wrong_method<'a>(call: &Call<'a>) -> Trials<'a> {
    let sent = call.case.request.head.method.as_str();
    let other = if sent == "GET" { "POST" } else { "GET" };
    let lower = sent.to_ascii_lowercase();
    [
        (Mistake::MethodOther, other),
        (Mistake::MethodInLowerCase, lower.as_str()),
        (Mistake::MethodOther, ""),
    ]
    .map(|(mistake, method)| {
        let text = format!(
            "The string to sign begins with the method {}. It must be `{sent}`.",
            shown(method)
        );
        let method = method.to_owned();
        call.claim.but(Diagnosis::new(mistake, text), |it| it.draft.method = method.into())
    })
    .into()
}

fn wrong_algorithm<'a>(call: &Call<'a>) -> Trials<'a> {
    let due = call.claim.draft.algorithm;
    let other = match due {
        Method::Sha1 => Method::Sha256,
        Method::Sha256 => Method::Sha1,
    };
    let stated = call.case.request.common(Common::SIGNATURE_METHOD);
    let text = format!(
        "The signature is made with {}, but SignatureMethod is {}, which means {}.",
        other.name(),
        shown(stated.unwrap_or_default()),
        due.name()
    );
    let diagnosis = Diagnosis::new(Mistake::AlgorithmOther, text);
    vec![call.claim.but(diagnosis, |it| it.draft.algorithm = other)]
}

/// Wrong endings of the string to sign.
const ENDS: [(Mistake, &str, &str); 2] = [
    (Mistake::StringEndsInNewline, "a newline", "\n"),
    (Mistake::StringEndsInAmpersand, "`&`", "&"),
];

fn wrong_end<'a>(call: &Call<'a>) -> Trials<'a> {
    ENDS.map(|(mistake, what, end)| {
        let text = format!("The string to sign ends in {what}. It must end in the last parameter.");
        call.claim.but(Diagnosis::new(mistake, text), |it| it.draft.end = end)
    })
    .into()
}

/// Incomplete texts between the host and the parameters.
const INCOMPLETE_PATHS: [(&str, &str); 3] =
    [("`/?` after the host", ""), ("`/` after the host", "?"), ("`?` after the path", "/")];

fn wrong_path<'a>(call: &Call<'a>) -> Trials<'a> {
    let incomplete = INCOMPLETE_PATHS
        .map(|(missing, path)| (format!("The string to sign has no {missing}."), path.to_owned()));
    let sent = Some(call.case.request.head.target.path());
    let sent = sent.filter(|path| !["/", API_2_PATH].contains(path));
    let others = sent.into_iter().chain([API_2_PATH]).map(|path| {
        let text = format!("The signed path is {}. It must be `/` in every call.", shown(path));
        (text, format!("{path}?"))
    });
    let trial = |(text, path): (String, String)| {
        let diagnosis = Diagnosis::new(Mistake::PathOther, text);
        call.claim.but(diagnosis, |it| it.draft.path = path.into())
    };
    incomplete.into_iter().chain(others).map(trial).collect()
}

fn values_encoded<'a>(call: &Call<'a>) -> Trials<'a> {
    ENCODINGS
        .iter()
        .map(|encoding| {
            let pairs = call.pairs.iter().map(|(name, value)| (*name, encoding.encode(value)));
            let text = format!(
                "Values in the string to sign are url-encoded (as by {}). Sign them unencoded, and encode them only for sending.",
                encoding.who
            );
            let diagnosis = Diagnosis::new(Mistake::ValuesEncoded, text);
            call.claim.but(diagnosis, |it| it.draft.parameters = join(pairs))
        })
        .collect()
}

fn wrong_order<'a>(call: &Call<'a>) -> Trials<'a> {
    let sent = signed_pairs(call.case.request);
    let mut by_pair = sent.clone();
    by_pair.sort_by_key(|(name, value)| format!("{name}={value}"));
    let mut any_case = sent.clone();
    any_case.sort_by_key(|(name, _)| name.to_lowercase());
    [
        ("in the order they are sent", sent),
        ("sorted by name, ignoring case", any_case),
        ("sorted by name and value as one text", by_pair),
    ]
    .into_iter()
    .filter(|(_, pairs)| *pairs != call.pairs)
    .map(|(order, pairs)| {
        let text = format!(
            "Parameters in the string to sign are {order}. Sort them by name, byte by byte."
        );
        let diagnosis = Diagnosis::new(Mistake::ParametersUnsorted, text);
        call.claim.but(diagnosis, |it| it.draft.parameters = join(pairs))
    })
    .collect()
}

fn values_left_out<'a>(call: &Call<'a>) -> Trials<'a> {
    let trial = |mistake, text: &str, is_left_out: fn(&str) -> bool| {
        let pairs = call.pairs.iter().filter(|(_, value)| !is_left_out(value)).copied();
        let diagnosis = Diagnosis::new(mistake, text);
        call.claim.but(diagnosis, |it| it.draft.parameters = join(pairs))
    };
    vec![
        trial(
            Mistake::EmptyValuesLeftOut,
            "Parameters without a value are sent but not signed. Sign them as `Name=`.",
            str::is_empty,
        ),
        trial(
            Mistake::AtValuesLeftOut,
            "Parameters whose value begins with `@` are sent but not signed, as by capi with POST. Sign all parameters, or use signature v3.",
            |value| value.starts_with('@'),
        ),
    ]
}

/// Tries PHP's text of a list: `Filters=Array` for `Filters[0][Name]=...`.
fn lists_as_text<'a>(call: &Call<'a>) -> Trials<'a> {
    let mut pairs: Vec<(&str, &str)> = Vec::with_capacity(call.pairs.len());
    let mut list = None;
    for (name, value) in &call.pairs {
        match name.split_once('[') {
            Some((name, _)) if pairs.last() != Some(&(name, PHP_LIST)) => {
                list = list.or(Some(name));
                pairs.push((name, PHP_LIST));
            }
            Some(_) => {}
            None => pairs.push((name, value)),
        }
    }
    let Some(list) = list else { return Vec::new() };
    // `Tags[0]` and `Tags` sort differently among names such as `TagsB`.
    pairs.sort_by_key(|(name, _)| *name);
    let text = format!(
        "The list {} is signed as `{PHP_LIST}`, as PHP converts a list to a string. {PHP_FIX}",
        shown(list)
    );
    let diagnosis = Diagnosis::new(Mistake::ListSignedAsArray, text);
    let with_false = zeros_as_false(&pairs).into_iter().map(|(_, parameters)| parameters);
    iter::once(join(pairs.iter().copied()))
        .chain(with_false)
        .map(|parameters| call.claim.but(diagnosis.clone(), |it| it.draft.parameters = parameters))
        .collect()
}

/// Tries PHP's text of `false`: empty, although it is sent as `0`.
fn false_as_text<'a>(call: &Call<'a>) -> Trials<'a> {
    let trial = |(name, parameters)| {
        let text = format!(
            "{} is sent as `0` but signed as empty, as PHP converts `false` to a string. {PHP_FIX}",
            shown(name)
        );
        let diagnosis = Diagnosis::new(Mistake::FalseSignedAsEmpty, text);
        call.claim.but(diagnosis, |it| it.draft.parameters = parameters)
    };
    zeros_as_false(&call.pairs).into_iter().map(trial).collect()
}

/// Returns parameters with an empty value for each `0`, and then for all of them. Each has the name of its
/// first empty value.
fn zeros_as_false<'p>(pairs: &[(&'p str, &'p str)]) -> Vec<(&'p str, String)> {
    let emptied = |is_false: &dyn Fn(usize) -> bool| {
        let spell = |(index, (name, value)): (usize, &(&'p str, &'p str))| {
            (*name, if is_false(index) { "" } else { *value })
        };
        join(pairs.iter().enumerate().map(spell))
    };
    let is_zero = |index: usize| pairs.get(index).is_some_and(|(_, value)| *value == "0");
    let zeros = pairs.iter().enumerate().filter(|(index, _)| is_zero(*index)).take(ZEROS_MAX);
    let mut found: Vec<(&str, String)> =
        zeros.map(|(zero, (name, _))| (*name, emptied(&|index| index == zero))).collect();
    if let [(first, _), _, ..] = found[..] {
        found.push((first, emptied(&is_zero)));
    }
    found
}
