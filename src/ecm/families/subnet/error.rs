//! Facts and codes of the errors about subnets.

use ipnet::Ipv4Net;

use crate::{
    ecm::{
        cidr::BadCidr,
        codes::{
            INVALID_REGION, INVALID_ZONE, LIMIT_EXCEEDED, OPERATION_NOT_ALLOW, RESOURCE_NOT_FOUND,
            SUBNET_CONFLICT, SUBNET_RANGE, VPC_MISMATCH,
        },
        error::{Fact, QuotaKind, SubjectCodes},
        ids::{SubnetId, VpcId},
        zones::{Region, Zone},
    },
    protocol::Code,
};

use super::Subnet;

impl Subnet {
    /// Codes of the errors about a subnet.
    pub(in crate::ecm) const CODES: SubjectCodes = SubjectCodes::DEFAULT;
}

/// Quota kind of the subnets in a VPC.
pub(in crate::ecm) const SUBNETS: QuotaKind =
    QuotaKind { noun: "subnet", suffix: "", codes: &[LIMIT_EXCEEDED] };

/// A reason why actions on subnets reject a call.
#[derive(Debug, thiserror::Error)]
pub(in crate::ecm) enum SubnetError {
    /// The VPC of a new subnet is in another region.
    #[error("VPC `{vpc}` is not in region `{region}`")]
    VpcElsewhere {
        /// VPC of the call.
        vpc: VpcId,
        /// Region of the call.
        region: Region,
    },
    /// The subnet is in another zone.
    #[error("subnet `{subnet}` is not in zone `{zone}`")]
    Elsewhere {
        /// Subnet of the call.
        subnet: SubnetId,
        /// Zone of the call.
        zone: Zone,
    },
    /// The zone has no default subnet.
    #[error("zone `{0}` has no default subnet")]
    NoDefault(Zone),
    /// The subnet is not within its VPC.
    #[error("{net} is not inside {vpc}, the range of its VPC")]
    Outside {
        /// Range of the subnet.
        net: Ipv4Net,
        /// Range of the VPC.
        vpc: Ipv4Net,
    },
    /// The subnet overlaps another subnet.
    #[error("{net} overlaps {other}, the range of `{sibling}`")]
    Overlap {
        /// Range of the subnet.
        net: Ipv4Net,
        sibling: SubnetId,
        /// Range of the other subnet.
        other: Ipv4Net,
    },
    /// The mask of the subnet is too long or too short.
    #[error("{net} {bad}")]
    Mask {
        /// Range of the subnet.
        net: Ipv4Net,
        /// Problem of the range.
        bad: BadCidr,
    },
    /// A vendor-created subnet cannot be deleted.
    #[error("subnet `{0}` was created by the vendor and cannot be deleted")]
    MadeByVendor(SubnetId),
}

impl Fact for SubnetError {
    fn codes(&self) -> &'static [Code] {
        match self {
            // Assumed (subnet.other-region): this is `VpcMismatch`.
            Self::VpcElsewhere { .. } => &[VPC_MISMATCH],
            // Assumed (subnet.other-zone): a subnet of another zone is not found. No code of its own is
            // listed.
            Self::Elsewhere { .. } => &[RESOURCE_NOT_FOUND],
            Self::NoDefault(_) => &[INVALID_ZONE, INVALID_REGION],
            Self::Outside { .. } | Self::Mask { .. } => &[SUBNET_RANGE],
            Self::Overlap { .. } => &[SUBNET_CONFLICT],
            Self::MadeByVendor(_) => &[OPERATION_NOT_ALLOW],
        }
    }
}
