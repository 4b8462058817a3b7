//! The hosts that a client may have signed for.
//!
//! SDKs disagree on what a host is when it has a port or a scheme, and some can be pointed at
//! another address while they sign for the real one.

use std::{borrow::Cow, iter::once_with};

use crate::protocol::request::{Common, Head, Request};

/// How a candidate differs from the host on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Not at all.
    Wire,
    /// It lacks the port.
    WithoutPort,
    /// It lacks the scheme, and the port too if it has none.
    WithoutScheme,
    /// It is a real name of the product.
    Real,
}

/// Where the product has a real name: the mainland site, the international one, and the vendor's
/// own network.
const SITES: [Option<&str>; 3] = [None, Some("intl"), Some(INTERNAL)];
/// The vendor's own network.
pub(super) const INTERNAL: &str = "internal";

/// A host that a client may have signed for.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    pub(super) host: Cow<'a, str>,
    pub(super) kind: Kind,
}

/// All candidates, the likeliest first.
pub(super) fn candidates<'a>(
    request: &'a Request<'_>,
    service: &'a str,
) -> impl Iterator<Item = Candidate<'a>> {
    let wire = wire(request.head);
    let bare = bare(wire);
    let sent = [
        (wire, Kind::Wire),
        (portless(wire), Kind::WithoutPort),
        (bare, Kind::WithoutScheme),
        (portless(bare), Kind::WithoutScheme),
    ];
    let region = once_with(|| request.common(Common::REGION)).flatten();
    let sites = SITES.into_iter().chain(region.map(Some));
    let real =
        sites.map(move |site| Candidate { host: real(service, site).into(), kind: Kind::Real });
    sent.into_iter().map(|(host, kind)| Candidate { host: host.into(), kind }).chain(real)
}

/// The `Host` header, whatever its text; an absolute-form target stands in for a lost one.
pub(super) fn wire(head: Head<'_>) -> &str {
    let authority = || head.target.authority().map(axum::http::uri::Authority::as_str);
    head.header("host").or_else(authority).unwrap_or_default()
}

/// A host without `http://` before it, as tccli has it.
pub(super) fn bare(host: &str) -> &str {
    host.split_once("://").map_or(host, |(_, rest)| rest)
}

/// A host without its port, if it has one.
pub(super) fn portless(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|it| it.is_ascii_digit()) => name,
        _ => host,
    }
}

/// A product's name at one of the vendor's sites or in a region.
pub(super) fn real(service: &str, site: Option<&str>) -> String {
    match site {
        None => format!("{service}.tencentcloudapi.com"),
        Some(site) => format!("{service}.{site}.tencentcloudapi.com"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_port_is_cut() {
        for (host, expected) in [
            ("127.0.0.1:7190", "127.0.0.1"),
            ("127.0.0.1", "127.0.0.1"),
            ("[::1]:7190", "[::1]"),
            ("[::1]", "[::1]"),
            ("http://127.0.0.1", "http://127.0.0.1"),
            ("http://127.0.0.1:1", "http://127.0.0.1"),
            ("", ""),
        ] {
            assert_eq!(portless(host), expected, "{host}");
        }
    }
}
