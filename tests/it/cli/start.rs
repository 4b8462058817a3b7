//! Start of a server, and its errors.

use std::{
    net::TcpListener,
    sync::atomic::{AtomicU16, Ordering},
};

use rstest::rstest;
use serde_json::json;

use super::{Connection, Serving, ecmock, file, path, run, vpc};
use crate::json::vip;

#[rstest]
#[case::named(&["serve"])]
#[case::default(&[])]
fn the_endpoint_is_printed_before_ready(#[case] command: &[&str]) {
    let args = [command, &["--listen", "127.0.0.1:0", "--seed", "7"]].concat();
    let server = Serving::of(ecmock(&args));
    let summary = concat!(
        "ecmock ",
        env!("CARGO_PKG_VERSION"),
        ": 1 VPC, 1 subnet, 15 network interfaces, 0 HAVIPs, 0 EIPs, 0 instances; auth open, seed 7"
    );
    let address = server.address();
    let console = format!("Console: http://{address}/_ecmock/console/");
    assert_eq!(server.start, [summary, &format!("http://{address}"), &console, "Ready."]);
    assert!(address.starts_with("127.0.0.1:") && !address.ends_with(":0"), "{address}");
}

#[test]
fn the_console_is_served_at_its_printed_url() {
    let server = Serving::new();
    let path = server
        .start
        .iter()
        .find_map(|line| line.strip_prefix("Console: http://")?.strip_prefix(server.address()));
    let mut connection = Connection::open(server.address());
    let navigation = "Accept: text/html,*/*;q=0.8\r\nSec-Fetch-Mode: navigate\r\n";
    connection.write(&format!("GET / HTTP/1.1\r\nHost: {}\r\n{navigation}\r\n", server.address()));
    let head = connection.read_head();
    assert!(head.starts_with("HTTP/1.1 303 See Other\r\n"), "{head}");
    let location = head.lines().find_map(|line| line.strip_prefix("location: "));
    assert_eq!(location, path);
    let request = format!("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", path.unwrap(), server.address());
    connection.write(&request);
    let page = connection.read();
    assert!(page.starts_with("<!doctype html>"), "{page}");
}

#[test]
fn a_ready_server_answers_the_vendors_example() {
    let answer = Serving::new().create(json!({ "HaVipName": "irang_testHaVip" }));
    assert_eq!(vip(&answer), "172.16.0.17");
}

#[test]
fn only_the_start_lines_go_to_stdout() {
    let server = Serving::new();
    server.create(json!({}));
    assert_eq!(server.stop().stdout, [""; 0]);
}

#[test]
fn a_call_is_a_line_on_stderr() {
    let server = Serving::new();
    let answer = server.create(json!({}));
    let log = server.stop().stderr;
    assert_eq!(log.len(), 1, "{log:?}");
    let words: Vec<&str> = log[0].split(' ').collect();
    let [time, "CreateHaVip", "->", "OK", duration, "default", request_id] = words[..] else {
        panic!("{log:?}");
    };
    assert!(time.len() == "07:23:09.124Z".len() && time.ends_with('Z'), "{log:?}");
    assert!(duration.ends_with('s'), "{log:?}");
    assert_eq!(request_id, answer["RequestId"]);
}

#[test]
fn a_line_of_the_log_has_no_secret_key() {
    let server = Serving::with(&["--credential", "AKIDme:correct-horse"]);
    let mut connection = Connection::open(server.address());
    for secret_id in ["ecmock-web:correct-horse", "ecmock-correct-horse"] {
        let authorization = format!("TC3-HMAC-SHA256 Credential={secret_id}/x/ecm/tc3_request");
        connection.call(json!({}), &[("Authorization", &authorization)]);
    }
    let log = server.stop().stderr.join("\n");
    assert!(!log.contains("horse"), "{log}");
    assert!(log.contains(" web ") && log.contains(" ***~"), "{log}");
    assert_eq!(log.matches("warning=\"SecretId contains a secret key after").count(), 1, "{log}");
    assert_eq!(log.matches("the key is masked").count(), 1, "{log}");
}

#[test]
fn the_server_listens_on_every_address() {
    let server = Serving::with(&["--listen", "[::1]:0"]);
    let addresses = server.addresses();
    assert_eq!(addresses.len(), 2);
    assert!(addresses[1].starts_with("[::1]:"), "{addresses:?}");
    for (address, expected) in addresses.iter().zip(["172.16.0.17", "172.16.0.18"]) {
        assert_eq!(vip(&Connection::open(address).create(json!({}))), expected);
    }
}

#[test]
fn a_taken_address_is_named() {
    let owner = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = owner.local_addr().unwrap();
    let refusal = run(&["--listen", "127.0.0.1:0", "--listen", &taken.to_string()]).refusal_line(1);
    assert_eq!(
        refusal,
        format!(
            "ecmock: cannot listen on {taken}: address in use; stop the other program, or set another \
             address with --listen"
        )
    );
}

