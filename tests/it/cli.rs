//! The command, run as a process.

mod commands;
mod completions;
mod doctor;
mod faults;
#[cfg(target_os = "linux")]
mod memory;
mod settings;
mod signals;
mod start;
mod state_dir;
mod wait;

use std::{
    io::{BufRead as _, BufReader, Read, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::json::{VERSION, create};

/// Time limit of a step, even on a busy machine. A process that exceeds it hangs.
const STEP_TIME_MAX: Duration = Duration::from_mins(2);

/// All variables that the command reads.
const VARIABLES: [&str; 20] = [
    "ECMOCK_ADMIN_HOSTS",
    "ECMOCK_LISTEN",
    "ECMOCK_FIXTURE",
    "ECMOCK_AUTH",
    "ECMOCK_CREDENTIALS",
    "ECMOCK_RATE_LIMIT",
    "ECMOCK_QUOTAS",
    "ECMOCK_SETTLE",
    "ECMOCK_SEED",
    "ECMOCK_CLOCK",
    "ECMOCK_STATE_DIR",
    "ECMOCK_STATE_SYNC",
    "ECMOCK_TLS_DIR",
    "ECMOCK_TLS_NAMES",
    "ECMOCK_VISIBLE_AFTER",
    "ECMOCK_FAULT",
    "ECMOCK_JOURNAL_ENTRIES",
    "ECMOCK_JOURNAL_BYTES",
    "ECMOCK_LOG",
    "RUST_LOG",
];

/// Returns `ecmock` with these arguments, and without its variables.
fn ecmock(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ecmock"));
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    command.args(args);
    command
}

/// Runs `ecmock` to its end.
fn run(args: &[&str]) -> Finished {
    finish(ecmock(args))
}

fn finish(command: Command) -> Finished {
    Process::start(command).finish()
}

/// Creates a file that is removed at the end of the test.
fn file(content: &Value) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    write!(file, "{content}").unwrap();
    file
}

fn path(file: &NamedTempFile) -> &str {
    file.path().to_str().unwrap()
}

/// A fixture with one VPC.
fn vpc(id: &str) -> Value {
    json!({ "VpcSet": [{ "VpcId": id, "CidrBlock": "10.0.0.0/16" }] })
}

/// A process that ends with its test.
struct Process {
    child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

impl Process {
    fn start(command: Command) -> Self {
        Self::reading(Stdio::null(), command)
    }

    /// Starts a process that reads `stdin`.
    fn reading(stdin: impl Into<Stdio>, mut command: Command) -> Self {
        let command = command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        Self { stdout: lines(stdout), stderr: lines(stderr), child }
    }

    /// Waits for the end. The result has only the lines that were not read before.
    fn finish(mut self) -> Finished {
        let (stdout, stderr) = (rest(&self.stdout), rest(&self.stderr));
        Finished { code: self.child.wait().unwrap().code(), stdout, stderr }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Returns the lines of a pipe as they arrive, until it is closed.
fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        BufReader::new(pipe).lines().try_for_each(|line| sender.send(line.unwrap()))
    });
    receiver
}

/// Returns the next line, or `None` at the end.
fn next(lines: &Receiver<String>) -> Option<String> {
    match lines.recv_timeout(STEP_TIME_MAX) {
        Ok(line) => Some(line),
        Err(RecvTimeoutError::Disconnected) => None,
        Err(RecvTimeoutError::Timeout) => panic!("the process hangs"),
    }
}

fn rest(lines: &Receiver<String>) -> Vec<String> {
    std::iter::from_fn(|| next(lines)).collect()
}

/// The result of a process.
#[derive(Debug)]
struct Finished {
    /// Exit code, or `None` if a signal ended the process.
    code: Option<i32>,
    stdout: Vec<String>,
    stderr: Vec<String>,
}

impl Finished {
    /// Returns the output of a process that succeeded without errors or warnings.
    #[track_caller]
    fn printed(&self) -> String {
        assert_eq!((self.code, self.stderr.as_slice()), (Some(0), &[][..]), "{self:?}");
        self.stdout.join("\n")
    }

    /// Returns the errors of a process that failed with `code` and printed nothing.
    #[track_caller]
    fn refusal(&self, code: i32) -> String {
        assert_eq!((self.code, self.stdout.as_slice()), (Some(code), &[][..]), "{self:?}");
        self.stderr.join("\n")
    }

    /// Returns the error like [`Finished::refusal`]. It must be one line.
    #[track_caller]
    fn refusal_line(&self, code: i32) -> String {
        let refusal = self.refusal(code);
        let message = refusal.strip_prefix("ecmock: ").unwrap_or_default();
        assert!(!message.is_empty() && !refusal.contains('\n'), "{self:?}");
        refusal
    }
}

/// A server that is ready.
struct Serving {
    process: Process,
    /// The lines that it printed until then.
    start: Vec<String>,
}

impl Serving {
    /// Starts a server with the demo state on a free port.
    fn new() -> Self {
        Self::with(&[])
    }

    /// Starts a server on a free port with additional arguments.
    fn with(args: &[&str]) -> Self {
        Self::reading(Stdio::null(), args)
    }

    /// Starts a server like [`Serving::with`] that reads `stdin`.
    fn reading(stdin: impl Into<Stdio>, args: &[&str]) -> Self {
        let command = ecmock(&[&["--listen", "127.0.0.1:0"], args].concat());
        Self::ready(Process::reading(stdin, command))
    }

    fn of(command: Command) -> Self {
        Self::ready(Process::start(command))
    }

    /// Waits until a process is ready.
    fn ready(process: Process) -> Self {
        let mut start = Vec::new();
        while start.last().is_none_or(|line| line != "Ready.") {
            match next(&process.stdout) {
                Some(line) => start.push(line),
                None => panic!("it did not start: {start:?} {:?}", process.finish()),
            }
        }
        Self { process, start }
    }

    /// Returns the printed endpoints, without their scheme.
    fn addresses(&self) -> Vec<&str> {
        self.start.iter().filter_map(|line| line.strip_prefix("http://")).collect()
    }

    fn address(&self) -> &str {
        self.addresses()[0]
    }

    /// Creates a HAVIP in the demo subnet, with additional or changed parameters.
    fn create(&self, params: Value) -> Value {
        Connection::open(self.address()).create(params)
    }

    /// Ends the server with SIGTERM.
    fn stop(self) -> Finished {
        signals::send("TERM", &self.process);
        self.process.finish()
    }
}

/// A connection that is kept alive.
struct Connection(BufReader<TcpStream>);

impl Connection {
    fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(STEP_TIME_MAX)).unwrap();
        Self(BufReader::new(stream))
    }

    fn create(&mut self, params: Value) -> Value {
        let mut answer: Value = serde_json::from_str(&self.call(params, &[])).unwrap();
        answer["Response"].take()
    }

    /// Creates a HAVIP with additional headers, and returns the body of the response.
    fn call(&mut self, params: Value, headers: &[(&str, &str)]) -> String {
        let (head, body) = request(params, headers);
        self.write(&format!("{head}{body}"));
        self.read()
    }

    fn write(&mut self, text: &str) {
        self.0.get_mut().write_all(text.as_bytes()).unwrap();
    }

    /// Reads the next head, including its empty line.
    fn read_head(&mut self) -> String {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(self.0.read_line(&mut head).unwrap(), 0, "no response, but {head:?}");
        }
        head
    }

    /// Reads until the server closes the connection.
    fn read_to_end(&mut self) {
        self.0.read_to_end(&mut Vec::new()).unwrap();
    }

    /// Reads the next response, and returns its body.
    fn read(&mut self) -> String {
        let head = self.read_head();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.unwrap().parse().unwrap()];
        self.0.read_exact(&mut body).unwrap();
        String::from_utf8(body).unwrap()
    }
}

/// Returns the head and body of a `CreateHaVip` in the demo subnet.
fn request(params: Value, headers: &[(&str, &str)]) -> (String, String) {
    let body = create(params).to_string();
    let length = body.len().to_string();
    let headers = [
        ("Host", "ecmock"),
        ("X-TC-Action", "CreateHaVip"),
        ("X-TC-Version", VERSION),
        ("Content-Type", "application/json"),
        ("Content-Length", &length),
    ]
    .iter()
    .chain(headers)
    .fold(String::new(), |head, (name, value)| head + name + ": " + value + "\r\n");
    (format!("POST / HTTP/1.1\r\n{headers}\r\n"), body)
}
