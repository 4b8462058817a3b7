//! Time limits of connections. README.md has the same table, which a test compares.

use std::time::Duration;

/// Until the first byte of a request, on a new connection and on one that is kept alive.
pub(crate) const IDLE_TIME_MAX: Duration = Duration::from_mins(2);
/// For a TLS handshake.
pub(crate) const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(30);
/// From the first byte of a request until the end of its head.
pub(crate) const HEAD_TIME_MAX: Duration = Duration::from_secs(30);
/// Between two pieces of a request's body.
pub(crate) const BODY_GAP_TIME_MAX: Duration = Duration::from_secs(30);
/// For the rest of an oversize body. It is discarded so that a client that sends all of it before it
/// reads receives the response.
pub(crate) const DRAIN_TIME_MAX: Duration = Duration::from_secs(30);
/// Between two pieces of a response that the client reads.
pub(crate) const UNREAD_TIME_MAX: Duration = Duration::from_secs(30);
/// Until the response to an HTTP/1.0 client that has closed its side.
pub(crate) const HALF_CLOSED_TIME_MAX: Duration = Duration::from_secs(30);
/// From when an HTTP/1.1 client closes its side until the first interim response, which tests whether
/// the client still reads. The time doubles with each interim response.
pub(crate) const PROBE_TIME_MIN: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_has_the_limits() {
        let readme = include_str!("../README.md");
        for (what, time) in [
            ("first byte of a request, on a new or kept-alive connection", IDLE_TIME_MAX),
            ("TLS handshake", HANDSHAKE_TIME_MAX),
            ("head of a request, from its first byte", HEAD_TIME_MAX),
            ("gap between two pieces of a request body", BODY_GAP_TIME_MAX),
            ("rest of an oversize request body", DRAIN_TIME_MAX),
            ("gap between two pieces of a response that the client reads", UNREAD_TIME_MAX),
            ("answer to an HTTP/1.0 client that has closed its side", HALF_CLOSED_TIME_MAX),
        ] {
            let row = format!("| {what} | {} s |\n", time.as_secs());
            assert!(readme.contains(&row), "{row}");
        }
    }
}
