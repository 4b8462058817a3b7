//! The whole service in process: a sequence of requests with lines of `###` between them.
//!
//! Calls answer an envelope with a request ID, except the visits of browsers that are redirected, and the state that they leave exports and loads.

#![no_main]

use std::{sync::LazyLock, time::Duration};

use axum::body::Body;
use ecmock::Emulator;
use http::{Request, StatusCode, request::Parts};
use http_body_util::BodyExt as _;
use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::Value;
use tokio::{runtime::Runtime, time::timeout};
use tower::ServiceExt as _;

/// Calls that an input may have.
const CALLS_MAX: usize = 16;
/// Longest time that a call may take.
const CALL_TIME_MAX: Duration = Duration::from_secs(20);

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime")
});

/// One for all inputs, as building an emulator takes longer than a call.
static EMULATOR: LazyLock<Emulator> = LazyLock::new(|| Emulator::builder().seed(1).build());

fuzz_target!(|input: &[u8]| -> Corpus {
    let Some(requests) = requests(input) else { return Corpus::Reject };
    let account = EMULATOR.account_named("default");
    account.reset();
    for (parts, body) in requests {
        RUNTIME.block_on(check_call(parts, body));
    }
    let state = account.state();
    account.replace_state(&state).expect("an export loads");
    assert_eq!(account.state(), state);
    Corpus::Keep
});

fn requests(input: &[u8]) -> Option<Vec<(Parts, &[u8])>> {
    let mut found = Vec::new();
    let mut rest = Some(input);
    while let Some(input) = rest {
        let end = input.windows(5).position(|window| window == b"\n###\n");
        rest = end.map(|end| &input[end + 5..]);
        let (parts, body) = ecmock_fuzz::request(&input[..end.unwrap_or(input.len())])?;
        if found.len() == CALLS_MAX || is_a_wait(&parts) {
            return None;
        }
        found.push((parts, body));
    }
    Some(found)
}

/// Whether a request may take long on purpose: a fault rule can delay calls or never answer them,
/// and a request to the journal can wait for a call.
fn is_a_wait(parts: &Parts) -> bool {
    let path = parts.uri.path();
    let is_query_of_journal = path.contains("/requests") && parts.uri.query().is_some();
    path.contains("/faults") || path.contains('%') || is_query_of_journal
}

async fn check_call(parts: Parts, body: &[u8]) {
    let is_admin = parts.uri.path().starts_with("/_ecmock");
    let target = parts.uri.to_string();
    let request = Request::from_parts(parts, Body::from(body.to_owned()));
    let answer = async {
        let response = EMULATOR.service().oneshot(request).await.expect("it is infallible");
        let (parts, body) = response.into_parts();
        (parts, body.collect().await.expect("the body is complete").to_bytes())
    };
    let (parts, body) = timeout(CALL_TIME_MAX, answer).await.expect("a call that ends");
    if is_admin {
        assert!(!parts.status.is_server_error(), "{target}: {}", parts.status);
        let media_type = parts.headers.get("Content-Type").map(http::HeaderValue::as_bytes);
        if media_type == Some(b"application/json") && !body.is_empty() {
            serde_json::from_slice::<Value>(&body).expect("JSON");
        }
    } else if parts.status != StatusCode::SEE_OTHER {
        assert_eq!(parts.status, StatusCode::OK);
        let json: Value = serde_json::from_slice(&body).expect("JSON");
        let response = &json["Response"];
        assert!(response["RequestId"].is_string(), "{json}");
        assert_ne!(response["Error"]["Code"], "InternalError", "{json}");
    }
}
