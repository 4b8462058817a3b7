//! The JSON envelope of every response.

use serde::Serialize;
use uuid::Uuid;

use super::json;

/// Capacity of a body. Most responses need no more, and so only one allocation.
const BODY_BYTES: usize = 512;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Failure<'a> {
    error: Error<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Error<'a> {
    code: &'a str,
    message: &'a str,
}

/// Returns the body of a successful response: the fields of `output`, then the request ID.
pub fn success<T: Serialize>(output: &T, request_id: Uuid) -> Vec<u8> {
    let mut body = Vec::with_capacity(BODY_BYTES);
    body.extend_from_slice(br#"{"Response":"#);
    json::write(&mut body, output).expect("outputs consist of objects, lists, and scalars");
    // The output is an object. The request ID becomes its last member.
    body.pop();
    if body.last() != Some(&b'{') {
        body.push(b',');
    }
    body.extend_from_slice(br#""RequestId":""#);
    let mut id = Uuid::encode_buffer();
    body.extend_from_slice(request_id.hyphenated().encode_lower(&mut id).as_bytes());
    body.extend_from_slice(br#""}}"#);
    body
}

/// Returns the body of an error response.
pub fn failure(code: &str, message: &str, request_id: Uuid) -> Vec<u8> {
    success(&Failure { error: Error { code, message } }, request_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Language, refusal::codes};

    #[test]
    fn fields_come_first_and_the_request_id_last() {
        #[derive(Serialize)]
        struct Output {
            zebra: u8,
            ant: Option<u8>,
        }
        #[derive(Serialize)]
        struct Empty {}
        const ID: Uuid = Uuid::from_u128(0x0b1c_7a9e_2f14_4c5e_9d0a_7f3f_1d2c_4b5a);
        let id = r#""RequestId":"0b1c7a9e-2f14-4c5e-9d0a-7f3f1d2c4b5a""#;
        let text = |body| String::from_utf8(body).unwrap();
        let body = success(&Output { zebra: 1, ant: None }, ID);
        assert_eq!(text(body), format!(r#"{{"Response":{{"zebra":1,"ant":null,{id}}}}}"#));
        assert_eq!(text(success(&Empty {}, ID)), format!(r#"{{"Response":{{{id}}}}}"#));

        let error = codes::INVALID_PARAMETER.because(&"`A`");
        let failure =
            |language| failure(error.code.as_str(), error.message.in_language(language), ID);
        let en = failure(Language::English);
        let error = r#"{"Code":"InvalidParameter","Message":"The parameter is incorrect. (`A`)"}"#;
        assert_eq!(text(en), format!(r#"{{"Response":{{"Error":{error},{id}}}}}"#));
        let zh = text(failure(Language::Chinese));
        assert!(zh.contains("参数错误。 (`A`)"), "{zh}");
    }
}
