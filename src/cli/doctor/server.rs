//! The server: whether it is reachable, its version, and its clock.

use std::{
    io::{self, Read as _, Write as _},
    net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs as _},
};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::{
    cli::healthcheck::TIME_MAX,
    control::{Clock, clock::Stopwatch},
    protocol::signature::TIMESTAMP_SKEW_SECONDS_MAX,
};

use super::{Finding, Setup, endpoint::Endpoint, hosts::is_vendors, variables::account};

const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Maximum size of a response that is read, in bytes.
const REPLY_BYTES_MAX: usize = 1024 * 1024;

/// Facts about the server that other checks need. All are `None` if it is not reachable.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) ip: Option<IpAddr>,
    /// Certificate of its CA, in PEM.
    pub(super) ca: Option<String>,
}

/// Checks the server.
pub(super) fn check(setup: &Setup) -> (Vec<Finding>, Facts) {
    let endpoint = &setup.endpoint;
    let address = match address(setup) {
        Ok(address) => address,
        Err(finding) => return (vec![*finding], Facts::default()),
    };
    let health = match get(endpoint, address, "/_ecmock/health") {
        Ok(reply) => reply,
        Err(why) => {
            let fix = format!(
                "start it with `ecmock --listen {address}`, or set ECMOCK_ENDPOINT to the endpoint that the server printed"
            );
            let message = format!("no server at {endpoint}: {why}");
            return (vec![Finding::problem("server", message, &fix)], Facts::default());
        }
    };
    let mut findings = Vec::new();
    let mut facts = Facts { ip: Some(address.ip()), ca: None };
    let Some(version) = health.member("Version") else {
        return (vec![no_ecmock(endpoint, &health)], Facts::default());
    };
    findings.push(Finding::ok("server", format!("ecmock {version} is ready at {endpoint}")));
    findings.extend(self::version(&version));
    let account = account(setup);
    if let Ok(clock) =
        get(endpoint, address, &format!("/_ecmock/clock?account={}", escaped(&account)))
    {
        findings.extend(clock_finding(endpoint, &account, &clock, Clock::Real.now()));
    }
    if endpoint.is_https {
        let ca = get(endpoint, address, "/_ecmock/ca.pem").ok();
        facts.ca = ca.filter(|it| it.status == 200).map(|it| it.body);
    }
    (findings, facts)
}

/// Returns the address of the endpoint. A name of the real cloud is only looked up in the hosts file.
fn address(setup: &Setup) -> Result<SocketAddr, Box<Finding>> {
    let Endpoint { host, port, .. } = &setup.endpoint;
    if let Ok(ip) = host.parse() {
        return Ok(SocketAddr::new(ip, *port));
    }
    if is_vendors(host) {
        let message = format!("{host} is a name of the real cloud, and has no hosts entry");
        let fix =
            "set the endpoint to that of the server, or add the lines of `ecmock env --hosts`";
        let missing = || Box::new(Finding::problem("server", message, fix));
        return setup.hosts.ip(host).map(|ip| SocketAddr::new(ip, *port)).ok_or_else(missing);
    }
    let why = match (&**host, *port).to_socket_addrs().map(|mut found| found.next()) {
        Ok(Some(address)) => return Ok(address),
        Ok(None) => "it has no address".to_owned(),
        Err(error) => error.to_string(),
    };
    let message = format!("the name {host} cannot be resolved: {why}");
    Err(Box::new(Finding::problem("server", message, "correct the name in ECMOCK_ENDPOINT")))
}

/// A response.
#[derive(Debug)]
struct Reply {
    status: u16,
    body: String,
}

impl Reply {
    /// Returns a member of a JSON object, if it is a string.
    fn member(&self, name: &str) -> Option<String> {
        let body: Value = serde_json::from_str(&self.body).ok()?;
        body.get(name)?.as_str().map(str::to_owned)
    }
}

/// Requests a path of the admin API over plain HTTP.
fn get(endpoint: &Endpoint, address: SocketAddr, path: &str) -> Result<Reply, String> {
    let host = endpoint.authority();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let reply = ask(address, &request).map_err(|error| match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
            format!("no response within {} s", TIME_MAX.as_secs())
        }
        _ => error.to_string(),
    })?;
    let (head, body) = reply.split_once("\r\n\r\n").unwrap_or((&reply, ""));
    let status = head.strip_prefix("HTTP/1.1 ").and_then(|it| it.get(..3)?.parse().ok());
    let status = status.ok_or("the response is not HTTP")?;
    Ok(Reply { status, body: body.to_owned() })
}

