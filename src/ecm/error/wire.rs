//! Which code says which fact.

use std::net::Ipv4Addr;

use crate::{
    ecm::{codes, pool::PoolError},
    protocol::{ApiError, Code},
};

use super::{Counted, Error, Resource};

/// What is said where nothing finer is documented for an action.
const ANY: &[Code] = &[
    codes::INVALID_PARAMETER_VALUE,
    codes::INVALID_PARAMETER,
    codes::MALFORMED,
    codes::INVALID_DATA_FORMAT,
];

impl Error {
    /// The error on the wire, of an action for which `documented` are the codes.
    ///
    /// Actions differ in the codes they have for one fact, so each fact has several, the finest
    /// first, and the first that is documented for the action is said.
    pub fn on_the_wire(&self, documented: &[Code]) -> ApiError {
        let candidates = || self.codes().iter().chain(ANY);
        let code = candidates().find(|code| documented.contains(code));
        code.or(self.codes().first()).unwrap_or(&codes::INVALID_PARAMETER).because(self)
    }

    /// Codes that say the fact, the finest first.
    ///
    /// Assumed: which code says which fact. The vendor documents the codes of each action with a
    /// phrase each, and not when they are answered.
    pub fn codes(&self) -> &'static [Code] {
        match self {
            Self::Malformed { parameter, .. } => match parameter.as_str() {
                "AddressId" => &[codes::MALFORMED, codes::INVAILD_ADDRESS_ID],
                "NetworkInterfaceId" => &[codes::MALFORMED, codes::INVAILD_ENI_ID],
                "InstanceId" => &[codes::MALFORMED, codes::INVALID_INSTANCE_ID],
                _ => &[codes::MALFORMED],
            },
            Self::Value { .. } | Self::TaskNotFound(_) => &[codes::INVALID_PARAMETER_VALUE],
            Self::Empty(_) => &[codes::INVALID_PARAMETER],
            Self::TooLong { .. } => &[codes::TOO_LONG],
            Self::TooMany { .. } => &[
                codes::FILTER_LIMIT_EXCEEDED,
                codes::INVALID_VALUE_LIMIT_EXCEEDED,
                codes::PARAMETER_VALUE_TOO_LARGE,
                codes::TOO_LONG,
            ],
            Self::Coexist(..) => &[codes::COEXIST, codes::INVALID_PARAMETER_CONFLICT],
            Self::TwoTargets => &[codes::INVALID_PARAMETER_CONFLICT, codes::COEXIST],
            Self::MissingEntity(_) => &[codes::MISSING_ASSOCIATE_ENTITY, codes::MISSING_PARAMETER],
            Self::MissingPrivateIp => {
                &[codes::MISSING_PRIVATE_IP_ADDRESS, codes::MISSING_PARAMETER]
            }
            Self::Region(..) => &[
                codes::INVALID_REGION,
                codes::INVALID_PARAMETER_VALUE,
                codes::INVALID_PUBLIC_PARAM,
            ],
            Self::Zone(..) | Self::ZoneElsewhere { .. } | Self::NoDefaultSubnet(_) => {
                &[codes::INVALID_ZONE, codes::INVALID_REGION]
            }
            Self::Filter { .. } => &[codes::INVALID_FILTER],
            Self::Page { .. } => {
                &[codes::INVAILD_PAGE_PARAM, codes::RANGE, codes::PARAMETER_VALUE_TOO_LARGE]
            }
            Self::OrderBy(_) => &[codes::INVALID_ORDER_BY_FIELD],
            Self::NotFound(resource) | Self::Elsewhere { resource, .. } => not_found(*resource),
            // Assumed: a subnet of another VPC is as good as none; no code of its own is listed.
            Self::SubnetNotInVpc { .. } | Self::SubnetElsewhere { .. } => {
                &[codes::RESOURCE_NOT_FOUND]
            }
            Self::NotOnInterface { .. } => not_found(Resource::PrivateIp(Ipv4Addr::UNSPECIFIED)),
            Self::VpcMismatch { .. } | Self::VpcElsewhere { .. } => &[codes::VPC_MISMATCH],
            Self::SubnetOutside { .. } | Self::SubnetMask { .. } => &[codes::SUBNET_RANGE],
            Self::SubnetOverlap { .. } => &[codes::SUBNET_CONFLICT],
            Self::Quota { what, .. } => quota(*what),
            Self::Address { reason, .. } => match reason {
                PoolError::Exhausted(_) => &[codes::RESOURCE_INSUFFICIENT],
                PoolError::Outside { .. } => &[codes::OBJECT_NOT_CURRENT_SUBNET, codes::RANGE],
                // Assumed: `CreateHaVip` lists neither, which other actions have.
                PoolError::Reserved { .. } => &[codes::RESERVED, codes::RANGE],
                PoolError::InUse(_) => &[codes::DUPLICATE, codes::RESOURCE_IN_USE],
            },
            Self::PublicExhausted => &[codes::IP_QUOTA_NOT_ENOUGH, codes::RESOURCE_INSUFFICIENT],
            Self::InUse { .. } => &[codes::RESOURCE_IN_USE, codes::UNSUPPORTED_OPERATION],
            Self::State { resource, .. } => state(*resource),
            Self::Attached { .. } => &[
                codes::ATTACHMENT_ALREADY_EXISTS,
                codes::RESOURCE_IN_USE,
                codes::UNSUPPORTED_OPERATION,
            ],
            Self::NotAttached { .. } => {
                &[codes::ATTACHMENT_NOT_FOUND, codes::INVALID_STATE, codes::UNSUPPORTED_OPERATION]
            }
            Self::Primary(_) => &[codes::UNSUPPORTED_OPERATION, codes::INVALID_STATE],
            Self::MadeByVendor(_) => &[codes::OPERATION_NOT_ALLOW],
            Self::SubnetMismatch(..)
            | Self::Announcement { .. }
            | Self::HasAddress { holder: Resource::HaVip(_), .. } => {
                &[codes::UNSUPPORTED_OPERATION]
            }
            Self::HasAddress { holder: Resource::Instance(_), .. } => {
                &[codes::ALREADY_BIND_EIP, codes::PRIVATE_IP_ADDRESS_BINDED]
            }
            Self::HasAddress { .. } | Self::HasPublicIp(_) => &[
                codes::INVALID_PRIVATE_IP_ADDRESS_ALREADY_BIND_EIP,
                codes::PRIVATE_IP_ADDRESS_BINDED,
                codes::ALREADY_BIND_EIP,
            ],
            Self::NoPrimaryInterface(_) => {
                &[codes::UNSUPPORTED_INSTANCE_ID_NOT_SUPPORTED, codes::OPERATION_NOT_ALLOW]
            }
            Self::Bandwidth(_) => &[codes::INVALID_BANDWIDTH, codes::BANDWIDTH_OUT_OF_RANGE],
            Self::AddressCount(_) => &[codes::INVALID_ADDRESS_COUNT],
        }
    }
}

