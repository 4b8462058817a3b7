//! Sockets: listening, connections, and an end in which calls in flight are answered.

mod connection;
mod exchange;
mod half_closed;
mod limit;
mod stream;
mod watched;

use std::{fmt, io, net::SocketAddr, path::Path, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use socket2::SockRef;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
    task::JoinSet,
};
use uuid::Uuid;

use crate::{
    Builder,
    admin::Admin,
    config::{Config, Fixtures},
    control::{
        Account, AccountTemplate, Accounts, Clock,
        clock::Stopwatch,
        faults::{BadRule, RULES_MAX, Rule},
        fixture::{self, Finding, Findings, Loaded, Source},
        journal::JournalSet,
        metrics::Metrics,
    },
    ecm::{CATALOG, store::Settings},
    gateway::Gateway,
    protocol::signature::keyring::Keyring,
    tls::{BadFolder, Tls},
};

/// Time that calls in flight have when the server shuts down.
const SHUTDOWN_TIME_MAX: Duration = Duration::from_millis(800);
/// Time in which a call that has arrived before the end is read.
const FIRST_READ_TIME: Duration = Duration::from_millis(10);
/// Pause after failing to accept a connection, such as when the limit of open files is reached.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Time between two warnings about that.
const WARNING_PAUSE: Duration = Duration::from_secs(1);
/// Connections that may wait to be taken.
const BACKLOG_CONNECTIONS: u32 = 4096;

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Fixtures cannot be read, or are wrong.
    #[error("{}", problems(.0))]
    Fixture(Findings),
    /// A fault rule is none.
    #[error("fault rule {number}: {reason}")]
    Fault {
        /// Its number, from 1.
        number: usize,
        /// What is wrong with it.
        reason: BadRule,
    },
    /// An address cannot be had.
    #[error("cannot listen on {address}: {reason}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        reason: String,
    },
    /// The CA of calls over TLS cannot be had.
    #[error("--tls-dir: {0}")]
    Tls(BadFolder),
}

fn problems(findings: &Findings) -> String {
    match findings.kept() {
        [finding] if findings.total() == 1 => format!("fixture {finding}"),
        _ => {
            let lines: Vec<String> = findings.lines().map(|it| format!("\n  {it}")).collect();
            format!("the fixtures have {} problems:{}", findings.total(), lines.concat())
        }
    }
}

/// Why an address cannot be had, if the server listens on `own` addresses already.
fn listen_reason(reason: &io::Error, address: SocketAddr, own: &[SocketAddr]) -> String {
    if reason.kind() != io::ErrorKind::AddrInUse {
        return reason.to_string();
    }
    let overlaps = |own: &&SocketAddr| {
        let [ip, own_ip] = [address.ip(), own.ip()];
        own.port() == address.port()
            && (ip == own_ip || ip.is_unspecified() || own_ip.is_unspecified())
    };
    match own.iter().find(overlaps) {
        Some(own) => format!("it overlaps with {own}, on which this server listens already"),
        None => {
            "the address is in use; stop what listens there, or choose another with --listen".into()
        }
    }
}

/// Reads the fixtures that a configuration names.
pub fn load(config: &Config) -> Result<Loaded, StartError> {
    let (mut sources, mut problems) = (Vec::new(), Vec::new());
    match &config.fixtures {
        Fixtures::Demo => sources.push(Source { file: "demo".into(), text: fixture::DEMO.into() }),
        Fixtures::Texts(texts) => sources.clone_from(texts),
        Fixtures::Files(files) => {
            for file in files {
                match read(file) {
                    Ok(source) => sources.push(source),
                    Err(problem) => problems.push(problem),
                }
            }
        }
    }
    let settings = Settings { quotas: config.quotas, settle: config.settle };
    let loaded = fixture::load(&sources, settings, clock(config).now());
    match loaded {
        Ok(loaded) if problems.is_empty() => Ok(loaded),
        loaded => Err(StartError::Fixture(loaded.err().unwrap_or_default().after(problems))),
    }
}

fn read(file: &Path) -> Result<Source, Finding> {
    let name = file.display().to_string();
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Source { file: name, text }),
        Err(reason) => {
            let what = format!("cannot be read: {reason}");
            Err(Finding { file: name, path: String::new(), what })
        }
    }
}

fn check_faults(rules: &[Rule]) -> Result<(), StartError> {
    for (number, rule) in (1..).zip(rules) {
        let is_one_too_many = number > RULES_MAX;
        let checked = if is_one_too_many { Err(BadRule::TooMany) } else { rule.check() };
        checked.map_err(|reason| StartError::Fault { number, reason })?;
    }
    Ok(())
}

fn clock(config: &Config) -> Clock {
    config.clock.map_or(Clock::Real, Clock::Frozen)
}

/// A running server. When it is dropped it takes no more connections, and those that are open are
/// cut, whatever they are at; [`Server::shutdown`] lets them answer first.
pub struct Server {
    addresses: Vec<SocketAddr>,
    seed: u64,
    accounts: Arc<Accounts>,
    /// Every listener ends when it is dropped.
    end: watch::Sender<()>,
    /// They own their connections, and end at once when this is dropped.
    listeners: JoinSet<()>,
}

