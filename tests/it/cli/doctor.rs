//! `ecmock doctor`.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::Command,
    thread,
};

use insta::assert_snapshot;
use rstest::rstest;
use serde_json::Value;
use tempfile::NamedTempFile;

use super::{Finished, Serving, ecmock, finish, path};

/// Variables of clients. The machine that runs the tests may have them.
const VARIABLES: [&str; 18] = [
    "ECMOCK_ENDPOINT",
    "TENCENTCLOUD_SECRET_ID",
    "TENCENTCLOUD_SECRET_KEY",
    "TENCENTCLOUD_TOKEN",
    "TENCENTCLOUD_SESSION_TOKEN",
    "TENCENTCLOUD_ROLE_ARN",
    "TENCENTCLOUD_REGION",
    "http_proxy",
    "HTTP_PROXY",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
    "REQUESTS_CA_BUNDLE",
];

/// Returns `ecmock doctor` without the variables of clients.
fn doctor(args: &[&str]) -> Command {
    let mut command = ecmock(&[&["doctor"], args].concat());
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    command
}

fn examine(args: &[&str], variables: &[(&str, &str)]) -> Finished {
    let mut command = doctor(args);
    command.envs(variables.iter().copied());
    finish(command)
}

impl Finished {
    /// Returns the lines, except that of the machine's hosts file. `address` is replaced by `ADDRESS`.
    #[track_caller]
    fn findings(&self, code: i32, address: &str) -> String {
        assert_eq!(self.code, Some(code), "{self:?}");
        let problems = self.stdout.iter().filter(|line| line.starts_with("problem  ")).count();
        let plural = if problems == 1 { "" } else { "s" };
        match problems {
            0 => assert!(self.stderr.is_empty(), "{self:?}"),
            _ => assert_eq!(self.stderr, [format!("ecmock: {problems} problem{plural}")]),
        }
        let (hosts, lines): (Vec<_>, Vec<_>) =
            self.stdout.iter().partition(|line| line.contains(" hosts: "));
        assert_eq!(hosts.len(), 1, "{self:?}");
        lines.iter().map(|line| line.replace(address, "ADDRESS") + "\n").collect()
    }
}

/// Returns an address where nothing listens: that of a client, which no other process can get.
fn unused() -> (TcpStream, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let address = client.local_addr().unwrap().to_string();
    (client, address)
}

/// Starts a server that sends the same response to every request, and returns its address.
fn other_server(response: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            // Closing with unread bytes would reset the connection.
            _ = stream.read(&mut [0; 4096]);
            _ = stream.write_all(response.as_bytes());
        }
    });
    address
}

