//! The library's public API.

mod findings;

use std::{error::Error, io::ErrorKind, panic::AssertUnwindSafe, time::Duration};

use ecmock::{
    Account, Credential, Emulator, Quotas, Server,
    faults::{Connection, Rule},
    fixture::Fixture,
    journal::{ExpectedRetries, RecordedCall},
    verdict::Check,
};
use http::Request;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tower::ServiceExt as _;

use crate::json::{VERSION, create};

/// Longer than any test takes.
const LONG: Duration = Duration::from_mins(10);

fn headers(account: &Account, action: &str) -> [(&'static str, String); 4] {
    let scope = format!("{}/2026-11-22/ecm/tc3_request", account.secret_id());
    [
        ("X-TC-Action", action.to_owned()),
        ("X-TC-Version", VERSION.to_owned()),
        ("Content-Type", "application/json".to_owned()),
        ("Authorization", format!("TC3-HMAC-SHA256 Credential={scope}")),
    ]
}

/// Calls an action on a separate connection.
async fn call_server(
    server: &Server,
    account: &Account,
    action: &str,
    params: &Value,
) -> std::io::Result<Value> {
    let address = server.addresses()[0];
    let body = params.to_string();
    let mut head = format!("POST / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers(account, action) {
        head.extend([name, ": ", &value, "\r\n"]);
    }
    let length = body.len().to_string();
    head.extend(["Content-Length: ", &length, "\r\n\r\n", &body]);
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(head.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (_, body) = answer.split_once("\r\n\r\n").ok_or(ErrorKind::UnexpectedEof)?;
    Ok(serde_json::from_str::<Value>(body)?["Response"].take())
}

/// Calls an action in process.
async fn call(
    emulator: &Emulator,
    account: &Account,
    action: &str,
    params: &Value,
) -> Result<Value, Box<dyn Error + Send + Sync>> {
    let mut request = Request::post("/");
    for (name, value) in headers(account, action) {
        request = request.header(name, value);
    }
    let response = emulator.service().oneshot(request.body(params.to_string())?).await?;
    let body = response.into_body().collect().await?.to_bytes();
    Ok(serde_json::from_slice::<Value>(&body)?["Response"].take())
}

async fn create_in(emulator: &Emulator, account: &Account) -> Value {
    call(emulator, account, "CreateHaVip", &create(json!({}))).await.unwrap()
}

/// Returns the message of a panic.
fn panic_of(act: impl FnOnce()) -> String {
    let panic = std::panic::catch_unwind(AssertUnwindSafe(act)).unwrap_err();
    *panic.downcast::<String>().unwrap()
}

#[tokio::test]
async fn a_builder_sets_what_accounts_start_with() {
    let emulator = Emulator::builder()
        .seed(7)
        .clock(std::time::UNIX_EPOCH)
        .quotas(Quotas::default().with_ha_vips_per_vpc(2))
        .fault(Rule::error("CreateHaVip", "InternalError").times(1))
        .journal_entries(2)
        .build();
    assert_eq!(emulator.seed(), 7);
    let account = emulator.account();
    let mut codes = Vec::new();
    for _ in 0..4 {
        codes.push(create_in(&emulator, &account).await["Error"]["Code"].take());
    }
    assert_eq!(codes, [json!("InternalError"), Value::Null, Value::Null, json!("LimitExceeded")]);
    assert_eq!(account.calls().len(), 2);
}

#[tokio::test]
async fn a_server_and_its_emulator_share_state() {
    let server = Server::start().await;
    let account = server.account();
    let created = call_server(&server, &account, "CreateHaVip", &create(json!({}))).await.unwrap();
    assert_eq!(created["HaVip"]["Vip"], "172.16.0.17");
    let created = create_in(server.emulator(), &account).await;
    assert_eq!(created["HaVip"]["Vip"], "172.16.0.18");
    assert_eq!(account.calls().len(), 2);
}

#[tokio::test]
async fn an_application_can_mount_an_emulator() {
    let emulator = Emulator::new();
    let app = axum::Router::new()
        .route("/own", axum::routing::get(|| async { "own" }))
        .fallback_service(emulator.service());
    let get = async |path| {
        let request = Request::get(path).body(axum::body::Body::empty()).unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        response.into_body().collect().await.unwrap().to_bytes()
    };
    let health: Value = serde_json::from_slice(&get("/_ecmock/health").await).unwrap();
    assert_eq!(health["Status"], "ready");
    assert_eq!(&get("/own").await[..], b"own");
}

#[tokio::test]
async fn a_cut_connection_breaks_the_body_in_process() {
    let emulator = Emulator::new();
    let account = emulator.account();
    for connection in [Connection::Reset, Connection::Close, Connection::Truncate] {
        let fault = account.cut("CreateHaVip", connection).scoped();
        call(&emulator, &account, "CreateHaVip", &create(json!({}))).await.unwrap_err();
        assert_eq!(fault.hits(), 1);
    }
}

#[tokio::test]
async fn a_server_that_mounts_an_emulator_sends_nothing_on_a_cut_connection() {
    let emulator = Emulator::new();
    emulator.account_named("default").cut("DescribeVpcs", Connection::Close).add();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = axum::Router::new().fallback_service(emulator.service());
    let serving = tokio::spawn(axum::serve(listener, app).into_future());
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nX-TC-Action: DescribeVpcs\r\nX-TC-Version: {VERSION}\r\n\
         Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert_eq!(answer, "");
    serving.abort();
}

#[tokio::test]
async fn a_scoped_fault_is_removed_at_the_end_of_its_scope() {
    let emulator = Emulator::new();
    let account = emulator.account();
    {
        let fault = account.fail("CreateHaVip", "LimitExceeded").message("full").scoped();
        let error = create_in(&emulator, &account).await["Error"].take();
        assert_eq!(error, json!({ "Code": "LimitExceeded", "Message": "full" }));
        assert_eq!(fault.hits(), 1);
    }
    assert!(create_in(&emulator, &account).await["Error"].is_null());
}

#[test]
fn a_scoped_fault_does_not_remove_rules_added_after_a_reset() {
    let account = Emulator::new().account();
    let fault = account.fail("CreateHaVip", "InternalError").scoped();
    account.reset();
    account.fail("CreateHaVip", "InternalError").add();
    assert_eq!(account.faults()[0].id(), fault.id());
    drop(fault);
    assert_eq!(account.faults().len(), 1);
}

#[tokio::test]
async fn a_fault_after_the_call_keeps_its_effect() {
    let server = Server::start().await;
    let account = server.account();
    account.cut("CreateHaVip", Connection::Reset).after().times(1).add();
    let error = call_server(&server, &account, "CreateHaVip", &create(json!({}))).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(account.state()["HaVipSet"][0]["Vip"], "172.16.0.17");
    assert_eq!(account.faults()[0].hits(), 1);
}

#[tokio::test]
async fn a_fault_applies_only_to_matching_calls() {
    let emulator = Emulator::new();
    let account = emulator.account();
    account.fail(None, "InternalError").with(json!({ "HaVipName": "web" })).skip(1).times(1).add();
    let mut failed = Vec::new();
    for name in ["web", "db", "web", "web"] {
        let params = create(json!({ "HaVipName": name }));
        let response = call(&emulator, &account, "CreateHaVip", &params).await.unwrap();
        failed.push(response["Error"].is_object());
    }
    assert_eq!(failed, [false, false, true, false]);
}

#[test]
fn an_invalid_fault_panics_where_it_is_added() {
    let account = Emulator::new().account();
    let panic = panic_of(|| _ = account.fail("CreateHaVpi", "InternalError").add());
    let expected =
        "invalid fault rule: Action: unknown action `CreateHaVpi`; did you mean `CreateHaVip`?";
    assert_eq!(panic, expected);
}

#[tokio::test]
async fn an_expectation_counts_later_calls() {
    let emulator = Emulator::new();
    let account = emulator.account();
    create_in(&emulator, &account).await;
    let expected = account.expect("CreateHaVip").code("OK").times(1);
    expected.check().unwrap_err();
    create_in(&emulator, &account).await;
    expected.verify();
    account.expect("CreateHaVip").since(0).times(2..).verify();
}

#[tokio::test]
async fn an_unmet_expectation_shows_the_nearest_misses() {
    let emulator = Emulator::builder().seed(1).build();
    let account = emulator.account();
    let expected = account.expect("CreateHaVip").with(json!({ "HaVipName": "web" })).times(1..);
    let created = create_in(&emulator, &account).await;
    let unmet = expected.check().unwrap_err().to_string();
    let id = created["RequestId"].as_str().unwrap();
    let lines: Vec<&str> = unmet.lines().collect();
    assert_eq!(lines[0], r#"expected CreateHaVip {"HaVipName":"web"} at least once, got 0"#);
    assert!(lines[1].starts_with("  nearest: CreateHaVip {"), "{unmet}");
    assert!(lines[1].ends_with(&format!("}} -> OK ({id})")), "{unmet}");
    assert_eq!(lines[2..], [r#"    HaVipName: expected "web", got "irang_testHaVip""#]);
    let panic = panic_of(|| drop(expected));
    assert!(panic.starts_with(&unmet), "{panic}");
    assert!(panic.contains("\n  expected at tests/it/library.rs:"), "{panic}");
}

#[test]
fn an_expectation_does_not_hide_another_panic() {
    let account = Emulator::new().account();
    let panic = panic_of(|| {
        let _unmet = account.expect("CreateHaVip");
        panic!("{}", "the first");
    });
    assert_eq!(panic, "the first");
}

#[tokio::test]
async fn a_test_waits_for_a_call() {
    let emulator = Emulator::new();
    let account = emulator.account();
    let wait = account.wait_for("CreateHaVip").code("OK").timeout(LONG);
    let program = async {
        call(&emulator, &account, "DescribeVpcs", &json!({})).await.unwrap();
        create_in(&emulator, &account).await
    };
    let (found, created) = tokio::join!(wait.into_future(), program);
    let found = found.unwrap();
    assert_eq!(found.request_id(), created["RequestId"]);
    let short = Duration::from_millis(1);
    let later = account.wait_for("CreateHaVip").since(found.sequence()).timeout(short);
    assert_eq!(later.await.unwrap_err().to_string(), "no call CreateHaVip within 1ms");
    let other = account.wait_for("DeleteHaVip").timeout(short).await.unwrap_err().to_string();
    assert!(other.starts_with("no call DeleteHaVip within 1ms\n  call: DescribeVpcs {} -> OK ("));
}

#[tokio::test]
async fn recorded_calls_have_typed_accessors() {
    let emulator = Emulator::new();
    let account = emulator.account();
    let created = create_in(&emulator, &account).await;
    let calls = account.calls();
    assert_eq!(calls[0].action(), Some("CreateHaVip"));
    assert_eq!(calls[0].params().unwrap(), create(json!({})));
    assert_eq!((calls[0].code(), calls[0].message()), (Some("OK"), None));
    assert_eq!(calls[0].sequence(), 1);
    assert_eq!(calls[0].created(), [created["HaVip"]["HaVipId"].as_str().unwrap()]);
    let id = created["RequestId"].as_str().unwrap();
    assert_eq!(account.call(id).unwrap().sequence(), 1);
    assert_eq!(serde_json::to_value(&calls[0]).unwrap()["RequestId"], id);
    assert_eq!(account.codes()[0].summary, "0 of 10");
    assert_eq!((account.clear_calls(), account.calls().len()), (1, 0));
}

#[tokio::test]
async fn a_call_has_the_trace_of_its_header() {
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let emulator = Emulator::new();
    let account = emulator.account();
    let query = format!("Action=DescribeVpcs&Version={VERSION}&SecretId={}", account.secret_id());
    for parent in [format!("00-{trace}-b7ad6b7169203331-01"), "none".to_owned()] {
        let request = Request::get(format!("/?{query}")).header("traceparent", parent);
        let request = request.body(String::new()).unwrap();
        emulator.service().oneshot(request).await.unwrap();
    }
    let calls = account.calls();
    let traces: Vec<_> = calls.iter().map(RecordedCall::trace_id).collect();
    assert_eq!(traces, [Some(trace), None]);

    let found = account.wait_for("DescribeVpcs").trace(trace).await.unwrap();
    assert_eq!(found.request_id(), calls[0].request_id());
    account.expect("DescribeVpcs").trace(trace).since(0).times(1).verify();

    let other = "00000000000000000000000000000001";
    let none = account.wait_for("DescribeVpcs").trace(other).timeout(Duration::ZERO).await;
    let message = none.unwrap_err().to_string();
    let expected = format!("no call DescribeVpcs of trace {other} within 0ns\n");
    assert!(message.starts_with(&expected), "{message}");
    let unmet = account.expect("DescribeVpcs").trace(other).since(0).times(2);
    let message = unmet.check().unwrap_err().to_string();
    panic_of(|| drop(unmet));
    let expected = format!("expected DescribeVpcs of trace {other} 2 times, got 0\n");
    assert!(message.starts_with(&expected), "{message}");
    assert!(
        message.contains(&format!("Trace: expected \"{other}\", got \"{trace}\"")),
        "{message}"
    );
}

#[test]
fn an_invalid_trace_is_a_panic() {
    let account = Emulator::new().account();
    let expected = "the trace `4BF9` must be 32 digits of 0-9 and a-f, not all 0";
    assert_eq!(panic_of(|| drop(account.wait_for("DescribeVpcs").trace("4BF9"))), expected);
    assert_eq!(panic_of(|| drop(account.expect("DescribeVpcs").trace("4BF9"))), expected);
}

#[tokio::test]
async fn a_clock_belongs_to_one_account() {
    let emulator = Emulator::new();
    let (account, other) = (emulator.account(), emulator.account());
    account.freeze_clock_at(std::time::UNIX_EPOCH).unwrap();
    account.advance_clock(Duration::from_mins(1)).unwrap();
    let created = create_in(&emulator, &account).await;
    assert_eq!(created["HaVip"]["CreatedTime"], "1970-01-01 08:01:00");
    assert!(other.now().timestamp() > 1_700_000_000);
    account.reset();
    assert!(account.now().timestamp() > 1_700_000_000);
    account.advance_clock(Duration::MAX).unwrap_err();
}

#[tokio::test]
async fn a_reset_affects_one_account() {
    let emulator = Emulator::new();
    let (one, other) = (emulator.account_named("one"), emulator.account_named("other"));
    for account in [&one, &other] {
        create_in(&emulator, account).await;
    }
    one.reset();
    let count = |account: &Account| account.state()["HaVipSet"].as_array().unwrap().len();
    assert_eq!((count(&one), count(&other)), (0, 1));
    assert_eq!((one.calls().len(), other.calls().len()), (0, 1));
}

#[test]
fn a_new_account_has_an_unused_name() {
    let emulator = Emulator::new();
    emulator.account_named("account-1").reset();
    assert_eq!(emulator.account().name(), "account-2");
}

#[test]
fn an_invalid_account_name_panics() {
    let emulator = Emulator::new();
    let panic = panic_of(|| _ = emulator.account_named(""));
    assert_eq!(panic, "account name has 0 bytes; must be 1 to 128");
}

#[test]
fn an_invalid_state_lists_its_problems() {
    let account = Emulator::new().account();
    let before = account.state();
    let error = account.merge_state(&json!({ "VpcSet": [{}], "SubnetSet": 7 })).unwrap_err();
    assert_eq!(error.problems().len(), error.total());
    assert!(error.to_string().contains("$.SubnetSet: "), "{error}");
    assert_eq!(account.state(), before);
}

#[test]
fn the_error_of_a_failover_contains_its_reason() {
    let fixture = Fixture::file("fixtures/failover.json");
    let account = Emulator::builder().fixture(fixture).build().account();
    let error = account.announce("havip-failover", "eni-nowhere1").unwrap_err();
    assert!(error.to_string().contains("eni-nowhere1"), "{error}");
    let error = account.withdraw("havip").unwrap_err();
    assert!(error.to_string().starts_with("`havip` must be `havip-`"), "{error}");
}

#[test]
fn errors_do_not_mention_command_line_flags() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("ca.pem"), "no certificate").unwrap();
    std::fs::write(directory.path().join("ca-key.pem"), "no key").unwrap();
    for builder in [
        Emulator::builder().fixture(Fixture::text("{")),
        Emulator::builder().fixture(Fixture::file("no such file")),
        Emulator::builder().fault(Rule::error("CreateHaVip", "Unknown")),
        Emulator::builder().tls_name("*"),
        Emulator::builder().tls_dir(directory.path()),
    ] {
        let error = builder.try_build().unwrap_err();
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text.extend([": ", &error.to_string()]);
            cause = error.source();
        }
        assert!(!text.contains("--"), "{text}");
    }
}

#[test]
fn a_credential_sets_the_key_of_its_account() {
    let credential = Credential::new("ecmock-web*", "a key").for_account("web");
    let emulator = Emulator::builder().verify_signatures().credential(credential).build();
    assert_eq!(emulator.account_named("web").secret_key(), "a key");
    assert_eq!(emulator.account_named("db").secret_key(), "ecmock");
}

#[tokio::test]
async fn several_servers_of_one_process_share_nothing() {
    let mut ids = Vec::new();
    for _ in 0..3 {
        let server = Server::builder().seed(1).start().await;
        let account = server.account();
        assert!(account.faults().is_empty() && account.calls().is_empty());
        account.delay("DescribeVpcs", Duration::from_millis(1)).add();
        let created = call_server(&server, &account, "CreateHaVip", &create(json!({}))).await;
        ids.push(created.unwrap()["HaVip"]["HaVipId"].take());
    }
    assert!(ids.iter().all(|it| *it == ids[0]));
}

#[tokio::test]
async fn a_dropped_server_ends_calls_in_flight() {
    let server = Server::start().await;
    let account = server.account();
    account.cut("CreateHaVip", Connection::Hang).add();
    account.delay("DeleteHaVip", LONG).add();
    let address = server.addresses()[0];
    let mut hung = Vec::new();
    for action in ["CreateHaVip", "DeleteHaVip"] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let mut head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n".to_owned();
        for (name, value) in headers(&account, action) {
            head.extend([name, ": ", &value, "\r\n"]);
        }
        stream.write_all(format!("{head}\r\n{{}}").as_bytes()).await.unwrap();
        hung.push(stream);
    }
    while account.faults().iter().any(|it| it.hits() == 0) {
        tokio::task::yield_now().await;
    }
    drop(server);
    for mut stream in hung {
        assert_eq!(stream.read(&mut [0]).await.unwrap_or_default(), 0);
    }
    TcpStream::connect(address).await.unwrap_err();
}
