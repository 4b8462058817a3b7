//! The CA certificates that clients trust.

use std::io;

use super::{Finding, Setup};

/// Variables with a file of CA certificates, and the clients that read them.
const VARIABLES: [(&str, &str); 3] = [
    ("SSL_CERT_FILE", "Go, PHP, Ruby, .NET, and the async client of Python"),
    ("NODE_EXTRA_CA_CERTS", "Node and capi"),
    ("REQUESTS_CA_BUNDLE", "programs with the requests library of Python"),
];

/// Checks the files. `ca` is the certificate of the server, if HTTPS needs it.
pub(super) fn check(
    setup: &Setup,
    ca: Option<&str>,
    read: impl Fn(&str) -> io::Result<String>,
) -> Vec<Finding> {
    let is_https = setup.endpoint.is_https;
    let url = setup.endpoint.url("/_ecmock/ca.pem");
    let get = format!("run `curl -o ecmock-ca.pem {url}`");
    let mut findings = Vec::new();
    let mut trusted = Vec::new();
    for (variable, clients) in VARIABLES {
        let Some(file) = setup.variable(variable) else { continue };
        let fix = format!("{get}, and set {variable} to that file");
        match (read(file), ca) {
            (Err(error), _) => {
                let message = format!("{variable} is {file}, which cannot be read: {error}");
                findings.push(if is_https {
                    Finding::problem("ca", message, &fix)
                } else {
                    Finding::warning("ca", message, &format!("run `unset {variable}`"))
                });
            }
            (Ok(text), Some(ca)) if !has(&text, ca) => {
                let message = format!(
                    "{variable} is {file}, which lacks the server's CA ({clients}); without --tls-dir, each start has a new CA"
                );
                findings.push(Finding::problem("ca", message, &fix));
            }
            (Ok(_), Some(_)) => trusted.push(variable),
            (Ok(_), None) => {}
        }
    }
    if findings.is_empty() {
        findings.push(match (is_https, ca) {
            (false, _) => Finding::ok("ca", "clients need no CA over HTTP".to_owned()),
            (true, None) => {
                Finding::ok("ca", "not checked, because the server's CA is unknown".to_owned())
            }
            (true, Some(_)) if trusted.is_empty() => {
                let [names @ .., last] = VARIABLES.map(|(name, _)| name);
                let message = format!("none of {}, and {last} is set", names.join(", "));
                let fix = format!("{get}, and set the variable or the option of your client");
                Finding::warning("ca", message, &fix)
            }
            (true, Some(_)) => {
                Finding::ok("ca", format!("the server's CA is in {}", trusted.join(" and ")))
            }
        });
    }
    findings
}

/// Whether a file of certificates contains a certificate. Line breaks do not matter.
fn has(file: &str, certificate: &str) -> bool {
    let joined = |text: &str| text.split_ascii_whitespace().collect::<String>();
    joined(file).contains(&joined(certificate))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::tests::{lines, setup};

    const CA: &str = "-----BEGIN CERTIFICATE-----\nQUJD\nREVG\n-----END CERTIFICATE-----\n";

    fn read(file: &str) -> io::Result<String> {
        match file {
            "ours.pem" => Ok(
                "# comment\n-----BEGIN CERTIFICATE-----\r\nQUJDREVG\r\n-----END CERTIFICATE-----"
                    .to_owned(),
            ),
            "other.pem" => {
                Ok("-----BEGIN CERTIFICATE-----\nQUJE\n-----END CERTIFICATE-----".to_owned())
            }
            _ => Err(io::Error::from(io::ErrorKind::NotFound)),
        }
    }

    fn checked(endpoint: &str, ca: Option<&str>, variables: &[(&str, &str)]) -> String {
        lines(check(&setup(endpoint, variables), ca, read))
    }

    #[test]
    fn https_needs_the_ca_in_every_file() {
        let https = "https://ecm.test:7190";
        let lines = [
            checked(
                https,
                Some(CA),
                &[("SSL_CERT_FILE", "ours.pem"), ("NODE_EXTRA_CA_CERTS", "ours.pem")],
            ),
            checked(
                https,
                Some(CA),
                &[("SSL_CERT_FILE", "other.pem"), ("NODE_EXTRA_CA_CERTS", "gone.pem")],
            ),
            checked(https, Some(CA), &[]),
            checked(https, None, &[("SSL_CERT_FILE", "other.pem")]),
        ];
        insta::assert_snapshot!(lines.concat(), @"
        ok       ca: the server's CA is in SSL_CERT_FILE and NODE_EXTRA_CA_CERTS
        problem  ca: SSL_CERT_FILE is other.pem, which lacks the server's CA (Go, PHP, Ruby, .NET, and the async client of Python); without --tls-dir, each start has a new CA; run `curl -o ecmock-ca.pem http://ecm.test:7190/_ecmock/ca.pem`, and set SSL_CERT_FILE to that file
        problem  ca: NODE_EXTRA_CA_CERTS is gone.pem, which cannot be read: entity not found; run `curl -o ecmock-ca.pem http://ecm.test:7190/_ecmock/ca.pem`, and set NODE_EXTRA_CA_CERTS to that file
        warning  ca: none of SSL_CERT_FILE, NODE_EXTRA_CA_CERTS, and REQUESTS_CA_BUNDLE is set; run `curl -o ecmock-ca.pem http://ecm.test:7190/_ecmock/ca.pem`, and set the variable or the option of your client
        ok       ca: not checked, because the server's CA is unknown
        ");
    }

    #[test]
    fn http_needs_no_ca() {
        let lines = [
            checked("127.0.0.1:7190", None, &[("SSL_CERT_FILE", "other.pem")]),
            checked("127.0.0.1:7190", None, &[("REQUESTS_CA_BUNDLE", "gone.pem")]),
        ];
        insta::assert_snapshot!(lines.concat(), @"
        ok       ca: clients need no CA over HTTP
        warning  ca: REQUESTS_CA_BUNDLE is gone.pem, which cannot be read: entity not found; run `unset REQUESTS_CA_BUNDLE`
        ");
    }
}
