//! How a server ends.

use std::{
    net::TcpStream,
    process::Command,
    time::{Duration, Instant},
};

use rstest::rstest;
use serde_json::json;

use super::{Connection, Process, STEP_TIME_MAX, Serving, request};
use crate::support::vip;

/// From the signal to the exit.
const END_TIME_MAX: Duration = Duration::from_secs(1);

/// Sends a signal, such as `TERM`.
pub(super) fn send(signal: &str, process: &Process) {
    let id = process.child.id().to_string();
    let mut kill = Command::new("sh");
    assert!(kill.args(["-c", "kill -s $0 $1", signal, &id]).status().unwrap().success());
}

/// Waits until a server that was told to end takes no more connections.
fn await_refusal(address: &str) {
    let begin = Instant::now();
    while TcpStream::connect(address).is_ok() {
        assert!(begin.elapsed() < STEP_TIME_MAX, "connections are still taken");
    }
}

/// Sends a signal, and sees that the server ends well and soon.
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
    let mut connection = Connection::open(server.address());
    connection.create(json!({}));
    end(signal, server);
}

#[rstest]
#[case::before_its_first_call(false)]
#[case::after_a_call(true)]
fn half_a_head_delays_the_end_by_less_than_a_second(#[case] is_used: bool) {
    let server = Serving::new();
    let mut connection = Connection::open(server.address());
    if is_used {
        connection.create(json!({}));
    }
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
    let (mut connection, body) = begin_call(&server);
    send(signal, &server.process);
    await_refusal(server.address());
    connection.write(&body);
    let answer: serde_json::Value = serde_json::from_str(&connection.read()).unwrap();
    assert_eq!(vip(&answer["Response"]), "172.16.0.17");
    assert_eq!(server.process.finish().code, Some(0));
}

/// Sends the head of a call, and waits until the server asks for the body, which is returned.
fn begin_call(server: &Serving) -> (Connection, String) {
    let (head, body) = request(json!({}), &[("Expect", "100-continue")]);
    let mut connection = Connection::open(server.address());
    connection.write(&head);
    assert_eq!(connection.read_head(), "HTTP/1.1 100 Continue\r\n\r\n");
    (connection, body)
}
