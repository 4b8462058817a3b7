//! Servers with a state directory that are killed at any moment.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    sync::mpsc::{self, Sender},
    thread,
};

use rstest::rstest;
use serde_json::{Value, json};

use super::{STEP_TIME_MAX, Serving, ecmock, finish};
use crate::json::{VERSION, create};

/// Number of servers that are killed.
const KILLS: usize = 1000;
/// Number of clients, each with an account.
const CLIENTS: usize = 2;
/// Maximum number of HAVIPs of an account before its client deletes one.
const HA_VIPS_MAX: usize = 5;
/// Maximum number of acknowledged changes before a kill.
const CHANGES_MAX: usize = 24;

/// A client that changes an account until the server is killed.
struct Client {
    account: String,
    /// IDs of the HAVIPs that the account must have.
    ha_vips: BTreeSet<String>,
    /// Number of calls.
    calls: usize,
    /// The change that was not acknowledged.
    pending: Option<Change>,
}

#[derive(Debug, PartialEq)]
enum Change {
    /// Creates the HAVIP with a name.
    Create(String),
    /// Deletes the HAVIP with an ID.
    Delete(String),
}

impl Client {
    /// Changes the account until the server is killed. Sends a message after each acknowledged change.
    fn change(&mut self, address: &str, acknowledged: &Sender<()>) -> io::Result<()> {
        let mut stream = connect(address)?;
        loop {
            self.calls += 1;
            let oldest = self.ha_vips.first().filter(|_| self.ha_vips.len() > HA_VIPS_MAX);
            let (change, action, params) = if let Some(id) = oldest {
                (Change::Delete(id.clone()), "DeleteHaVip", json!({ "HaVipId": id }))
            } else {
                let name = format!("call-{}", self.calls);
                let params = create(json!({ "HaVipName": name }));
                (Change::Create(name), "CreateHaVip", params)
            };
            self.pending = Some(change);
            let response = call(&mut stream, &self.account, action, &params)?;
            match self.pending.take() {
                Some(Change::Delete(id)) => _ = self.ha_vips.remove(&id),
                _ => _ = self.ha_vips.insert(id(&response["HaVip"])),
            }
            _ = acknowledged.send(());
        }
    }

    /// Checks that the account has all acknowledged changes, and at most the pending one in addition.
    fn check(&mut self, address: &str) {
        let mut stream = connect(address).unwrap();
        let listed = call(&mut stream, &self.account, "DescribeHaVips", &json!({})).unwrap();
        let listed: Vec<&Value> = listed["HaVipSet"].as_array().unwrap().iter().collect();
        let found: BTreeSet<String> = listed.iter().map(|it| id(it)).collect();
        let pending = self.pending.take();
        for lost in self.ha_vips.difference(&found) {
            assert_eq!(pending, Some(Change::Delete(lost.clone())), "{lost} is lost");
        }
        for more in listed.iter().filter(|it| !self.ha_vips.contains(&id(it))) {
            let name = more["HaVipName"].as_str().unwrap().to_owned();
            assert_eq!(pending, Some(Change::Create(name)), "{more} is unknown");
        }
        self.ha_vips = found;
    }
}

fn id(ha_vip: &Value) -> String {
    ha_vip["HaVipId"].as_str().unwrap().to_owned()
}

fn connect(address: &str) -> io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(STEP_TIME_MAX))?;
    Ok(BufReader::new(stream))
}

/// Calls an action that succeeds. Fails if the server is killed before the whole response is read.
fn call(
    stream: &mut BufReader<TcpStream>,
    account: &str,
    action: &str,
    params: &Value,
) -> io::Result<Value> {
    let body = params.to_string();
    let length = body.len();
    let request = format!(
        "POST / HTTP/1.1\r\nHost: ecmock\r\nX-TC-Action: {action}\r\nX-TC-Version: {VERSION}\r\n\
         Authorization: TC3-HMAC-SHA256 Credential=ecmock-{account}/2026-11-22/ecm/tc3_request\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.get_mut().write_all(request.as_bytes())?;
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body)?;
    let mut answer: Value = serde_json::from_slice(&body).unwrap();
    assert!(answer["Response"]["Error"].is_null(), "{action} {params}: {answer}");
    Ok(answer["Response"].take())
}

