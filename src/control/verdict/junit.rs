//! A verdict as JUnit XML.

use std::fmt::{self, Write as _};

use super::{Check, Verdict};

impl Verdict {
    /// Returns the verdict as a JUnit test suite with one test per check. Codes and assumptions are
    /// properties.
    ///
    /// ```
    /// let verdict = ecmock::Emulator::new().account().verdict([]);
    /// assert!(verdict.junit().contains(r#"tests="5" failures="0""#));
    /// ```
    pub fn junit(&self) -> String {
        let mut xml = String::new();
        // Writing to a string never fails.
        _ = self.write_junit(&mut xml);
        xml
    }

    fn write_junit(&self, xml: &mut String) -> fmt::Result {
        let (tests, failures, name) =
            (Check::ALL.len(), self.failed.len(), Attribute(&self.account));
        let counts = format!("name={name} tests=\"{tests}\" failures=\"{failures}\" errors=\"0\"");
        writeln!(xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        writeln!(xml, "<testsuites>\n<testsuite {counts} skipped=\"0\">\n<properties>")?;
        for it in &self.codes {
            let met: Vec<&str> = it.met.keys().copied().collect();
            let value = format!("{}: {}", it.summary, met.join(", "));
            property(xml, &format!("codes.{}", it.action), &value)?;
        }
        for it in &self.assumptions {
            property(xml, &format!("assumption.{}", it.id), it.text)?;
        }
        writeln!(xml, "</properties>")?;
        for check in Check::ALL {
            writeln!(xml, "<testcase classname={name} name=\"{check}\" time=\"0\">")?;
            if let Some(found) = self.finding(check) {
                let (message, text) = (Attribute(&found.summary), found.text());
                if self.failed.contains(&check) {
                    let text = Text(&text);
                    writeln!(xml, "<failure message={message} type=\"{check}\">{text}</failure>")?;
                } else {
                    let text = format!("{}\n{text}", found.summary);
                    writeln!(xml, "<system-out>{}</system-out>", Text(&text))?;
                }
            }
            writeln!(xml, "</testcase>")?;
        }
        writeln!(xml, "</testsuite>\n</testsuites>")
    }
}

fn property(xml: &mut String, name: &str, value: &str) -> fmt::Result {
    writeln!(xml, "<property name={} value={}/>", Attribute(name), Attribute(value))
}

/// The text of an element.
struct Text<'a>(&'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|it| escape(f, it))
    }
}

/// The value of an attribute, in quotes.
struct Attribute<'a>(&'a str);

impl fmt::Display for Attribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for it in self.0.chars() {
            match it {
                '"' => f.write_str("&quot;")?,
                // A parser would read a space.
                '\t' | '\n' => write!(f, "&#{};", u32::from(it))?,
                _ => escape(f, it)?,
            }
        }
        f.write_char('"')
    }
}

/// Writes a character, or U+FFFD for a character that XML 1.0 does not allow.
fn escape(f: &mut fmt::Formatter<'_>, it: char) -> fmt::Result {
    match it {
        '&' => f.write_str("&amp;"),
        '<' => f.write_str("&lt;"),
        '>' => f.write_str("&gt;"),
        // A parser would read a line feed.
        '\r' => f.write_str("&#13;"),
        '\t' | '\n' => f.write_char(it),
        '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => f.write_char(char::REPLACEMENT_CHARACTER),
        _ => f.write_char(it),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_are_escaped_and_forbidden_ones_replaced() {
        let text = "<a & \"b\">\t\n\r\0\u{1b}\u{7f}\u{fffe}\u{ffff}é𝄞";
        assert_eq!(
            Text(text).to_string(),
            "&lt;a &amp; \"b\"&gt;\t\n&#13;\u{fffd}\u{fffd}\u{7f}\u{fffd}\u{fffd}é𝄞"
        );
        assert_eq!(
            Attribute(text).to_string(),
            "\"&lt;a &amp; &quot;b&quot;&gt;&#9;&#10;&#13;\u{fffd}\u{fffd}\u{7f}\u{fffd}\u{fffd}é𝄞\""
        );
    }
}
