//! The protocol of a call: request forms, limits, languages, headers, connections.

use rstest::rstest;
use serde_json::{Value, json};

use crate::tests::support::{SUBNET, TestServer, VERSION, VPC, code, create, error, vip};

const JSON: (&str, &str) = ("Content-Type", "application/json");
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const ACTION: (&str, &str) = ("X-TC-Action", "CreateHaVip");
const VERSION_HEADER: (&str, &str) = ("X-TC-Version", VERSION);

fn body() -> Vec<u8> {
    create(json!({})).to_string().into_bytes()
}

fn own_parameters() -> String {
    format!("VpcId={VPC}&SubnetId={SUBNET}&HaVipName=test")
}

fn v1_query() -> String {
    format!("Action=CreateHaVip&Version={VERSION}&{}", own_parameters())
}

#[tokio::test]
async fn every_request_form_is_read() {
    let server = TestServer::new().await;
    let v3 = [ACTION, VERSION_HEADER];
    let v3_get = format!("/?{}", own_parameters());
    let v1_get = format!("/?{}", v1_query());
    let multipart = "--b\r\nContent-Disposition: form-data; name=\"VpcId\"\r\n\r\nvpc-m0c2kcun\r\n--b\r\nContent-Disposition: form-data; name=\"SubnetId\"\r\nContent-Type: text/plain\r\n\r\nsubnet-rtmfkg4w\r\n--b\r\nContent-Disposition: form-data; name=\"HaVipName\"\r\n\r\ntest\r\n--b--\r\n";
    let body = body();
    let charset = ("content-type", "application/json; charset=utf-8");
    let parts = ("Content-Type", "multipart/form-data; boundary=b");
    let mut next = 17..;
    for (method, target, headers, body) in [
        ("POST", "/", [&v3[..], &[JSON]].concat(), body.as_slice()),
        ("POST", "/", [&v3[..], &[charset]].concat(), &body),
        ("POST", "/", v3.to_vec(), &body),
        ("POST", "/", [&v3[..], &[parts]].concat(), multipart.as_bytes()),
        ("POST", "/any/path?or=query", [&v3[..], &[JSON]].concat(), &body),
        ("POST", "http://ecm.tencentcloudapi.com/", [&v3[..], &[JSON]].concat(), &body),
        ("GET", &v3_get, [&v3[..], &[FORM]].concat(), b""),
        ("GET", &v1_get, vec![], b""),
        ("POST", "/", vec![FORM], v1_query().as_bytes()),
        ("POST", "/?", vec![FORM], v1_query().as_bytes()),
    ] {
        let answer = server.send(method, target, &headers, body).await;
        let expected = format!("172.16.0.{}", next.next().unwrap());
        assert_eq!(vip(&answer.response()), expected, "{method} {target} {headers:?}");
    }
}

/// `Host` may have any string, or be empty.
#[rstest]
#[case("http://127.0.0.1:7190")]
#[case("ecm.tencentcloudapi.com")]
#[case("")]
#[case("not a host")]
#[tokio::test]
async fn any_host_is_accepted(#[case] host: &str) {
    let server = TestServer::new().await;
    let answer = server.send("POST", "/", &[("Host", host), ACTION, VERSION_HEADER], &body()).await;
    assert_eq!(vip(&answer.response()), "172.16.0.17");
}

#[rstest]
#[case::put("PUT")]
#[case::delete("DELETE")]
#[case::patch("PATCH")]
#[case::options("OPTIONS")]
#[case::unheard_of("BREW")]
#[tokio::test]
async fn another_method_is_answered_in_the_envelope(#[case] method: &str) {
    let server = TestServer::new().await;
    let response = server.send(method, "/", &[ACTION, VERSION_HEADER], b"").await.response();
    let expected = "HTTP(S) request protocol error; only GET and POST requests are supported.";
    assert_eq!(error(&response), ("UnsupportedProtocol", expected));
}

