//! Benchmarks of calls without a connection, and of the work of a test suite between tests.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, request::Parts},
};
use chrono::{DateTime, Utc};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use ecmock::{Account, Builder, Emulator, Quotas};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

const BODY: &str =
    r#"{"VpcId":"vpc-m0c2kcun","SubnetId":"subnet-rtmfkg4w","HaVipName":"irang_testHaVip"}"#;
/// Signed with the key `ecmock` for `127.0.0.1:7190` at noon in Beijing on 2026-11-22.
const AUTHORIZATION: &str = "TC3-HMAC-SHA256 Credential=ecmock-default/2026-11-22/ecm/tc3_request, SignedHeaders=content-type;host, Signature=84ece6a43d5cfc43235e27bdc1374e53332a29ddfa87f2a591f788284f89d52d";
/// Maximum number of accounts of an emulator.
const ACCOUNTS_MAX: usize = 1000;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_320_000, 0).expect("a time")
}

fn builder() -> Builder {
    let quotas = Quotas::default().with_ha_vips_per_vpc(usize::MAX);
    Emulator::builder().seed(1).clock(now()).quotas(quotas)
}

fn parts(action: &str, authorization: &str) -> Parts {
    let request = Request::post("/")
        .header("Host", "127.0.0.1:7190")
        .header("Content-Type", "application/json")
        .header("X-TC-Action", action)
        .header("X-TC-Version", "2019-07-19")
        .header("X-TC-Timestamp", "1795320000")
        .header("Authorization", authorization);
    request.body(()).expect("a request").into_parts().0
}

/// Measures a call. The journal is soon full, so most calls also drop its oldest entry.
fn bench_call(
    criterion: &mut Criterion,
    name: &str,
    emulator: &Emulator,
    parts: &Parts,
    body: &str,
) {
    let runtime = runtime();
    let service = emulator.service();
    criterion.bench_function(name, |it| {
        it.iter(|| {
            let request = Request::from_parts(parts.clone(), Body::from(body.to_owned()));
            runtime.block_on(service.clone().oneshot(request))
        });
    });
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime")
}

/// Measures different outcomes of a call. The subnet is soon full, so most calls of `CreateHaVip` fail.
fn calls(criterion: &mut Criterion) {
    let create = parts("CreateHaVip", AUTHORIZATION);
    let (open, verify) = (builder().build(), builder().verify_signatures().build());
    bench_call(criterion, "answer an unverified call", &open, &create, BODY);
    bench_call(criterion, "answer a verified call", &verify, &create, BODY);
    let refused = parts("NoSuchAction", AUTHORIZATION);
    bench_call(criterion, "refuse an unknown action", &open, &refused, BODY);
    let wrong = parts("CreateHaVip", &AUTHORIZATION.replace("84ece6", "000000"));
    bench_call(criterion, "explain a wrong signature", &verify, &wrong, BODY);
}

fn ha_vips(count: u32) -> Value {
    let ha_vips: Vec<Value> = (0..count)
        .map(|number| {
            let id = format!("havip-{number:08}");
            json!({ "HaVipId": id, "VpcId": "vpc-00000001", "SubnetId": "subnet-00000001" })
        })
        .collect();
    let (vpc, subnet) = ("vpc-00000001", "subnet-00000001");
    json!({
        "VpcSet": [{ "VpcId": vpc, "CidrBlock": "10.0.0.0/16" }],
        "SubnetSet": [{ "SubnetId": subnet, "VpcId": vpc, "CidrBlock": "10.0.0.0/16" }],
        "HaVipSet": ha_vips,
    })
}

/// Subnets of an account with many HAVIPs. Each has 65,533 addresses.
const SUBNETS: u32 = 24;

/// Returns the body of a `CreateHaVip` in one of the subnets.
fn create(number: u32) -> String {
    let subnet = number % SUBNETS;
    format!(
        r#"{{"VpcId":"vpc-{subnet:08}","SubnetId":"subnet-{subnet:08}","HaVipName":"h{number}"}}"#
    )
}

/// Calls an action, and returns its response.
fn call(runtime: &Runtime, emulator: &Emulator, action: &str, body: String) -> Value {
    let request = Request::from_parts(parts(action, AUTHORIZATION), Body::from(body));
    let body = runtime.block_on(async {
        let response = emulator.service().oneshot(request).await.expect("a response");
        response.into_body().collect().await.expect("a body").to_bytes()
    });
    serde_json::from_slice(&body).expect("an envelope")
}

