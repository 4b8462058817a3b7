//! The throughput of ecmock over connections, compared with servers that return fixed bytes.

use std::{
    env,
    fmt::Write as _,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use super::{
    cargo, duration, machine, output,
    process::{Process, pinned},
    remove_variables, requests, three_digits, wrk,
};
use crate::{Failure, model::read, root};

/// Measurements of each server. They are short, so that a machine that becomes slower slows down all
/// servers of a round.
const ROUNDS: u32 = 15;
const WARM_UP_SECONDS: u32 = 1;
const SECONDS: u32 = 1;
/// Number of starts of each server whose start is measured.
const STARTS: u32 = 100;
const SERVER_CORE: u32 = 0;
const WRK_CORE: u32 = 1;
/// Last line of ecmock's start.
const READY: &str = "Ready.";
/// Beginning of the last line of the other servers' start.
const URL: &str = "http://";
/// Libraries of the other servers.
const LIBRARIES: [&str; 3] = ["axum", "wiremock", "httpmock"];

/// A server to measure.
struct Server {
    name: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    /// A server of `benches/servers`, by its argument.
    Fixed(&'static str),
    Ecmock {
        flags: &'static [&'static str],
        has_log: bool,
    },
}

/// All servers. The ratios are to the first.
const SERVERS: [Server; 6] = [
    Server { name: "axum, fixed bytes", kind: Kind::Fixed("empty") },
    Server { name: "wiremock-rs", kind: Kind::Fixed("wiremock") },
    Server { name: "httpmock", kind: Kind::Fixed("httpmock") },
    Server { name: "ecmock, open, log off", kind: Kind::Ecmock { flags: &[], has_log: false } },
    Server {
        name: "ecmock, verify, log off",
        kind: Kind::Ecmock {
            flags: &["--auth", "verify", "--credential", requests::CREDENTIAL],
            has_log: false,
        },
    },
    Server { name: "ecmock, open, log on", kind: Kind::Ecmock { flags: &[], has_log: true } },
];

/// A measurement of a server.
#[derive(Debug, Clone, Copy)]
struct Sample {
    calls_per_second: f64,
    /// CPU time of the server per call, in nanoseconds.
    cpu: f64,
}

/// The medians of a server's measurements.
struct Row {
    calls_per_second: f64,
    /// Ratio to the first server in the same round.
    ratio: f64,
    cpu: f64,
}

/// The start of ecmock and of the first of the other servers.
struct Start {
    /// In nanoseconds.
    ecmock_time: f64,
    /// In nanoseconds.
    empty_time: f64,
    /// Resident memory of ecmock after its start, in bytes.
    memory: f64,
}

/// Fails if this machine cannot measure servers.
pub(super) fn check_machine() -> Result<(), Failure> {
    let fails = |problem: &str| Err(Failure(format!("cannot measure servers: {problem}")));
    if !cfg!(target_os = "linux") {
        return fails("this is not Linux; `cargo xtask bench calls` runs anywhere");
    }
    if !thread::available_parallelism().is_ok_and(|it| it.get() >= 2) {
        return fails("this machine has 1 core; 2 are needed, for the server and for wrk");
    }
    if wrk::version().is_none() {
        return fails("wrk is missing; run `apt-get install wrk`");
    }
    if output("taskset", &["--version"]).is_none() {
        return fails("taskset is missing; run `apt-get install util-linux`");
    }
    Ok(())
}

/// Measures all servers, and returns their table.
pub(super) fn run(target: &Path) -> Result<String, Failure> {
    let bench = Bench::new(target)?;
    let mut samples: [Vec<Sample>; SERVERS.len()] = Default::default();
    for round in 1..=ROUNDS {
        for (server, samples) in SERVERS.iter().zip(&mut samples) {
            let sample = bench.measure(server);
            let sample =
                sample.map_err(|Failure(text)| Failure(format!("{}: {text}", server.name)))?;
            let Sample { calls_per_second, cpu } = sample;
            // A server that does not use its whole core waits for wrk or for other programs.
            let core_use = calls_per_second * cpu / 1e9 * 100.0;
            let name = server.name;
            println!(
                "round {round}: {name}: {calls_per_second:.0} calls/s, {core_use:.0}% of its core"
            );
            samples.push(sample);
        }
    }
    let [first, ..] = samples.clone();
    let medians = samples.map(|samples| Row {
        calls_per_second: median(samples.iter().map(|it| it.calls_per_second)),
        ratio: median(
            samples.iter().zip(&first).map(|it| it.0.calls_per_second / it.1.calls_per_second),
        ),
        cpu: median(samples.iter().map(|it| it.cpu)),
    });
    let size = fs::metadata(&bench.ecmock).map_or(0, |it| it.len());
    let start = bench.start()?;
    Ok(format!("{}{}.\n\n{}\n{}", machine(), versions()?, table(&medians), list(&start, size)))
}

/// The programs, and the files that they read and write.
struct Bench {
    ecmock: PathBuf,
    servers: PathBuf,
    folder: Folder,
    clock_ticks_per_second: f64,
}

impl Bench {
    /// Builds the servers, and writes the files.
    fn new(target: &Path) -> Result<Self, Failure> {
        let own_target = target.join("servers");
        let own_words = ["--manifest-path", "benches/servers/Cargo.toml", "--target-dir"];
        build(cargo().args(BUILD).args(own_words).arg(&own_target))?;
        build(cargo().args(BUILD).args(["--bin", "ecmock"]))?;
        let folder = Folder::new()?;
        crate::write(&folder.script(), &requests::script())?;
        crate::write(&folder.fixture(), &requests::fixture())?;
        let ticks = output("getconf", &["CLK_TCK"]).and_then(|it| it.parse().ok());
        Ok(Self {
            ecmock: target.join("dist/ecmock"),
            servers: own_target.join("dist/servers"),
            folder,
            clock_ticks_per_second: ticks
                .ok_or_else(|| Failure("`getconf CLK_TCK` failed".to_owned()))?,
        })
    }

    /// Measures a server once.
    fn measure(&self, server: &Server) -> Result<Sample, Failure> {
        let process = self.start_pinned(server.kind)?;
        let load = |seconds| wrk::run(WRK_CORE, &self.folder.script(), &process.url, seconds);
        load(WARM_UP_SECONDS)?;
        let before = process.cpu_ticks()?;
        let result = load(SECONDS)?;
        let ticks = process.cpu_ticks()? - before;
        if let Kind::Ecmock { .. } = server.kind {
            process.check_calls()?;
        }
        Ok(Sample {
            calls_per_second: result.calls_per_second,
            cpu: ticks / self.clock_ticks_per_second / result.calls * 1e9,
        })
    }

    fn start_pinned(&self, kind: Kind) -> Result<Process, Failure> {
        match kind {
            Kind::Fixed(name) => {
                let mut command = pinned(SERVER_CORE, &self.servers);
                command.arg(name);
                Process::start(command, URL)
            }
            Kind::Ecmock { flags, has_log } => {
                let mut command = pinned(SERVER_CORE, &self.ecmock);
                serve(&mut command).args(["--clock", requests::CLOCK, "--seed", "1"]);
                command.args(["--quota", "havips-per-vpc=100000000"]).args(flags);
                command.arg("--fixture").arg(self.folder.fixture());
                if has_log {
                    let path = self.folder.log();
                    let log = File::create(&path);
                    let failed = |error| Failure(format!("{}: {error}", path.display()));
                    command.stderr(Stdio::from(log.map_err(failed)?)).env_remove("RUST_LOG");
                }
                Process::start(command, READY)
            }
        }
    }

    /// Measures starts, without a fixture and on any core.
    fn start(&self) -> Result<Start, Failure> {
        let (mut ecmock_times, mut empty_times, mut memory) = (vec![], vec![], vec![]);
        for _ in 0..STARTS {
            let mut command = Command::new(&self.servers);
            command.arg("empty");
            empty_times.push(nanoseconds(&Process::start(command, URL)?));
            let mut command = Command::new(&self.ecmock);
            serve(&mut command);
            let process = Process::start(command, READY)?;
            ecmock_times.push(nanoseconds(&process));
            memory.push(process.memory_kb()? * 1024.0);
        }
        Ok(Start {
            ecmock_time: median(ecmock_times),
            empty_time: median(empty_times),
            memory: median(memory),
        })
    }
}

/// Words of `cargo` that build as the binaries of a release.
const BUILD: [&str; 4] = ["build", "--profile", "dist", "--locked"];

fn build(command: &mut Command) -> Result<(), Failure> {
    let status = command.status();
    let is_built = status.is_ok_and(|it| it.success());
    if is_built { Ok(()) } else { Err(Failure("`cargo build` failed".to_owned())) }
}

/// Adds the words of a server with a free port, without a log, and without the caller's settings.
fn serve(command: &mut Command) -> &mut Command {
    remove_variables(command, "ECMOCK_");
    command.env("RUST_LOG", "off").args(["serve", "--listen", "127.0.0.1:0"])
}

fn nanoseconds(process: &Process) -> f64 {
    process.start_time.as_secs_f64() * 1e9
}

/// A temporary folder that is deleted on drop.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, Failure> {
        let path = env::temp_dir().join(format!("ecmock-bench-{}", std::process::id()));
        let failed = |error| Failure(format!("{}: {error}", path.display()));
        fs::create_dir(&path).map_err(failed)?;
        Ok(Self(path))
    }

    fn script(&self) -> PathBuf {
        self.0.join("calls.lua")
    }

    fn fixture(&self) -> PathBuf {
        self.0.join("fixture.json")
    }

    fn log(&self) -> PathBuf {
        self.0.join("log")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

/// Returns the median, or the mean of the two middle values.
fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}

