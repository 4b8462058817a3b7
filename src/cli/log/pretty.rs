//! Log lines for people.
//!
//! A line has the time, the level unless it is INFO, and the message. The line of a call continues
//! with the duration, the account, and the request ID. Other fields follow by name:
//!
//! ```text
//! 07:23:09.124Z CreateHaVip -> OK 153us default 0b1c7a9e-2f14-4c5e-9d0a-7f3f1d2c4b5a
//! ```

use std::fmt::{self, Write as _};

use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

use super::is_special;
use crate::control::Clock;

const DIM: &str = "\x1b[2m";
const RED: &str = "\x1b[31m";
const YELLOW: &str = "\x1b[33m";
const RESET: &str = "\x1b[0m";

/// Format of log lines for people.
#[derive(Debug)]
pub(super) struct Pretty;

impl<S, N> FormatEvent<S, N> for Pretty
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let is_colored = writer.has_ansi_escapes();
        let mut styled = |style: &str, text: &str| {
            if is_colored { write!(writer, "{style}{text}{RESET}") } else { writer.write_str(text) }
        };
        let is_call = event.metadata().fields().field("duration_us").is_some();
        let mut parts = Parts { is_call, ..Parts::default() };
        event.record(&mut parts);
        styled(DIM, &Clock::Real.now().format("%H:%M:%S%.3fZ ").to_string())?;
        match *event.metadata().level() {
            Level::ERROR => styled(RED, "ERROR ")?,
            Level::WARN => styled(YELLOW, "WARN ")?,
            Level::INFO => {}
            level => styled(DIM, &format!("{level} "))?,
        }
        styled("", &parts.message)?;
        styled(DIM, &parts.call)?;
        styled("", &parts.others)?;
        writeln!(writer)
    }
}

/// The parts of a line, with special characters escaped.
#[derive(Debug, Default)]
struct Parts {
    is_call: bool,
    message: String,
    /// Duration, account, and request ID of a call.
    call: String,
    /// All other fields, with their names.
    others: String,
}

impl Parts {
    fn record_other(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        _ = write!(Escaped(&mut self.others), " {}={value}", field.name());
    }
}

impl Visit for Parts {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => _ = Escaped(&mut self.message).write_str(value),
            // The message of a call contains both.
            "action" | "code" if self.is_call => {}
            "account" | "request_id" if self.is_call && is_plain(value) => {
                _ = write!(self.call, " {value}");
            }
            "account" | "request_id" if self.is_call => {
                _ = write!(Escaped(&mut self.call), " {value:?}");
            }
            "fault" if is_plain(value) => self.record_other(field, format_args!("{value}")),
            _ => self.record_other(field, format_args!("{value:?}")),
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "duration_us" {
            // Before the account and the request ID, which may already be recorded.
            self.call.insert_str(0, &format!(" {}", duration(value)));
        } else {
            self.record_other(field, format_args!("{value}"));
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            _ = write!(Escaped(&mut self.message), "{value:?}");
        } else {
            self.record_other(field, format_args!("{value:?}"));
        }
    }
}

/// Whether a string needs no quotes.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|it| it.is_ascii_graphic() && it != '"')
}

fn duration(us: u64) -> String {
    match us {
        0..1000 => format!("{us}us"),
        1000..1_000_000 => format!("{}.{:02}ms", us / 1000, us % 1000 / 10),
        _ => format!("{}.{:02}s", us / 1_000_000, us % 1_000_000 / 10_000),
    }
}

/// Escapes special characters.
struct Escaped<'a>(&'a mut String);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if is_special(character) {
                self.0.extend(character.escape_default());
            } else {
                self.0.push(character);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_are_escaped() {
        let mut text = String::new();
        write!(Escaped(&mut text), "a\n\x1b[31m\r\u{7f}\u{9b}\u{202e}\u{2066}\u{2028} é `x`")
            .unwrap();
        assert_eq!(text, r"a\n\u{1b}[31m\r\u{7f}\u{9b}\u{202e}\u{2066}\u{2028} é `x`");
    }

    #[test]
    fn a_duration_is_short() {
        let shown = [0, 999, 1000, 12_345, 999_999, 1_500_000, 60_000_000].map(duration);
        assert_eq!(shown, ["0us", "999us", "1.00ms", "12.34ms", "999.99ms", "1.50s", "60.00s"]);
    }
}
