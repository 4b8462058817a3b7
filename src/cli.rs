//! The command line.

pub(crate) mod actions;
pub(crate) mod completions;
mod doctor;
mod env;
mod healthcheck;
pub(crate) mod help;
mod log;
pub(crate) mod quota;
mod serve;
mod serve_args;

use std::{
    fmt::Display,
    io::{self, Write as _},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
};

use crate::control::clock::TIME_FORMAT;
use chrono::{DateTime, Utc};
use clap::{
    Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand,
    builder::Resettable,
    error::{ContextKind, ContextValue, ErrorKind},
};
use tokio::runtime::{Builder, Runtime};

use serve_args::ServeArgs;

/// Exit code of a server that fails to start or run, for example because of an invalid value.
const FAILED: u8 = 1;
/// Exit code of invalid usage or input.
const INVALID: u8 = 2;

/// A local Tencent Cloud Edge Computing Machine (ECM) API for integration tests
///
/// Point an official SDK or tccli at the endpoint that the server prints.
/// Without a command, `ecmock` runs `ecmock serve`.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true, verbatim_doc_comment)]
#[command(mut_arg("listen", help::listen), after_help = help::MORE_HELP, after_long_help = help::SERVE_EXITS)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (default command)
    ///
    /// The server runs until SIGINT or SIGTERM.
    #[command(
        mut_arg("listen", help::listen),
        after_help = help::MORE_HELP,
        after_long_help = help::SERVE_EXITS
    )]
    Serve(Box<ServeArgs>),
    /// List actions, or show one with its parameters and errors
    #[command(
        long_about = "List actions, or show one action's parameters and how to trigger each error",
        after_long_help = help::ACTIONS_EXITS
    )]
    Actions {
        /// Name of an action, for example `CreateHaVip`
        action: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Validate fixtures
    ///
    /// Several files are merged into one state, as with `serve --fixture`.
    #[command(after_long_help = help::CHECK_EXITS)]
    Check {
        /// Fixture to validate
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Print shell commands that configure tccli and the SDKs
    ///
    /// The commands export the endpoint and test credentials:
    /// eval "$(ecmock env)"
    #[command(verbatim_doc_comment, after_long_help = help::ENV_EXITS)]
    Env {
        #[command(flatten)]
        endpoint: ListenArgs,
        /// Print hosts entries for the vendor's names instead
        ///
        /// Print hosts entries for the vendor's names instead. With these
        /// entries in the hosts file, calls to the names of the real cloud
        /// go to the address of --listen.
        #[arg(long, verbatim_doc_comment)]
        hosts: bool,
    },
    /// Check whether a server is ready
    ///
    /// For container images without a shell or curl.
    #[command(after_long_help = help::HEALTHCHECK_EXITS)]
    Healthcheck(ListenArgs),
    /// Wait until a server is ready
    #[command(after_long_help = help::WAIT_EXITS)]
    Wait(healthcheck::WaitArgs),
    /// Find mistakes in the setup of this machine
    ///
    /// Checks the server, the clocks, and the environment variables, proxies,
    /// CA files, and hosts entries that SDKs and tccli use. Each line has a
    /// level, which is ok, warning, or problem, and the correction.
    ///
    /// Only the given server is called. The real cloud never is.
    #[command(verbatim_doc_comment, after_long_help = help::DOCTOR_EXITS)]
    Doctor(doctor::DoctorArgs),
    /// Print a completion script for a shell
    ///
    /// For example, in ~/.bashrc: eval "$(ecmock completions bash)"
    #[command(after_long_help = help::COMPLETIONS_EXITS)]
    Completions {
        /// Name of the shell
        shell: completions::Shell,
    },
}

#[derive(Debug, Args)]
struct ListenArgs {
    /// Address of the server
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

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    let numeric = text.replacen("localhost:", "127.0.0.1:", 1);
    numeric.parse().map_err(|_| "must be ADDRESS:PORT, for example 127.0.0.1:7190 or [::1]:0")
}

fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("must be a whole number from 0 to {}", u64::MAX))
}

fn amount(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("must be a whole number from 0 to {}", usize::MAX))
}

fn clock(text: &str) -> Result<DateTime<Utc>, &'static str> {
    DateTime::parse_from_rfc3339(text).map(|it| it.to_utc()).map_err(|_| TIME_FORMAT)
}

