//! Shutdown of a server.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use rstest::rstest;
use serde_json::json;

use super::{Connection, Process, Serving, ecmock, lines, next, request};
use crate::json::vip;

/// Time limit from the signal to the exit.
const END_TIME_MAX: Duration = Duration::from_secs(1);

/// Sends a signal, for example `TERM`.
pub(super) fn send(signal: &str, process: &Process) {
    let id = process.child.id().to_string();
    let mut kill = Command::new("sh");
    assert!(kill.args(["-c", "kill -s $0 $1", signal, &id]).status().unwrap().success());
}

/// Sends a signal, and checks that the server ends in time with exit code 0.
#[track_caller]
fn end(signal: &str, server: Serving) {
    send(signal, &server.process);
    let begin = Instant::now();
    let finished = server.process.finish();
    let time = begin.elapsed();
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert!(time < END_TIME_MAX, "it took {time:?}");
}

#[rstest]
fn a_signal_ends_a_server(#[values("TERM", "INT")] signal: &str) {
    end(signal, Serving::new());
}

#[rstest]
fn an_idle_connection_does_not_delay_the_end(#[values("TERM", "INT")] signal: &str) {
    let server = Serving::new();
    let _idle = idle(&server);
    end(signal, server);
}

#[rstest]
#[case::before_its_first_call(false)]
#[case::after_a_call(true)]
fn half_a_head_delays_the_end_by_less_than_a_second(#[case] is_used: bool) {
    let server = Serving::new();
    let mut connection = if is_used { idle(&server) } else { Connection::open(server.address()) };
    connection.write("POST / HTTP/1.1\r\nContent-Le");
    end("TERM", server);
}

#[test]
fn a_body_that_never_comes_delays_the_end_by_less_than_a_second() {
    let server = Serving::new();
    let _call = begin_call(&server);
    end("TERM", server);
}

#[rstest]
fn a_call_in_flight_is_answered(#[values("TERM", "INT")] signal: &str) {
    let server = Serving::new();
    let mut idle = idle(&server);
    let (mut connection, body) = begin_call(&server);
    send(signal, &server.process);
    await_end(&mut idle);
    connection.write(&body);
    let answer: serde_json::Value = serde_json::from_str(&connection.read()).unwrap();
    assert_eq!(vip(&answer["Response"]), "172.16.0.18");
    assert_eq!(server.process.finish().code, Some(0));
}

#[test]
fn no_connection_is_accepted_while_a_call_in_flight_ends() {
    let server = Serving::new();
    let mut idle = idle(&server);
    let _call = begin_call(&server);
    send("TERM", &server.process);
    await_end(&mut idle);
    TcpStream::connect(server.address()).unwrap_err();
}

#[test]
fn the_end_of_stdin_ends_a_server_that_watches_it() {
    let (stdin, mut input) = std::io::pipe().unwrap();
    let server = Serving::reading(stdin, &["--stop-on-stdin-eof"]);
    input.write_all(b"other input is ignored\n").unwrap();
    let (mut connection, body) = begin_call(&server);
    let mut idle = idle(&server);
    drop(input);
    await_end(&mut idle);
    connection.write(&body);
    let answer: serde_json::Value = serde_json::from_str(&connection.read()).unwrap();
    assert_eq!(vip(&answer["Response"]), "172.16.0.18");
    assert_eq!(server.process.finish().code, Some(0));
}

#[cfg(unix)]
#[test]
fn a_pipe_that_does_not_block_is_read_to_its_end() {
    let (stdin, input) = std::os::unix::net::UnixStream::pair().unwrap();
    stdin.set_nonblocking(true).unwrap();
    let stdin = std::os::fd::OwnedFd::from(stdin);
    let server = Serving::reading(stdin, &["--stop-on-stdin-eof"]);
    let mut idle = idle(&server);
    drop(input);
    await_end(&mut idle);
    assert_eq!(server.process.finish().code, Some(0));
}

