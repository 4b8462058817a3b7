//! Endpoints for the fault rules of an account.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    control::faults::{ActiveRule, Rule, RuleKey},
    protocol::text::Backticked,
};

use super::{
    Admin,
    account::off,
    answer::AdminError,
    ask::{AccountParam, JsonBody, OptionalJsonBody, PathId, QueryParams, wait_time},
};

/// The fault rules of an account.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct FaultList {
    faults: Vec<ActiveRule>,
    total: usize,
}

pub(super) async fn list(AccountParam(account): AccountParam) -> Result<Response, AdminError> {
    off(move || {
        let faults = account.faults().list();
        Json(FaultList { total: faults.len(), faults })
    })
    .await
}

pub(super) async fn add(
    AccountParam(account): AccountParam,
    JsonBody(rule): JsonBody<Rule>,
) -> Result<(StatusCode, Json<ActiveRule>), AdminError> {
    Ok((StatusCode::CREATED, Json(account.faults().add(rule)?)))
}

pub(super) async fn clear(AccountParam(account): AccountParam) -> Json<Value> {
    Json(json!({ "Deleted": account.faults().clear() }))
}

pub(super) async fn remove(
    AccountParam(account): AccountParam,
    PathId(id): PathId,
) -> Result<Json<Value>, AdminError> {
    let removed = account.faults().remove(RuleKey::Id(&id));
    removed.map(|_| Json(json!({ "Deleted": 1 }))).ok_or_else(|| unknown(&id))
}

fn unknown(id: &str) -> AdminError {
    AdminError::not_found(format!("unknown fault {}", Backticked(id)))
}

/// Query parameters of a rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    account: Option<String>,
    wait_ms: Option<u64>,
    held: Option<usize>,
}

pub(super) async fn one(
    State(admin): State<Arc<Admin>>,
    PathId(id): PathId,
    QueryParams(question): QueryParams<Question>,
) -> Result<Json<ActiveRule>, AdminError> {
    let Question { account, wait_ms, held } = question;
    let account = admin.account(account.as_deref())?;
    let key = RuleKey::Id(&id);
    let rule = account.faults().find(key).ok_or_else(|| unknown(&id))?;
    let Some(ms) = wait_ms else {
        return match held {
            Some(_) => Err(AdminError::bad_request("held requires wait_ms".to_owned())),
            None => Ok(Json(rule)),
        };
    };
    let time = wait_time(ms)?;
    let calls = held.unwrap_or(1);
    if calls == 0 {
        return Err(AdminError::bad_request("held is 0; must be at least 1".to_owned()));
    }
    check_holds(&rule)?;
    account.wait_for_held(key, calls, time).await.map(Json).ok_or_else(|| unknown(&id))
}

/// Fails if a rule never holds calls.
fn check_holds(rule: &ActiveRule) -> Result<(), AdminError> {
    if rule.rule.hold.is_some() {
        return Ok(());
    }
    Err(AdminError::bad_request(format!("fault {} has no Hold", Backticked(&rule.id))))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Release {
    calls: Option<usize>,
}

pub(super) async fn release(
    AccountParam(account): AccountParam,
    PathId(id): PathId,
    OptionalJsonBody(Release { calls }): OptionalJsonBody<Release>,
) -> Result<Json<Value>, AdminError> {
    if calls == Some(0) {
        return Err(AdminError::bad_request("Calls is 0; must be at least 1".to_owned()));
    }
    let faults = account.faults();
    let rule = faults.find(RuleKey::Id(&id)).ok_or_else(|| unknown(&id))?;
    check_holds(&rule)?;
    let released = faults.release(RuleKey::Same(&rule.rule), calls.unwrap_or(usize::MAX));
    released.map(|calls| Json(json!({ "Released": calls }))).ok_or_else(|| unknown(&id))
}
