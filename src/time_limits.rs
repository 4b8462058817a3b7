//! Time limits of connections.

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
