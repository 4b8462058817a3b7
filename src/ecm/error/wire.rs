//! Codes of the shared facts, and the choice of a code that the action documents.

use crate::{
    ecm::{
        codes::{
            COEXIST, DUPLICATE, FILTER_LIMIT_EXCEEDED, INTERNAL_OPERATION_FAILURE,
            INVAILD_PAGE_PARAM, INVALID_DATA_FORMAT, INVALID_FILTER, INVALID_PARAMETER,
            INVALID_PARAMETER_CONFLICT, INVALID_PARAMETER_VALUE,
            INVALID_PARAMETER_VALUE_LIMIT_EXCEEDED, INVALID_PARAMETER_VALUE_MALFORMED,
            INVALID_PUBLIC_PARAM, INVALID_REGION, INVALID_ZONE, MISSING_ASSOCIATE_ENTITY,
            MISSING_PARAMETER, OBJECT_NOT_CURRENT_SUBNET, PARAMETER_VALUE_TOO_LARGE, RANGE,
            RESERVED, RESOURCE_IN_USE, RESOURCE_INSUFFICIENT, RESOURCE_NOT_FOUND, TOO_LONG,
            UNSUPPORTED_OPERATION,
        },
        kinds::KINDS,
        pool::PoolError,
    },
    protocol::{ApiError, Code},
};

use super::{Error, SubjectCodes};

/// Fallback codes, for a fact without a documented specific code. Some actions without parameters
/// document only the last.
const ANY: &[Code] = &[
    INVALID_PARAMETER_VALUE,
    INVALID_PARAMETER,
    INVALID_PARAMETER_VALUE_MALFORMED,
    INVALID_DATA_FORMAT,
    INTERNAL_OPERATION_FAILURE,
];

impl Error {
    /// Converts the error to the API error of an action whose codes are `documented`.
    ///
    /// Actions document different codes for the same fact. Each fact lists several codes, the most
    /// specific first, and the first documented code is returned.
    pub fn on_the_wire(&self, documented: &[Code]) -> ApiError {
        // Assumed (api.first-code): the first code that is documented for the action is returned.
        let mut candidates = self.codes().iter().chain(ANY);
        let code = candidates.find(|code| documented.contains(code));
        // A test checks that every action documents at least one fallback code.
        // Assumed (api.message-detail): the message is the documented phrase and a fact in ecmock's
        // words.
        code.unwrap_or(&INVALID_PARAMETER).because(self)
    }

    /// Codes that express the fact, the most specific one first.
    ///
    /// Assumed (api.fact-code): these codes express the fact, as for a [`Fact`](super::Fact).
    pub fn codes(&self) -> &'static [Code] {
        match self {
            Self::Malformed { parameter, .. } => malformed(parameter),
            Self::Value { .. } => &[INVALID_PARAMETER_VALUE],
            Self::Empty(_) => &[INVALID_PARAMETER],
            Self::TooLong { .. } => &[TOO_LONG],
            Self::TooMany { .. } => {
                &[INVALID_PARAMETER_VALUE_LIMIT_EXCEEDED, PARAMETER_VALUE_TOO_LARGE, TOO_LONG]
            }
            Self::TooManyFilters { .. } => {
                &[FILTER_LIMIT_EXCEEDED, INVALID_FILTER, PARAMETER_VALUE_TOO_LARGE]
            }
            Self::Coexist(..) => &[COEXIST, INVALID_PARAMETER_CONFLICT, INVALID_PARAMETER],
            Self::MissingEntity(_) => &[MISSING_ASSOCIATE_ENTITY, MISSING_PARAMETER],
            Self::Region(_) => &[INVALID_REGION, INVALID_PARAMETER_VALUE, INVALID_PUBLIC_PARAM],
            Self::Zone(_) | Self::ZoneElsewhere { .. } => &[INVALID_ZONE, INVALID_REGION],
            Self::Filter { .. } => &[INVALID_FILTER],
            Self::Page { is_too_large: false, .. } => {
                &[INVAILD_PAGE_PARAM, RANGE, INVALID_PARAMETER_VALUE]
            }
            Self::Page { .. } => &[INVAILD_PAGE_PARAM, RANGE, PARAMETER_VALUE_TOO_LARGE],
            // Assumed (api.other-region): a resource of another region is not found.
            Self::NotFound(resource) | Self::Elsewhere { resource, .. } => {
                resource.codes().not_found
            }
            // Assumed (subnet.other-vpc): a subnet of another VPC is not found. No code of its own is
            // listed.
            Self::SubnetNotInVpc { .. } => &[RESOURCE_NOT_FOUND],
            Self::Quota { what, .. } => what.codes,
            Self::Address { reason, .. } => address(*reason),
            Self::InUse { .. } => &[RESOURCE_IN_USE, UNSUPPORTED_OPERATION],
            Self::State { resource, .. } => resource.codes().state,
            Self::Family(fact) => fact.codes(),
        }
    }
}

/// Returns the codes for a malformed parameter. IDs have the codes of their kind.
fn malformed(parameter: &str) -> &'static [Code] {
    let kind = KINDS.into_iter().find(|kind| kind.id_field == parameter);
    kind.map_or(&SubjectCodes::DEFAULT, |kind| &kind.codes).malformed
}

const fn address(reason: PoolError) -> &'static [Code] {
    match reason {
        PoolError::Exhausted(_) => &[RESOURCE_INSUFFICIENT],
        PoolError::Outside { .. } => &[OBJECT_NOT_CURRENT_SUBNET, RANGE],
        // Assumed (vip.reserved): `CreateHaVip` returns `InvalidParameterValue`, as it lists neither of
        // the codes that other actions have.
        PoolError::Reserved { .. } => &[RESERVED, RANGE],
        // Assumed (vip.in-use): `CreateHaVip` returns the first of these, as it does not list the
        // second.
        PoolError::InUse(_) => &[DUPLICATE, RESOURCE_IN_USE],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecm::CATALOG;

    #[test]
    fn every_action_documents_a_fallback_code() {
        for entry in CATALOG.entries() {
            assert!(
                ANY.iter().any(|code| entry.model.codes.contains(code)),
                "{}",
                entry.model.name
            );
        }
    }
}
