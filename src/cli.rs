//! The command line: what can be asked, and in which words it is answered.

pub(crate) mod actions;
mod healthcheck;
mod log;
pub(crate) mod quota;
mod serve;

use std::{
    convert::Infallible,
    fmt::Display,
    io::{self, Write as _},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
};

use crate::{
    config::{self, Auth},
    control::{journal, throttle::RateLimit},
    ecm::store::Settle,
    protocol::signature::keyring::{Credential, InvalidCredential},
    tls::TlsName,
};
use chrono::{DateTime, Utc};
use clap::{
    Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, builder::Resettable,
    error::ErrorKind,
};

/// Could not start or serve.
const FAILED: u8 = 1;
/// Wrong usage, or invalid input.
const INVALID: u8 = 2;

/// A local Tencent Cloud Edge Computing Machine (ECM) API for integration tests.
///
/// Point any official SDK or tccli at the endpoint that it prints. Without a command it serves.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
#[command(mut_arg("listen", |arg| arg.help(LISTEN_HELP)))]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve until SIGINT or SIGTERM (the default command)
    #[command(mut_arg("listen", |arg| arg.help(LISTEN_HELP)))]
    Serve(Box<ServeArgs>),
    /// List actions, or show one with an example and how to trigger each error
    Actions {
        /// Name of an action, such as `CreateHaVip`
        action: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Validate fixtures, as one merged state; exit with 2 if there is any problem
    Check {
        /// JSON files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Print shell lines that point tccli and the SDKs at ecmock, with throw-away credentials
    Env(ListenArgs),
    /// Exit with 0 if a server is ready; for images without a shell
    Healthcheck(ListenArgs),
}

const LISTEN_HELP: &str = "Address to listen on; port 0 picks a free one; repeatable";

#[derive(Debug, Args)]
struct ServeArgs {
    #[command(flatten)]
    endpoint: ListenArgs,
    /// State to begin with, or `none`; repeatable, merged in order [default: a built-in demo]
    #[arg(long, env = "ECMOCK_FIXTURE", value_name = "FILE", value_delimiter = ',')]
    fixture: Vec<PathBuf>,
    /// Whether signatures are checked
    #[arg(long, env = "ECMOCK_AUTH", value_enum, default_value_t)]
    auth: Auth,
    /// Key for `--auth verify`, and whose it is; ID may end in `*`; repeatable
    #[arg(
        long = "credential",
        env = "ECMOCK_CREDENTIALS",
        value_name = "ID:KEY[@ACCOUNT]",
        hide_env_values = true,
        default_value = config::DEFAULT_CREDENTIAL,
        value_delimiter = ',',
        value_parser = credential
    )]
    credentials: Vec<Result<Credential, InvalidCredential>>,
    /// Calls that an account may make of each action in a second: `off`, `documented` (20) or a number
    #[arg(long, env = "ECMOCK_RATE_LIMIT", value_name = "LIMIT", default_value = "off")]
    rate_limit: RateLimit,
    /// Limit of an account, such as havips-per-vpc=10; repeatable
    #[arg(long = "quota", env = "ECMOCK_QUOTAS", value_name = "NAME=N", value_delimiter = ',')]
    quotas: Vec<quota::Quota>,
    /// What a change of an interface or an EIP takes to settle: a number of reads that see it, or a
    /// time on the account's clock such as 1500ms, 2s or 5m
    #[arg(
        long,
        env = "ECMOCK_SETTLE",
        value_name = "N|TIME",
        default_value_t,
        allow_negative_numbers = true
    )]
    settle: Settle,
    /// Number that every id and request id derives from [default: random, and printed]
    #[arg(
        long,
        env = "ECMOCK_SEED",
        value_name = "N",
        value_parser = seed,
        allow_negative_numbers = true
    )]
    seed: Option<u64>,
    /// Stop the clock at this instant, such as 2026-01-31T12:00:00Z, for signatures and rate limits
    /// too [default: the real clock]
    #[arg(long, env = "ECMOCK_CLOCK", value_name = "RFC3339", value_parser = clock)]
    clock: Option<DateTime<Utc>>,
    /// Fault rules that every account begins with: a JSON file with one or a list; repeatable
    #[arg(long = "fault", env = "ECMOCK_FAULT", value_name = "FILE", value_delimiter = ',')]
    faults: Vec<PathBuf>,
    /// Calls that the journal of an account keeps
    #[arg(
        long,
        env = "ECMOCK_JOURNAL_ENTRIES",
        value_name = "N",
        default_value_t = journal::ENTRIES_MAX,
        value_parser = amount,
        allow_negative_numbers = true
    )]
    journal_entries: usize,
    /// Bytes that the journals of all accounts keep
    #[arg(
        long,
        env = "ECMOCK_JOURNAL_BYTES",
        value_name = "BYTES",
        default_value_t = journal::BYTES_MAX,
        value_parser = amount,
        allow_negative_numbers = true
    )]
    journal_bytes: usize,
    /// Folder that keeps the CA of calls over TLS as `ca.pem` and `ca-key.pem`; made anew where they
    /// are absent [default: a CA that is gone with the server]
    #[arg(long, env = "ECMOCK_TLS_DIR", value_name = "DIR")]
    tls_dir: Option<PathBuf>,
    /// Name that verifies over TLS, beside localhost and the vendor's, such as ecm.test, *.ecm.test
    /// or 10.0.0.5; repeatable
    #[arg(long = "tls-name", env = "ECMOCK_TLS_NAMES", value_name = "NAME", value_delimiter = ',')]
    tls_names: Vec<TlsName>,
    /// Name in the Host header to which the admin API answers; repeatable
    ///
    /// The admin API always answers to IP addresses, to localhost, to names without a dot, to names
    /// below .local, .localhost, .internal, .test, and .svc, and to each --tls-name. It rejects other
    /// names, which a web page could use to reach it (DNS rebinding).
    #[arg(
        long = "admin-host",
        env = "ECMOCK_ADMIN_HOSTS",
        value_name = "NAME",
        value_delimiter = ','
    )]
    admin_hosts: Vec<TlsName>,
    /// Form of the log on stderr, one line a call; `RUST_LOG` filters it
    #[arg(long, env = "ECMOCK_LOG", value_enum, default_value_t)]
    log: log::Format,
}