/// The end of a sentence about this machine: the versions of the libraries and of wrk.
fn versions() -> Result<String, Failure> {
    let path = root().join("benches/servers/Cargo.lock");
    let lock = read(&path)?;
    let mut text = String::new();
    for name in LIBRARIES {
        let version = locked_version(&lock, name);
        let version = version.ok_or_else(|| Failure(format!("{}: no {name}", path.display())))?;
        _ = write!(text, ", {name} {version}");
    }
    _ = write!(text, ", wrk {}", wrk::version().unwrap_or_default());
    Ok(text)
}

/// Returns the version of a crate in a Cargo.lock.
fn locked_version<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = lock.split_once(&format!("\nname = \"{name}\"\nversion = \""))?;
    Some(rest.split_once('"')?.0)
}

fn table(medians: &[Row; SERVERS.len()]) -> String {
    let mut text =
        "| server | calls/s | ratio | CPU per call |\n| --- | --: | --: | --: |\n".to_owned();
    for (Server { name, .. }, row) in SERVERS.iter().zip(medians) {
        let (calls, ratio, cpu) = (grouped(row.calls_per_second), row.ratio, duration(row.cpu));
        _ = writeln!(text, "| {name} | {calls} | {ratio:.2} | {cpu} |");
    }
    text
}

