//! Which code says which fact.

use std::net::Ipv4Addr;

use crate::{
    ecm::{
        codes::{
            ADDRESS_ID_NOT_FOUND, ADDRESS_QUOTA_LIMIT_EXCEEDED_DAILY_ALLOCATE, ALREADY_BIND_EIP,
            ATTACHMENT_ALREADY_EXISTS, ATTACHMENT_NOT_FOUND, BANDWIDTH_OUT_OF_RANGE, COEXIST,
            DUPLICATE, ENI_QUOTA_LIMIT_EXCEEDED, FILTER_LIMIT_EXCEEDED, INSTANCE_ID_NOT_FOUND,
            INSTANCE_NOT_EXIST, INVAILD_ADDRESS_ID, INVAILD_ENI_ID, INVAILD_PAGE_PARAM,
            INVALID_ADDRESS_COUNT, INVALID_BANDWIDTH, INVALID_DATA_FORMAT, INVALID_FILTER,
            INVALID_INSTANCE_ID, INVALID_NETWORK_INTERFACE_ID_NOT_FOUND, INVALID_ORDER_BY_FIELD,
            INVALID_PARAMETER, INVALID_PARAMETER_CONFLICT, INVALID_PARAMETER_VALUE,
            INVALID_PARAMETER_VALUE_LIMIT_EXCEEDED, INVALID_PARAMETER_VALUE_MALFORMED,
            INVALID_PRIVATE_IP_ADDRESS_ALREADY_BIND_EIP, INVALID_PUBLIC_PARAM, INVALID_REGION,
            INVALID_STATE, INVALID_STATUS, INVALID_ZONE, IP_QUOTA_NOT_ENOUGH, LIMIT_EXCEEDED,
            LIMIT_EXCEEDED_ADDRESS_QUOTA_LIMIT_EXCEEDED, MISSING_ASSOCIATE_ENTITY,
            MISSING_PARAMETER, MISSING_PRIVATE_IP_ADDRESS, MUTEX_OPERATION_TASK_RUNNING,
            OBJECT_NOT_CURRENT_SUBNET, OPERATION_NOT_ALLOW, PARAMETER_VALUE_TOO_LARGE,
            PRIVATE_IP_ADDRESS_BINDED, PRIVATE_IP_ADDRESS_UNAVAILABLE,
            PRIVATE_IP_QUOTA_LIMIT_EXCEEDED, QUOTA_LIMIT_EXCEEDED, RANGE, RESERVED,
            RESOURCE_IN_USE, RESOURCE_INSUFFICIENT, RESOURCE_NOT_FOUND, STATUS_NOT_PERMIT,
            SUBNET_CONFLICT, SUBNET_RANGE, TOO_LONG, UNSUPPORTED_OPERATION,
            UNSUPPORTED_OPERATION_INSTANCE_ID_NOT_SUPPORTED, UNSUPPORTED_OPERATION_MALFORMED,
            VPC_MISMATCH,
        },
        pool::PoolError,
    },
    protocol::{ApiError, Code},
};

use super::{Counted, Error, Resource};

/// What is said where nothing finer is documented for an action.
const ANY: &[Code] = &[
    INVALID_PARAMETER_VALUE,
    INVALID_PARAMETER,
    INVALID_PARAMETER_VALUE_MALFORMED,
    INVALID_DATA_FORMAT,
];

impl Error {
    /// The error on the wire, of an action for which `documented` are the codes.
    ///
    /// Actions differ in the codes they have for one fact, so each fact has several, the finest
    /// first, and the first that is documented for the action is said.
    pub fn on_the_wire(&self, documented: &[Code]) -> ApiError {
        let mut candidates = self.codes().iter().chain(ANY);
        let code = candidates.find(|code| documented.contains(code));
        // A test says that every action has one of the last.
        code.unwrap_or(&INVALID_PARAMETER).because(self)
    }

