//! Facts and codes of the errors about instances.

use crate::{
    ecm::{
        codes::{
            INSTANCE_ID_NOT_FOUND, INSTANCE_NOT_EXIST, INVALID_INSTANCE_ID, INVALID_ORDER_BY_FIELD,
            INVALID_PARAMETER_VALUE_MALFORMED, RESOURCE_NOT_FOUND, UNSUPPORTED_OPERATION_MALFORMED,
        },
        error::{Fact, SubjectCodes},
    },
    protocol::Code,
};

use super::Instance;

impl Instance {
    /// Codes of the errors about an instance.
    pub(in crate::ecm) const CODES: SubjectCodes = SubjectCodes {
        malformed: &[
            INVALID_PARAMETER_VALUE_MALFORMED,
            INVALID_INSTANCE_ID,
            UNSUPPORTED_OPERATION_MALFORMED,
        ],
        not_found: &[INSTANCE_NOT_EXIST, INSTANCE_ID_NOT_FOUND, RESOURCE_NOT_FOUND],
        ..SubjectCodes::DEFAULT
    };
}

/// A reason why actions on instances reject a call.
#[derive(Debug, thiserror::Error)]
pub(in crate::ecm) enum InstanceError {
    /// The field is not supported for sorting.
    #[error("OrderByField is {0}; must be timestamp")]
    OrderBy(String),
}

impl Fact for InstanceError {
    fn codes(&self) -> &'static [Code] {
        match self {
            Self::OrderBy(_) => &[INVALID_ORDER_BY_FIELD],
        }
    }
}
