//! The `ecmock` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ecmock::run_command()
}