    /// Codes that say the fact, the finest first.
    ///
    /// Assumed: which code says which fact. The vendor documents the codes of each action with a
    /// phrase each, and not when they are answered.
    pub fn codes(&self) -> &'static [Code] {
        match self {
            Self::Malformed { parameter, .. } => malformed(parameter),
            Self::Value { .. } | Self::TaskNotFound(_) => &[INVALID_PARAMETER_VALUE],
            Self::Empty(_) => &[INVALID_PARAMETER],
            Self::TooLong { .. } => &[TOO_LONG],
            Self::TooMany { .. } => {
                &[INVALID_PARAMETER_VALUE_LIMIT_EXCEEDED, PARAMETER_VALUE_TOO_LARGE, TOO_LONG]
            }
            Self::TooManyFilters { .. } => {
                &[FILTER_LIMIT_EXCEEDED, INVALID_FILTER, PARAMETER_VALUE_TOO_LARGE]
            }
            Self::PrivateIps { .. } => quota(Counted::PrivateIps),
            Self::Coexist(..) => &[COEXIST, INVALID_PARAMETER_CONFLICT, INVALID_PARAMETER],
            Self::TwoTargets => &[INVALID_PARAMETER_CONFLICT, COEXIST],
            Self::MissingEntity(_) => &[MISSING_ASSOCIATE_ENTITY, MISSING_PARAMETER],
            Self::MissingPrivateIp => &[MISSING_PRIVATE_IP_ADDRESS, MISSING_PARAMETER],
            Self::Region(_) => &[INVALID_REGION, INVALID_PARAMETER_VALUE, INVALID_PUBLIC_PARAM],
            Self::Zone(_) | Self::ZoneElsewhere { .. } | Self::NoDefaultSubnet(_) => {
                &[INVALID_ZONE, INVALID_REGION]
            }
            Self::Filter { .. } => &[INVALID_FILTER],
            Self::Page { is_too_large: false, .. } => {
                &[INVAILD_PAGE_PARAM, RANGE, INVALID_PARAMETER_VALUE]
            }
            Self::Page { .. } => &[INVAILD_PAGE_PARAM, RANGE, PARAMETER_VALUE_TOO_LARGE],
            Self::OrderBy(_) => &[INVALID_ORDER_BY_FIELD],
            Self::NotFound(resource) | Self::Elsewhere { resource, .. } => not_found(*resource),
            // Assumed: a subnet of another VPC is as good as none; no code of its own is listed.
            Self::SubnetNotInVpc { .. } | Self::SubnetElsewhere { .. } => &[RESOURCE_NOT_FOUND],
            Self::NotOnInterface { .. } => not_found(Resource::PrivateIp(Ipv4Addr::UNSPECIFIED)),
            Self::VpcMismatch { .. } | Self::VpcElsewhere { .. } => &[VPC_MISMATCH],
            Self::SubnetOutside { .. } | Self::SubnetMask { .. } => &[SUBNET_RANGE],
            Self::SubnetOverlap { .. } => &[SUBNET_CONFLICT],
            Self::Quota { what, .. } => quota(*what),
            Self::Address { reason, .. } => address(*reason),
            Self::PublicExhausted => &[IP_QUOTA_NOT_ENOUGH, RESOURCE_INSUFFICIENT],
            Self::InUse { .. } => &[RESOURCE_IN_USE, UNSUPPORTED_OPERATION],
            Self::State { resource, .. } => state(*resource),
            Self::Blocked(_) => &[STATUS_NOT_PERMIT, UNSUPPORTED_OPERATION, OPERATION_NOT_ALLOW],
            Self::Attached { .. } => {
                &[ATTACHMENT_ALREADY_EXISTS, RESOURCE_IN_USE, UNSUPPORTED_OPERATION]
            }
            Self::NotAttached { .. } => {
                &[ATTACHMENT_NOT_FOUND, INVALID_STATE, UNSUPPORTED_OPERATION]
            }
            Self::Primary(_) => &[UNSUPPORTED_OPERATION, INVALID_STATE],
            Self::MadeByVendor(_) => &[OPERATION_NOT_ALLOW],
            Self::AlreadyThere { .. }
            | Self::SubnetMismatch(..)
            | Self::Announcement { .. }
            | Self::HasAddress { holder: Resource::HaVip(_), .. } => &[UNSUPPORTED_OPERATION],
            Self::HasAddress { holder: Resource::Instance(_), .. } => {
                &[ALREADY_BIND_EIP, PRIVATE_IP_ADDRESS_BINDED]
            }
            Self::HasAddress { .. } | Self::HasPublicIp(_) => &[
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

fn malformed(parameter: &str) -> &'static [Code] {
    match parameter {
        "AddressId" => &[
            INVALID_PARAMETER_VALUE_MALFORMED,
            INVAILD_ADDRESS_ID,
            UNSUPPORTED_OPERATION_MALFORMED,
        ],
        "NetworkInterfaceId" => {
            &[INVALID_PARAMETER_VALUE_MALFORMED, INVAILD_ENI_ID, UNSUPPORTED_OPERATION_MALFORMED]
        }
        "InstanceId" => &[
            INVALID_PARAMETER_VALUE_MALFORMED,
            INVALID_INSTANCE_ID,
            UNSUPPORTED_OPERATION_MALFORMED,
        ],
        _ => &[INVALID_PARAMETER_VALUE_MALFORMED, UNSUPPORTED_OPERATION_MALFORMED],
    }
}

const fn address(reason: PoolError) -> &'static [Code] {
    match reason {
        PoolError::Exhausted(_) => &[RESOURCE_INSUFFICIENT],
        PoolError::Outside { .. } => &[OBJECT_NOT_CURRENT_SUBNET, RANGE],
        // Assumed: `CreateHaVip` lists neither, which other actions have.
        PoolError::Reserved { .. } => &[RESERVED, RANGE],
        PoolError::InUse(_) => &[DUPLICATE, RESOURCE_IN_USE],
    }
}

const fn not_found(resource: Resource) -> &'static [Code] {
    match resource {
        Resource::Vpc(_) | Resource::Subnet(_) | Resource::HaVip(_) => &[RESOURCE_NOT_FOUND],
        Resource::NetworkInterface(_) | Resource::PrivateIp(_) => {
            &[INVALID_NETWORK_INTERFACE_ID_NOT_FOUND, RESOURCE_NOT_FOUND]
        }
        Resource::Address(_) => &[ADDRESS_ID_NOT_FOUND, RESOURCE_NOT_FOUND],
        Resource::Instance(_) => &[INSTANCE_NOT_EXIST, INSTANCE_ID_NOT_FOUND, RESOURCE_NOT_FOUND],
    }
}

