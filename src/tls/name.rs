//! Names in TLS certificates.

use std::{net::IpAddr, str::FromStr};

/// Maximum length of a DNS name and of a label, in characters.
const NAME_CHARS_MAX: usize = 253;
const LABEL_CHARS_MAX: usize = 63;

/// A DNS name, a DNS name with a wildcard as its first label, or an IP address; in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsName(String);

/// The reason why a TLS name is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadTlsName {
    /// Neither a DNS name nor an IP address.
    #[error(
        "must be a DNS name (ecm.test), a wildcard name (*.ecm.test), or an IP address (10.0.0.5)"
    )]
    Form,
    /// A wildcard directly below a top-level domain, which no client accepts.
    #[error("must have at least two labels after the wildcard, for example *.ecm.test")]
    Wildcard,
}

impl TlsName {
    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a host in lower case matches this name. A wildcard matches one label.
    pub fn covers(&self, host: &str) -> bool {
        match self.0.strip_prefix("*.") {
            Some(rest) => host.split_once('.').is_some_and(|(_, below)| below == rest),
            None => self.0 == host,
        }
    }
}

impl FromStr for TlsName {
    type Err = BadTlsName;

    fn from_str(text: &str) -> Result<Self, BadTlsName> {
        let text = text.trim();
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self(address.to_string()));
        }
        let (is_wildcard, name) = match text.strip_prefix("*.") {
            Some(name) => (true, name),
            None => (false, text),
        };
        let labels: Vec<&str> = name.split('.').collect();
        // A last label of digits is part of an IP address, which would have been parsed above.
        let is_address = labels.last().is_none_or(|it| it.bytes().all(|it| it.is_ascii_digit()));
        if text.len() > NAME_CHARS_MAX || is_address || !labels.iter().all(|it| is_label(it)) {
            return Err(BadTlsName::Form);
        }
        if is_wildcard && labels.len() < 2 {
            return Err(BadTlsName::Wildcard);
        }
        Ok(Self(text.to_ascii_lowercase()))
    }
}

/// Whether a string is a label. Names of containers may contain `_`.
fn is_label(label: &str) -> bool {
    (1..=LABEL_CHARS_MAX).contains(&label.len())
        && label.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_'))
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_dns_name_a_wildcard_name_or_an_address() {
        for (text, name) in [
            ("ecmock", "ecmock"),
            (" ECM.Test", "ecm.test"),
            ("my_service-1", "my_service-1"),
            ("*.ecm.test", "*.ecm.test"),
            ("10.0.0.5", "10.0.0.5"),
            ("0:0:0:0:0:0:0:1", "::1"),
        ] {
            assert_eq!(text.parse::<TlsName>().map(|it| it.0).as_deref(), Ok(name));
        }
    }

    #[test]
    fn other_strings_are_rejected() {
        let long_label = "a".repeat(LABEL_CHARS_MAX + 1);
        let long_name = "a.".repeat(NAME_CHARS_MAX / 2) + "bc";
        for text in [
            "",
            ".",
            "*",
            "a..b",
            "a.",
            "-a",
            "a-",
            "a b",
            "é",
            "ecm.*.test",
            "*.*.test",
            "*a.test",
            "10.0.0",
            "10.0.0.256",
            "[::1]",
            "https://ecm.test",
            "ecm.test:443",
            &long_label,
            &long_name,
        ] {
            assert_eq!(text.parse::<TlsName>(), Err(BadTlsName::Form), "{text}");
        }
        assert_eq!("*.test".parse::<TlsName>(), Err(BadTlsName::Wildcard));
    }
}
