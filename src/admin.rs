//! The admin API under `/_ecmock/`, where tests inspect and control accounts.
//!
//! Plain REST with real status codes. Requests are exempt from rate limits, faults, and the journal,
//! except the calls of `POST call`.
//! Work that may take longer than a call runs on a blocking thread.

mod account;
mod answer;
mod ask;
mod call;
mod export;
mod fault;
mod guard;
mod journal;
mod server;
mod verdict;
mod visibility;

use std::sync::Arc;

use axum::{
    Router,
    extract::{MatchedPath, Request},
    middleware::{from_fn, from_fn_with_state},
    routing::{MethodRouter, any, delete, get, post, put},
};

use crate::{
    console,
    control::{Accounts, clock::Stopwatch, metrics::Metrics},
    gateway::Gateway,
    protocol::text::Name,
    tls::{Tls, TlsName},
};

use answer::AdminError;

/// Path of the admin API.
const ROOT: &str = "/_ecmock";

/// State shared by the handlers of the admin API.
#[derive(Debug)]
pub struct Admin {
    pub accounts: Arc<Accounts>,
    /// Runs the calls of the API itself.
    pub gateway: Arc<Gateway>,
    /// Counts of calls.
    pub metrics: Arc<Metrics>,
    /// Host names that are accepted in addition to the built-in ones.
    pub hosts: Vec<TlsName>,
    /// The CA, whose certificate the API serves.
    pub tls: Arc<Tls>,
    /// Started together with the server.
    pub started: Stopwatch,
}

/// A path below [`ROOT`].
pub(crate) struct Endpoint {
    pub(crate) path: &'static str,
    /// The allowed methods, each with a summary for the index.
    pub(crate) methods: &'static [(&'static str, &'static str)],
    route: fn() -> MethodRouter<Arc<Admin>>,
}

/// Methods of [`ROOT`].
const INDEX: [(&str, &str); 1] = [("GET", "List all endpoints")];

/// All endpoints, in the order of the index.
pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        path: "health",
        methods: &[("GET", "Report liveness, version, and uptime")],
        route: || get(server::health),
    },
    Endpoint {
        path: "ready",
        methods: &[("GET", "Report whether the server accepts calls")],
        route: || get(server::health),
    },
    Endpoint {
        path: "metrics",
        methods: &[("GET", "Export metrics for Prometheus")],
        route: || get(server::metrics),
    },
    Endpoint {
        path: "ca.pem",
        methods: &[("GET", "Download the CA certificate for HTTPS clients")],
        route: || get(server::ca_pem),
    },
    Endpoint {
        path: "actions",
        methods: &[("GET", "List all actions, and which are emulated")],
        route: || get(server::actions),
    },
    Endpoint {
        path: "actions/{name}",
        methods: &[("GET", "Show an action, with an example and how to trigger each error")],
        route: || get(server::action),
    },
    Endpoint {
        path: "accounts",
        methods: &[("GET", "List accounts")],
        route: || get(server::accounts),
    },
    Endpoint {
        path: "accounts/{name}",
        methods: &[("DELETE", "Delete an account and its state")],
        route: || delete(server::forget),
    },
    Endpoint {
        path: "reset",
        methods: &[("POST", "Restore the account's initial state")],
        route: || post(account::reset),
    },
    Endpoint {
        path: "state",
        methods: &[
            ("GET", "Export the account's resources as a fixture"),
            ("PUT", "Replace all resources with those of a fixture"),
            ("PATCH", "Merge a fixture into the resources"),
        ],
        route: || get(account::state).put(account::replace_state).patch(account::merge_state),
    },
    Endpoint {
        path: "visibility",
        methods: &[
            ("GET", "Show when Describe calls show created resources, and those still hidden"),
            ("PUT", "Set when Describe calls show created resources: {VisibleAfter}"),
        ],
        route: || get(visibility::show).put(visibility::set),
    },
    Endpoint {
        path: "call",
        methods: &[(
            "POST",
            "Call an action as the account, without a signature: {Action, Params}",
        )],
        route: || post(call::call),
    },
    Endpoint {
        path: "requests",
        methods: &[
            ("GET", "List calls: ?action= code= trace= since= limit= wait_ms= summary=codes"),
            ("DELETE", "Clear the journal"),
        ],
        route: || get(journal::list).delete(journal::clear),
    },
    Endpoint {
        path: "requests/{id}",
        methods: &[("GET", "Show a call in full, by its request ID")],
        route: || get(journal::one),
    },
    Endpoint {
        path: "retries",
        methods: &[("GET", "List calls with equal parameters: ?action= since= attempts=")],
        route: || get(journal::retries),
    },
    Endpoint {
        path: "retries/verify",
        methods: &[(
            "POST",
            "Verify attempts: {Action, Attempts, GapMs, Succeeded, Duplicates, Since}",
        )],
        route: || post(journal::verify_retries),
    },
    Endpoint {
        path: "verify",
        methods: &[(
            "POST",
            "Verify that calls match: {Action, Params, Code, Trace, Times, Since}",
        )],
        route: || post(journal::verify),
    },
    Endpoint {
        path: "expectations",
        methods: &[
            ("GET", "List the expectations that the verdict checks"),
            ("POST", "Add an expectation: {Action, Params, Code, Trace, Times, Since}"),
            ("DELETE", "Delete all expectations"),
        ],
        route: || {
            get(verdict::expectations).post(verdict::expect).delete(verdict::forget_expectations)
        },
    },
    Endpoint {
        path: "verdict",
        methods: &[("GET", "Judge the account: ?fail= format=json|junit")],
        route: || get(verdict::verdict),
    },
    Endpoint {
        path: "faults",
        methods: &[
            ("GET", "List fault rules and how often each was applied"),
            ("POST", "Add a fault rule"),
            ("DELETE", "Delete all fault rules"),
        ],
        route: || get(fault::list).post(fault::add).delete(fault::clear),
    },
    Endpoint {
        path: "faults/{id}",
        methods: &[
            ("GET", "Show a fault rule, or wait until it holds calls: ?wait_ms= held="),
            ("DELETE", "Delete a fault rule"),
        ],
        route: || get(fault::one).delete(fault::remove),
    },
    Endpoint {
        path: "faults/{id}/release",
        methods: &[("POST", "Release the calls that a fault rule holds: {Calls}")],
        route: || post(fault::release),
    },
    Endpoint {
        path: "clock",
        methods: &[
            ("GET", "Show the account's clock"),
            ("PUT", "Set the clock: {Now, Frozen} or {Real:true}"),
        ],
        route: || get(account::clock).put(account::set_clock),
    },
    Endpoint {
        path: "clock/advance",
        methods: &[("POST", "Advance the clock: {Ms}")],
        route: || post(account::advance_clock),
    },
    Endpoint {
        path: "havips/{id}/announce",
        methods: &[("POST", "Announce the HAVIP from an interface: {NetworkInterfaceId}")],
        route: || post(account::announce),
    },
    Endpoint {
        path: "havips/{id}/withdraw",
        methods: &[("POST", "Withdraw the HAVIP from its interface")],
        route: || post(account::withdraw),
    },
    Endpoint {
        path: "havips/{id}/address",
        methods: &[("PUT", "Bind an EIP to the HAVIP, or unbind it: {AddressId}")],
        route: || put(account::bind_address),
    },
];

