//! Texts of a client, cut to what can be shown of them.

use std::fmt;

/// Characters of a name that a message repeats.
pub const NAME_CHARS_MAX: usize = 256;

/// Returns the first characters of a text that may have any length.
pub fn prefix(text: &str, chars_max: usize) -> &str {
    if text.len() <= chars_max {
        return text; // No text has more characters than bytes.
    }
    let end = text.char_indices().nth(chars_max).map(|(index, _)| index);
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// A name or a dotted path as a message repeats it: cut after [`NAME_CHARS_MAX`] characters.
#[derive(Debug, Clone, Copy)]
pub struct Cut<'a>(pub &'a str);

impl fmt::Display for Cut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, dots) = start_and_dots(self.0, NAME_CHARS_MAX);
        f.write_str(start)?;
        f.write_str(dots)
    }
}

/// A name between backticks, escaped and cut like [`Cut`].
#[derive(Debug, Clone, Copy)]
pub struct Backticked<'a>(pub &'a str);

impl fmt::Display for Backticked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, dots) = start_and_dots(self.0, NAME_CHARS_MAX);
        write!(f, "`{}{dots}`", start.escape_debug())
    }
}

/// A text between quotation marks, cut after some characters.
#[derive(Debug, Clone, Copy)]
pub struct Quoted<'a>(pub &'a str, pub usize);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, dots) = start_and_dots(self.0, self.1);
        write!(f, "{start:?}{dots}")
    }
}

/// Returns the first characters of a text, and `...` if there are more.
pub fn prefix_and_dots(text: &str, chars_max: usize) -> String {
    let (start, dots) = start_and_dots(text, chars_max);
    [start, dots].concat()
}

fn start_and_dots(text: &str, chars_max: usize) -> (&str, &'static str) {
    let start = prefix(text, chars_max);
    (start, if start.len() < text.len() { "..." } else { "" })
}

/// Returns the first `bytes_max` bytes of a text, or nearly so, and how many more there are.
pub fn prefix_and_rest(mut text: String, bytes_max: usize) -> String {
    let whole = text.len();
    if whole > bytes_max {
        text.truncate(text.floor_char_boundary(bytes_max));
        let more = whole - text.len();
        text.extend(["... (", &more.to_string(), " more bytes)"]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        for (text, expected) in [("", ""), ("ab", "ab"), ("abc", "ab"), ("äöü", "äö"), ("äö", "äö")]
        {
            assert_eq!(prefix(text, 2), expected);
        }
        assert_eq!(prefix_and_rest("名".repeat(2), 6), "名名");
        assert_eq!(prefix_and_rest("名".repeat(2), 5), "名... (3 more bytes)");
        assert_eq!(prefix_and_rest("名".repeat(2), 0), "... (6 more bytes)");
    }

    #[test]
    fn dots_stand_for_the_rest() {
        let (whole, long) = ("名".repeat(NAME_CHARS_MAX), "名".repeat(NAME_CHARS_MAX + 1));
        assert_eq!(Cut(&whole).to_string(), whole);
        assert_eq!(Cut(&long).to_string(), format!("{whole}..."));
        assert_eq!(Backticked(&whole).to_string(), format!("`{whole}`"));
        assert_eq!(Backticked(&long).to_string(), format!("`{whole}...`"));
        assert_eq!(Backticked("a\nb`").to_string(), "`a\\nb``");
        assert_eq!(Quoted("a\"b", 3).to_string(), r#""a\"b""#);
        assert_eq!(Quoted("a\"b", 2).to_string(), r#""a\""..."#);
    }
}
