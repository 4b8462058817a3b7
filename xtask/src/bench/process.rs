//! A server as a child process, with its CPU time and its memory.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::Failure;

/// Time limit for reading the metrics.
const METRICS_TIME_MAX: Duration = Duration::from_secs(10);

/// A server that is killed on drop.
pub(super) struct Process {
    child: Child,
    /// URL without a slash at the end.
    pub(super) url: String,
    /// Time between the spawn and the last line of the start.
    pub(super) start_time: Duration,
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only if the server has ended.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

impl Process {
    /// Starts a server, and reads its output up to a line that begins with `last`.
    pub(super) fn start(mut command: Command, last: &str) -> Result<Self, Failure> {
        let start = Instant::now();
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let child = child.map_err(|error| Failure(format!("cannot start: {error}")))?;
        let mut process = Self { child, url: String::new(), start_time: Duration::ZERO };
        // The pipe remains open, so that the server can always write.
        let stdout = process.child.stdout.as_mut().expect("stdout is piped");
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if line.starts_with("http://") {
                process.url.clone_from(&line);
            }
            if line.starts_with(last) {
                process.start_time = start.elapsed();
                return Ok(process);
            }
        }
        Err(Failure(format!("ended before its line `{last}`")))
    }

    /// Returns the CPU time so far of all threads, in clock ticks.
    pub(super) fn cpu_ticks(&self) -> Result<f64, Failure> {
        self.proc("stat", cpu_ticks)
    }

    /// Returns the resident memory, in kB of 1024 bytes.
    pub(super) fn memory_kb(&self) -> Result<f64, Failure> {
        self.proc("status", memory_kb)
    }

    fn proc(&self, name: &str, parse: fn(&str) -> Option<f64>) -> Result<f64, Failure> {
        let path = format!("/proc/{}/{name}", self.child.id());
        let text = fs::read_to_string(&path).unwrap_or_default();
        parse(&text).ok_or_else(|| Failure(format!("{path}: cannot be read")))
    }

    /// Fails if a call to ecmock did not succeed.
    pub(super) fn check_calls(&self) -> Result<(), Failure> {
        let page = self.metrics();
        check_calls(&page.map_err(|error| Failure(format!("{}: {error}", self.url)))?)
    }

    fn metrics(&self) -> std::io::Result<String> {
        let address = self.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(METRICS_TIME_MAX))?;
        // A server closes the connection after a response to HTTP/1.0.
        write!(stream, "GET /_ecmock/metrics HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
        let mut page = String::new();
        stream.read_to_string(&mut page)?;
        Ok(page)
    }
}

/// A command that runs on one core.
pub(super) fn pinned(core: u32, program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", &core.to_string()]).arg(program);
    command
}

/// Returns the sum of `utime` and `stime` in /proc/PID/stat.
fn cpu_ticks(stat: &str) -> Option<f64> {
    // The name of the program is in parentheses, and may contain spaces.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(11);
    let user: f64 = times.next()?.parse().ok()?;
    let system: f64 = times.next()?.parse().ok()?;
    Some(user + system)
}

/// Returns `VmRSS` in /proc/PID/status.
fn memory_kb(status: &str) -> Option<f64> {
    let value = status.lines().find_map(|it| it.strip_prefix("VmRSS:"))?;
    value.trim().strip_suffix(" kB")?.parse().ok()
}

/// Checks the counters of ecmock's metrics.
fn check_calls(page: &str) -> Result<(), Failure> {
    let mut lines = page.lines().filter(|it| it.starts_with("ecmock_calls_total{")).peekable();
    if lines.peek().is_none() {
        return Err(Failure(format!("ecmock: no calls in its metrics:\n{page}")));
    }
    match lines.find(|it| !it.contains("code=\"OK\"")) {
        Some(line) => Err(Failure(format!("ecmock: some calls failed: {line}"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_time_is_that_of_user_and_system() {
        let stat =
            "7 (a) name) S 1 7 7 0 -1 4194560 913 0 0 0 250 31 0 0 20 0 3 0 99 1000 200 184467";
        assert_eq!(cpu_ticks(stat), Some(281.0));
        assert_eq!(cpu_ticks(""), None);
    }

    #[test]
    fn the_memory_is_that_of_the_process() {
        assert_eq!(memory_kb("VmHWM:\t  9000 kB\nVmRSS:\t    7324 kB\n"), Some(7_324.0));
        assert_eq!(memory_kb("VmHWM:\t  9000 kB\n"), None);
    }

    #[test]
    fn a_call_that_fails_is_found() {
        let passed = "HTTP/1.0 200 OK\r\n\r\n# TYPE ecmock_calls_total counter\n\
            ecmock_calls_total{action=\"CreateHaVip\",code=\"OK\"} 9\n";
        assert!(check_calls(passed).is_ok());
        let line = "ecmock_calls_total{action=\"CreateHaVip\",code=\"LimitExceeded\"} 1";
        let failure = check_calls(&format!("{passed}{line}\n")).unwrap_err();
        assert_eq!(failure.0, format!("ecmock: some calls failed: {line}"));
        assert!(check_calls("HTTP/1.0 404 Not Found\r\n\r\n").is_err());
    }
}
