//! What a call costs, stage by stage, without the network.

use std::{hint::black_box, sync::Arc};

use axum::{
    body::Body,
    http::{Request as HttpRequest, request::Parts},
};
use chrono::{DateTime, Utc};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use ecmock::{
    Auth, config,
    control::{
        AccountTemplate, Accounts, Clock,
        accounts::ACCOUNTS_MAX,
        fixture::{self, Source},
        throttle::RateLimit,
    },
    ecm::{
        CATALOG, Store,
        store::{Quotas, Settings},
    },
    gateway::Gateway,
    protocol::{
        Context,
        request::{Head, Request},
        signature::{self, keyring::Keyring},
    },
};
use tower::ServiceExt as _;

const BODY: &[u8] =
    br#"{"VpcId":"vpc-m0c2kcun","SubnetId":"subnet-rtmfkg4w","HaVipName":"irang_testHaVip"}"#;
/// Signed with the key `ecmock` for `127.0.0.1:7190` at noon in Beijing on 2026-11-22.
const AUTHORIZATION: &str = "TC3-HMAC-SHA256 Credential=ecmock-default/2026-11-22/ecm/tc3_request, SignedHeaders=content-type;host, Signature=84ece6a43d5cfc43235e27bdc1374e53332a29ddfa87f2a591f788284f89d52d";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_320_000, 0).expect("a time")
}

fn parts() -> Parts {
    let request = HttpRequest::post("/")
        .header("Host", "127.0.0.1:7190")
        .header("Content-Type", "application/json")
        .header("X-TC-Action", "CreateHaVip")
        .header("X-TC-Version", "2019-07-19")
        .header("X-TC-Timestamp", "1795320000")
        .header("Authorization", AUTHORIZATION);
    request.body(()).expect("a request").into_parts().0
}

fn keyring() -> Keyring {
    Keyring::new(vec![config::DEFAULT_CREDENTIAL.parse().expect("a credential")])
}

fn store() -> Store {
    let demo = Source { file: "demo".into(), text: fixture::DEMO.into() };
    let quotas = Quotas { ha_vips_per_vpc: usize::MAX, ..Quotas::default() };
    let settings = Settings { quotas, ..Settings::default() };
    fixture::load(&[demo], settings, now()).expect("the demo loads").store
}

fn calls(criterion: &mut Criterion) {
    let parts = parts();
    let head = Head::from(&parts);
    let request = Request::read(head, Ok(BODY));
    let keyring = keyring();
    let verify = || signature::verify(&request, &keyring, "ecm", now());
    verify().outcome.expect("the signature is right");

    criterion.bench_function("read", |it| it.iter(|| Request::read(black_box(head), Ok(BODY))));
    criterion.bench_function("verify a v3 signature", |it| it.iter(|| black_box(verify())));
    let stranger = Keyring::new(vec!["ecmock-*:wrong".parse().expect("a credential")]);
    criterion.bench_function("explain a wrong signature", |it| {
        it.iter(|| signature::verify(&request, &stranger, "ecm", now()));
    });

    let action = CATALOG.find("CreateHaVip").expect("the action");
    let params = request.params.as_ref().expect("a JSON body");
    criterion.bench_function("decode CreateHaVip", |it| it.iter(|| action.decode(params)));

    let (cx, store) = (Context { now: now() }, store());
    criterion.bench_function("run CreateHaVip", |it| {
        it.iter_batched(
            || (store.clone(), action.decode(params).expect("a call")),
            |(mut store, call)| {
                let output = call.run(&mut store, &cx).map(|output| output.body("id"));
                (store, output)
            },
            BatchSize::SmallInput,
        );
    });
}

