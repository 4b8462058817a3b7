//! The emulator without sockets.

use std::{
    convert::Infallible,
    fmt, io,
    path::PathBuf,
    pin::Pin,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
};

use axum::{
    Router,
    body::{Bytes, HttpBody},
    http::{Request, Response},
};
use hyper::body::{Frame, SizeHint};
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::{
    Account, Builder, StartError,
    admin::Admin,
    body::RequestBody,
    config::Config,
    console,
    control::{
        AccountTemplate, Accounts, clock::Stopwatch, fixture::Loaded, journal::JournalSet,
        metrics::Metrics, persistence::StateDirectory,
    },
    ecm::CATALOG,
    gateway::{CallBody, ConnectionHandle, Gateway},
    protocol::signature::keyring::Keyring,
    tls::Tls,
};

/// Error type of request bodies.
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// An emulator of the API that answers HTTP requests in process.
///
/// Requests go through [`Emulator::service`]. To listen on sockets, use a
/// [`Server`](crate::Server). Clones share the same state.
///
/// # Examples
///
/// ```
/// use ecmock::Emulator;
/// use http::Request;
/// use http_body_util::BodyExt as _;
/// use tower::ServiceExt as _;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let emulator = Emulator::new();
/// let request = Request::post("/")
///     .header("X-TC-Action", "DescribeVpcs")
///     .header("X-TC-Version", "2019-07-19")
///     .header("Content-Type", "application/json")
///     .body("{}".to_owned())?;
/// let response = emulator.service().oneshot(request).await?;
/// let body = response.into_body().collect().await?.to_bytes();
/// let json: serde_json::Value = serde_json::from_slice(&body)?;
/// assert_eq!(json["Response"]["TotalCount"], 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Emulator(Arc<Inner>);

struct Inner {
    accounts: Arc<Accounts>,
    keyring: Arc<Keyring>,
    seed: u64,
    tls: Arc<Tls>,
    services: Services,
    /// Number of accounts that [`Emulator::account`] has named.
    named: AtomicU64,
}

impl Emulator {
    /// Creates an emulator with the default settings: accounts start with the state of
    /// [`Fixture::demo`](crate::fixture::Fixture::demo), and signatures are not verified.
    ///
    /// ```
    /// let emulator = ecmock::Emulator::new();
    /// assert_eq!(emulator.account().state()["HaVipSet"].as_array().map(Vec::len), Some(0));
    /// ```
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Returns a builder for an emulator.
    ///
    /// ```
    /// let emulator = ecmock::Emulator::builder().seed(1).build();
    /// assert_eq!(emulator.seed(), 1);
    /// ```
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Builds an emulator whose accounts start with a loaded state.
    pub(crate) fn with_state(config: &Config, loaded: Loaded) -> Result<Self, StartError> {
        for warning in loaded.warnings.lines() {
            tracing::warn!("{warning}");
        }
        config.check_faults()?;
        // 32 bits, short enough to retype.
        let new_seed = || u64::from(Uuid::new_v4().as_fields().0);
        let open = |path: &PathBuf| {
            StateDirectory::open(path, config.state_sync, config.seed, &loaded.store, new_seed)
        };
        let directory =
            config.state_dir.as_ref().map(open).transpose().map_err(StartError::state)?;
        let seed = directory.as_ref().map(StateDirectory::seed).or(config.seed);
        let accounts = Arc::new(Accounts::new(AccountTemplate {
            clock: config.clock(),
            faults: config.faults.iter().cloned().map(Arc::new).collect(),
            journals: Arc::new(JournalSet::new(config.journal)),
            directory,
            ..AccountTemplate::new(loaded.store, seed.unwrap_or_else(new_seed))
        }));
        accounts.restore_all().map_err(StartError::state)?;
        let seed = accounts.template().seed;
        let metrics = Arc::new(Metrics::new(CATALOG.models.len()));
        let keyring = Arc::new(Keyring::new(config.credentials.clone()));
        let tls = Arc::new(match &config.tls_dir {
            Some(folder) => Tls::open(folder, &config.tls_names).map_err(StartError::tls)?,
            None => Tls::new(&config.tls_names),
        });
        if let Some(warning) = tls.warning() {
            tracing::warn!("{warning}");
        }
        let gateway = Arc::new(Gateway {
            catalog: &CATALOG,
            accounts: Arc::clone(&accounts),
            keyring: Arc::clone(&keyring),
            auth: config.auth,
            rate_limit: config.rate_limit,
            metrics: Arc::clone(&metrics),
        });
        let admin = Admin {
            accounts: Arc::clone(&accounts),
            gateway: Arc::clone(&gateway),
            metrics,
            hosts: [&config.admin_hosts[..], &config.tls_names].concat(),
            tls: Arc::clone(&tls),
            started: Stopwatch::start(),
        };
        let services = Services::new(gateway, admin);
        let named = AtomicU64::new(0);
        Ok(Self(Arc::new(Inner { accounts, keyring, seed, tls, services, named })))
    }

    /// Returns an HTTP service for the emulator. The admin API is served under `/_ecmock/`, and a
    /// request to any other path is an API call. A browser that visits `/` is redirected to the console.
    ///
    /// Mount the service in an axum application with `Router::fallback_service`, or call it with
    /// `tower::ServiceExt::oneshot`. It requires a tokio runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use ecmock::Emulator;
    ///
    /// let emulator = Emulator::new();
    /// let app: Router = Router::new()
    ///     .route("/my/health", get(|| async { "ok" }))
    ///     .fallback_service(emulator.service());
    /// ```
    pub fn service(&self) -> EmulatorService {
        EmulatorService { services: self.0.services.clone() }
    }

