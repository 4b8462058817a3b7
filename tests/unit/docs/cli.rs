//! The tables of commands, flags, and quotas.

use crate::{
    cli::{command, help, quota::QUOTAS},
    ecm::store::Quotas,
};
use clap::{Arg, ArgAction, Command};

use super::{code, table};

pub(super) fn commands() -> String {
    let mut all = command();
    all.build();
    all.get_subcommands().filter(|it| it.get_name() != "help").map(section).collect::<String>()
        + "\n"
}

fn section(command: &Command) -> String {
    let name = command.get_name();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let options =
        command.get_arguments().filter(|it| !matches!(it.get_id().as_str(), "help" | "version"));
    let rows = options.map(|it| vec![flag(it), variable(it), default(it), description(it)]);
    let table = table(&["argument", "variable", "default", "description"], rows);
    format!("\n## ecmock {name}\n\n{about}.\n\n{table}")
}

/// An option with its value, or a positional argument.
fn flag(arg: &Arg) -> String {
    let values: Vec<&str> =
        arg.get_value_names().into_iter().flatten().map(AsRef::as_ref).collect();
    let possible: Vec<String> =
        arg.get_possible_values().iter().map(|it| it.get_name().to_owned()).collect();
    let is_flag = !arg.get_action().takes_values();
    let value = if is_flag {
        String::new()
    } else if possible.is_empty() {
        values.join(" ")
    } else {
        possible.join("|")
    };
    code(match arg.get_long() {
        Some(name) => format!("--{name} {value}").trim_end().to_owned(),
        None if !arg.is_required_set() => format!("[{value}]"),
        None if matches!(arg.get_action(), ArgAction::Append) => format!("{value}..."),
        None => value,
    })
}

fn variable(arg: &Arg) -> String {
    arg.get_env().map(|it| code(it.to_string_lossy())).unwrap_or_default()
}

/// The default value, or the words for it.
fn default(arg: &Arg) -> String {
    if !arg.get_action().takes_values() {
        return String::new();
    }
    let words = help::default_in_words(arg).map(str::to_owned);
    help::default_value(arg).map(code).or(words).unwrap_or_default()
}

/// The long help in one line.
fn description(arg: &Arg) -> String {
    help::details(arg).split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn quotas() -> String {
    let mut quotas = Quotas::default();
    let rows = QUOTAS.map(|(name, quota)| vec![code(name), quota(&mut quotas).to_string()]);
    table(&["quota", "default"], rows)
}