#[test]
fn a_right_setup_has_no_problems() {
    let server = Serving::new();
    let address = server.address();
    let endpoint = format!("http://{address}");
    let variables = [
        ("ECMOCK_ENDPOINT", &*endpoint),
        ("TENCENTCLOUD_SECRET_ID", "ecmock-web"),
        ("TENCENTCLOUD_SECRET_KEY", "ecmock"),
        ("TENCENTCLOUD_REGION", "ap-guangzhou"),
        ("HTTPS_PROXY", "http://127.0.0.1:9"),
    ];
    assert_snapshot!(examine(&[], &variables).findings(0, address), @"
    ok       server: ecmock 0.1.0 is ready at http://ADDRESS
    ok       clock: this machine and the server have the same time
    ok       credentials: TENCENTCLOUD_SECRET_ID selects account `web`
    ok       region: TENCENTCLOUD_REGION is ap-guangzhou
    ok       proxy: no proxy applies to ADDRESS
    ok       ca: clients need no CA over HTTP
    ");
    assert_snapshot!(examine(&["--listen", address], &[]).findings(0, address), @"
    ok       server: ecmock 0.1.0 is ready at http://ADDRESS
    ok       clock: this machine and the server have the same time
    ok       credentials: TENCENTCLOUD_SECRET_ID is not set; the program sets its credentials
    ok       region: TENCENTCLOUD_REGION is not set; no ECM action needs a region
    ok       proxy: no proxy applies to ADDRESS
    ok       ca: clients need no CA over HTTP
    ");
}

#[test]
fn an_unused_address_is_a_problem_and_the_other_checks_continue() {
    let (_client, address) = unused();
    let reason = TcpStream::connect(&address).unwrap_err().to_string();
    let findings = examine(&["--listen", &address], &[]).findings(1, &address);
    assert_snapshot!(findings.replace(&reason, "REASON"), @"
    problem  server: no server at http://ADDRESS: REASON; start it with `ecmock --listen ADDRESS`, or set ECMOCK_ENDPOINT to the endpoint that the server printed
    ok       credentials: TENCENTCLOUD_SECRET_ID is not set; the program sets its credentials
    ok       region: TENCENTCLOUD_REGION is not set; no ECM action needs a region
    ok       proxy: no proxy applies to ADDRESS
    ok       ca: clients need no CA over HTTP
    ");
}

#[rstest]
#[case::web("HTTP/1.1 200 OK\r\n\r\n{}", "ADDRESS is not ecmock: HTTP status 200")]
#[case::no_http("SSH-2.0-OpenSSH_9.2\r\n", "no server at http://ADDRESS: the response is not HTTP")]
#[case::host(
    "HTTP/1.1 421 Misdirected Request\r\n\r\n",
    "the admin API rejects the host name `127.0.0.1`"
)]
fn another_server_is_a_problem(#[case] response: &'static str, #[case] message: &str) {
    let address = other_server(response);
    let findings = examine(&["--listen", &address], &[]).findings(1, &address);
    assert!(findings.starts_with("problem  server: ") && findings.contains(message), "{findings}");
}

#[test]
fn another_version_is_a_warning() {
    let address = other_server("HTTP/1.1 200 OK\r\n\r\n{\"Version\":\"0.0.1\"}");
    let findings = examine(&["--listen", &address], &[]).findings(0, &address);
    let version = env!("CARGO_PKG_VERSION");
    let warning = format!(
        "warning  version: the server is ecmock 0.0.1, and this command is {version}; install the same version of both\n"
    );
    assert!(findings.contains(&warning), "{findings}");
}

#[rstest]
#[case::far(
    "{\"Now\":\"2026-01-31T12:00:00Z\",\"Mode\":\"real\"",
    "problem  clock: this machine's clock is "
)]
#[case::frozen(
    "{\"Now\":\"2026-01-31T12:00:00Z\",\"Mode\":\"frozen\"",
    "warning  clock: the clock of account `default` is frozen at 2026-01-31T12:00:00Z; "
)]
#[case::set(
    "{\"Now\":\"2026-01-31T12:00:00Z\",\"Mode\":\"offset\"",
    "warning  clock: the clock of account `default` is set at 2026-01-31T12:00:00Z; "
)]
fn a_clock_that_is_far_off_is_reported(#[case] clock: &str, #[case] finding: &str) {
    let response = format!("HTTP/1.1 200 OK\r\n\r\n{clock},\"Version\":\"1\"}}").leak();
    let address = other_server(response);
    let finished = examine(&["--listen", &address], &[]);
    let findings = finished.findings(i32::from(finding.starts_with("problem")), &address);
    assert!(findings.contains(finding), "{findings}");
    assert!(
        findings.contains("--auth verify rejects the signatures of this machine"),
        "{findings}"
    );
}

