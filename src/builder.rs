//! Builder for emulators and servers.

use std::{net::SocketAddr, path::PathBuf};

use chrono::{DateTime, Utc};

use crate::{
    Credential, Emulator, Quotas, RateLimit, Server, Settle, StartError,
    config::{Auth, Config},
    faults::Rule,
    fixture::Fixture,
    tls::TlsName,
};

/// A builder for an [`Emulator`] or a [`Server`].
///
/// By default, accounts start with the state of the vendor's `CreateHaVip` page, signatures are not
/// verified, and a server listens on a free port of 127.0.0.1.
///
/// # Examples
///
/// ```
/// use ecmock::{Quotas, Server};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let server = Server::builder()
///     .seed(1)
///     .clock(std::time::UNIX_EPOCH)
///     .quotas(Quotas::default().with_ha_vips_per_vpc(2))
///     .start()
///     .await;
/// # }
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "a builder does nothing until an emulator is built or a server is started"]
pub struct Builder {
    config: Config,
    tls_names: Vec<String>,
    admin_hosts: Vec<String>,
}

impl Builder {
    /// Sets the addresses to listen on. Port 0 selects a free port. Defaults to a free port of
    /// 127.0.0.1. Ignored when an emulator is built without sockets.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let addresses = [([127, 0, 0, 1], 0).into(), ([127, 0, 0, 2], 0).into()];
    /// let server = ecmock::Server::builder().listen(addresses).start().await;
    /// assert_eq!(server.addresses().len(), 2);
    /// # }
    /// ```
    pub fn listen(mut self, addresses: impl IntoIterator<Item = SocketAddr>) -> Self {
        self.config.listen = addresses.into_iter().collect();
        self
    }

    /// Adds a fixture to the initial state of accounts. The first fixture replaces the default state,
    /// and further fixtures are merged in order.
    ///
    /// ```
    /// let vpc = serde_json::json!({ "VpcSet": [{ "VpcId": "vpc-00000001", "CidrBlock": "10.0.0.0/16" }] });
    /// let emulator = ecmock::Emulator::builder().fixture(vpc).build();
    /// assert_eq!(emulator.account().state()["VpcSet"].as_array().map(Vec::len), Some(1));
    /// ```
    pub fn fixture(mut self, fixture: impl Into<Fixture>) -> Self {
        self.config.fixtures.get_or_insert_default().push(fixture.into());
        self
    }

    /// Rejects calls without a valid signature. Secret keys default to `ecmock`; see
    /// [`Builder::credential`].
    ///
    /// ```
    /// let emulator = ecmock::Emulator::builder().verify_signatures().build();
    /// assert_eq!(emulator.account().secret_key(), "ecmock");
    /// ```
    pub const fn verify_signatures(mut self) -> Self {
        self.config.auth = Auth::Verify;
        self
    }

    /// Adds a credential. If several credentials match a SecretId, the first added one applies.
    ///
    /// ```
    /// use ecmock::{Credential, Emulator};
    ///
    /// let credential = Credential::new("ecmock-web", "a key");
    /// let emulator = Emulator::builder().verify_signatures().credential(credential).build();
    /// assert_eq!(emulator.account_named("web").secret_key(), "a key");
    /// assert_eq!(emulator.account_named("other").secret_key(), "ecmock");
    /// ```
    pub fn credential(mut self, credential: Credential) -> Self {
        // The default credential stays last, because it matches all accounts.
        let index = self.config.credentials.len().saturating_sub(1);
        self.config.credentials.insert(index, credential);
        self
    }

