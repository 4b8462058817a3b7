//! Alternative spellings of a query, as other libraries encode it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Characters that RFC 3986 encodes.
const RFC_3986: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const PYTHON: &AsciiSet = &RFC_3986.remove(b'/');
const JAVA_SCRIPT: &AsciiSet =
    &RFC_3986.remove(b'!').remove(b'\'').remove(b'(').remove(b')').remove(b'*');
const JAVA: &AsciiSet = &RFC_3986.add(b'~').remove(b'*');
const DOT_NET: &AsciiSet = &RFC_3986.add(b'~').remove(b'!').remove(b'(').remove(b')').remove(b'*');

/// Percent-encoding of a library.
pub(super) struct Encoding {
    /// Library or standard that uses this encoding.
    pub(super) who: &'static str,
    set: &'static AsciiSet,
    /// Encoding of a space.
    space: &'static str,
    /// Whether hex digits are in lower case.
    is_lower: bool,
}

pub(super) const ENCODINGS: [Encoding; 7] = [
    Encoding::new("RFC 3986", RFC_3986, "%20"),
    Encoding::new("Python's quote_plus or Go's QueryEscape", RFC_3986, "+"),
    Encoding::new("Python's quote", PYTHON, "%20"),
    Encoding::new("JavaScript's encodeURIComponent", JAVA_SCRIPT, "%20"),
    Encoding::new("Java's URLEncoder", JAVA, "+"),
    Encoding::new(".NET's WebUtility.UrlEncode", DOT_NET, "+"),
    Encoding { is_lower: true, ..Encoding::new(".NET's HttpUtility.UrlEncode", DOT_NET, "+") },
];

impl Encoding {
    const fn new(who: &'static str, set: &'static AsciiSet, space: &'static str) -> Self {
        Self { who, set, space, is_lower: false }
    }

    pub(super) fn encode(&self, text: &str) -> String {
        let pieces = utf8_percent_encode(text, self.set);
        let encoded = pieces.map(|piece| match piece {
            "%20" => self.space.to_owned(),
            piece if self.is_lower && piece.starts_with('%') => piece.to_ascii_lowercase(),
            piece => piece.to_owned(),
        });
        encoded.collect()
    }
}

/// Returns all other spellings of a query, each with a description. `pairs` is the decoded query.
pub(super) fn respelled(raw: &str, pairs: &[(String, String)]) -> Vec<(String, String)> {
    let mut pieces: Vec<&str> = raw.split('&').collect();
    pieces.sort_unstable();
    let mut found = vec![
        ("sorted".to_owned(), pieces.join("&")),
        ("with a `?` before it".to_owned(), format!("?{raw}")),
        ("with `%20` for `+`".to_owned(), raw.replace('+', "%20")),
        ("with `+` for `%20`".to_owned(), raw.replace("%20", "+")),
    ];
    for (is_sorted, order) in [(false, ""), (true, ", sorted")] {
        let mut pairs: Vec<&(String, String)> = pairs.iter().collect();
        if is_sorted {
            pairs.sort();
        }
        let join = |spell: &dyn Fn(&str) -> String| {
            let pairs =
                pairs.iter().map(|(name, value)| format!("{}={}", spell(name), spell(value)));
            pairs.collect::<Vec<_>>().join("&")
        };
        found.push((format!("decoded{order}"), join(&str::to_owned)));
        for encoding in &ENCODINGS {
            let how = format!("encoded as by {}{order}", encoding.who);
            found.push((how, join(&|text| encoding.encode(text))));
        }
    }
    found.retain(|(_, text)| text != raw);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_library_has_its_encoding() {
        let encoded = ENCODINGS.map(|it| it.encode("a ~*/!('é"));
        let expected = [
            "a%20~%2A%2F%21%28%27%C3%A9",
            "a+~%2A%2F%21%28%27%C3%A9",
            "a%20~%2A/%21%28%27%C3%A9",
            "a%20~*%2F!('%C3%A9",
            "a+%7E*%2F%21%28%27%C3%A9",
            "a+%7E*%2F!(%27%C3%A9",
            "a+%7e*%2f!(%27%c3%a9",
        ];
        assert_eq!(encoded, expected);
    }
}
