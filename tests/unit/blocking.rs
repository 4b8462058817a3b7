//! Calls that take long or have to wait delay no other call. Each test has one thread for the server
//! and the client, so blocking work on that thread stops both.

use std::{sync::mpsc, thread, time::Duration};

use serde_json::{Value, json};

use crate::tests::support::{TestServer, create};

/// Maximum time that a test blocks a thread. A server that waits for the thread fails the test
/// instead of hanging it.
const BLOCKED_TIME_MAX: Duration = Duration::from_secs(20);

/// A call that scans every HAVIP.
fn scan() -> Value {
    json!({ "Filters": [{ "Name": "havip-name", "Values": ["x"] }] })
}

/// Holds an account's lock until the sender is dropped. Returns whether the drop was in time.
fn hold_lock(server: &TestServer, account: &str) -> (mpsc::Sender<()>, thread::JoinHandle<bool>) {
    let world = server.account(account).state();
    let (release, released) = mpsc::channel::<()>();
    let (lock, locked) = mpsc::channel();
    let held = thread::spawn(move || {
        world.read(|_| {
            lock.send(()).unwrap();
            released.recv_timeout(BLOCKED_TIME_MAX) == Err(mpsc::RecvTimeoutError::Disconnected)
        })
    });
    locked.recv().unwrap();
    (release, held)
}

#[tokio::test]
async fn a_call_that_waits_for_its_account_delays_no_other_account() {
    let server = TestServer::new().await;
    let (release, held) = hold_lock(&server, "held");
    let create = create(json!({}));
    let scan = scan();
    let mut waiting = Vec::new();
    for (action, params) in [
        ("CreateHaVip", &create),
        ("DescribeHaVips", &json!({})),
        ("DescribeHaVips", &scan),
        ("DeleteVpc", &json!({"VpcId": "vpc-00000009", "EcmRegion": "ap-hangzhou-ecm"})),
    ] {
        waiting.push((action, server.begin("held", action, params).await));
    }
    for target in ["havips/havip-00000001/withdraw", "state"] {
        let method = if target == "state" { "GET" } else { "POST" };
        let mut connection = server.connect().await;
        let request =
            format!("{method} /_ecmock/{target}?account=held HTTP/1.1\r\nHost: it\r\n\r\n");
        connection.write(request.as_bytes()).await;
        waiting.push((method, connection));
    }

    let answer = server.call_as("other", "CreateHaVip", &create).await;
    assert!(answer["HaVip"].is_object(), "{answer}");
    let health = server.send("GET", "/_ecmock/health", &[], b"").await;
    assert_eq!(health.status(), "200 OK");

    drop(release);
    assert!(held.join().unwrap(), "the server waited for the account's lock");
    for (method, mut connection) in waiting {
        let answer = connection.read(method).await;
        assert_eq!(
            answer.status().split(' ').next(),
            Some(if method == "POST" { "404" } else { "200" })
        );
    }
    let calls = server.admin_of("held").get("requests").await;
    assert_eq!(calls["Total"], 4);
}

#[tokio::test]
async fn a_waiting_call_runs_even_if_its_client_disconnects() {
    let server = TestServer::new().await;
    let (release, held) = hold_lock(&server, "held");
    let left = server.begin("held", "CreateHaVip", &create(json!({}))).await;
    // Answered after the call of the disconnecting client has started.
    server.call_as("other", "DescribeHaVips", &json!({})).await;
    drop(left);
    drop(release);
    assert!(held.join().unwrap());
    let calls = server.admin_of("held").get("requests?wait_ms=60000").await;
    assert_eq!(calls["Requests"][0]["Code"], "OK");
}

#[tokio::test]
async fn a_read_that_works_on_a_copy_settles_what_it_shows() {
    let server = TestServer::with(|config| config.settle = "2".parse().unwrap()).await;
    let region = "ap-hangzhou-ecm";
    let allocate = server.call("AllocateAddresses", &json!({"EcmRegion": region})).await;
    let id = allocate["AddressSet"][0].as_str().unwrap().to_owned();
    let by_name = json!({"EcmRegion": region,
        "Filters": [{"Name": "address-name", "Values": [""]}]});
    let mut statuses: Vec<Value> = Vec::new();
    for _ in 0..3 {
        let mut seen = server.call("DescribeAddresses", &by_name).await;
        assert_eq!(seen["AddressSet"][0]["AddressId"], id);
        statuses.push(seen["AddressSet"][0]["AddressStatus"].take());
    }
    assert_eq!(statuses, ["CREATING", "CREATING", "UNBIND"]);
}

#[tokio::test]
async fn a_scan_that_matches_a_fault_rule_is_answered_and_recorded() {
    let server = TestServer::new().await;
    for when in ["before", "after"] {
        server.admin().add_fault(&json!({ "DelayMs": 1, "When": when })).await;
        let answer = server.call("DescribeHaVips", &scan()).await;
        assert_eq!(answer["TotalCount"], 0, "{when}");
        server.admin().delete("faults").await;
    }
    let calls = server.admin().get("requests").await;
    assert_eq!(calls["Requests"][1]["FaultId"], "fault-2");
    assert_eq!(calls["Total"], 2);
}