#[derive(Debug, Args)]
struct ListenArgs {
    /// Address that the server listens on
    #[arg(
        long,
        env = "ECMOCK_LISTEN",
        value_name = "ADDR",
        default_value = "127.0.0.1:7190",
        value_delimiter = ',',
        value_parser = address
    )]
    listen: Vec<SocketAddr>,
}

/// Never fails, since clap would print the value: it holds a key.
#[expect(clippy::unnecessary_wraps, reason = "clap asks for a result")]
fn credential(text: &str) -> Result<Result<Credential, InvalidCredential>, Infallible> {
    Ok(text.parse())
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    let numeric = text.replacen("localhost:", "127.0.0.1:", 1);
    numeric.parse().map_err(|_| "must be ADDRESS:PORT, such as 127.0.0.1:7190 or [::1]:0")
}

fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("must be a whole number from 0 to {}", u64::MAX))
}

fn amount(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("must be a whole number from 0 to {}", usize::MAX))
}

fn clock(text: &str) -> Result<DateTime<Utc>, &'static str> {
    DateTime::parse_from_rfc3339(text)
        .map(|it| it.to_utc())
        .map_err(|_| "must be a time with its zone, such as 2026-01-31T12:00:00Z")
}

impl ListenArgs {
    /// The first address, as a client on this machine reaches it.
    fn address(&self) -> Result<SocketAddr, CommandError> {
        let first = self.listen.first().filter(|address| address.port() != 0);
        let mut address = *first.ok_or_else(|| {
            CommandError::invalid("--listen: must have the port that the server printed, not 0")
        })?;
        if address.ip().is_unspecified() {
            address.set_ip(match address {
                SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
            });
        }
        Ok(address)
    }
}

