//! `ecmock wait`.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use rstest::rstest;

use super::{Serving, run};

const BUSY: &str = "HTTP/1.1 503 Service Unavailable\r\n\r\n";

/// Starts a server that is busy for a number of requests, and then ready. Returns its address, and the
/// number of requests so far.
fn busy_server(busy: usize) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&requests);
    thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            // Closing with unread bytes would reset the connection.
            _ = stream.read(&mut [0; 4096]);
            let is_busy = counter.fetch_add(1, Ordering::Relaxed) < busy;
            let response = if is_busy { BUSY } else { "HTTP/1.1 200 OK\r\n\r\n" };
            _ = stream.write_all(response.as_bytes());
        }
    });
    (address, requests)
}

#[test]
fn a_wait_for_a_running_server_ends() {
    let server = Serving::new();
    assert_eq!(run(&["wait", "--listen", server.address()]).printed(), "");
}

#[test]
fn a_wait_ends_when_the_server_becomes_ready() {
    let (address, requests) = busy_server(3);
    assert_eq!(run(&["wait", "--timeout", "2m", "--listen", &address]).printed(), "");
    assert_eq!(requests.load(Ordering::Relaxed), 4);
}

#[test]
fn a_wait_is_neither_endless_nor_busy() {
    let (address, requests) = busy_server(usize::MAX);
    let refusal = run(&["wait", "--timeout", "1s", "--listen", &address]).refusal_line(1);
    let expected =
        format!("ecmock: {address} was not ready within 1s: unexpected response \"HTTP/1.1 503\"");
    assert_eq!(refusal, expected);
    // With delays of 10, 20, 40, 80, 160, and then 250 ms.
    let requests = requests.load(Ordering::Relaxed);
    assert!((1..=8).contains(&requests), "{requests}");
}

#[test]
fn an_unused_address_is_tried_again() {
    // A client's own address: nothing listens there, and no other process can get it.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let address = client.local_addr().unwrap().to_string();
    let refusal = run(&["wait", "--timeout", "100ms", "--listen", &address]).refusal_line(1);
    let expected = format!("ecmock: {address} was not ready within 100ms: ");
    assert!(refusal.starts_with(&expected), "{refusal}");
}

#[rstest]
fn a_malformed_timeout_is_invalid_usage(
    #[values("0s", "0", "5", "", "1.5s", "25h", "-1s", "soon")] timeout: &str,
) {
    let refusal = run(&["wait", &format!("--timeout={timeout}")]).refusal(2);
    assert!(refusal.contains("--timeout"), "{refusal}");
}
