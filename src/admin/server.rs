//! Endpoints of the server as a whole.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    control::{
        AccountRecord,
        coverage::{self, ActionDetails, ActionOverview},
        metrics::Gauge,
    },
    ecm::CATALOG,
    nearest::did_you_mean,
    protocol::text::Backticked,
};

use super::{Admin, ENDPOINTS, ROOT, account::off, answer::AdminError, ask::PathId};

/// Serves liveness and readiness. Both are the same: fixtures are loaded before the first connection
/// is accepted.
pub(super) async fn health(State(admin): State<Arc<Admin>>) -> Json<Value> {
    Json(json!({
        "Status": "ready",
        "Version": env!("CARGO_PKG_VERSION"),
        "UptimeMs": admin.started.elapsed_ms(),
    }))
}

/// The index of all endpoints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Index {
    version: &'static str,
    /// How a request selects an account.
    account: &'static str,
    paths: Vec<IndexEntry>,
}

/// A method of an endpoint.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct IndexEntry {
    method: &'static str,
    path: String,
    what: &'static str,
}

pub(super) async fn index() -> Json<Index> {
    let paths = ENDPOINTS.iter().flat_map(|endpoint| {
        let path = format!("{ROOT}/{}", endpoint.path);
        endpoint.methods.iter().map(move |(method, what)| IndexEntry {
            method,
            path: path.clone(),
            what,
        })
    });
    Json(Index {
        version: env!("CARGO_PKG_VERSION"),
        account: "?account=NAME (default: `default`)",
        paths: paths.collect(),
    })
}

/// The actions of the product.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ActionList {
    actions: Vec<ActionOverview>,
    total: usize,
    /// Number of emulated actions.
    emulated: usize,
}

pub(super) async fn actions() -> Json<ActionList> {
    let (actions, emulated) = (coverage::all(), CATALOG.entries().count());
    Json(ActionList { total: actions.len(), emulated, actions })
}

pub(super) async fn action(PathId(name): PathId) -> Result<Json<ActionDetails>, AdminError> {
    let unknown = || {
        let hint = did_you_mean(CATALOG.nearest(&name).map(Backticked), "");
        AdminError::not_found(format!("unknown action {}{hint}", Backticked(&name)))
    };
    let action = CATALOG.model(&name).ok_or_else(unknown)?;
    Ok(Json(coverage::one(action)))
}

/// All accounts, sorted by name.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AccountList {
    accounts: Vec<AccountSummary>,
    total: usize,
}

/// An account, with the size of its journal and fault rules.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct AccountSummary {
    name: Arc<str>,
    /// Number of calls in the journal.
    requests: usize,
    /// Number of fault rules.
    faults: usize,
}

pub(super) async fn accounts(State(admin): State<Arc<Admin>>) -> Json<AccountList> {
    let summary = |account: &Arc<AccountRecord>| AccountSummary {
        name: Arc::clone(account.name()),
        requests: account.journal().len(),
        faults: account.state().faults.len(),
    };
    let accounts: Vec<AccountSummary> = admin.accounts.list().iter().map(summary).collect();
    Json(AccountList { total: accounts.len(), accounts })
}

pub(super) async fn forget(
    State(admin): State<Arc<Admin>>,
    PathId(name): PathId,
) -> Result<Response, AdminError> {
    // With a state directory, a file is deleted, too.
    off(move || {
        if admin.accounts.forget(&name) {
            Ok(Json(json!({ "Deleted": 1 })))
        } else {
            Err(AdminError::not_found(format!("unknown account {}", Backticked(&name))))
        }
    })
    .await
}

pub(super) async fn ca_pem(
    State(admin): State<Arc<Admin>>,
) -> Result<impl IntoResponse, AdminError> {
    let pem = admin.tls.ca_pem().map_err(|error| AdminError::internal(error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, "application/x-pem-file")], pem.to_owned()))
}

pub(super) async fn metrics(State(admin): State<Arc<Admin>>) -> impl IntoResponse {
    let (entries, bytes) = admin.accounts.template().journals.size();
    let gauge = |name, help, value| Gauge { name, help, value };
    #[expect(clippy::cast_precision_loss, reason = "these are small")]
    let page = admin.metrics.page(&[
        gauge("ecmock_accounts", "Live accounts.", admin.accounts.len() as f64),
        gauge("ecmock_journal_entries", "Calls in all journals.", entries as f64),
        gauge("ecmock_journal_bytes", "Approximate size of all journals, in bytes.", bytes as f64),
        gauge(
            "ecmock_uptime_seconds",
            "Time since the server started.",
            admin.started.elapsed().as_secs_f64(),
        ),
    ]);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], page)
}
