//! The gateway's messages, verbatim from real responses in public reports. If no real text is known, a
//! message is the phrase of the vendor's documentation.

use std::collections::BTreeSet;

use crate::protocol::{
    ApiError, AuthFailure, Language, Refusal, Syntax,
    refusal::{AuthorizationPart as Part, codes},
};

/// A rejection, its code, and its message in English and, if one is known, in Chinese.
type Row = (Refusal, &'static str, &'static str, Option<&'static str>);

#[expect(clippy::too_many_lines, reason = "one table")]
fn rows() -> Vec<Row> {
    let name = || "NAME".to_owned();
    vec![
        (
            Refusal::Method,
            "UnsupportedProtocol",
            "HTTP(S) request protocol error; only GET and POST requests are supported.",
            Some("http(s)请求协议错误，只支持 GET 和 POST 请求。"),
        ),
        (
            Refusal::TooLarge,
            "RequestSizeLimitExceeded",
            "The request size exceeds the upper limit.",
            Some("请求包超过限制大小。"),
        ),
        (
            Syntax::PairWithoutEquals.into(),
            "InvalidParameter",
            "Url key and value should be splited by `=`.",
            Some("参数错误，请求URL中参数key和value必须以 `=` 分隔。"),
        ),
        (
            Syntax::EmptyKey.into(),
            "InvalidParameter",
            "The request has a parameter key which is empty string.",
            Some("参数错误，请求参数key不能为空字符串。"),
        ),
        (
            Syntax::NotJson.into(),
            "InvalidParameter",
            "The request content not valid json format for specified content-type=application/json.",
            Some("对于指定content-type=application/json协议下，请求内容不是合法的Json格式。"),
        ),
        (
            Syntax::NotMultipart.into(),
            "InvalidRequest",
            "The multipart format of the request body is incorrect.",
            Some("请求 body 的 multipart 格式错误。"),
        ),
        (
            Syntax::Repeated(name()).into(),
            "InvalidParameter",
            "Parameter `NAME` input repeated.",
            Some("参数 `NAME` 重复输入。"),
        ),
        (
            Syntax::ListIndexes(name()).into(),
            "InvalidParameter",
            "Parameter `NAME` invalid array format, array index must be continuous and starts with 0.",
            Some("参数 `NAME` 是非法是数组格式，数组下标必须是连续的而且从0下标开始。"),
        ),
        (
            Syntax::Format(name()).into(),
            "InvalidParameter",
            "Parameter `NAME` format invalid.",
            Some("参数 `NAME` 格式非法。"),
        ),
        (
            Syntax::TooMany.into(),
            "RequestSizeLimitExceeded",
            "The request size exceeds the upper limit.",
            Some("请求包超过限制大小。"),
        ),
        (
            Refusal::MissingHeader("X-TC-Action"),
            "MissingParameter",
            "The request header is missing a required common parameter `X-TC-Action`.",
            Some("请求头部缺少必传的公共参数 `X-TC-Action`。"),
        ),
        (
            Refusal::Missing(name()),
            "MissingParameter",
            "The request is missing a required parameter `NAME`.",
            Some("请求缺少必传参数 `NAME` 。"),
        ),
        (
            Refusal::Value("X-TC-Region"),
            "InvalidParameterValue",
            "A value specified in `X-TC-Region` is not valid, is unsupported, or cannot be used.",
            Some("参数 `X-TC-Region` 取值错误。"),
        ),
        (
            Refusal::ContentHash,
            "InvalidParameterValue",
            "The value specified in `X-TC-Content-SHA256` is not correct.",
            Some("参数 `X-TC-Content-SHA256` 计算值不正确。"),
        ),
        (
            Refusal::Version { version: "2019-07-22".to_owned(), service: "tms" },
            "NoSuchVersion",
            "The specified api version=`2019-07-22` does not exist in service=`tms`.",
            None,
        ),
        (
            Refusal::Action { action: "ACTION".to_owned(), service: "tcb", version: "2018-06-08" },
            "InvalidAction",
            "The request action=`ACTION` is invalid or not found in service=`tcb` and version=`2018-06-08`.",
            None,
        ),
        (
            Refusal::NotEmulated("RunInstances"),
            "UnsupportedOperation",
            "Unsupported operation. (ecmock does not emulate `RunInstances` yet; `ecmock actions` lists the emulated actions)",
            Some(
                "操作不支持。 (ecmock does not emulate `RunInstances` yet; `ecmock actions` lists the emulated actions)",
            ),
        ),
        (
            Refusal::RateLimit { calls: 7, limit: 5 },
            "RequestLimitExceeded",
            "Your current request times equals to `7` in a second, which exceeds the frequency limit `5` for a second. Please reduce the frequency of calls.",
            Some("您当前每秒请求 `7` 次，超过了每秒频率上限 `5`，请稍后重试。"),
        ),
        (
            Refusal::Unknown(name()),
            "UnknownParameter",
            "The parameter `NAME` is not recognized.",
            None,
        ),
        (
            Refusal::Type { parameter: "Unsubscribe".to_owned(), expected: "string" },
            "InvalidParameter",
            "The value type of parameter `Unsubscribe` is not valid, input type should be `string`",
            Some("参数 `Unsubscribe` 取值类型错误。参数类型应为 `string`。"),
        ),
        (
            AuthFailure::FormTooLarge.into(),
            "AuthFailure.SignatureFailure",
            "The provided credentials could not be validated because of exceeding request size limit, please use new signature method `TC3-HMAC-SHA256`.",
            Some(
                "由于请求包大小超过限制，请求签名验证失败，请使用新的签名方法 `TC3-HMAC-SHA256`。",
            ),
        ),
        (
            AuthFailure::Authorization(Part::Service).into(),
            "AuthFailure.InvalidAuthorization",
            "The request `Authorization` header does not conform to tencentcloud standards: `Service` in Credential not valid.",
            None,
        ),
        (
            AuthFailure::Authorization(Part::Date).into(),
            "AuthFailure.InvalidAuthorization",
            "The request `Authorization` header does not conform to tencentcloud standards: `Date` in Credential not valid.",
            None,
        ),
        (
            AuthFailure::Authorization(Part::Algorithm).into(),
            "AuthFailure.InvalidAuthorization",
            "The request `Authorization` header does not conform to tencentcloud standards: `Algorithm` not valid.",
            None,
        ),
        (
            AuthFailure::Authorization(Part::Credential).into(),
            "AuthFailure.InvalidAuthorization",
            "The request `Authorization` header does not conform to tencentcloud standards: `Credential` not valid.",
            None,
        ),
        (
            AuthFailure::Authorization(Part::SignedHeaders).into(),
            "AuthFailure.InvalidAuthorization",
            "The request `Authorization` header does not conform to tencentcloud standards: `SignedHeaders` not valid.",
            None,
        ),
        (
            AuthFailure::Authorization(Part::Signature).into(),
            "AuthFailure.InvalidAuthorization",
            "The request `Authorization` header does not conform to tencentcloud standards: `Signature` not valid.",
            None,
        ),
        (
            AuthFailure::Expired { server_time: 1_706_406_788 }.into(),
            "AuthFailure.SignatureExpire",
            "Signature expired. Please use local time and enable NTP service for time synchronization to avoid a deviation between `Timestamp` and the server time 1706406788.",
            None,
        ),
        (
            AuthFailure::SecretId.into(),
            "AuthFailure.SecretIdNotFound",
            "The SecretId is not found, please ensure that your SecretId is correct.",
            Some("SecretId不存在，请输入正确的密钥。"),
        ),
        (
            AuthFailure::Token.into(),
            "AuthFailure.TokenFailure",
            "Token verification failed, please check if your Token is correct.",
            None,
        ),
        (
            AuthFailure::Signature.into(),
            "AuthFailure.SignatureFailure",
            "The provided credentials could not be validated. Please check your signature is correct.",
            Some("请求签名验证失败，请检查您的签名计算是否正确。"),
        ),
        (
            AuthFailure::Unsigned {
                service: "sms",
                action: "SendSms",
                request_id: "UUID".to_owned(),
            }
            .into(),
            "AuthFailure.UnauthorizedOperation",
            "You are not authorized to perform this operation. Check your CAM policies, and ensure that you are using the correct access keys. [[request id:UUID]you are not authorized to perform operation (sms:SendSms)\nresource (*) has no permission\n]",
            Some("操作未授权，请检查CAM策略。[[request id:UUID]system policy not verify]"),
        ),
    ]
}

#[test]
fn every_refusal_has_the_real_gateways_text() {
    for (refusal, code, en, zh) in rows() {
        let error = ApiError::from(refusal.clone());
        assert_eq!(refusal.code().as_str(), code, "{refusal:?}");
        assert_eq!(error.code.as_str(), code, "{refusal:?}");
        assert_eq!(error.message.in_language(Language::English), en, "{refusal:?}");
        assert_eq!(error.message.in_language(Language::Chinese), zh.unwrap_or(en), "{refusal:?}");
    }
}

/// A new variant does not compile without a line here, and fails without a row above.
#[test]
fn every_refusal_has_a_row() {
    let kinds: BTreeSet<u8> = rows()
        .iter()
        .map(|(refusal, ..)| match refusal {
            Refusal::Method => 0,
            Refusal::TooLarge => 1,
            Refusal::MissingHeader(_) => 2,
            Refusal::Missing(_) => 3,
            Refusal::Value(_) => 4,
            Refusal::ContentHash => 5,
            Refusal::Version { .. } => 6,
            Refusal::Action { .. } => 7,
            Refusal::RateLimit { .. } => 8,
            Refusal::Unknown(_) => 9,
            Refusal::Type { .. } => 10,
            Refusal::Syntax(syntax) => match syntax {
                Syntax::PairWithoutEquals => 11,
                Syntax::EmptyKey => 12,
                Syntax::NotJson => 13,
                Syntax::NotMultipart => 14,
                Syntax::Repeated(_) => 15,
                Syntax::ListIndexes(_) => 16,
                Syntax::Format(_) => 17,
                Syntax::TooMany => 18,
            },
            Refusal::Auth(failure) => match failure {
                AuthFailure::FormTooLarge => 19,
                AuthFailure::Expired { .. } => 20,
                AuthFailure::SecretId => 21,
                AuthFailure::Token => 22,
                AuthFailure::Signature => 23,
                AuthFailure::Unsigned { .. } => 24,
                AuthFailure::Authorization(part) => match part {
                    Part::Algorithm => 25,
                    Part::Credential => 26,
                    Part::Date => 27,
                    Part::Service => 28,
                    Part::SignedHeaders => 29,
                    Part::Signature => 30,
                },
            },
            Refusal::NotEmulated(_) => 31,
        })
        .collect();
    assert!(kinds.into_iter().eq(0..=31));
}

#[test]
fn every_code_of_the_gateway_has_a_row() {
    let mut seen: BTreeSet<&str> = rows().iter().map(|(_, code, ..)| *code).collect();
    seen.insert("InternalError"); // Only a panic causes this code.
    assert!(codes::ALL.iter().map(|it| it.as_str()).collect::<BTreeSet<_>>() == seen);
    let error = ApiError::from(codes::INTERNAL_ERROR);
    assert_eq!(error.message.in_language(Language::Chinese), "内部服务错误，请稍后重试");
}
