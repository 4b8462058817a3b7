//! The benchmarks in process, from the files that criterion writes.

use std::{fmt::Write as _, fs, path::Path, time::SystemTime};

use serde_json::Value;

use super::{cargo, duration};
use crate::{Failure, model::read};

/// A benchmark and its times in nanoseconds.
#[derive(Debug, PartialEq)]
struct Row {
    name: String,
    median: f64,
    /// Bounds of the 95% confidence interval.
    interval: [f64; 2],
}

/// Runs all benchmarks, and returns their table.
pub(super) fn run(target: &Path) -> Result<String, Failure> {
    let started = SystemTime::now();
    let args = ["bench", "--locked", "--bench", "calls"];
    let status = cargo().args(args).status();
    if !status.is_ok_and(|it| it.success()) {
        return Err(Failure("`cargo bench` failed".to_owned()));
    }
    Ok(table(&rows(&target.join("criterion"), started)?))
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

fn table(rows: &[Row]) -> String {
    let mut text =
        "| benchmark | median | 95% confidence interval |\n| --- | --: | --: |\n".to_owned();
    for Row { name, median, interval: [lower, upper] } in rows {
        let (median, lower, upper) = (duration(*median), duration(*lower), duration(*upper));
        _ = writeln!(text, "| {name} | {median} | {lower} to {upper} |");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_the_median() {
        let estimates = r#"{"median": {"point_estimate": 2.0,
            "confidence_interval": {"lower_bound": 1.0, "upper_bound": 3.0}}}"#;
        let row = row(r#"{"full_id": "a call"}"#, estimates).unwrap();
        assert_eq!(row, Row { name: "a call".to_owned(), median: 2.0, interval: [1.0, 3.0] });
    }
}
