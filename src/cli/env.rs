//! `ecmock env`.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::{ecm::CATALOG, protocol::signature::real_hosts};

use super::{CommandError, ListenArgs, say};

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

/// Prints the entries for the first address. Some programs look up only one family of addresses, so
/// loopback has both.
pub(super) fn hosts(endpoint: &ListenArgs) -> Result<(), CommandError> {
    let first = endpoint.listen.first().map_or(Ipv4Addr::LOCALHOST.into(), SocketAddr::ip);
    let first = first.to_canonical();
    let both = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    let is_local = first.is_loopback() || first.is_unspecified();
    let addresses = if is_local { both.to_vec() } else { vec![first] };
    let mut lines = vec!["# ecmock: names of the real cloud".to_owned()];
    for address in addresses {
        let names = real_hosts(CATALOG.service).map(|names| names.join(" "));
        lines.extend(names.map(|names| format!("{address} {names}")));
    }
    say(lines.join("\n"))
}
