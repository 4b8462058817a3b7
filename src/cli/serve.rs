//! `ecmock serve` and `ecmock check`.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    thread,
    time::Duration,
};

use crate::{
    Server, StartError,
    config::Config,
    console,
    control::{
        faults::{self, Rule},
        journal::JournalLimits,
    },
    ecm::{Store, store::Quotas},
    fixture::Fixture,
    protocol::{signature::keyring::InvalidCredential, text::count_of},
};
use tokio::{runtime::Builder, sync::oneshot, task::JoinHandle, time::timeout};

use super::{CommandError, build, log, runtime, say, serve_args::ServeArgs};

/// Time limit of an orderly shutdown. The process ends afterwards in any case.
const END_TIME_MAX: Duration = Duration::from_millis(900);

/// Serves until SIGINT, SIGTERM, or, with `--stop-on-stdin-eof`, the end of stdin.
///
/// A separate runtime on this thread handles signals, so that they work while the server starts and
/// while calls keep all of its threads busy.
pub(super) fn serve(args: ServeArgs) -> Result<(), CommandError> {
    let log = log::start(args.log)
        .map_err(|error| CommandError::failed(format!("RUST_LOG: invalid filter: {error}")))?;
    let signals = runtime()?;
    let signal = signals.block_on(async { end_signal() });
    let signal =
        signal.map_err(|error| CommandError::failed(format!("cannot handle signals: {error}")))?;
    let watches_stdin = args.stop_on_stdin_eof;
    let stop = async {
        tokio::select! {
            () = signal => Ok(()),
            end = stdin_end(), if watches_stdin => {
                tracing::debug!("stdin closed; stopping");
                end.map_err(|error| CommandError::failed(format!("cannot read stdin: {error}")))
            }
        }
    };
    raise_file_limit();
    let workers = build(Builder::new_multi_thread())?;
    let (ready, is_ready) = oneshot::channel();
    let serving = workers.spawn(serve_until_stopped(args, ready));
    let outcome = signals.block_on(until_stopped(stop, serving, is_ready));
    // The time of requests that are still being read is over.
    workers.shutdown_background();
    log.finish();
    outcome
}

/// Waits for `stop`, then for the server to shut down.
async fn until_stopped(
    stop: impl Future<Output = Result<(), CommandError>>,
    mut serving: JoinHandle<Result<(), CommandError>>,
    mut is_ready: oneshot::Receiver<oneshot::Sender<()>>,
) -> Result<(), CommandError> {
    let outcome = tokio::select! {
        biased;
        outcome = &mut serving => return outcome.unwrap_or_else(|error| {
            Err(CommandError::failed(format!("the server failed: {error}")))
        }),
        outcome = stop => outcome,
    };
    // A server that is not ready has nothing to shut down.
    if let Ok(stop) = is_ready.try_recv() {
        drop(stop);
        _ = timeout(END_TIME_MAX, serving).await;
    }
    outcome
}

/// Serves until the sender that it passes to `ready` is dropped.
async fn serve_until_stopped(
    args: ServeArgs,
    ready: oneshot::Sender<oneshot::Sender<()>>,
) -> Result<(), CommandError> {
    let auth = args.auth;
    let config = config(args)?;
    let loaded = config.load().map_err(|error| start_error(&error.into()))?;
    let state = summary(&loaded.store);
    let server = Server::with_state(&config, loaded).map_err(|error| start_error(&error))?;
    let (version, seed) = (env!("CARGO_PKG_VERSION"), server.seed());
    let auth = format!("{auth:?}").to_lowercase();
    let mut lines = vec![format!("ecmock {version}: {state}; auth {auth}, seed {seed}")];
    lines.extend(server.addresses().iter().map(|address| format!("http://{address}")));
    lines.extend(server.addresses().first().map(|address| console_line(*address)));
    lines.push("Ready.".to_owned());
    let (stop, stopped) = oneshot::channel();
    _ = ready.send(stop);
    // One write, which wakes up a waiting program once.
    say(lines.join("\n"))?;
    _ = stopped.await;
    server.shutdown().await;
    Ok(())
}

/// Returns the line with the URL of the console. A browser on this machine can open it, even if the server
/// listens on all addresses.
fn console_line(mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    format!("Console: http://{address}{}", console::PATH)
}

