//! The journal: calls of an account and their outcome.

use crate::{config::Auth, control::journal::JournalLimits};
use serde_json::{Value, json};

use super::fields;
use crate::tests::{
    signer::V3,
    support::{SUBNET, TestServer, VERSION, VPC, create},
};

#[tokio::test]
async fn an_entry_has_the_client_the_request_and_the_outcome() {
    let server = TestServer::new().await;
    let body = create(json!({ "HaVipName": "one" })).to_string();
    let authorization = "TC3-HMAC-SHA256 Credential=ecmock-team/2026-11-22/ecm/tc3_request, \
                         SignedHeaders=content-type;host, Signature=5ec2e7";
    let headers = [
        ("Host", "ecm.tencentcloudapi.com"),
        ("X-TC-Action", "CreateHaVip"),
        ("X-TC-Version", VERSION),
        ("X-TC-Region", "ap-guangzhou"),
        ("X-TC-RequestClient", "SDK_PYTHON_3.1.105"),
        ("User-Agent", "python-requests/2"),
        ("Content-Type", "application/json"),
        ("Authorization", authorization),
    ];
    let answer = server.send("POST", "/", &headers, body.as_bytes()).await.response();
    let id = answer["RequestId"].as_str().unwrap();

    let admin = server.admin_of("team");
    let mut entry = admin.get(&format!("requests/{id}")).await;
    // Without an explanation, the full entry equals that of the list.
    assert_eq!(entry.as_object_mut().unwrap().remove("Explanation"), Some(Value::Null));
    assert_eq!(admin.requests("").await, [entry.clone()]);
    assert!(entry["DurationUs"].take().is_u64());
    assert_eq!(
        entry,
        json!({
            "Sequence": 1,
            "Time": "2026-11-22T04:00:00Z",
            "Account": "team",
            "Action": "CreateHaVip",
            "Params": { "VpcId": VPC, "SubnetId": SUBNET, "HaVipName": "one" },
            "Region": "ap-guangzhou",
            "Method": "POST",
            "Host": "ecm.tencentcloudapi.com",
            "Client": {
                "Name": "Python",
                "Version": "3.1.105",
                "RequestClient": "SDK_PYTHON_3.1.105",
                "UserAgent": "python-requests/2",
            },
            "Code": "OK",
            "Message": null,
            "RequestId": id,
            "TraceId": null,
            "DurationUs": null,
            "Signature": {
                "Scheme": "TC3-HMAC-SHA256", "Verdict": "unchecked", "Diagnosis": null,
            },
            "Warning": null,
            "FaultId": null,
            "OwnCode": "OK",
            "Created": [answer["HaVip"]["HaVipId"]],
        })
    );
}

#[tokio::test]
async fn every_rejected_call_has_an_entry() {
    let server = TestServer::new().await;
    let json = ("Content-Type", "application/json");
    let (action, version) = (("X-TC-Action", "CreateHaVip"), ("X-TC-Version", VERSION));
    let calls = [
        ("BREW", "/", &[action, version, json][..], "{}"),
        ("POST", "/", &[action, version, json], "{"),
        ("POST", "/", &[action, version, json], r#"{"VpcId":"a","VpcId":"b"}"#),
        ("POST", "/", &[version, json], "{}"),
        ("POST", "/", &[action, json], "{}"),
        ("POST", "/", &[action, ("X-TC-Version", "2017-03-12"), json], "{}"),
        ("POST", "/", &[("X-TC-Action", "CreateHaVips"), version, json], "{}"),
        ("POST", "/", &[("X-TC-Action", "RunInstances"), version, json], "{}"),
        ("POST", "/any/path", &[action, version, json], "{}"),
    ];
    for (number, (method, target, headers, body)) in calls.into_iter().enumerate() {
        let answer = server.send(method, target, headers, body.as_bytes()).await.response();
        let entries = server.admin().requests(&format!("since={number}")).await;
        assert_eq!(entries.len(), 1, "{method} {target} {headers:?} {body}");
        for (field, value) in [
            ("Code", &answer["Error"]["Code"]),
            ("Message", &answer["Error"]["Message"]),
            ("RequestId", &answer["RequestId"]),
        ] {
            assert!(value.is_string());
            assert_eq!(entries[0][field], *value, "{method} {target} {headers:?} {body}");
        }
    }
    let all = server.admin().requests("").await;
    assert_eq!(fields(&all, "Method")[0], "BREW");
    let params: Vec<bool> = all.iter().map(|it| it["Params"].is_object()).collect();
    let unread = [true, false, false, true, true, true, true, true, true];
    assert_eq!(params[1..], unread[1..]);
}

#[tokio::test]
async fn a_call_with_a_body_that_is_too_large_has_an_entry() {
    let server = TestServer::new().await;
    let length = (20 * 1024 * 1024).to_string();
    let mut connection = server.connect().await;
    let head = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nX-TC-Action: CreateHaVip\r\nContent-Length: {length}\r\n\r\n"
    );
    connection.write(head.as_bytes()).await;
    let answer = connection.read("POST").await.response();
    let entries = server.admin().requests("").await;
    assert_eq!(fields(&entries, "Code"), [answer["Error"]["Code"].clone()]);
    assert_eq!(fields(&entries, "Action"), ["CreateHaVip"]);
}

