//! Protection against requests from web pages of other sites.
//!
//! The admin API has no credentials, so a page of any site could write to it. A page could also read
//! it once the site's own name resolves to this machine (DNS rebinding). Neither is possible if only
//! this machine or network can have the request's `Host`, and the `Origin` is that host.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, Method,
        header::{HOST, ORIGIN},
        uri::Authority,
    },
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::{Admin, answer::AdminError};
use crate::{protocol::text::Backticked, tls::TlsName};

/// Header with the relation between the requesting page and the server.
const FETCH_SITE: &str = "sec-fetch-site";
/// Header with the browser's use of the response.
const FETCH_DEST: &str = "sec-fetch-dest";
/// Suffixes of names that no public DNS server resolves, or only the vendor's.
const TRUSTED_ENDS: [&str; 6] =
    [".local", ".localhost", ".internal", ".test", ".svc", ".tencentcloudapi.com"];

/// Rejects a request that a page of another site could have sent.
pub(super) async fn guard(
    State(admin): State<Arc<Admin>>,
    request: Request,
    next: Next,
) -> Response {
    match check(request.method(), request.headers(), &admin.hosts) {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}

fn check(method: &Method, headers: &HeaderMap, hosts: &[TlsName]) -> Result<(), AdminError> {
    let text = |value: Option<&HeaderValue>| {
        value.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    // Only HTTP/1.0 clients omit the host, and no browser is one.
    let Some(host) = text(headers.get(HOST)) else { return Ok(()) };
    if !is_trusted(&host, hosts) {
        return Err(AdminError::misdirected(format!(
            "Host is {}; the admin API accepts IP addresses, localhost, names without a dot, and names \
             below .local, .localhost, .internal, .test, and .svc; start the server with \
             --admin-host NAME to allow another name",
            Backticked(&host)
        )));
    }
    let is = |name, expected: &str| headers.get(name).is_some_and(|value| value == expected);
    let is_read = matches!(*method, Method::GET | Method::HEAD);
    let what = match text(headers.get(ORIGIN)) {
        Some(origin) if is_of_host(&origin, &host, hosts) => return Ok(()),
        Some(origin) if !is_read => {
            format!("Origin is {} and Host is {}", Backticked(&origin), Backticked(&host))
        }
        // Images and frames of a page could create accounts, and so evict others.
        _ if is(FETCH_SITE, "cross-site") && !(is_read && is(FETCH_DEST, "document")) => {
            "Sec-Fetch-Site is `cross-site`".to_owned()
        }
        _ => return Ok(()),
    };
    Err(AdminError::forbidden(format!(
        "{what}; the admin API only accepts this from pages of its own host; start the server with \
         --admin-host NAME to allow pages of another host"
    )))
}

/// Whether no page of another site can have this `Host`.
fn is_trusted(host: &str, hosts: &[TlsName]) -> bool {
    let Some(authority) = authority(host) else { return host.is_empty() };
    let name = authority.host().trim_end_matches('.').to_ascii_lowercase();
    let address = name.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(&name);
    !name.contains(['.', ':'])
        || address.parse::<IpAddr>().is_ok()
        || TRUSTED_ENDS.iter().any(|end| name.ends_with(end))
        || hosts.iter().any(|it| it.covers(&name))
}

/// Whether an `Origin` such as `http://127.0.0.1:7190` belongs to `host`, or to one of `hosts` with any
/// port.
fn is_of_host(origin: &str, host: &str, hosts: &[TlsName]) -> bool {
    let Some((_, of)) = origin.split_once("://") else { return false };
    let has_name = |authority: Authority| {
        let name = authority.host().to_ascii_lowercase();
        hosts.iter().any(|it| it.covers(&name))
    };
    of.eq_ignore_ascii_case(host) || authority(of).is_some_and(has_name)
}

/// Parses a host with an optional port. A user name is an error.
fn authority(text: &str) -> Option<Authority> {
    text.parse().ok().filter(|_| !text.contains('@'))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, StatusCode};
    use rstest::rstest;

    use super::*;

    fn status(method: &Method, headers: &[(&str, &str)]) -> StatusCode {
        let name = |name: &str| HeaderName::try_from(name).unwrap();
        let headers = headers.iter().map(|(it, value)| (name(it), value.parse().unwrap()));
        let hosts = ["mock.example.com", "*.mocks.example.com"].map(|it| it.parse().unwrap());
        match check(method, &headers.collect(), &hosts) {
            Ok(()) => StatusCode::OK,
            Err(failure) => failure.into_response().status(),
        }
    }

    #[rstest]
    fn hosts_of_this_machine_or_network_are_accepted(
        #[values(
            "127.0.0.1",
            "127.0.0.1:7190",
            "10.1.2.3:80",
            "[::1]:7190",
            "[fe80::1]",
            "localhost:7190",
            "LOCALHOST",
            "localhost.",
            "ecmock",
            "ecmock:7190",
            "mac.local",
            "host.docker.internal:7190",
            "ecmock.default.svc",
            "ecmock.default.svc.cluster.local",
            "ecm.test",
            "ecm.intl.tencentcloudapi.com",
            "mock.example.com:7190",
            "a.mocks.example.com",
            ""
        )]
        host: &str,
    ) {
        assert_eq!(status(&Method::GET, &[("host", host)]), StatusCode::OK);
    }

    #[rstest]
    fn other_hosts_are_misdirected(
        #[values(
            "evil.example",
            "evil.example:7190",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "eviltest.com",
            "tencentcloudapi.com.evil.example",
            "eviltencentcloudapi.com",
            "a.b.mocks.example.com",
            "mocks.example.com",
            "a b",
            "evil.example@127.0.0.1",
            "http://127.0.0.1"
        )]
        host: &str,
        #[values(Method::GET, Method::POST)] method: Method,
    ) {
        assert_eq!(status(&method, &[("host", host)]), StatusCode::MISDIRECTED_REQUEST);
    }

    #[rstest]
    #[case::program(&[], StatusCode::OK)]
    #[case::own_page(&[("origin", "http://127.0.0.1:7190")], StatusCode::OK)]
    #[case::own_page_over_tls(&[("origin", "https://127.0.0.1:7190")], StatusCode::OK)]
    #[case::same_origin(&[("sec-fetch-site", "same-origin")], StatusCode::OK)]
    #[case::other_page(&[("origin", "https://evil.example")], StatusCode::FORBIDDEN)]
    #[case::other_port(&[("origin", "http://127.0.0.1:3000")], StatusCode::FORBIDDEN)]
    #[case::no_page(&[("origin", "null")], StatusCode::FORBIDDEN)]
    #[case::listed_page(&[("origin", "https://mock.example.com:3000")], StatusCode::OK)]
    fn pages_of_other_hosts_cannot_write(
        #[case] headers: &[(&str, &str)],
        #[case] expected: StatusCode,
        #[values(Method::POST, Method::PUT, Method::PATCH, Method::DELETE)] method: Method,
    ) {
        let headers = [&[("host", "127.0.0.1:7190")], headers].concat();
        assert_eq!(status(&method, &headers), expected);
        assert_eq!(status(&Method::GET, &headers), StatusCode::OK);
    }

    #[rstest]
    #[case::image(&[("sec-fetch-dest", "image")], StatusCode::FORBIDDEN)]
    #[case::frame(&[("sec-fetch-dest", "iframe")], StatusCode::FORBIDDEN)]
    #[case::unknown(&[], StatusCode::FORBIDDEN)]
    #[case::fetch(&[("origin", "https://evil.example")], StatusCode::FORBIDDEN)]
    #[case::link(&[("sec-fetch-dest", "document")], StatusCode::OK)]
    fn other_sites_can_only_read_through_links(
        #[case] headers: &[(&str, &str)],
        #[case] expected: StatusCode,
    ) {
        let site = ("sec-fetch-site", "cross-site");
        let headers = [&[("host", "127.0.0.1:7190"), site], headers].concat();
        assert_eq!(status(&Method::GET, &headers), expected);
        assert_eq!(status(&Method::POST, &headers), StatusCode::FORBIDDEN);
    }
}
