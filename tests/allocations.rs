//! The number of allocations of a call, which tests can hold exactly, unlike its time.

use allocation_counter::measure;
use axum::{body::Body, http::Request};
use chrono::DateTime;
use ecmock::{Builder, Emulator, Quotas};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

const BODY: &str =
    r#"{"VpcId":"vpc-m0c2kcun","SubnetId":"subnet-rtmfkg4w","HaVipName":"irang_testHaVip"}"#;
/// Signed with the key `ecmock` for `127.0.0.1:7190` at noon in Beijing on 2026-11-22.
const AUTHORIZATION: &str = "TC3-HMAC-SHA256 Credential=ecmock-default/2026-11-22/ecm/tc3_request, SignedHeaders=content-type;host, Signature=84ece6a43d5cfc43235e27bdc1374e53332a29ddfa87f2a591f788284f89d52d";
/// Calls before the count, which set up the account, the key of the day, and the tables.
const CALLS_BEFORE: usize = 40;
/// Number of calls to count. The fewest allocations count, because a call can grow a table.
const CALLS: usize = 20;

fn builder() -> Builder {
    let quotas = Quotas::default().with_ha_vips_per_vpc(usize::MAX);
    let now = DateTime::from_timestamp(1_795_320_000, 0).expect("a time");
    Emulator::builder().seed(1).clock(now).quotas(quotas)
}

/// Returns the fewest allocations of a successful `CreateHaVip`, with its response.
fn allocations(emulator: &Emulator, trace_parent: Option<&str>) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let call = || {
        let mut request = Request::post("/")
            .header("Host", "127.0.0.1:7190")
            .header("Content-Type", "application/json")
            .header("X-TC-Action", "CreateHaVip")
            .header("X-TC-Version", "2019-07-19")
            .header("X-TC-Timestamp", "1795320000")
            .header("Authorization", AUTHORIZATION)
            .body(Body::from(BODY))
            .expect("a request");
        if let Some(value) = trace_parent {
            request.headers_mut().insert("traceparent", value.parse().expect("a value"));
        }
        let service = emulator.service();
        let (mut response, mut body) = (None, None);
        let info = measure(|| response = Some(runtime.block_on(service.oneshot(request))));
        runtime.block_on(async {
            let response = response.expect("a response").expect("an infallible service");
            body = Some(response.into_body().collect().await.expect("a body").to_bytes());
        });
        let body: Value = serde_json::from_slice(&body.expect("a body")).expect("JSON");
        assert!(body.pointer("/Response/HaVip").is_some(), "{body}");
        info.count_total
    };
    (0..CALLS_BEFORE).for_each(|_| _ = call());
    (0..CALLS).map(|_| call()).min().expect("calls")
}

#[test]
fn a_call_allocates_no_more_than_it_did() {
    assert_eq!(allocations(&builder().build(), None), 5);
    assert_eq!(allocations(&builder().verify_signatures().build(), None), 9);
}

#[test]
fn a_trace_costs_one_allocation_and_an_invalid_one_none() {
    let valid = "00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-01";
    assert_eq!(allocations(&builder().build(), Some(valid)), 6);
    assert_eq!(allocations(&builder().build(), Some("00")), 5);
}
