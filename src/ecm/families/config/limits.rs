//! Network limits of instances, by number of vCPUs.

/// Network limits of instances with a given number of vCPUs. See `DescribeConfig`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkLimits {
    /// Number of vCPUs.
    pub vcpus: u64,
    /// Maximum number of network interfaces per instance.
    pub network_interfaces: usize,
    /// Maximum number of private IPs per network interface.
    pub private_ips: usize,
    /// Maximum number of EIPs per instance.
    pub public_ips: usize,
}

const fn limits(
    vcpus: u64,
    network_interfaces: usize,
    private_ips: usize,
    public_ips: usize,
) -> NetworkLimits {
    NetworkLimits { vcpus, network_interfaces, private_ips, public_ips }
}

const LARGEST: NetworkLimits = limits(256, 8, 20, 4);

/// Limits from the vendor's example of `DescribeConfig`.
pub const NETWORK_LIMITS: [NetworkLimits; 12] = [
    limits(1, 2, 2, 1),
    limits(2, 2, 10, 1),
    limits(4, 3, 10, 3),
    limits(8, 4, 10, 3),
    limits(16, 6, 10, 4),
    limits(24, 6, 10, 4),
    limits(32, 8, 20, 4),
    limits(48, 8, 20, 4),
    limits(64, 8, 20, 4),
    limits(96, 8, 20, 4),
    limits(128, 8, 20, 4),
    LARGEST,
];

impl NetworkLimits {
    /// Returns the limits of an instance with `vcpus` vCPUs.
    ///
    /// Assumed (eni.limits-between): a number of processors that is not listed has the limits of the
    /// next smaller number.
    ///
    /// Assumed (eni.limits-unknown): the largest limits apply to an instance of unknown size, and to
    /// an interface without an instance.
    pub fn of(vcpus: Option<u64>) -> Self {
        let Some(vcpus) = vcpus else { return LARGEST };
        let fits = |it: &&Self| it.vcpus <= vcpus;
        NETWORK_LIMITS.iter().rev().find(fits).copied().unwrap_or(NETWORK_LIMITS[0])
    }
}
