//! Settings of an emulator or a server.

use std::{net::SocketAddr, path::PathBuf};

use chrono::{DateTime, Utc};

use crate::{
    StartError,
    control::{
        Clock,
        faults::{BadRule, RULES_MAX, Rule},
        fixture::{self, Loaded},
        journal::JournalLimits,
        throttle::RateLimit,
    },
    ecm::store::{Quotas, Settings, Settle},
    fixture::{Fixture, InvalidFixture},
    protocol::signature::keyring::Credential,
    tls::TlsName,
};

/// The default credential: one throw-away key for all accounts.
pub const DEFAULT_CREDENTIAL: &str = "ecmock-*:ecmock"; // Its key is `keyring::PUBLIC_KEY`.

/// The settings of one server. The default one is for tests: any free port, the demo state.
#[derive(Debug, Clone)]
pub struct Config {
    /// Addresses to listen on; port 0 picks a free one.
    pub listen: Vec<SocketAddr>,
    /// State that accounts start with, merged in order. The built-in demo if `None`.
    pub fixtures: Option<Vec<Fixture>>,
    /// Whether signatures are checked.
    pub auth: Auth,
    /// Keys for [`Auth::Verify`], and the accounts that they belong to.
    pub credentials: Vec<Credential>,
    /// Calls a second that each action of an account allows.
    pub rate_limit: RateLimit,
    /// Limits of an account.
    pub quotas: Quotas,
    /// When state changes of interfaces and EIPs complete.
    pub settle: Settle,
    /// Seed of all IDs and probabilities. Random if `None`.
    pub seed: Option<u64>,
    /// Time at which the clock is frozen. The machine's clock if `None`.
    pub clock: Option<DateTime<Utc>>,
    /// Fault rules that every account starts with.
    pub faults: Vec<Rule>,
    /// Limits of the journal.
    pub journal: JournalLimits,
    /// Directory of the CA's certificate and key. A CA that is dropped with the server if `None`.
    pub tls_dir: Option<PathBuf>,
    /// Names in the TLS certificate, besides the vendor's and those of this machine.
    pub tls_names: Vec<TlsName>,
    /// Names in `Host` to which the admin API answers, besides `tls_names` and those that only this
    /// machine or network can have.
    pub admin_hosts: Vec<TlsName>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: vec![SocketAddr::from(([127, 0, 0, 1], 0))],
            fixtures: None,
            auth: Auth::Open,
            credentials: DEFAULT_CREDENTIAL.parse().into_iter().collect(),
            rate_limit: RateLimit::OFF,
            quotas: Quotas::default(),
            settle: Settle::default(),
            seed: None,
            clock: None,
            faults: Vec::new(),
            journal: JournalLimits::default(),
            tls_dir: None,
            tls_names: Vec::new(),
            admin_hosts: Vec::new(),
        }
    }
}

impl Config {
    /// Reads the fixtures.
    pub fn load(&self) -> Result<Loaded, InvalidFixture> {
        let (mut sources, mut problems) = (Vec::new(), Vec::new());
        let fixtures = self.fixtures.clone().unwrap_or_else(|| vec![Fixture::demo()]);
        for (number, fixture) in (1..).zip(fixtures) {
            match fixture.read(number) {
                Ok(source) => sources.push(source),
                Err(problem) => problems.push(problem),
            }
        }
        let settings = Settings { quotas: self.quotas, settle: self.settle };
        match fixture::load(&sources, settings, self.clock().now()) {
            Ok(loaded) if problems.is_empty() => Ok(loaded),
            loaded => Err(InvalidFixture(loaded.err().unwrap_or_default().after(problems))),
        }
    }

    /// Checks the fault rules that accounts start with.
    pub fn check_faults(&self) -> Result<(), StartError> {
        for (number, rule) in (1..).zip(&self.faults) {
            let is_one_too_many = number > RULES_MAX;
            let checked = if is_one_too_many { Err(BadRule::TooMany) } else { rule.check() };
            checked.map_err(|source| StartError::Fault { number, source })?;
        }
        Ok(())
    }

    /// The clock that accounts start with.
    pub fn clock(&self) -> Clock {
        self.clock.map_or(Clock::Real, Clock::Frozen)
    }
}

/// Whether signatures are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "command", derive(clap::ValueEnum))]
pub enum Auth {
    /// A signature only says whose account it is; none is demanded
    #[default]
    Open,
    /// Every call must be signed with a known key
    Verify,
}
