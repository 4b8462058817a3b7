//! Alternative spellings of JSON, as other libraries write it.

use std::fmt::{self, Write as _};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

/// Maximum size of a body that is respelled, in bytes.
const RESPELLED_BYTES_MAX: usize = 16 * 1024;
/// Maximum length of a spelling, in bytes. Indentation makes deeply nested JSON grow.
const SPELLING_BYTES_MAX: usize = 4 * RESPELLED_BYTES_MAX;

/// JSON style of a library.
#[derive(Debug, Clone, Copy)]
struct Spelling {
    space: Space,
    is_sorted: bool,
    strings: Strings,
}

/// White space between values.
#[derive(Debug, Clone, Copy)]
enum Space {
    /// No white space.
    Compact,
    /// A space after `,` and `:`, as in Python.
    Loose,
    /// One value per line, indented with this string.
    Indent(&'static str),
}

/// Characters that are escaped in strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strings {
    /// Only the characters that JSON requires.
    Plain,
    /// All non-ASCII characters, as in Python.
    Ascii,
    /// `/`, as in PHP.
    Slash,
    /// All non-ASCII characters and `/`, as in PHP by default.
    AsciiAndSlash,
    /// `<`, `>`, and `&`, as in Go.
    Html,
}

const SPACES: [Space; 5] =
    [Space::Compact, Space::Loose, Space::Indent("  "), Space::Indent("    "), Space::Indent("\t")];
const STRINGS: [Strings; 5] =
    [Strings::Plain, Strings::Ascii, Strings::Slash, Strings::AsciiAndSlash, Strings::Html];

/// Returns all other spellings of a body, each with a description. Empty if the body is too large
/// or is not JSON.
pub(super) fn respelled(body: &[u8]) -> Vec<(String, String)> {
    let json = (body.len() <= RESPELLED_BYTES_MAX).then(|| serde_json::from_slice::<Json>(body));
    let Some(Ok(json)) = json else { return Vec::new() };
    let mut found: Vec<(String, String)> = Vec::new();
    for is_sorted in [false, true] {
        for space in SPACES {
            for strings in STRINGS {
                let spelling = Spelling { space, is_sorted, strings };
                let mut text = String::with_capacity(body.len());
                spelling.write(&json, 0, &mut text);
                let is_whole = text.len() <= SPELLING_BYTES_MAX;
                let is_new =
                    is_whole && text.as_bytes() != body && !found.iter().any(|(_, it)| *it == text);
                if is_new {
                    found.push((spelling.to_string(), text));
                }
            }
        }
    }
    found
}

/// Returns a JSON text with the newlines of a file that was sent without them, for each way to write such
/// files. Texts without a missing newline are left out.
///
/// A run of spaces after a bracket or a comma, or of two or more anywhere, was the indentation of a line.
/// In a file without indentation, each bracket and comma ended a line.
pub(super) fn lines(body: &[u8]) -> Vec<String> {
    let Some(text) = str::from_utf8(body).ok().filter(|it| it.len() <= RESPELLED_BYTES_MAX) else {
        return Vec::new();
    };
    let mut found: Vec<String> =
        [2, 1, 0].into_iter().filter_map(|indent_min| with_newlines(text, indent_min)).collect();
    found.dedup();
    found
}

/// Returns a text with a newline before each run of at least `indent_min` spaces or a tab. With 0, there
/// is one after each bracket and comma instead, and before each closing bracket.
fn with_newlines(text: &str, indent_min: usize) -> Option<String> {
    let mut lines = String::with_capacity(text.len() + text.len() / 4);
    let mut opens_alone = false;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let token = match first {
            '\n' | '\r' => return None,
            '"' => string_token(rest)?,
            ' ' | '\t' => &rest[..rest.len() - rest.trim_start_matches([' ', '\t']).len()],
            _ => &rest[..first.len_utf8()],
        };
        rest = &rest[token.len()..];
        let is_line = match first {
            ' ' => {
                let follows = lines.ends_with(['{', '[', ',']);
                indent_min > 0 && (token.len() >= 2 || (token.len() >= indent_min && follows))
            }
            '\t' => indent_min > 0,
            '}' | ']' if rest.is_empty() && indent_min > 0 => opens_alone,
            '}' | ']' => indent_min == 0 && !lines.ends_with(['{', '[', '\n']),
            _ => false,
        };
        if is_line {
            lines.push('\n');
            opens_alone |= lines.len() == 2;
        }
        lines.push_str(token);
        if indent_min == 0 && matches!(first, '{' | '[' | ',') && !rest.starts_with(['}', ']']) {
            lines.push('\n');
        }
    }
    lines.contains('\n').then_some(lines)
}