    /// Limits the calls per second of each account and action. Defaults to no limit.
    ///
    /// ```
    /// use ecmock::{Emulator, RateLimit};
    ///
    /// let emulator = Emulator::builder().rate_limit(RateLimit::DOCUMENTED).build();
    /// ```
    pub const fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.config.rate_limit = limit;
        self
    }

    /// Sets the resource quotas of accounts.
    ///
    /// ```
    /// use ecmock::{Emulator, Quotas};
    ///
    /// let emulator = Emulator::builder().quotas(Quotas::default().with_ha_vips_per_vpc(2)).build();
    /// ```
    pub const fn quotas(mut self, quotas: Quotas) -> Self {
        self.config.quotas = quotas;
        self
    }

    /// Sets when state changes of interfaces and EIPs complete. Defaults to immediately.
    ///
    /// ```
    /// use ecmock::{Emulator, Settle};
    ///
    /// let emulator = Emulator::builder().settle(Settle::Reads(2)).build();
    /// ```
    pub const fn settle(mut self, settle: Settle) -> Self {
        self.config.settle = settle;
        self
    }

    /// Sets when Describe calls show the resources that calls create: after a number of Describe calls of
    /// their kind, or after a time on the account's clock. Defaults to immediately.
    ///
    /// ```
    /// use ecmock::{Emulator, Settle};
    ///
    /// let emulator = Emulator::builder().visible_after(Settle::Reads(2)).build();
    /// ```
    pub const fn visible_after(mut self, delay: Settle) -> Self {
        self.config.visible_after = delay;
        self
    }

    /// Sets the seed of IDs and fault probabilities. The same seed and calls produce the same IDs.
    /// Defaults to a random seed.
    ///
    /// ```
    /// assert_eq!(ecmock::Emulator::builder().seed(7).build().seed(), 7);
    /// ```
    pub const fn seed(mut self, seed: u64) -> Self {
        self.config.seed = Some(seed);
        self
    }

    /// Freezes the clock of every account at an instant. Defaults to the machine's clock.
    ///
    /// ```
    /// let emulator = ecmock::Emulator::builder().clock(std::time::UNIX_EPOCH).build();
    /// assert_eq!(emulator.account().now().timestamp(), 0);
    /// ```
    pub fn clock(mut self, now: impl Into<DateTime<Utc>>) -> Self {
        self.config.clock = Some(now.into());
        self
    }

    /// Adds a fault rule that every account starts with.
    ///
    /// ```
    /// use ecmock::{Emulator, faults::Rule};
    ///
    /// let fault = Rule::error("CreateHaVip", "InternalError").times(1);
    /// let emulator = Emulator::builder().fault(fault).build();
    /// assert_eq!(emulator.account().faults().len(), 1);
    /// ```
    pub fn fault(mut self, rule: Rule) -> Self {
        self.config.faults.push(rule);
        self
    }

    /// Sets the maximum number of calls kept in each account's journal. Defaults to 10,000.
    ///
    /// ```
    /// let emulator = ecmock::Emulator::builder().journal_entries(100).build();
    /// ```
    pub const fn journal_entries(mut self, entries: usize) -> Self {
        self.config.journal.entries = entries;
        self
    }

    /// Sets the maximum size of all journals together, in bytes. Defaults to 32 MiB.
    ///
    /// ```
    /// let emulator = ecmock::Emulator::builder().journal_bytes(1_000_000).build();
    /// ```
    pub const fn journal_bytes(mut self, bytes: usize) -> Self {
        self.config.journal.bytes = bytes;
        self
    }

    /// Sets the directory that keeps the state of accounts, which is created if missing. The next server
    /// with the directory continues with the state, also if this one is killed. Defaults to none: the
    /// state ends with the server.
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// use ecmock::Emulator;
    ///
    /// let emulator = Emulator::builder().state_dir(directory.path()).try_build()?;
    /// let before = emulator.account().state();
    /// drop(emulator);
    /// let emulator = Emulator::builder().state_dir(directory.path()).try_build()?;
    /// assert_eq!(emulator.account().state(), before);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn state_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.config.state_dir = Some(directory.into());
        self
    }

    /// Writes each change to the disk before the call is answered, so that the state also survives a crash of
    /// the machine. Has no effect without [`Builder::state_dir`].
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// let builder = ecmock::Emulator::builder().state_dir(directory.path()).state_sync();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn state_sync(mut self) -> Self {
        self.config.state_sync = true;
        self
    }

    /// Sets the directory of the CA certificate and key (`ca.pem` and `ca-key.pem`), which are created
    /// if missing. Defaults to a temporary CA that is discarded with the server.
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path();
    /// let server = ecmock::Emulator::builder().tls_dir(path).try_build()?;
    /// assert!(path.join("ca.pem").exists());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn tls_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.config.tls_dir = Some(directory.into());
        self
    }

    /// Adds a DNS name or IP address to the TLS certificate, such as `ecm.test`, `*.ecm.test`, or
    /// `10.0.0.5`. The admin API also accepts it in the `Host` header.
    ///
    /// ```
    /// let emulator = ecmock::Emulator::builder().tls_name("*.ecm.test").build();
    /// let error = ecmock::Emulator::builder().tls_name("no name").try_build().unwrap_err();
    /// assert_eq!(error.to_string(), "invalid name `no name`");
    /// ```
    pub fn tls_name(mut self, name: impl Into<String>) -> Self {
        self.tls_names.push(name.into());
        self
    }

    /// Adds a name that the admin API accepts in the `Host` header.
    ///
    /// ```
    /// let emulator = ecmock::Emulator::builder().admin_host("mock.example.com").build();
    /// ```
    pub fn admin_host(mut self, name: impl Into<String>) -> Self {
        self.admin_hosts.push(name.into());
        self
    }

    fn config(self) -> Result<Config, StartError> {
        let Self { config, tls_names, admin_hosts } = self;
        let (tls_names, admin_hosts) = (names(tls_names)?, names(admin_hosts)?);
        Ok(Config { tls_names, admin_hosts, ..config })
    }

    /// Builds an emulator without sockets.
    ///
    /// # Panics
    /// Panics if the settings are invalid; see [`Builder::try_build`].
    ///
    /// ```
    /// let emulator = ecmock::Emulator::builder().build();
    /// ```
    #[track_caller]
    pub fn build(self) -> Emulator {
        self.try_build()
            .unwrap_or_else(|error| panic!("cannot build an emulator: {}", error.chain()))
    }

    /// Builds an emulator without sockets.
    ///
    /// # Errors
    /// Fails if a fixture, a fault rule, or a name is invalid, or if the state directory or the TLS
    /// directory cannot be used.
    ///
    /// ```
    /// let error = ecmock::Emulator::builder().tls_name("-").try_build().unwrap_err();
    /// assert_eq!(error.to_string(), "invalid name `-`");
    /// ```
    pub fn try_build(self) -> Result<Emulator, StartError> {
        let config = self.config()?;
        let loaded = config.load()?;
        Emulator::with_state(&config, loaded)
    }

    /// Starts a server, which accepts calls as soon as this returns.
    ///
    /// # Panics
    /// Panics if the server cannot start; see [`Builder::try_start`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let server = ecmock::Server::builder().seed(1).start().await;
    /// # }
    /// ```
    pub async fn start(self) -> Server {
        let server = self.try_start().await;
        server.unwrap_or_else(|error| panic!("cannot start a server: {}", error.chain()))
    }

    /// Starts a server, which accepts calls as soon as this returns.
    ///
    /// # Errors
    /// Fails if a setting is invalid, or if the server cannot listen on an address.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let running = ecmock::Server::start().await;
    /// let address = running.addresses()[0];
    /// let error = ecmock::Server::builder().listen([address]).try_start().await.unwrap_err();
    /// assert_eq!(error.to_string(), format!("cannot listen on {address}"));
    /// # }
    /// ```
    #[expect(clippy::unused_async, reason = "requires a runtime, and may await in a later version")]
    pub async fn try_start(self) -> Result<Server, StartError> {
        let config = self.config()?;
        let loaded = config.load()?;
        Server::with_state(&config, loaded)
    }
}

fn names(texts: Vec<String>) -> Result<Vec<TlsName>, StartError> {
    let parse = |name: String| {
        name.parse().map_err(|source: <TlsName as std::str::FromStr>::Err| StartError::Name {
            name,
            source: source.into(),
        })
    };
    texts.into_iter().map(parse).collect()
}
