//! Things that errors are about, quotas, and family facts.

use std::fmt;

use crate::{
    ecm::{
        codes::{
            INVALID_PARAMETER_VALUE_MALFORMED, INVALID_STATE, INVALID_STATUS,
            MUTEX_OPERATION_TASK_RUNNING, OPERATION_NOT_ALLOW, RESOURCE_IN_USE, RESOURCE_NOT_FOUND,
            UNSUPPORTED_OPERATION, UNSUPPORTED_OPERATION_MALFORMED,
        },
        kinds::{Resource as _, ResourceId},
        zones::Region,
    },
    protocol::{Code, text::count_of},
};

/// A resource, or another thing that a call names, as errors show it.
#[derive(Debug, Clone)]
pub struct Subject {
    text: String,
    codes: &'static SubjectCodes,
}

impl Subject {
    /// The resource with an ID, such as ``VPC `vpc-m0c2kcun` ``.
    pub fn of<I: ResourceId>(id: I) -> Self {
        let kind = I::Resource::KIND;
        Self::new(format!("{} `{id}`", kind.noun), &kind.codes)
    }

    /// A thing that has no table.
    pub(in crate::ecm) const fn new(text: String, codes: &'static SubjectCodes) -> Self {
        Self { text, codes }
    }

    /// Codes of the errors about it.
    pub(super) const fn codes(&self) -> &'static SubjectCodes {
        self.codes
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Codes of the errors that every kind of subjects has. Of each list, the most specific code is
/// first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubjectCodes {
    /// The ID is malformed.
    pub malformed: &'static [Code],
    /// The subject does not exist.
    pub not_found: &'static [Code],
    /// The state of the subject does not permit the action.
    pub state: &'static [Code],
}

impl SubjectCodes {
    /// Codes of a kind that has none of its own.
    pub const DEFAULT: Self = Self {
        malformed: &[INVALID_PARAMETER_VALUE_MALFORMED, UNSUPPORTED_OPERATION_MALFORMED],
        not_found: &[RESOURCE_NOT_FOUND],
        state: &[
            INVALID_STATE,
            INVALID_STATUS,
            MUTEX_OPERATION_TASK_RUNNING,
            OPERATION_NOT_ALLOW,
            UNSUPPORTED_OPERATION,
            RESOURCE_IN_USE,
        ],
    };
}

/// Scope of a quota.
#[derive(Debug, Clone)]
pub enum QuotaScope {
    /// A resource.
    Of(Subject),
    /// A region.
    Region(Region),
    /// The account itself.
    Account,
}

impl fmt::Display for QuotaScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Of(subject) => subject.fmt(f),
            Self::Region(region) => write!(f, "region `{region}`"),
            Self::Account => f.write_str("the account"),
        }
    }
}

/// Things that a quota limits.
#[derive(Debug, PartialEq, Eq)]
pub struct QuotaKind {
    /// Noun of one of them, such as `EIP`.
    pub noun: &'static str,
    /// What follows the noun, such as ` given today`.
    pub suffix: &'static str,
    /// Codes of a quota that is used up, the most specific one first.
    pub codes: &'static [Code],
}

impl QuotaKind {
    /// Returns a number of them, such as `1 VPC` or `2 public IPs given today`.
    pub(super) fn counted(&self, count: usize) -> String {
        format!("{}{}", count_of(count, self.noun), self.suffix)
    }
}