#[tokio::test]
async fn head_has_the_headers_of_the_envelope() {
    let server = TestServer::new().await;
    let answer = server.send("HEAD", "/", &[], b"").await;
    assert_eq!(answer.status(), "200 OK");
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn connect_opens_no_tunnel() {
    let server = TestServer::new().await;
    let answer = server.send("CONNECT", "ecm.tencentcloudapi.com:443", &[], b"").await;
    assert_eq!(answer.status(), "405 Method Not Allowed");
    assert!(String::from_utf8(answer.body).unwrap().contains("UnsupportedProtocol"));
}

#[tokio::test]
async fn a_response_has_exactly_these_headers() {
    let server = TestServer::new().await;
    let encoding = ("Accept-Encoding", "gzip");
    let trace = ("X-Tc-Traceid", "0f7c");
    let headers = [ACTION, VERSION_HEADER, encoding, trace];
    let answer = server.send_by_socket("POST", "/", &headers, b"{}").await;
    let mut names: Vec<_> =
        answer.head.lines().skip(1).map(|line| line.split_once(':').unwrap().0).collect();
    names.sort_unstable();
    assert_eq!(names, ["content-length", "content-type", "date", "x-tc-traceid"]);
    assert_eq!(answer.header("x-tc-traceid"), Some("0f7c"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn only_the_start_of_a_long_trace_id_is_echoed() {
    let server = TestServer::new().await;
    for (sent, echoed) in [(256, 256), (257, 256), (200_000, 256)] {
        let id = "a".repeat(sent);
        let headers = [ACTION, VERSION_HEADER, ("X-TC-TraceId", id.as_str())];
        let answer = server.send("POST", "/", &headers, b"{}").await;
        assert_eq!(answer.header("x-tc-traceid"), Some("a".repeat(echoed).as_str()));
    }
}

#[tokio::test]
async fn an_error_is_compact_and_ends_with_its_request_id() {
    let server = TestServer::new().await;
    let answer = server.send("POST", "/", &[ACTION, VERSION_HEADER], b"{}").await;
    insta::assert_snapshot!(String::from_utf8(answer.body).unwrap(), @r#"{"Response":{"Error":{"Code":"MissingParameter","Message":"The request is missing a required parameter `VpcId`."},"RequestId":"28ee0d8f-3185-4341-a0c3-fc20d28e179a"}}"#);
}

#[tokio::test]
async fn a_connection_is_kept_alive_and_closed_on_request() {
    let server = TestServer::new().await;
    let mut connection = server.connect().await;
    for _ in 0..3 {
        connection.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}").await;
        assert_eq!(connection.read("POST").await.header("connection"), None);
    }
    connection
        .write(b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .await;
    assert_eq!(connection.read("GET").await.header("connection"), Some("close"));
    assert!(connection.is_at_its_end().await);
}

#[tokio::test]
async fn pipelined_calls_are_answered_in_order() {
    let server = TestServer::new().await;
    let mut connection = server.connect().await;
    let call = format!("GET /?{} HTTP/1.1\r\nHost: x\r\n\r\n", v1_query());
    connection.write(call.repeat(3).as_bytes()).await;
    for expected in ["172.16.0.17", "172.16.0.18", "172.16.0.19"] {
        assert_eq!(vip(&connection.read("GET").await.response()), expected);
    }
}

#[tokio::test]
async fn a_client_that_closes_its_side_is_still_answered() {
    let server = TestServer::new().await;
    let mut connection = server.connect().await;
    connection.write(format!("GET /?{} HTTP/1.0\r\n\r\n", v1_query()).as_bytes()).await;
    connection.close_own_side().await;
    assert_eq!(vip(&connection.read("GET").await.response()), "172.16.0.17");
}

#[tokio::test]
async fn an_incomplete_body_is_not_run() {
    let server = TestServer::new().await;
    let mut connection = server.connect().await;
    let form = v1_query();
    let head = format!(
        "POST / HTTP/1.1\r\nHost: x\r\n{}: {}\r\nContent-Length: 10000\r\n\r\n{form}",
        FORM.0, FORM.1
    );
    connection.write(head.as_bytes()).await;
    connection.close_own_side().await;
    connection.drained().await;
    assert_eq!(vip(&server.create(json!({})).await), "172.16.0.17");
}

#[rstest]
#[case::empty(&b""[..])]
#[case::list(b"[]")]
#[case::text(b"\"VpcId\"")]
#[case::null_in_a_list(b"[null]")]
#[case::null_as_text(b"\"null\"")]
#[case::boolean(b"true")]
#[case::cut_off(b"{\"VpcId\":")]
#[case::two(b"{}{}")]
#[case::not_utf8(b"{\"VpcId\":\"\xff\"}")]
#[case::comment(b"{} // no")]
#[tokio::test]
async fn a_body_that_is_not_a_json_object_is_rejected(#[case] body: &[u8]) {
    let server = TestServer::new().await;
    let response = server.send("POST", "/", &[ACTION, VERSION_HEADER, JSON], body).await.response();
    let expected =
        "The request content not valid json format for specified content-type=application/json.";
    assert_eq!(error(&response), ("InvalidParameter", expected));
}

/// The Ruby SDK sends `null` for a request without parameters.
#[rstest]
#[case::as_ruby_sends_it("null")]
#[case::between_blanks(" \r\n\tnull\n")]
#[tokio::test]
async fn a_body_of_null_has_no_parameters(#[case] body: &str) {
    let server = TestServer::new().await;
    let call = async |action| {
        let headers = [("X-TC-Action", action), VERSION_HEADER, JSON];
        server.send("POST", "/", &headers, body.as_bytes()).await.response()
    };
    assert_eq!(call("DescribeVpcs").await["TotalCount"], 1);
    let missing = "The request is missing a required parameter `VpcId`.";
    assert_eq!(error(&call("CreateHaVip").await), ("MissingParameter", missing));
    assert_eq!(server.admin().requests("").await[0]["Params"], json!({}));
}

#[tokio::test]
async fn deep_nesting_is_rejected() {
    let server = TestServer::new().await;
    let json = format!("{{\"VpcId\":{}", "[".repeat(1_000_000));
    let form = format!("Action=CreateHaVip&Version={VERSION}&A{}=1", ".0".repeat(100_000));
    for (headers, body) in [(vec![ACTION, VERSION_HEADER, JSON], json), (vec![FORM], form)] {
        let answer = server.send("POST", "/", &headers, body.as_bytes()).await;
        assert_eq!(code(&answer.response()), "InvalidParameter");
    }
    assert_eq!(vip(&server.create(json!({})).await), "172.16.0.17");
}

#[tokio::test]
async fn a_repeated_parameter_is_rejected() {
    let server = TestServer::new().await;
    let expected = ("InvalidParameter", "Parameter `VpcId` input repeated.");
    let twice = br#"{"VpcId":"a","VpcId":"b"}"#;
    let response =
        server.send("POST", "/", &[ACTION, VERSION_HEADER, JSON], twice).await.response();
    assert_eq!(error(&response), expected);
    let target = format!("/?{}&VpcId={VPC}", v1_query());
    assert_eq!(error(&server.send("GET", &target, &[], b"").await.response()), expected);
}

#[rstest]
#[case::no_equals("VpcId", "Url key and value should be splited by `=`.")]
#[case::empty_key("=1", "The request has a parameter key which is empty string.")]
#[case::indexes(
    "A.1=1",
    "Parameter `A` invalid array format, array index must be continuous and starts with 0."
)]
#[tokio::test]
async fn an_invalid_query_is_rejected(#[case] query: &str, #[case] message: &str) {
    let server = TestServer::new().await;
    let answer = server.send("GET", &format!("/?Action=CreateHaVip&{query}"), &[], b"").await;
    assert_eq!(error(&answer.response()), ("InvalidParameter", message));
}

#[tokio::test]
async fn a_broken_multipart_body_is_an_invalid_request() {
    let server = TestServer::new().await;
    let headers = [ACTION, VERSION_HEADER, ("Content-Type", "multipart/form-data; boundary=b")];
    let response = server.send("POST", "/", &headers, b"nonsense").await.response();
    let expected = "The multipart format of the request body is incorrect.";
    assert_eq!(error(&response), ("InvalidRequest", expected));
}

#[tokio::test]
async fn missing_common_parameters_are_reported_in_order() {
    let server = TestServer::new().await;
    let header =
        |name| format!("The request header is missing a required common parameter `{name}`.");
    let parameter = |name| format!("The request is missing a required parameter `{name}`.");
    for (headers, message) in [
        (vec![JSON], header("X-TC-Action")),
        (vec![JSON, ACTION], header("X-TC-Version")),
        (vec![JSON, ("X-TC-Action", ""), VERSION_HEADER], header("X-TC-Action")),
        (vec![FORM], parameter("Action")),
    ] {
        // The body is parsed before common parameters are checked, so it must be valid.
        let body: &[u8] = if headers.contains(&JSON) { b"{}" } else { b"" };
        let response = server.send("POST", "/", &headers, body).await.response();
        assert_eq!(error(&response), ("MissingParameter", message.as_str()));
    }
    let answer = server.send("GET", "/?Action=CreateHaVip", &[], b"").await;
    assert_eq!(error(&answer.response()).1, parameter("Version"));
}

#[rstest]
#[case::version(
    "X-TC-Version",
    "2019-07-22",
    "NoSuchVersion",
    "The specified api version=`2019-07-22` does not exist in service=`ecm`."
)]
#[case::action(
    "X-TC-Action",
    "createHaVip",
    "InvalidAction",
    "The request action=`createHaVip` is invalid or not found in service=`ecm` and version=`2019-07-19`."
)]
#[case::language(
    "X-TC-Language",
    "fr-FR",
    "InvalidParameterValue",
    "A value specified in `X-TC-Language` is not valid, is unsupported, or cannot be used."
)]
#[case::region(
    "X-TC-Region",
    "Mars!",
    "InvalidParameterValue",
    "A value specified in `X-TC-Region` is not valid, is unsupported, or cannot be used."
)]
#[tokio::test]
async fn an_invalid_common_parameter_is_rejected(
    #[case] name: &str,
    #[case] value: &str,
    #[case] expected: &str,
    #[case] message: &str,
) {
    let server = TestServer::new().await;
    let mut headers = vec![ACTION, VERSION_HEADER, JSON];
    headers.retain(|(it, _)| *it != name);
    headers.push((name, value));
    let response = server.send("POST", "/", &headers, &body()).await.response();
    assert_eq!(error(&response), (expected, message));
}

