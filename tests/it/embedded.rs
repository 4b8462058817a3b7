//! What a Rust test holds in its hands: servers of its own in its own process.

use std::time::Duration;

use ecmock::{
    Server,
    control::{
        clock::Clock,
        faults::{Connection, Rule},
        journal::{CallFilter, Expectation, JournalLimits, Times},
    },
    ecm::store::Quotas,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{VERSION, create};

/// Longer than any test takes.
const LONG: Duration = Duration::from_mins(10);

/// Calls an action as an account, as an SDK does; the error is that of the connection.
async fn call(
    server: &Server,
    account: &str,
    action: &str,
    params: &Value,
) -> std::io::Result<Value> {
    let address = server.endpoint().strip_prefix("http://").unwrap().to_owned();
    let body = params.to_string();
    let head = format!(
        "POST / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nX-TC-Action: {action}\r\n\
         X-TC-Version: {VERSION}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Authorization: TC3-HMAC-SHA256 Credential=ecmock-{account}/2026-11-22/ecm/tc3_request\r\n\
         \r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(head.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (_, body) = answer.split_once("\r\n\r\n").ok_or(std::io::ErrorKind::UnexpectedEof)?;
    Ok(serde_json::from_str::<Value>(body)?["Response"].take())
}

async fn make(server: &Server, account: &str) -> Value {
    call(server, account, "CreateHaVip", &create(json!({}))).await.unwrap()
}

#[tokio::test]
async fn a_builder_sets_what_a_server_begins_with() {
    let server = Server::builder()
        .seed(7)
        .clock("2026-11-22T04:00:00Z".parse().unwrap())
        .quotas(Quotas { ha_vips_per_vpc: 2, ..Quotas::default() })
        .fault(Rule::error("CreateHaVip", "InternalError").times(1))
        .journal(JournalLimits { entries: 2, bytes: 1_000_000 })
        .start()
        .await
        .unwrap();
    assert_eq!(server.seed(), 7);
    assert!(server.endpoint().starts_with("http://127.0.0.1:"));
    let mut codes = Vec::new();
    for _ in 0..4 {
        codes.push(make(&server, "one").await["Error"]["Code"].take());
    }
    assert_eq!(codes, [json!("InternalError"), Value::Null, Value::Null, json!("LimitExceeded")]);
    assert_eq!(server.account("one").journal().entries().len(), 2);
}

#[tokio::test]
async fn a_builder_takes_the_text_of_a_fixture() {
    let text = r#"{"VpcSet":[{"VpcId":"vpc-00000001","CidrBlock":"10.0.0.0/16"}]}"#;
    let server = Server::builder().fixture_text(text).start().await.unwrap();
    let found = call(&server, "one", "DescribeVpcs", &json!({})).await.unwrap();
    assert_eq!(found["VpcSet"][0]["VpcId"], "vpc-00000001");
    let error = Server::builder().fixture_text("{").start().await.unwrap_err().to_string();
    assert!(error.starts_with("fixture the fixture: $: is not JSON: "), "{error}");
}

#[tokio::test]
async fn a_rule_that_is_none_starts_no_server() {
    let bad = Rule::error("CreateHaVpi", "InternalError");
    let good = Rule::delay("CreateHaVip", 1);
    let error = Server::builder().fault(good).fault(bad).start().await.unwrap_err().to_string();
    let expected =
        "fault rule 2: Action: there is no action `CreateHaVpi`; did you mean `CreateHaVip`?";
    assert_eq!(error, expected);
}

#[tokio::test]
async fn the_journal_is_typed() {
    let server = Server::builder().start().await.unwrap();
    make(&server, "one").await;
    let account = server.account("one");
    let entries = account.journal().entries();
    let entry = entries.front().unwrap();
    assert_eq!(entry.request.action.as_deref(), Some("CreateHaVip"));
    assert!(entry.is_ok());
    let expected = Expectation {
        action: Some("CreateHaVip".to_owned()),
        times: Times::Exactly(1),
        ..Expectation::default()
    };
    assert!(account.journal().verify(&expected).ok);
    assert_eq!(account.journal().find(&entry.request_id).unwrap().sequence, 1);
    assert_eq!(account.journal().clear(), 1);
    let missed = account.journal().verify(&expected);
    assert!(!missed.ok && missed.nearest.is_empty());
}

#[tokio::test]
async fn a_test_waits_for_a_call() {
    let server = Server::builder().start().await.unwrap();
    let account = server.account("one");
    let filter = CallFilter { action: Some("CreateHaVip".to_owned()), ..CallFilter::default() };
    let program = async {
        call(&server, "one", "DescribeVpcs", &json!({})).await.unwrap();
        make(&server, "one").await
    };
    let (found, made) = tokio::join!(account.wait_for(&filter, LONG), program);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].request_id, made["RequestId"]);
    let later = CallFilter { since: found[0].sequence, ..filter };
    assert!(account.wait_for(&later, Duration::from_millis(1)).await.is_empty());
}

