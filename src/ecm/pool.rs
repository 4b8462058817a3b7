//! Addresses of one subnet: which are free, and which is next.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use range_set_blaze::RangeSetBlaze;

/// Why an address cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// Every assignable address is taken.
    #[error("no address is left in {0}")]
    Exhausted(Ipv4Net),
    /// The address is not in the subnet.
    #[error("{address} is outside {net}")]
    Outside {
        /// Address asked for.
        address: Ipv4Addr,
        /// Range that it should be in.
        net: Ipv4Net,
    },
    /// The address is the network's, the gateway's or the broadcast address.
    #[error("{address} is the {role} of {net}")]
    Reserved {
        /// Address asked for.
        address: Ipv4Addr,
        /// What it is kept for.
        role: &'static str,
        /// Range that it is in.
        net: Ipv4Net,
    },
    /// Somebody has it.
    #[error("{0} is in use")]
    InUse(Ipv4Addr),
}

/// The assignable addresses of a subnet.
///
/// Invariant: `free` holds exactly the assignable addresses that nobody has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    net: Ipv4Net,
    free: RangeSetBlaze<Ipv4Addr>,
}

impl Pool {
    /// A pool of every assignable address of `net`.
    pub fn new(net: Ipv4Net) -> Self {
        let mut free = RangeSetBlaze::from_iter([net.network()..=net.broadcast()]);
        for (reserved, _) in reserved(net) {
            free.remove(reserved);
        }
        Self { net, free }
    }

    /// The subnet's range.
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

    /// Takes `wanted`, or else the lowest free address.
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
    /// If the address is free.
    pub fn give_back(&mut self, address: Ipv4Addr) {
        let was_taken = self.free.insert(address);
        assert!(was_taken, "{address} must be in use");
    }

    /// How many addresses are free.
    pub fn available(&self) -> u64 {
        self.free.len()
    }

    /// How many addresses somebody has.
    pub fn taken(&self) -> u64 {
        assignable(self.net) - self.available()
    }

    /// Whether nobody has `address`.
    pub fn is_free(&self, address: Ipv4Addr) -> bool {
        self.free.contains(address)
    }
}

/// How many addresses of a subnet somebody can have.
fn assignable(net: Ipv4Net) -> u64 {
    let all = u64::from(net.broadcast().to_bits() - net.network().to_bits()) + 1;
    all - reserved(net).len() as u64
}

/// Addresses that nobody can have, and why.
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
