use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use axum::{body::Body, http::Response};
use futures_util::stream;
use http_body_util::BodyExt as _;
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use rstest::rstest;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex},
    task::JoinHandle,
    time::{sleep, timeout},
};

use super::*;
use crate::{control::clock::instant, gateway::CallBody, server::exchange::ResponseBody};

const SECOND: Duration = Duration::from_secs(1);
const GET: &str = "GET / HTTP/1.1\r\nHost: it\r\n\r\n";

/// A connection whose requests take a fixed time each.
struct Served {
    client: DuplexStream,
    /// Returns the lifetime of the connection.
    server: JoinHandle<Duration>,
    /// Whether a request ran to its end.
    is_answered: Arc<AtomicBool>,
}

fn serve(time: Duration, text: &'static str) -> Served {
    serve_body(time, move || Body::from(text))
}

fn serve_body(time: Duration, body: impl Fn() -> Body + Clone + Send + 'static) -> Served {
    let (client, stream) = duplex(64);
    let handle = ConnectionHandle::default();
    let io = TokioIo::new(Watched::new(stream, handle.clone()));
    let is_answered = Arc::new(AtomicBool::new(false));
    let answered = Arc::clone(&is_answered);
    let service = service_fn(move |request: Request<Incoming>| {
        handle.begin(request.version());
        let (handle, answered, body) = (handle.clone(), Arc::clone(&answered), body.clone());
        async move {
            _ = request.into_body().collect().await;
            sleep(time).await;
            answered.store(true, SeqCst);
            Ok::<_, Infallible>(Response::new(ResponseBody::new(CallBody::Other(body()), handle)))
        }
    });
    let start = instant();
    let server = tokio::spawn(async move {
        _ = http1::Builder::new().serve_connection(io, service).await;
        start.elapsed()
    });
    Served { client, server, is_answered }
}

