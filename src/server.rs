//! Sockets, connections, and graceful shutdown.

mod connection;
mod exchange;
mod half_closed;
mod limit;
mod stream;
mod turn;
mod watched;

use std::{fmt, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use socket2::SockRef;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
    task::JoinSet,
};

use crate::{
    Account, Builder, Emulator, StartError,
    config::Config,
    control::{clock::Stopwatch, fixture::Loaded},
    emulator::Services,
    tls::Tls,
};

/// Time limit for calls in flight at shutdown.
const SHUTDOWN_TIME_MAX: Duration = Duration::from_millis(800);
/// Time limit for reading a call that arrived before the shutdown.
const FIRST_READ_TIME: Duration = Duration::from_millis(10);
/// Pause after failing to accept a connection, for example at the limit of open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Minimum time between two warnings about failures to accept.
const WARNING_PAUSE: Duration = Duration::from_secs(1);
/// Maximum number of connections that wait to be accepted.
const BACKLOG_CONNECTIONS: u32 = 4096;

/// An emulator that listens on sockets.
///
/// Several servers can run in one process. Dropping a server closes its listeners and all of its
/// connections; [`Server::shutdown`] answers calls in flight first.
///
/// Connections have time limits, so a test that pauses tokio's time must not wait for a server in the
/// same runtime: the time would jump to the next limit.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let server = ecmock::Server::start().await;
/// assert!(server.endpoint().starts_with("http://127.0.0.1:"));
/// server.shutdown().await;
/// # }
/// ```
pub struct Server {
    emulator: Emulator,
    addresses: Vec<SocketAddr>,
    /// Dropping it ends all listeners.
    end: watch::Sender<()>,
    /// The listeners, which own their connections. Dropping this ends all of them immediately.
    listeners: JoinSet<()>,
}

