//! HTTP in, envelope out.
//!
//! A call passes the checks of `Gateway::pass` in order, and the first that fails ends it.

mod body;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use axum::{
    Json, Router,
    extract::{Request as HttpRequest, State},
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse as _, Response},
    routing::{any, get},
};
use chrono::{DateTime, Utc};
use serde_json::json;

use crate::{
    config::Auth,
    control::{
        Account, Accounts, Clock, accounts::account_name, clock::Stopwatch, throttle::RateLimit,
    },
    ecm::Store,
    protocol::{
        ApiError, AuthFailure, Catalog, Context, Language, Refusal,
        action::{Found, Output},
        envelope,
        refusal::codes,
        request::{Common, Head, Request},
        signature::{self, keyring::Keyring},
    },
    tls::Tls,
};

const TRACE_ID: &str = "x-tc-traceid";
/// Bytes of a body that is read between the calls of others.
const INLINE_BYTES_MAX: usize = 64 * 1024;
/// Characters of an action's name that are logged: it may be any text.
const LOGGED_ACTION_CHARS_MAX: usize = 64;

/// The cloud behind the protocol.
#[derive(Debug)]
pub struct Gateway {
    /// The actions that can be called.
    pub catalog: &'static Catalog<Store>,
    /// The accounts, each a cloud of its own.
    pub accounts: Arc<Accounts>,
    /// The credentials that are known.
    pub keyring: Keyring,
    /// Whether signatures are checked.
    pub auth: Auth,
    /// Calls a second of each account and action.
    pub rate_limit: RateLimit,
    /// The emulated time.
    pub clock: Clock,
    /// Runs since the server started.
    pub started: Stopwatch,
    /// The CA, whose certificate clients ask for.
    pub tls: Arc<Tls>,
}

impl Gateway {
    /// Serves the cloud at every path but `/_ecmock/`, which is ecmock's own.
    pub fn into_router(self) -> Router {
        Router::new()
            .route("/_ecmock/health", get(health))
            .route("/_ecmock/ready", get(health))
            .route("/_ecmock/ca.pem", get(ca_pem))
            .route("/_ecmock", any(no_such_path))
            .route("/_ecmock/", any(no_such_path))
            .route("/_ecmock/{*path}", any(no_such_path))
            .fallback(serve)
            .with_state(Arc::new(self))
    }

    /// Answers one call. One that panics is an internal error, and the account lives on.
    fn answer(&self, head: Head<'_>, body: Result<&[u8], Refusal>) -> Answer {
        let request = Request::read(head, body);
        let account = self.account(signature::secret_id(&request));
        let request_id = account.next_request_id();
        let action = request.common(Common::ACTION).unwrap_or("-");
        let action = action.chars().take(LOGGED_ACTION_CHARS_MAX).collect();
        let run = || {
            let output = self.pass(&request, &account, &request_id)?;
            Ok(output.body(&request_id))
        };
        let outcome = catch_unwind(AssertUnwindSafe(run));
        let (code, body) = match outcome.unwrap_or_else(|_| Err(codes::INTERNAL_ERROR.into())) {
            Ok(body) => ("OK", body),
            Err(error) => {
                let body = envelope::failure(&error, request.language(), &request_id);
                (error.code.as_str(), body)
            }
        };
        Answer { account, action, code, request_id, body }
    }

    /// Answers a call that cannot even be attributed, because reading it panicked.
    fn broken(&self) -> Answer {
        let account = self.account(None);
        let request_id = account.next_request_id();
        let error = ApiError::from(codes::INTERNAL_ERROR);
        let body = envelope::failure(&error, Language::default(), &request_id);
        Answer { account, action: "-".to_owned(), code: error.code.as_str(), request_id, body }
    }

