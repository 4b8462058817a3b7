//! Long strings from a client: messages repeat only their beginning.

use crate::{
    ecm::CATALOG,
    protocol::schema::{Schema, Type},
};
use serde_json::{Map, Value, json};

use crate::tests::support::{TestServer, VERSION, create, error};

/// Maximum size of a response or journal entry that repeats a name, in bytes.
const ANSWER_BYTES_MAX: usize = 4096;

fn long() -> String {
    "名".repeat(10_000)
}

async fn post(server: &TestServer, headers: &[(&str, &str)], body: &str) -> Value {
    let json = [("Content-Type", "application/json")];
    let answer = server.send("POST", "/", &[headers, &json].concat(), body.as_bytes()).await;
    let (bytes, response) = (answer.body.len(), answer.response());
    assert!(response["Error"].is_null() || bytes < ANSWER_BYTES_MAX, "{bytes} bytes");
    response
}

/// A value of a type, with `text` as every string.
fn filled(of: &Type, text: &str) -> Value {
    match of {
        Type::String => json!(text),
        Type::Bool => json!(true),
        Type::Int64 | Type::Uint64 | Type::Float => json!(1),
        Type::List(item) => json!([filled(item, text)]),
        Type::Object(schema) => Value::Object(object(schema, text)),
    }
}

fn object(schema: &Schema, text: &str) -> Map<String, Value> {
    let members = schema.of_calls();
    members.map(|it| (it.name.to_owned(), filled(&it.r#type, text))).collect()
}

#[tokio::test]
async fn no_action_repeats_a_long_value_or_a_long_name() {
    let (server, long) = (TestServer::new().await, long());
    for entry in CATALOG.entries() {
        let headers = [("X-TC-Action", entry.model.name), ("X-TC-Version", VERSION)];
        let schema = &entry.model.parameters;
        let plain = object(schema, "x");
        for parameter in schema.of_calls() {
            // One parameter at a time, as the first error ends the call.
            let mut params = plain.clone();
            params.insert(parameter.name.to_owned(), filled(&parameter.r#type, &long));
            post(&server, &headers, &Value::Object(params.clone()).to_string()).await;
            params.retain(|name, _| {
                *name == parameter.name
                    || schema.of_calls().any(|it| it.name == name && it.required)
            });
            post(&server, &headers, &Value::Object(params).to_string()).await;
        }
        let mut params = plain.clone();
        params.insert(long.clone(), json!(1));
        post(&server, &headers, &Value::Object(params).to_string()).await;
    }
    for entry in server.admin().requests("").await {
        let message = entry["Message"].as_str().unwrap_or_default();
        assert!(message.len() < ANSWER_BYTES_MAX, "{}: {} bytes", entry["Action"], message.len());
    }
}

#[tokio::test]
async fn an_unknown_name_is_truncated() {
    let server = TestServer::new().await;
    let response = server.call("CreateHaVip", &create(json!({ long(): 1 }))).await;
    let message = format!("The parameter `{}...` is not recognized.", "名".repeat(256));
    assert_eq!(error(&response), ("UnknownParameter", message.as_str()));
    let entry = server.admin().requests("").await.pop().unwrap();
    assert_eq!(entry["Message"], message);
}

#[tokio::test]
async fn an_action_and_a_version_are_truncated() {
    let (server, long) = (TestServer::new().await, "x".repeat(100_000));
    let cut = format!("{}...", "x".repeat(256));
    let response = post(&server, &[("X-TC-Action", &long), ("X-TC-Version", VERSION)], "{}").await;
    let message = format!(
        "The request action=`{cut}` is invalid or not found in service=`ecm` and version=`{VERSION}`."
    );
    assert_eq!(error(&response), ("InvalidAction", message.as_str()));
    let response = post(&server, &[("X-TC-Action", "X"), ("X-TC-Version", &long)], "{}").await;
    let message = format!("The specified api version=`{cut}` does not exist in service=`ecm`.");
    assert_eq!(error(&response), ("NoSuchVersion", message.as_str()));
}

#[tokio::test]
async fn malformed_names_are_truncated() {
    let (server, long) = (TestServer::new().await, "x".repeat(100_000));
    let headers = [("X-TC-Action", "DescribeVpcs"), ("X-TC-Version", VERSION)];
    let repeated = format!(r#"{{"A":[{{"{long}":1,"{long}":2}}]}}"#);
    let response = post(&server, &headers, &repeated).await;
    let message = format!("Parameter `A.0.{}...` input repeated.", "x".repeat(252));
    assert_eq!(error(&response), ("InvalidParameter", message.as_str()));
    for (form, rest) in [
        (format!("{long}=1&{long}=2"), "input repeated."),
        (
            format!("{long}.1=1"),
            "invalid array format, array index must be continuous and starts with 0.",
        ),
        (format!("{long}..=1"), "format invalid."),
        (format!("{long}=%ff"), "format invalid."),
        (format!("{long}%ff=1"), "format invalid."),
        (format!("A.0.{}=1", ".b".repeat(50_000)), "format invalid."),
    ] {
        let form = format!("Action=DescribeVpcs&Version={VERSION}&{form}");
        let response = post(&server, &[], &form).await;
        let (code, message) = error(&response);
        assert_eq!(code, "InvalidParameter");
        assert!(message.ends_with(&format!("...` {rest}")), "{message}");
    }
}

#[tokio::test]
async fn a_difference_shows_only_the_beginning_of_a_string() {
    let server = TestServer::new().await;
    server.call("CreateHaVip", &create(json!({ "HaVipName": long(), "Filters": [long()] }))).await;
    let mut expected = json!({ "HaVipName": long() + "x", "Filters": [{ "a": 1 }] });
    expected[long().as_str()] = json!("x");
    let expected = json!({ "Action": "CreateHaVip", "Params": expected });
    // A body of the admin API is limited to 64 KiB.
    let expected = expected.to_string().replace(&long(), &"名".repeat(5_000));
    let verification =
        server.admin().post("verify", serde_json::from_str(&expected).unwrap()).await;
    let differences = verification["Nearest"][0]["Differences"].as_array().unwrap();
    assert_eq!(differences.len(), 3, "{differences:?}");
    for difference in differences {
        assert!(difference.to_string().len() < 2 * ANSWER_BYTES_MAX, "{difference:.200}");
    }
}

#[tokio::test]
async fn the_admin_api_shows_only_the_beginning_of_a_name() {
    let (server, long) = (TestServer::new().await, "x".repeat(30_000));
    let admin = server.admin();
    for (method, path, body) in [
        ("GET", long.clone(), String::new()),
        ("DELETE", format!("faults/{long}"), String::new()),
        ("PUT", format!("faults/{long}"), String::new()),
        ("GET", format!("requests/{long}"), String::new()),
        ("GET", format!("actions/{long}"), String::new()),
        ("DELETE", format!("accounts/{long}"), String::new()),
        ("POST", format!("ha-vips/{long}/withdraw"), String::new()),
        ("GET", format!("requests?{long}=1"), String::new()),
        ("GET", format!("requests?limit={long}"), String::new()),
        ("POST", "verify".to_owned(), json!({ long.clone(): 1 }).to_string()),
        ("POST", "faults".to_owned(), json!({ "Action": long.clone(), "DelayMs": 1 }).to_string()),
    ] {
        let refusal = admin.refusal(method, &path, &body).await;
        assert!(refusal.len() < 2 * ANSWER_BYTES_MAX, "{method} {path:.40}: {refusal:.200}");
    }
}
