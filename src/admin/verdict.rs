//! Endpoints for the verdict of an account, and for the expectations that it checks.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::control::{
    journal::Expectation,
    verdict::{Check, Verdict},
};

use super::{
    Admin,
    account::{busy, off},
    answer::AdminError,
    ask::{AccountParam, JsonBody, QueryParams},
};

/// Query parameters of a verdict.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    account: Option<String>,
    #[serde(default)]
    format: Format,
    /// Checks that fail the verdict, with commas between them. Defaults to [`Check::DEFAULT`].
    fail: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Json,
    /// XML of one test suite.
    Junit,
}

pub(super) async fn verdict(
    State(admin): State<Arc<Admin>>,
    QueryParams(question): QueryParams<Question>,
) -> Result<Response, AdminError> {
    let account = admin.account(question.account.as_deref())?;
    let fail = match question.fail {
        Some(names) => Check::list(&names)
            .map_err(|unknown| AdminError::bad_request(format!("query: fail: {unknown}")))?,
        None => Check::DEFAULT.to_vec(),
    };
    busy(move || {
        let verdict = Verdict::of(&account, &fail);
        match question.format {
            Format::Json => Json(verdict).into_response(),
            Format::Junit => ([(CONTENT_TYPE, "application/xml")], verdict.junit()).into_response(),
        }
    })
    .await
}

pub(super) async fn expectations(
    AccountParam(account): AccountParam,
) -> Result<Response, AdminError> {
    off(move || {
        let all = account.expectations().list();
        Json(json!({ "Total": all.len(), "Expectations": all }))
    })
    .await
}

pub(super) async fn expect(
    AccountParam(account): AccountParam,
    JsonBody(expected): JsonBody<Expectation>,
) -> Result<(StatusCode, Json<Arc<Expectation>>), AdminError> {
    Ok((StatusCode::CREATED, Json(account.expectations().add(expected)?)))
}

pub(super) async fn forget_expectations(AccountParam(account): AccountParam) -> Json<Value> {
    Json(json!({ "Deleted": account.expectations().clear() }))
}
