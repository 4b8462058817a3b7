//! IPv4 addresses, and the ranges that VPCs and subnets can have.

use std::{net::Ipv4Addr, str::FromStr as _};

use ipnet::Ipv4Net;

/// Private ranges. A VPC must be within one of them.
const PRIVATE: [Ipv4Net; 3] = [
    Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8),
    Ipv4Net::new_assert(Ipv4Addr::new(172, 16, 0, 0), 12),
    Ipv4Net::new_assert(Ipv4Addr::new(192, 168, 0, 0), 16),
];
/// Allowed prefix lengths.
// Assumed (vpc.cidr-max, subnet.cidr-mask): the limits are those of the vendor's VPC.
const MASK_BITS: std::ops::RangeInclusive<u8> = 16..=28;

/// The reason why a range is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadCidr {
    /// Not `a.b.c.d/m`.
    #[error("must be an IPv4 range such as 10.0.0.0/16")]
    Text,
    /// Host bits are set.
    #[error("has host bits set; did you mean {0}?")]
    HostBits(Ipv4Net),
    /// The mask is too short or too long.
    #[error("has a mask of {0} bits; must be 16 to 28")]
    Mask(u8),
    /// Not in a private range.
    #[error("must be within 10.0.0.0/8, 172.16.0.0/12, or 192.168.0.0/16")]
    Public,
}

/// A string that is not an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an IPv4 address such as 10.0.0.2")]
pub struct BadAddress;

/// Parses an address.
pub fn parse_address(text: &str) -> Result<Ipv4Addr, BadAddress> {
    // Assumed (vip.ipv6): an IPv6 address is malformed.
    text.parse().map_err(|_| BadAddress)
}

/// Parses a range. Fails if host bits are set.
pub fn parse(text: &str) -> Result<Ipv4Net, BadCidr> {
    let net = Ipv4Net::from_str(text).map_err(|_| BadCidr::Text)?;
    if net.trunc() == net { Ok(net) } else { Err(BadCidr::HostBits(net.trunc())) }
}

/// Fails if the product does not allow the prefix length.
pub fn check_mask(net: Ipv4Net) -> Result<(), BadCidr> {
    if MASK_BITS.contains(&net.prefix_len()) {
        Ok(())
    } else {
        Err(BadCidr::Mask(net.prefix_len()))
    }
}

/// Fails if a VPC cannot have the range.
pub fn check_vpc(net: Ipv4Net) -> Result<(), BadCidr> {
    check_mask(net)?;
    let is_private = PRIVATE.iter().any(|private| private.contains(&net));
    if is_private { Ok(()) } else { Err(BadCidr::Public) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("10.0.0.0/16", None)]
    #[case("172.31.255.240/28", None)]
    #[case("192.168.0.0/18", None)]
    #[case("10.0.0.0", Some(BadCidr::Text))]
    #[case("10.0.0.0/33", Some(BadCidr::Text))]
    #[case("fd00::/64", Some(BadCidr::Text))]
    #[case("10.0.0.1/24", Some(BadCidr::HostBits("10.0.0.0/24".parse().unwrap())))]
    #[case("10.0.0.0/8", Some(BadCidr::Mask(8)))]
    #[case("10.0.0.0/29", Some(BadCidr::Mask(29)))]
    #[case("172.32.0.0/16", Some(BadCidr::Public))]
    #[case("11.0.0.0/16", Some(BadCidr::Public))]
    fn a_vpc_has_a_private_range_of_16_to_28_bits(
        #[case] text: &str,
        #[case] error: Option<BadCidr>,
    ) {
        assert_eq!(parse(text).and_then(check_vpc).err(), error);
    }
}