/// Returns an unused port below 32768, so that the system does not assign it to a test that requests
/// any port.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = std::process::id() % 10_000;
    let mut candidates = std::iter::repeat_with(|| {
        let number = start + u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
        20_000 + u16::try_from(number % 10_000).unwrap()
    });
    candidates.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}

#[test]
fn ipv4_and_ipv6_share_a_port() {
    let port = free_port();
    let listen = format!("0.0.0.0:{port},[::]:{port}");
    let server = Serving::of(ecmock(&["--listen", &listen]));
    assert_eq!(server.addresses(), [format!("0.0.0.0:{port}"), format!("[::]:{port}")]);
    let console = format!("Console: http://127.0.0.1:{port}/_ecmock/console/");
    assert_eq!(server.start[3..], [console.as_str(), "Ready."]);
    for (address, expected) in [("127.0.0.1", "172.16.0.17"), ("[::1]", "172.16.0.18")] {
        let answer = Connection::open(&format!("{address}:{port}")).create(json!({}));
        assert_eq!(vip(&answer), expected);
    }
}

#[rstest]
#[case::twice("127.0.0.1", "127.0.0.1")]
#[case::within_all("0.0.0.0", "127.0.0.1")]
#[case::all_after_one("127.0.0.1", "0.0.0.0")]
fn addresses_of_the_server_that_overlap_are_named(#[case] one: &str, #[case] other: &str) {
    let port = free_port();
    let listen = format!("{one}:{port},{other}:{port}");
    assert_eq!(
        run(&["--listen", &listen]).refusal_line(1),
        format!(
            "ecmock: cannot listen on {other}:{port}: it overlaps with {one}:{port}, another address \
             of this server"
        )
    );
}

#[cfg(target_os = "linux")]
#[test]
fn the_limit_of_open_files_is_raised() {
    let mut command = std::process::Command::new("sh");
    let script = "ulimit -Sn 64; exec \"$0\" --listen 127.0.0.1:0";
    command.args(["-c", script, env!("CARGO_BIN_EXE_ecmock")]);
    let server = Serving::of(command);
    let limits = format!("/proc/{}/limits", server.process.child.id());
    let limits = std::fs::read_to_string(limits).unwrap();
    let files = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    let files: Vec<&str> = files.split_whitespace().collect();
    assert_eq!(files[0], files[1], "{limits}");
    assert_ne!(files[0], "64");
}

#[test]
fn every_problem_of_the_fixtures_is_named() {
    let first = file(&json!({ "SubnetSets": [], "VpcSet": 7 }));
    let second = file(&vpc("vpc-1"));
    let (first, second) = (path(&first), path(&second));
    let refusal = run(&["--listen", "127.0.0.1:0", "--fixture", first, "--fixture", second]);
    assert_eq!(
        refusal.refusal(1),
        format!(
            "ecmock: the fixtures have 3 problems:
  {first}: $.SubnetSets: unknown set; did you mean `SubnetSet`?
  {first}: $.VpcSet: must be a list
  {second}: $.VpcSet[0].VpcId: `vpc-1` must be `vpc-` followed by 8 characters from 0-9 and a-z"
        )
    );
}

#[rstest]
#[case::missing("no-such-file.json")]
#[case::directory("/")]
fn a_file_that_cannot_be_read_is_named(#[case] file: &str) {
    let refusal = run(&["--listen", "127.0.0.1:0", "--fixture", file]).refusal_line(1);
    assert!(refusal.starts_with(&format!("ecmock: fixture {file}: cannot be read: ")), "{refusal}");
}

#[test]
fn an_unknown_field_is_a_warning() {
    let mut fixture = vpc("vpc-00000001");
    fixture["VpcSet"][0]["Color"] = json!("red");
    let fixture = file(&fixture);
    let log = Serving::with(&["--fixture", path(&fixture)]).stop().stderr;
    assert_eq!(log.len(), 1, "{log:?}");
    let warning = format!("{}: $.VpcSet[0].Color: unknown field", path(&fixture));
    assert!(log[0].contains("WARN") && log[0].contains(&warning), "{log:?}");
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_a_warning() {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    let folder = tempfile::tempdir().unwrap();
    let args = ["--tls-dir", folder.path().to_str().unwrap()];
    assert_eq!(Serving::with(&args).stop().stderr, [""; 0]);
    let key = folder.path().join("ca-key.pem");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let log = Serving::with(&args).stop().stderr;
    assert_eq!(log.len(), 1, "{log:?}");
    let cure = format!("run `chmod 600 {}`", key.display());
    assert!(log[0].contains("WARN") && log[0].contains(&cure), "{log:?}");
}

#[test]
fn a_random_seed_is_printed_and_reproduces_the_ids() {
    let first = Serving::new();
    let (_, seed) = first.start[0].rsplit_once("seed ").unwrap();
    let again = Serving::with(&["--seed", seed]);
    let id = |server: &Serving| server.create(json!({}))["HaVip"]["HaVipId"].clone();
    assert_eq!(id(&first), id(&again));
}
