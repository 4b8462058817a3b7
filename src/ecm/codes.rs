//! The product's error codes, and which of them the vendor documents for each action.
//!
//! <https://www.tencentcloud.com/document/product/1119/45732> for `CreateHaVip`.

use crate::protocol::{Code, error::codes};

pub use crate::protocol::refusal::codes::{INVALID_PARAMETER, INVALID_PARAMETER_VALUE};

codes! {
    INTERNAL_OPERATION_FAILURE = "FailedOperation.InternalOperationFailure",
        "Internal error.", "内部操作错误。";
    DUPLICATE = "InvalidParameterValue.Duplicate", "The data is duplicate.", "重复数据。";
    MALFORMED = "InvalidParameterValue.Malformed",
        "The input parameter format is invalid.", "入参格式不合法。";
    OBJECT_NOT_CURRENT_SUBNET = "InvalidParameterValue.ObjectNotCurrentSubnet",
        "The object is not in the current subnet.", "对象不在当前子网内。";
    TOO_LONG = "InvalidParameterValue.TooLong", "The parameter value is too long.", "参数值太长。";
    LIMIT_EXCEEDED = "LimitExceeded", "The quota limit is exceeded.", "超过配额限制。";
    RESOURCE_INSUFFICIENT = "ResourceInsufficient", "Insufficient resource.", "资源不足。";
    RESOURCE_NOT_FOUND = "ResourceNotFound", "The resource does not exist.", "资源不存在。";
}

/// Codes of `CreateHaVip`.
pub const CREATE_HA_VIP: &[Code] = &[
    INTERNAL_OPERATION_FAILURE,
    INVALID_PARAMETER,
    INVALID_PARAMETER_VALUE,
    DUPLICATE,
    MALFORMED,
    OBJECT_NOT_CURRENT_SUBNET,
    TOO_LONG,
    LIMIT_EXCEEDED,
    RESOURCE_INSUFFICIENT,
    RESOURCE_NOT_FOUND,
];
