//! Arguments of `ecmock serve`.

use std::{convert::Infallible, path::PathBuf};

use chrono::{DateTime, Utc};
use clap::Args;

use crate::{
    config::{self, Auth},
    control::{journal, throttle::RateLimit},
    ecm::store::Settle,
    protocol::signature::keyring::{Credential, InvalidCredential},
    tls::TlsName,
};

use super::{ListenArgs, amount, clock, log, quota, seed};

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    pub(super) endpoint: ListenArgs,
    /// Initial state, or none
    ///
    /// Fixture with the initial state of every account, or `none` for an
    /// empty one. Repeatable; fixtures are merged in order.
    #[arg(long, env = "ECMOCK_FIXTURE", value_name = "FILE", value_delimiter = ',')]
    #[arg(verbatim_doc_comment)]
    pub(super) fixture: Vec<PathBuf>,
    /// Authentication: open or verify
    ///
    /// `open` accepts every call; a signature only selects the account.
    /// `verify` requires every call to be signed with a known key.
    #[arg(long, env = "ECMOCK_AUTH", value_enum, default_value_t, verbatim_doc_comment)]
    pub(super) auth: Auth,
    /// Credential to accept
    ///
    /// Credential that `--auth verify` accepts, as ID:KEY or ID:KEY@ACCOUNT.
    /// The ID may end in `*`. Repeatable.
    #[arg(
        long = "credential",
        env = "ECMOCK_CREDENTIALS",
        value_name = "ID:KEY",
        default_value = config::DEFAULT_CREDENTIAL,
        value_delimiter = ',',
        value_parser = credential,
        verbatim_doc_comment
    )]
    pub(super) credentials: Vec<Result<Credential, InvalidCredential>>,
    /// Calls per second and action
    ///
    /// Calls per second that an account may make to each action: `off`,
    /// `documented` (20), or a number.
    #[arg(
        long,
        env = "ECMOCK_RATE_LIMIT",
        value_name = "LIMIT",
        default_value = "off",
        allow_negative_numbers = true,
        verbatim_doc_comment
    )]
    pub(super) rate_limit: RateLimit,
    /// Quota, for example havips-per-vpc=10
    ///
    /// Quota of every account, for example havips-per-vpc=10. Repeatable.
    #[arg(long = "quota", env = "ECMOCK_QUOTAS", value_name = "NAME=N", value_delimiter = ',')]
    pub(super) quotas: Vec<quota::Quota>,
    /// When state changes complete
    ///
    /// When state changes of interfaces and EIPs complete: after N reads, or
    /// after a duration on the account's clock such as 1500ms, 2s, or 5m.
    #[arg(
        long,
        env = "ECMOCK_SETTLE",
        value_name = "N|TIME",
        default_value_t,
        allow_negative_numbers = true,
        verbatim_doc_comment
    )]
    pub(super) settle: Settle,
    /// When created resources are visible
    ///
    /// When Describe calls show the resources that calls create: after N
    /// Describe calls of their kind, or after a duration on the account's
    /// clock such as 1500ms, 2s, or 5m.
    #[arg(
        long,
        env = "ECMOCK_VISIBLE_AFTER",
        value_name = "N|TIME",
        default_value_t,
        allow_negative_numbers = true,
        verbatim_doc_comment
    )]
    pub(super) visible_after: Settle,
    /// Seed for all IDs
    ///
    /// Seed for resource and request IDs. The server prints it at startup.
    #[arg(
        long,
        env = "ECMOCK_SEED",
        value_name = "N",
        value_parser = seed,
        allow_negative_numbers = true
    )]
    pub(super) seed: Option<u64>,
    /// Freeze the clock
    ///
    /// Freeze the clock at a time such as 2026-01-31T12:00:00Z. Signatures
    /// and rate limits also use this clock.
    #[arg(long, env = "ECMOCK_CLOCK", value_name = "RFC3339", value_parser = clock)]
    #[arg(verbatim_doc_comment)]
    pub(super) clock: Option<DateTime<Utc>>,
    /// Fault rules for every account, as a JSON file
    ///
    /// JSON file with the initial fault rules of every account: one rule or
    /// a list. Repeatable.
    #[arg(long = "fault", env = "ECMOCK_FAULT", value_name = "FILE", value_delimiter = ',')]
    #[arg(verbatim_doc_comment)]
    pub(super) faults: Vec<PathBuf>,
    /// Calls kept in each journal
    ///
    /// Maximum number of calls kept in each account's journal.
    #[arg(
        long,
        env = "ECMOCK_JOURNAL_ENTRIES",
        value_name = "N",
        default_value_t = journal::ENTRIES_MAX,
        value_parser = amount,
        allow_negative_numbers = true
    )]
    pub(super) journal_entries: usize,
    /// Bytes kept in all journals
    ///
    /// Maximum size of the journals of all accounts, in bytes.
    #[arg(
        long,
        env = "ECMOCK_JOURNAL_BYTES",
        value_name = "BYTES",
        default_value_t = journal::BYTES_MAX,
        value_parser = amount,
        allow_negative_numbers = true
    )]
    pub(super) journal_bytes: usize,
    /// Directory that keeps the state of accounts
    ///
    /// Directory that keeps the state of accounts, created if missing. The
    /// next server with the directory continues with the state, also if this
    /// one is killed. Faults and recorded calls are not kept. Defaults to
    /// none: the state ends with the server.
    #[arg(long, env = "ECMOCK_STATE_DIR", value_name = "DIR", verbatim_doc_comment)]
    pub(super) state_dir: Option<PathBuf>,
    /// Write changes to the disk at once
    ///
    /// Write each change to the disk before its call is answered, so that it
    /// also survives a crash of the machine. Requires --state-dir.
    #[arg(long, env = "ECMOCK_STATE_SYNC", requires = "state_dir", verbatim_doc_comment)]
    pub(super) state_sync: bool,
    /// Directory for the CA
    ///
    /// Directory for the CA certificate and key (`ca.pem`, `ca-key.pem`);
    /// created if missing.
    #[arg(long, env = "ECMOCK_TLS_DIR", value_name = "DIR", verbatim_doc_comment)]
    pub(super) tls_dir: Option<PathBuf>,
    /// Additional name for the TLS certificate
    ///
    /// Additional DNS name or IP address for the TLS certificate, such as
    /// ecm.test, *.ecm.test, or 10.0.0.5. Repeatable.
    #[arg(long = "tls-name", env = "ECMOCK_TLS_NAMES", value_name = "NAME", value_delimiter = ',')]
    #[arg(verbatim_doc_comment)]
    pub(super) tls_names: Vec<TlsName>,
    /// Additional host name of the admin API
    ///
    /// Additional host name that the admin API accepts in the Host header.
    /// Repeatable.
    ///
    /// The admin API always accepts IP addresses, localhost, names without a
    /// dot, names below .local, .localhost, .internal, .test, and .svc, and
    /// each --tls-name. It rejects other names, which a web page could use
    /// to reach it (DNS rebinding).
    #[arg(
        long = "admin-host",
        env = "ECMOCK_ADMIN_HOSTS",
        value_name = "NAME",
        value_delimiter = ',',
        verbatim_doc_comment
    )]
    pub(super) admin_hosts: Vec<TlsName>,
    /// Log format: pretty or json
    ///
    /// Log format: `pretty` for people, `json` for programs. The log has one
    /// line per call and is written to stderr. `RUST_LOG` filters it.
    #[arg(long, env = "ECMOCK_LOG", value_enum, default_value_t, verbatim_doc_comment)]
    pub(super) log: log::Format,
    /// Stop when stdin closes
    ///
    /// Stop when stdin closes, as if by SIGTERM. A program that keeps a pipe
    /// to the server's stdin open never leaves the server behind, even if
    /// the program is killed.
    #[arg(long, verbatim_doc_comment)]
    pub(super) stop_on_stdin_eof: bool,
}

/// Parses a credential. It never fails: clap would print the value, which contains a key.
#[expect(clippy::unnecessary_wraps, reason = "clap asks for a result")]
fn credential(text: &str) -> Result<Result<Credential, InvalidCredential>, Infallible> {
    Ok(text.parse())
}