impl ListenArgs {
    /// Returns the first address, as a client on this machine reaches it.
    fn address(&self) -> Result<SocketAddr, CommandError> {
        let first = self.listen.first().filter(|address| address.port() != 0);
        let mut address = *first.ok_or_else(|| {
            CommandError::invalid("--listen: port is 0; must be the port that the server printed")
        })?;
        if address.ip().is_unspecified() {
            address.set_ip(match address {
                SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
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

/// Returns the definition of the command line with the texts of the help.
#[cfg(test)]
pub(crate) fn command_with_texts() -> clap::Command {
    help::arrange(Cli::command())
}

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    // The texts of the help take longer than the start of a server, and most runs show none.
    let usage = || without_blank_variables(Cli::command());
    let with_texts = || help::arrange(usage());
    let Cli { command, serve } = match parse(usage()).or_else(|_| parse(with_texts())) {
        Ok(cli) => cli,
        Err(error) => return refuse(&error, with_texts()),
    };
    let outcome = match command.unwrap_or_else(|| Command::Serve(Box::new(serve))) {
        Command::Serve(args) => serve::serve(*args),
        Command::Actions { action, json } => actions::actions(action.as_deref(), json),
        Command::Check { files } => serve::check(files),
        Command::Env { endpoint, hosts: true } => env::hosts(&endpoint),
        Command::Env { endpoint, hosts: false } => endpoint.address().and_then(env::env),
        Command::Healthcheck(endpoint) => endpoint.address().and_then(healthcheck::healthcheck),
        Command::Wait(args) => healthcheck::wait(&args),
        Command::Doctor(args) => doctor::doctor(&args),
        Command::Completions { shell } => say(shell.script().trim_end()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(CommandError { code, message }) => {
            complain(message);
            ExitCode::from(code)
        }
    }
}

fn parse(command: clap::Command) -> Result<Cli, clap::Error> {
    command.try_get_matches().and_then(|it| Cli::from_arg_matches(&it))
}

/// Treats an empty variable as unset: CI systems set variables without a value this way.
fn without_blank_variables(command: clap::Command) -> clap::Command {
    command
        .mut_args(|arg| match arg.get_env().and_then(std::env::var_os) {
            Some(value) if value.is_empty() => arg.env(Resettable::Reset),
            _ => arg,
        })
        .mut_subcommands(without_blank_variables)
}

/// A failed command: its exit code and message.
#[derive(Debug)]
struct CommandError {
    code: u8,
    message: String,
}

impl CommandError {
    fn failed(message: impl Display) -> Self {
        Self { code: FAILED, message: message.to_string() }
    }

    fn invalid(message: impl Display) -> Self {
        Self { code: INVALID, message: message.to_string() }
    }
}

/// Prints the help, the version, or the error. If a server has an invalid value, the error is one
/// line; otherwise, the usage follows it.
fn refuse(error: &clap::Error, usage: clap::Command) -> ExitCode {
    let is_value = matches!(error.kind(), ErrorKind::InvalidValue | ErrorKind::ValueValidation);
    if is_value && serves(usage.clone()) {
        let mut text = error.render().to_string();
        if let Some((argument, variable)) = variable_of(error, usage) {
            text = text.replace(&format!("'{argument}'"), &variable);
        }
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

/// Returns the argument of an error and its variable, if the value is from the variable.
fn variable_of(error: &clap::Error, mut usage: clap::Command) -> Option<(String, String)> {
    // Only the arguments of a built command can be shown.
    usage.build();
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let arg = usage.get_arguments().find(|arg| arg.to_string() == *argument)?;
    let (flag, variable) = (format!("--{}", arg.get_long()?), arg.get_env()?);
    let is_set = std::env::var_os(variable).is_some_and(|value| !value.is_empty());
    (is_set && !is_given(&flag))
        .then(|| (argument.clone(), variable.to_string_lossy().into_owned()))
}

/// Whether this process has a flag among its arguments.
fn is_given(flag: &str) -> bool {
    let is_flag = |it: &str| it.split('=').next() == Some(flag);
    std::env::args_os().any(|it| is_flag(&it.to_string_lossy()))
}

/// Whether the valid part of the arguments selects `serve`.
fn serves(usage: clap::Command) -> bool {
    let matches = usage.ignore_errors(true).try_get_matches();
    matches.is_ok_and(|it| it.subcommand_name().is_none_or(|name| name == "serve"))
}

/// Returns a runtime on this thread.
fn runtime() -> Result<Runtime, CommandError> {
    build(Builder::new_current_thread())
}

fn build(mut runtime: Builder) -> Result<Runtime, CommandError> {
    let built = runtime.enable_all().build();
    built.map_err(|error| CommandError::failed(format!("cannot start a runtime: {error}")))
}

/// Writes a line to stdout. A closed pipe is not an error.
fn say(line: impl Display) -> Result<(), CommandError> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(CommandError::failed(format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a line to stderr, and ignores errors.
fn complain(message: impl Display) {
    _ = writeln!(io::stderr(), "ecmock: {message}");
}
