//! Why the product refuses a call, in the product's own terms.

mod subject;
mod wire;

pub(in crate::ecm) use subject::counted;
pub use subject::{QuotaKind, QuotaScope, Subject, SubjectCodes};

use std::fmt;

use crate::protocol::Code;

use super::{
    ids::{SubnetId, VpcId},
    pool::PoolError,
    zones::{Region, Zone},
};

/// A refused call. The variants are the facts that several families share. A fact of
/// one family is in the folder of the family, with its codes.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A parameter of the right type does not parse.
    #[error("{parameter}: {reason}")]
    Malformed {
        /// Dotted path.
        parameter: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A parameter has a value that cannot be used.
    #[error("{parameter}: {reason}")]
    Value {
        /// Its wire name.
        parameter: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A required text or list is empty.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// A text is longer than allowed.
    #[error("{parameter} has {length} {unit}; at most {max} are allowed")]
    TooLong {
        /// Its wire name.
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
        /// Its wire name.
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
        /// Region asked for.
        region: Region,
    },
    /// A filter that cannot be used.
    #[error("{path}: {reason}")]
    Filter {
        /// Dotted path.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A page that cannot be had.
    #[error("{parameter} is {value}; {rule}")]
    Page {
        /// Its wire name.
        parameter: &'static str,
        /// Its value.
        value: String,
        /// What it must be.
        rule: &'static str,
        /// Whether it is more than there may be.
        is_too_large: bool,
    },
    /// No such thing.
    #[error("{0}")]
    NotFound(Subject),
    /// The thing is in another region.
    #[error("{resource} is not in region `{region}`")]
    Elsewhere {
        /// Thing asked for.
        resource: Subject,
        /// Region asked for.
        region: Region,
    },
    /// The subnet is another VPC's.
    #[error("subnet `{subnet}` is not in VPC `{vpc}`")]
    SubnetNotInVpc {
        /// Subnet asked for.
        subnet: SubnetId,
        /// VPC asked for.
        vpc: VpcId,
    },
    /// A quota is used up.
    #[error("{of} has {}{}; its quota is {quota}", what.counted(*count), asked(*more))]
    Quota {
        /// What the quota is of, such as a VPC.
        of: QuotaScope,
        /// How many it has.
        count: usize,
        /// How many more it would have.
        more: usize,
        /// Of what.
        what: &'static QuotaKind,
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
    /// Something is in the way of the change.
    #[error("{resource} {reason}")]
    InUse {
        /// What would change.
        resource: Subject,
        /// What is in the way.
        reason: String,
    },
    /// The thing is in a state in which it cannot be changed so.
    #[error("{resource} is {state}")]
    State {
        /// What would change.
        resource: Subject,
        /// Its state.
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
    /// Assumed: which code expresses which fact. The vendor documents the codes of each action with
    /// a phrase each, and not when they are returned.
    fn codes(&self) -> &'static [Code];
}

impl<F: Fact + 'static> From<F> for Error {
    fn from(fact: F) -> Self {
        Self::Family(Box::new(fact))
    }
}

/// That more than one is asked for.
fn asked(more: usize) -> String {
    if more > 1 { format!(", and {more} more are asked for") } else { String::new() }
}
