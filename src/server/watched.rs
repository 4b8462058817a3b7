//! A connection's stream, which ends when its client takes too long or is gone.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{half_closed::HalfClosed, limit::Limit};
use crate::gateway::line::{Line, Progress};
use crate::time_limits::{HEAD_TIME_MAX, IDLE_TIME_MAX, UNREAD_TIME_MAX};

/// Start of what a client sends that speaks HTTP/2 without asking first.
const HTTP_2_PREFACE: &[u8] = b"PRI * HTTP/2.0";
/// A stream that enforces the limits of [`crate::time_limits`], and keeps the end of the client's side to
/// itself while a request is answered.
#[derive(Debug)]
pub(super) struct Watched<S> {
    stream: S,
    line: Line,
    read: Limit,
    write: Limit,
    /// Whether some of a request's head has been read.
    is_in_head: bool,
    /// Whether the last response is written to its end.
    is_flushed: bool,
    /// Whether the client speaks HTTP/2 without asking first; unknown before the first byte.
    is_http_2: Option<bool>,
    half_closed: Option<HalfClosed>,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, line: Line) -> Self {
        Self {
            stream,
            line,
            read: Limit::default(),
            write: Limit::default(),
            is_in_head: false,
            is_flushed: true,
            is_http_2: None,
            half_closed: None,
        }
    }

    pub(super) fn into_inner(self) -> S {
        self.stream
    }

    /// Whether the client speaks HTTP/2 without asking first.
    pub(super) fn is_http_2(&self) -> bool {
        self.is_http_2 == Some(true)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Watched<S> {
    /// Reads the head of a request, or waits for it.
    fn poll_read_head(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_pending() {
            if !self.is_flushed {
                return Poll::Pending; // The limit for unread responses applies.
            }
            let (time, what) = if self.is_in_head {
                (HEAD_TIME_MAX, "the head of a request took too long")
            } else {
                (IDLE_TIME_MAX, "no request")
            };
            return Poll::Ready(Err(ready!(self.read.poll_error(context, time, what))));
        }
        let bytes = buffer.filled();
        if bytes.is_empty() && !self.is_flushed {
            self.half_closed = Some(HalfClosed::default());
            return Poll::Pending;
        }
        self.is_http_2.get_or_insert_with(|| bytes.starts_with(HTTP_2_PREFACE));
        if !self.is_in_head {
            self.is_in_head = true;
            self.read.clear();
        }
        read
    }

    /// Reads while a request is answered: its body, what the client sends ahead, or that it is gone.
    fn poll_read_in_call(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
        takes_interim: bool,
    ) -> Poll<io::Result<()>> {
        if self.half_closed.is_none() {
            let before = buffer.filled().len();
            let read = ready!(Pin::new(&mut self.stream).poll_read(context, buffer));
            if read.is_err() || buffer.filled().len() > before {
                return Poll::Ready(read);
            }
        }
        self.line.half_close();
        let half_closed = self.half_closed.get_or_insert_default();
        let gone = half_closed.poll_gone(&mut self.stream, context, takes_interim);
        Poll::Ready(Err(ready!(gone)))
    }

    /// Notes that all of a response is written, and waits for the next request.
    fn flushed(&mut self, context: &mut Context<'_>) {
        self.is_flushed = true;
        if self.half_closed.is_some() {
            // The end of the client's side is to be read now.
            context.waker().wake_by_ref();
        } else {
            _ = self.read.poll_passed(context, IDLE_TIME_MAX);
        }
    }

    /// Limits the time until the client reads what is written.
    fn poll_written<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.write.clear();
            return written;
        }
        let what = "the client does not read the response";
        Poll::Ready(Err(ready!(self.write.poll_error(context, UNREAD_TIME_MAX, what))))
    }

    /// Completes an interim response of which a part is written.
    fn poll_begun(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.half_closed {
            Some(half_closed) if half_closed.is_begun() => {
                half_closed.poll_write(&mut self.stream, context)
            }
            _ => Poll::Ready(Ok(())),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match this.line.progress() {
            // The end of the client's side ends the connection, once the response is written.
            Progress::Head if this.half_closed.is_some() => {
                if this.is_flushed {
                    Poll::Ready(Ok(()))
                } else {
                    Poll::Pending
                }
            }
            Progress::Head => this.poll_read_head(context, buffer),
            Progress::Call { takes_interim } => {
                (this.is_in_head, this.is_flushed) = (false, false);
                this.read.clear();
                this.poll_read_in_call(context, buffer, takes_interim)
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = match this.poll_begun(context) {
            Poll::Ready(Ok(())) => {
                this.is_flushed = false;
                Pin::new(&mut this.stream).poll_write(context, bytes)
            }
            begun => begun.map_ok(|()| 0),
        };
        this.poll_written(context, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = match this.poll_begun(context) {
            Poll::Ready(Ok(())) => {
                this.is_flushed = false;
                Pin::new(&mut this.stream).poll_write_vectored(context, pieces)
            }
            begun => begun.map_ok(|()| 0),
        };
        this.poll_written(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.stream).poll_flush(context);
        if flushed.is_ready() && !this.is_flushed && this.line.progress() == Progress::Head {
            this.flushed(context);
        }
        this.poll_written(context, flushed)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let shut_down = Pin::new(&mut this.stream).poll_shutdown(context);
        this.poll_written(context, shut_down)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        convert::Infallible,
        sync::{
            Arc,
            atomic::{AtomicBool, Ordering::SeqCst},
        },
        time::Duration,
    };

    use axum::{body::Body, http::Response};
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
    use crate::control::clock::instant;

    const SECOND: Duration = Duration::from_secs(1);
    const GET: &str = "GET / HTTP/1.1\r\nHost: it\r\n\r\n";

    /// A connection whose requests take a time each and are answered with a text.
    struct Served {
        client: DuplexStream,
        /// Returns how long the connection lasted.
        server: JoinHandle<Duration>,
        /// Whether an answer was awaited to its end.
        is_answered: Arc<AtomicBool>,
    }

    fn serve(time: Duration, text: &'static str) -> Served {
        let (client, stream) = duplex(64);
        let line = Line::default();
        let io = TokioIo::new(Watched::new(stream, line.clone()));
        let is_answered = Arc::new(AtomicBool::new(false));
        let answered = Arc::clone(&is_answered);
        let service = service_fn(move |request: Request<Incoming>| {
            line.begin(request.version());
            let (line, answered) = (line.clone(), Arc::clone(&answered));
            async move {
                _ = request.into_body().collect().await;
                sleep(time).await;
                answered.store(true, SeqCst);
                line.end();
                Ok::<_, Infallible>(Response::new(Body::from(text)))
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
    async fn a_client_that_closes_its_side_and_reads_slowly_gets_all(
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
    #[tokio::test(start_paused = true)]
    async fn a_call_ends_within_seconds_if_its_client_is_gone(#[case] request: &str) {
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
    async fn a_client_that_closes_its_side_gets_a_quick_answer_alone() {
        let Served { mut client, .. } = serve(SECOND / 2, "done");
        client.write_all(GET.as_bytes()).await.unwrap();
        client.shutdown().await.unwrap();
        let answer = read_to_end(client).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("done"), "{answer}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_of_http_1_0_that_closes_its_side_has_30_seconds() {
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
    async fn an_interim_response_that_is_begun_is_completed_before_the_response() {
        // 64 bytes of room: two interim responses and a part of the third.
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
    async fn http_2_is_noticed() {
        for (sent, is_http_2) in [("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", true), ("P", false)] {
            let (mut client, stream) = duplex(64);
            client.write_all(sent.as_bytes()).await.unwrap();
            let mut watched = Watched::new(stream, Line::default());
            timeout(SECOND, watched.read(&mut [0; 64])).await.unwrap().unwrap();
            assert_eq!(watched.is_http_2(), is_http_2, "{sent}");
        }
    }
}
