//! Recorded calls of the vendor's SDKs: a new server answers each call with the recorded code.

use std::{collections::HashMap, fs, net::SocketAddr, path::Path, sync::Arc};

use chrono::{DateTime, Utc};
use ecmock::{Account, Server, fixture::Fixture};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recordings");

/// The first line of a file.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Header {
    client: String,
    version: String,
}

/// Every other line of a file.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Call {
    account: String,
    time: DateTime<Utc>,
    /// Head and body, as sent.
    request: String,
    code: String,
    /// IDs of the resources that the call created and that later calls name.
    #[serde(default)]
    created: Vec<String>,
    /// Name of the mistake in the signature, if the server knows it.
    diagnosis: Option<String>,
}

/// Returns the header and the calls of a file.
fn read(file: &Path) -> (Header, Vec<Call>) {
    let text = fs::read_to_string(file).unwrap();
    let (header, calls) = text.split_once('\n').unwrap();
    let calls = calls.lines().map(|line| serde_json::from_str(line).unwrap());
    (serde_json::from_str(header).unwrap(), calls.collect())
}

/// Sends a recorded request on a separate connection, and returns the member `Response` of the body.
async fn send(address: SocketAddr, request: &str) -> Value {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    let (_, body) = response.split_once("\r\n\r\n").unwrap();
    serde_json::from_str::<Value>(body).unwrap()["Response"].take()
}

/// Returns the IDs of the resources that a response says were created.
fn created(response: &Value) -> Vec<&str> {
    let ids = ["/HaVip/HaVipId", "/Vpc/VpcId", "/Subnet/SubnetId"].into_iter();
    let ids = ids.filter_map(|path| response.pointer(path));
    ids.chain(response["AddressSet"].as_array().into_iter().flatten())
        .filter_map(Value::as_str)
        .collect()
}

/// The VPC and the subnet that the calls name. The whole demo would slow down [`rename`].
fn demo() -> Fixture {
    let vpc = json!({ "VpcId": "vpc-m0c2kcun", "CidrBlock": "172.16.0.0/16" });
    let subnet = json!({
        "SubnetId": "subnet-rtmfkg4w",
        "VpcId": "vpc-m0c2kcun",
        "CidrBlock": "172.16.0.0/24",
    });
    Fixture::text(json!({ "VpcSet": [vpc], "SubnetSet": [subnet] }).to_string())
}

/// Gives the resources of an account the recorded IDs, which later calls name. Signatures cover the
/// IDs, so the calls cannot be changed.
fn rename(account: &Account, created: &[&str], recorded: &[String]) {
    assert_eq!(created.len(), recorded.len());
    let mut state = account.state().to_string();
    for (new, old) in created.iter().zip(recorded) {
        state = state.replace(new, old);
    }
    account.replace_state(&serde_json::from_str(&state).unwrap()).unwrap();
}

/// Replays the calls of an account. Each has its line for messages.
async fn replay(server: &Server, header: &Header, calls: Vec<(String, Call)>) {
    for (line, call) in calls {
        let account = server.account_named(&call.account);
        account.freeze_clock_at(call.time).unwrap();
        let response = send(server.addresses()[0], &call.request).await;
        let code = response["Error"]["Code"].as_str().unwrap_or("OK");
        let entry = account.call(response["RequestId"].as_str().unwrap()).unwrap();
        let diagnosis = entry.diagnosis();
        let line = format!("{line}: {diagnosis:?} {call:?}");
        assert_eq!(code, call.code, "{line}");
        let mistake = diagnosis.as_deref().and_then(|it| it.split(':').next());
        assert_eq!(mistake, call.diagnosis.as_deref(), "{line}");
        let client = serde_json::to_value(&entry).unwrap()["Client"].take();
        assert_eq!(client["Name"], header.client, "{line}");
        if !client["Version"].is_null() {
            assert_eq!(client["Version"], header.version, "{line}");
        }
        if !call.created.is_empty() {
            rename(&account, &created(&response), &call.created);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_calls_get_their_codes() {
    let server = Server::builder().verify_signatures().seed(1).fixture(demo()).start().await;
    let server = Arc::new(server);
    let files = fs::read_dir(FOLDER).unwrap().map(|it| it.unwrap().path());
    let mut count = 0;
    let mut replays = JoinSet::new();
    for file in files.filter(|it| it.extension().is_some_and(|it| it == "jsonl")) {
        let (header, calls) = read(&file);
        let header = Arc::new(header);
        let mut accounts: HashMap<String, Vec<(String, Call)>> = HashMap::new();
        for (index, call) in calls.into_iter().enumerate() {
            count += 1;
            let line = format!("{}:{}", file.display(), index + 2);
            accounts.entry(call.account.clone()).or_default().push((line, call));
        }
        for calls in accounts.into_values() {
            let (server, header) = (Arc::clone(&server), Arc::clone(&header));
            replays.spawn(async move { replay(&server, &header, calls).await });
        }
    }
    replays.join_all().await;
    assert_eq!(count, 1286);
}
