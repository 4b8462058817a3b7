//! Servers that answer every POST with the same bytes, as a measure for ecmock.
//!
//! The argument selects the server. It prints its URL and runs until it is killed.

use std::{error::Error, future::pending};

use axum::{Router, http::header, routing::post};
use httpmock::Method::POST;
use tokio::{net::TcpListener, runtime::Runtime};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

const JSON: &str = "application/json";
/// A response of ecmock to `CreateHaVip`.
const BODY: &str = r#"{"Response":{"HaVip":{"HaVipId":"havip-00000001","HaVipName":"bench","VpcId":"vpc-00000001","VpcName":"","SubnetId":"subnet-00000001","SubnetName":"","NetworkInterfaceId":"","InstanceId":"","InstanceName":"","AddressIp":"","Address":"10.0.0.4","State":"AVAILABLE","CreatedTime":"2026-11-22T04:00:00Z"},"RequestId":"0b1c7a9e-2f14-4c5e-9d0a-7f3f1d2c4b5a"}}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let name = std::env::args().nth(1).unwrap_or_default();
    let runtime = Runtime::new()?;
    match name.as_str() {
        "empty" => runtime.block_on(empty()),
        "wiremock" => runtime.block_on(wiremock()),
        "httpmock" => httpmock(&runtime),
        _ => Err("usage: servers empty|wiremock|httpmock".into()),
    }
}

/// An axum handler with fixed bytes.
async fn empty() -> Result<(), Box<dyn Error>> {
    let router =
        Router::new().route("/", post(|| async { ([(header::CONTENT_TYPE, JSON)], BODY) }));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, router).await?)
}

async fn wiremock() -> Result<(), Box<dyn Error>> {
    // It would record without a limit.
    let server = MockServer::builder().disable_request_recording().start().await;
    let response = ResponseTemplate::new(200).set_body_raw(BODY, JSON);
    Mock::given(method("POST")).respond_with(response).mount(&server).await;
    println!("{}", server.uri());
    pending().await
}

fn httpmock(runtime: &Runtime) -> Result<(), Box<dyn Error>> {
    let server = httpmock::MockServer::start();
    server.mock(|when, then| {
        when.method(POST);
        then.status(200).header("Content-Type", JSON).body(BODY);
    });
    println!("{}", server.base_url());
    runtime.block_on(pending())
}
