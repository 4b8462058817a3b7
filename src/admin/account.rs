//! Endpoints for the resources, clock, and HAVIPs of an account.

use std::{str::FromStr, sync::Arc, time::Duration};

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::{
    control::{
        AccountRecord,
        accounts::{AccountState, InvalidState},
        clock::{AccountClock, Setting, ShownClock},
        fixture::Findings,
        offload,
    },
    ecm::{
        Error, Store,
        ids::{AddressId, HaVipId, NetworkInterfaceId},
    },
    protocol::text::Backticked,
};

use super::{
    answer::AdminError,
    ask::{AccountParam, FixtureBody, JsonBody, PathId},
    export,
};

pub(super) async fn reset(AccountParam(account): AccountParam) -> Result<Response, AdminError> {
    // The reset of an account with a log deletes a file.
    off(move || {
        account.reset();
        Json(json!({ "Account": account.name() }))
    })
    .await
}

pub(super) async fn state(AccountParam(account): AccountParam) -> Result<Response, AdminError> {
    off(move || export::response(account.state().read(Store::clone))).await
}

pub(super) async fn replace_state(
    AccountParam(account): AccountParam,
    FixtureBody(fixture): FixtureBody,
) -> Result<Response, AdminError> {
    busy(move || loaded(account.state().replace(fixture))).await
}

pub(super) async fn merge_state(
    AccountParam(account): AccountParam,
    FixtureBody(fixture): FixtureBody,
) -> Result<Response, AdminError> {
    busy(move || loaded(account.state().merge(fixture))).await
}

fn loaded(outcome: Result<Findings, InvalidState>) -> Result<Json<Value>, AdminError> {
    let warnings: Vec<String> = outcome?.lines().collect();
    Ok(Json(json!({ "Warnings": warnings })))
}

/// Runs slow work on a blocking thread, including serializing the response.
pub(super) async fn off<T: IntoResponse>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<Response, AdminError> {
    Ok(offload::run(move || work().into_response()).await?)
}

/// Runs work that keeps a processor busy, including serializing the response.
pub(super) async fn busy<T: IntoResponse>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<Response, AdminError> {
    Ok(offload::run_busy(move || work().into_response()).await?)
}

pub(super) async fn clock(AccountParam(account): AccountParam) -> Json<ShownClock> {
    Json(account.clock().show())
}

pub(super) async fn set_clock(
    AccountParam(account): AccountParam,
    JsonBody(setting): JsonBody<Setting>,
) -> Result<Response, AdminError> {
    changed_clock(account, move |clock| Ok(clock.apply(&setting)?)).await
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Advance {
    ms: u64,
}

pub(super) async fn advance_clock(
    AccountParam(account): AccountParam,
    JsonBody(Advance { ms }): JsonBody<Advance>,
) -> Result<Response, AdminError> {
    let out_of_range = |error| AdminError::bad_request(format!("Ms: {error}"));
    let by = Duration::from_millis(ms);
    changed_clock(account, move |clock| clock.advance(by).map_err(out_of_range)).await
}

/// Changes the clock of an account, and returns it. The change may be written to a log.
async fn changed_clock(
    account: Arc<AccountRecord>,
    change: impl FnOnce(&AccountClock) -> Result<(), AdminError> + Send + 'static,
) -> Result<Response, AdminError> {
    off(move || {
        account.state().change_clock(change)?;
        Ok::<_, AdminError>(Json(account.clock().show()))
    })
    .await
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Announcement {
    network_interface_id: String,
}

pub(super) async fn announce(
    AccountParam(account): AccountParam,
    PathId(id): PathId,
    JsonBody(announcement): JsonBody<Announcement>,
) -> Result<Response, AdminError> {
    let by: NetworkInterfaceId = parse("NetworkInterfaceId", &announcement.network_interface_id)?;
    off(move || changed(&account, &id, |state, id| state.announce(id, by))).await
}

pub(super) async fn withdraw(
    AccountParam(account): AccountParam,
    PathId(id): PathId,
) -> Result<Response, AdminError> {
    off(move || changed(&account, &id, AccountState::withdraw)).await
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Binding {
    #[serde(deserialize_with = "explicit")]
    address_id: Option<String>,
}

/// Deserializes a required member that may be null.
fn explicit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(deserializer)
}

pub(super) async fn bind_address(
    AccountParam(account): AccountParam,
    PathId(id): PathId,
    JsonBody(binding): JsonBody<Binding>,
) -> Result<Response, AdminError> {
    let address: Option<AddressId> =
        binding.address_id.map(|it| parse("AddressId", &it)).transpose()?;
    off(move || changed(&account, &id, |state, id| state.bind_ha_vip(id, address))).await
}

/// Changes a HAVIP and returns it.
fn changed(
    account: &AccountRecord,
    id: &str,
    change: impl FnOnce(&AccountState, HaVipId) -> Result<Value, Error>,
) -> Result<Json<Value>, AdminError> {
    let id = parse("HAVIP ID", id)?;
    Ok(Json(json!({ "HaVip": change(&account.state(), id)? })))
}

pub(super) fn parse<T: FromStr<Err: std::fmt::Display>>(
    name: &str,
    text: &str,
) -> Result<T, AdminError> {
    let bad = |error| AdminError::bad_request(format!("{name}: {} {error}", Backticked(text)));
    text.parse().map_err(bad)
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_internal_error() {
        let failure = off(|| -> StatusCode { panic!("on purpose") }).await.unwrap_err();
        assert_eq!(failure.into_response().status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
