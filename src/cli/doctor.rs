//! `ecmock doctor`: the mistakes of a setup.
//!
//! The checks of this machine are functions of a [`Setup`], so that tests need no real variables. Only
//! `server` opens connections, and only to the given server.

mod ca;
mod endpoint;
mod hosts;
mod proxy;
mod server;
mod variables;

use std::{fmt, fs};

use clap::Args;
use serde::Serialize;

use crate::protocol::text::count_of;

use super::{CommandError, ListenArgs, is_given, say};
use endpoint::Endpoint;
use hosts::HostsFile;

#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// Endpoint of the clients
    ///
    /// Endpoint that the clients use, such as `http://127.0.0.1:7190`. The
    /// flag --listen overrides the variable.
    #[arg(long, env = "ECMOCK_ENDPOINT", value_name = "URL", verbatim_doc_comment)]
    endpoint: Option<Endpoint>,
    #[command(flatten)]
    listen: ListenArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl DoctorArgs {
    /// Returns the endpoint to check. A flag overrides the other flag's variable.
    fn endpoint(&self) -> Result<Endpoint, CommandError> {
        match &self.endpoint {
            Some(endpoint) if is_given("--endpoint") || !is_given("--listen") => {
                Ok(endpoint.clone())
            }
            _ => self.listen.address().map(Endpoint::from),
        }
    }
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Ok,
    /// Works, or may be intended.
    Warning,
    /// Calls fail, or do not reach the server.
    Problem,
}

/// The result of a check.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Finding {
    level: Level,
    /// Name of the check.
    check: &'static str,
    message: String,
    /// How to correct it.
    fix: Option<String>,
}

impl Finding {
    fn ok(check: &'static str, message: String) -> Self {
        Self { level: Level::Ok, check, message, fix: None }
    }

    fn warning(check: &'static str, message: String, fix: &str) -> Self {
        Self { level: Level::Warning, check, message, fix: Some(fix.to_owned()) }
    }

    fn problem(check: &'static str, message: String, fix: &str) -> Self {
        Self { level: Level::Problem, ..Self::warning(check, message, fix) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Ok => "ok",
            Level::Warning => "warning",
            Level::Problem => "problem",
        };
        write!(f, "{level:<8} {}: {}", self.check, self.message)?;
        self.fix.iter().try_for_each(|fix| write!(f, "; {fix}"))
    }
}

/// This machine, as its clients see it.
#[derive(Debug)]
struct Setup {
    endpoint: Endpoint,
    /// Environment variables that are not empty.
    variables: Vec<(String, String)>,
    hosts: HostsFile,
}

impl Setup {
    fn of_this_machine(endpoint: Endpoint) -> Self {
        let variables = std::env::vars_os().map(|(name, value)| {
            (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())
        });
        Self {
            endpoint,
            variables: variables.filter(|(_, value)| !value.is_empty()).collect(),
            hosts: HostsFile::read(),
        }
    }

    /// Returns an environment variable, unless it is empty.
    fn variable(&self, name: &str) -> Option<&str> {
        let found = self.variables.iter().find(|(it, _)| it == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Returns those of the variables that are set.
    fn set<'a>(&self, names: &[&'a str]) -> Vec<&'a str> {
        names.iter().filter(|name| self.variable(name).is_some()).copied().collect()
    }
}

/// All findings, in a stable order.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Report {
    endpoint: String,
    findings: Vec<Finding>,
    problems: usize,
    warnings: usize,
}

impl Report {
    fn of(setup: &Setup) -> Self {
        let (mut findings, facts) = server::check(setup);
        findings.extend(endpoint::check(setup));
        findings.extend(variables::check(setup));
        findings.extend(proxy::check(setup));
        findings.extend(ca::check(setup, facts.ca.as_deref(), |file| {
            fs::read(file).map(|it| String::from_utf8_lossy(&it).into_owned())
        }));
        findings.push(hosts::check(&setup.hosts, facts.ip));
        let count = |level| findings.iter().filter(|it| it.level == level).count();
        let (problems, warnings) = (count(Level::Problem), count(Level::Warning));
        Self { endpoint: setup.endpoint.to_string(), findings, problems, warnings }
    }
}

/// Prints the findings. Fails if one is a problem.
pub(super) fn doctor(args: &DoctorArgs) -> Result<(), CommandError> {
    let setup = Setup::of_this_machine(args.endpoint()?);
    let report = Report::of(&setup);
    if args.json {
        say(serde_json::to_string_pretty(&report).unwrap_or_default())?;
    } else {
        report.findings.iter().try_for_each(say)?;
    }
    match report.problems {
        0 => Ok(()),
        problems => Err(CommandError::failed(count_of(problems, "problem"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a setup with variables, and an empty hosts file.
    pub(super) fn setup(endpoint: &str, variables: &[(&str, &str)]) -> Setup {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Setup {
            endpoint: endpoint.parse().unwrap(),
            variables: variables.iter().map(owned).collect(),
            hosts: HostsFile::default(),
        }
    }

    /// Returns the lines of findings.
    pub(super) fn lines(findings: impl IntoIterator<Item = Finding>) -> String {
        findings.into_iter().map(|it| it.to_string() + "\n").collect()
    }
}