/// Sends a request, and returns the response up to its end.
fn ask(address: SocketAddr, request: &str) -> io::Result<String> {
    let stopwatch = Stopwatch::start();
    let mut stream = TcpStream::connect_timeout(&address, TIME_MAX)?;
    stream.set_read_timeout(Some(TIME_MAX))?;
    stream.write_all(request.as_bytes())?;
    let (mut reply, mut buffer) = (Vec::new(), [0; 4096]);
    while reply.len() < REPLY_BYTES_MAX {
        let bytes = stream.read(&mut buffer)?;
        if bytes == 0 {
            break;
        }
        reply.extend(buffer.iter().take(bytes));
        if stopwatch.elapsed() > TIME_MAX {
            return Err(io::ErrorKind::TimedOut.into());
        }
    }
    Ok(String::from_utf8_lossy(&reply).into_owned())
}

/// Escapes a value for a query.
fn escaped(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// A server without the expected response.
fn no_ecmock(endpoint: &Endpoint, reply: &Reply) -> Finding {
    let host = &endpoint.host;
    if reply.status == 421 {
        let message = format!("the admin API rejects the host name `{host}`");
        return Finding::problem(
            "server",
            message,
            &format!("start it with `--admin-host {host}`"),
        );
    }
    let message = format!("{endpoint} is not ecmock: HTTP status {}", reply.status);
    Finding::problem("server", message, "set ECMOCK_ENDPOINT to the endpoint that ecmock printed")
}

fn version(server: &str) -> Option<Finding> {
    (server != VERSION).then(|| {
        let message = format!("the server is ecmock {server}, and this command is {VERSION}");
        Finding::warning("version", message, "install the same version of both")
    })
}

/// Compares the account's clock with this machine's. Signatures have the time of this machine.
fn clock_finding(
    endpoint: &Endpoint,
    account: &str,
    clock: &Reply,
    here: DateTime<Utc>,
) -> Option<Finding> {
    let now = DateTime::parse_from_rfc3339(&clock.member("Now")?).ok()?.to_utc();
    let ahead = now - here;
    let is_far = ahead.num_seconds().unsigned_abs() > TIMESTAMP_SKEW_SECONDS_MAX;
    let mode = clock.member("Mode")?;
    let effect = "--auth verify rejects the signatures of this machine as expired";
    if mode == "real" {
        let by = in_words(ahead);
        return Some(if is_far {
            let message = format!("this machine's clock is {by} the server's; {effect}");
            Finding::problem("clock", message, "synchronize both clocks")
        } else {
            Finding::ok("clock", "this machine and the server have the same time".to_owned())
        });
    }
    let what = if mode == "frozen" { "is frozen" } else { "is set" };
    let url = endpoint.url(&format!("/_ecmock/clock?account={}", escaped(account)));
    let fix = format!("run `curl -X PUT -d '{{\"Real\":true}}' '{url}'`");
    let time = now.to_rfc3339_opts(SecondsFormat::Secs, true);
    let message = format!("the clock of account `{account}` {what} at {time}");
    Some(if is_far {
        Finding::warning("clock", format!("{message}; {effect}"), &fix)
    } else if mode == "frozen" {
        Finding::warning("clock", format!("{message}; {effect} within minutes"), &fix)
    } else {
        Finding::ok("clock", message)
    })
}

/// Returns how far this machine is from a time that is `ahead` of it, such as `3 h behind`.
fn in_words(ahead: TimeDelta) -> String {
    let seconds = ahead.num_seconds().unsigned_abs();
    let (number, unit) = match seconds {
        0..120 => (seconds, "s"),
        120..7_200 => (seconds / 60, "min"),
        7_200..172_800 => (seconds / 3_600, "h"),
        _ => (seconds / 86_400, "days"),
    };
    let direction = if ahead > TimeDelta::zero() { "behind" } else { "ahead of" };
    format!("{number} {unit} {direction}")
}
