//! Log lines for people.
//!
//! A line has the time, the level unless it is INFO, and the message. The line of a call continues
//! with the duration, the account, and the request ID. Other fields follow by name:
//!
//! ```text
//! 07:23:09.124Z CreateHaVip -> OK 153us default 0b1c7a9e-2f14-4c5e-9d0a-7f3f1d2c4b5a
//! ```

use std::{
    cell::Cell,
    fmt::{self, Write as _},
    sync::Arc,
};

use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context};

use super::{queue::Lines, write_escaped};
use crate::{control::Clock, protocol::text::digits};

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

const DIM: &str = "\x1b[2m";
const RED: &str = "\x1b[31m";
const YELLOW: &str = "\x1b[33m";
const RESET: &str = "\x1b[0m";

thread_local! {
    /// The memory of the thread's last line, for the next line.
    static LINE: Cell<Line> = const { Cell::new(Line::new()) };
}

/// Writes log lines for people.
#[derive(Debug)]
pub(super) struct Pretty {
    lines: Arc<Lines>,
    is_colored: bool,
}

impl Pretty {
    pub(super) const fn new(lines: Arc<Lines>, is_colored: bool) -> Self {
        Self { lines, is_colored }
    }
}

impl<S: Subscriber> Layer<S> for Pretty {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        // The `Debug` of a field may log, too. Its line then has memory of its own.
        let mut line = LINE.try_with(Cell::take).unwrap_or_default();
        line.begin(event, self.is_colored);
        event.record(&mut line);
        self.lines.push(line.end().as_bytes());
        _ = LINE.try_with(|it| it.set(line));
    }
}

/// A line, with special characters escaped.
#[derive(Debug, Default)]
struct Line {
    is_colored: bool,
    is_call: bool,
    /// Time, level, and message.
    text: String,
    duration_us: Option<u64>,
    /// Account and request ID of a call.
    call: String,
    /// All other fields, with their names.
    others: String,
}

impl Line {
    const fn new() -> Self {
        Self {
            is_colored: false,
            is_call: false,
            text: String::new(),
            duration_us: None,
            call: String::new(),
            others: String::new(),
        }
    }

    /// Replaces the line by the start of an event's line.
    fn begin(&mut self, event: &Event<'_>, is_colored: bool) {
        self.is_colored = is_colored;
        self.is_call = event.metadata().fields().field("duration_us").is_some();
        self.duration_us = None;
        for text in [&mut self.text, &mut self.call, &mut self.others] {
            text.clear();
        }
        self.style(DIM);
        push_time(&mut self.text, Clock::Real.now().timestamp_millis());
        self.style(RESET);
        match *event.metadata().level() {
            Level::ERROR => self.push_level(RED, "ERROR "),
            Level::WARN => self.push_level(YELLOW, "WARN "),
            Level::INFO => {}
            Level::DEBUG => self.push_level(DIM, "DEBUG "),
            Level::TRACE => self.push_level(DIM, "TRACE "),
        }
    }

    /// Joins the parts of the recorded fields, and returns the whole line.
    fn end(&mut self) -> &str {
        if self.is_call {
            self.style(DIM);
            if let Some(us) = self.duration_us {
                self.text.push(' ');
                push_duration(&mut self.text, us);
            }
            self.text.push_str(&self.call);
            self.style(RESET);
        }
        self.text.push_str(&self.others);
        self.text.push('\n');
        &self.text
    }

    fn style(&mut self, style: &str) {
        if self.is_colored {
            self.text.push_str(style);
        }
    }

    fn push_level(&mut self, style: &str, level: &str) {
        self.style(style);
        self.text.push_str(level);
        self.style(RESET);
    }

    fn record_other(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        _ = write!(Escaped(&mut self.others), " {}={value}", field.name());
    }
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => _ = Escaped(&mut self.text).write_str(value),
            // The message of a call contains both.
            "action" | "code" if self.is_call => {}
            "account" | "request_id" if self.is_call => {
                self.call.push(' ');
                if is_plain(value) {
                    self.call.push_str(value);
                } else {
                    _ = write!(Escaped(&mut self.call), "{value:?}");
                }
            }
            "fault" | "trace" if is_plain(value) => {
                self.record_other(field, format_args!("{value}"));
            }
            _ => self.record_other(field, format_args!("{value:?}")),
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "duration_us" {
            self.duration_us = Some(value);
        } else {
            self.record_other(field, format_args!("{value}"));
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            _ = write!(Escaped(&mut self.text), "{value:?}");
        } else {
            self.record_other(field, format_args!("{value:?}"));
        }
    }
}

/// Whether a string needs no quotes.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| it.is_ascii_graphic() && it != b'"')
}

/// Appends the time of day of a Unix time, such as `07:23:09.124Z `.
fn push_time(text: &mut String, unix_ms: i64) {
    let ms = u32::try_from(unix_ms.rem_euclid(DAY_MS)).unwrap_or_default();
    for (unit_ms, end) in [(3_600_000, ':'), (60_000, ':'), (1000, '.')] {
        text.extend(digits::<2>(ms / unit_ms % 60).map(char::from));
        text.push(end);
    }
    text.extend(digits::<3>(ms).map(char::from));
    text.push_str("Z ");
}

