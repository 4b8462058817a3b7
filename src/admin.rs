//! The admin API under `/_ecmock/`: what a test holds in its hands beside the cloud's own API.
//!
//! Plain REST with real status codes. It is never limited, faulted or journaled. Whatever may take
//! longer than a call does so in a thread of its own.

mod account;
mod answer;
mod ask;
mod export;
mod guard;
mod journal;
mod server;

use std::sync::Arc;

use axum::{
    Router,
    extract::{MatchedPath, Request},
    middleware::from_fn_with_state,
    routing::{MethodRouter, any, delete, get, post, put},
};

use crate::{
    control::{Accounts, clock::Stopwatch, metrics::Metrics},
    protocol::text::Name,
    tls::{Tls, TlsName},
};

use answer::AdminError;

/// Where the admin API is.
const ROOT: &str = "/_ecmock";

/// What the admin API has to do with.
#[derive(Debug)]
pub struct Admin {
    /// The accounts.
    pub accounts: Arc<Accounts>,
    /// Counts of calls.
    pub metrics: Arc<Metrics>,
    /// Names of the server, besides those that every server has.
    pub hosts: Vec<TlsName>,
    /// The CA, whose certificate clients ask for.
    pub tls: Arc<Tls>,
    /// Runs since the server started.
    pub started: Stopwatch,
}

/// A path below [`ROOT`], and what is there.
pub(crate) struct Endpoint {
    pub(crate) path: &'static str,
    /// What can be done there, each with its method.
    pub(crate) methods: &'static [(&'static str, &'static str)],
    route: fn() -> MethodRouter<Arc<Admin>>,
}

/// What can be done at the root.
const INDEX: [(&str, &str); 1] = [("GET", "what there is")];

/// All places, in the order in which they are listed.
pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        path: "health",
        methods: &[("GET", "whether the process lives; its version and uptime")],
        route: || get(server::health),
    },
    Endpoint {
        path: "ready",
        methods: &[("GET", "whether it takes calls")],
        route: || get(server::health),
    },
    Endpoint {
        path: "metrics",
        methods: &[("GET", "counts of calls, for Prometheus")],
        route: || get(server::metrics),
    },
    Endpoint {
        path: "ca.pem",
        methods: &[("GET", "the certificate that clients trust to call over https")],
        route: || get(server::ca_pem),
    },
    Endpoint {
        path: "actions",
        methods: &[("GET", "the actions of the product, and which are emulated")],
        route: || get(server::actions),
    },
    Endpoint {
        path: "actions/{name}",
        methods: &[("GET", "one action, with an example and how to trigger each error")],
        route: || get(server::action),
    },
    Endpoint {
        path: "accounts",
        methods: &[("GET", "the accounts")],
        route: || get(server::accounts),
    },
    Endpoint {
        path: "accounts/{name}",
        methods: &[("DELETE", "forget an account")],
        route: || delete(server::forget),
    },
    Endpoint {
        path: "reset",
        methods: &[("POST", "make the account as new")],
        route: || post(account::reset),
    },
    Endpoint {
        path: "state",
        methods: &[
            ("GET", "the account's resources, as a fixture"),
            ("PUT", "replace them by those of a fixture"),
            ("PATCH", "add those of a fixture"),
        ],
        route: || get(account::state).put(account::replace_state).patch(account::merge_state),
    },
    Endpoint {
        path: "requests",
        methods: &[
            ("GET", "the account's calls; ?action= code= since= limit= wait_ms= summary=codes"),
            ("DELETE", "forget them"),
        ],
        route: || get(journal::list).delete(journal::clear),
    },
    Endpoint {
        path: "requests/{id}",
        methods: &[("GET", "one call in full, by its request id")],
        route: || get(journal::one),
    },
    Endpoint {
        path: "verify",
        methods: &[(
            "POST",
            "whether calls were as expected: {Action, Params, Code, Times, Since}",
        )],
        route: || post(journal::verify),
    },
    Endpoint {
        path: "faults",
        methods: &[
            ("GET", "the account's fault rules, and what they struck"),
            ("POST", "add one"),
            ("DELETE", "take all away"),
        ],
        route: || get(account::faults).post(account::add_fault).delete(account::clear_faults),
    },
    Endpoint {
        path: "faults/{id}",
        methods: &[("DELETE", "take one away")],
        route: || delete(account::remove_fault),
    },
    Endpoint {
        path: "clock",
        methods: &[("GET", "the account's clock"), ("PUT", "set it: {Now, Frozen} or {Real:true}")],
        route: || get(account::clock).put(account::set_clock),
    },
    Endpoint {
        path: "clock/advance",
        methods: &[("POST", "put it forward: {Ms}")],
        route: || post(account::advance_clock),
    },
    Endpoint {
        path: "havips/{id}/announce",
        methods: &[("POST", "let an interface announce the HAVIP: {NetworkInterfaceId}")],
        route: || post(account::announce),
    },
    Endpoint {
        path: "havips/{id}/withdraw",
        methods: &[("POST", "withdraw it, so that no interface announces it")],
        route: || post(account::withdraw),
    },
    Endpoint {
        path: "havips/{id}/address",
        methods: &[("PUT", "bind an EIP to it, or none: {AddressId}")],
        route: || put(account::bind_address),
    },
];

impl Admin {
    /// Serves the admin API, and refuses what else is below its root.
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
            .route(&format!("{ROOT}/{{*path}}"), any(no_such_path))
            .method_not_allowed_fallback(no_such_method)
            .layer(from_fn_with_state(Arc::clone(&admin), guard::guard))
            .with_state(admin)
    }
}

async fn no_such_path(request: Request) -> AdminError {
    let known: Vec<&str> = ENDPOINTS.iter().map(|it| it.path).collect();
    let (path, known) = (request.uri().path(), known.join(", "));
    AdminError::not_found(format!("there is no {}; below {ROOT}/ there are {known}", Name(path)))
}

async fn no_such_method(matched: Option<MatchedPath>, request: Request) -> AdminError {
    let below = |path| str::strip_prefix(path, ROOT)?.strip_prefix('/');
    let matched = matched.as_ref().and_then(|it| below(it.as_str()));
    let matched = matched.map(|path| path.trim_end_matches('/'));
    let endpoint = ENDPOINTS.iter().find(|it| matched == Some(it.path));
    let takes: Vec<&str> =
        endpoint.map_or(&INDEX[..], |it| it.methods).iter().map(|it| it.0).collect();
    let (method, path, takes) = (request.method(), request.uri().path(), takes.join(", "));
    AdminError::method(format!("{} takes no {method}; it takes {takes}", Name(path)))
}
