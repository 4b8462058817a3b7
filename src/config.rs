//! Configuration of an emulator or a server.

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

/// The default credential: one throwaway key for all accounts.
pub const DEFAULT_CREDENTIAL: &str = "ecmock-*:ecmock"; // Its key is `keyring::PUBLIC_KEY`.

/// Server configuration. The default is for tests: a free port and the demo state.
#[derive(Debug, Clone)]
pub struct Config {
    /// Addresses to listen on. Port 0 selects a free port.
    pub listen: Vec<SocketAddr>,
    /// Fixtures for the initial state of accounts, merged in order. The built-in demo if `None`.
    pub fixtures: Option<Vec<Fixture>>,
    /// Whether signatures are verified.
    pub auth: Auth,
    /// Keys for [`Auth::Verify`] and their accounts.
    pub credentials: Vec<Credential>,
    /// Calls per second allowed for each action of an account.
    pub rate_limit: RateLimit,
    /// Resource quotas of an account.
    pub quotas: Quotas,
    /// Delay until state changes of interfaces and EIPs complete.
    pub settle: Settle,
    /// Delay until Describe calls show the resources that calls create.
    pub visible_after: Settle,
    /// Seed of all IDs and probabilities. Random if `None`.
    pub seed: Option<u64>,
    /// Time to freeze the clock at. The machine's clock if `None`.
    pub clock: Option<DateTime<Utc>>,
    /// Fault rules that every account starts with.
    pub faults: Vec<Rule>,
    pub journal: JournalLimits,
    /// Directory that keeps the state of accounts. If `None`, they end with the server.
    pub state_dir: Option<PathBuf>,
    /// Whether changes are written to the disk before they are acknowledged.
    pub state_sync: bool,
    /// Directory of the CA certificate and key. If `None`, the CA is discarded with the server.
    pub tls_dir: Option<PathBuf>,
    /// Names in the TLS certificate, in addition to the vendor's and those of this machine.
    pub tls_names: Vec<TlsName>,
    /// Names that the admin API accepts in `Host`, in addition to `tls_names` and names that only this
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
            visible_after: Settle::default(),
            seed: None,
            clock: None,
            faults: Vec::new(),
            journal: JournalLimits::default(),
            state_dir: None,
            state_sync: false,
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
        let settings = Settings {
            quotas: self.quotas,
            settle: self.settle,
            visible_after: self.visible_after,
        };
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

    /// Returns the clock that accounts start with.
    pub fn clock(&self) -> Clock {
        self.clock.map_or(Clock::Real, Clock::Frozen)
    }
}

/// Whether signatures are verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "command", derive(clap::ValueEnum))]
pub enum Auth {
    /// Signatures are not verified; the SecretId selects the account
    #[default]
    Open,
    /// Every call must be signed with a known key
    Verify,
}