impl Server {
    /// Settings of a server to be started.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Loads the fixtures and listens. When this returns, calls are answered.
    #[expect(clippy::unused_async, reason = "it needs a runtime, as what is async does")]
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let loaded = load(&config)?;
        Self::start_with(config, loaded)
    }

    /// Listens, with a state that has been loaded.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start_with(config: Config, loaded: Loaded) -> Result<Self, StartError> {
        for warning in loaded.warnings.lines() {
            tracing::warn!("{warning}");
        }
        check_faults(&config.faults)?;
        // Short enough to be typed again.
        let seed = config.seed.unwrap_or_else(|| u64::from(Uuid::new_v4().as_fields().0));
        let accounts = Arc::new(Accounts::new(AccountTemplate {
            clock: clock(&config),
            faults: config.faults.iter().cloned().map(Arc::new).collect(),
            journals: Arc::new(JournalSet::new(config.journal)),
            ..AccountTemplate::new(loaded.store, seed)
        }));
        let metrics = Arc::<Metrics>::default();
        let tls = Arc::new(match &config.tls_dir {
            Some(folder) => Tls::open(folder, &config.tls_names).map_err(StartError::Tls)?,
            None => Tls::new(&config.tls_names),
        });
        if let Some(warning) = tls.warning() {
            tracing::warn!("--tls-dir: {warning}");
        }
        let gateway = Gateway {
            catalog: &CATALOG,
            accounts: Arc::clone(&accounts),
            keyring: Keyring::new(config.credentials.clone()),
            auth: config.auth,
            rate_limit: config.rate_limit,
            metrics: Arc::clone(&metrics),
        };
        let admin = Admin {
            accounts: Arc::clone(&accounts),
            metrics,
            hosts: [config.admin_hosts, config.tls_names].concat(),
            tls: Arc::clone(&tls),
            started: Stopwatch::start(),
        };
        let router = gateway.into_router().merge(admin.into_router());
        let (end, ended) = watch::channel(());
        let mut addresses = Vec::new();
        let mut listeners = JoinSet::new();
        for &address in &config.listen {
            let listen_error = |reason| StartError::Listen {
                address,
                reason: listen_reason(&reason, address, &addresses),
            };
            let listener = bind(address, &config.listen).map_err(listen_error)?;
            addresses.push(listener.local_addr().map_err(listen_error)?);
            listeners.spawn(listen(listener, Arc::clone(&tls), router.clone(), ended.clone()));
        }
        Ok(Self { addresses, seed, accounts, end, listeners })
    }

    /// The addresses listened on, with their real ports.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The first address as an endpoint for an SDK, such as `http://127.0.0.1:7190`.
    pub fn endpoint(&self) -> String {
        self.addresses.first().map(|address| format!("http://{address}")).unwrap_or_default()
    }

    /// The seed that all ids derive from.
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The cloud of an account, made if it is not there: what the network does to it, and what no
    /// API of the cloud's shows.
    pub fn account(&self, name: &str) -> Arc<Account> {
        self.accounts.get(name)
    }

    /// Takes no more connections, answers calls in flight, and returns within a second. Who has not
    /// had an answer by then gets none.
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

/// Listens with room for bursts: many SDKs open a connection for each call.
fn bind(address: SocketAddr, all: &[SocketAddr]) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // So that a server can be started again at once. Elsewhere it would share a port in use.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    // Otherwise [::] would take the IPv4 addresses as well.
    if address.is_ipv6() && all.iter().any(|it| it.is_ipv4() && it.port() == address.port()) {
        SockRef::from(&socket).set_only_v6(true)?;
    }
    socket.bind(address)?;
    socket.listen(BACKLOG_CONNECTIONS)
}

/// Takes connections until the end, and waits for those that are answering.
async fn listen(
    listener: TcpListener,
    tls: Arc<Tls>,
    router: Router,
    mut ended: watch::Receiver<()>,
) {
    let mut connections = JoinSet::new();
    let (finish, finishing) = watch::channel(());
    let serve =
        |stream| connection::serve(stream, Arc::clone(&tls), router.clone(), finishing.clone());
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
            // None is kept that has ended.
            Some(_) = connections.join_next() => {}
        }
    }
    for stream in waiting(listener) {
        connections.spawn(serve(stream));
    }
    // A connection of which nothing has been read would be closed at once.
    tokio::time::sleep(FIRST_READ_TIME).await;
    drop(finish);
    while connections.join_next().await.is_some() {}
}

/// The connections that clients have made and nobody has taken yet. Ends the listening.
fn waiting(listener: TcpListener) -> impl Iterator<Item = TcpStream> {
    let listener = listener.into_std().ok();
    let accepted = move || listener.as_ref()?.accept().ok();
    std::iter::from_fn(accepted).filter_map(|(stream, _)| {
        stream.set_nonblocking(true).ok()?;
        TcpStream::from_std(stream).ok()
    })
}
