//! Log lines for programs.

use std::fmt;

use tracing::{Event, Subscriber};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{Format, Json, Writer},
    },
    registry::LookupSpan,
};

use super::write_escaped;

/// JSON with all special characters escaped, including those that JSON allows.
#[derive(Debug)]
pub(super) struct EscapedJson(pub(super) Format<Json>);

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
    write_escaped(out, json, |out, character| {
        let mut units = [0; 2];
        let mut units = character.encode_utf16(&mut units).iter();
        units.try_for_each(|unit| write!(out, "\\u{unit:04x}"))
    })
}

#[cfg(test)]
mod tests {
    use super::{super::is_special, *};

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
