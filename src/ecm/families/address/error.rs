//! Facts and codes of the errors about EIPs.

use std::{fmt, net::Ipv4Addr};

use crate::{
    ecm::{
        codes::{
            ADDRESS_ID_NOT_FOUND, ADDRESS_QUOTA_LIMIT_EXCEEDED_DAILY_ALLOCATE, ALREADY_BIND_EIP,
            BANDWIDTH_OUT_OF_RANGE, COEXIST, INVAILD_ADDRESS_ID, INVALID_ADDRESS_COUNT,
            INVALID_BANDWIDTH, INVALID_PARAMETER_CONFLICT, INVALID_PARAMETER_VALUE,
            INVALID_PARAMETER_VALUE_MALFORMED, INVALID_PRIVATE_IP_ADDRESS_ALREADY_BIND_EIP,
            INVALID_STATUS, IP_QUOTA_NOT_ENOUGH, LIMIT_EXCEEDED,
            LIMIT_EXCEEDED_ADDRESS_QUOTA_LIMIT_EXCEEDED, MISSING_PARAMETER,
            MISSING_PRIVATE_IP_ADDRESS, MUTEX_OPERATION_TASK_RUNNING, OPERATION_NOT_ALLOW,
            PRIVATE_IP_ADDRESS_BINDED, QUOTA_LIMIT_EXCEEDED, RESOURCE_INSUFFICIENT,
            RESOURCE_NOT_FOUND, STATUS_NOT_PERMIT, UNSUPPORTED_OPERATION,
            UNSUPPORTED_OPERATION_INSTANCE_ID_NOT_SUPPORTED, UNSUPPORTED_OPERATION_MALFORMED,
        },
        error::{Fact, QuotaKind, Subject, SubjectCodes},
        families::network_interface::private_ip,
        ids::{AddressId, InstanceId, TaskId},
    },
    protocol::Code,
};

use super::Address;

impl Address {
    /// Codes of the errors about an EIP.
    pub(in crate::ecm) const CODES: SubjectCodes = SubjectCodes {
        malformed: &[
            INVALID_PARAMETER_VALUE_MALFORMED,
            INVAILD_ADDRESS_ID,
            UNSUPPORTED_OPERATION_MALFORMED,
        ],
        not_found: &[ADDRESS_ID_NOT_FOUND, RESOURCE_NOT_FOUND],
        state: &[
            STATUS_NOT_PERMIT,
            INVALID_STATUS,
            MUTEX_OPERATION_TASK_RUNNING,
            OPERATION_NOT_ALLOW,
            UNSUPPORTED_OPERATION,
        ],
    };
}

/// Quota kind of the EIPs in a region.
pub(in crate::ecm) const ADDRESSES: QuotaKind = QuotaKind {
    noun: "EIP",
    suffix: "",
    codes: &[LIMIT_EXCEEDED_ADDRESS_QUOTA_LIMIT_EXCEEDED, LIMIT_EXCEEDED],
};

/// Quota kind of the public IPs of an instance, whether EIPs or general public IPs.
pub(in crate::ecm) const PUBLIC_IPS: QuotaKind =
    QuotaKind { noun: "public IP", suffix: "", codes: ADDRESSES.codes };

/// Quota kind of the EIPs allocated in a region today.
pub(in crate::ecm) const ADDRESSES_TODAY: QuotaKind = QuotaKind {
    noun: "EIP",
    suffix: " allocated today",
    codes: &[ADDRESS_QUOTA_LIMIT_EXCEEDED_DAILY_ALLOCATE, LIMIT_EXCEEDED],
};

/// Quota kind of the general public IPs allocated in a region today.
pub(in crate::ecm) const PUBLIC_IPS_TODAY: QuotaKind = QuotaKind {
    noun: "public IP",
    suffix: " allocated today",
    codes: &[QUOTA_LIMIT_EXCEEDED, LIMIT_EXCEEDED],
};

