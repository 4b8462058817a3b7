//! Connection faults: reset, close, hang, and truncate.

use std::{
    io::{self, ErrorKind},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

use super::fields;
use crate::tests::support::{Connection, END_TIME_MAX, TestServer, create, vip};

/// Starts a server with a connection fault for each `CreateHaVip`.
async fn that(connection: &str, when: &str) -> TestServer {
    let server = TestServer::new().await;
    let rule = json!({ "Action": "CreateHaVip", "When": when, "Connection": connection });
    server.admin().add_fault(&rule).await;
    server
}

/// Reads until the connection ends.
async fn rest(mut connection: Connection) -> io::Result<String> {
    let mut text = String::new();
    connection.stream.read_to_string(&mut text).await.map(|_| text)
}

async fn begin(server: &TestServer) -> Connection {
    server.begin("default", "CreateHaVip", &create(json!({}))).await
}

/// Returns the number of HAVIPs, which is the number of calls that took effect.
async fn ha_vips(server: &TestServer) -> Value {
    server.call("DescribeHaVips", &json!({})).await["TotalCount"].take()
}

#[tokio::test]
async fn a_reset_connection_is_an_error_for_its_client() {
    for (when, effect) in [("before", 0), ("after", 1)] {
        let server = that("reset", when).await;
        let error = rest(begin(&server).await).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        assert_eq!(ha_vips(&server).await, effect);
    }
}

#[tokio::test]
async fn a_closed_connection_ends_without_a_response() {
    for (when, effect) in [("before", 0), ("after", 1)] {
        let server = that("close", when).await;
        assert_eq!(rest(begin(&server).await).await.unwrap(), "");
        assert_eq!(ha_vips(&server).await, effect);
    }
}

#[tokio::test]
async fn a_truncated_response_is_shorter_than_its_content_length() {
    let server = that("truncate", "before").await;
    let answer = rest(begin(&server).await).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains("content-type: application/json\r\n"), "{head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let length: usize = length.parse().unwrap();
    assert_eq!(body.len(), length / 2);
    assert!(body.starts_with(r#"{"Response":{"HaVip":{"#), "{body}");
    // A truncated response requires the call to run.
    assert_eq!(ha_vips(&server).await, 1);
}

#[tokio::test]
async fn a_hung_call_gets_no_response() {
    for (when, effect) in [("before", 0), ("after", 1)] {
        let server = that("hang", when).await;
        let hung = begin(&server).await;
        let taken = server.admin().requests("action=CreateHaVip&wait_ms=60000").await;
        assert_eq!(fields(&taken, "FaultId"), ["fault-1"]);
        assert_eq!(ha_vips(&server).await, effect);
        let read = hung.stream.try_read(&mut [0]);
        assert_eq!(read.unwrap_err().kind(), ErrorKind::WouldBlock);
        drop(hung);
        assert_eq!(ha_vips(&server).await, effect);
    }
}

#[tokio::test]
async fn a_hung_call_does_not_delay_the_shutdown() {
    let server = that("hang", "before").await;
    let hung = begin(&server).await;
    server.admin().wait_for_hits(1).await;
    let started = Instant::now();
    server.shutdown().await;
    assert!(started.elapsed() < END_TIME_MAX, "{:?}", started.elapsed());
    assert!(rest(hung).await.is_ok_and(|it| it.is_empty()));
}

#[tokio::test]
async fn a_delayed_call_does_not_delay_the_shutdown() {
    let server = TestServer::new().await;
    server.admin().add_fault(&json!({ "Action": "CreateHaVip", "DelayMs": 600_000 })).await;
    let late = begin(&server).await;
    server.admin().wait_for_hits(1).await;
    let started = Instant::now();
    server.shutdown().await;
    assert!(started.elapsed() < END_TIME_MAX, "{:?}", started.elapsed());
    assert!(rest(late).await.is_ok_and(|it| it.is_empty()));
}

/// The fault applies to a later call of a connection that is kept alive.
#[tokio::test]
async fn a_connection_with_earlier_calls_is_aborted() {
    for connection in ["reset", "close"] {
        let server = TestServer::new().await;
        let rule = json!({ "Action": "CreateHaVip", "Skip": 2, "Connection": connection });
        server.admin().add_fault(&rule).await;
        let mut kept = begin(&server).await;
        vip(&kept.read("POST").await.response());
        for last in [false, true] {
            let body = create(json!({})).to_string();
            let head = format!(
                "POST / HTTP/1.1\r\nHost: x\r\nX-TC-Action: CreateHaVip\r\nX-TC-Version: \
                 2019-07-19\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            kept.write(head.as_bytes()).await;
            if !last {
                vip(&kept.read("POST").await.response());
            }
        }
        let end = rest(kept).await;
        match connection {
            "reset" => assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset),
            _ => assert_eq!(end.unwrap(), ""),
        }
        assert_eq!(ha_vips(&server).await, 2);
    }
}

#[tokio::test]
async fn a_connection_is_aborted_after_a_delay() {
    for connection in ["reset", "close", "truncate"] {
        let server = TestServer::new().await;
        let rule = json!({ "Action": "CreateHaVip", "Connection": connection, "DelayMs": 20 });
        server.admin().add_fault(&rule).await;
        let started = Instant::now();
        let end = rest(begin(&server).await).await;
        assert!(started.elapsed() >= Duration::from_millis(20));
        match connection {
            "reset" => assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset),
            "close" => assert_eq!(end.unwrap(), ""),
            _ => assert!(end.unwrap().starts_with("HTTP/1.1 200 OK")),
        }
    }
}

/// While calls of an account are answered, 50 of its connections hang, and 50 more are aborted.
#[tokio::test]
async fn aborted_and_hung_connections_delay_no_others() {
    let server = TestServer::new().await;
    let admin = server.admin();
    for connection in ["reset", "close", "truncate", "hang"] {
        let params = json!({ "HaVipName": connection });
        let rule = json!({ "Action": "CreateHaVip", "Params": params, "Connection": connection });
        admin.add_fault(&rule).await;
    }
    let mut all = Vec::new();
    for number in 0..100 {
        let connection = if number % 2 == 0 { "hang" } else { ["reset", "close"][number / 2 % 2] };
        let params = create(json!({ "HaVipName": connection }));
        all.push(server.begin("default", "CreateHaVip", &params).await);
    }
    vip(&server.create(json!({})).await);
    let taken = admin.requests("action=CreateHaVip&since=100&wait_ms=60000").await;
    assert_eq!(taken.len(), 1);
    vip(&server.create(json!({})).await);
    for (number, connection) in all.into_iter().enumerate() {
        if number % 2 == 1 {
            let end = rest(connection).await;
            assert_eq!(end.is_err(), number / 2 % 2 == 0, "{number}: {end:?}");
        }
    }
}

#[tokio::test]
async fn a_reset_of_the_account_ends_its_faults() {
    let server = that("reset", "before").await;
    rest(begin(&server).await).await.unwrap_err();
    server.admin().post("reset", json!({})).await;
    vip(&server.create(json!({})).await);
}
