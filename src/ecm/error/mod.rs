//! Errors of the product, independent of HTTP and error codes.

mod subject;
mod wire;

pub use subject::{QuotaKind, QuotaScope, Subject, SubjectCodes};

use std::fmt;

use crate::protocol::Code;

use super::{
    ids::{SubnetId, VpcId},
    pool::PoolError,
    zones::{Region, Zone},
};

/// A reason why a call is rejected. The variants are facts that several families share. Facts of a
/// single family are in the family's folder, with their codes.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A parameter has the right type but is malformed.
    #[error("{parameter}: {reason}")]
    Malformed {
        /// Dotted path.
        parameter: String,
        reason: String,
    },
    /// A parameter has an invalid value.
    #[error("{parameter}: {reason}")]
    Value {
        /// Name of the parameter.
        parameter: &'static str,
        reason: String,
    },
    /// A required string or list is empty.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// A string is longer than allowed.
    #[error("{parameter} has {length} {unit}; at most {max} are allowed")]
    TooLong {
        /// Name of the parameter.
        parameter: &'static str,
        /// Length of the string.
        length: usize,
        /// Unit of the length, such as `bytes`.
        unit: &'static str,
        max: usize,
    },
    /// A list has more items than allowed.
    #[error("{parameter} has {count} items; at most {max} are allowed")]
    TooMany {
        /// Name of the parameter.
        parameter: &'static str,
        /// Number of items.
        count: usize,
        max: usize,
    },
    /// A call has too many filters, or a filter too many values.
    #[error("{path} has {count} items; at most {max} are allowed")]
    TooManyFilters {
        /// Dotted path.
        path: String,
        /// Number of items.
        count: usize,
        max: usize,
    },
    /// Two parameters are mutually exclusive.
    #[error("{0} and {1} are mutually exclusive")]
    Coexist(&'static str, &'static str),
    /// All of several parameters are missing, and one is required.
    #[error("{0}")]
    MissingEntity(&'static str),
    /// The region is unknown.
    #[error("EcmRegion: {0}")]
    Region(String),
    /// The zone is unknown.
    #[error("Zone: {0}")]
    Zone(String),
    /// The zone is in another region.
    #[error("zone `{zone}` is not in region `{region}`")]
    ZoneElsewhere {
        /// Zone of the call.
        zone: Zone,
        /// Region of the call.
        region: Region,
    },
    /// A filter is invalid.
    #[error("{path}: {reason}")]
    Filter {
        /// Dotted path.
        path: String,
        reason: String,
    },
    /// `Offset` or `Limit` is out of range.
    #[error("{parameter} is {value}; {rule}")]
    Page {
        /// Name of the parameter.
        parameter: &'static str,
        /// Value of the parameter.
        value: String,
        /// The requirement, such as `it must be 0 or more`.
        rule: &'static str,
        /// Whether the value is above the maximum.
        is_too_large: bool,
    },
    /// A resource does not exist.
    #[error("{0}")]
    NotFound(Subject),
    /// A resource is in another region.
    #[error("{resource} is not in region `{region}`")]
    Elsewhere {
        resource: Subject,
        /// Region of the call.
        region: Region,
    },
    /// A subnet is in another VPC.
    #[error("subnet `{subnet}` is not in VPC `{vpc}`")]
    SubnetNotInVpc {
        /// Subnet of the call.
        subnet: SubnetId,
        /// VPC of the call.
        vpc: VpcId,
    },
    /// A quota is exceeded.
    #[error("{of} has {}{}; its quota is {quota}", what.counted(*count), asked(*more))]
    Quota {
        of: QuotaScope,
        /// Number of objects in the scope.
        count: usize,
        /// Number of objects that the call would add.
        more: usize,
        /// Kind of object that the quota limits.
        what: &'static QuotaKind,
        quota: usize,
    },
    /// An address of a subnet cannot be allocated.
    #[error("subnet `{subnet}`: {reason}")]
    Address { subnet: SubnetId, reason: PoolError },
    /// A resource is in use.
    #[error("{resource} {reason}")]
    InUse {
        resource: Subject,
        /// The use, such as `has 1 instance`.
        reason: String,
    },
    /// The state of a resource does not allow the call.
    #[error("{resource} is {state}")]
    State {
        resource: Subject,
        /// State of the resource.
        state: &'static str,
    },
    /// A fact of one family.
    #[error("{0}")]
    Family(Box<dyn Fact>),
}

/// A reason why the actions of one family reject a call.
pub trait Fact: fmt::Debug + fmt::Display + Send + Sync {
    /// Codes that express the fact, the most specific one first.
    ///
    /// Assumed (api.fact-code): these codes express the fact. The vendor documents the codes of each
    /// action with a phrase each, but not when they are returned.
    fn codes(&self) -> &'static [Code];
}

impl<F: Fact + 'static> From<F> for Error {
    fn from(fact: F) -> Self {
        Self::Family(Box::new(fact))
    }
}

/// Returns the part of the message about requested resources, if more than one is requested.
fn asked(more: usize) -> String {
    if more > 1 { format!(", and {more} more are requested") } else { String::new() }
}
