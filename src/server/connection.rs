//! One connection, from its start to its end.

use std::io;

use axum::Router;
use hyper::{
    Request,
    body::Incoming,
    server::conn::http1,
    service::{Service as _, service_fn},
};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{io::AsyncWriteExt as _, net::TcpStream, sync::watch};

use super::line::{Cut, Line};

/// Headers of a request at most.
const HEADERS_MAX: usize = 1000;
/// Bytes that are taken at a time of what nobody reads any more.
const UNREAD_BYTES: usize = 4096;
/// How often they are taken at most.
const UNREAD_READS_MAX: usize = 16;

/// Serves a connection until its client ends it, it is cut, or `finishing` has no sender any more
/// and the call in flight is answered.
pub(super) async fn serve(stream: TcpStream, router: Router, mut finishing: watch::Receiver<()>) {
    // Answers are small and awaited; there is nothing to gather.
    _ = stream.set_nodelay(true);
    let line = Line::default();
    let of_requests = line.clone();
    let service = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(of_requests.clone());
        service.call(request)
    });
    let mut connection = http1::Builder::new()
        // A client may close its side once it has asked, and still wait for the answer.
        .half_close(true)
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(stream), service);
    let mut is_finishing = false;
    loop {
        tokio::select! {
            biased;
            cut = line.is_cut() => {
                let stream = connection.into_parts().io.into_inner();
                if let Err(error) = end(stream, cut).await {
                    tracing::debug!("a connection could not be cut: {error}");
                }
                return;
            }
            _ = finishing.changed(), if !is_finishing => {
                is_finishing = true;
                std::pin::Pin::new(&mut connection).graceful_shutdown();
            }
            outcome = &mut connection => {
                // A connection that breaks is its client's affair.
                if let Err(error) = outcome {
                    tracing::debug!("a connection broke: {error}");
                }
                return;
            }
        }
    }
}

async fn end(mut stream: TcpStream, cut: Cut) -> io::Result<()> {
    match cut {
        Cut::Reset => stream.set_zero_linger(),
        Cut::Close => {
            stream.shutdown().await?;
            // What is left unread would make a reset of it.
            let mut unread = [0; UNREAD_BYTES];
            let some = |read: &io::Result<usize>| read.as_ref().is_ok_and(|it| *it > 0);
            _ = (0..UNREAD_READS_MAX)
                .map(|_| stream.try_read(&mut unread))
                .take_while(some)
                .count();
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::pending, io::ErrorKind};

    use axum::{Extension, routing::post};
    use tokio::{io::AsyncReadExt as _, net::TcpListener};

    use super::*;

    async fn cut(cut: impl FnOnce()) {
        cut();
        pending::<()>().await;
    }

    /// What a client reads until its connection ends, if it calls `target` with half a body.
    async fn read(target: &str) -> io::Result<String> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let mut client = TcpStream::connect(listener.local_addr()?).await?;
        let (stream, _) = listener.accept().await?;
        let router = Router::new()
            .route("/close", post(|Extension(line): Extension<Line>| cut(move || line.close())))
            .route("/reset", post(|Extension(line): Extension<Line>| cut(move || line.reset())));
        let (_finish, finishing) = watch::channel(());
        let server = tokio::spawn(serve(stream, router, finishing));
        // More than is read at once, of which something stays unread.
        let body = vec![b'x'; 20_000];
        let length = 2 * body.len();
        let head =
            format!("POST {target} HTTP/1.1\r\nHost: it\r\nContent-Length: {length}\r\n\r\n");
        client.write_all(&[head.into_bytes(), body].concat()).await?;
        let mut text = String::new();
        let read = client.read_to_string(&mut text).await;
        server.await?;
        read.map(|_| text)
    }

    #[tokio::test]
    async fn a_connection_that_is_closed_ends_without_an_answer() {
        assert_eq!(read("/close").await.unwrap(), "");
    }

    #[tokio::test]
    async fn a_connection_that_is_reset_is_an_error() {
        assert_eq!(read("/reset").await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    }
}