/// Returns an emulator whose default account has HAVIPs.
fn emulator_with(count: u32) -> Emulator {
    let object = |number| {
        let (vpc, subnet) = (format!("vpc-{number:08}"), format!("subnet-{number:08}"));
        let cidr = format!("10.{number}.0.0/16");
        let vpc_object = json!({ "VpcId": vpc, "CidrBlock": cidr });
        (vpc_object, json!({ "SubnetId": subnet, "VpcId": vpc, "CidrBlock": cidr }))
    };
    let (vpcs, subnets): (Vec<Value>, Vec<Value>) = (0..SUBNETS).map(object).unzip();
    let fixture = json!({ "VpcSet": vpcs, "SubnetSet": subnets });
    let (emulator, runtime) = (builder().fixture(fixture).build(), runtime());
    for number in 0..count {
        call(&runtime, &emulator, "CreateHaVip", create(number));
    }
    emulator
}

/// Measures a page in the middle of many HAVIPs, and a HAVIP by ID and by name.
fn many(criterion: &mut Criterion) {
    let describe = parts("DescribeHaVips", AUTHORIZATION);
    let runtime = runtime();
    for count in [100, 10_000, 1_000_000_u32] {
        let emulator = emulator_with(count);
        let page = format!("{{\"Offset\":{},\"Limit\":20}}", count / 2);
        bench_call(criterion, &format!("a page of {count} HAVIPs"), &emulator, &describe, &page);
        let found = call(&runtime, &emulator, "DescribeHaVips", page);
        let id = found.pointer("/Response/HaVipSet/0/HaVipId").expect("a HAVIP");
        let by_id = format!("{{\"HaVipIds\":[{id}]}}");
        bench_call(
            criterion,
            &format!("one by ID of {count} HAVIPs"),
            &emulator,
            &describe,
            &by_id,
        );
        let by_name =
            format!(r#"{{"Filters":[{{"Name":"havip-name","Values":["h{}"]}}]}}"#, count / 2);
        let name = format!("one by name of {count} HAVIPs");
        bench_call(criterion, &name, &emulator, &describe, &by_name);
    }
}

/// Measures calls that each create a HAVIP. Their number grows, so the measurement is short.
fn growing(criterion: &mut Criterion) {
    let (parts, runtime) = (parts("CreateHaVip", AUTHORIZATION), runtime());
    let bodies: Vec<String> = (0..SUBNETS).map(create).collect();
    for count in [0, 1_000_000] {
        let emulator = emulator_with(count);
        let service = emulator.service();
        let mut bodies = bodies.iter().cycle();
        criterion.bench_function(&format!("create a HAVIP after {count}"), |it| {
            it.iter(|| {
                let body = bodies.next().expect("a body").clone();
                let request = Request::from_parts(parts.clone(), Body::from(body));
                runtime.block_on(service.clone().oneshot(request))
            });
        });
    }
}

/// Measures the work between two tests of a suite: a reset, or a new account.
fn accounts(criterion: &mut Criterion) {
    let full = ha_vips(10_000);
    let account = builder().build().account();
    criterion.bench_function("reset an account with 10000 HAVIPs", |it| {
        it.iter_batched(
            || account.replace_state(&full).expect("the fixture loads"),
            |_| account.reset(),
            BatchSize::PerIteration,
        );
    });
    criterion.bench_function("use a new account", |it| {
        it.iter_batched(
            || builder().build(),
            |emulator| {
                use_account(&emulator.account());
                emulator
            },
            BatchSize::PerIteration,
        );
    });
    // With 1000 accounts in use, each new account evicts another.
    let many = builder().build();
    for _ in 0..ACCOUNTS_MAX {
        use_account(&many.account());
    }
    criterion.bench_function("use one account too many", |it| {
        it.iter(|| use_account(&many.account()));
    });
}

fn use_account(account: &Account) {
    account.clear_faults();
}

criterion_group!(benches, calls, many, accounts);
criterion_group! {
    name = short;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(50))
        .measurement_time(Duration::from_millis(500));
    targets = growing
}
criterion_main!(benches, short);