const fn state(resource: Resource) -> &'static [Code] {
    match resource {
        Resource::Address(_) => &[
            STATUS_NOT_PERMIT,
            INVALID_STATUS,
            MUTEX_OPERATION_TASK_RUNNING,
            OPERATION_NOT_ALLOW,
            UNSUPPORTED_OPERATION,
        ],
        Resource::PrivateIp(_) => &[
            PRIVATE_IP_ADDRESS_UNAVAILABLE,
            INVALID_STATE,
            MUTEX_OPERATION_TASK_RUNNING,
            UNSUPPORTED_OPERATION,
        ],
        _ => &[
            INVALID_STATE,
            INVALID_STATUS,
            MUTEX_OPERATION_TASK_RUNNING,
            OPERATION_NOT_ALLOW,
            UNSUPPORTED_OPERATION,
            RESOURCE_IN_USE,
        ],
    }
}

const fn quota(what: Counted) -> &'static [Code] {
    match what {
        Counted::Vpcs | Counted::Subnets | Counted::HaVips => &[LIMIT_EXCEEDED],
        Counted::NetworkInterfaces => &[ENI_QUOTA_LIMIT_EXCEEDED, LIMIT_EXCEEDED],
        Counted::PrivateIps => &[
            PRIVATE_IP_QUOTA_LIMIT_EXCEEDED,
            INVALID_PARAMETER_VALUE_LIMIT_EXCEEDED,
            LIMIT_EXCEEDED,
        ],
        Counted::Addresses | Counted::PublicIps => {
            &[LIMIT_EXCEEDED_ADDRESS_QUOTA_LIMIT_EXCEEDED, LIMIT_EXCEEDED]
        }
        Counted::AddressesToday => &[ADDRESS_QUOTA_LIMIT_EXCEEDED_DAILY_ALLOCATE, LIMIT_EXCEEDED],
        Counted::PublicIpsToday => &[QUOTA_LIMIT_EXCEEDED, LIMIT_EXCEEDED],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecm::CATALOG;

    #[test]
    fn every_action_has_a_code_for_any_fact() {
        for entry in CATALOG.entries() {
            assert!(
                ANY.iter().any(|code| CATALOG.codes(entry.model.name).contains(code)),
                "{}",
                entry.model.name
            );
        }
    }
}