    /// The account of a `SecretId`. Under `verify` an unknown one is not given a cloud.
    fn account(&self, secret_id: Option<&str>) -> Arc<Account> {
        let may_have_one = |id: &&str| self.auth == Auth::Open || self.keyring.find(id).is_some();
        self.accounts.get(account_name(&self.keyring, secret_id.filter(may_have_one)))
    }

    /// The order of all checks.
    ///
    /// Assumed where no evidence is known: syntax before authentication, and version and action
    /// before the credential.
    fn pass(
        &self,
        request: &Request<'_>,
        account: &Account,
        request_id: &str,
    ) -> Result<Box<dyn Output>, ApiError> {
        request.head.check_method()?;
        request.head.check_target_size()?;
        let params = request.params.as_ref().map_err(Clone::clone)?;
        let now = self.clock.now();

        let action = request.require(Common::ACTION)?;
        let version = request.require(Common::VERSION)?;
        if self.auth == Auth::Verify {
            signature::check_presence(request)?;
        }
        request.check_values()?;
        if self.auth == Auth::Verify {
            signature::check_values(request)?;
        }
        self.check_version(version)?;
        let action = self.find(action)?;
        if self.auth == Auth::Verify {
            self.check_signature(request, action.name(), now, request_id)?;
        }
        self.check_rate(account, action.name(), now)?;
        let call = action.decode(params)?;
        account.run(call, &Context { now })
    }

    fn check_version(&self, version: &str) -> Result<(), Refusal> {
        let service = self.catalog.service;
        if version == self.catalog.version {
            Ok(())
        } else {
            Err(Refusal::Version { version: version.to_owned(), service })
        }
    }

    fn find(&self, name: &str) -> Result<Found<Store>, Refusal> {
        let Catalog { service, version, .. } = *self.catalog;
        self.catalog.recognise(name).ok_or_else(|| Refusal::Action {
            action: name.to_owned(),
            service,
            version,
        })
    }

    /// Assumed: an unsigned call may do nothing, as no ECM action is open to all.
    fn check_signature(
        &self,
        request: &Request<'_>,
        action: &'static str,
        now: DateTime<Utc>,
        request_id: &str,
    ) -> Result<(), Refusal> {
        let service = self.catalog.service;
        if signature::is_skipped(request) {
            let request_id = request_id.to_owned();
            return Err(AuthFailure::Unsigned { service, action, request_id }.into());
        }
        signature::verify(request, &self.keyring, service, now).outcome
    }

    fn check_rate(
        &self,
        account: &Account,
        action: &'static str,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let Some(limit) = self.rate_limit.calls_per_second() else { return Ok(()) };
        let calls = account.count_call(action, now);
        if calls <= limit { Ok(()) } else { Err(Refusal::RateLimit { calls, limit }) }
    }
}

/// What a call comes to.
struct Answer {
    account: Arc<Account>,
    /// As the client wrote it, as far as it is logged, or `-`.
    action: String,
    /// Error code, or `OK`.
    code: &'static str,
    request_id: String,
    body: Vec<u8>,
}

impl Answer {
    fn log(&self, stopwatch: Stopwatch) {
        let Self { account, action, code, request_id, .. } = self;
        let duration_us = u64::try_from(stopwatch.elapsed().as_micros()).unwrap_or(u64::MAX);
        let account = account.name();
        tracing::info!(action, account, code, request_id, duration_us, "call answered");
    }
}

/// The HTTP status is 200 whatever happens: errors live in the envelope.
async fn serve(State(gateway): State<Arc<Gateway>>, request: HttpRequest) -> Response {
    let stopwatch = Stopwatch::start();
    let (parts, body) = request.into_parts();
    let body = body::read(Head::from(&parts), body).await;
    let is_large = body.as_ref().is_ok_and(|body| body.len() > INLINE_BYTES_MAX);
    let answer = move || {
        let answer = || gateway.answer(Head::from(&parts), body.as_deref().map_err(Clone::clone));
        let answer = catch_unwind(AssertUnwindSafe(answer)).unwrap_or_else(|_| gateway.broken());
        answer.log(stopwatch);
        respond(&parts, answer.body)
    };
    if is_large {
        // Nobody else has to wait until a large body is read.
        match tokio::task::spawn_blocking(answer).await {
            Ok(response) => response,
            // Only when the server is gone; then so is the client's connection.
            Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        }
    } else {
        answer()
    }
}

