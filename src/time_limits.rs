//! Time limits of connections.

use std::time::Duration;

/// Time limit for the first byte of a request, on a new connection and on one that is kept alive.
pub(crate) const IDLE_TIME_MAX: Duration = Duration::from_mins(2);
/// Time limit for a TLS handshake.
pub(crate) const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(30);
/// Time limit for the head of a request, from its first byte.
pub(crate) const HEAD_TIME_MAX: Duration = Duration::from_secs(30);
/// Time limit between two pieces of a request's body.
pub(crate) const BODY_GAP_TIME_MAX: Duration = Duration::from_secs(30);
/// Time limit for the rest of an oversize body, which is discarded. A client that sends all of it
/// before it reads thus receives the response.
pub(crate) const DRAIN_TIME_MAX: Duration = Duration::from_secs(30);
/// Time limit between two pieces of a response that the client reads.
pub(crate) const UNREAD_TIME_MAX: Duration = Duration::from_secs(30);
/// Time limit for the response to an HTTP/1.0 client that has closed its side.
pub(crate) const HALF_CLOSED_TIME_MAX: Duration = Duration::from_secs(30);
/// Time from when an HTTP/1.1 client closes its side until the first interim response. The response
/// tests whether the client still reads. The time doubles with each interim response.
pub(crate) const PROBE_TIME_MIN: Duration = Duration::from_secs(1);
