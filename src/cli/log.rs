//! The log on stderr, with one line per call.

mod json;
mod pretty;
mod queue;

use std::{
    fmt,
    io::{self, IsTerminal as _},
    sync::Arc,
};

use tracing_subscriber::{
    Layer as _,
    filter::{LevelFilter, ParseError, Targets},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use self::{json::EscapedJson, pretty::Pretty, queue::Lines};

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
    let lines = Arc::new(Lines::default());
    // The filter is a layer of its own. A filter of the format's layer would run for each event.
    let subscriber = tracing_subscriber::registry().with(filter);
    match format {
        Format::Pretty => {
            let is_colored = io::stderr().is_terminal();
            subscriber.with(Pretty::new(Arc::clone(&lines), is_colored)).init();
        }
        Format::Json => {
            let layer = tracing_subscriber::fmt::layer().json().flatten_event(true);
            let layer = layer.with_target(false).map_event_format(EscapedJson);
            subscriber.with(layer.with_writer(Arc::clone(&lines)).boxed()).init();
        }
    }
    Ok(Log { lines })
}

#[derive(Debug)]
pub(super) struct Log {
    lines: Arc<Lines>,
}

impl Log {
    /// See [`Lines::finish`].
    pub(super) fn finish(&self) {
        self.lines.finish();
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

/// Writes text. `escape` writes its special characters.
fn write_escaped<W: fmt::Write>(
    out: &mut W,
    text: &str,
    escape: impl Fn(&mut W, char) -> fmt::Result,
) -> fmt::Result {
    // Most text is ASCII without control characters.
    if text.bytes().all(|it| matches!(it, b' '..=b'~')) {
        return out.write_str(text);
    }
    let mut rest = text;
    while let Some(index) = rest.find(is_special) {
        let (before, from) = rest.split_at(index);
        out.write_str(before)?;
        let mut characters = from.chars();
        if let Some(character) = characters.next() {
            escape(out, character)?;
        }
        rest = characters.as_str();
    }
    out.write_str(rest)
}
