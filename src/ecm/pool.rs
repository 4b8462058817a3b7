//! Address allocation in a subnet: the lowest free address first.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use range_set_blaze::RangeSetBlaze;

/// The reason why an address cannot be allocated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// Every assignable address is in use.
    #[error("no address is left in {0}")]
    Exhausted(Ipv4Net),
    /// The address is not in the subnet.
    #[error("{address} is outside {net}")]
    Outside {
        /// Requested address.
        address: Ipv4Addr,
        /// Range of the subnet.
        net: Ipv4Net,
    },
    /// The address is the network, gateway, or broadcast address.
    #[error("{address} is the {role} of {net}")]
    Reserved {
        /// Requested address.
        address: Ipv4Addr,
        /// Role of the address, such as `gateway`.
        role: &'static str,
        /// Range of the subnet.
        net: Ipv4Net,
    },
    /// The address is in use.
    #[error("{0} is in use")]
    InUse(Ipv4Addr),
}

/// The assignable addresses of a subnet.
///
/// Invariant: `free` holds exactly the assignable addresses that are not in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    net: Ipv4Net,
    free: RangeSetBlaze<Ipv4Addr>,
}

impl Pool {
    /// Creates a pool with every assignable address of `net` free.
    pub fn new(net: Ipv4Net) -> Self {
        let mut free = RangeSetBlaze::from_iter([net.network()..=net.broadcast()]);
        for (reserved, _) in reserved(net) {
            free.remove(reserved);
        }
        Self { net, free }
    }

    /// Returns the range of the subnet.
    pub const fn net(&self) -> Ipv4Net {
        self.net
    }

    /// Fails unless [`Pool::take`] would succeed.
    pub fn check(&self, wanted: Option<Ipv4Addr>) -> Result<(), PoolError> {
        let net = self.net;
        let Some(address) = wanted else {
            return if self.free.is_empty() { Err(PoolError::Exhausted(net)) } else { Ok(()) };
        };
        if self.free.contains(address) {
            return Ok(());
        }
        let kept = reserved(net).into_iter().find(|(reserved, _)| *reserved == address);
        Err(match kept {
            Some((_, role)) => PoolError::Reserved { address, role, net },
            None if !net.contains(&address) => PoolError::Outside { address, net },
            None => PoolError::InUse(address),
        })
    }

    /// Allocates `wanted`, or the lowest free address if it is `None`.
    pub fn take(&mut self, wanted: Option<Ipv4Addr>) -> Result<Ipv4Addr, PoolError> {
        self.check(wanted)?;
        match wanted {
            Some(address) => {
                self.free.remove(address);
                Ok(address)
            }
            None => self.free.pop_first().ok_or(PoolError::Exhausted(self.net)),
        }
    }

    /// Releases an address that [`Pool::take`] returned.
    ///
    /// # Panics
    ///
    /// Panics if the address is free.
    pub fn release(&mut self, address: Ipv4Addr) {
        let was_taken = self.free.insert(address);
        assert!(was_taken, "{address} must be in use");
    }

    /// Returns the number of free addresses.
    pub fn available(&self) -> u64 {
        self.free.len()
    }

    /// Returns the number of addresses in use.
    pub fn taken(&self) -> u64 {
        assignable(self.net) - self.available()
    }

    /// Returns whether `address` is free.
    pub fn is_free(&self, address: Ipv4Addr) -> bool {
        self.free.contains(address)
    }
}

/// Returns the number of assignable addresses of a subnet.
fn assignable(net: Ipv4Net) -> u64 {
    let all = u64::from(net.broadcast().to_bits() - net.network().to_bits()) + 1;
    all - reserved(net).len() as u64
}

/// Returns the reserved addresses of a subnet, each with its role.
fn reserved(net: Ipv4Net) -> [(Ipv4Addr, &'static str); 3] {
    // Assumed (subnet.first-and-last, subnet.gateway): the reserved addresses are those of the
    // vendor's VPC.
    let gateway = Ipv4Addr::from_bits(net.network().to_bits() | 1);
    [
        (net.network(), "network address"),
        (gateway, "gateway"),
        (net.broadcast(), "broadcast address"),
    ]
}
