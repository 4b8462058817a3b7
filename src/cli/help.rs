//! The texts and the arrangement of the help. The reference page of the command line has the same texts.

use clap::{Arg, Command};

pub(super) const MORE_HELP: &str = "Use --help for details and environment variables.";

pub(super) const SERVE_EXITS: &str = "\
Exit status:
  0  stopped by SIGINT, SIGTERM, or --stop-on-stdin-eof
  1  failed to start or run, for example because the port is in use or a
     value is invalid
  2  unknown flag or command

Flags override environment variables, which override defaults.";

pub(super) const ACTIONS_EXITS: &str = "\
Exit status:
  0  success
  2  invalid usage or an unknown action";

pub(super) const CHECK_EXITS: &str = "\
Exit status:
  0  all fixtures are valid
  2  invalid usage or an invalid fixture";

pub(super) const ENV_EXITS: &str = "\
Exit status:
  0  success
  2  invalid usage";

pub(super) const HEALTHCHECK_EXITS: &str = "\
Exit status:
  0  the server is ready
  1  the server is not ready, or could not be reached within 2 seconds
  2  invalid usage";

pub(super) const WAIT_EXITS: &str = "\
Exit status:
  0  the server is ready
  1  the server was not ready in time
  2  invalid usage";

pub(super) const DOCTOR_EXITS: &str = "\
Exit status:
  0  no problem; there may be warnings
  1  at least one problem
  2  invalid usage";

pub(super) const COMPLETIONS_EXITS: &str = "\
Exit status:
  0  success
  2  invalid usage";

/// Help of `--listen` for a server.
pub(super) fn listen(arg: Arg) -> Arg {
    arg.help("Address to listen on")
        .long_help("Address to listen on; port 0 picks a free port. Repeatable.")
}

/// Defaults that are not values.
const DEFAULTS: [(&str, &str); 5] = [
    ("fixture", "built-in demo"),
    ("seed", "random"),
    ("clock", "real time"),
    ("tls_dir", "temporary CA"),
    ("endpoint", "that of --listen"),
];

/// Returns the default of an option, if it is a value.
pub(crate) fn default_value(arg: &Arg) -> Option<&str> {
    arg.get_default_values().first().and_then(|value| value.to_str())
}

/// Returns the words for the default of an option that has no default value.
pub(crate) fn default_in_words(arg: &Arg) -> Option<&'static str> {
    DEFAULTS.iter().find(|(id, _)| arg.get_id() == id).map(|(_, words)| *words)
}

/// Returns the long help of an option. Its doc comment begins with the short help, which the rest says
/// in full.
pub(crate) fn details(arg: &Arg) -> String {
    let short = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let long = arg.get_long_help().map_or_else(|| short.clone(), ToString::to_string);
    long.strip_prefix(&format!("{short}\n\n")).unwrap_or(&long).to_owned()
}

/// Keeps help lines under 80 columns: the short help shows the default of each option, and the long
/// help also its variable, without the variable's value.
pub(super) fn arrange(command: Command) -> Command {
    command.mut_args(arrange_arg).mut_subcommands(arrange)
}

fn arrange_arg(arg: Arg) -> Arg {
    let takes_values = arg.get_action().takes_values();
    if !takes_values && arg.get_env().is_none() {
        return arg;
    }
    let short = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let default = default_value(&arg).or(default_in_words(&arg));
    let default = default.map(|text| format!("[default: {text}]"));
    let variable = arg.get_env().map(|name| format!("[env: {}]", name.display()));
    let notes: Vec<&str> = variable.iter().chain(&default).map(String::as_str).collect();
    let long = format!("{}\n\n{}", details(&arg), notes.join("\n"));
    let short = format!("{short} {}", default.as_deref().unwrap_or_default());
    arg.help(short.trim_end().to_owned())
        .long_help(long.trim_end().to_owned())
        .hide_env(true)
        .hide_default_value(takes_values)
        .hide_possible_values(takes_values)
}
