//! Request parsing: parameters that can be read survive a round trip, and errors have a known code.

#![no_main]

use ecmock::fuzzing::{actions, decode, gateway_codes, json_tree, read_request};
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|input: &[u8]| -> Corpus {
    let Some((parts, body)) = ecmock_fuzz::request(input) else { return Corpus::Reject };
    let is_of_the_gateway = |code: &str| gateway_codes().any(|known| known == code);
    match read_request(&parts, body) {
        Ok(json) => assert_eq!(json_tree(json.as_bytes()).as_ref(), Ok(&json)),
        Err(code) => assert!(is_of_the_gateway(code), "{code}"),
    }
    let header = parts.headers.get("X-TC-Action").map(http::HeaderValue::as_bytes);
    let query = parts.uri.query().unwrap_or_default();
    let is_named = |name: &str| {
        header == Some(name.as_bytes())
            || query.split('&').any(|pair| pair.strip_prefix("Action=") == Some(name))
    };
    if let Some((action, mut codes)) = actions().find(|(name, _)| is_named(name))
        && let Err(code) = decode(&parts, body, action)
    {
        assert!(is_of_the_gateway(code) || codes.any(|known| known == code), "{action}: {code}");
    }
    Corpus::Keep
});
