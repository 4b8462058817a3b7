//! The JSON envelope of every response.

use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<T> {
    response: T,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Response<'a, T> {
    #[serde(flatten)]
    fields: T,
    request_id: &'a str,
}

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
pub fn success<T: Serialize>(output: &T, request_id: &str) -> Vec<u8> {
    write(&Envelope { response: Response { fields: output, request_id } })
}

/// Returns the body of an error response.
pub fn failure(code: &str, message: &str, request_id: &str) -> Vec<u8> {
    let fields = Failure { error: Error { code, message } };
    write(&Envelope { response: Response { fields, request_id } })
}

fn write<T: Serialize>(body: &T) -> Vec<u8> {
    serde_json::to_vec(body).expect("outputs are structs with string keys")
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
        let body = success(&Output { zebra: 1, ant: None }, "id");
        assert_eq!(body, br#"{"Response":{"zebra":1,"ant":null,"RequestId":"id"}}"#);

        let error = codes::INVALID_PARAMETER.because(&"`A`");
        let failure =
            |language| failure(error.code.as_str(), error.message.in_language(language), "id");
        let en = failure(Language::English);
        let expected = r#"{"Response":{"Error":{"Code":"InvalidParameter","Message":"The parameter is incorrect. (`A`)"},"RequestId":"id"}}"#;
        assert_eq!(String::from_utf8(en).unwrap(), expected);
        let zh = String::from_utf8(failure(Language::Chinese)).unwrap();
        assert!(zh.contains("参数错误。 (`A`)"), "{zh}");
    }
}
