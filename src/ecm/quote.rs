//! What a call said, as an error repeats it.

use std::fmt;

use crate::protocol::text;

/// Characters of a text that an error repeats.
const QUOTED_CHARS_MAX: usize = 100;

/// A text between quotation marks, cut if it is long.
#[derive(Debug, Clone, Copy)]
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::Quoted(self.0, QUOTED_CHARS_MAX).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(Quoted("a\"b").to_string(), r#""a\"b""#);
        let (whole, long) = ("名".repeat(100), "名".repeat(101));
        assert_eq!(Quoted(&whole).to_string(), format!("{whole:?}"));
        assert_eq!(Quoted(&long).to_string(), format!("{whole:?}..."));
    }
}