/// A reason why actions on EIPs reject a call.
#[derive(Debug, thiserror::Error)]
pub(in crate::ecm) enum AddressError {
    /// A call names two targets for one EIP.
    #[error("InstanceId and NetworkInterfaceId are mutually exclusive")]
    TwoTargets,
    /// A call names an interface without a private IP.
    #[error("NetworkInterfaceId requires PrivateIpAddress")]
    MissingPrivateIp,
    /// The task does not exist.
    #[error("task `{0}` does not exist")]
    TaskNotFound(TaskId),
    /// No public IP is left.
    #[error("no public address is left")]
    PublicExhausted,
    /// The vendor has blocked the EIP, so it cannot be unbound.
    #[error("EIP `{0}` is blocked")]
    Blocked(AddressId),
    /// Another EIP is bound to the target.
    #[error("{target} has EIP `{address}`")]
    HasAddress {
        /// Target of the call.
        target: NamedTarget,
        /// EIP that is bound to the target.
        address: AddressId,
    },
    /// The private IP has a general public IP.
    #[error("{} has a public IP", private_ip(*.0))]
    HasPublicIp(Ipv4Addr),
    /// The instance has no interface to bind an EIP to.
    #[error("instance `{0}` has no primary network interface")]
    NoPrimaryInterface(InstanceId),
    /// The bandwidth is out of range.
    #[error("InternetMaxBandwidthOut is {0}; must be 1 to 5000")]
    Bandwidth(u64),
    /// A call allocates several EIPs and names a target to bind.
    #[error("AddressCount is {0}; must be 1 when a binding target is given")]
    AddressCount(u64),
}

/// Target of an EIP, as a call names it.
#[derive(Debug, Clone, Copy)]
pub(in crate::ecm) enum NamedTarget {
    /// An instance, which stands for its primary private IP.
    Instance(InstanceId),
    PrivateIp(Ipv4Addr),
}

impl fmt::Display for NamedTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instance(id) => Subject::of(*id).fmt(f),
            Self::PrivateIp(address) => private_ip(*address).fmt(f),
        }
    }
}

impl Fact for AddressError {
    fn codes(&self) -> &'static [Code] {
        match self {
            Self::TwoTargets => &[INVALID_PARAMETER_CONFLICT, COEXIST],
            Self::MissingPrivateIp => &[MISSING_PRIVATE_IP_ADDRESS, MISSING_PARAMETER],
            // Assumed (task.unknown): this is `InvalidParameterValue`.
            Self::TaskNotFound(_) => &[INVALID_PARAMETER_VALUE],
            Self::PublicExhausted => &[IP_QUOTA_NOT_ENOUGH, RESOURCE_INSUFFICIENT],
            Self::Blocked(_) => &[STATUS_NOT_PERMIT, UNSUPPORTED_OPERATION, OPERATION_NOT_ALLOW],
            Self::HasAddress { target: NamedTarget::Instance(_), .. } => {
                &[ALREADY_BIND_EIP, PRIVATE_IP_ADDRESS_BINDED]
            }
            Self::HasAddress { target: NamedTarget::PrivateIp(_), .. } | Self::HasPublicIp(_) => &[
                INVALID_PRIVATE_IP_ADDRESS_ALREADY_BIND_EIP,
                PRIVATE_IP_ADDRESS_BINDED,
                ALREADY_BIND_EIP,
            ],
            Self::NoPrimaryInterface(_) => &[
                UNSUPPORTED_OPERATION_INSTANCE_ID_NOT_SUPPORTED,
                UNSUPPORTED_OPERATION_MALFORMED,
                OPERATION_NOT_ALLOW,
            ],
            Self::Bandwidth(_) => &[INVALID_BANDWIDTH, BANDWIDTH_OUT_OF_RANGE],
            Self::AddressCount(_) => &[INVALID_ADDRESS_COUNT],
        }
    }
}
