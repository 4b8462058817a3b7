//! The log on stderr, with one line per call.

mod pretty;
mod queue;

use std::{
    fmt,
    io::{self, IsTerminal as _},
    sync::Arc,
    thread,
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

use self::queue::Queue;

/// Variable with the filter of the log.
const FILTER: &str = "RUST_LOG";

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
    let queue = Arc::new(Queue::default());
    let layer = tracing_subscriber::fmt::layer().with_writer(Arc::clone(&queue));
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
    let log = Log { queue: Arc::clone(&queue) };
    thread::spawn(move || queue.write_to(&mut io::stderr()));
    Ok(log)
}

#[derive(Debug)]
pub(super) struct Log {
    queue: Arc<Queue>,
}

impl Log {
    /// Waits until all lines are written, for [`queue::FINISH_TIME_MAX`] at most.
    pub(super) fn finish(&self) {
        self.queue.finish();
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
