//! What the admin API is asked.

use std::sync::Arc;

use axum::{
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::request::Parts,
};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    body::{self, BadBody},
    control::{
        Account,
        accounts::{ACCOUNT_NAME_BYTES_MAX, DEFAULT_ACCOUNT},
        read_json,
    },
};

use super::{Admin, answer::Failure};

/// Bytes of a fixture at most: 64 MiB, some hundred thousand resources.
const FIXTURE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bytes of any other body at most: 64 KiB.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// The account that a request means: `?account=NAME`, or the default one.
pub(super) struct Of(pub(super) Arc<Account>);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OnlyAccount {
    account: Option<String>,
}

impl FromRequestParts<Arc<Admin>> for Of {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, admin: &Arc<Admin>) -> Result<Self, Failure> {
        let Asked(OnlyAccount { account }) = Asked::from_request_parts(parts, admin).await?;
        admin.account(account.as_deref()).map(Self)
    }
}

impl Admin {
    /// The account `name`, or the default one.
    pub(super) fn account(&self, name: Option<&str>) -> Result<Arc<Account>, Failure> {
        let name = name.unwrap_or(DEFAULT_ACCOUNT);
        if !(1..=ACCOUNT_NAME_BYTES_MAX).contains(&name.len()) {
            return Err(Failure::bad_request(format!(
                "account has {} bytes; it must have 1 to {ACCOUNT_NAME_BYTES_MAX}",
                name.len()
            )));
        }
        Ok(self.accounts.get(name))
    }
}

/// What the query of a request says.
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(bad) => {
                let why = std::error::Error::source(&bad)
                    .map_or_else(|| bad.to_string(), ToString::to_string);
                Err(Failure::bad_request(format!("the query cannot be read: {why}")))
            }
        }
    }
}

/// The part of a path that names something.
pub(super) struct Named(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(name)) => Ok(Self(name)),
            Err(_) => Err(Failure::bad_request("the path is not UTF-8".to_owned())),
        }
    }
}

/// The text of a fixture.
pub(super) struct Fixture(pub(super) String);

impl<S: Send + Sync> FromRequest<S> for Fixture {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        text(request, FIXTURE_BYTES_MAX).await.map(Self)
    }
}

/// A body that is JSON.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let text = text(request, BODY_BYTES_MAX).await?;
        let read = || {
            // A list would do for the members of an object, in their order.
            if text.trim_start().starts_with('[') {
                return Err("must be an object".to_owned());
            }
            let mut json = serde_json::Deserializer::from_str(&text);
            let value = read_json(&mut json)?;
            json.end().map_err(|error| error.to_string())?;
            Ok(Self(value))
        };
        read().map_err(|why| Failure::bad_request(format!("the body cannot be read: {why}")))
    }
}

async fn text(request: Request, bytes_max: usize) -> Result<String, Failure> {
    let bytes = body::read(request, bytes_max).await.map_err(|bad| match bad {
        BadBody::TooLarge => {
            Failure::too_large(format!("the body has more than {bytes_max} bytes"))
        }
        BadBody::Incomplete => Failure::bad_request("the body is incomplete".to_owned()),
    })?;
    let text = String::from_utf8(bytes.into());
    text.map_err(|_| Failure::bad_request("the body is not UTF-8".to_owned()))
}