/// With `verify`, an unknown SecretId creates no account.
#[tokio::test]
async fn a_wrong_signature_is_in_the_journal_of_a_known_secret_id() {
    let server = TestServer::with(|config| config.auth = Auth::Verify).await;
    let address = server.address();
    let signed = V3::post(&address, b"{}");
    let of = |secret_id, secret_key| V3 { secret_id, secret_key, ..signed.clone() };
    for (call, account, code, verdict) in [
        (of("ecmock-team", "ecmock"), "team", "OK", "valid"),
        (of("ecmock-team", "wrong"), "team", "AuthFailure.SignatureFailure", "invalid"),
        (of("AKIDstranger", "ecmock"), "default", "AuthFailure.SecretIdNotFound", "invalid"),
    ] {
        let authorization = call.authorization();
        let headers = [
            ("X-TC-Action", "DescribeVpcs"),
            ("X-TC-Version", VERSION),
            ("X-TC-Timestamp", "1795320000"),
            ("Content-Type", "application/json"),
            ("Authorization", &authorization),
        ];
        server.send("POST", "/", &headers, b"{}").await.response();
        let entry = server.admin_of(account).requests("").await.pop().unwrap();
        assert_eq!(entry["Code"], code);
        assert_eq!(entry["Signature"]["Scheme"], "TC3-HMAC-SHA256", "{code}");
        assert_eq!(entry["Signature"]["Verdict"], verdict, "{code}");
    }
    assert_eq!(server.admin().get("accounts").await["Total"], 2);
}

/// Makes four calls: a successful and a failed call of one action, and two of another.
async fn four_calls() -> TestServer {
    let server = TestServer::new().await;
    server.call("DescribeVpcs", &json!({})).await;
    server.create(json!({})).await;
    server.create(json!({ "Vip": "x" })).await;
    server.call("DescribeVpcs", &json!({})).await;
    server
}

#[tokio::test]
async fn calls_are_found_by_action_code_and_number() {
    let server = four_calls().await;
    for (query, expected) in [
        ("", &[1, 2, 3, 4][..]),
        ("action=DescribeVpcs", &[1, 4]),
        ("action=CreateHaVip", &[2, 3]),
        ("action=createhavip", &[]),
        ("action=", &[]),
        ("code=OK", &[1, 2, 4]),
        ("code=InvalidParameterValue.Malformed", &[3]),
        ("action=CreateHaVip&code=OK", &[2]),
        ("since=0", &[1, 2, 3, 4]),
        ("since=2", &[3, 4]),
        ("since=4", &[]),
        ("since=18446744073709551615", &[]),
        ("since=1&action=DescribeVpcs", &[4]),
    ] {
        let found = server.admin().get(&format!("requests?{query}")).await;
        let numbers = fields(found["Requests"].as_array().unwrap(), "Sequence");
        assert_eq!(numbers, expected, "{query}");
        assert_eq!(found["Total"], expected.len(), "{query}");
    }
}

#[tokio::test]
async fn a_limit_returns_the_oldest_calls_and_the_total() {
    let server = four_calls().await;
    for (query, expected, total) in [
        ("limit=0", &[][..], 4),
        ("limit=3", &[1, 2, 3], 4),
        ("limit=9", &[1, 2, 3, 4], 4),
        ("limit=1&action=CreateHaVip", &[2], 2),
        ("limit=1&since=2", &[3], 2),
    ] {
        let found = server.admin().get(&format!("requests?{query}")).await;
        let numbers = fields(found["Requests"].as_array().unwrap(), "Sequence");
        assert_eq!(numbers, expected, "{query}");
        assert_eq!(found["Total"], total, "{query}");
    }
}

#[tokio::test]
async fn a_call_is_only_in_the_journal_of_its_own_account() {
    let server = TestServer::new().await;
    let answer = server.call_as("one", "DescribeVpcs", &json!({})).await;
    let path = format!("requests/{}", answer["RequestId"].as_str().unwrap());
    assert_eq!(server.admin_of("one").get(&path).await["RequestId"], answer["RequestId"]);
    let refusal = server.admin_of("other").refusal("GET", &path, "").await;
    assert!(refusal.ends_with("in the journal of account `other`"), "{refusal}");
    assert_eq!(server.admin_of("other").get("requests").await["Total"], 0);
}