/// Returns the definition of the command line.
#[cfg(test)]
pub(crate) fn command() -> clap::Command {
    Cli::command()
}

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let usage = without_blank_variables(Cli::command());
    let matches = usage.clone().try_get_matches();
    let Cli { command, serve } = match matches.and_then(|it| Cli::from_arg_matches(&it)) {
        Ok(cli) => cli,
        Err(error) => return refuse(&error, usage),
    };
    let outcome = match command.unwrap_or_else(|| Command::Serve(Box::new(serve))) {
        Command::Serve(args) => serve::serve(*args),
        Command::Actions { action, json } => actions::actions(action.as_deref(), json),
        Command::Check { files } => serve::check(files),
        Command::Env(endpoint) => env(&endpoint),
        Command::Healthcheck(endpoint) => endpoint.address().and_then(healthcheck::healthcheck),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(CommandError { code, message }) => {
            complain(message);
            ExitCode::from(code)
        }
    }
}

/// An empty variable counts as unset: so CI systems pass on what they have no value for.
fn without_blank_variables(command: clap::Command) -> clap::Command {
    command
        .mut_args(|arg| match arg.get_env().and_then(std::env::var_os) {
            Some(value) if value.is_empty() => arg.env(Resettable::Reset),
            _ => arg,
        })
        .mut_subcommands(without_blank_variables)
}

/// A command that did not do what was asked.
#[derive(Debug)]
struct CommandError {
    code: u8,
    message: String,
}

impl CommandError {
    /// It could not start or serve.
    fn failed(message: impl Display) -> Self {
        Self { code: FAILED, message: message.to_string() }
    }

    /// Its input is invalid.
    fn invalid(message: impl Display) -> Self {
        Self { code: INVALID, message: message.to_string() }
    }
}

/// Prints help or the version, or why the arguments are invalid: one line if a server cannot start with
/// a value, and the usage otherwise.
fn refuse(error: &clap::Error, usage: clap::Command) -> ExitCode {
    let is_value = matches!(error.kind(), ErrorKind::InvalidValue | ErrorKind::ValueValidation);
    if is_value && serves(usage) {
        let text = error.render().to_string();
        let lines: Vec<&str> = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with("For more"))
            .collect();
        complain(lines.join(" ").trim_start_matches("error: "));
        return ExitCode::from(FAILED);
    }
    _ = error.print();
    ExitCode::from(if error.use_stderr() { INVALID } else { 0 })
}

/// Whether the arguments ask for a server, as far as they are valid.
fn serves(usage: clap::Command) -> bool {
    let matches = usage.ignore_errors(true).try_get_matches();
    matches.is_ok_and(|it| it.subcommand_name().is_none_or(|name| name == "serve"))
}

fn env(endpoint: &ListenArgs) -> Result<(), CommandError> {
    let address = endpoint.address()?;
    say(format_args!(
        "export ECMOCK_ENDPOINT='http://{address}'
export TENCENTCLOUD_SECRET_ID=ecmock-default
export TENCENTCLOUD_SECRET_KEY=ecmock
export TENCENTCLOUD_REGION=ap-guangzhou
# tccli takes its endpoint as an option only:
tccli() {{ if [ \"$1\" = ecm ]; then command tccli \"$@\" --endpoint \"$ECMOCK_ENDPOINT\"; else command tccli \"$@\"; fi; }}"
    ))
}

/// Writes a line to stdout. A reader that has had enough is no failure.
fn say(line: impl Display) -> Result<(), CommandError> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(CommandError::failed(format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a line to stderr; where that cannot be, nobody is left to tell.
fn complain(message: impl Display) {
    _ = writeln!(io::stderr(), "ecmock: {message}");
}