#[cfg(unix)]
#[test]
fn an_unreadable_stdin_is_an_error() {
    let folder = std::fs::File::open(".").unwrap();
    let process =
        Process::reading(folder, ecmock(&["--listen", "127.0.0.1:0", "--stop-on-stdin-eof"]));
    let finished = process.finish();
    assert_eq!(finished.code, Some(1), "{finished:?}");
    let error = finished.stderr.last().unwrap();
    assert!(error.starts_with("ecmock: cannot read stdin: "), "{finished:?}");
}

/// Returns a connection with an answered call, so that the server has accepted it.
fn idle(server: &Serving) -> Connection {
    let mut connection = Connection::open(server.address());
    connection.create(json!({}));
    connection
}

/// Waits until the server closes a connection, which shows that it has received the signal.
fn await_end(connection: &mut Connection) {
    assert_eq!(connection.0.read(&mut [0]).unwrap(), 0);
}

/// Sends the head of a call, waits until the server requests the body, and returns the body.
fn begin_call(server: &Serving) -> (Connection, String) {
    let (head, body) = request(json!({}), &[("Expect", "100-continue")]);
    let mut connection = Connection::open(server.address());
    connection.write(&head);
    assert_eq!(connection.read_head(), "HTTP/1.1 100 Continue\r\n\r\n");
    (connection, body)
}

/// A test suite may start ecmock with a pipe and never read it, so the pipe fills up.
#[test]
fn an_unread_log_delays_nothing() {
    let (unread, stderr) = std::io::pipe().unwrap();
    let mut command = ecmock(&["--listen", "127.0.0.1:0"]);
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr);
    let mut child = command.spawn().unwrap();
    let stdout = lines(child.stdout.take().unwrap());
    let process = Process { stdout, stderr: lines(std::io::empty()), child };
    let endpoint = std::iter::from_fn(|| next(&process.stdout))
        .take_while(|line| line != "Ready.")
        .find_map(|line| line.strip_prefix("http://").map(str::to_owned));
    let mut connection = Connection::open(&endpoint.unwrap());
    for _ in 0..1000 {
        connection.create(json!({}));
    }
    send("TERM", &process);
    let begin = Instant::now();
    let finished = process.finish();
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert!(begin.elapsed() < END_TIME_MAX);
    drop(unread);
}

/// Returns a server that blocks at its start: it reads a FIFO in `folder` without a writer.
#[cfg(target_os = "linux")]
fn starting(folder: &std::path::Path) -> Process {
    let fifo = folder.join("fixture.json");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let args = ["--listen", "127.0.0.1:0", "--fixture", fifo.to_str().unwrap()];
    let process = Process::start(ecmock(&args));
    await_handlers(&process);
    process
}

/// Waits until a process handles SIGINT and SIGTERM.
#[cfg(target_os = "linux")]
fn await_handlers(process: &Process) {
    const INT_AND_TERM: u64 = 1 << 1 | 1 << 14;
    let begin = Instant::now();
    loop {
        let status = format!("/proc/{}/status", process.child.id());
        let status = std::fs::read_to_string(status).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
        if u64::from_str_radix(caught.trim(), 16).unwrap() & INT_AND_TERM == INT_AND_TERM {
            return;
        }
        assert!(begin.elapsed() < super::STEP_TIME_MAX, "signals are not caught: {status}");
        std::thread::yield_now();
    }
}

#[cfg(target_os = "linux")]
#[rstest]
fn a_signal_ends_a_blocked_start(#[values("TERM", "INT")] signal: &str) {
    let folder = tempfile::tempdir().unwrap();
    let process = starting(folder.path());
    send(signal, &process);
    let begin = Instant::now();
    let finished = process.finish();
    assert_eq!((finished.code, finished.stdout.len()), (Some(0), 0), "{finished:?}");
    assert!(begin.elapsed() < END_TIME_MAX);
}