#[rstest]
#[case::none(None, "The request is missing a required parameter `VpcId`.")]
#[case::english(Some("en-US"), "The request is missing a required parameter `VpcId`.")]
#[case::chinese(Some("zh-CN"), "请求缺少必传参数 `VpcId` 。")]
#[tokio::test]
async fn messages_are_in_the_language_of_the_call(
    #[case] language: Option<&str>,
    #[case] message: &str,
) {
    let server = TestServer::new().await;
    let mut headers = vec![ACTION, VERSION_HEADER, JSON];
    headers.extend(language.map(|it| ("X-TC-Language", it)));
    let response = server.send("POST", "/", &headers, b"{}").await.response();
    assert_eq!(error(&response).1, message);
    let language = language.map(|it| format!("&Language={it}")).unwrap_or_default();
    let target = format!("/?Action=CreateHaVip&Version={VERSION}{language}");
    let response = server.send("GET", &target, &[], b"").await.response();
    assert_eq!(error(&response).1, message);
}

#[tokio::test]
async fn a_business_error_is_in_the_language_of_the_call() {
    let server = TestServer::new().await;
    let headers = [ACTION, VERSION_HEADER, JSON, ("X-TC-Language", "zh-CN")];
    let params = create(json!({ "VpcId": "vpc-zzzzzzzz" })).to_string();
    let response = server.send("POST", "/", &headers, params.as_bytes()).await.response();
    assert_eq!(error(&response), ("ResourceNotFound", "资源不存在。 (VPC `vpc-zzzzzzzz`)"));
}

