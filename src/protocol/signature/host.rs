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

/// Domains of the vendor's hosts. SDKs fail over to the second and the third.
pub const DOMAINS: [&str; 3] =
    ["tencentcloudapi.com", "tencentcloudapi.com.cn", "tencentcloudapi.cn"];
/// Region of the default backup host of the SDKs' region breakers.
const BACKUP_REGION: &str = "ap-guangzhou";
/// Regions with hosts of their own.
pub(super) const REGIONS: [&str; 17] = [
    BACKUP_REGION,
    "ap-bangkok",
    "ap-beijing",
    "ap-chengdu",
    "ap-chongqing",
    "ap-hongkong",
    "ap-jakarta",
    "ap-mumbai",
    "ap-nanjing",
    "ap-seoul",
    "ap-shanghai",
    "ap-singapore",
    "ap-tokyo",
    "eu-frankfurt",
    "na-ashburn",
    "na-siliconvalley",
    "sa-saopaulo",
];

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

/// Returns the real hosts of a product: for each site and region, the host in each domain.
#[cfg(feature = "command")]
pub fn real_hosts(service: &str) -> impl Iterator<Item = [String; DOMAINS.len()]> {
    let sites = SITES.into_iter().chain(REGIONS.map(Some));
    sites.map(move |site| DOMAINS.map(|domain| in_domain(service, site, domain)))
}

/// Whether a host, with or without a port, is one that SDKs move to when their calls fail.
pub fn is_backup(host: &str, service: &str) -> bool {
    let name = portless(host);
    let Some((product, site)) = name.split_at_checked(service.len()) else { return false };
    let ends_in = |domain: &str| {
        let start = site.len().checked_sub(domain.len() + 1);
        let end = start.and_then(|at| site.get(at..)).and_then(|it| it.strip_prefix('.'));
        end.is_some_and(|it| it.eq_ignore_ascii_case(domain))
    };
    let [main, others @ ..] = DOMAINS;
    product.eq_ignore_ascii_case(service)
        && (others.into_iter().any(ends_in)
            || (ends_in(main)
                && site.split('.').nth(1).is_some_and(|it| it.eq_ignore_ascii_case(BACKUP_REGION))))
}

/// Returns the host of a product at one of the vendor's sites or in a region.
pub(super) fn real(service: &str, site: Option<&str>) -> String {
    in_domain(service, site, DOMAINS[0])
}

fn in_domain(service: &str, site: Option<&str>, domain: &str) -> String {
    match site {
        None => format!("{service}.{domain}"),
        Some(site) => format!("{service}.{site}.{domain}"),
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

    #[test]
    fn backups_of_region_breakers_are_known() {
        for host in [
            "ecm.ap-guangzhou.tencentcloudapi.com",
            "ECM.AP-Guangzhou.tencentcloudapi.com:7190",
            "ecm.tencentcloudapi.cn",
            "ecm.tencentcloudapi.com.cn:80",
            "ecm.ap-xian.tencentcloudapi.com.cn",
            "ecm.internal.tencentcloudapi.cn",
        ] {
            assert!(is_backup(host, "ecm"), "{host}");
        }
        for host in [
            "",
            "ecm",
            "127.0.0.1:7190",
            "ecm.tencentcloudapi.com",
            "ecm.ap-shanghai.tencentcloudapi.com",
            "ecm.ap-guangzhou.tencentcloudapi.com.test",
            "cvm.ap-guangzhou.tencentcloudapi.com",
            "ecmtencentcloudapi.cn",
            "名.tencentcloudapi.cn",
        ] {
            assert!(!is_backup(host, "ecm"), "{host}");
        }
    }
}
