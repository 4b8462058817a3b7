//! Formatting of strings in messages: truncation, quoting, and counts.

use std::fmt::{self, Write as _};

/// Maximum length of a name in a message, in characters.
pub const NAME_CHARS_MAX: usize = 256;
/// Maximum length of a value in a message, in characters.
pub const VALUE_CHARS_MAX: usize = 100;

/// Returns the last `N` decimal digits of a number in ASCII, with leading zeros.
pub fn digits<const N: usize>(mut number: u32) -> [u8; N] {
    let mut digits = [b'0'; N];
    for digit in digits.iter_mut().rev() {
        *digit += (number % 10) as u8;
        number /= 10;
    }
    digits
}

/// A short ASCII text, which becomes a string in a few instructions: [`std::str::from_utf8`] checks an
/// aligned buffer word by word.
///
/// `N` is a multiple of 16.
#[derive(Debug, Clone, Copy)]
#[repr(align(8))]
pub struct Ascii<const N: usize> {
    /// The text, and NUL bytes after it.
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Ascii<N> {
    /// Joins parts of a text.
    ///
    /// # Panics
    /// Panics if the text has more than `N` bytes.
    pub fn new<const PARTS: usize>(parts: [&[u8]; PARTS]) -> Self {
        let mut text = Self { bytes: [0; N], len: 0 };
        for part in parts {
            let end = text.len + part.len();
            text.bytes.get_mut(text.len..end).expect("the text fits").copy_from_slice(part);
            text.len = end;
        }
        text
    }

    /// Returns the text.
    ///
    /// # Panics
    /// Panics if the text is not ASCII.
    pub fn as_str(&self) -> &str {
        let padded = std::str::from_utf8(&self.bytes).expect("the text is ASCII");
        padded.get(..self.len).expect("the text is ASCII")
    }
}

/// Splits a string at the first occurrence of an ASCII character, like [`str::split_once`] but in a
/// third of the time.
pub fn split_once(text: &str, separator: u8) -> Option<(&str, &str)> {
    let index = memchr::memchr(separator, text.as_bytes())?;
    Some((text.get(..index)?, text.get(index + 1..)?))
}

/// Returns the first `chars_max` characters of a string.
pub fn prefix(text: &str, chars_max: usize) -> &str {
    if text.len() <= chars_max {
        return text; // A string has at most as many characters as bytes.
    }
    let end = text.char_indices().nth(chars_max).map(|(index, _)| index);
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// Returns the longest prefix of at most `bytes_max` bytes that splits no character.
pub fn prefix_of_bytes(text: &str, bytes_max: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes_max)).unwrap_or(text)
}

/// A string truncated to a number of characters, with `...` if anything is omitted.
#[derive(Debug, Clone, Copy)]
pub struct Cut<'a>(pub &'a str, pub usize);

impl<'a> Cut<'a> {
    fn parts(self) -> (&'a str, &'static str) {
        let start = prefix(self.0, self.1);
        (start, if start.len() < self.0.len() { "..." } else { "" })
    }
}

impl fmt::Display for Cut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, dots) = self.parts();
        f.write_str(start)?;
        f.write_str(dots)
    }
}

/// A name or dotted path, truncated to [`NAME_CHARS_MAX`] characters.
#[derive(Debug, Clone, Copy)]
pub struct Name<'a>(pub &'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Cut(self.0, NAME_CHARS_MAX).fmt(f)
    }
}

/// A name in backticks, escaped and truncated to [`NAME_CHARS_MAX`] characters.
#[derive(Debug, Clone, Copy)]
pub struct Backticked<'a>(pub &'a str);

impl fmt::Display for Backticked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        backticked(f, Cut(self.0, NAME_CHARS_MAX))
    }
}

/// A value in backticks, escaped and truncated to [`VALUE_CHARS_MAX`] characters.
#[derive(Debug, Clone, Copy)]
pub struct BacktickedValue<'a>(pub &'a str);

impl fmt::Display for BacktickedValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        backticked(f, Cut(self.0, VALUE_CHARS_MAX))
    }
}

fn backticked(f: &mut fmt::Formatter<'_>, text: Cut<'_>) -> fmt::Result {
    let (start, dots) = text.parts();
    f.write_str("`")?;
    for character in start.chars() {
        match character {
            '"' | '\'' => f.write_char(character)?,
            _ => write!(f, "{}", character.escape_debug())?,
        }
    }
    write!(f, "{dots}`")
}

/// A string truncated to a number of bytes, followed by the number of omitted bytes.
#[derive(Debug, Clone, Copy)]
pub struct CutBytes<'a>(pub &'a str, pub usize);

impl fmt::Display for CutBytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = prefix_of_bytes(self.0, self.1);
        f.write_str(start)?;
        match self.0.len() - start.len() {
            0 => Ok(()),
            more => write!(f, "... ({more} more bytes)"),
        }
    }
}

/// Formats a count with its noun, such as `1 VPC` or `2 addresses`.
pub fn count_of(count: usize, noun: &str) -> String {
    let ending = match count {
        1 => "",
        _ if noun.ends_with('s') => "es",
        _ => "s",
    };
    format!("{count} {noun}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_is_truncated_between_characters() {
        for (text, expected) in [("", ""), ("ab", "ab"), ("abc", "ab"), ("äöü", "äö"), ("äö", "äö")]
        {
            assert_eq!(prefix(text, 2), expected);
        }
        assert_eq!(CutBytes("名名", 6).to_string(), "名名");
        assert_eq!(CutBytes("名名", 5).to_string(), "名... (3 more bytes)");
        assert_eq!(CutBytes("名名", 0).to_string(), "... (6 more bytes)");
    }

    #[test]
    fn a_string_is_split_at_the_first_separator() {
        for text in ["", "a", "=", "a=b", "ä=ö=ü", "=b", "a="] {
            assert_eq!(split_once(text, b'='), text.split_once('='), "{text}");
        }
    }

    #[test]
    fn an_ellipsis_marks_a_truncated_string() {
        let (whole, long) = ("名".repeat(NAME_CHARS_MAX), "名".repeat(NAME_CHARS_MAX + 1));
        assert_eq!(Name(&whole).to_string(), whole);
        assert_eq!(Name(&long).to_string(), format!("{whole}..."));
        assert_eq!(Backticked(&whole).to_string(), format!("`{whole}`"));
        assert_eq!(Backticked(&long).to_string(), format!("`{whole}...`"));
        assert_eq!(Backticked("a\nb`").to_string(), "`a\\nb``");
        assert_eq!(Backticked("a\"b'").to_string(), r#"`a"b'`"#);
        let (whole, long) = ("名".repeat(VALUE_CHARS_MAX), "名".repeat(VALUE_CHARS_MAX + 1));
        assert_eq!(BacktickedValue(&whole).to_string(), format!("`{whole}`"));
        assert_eq!(BacktickedValue(&long).to_string(), format!("`{whole}...`"));
    }

    #[test]
    fn only_a_count_of_one_is_singular() {
        for (count, noun, expected) in [
            (0, "VPC", "0 VPCs"),
            (1, "VPC", "1 VPC"),
            (1, "address", "1 address"),
            (2, "address", "2 addresses"),
        ] {
            assert_eq!(count_of(count, noun), expected);
        }
    }
}
