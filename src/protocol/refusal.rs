//! The gateway's errors for calls that never reach the product.
//!
//! A message is the real gateway's text if one has been seen, and the vendor's documented phrase
//! otherwise.

use super::{
    error::{ApiError, Code, Text},
    text::Name,
};

/// Error codes of the gateway: the vendor's common error codes.
pub mod codes {
    crate::protocol::error::codes! {
        INVALID_AUTHORIZATION = "AuthFailure.InvalidAuthorization",
            "`Authorization` in the request header is invalid.", "请求头部的 Authorization 不符合腾讯云标准。";
        SECRET_ID_NOT_FOUND = "AuthFailure.SecretIdNotFound", "Key does not exist.", "密钥不存在。";
        SIGNATURE_EXPIRE = "AuthFailure.SignatureExpire",
            "Signature expired. Timestamp and server time cannot differ by more than five minutes.",
            "签名过期。Timestamp 和服务器时间相差不得超过五分钟。";
        SIGNATURE_FAILURE = "AuthFailure.SignatureFailure", "Invalid signature.", "签名错误。";
        TOKEN_FAILURE = "AuthFailure.TokenFailure", "Token error.", "token 错误。";
        UNAUTHORIZED_OPERATION = "AuthFailure.UnauthorizedOperation",
            "The request is not authorized.", "请求未授权。";
        INTERNAL_ERROR = "InternalError", "Internal error.", "内部服务错误，请稍后重试";
        INVALID_ACTION = "InvalidAction", "The API does not exist.", "接口不存在。";
        INVALID_PARAMETER = "InvalidParameter", "The parameter is incorrect.", "参数错误。";
        INVALID_PARAMETER_VALUE = "InvalidParameterValue",
            "The parameter value is incorrect.", "参数取值错误。";
        INVALID_REQUEST = "InvalidRequest",
            "The multipart format of the request body is incorrect.", "请求 body 的 multipart 格式错误。";
        MISSING_PARAMETER = "MissingParameter", "A parameter is missing.", "缺少参数。";
        NO_SUCH_VERSION = "NoSuchVersion", "The API version does not exist.", "接口版本不存在。";
        REQUEST_LIMIT_EXCEEDED = "RequestLimitExceeded",
            "The number of requests exceeds the frequency limit.", "请求的次数超过了频率限制。";
        REQUEST_SIZE_LIMIT_EXCEEDED = "RequestSizeLimitExceeded",
            "The request size exceeds the upper limit.", "请求包超过限制大小。";
        UNKNOWN_PARAMETER = "UnknownParameter",
            "Unknown parameter.", "未知参数错误，用户多传未定义的参数会导致错误。";
        UNSUPPORTED_OPERATION = "UnsupportedOperation", "Unsupported operation.", "操作不支持。";
        UNSUPPORTED_PROTOCOL = "UnsupportedProtocol",
            "HTTP(S) request protocol error; only GET and POST requests are supported.",
            "http(s)请求协议错误，只支持 GET 和 POST 请求。";
    }
}

/// The invalid part of an `Authorization` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorizationPart {
    /// The algorithm is not `TC3-HMAC-SHA256`.
    Algorithm,
    /// `Credential` is missing or is not `SecretId/Date/Service/tc3_request`.
    Credential,
    /// The date is not the UTC date of the timestamp.
    Date,
    /// The service does not match the host.
    Service,
    /// `SignedHeaders` is missing or lacks `content-type` or `host`.
    SignedHeaders,
    /// `Signature` is missing.
    Signature,
}

impl AuthorizationPart {
    /// Returns the part's name in the real gateway's message.
    const fn name(self) -> &'static str {
        match self {
            Self::Algorithm => "`Algorithm`",
            Self::Credential => "`Credential`",
            Self::Date => "`Date` in Credential",
            Self::Service => "`Service` in Credential",
            Self::SignedHeaders => "`SignedHeaders`",
            Self::Signature => "`Signature`",
        }
    }
}

/// A syntax error in a query or a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Syntax {
    /// A pair in a query or form has no `=`.
    PairWithoutEquals,
    /// A pair in a query or form has an empty name.
    EmptyKey,
    /// The body is not a JSON object.
    NotJson,
    /// The body does not match its multipart content type.
    NotMultipart,
    /// A parameter occurs twice.
    Repeated(String),
    /// The indexes of a flattened list are not 0, 1, 2, ...
    ListIndexes(String),
    /// A flattened name is malformed, or a value is not UTF-8.
    Format(String),
    /// The call has more values than any action accepts.
    TooMany,
}

impl Syntax {
    const fn code(&self) -> Code {
        match self {
            Self::NotMultipart => codes::INVALID_REQUEST,
            Self::TooMany => codes::REQUEST_SIZE_LIMIT_EXCEEDED,
            Self::PairWithoutEquals
            | Self::EmptyKey
            | Self::NotJson
            | Self::Repeated(_)
            | Self::ListIndexes(_)
            | Self::Format(_) => codes::INVALID_PARAMETER,
        }
    }

