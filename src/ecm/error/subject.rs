//! Subjects of errors, and quotas.

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

/// A resource or other object as errors show it.
#[derive(Debug, Clone)]
pub struct Subject {
    text: String,
    codes: &'static SubjectCodes,
}

impl Subject {
    /// Creates the subject for the resource `id`, such as ``VPC `vpc-m0c2kcun` ``.
    pub fn of<I: ResourceId>(id: I) -> Self {
        let kind = I::Resource::KIND;
        Self::new(format!("{} `{id}`", kind.noun), &kind.codes)
    }

    /// Creates a subject for an object that has no table.
    pub(in crate::ecm) const fn new(text: String, codes: &'static SubjectCodes) -> Self {
        Self { text, codes }
    }

    /// Returns the codes of the errors about the subject.
    pub(super) const fn codes(&self) -> &'static SubjectCodes {
        self.codes
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Codes of the errors that every kind of subject has. The most specific code of a list is first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubjectCodes {
    /// The ID is malformed.
    pub malformed: &'static [Code],
    /// The subject does not exist.
    pub not_found: &'static [Code],
    /// The state of the subject does not allow the action.
    pub state: &'static [Code],
}

impl SubjectCodes {
    /// Codes of a kind without specific ones.
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

#[derive(Debug, Clone)]
pub enum QuotaScope {
    Of(Subject),
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

/// The kind of object that a quota limits.
#[derive(Debug, PartialEq, Eq)]
pub struct QuotaKind {
    /// Singular noun, such as `EIP`.
    pub noun: &'static str,
    /// Text after the noun, such as ` allocated today`.
    pub suffix: &'static str,
    /// Codes for an exceeded quota, the most specific first.
    pub codes: &'static [Code],
}

impl QuotaKind {
    /// Returns a count with its noun, such as `1 VPC` or `2 public IPs allocated today`.
    pub(super) fn counted(&self, count: usize) -> String {
        format!("{}{}", count_of(count, self.noun), self.suffix)
    }
}