/// Returns the string at the start of a JSON text, with its quotes.
fn string_token(text: &str) -> Option<&str> {
    let mut is_escaped = false;
    let end = text.char_indices().skip(1).find(|(_, it)| {
        let ends = *it == '"' && !is_escaped;
        is_escaped = *it == '\\' && !is_escaped;
        ends
    })?;
    text.get(..=end.0)
}

impl fmt::Display for Spelling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.space {
            Space::Compact => f.write_str("without spaces")?,
            Space::Loose => f.write_str("with a space after `,` and `:`")?,
            Space::Indent("\t") => f.write_str("indented by tabs")?,
            Space::Indent(step) => write!(f, "indented by {} spaces", step.len())?,
        }
        f.write_str(if self.is_sorted { ", keys sorted" } else { "" })?;
        f.write_str(match self.strings {
            Strings::Plain => "",
            Strings::Ascii => ", non-ASCII escaped",
            Strings::Slash => ", `/` escaped",
            Strings::AsciiAndSlash => ", non-ASCII and `/` escaped",
            Strings::Html => ", `<`, `>` and `&` escaped",
        })
    }
}

impl Spelling {
    fn write(self, json: &Json, depth: usize, out: &mut String) {
        match json {
            _ if out.len() > SPELLING_BYTES_MAX => {} // Too long to be used.
            Json::Scalar(text) => out.push_str(text),
            Json::Text(text) => self.write_text(text, out),
            Json::List(items) => {
                let items = items.iter().map(|item| (None, item));
                self.write_items(['[', ']'], items, depth, out);
            }
            Json::Object(members) => {
                let mut members: Vec<_> =
                    members.iter().map(|(name, member)| (Some(name.as_str()), member)).collect();
                if self.is_sorted {
                    members.sort_by_key(|(name, _)| *name);
                }
                self.write_items(['{', '}'], members.into_iter(), depth, out);
            }
        }
    }

    fn write_items<'a>(
        self,
        [open, close]: [char; 2],
        items: impl ExactSizeIterator<Item = (Option<&'a str>, &'a Json)>,
        depth: usize,
        out: &mut String,
    ) {
        let is_empty = items.len() == 0;
        out.push(open);
        for (index, (name, item)) in items.enumerate() {
            match self.space {
                Space::Loose if index > 0 => out.push_str(", "),
                _ if index > 0 => out.push(','),
                _ => {}
            }
            self.break_line(depth + 1, out);
            if let Some(name) = name {
                self.write_text(name, out);
                out.push_str(if matches!(self.space, Space::Compact) { ":" } else { ": " });
            }
            self.write(item, depth + 1, out);
        }
        if !is_empty {
            self.break_line(depth, out);
        }
        out.push(close);
    }

    fn break_line(self, depth: usize, out: &mut String) {
        if let Space::Indent(step) = self.space {
            out.push('\n');
            out.extend(std::iter::repeat_n(step, depth));
        }
    }

    fn write_text(self, text: &str, out: &mut String) {
        out.push('"');
        for it in text.chars() {
            match it {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '\u{8}' => out.push_str("\\b"),
                '\u{c}' => out.push_str("\\f"),
                '/' if self.escapes_slash() => out.push_str("\\/"),
                it if it < ' ' || self.escapes(it) => push_escape(it, out),
                it => out.push(it),
            }
        }
        out.push('"');
    }

    fn escapes_slash(self) -> bool {
        matches!(self.strings, Strings::Slash | Strings::AsciiAndSlash)
    }

    fn escapes(self, it: char) -> bool {
        match self.strings {
            Strings::Plain | Strings::Slash => false,
            Strings::Ascii | Strings::AsciiAndSlash => !it.is_ascii(),
            Strings::Html => matches!(it, '<' | '>' | '&' | '\u{2028}' | '\u{2029}'),
        }
    }
}