    /// Returns a new, unused account. New accounts are named `account-1`, `account-2`, and so on, so
    /// the first account of every emulator has the same name.
    ///
    /// ```
    /// let emulator = ecmock::Emulator::new();
    /// let (one, other) = (emulator.account(), emulator.account());
    /// assert_ne!(one.secret_id(), other.secret_id());
    /// ```
    pub fn account(&self) -> Account {
        loop {
            let number = self.0.named.fetch_add(1, Relaxed) + 1;
            let name = format!("account-{number}");
            if !self.0.accounts.contains(&name) {
                return self.account_named(&name);
            }
        }
    }

    /// Returns the account `name`. A call uses this account if its SecretId is `ecmock-NAME`, or if
    /// its SecretId matches a [`Credential`](crate::Credential) of the account. A call without a
    /// SecretId uses the account `default`.
    ///
    /// # Panics
    /// Panics if the name is empty or has more than 128 bytes.
    ///
    /// ```
    /// let emulator = ecmock::Emulator::new();
    /// assert_eq!(emulator.account_named("web").secret_id(), "ecmock-web");
    /// ```
    #[track_caller]
    pub fn account_named(&self, name: &str) -> Account {
        Account::new(self.clone(), name)
    }

    /// Returns the seed of IDs and fault probabilities.
    ///
    /// ```
    /// assert_eq!(ecmock::Emulator::builder().seed(7).build().seed(), 7);
    /// ```
    pub fn seed(&self) -> u64 {
        self.0.seed
    }

    /// Returns the CA certificate in PEM format. Clients must trust it to call over HTTPS.
    ///
    /// # Panics
    /// Panics if the system cannot generate a key.
    ///
    /// ```
    /// let emulator = ecmock::Emulator::new();
    /// assert!(emulator.ca_pem().starts_with("-----BEGIN CERTIFICATE-----"));
    /// ```
    pub fn ca_pem(&self) -> &str {
        self.0.tls.ca_pem().unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) fn accounts(&self) -> &Accounts {
        &self.0.accounts
    }

    pub(crate) fn keyring(&self) -> &Keyring {
        &self.0.keyring
    }

    pub(crate) fn tls(&self) -> &Arc<Tls> {
        &self.0.tls
    }

    pub(crate) fn services(&self) -> &Services {
        &self.0.services
    }
}

impl Default for Emulator {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator").field("seed", &self.seed()).finish_non_exhaustive()
    }
}

/// First bytes of the paths of the admin API.
const ADMIN: &str = "/_ecmock";

/// The gateway and the admin API.
#[derive(Debug, Clone)]
pub(crate) struct Services {
    gateway: Arc<Gateway>,
    /// The paths of the admin API. All others lead to the gateway. Built for the first request to the
    /// admin API.
    router: Arc<LazyLock<Router, Box<dyn FnOnce() -> Router + Send>>>,
}

impl Services {
    fn new(gateway: Arc<Gateway>, admin: Admin) -> Self {
        let own = Arc::clone(&gateway);
        let router = Box::new(move || own.router().merge(admin.into_router()));
        Self { gateway, router: Arc::new(LazyLock::new(router)) }
    }

    /// Answers a request. An API call skips the router, which would cost as much as the call.
    pub(crate) async fn serve(
        &self,
        mut request: Request<impl RequestBody<Error: Into<BoxError>>>,
        handle: Option<&ConnectionHandle>,
    ) -> Response<CallBody> {
        if !request.uri().path().starts_with(ADMIN) {
            // Ours (gateway.browser): nothing of the real API is at `/` for a browser.
            if console::is_visit(&request) {
                return console::redirect().map(CallBody::Other);
            }
            return self.gateway.serve(request, handle).await;
        }
        if let Some(handle) = handle {
            request.extensions_mut().insert(handle.clone());
        }
        let request = request.map(axum::body::Body::new);
        let Ok(response) = Box::pin(Router::clone(&self.router).oneshot(request)).await;
        response.map(CallBody::Other)
    }
}

/// A [`tower::Service`] that serves an emulator; see [`Emulator::service`].
///
/// The service never returns an error. If a fault closes or resets the connection, the response body
/// fails before its first byte, so a server that mounts the service closes the connection without a
/// response. If a fault hangs, the future stays pending.
#[derive(Debug, Clone)]
pub struct EmulatorService {
    services: Services,
}

impl<B> tower::Service<Request<B>> for EmulatorService
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(())) // Nothing limits the calls in flight.
    }

    fn call(&mut self, request: Request<B>) -> ResponseFuture {
        // The connection belongs to another server.
        let request = request.map(axum::body::Body::new);
        let services = self.services.clone();
        ResponseFuture(Box::pin(async move { services.serve(request, None).await }))
    }
}

/// The response future of an [`EmulatorService`].
#[must_use = "a call does nothing unless it is awaited"]
pub struct ResponseFuture(Pin<Box<dyn Future<Output = Response<CallBody>> + Send>>);

impl fmt::Debug for ResponseFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

impl Future for ResponseFuture {
    type Output = Result<Response<ResponseBody>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let response = ready!(self.0.as_mut().poll(context));
        Poll::Ready(Ok(response.map(ResponseBody)))
    }
}

/// The response body of an [`EmulatorService`]. Reading it fails if a fault breaks the connection.
#[derive(Debug)]
pub struct ResponseBody(CallBody);

impl HttpBody for ResponseBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let frame = ready!(Pin::new(&mut self.0).poll_frame(context));
        let error = |error: axum::Error| match error.into_inner().downcast() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        };
        Poll::Ready(frame.map(|frame| frame.map(|it| it.map_data(Bytes::from)).map_err(error)))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}