fn respond(parts: &Parts, body: Vec<u8>) -> Response {
    // A 200 would tell the client of a proxy that its tunnel is open.
    let status = if parts.method == Method::CONNECT {
        StatusCode::METHOD_NOT_ALLOWED
    } else {
        StatusCode::OK
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    // Exactly this: Python's SDK takes an error for a success where a charset follows.
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(trace_id) = parts.headers.get(TRACE_ID) {
        headers.insert(TRACE_ID, trace_id.clone());
    }
    response
}

/// Fixtures are loaded before the first connection is taken, so to be alive is to be ready.
async fn health(State(gateway): State<Arc<Gateway>>) -> impl axum::response::IntoResponse {
    Json(json!({
        "Status": "ready",
        "Version": env!("CARGO_PKG_VERSION"),
        "UptimeMs": u64::try_from(gateway.started.elapsed().as_millis()).unwrap_or(u64::MAX),
    }))
}

/// The certificate that clients have to trust to call over TLS.
async fn ca_pem(State(gateway): State<Arc<Gateway>>) -> Response {
    match gateway.tls.ca_pem() {
        Ok(pem) => {
            ([(header::CONTENT_TYPE, "application/x-pem-file")], pem.to_owned()).into_response()
        }
        Err(error) => {
            let error =
                json!({ "Status": 500, "Code": "InternalError", "Message": error.to_string() });
            (StatusCode::INTERNAL_SERVER_ERROR, Json(error)).into_response()
        }
    }
}

async fn no_such_path(request: HttpRequest) -> impl axum::response::IntoResponse {
    let path = request.uri().path();
    let message = format!(
        "there is no {path}; there are GET /_ecmock/health, GET /_ecmock/ready and GET \
         /_ecmock/ca.pem"
    );
    let error = json!({ "Status": 404, "Code": "NotFound", "Message": message });
    (StatusCode::NOT_FOUND, Json(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ecm::{Error, ids::IdSequence, store::Settings},
        protocol::Action,
    };
    use axum::http::Request;
    use serde::Deserialize;

    mod family {
        use super::*;

        #[derive(Debug, Deserialize)]
        pub(super) struct Panic {}

        impl Action for Panic {
            type Product = Store;
            type Output = ();

            fn run(self, _: &mut Store, _: &Context) -> Result<(), Error> {
                panic!("on purpose")
            }
        }
    }

    static CATALOG: Catalog<Store> =
        crate::catalog!(Store, "test", "1", |_| None, { family::Panic, });

    #[test]
    fn a_panic_is_an_internal_error_and_the_account_lives_on() {
        let accounts = Accounts::new(Store::new(Settings::default(), IdSequence::new(0, 0)), 1);
        let gateway = Gateway {
            catalog: &CATALOG,
            accounts: Arc::new(accounts),
            keyring: Keyring::default(),
            auth: Auth::Open,
            rate_limit: "2".parse().unwrap(),
            clock: Clock::Frozen(DateTime::UNIX_EPOCH),
            started: Stopwatch::start(),
            tls: Arc::new(Tls::new(&[])),
        };
        let request = Request::post("/").header("X-TC-Action", "Panic").header("X-TC-Version", "1");
        let parts = request.body(()).unwrap().into_parts().0;
        for code in ["InternalError", "InternalError", "RequestLimitExceeded"] {
            let answer = gateway.answer(Head::from(&parts), Ok(b"{}"));
            assert_eq!(answer.code, code);
            let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(body["Response"]["RequestId"], answer.request_id);
        }
    }
}
