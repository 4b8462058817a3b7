//! Proxies of the environment.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Finding, Setup, endpoint::Endpoint};

/// Variables of proxies for plain HTTP, and for HTTPS.
const HTTP: [&str; 4] = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
const HTTPS: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
/// Lists of hosts without a proxy. Most clients read one of them: curl and Python the first, and Go the
/// second.
const NO_PROXY: [&str; 2] = ["no_proxy", "NO_PROXY"];
/// The only variable that the Node SDK reads. It uses the proxy for all hosts.
const OF_NODE: &str = "http_proxy";

/// Checks whether a proxy would get the calls.
pub(super) fn check(setup: &Setup) -> Vec<Finding> {
    let endpoint = &setup.endpoint;
    let authority = endpoint.authority();
    let proxies: Vec<&str> = if endpoint.is_https { HTTPS } else { HTTP }
        .into_iter()
        .filter(|name| setup.variable(name).is_some_and(|proxy| !is_server(proxy, endpoint)))
        .collect();
    let node = setup.variable(OF_NODE).filter(|proxy| !is_server(proxy, endpoint));
    let mut findings = Vec::new();
    if !proxies.is_empty() {
        findings.extend(exclusion(setup, &proxies));
    }
    let is_problem = findings.iter().any(|it| it.level == super::Level::Problem);
    if node.is_some() && !is_problem {
        let message =
            format!("{OF_NODE} applies to all calls of the Node SDK, which ignores no_proxy");
        findings.push(Finding::warning(
            "proxy",
            message,
            &format!("run `unset {OF_NODE}` for Node programs"),
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::ok("proxy", format!("no proxy applies to {authority}")));
    }
    findings
}

/// Checks whether the lists of hosts without a proxy contain the endpoint.
fn exclusion(setup: &Setup, proxies: &[&str]) -> Option<Finding> {
    let endpoint = &setup.endpoint;
    let (authority, host) = (endpoint.authority(), &endpoint.host);
    let names = proxies.join(" and ");
    let entries =
        if authority == *host { authority.clone() } else { format!("{host},{authority}") };
    let fix = format!(
        "run `unset {}`, or `export no_proxy=\"{entries}${{no_proxy:+,$no_proxy}}\"; export NO_PROXY=\"$no_proxy\"`",
        proxies.join(" ")
    );
    let lists: Vec<(&str, &str)> =
        NO_PROXY.iter().filter_map(|name| Some((*name, setup.variable(name)?))).collect();
    let (with, without): (Vec<_>, Vec<_>) =
        lists.iter().partition(|(_, list)| excludes(list, endpoint));
    if with.is_empty() {
        let message = format!("a client sends calls for {authority} to the proxy of {names}");
        return Some(Finding::problem("proxy", message, &fix));
    }
    if let Some((name, _)) = without.first() {
        let message = format!(
            "a client that reads {name} sends calls for {authority} to the proxy of {names}"
        );
        return Some(Finding::warning("proxy", message, &fix));
    }
    // The Python SDK searches the list for the endpoint as it is set, with the port.
    let is_of_python = proxies.iter().any(|it| !it.eq_ignore_ascii_case("all_proxy"));
    let of_python = setup.variable("NO_PROXY").or(setup.variable("no_proxy")).unwrap_or_default();
    (is_of_python && !of_python.contains(&authority)).then(|| {
        let message = format!("the Python SDK uses the proxy of {names} unless no_proxy contains {authority}, with the port");
        Finding::warning("proxy", message, &fix)
    })
}

/// Whether a proxy is the server itself.
fn is_server(proxy: &str, endpoint: &Endpoint) -> bool {
    proxy.parse().is_ok_and(|it: Endpoint| it.host == endpoint.host && it.port == endpoint.port)
}

/// Whether a list of hosts without a proxy contains an endpoint.
fn excludes(list: &str, endpoint: &Endpoint) -> bool {
    let ip: Option<IpAddr> = endpoint.host.parse().ok();
    list.split([',', ' ']).map(str::trim).filter(|it| !it.is_empty()).any(|entry| {
        let entry = entry.to_ascii_lowercase();
        if entry == "*" || entry == endpoint.host || entry == format!("[{}]", endpoint.host) {
            return true;
        }
        if let Ok(net) = entry.parse::<IpNet>() {
            return ip.is_some_and(|ip| net.contains(&ip));
        }
        let (name, port) = match entry.rsplit_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (&*entry, None),
        };
        if port.is_some_and(|port| port.parse() != Ok(endpoint.port)) {
            return false;
        }
        let name = name.trim_start_matches('*').trim_start_matches('.');
        let name = name.trim_start_matches('[').trim_end_matches(']');
        let before = endpoint.host.strip_suffix(name);
        !name.is_empty()
            && before.is_some_and(|it| it.is_empty() || (ip.is_none() && it.ends_with('.')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::tests::{lines, setup};

    const PROXY: &str = "http://user:hunter2@proxy.test:3128";

    fn checked(endpoint: &str, variables: &[(&str, &str)]) -> String {
        lines(check(&setup(endpoint, variables)))
    }

    #[test]
    fn a_list_excludes_hosts_domains_and_networks() {
        let server = "127.0.0.1:7190";
        for (list, endpoint, expected) in [
            ("*", server, true),
            ("127.0.0.1", server, true),
            ("localhost, 127.0.0.1", server, true),
            ("127.0.0.1:7190", server, true),
            ("127.0.0.1:7191", server, false),
            ("127.0.0.0/8", server, true),
            ("10.0.0.0/8", server, false),
            ("localhost", server, false),
            ("0.0.1", server, false),
            ("127.0.0.11", server, false),
            ("", server, false),
            ("::1", "[::1]:7190", true),
            ("[::1]", "[::1]:7190", true),
            ("[::1]:7190", "[::1]:7190", true),
            ("test", "ecm.test:7190", true),
            (".test", "ecm.test:7190", true),
            ("*.Test", "ecm.test:7190", true),
            ("cm.test", "ecm.test:7190", false),
            ("ecm.test.example", "ecm.test:7190", false),
        ] {
            let endpoint = endpoint.parse().unwrap();
            assert_eq!(excludes(list, &endpoint), expected, "{list} {endpoint}");
        }
    }

    #[test]
    fn a_proxy_without_an_exception_is_a_problem() {
        let lines = [
            checked("127.0.0.1:7190", &[("HTTP_PROXY", PROXY), ("https_proxy", PROXY)]),
            checked("https://ecm.test", &[("https_proxy", PROXY), ("no_proxy", "localhost")]),
            checked("127.0.0.1:7190", &[("all_proxy", PROXY), ("ALL_PROXY", PROXY)]),
            checked("127.0.0.1:7190", &[("http_proxy", PROXY)]),
        ];
        let lines = lines.concat();
        assert!(!lines.contains("hunter2"), "{lines}");
        insta::assert_snapshot!(lines, @r#"
        problem  proxy: a client sends calls for 127.0.0.1:7190 to the proxy of HTTP_PROXY; run `unset HTTP_PROXY`, or `export no_proxy="127.0.0.1,127.0.0.1:7190${no_proxy:+,$no_proxy}"; export NO_PROXY="$no_proxy"`
        problem  proxy: a client sends calls for ecm.test to the proxy of https_proxy; run `unset https_proxy`, or `export no_proxy="ecm.test${no_proxy:+,$no_proxy}"; export NO_PROXY="$no_proxy"`
        problem  proxy: a client sends calls for 127.0.0.1:7190 to the proxy of all_proxy and ALL_PROXY; run `unset all_proxy ALL_PROXY`, or `export no_proxy="127.0.0.1,127.0.0.1:7190${no_proxy:+,$no_proxy}"; export NO_PROXY="$no_proxy"`
        problem  proxy: a client sends calls for 127.0.0.1:7190 to the proxy of http_proxy; run `unset http_proxy`, or `export no_proxy="127.0.0.1,127.0.0.1:7190${no_proxy:+,$no_proxy}"; export NO_PROXY="$no_proxy"`
        "#);
    }

    #[test]
    fn an_exception_that_some_clients_ignore_is_a_warning() {
        let lines = [
            checked(
                "127.0.0.1:7190",
                &[("HTTP_PROXY", PROXY), ("NO_PROXY", "127.0.0.1"), ("no_proxy", "a")],
            ),
            checked("127.0.0.1:7190", &[("HTTP_PROXY", PROXY), ("NO_PROXY", "127.0.0.1")]),
            checked("127.0.0.1:7190", &[("http_proxy", PROXY), ("no_proxy", "127.0.0.1:7190")]),
        ];
        insta::assert_snapshot!(lines.concat(), @r#"
        warning  proxy: a client that reads no_proxy sends calls for 127.0.0.1:7190 to the proxy of HTTP_PROXY; run `unset HTTP_PROXY`, or `export no_proxy="127.0.0.1,127.0.0.1:7190${no_proxy:+,$no_proxy}"; export NO_PROXY="$no_proxy"`
        warning  proxy: the Python SDK uses the proxy of HTTP_PROXY unless no_proxy contains 127.0.0.1:7190, with the port; run `unset HTTP_PROXY`, or `export no_proxy="127.0.0.1,127.0.0.1:7190${no_proxy:+,$no_proxy}"; export NO_PROXY="$no_proxy"`
        warning  proxy: http_proxy applies to all calls of the Node SDK, which ignores no_proxy; run `unset http_proxy` for Node programs
        "#);
    }

    #[test]
    fn a_proxy_that_gets_no_calls_is_ok() {
        for variables in [
            &[][..],
            &[("HTTPS_PROXY", PROXY)],
            &[("HTTP_PROXY", PROXY), ("no_proxy", "127.0.0.1,127.0.0.1:7190")],
            &[("all_proxy", PROXY), ("no_proxy", "127.0.0.1")],
            &[("http_proxy", "http://127.0.0.1:7190/")],
        ] {
            let expected = "ok       proxy: no proxy applies to 127.0.0.1:7190\n";
            assert_eq!(checked("127.0.0.1:7190", variables), expected, "{variables:?}");
        }
    }
}
