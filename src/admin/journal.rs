//! Endpoints for the journal of an account.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    control::journal::{CallFilter, Entry, Expectation, ExpectedRetries, summary::ActionCodes},
    protocol::{TraceId, text::Backticked},
};

use super::{
    Admin,
    account::{busy, off},
    answer::AdminError,
    ask::{AccountParam, JsonBody, PathId, QueryParams, wait_time},
};

/// Query parameters of a journal.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    account: Option<String>,
    action: Option<String>,
    code: Option<String>,
    trace: Option<TraceId>,
    #[serde(default)]
    since: u64,
    limit: Option<usize>,
    wait_ms: Option<u64>,
    summary: Option<Summary>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Summary {
    /// Documented codes that were returned.
    Codes,
}

/// Response to a query of the journal.
#[derive(Debug, Serialize)]
#[serde(untagged, rename_all_fields = "PascalCase")]
pub(super) enum RequestsAnswer {
    /// Calls, oldest first, and their number without `limit`.
    Requests { requests: Vec<Entry>, total: usize },
    /// Returned codes of each called action.
    Summary { actions: Vec<ActionCodes> },
}

pub(super) async fn list(
    State(admin): State<Arc<Admin>>,
    QueryParams(question): QueryParams<Question>,
) -> Result<Response, AdminError> {
    let account = admin.account(question.account.as_deref())?;
    let Question { action, code, trace, since, .. } = question;
    let filter = CallFilter { action, code, trace, since };
    if let Some(Summary::Codes) = question.summary {
        let summary = move || RequestsAnswer::Summary { actions: account.journal().codes(&filter) };
        return busy(move || Json(summary())).await;
    }
    let mut awaited = None;
    if let Some(ms) = question.wait_ms {
        let (name, time) = (Arc::clone(account.name()), wait_time(ms)?);
        awaited = Some(admin.accounts.wait_for(&name, &filter, time).await);
    }
    let limit = question.limit.unwrap_or(usize::MAX);
    let page = move || {
        let mut requests = awaited.unwrap_or_else(|| account.journal().select(&filter));
        let total = requests.len();
        requests.truncate(limit);
        Json(RequestsAnswer::Requests { requests, total })
    };
    busy(page).await
}

/// Query parameters of the attempts of requests.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RetriesQuestion {
    account: Option<String>,
    action: Option<String>,
    #[serde(default)]
    since: u64,
    /// Minimum number of attempts. Defaults to 2, which leaves out calls that were not repeated.
    attempts: Option<usize>,
}

pub(super) async fn retries(
    State(admin): State<Arc<Admin>>,
    QueryParams(question): QueryParams<RetriesQuestion>,
) -> Result<Response, AdminError> {
    let account = admin.account(question.account.as_deref())?;
    let attempts_min = question.attempts.unwrap_or(2);
    let filter =
        CallFilter { action: question.action, since: question.since, ..CallFilter::default() };
    let found = move || {
        let mut retries = account.journal().retries(&filter);
        retries.retain(|it| it.attempts >= attempts_min);
        Json(json!({ "Total": retries.len(), "Retries": retries }))
    };
    busy(found).await
}

pub(super) async fn verify_retries(
    AccountParam(account): AccountParam,
    JsonBody(expected): JsonBody<ExpectedRetries>,
) -> Result<Response, AdminError> {
    let found = move || {
        let problems = account.journal().verify_retries(&expected);
        Json(json!({ "Ok": problems.is_empty(), "Problems": problems }))
    };
    busy(found).await
}

pub(super) async fn one(
    AccountParam(account): AccountParam,
    PathId(id): PathId,
) -> Result<Response, AdminError> {
    off(move || {
        let found = account.journal().find(&id);
        let missing = || {
            let account = account.name();
            AdminError::not_found(format!(
                "unknown request {} in the journal of account `{account}`",
                Backticked(&id)
            ))
        };
        found.map(|it| Json(it.in_full()).into_response()).ok_or_else(missing)
    })
    .await
}

pub(super) async fn clear(AccountParam(account): AccountParam) -> Result<Response, AdminError> {
    off(move || Json(json!({ "Deleted": account.journal().clear() }))).await
}

pub(super) async fn verify(
    AccountParam(account): AccountParam,
    JsonBody(expected): JsonBody<Expectation>,
) -> Result<Response, AdminError> {
    busy(move || Json(account.journal().verify(&expected))).await
}