/// Appends a duration with its unit.
fn push_duration(text: &mut String, us: u64) {
    _ = match us {
        0..1000 => write!(text, "{us}us"),
        1000..1_000_000 => write!(text, "{}.{:02}ms", us / 1000, us % 1000 / 10),
        _ => write!(text, "{}.{:02}s", us / 1_000_000, us % 1_000_000 / 10_000),
    }
}

/// Escapes special characters.
struct Escaped<'a>(&'a mut String);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        write_escaped(self.0, text, |out, character| {
            out.extend(character.escape_default());
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    /// Returns the log of a function, without the times.
    fn log(is_colored: bool, run: impl FnOnce()) -> Vec<String> {
        let log = Arc::new(Lines::default());
        let queue = log.queue();
        let pretty = Pretty::new(Arc::clone(&log), is_colored);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(pretty), run);
        let lines = queue.take_all();
        assert!(lines.is_empty() || lines.ends_with('\n'), "{lines}");
        lines.lines().map(|line| line.split_once("Z ").unwrap().1.to_owned()).collect()
    }

    #[test]
    fn a_call_has_its_duration_first_and_other_fields_last() {
        let lines = log(false, || {
            tracing::info!(
                warning = "a b",
                fault = "f1",
                action = "Run",
                account = "me",
                code = "OK",
                request_id = "id",
                duration_us = 1_u64,
                trace = "4bf9",
                "Run -> OK"
            );
        });
        assert_eq!(lines, ["Run -> OK 1us me id warning=\"a b\" fault=f1 trace=4bf9"]);
    }

    #[test]
    fn a_line_has_nothing_of_the_line_before() {
        let lines = log(false, || {
            tracing::info!(account = "me", duration_us = 1_u64, broken = 2, "long message");
            tracing::warn!("short");
        });
        assert_eq!(lines, ["long message 1us me broken=2", "WARN short"]);
    }

    #[test]
    fn a_level_other_than_info_is_shown() {
        let lines = log(false, || {
            tracing::error!("a");
            tracing::warn!("a");
            tracing::info!("a");
            tracing::debug!("a");
            tracing::trace!("a");
        });
        assert_eq!(lines, ["ERROR a", "WARN a", "a", "DEBUG a", "TRACE a"]);
    }

    #[test]
    fn colors_mark_the_level_and_dim_the_facts_of_a_call() {
        let lines = log(true, || tracing::warn!(account = "me", duration_us = 1_u64, x = 2, "a"));
        let colored = format!("{RESET}{YELLOW}WARN {RESET}a{DIM} 1us me{RESET} x=2");
        assert_eq!(lines, [colored]);
    }

    #[test]
    fn every_field_is_escaped() {
        let (message, text) = ("a\nb", "c\u{202e}");
        let lines = log(false, || {
            tracing::info!(account = text, fault = text, duration_us = 1_u64, "{message}");
            tracing::info!(?text, message = message);
        });
        assert_eq!(
            lines,
            [
                r#"a\nb 1us "c\u{202e}" fault="c\u{202e}""#, //
                r#"a\nb text="c\u{202e}""#,
            ]
        );
    }

    #[test]
    fn a_field_that_logs_has_a_line_of_its_own() {
        struct Logging;
        impl fmt::Debug for Logging {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                tracing::info!("inner");
                f.write_str("value")
            }
        }
        let lines = log(false, || tracing::info!(x = ?Logging, "outer"));
        assert_eq!(lines.last().unwrap(), "outer x=value");
    }

    #[test]
    fn a_time_has_milliseconds() {
        const TIMES: [(i64, &str); 5] = [
            (0, "00:00:00.000Z "),
            (1, "00:00:00.001Z "),
            (26_589_124, "07:23:09.124Z "),
            (86_399_999, "23:59:59.999Z "),
            (20_779 * DAY_MS + 43_200_010, "12:00:00.010Z "),
        ];
        for (unix_ms, expected) in TIMES {
            let mut text = String::new();
            push_time(&mut text, unix_ms);
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn special_characters_are_escaped() {
        let mut text = String::new();
        write!(Escaped(&mut text), "a\n\x1b[31m\r\u{7f}\u{9b}\u{202e}\u{2066}\u{2028} é `x`")
            .unwrap();
        assert_eq!(text, r"a\n\u{1b}[31m\r\u{7f}\u{9b}\u{202e}\u{2066}\u{2028} é `x`");
    }

    #[test]
    fn a_duration_is_short() {
        let shown = [0, 999, 1000, 12_345, 999_999, 1_500_000, 60_000_000].map(|us| {
            let mut text = String::new();
            push_duration(&mut text, us);
            text
        });
        assert_eq!(shown, ["0us", "999us", "1.00ms", "12.34ms", "999.99ms", "1.50s", "60.00s"]);
    }
}
