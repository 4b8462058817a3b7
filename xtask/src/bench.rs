//! The table of BENCHMARKS.md, from the files that criterion writes.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::SystemTime,
};

use serde_json::Value;

use crate::{Failure, model::read, root, write};

/// The lines around the generated part of the page.
const MARKERS: [&str; 2] = ["<!-- bench: begin -->\n", "<!-- bench: end -->\n"];

/// A benchmark and its times in nanoseconds.
#[derive(Debug, PartialEq)]
struct Row {
    name: String,
    median: f64,
    /// Bounds of the 95% confidence interval.
    interval: [f64; 2],
}

/// Runs all benchmarks, and writes their results to BENCHMARKS.md.
pub(crate) fn bench() -> Result<(), Failure> {
    let started = SystemTime::now();
    let args = ["bench", "--locked", "--bench", "calls"];
    let status = Command::new("cargo").args(args).current_dir(root()).status();
    if !status.is_ok_and(|it| it.success()) {
        return Err(Failure("`cargo bench` failed".to_owned()));
    }
    let rows = rows(&target()?.join("criterion"), started)?;
    let path = root().join("BENCHMARKS.md");
    let text = format!("{}\n{}", machine(), table(&rows));
    write(&path, &with_results(&read(&path)?, &text)?)
}

/// The target directory.
fn target() -> Result<PathBuf, Failure> {
    let json = output("cargo", &["metadata", "--format-version=1", "--locked", "--no-deps"]);
    let json: Value = json.and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default();
    let directory = json["target_directory"].as_str();
    directory.map(PathBuf::from).ok_or_else(|| Failure("`cargo metadata` failed".to_owned()))
}

/// Reads the benchmarks that ran since `started`, in the order of their runs.
fn rows(criterion: &Path, started: SystemTime) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for entry in fs::read_dir(criterion).into_iter().flatten().flatten() {
        let folder = entry.path().join("new");
        let estimates = folder.join("estimates.json");
        let modified = fs::metadata(&estimates).and_then(|it| it.modified());
        if let Ok(modified) = modified
            && modified >= started
        {
            let row = row(&read(&folder.join("benchmark.json"))?, &read(&estimates)?);
            let row = row.ok_or_else(|| Failure(format!("{}: invalid", folder.display())))?;
            rows.push((modified, row));
        }
    }
    if rows.is_empty() {
        return Err(Failure(format!("{}: no results", criterion.display())));
    }
    rows.sort_by_key(|(modified, _)| *modified);
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// Reads a benchmark and its estimates.
fn row(benchmark: &str, estimates: &str) -> Option<Row> {
    let benchmark: Value = serde_json::from_str(benchmark).ok()?;
    let estimates: Value = serde_json::from_str(estimates).ok()?;
    let median = &estimates["median"];
    let bound = |name: &str| median["confidence_interval"][name].as_f64();
    Some(Row {
        name: benchmark["full_id"].as_str()?.to_owned(),
        median: median["point_estimate"].as_f64()?,
        interval: [bound("lower_bound")?, bound("upper_bound")?],
    })
}

/// A sentence about this machine.
fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| cpu_name(&text));
    let cpu = cpu.or_else(|| output("sysctl", &["-n", "machdep.cpu.brand_string"]));
    let cpu = cpu.unwrap_or_else(|| "unknown CPU".to_owned());
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let date = output("date", &["-u", "+%Y-%m-%d"]).unwrap_or_else(|| "unknown date".to_owned());
    let rust = output("rustc", &["--version"]).unwrap_or_default();
    let rust = rust.split(" (").next().unwrap_or_default();
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    format!("Measured on {date}: {cpu}, {cores} cores, {os} {arch}, {rust}.\n")
}

fn cpu_name(cpuinfo: &str) -> Option<String> {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The trimmed output of a program that succeeds.
fn output(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).current_dir(root()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

fn table(rows: &[Row]) -> String {
    let mut text =
        "| benchmark | median | 95% confidence interval |\n| --- | --: | --: |\n".to_owned();
    for Row { name, median, interval: [lower, upper] } in rows {
        let (median, lower, upper) = (time(*median), time(*lower), time(*upper));
        _ = writeln!(text, "| {name} | {median} | {lower} to {upper} |");
    }
    text
}

/// Prints nanoseconds with three significant digits.
fn time(nanoseconds: f64) -> String {
    let units = [(1e9, "s"), (1e6, "ms"), (1e3, "µs")];
    let unit = units.into_iter().find(|(size, _)| nanoseconds >= *size);
    let (size, unit) = unit.unwrap_or((1.0, "ns"));
    let number = nanoseconds / size;
    let decimals = match number {
        it if it < 10.0 => 2,
        it if it < 100.0 => 1,
        _ => 0,
    };
    format!("{number:.decimals$} {unit}")
}

/// Replaces the generated part of the page.
fn with_results(page: &str, results: &str) -> Result<String, Failure> {
    let [begin, end] = MARKERS;
    let parts = page.split_once(begin).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(end)?;
        Some(format!("{before}{begin}\n{results}\n{end}{after}"))
    });
    parts.ok_or_else(|| Failure("BENCHMARKS.md: a marker line is missing".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits() {
        let cases =
            [(812.4, "812 ns"), (9_876.0, "9.88 µs"), (98_760.0, "98.8 µs"), (1.5e9, "1.50 s")];
        for (nanoseconds, text) in cases {
            assert_eq!(time(nanoseconds), text);
        }
    }

    #[test]
    fn results_replace_the_text_between_the_markers() {
        let [begin, end] = MARKERS;
        let page = format!("a\n{begin}old\n{end}b\n");
        assert_eq!(with_results(&page, "new\n").unwrap(), format!("a\n{begin}\nnew\n\n{end}b\n"));
        assert!(with_results("a\n", "new\n").is_err());
    }

    #[test]
    fn a_row_has_the_median() {
        let estimates = r#"{"median": {"point_estimate": 2.0,
            "confidence_interval": {"lower_bound": 1.0, "upper_bound": 3.0}}}"#;
        let row = row(r#"{"full_id": "a call"}"#, estimates).unwrap();
        assert_eq!(row, Row { name: "a call".to_owned(), median: 2.0, interval: [1.0, 3.0] });
    }

    #[test]
    fn the_name_of_a_cpu_is_found() {
        let text = "processor\t: 0\nmodel name\t: A CPU @ 2 GHz\nmodel name\t: Another\n";
        assert_eq!(cpu_name(text).as_deref(), Some("A CPU @ 2 GHz"));
    }
}