#[tokio::test]
async fn faults_are_typed() {
    let server = Server::builder().start().await.unwrap();
    let account = server.account("one");
    account.faults().add(Rule::connection("CreateHaVip", Connection::Reset).times(1)).unwrap();
    account.faults().add(Rule::error("CreateHaVip", "LimitExceeded").after().times(1)).unwrap();
    let error = call(&server, "one", "CreateHaVip", &create(json!({}))).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!(make(&server, "one").await["Error"]["Code"], "LimitExceeded");
    assert_eq!(make(&server, "one").await["HaVip"]["Vip"], "172.16.0.18");
    let hits: Vec<u64> = account.faults().list().iter().map(|it| it.hits).collect();
    assert_eq!(hits, [1, 1]);
    account.faults().add(Rule::error("DeleteHaVip", "LimitExceeded")).unwrap_err();
    assert_eq!(account.faults().clear(), 2);
}

#[tokio::test]
async fn the_clock_is_typed() {
    let server = Server::builder().start().await.unwrap();
    let account = server.account("one");
    let noon = "2026-11-22T04:00:00Z".parse().unwrap();
    account.clock().set(Clock::Frozen(noon)).unwrap();
    account.clock().advance(Duration::from_mins(1)).unwrap();
    assert_eq!(make(&server, "one").await["HaVip"]["CreatedTime"], "2026-11-22 12:01:00");
    account.reset();
    assert_eq!(account.clock().get(), Clock::Real);
}

#[tokio::test]
async fn a_reset_is_of_one_account() {
    let server = Server::builder().start().await.unwrap();
    for account in ["one", "other"] {
        make(&server, account).await;
    }
    server.account("one").reset();
    let count = async |account| {
        let found = call(&server, account, "DescribeHaVips", &json!({})).await.unwrap();
        found["TotalCount"].as_u64().unwrap()
    };
    assert_eq!((count("one").await, count("other").await), (0, 1));
    assert_eq!(server.account("one").journal().entries().len(), 1);
}

#[tokio::test]
async fn several_servers_of_one_process_know_nothing_of_each_other() {
    let mut servers = Vec::new();
    for _ in 0..5 {
        servers.push(Server::builder().seed(1).start().await.unwrap());
    }
    servers[0].account("one").faults().add(Rule::delay("DescribeVpcs", 1)).unwrap();
    let mut ids = Vec::new();
    for server in &servers {
        let made = make(server, "one").await;
        assert_eq!(made["HaVip"]["Vip"], "172.16.0.17");
        ids.push(made["HaVip"]["HaVipId"].clone());
        assert_eq!(server.account("one").journal().entries().len(), 1);
    }
    assert!(ids.iter().all(|it| *it == ids[0]));
    assert_eq!(servers[1].account("one").faults().list().len(), 0);
}

#[tokio::test]
async fn a_dropped_server_is_gone_whatever_its_calls_are_at() {
    let server = Server::builder().start().await.unwrap();
    let account = server.account("one");
    account.faults().add(Rule::connection("CreateHaVip", Connection::Hang)).unwrap();
    account.faults().add(Rule::delay("DeleteHaVip", 600_000)).unwrap();
    let address = server.addresses()[0];
    let mut hung = Vec::new();
    for action in ["CreateHaVip", "DeleteHaVip"] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST / HTTP/1.1\r\nHost: x\r\nX-TC-Action: {action}\r\nX-TC-Version: {VERSION}\r\n\
             Authorization: TC3-HMAC-SHA256 Credential=ecmock-one/2026-11-22/ecm/tc3_request\r\n\
             Content-Length: 2\r\n\r\n{{}}"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        hung.push(stream);
    }
    while account.faults().list().iter().any(|it| it.hits == 0) {
        tokio::task::yield_now().await;
    }
    drop(server);
    for mut stream in hung {
        assert_eq!(stream.read(&mut [0]).await.unwrap_or_default(), 0);
    }
    TcpStream::connect(address).await.unwrap_err();
}
