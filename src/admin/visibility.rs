//! Endpoints for the delay until Describe calls show created resources.

use axum::{Json, response::Response};
use chrono::SecondsFormat;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    control::AccountRecord,
    ecm::{
        Store,
        model::Remaining,
        store::{AnyId, Settle},
    },
};

use super::{
    account::off,
    answer::AdminError,
    ask::{AccountParam, JsonBody},
};

/// The delay, and the resources that are hidden.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Visibility {
    visible_after: String,
    hidden: Vec<Hidden>,
}

/// A resource that Describe calls do not show yet.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Hidden {
    id: AnyId,
    /// Number of Describe calls that do not show the resource yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    reads_left: Option<u32>,
    /// Time of the account's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    visible_at: Option<String>,
}

impl From<(AnyId, Remaining)> for Hidden {
    fn from((id, until): (AnyId, Remaining)) -> Self {
        let (reads_left, visible_at) = match until {
            Remaining::Reads(reads) => (Some(reads.get()), None),
            Remaining::Until(at) => (None, Some(at.to_rfc3339_opts(SecondsFormat::AutoSi, true))),
        };
        Self { id, reads_left, visible_at }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Setting {
    /// A number, or a string such as `2` or `5s`.
    visible_after: Value,
}

pub(super) async fn show(AccountParam(account): AccountParam) -> Result<Response, AdminError> {
    off(move || shown(&account)).await
}

pub(super) async fn set(
    AccountParam(account): AccountParam,
    JsonBody(Setting { visible_after }): JsonBody<Setting>,
) -> Result<Response, AdminError> {
    let text = visible_after.as_str().map_or_else(|| visible_after.to_string(), str::to_owned);
    let delay: Settle = super::account::parse("VisibleAfter", &text)?;
    off(move || {
        account.state().set_visible_after(delay);
        shown(&account)
    })
    .await
}

fn shown(account: &AccountRecord) -> Json<Visibility> {
    // A copy, so that no call waits.
    let store = account.state().read(Store::clone);
    Json(Visibility {
        visible_after: store.settings().visible_after.to_string(),
        hidden: store.hidden().into_iter().map(Hidden::from).collect(),
    })
}
