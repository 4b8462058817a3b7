//! Explanations of wrong signatures: each known mistake, made by a real signer.

mod call;
mod v1;
mod v3;

use std::collections::BTreeSet;

use crate::protocol::{
    AuthFailure, Refusal,
    signature::explain::{HEADER_BYTES_MAX, Mistake, TEXT_BYTES_MAX},
};
use serde_json::json;

use crate::tests::signer::{V3, hex, sha256_hex};
use call::{BODY, Call, HOST, KEY, OTHER_KEY, TEAM_KEY, right};

/// A mistake, a part of its diagnosis, and a call that makes the mistake.
type Case = (Mistake, &'static str, Call);

fn cases() -> Vec<Case> {
    [
        v3::hosts(),
        v3::claims(),
        v3::times(),
        v3::keys(),
        v3::bodies(),
        v3::content_types(),
        v3::queries(),
        v3::lines(),
        v3::names(),
        v3::layouts(),
        v3::signatures(),
        v1::hosts_and_keys(),
        v1::texts(),
        v1::clients(),
        v1::signatures(),
    ]
    .concat()
}

#[test]
fn each_known_mistake_is_diagnosed_with_its_facts() {
    for (mistake, fact, call) in cases() {
        let verdict = call.verify();
        let explanation = verdict.explanation.unwrap_or_else(|| panic!("{mistake}: {call:?}"));
        let diagnosis =
            explanation.diagnosis.unwrap_or_else(|| panic!("{mistake} {fact}: {call:?}"));
        assert_eq!(diagnosis.name, mistake, "{diagnosis}");
        assert!(diagnosis.text.contains(fact), "{fact} is not in {diagnosis}");
        assert_eq!(verdict.outcome.is_ok(), explanation.valid, "{diagnosis}");
        let is_accepted = [Mistake::HostWithoutPort, Mistake::HostWithoutScheme, Mistake::HostReal];
        assert_eq!(explanation.valid, is_accepted.contains(&mistake), "{diagnosis}");
    }
}

#[test]
fn there_is_a_case_for_each_known_mistake() {
    let made: BTreeSet<Mistake> = cases().into_iter().map(|(mistake, ..)| mistake).collect();
    let missing: Vec<_> = Mistake::ALL.iter().filter(|it| !made.contains(it)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_diagnosis_fits_in_a_header() {
    for (.., call) in cases() {
        let diagnosis = call.diagnosis().unwrap();
        let header = diagnosis.header();
        assert_eq!(header, diagnosis.to_string(), "truncated");
        assert!(header.len() <= HEADER_BYTES_MAX, "{header}");
        assert!(header.bytes().all(|it| matches!(it, b' '..=b'~')), "{header}");
        assert!(header.ends_with('.'), "{header}");
    }
}

#[test]
fn no_key_and_no_token_is_shown() {
    for (.., call) in cases() {
        let verdict = call.verify();
        let shown = format!("{verdict:?}{}", json!(verdict.explanation));
        for secret in [KEY, TEAM_KEY, OTHER_KEY, call::TOKEN] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

/// The string to sign in an explanation is the correct one.
#[test]
fn signing_the_explained_string_makes_the_call_valid() {
    let mut count = 0;
    for (mistake, _, call) in cases() {
        let verdict = call.verify();
        let is_fixable = match &verdict.outcome {
            Ok(()) | Err(Refusal::Auth(AuthFailure::Signature)) => true,
            Err(_) => matches!(
                mistake,
                Mistake::DateLocal
                    | Mistake::DateMalformed
                    | Mistake::DateOther
                    | Mistake::ServiceOther
            ),
        };
        // A malformed header leaves nothing to sign.
        if is_fixable {
            let explanation = verdict.explanation.unwrap();
            let fixed = call.signed_as(&explanation.string_to_sign.unwrap());
            assert_eq!(fixed.verify().outcome, Ok(()), "{mistake}: {fixed:?}");
            count += 1;
        }
    }
    assert!(count > 80, "{count}");
}

#[test]
fn a_correct_signature_is_not_explained() {
    for call in [
        Call::post(&right().authorization()),
        Call::get(
            "/?a=b",
            &V3 { method: "GET", query: "a=b", body: b"", ..right() }.authorization(),
        ),
        v1::right(),
    ] {
        let verdict = call.verify();
        assert_eq!(verdict.outcome, Ok(()));
        assert_eq!(verdict.explanation, None);
    }
}

#[test]
fn an_arbitrary_wrong_key_has_no_diagnosis() {
    let wrong = V3 { secret_key: "wrong", ..right() };
    for call in [Call::post(&wrong.authorization()), v1::signed_with("wrong")] {
        let explanation = call.verify().explanation.unwrap();
        assert_eq!((explanation.diagnosis, explanation.signed_host), (None, None));
        assert!(!explanation.valid);
        assert_eq!(explanation.candidates[..2], [HOST, "127.0.0.1"]);
    }
}

/// The vendor's internal host is tried last, so that the usual calls are not searched twice.
#[test]
fn a_mistake_for_the_internal_host_is_found() {
    let host = "ecm.internal.tencentcloudapi.com";
    let padded = format!("{KEY}\n");
    for wire in [host, HOST] {
        let signed = V3 { secret_id: "me", secret_key: &padded, ..V3::post(host, BODY) };
        let call = Call::post(&signed.authorization()).header("Host", wire);
        let explanation = call.verify().explanation.unwrap();
        assert_eq!(explanation.diagnosis.map(|it| it.name), Some(Mistake::KeyWithSpace), "{wire}");
        assert_eq!(explanation.signed_host.as_deref(), Some(host));
    }
}

#[test]
fn an_explanation_contains_the_computed_strings() {
    let signature = V3 { secret_key: "wrong", ..right() };
    let canonical = signature.canonical_request();
    let text = signature.string_to_sign(&sha256_hex(&canonical));
    let call = Call::post(&signature.authorization()).header("X-TC-Region", "ap-xian-ecm");
    let expected = json!({
        "Valid": false,
        "Scheme": "TC3-HMAC-SHA256",
        "CanonicalRequest": canonical,
        "StringToSign": text,
        "Candidates": [
            HOST,
            "127.0.0.1",
            "ecm.tencentcloudapi.com",
            "ecm.intl.tencentcloudapi.com",
            "ecm.internal.tencentcloudapi.com",
            "ecm.ap-xian-ecm.tencentcloudapi.com",
        ],
    });
    assert_eq!(json!(call.verify().explanation), expected);

    let real = V3 { secret_key: KEY, ..V3::post("ecm.tencentcloudapi.com", BODY) };
    let real = V3 { secret_id: "me", ..real };
    let canonical = real.canonical_request();
    let expected = json!({
        "Valid": true,
        "Scheme": "TC3-HMAC-SHA256",
        "SignedHost": "ecm.tencentcloudapi.com",
        "CanonicalRequest": canonical,
        "StringToSign": real.string_to_sign(&sha256_hex(&canonical)),
        "Candidates": [
            HOST,
            "127.0.0.1",
            "ecm.tencentcloudapi.com",
            "ecm.intl.tencentcloudapi.com",
            "ecm.internal.tencentcloudapi.com",
        ],
        "Diagnosis": {
            "Name": "HostReal",
            "Text": "The signed host `ecm.tencentcloudapi.com` is a real name of the product, and the Host header is `127.0.0.1:7190`. It is accepted.",
        },
    });
    assert_eq!(json!(Call::post(&real.authorization()).verify().explanation), expected);
}

#[test]
fn a_call_without_a_valid_timestamp_is_not_explained() {
    let call = Call::post(&right().authorization()).header("X-TC-Timestamp", "now");
    let verdict = call.verify();
    assert!(matches!(verdict.outcome, Err(Refusal::Value(_))));
    assert_eq!(verdict.explanation, None);
}

#[test]
fn long_strings_are_truncated() {
    let (long, host) = ("x".repeat(20_000), "h".repeat(1000));
    let query = format!("a={long}");
    let signature = V3 { method: "GET", query: &query, body: b"", ..right() };
    let signature = V3 { secret_key: "wrong", ..signature };
    let call = Call::get(&format!("/?{query}"), &signature.authorization()).header("Host", &host);
    let explanation = call.verify().explanation.unwrap();
    let canonical = explanation.canonical_request.unwrap();
    assert!(canonical.len() < TEXT_BYTES_MAX + 40, "{}", canonical.len());
    assert!(canonical.ends_with(" more bytes)"), "{canonical}");
    assert!(explanation.candidates.iter().all(|it| it.len() < 300));
    assert_eq!(explanation.candidates[0], format!("{}... (744 more bytes)", "h".repeat(256)));
}

/// Each trial would sign the whole call again.
#[test]
fn a_very_large_call_is_not_searched() {
    let names: Vec<String> = (0..20_000).map(|number| format!("z{number:05}")).collect();
    let names = format!("content-type;host;{}", names.join(";"));
    let authorization = right().header(&"0".repeat(64)).replace("content-type;host", &names);
    let diagnosis = Call::post(&authorization).diagnosis().unwrap();
    assert_eq!(diagnosis.name, Mistake::HeaderNotSent);

    let large = "x".repeat(10_000);
    let call = Call::query(&v1::named("GET", "localhost", &large));
    assert_eq!(call.diagnosis().unwrap().name, Mistake::HostLoopback);
    let form = v1::named("POST", "localhost", &"x".repeat(100_000));
    let call = Call::form(&form);
    assert_eq!(call.diagnosis(), None);
    let larger = BODY.iter().copied().chain(vec![b' '; 300_000]).collect::<Vec<_>>();
    assert_eq!(Call::post(&right().authorization()).body(&larger).diagnosis(), None);
}

/// Random signatures never look like the result of a mistake.
#[test]
fn random_signatures_have_no_diagnosis() {
    for number in 0..50 {
        let signature = hex(sha256_hex(number.to_string()).as_bytes())[..64].to_owned();
        let call = Call::post(&right().header(&signature));
        assert_eq!(call.diagnosis(), None);
    }
}

#[test]
fn a_client_cannot_inject_text_into_the_header() {
    let wild = "x\u{1b}[31m\u{7f}名".repeat(40);
    for call in [
        Call::post(&right().authorization()).header("Host", &wild),
        Call::post(&right().header("00").replace("ecm/tc3", &format!("{wild}/tc3")))
            .header("Host", "ecm.tencentcloudapi.com"),
        Call::post(&right().header("00").replace("2026-11-22", &wild)),
        Call::post(&right().header("00").replace("content-type;", &format!("{wild};"))),
        Call::post(&right().authorization()).header("X-TC-Content-SHA256", &wild),
        Call::post(
            &V3 { headers: vec![("content-type", ""), ("host", HOST)], ..right() }.authorization(),
        )
        .header("Content-Type", &wild),
    ] {
        let diagnosis = call.diagnosis();
        let header = diagnosis.map(|it| it.header()).unwrap_or_default();
        assert!(header.len() <= HEADER_BYTES_MAX, "{header}");
        assert!(header.bytes().all(|it| matches!(it, b' '..=b'~')), "{header}");
    }
}

/// Otherwise, a large header named many times would be read as often.
#[test]
fn repeated_names_are_rejected_before_their_headers_are_read() {
    let names = format!("content-type;host{}", ";x".repeat(20_000));
    let authorization = right().header("00").replace("content-type;host", &names);
    let call = Call::post(&authorization).header("X", &"Y".repeat(50_000));
    let diagnosis = call.diagnosis().unwrap();
    assert_eq!(diagnosis.name, Mistake::SignedHeadersInvalid);
}
