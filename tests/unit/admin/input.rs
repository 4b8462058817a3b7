//! Invalid requests to the admin API, and their messages.

use serde_json::json;

use crate::tests::support::TestServer;

/// Requests for an account, each with a valid body.
const OF_AN_ACCOUNT: [(&str, &str, &str); 21] = [
    ("POST", "reset", ""),
    ("GET", "state", ""),
    ("PUT", "state", "{}"),
    ("PATCH", "state", "{}"),
    ("POST", "call", r#"{"Action":"DescribeVpcs"}"#),
    ("GET", "requests", ""),
    ("GET", "requests/x", ""),
    ("DELETE", "requests", ""),
    ("POST", "retries/verify", "{}"),
    ("POST", "verify", "{}"),
    ("GET", "faults", ""),
    ("POST", "faults", r#"{"DelayMs":1}"#),
    ("DELETE", "faults", ""),
    ("GET", "faults/x", ""),
    ("DELETE", "faults/x", ""),
    ("POST", "faults/x/release", ""),
    ("GET", "clock", ""),
    ("PUT", "clock", r#"{"Real":true}"#),
    ("POST", "clock/advance", r#"{"Ms":1}"#),
    ("POST", "havips/havip-00000001/withdraw", ""),
    ("PUT", "havips/havip-00000001/address", r#"{"AddressId":null}"#),
];

#[tokio::test]
async fn an_unknown_query_parameter_is_an_error_that_lists_the_known_ones() {
    let server = TestServer::new().await;
    for (method, path, body) in OF_AN_ACCOUNT {
        let refusal = server.admin().refusal(method, &format!("{path}?acount=x"), body).await;
        let expected = "400 BadRequest: query: unknown parameter `acount`; expected ";
        assert!(refusal.starts_with(expected), "{method} {path}: {refusal}");
        assert!(refusal.contains("`account`"), "{refusal}");
    }
}

#[tokio::test]
async fn an_invalid_account_name_is_an_error() {
    let server = TestServer::new().await;
    let long = "n".repeat(129);
    for (name, bytes) in [("", 0), (long.as_str(), 129)] {
        for (method, path, body) in OF_AN_ACCOUNT {
            let refusal = server.admin_of(name).refusal(method, path, body).await;
            let expected =
                format!("400 BadRequest: account name has {bytes} bytes; must be 1 to 128");
            assert_eq!(refusal, expected, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_repeated_account_is_an_error() {
    let server = TestServer::new().await;
    let refusal = server.admin_of("one").refusal("GET", "clock?account=other", "").await;
    assert_eq!(refusal, "400 BadRequest: query: duplicate parameter `account`");
}

#[tokio::test]
async fn the_name_of_an_account_may_be_any_string() {
    let server = TestServer::new().await;
    server.account("käse/1 &x").clock().apply(&frozen()).unwrap();
    let clock = server.admin_of("k%C3%A4se%2F1%20%26x").get("clock").await;
    assert_eq!(clock["Now"], "2031-01-01T00:00:00.000Z");
}

fn frozen() -> crate::control::clock::Setting {
    serde_json::from_value(json!({ "Now": "2031-01-01T00:00:00Z", "Frozen": true })).unwrap()
}

/// Invalid bodies.
const SENSELESS: [(&str, &str, &str); 32] = [
    ("POST", "verify", ""),
    ("POST", "verify", "{"),
    ("POST", "verify", "[]"),
    ("POST", "verify", r#"{"Acton":"CreateHaVip"}"#),
    ("POST", "verify", r#"{"Action":7}"#),
    ("POST", "verify", r#"{"Params":[]}"#),
    ("POST", "verify", r#"{"Times":"once"}"#),
    ("POST", "verify", r#"{"Times":{"least":1}}"#),
    ("POST", "verify", r#"{"Times":-1}"#),
    ("POST", "verify", r#"{"Times":{}}"#),
    ("POST", "verify", r#"{"Times":{"min":2,"max":1}}"#),
    ("POST", "verify", r#"{"Since":-1}"#),
    ("POST", "faults", "delay"),
    ("POST", "faults", r#"{"Delay":1}"#),
    ("POST", "faults", r#"{"DelayMs":-1}"#),
    ("POST", "faults", r#"{"Error":{"Message":"no"}}"#),
    ("POST", "faults", r#"{"Error":"InternalError"}"#),
    ("POST", "faults", r#"{"Http":{"Body":""}}"#),
    ("POST", "faults", r#"{"Http":503}"#),
    ("POST", "faults", r#"{"DelayMs":1}{}"#),
    ("POST", "faults", r#"{"Connection":"cut"}"#),
    ("POST", "faults", r#"{"When":"during","DelayMs":1}"#),
    ("PUT", "clock", "noon"),
    ("PUT", "clock", r#"{"now":"2026-11-22T04:00:00Z"}"#),
    ("PUT", "clock", r#"{"Now":"noon"}"#),
    ("POST", "clock/advance", "{}"),
    ("POST", "clock/advance", r#"{"Ms":-1}"#),
    ("POST", "clock/advance", r#"{"Ms":1,"Seconds":1}"#),
    ("POST", "havips/havip-00000001/announce", "{}"),
    ("POST", "havips/havip-00000001/announce", r#"{"NetworkInterfaceId":null}"#),
    ("PUT", "havips/havip-00000001/address", "{}"),
    ("PUT", "havips/havip-00000001/address", r#"{"AddressId":1}"#),
];

#[tokio::test]
async fn an_invalid_body_is_an_error_with_the_reason() {
    let server = TestServer::new().await;
    let mut refusals = Vec::new();
    for (method, path, body) in SENSELESS {
        let refusal = server.admin().refusal(method, path, body).await;
        let said = refusal.strip_prefix("400 BadRequest: ");
        let said = said.unwrap_or_else(|| panic!("{path} {body}: {refusal}"));
        refusals.push(format!("{path} {body}\n    {said}\n"));
    }
    insta::assert_snapshot!(refusals.concat(), @r#"
    verify 
        body is empty; expected a JSON object
    verify {
        body: invalid JSON: EOF while parsing an object at line 1 column 1
    verify []
        body is a list; expected a JSON object
    verify {"Acton":"CreateHaVip"}
        body: unknown field `Acton`; expected one of `Action`, `Params`, `Code`, `Trace`, `Times`, `Since` (line 1 column 8)
    verify {"Action":7}
        body: Action: is `7`; must be a string (line 1 column 11)
    verify {"Params":[]}
        body: Params: is a list; must be an object (line 1 column 10)
    verify {"Times":"once"}
        body: Times: must be a number, or {"min":N,"max":N} with one or both bounds and min <= max (line 1 column 16)
    verify {"Times":{"least":1}}
        body: Times: must be a number, or {"min":N,"max":N} with one or both bounds and min <= max (line 1 column 21)
    verify {"Times":-1}
        body: Times: must be a number, or {"min":N,"max":N} with one or both bounds and min <= max (line 1 column 12)
    verify {"Times":{}}
        body: Times: must be a number, or {"min":N,"max":N} with one or both bounds and min <= max (line 1 column 12)
    verify {"Times":{"min":2,"max":1}}
        body: Times: must be a number, or {"min":N,"max":N} with one or both bounds and min <= max (line 1 column 27)
    verify {"Since":-1}
        body: Since: is `-1`; must be a whole number from 0 (line 1 column 11)
    faults delay
        body: invalid JSON: expected value at line 1 column 1
    faults {"Delay":1}
        body: unknown field `Delay`; expected one of `Action`, `Params`, `Skip`, `Times`, `Probability`, `When`, `Error`, `DelayMs`, `Hold`, `HoldMs`, `Http`, `Connection`, `Force` (line 1 column 8)
    faults {"DelayMs":-1}
        body: DelayMs: is `-1`; must be a whole number from 0 (line 1 column 13)
    faults {"Error":{"Message":"no"}}
        body: Error: missing field `Code` (line 1 column 25)
    faults {"Error":"InternalError"}
        body: Error: is `InternalError`; must be an object with Code and Message (line 1 column 24)
    faults {"Http":{"Body":""}}
        body: Http: missing field `Status` (line 1 column 19)
    faults {"Http":503}
        body: Http: is `503`; must be an object with Status and Body (line 1 column 11)
    faults {"DelayMs":1}{}
        body: invalid JSON: trailing characters at line 1 column 14
    faults {"Connection":"cut"}
        body: Connection: unknown value `cut`; expected one of `reset`, `close`, `hang`, `truncate` (line 1 column 19)
    faults {"When":"during","DelayMs":1}
        body: When: unknown value `during`; expected `before` or `after` (line 1 column 16)
    clock noon
        body: invalid JSON: expected ident at line 1 column 2
    clock {"now":"2026-11-22T04:00:00Z"}
        body: unknown field `now`; expected one of `Now`, `Frozen`, `Real` (line 1 column 6)
    clock {"Now":"noon"}
        body: Now: must be a time with a zone, for example 2026-01-31T12:00:00Z (line 1 column 14)
    clock/advance {}
        body: missing field `Ms` (line 1 column 2)
    clock/advance {"Ms":-1}
        body: Ms: is `-1`; must be a whole number from 0 (line 1 column 8)
    clock/advance {"Ms":1,"Seconds":1}
        body: unknown field `Seconds`; expected `Ms` (line 1 column 17)
    havips/havip-00000001/announce {}
        body: missing field `NetworkInterfaceId` (line 1 column 2)
    havips/havip-00000001/announce {"NetworkInterfaceId":null}
        body: NetworkInterfaceId: is null; must be a string (line 1 column 26)
    havips/havip-00000001/address {}
        body: missing field `AddressId` (line 1 column 2)
    havips/havip-00000001/address {"AddressId":1}
        body: AddressId: is `1`; must be a string (line 1 column 14)
    "#);
}

#[tokio::test]
async fn an_invalid_query_is_an_error_with_the_reason() {
    let server = TestServer::new().await;
    let mut refusals = Vec::new();
    for query in ["since=-1", "since=x", "limit=-1", "wait_ms=soon", "wait_ms=600001", "summary=x"]
    {
        let refusal = server.admin().refusal("GET", &format!("requests?{query}"), "").await;
        refusals.push(refusal + "\n");
    }
    insta::assert_snapshot!(refusals.concat(), @r"
    400 BadRequest: query: `since` is `-1`; must be a whole number from 0
    400 BadRequest: query: `since` is `x`; must be a whole number from 0
    400 BadRequest: query: `limit` is `-1`; must be a whole number from 0
    400 BadRequest: query: `wait_ms` is `soon`; must be a whole number from 0
    400 BadRequest: wait_ms is 600001; must be at most 600000
    400 BadRequest: query: `summary` is `x`; expected `codes`
    ");
}

#[tokio::test]
async fn invalid_utf_8_is_an_error() {
    let server = TestServer::new().await;
    for (method, path) in [
        ("GET", "requests/%FF"),
        ("DELETE", "faults/%FF"),
        ("DELETE", "accounts/%FF"),
        ("POST", "havips/%FF/withdraw"),
    ] {
        let refusal = server.admin().refusal(method, path, "").await;
        assert_eq!(refusal, "400 BadRequest: path is not UTF-8");
    }
    for (method, path) in [("PUT", "state"), ("POST", "verify"), ("POST", "retries/verify")] {
        let answer = server.send(method, &format!("/_ecmock/{path}"), &[], b"{\"\xff\":1}").await;
        assert_eq!(answer.status(), "400 Bad Request");
        assert!(String::from_utf8(answer.body).unwrap().contains("body is not UTF-8"));
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_an_error() {
    let server = TestServer::new().await;
    let body = format!("{{\"Action\":\"{}\"}}", "x".repeat(64 * 1024));
    let refusal = server.admin().refusal("POST", "verify", &body).await;
    assert_eq!(refusal, "413 TooLarge: body is too large: at most 65536 bytes");
}

#[tokio::test]
async fn an_incomplete_body_is_an_error() {
    let server = TestServer::new().await;
    let head = "POST /_ecmock/verify HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    let mut connection = server.connect().await;
    connection.write(format!("{head}nonsense\r\n").as_bytes()).await;
    let answer = connection.read("POST").await;
    assert_eq!(answer.status(), "400 Bad Request");
}

/// curl declares a form by default, whatever the body is.
#[tokio::test]
async fn the_content_type_of_a_body_does_not_matter() {
    let server = TestServer::new().await;
    for content_type in ["application/x-www-form-urlencoded", "text/plain", "application/json"] {
        let headers = [("Content-Type", content_type)];
        let answer = server.send("POST", "/_ecmock/verify", &headers, br#"{"Times":0}"#).await;
        assert_eq!(answer.status(), "200 OK", "{content_type}");
    }
}

#[tokio::test]
async fn a_missing_resource_is_named() {
    let server = TestServer::new().await;
    let mut refusals = Vec::new();
    for (method, path, body) in [
        ("GET", "requests/no-such-id", ""),
        ("DELETE", "faults/fault-7", ""),
        ("DELETE", "accounts/nobody", ""),
        ("POST", "havips/havip-zzzzzzzz/withdraw", ""),
        ("PUT", "havips/havip-zzzzzzzz/address", r#"{"AddressId":null}"#),
    ] {
        refusals.push(server.admin_of("one").refusal(method, path, body).await + "\n");
    }
    insta::assert_snapshot!(refusals.concat(), @r"
    404 NotFound: unknown request `no-such-id` in the journal of account `one`
    404 NotFound: unknown fault `fault-7`
    404 NotFound: unknown account `nobody`
    404 NotFound: HAVIP `havip-zzzzzzzz` does not exist
    404 NotFound: HAVIP `havip-zzzzzzzz` does not exist
    ");
}