/// Returns why the server does not start, with the flags that may help.
fn start_error(error: &StartError) -> CommandError {
    let message = error.chain();
    CommandError::failed(match error {
        StartError::Listen { address, own: Some(own), .. } => format!(
            "cannot listen on {address}: it overlaps with {own}, another address of this server"
        ),
        StartError::Listen { source, .. } if source.kind() == io::ErrorKind::AddrInUse => format!(
            "{error}: address in use; stop the other program, or set another address with --listen"
        ),
        StartError::State { source } => format!("--state-dir: {source}"),
        StartError::Tls { source } => format!("--tls-dir: {source}"),
        _ => message,
    })
}

/// Raises the limit of open files to its maximum. Each connection is an open file.
#[cfg(unix)]
fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        tracing::debug!("cannot raise the limit of open files: {error}");
    }
}

#[cfg(not(unix))]
fn raise_file_limit() {}

/// Runs `ecmock check`.
pub(super) fn check(files: Vec<PathBuf>) -> Result<(), CommandError> {
    let fixtures = files.into_iter().map(Fixture::file).collect();
    let config = Config { fixtures: Some(fixtures), ..Config::default() };
    match config.load() {
        Ok(loaded) => {
            for warning in loaded.warnings.lines() {
                super::complain(format_args!("warning: {warning}"));
            }
            say(format_args!("ok: {}", summary(&loaded.store)))
        }
        Err(error) => Err(CommandError::invalid(error)),
    }
}

fn config(args: ServeArgs) -> Result<Config, CommandError> {
    let mut quotas = Quotas::default();
    for quota in args.quotas {
        quota.set(&mut quotas);
    }
    let none = |file: &PathBuf| file.as_os_str() == "none";
    let fixtures = match args.fixture {
        files if files.is_empty() => None,
        files => Some(files.into_iter().filter(|it| !none(it)).map(Fixture::file).collect()),
    };
    Ok(Config {
        listen: args.endpoint.listen,
        fixtures,
        auth: args.auth,
        credentials: args
            .credentials
            .into_iter()
            .collect::<Result<_, _>>()
            .map_err(bad_credential)?,
        rate_limit: args.rate_limit,
        quotas,
        settle: args.settle,
        visible_after: args.visible_after,
        seed: args.seed,
        clock: args.clock,
        faults: faults(&args.faults)?,
        journal: JournalLimits { entries: args.journal_entries, bytes: args.journal_bytes },
        state_dir: args.state_dir,
        state_sync: args.state_sync,
        tls_dir: args.tls_dir,
        tls_names: args.tls_names,
        admin_hosts: args.admin_hosts,
    })
}

fn bad_credential(error: InvalidCredential) -> CommandError {
    CommandError::failed(format!("--credential or ECMOCK_CREDENTIALS: each {error}"))
}

/// Reads the fault rules of all files.
fn faults(files: &[PathBuf]) -> Result<Vec<Rule>, CommandError> {
    let mut rules = Vec::new();
    for file in files {
        let text =
            std::fs::read_to_string(file).map_err(|error| format!("cannot be read: {error}"));
        let read = text.and_then(|text| faults::read(&text));
        rules.extend(
            read.map_err(|what| CommandError::failed(format!("fault {}: {what}", file.display())))?,
        );
    }
    Ok(rules)
}

/// Returns counts such as `1 VPC, 2 subnets, 0 network interfaces, 3 HAVIPs`.
fn summary(store: &Store) -> String {
    store.counts().map(|(count, noun)| count_of(count, noun)).join(", ")
}

/// Completes at the end of stdin. A separate thread reads stdin, because Tokio's stdin blocks the shutdown
/// of its runtime until a read completes.
async fn stdin_end() -> io::Result<()> {
    let (sender, end) = oneshot::channel();
    thread::spawn(move || sender.send(drain_stdin()));
    end.await.unwrap_or(Ok(()))
}

/// Reads stdin to its end, even if it does not block.
fn drain_stdin() -> io::Result<()> {
    loop {
        match io::copy(&mut io::stdin(), &mut io::sink()) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => await_stdin()?,
            outcome => return outcome.map(drop),
        }
    }
}

/// Waits until stdin has input, or is at its end.
#[cfg(unix)]
fn await_stdin() -> io::Result<()> {
    use rustix::event::{PollFd, PollFlags, poll};

    let stdin = io::stdin();
    poll(&mut [PollFd::new(&stdin, PollFlags::IN)], None)?;
    Ok(())
}

#[cfg(not(unix))]
fn await_stdin() -> io::Result<()> {
    Err(io::ErrorKind::WouldBlock.into())
}

/// Completes on SIGINT or SIGTERM. Both are caught from this call on.
#[cfg(unix)]
fn end_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Completes on Ctrl-C.
#[cfg(not(unix))]
fn end_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        _ = tokio::signal::ctrl_c().await;
    })
}