impl Admin {
    /// Returns the routes of the admin API and the console. All other paths below the root are errors.
    pub fn into_router(self) -> Router {
        let admin = Arc::new(self);
        let mut router = Router::new();
        for endpoint in ENDPOINTS {
            let path = format!("{ROOT}/{}", endpoint.path);
            router = router.route(&format!("{path}/"), (endpoint.route)());
            router = router.route(&path, (endpoint.route)());
        }
        router
            .route(ROOT, get(server::index))
            .route(&format!("{ROOT}/"), get(server::index))
            .merge(console::router())
            .route(&format!("{ROOT}/{{*path}}"), any(no_such_path))
            .method_not_allowed_fallback(no_such_method)
            .layer(from_fn_with_state(Arc::clone(&admin), guard::guard))
            .layer(from_fn(console::protect))
            .with_state(admin)
    }
}

async fn no_such_path(request: Request) -> AdminError {
    let known: Vec<&str> = ENDPOINTS.iter().map(|it| it.path).collect();
    let (path, known) = (request.uri().path(), known.join(", "));
    AdminError::not_found(format!("unknown path {}; paths below {ROOT}/: {known}", Name(path)))
}

async fn no_such_method(matched: Option<MatchedPath>, request: Request) -> AdminError {
    let below = |path| str::strip_prefix(path, ROOT)?.strip_prefix('/');
    let matched = matched.as_ref().and_then(|it| below(it.as_str()));
    let matched = matched.map(|path| path.trim_end_matches('/'));
    let endpoint = ENDPOINTS.iter().find(|it| matched == Some(it.path));
    let allowed: Vec<&str> =
        endpoint.map_or(&INDEX[..], |it| it.methods).iter().map(|it| it.0).collect();
    let (method, path, allowed) = (request.method(), request.uri().path(), allowed.join(", "));
    let path = Name(path);
    AdminError::method(format!("{method} is not allowed for {path}; allowed: {allowed}"))
}
