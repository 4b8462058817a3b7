//! The generated parts of BENCHMARKS.md.

mod criterion;
mod process;
mod requests;
mod servers;
mod wrk;

use std::{env, fs, path::PathBuf, process::Command, thread};

use serde_json::Value;

use crate::{Failure, model::read, root, write};

/// The lines around the part of the page about calls in process.
const CALLS: [&str; 2] = ["<!-- bench: begin -->\n", "<!-- bench: end -->\n"];
/// The lines around the part of the page about servers.
const SERVERS: [&str; 2] = ["<!-- servers: begin -->\n", "<!-- servers: end -->\n"];

/// Benchmarks to run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scope {
    All,
    /// Calls in process.
    Calls,
    /// Servers under load.
    Servers,
}

/// Runs benchmarks, and writes their results to BENCHMARKS.md.
pub(crate) fn bench(scope: Scope) -> Result<(), Failure> {
    if scope != Scope::Calls {
        servers::check_machine()?;
    }
    let target = target()?;
    if scope != Scope::Servers {
        update(CALLS, &format!("{}.\n\n{}", machine(), criterion::run(&target)?))?;
    }
    if scope != Scope::Calls {
        update(SERVERS, &servers::run(&target)?)?;
    }
    Ok(())
}

/// Replaces the part of BENCHMARKS.md between two marker lines.
fn update(markers: [&str; 2], results: &str) -> Result<(), Failure> {
    let path = root().join("BENCHMARKS.md");
    write(&path, &with_results(&read(&path)?, markers, results)?)
}

/// The target directory.
fn target() -> Result<PathBuf, Failure> {
    let json = output("cargo", &["metadata", "--format-version=1", "--locked", "--no-deps"]);
    let json: Value = json.and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default();
    let directory = json["target_directory"].as_str();
    directory.map(PathBuf::from).ok_or_else(|| Failure("`cargo metadata` failed".to_owned()))
}

/// The beginning of a sentence about this machine.
fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| cpu_name(&text));
    let cpu = cpu.or_else(|| output("sysctl", &["-n", "machdep.cpu.brand_string"]));
    let cpu = cpu.unwrap_or_else(|| "unknown CPU".to_owned());
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let date = output("date", &["-u", "+%Y-%m-%d"]).unwrap_or_else(|| "unknown date".to_owned());
    let rust = output("rustc", &["--version"]).unwrap_or_default();
    let rust = rust.split(" (").next().unwrap_or_default();
    let (os, arch) = (env::consts::OS, env::consts::ARCH);
    format!("Measured on {date}: {cpu}, {cores} cores, {os} {arch}, {rust}")
}

fn cpu_name(cpuinfo: &str) -> Option<String> {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// A command of cargo at the root.
///
/// Build scripts of dependencies depend on variables that `cargo run` sets for this package. With
/// these variables, each command would build again what `cargo build` has built, and vice versa.
fn cargo() -> Command {
    let mut command = Command::new("cargo");
    remove_variables(&mut command, "CARGO_PKG_");
    remove_variables(&mut command, "CARGO_MANIFEST_");
    command.current_dir(root());
    command
}

/// Removes the variables with a prefix from the environment of a command.
fn remove_variables(command: &mut Command, prefix: &str) {
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with(prefix) {
            command.env_remove(name);
        }
    }
}

/// The trimmed output of a program that succeeds.
fn output(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).current_dir(root()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

/// Prints nanoseconds with three significant digits.
fn duration(nanoseconds: f64) -> String {
    let units = [(1e9, "s"), (1e6, "ms"), (1e3, "µs")];
    let unit = units.into_iter().find(|(size, _)| nanoseconds >= *size);
    let (size, unit) = unit.unwrap_or((1.0, "ns"));
    format!("{} {unit}", three_digits(nanoseconds / size))
}

/// Prints a number below 1000 with three significant digits.
fn three_digits(number: f64) -> String {
    let decimals = match number {
        it if it < 10.0 => 2,
        it if it < 100.0 => 1,
        _ => 0,
    };
    format!("{number:.decimals$}")
}

/// Replaces the part of the page between two marker lines.
fn with_results(page: &str, [begin, end]: [&str; 2], results: &str) -> Result<String, Failure> {
    let parts = page.split_once(begin).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(end)?;
        Some(format!("{before}{begin}\n{results}\n{end}{after}"))
    });
    parts.ok_or_else(|| {
        let marker = begin.trim_end();
        Failure(format!("BENCHMARKS.md: the line `{marker}`, or its end, is missing"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_three_digits() {
        let cases =
            [(812.4, "812 ns"), (9_876.0, "9.88 µs"), (98_760.0, "98.8 µs"), (1.5e9, "1.50 s")];
        for (nanoseconds, text) in cases {
            assert_eq!(duration(nanoseconds), text);
        }
    }

    #[test]
    fn results_replace_the_text_between_their_markers() {
        let [begin, end] = CALLS;
        let page = format!("a\n{begin}old\n{end}b\n");
        let updated = with_results(&page, CALLS, "new\n").unwrap();
        assert_eq!(updated, format!("a\n{begin}\nnew\n\n{end}b\n"));
        assert!(with_results("a\n", CALLS, "new\n").is_err());
    }

    #[test]
    fn the_name_of_a_cpu_is_found() {
        let text = "processor\t: 0\nmodel name\t: A CPU @ 2 GHz\nmodel name\t: Another\n";
        assert_eq!(cpu_name(text).as_deref(), Some("A CPU @ 2 GHz"));
    }
}