/// Starts a server, checks the accounts, and kills the server while they are changed. Returns the number of
/// acknowledged changes.
fn kill_one(directory: &Path, flags: &[&str], clients: &mut [Client], changes: usize) -> usize {
    let directory = directory.to_str().unwrap();
    let quota = ["--quota", "havips-per-vpc=100", "--state-dir", directory];
    let mut server = Serving::with(&[&quota, flags].concat());
    let address = server.address().to_owned();
    for client in &mut *clients {
        client.check(&address);
    }
    let (acknowledged, received) = mpsc::channel();
    thread::scope(|scope| {
        for client in &mut *clients {
            let (address, acknowledged) = (&address, acknowledged.clone());
            scope.spawn(move || client.change(address, &acknowledged).unwrap_err());
        }
        drop(acknowledged);
        let wait = || received.recv_timeout(STEP_TIME_MAX).expect("a change");
        (0..changes).for_each(|_| wait());
        server.process.child.kill().unwrap();
        server.process.child.wait().unwrap();
        changes + received.iter().count()
    })
}

#[test]
fn a_state_directory_is_set_by_a_flag_or_a_variable() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let with = |args: &[&str], variables: &[(&str, &Path)]| {
        let mut command = ecmock(&[&["--listen", "127.0.0.1:0"], args].concat());
        command.envs(variables.iter().copied());
        command
    };
    let [flag, variable] = ["flag", "variable"].map(|name| path.join(name));
    let sync = ("ECMOCK_STATE_SYNC", Path::new("true"));
    drop(Serving::of(with(&[], &[("ECMOCK_STATE_DIR", &variable), sync])));
    assert!(variable.join("ecmock.json").exists());
    let flags = ["--state-dir", flag.to_str().unwrap()];
    drop(Serving::of(with(&flags, &[("ECMOCK_STATE_DIR", Path::new("Cargo.toml/state"))])));
    assert!(flag.join("ecmock.json").exists());
    drop(Serving::of(with(&[], &[("ECMOCK_STATE_DIR", Path::new(""))])));

    let refusal = finish(with(&[], &[sync])).refusal(2);
    assert!(refusal.contains("--state-dir <DIR>"), "{refusal}");
    let refusal = finish(with(&["--seed", "99"], &[("ECMOCK_STATE_DIR", &flag)])).refusal_line(1);
    assert!(refusal.contains("was written with the seed"), "{refusal}");
}

#[rstest]
#[case::file(&[], KILLS)]
#[case::disk(&["--state-sync"], KILLS / 20)]
fn killing_a_server_loses_no_acknowledged_change(#[case] flags: &[&str], #[case] kills: usize) {
    let directory = tempfile::tempdir().unwrap();
    let client = |number: usize| Client {
        account: format!("account-{number}"),
        ha_vips: BTreeSet::new(),
        calls: 0,
        pending: None,
    };
    let mut clients: Vec<Client> = (0..CLIENTS).map(client).collect();
    let mut all = 0;
    for number in 0..kills {
        all += kill_one(directory.path(), flags, &mut clients, number % CHANGES_MAX);
    }
    let server = Serving::with(&["--state-dir", directory.path().to_str().unwrap()]);
    let pending = clients.iter().filter(|it| it.pending.is_some()).count();
    for client in &mut clients {
        client.check(server.address());
    }
    drop(server);
    let logs = fs::read_dir(directory.path().join("accounts")).unwrap();
    let bytes: u64 = logs.map(|it| it.unwrap().metadata().unwrap().len()).sum();
    println!("{kills} kills, {all} acknowledged changes, {pending} pending; {bytes} bytes of logs");
    assert!(all >= kills * CHANGES_MAX / 3, "{all} changes");
}
