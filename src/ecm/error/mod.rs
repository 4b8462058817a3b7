//! Why the product refuses a call, in the product's own terms.

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

/// A refused call. The variants are the facts that several families share. A fact of one family is
/// in the folder of the family, with its codes.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A parameter of the right type does not parse.
    #[error("{parameter}: {reason}")]
    Malformed {
        /// Dotted path.
        parameter: String,
        /// The problem.
        reason: String,
    },
    /// A parameter has a value that cannot be used.
    #[error("{parameter}: {reason}")]
    Value {
        /// Wire name.
        parameter: &'static str,
        /// The problem.
        reason: String,
    },
    /// A required text or list is empty.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// A text is longer than allowed.
    #[error("{parameter} has {length} {unit}; at most {max} are allowed")]
    TooLong {
        /// Wire name.
        parameter: &'static str,
        /// Its length.
        length: usize,
        /// What is counted.
        unit: &'static str,
        /// The limit.
        max: usize,
    },
    /// A list has more items than allowed.
    #[error("{parameter} has {count} items; at most {max} are allowed")]
    TooMany {
        /// Wire name.
        parameter: &'static str,
        /// How many there are.
        count: usize,
        /// The limit.
        max: usize,
    },
    /// There are more filters, or more values of one, than allowed.
    #[error("{path} has {count} items; at most {max} are allowed")]
    TooManyFilters {
        /// Dotted path.
        path: String,
        /// How many there are.
        count: usize,
        /// The limit.
        max: usize,
    },
    /// Two parameters that exclude each other.
    #[error("{0} and {1} exclude each other")]
    Coexist(&'static str, &'static str),
    /// None of the parameters is there of which one must be.
    #[error("{0}")]
    MissingEntity(&'static str),
    /// No such region.
    #[error("EcmRegion: {0}")]
    Region(String),
    /// No such zone.
    #[error("Zone: {0}")]
    Zone(String),
    /// The zone is in another region.
    #[error("zone `{zone}` is not in region `{region}`")]
    ZoneElsewhere {
        /// Zone asked for.
        zone: Zone,
        /// Region of the call.
        region: Region,
    },
    /// A filter that cannot be used.
    #[error("{path}: {reason}")]
    Filter {
        /// Dotted path.
        path: String,
        /// The problem.
        reason: String,
    },
    /// `Offset` or `Limit` is out of range.
    #[error("{parameter} is {value}; {rule}")]
    Page {
        /// Wire name.
        parameter: &'static str,
        /// Its value.
        value: String,
        /// What it must be.
        rule: &'static str,
        /// Whether it is more than there may be.
        is_too_large: bool,
    },
    /// A resource does not exist.
    #[error("{0}")]
    NotFound(Subject),
    /// A resource is in another region.
    #[error("{resource} is not in region `{region}`")]
    Elsewhere {
        /// The resource.
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
    /// A quota is used up.
    #[error("{of} has {}{}; its quota is {quota}", what.counted(*count), asked(*more))]
    Quota {
        /// Scope of the quota.
        of: QuotaScope,
        /// Number of things in the scope.
        count: usize,
        /// Number of things that the call would add.
        more: usize,
        /// Things that the quota limits.
        what: &'static QuotaKind,
        /// The quota.
        quota: usize,
    },
    /// A subnet cannot lend an address.
    #[error("subnet `{subnet}`: {reason}")]
    Address {
        /// The subnet.
        subnet: SubnetId,
        /// The problem.
        reason: PoolError,
    },
    /// A resource is in use, so the change is not possible.
    #[error("{resource} {reason}")]
    InUse {
        /// The resource.
        resource: Subject,
        /// The use, such as `has 1 instance`.
        reason: String,
    },
    /// The state of a resource does not permit the change.
    #[error("{resource} is {state}")]
    State {
        /// The resource.
        resource: Subject,
        /// State of the resource.
        state: &'static str,
    },
    /// A fact of one family.
    #[error("{0}")]
    Family(Box<dyn Fact>),
}

/// A reason for which the actions of one family refuse a call.
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

/// Returns the end of a sentence if more than one is requested.
fn asked(more: usize) -> String {
    if more > 1 { format!(", and {more} more are asked for") } else { String::new() }
}
