//! The trace of a call: its `traceparent` header in the journal.

use serde_json::{Value, json};

use super::fields;
use crate::tests::support::{TestServer, VERSION};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const OTHER: &str = "0af7651916cd43dd8448eb211c80319c";

/// Returns a `traceparent` header of a trace.
fn header(trace: &str) -> String {
    format!("00-{trace}-b7ad6b7169203331-01")
}

/// Calls an action with `traceparent` headers, and returns the entry of the call.
async fn entry(server: &TestServer, action: &str, parents: &[&str]) -> Value {
    let mut headers = vec![
        ("X-TC-Action", action),
        ("X-TC-Version", VERSION),
        ("Content-Type", "application/json"),
    ];
    headers.extend(parents.iter().map(|it| ("Traceparent", *it)));
    server.send("POST", "/", &headers, b"{}").await.response();
    server.admin().requests("").await.pop().unwrap()
}

/// A call, and then two calls of a trace and one of another.
async fn traced() -> TestServer {
    let server = TestServer::new().await;
    let (trace, other) = (header(TRACE), header(OTHER));
    entry(&server, "DescribeVpcs", &[]).await;
    entry(&server, "DescribeVpcs", &[&trace]).await;
    entry(&server, "CreateHaVip", &[&trace]).await;
    entry(&server, "DescribeVpcs", &[&other]).await;
    server
}

#[tokio::test]
async fn an_entry_has_the_trace_id_of_its_call() {
    let server = TestServer::new().await;
    for parent in [
        &header(TRACE),
        // A later version may have more fields.
        "01-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-01",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-01-what-the-future-brings",
        " 00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-ff ",
    ] {
        let entry = entry(&server, "DescribeVpcs", &[parent]).await;
        assert_eq!(entry["TraceId"], TRACE, "{parent}");
    }
    let target = format!("/?Action=DescribeVpcs&Version={VERSION}");
    server.send("GET", &target, &[("traceparent", &header(OTHER))], b"").await.response();
    assert_eq!(server.admin().requests("").await.pop().unwrap()["TraceId"], OTHER);
}

#[tokio::test]
async fn an_invalid_header_is_ignored() {
    let server = TestServer::new().await;
    let valid = header(TRACE);
    let invalid = [
        "",
        "00",
        TRACE,
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-b7ad6b7169203331-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-B7AD6B7169203331-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473g-b7ad6b7169203331-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473-b7ad6b7169203331-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-0",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-0A",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-01-",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-01-more",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-01more",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-01",
        "0A-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-01",
        "+1-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-01",
        "00_4bf92f3577b34da6a3ce929d0e0e4736_b7ad6b7169203331_01",
        "00-4bf92f3577b34da6a3ce929d0e0e47\u{e9}-b7ad6b7169203331-01",
    ];
    for parent in invalid {
        let entry = entry(&server, "DescribeVpcs", &[parent]).await;
        assert_eq!((&entry["TraceId"], &entry["Code"]), (&Value::Null, &json!("OK")), "{parent}");
    }
    // A call belongs to one trace.
    for parents in [[&*valid, &*valid], [&valid, "00"], ["", &valid]] {
        let entry = entry(&server, "DescribeVpcs", &parents).await;
        assert_eq!(entry["TraceId"], Value::Null, "{parents:?}");
    }
}

#[tokio::test]
async fn the_calls_of_a_trace_are_found() {
    let server = traced().await;
    for (query, expected) in [
        (format!("trace={TRACE}"), &[2, 3][..]),
        (format!("trace={OTHER}"), &[4]),
        (format!("trace={}", "1".repeat(32)), &[]),
        (format!("trace={TRACE}&action=CreateHaVip"), &[3]),
        (format!("trace={TRACE}&code=OK"), &[2]),
        (format!("trace={TRACE}&since=2"), &[3]),
    ] {
        let found = server.admin().requests(&query).await;
        assert_eq!(fields(&found, "Sequence"), expected, "{query}");
    }
    let codes = server.admin().get(&format!("requests?summary=codes&trace={OTHER}")).await;
    let actions = codes["Actions"].as_array().unwrap();
    assert_eq!(fields(actions, "Action"), ["DescribeVpcs"]);
    assert_eq!(fields(actions, "Calls"), [1]);
}

#[tokio::test]
async fn a_wait_ends_with_a_call_of_its_trace() {
    let server = traced().await;
    let admin = server.admin();
    let query = format!("requests?trace={}&wait_ms=600000", "1".repeat(32));
    let (found, ()) = tokio::join!(admin.get(&query), async {
        entry(&server, "DescribeVpcs", &[&header(TRACE)]).await;
        entry(&server, "DescribeVpcs", &[&header(&"1".repeat(32))]).await;
    });
    assert_eq!(fields(found["Requests"].as_array().unwrap(), "Sequence"), [6]);
}

#[tokio::test]
async fn an_expectation_can_have_a_trace() {
    let server = traced().await;
    for (expected, times) in [
        (json!({ "Trace": TRACE }), 2),
        (json!({ "Trace": TRACE, "Action": "DescribeVpcs" }), 1),
        (json!({ "Trace": null, "Action": "DescribeVpcs" }), 3),
    ] {
        let found = server.admin().post("verify", expected).await;
        assert_eq!((&found["Ok"], &found["Matched"]), (&json!(true), &json!(times)));
    }
    let calls = server.admin().requests("").await;
    let expected = json!({ "Action": "CreateHaVip", "Trace": OTHER });
    let found = server.admin().post("verify", expected).await;
    assert_eq!(
        found["Nearest"][0],
        json!({
            "RequestId": calls[2]["RequestId"],
            "Differences": [{ "Path": "Trace", "Expected": OTHER, "Got": TRACE }],
        })
    );
}

#[tokio::test]
async fn a_trace_that_no_call_can_have_is_an_error() {
    let server = TestServer::new().await;
    let mut refusals = Vec::new();
    for trace in ["", "x", &TRACE.to_uppercase(), &header(TRACE), &"0".repeat(32)] {
        let refusal = server.admin().refusal("GET", &format!("requests?trace={trace}"), "").await;
        refusals.push(refusal + "\n");
    }
    for trace in [json!("x"), json!(1)] {
        let body = json!({ "Trace": trace }).to_string();
        refusals.push(server.admin().refusal("POST", "verify", &body).await + "\n");
    }
    insta::assert_snapshot!(refusals.concat(), @r"
    400 BadRequest: query: `trace` is ``; must be 32 digits of 0-9 and a-f, not all 0
    400 BadRequest: query: `trace` is `x`; must be 32 digits of 0-9 and a-f, not all 0
    400 BadRequest: query: `trace` is `4BF92F3577B34DA6A3CE929D0E0E4736`; must be 32 digits of 0-9 and a-f, not all 0
    400 BadRequest: query: `trace` is `00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-01`; must be 32 digits of 0-9 and a-f, not all 0
    400 BadRequest: query: `trace` is `00000000000000000000000000000000`; must be 32 digits of 0-9 and a-f, not all 0
    400 BadRequest: body: Trace: must be 32 digits of 0-9 and a-f, not all 0 (line 1 column 13)
    400 BadRequest: body: Trace: is `1`; must be a string (line 1 column 10)
    ");
}
