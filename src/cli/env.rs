//! `ecmock env`.

use std::net::SocketAddr;

use crate::{ecm::CATALOG, protocol::signature::real_hosts};

use super::{CommandError, say};

pub(super) fn env(address: SocketAddr) -> Result<(), CommandError> {
    say(format_args!(
        "# The real cloud rejects these credentials. To keep all calls on this machine, see `ecmock env --hosts`.
export ECMOCK_ENDPOINT='http://{address}'
export TENCENTCLOUD_SECRET_ID=ecmock-default
export TENCENTCLOUD_SECRET_KEY=ecmock
export TENCENTCLOUD_REGION=ap-guangzhou
# tccli accepts an endpoint only as an option:
tccli() {{ if [ \"$1\" = ecm ]; then command tccli \"$@\" --endpoint \"$ECMOCK_ENDPOINT\"; else command tccli \"$@\"; fi; }}"
    ))
}

pub(super) fn hosts(address: SocketAddr) -> Result<(), CommandError> {
    let entries = real_hosts(CATALOG.service);
    let entries = entries.iter().map(|host| format!("{} {host}", address.ip()));
    let comment = "# ecmock: names of the real cloud".to_owned();
    say([comment].into_iter().chain(entries).collect::<Vec<_>>().join("\n"))
}