async fn read_to_end(mut client: DuplexStream) -> String {
    let mut text = String::new();
    client.read_to_string(&mut text).await.unwrap();
    text
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_lasts_two_minutes_before_and_between_requests() {
    let idle = serve(Duration::ZERO, "done");
    assert_eq!(idle.server.await.unwrap(), 120 * SECOND);

    let Served { mut client, server, .. } = serve(Duration::ZERO, "done");
    for _ in 0..3 {
        sleep(100 * SECOND).await;
        client.write_all(GET.as_bytes()).await.unwrap();
        let mut answer = vec![0; 8];
        while !answer.ends_with(b"done") {
            answer.push(client.read_u8().await.unwrap());
        }
    }
    let lasted = server.await.unwrap();
    assert!((419 * SECOND..421 * SECOND).contains(&lasted), "{lasted:?}");
    drop(client);
}

#[tokio::test(start_paused = true)]
async fn a_head_that_trickles_ends_the_connection_after_30_seconds() {
    let Served { mut client, server, .. } = serve(Duration::ZERO, "done");
    for byte in GET.bytes() {
        if client.write_all(&[byte]).await.is_err() {
            break;
        }
        sleep(7 * SECOND).await;
    }
    assert_eq!(server.await.unwrap(), 30 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_response_that_is_not_read_ends_the_connection_after_30_seconds() {
    let large: &str = Box::leak("x".repeat(10_000).into_boxed_str());
    let Served { mut client, server, .. } = serve(5 * SECOND, large);
    client.write_all(GET.as_bytes()).await.unwrap();
    assert_eq!(server.await.unwrap(), 35 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_response_that_is_read_slowly_arrives() {
    let Served { mut client, .. } = serve(
        Duration::ZERO,
        "0123456789012345678901234567890123456789012345678901234567890123456789",
    );
    client
        .write_all(GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").as_bytes())
        .await
        .unwrap();
    let mut answer = Vec::new();
    let mut piece = [0; 16];
    loop {
        sleep(29 * SECOND).await;
        match client.read(&mut piece).await.unwrap() {
            0 => break,
            bytes => answer.extend_from_slice(&piece[..bytes]),
        }
    }
    assert!(answer.ends_with(b"0123456789"));
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn a_client_that_closes_its_side_and_reads_slowly_gets_the_whole_response(
    #[values(Duration::ZERO, SECOND)] time: Duration,
) {
    let large: &str = Box::leak("x".repeat(5_000).into_boxed_str());
    let Served { mut client, .. } = serve(time, large);
    client.write_all(GET.as_bytes()).await.unwrap();
    client.shutdown().await.unwrap();
    let mut answer = Vec::new();
    while client.read_buf(&mut answer).await.unwrap() > 0 {
        sleep(20 * SECOND).await;
    }
    assert!(answer.ends_with(large.as_bytes()), "{} bytes", answer.len());
}

#[rstest]
#[case::without_a_body(GET)]
#[case::with_a_body("POST / HTTP/1.1\r\nHost: it\r\nContent-Length: 2\r\n\r\n{}")]
#[case::with_an_empty_line_after_it("GET / HTTP/1.1\r\nHost: it\r\n\r\n\r\n")]
#[case::with_another_call("GET / HTTP/1.1\r\nHost: it\r\n\r\nGET / HTTP/1.1\r\n")]
#[tokio::test(start_paused = true)]
async fn a_call_ends_within_seconds_after_its_client_is_gone(#[case] request: &str) {
    let Served { mut client, server, is_answered } = serve(600 * SECOND, "done");
    client.write_all(request.as_bytes()).await.unwrap();
    sleep(10 * SECOND).await;
    drop(client);
    let lasted = server.await.unwrap();
    assert!(lasted <= 15 * SECOND, "{lasted:?}");
    assert!(!is_answered.load(SeqCst));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_closes_its_side_and_reads_gets_its_answer() {
    let Served { mut client, server, is_answered } = serve(600 * SECOND, "done");
    client.write_all(GET.as_bytes()).await.unwrap();
    client.shutdown().await.unwrap();
    let answer = read_to_end(client).await;
    let (interim, response) = answer.rsplit_once("HTTP/1.1 100 Continue\r\n\r\n").unwrap();
    assert!(interim.len() < 500, "{answer}");
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n") && response.ends_with("done"));
    assert!(is_answered.load(SeqCst));
    assert_eq!(server.await.unwrap(), 600 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_quick_response_to_a_client_that_closes_its_side_has_no_interim_response() {
    let Served { mut client, .. } = serve(SECOND / 2, "done");
    client.write_all(GET.as_bytes()).await.unwrap();
    client.shutdown().await.unwrap();
    let answer = read_to_end(client).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("done"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn an_http_1_0_client_that_closes_its_side_is_served_for_30_seconds() {
    let get = "GET / HTTP/1.0\r\n\r\n";
    for (time, expected) in [(29 * SECOND, "done"), (31 * SECOND, "")] {
        let Served { mut client, .. } = serve(time, "done");
        client.write_all(get.as_bytes()).await.unwrap();
        client.shutdown().await.unwrap();
        let answer = read_to_end(client).await;
        assert!(answer.ends_with(expected) && answer.is_empty() == expected.is_empty());
        assert!(!answer.contains("100 Continue"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_incomplete_interim_response_is_completed_before_the_response() {
    // Room for 64 bytes: two interim responses and a part of the third.
    let Served { mut client, .. } = serve(8 * SECOND, "done");
    client.write_all(GET.as_bytes()).await.unwrap();
    client.shutdown().await.unwrap();
    sleep(10 * SECOND).await;
    let answer = read_to_end(client).await;
    let rest = answer.trim_start_matches("HTTP/1.1 100 Continue\r\n\r\n");
    assert!(rest.starts_with("HTTP/1.1 200 OK\r\n") && rest.ends_with("done"), "{answer}");
    assert_eq!(answer.matches("100 Continue").count(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_streamed_response_to_a_client_that_closes_its_side_has_no_interim_response() {
    let body = || {
        Body::from_stream(stream::unfold(0, |piece| async move {
            sleep(3 * SECOND).await;
            (piece < 10).then(|| (Ok::<_, Infallible>("0123456789"), piece + 1))
        }))
    };
    let Served { mut client, .. } = serve_body(Duration::ZERO, body);
    client.write_all(GET.as_bytes()).await.unwrap();
    client.shutdown().await.unwrap();
    let answer = read_to_end(client).await;
    assert_eq!(answer.matches("\r\nA\r\n0123456789").count(), 10, "{answer}");
    assert!(!answer.contains("100 Continue") && answer.ends_with("\r\n0\r\n\r\n"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn calls_that_are_sent_ahead_are_answered() {
    let Served { mut client, .. } = serve(SECOND, "done");
    client.write_all(GET.as_bytes()).await.unwrap();
    sleep(SECOND / 2).await;
    let (mut reader, mut writer) = tokio::io::split(client);
    let send = async {
        for _ in 0..40 {
            writer.write_all(GET.as_bytes()).await.unwrap();
        }
        writer.shutdown().await.unwrap();
    };
    let mut answer = String::new();
    let (read, ()) = tokio::join!(reader.read_to_string(&mut answer), send);
    read.unwrap();
    assert_eq!(answer.matches("HTTP/1.1 200 OK\r\n").count(), 41);
}

#[rstest]
#[case::at_once(&["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"], true)]
#[case::in_pieces(&["P", "RI * HTTP", "/2.0", "\r\n\r\nSM\r\n\r\n"], true)]
#[case::part_of_it(&["PRI * HTTP/2"], false)]
#[case::http_1(&["POST / HTTP/1.1"], false)]
#[case::later(&["x", "PRI * HTTP/2.0"], false)]
#[tokio::test(start_paused = true)]
async fn http_2_is_detected(#[case] pieces: &[&str], #[case] is_http_2: bool) {
    let (mut client, stream) = duplex(64);
    let mut watched = Watched::new(stream, ConnectionHandle::default());
    for piece in pieces {
        client.write_all(piece.as_bytes()).await.unwrap();
        timeout(SECOND, watched.read(&mut [0; 64])).await.unwrap().unwrap();
    }
    assert_eq!(watched.is_http_2(), is_http_2);
}
