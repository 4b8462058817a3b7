//! A connection, from its start to its end.

use std::{
    future::poll_fn,
    io,
    pin::pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::FutureExt as _;
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{io::AsyncWriteExt as _, net::TcpStream, sync::watch};
use tokio_rustls::rustls;

use super::{
    exchange::{self, Service},
    stream::Stream,
    watched::Watched,
};
use crate::{
    gateway::connection_handle::{Abort, ConnectionHandle},
    tls::Tls,
};

/// Chunk size for discarding unread request bytes.
const UNREAD_BYTES: usize = 4096;
/// Maximum number of chunks to discard.
const UNREAD_READS_MAX: usize = 16;

/// Serves a connection until its client closes it, it is aborted, or the sender of `finishing` is
/// dropped and the call in flight is answered.
pub(super) async fn serve(
    stream: TcpStream,
    tls: Arc<Tls>,
    service: impl Service,
    mut finishing: watch::Receiver<()>,
) {
    // Responses are small and awaited, so there is nothing to coalesce.
    _ = stream.set_nodelay(true);
    let stream = tokio::select! {
        biased;
        stream = Stream::open(stream, &tls) => match stream {
            Ok(stream) => stream,
            Err(error) => return not_opened(&error),
        },
        // No request has arrived yet.
        _ = finishing.changed() => return,
    };
    let handle = ConnectionHandle::default();
    let answer = |request| exchange::answer(&service, &handle, request);
    // Assumed (gateway.malformed-http, gateway.target-length): the HTTP library refuses these
    // requests without an envelope, as a proxy in front of the real gateway would.
    let mut connection = http1::Builder::new()
        // A copy of a small body costs less than a write of two pieces.
        .writev(false)
        // Assumed (gateway.header-count, gateway.header-bytes): the real gateway's proxy has limits
        // of its own.
        .serve_connection(TokioIo::new(Watched::new(stream, handle.clone())), service_fn(answer));
    let mut is_finishing = false;
    let mut aborted = pin!(when(|| handle.is_aborted(), handle.aborted()));
    let finisher = finishing.clone();
    let mut finish = pin!(when(|| finisher.has_changed().is_err(), finishing.changed()));
    loop {
        tokio::select! {
            biased;
            abort = &mut aborted => {
                // The pending call is dropped together with the connection.
                let stream = connection.into_parts().io.into_inner().into_inner();
                tokio::select! {
                    ended = end(stream, abort) => if let Err(error) = ended {
                        tracing::debug!("failed to abort a connection: {error}");
                    },
                    _ = &mut finish, if !is_finishing => {}
                }
                return;
            }
            _ = &mut finish, if !is_finishing => {
                is_finishing = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
            outcome = &mut connection => {
                let stream = connection.into_parts().io.into_inner();
                if stream.is_http_2() {
                    reject_http_2(stream.into_inner()).await;
                } else if let Err(error) = outcome {
                    tracing::debug!("connection ended early: {error}");
                }
                return;
            }
        }
    }
}

/// Completes with a future, which is polled once and then only when it may be ready.
///
/// The first poll registers the waker of the task, which stays the same. Each call polls the connection
/// several times, and registering the waker again would take a lock each time.
async fn when<F: Future>(may_be_ready: impl Fn() -> bool, future: F) -> F::Output {
    let (mut future, mut is_registered) = (pin!(future), false);
    let poll = |context: &mut Context<'_>| {
        if std::mem::replace(&mut is_registered, true) && !may_be_ready() {
            return Poll::Pending;
        }
        future.as_mut().poll(context)
    };
    poll_fn(poll).await
}

/// Logs why a connection could not be opened. A client that rejects the certificate sends a short
/// alert at most, so the warning lists the usual causes.
fn not_opened(error: &io::Error) {
    let reason = error.get_ref().and_then(|reason| reason.downcast_ref());
    if let Some(rustls::Error::AlertReceived(alert)) = reason {
        tracing::warn!(
            "TLS handshake rejected by the client ({alert:?}): it must trust the CA of GET \
             /_ecmock/ca.pem, and its name for this server may need --tls-name"
        );
    } else {
        tracing::debug!("connection failed: {error}");
    }
}

/// Tells a client that uses HTTP/2 without negotiation to use HTTP/1.1.
async fn reject_http_2(mut stream: Stream) {
    const SETTINGS: [u8; 9] = [0, 0, 0, 0x4, 0, 0, 0, 0, 0];
    /// A `GOAWAY` frame with the error code `HTTP_1_1_REQUIRED`.
    const GOAWAY: [u8; 17] = [0, 0, 8, 0x7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xd];
    tracing::warn!("rejected a connection that uses HTTP/2 without negotiation; use HTTP/1.1");
    _ = stream.write_all(&[&SETTINGS[..], &GOAWAY].concat()).now_or_never();
    _ = end(stream, Abort::Close).await;
}

async fn end(mut stream: Stream, abort: Abort) -> io::Result<()> {
    match abort {
        Abort::Reset => stream.tcp().set_zero_linger(),
        Abort::Hang => tokio::io::copy(&mut stream, &mut tokio::io::sink()).await.map(drop),
        Abort::Close => {
            // Do not wait for a client that does not read.
            stream.shutdown().now_or_never().transpose()?;
            // Unread bytes would turn the close into a reset.
            let mut unread = [0; UNREAD_BYTES];
            let mut take = || stream.tcp().try_read(&mut unread).is_ok_and(|bytes| bytes > 0);
            _ = (0..UNREAD_READS_MAX).all(|_| take());
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::pending, io::ErrorKind};

    use axum::http::{Request, Response};
    use rstest::rstest;
    use rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, pem::PemObject as _},
    };
    use tokio::{
        io::{AsyncRead, AsyncReadExt as _, AsyncWrite},
        net::TcpListener,
    };
    use tokio_rustls::TlsConnector;

    use super::*;
    use crate::{gateway::CallBody, server::exchange::RequestBody};

    /// Aborts the connection of every request.
    struct Aborts;

    impl Service for Aborts {
        async fn serve(
            &self,
            request: Request<RequestBody>,
            handle: &ConnectionHandle,
        ) -> Response<CallBody> {
            match request.uri().path() {
                "/close" => handle.close(),
                _ => handle.reset(),
            }
            pending().await
        }
    }

    /// Calls `target` with half a body, and returns what the client reads until the connection ends.
    async fn read(target: &str, is_tls: bool) -> io::Result<String> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let stream = TcpStream::connect(listener.local_addr()?).await?;
        let (_finish, finishing) = watch::channel(());
        let tls = Arc::new(Tls::new(&[]));
        let server = serve(listener.accept().await?.0, Arc::clone(&tls), Aborts, finishing);
        let server = tokio::spawn(server);
        let read = if is_tls {
            let connector = connector(tls.ca_pem().unwrap());
            let name = "localhost".try_into().unwrap();
            read_by(connector.connect(name, stream).await?, target).await
        } else {
            read_by(stream, target).await
        };
        server.await?;
        read
    }

    async fn read_by(
        mut client: impl AsyncRead + AsyncWrite + Unpin,
        target: &str,
    ) -> io::Result<String> {
        // More than the server reads at once, so that some bytes stay unread.
        let body = vec![b'x'; 20_000];
        let length = 2 * body.len();
        let head =
            format!("POST {target} HTTP/1.1\r\nHost: it\r\nContent-Length: {length}\r\n\r\n");
        client.write_all(&[head.into_bytes(), body].concat()).await?;
        let mut text = String::new();
        client.read_to_string(&mut text).await.map(|_| text)
    }

    fn connector(ca: &str) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ca.as_bytes()).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        TlsConnector::from(Arc::new(config))
    }

    #[rstest]
    #[tokio::test]
    async fn a_closed_connection_ends_without_a_response(#[values(false, true)] is_tls: bool) {
        assert_eq!(read("/close", is_tls).await.unwrap(), "");
    }

    #[rstest]
    #[tokio::test]
    async fn a_reset_connection_is_an_error(#[values(false, true)] is_tls: bool) {
        let error = read("/reset", is_tls).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}");
    }
}
