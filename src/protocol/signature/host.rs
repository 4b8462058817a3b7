//! Hosts that a client may have signed for.
//!
//! SDKs disagree on the signed host if the endpoint has a port or a scheme. Some can be pointed at
//! another address and still sign for the real host.

use std::{
    borrow::Cow,
    iter::{once, once_with},
};

use crate::protocol::request::{Common, Request};

/// The difference between a candidate and the host on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is the host on the wire.
    Wire,
    /// It lacks the port.
    WithoutPort,
    /// It lacks the scheme, and possibly the port.
    WithoutScheme,
    /// It is a real host of the product.
    Real,
}

/// Sites where the product has a real host: the mainland site, the international site, and the
/// vendor's internal network.
const SITES: [Option<&str>; 3] = [None, Some("intl"), Some(INTERNAL)];
/// The vendor's internal network.
pub(super) const INTERNAL: &str = "internal";

/// Regions whose hosts examples and SDKs use.
pub(super) const REGIONS: [&str; 5] =
    ["ap-guangzhou", "ap-beijing", "ap-hongkong", "ap-shanghai", "ap-singapore"];
/// Backup hosts of the SDKs' region breakers, without the product. The C++ SDK uses the second and the
/// third.
pub const BACKUPS: [&str; 3] =
    [".ap-guangzhou.tencentcloudapi.com", ".tencentcloudapi.com.cn", ".tencentcloudapi.cn"];

/// A host that a client may have signed for.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    pub(super) host: Cow<'a, str>,
    pub(super) kind: Kind,
}

/// Returns all candidates, the most likely first.
pub(super) fn candidates<'a>(
    request: &'a Request<'_>,
    service: &'a str,
) -> impl Iterator<Item = Candidate<'a>> {
    let wire = wire(request);
    // Nearly every client signs the host on the wire.
    let others = once_with(move || {
        let bare = bare(wire);
        [
            (portless(wire), Kind::WithoutPort),
            (bare, Kind::WithoutScheme),
            (portless(bare), Kind::WithoutScheme),
        ]
    });
    let sent = once((wire, Kind::Wire)).chain(others.flatten());
    let region = once_with(|| request.common(Common::REGION)).flatten();
    let sites = SITES.into_iter().chain(region.map(Some));
    let real =
        sites.map(move |site| Candidate { host: real(service, site).into(), kind: Kind::Real });
    sent.map(|(host, kind)| Candidate { host: host.into(), kind }).chain(real)
}

/// Returns the `Host` header as sent. If it is missing, returns the authority of an absolute-form
/// target.
pub(super) fn wire<'a>(request: &'a Request<'_>) -> &'a str {
    let authority = || request.head.target.authority().map(axum::http::uri::Authority::as_str);
    let host = std::str::from_utf8(request.host()).ok().filter(|it| !it.is_empty());
    host.or_else(authority).unwrap_or_default()
}

/// Removes the scheme from a host: tccli sends `http://` as part of it.
pub(super) fn bare(host: &str) -> &str {
    // Nearly no host has a scheme, and the search for a character is fast.
    let scheme = if host.contains('/') { host.split_once("://") } else { None };
    scheme.map_or(host, |(_, rest)| rest)
}

/// Removes the port from a host, if there is one.
pub(super) fn portless(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|it| it.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Returns the real hosts of a product that SDKs may call, sorted.
#[cfg(feature = "command")]
pub fn real_hosts(service: &str) -> Vec<String> {
    let sites = SITES.into_iter().chain(REGIONS.map(Some)).map(|site| real(service, site));
    let mut hosts: Vec<String> =
        sites.chain(BACKUPS.map(|end| format!("{service}{end}"))).collect();
    hosts.sort();
    hosts.dedup();
    hosts
}

/// Returns the host of a product at one of the vendor's sites or in a region.
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
    fn only_the_port_is_removed() {
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
