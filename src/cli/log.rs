//! The log: one line a call, on stderr.
//!
//! Lines go through a queue to a thread of their own: a process that starts ecmock and never reads
//! its stderr would else stop it as soon as the pipe is full.

use std::{
    io::{self, IsTerminal as _, Write},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use tracing_subscriber::{
    Layer as _,
    filter::{LevelFilter, ParseError, Targets},
    fmt,
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

/// Filter of the log.
const FILTER: &str = "RUST_LOG";
/// Lines that wait to be written. More are lost, and counted.
const QUEUE_LINES_MAX: usize = 10_000;
/// Time that the last lines have to be written.
const FINISH_TIME_MAX: Duration = Duration::from_millis(50);

/// Form of the log.
#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
pub(super) enum Format {
    /// One short line per event, for people
    #[default]
    Pretty,
    /// One JSON object per line, for programs
    Json,
}

/// Starts the log.
pub(super) fn start(format: Format) -> Result<Log, ParseError> {
    let filter: Targets = match std::env::var(FILTER) {
        Ok(text) if !text.is_empty() => text.parse()?,
        _ => Targets::new().with_default(LevelFilter::INFO),
    };
    let (queue, lines) = sync_channel(QUEUE_LINES_MAX);
    let lost = Arc::new(AtomicUsize::new(0));
    let writer = Queue { lines: queue.clone(), lost: Arc::clone(&lost) };
    let layer = fmt::layer().with_writer(move || writer.clone()).with_target(false);
    let layer = match format {
        Format::Pretty => layer.with_ansi(io::stderr().is_terminal()).boxed(),
        Format::Json => layer.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry().with(layer.with_filter(filter)).init();
    thread::spawn(move || write_lines(&lines, &lost));
    Ok(Log { queue })
}

/// The running log.
#[derive(Debug)]
pub(super) struct Log {
    queue: SyncSender<LogLine>,
}

/// What goes to the writing thread.
#[derive(Debug)]
enum LogLine {
    Line(Vec<u8>),
    /// Everything before it has been written once this is dropped.
    End(#[expect(dead_code, reason = "only dropped")] SyncSender<()>),
}

impl Log {
    /// Waits until what was logged is written, but not for long.
    pub(super) fn finish(&self) {
        let (written, all) = sync_channel(0);
        if self.queue.try_send(LogLine::End(written)).is_ok() {
            _ = all.recv_timeout(FINISH_TIME_MAX);
        }
    }
}

/// Takes a line, or loses it: a log never makes a call wait.
#[derive(Debug, Clone)]
struct Queue {
    lines: SyncSender<LogLine>,
    lost: Arc<AtomicUsize>,
}

impl Write for Queue {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.lines.try_send(LogLine::Line(line.to_vec())).is_err() {
            self.lost.fetch_add(1, Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes lines until nobody can log any more. Where stderr cannot be written, nobody reads it.
fn write_lines(lines: &Receiver<LogLine>, lost: &AtomicUsize) {
    for entry in lines {
        if let LogLine::Line(line) = entry {
            _ = io::stderr().write_all(&line);
        }
        let lost = lost.swap(0, Relaxed);
        if lost > 0 {
            _ = writeln!(
                io::stderr(),
                "{lost} lines of the log are lost: nobody read them in time"
            );
        }
    }
}