/// The client sends the whole body before it reads.
#[rstest]
#[case::json(vec![ACTION, VERSION_HEADER, JSON], 10, "RequestSizeLimitExceeded", "The request size exceeds the upper limit.")]
#[case::form(vec![FORM], 1, "AuthFailure.SignatureFailure", "The provided credentials could not be validated because of exceeding request size limit, please use new signature method `TC3-HMAC-SHA256`.")]
#[tokio::test]
async fn a_body_over_the_limit_is_answered_while_it_is_sent(
    #[case] headers: Vec<(&str, &str)>,
    #[case] mebibytes: usize,
    #[case] expected: &str,
    #[case] message: &str,
) {
    let server = TestServer::new().await;
    let body = vec![b' '; mebibytes * 1024 * 1024];
    let response = server.send("POST", "/", &headers, &body).await.response();
    assert_ne!(response["Error"]["Message"], message, "a body of exactly the limit is allowed");
    let body = [body, b" ".repeat(8 * 1024 * 1024)].concat();
    let response = server.send("POST", "/", &headers, &body).await.response();
    assert_eq!(error(&response), (expected, message));

    // The same in chunks, whose total size is unknown in advance.
    let mut connection = server.connect().await;
    let head: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect::<Vec<_>>()
        .concat();
    let head = format!("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n{head}\r\n");
    connection.write(head.as_bytes()).await;
    connection.write(format!("{:x}\r\n", body.len()).as_bytes()).await;
    connection.write(&body).await;
    connection.write(b"\r\n0\r\n\r\n").await;
    assert_eq!(error(&connection.read("POST").await.response()), (expected, message));
    // The connection stays usable.
    connection.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(code(&connection.read("GET").await.response()), "MissingParameter");
}