#[tokio::test]
async fn sequence_numbers_continue_after_calls_are_deleted() {
    let server = four_calls().await;
    server.call_as("other", "DescribeVpcs", &json!({})).await;
    assert_eq!(server.admin().delete("requests").await, json!({ "Deleted": 4 }));
    assert_eq!(server.admin().get("requests").await, json!({ "Requests": [], "Total": 0 }));
    assert_eq!(server.admin_of("other").get("requests").await["Total"], 1);
    server.call("DescribeVpcs", &json!({})).await;
    assert_eq!(fields(&server.admin().requests("").await, "Sequence"), [5]);
}

async fn limited(entries: usize, bytes: usize) -> TestServer {
    TestServer::with(|config| config.journal = JournalLimits { entries, bytes }).await
}

async fn many(server: &TestServer, account: &str, calls: usize, name: &str) {
    for _ in 0..calls {
        let ids = json!({ "VpcIds": [name] });
        server.call_as(account, "DescribeVpcs", &ids).await;
    }
}

#[tokio::test]
async fn the_oldest_calls_are_evicted_first() {
    let server = limited(3, usize::MAX).await;
    many(&server, "default", 5, "x").await;
    many(&server, "other", 2, "x").await;
    let numbers = |entries: Vec<Value>| -> Vec<u64> {
        entries.iter().map(|it| it["Sequence"].as_u64().unwrap()).collect()
    };
    assert_eq!(numbers(server.admin().requests("").await), [3, 4, 5]);
    assert_eq!(numbers(server.admin_of("other").requests("").await), [1, 2]);
}

/// Returns the value of a gauge.
async fn gauge(server: &TestServer, name: &str) -> usize {
    let page = server.send("GET", "/_ecmock/metrics", &[], b"").await.body;
    let page = String::from_utf8(page).unwrap();
    let value = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_busy_account_evicts_no_calls_of_others() {
    let server = limited(1000, 50_000).await;
    many(&server, "quiet", 3, "x").await;
    many(&server, "noisy", 100, &"x".repeat(1000)).await;
    assert_eq!(server.admin_of("quiet").get("requests").await["Total"], 3);
    let noisy = server.admin_of("noisy").requests("").await;
    assert!((10..100).contains(&noisy.len()), "{}", noisy.len());
    assert_eq!(noisy.last().unwrap()["Sequence"], 100);
    let bytes = gauge(&server, "ecmock_journal_bytes").await;
    assert!((40_000..=50_000).contains(&bytes), "{bytes}");
    assert_eq!(gauge(&server, "ecmock_journal_entries").await, 3 + noisy.len());
}

#[tokio::test]
async fn deleted_calls_free_their_bytes() {
    let server = limited(1000, 1_000_000).await;
    for account in ["one", "other", "third"] {
        many(&server, account, 5, "x").await;
    }
    server.admin_of("one").delete("requests").await;
    assert_eq!(gauge(&server, "ecmock_journal_entries").await, 10);
    server.admin_of("other").post("reset", json!({})).await;
    server.admin().delete("accounts/third").await;
    // Freed on a separate thread.
    while gauge(&server, "ecmock_journal_entries").await > 0 {}
    assert_eq!(gauge(&server, "ecmock_journal_bytes").await, 0);
}

#[tokio::test]
async fn a_journal_of_size_zero_keeps_nothing() {
    for (entries, bytes) in [(0, 1_000_000), (10, 0), (10, 10)] {
        let server = limited(entries, bytes).await;
        many(&server, "default", 3, "x").await;
        assert_eq!(server.admin().get("requests").await["Total"], 0);
    }
}

#[tokio::test]
async fn the_summary_lists_the_returned_codes() {
    let server = four_calls().await;
    server.any_call("default", "RunInstances", &json!({})).await;
    server.any_call("default", "Nonsense", &json!({})).await;
    let summary = server.admin().get("requests?summary=codes").await;
    let actions = summary["Actions"].as_array().unwrap();
    assert_eq!(fields(actions, "Action"), ["CreateHaVip", "DescribeVpcs", "RunInstances"]);
    let create = &actions[0];
    assert_eq!((&create["Calls"], &create["Ok"]), (&json!(2), &json!(1)));
    assert_eq!(create["Met"], json!({ "InvalidParameterValue.Malformed": 1 }));
    let not_met = create["NotMet"].as_array().unwrap().len();
    assert_eq!(create["Summary"], format!("1 of {}", not_met + 1));
    let one = server.admin().get("requests?summary=codes&action=DescribeVpcs").await;
    assert_eq!(one["Actions"], json!([actions[1]]));
}
