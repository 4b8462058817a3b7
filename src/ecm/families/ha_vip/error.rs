//! Facts and codes of the errors about HAVIPs.

use crate::{
    ecm::{
        codes::{LIMIT_EXCEEDED, UNSUPPORTED_OPERATION},
        error::{Fact, QuotaKind, SubjectCodes},
        ids::{AddressId, HaVipId, NetworkInterfaceId},
    },
    protocol::Code,
};

use super::HaVip;

impl HaVip {
    /// Codes of the errors about a HAVIP.
    pub(in crate::ecm) const CODES: SubjectCodes = SubjectCodes::DEFAULT;
}

/// Quota kind of the HAVIPs in a VPC.
pub(in crate::ecm) const HA_VIPS: QuotaKind =
    QuotaKind { noun: "HAVIP", suffix: "", codes: &[LIMIT_EXCEEDED] };

/// A reason why actions on HAVIPs reject a call.
#[derive(Debug, thiserror::Error)]
pub(in crate::ecm) enum HaVipError {
    /// An EIP is bound to the HAVIP.
    #[error("HAVIP `{ha_vip}` has EIP `{address}`")]
    HasAddress {
        ha_vip: HaVipId,
        /// EIP that is bound to the HAVIP.
        address: AddressId,
    },
    /// The interface cannot announce the HAVIP.
    #[error("network interface `{interface}` cannot announce HAVIP `{ha_vip}`: {reason}")]
    Announcement {
        interface: NetworkInterfaceId,
        ha_vip: HaVipId,
        /// The reason why the interface cannot announce the HAVIP.
        reason: &'static str,
    },
}

impl Fact for HaVipError {
    fn codes(&self) -> &'static [Code] {
        match self {
            Self::HasAddress { .. } | Self::Announcement { .. } => &[UNSUPPORTED_OPERATION],
        }
    }
}
