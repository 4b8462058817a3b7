//! The tables of commands, flags, and quotas.

use crate::{
    cli::{command, quota::QUOTAS},
    ecm::store::Quotas,
};
use clap::{Arg, Command};

use super::{code, table};

pub(super) fn commands() -> String {
    let mut all = command();
    all.build();
    all.get_subcommands().filter(|it| it.get_name() != "help").map(section).collect()
}

fn section(command: &Command) -> String {
    let name = command.get_name();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let mut text = format!("\n## ecmock {name}\n\n{}.\n", about.trim_end_matches('.'));
    let options: Vec<&Arg> = command
        .get_arguments()
        .filter(|it| !matches!(it.get_id().as_str(), "help" | "version") && !it.is_hide_set())
        .collect();
    if options.is_empty() {
        return text + "\n";
    }
    text += "\n";
    let rows = options.iter().map(|it| vec![flag(it), variable(it), default(it), help(it)]);
    text += &table(&["argument", "variable", "default", "description"], rows);
    for option in &options {
        if let Some(details) = details(option) {
            text += &format!("\n{}: {details}\n", flag(option));
        }
    }
    text + "\n"
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
        None if arg.is_required_set() => format!("{value}..."),
        None => format!("[{value}]"),
    })
}

fn variable(arg: &Arg) -> String {
    arg.get_env().map(|it| code(it.to_string_lossy())).unwrap_or_default()
}

/// The default that clap knows, or the one that the help has in brackets.
fn default(arg: &Arg) -> String {
    let values: Vec<_> = arg.get_default_values().iter().map(|it| it.to_string_lossy()).collect();
    if values.is_empty() || !arg.get_action().takes_values() {
        return in_brackets(arg).unwrap_or_default();
    }
    code(values.join(","))
}

fn in_brackets(arg: &Arg) -> Option<String> {
    let help = arg.get_help()?.to_string();
    let (_, rest) = help.split_once("[default: ")?;
    Some(rest.split(']').next()?.to_owned())
}

fn help(arg: &Arg) -> String {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let help = help.split("[default: ").next().unwrap_or_default();
    help.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The part of the long help that the short help lacks.
fn details(arg: &Arg) -> Option<String> {
    let (short, long) = (arg.get_help()?.to_string(), arg.get_long_help()?.to_string());
    let rest = long.strip_prefix(&short).unwrap_or(&long);
    let words: Vec<_> = rest.trim_start_matches('.').split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

pub(super) fn quotas() -> String {
    let mut quotas = Quotas::default();
    let rows = QUOTAS.map(|(name, quota)| vec![code(name), quota(&mut quotas).to_string()]);
    table(&["quota", "default"], rows)
}
