//! The endpoint of the clients.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use super::{Finding, Setup};

/// The variable that `ecmock env` sets, and that the clients for tests read.
const VARIABLE: &str = "ECMOCK_ENDPOINT";

/// The endpoint of a server: `http://HOST:PORT` or `https://HOST:PORT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub(super) is_https: bool,
    /// Name or IP address, in lowercase and without brackets.
    pub(super) host: String,
    pub(super) port: u16,
}

impl Endpoint {
    /// Returns the host, with its port unless it is the default of the scheme.
    pub(super) fn authority(&self) -> String {
        let host = match self.host.parse() {
            Ok(IpAddr::V6(address)) => format!("[{address}]"),
            _ => self.host.clone(),
        };
        if self.port == default_port(self.is_https) {
            host
        } else {
            format!("{host}:{}", self.port)
        }
    }

    /// Returns the URL of a path. It is plain HTTP, which the same port serves.
    pub(super) fn url(&self, path: &str) -> String {
        let plain = Self { is_https: false, ..self.clone() };
        format!("{plain}{path}")
    }
}

const fn default_port(is_https: bool) -> u16 {
    if is_https { 443 } else { 80 }
}

impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Self {
        Self { is_https: false, host: address.ip().to_string(), port: address.port() }
    }
}

impl FromStr for Endpoint {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let invalid = "must be http://HOST:PORT or https://HOST:PORT";
        let lowercase = text.trim().to_ascii_lowercase();
        let (is_https, rest) = match lowercase.split_once("://") {
            Some(("http", rest)) => (false, rest),
            Some(("https", rest)) => (true, rest),
            Some(_) => return Err(invalid),
            None => (false, &*lowercase),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                (host, port.parse().map_err(|_| invalid)?)
            }
            _ => (authority, default_port(is_https)),
        };
        let in_brackets = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        let is_allowed = |it: u8| it.is_ascii_alphanumeric() || b".-_".contains(&it);
        let is_valid = in_brackets.map_or_else(
            || !host.is_empty() && host.bytes().all(is_allowed),
            |address| address.parse::<Ipv6Addr>().is_ok(),
        );
        let host = in_brackets.unwrap_or(host).to_owned();
        if is_valid && port != 0 { Ok(Self { is_https, host, port }) } else { Err(invalid) }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.is_https { "https" } else { "http" }, self.authority())
    }
}

/// Checks that the variable has the endpoint that is checked.
pub(super) fn check(setup: &Setup) -> Option<Finding> {
    let value = setup.variable(VARIABLE)?;
    let is_same = value.parse().is_ok_and(|it: Endpoint| it == setup.endpoint);
    let fix = format!("run `export {VARIABLE}={}`", setup.endpoint);
    (!is_same).then(|| Finding::warning("endpoint", format!("{VARIABLE} is another server"), &fix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_a_url_or_an_authority() {
        for (text, shown) in [
            ("http://127.0.0.1:7190", "http://127.0.0.1:7190"),
            ("http://127.0.0.1:7190/", "http://127.0.0.1:7190"),
            ("127.0.0.1:7190", "http://127.0.0.1:7190"),
            ("HTTPS://Ecm.Test", "https://ecm.test"),
            ("https://ecm.test:443", "https://ecm.test"),
            ("https://ecm.test:80", "https://ecm.test:80"),
            ("http://[::1]:7190", "http://[::1]:7190"),
            ("http://[::1]", "http://[::1]"),
        ] {
            let endpoint: Endpoint = text.parse().unwrap();
            assert_eq!(endpoint.to_string(), shown);
        }
        for text in [
            "",
            "http://",
            "ftp://a:1",
            "http://a:b",
            "http://a:0",
            "http://a:65536",
            "http://::1",
            "http://[a]:1",
            "http://a/b",
            "http://u@a:1",
            "http://a b:1",
        ] {
            assert!(text.parse::<Endpoint>().is_err(), "{text}");
        }
    }
}