/// Prints a number without decimals, and with commas between thousands.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn list(start: &Start, size: u64) -> String {
    let (ecmock, empty) = (duration(start.ecmock_time), duration(start.empty_time));
    let memory = three_digits(start.memory / 1e6);
    let size = three_digits(f64::from(u32::try_from(size).unwrap_or(u32::MAX)) / 1e6);
    format!(
        "- **Start:** {ecmock} until ecmock is ready, and {empty} until axum listens.\n\
        - **Idle memory:** {memory} MB.\n\
        - **Binary:** {size} MB.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_in_the_middle() {
        assert!((median([3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median([4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < f64::EPSILON);
    }

    #[test]
    fn a_table_has_ratios_to_the_first_server() {
        let row = |calls_per_second, cpu| Row {
            calls_per_second,
            ratio: calls_per_second / 60_000.0,
            cpu,
        };
        let medians = [
            row(60_000.4, 15_000.0),
            row(20_000.0, 40_000.0),
            row(999.6, 90_000.0),
            row(45_000.0, 20_120.0),
            row(40_000.0, 25_000.0),
            row(36_000.0, 27_500.0),
        ];
        let expected = "\
| server | calls/s | ratio | CPU per call |
| --- | --: | --: | --: |
| axum, fixed bytes | 60,000 | 1.00 | 15.0 µs |
| wiremock-rs | 20,000 | 0.33 | 40.0 µs |
| httpmock | 1,000 | 0.02 | 90.0 µs |
| ecmock, open, log off | 45,000 | 0.75 | 20.1 µs |
| ecmock, verify, log off | 40,000 | 0.67 | 25.0 µs |
| ecmock, open, log on | 36,000 | 0.60 | 27.5 µs |
";
        assert_eq!(table(&medians), expected);
    }

    #[test]
    fn a_list_has_the_start_the_memory_and_the_size() {
        let start = Start { ecmock_time: 3_210_000.0, empty_time: 1.5e6, memory: 7_324_000.0 };
        let expected = "\
- **Start:** 3.21 ms until ecmock is ready, and 1.50 ms until axum listens.
- **Idle memory:** 7.32 MB.
- **Binary:** 6.66 MB.
";
        assert_eq!(list(&start, 6_662_144), expected);
    }

    #[test]
    fn numbers_have_commas_between_thousands() {
        let cases = [(999.4, "999"), (1_000.0, "1,000"), (12_345_678.0, "12,345,678")];
        for (number, text) in cases {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn the_versions_of_all_libraries_are_locked() {
        let text = versions().unwrap();
        for name in LIBRARIES {
            assert!(text.contains(&format!(", {name} ")));
        }
        let lock = "[[package]]\nname = \"axum-core\"\nversion = \"0.5.6\"\n\n\
            [[package]]\nname = \"axum\"\nversion = \"0.8.9\"\n";
        assert_eq!(locked_version(lock, "axum"), Some("0.8.9"));
        assert_eq!(locked_version(lock, "wiremock"), None);
    }
}