impl Server {
    /// Starts a server on a free port of 127.0.0.1 with the default settings. When this returns,
    /// calls are answered.
    ///
    /// # Panics
    /// Panics if the server cannot start; see [`Server::try_start`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let server = ecmock::Server::start().await;
    /// # }
    /// ```
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// Starts a server with the default settings.
    ///
    /// # Errors
    /// Fails if the server cannot listen.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), ecmock::StartError> {
    /// let server = ecmock::Server::try_start().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn try_start() -> Result<Self, StartError> {
        Self::builder().try_start().await
    }

    /// Returns a builder for a server.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let server = ecmock::Server::builder().seed(1).start().await;
    /// assert_eq!(server.seed(), 1);
    /// # }
    /// ```
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Starts a server whose accounts start with a loaded state.
    ///
    /// # Panics
    /// Panics outside of a tokio runtime.
    pub(crate) fn with_state(config: &Config, loaded: Loaded) -> Result<Self, StartError> {
        let emulator = Emulator::with_state(config, loaded)?;
        Self::listening(emulator, &config.listen)
    }

    /// Starts to listen for an emulator.
    ///
    /// # Panics
    /// Panics outside of a tokio runtime.
    pub(crate) fn listening(emulator: Emulator, on: &[SocketAddr]) -> Result<Self, StartError> {
        let (end, ended) = watch::channel(());
        let mut addresses = Vec::new();
        let mut listeners = JoinSet::new();
        for &address in on {
            let listen_error = |source: io::Error| {
                let is_in_use = source.kind() == io::ErrorKind::AddrInUse;
                let own = if is_in_use { overlap(address, &addresses) } else { None };
                StartError::Listen { address, own, source }
            };
            let listener = bind(address, on).map_err(listen_error)?;
            addresses.push(listener.local_addr().map_err(listen_error)?);
            let (tls, services) = (Arc::clone(emulator.tls()), emulator.services().clone());
            listeners.spawn(listen(listener, tls, services, ended.clone()));
        }
        Ok(Self { emulator, addresses, end, listeners })
    }

    /// Returns the emulator behind the sockets.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let server = ecmock::Server::start().await;
    /// let in_process = server.emulator().service();
    /// # }
    /// ```
    pub const fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    /// Returns the addresses that the server listens on, with their actual ports.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let server = ecmock::Server::start().await;
    /// assert_ne!(server.addresses()[0].port(), 0);
    /// # }
    /// ```
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Returns the first address as an endpoint for an SDK, such as `http://127.0.0.1:7190`. The same
    /// port also serves HTTPS; see [`Server::ca_pem`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let server = ecmock::Server::start().await;
    /// assert!(server.endpoint().starts_with("http://127.0.0.1:"));
    /// # }
    /// ```
    pub fn endpoint(&self) -> String {
        self.addresses.first().map(|address| format!("http://{address}")).unwrap_or_default()
    }

    /// Returns the seed that all IDs derive from; see [`Emulator::seed`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let server = ecmock::Server::builder().seed(7).start().await;
    /// assert_eq!(server.seed(), 7);
    /// # }
    /// ```
    pub fn seed(&self) -> u64 {
        self.emulator.seed()
    }

    /// Returns a new account, which no call has used; see [`Emulator::account`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let server = ecmock::Server::start().await;
    /// assert_ne!(server.account().secret_id(), server.account().secret_id());
    /// # }
    /// ```
    pub fn account(&self) -> Account {
        self.emulator.account()
    }

    /// Returns the account `name`; see [`Emulator::account_named`].
    ///
    /// # Panics
    /// Panics if the name is empty or has more than 128 bytes.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let server = ecmock::Server::start().await;
    /// assert_eq!(server.account_named("web").secret_id(), "ecmock-web");
    /// # }
    /// ```
    #[track_caller]
    pub fn account_named(&self, name: &str) -> Account {
        self.emulator.account_named(name)
    }

    /// Returns the CA certificate in PEM format. Clients must trust it to call over HTTPS.
    ///
    /// # Panics
    /// Panics if the system cannot generate a key.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let server = ecmock::Server::start().await;
    /// assert!(server.ca_pem().starts_with("-----BEGIN CERTIFICATE-----"));
    /// # }
    /// ```
    pub fn ca_pem(&self) -> &str {
        self.emulator.ca_pem()
    }

    /// Closes the listeners, answers calls in flight, and returns within a second. A call that has no
    /// response by then gets none.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let server = ecmock::Server::start().await;
    /// server.shutdown().await;
    /// # }
    /// ```
    pub async fn shutdown(mut self) {
        drop(self.end);
        let all = async { while self.listeners.join_next().await.is_some() {} };
        if tokio::time::timeout(SHUTDOWN_TIME_MAX, all).await.is_err() {
            tracing::warn!("shutdown timed out with connections still open");
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}

/// Returns the first of a server's addresses that overlaps with `address`.
fn overlap(address: SocketAddr, own: &[SocketAddr]) -> Option<SocketAddr> {
    let overlaps = |own: &&SocketAddr| {
        let [ip, own_ip] = [address.ip(), own.ip()];
        own.port() == address.port()
            && (ip == own_ip || ip.is_unspecified() || own_ip.is_unspecified())
    };
    own.iter().find(overlaps).copied()
}

/// Listens with a large backlog: many SDKs open a connection for each call.
fn bind(address: SocketAddr, all: &[SocketAddr]) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Allows a restart on the same port. On other systems, it would share a port in use.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    // Otherwise, [::] would also take the IPv4 addresses.
    if address.is_ipv6() && all.iter().any(|it| it.is_ipv4() && it.port() == address.port()) {
        SockRef::from(&socket).set_only_v6(true)?;
    }
    socket.bind(address)?;
    socket.listen(BACKLOG_CONNECTIONS)
}

/// Accepts connections until the shutdown, then waits for calls in flight.
async fn listen(
    listener: TcpListener,
    tls: Arc<Tls>,
    services: Services,
    mut ended: watch::Receiver<()>,
) {
    let mut connections = JoinSet::new();
    let (finish, finishing) = watch::channel(());
    let serve =
        |stream| connection::serve(stream, Arc::clone(&tls), services.clone(), finishing.clone());
    let mut warned = None;
    let mut end = pin!(async move { while ended.changed().await.is_ok() {} });
    loop {
        tokio::select! {
            () = &mut end => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream));
                }
                Err(error) => {
                    if warned.is_none_or(|it: Stopwatch| it.elapsed() >= WARNING_PAUSE) {
                        tracing::warn!("failed to accept a connection: {error}");
                        warned = Some(Stopwatch::start());
                    }
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            // Forget connections that have ended.
            Some(_) = connections.join_next() => {}
        }
    }
    for stream in waiting(listener) {
        connections.spawn(serve(stream));
    }
    // A connection without any read bytes would be closed immediately.
    tokio::time::sleep(FIRST_READ_TIME).await;
    drop(finish);
    while connections.join_next().await.is_some() {}
}

/// Returns the connections that wait to be accepted, and closes the listener.
fn waiting(listener: TcpListener) -> impl Iterator<Item = TcpStream> {
    let listener = listener.into_std().ok();
    let accepted = move || listener.as_ref()?.accept().ok();
    std::iter::from_fn(accepted).filter_map(|(stream, _)| {
        stream.set_nonblocking(true).ok()?;
        TcpStream::from_std(stream).ok()
    })
}
