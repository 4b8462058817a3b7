//! The log on stderr, with one line per call.
//!
//! Lines go through a queue to a separate thread. Otherwise, a parent process that never reads
//! ecmock's stderr would block it as soon as the pipe is full.

mod pretty;

use std::{
    fmt,
    io::{self, IsTerminal as _, Write},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use tracing::{Event, Subscriber};
use tracing_subscriber::{
    Layer as _,
    filter::{LevelFilter, ParseError, Targets},
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{self, Json, Writer},
    },
    layer::SubscriberExt as _,
    registry::LookupSpan,
    util::SubscriberInitExt as _,
};

/// Variable with the filter of the log.
const FILTER: &str = "RUST_LOG";
/// Maximum number of lines that wait to be written. Further lines are dropped and counted.
const QUEUE_LINES_MAX: usize = 10_000;
/// Time limit for writing the last lines at the end.
const FINISH_TIME_MAX: Duration = Duration::from_millis(50);

/// Log format.
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
    let layer = tracing_subscriber::fmt::layer().with_writer(move || writer.clone());
    let layer = match format {
        Format::Pretty => {
            layer.with_ansi(io::stderr().is_terminal()).event_format(pretty::Pretty).boxed()
        }
        Format::Json => layer
            .json()
            .flatten_event(true)
            .with_target(false)
            .map_event_format(EscapedJson)
            .boxed(),
    };
    tracing_subscriber::registry().with(layer.with_filter(filter)).init();
    thread::spawn(move || write_lines(&lines, &lost));
    Ok(Log { queue })
}

#[derive(Debug)]
pub(super) struct Log {
    queue: SyncSender<LogLine>,
}

/// A message to the writing thread.
#[derive(Debug)]
enum LogLine {
    Line(Vec<u8>),
    /// Dropped once all lines before it are written.
    End(#[expect(dead_code, reason = "only dropped")] SyncSender<()>),
}

impl Log {
    /// Waits until all lines are written, for [`FINISH_TIME_MAX`] at most.
    pub(super) fn finish(&self) {
        let (written, all) = sync_channel(0);
        if self.queue.try_send(LogLine::End(written)).is_ok() {
            _ = all.recv_timeout(FINISH_TIME_MAX);
        }
    }
}

/// The sending end of the queue. It drops a line rather than delay a call.
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

/// Writes lines until all senders are dropped. Errors of stderr are ignored.
fn write_lines(lines: &Receiver<LogLine>, lost: &AtomicUsize) {
    for entry in lines {
        if let LogLine::Line(line) = entry {
            _ = io::stderr().write_all(&line);
        }
        let lost = lost.swap(0, Relaxed);
        if lost > 0 {
            _ = writeln!(io::stderr(), "dropped {lost} log lines: stderr is not being read");
        }
    }
}

/// Whether a character could end a line, control a terminal, or reorder or hide the text around it.
fn is_special(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' // bidirectional mark
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}' // zero width, bidirectional marks
            | '\u{2028}'..='\u{202e}' // separators of lines, bidirectional embedding
            | '\u{2060}'..='\u{206f}' // invisible, bidirectional isolates
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}' // tags
        )
}

/// JSON with all special characters escaped, including those that JSON allows.
#[derive(Debug)]
struct EscapedJson(format::Format<Json>);

impl<S, N> FormatEvent<S, N> for EscapedJson
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = String::new();
        self.0.format_event(context, Writer::new(&mut line), event)?;
        write_json(&mut writer, line.trim_end())?;
        writeln!(writer)
    }
}

/// Writes JSON. It has special characters only within strings, where they can be escaped.
fn write_json(out: &mut impl fmt::Write, json: &str) -> fmt::Result {
    let mut rest = json;
    while let Some(index) = rest.find(is_special) {
        let (before, from) = rest.split_at(index);
        out.write_str(before)?;
        let mut characters = from.chars();
        if let Some(character) = characters.next() {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
        }
        rest = characters.as_str();
    }
    out.write_str(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_json_is_the_same_json_in_safe_characters() {
        let value =
            serde_json::json!({ "a": "\u{9b}31m\u{7f}é\u{202e}x\u{2028}\u{e0041}\u{1b}\n" });
        let mut escaped = String::new();
        write_json(&mut escaped, &value.to_string()).unwrap();
        assert_eq!(escaped.chars().find(|it| is_special(*it)), None, "{escaped}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).unwrap(), value);
    }
}