#[test]
fn the_clock_of_the_account_in_the_environment_is_checked() {
    let server = Serving::with(&["--clock", "2026-01-31T12:00:00Z"]);
    let address = server.address();
    let variables =
        [("TENCENTCLOUD_SECRET_ID", "ecmock-a b"), ("TENCENTCLOUD_SECRET_KEY", "ecmock")];
    let findings = examine(&["--listen", address], &variables).findings(0, address);
    let clock = findings.lines().find(|line| line.contains(" clock: ")).unwrap();
    assert_snapshot!(clock, @r#"warning  clock: the clock of account `a b` is frozen at 2026-01-31T12:00:00Z; --auth verify rejects the signatures of this machine as expired; run `curl -X PUT -d '{"Real":true}' 'http://ADDRESS/_ecmock/clock?account=a%20b'`"#);
}

/// A proxy gets no request of the doctor either.
#[test]
fn a_proxy_is_a_problem() {
    let server = Serving::new();
    let (_client, proxy) = unused();
    let variables = [("HTTP_PROXY", &*format!("http://{proxy}"))];
    let findings =
        examine(&["--listen", server.address()], &variables).findings(1, server.address());
    assert!(findings.starts_with("ok       server: "), "{findings}");
    assert!(findings.contains("\nproblem  proxy: "), "{findings}");
}

#[test]
fn https_needs_a_file_with_the_ca() {
    let (server, other) = (Serving::new(), Serving::new());
    let ca = |server: &Serving| {
        let pem = get(server.address(), "/_ecmock/ca.pem");
        let mut file = NamedTempFile::new().unwrap();
        write!(file, "\n{pem}").unwrap();
        file
    };
    let endpoint = format!("https://{}", server.address());
    for (file, level, code) in [(ca(&server), "ok       ", 0), (ca(&other), "problem  ", 1)] {
        let variables = [("NODE_EXTRA_CA_CERTS", path(&file))];
        let findings = examine(&["--endpoint", &endpoint], &variables);
        let findings = findings.findings(code, server.address());
        assert!(findings.contains(&format!("\n{level}ca: ")), "{findings}");
    }
}

/// Returns the body of a response.
fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    reply.split_once("\r\n\r\n").unwrap().1.to_owned()
}

#[test]
fn a_flag_overrides_the_endpoint_of_the_environment() {
    let server = Serving::new();
    let address = server.address();
    let variables = [("ECMOCK_ENDPOINT", "http://127.0.0.1:9")];
    for flag in ["--listen", "--endpoint"] {
        let findings = examine(&[flag, address], &variables).findings(0, address);
        let warning = "warning  endpoint: ECMOCK_ENDPOINT is another server; run `export ECMOCK_ENDPOINT=http://ADDRESS`\n";
        assert!(findings.contains(warning), "{findings}");
    }
    let mut command = doctor(&[]);
    command.env("ECMOCK_LISTEN", address);
    finish(command).findings(0, address);
}

#[test]
fn the_real_cloud_is_never_called() {
    let name = "https://ecm.no-such-region.tencentcloudapi.com";
    let findings = examine(&["--endpoint", name], &[]).findings(1, name);
    let problem = "problem  server: ecm.no-such-region.tencentcloudapi.com is a name of the real cloud, and has no hosts entry; ";
    assert!(findings.starts_with(problem), "{findings}");
}

#[test]
fn the_findings_are_available_in_json() {
    let (_client, address) = unused();
    let finished = examine(&["--json", "--listen", &address], &[]);
    assert_eq!(finished.code, Some(1));
    let report: Value = serde_json::from_str(&finished.stdout.join("\n")).unwrap();
    assert_eq!(report["Endpoint"], format!("http://{address}"));
    assert_eq!((&report["Problems"], report["Warnings"].is_u64()), (&1.into(), true));
    let first = &report["Findings"][0];
    assert_eq!((&first["Level"], &first["Check"]), (&"problem".into(), &"server".into()));
    assert!(first["Message"].is_string() && first["Fix"].is_string(), "{first}");
}

#[rstest]
#[case::flag(&["--endpoint", "ftp://x"], &[])]
#[case::variable(&[], &[("ECMOCK_ENDPOINT", "http://a b")])]
#[case::port(&["--listen", "127.0.0.1:0"], &[])]
fn a_malformed_endpoint_is_invalid_usage(
    #[case] args: &[&str],
    #[case] variables: &[(&str, &str)],
) {
    let refusal = examine(args, variables).refusal(2);
    assert!(
        refusal.contains(if args.contains(&"--listen") { "--listen" } else { "--endpoint" }),
        "{refusal}"
    );
}
