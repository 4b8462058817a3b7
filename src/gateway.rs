//! The HTTP gateway in front of the actions.
//!
//! A call passes the checks of `Gateway::pass` in order. The first failed check ends the call.

mod body;
mod call;
pub(crate) mod connection_handle;
mod fault;
mod http;
mod warning;

use std::{
    borrow::Cow,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use axum::Router;

use crate::{
    config::Auth,
    control::{
        Accounts,
        accounts::{AccountName, AccountState, DEFAULT_ACCOUNT, Durability, account_name},
        faults::FaultHit,
        journal::entry::Verdict,
        metrics::Metrics,
        persistence::CallSource,
        throttle::RateLimit,
    },
    ecm::Store,
    protocol::{
        ApiError, AuthFailure, Catalog, Refusal,
        action::{Call, ResolvedAction},
        params::Params,
        refusal::codes,
        request::{Common, Head, Request},
        signature::{self, Case, keyring::Keyring},
    },
};

use call::Pending;
pub use connection_handle::ConnectionHandle;
pub use http::{CallBody, Chunk};

/// The cloud behind the protocol.
#[derive(Debug)]
pub struct Gateway {
    pub catalog: &'static Catalog<Store>,
    /// The accounts, each an isolated cloud.
    pub accounts: Arc<Accounts>,
    pub keyring: Arc<Keyring>,
    /// Whether signatures are checked.
    pub auth: Auth,
    /// Rate limit of each account and action.
    pub rate_limit: RateLimit,
    /// Counts of calls.
    pub metrics: Arc<Metrics>,
}

/// A call that has passed all checks.
struct Accepted {
    /// The decoded call, or the error of its parameters.
    call: Result<Box<dyn Call<Store>>, ApiError>,
    /// The call as the account's log keeps it, if there is a log.
    source: Option<CallSource>,
    fault: Option<FaultHit>,
}

/// The parameters of a call.
enum Parsed<'a> {
    /// Valid parameters, decoded for the action.
    Valid(Box<dyn Call<Store>>),
    Params(Cow<'a, Params<'a>>),
}

impl Gateway {
    /// Handles every path that no other route matches.
    pub fn router(self: &Arc<Self>) -> Router {
        // Assumed (gateway.path, gateway.fragment): the path and the fragment of a target mean
        // nothing.
        Router::new().fallback(http::serve_routed).with_state(Arc::clone(self))
    }

    /// Runs a call's checks, which change no state. A panic is an internal error, and the account stays
    /// usable.
    ///
    /// A call of a known `account` needs no signature. Otherwise, its SecretId selects the account.
    fn begin(
        &self,
        head: Head<'_>,
        body: Result<&[u8], Refusal>,
        account: Option<&str>,
    ) -> Pending {
        let auth = if account.is_some() { Auth::Open } else { self.auth };
        let begin = || {
            let request = Request::read(head, body);
            let AccountName { name, warning } = match account {
                Some(name) => AccountName { name: name.into(), warning: None },
                None => self.account_name(signature::secret_id(&request)),
            };
            let begun = self.accounts.begin_call(&name);
            let warning = warning::of(&request, self.catalog.service, warning);
            let mut call = Pending::of(begun, warning, &request, self.keyring.known_keys());
            let pass = || self.pass(&request, auth, &mut call);
            let passed = catch_unwind(AssertUnwindSafe(pass));
            call.set(passed.unwrap_or_else(|_| Err(codes::INTERNAL_ERROR.into())));
            call
        };
        // If parsing panics, the SecretId is unknown: use the default account.
        let unknown =
            |_| Pending::new(self.accounts.begin_call(account.unwrap_or(DEFAULT_ACCOUNT)));
        catch_unwind(AssertUnwindSafe(begin)).unwrap_or_else(unknown)
    }

    /// Explains the signature of a call, which takes up to tens of milliseconds.
    fn explain(&self, head: Head<'_>, body: Result<&[u8], Refusal>, call: &mut Pending) {
        if !std::mem::take(&mut call.is_unexplained) {
            return;
        }
        let explain = || {
            let request = Request::read(head, body);
            signature::verify(&request, &self.keyring, self.catalog.service, call.time).explanation
        };
        let explanation = catch_unwind(AssertUnwindSafe(explain)).ok().flatten();
        call.signature.explanation = explanation.map(Arc::from);
    }

    /// Returns the account of a `SecretId`. With `verify`, an unknown `SecretId` creates no account.
    fn account_name<'a>(&'a self, secret_id: Option<&'a str>) -> AccountName<'a> {
        let may_have_one = |id: &&str| self.auth == Auth::Open || self.keyring.find(id).is_some();
        account_name(&self.keyring, secret_id.filter(may_have_one))
    }

