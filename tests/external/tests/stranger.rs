//! Tests of ecmock from a crate that depends on it.

use std::{error::Error, time::Duration};

use axum::Router;
use ecmock::{
    Account, Emulator, Quotas, Server, Settle,
    faults::{Connection, Rule},
    fixture::Fixture,
    journal::RecordedCall,
};
use http::Request;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// The program under test: a client without signatures.
async fn call(emulator: &Emulator, account: &Account, action: &str, params: Value) -> Outcome<Value> {
    let scope = format!("{}/2026-01-01/ecm/tc3_request", account.secret_id());
    let request = Request::post("/")
        .header("X-TC-Action", action)
        .header("X-TC-Version", "2019-07-19")
        .header("Content-Type", "application/json")
        .header("Authorization", format!("TC3-HMAC-SHA256 Credential={scope}"))
        .body(params.to_string())?;
    let response = emulator.service().oneshot(request).await?;
    let body = response.into_body().collect().await?.to_bytes();
    Ok(serde_json::from_slice::<Value>(&body)?["Response"].take())
}

fn ha_vip(name: &str) -> Value {
    json!({ "VpcId": "vpc-m0c2kcun", "SubnetId": "subnet-rtmfkg4w", "HaVipName": name })
}

#[tokio::test]
async fn a_client_retries_after_an_error() -> Outcome {
    let emulator = Emulator::builder().seed(1).build();
    let account = emulator.account();
    account.fail("CreateHaVip", "InternalError").times(1).add();
    let _twice = account.expect("CreateHaVip").with(json!({ "HaVipName": "web" })).times(2);
    for code in [Some("InternalError"), None] {
        let response = call(&emulator, &account, "CreateHaVip", ha_vip("web")).await?;
        assert_eq!(response["Error"]["Code"].as_str(), code);
    }
    Ok(())
}

#[tokio::test]
async fn a_call_with_a_lost_response_takes_effect() -> Outcome {
    let emulator = Emulator::new();
    let account = emulator.account();
    let lost = account.cut("CreateHaVip", Connection::Reset).after().scoped();
    call(&emulator, &account, "CreateHaVip", ha_vip("web")).await.unwrap_err();
    assert_eq!(lost.hits(), 1);
    assert_eq!(account.state()["HaVipSet"][0]["HaVipName"], "web");
    Ok(())
}

#[tokio::test]
async fn a_task_settles_with_the_clock() -> Outcome {
    let emulator = Emulator::builder().settle(Settle::After(Duration::from_secs(5))).build();
    let account = emulator.account();
    account.freeze_clock();
    let region = json!({ "EcmRegion": "ap-hangzhou-ecm" });
    let task = call(&emulator, &account, "AllocateAddresses", region).await?["TaskId"].take();
    let mut results = Vec::new();
    for _ in 0..2 {
        let params = json!({ "EcmRegion": "ap-hangzhou-ecm", "TaskId": task });
        results.push(call(&emulator, &account, "DescribeTaskResult", params).await?["Result"].take());
        account.advance_clock(Duration::from_secs(5))?;
    }
    assert_eq!(results, ["RUNNING", "SUCCESS"]);
    Ok(())
}

#[tokio::test]
async fn a_server_has_an_endpoint_and_a_ca() -> Outcome {
    let directory = std::env::temp_dir().join(format!("ecmock-external-{}", std::process::id()));
    let server = Server::builder()
        .quotas(Quotas::default().with_ha_vips_per_vpc(1))
        .fault(Rule::delay("DescribeVpcs", Duration::from_millis(1)))
        .fixture(Fixture::demo())
        .tls_dir(&directory)
        .tls_name("ecm.test")
        .try_start()
        .await?;
    assert!(server.endpoint().starts_with("http://127.0.0.1:"));
    assert_eq!(server.ca_pem(), std::fs::read_to_string(directory.join("ca.pem"))?);
    std::fs::remove_dir_all(&directory)?;
    let account = server.account_named("web");
    let program = call(server.emulator(), &account, "CreateHaVip", ha_vip("web"));
    let wait = account.wait_for("CreateHaVip").into_future();
    let (made, found) = tokio::join!(program, wait);
    assert_eq!(found?.request_id(), made?["RequestId"]);
    let full = call(server.emulator(), &account, "CreateHaVip", ha_vip("db")).await?;
    assert_eq!(full["Error"]["Code"], "LimitExceeded");
    let calls: Vec<RecordedCall> = account.calls();
    assert_eq!(calls.last().and_then(RecordedCall::code), Some("LimitExceeded"));
    server.shutdown().await;
    Ok(())
}

#[tokio::test]
async fn an_application_can_mount_an_emulator() -> Outcome {
    let emulator = Emulator::new();
    let app: Router = Router::new().fallback_service(emulator.service());
    let request = Request::get("/_ecmock/health").body(axum::body::Body::empty())?;
    let response = app.oneshot(request).await?;
    assert_eq!(response.status(), 200);
    Ok(())
}

#[test]
#[should_panic(expected = "expected CreateHaVip at least once, got 0")]
fn an_unmet_expectation_panics() {
    drop(Emulator::new().account().expect("CreateHaVip"));
}
