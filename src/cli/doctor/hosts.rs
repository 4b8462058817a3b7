//! Entries of the hosts file for names of the real cloud.

use std::{fs, net::IpAddr};

use crate::{ecm::CATALOG, protocol::signature::real_hosts};

use super::Finding;

/// Domains of the vendor's API.
const DOMAINS: [&str; 3] = ["tencentcloudapi.com", "tencentcloudapi.com.cn", "tencentcloudapi.cn"];

/// Whether a name belongs to the real cloud. Such a name is never looked up in DNS.
pub(super) fn is_vendors(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    let is_below =
        |domain| host.strip_suffix(domain).is_some_and(|it| it.is_empty() || it.ends_with('.'));
    DOMAINS.into_iter().any(is_below)
}

/// The hosts file of this machine.
#[derive(Debug, Default)]
pub(super) struct HostsFile {
    path: String,
    /// Names in lowercase with their addresses. The first entry of a name counts.
    entries: Vec<(String, IpAddr)>,
}

impl HostsFile {
    /// Reads the file. A file that cannot be read counts as empty.
    pub(super) fn read() -> Self {
        let path = if cfg!(windows) {
            let root = std::env::var("SystemRoot").unwrap_or_else(|_| "C:\\Windows".to_owned());
            format!("{root}\\System32\\drivers\\etc\\hosts")
        } else {
            "/etc/hosts".to_owned()
        };
        let text = fs::read(&path).unwrap_or_default();
        Self::parse(path, &String::from_utf8_lossy(&text))
    }

    fn parse(path: String, text: &str) -> Self {
        let mut entries = Vec::new();
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or_default();
            let mut words = line.split_ascii_whitespace();
            let Some(ip) = words.next().and_then(|it| it.parse().ok()) else { continue };
            entries.extend(words.map(|name| (name.to_ascii_lowercase(), ip)));
        }
        Self { path, entries }
    }

    /// Returns the address of a name in lowercase.
    pub(super) fn ip(&self, name: &str) -> Option<IpAddr> {
        self.entries.iter().find(|(it, _)| it == name).map(|(_, ip)| *ip)
    }
}

/// Compares the entries of the real cloud's names with the address of the server.
pub(super) fn check(file: &HostsFile, server: Option<IpAddr>) -> Finding {
    const FIX: &str = "add the lines of `ecmock env --hosts`, and remove others for these names";
    let names: Vec<String> = real_hosts(CATALOG.service).flatten().collect();
    let (path, all) = (&file.path, names.len());
    let found: Vec<_> = names.iter().filter_map(|it| Some((it, file.ip(it)?))).collect();
    if found.is_empty() {
        let message = format!(
            "{path} has no name of the real cloud; a client without the endpoint calls the real cloud"
        );
        return Finding::ok("hosts", message);
    }
    let is_here = |ip: IpAddr| ip.is_loopback() || ip.is_unspecified() || Some(ip) == server;
    if let Some((name, ip)) = found.iter().find(|(_, ip)| !is_here(*ip)) {
        return Finding::warning(
            "hosts",
            format!("{path} has the address {ip} for {name}, which is not the server"),
            FIX,
        );
    }
    match names.iter().find(|it| file.ip(it).is_none()) {
        None => Finding::ok(
            "hosts",
            format!("{path} keeps all {all} names of the real cloud on this machine"),
        ),
        Some(name) => {
            let message = format!(
                "{path} has {} of {all} names of the real cloud, and {name} is missing",
                found.len()
            );
            Finding::warning("hosts", message, FIX)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::tests::lines;

    fn checked(text: &str) -> String {
        lines([check(&HostsFile::parse("hosts".to_owned(), text), "10.0.0.5".parse().ok())])
    }

    #[test]
    fn names_of_the_vendor_are_known() {
        for name in [
            "ecm.tencentcloudapi.com",
            "ecm.x.tencentcloudapi.com.cn",
            "tencentcloudapi.cn",
            "a.tencentcloudapi.com.",
        ] {
            assert!(is_vendors(name), "{name}");
        }
        for name in ["localhost", "nottencentcloudapi.com", "tencentcloudapi.com.test"] {
            assert!(!is_vendors(name), "{name}");
        }
    }

    #[test]
    fn all_entries_or_none_are_right() {
        let all = |ip: &str| {
            let entry = |host: String| format!("{ip}\t{}  # x\n", host.to_uppercase());
            real_hosts(CATALOG.service).flatten().map(entry).collect::<String>()
        };
        let few = "# 127.0.0.1 ecm.tencentcloudapi.com\n127.0.0.1 a ecm.tencentcloudapi.cn b\n";
        let texts = [
            "",
            &all("127.0.0.1"),
            &all("10.0.0.5"),
            &all("10.0.0.6"),
            few,
            "x ecm.tencentcloudapi.cn",
        ];
        insta::assert_snapshot!(texts.map(checked).concat(), @"
        ok       hosts: hosts has no name of the real cloud; a client without the endpoint calls the real cloud
        ok       hosts: hosts keeps all 60 names of the real cloud on this machine
        ok       hosts: hosts keeps all 60 names of the real cloud on this machine
        warning  hosts: hosts has the address 10.0.0.6 for ecm.tencentcloudapi.com, which is not the server; add the lines of `ecmock env --hosts`, and remove others for these names
        warning  hosts: hosts has 1 of 60 names of the real cloud, and ecm.tencentcloudapi.com is missing; add the lines of `ecmock env --hosts`, and remove others for these names
        ok       hosts: hosts has no name of the real cloud; a client without the endpoint calls the real cloud
        ");
    }
}
