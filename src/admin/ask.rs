//! Extractors of the admin API.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::request::Parts,
};
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};

use crate::{
    body::{self, BadBody},
    control::{
        AccountRecord,
        accounts::{ACCOUNT_NAME_BYTES_MAX, DEFAULT_ACCOUNT},
        in_words, read_json,
    },
    protocol::text::BacktickedValue,
};

use super::{Admin, answer::AdminError};

/// Maximum size of a fixture: 64 MiB, which is some hundred thousand resources.
const FIXTURE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Maximum size of any other body: 64 KiB.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// Maximum time of a wait, in milliseconds: ten minutes.
const WAIT_MS_MAX: u64 = 600_000;

/// The account of a request: `?account=NAME`, or the default account.
pub(super) struct AccountParam(pub(super) Arc<AccountRecord>);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountQuery {
    account: Option<String>,
}

impl FromRequestParts<Arc<Admin>> for AccountParam {
    type Rejection = AdminError;

    async fn from_request_parts(parts: &mut Parts, admin: &Arc<Admin>) -> Result<Self, AdminError> {
        let QueryParams(AccountQuery { account }) =
            QueryParams::from_request_parts(parts, admin).await?;
        admin.account(account.as_deref()).map(Self)
    }
}

impl Admin {
    /// Returns the account `name`, or the default account.
    pub(super) fn account(&self, name: Option<&str>) -> Result<Arc<AccountRecord>, AdminError> {
        let name = name.unwrap_or(DEFAULT_ACCOUNT);
        if !(1..=ACCOUNT_NAME_BYTES_MAX).contains(&name.len()) {
            return Err(AdminError::bad_request(format!(
                "account name has {} bytes; must be 1 to {ACCOUNT_NAME_BYTES_MAX}",
                name.len()
            )));
        }
        Ok(self.accounts.get(name))
    }
}

/// The query of a request.
pub(super) struct QueryParams<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for QueryParams<T> {
    type Rejection = AdminError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AdminError> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(bad) => {
                let why = std::error::Error::source(&bad)
                    .map_or_else(|| bad.to_string(), ToString::to_string);
                Err(AdminError::bad_request(format!("query: {}", query_problem(parts, &why))))
            }
        }
    }
}

/// Returns the problem of a query in words, with the value.
fn query_problem(parts: &Parts, why: &str) -> String {
    let problem = in_words(why).replace("unknown field", "unknown parameter");
    let problem = problem.replace("duplicate field", "duplicate parameter");
    // The reason begins with the name of the parameter.
    let Some((name, what)) = problem.split_once(": ") else { return problem };
    if what.contains(&format!("`{name}`")) {
        return what.to_owned();
    }
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
    let value = pairs.ok().and_then(|Query(pairs)| pairs.into_iter().find(|it| it.0 == name));
    let Some((_, value)) = value else { return problem };
    let what = what.split_once("; ").map_or(what, |(_, expected)| expected);
    format!("`{name}` is {}; {what}", BacktickedValue(&value))
}

/// Returns the time of a `wait_ms`.
pub(super) fn wait_time(ms: u64) -> Result<Duration, AdminError> {
    if ms > WAIT_MS_MAX {
        let problem = format!("wait_ms is {ms}; must be at most {WAIT_MS_MAX}");
        return Err(AdminError::bad_request(problem));
    }
    Ok(Duration::from_millis(ms))
}

/// The variable part of a path.
pub(super) struct PathId(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = AdminError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AdminError> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(name)) => Ok(Self(name)),
            Err(_) => Err(AdminError::bad_request("path is not UTF-8".to_owned())),
        }
    }
}

/// The text of a fixture.
pub(super) struct FixtureBody(pub(super) String);

impl<S: Send + Sync> FromRequest<S> for FixtureBody {
    type Rejection = AdminError;

    async fn from_request(request: Request, _: &S) -> Result<Self, AdminError> {
        text(request, FIXTURE_BYTES_MAX).await.map(Self)
    }
}

/// A JSON object.
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = AdminError;

    async fn from_request(request: Request, _: &S) -> Result<Self, AdminError> {
        let text = text(request, BODY_BYTES_MAX).await?;
        if text.trim().is_empty() {
            let empty = "body is empty; expected a JSON object";
            return Err(AdminError::bad_request(empty.to_owned()));
        }
        object(&text).map(Self)
    }
}

/// A JSON object, or an empty body.
pub(super) struct OptionalJsonBody<T>(pub(super) T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalJsonBody<T> {
    type Rejection = AdminError;

    async fn from_request(request: Request, _: &S) -> Result<Self, AdminError> {
        let text = text(request, BODY_BYTES_MAX).await?;
        if text.trim().is_empty() { Ok(Self(T::default())) } else { object(&text).map(Self) }
    }
}

/// Reads a JSON object.
fn object<T: DeserializeOwned>(text: &str) -> Result<T, AdminError> {
    let read = || {
        serde_json::from_str::<IgnoredAny>(text)
            .map_err(|error| format!("body: invalid JSON: {error}"))?;
        // Serde also accepts a list of an object's members, in their order.
        if text.trim_start().starts_with('[') {
            return Err("body is a list; expected a JSON object".to_owned());
        }
        read_json(&mut serde_json::Deserializer::from_str(text))
            .map_err(|problem| format!("body: {problem}"))
    };
    read().map_err(AdminError::bad_request)
}

async fn text(request: Request, bytes_max: usize) -> Result<String, AdminError> {
    let bytes = body::read(request, bytes_max).await.map_err(|bad| match bad {
        BadBody::TooLarge => {
            AdminError::too_large(format!("body is too large: at most {bytes_max} bytes"))
        }
        BadBody::Incomplete => AdminError::bad_request("body is incomplete".to_owned()),
    })?;
    let text = String::from_utf8(bytes.into());
    text.map_err(|_| AdminError::bad_request("body is not UTF-8".to_owned()))
}
