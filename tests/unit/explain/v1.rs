//! Mistakes of signature v1.

use crate::protocol::signature::explain::Mistake;

use super::{
    Case,
    call::{Call, HOST, KEY, OTHER_KEY, TOKEN},
};
use crate::tests::signer::{encode, hex, v1, v1_signature, v1_with};

/// The parameters of a call, not sorted by name.
const PAIRS: [(&str, &str); 9] = [
    ("Version", "2019-07-19"),
    ("Timestamp", "1795320000"),
    ("Nonce", "11886"),
    ("SecretId", "me"),
    ("Action", "CreateHaVip"),
    ("Region", ""),
    ("HaVipName", "a b/*~名"),
    ("vip", "172.16.0.9"),
    ("VpcId", "vpc-1"),
];

pub(super) fn right() -> Call {
    signed_with(KEY)
}

pub(super) fn signed_with(key: &str) -> Call {
    Call::query(&v1("GET", HOST, &PAIRS, key))
}

/// The string of a call for `host` with `name` as the HAVIP's name.
pub(super) fn named(method: &str, host: &str, name: &str) -> String {
    let pairs = PAIRS.map(|(it, value)| (it, if it == "HaVipName" { name } else { value }));
    v1(method, host, &pairs, KEY)
}

/// Joins the parameters as in the string to sign.
fn joined(mut pairs: Vec<(&str, &str)>) -> String {
    pairs.sort_by_key(|(name, _)| *name);
    in_order(&pairs)
}

fn in_order(pairs: &[(&str, &str)]) -> String {
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// A call that signs `text`.
fn with_string(text: &str) -> Call {
    Call::query(&v1_with(&PAIRS, &encode(&v1_signature(false, KEY, text))))
}

/// A call that signs `parameters`.
fn with_parameters(parameters: &str) -> Call {
    with_string(&format!("GET{HOST}/?{parameters}"))
}

pub(super) fn hosts_and_keys() -> Vec<Case> {
    use Mistake::{
        HostLeftOut, HostLoopback, HostReal, HostWithScheme, HostWithoutPort, KeyIsSecretId,
        KeyOfOther, KeyPrefix, KeyWithSpace, SecretIdIsKey, SecretIdUnknown, SecretIdWithSpace,
        TimestampOff, TokenNotNeeded,
    };
    let signed_for = |host| Call::query(&v1("GET", host, &PAIRS, KEY));
    let with = |name, value| {
        let mut pairs: Vec<_> = PAIRS.into_iter().filter(|(it, _)| *it != name).collect();
        pairs.push((name, value));
        Call::query(&v1("GET", HOST, &pairs, KEY))
    };
    vec![
        (HostWithoutPort, "`127.0.0.1` has no port", signed_for("127.0.0.1")),
        (HostReal, "`ecm.tencentcloudapi.com`", signed_for("ecm.tencentcloudapi.com")),
        (HostWithScheme, "`http://127.0.0.1:7190`", signed_for("http://127.0.0.1:7190")),
        (HostLoopback, "`localhost`", signed_for("localhost")),
        (HostLeftOut, "no host", signed_for("")),
        (KeyOfOther, "of the credential `other`", signed_with(OTHER_KEY)),
        (KeyWithSpace, "a newline", signed_with(&format!("{KEY}\n"))),
        (KeyIsSecretId, "the SecretId as the key", signed_with("me")),
        (KeyPrefix, "has the prefix `TC3`", signed_with(&format!("TC3{KEY}"))),
        (SecretIdUnknown, "The nearest known SecretId is `other`", with("SecretId", "othr")),
        (SecretIdIsKey, "swapped", with("SecretId", KEY)),
        (SecretIdWithSpace, "around it", with("SecretId", "me\n")),
        (SecretIdWithSpace, "around it", with("SecretId", " team-one")),
        (TokenNotNeeded, "Leave out `Token`", with("Token", TOKEN)),
        (TimestampOff, "seconds behind", with("Timestamp", "1551113065")),
    ]
}

pub(super) fn texts() -> Vec<Case> {
    use Mistake::{
        AlgorithmOther, EmptyValuesLeftOut, MethodInLowerCase, MethodOther, ParametersUnsorted,
        PathOther, StringEndsInAmpersand, StringEndsInNewline, ValuesEncoded,
    };
    let sorted = joined(PAIRS.to_vec());
    let encoded = |value: &'static str| {
        let name = ("HaVipName", value);
        with_parameters(&joined(
            PAIRS.into_iter().map(|it| if it.0 == name.0 { name } else { it }).collect(),
        ))
    };
    let mut any_case = PAIRS;
    any_case.sort_by_key(|(name, _)| name.to_lowercase());
    let kept: Vec<_> = PAIRS.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let sha256 = [&PAIRS[..], &[("SignatureMethod", "HmacSHA256")]].concat();
    let text = format!("GET{HOST}/?{}", joined(sha256.clone()));
    let sha1_in_sha256 = Call::query(&v1_with(&sha256, &encode(&v1_signature(false, KEY, &text))));
    let text = format!("GET{HOST}/?{sorted}");
    let sha256_in_sha1 = Call::query(&v1_with(&PAIRS, &encode(&v1_signature(true, KEY, &text))));
    let signature = encode(&v1_signature(false, KEY, &format!("GET{HOST}/ecm/?{sorted}")));
    let at_path = Call::query("").target(&format!("/ecm/?{}", v1_with(&PAIRS, &signature)));
    let by_pair = [&PAIRS[..], &[("Vpc", "z"), ("Vpc1", "y")]].concat();
    let text = v1("GET", HOST, &by_pair, KEY);
    vec![
        (ValuesEncoded, "as by RFC 3986", encoded("a%20b%2F%2A~%E5%90%8D")),
        (ValuesEncoded, "quote_plus", encoded("a+b%2F%2A~%E5%90%8D")),
        (ValuesEncoded, "encodeURIComponent", encoded("a%20b%2F*~%E5%90%8D")),
        (ValuesEncoded, "Java's URLEncoder", encoded("a+b%2F*%7E%E5%90%8D")),
        (ValuesEncoded, ".NET's HttpUtility.UrlEncode", encoded("a+b%2f*%7e%e5%90%8d")),
        (MethodOther, "`POST`. It must be `GET`", Call::query(&v1("POST", HOST, &PAIRS, KEY))),
        (MethodOther, "the method empty", with_string(&format!("{HOST}/?{sorted}"))),
        (MethodInLowerCase, "`get`", Call::query(&v1("get", HOST, &PAIRS, KEY))),
        (ParametersUnsorted, "in the order they are sent", with_parameters(&in_order(&PAIRS))),
        (
            ParametersUnsorted,
            "sorted by name, ignoring case",
            with_parameters(&in_order(&any_case)),
        ),
        (ParametersUnsorted, "sorted by name and value as one text", Call::query(&text)),
        (EmptyValuesLeftOut, "without a value", with_parameters(&joined(kept))),
        (AlgorithmOther, "made with HmacSHA1", sha1_in_sha256),
        (
            AlgorithmOther,
            "HmacSHA256, but SignatureMethod is empty, which means HmacSHA1",
            sha256_in_sha1,
        ),
        (StringEndsInNewline, "newline", with_parameters(&format!("{sorted}\n"))),
        (StringEndsInAmpersand, "in `&`", with_parameters(&format!("{sorted}&"))),
        (PathOther, "no `/?`", with_string(&format!("GET{HOST}{sorted}"))),
        (PathOther, "no `/` after", with_string(&format!("GET{HOST}?{sorted}"))),
        (PathOther, "no `?` after", with_string(&format!("GET{HOST}/{sorted}"))),
        (
            PathOther,
            "The signed path is `/v2/index.php`",
            with_string(&format!("GET{HOST}/v2/index.php?{sorted}")),
        ),
        (PathOther, "The signed path is `/ecm/`", at_path),
    ]
}