const fn not_found(resource: Resource) -> &'static [Code] {
    match resource {
        Resource::Vpc(_) | Resource::Subnet(_) | Resource::HaVip(_) => &[codes::RESOURCE_NOT_FOUND],
        Resource::NetworkInterface(_) | Resource::PrivateIp(_) => {
            &[codes::INVALID_NETWORK_INTERFACE_ID_NOT_FOUND, codes::RESOURCE_NOT_FOUND]
        }
        Resource::Address(_) => &[codes::ADDRESS_ID_NOT_FOUND, codes::RESOURCE_NOT_FOUND],
        Resource::Instance(_) => {
            &[codes::INSTANCE_NOT_EXIST, codes::INSTANCE_ID_NOT_FOUND, codes::RESOURCE_NOT_FOUND]
        }
    }
}

const fn state(resource: Resource) -> &'static [Code] {
    match resource {
        Resource::Address(_) => &[
            codes::STATUS_NOT_PERMIT,
            codes::INVALID_STATUS,
            codes::OPERATION_NOT_ALLOW,
            codes::UNSUPPORTED_OPERATION,
        ],
        Resource::PrivateIp(_) => &[
            codes::PRIVATE_IP_ADDRESS_UNAVAILABLE,
            codes::INVALID_STATE,
            codes::MUTEX_OPERATION_TASK_RUNNING,
            codes::UNSUPPORTED_OPERATION,
        ],
        _ => &[
            codes::INVALID_STATE,
            codes::INVALID_STATUS,
            codes::MUTEX_OPERATION_TASK_RUNNING,
            codes::OPERATION_NOT_ALLOW,
            codes::UNSUPPORTED_OPERATION,
            codes::RESOURCE_IN_USE,
        ],
    }
}

const fn quota(what: Counted) -> &'static [Code] {
    match what {
        Counted::Vpcs | Counted::Subnets | Counted::HaVips => &[codes::LIMIT_EXCEEDED],
        Counted::NetworkInterfaces => &[codes::ENI_QUOTA_LIMIT_EXCEEDED, codes::LIMIT_EXCEEDED],
        Counted::PrivateIps => &[
            codes::PRIVATE_IP_QUOTA_LIMIT_EXCEEDED,
            codes::INVALID_VALUE_LIMIT_EXCEEDED,
            codes::LIMIT_EXCEEDED,
        ],
        Counted::Addresses => {
            &[codes::LIMIT_EXCEEDED_ADDRESS_QUOTA_LIMIT_EXCEEDED, codes::LIMIT_EXCEEDED]
        }
        Counted::AddressesToday => {
            &[codes::ADDRESS_QUOTA_LIMIT_EXCEEDED_DAILY_ALLOCATE, codes::LIMIT_EXCEEDED]
        }
        Counted::PublicIpsToday => &[codes::QUOTA_LIMIT_EXCEEDED, codes::LIMIT_EXCEEDED],
    }
}
