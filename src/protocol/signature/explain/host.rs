//! Hosts that a client may have signed for by mistake, and that are not accepted.

use super::{
    super::{
        Case,
        host::{REGIONS, bare, portless, real, wire},
    },
    Claim, Diagnosis, Draft, Mistake, Trial, shown_host,
};
use crate::protocol::request::Common;

/// Other names of the machine that runs the test.
const LOOPBACK: [&str; 5] = ["localhost", "127.0.0.1", "[::1]", "0.0.0.0", "host.docker.internal"];
/// Products whose examples clients copy.
const EXAMPLES: [&str; 2] = ["cvm", "vpc"];

/// Returns a trial for each such host.
pub(super) fn trials<D: Draft>(
    case: Case<'_>,
    claim: &Claim<D>,
    accepted: &[String],
    service: Option<&str>,
) -> Vec<Trial<D>> {
    let sent = wire(case.request);
    let mut hosts: Vec<(Mistake, &str, String)> = Vec::new();
    for host in accepted {
        hosts.extend(with_port(case, host));
        if bare(host) == host {
            hosts.extend(["http://", "https://"].map(|scheme| {
                (Mistake::HostWithScheme, "which has a scheme", format!("{scheme}{host}"))
            }));
        }
        hosts.push((Mistake::HostWithSlash, "which ends in a slash", format!("{host}/")));
        hosts.extend(
            in_other_case(host).map(|it| (Mistake::HostInOtherCase, "which differs in case", it)),
        );
    }
    let port = bare(sent).strip_prefix(portless(bare(sent))).unwrap_or_default();
    for name in LOOPBACK {
        let candidate = |host| (Mistake::HostLoopback, "another name of a local machine", host);
        hosts.extend([format!("{name}{port}"), name.to_owned()].map(candidate));
    }
    for product in service.into_iter().chain(EXAMPLES).filter(|it| *it != case.service) {
        let candidate = |site| {
            (Mistake::HostOfOtherProduct, "the host of another product", real(product, site))
        };
        hosts.extend([None, Some("intl")].map(candidate));
    }
    let of_region = match case.request.common(Common::REGION) {
        Some(_) => "the host of another region",
        None => "the host of a region",
    };
    hosts.extend(REGIONS.map(|region| {
        let host = real(case.service, Some(region));
        (Mistake::HostOfOtherRegion, of_region, host)
    }));
    hosts.retain(|(.., host)| !accepted.contains(host));
    hosts
        .into_iter()
        .map(|(mistake, what, host)| {
            let text = format!(
                "The signed host is {}, {what}, but the Host header is {}. Sign the host that is sent.",
                shown_host(&host),
                shown_host(sent)
            );
            claim.at(Diagnosis::new(mistake, text), host)
        })
        .collect()
}

fn with_port(case: Case<'_>, host: &str) -> Vec<(Mistake, &'static str, String)> {
    if portless(host) != host {
        return Vec::new();
    }
    let target = case.request.head.target.port_u16();
    let candidate = |port| (Mistake::HostWithPort, "which has a port", format!("{host}:{port}"));
    [80, 443].into_iter().chain(target).map(candidate).collect()
}

/// Returns a host with all letters, the first label, or the first letter in upper case.
fn in_other_case(host: &str) -> [String; 3] {
    let first = |end: usize| {
        let (start, rest) = host.split_at_checked(end).unwrap_or((host, ""));
        format!("{}{rest}", start.to_ascii_uppercase())
    };
    [host.to_ascii_uppercase(), first(host.find('.').unwrap_or(host.len())), first(1)]
}