    /// Runs all checks, in order.
    ///
    /// Assumed (gateway.check-order, gateway.json-before-signature): all syntax comes first.
    ///
    /// Assumed (gateway.version-before-signature): the version and the action come before the
    /// signature.
    fn pass(
        &self,
        request: &Request<'_>,
        auth: Auth,
        call: &mut Pending,
    ) -> Result<Accepted, ApiError> {
        request.head.check_method()?;
        request.head.check_target_size()?;
        let found = request.common(Common::ACTION).and_then(|name| self.catalog.find(name));
        let params = match decode_valid(request, found, &call.state) {
            Some(call) => Parsed::Valid(call),
            None => Parsed::Params(request.params()?),
        };
        let action = request.require(Common::ACTION)?;
        let version = request.require(Common::VERSION)?;
        if auth == Auth::Verify {
            signature::check_presence(request)?;
        }
        request.check_values()?;
        if auth == Auth::Verify {
            signature::check_values(request)?;
        }
        self.check_version(version)?;
        let action = found.ok_or_else(|| self.unknown(action))?;
        call.action = Some(action);
        if auth == Auth::Verify {
            self.check_signature(request, action.model.name, call)?;
        }
        self.check_rate(call, action.model.name)?;
        let has_log = call.state.durability() != Durability::Memory;
        let source = if has_log { source(action.model.name, request) } else { None };
        Ok(match params {
            Parsed::Valid(call) => Accepted { call: Ok(call), source, fault: None },
            Parsed::Params(params) => {
                let fault = call.state.faults.hit(action.model.name, params.members());
                Accepted { call: action.decode(&params), source, fault }
            }
        })
    }

    fn check_version(&self, version: &str) -> Result<(), Refusal> {
        let service = self.catalog.service;
        if version == self.catalog.version {
            Ok(())
        } else {
            Err(Refusal::Version { version: version.to_owned(), service })
        }
    }

    fn unknown(&self, action: &str) -> Refusal {
        let Catalog { service, version, .. } = *self.catalog;
        Refusal::Action { action: action.to_owned(), service, version }
    }

    /// Assumed (auth.skip, auth.skip-order): an unsigned call may do nothing, as no ECM action is open
    /// to unsigned calls.
    fn check_signature(
        &self,
        request: &Request<'_>,
        action: &'static str,
        call: &mut Pending,
    ) -> Result<(), Refusal> {
        let service = self.catalog.service;
        if signature::is_skipped(request) {
            call.signature.verdict = Verdict::Invalid;
            let request_id = call.request_id.to_string();
            return Err(AuthFailure::Unsigned { service, action, request_id }.into());
        }
        let checked = Case { request, keyring: &self.keyring, service, now: call.time }.check();
        let is_right = checked.outcome.is_ok();
        call.signature.verdict = if is_right { Verdict::Valid } else { Verdict::Invalid };
        call.is_unexplained = checked.is_unexplained;
        checked.outcome
    }

    fn check_rate(&self, call: &Pending, action: &'static str) -> Result<(), Refusal> {
        let Some(limit) = self.rate_limit.calls_per_second() else { return Ok(()) };
        let calls = call.state.count_call(action, call.time);
        if calls <= limit { Ok(()) } else { Err(Refusal::RateLimit { calls, limit }) }
    }
}

/// Returns a request as a log keeps it.
fn source(action: &'static str, request: &Request<'_>) -> Option<CallSource> {
    if request.is_json {
        return CallSource::json(action, request.body);
    }
    CallSource::text(action, request.params().ok()?.members())
}

/// Decodes a JSON request that is valid, if no fault rule needs its parameters.
fn decode_valid(
    request: &Request<'_>,
    action: Option<ResolvedAction<Store>>,
    state: &AccountState,
) -> Option<Box<dyn Call<Store>>> {
    let has_json = request.is_json && state.faults.is_empty();
    action.filter(|_| has_json)?.decode_valid(request.body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        control::{AccountTemplate, Clock},
        ecm::{Error, ids::IdSequence, store::Settings},
        protocol::{
            self, Action, Context, Model,
            action::Entry,
            decode::{Decode, Input},
            schema::Schema,
        },
    };
    use axum::http::Request;
    use chrono::DateTime;

    #[derive(Debug, serde::Deserialize)]
    struct Panic;

    static PANIC: Model =
        Model { name: "Panic", family: "panic", parameters: Schema { members: &[] }, codes: &[] };

    impl Decode for Panic {
        fn decode(_: Input<'_>) -> Option<Self> {
            Some(Self)
        }
    }

    impl protocol::Request for Panic {
        const MODEL: &'static Model = &PANIC;
        type Response = ();
    }

    impl Action for Panic {
        type Product = Store;

        fn run(self, _: &mut Store, _: &Context) -> Result<(), Error> {
            panic!("on purpose")
        }
    }

    static CATALOG: Catalog<Store> =
        Catalog::new("test", "1", &[&PANIC], &[&[Entry::new::<Panic>()]]);

    #[test]
    fn a_panic_is_an_internal_error_and_the_account_stays_usable() {
        let store = Store::new(Settings::default(), IdSequence::new(0));
        let clock = Clock::Frozen(DateTime::UNIX_EPOCH);
        let gateway = Gateway {
            catalog: &CATALOG,
            accounts: Arc::new(Accounts::new(AccountTemplate {
                clock,
                ..AccountTemplate::new(store, 1)
            })),
            keyring: Arc::default(),
            auth: Auth::Open,
            rate_limit: "2".parse().unwrap(),
            metrics: Arc::new(Metrics::new(1)),
        };
        let request = Request::post("/").header("X-TC-Action", "Panic").header("X-TC-Version", "1");
        let parts = request.body(()).unwrap().into_parts().0;
        for code in ["InternalError", "InternalError", "RequestLimitExceeded"] {
            let mut call = gateway.begin(Head::from(&parts), Ok(b"{}"), None);
            let answer = call.run();
            assert_eq!(answer.code, code);
            let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(body["Response"]["RequestId"], call.request_id.to_string());
        }
    }
}
