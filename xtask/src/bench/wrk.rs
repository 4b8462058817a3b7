//! The load generator.

use std::{path::Path, process::Command};

use super::process::pinned;
use crate::Failure;

const CONNECTIONS: u32 = 64;

/// The result of a run.
#[derive(Debug, PartialEq)]
pub(super) struct Load {
    /// Number of calls.
    pub(super) calls: f64,
    pub(super) calls_per_second: f64,
}

/// Sends calls for some seconds from a core.
pub(super) fn run(core: u32, script: &Path, url: &str, seconds: u32) -> Result<Load, Failure> {
    let mut command = pinned(core, Path::new("wrk"));
    command.args(["-t1", &format!("-c{CONNECTIONS}"), &format!("-d{seconds}s"), "-s"]);
    let output = command.arg(script).arg(url).output();
    let output = output.map_err(|error| Failure(format!("cannot run taskset: {error}")))?;
    let text = String::from_utf8_lossy(&output.stdout);
    if output.status.success() {
        load(&text)
    } else {
        let error = String::from_utf8_lossy(&output.stderr);
        Err(Failure(format!("wrk failed:\n{text}{error}")))
    }
}

/// Returns the version of wrk, if it is installed.
pub(super) fn version() -> Option<String> {
    // It prints its version and its usage, and fails.
    let output = Command::new("wrk").arg("-v").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    version_in(&text).map(str::to_owned)
}

fn version_in(text: &str) -> Option<&str> {
    let word = text.strip_prefix("wrk ")?.split_whitespace().next()?;
    Some(word.strip_prefix("debian/").unwrap_or(word))
}

/// Reads the output of wrk.
fn load(text: &str) -> Result<Load, Failure> {
    // wrk prints these lines only if they count something.
    let mut lines = text.lines().map(str::trim);
    if let Some(line) =
        lines.find(|it| it.starts_with("Socket errors") || it.starts_with("Non-2xx"))
    {
        return Err(Failure(format!("wrk: {line}")));
    }
    let parsed = || {
        let calls =
            text.lines().find_map(|it| it.split_once(" requests in ")?.0.trim().parse().ok())?;
        let per_second = text.lines().find_map(|it| it.strip_prefix("Requests/sec:"))?;
        Some(Load { calls, calls_per_second: per_second.trim().parse().ok()? })
    };
    match parsed() {
        Some(load) if load.calls > 0.0 => Ok(load),
        _ => Err(Failure(format!("wrk: no calls in its output:\n{text}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "\
Running 4s test @ http://127.0.0.1:7555
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.33ms  471.20us   7.90ms   92.88%
    Req/Sec    49.11k     5.34k   61.22k    80.00%
  292978 requests in 6.01s, 118.69MB read
Requests/sec:  48783.72
Transfer/sec:     19.76MB
";

    #[test]
    fn a_load_is_read() {
        let expected = Load { calls: 292_978.0, calls_per_second: 48_783.72 };
        assert_eq!(load(OUTPUT).unwrap(), expected);
    }

    #[test]
    fn a_run_with_errors_fails() {
        let lines = [
            "  Socket errors: connect 0, read 3, write 0, timeout 0\n",
            "  Non-2xx or 3xx responses: 12\n",
        ];
        for line in lines {
            let text = OUTPUT.replace("Requests/sec:", &format!("{line}Requests/sec:"));
            assert_eq!(load(&text).unwrap_err().0, format!("wrk: {}", line.trim()));
        }
    }

    #[test]
    fn a_run_without_calls_fails() {
        let text = OUTPUT.replace("292978", "0");
        for text in ["unable to connect to 127.0.0.1:1", &text] {
            assert!(load(text).unwrap_err().0.starts_with("wrk: no calls"));
        }
    }

    #[test]
    fn a_version_is_read() {
        let debian = "wrk debian/4.1.0-3+b2 [epoll] Copyright (C) 2012 Will Glozer\nUsage: wrk";
        assert_eq!(version_in(debian), Some("4.1.0-3+b2"));
        assert_eq!(version_in("wrk 4.2.0 [epoll] Copyright"), Some("4.2.0"));
    }
}
