//! A server as a Rust test asks for it.

use std::{net::SocketAddr, path::PathBuf};

use chrono::{DateTime, Utc};

use crate::{
    Auth, Config, Fixtures, Server, StartError,
    control::{faults::Rule, fixture::Source, journal::JournalLimits, throttle::RateLimit},
    ecm::store::{Quotas, Settle},
    protocol::signature::keyring::Credential,
    tls::TlsName,
};

/// Settings of a server to be started. Unless told otherwise it listens on a free port of
/// 127.0.0.1, begins with the state of the vendor's `CreateHaVip` page, and checks no signatures.
///
/// Connections have time limits, so a test that pauses tokio's time must not wait for a server in the
/// same runtime: the time would jump to the next limit.
///
/// ```
/// # use std::time::Duration;
/// # use ecmock::control::faults::Rule;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = ecmock::Server::builder().seed(1).start().await?;
/// let account = server.account("a-test"); // whom the SecretId `ecmock-a-test` belongs to
/// account.faults().add(Rule::error("CreateHaVip", "InternalError").times(1))?;
/// account.clock().advance(Duration::from_secs(60))?;
/// // ... point a client at `server.endpoint()`, such as http://127.0.0.1:40123, and then:
/// let calls = account.journal().entries();
/// # assert_eq!(calls.len(), 0);
/// account.reset();
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "a server has to be started"]
pub struct Builder(Config);

impl Builder {
    /// Listens on these addresses; port 0 picks a free one.
    pub fn listen(mut self, addresses: impl IntoIterator<Item = SocketAddr>) -> Self {
        self.0.listen = addresses.into_iter().collect();
        self
    }

    /// Begins with the state of these files, merged in order; with an empty cloud if there are none.
    pub fn fixtures(mut self, files: impl IntoIterator<Item = PathBuf>) -> Self {
        self.0.fixtures = Fixtures::Files(files.into_iter().collect());
        self
    }

    /// Begins with the state of this JSON text.
    pub fn fixture_text(mut self, text: impl Into<String>) -> Self {
        let source = Source { file: "the fixture".to_owned(), text: text.into() };
        self.0.fixtures = Fixtures::Texts(vec![source]);
        self
    }

    /// Checks signatures, with these keys.
    pub fn verify(mut self, credentials: impl IntoIterator<Item = Credential>) -> Self {
        self.0.auth = Auth::Verify;
        self.0.credentials = credentials.into_iter().collect();
        self
    }

    /// Limits the calls a second of each account and action.
    pub const fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.0.rate_limit = limit;
        self
    }

    /// Limits what an account has.
    pub const fn quotas(mut self, quotas: Quotas) -> Self {
        self.0.quotas = quotas;
        self
    }

    /// Lets changes settle after so many reads, or so much time of the account's clock.
    pub const fn settle(mut self, settle: Settle) -> Self {
        self.0.settle = settle;
        self
    }

    /// Derives all ids and chance from this number: the same calls then have the same answers.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.0.seed = Some(seed);
        self
    }

    /// Begins with a clock that stands still at this time.
    pub const fn clock(mut self, now: DateTime<Utc>) -> Self {
        self.0.clock = Some(now);
        self
    }

    /// Begins with this fault rule, after those that were given before.
    pub fn fault(mut self, rule: Rule) -> Self {
        self.0.faults.push(rule);
        self
    }

    /// Lets the admin API answer to this name in the `Host` header as well.
    pub fn admin_host(mut self, name: TlsName) -> Self {
        self.0.admin_hosts.push(name);
        self
    }

    /// Keeps so many calls.
    pub const fn journal(mut self, limits: JournalLimits) -> Self {
        self.0.journal = limits;
        self
    }

    /// Starts the server. When this returns, calls are answered.
    pub async fn start(self) -> Result<Server, StartError> {
        Server::start(self.0).await
    }
}
