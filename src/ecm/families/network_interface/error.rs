//! Facts and codes of the errors about network interfaces and private IPs.

use std::net::Ipv4Addr;

use crate::{
    ecm::{
        codes::{
            ATTACHMENT_ALREADY_EXISTS, ATTACHMENT_NOT_FOUND, ENI_QUOTA_LIMIT_EXCEEDED,
            INVAILD_ENI_ID, INVALID_NETWORK_INTERFACE_ID_NOT_FOUND,
            INVALID_PARAMETER_VALUE_LIMIT_EXCEEDED, INVALID_PARAMETER_VALUE_MALFORMED,
            INVALID_STATE, LIMIT_EXCEEDED, MUTEX_OPERATION_TASK_RUNNING,
            PRIVATE_IP_ADDRESS_UNAVAILABLE, PRIVATE_IP_QUOTA_LIMIT_EXCEEDED, RESOURCE_IN_USE,
            RESOURCE_NOT_FOUND, UNSUPPORTED_OPERATION, UNSUPPORTED_OPERATION_MALFORMED,
            VPC_MISMATCH,
        },
        error::{Fact, QuotaKind, Subject, SubjectCodes},
        ids::{InstanceId, NetworkInterfaceId},
    },
    protocol::Code,
};

use super::NetworkInterface;

/// Codes of a network interface or private IP that does not exist.
const NOT_FOUND: &[Code] = &[INVALID_NETWORK_INTERFACE_ID_NOT_FOUND, RESOURCE_NOT_FOUND];

impl NetworkInterface {
    /// Codes of the errors about a network interface.
    pub(in crate::ecm) const CODES: SubjectCodes = SubjectCodes {
        malformed: &[
            INVALID_PARAMETER_VALUE_MALFORMED,
            INVAILD_ENI_ID,
            UNSUPPORTED_OPERATION_MALFORMED,
        ],
        not_found: NOT_FOUND,
        ..SubjectCodes::DEFAULT
    };
}

/// Codes of the errors about a private IP.
const PRIVATE_IP_CODES: SubjectCodes = SubjectCodes {
    not_found: NOT_FOUND,
    state: &[
        PRIVATE_IP_ADDRESS_UNAVAILABLE,
        INVALID_STATE,
        MUTEX_OPERATION_TASK_RUNNING,
        UNSUPPORTED_OPERATION,
    ],
    ..SubjectCodes::DEFAULT
};

/// Creates the subject for a private IP.
pub(in crate::ecm) fn private_ip(address: Ipv4Addr) -> Subject {
    Subject::new(format!("private IP {address}"), &PRIVATE_IP_CODES)
}

/// Quota kind of the network interfaces in a VPC or of an instance.
pub(in crate::ecm) const NETWORK_INTERFACES: QuotaKind = QuotaKind {
    noun: "network interface",
    suffix: "",
    codes: &[ENI_QUOTA_LIMIT_EXCEEDED, LIMIT_EXCEEDED],
};

/// Quota kind of the private IPs of a network interface.
pub(in crate::ecm) const PRIVATE_IPS: QuotaKind = QuotaKind {
    noun: "private IP",
    suffix: "",
    codes: &[
        PRIVATE_IP_QUOTA_LIMIT_EXCEEDED,
        INVALID_PARAMETER_VALUE_LIMIT_EXCEEDED,
        LIMIT_EXCEEDED,
    ],
};

/// A reason why actions on network interfaces reject a call.
#[derive(Debug, thiserror::Error)]
pub(in crate::ecm) enum NetworkInterfaceError {
    /// A new interface would have more private IPs than any interface can have.
    #[error("{asked} private IPs are requested; a network interface can have at most {max}")]
    PrivateIps {
        /// Number of private IPs in the call.
        asked: usize,
        max: usize,
    },
    /// The interface does not have the address.
    #[error("{address} is not on network interface `{interface}`")]
    NotOnInterface {
        /// Address of the call.
        address: Ipv4Addr,
        /// Interface of the call.
        interface: NetworkInterfaceId,
    },
    /// The interface and the instance are in different VPCs.
    #[error("network interface `{interface}` and instance `{instance}` are not in the same VPC")]
    VpcMismatch { interface: NetworkInterfaceId, instance: InstanceId },
    /// The interface is attached to an instance.
    #[error("network interface `{interface}` is attached to instance `{instance}`")]
    Attached {
        interface: NetworkInterfaceId,
        /// The instance of the interface.
        instance: InstanceId,
    },
    /// The interface is not attached to the instance.
    #[error("network interface `{interface}` is not attached to instance `{instance}`")]
    NotAttached {
        interface: NetworkInterfaceId,
        /// Instance of the call.
        instance: InstanceId,
    },
    /// A primary interface or private IP cannot be detached, moved, or removed.
    #[error("{0} is primary and cannot be detached, moved, or removed")]
    Primary(Subject),
    /// The destination interface already has the address.
    #[error("{address} is already on network interface `{interface}`")]
    AlreadyThere {
        address: Ipv4Addr,
        /// The interface of the address.
        interface: NetworkInterfaceId,
    },
    /// The interfaces are in different subnets.
    #[error("network interfaces `{0}` and `{1}` are not in the same subnet")]
    SubnetMismatch(NetworkInterfaceId, NetworkInterfaceId),
}

impl Fact for NetworkInterfaceError {
    fn codes(&self) -> &'static [Code] {
        match self {
            Self::PrivateIps { .. } => PRIVATE_IPS.codes,
            Self::NotOnInterface { .. } => NOT_FOUND,
            Self::VpcMismatch { .. } => &[VPC_MISMATCH],
            Self::Attached { .. } => {
                &[ATTACHMENT_ALREADY_EXISTS, RESOURCE_IN_USE, UNSUPPORTED_OPERATION]
            }
            Self::NotAttached { .. } => {
                &[ATTACHMENT_NOT_FOUND, INVALID_STATE, UNSUPPORTED_OPERATION]
            }
            Self::Primary(_) => &[UNSUPPORTED_OPERATION, INVALID_STATE],
            Self::AlreadyThere { .. } | Self::SubnetMismatch(..) => &[UNSUPPORTED_OPERATION],
        }
    }
}