/// Large bodies with few or many values.
#[rstest]
#[case::one_text(format!(r#"{{"VpcId":"{}"}}"#, "x".repeat(9_000_000)), "MissingParameter")]
#[case::many_values(format!(r#"{{"Z":[{}0]}}"#, "{\"\":0},".repeat(1_000_000)), "RequestSizeLimitExceeded")]
#[tokio::test]
async fn a_large_body_delays_no_other_calls(#[case] body: String, #[case] expected: &str) {
    let server = TestServer::new().await;
    let headers = [ACTION, VERSION_HEADER, JSON];
    let large = server.send("POST", "/", &headers, body.as_bytes());
    let (large, small) = tokio::join!(large, server.create(json!({})));
    assert_eq!(code(&large.response()), expected);
    assert_eq!(vip(&small), "172.16.0.17");
}

#[tokio::test]
async fn expect_100_continue_over_the_limit_is_rejected_immediately() {
    let server = TestServer::new().await;
    let mut connection = server.connect().await;
    connection
        .write(b"POST / HTTP/1.1\r\nHost: x\r\nX-TC-Action: CreateHaVip\r\nExpect: 100-continue\r\nContent-Length: 20000000\r\n\r\n")
        .await;
    let response = connection.read("POST").await.response();
    assert_eq!(code(&response), "RequestSizeLimitExceeded");
}

#[tokio::test]
async fn a_get_has_32_kib_at_most() {
    let server = TestServer::new().await;
    for (length, expected) in
        [(32 * 1024, "UnknownParameter"), (32 * 1024 + 1, "RequestSizeLimitExceeded")]
    {
        let target = format!("/?{}&A=", v1_query());
        let target = format!("{target}{}", "x".repeat(length - target.len()));
        assert_eq!(code(&server.send("GET", &target, &[], b"").await.response()), expected);
    }
}

#[tokio::test]
async fn calls_over_the_rate_limit_are_rejected_with_their_count() {
    let server = TestServer::with(|config| config.rate_limit = "2".parse().unwrap()).await;
    for expected in ["172.16.0.17", "172.16.0.18"] {
        assert_eq!(vip(&server.create(json!({})).await), expected);
    }
    for calls in [3, 4] {
        let message = format!(
            "Your current request times equals to `{calls}` in a second, which exceeds the frequency limit `2` for a second. Please reduce the frequency of calls."
        );
        assert_eq!(
            error(&server.create(json!({})).await),
            ("RequestLimitExceeded", message.as_str())
        );
    }
    let other = server.call_as("other", "CreateHaVip", &create(json!({}))).await;
    assert_eq!(vip(&other), "172.16.0.17");
}

#[tokio::test]
async fn no_limit_is_the_default_and_20_the_documented_one() {
    for (limit, last) in [("off", Value::Null), ("documented", json!("RequestLimitExceeded"))] {
        let server = TestServer::with(|config| {
            config.rate_limit = limit.parse().unwrap();
            config.quotas.ha_vips_per_vpc = 100;
        })
        .await;
        for _ in 0..20 {
            vip(&server.create(json!({})).await);
        }
        assert_eq!(server.create(json!({})).await["Error"]["Code"], last);
    }
}

#[tokio::test]
async fn a_call_in_flight_is_answered_when_the_server_shuts_down() {
    let server = TestServer::new().await;
    let mut connection = server.connect().await;
    let body = body();
    let head = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nX-TC-Action: CreateHaVip\r\nX-TC-Version: {VERSION}\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    connection.write(head.as_bytes()).await;
    // The server requests the body, so the call is in flight.
    assert_eq!(connection.read("POST").await.status(), "100 Continue");
    let (idle, finish) = (server.connect().await, async {
        connection.write(&body).await;
        connection.read("POST").await.response()
    });
    let ((), response) = tokio::join!(server.shutdown(), finish);
    assert_eq!(vip(&response), "172.16.0.17");
    drop(idle);
}

/// The kernel has established the connection, but the server has not accepted it.
#[tokio::test]
async fn an_unaccepted_call_is_answered_when_the_server_shuts_down() {
    use std::io::{Read as _, Write as _};

    let server = TestServer::new().await;
    let mut connection = std::net::TcpStream::connect(server.address()).unwrap();
    let call = format!("GET /?{} HTTP/1.1\r\nHost: x\r\n\r\n", v1_query());
    connection.write_all(call.as_bytes()).unwrap();
    server.shutdown().await;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("172.16.0.17"), "{answer}");
}