/// Appends `\uXXXX`, twice for a character beyond the first 65,536.
fn push_escape(it: char, out: &mut String) {
    for unit in it.encode_utf16(&mut [0; 2]) {
        write!(out, "\\u{unit:04x}").expect("writing to a String succeeds");
    }
}

/// JSON with its members in the client's order.
enum Json {
    /// `null`, a boolean or a number, as text.
    Scalar(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Scalar("null".to_owned()))
    }

    fn visit_bool<E>(self, it: bool) -> Result<Json, E> {
        Ok(Json::Scalar(it.to_string()))
    }

    fn visit_i64<E>(self, it: i64) -> Result<Json, E> {
        Ok(Json::Scalar(it.to_string()))
    }

    fn visit_u64<E>(self, it: u64) -> Result<Json, E> {
        Ok(Json::Scalar(it.to_string()))
    }

    fn visit_f64<E>(self, it: f64) -> Result<Json, E> {
        Ok(Json::Scalar(Number::from_f64(it).map_or_else(String::new, |it| it.to_string())))
    }

    fn visit_str<E>(self, it: &str) -> Result<Json, E> {
        Ok(Json::Text(it.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = Vec::new();
        while let Some(member) = members.next_entry()? {
            object.push(member);
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_library_has_its_spelling() {
        let body = r#"{ "b":[1,-2.5,true,null,{},[]], "a":"名/<\n\u0001😀" }"#;
        let found = respelled(body.as_bytes());
        for (how, text) in [
            ("without spaces", "{\"b\":[1,-2.5,true,null,{},[]],\"a\":\"名/<\\n\\u0001😀\"}"),
            (
                "with a space after `,` and `:`, keys sorted, non-ASCII escaped",
                "{\"a\": \"\\u540d/<\\n\\u0001\\ud83d\\ude00\", \"b\": [1, -2.5, true, null, {}, []]}",
            ),
            (
                "without spaces, non-ASCII and `/` escaped",
                "{\"b\":[1,-2.5,true,null,{},[]],\"a\":\"\\u540d\\/<\\n\\u0001\\ud83d\\ude00\"}",
            ),
            (
                "without spaces, `<`, `>` and `&` escaped",
                "{\"b\":[1,-2.5,true,null,{},[]],\"a\":\"名/\\u003c\\n\\u0001😀\"}",
            ),
            (
                "indented by 2 spaces",
                "{\n  \"b\": [\n    1,\n    -2.5,\n    true,\n    null,\n    {},\n    []\n  ],\n  \"a\": \"名/<\\n\\u0001😀\"\n}",
            ),
        ] {
            let expected = (how.to_owned(), text.to_owned());
            assert!(found.contains(&expected), "{expected:?} is not in {found:?}");
        }
    }

    #[test]
    fn the_lines_of_a_file_are_restored() {
        for file in [
            "{\n  \"a\": 1,\n  \"b\": [\n    \"x  y\",\n    {}\n  ]\n}",
            "{\n\t\"a\": \"\\\"  \",\n\t\"b\": {\n\t\t\"c\": null\n\t}\n}",
            "{ \"a\": 1,\n  \"b\": [1, 2] }",
            "[\n    1\n]",
            "{\n \"a\": 1,\n \"b\": 2\n}",
            "{\n\"a\": 1,\n\"b\": [\n1,\n{}\n]\n}",
        ] {
            let found = lines(file.replace('\n', "").as_bytes());
            assert!(found.iter().any(|it| it == file), "{file:?} is not in {found:?}");
        }
        for body in ["", "{}", "{\n  \"a\": 1\n}", "\"  ", "\u{7f}"] {
            assert!(lines(body.as_bytes()).is_empty(), "{body}");
        }
        assert!(lines(b"\xff  ").is_empty());
    }

    #[test]
    fn only_other_spellings_are_found() {
        assert!(respelled(b"not json").is_empty());
        assert!(respelled(&vec![b' '; RESPELLED_BYTES_MAX + 1]).is_empty());
        let found = respelled(b"{}");
        assert!(found.is_empty(), "{found:?}");
        let found = respelled(br#"{"a":1}"#);
        assert_eq!(found.len(), 4, "{found:?}");
    }
}
