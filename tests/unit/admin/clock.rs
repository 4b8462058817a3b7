//! The clock of an account, and its effects.

use crate::config::Auth;
use serde_json::{Value, json};

use crate::tests::{
    signer::{NOW, V3},
    support::{TestServer, VERSION, create, vip},
};

/// Time of a test server's clock in the cloud's zone: noon in Beijing.
const NOON: &str = "2026-11-22 12:00:00";

/// Longer than any test runs.
const HOUR_MS: i64 = 3_600_000;

async fn made_at(server: &TestServer, account: &str) -> Value {
    let made = server.call_as(account, "CreateHaVip", &create(json!({}))).await;
    vip(&made);
    made["HaVip"]["CreatedTime"].clone()
}

#[tokio::test]
async fn a_clock_is_real_or_ahead_or_frozen() {
    let server = TestServer::with(|config| config.clock = None).await;
    let admin = server.admin();
    let real = admin.get("clock").await;
    assert_eq!((&real["Mode"], &real["OffsetMs"]), (&json!("real"), &json!(0)));

    let ahead = admin.post("clock/advance", json!({ "Ms": HOUR_MS })).await;
    assert_eq!((&ahead["Mode"], &ahead["OffsetMs"]), (&json!("offset"), &json!(HOUR_MS)));
    assert_eq!(admin.get("clock").await["OffsetMs"], HOUR_MS);

    let frozen = json!({ "Now": "2030-01-31T00:00:00+08:00", "Frozen": true });
    let shown = json!({ "Now": "2030-01-30T16:00:00.000Z", "Mode": "frozen", "OffsetMs": null });
    assert_eq!(admin.put("clock", frozen).await, shown);
    assert_eq!(admin.get("clock").await, shown);
    assert_eq!(
        admin.post("clock/advance", json!({ "Ms": 1500 })).await["Now"],
        "2030-01-30T16:00:01.500Z"
    );

    let running = admin.put("clock", json!({ "Now": "2030-01-30T16:00:00Z" })).await;
    assert_eq!(running["Mode"], "offset");
    assert!(running["Now"].as_str().unwrap().starts_with("2030-01-30T16:0"), "{running}");
    assert!(running["OffsetMs"].is_i64());

    let stopped = admin.put("clock", json!({ "Frozen": true })).await;
    assert_eq!(stopped["Mode"], "frozen");
    assert_eq!(admin.get("clock").await, stopped);
    assert_eq!(admin.put("clock", json!({ "Real": true })).await["Mode"], "real");
}

#[tokio::test]
async fn each_account_has_its_own_time() {
    let server = TestServer::new().await;
    server.admin_of("one").post("clock/advance", json!({ "Ms": 90_000 })).await;
    assert_eq!(made_at(&server, "one").await, "2026-11-22 12:01:30");
    assert_eq!(made_at(&server, "other").await, NOON);
    let calls = server.admin_of("one").requests("").await;
    assert_eq!(calls[0]["Time"], "2026-11-22T04:01:30Z");
}

#[tokio::test]
async fn an_invalid_setting_is_an_error_and_changes_nothing() {
    let server = TestServer::new().await;
    let admin = server.admin();
    let before = admin.get("clock").await;
    for setting in [
        json!({}),
        json!({ "Real": false }),
        json!({ "Real": true, "Frozen": true }),
        json!({ "Real": true, "Now": "2026-11-22T04:00:00Z" }),
    ] {
        let refusal = admin.refusal("PUT", "clock", &setting.to_string()).await;
        assert_eq!(
            refusal,
            r#"400 BadRequest: clock: must be {"Real":true}, {"Now":TIME} to run from a time, {"Now":TIME,"Frozen":true} to freeze at a time, or {"Frozen":true} to freeze at the current time"#
        );
    }
    for now in ["1969-12-31T23:59:59Z", "+10000-01-01T00:00:00Z"] {
        for frozen in [true, false] {
            let setting = json!({ "Now": now, "Frozen": frozen }).to_string();
            let refusal = admin.refusal("PUT", "clock", &setting).await;
            let expected =
                "400 BadRequest: Now: time is out of range; must be in the years 1970 to 9999";
            assert_eq!(refusal, expected);
        }
    }
    for ms in [u64::MAX, i64::MAX as u64, 300_000_000_000_000] {
        let advance = json!({ "Ms": ms }).to_string();
        let refusal = admin.refusal("POST", "clock/advance", &advance).await;
        let expected =
            "400 BadRequest: Ms: time is out of range; must be in the years 1970 to 9999";
        assert_eq!(refusal, expected);
    }
    assert_eq!(admin.get("clock").await, before);
}

/// Returns the code of a call that is signed at noon with the account's key.
async fn signed_call(server: &TestServer, secret_id: &str) -> Value {
    let address = server.address();
    let signed = V3 { secret_id, ..V3::post(&address, b"{}") };
    let (authorization, timestamp) = (signed.authorization(), NOW.to_string());
    let headers = [
        ("X-TC-Action", "DescribeVpcs"),
        ("X-TC-Version", VERSION),
        ("X-TC-Timestamp", &timestamp),
        ("Content-Type", "application/json"),
        ("Authorization", &authorization),
    ];
    server.send("POST", "/", &headers, b"{}").await.response()["Error"]["Code"].take()
}

#[tokio::test]
async fn a_signature_expires_by_the_accounts_clock() {
    let server = TestServer::with(|config| config.auth = Auth::Verify).await;
    let admin = server.admin_of("one");
    assert_eq!(signed_call(&server, "ecmock-one").await, Value::Null);
    admin.post("clock/advance", json!({ "Ms": 300_000 })).await;
    assert_eq!(signed_call(&server, "ecmock-one").await, Value::Null);
    admin.post("clock/advance", json!({ "Ms": 60_000 })).await;
    assert_eq!(signed_call(&server, "ecmock-one").await, "AuthFailure.SignatureExpire");
    assert_eq!(signed_call(&server, "ecmock-other").await, Value::Null);
    admin.put("clock", json!({ "Now": "2026-11-22T03:54:59Z", "Frozen": true })).await;
    assert_eq!(signed_call(&server, "ecmock-one").await, "AuthFailure.SignatureExpire");
}

#[tokio::test]
async fn a_rate_limit_window_ends_by_the_accounts_clock() {
    let server = TestServer::with(|config| config.rate_limit = "2".parse().unwrap()).await;
    let call = async || server.call("DescribeVpcs", &json!({})).await["Error"]["Code"].take();
    assert_eq!([call().await, call().await], [Value::Null, Value::Null]);
    assert_eq!(call().await, "RequestLimitExceeded");
    server.admin().post("clock/advance", json!({ "Ms": 999 })).await;
    assert_eq!(call().await, "RequestLimitExceeded");
    server.admin().post("clock/advance", json!({ "Ms": 1 })).await;
    assert_eq!(call().await, Value::Null);
}
