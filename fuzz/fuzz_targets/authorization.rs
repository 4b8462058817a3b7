//! Signatures: an input that begins with `?` is the query of a v1 call, any other one the
//! `Authorization` header of a v3 call.
//!
//! Both checks of a signature agree, and no explanation contains a secret key.

#![no_main]

use ecmock::fuzzing::{NOW, check_signature, gateway_codes};
use http::Request;
use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::Value;

const KEY: &str = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE";

fuzz_target!(|input: &[u8]| -> Corpus {
    let request = Request::builder().header("Host", "ecm.tencentcloudapi.com");
    let (request, body) = if input.starts_with(b"?") {
        (request.uri([b"/", input].concat().as_slice()), &b""[..])
    } else {
        let request = request
            .method("POST")
            .header("Content-Type", "application/json")
            .header("X-TC-Action", "DescribeVpcs")
            .header("X-TC-Version", "2019-07-19")
            .header("X-TC-Timestamp", NOW)
            .header("Authorization", input);
        (request, &b"{}"[..])
    };
    let Ok(request) = request.body(()) else { return Corpus::Reject };
    let credentials = [format!("AKID*:{KEY}"), "ecmock-*:ecmock".to_owned()];
    let credentials: Vec<&str> = credentials.iter().map(String::as_str).collect();
    let signature = check_signature(&request.into_parts().0, body, &credentials);
    assert_eq!(signature.checked, signature.verified);
    if let Err(code) = signature.verified {
        assert!(gateway_codes().any(|known| known == code), "{code}");
    }
    if let Some(explanation) = signature.explanation {
        let json: Value = serde_json::from_str(&explanation).expect("JSON");
        assert_eq!(json["Valid"], signature.verified.is_ok());
        assert!(!explanation.contains(KEY), "{explanation}");
    }
    Corpus::Keep
});