/// A page in the middle of many, and one by its id.
fn describe(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("DescribeHaVips");
    let action = CATALOG.find("DescribeHaVips").expect("the action");
    for count in [100, 10_000, 50_000_u32] {
        let store = with_ha_vips(count);
        let page = format!("{{\"Offset\":{},\"Limit\":20}}", count / 2);
        let by_id = format!("{{\"HaVipIds\":[\"havip-{:08}\"]}}", count / 2);
        for (what, body) in [("page", page), ("by id", by_id)] {
            group.bench_function(format!("{what} of {count}"), |it| {
                let (mut store, cx) = (store.clone(), Context { now: now() });
                let parts = parts();
                let request = Request::read(Head::from(&parts), Ok(body.as_bytes()));
                let params = request.params.as_ref().expect("a JSON body");
                it.iter(|| {
                    let output = action.decode(params).and_then(|call| call.run(&mut store, &cx));
                    output.map(|output| output.settle(&mut store)).is_ok()
                });
            });
        }
    }
    group.finish();
}

fn with_ha_vips(count: u32) -> Store {
    let ha_vips: Vec<String> = (0..count)
        .map(|number| {
            format!(
                r#"{{"HaVipId":"havip-{number:08}","VpcId":"vpc-00000001","SubnetId":"subnet-00000001"}}"#
            )
        })
        .collect();
    let text = format!(
        r#"{{"VpcSet":[{{"VpcId":"vpc-00000001","CidrBlock":"10.0.0.0/16"}}],"SubnetSet":[{{"SubnetId":"subnet-00000001","VpcId":"vpc-00000001","CidrBlock":"10.0.0.0/16"}}],"HaVipSet":[{}]}}"#,
        ha_vips.join(",")
    );
    let source = Source { file: "many".into(), text };
    fixture::load(&[source], Settings::default(), now()).expect("the fixture loads").store
}

/// What the first call of an account costs beside: a copy of the state.
fn copy(criterion: &mut Criterion) {
    let store = with_ha_vips(50_000);
    criterion.bench_function("copy a store of 50000", |it| it.iter(|| store.clone()));
}

/// What a test suite does between its tests: it resets an account, or takes a new one.
fn accounts(criterion: &mut Criterion) {
    let full = with_ha_vips(10_000);
    let fixture = fixture::export(&full).to_string();
    let accounts = Accounts::new(AccountTemplate::new(store(), 1));
    let account = accounts.get("full");
    criterion.bench_function("reset an account with 10000 HAVIPs", |it| {
        it.iter_batched(
            || account.state().replace(fixture.clone()).expect("the fixture loads"),
            |_| account.reset(),
            BatchSize::PerIteration,
        );
    });

    // Forgotten again, as no more than 1000 are kept and each is to be a new one.
    let mut number = 0_u64;
    criterion.bench_function("make a new account", |it| {
        it.iter_batched(
            || {
                accounts.forget(&format!("new-{number}"));
                number += 1;
                format!("new-{number}")
            },
            |name| accounts.get(&name),
            BatchSize::PerIteration,
        );
    });

    // The first call of a new account, when there are as many as are kept.
    let many = Accounts::new(AccountTemplate::new(store(), 1));
    for number in 0..ACCOUNTS_MAX {
        many.get(&number.to_string()).state().read(|_| ());
    }
    criterion.bench_function("make one account too many", |it| {
        it.iter_batched(
            || {
                number += 1;
                number.to_string()
            },
            |name| many.get(&name),
            BatchSize::PerIteration,
        );
    });
}

/// All of a call but its connection. The subnet is soon full, so most calls are refused at the end.
fn whole_call(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let gateway = Gateway {
        catalog: &CATALOG,
        accounts: Arc::new(Accounts::new(AccountTemplate {
            clock: Clock::Frozen(now()),
            ..AccountTemplate::new(store(), 1)
        })),
        keyring: keyring(),
        auth: Auth::Verify,
        rate_limit: RateLimit::OFF,
        metrics: Arc::default(),
    };
    let router = gateway.into_router();
    let parts = parts();
    criterion.bench_function("answer a verified call", |it| {
        it.iter(|| {
            let request = HttpRequest::from_parts(parts.clone(), Body::from(BODY));
            runtime.block_on(router.clone().oneshot(request))
        });
    });
}

criterion_group!(benches, calls, describe, copy, accounts, whole_call);
criterion_main!(benches);