    fn message(&self) -> Text {
        match self {
            Self::PairWithoutEquals => Text::both(
                "Url key and value should be splited by `=`.",
                "参数错误，请求URL中参数key和value必须以 `=` 分隔。",
            ),
            Self::EmptyKey => Text::both(
                "The request has a parameter key which is empty string.",
                "参数错误，请求参数key不能为空字符串。",
            ),
            Self::NotJson => Text::both(
                "The request content not valid json format for specified content-type=application/json.",
                "对于指定content-type=application/json协议下，请求内容不是合法的Json格式。",
            ),
            // Assumed (gateway.documented-phrase): the message is the documented phrase.
            Self::NotMultipart | Self::TooMany => ApiError::from(self.code()).message,
            Self::Repeated(name) => Text::both(
                format!("Parameter `{}` input repeated.", Name(name)),
                format!("参数 `{}` 重复输入。", Name(name)),
            ),
            Self::ListIndexes(name) => Text::both(
                format!(
                    "Parameter `{}` invalid array format, array index must be continuous and starts with 0.",
                    Name(name)
                ),
                format!(
                    "参数 `{}` 是非法是数组格式，数组下标必须是连续的而且从0下标开始。",
                    Name(name)
                ),
            ),
            Self::Format(name) => Text::both(
                format!("Parameter `{}` format invalid.", Name(name)),
                format!("参数 `{}` 格式非法。", Name(name)),
            ),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthFailure {
    /// The form of a signature v1 call is too large.
    FormTooLarge,
    /// The `Authorization` header is malformed or contradicts the call.
    Authorization(AuthorizationPart),
    /// The timestamp is more than five minutes off.
    Expired {
        /// Server time in Unix seconds.
        server_time: i64,
    },
    /// The SecretId is unknown.
    SecretId,
    /// The token does not belong to the credential.
    Token,
    /// The signature is wrong.
    Signature,
    /// The call is unsigned (`Authorization: SKIP`).
    Unsigned {
        service: &'static str,
        action: &'static str,
        /// Request ID of the call, repeated in the message.
        request_id: String,
    },
}

impl AuthFailure {
    const fn code(&self) -> Code {
        match self {
            Self::FormTooLarge | Self::Signature => codes::SIGNATURE_FAILURE,
            Self::Authorization(_) => codes::INVALID_AUTHORIZATION,
            Self::Expired { .. } => codes::SIGNATURE_EXPIRE,
            Self::SecretId => codes::SECRET_ID_NOT_FOUND,
            Self::Token => codes::TOKEN_FAILURE,
            Self::Unsigned { .. } => codes::UNAUTHORIZED_OPERATION,
        }
    }

    fn message(&self) -> Text {
        match self {
            Self::FormTooLarge => Text::both(
                "The provided credentials could not be validated because of exceeding request size limit, please use new signature method `TC3-HMAC-SHA256`.",
                "由于请求包大小超过限制，请求签名验证失败，请使用新的签名方法 `TC3-HMAC-SHA256`。",
            ),
            // Assumed (auth.authorization-text): the texts for the other parts follow the known text for
            // the service.
            Self::Authorization(part) => Text::english(format!(
                "The request `Authorization` header does not conform to tencentcloud standards: {} not valid.",
                part.name()
            )),
            Self::Expired { server_time } => Text::english(format!(
                "Signature expired. Please use local time and enable NTP service for time synchronization to avoid a deviation between `Timestamp` and the server time {server_time}."
            )),
            Self::SecretId => Text::both(
                "The SecretId is not found, please ensure that your SecretId is correct.",
                "SecretId不存在，请输入正确的密钥。",
            ),
            // Assumed (auth.token-text): the message ends with a full stop.
            Self::Token => {
                Text::english("Token verification failed, please check if your Token is correct.")
            }
            Self::Signature => Text::both(
                "The provided credentials could not be validated. Please check your signature is correct.",
                "请求签名验证失败，请检查您的签名计算是否正确。",
            ),
            Self::Unsigned { service, action, request_id } => Text::both(
                format!(
                    "You are not authorized to perform this operation. Check your CAM policies, and ensure that you are using the correct access keys. [[request id:{request_id}]you are not authorized to perform operation ({service}:{action})\nresource (*) has no permission\n]"
                ),
                format!(
                    "操作未授权，请检查CAM策略。[[request id:{request_id}]system policy not verify]"
                ),
            ),
        }
    }
}

/// The gateway's reason for rejecting a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The method is neither GET nor POST.
    Method,
    /// The body or the request target is too large.
    TooLarge,
    /// The parameters have a syntax error.
    Syntax(Syntax),
    /// A common parameter is missing from the headers.
    MissingHeader(&'static str),
    /// A required parameter is missing.
    Missing(String),
    /// A common parameter has an invalid value.
    Value(&'static str),
    /// The payload does not match the hash stated by the client.
    ContentHash,
    /// The product has no such API version.
    Version {
        version: String,
        service: &'static str,
    },
    /// The product has no such action.
    Action {
        action: String,
        service: &'static str,
        version: &'static str,
    },
    /// The product has the action, but it is not emulated.
    NotEmulated(&'static str),
    Auth(AuthFailure),
    /// There are too many calls in this second.
    RateLimit {
        /// Calls in this second, including this one.
        calls: u32,
        /// Calls allowed per second.
        limit: u32,
    },
    /// A parameter is unknown.
    Unknown(String),
    /// A parameter has the wrong type.
    Type {
        /// Dotted path.
        parameter: String,
        /// Expected type.
        expected: &'static str,
    },
}

impl Refusal {
    /// Returns the error code.
    pub const fn code(&self) -> Code {
        match self {
            Self::Method => codes::UNSUPPORTED_PROTOCOL,
            Self::TooLarge => codes::REQUEST_SIZE_LIMIT_EXCEEDED,
            Self::Syntax(syntax) => syntax.code(),
            Self::MissingHeader(_) | Self::Missing(_) => codes::MISSING_PARAMETER,
            Self::Value(_) | Self::ContentHash => codes::INVALID_PARAMETER_VALUE,
            Self::Version { .. } => codes::NO_SUCH_VERSION,
            Self::Action { .. } => codes::INVALID_ACTION,
            Self::NotEmulated(_) => codes::UNSUPPORTED_OPERATION,
            Self::Auth(failure) => failure.code(),
            Self::RateLimit { .. } => codes::REQUEST_LIMIT_EXCEEDED,
            Self::Unknown(_) => codes::UNKNOWN_PARAMETER,
            Self::Type { .. } => codes::INVALID_PARAMETER,
        }
    }

    fn message(&self) -> Text {
        match self {
            // Assumed (gateway.documented-phrase): the message is the documented phrase.
            Self::Method | Self::TooLarge => ApiError::from(self.code()).message,
            Self::Syntax(syntax) => syntax.message(),
            Self::MissingHeader(name) => Text::both(
                format!("The request header is missing a required common parameter `{name}`."),
                format!("请求头部缺少必传的公共参数 `{name}`。"),
            ),
            Self::Missing(name) => Text::both(
                format!("The request is missing a required parameter `{}`.", Name(name)),
                format!("请求缺少必传参数 `{}` 。", Name(name)),
            ),
            Self::Value(name) => Text::both(
                format!(
                    "A value specified in `{name}` is not valid, is unsupported, or cannot be used."
                ),
                format!("参数 `{name}` 取值错误。"),
            ),
            Self::ContentHash => Text::both(
                "The value specified in `X-TC-Content-SHA256` is not correct.",
                "参数 `X-TC-Content-SHA256` 计算值不正确。",
            ),
            Self::Version { version, service } => Text::english(format!(
                "The specified api version=`{}` does not exist in service=`{service}`.",
                Name(version)
            )),
            Self::Action { action, service, version } => Text::english(format!(
                "The request action=`{}` is invalid or not found in service=`{service}` and version=`{version}`.",
                Name(action)
            )),
            Self::NotEmulated(action) => codes::UNSUPPORTED_OPERATION
                .because(&format_args!(
                    "ecmock does not emulate `{action}` yet; `ecmock actions` lists the emulated actions"
                ))
                .message,
            Self::Auth(failure) => failure.message(),
            Self::RateLimit { calls, limit } => Text::both(
                format!(
                    "Your current request times equals to `{calls}` in a second, which exceeds the frequency limit `{limit}` for a second. Please reduce the frequency of calls."
                ),
                format!("您当前每秒请求 `{calls}` 次，超过了每秒频率上限 `{limit}`，请稍后重试。"),
            ),
            Self::Unknown(name) => {
                Text::english(format!("The parameter `{}` is not recognized.", Name(name)))
            }
            Self::Type { parameter, expected } => Text::both(
                format!(
                    "The value type of parameter `{}` is not valid, input type should be `{expected}`",
                    Name(parameter)
                ),
                format!("参数 `{}` 取值类型错误。参数类型应为 `{expected}`。", Name(parameter)),
            ),
        }
    }
}

impl From<Syntax> for Refusal {
    fn from(syntax: Syntax) -> Self {
        Self::Syntax(syntax)
    }
}

impl From<AuthFailure> for Refusal {
    fn from(failure: AuthFailure) -> Self {
        Self::Auth(failure)
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self { code: refusal.code(), message: refusal.message() }
    }
}
