//! Why the product refuses a call, in the product's own terms.

use crate::protocol::{ApiError, Code};

use super::{
    codes,
    ids::{SubnetId, VpcId},
    pool::PoolError,
};

/// A refused call. A variant carries the facts; [`Error::code`] alone knows the wire codes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A parameter of the right type does not parse.
    #[error("{parameter}: {reason}")]
    Malformed {
        /// Dotted path.
        parameter: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A required text is empty.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// A text is longer than allowed.
    #[error("{parameter} has {chars} characters; at most {max} are allowed")]
    TooLong {
        /// Its wire name.
        parameter: &'static str,
        /// Its length.
        chars: usize,
        /// The limit.
        max: usize,
    },
    /// No such VPC.
    #[error("VPC `{0}`")]
    VpcNotFound(VpcId),
    /// No such subnet.
    #[error("subnet `{0}`")]
    SubnetNotFound(SubnetId),
    /// The subnet is another VPC's.
    #[error("subnet `{subnet}` is not in VPC `{vpc}`")]
    SubnetNotInVpc {
        /// Subnet asked for.
        subnet: SubnetId,
        /// VPC asked for.
        vpc: VpcId,
    },
    /// The VPC has as many HAVIPs as it may.
    #[error("VPC `{vpc}` has {count} HAVIPs; its quota is {quota}")]
    HaVipQuota {
        /// The VPC.
        vpc: VpcId,
        /// How many it has.
        count: usize,
        /// The quota.
        quota: usize,
    },
    /// The address cannot be had.
    #[error("subnet `{subnet}`: {reason}")]
    Address {
        /// Subnet that was asked for it.
        subnet: SubnetId,
        /// Why not.
        reason: PoolError,
    },
}

impl Error {
    /// The code on the wire.
    pub const fn code(&self) -> Code {
        match self {
            Self::Malformed { .. } => codes::MALFORMED,
            Self::Empty(_) => codes::INVALID_PARAMETER,
            Self::TooLong { .. } => codes::TOO_LONG,
            // Assumed: a subnet of another VPC is as good as none; no code of its own is listed.
            Self::VpcNotFound(_) | Self::SubnetNotFound(_) | Self::SubnetNotInVpc { .. } => {
                codes::RESOURCE_NOT_FOUND
            }
            Self::HaVipQuota { .. } => codes::LIMIT_EXCEEDED,
            Self::Address { reason, .. } => match reason {
                PoolError::Exhausted(_) => codes::RESOURCE_INSUFFICIENT,
                PoolError::Outside { .. } => codes::OBJECT_NOT_CURRENT_SUBNET,
                // Assumed: `CreateHaVip` lists no `.Reserved`, which other actions have.
                PoolError::Reserved { .. } => codes::INVALID_PARAMETER_VALUE,
                PoolError::InUse(_) => codes::DUPLICATE,
            },
        }
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        error.code().because(&error)
    }
}
