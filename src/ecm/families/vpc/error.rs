//! Codes of the errors about VPCs.

use crate::ecm::{
    codes::LIMIT_EXCEEDED,
    error::{QuotaKind, SubjectCodes},
};

use super::Vpc;

impl Vpc {
    /// Codes of the errors about a VPC.
    pub(in crate::ecm) const CODES: SubjectCodes = SubjectCodes::DEFAULT;
}

/// Quota kind of the VPCs in a region.
pub(in crate::ecm) const VPCS: QuotaKind =
    QuotaKind { noun: "VPC", suffix: "", codes: &[LIMIT_EXCEEDED] };