/// Mistakes of single clients.
pub(super) fn clients() -> Vec<Case> {
    use Mistake::{AtValuesLeftOut, FalseSignedAsEmpty, ListSignedAsArray};
    let call = |sent: &[(&str, &str)], signed: &[(&str, &str)]| {
        let text = joined([&PAIRS[..], signed].concat());
        let signature = encode(&v1_signature(false, KEY, &format!("GET{HOST}/?{text}")));
        Call::query(&v1_with(&[&PAIRS[..], sent].concat(), &signature))
    };
    let filters =
        [("Filters[0][Values][0]", "a"), ("Filters[0][Name]", "b"), ("Filters[1][Name]", "c")];
    let tags = [("Tags[0][Key]", "a"), ("Tags[10][Key]", "b"), ("Tags[2][Key]", "c")];
    let (limit, yes) = (("Limit", "0"), ("Yes", "0"));
    vec![
        (AtValuesLeftOut, "begins with `@`", call(&[("At", "@x")], &[])),
        (ListSignedAsArray, "The list `Filters`", call(&filters, &[("Filters", "Array")])),
        (
            ListSignedAsArray,
            "The list `Filters`",
            call(
                &[&filters[..], &tags[..], &[("TagsB", "d"), limit]].concat(),
                &[("Filters", "Array"), ("Tags", "Array"), ("TagsB", "d"), limit],
            ),
        ),
        (
            ListSignedAsArray,
            "The list `Tags`",
            call(&[&tags[..], &[limit, yes]].concat(), &[("Tags", "Array"), limit, ("Yes", "")]),
        ),
        (FalseSignedAsEmpty, "`Yes` is sent as `0`", call(&[limit, yes], &[limit, ("Yes", "")])),
        (
            FalseSignedAsEmpty,
            "`Limit` is sent as `0`",
            call(&[limit, yes], &[("Limit", ""), ("Yes", "")]),
        ),
    ]
}

pub(super) fn signatures() -> Vec<Case> {
    use Mistake::{SignatureEncodedTwice, SignatureInHex, SignatureMalformed, SignatureNotEncoded};
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    // Searches for a nonce whose signature contains a `+`.
    let signed = |nonce: u32| {
        let nonce = nonce.to_string();
        let pairs =
            PAIRS.map(|(name, it)| (name, if name == "Nonce" { nonce.as_str() } else { it }));
        let text = format!("GET{HOST}/?{}", joined(pairs.to_vec()));
        let signature = v1_signature(false, KEY, &text);
        signature.contains('+').then(|| v1_with(&pairs, &signature))
    };
    let plain = (0..).find_map(signed).unwrap();
    let signature = v1_signature(false, KEY, &format!("GET{HOST}/?{}", joined(PAIRS.to_vec())));
    let written = |text: &str| Call::query(&v1_with(&PAIRS, text));
    let bytes = BASE64_STANDARD.decode(&signature).unwrap();
    vec![
        (SignatureNotEncoded, "became a space", Call::query(&plain)),
        (SignatureEncodedTwice, "twice", written(&encode(&encode(&signature)))),
        (SignatureInHex, "in hex", written(&hex(&bytes))),
        (SignatureMalformed, "20 bytes in base64, as HmacSHA1", written("nonsense")),
    ]
}
