//! A name that the server answers to over TLS.

use std::{net::IpAddr, str::FromStr};

/// Characters of a DNS name, and of each of its labels, at most.
const NAME_CHARS_MAX: usize = 253;
const LABEL_CHARS_MAX: usize = 63;

/// A DNS name, one whose first label is a wildcard, or an IP address; in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsName(String);

/// Why a name cannot be one of the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadTlsName {
    /// Not a name at all.
    #[error(
        "must be a DNS name such as ecm.test, one with a wildcard as its first label such as \
         *.ecm.test, or an IP address such as 10.0.0.5"
    )]
    Form,
    /// A wildcard for too much, which no client takes.
    #[error("must have two labels or more after its wildcard, as *.ecm.test has")]
    Wildcard,
}

impl TlsName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a host in lower case has this name. A wildcard stands for one label.
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
        // A number at the end is that of an address, which this is not.
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

/// With the `_` that names of containers have.
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
    fn a_name_is_of_dns_with_a_wildcard_in_front_or_an_address() {
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
    fn what_is_no_name_is_refused() {
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
