//! The gateway checks the parameters of all actions, emulated or not, against the API's model.

use crate::{
    ecm::CATALOG,
    protocol::schema::{Member, Schema, Type},
};
use serde_json::{Map, Value, json};

use crate::tests::support::{TestServer, error};

/// Depth of the deepest members. No request is nested more deeply.
const DEPTH_MAX: usize = 4;

/// A value of a type, with all members.
fn filled(of: Type) -> Value {
    match of {
        Type::String => json!("x"),
        Type::Bool => json!(true),
        Type::Int64 | Type::Uint64 => json!(1),
        Type::Float => json!(1.5),
        Type::List(item) => json!([filled(*item)]),
        Type::Object(schema) => Value::Object(object(schema)),
    }
}

fn object(schema: &Schema) -> Map<String, Value> {
    schema.of_calls().map(|it| (it.name.to_owned(), filled(it.r#type))).collect()
}

/// A member, its dotted path, and its JSON pointer in a filled request.
struct Found {
    path: String,
    pointer: String,
    member: &'static Member,
}

/// Finds all members of a schema at any depth. Members of lists are in the first item.
fn members(schema: &'static Schema, path: &str, pointer: &str, found: &mut Vec<Found>) {
    assert!(pointer.matches('/').count() < 2 * DEPTH_MAX, "{pointer} is too deep");
    for member in schema.of_calls() {
        let (path, pointer) =
            (format!("{path}{}", member.name), format!("{pointer}/{}", member.name));
        let item = if matches!(member.r#type, Type::List(_)) { "0." } else { "" };
        if let Some(schema) = member.r#type.object() {
            let below = if item.is_empty() { String::new() } else { "/0".to_owned() };
            members(schema, &format!("{path}.{item}"), &format!("{pointer}{below}"), found);
        }
        found.push(Found { path, pointer, member });
    }
}

/// Returns the object in a request that contains the member at `pointer`.
fn holder<'v>(request: &'v mut Value, pointer: &str) -> &'v mut Map<String, Value> {
    let (parent, _) = pointer.rsplit_once('/').unwrap();
    request.pointer_mut(parent).unwrap().as_object_mut().unwrap()
}

fn cases() -> impl Iterator<Item = (&'static str, Value, Found)> {
    CATALOG.models.iter().flat_map(|model| {
        let mut found = Vec::new();
        members(&model.parameters, "", "", &mut found);
        let request = Value::Object(object(&model.parameters));
        found.into_iter().map(move |it| (model.name, request.clone(), it))
    })
}

#[tokio::test]
async fn a_missing_member_is_reported_at_any_depth() {
    let server = TestServer::new().await;
    let mut count = 0;
    for (action, mut request, Found { path, pointer, member }) in cases() {
        if !member.required {
            continue;
        }
        holder(&mut request, &pointer).remove(member.name);
        // A missing parameter is reported before an unknown one and a wrong type.
        request["Aaa"] = json!(1);
        let expected = format!("The request is missing a required parameter `{path}`.");
        let response = server.call(action, &request).await;
        assert_eq!(error(&response), ("MissingParameter", &*expected), "{action}");
        count += 1;
    }
    assert!(count > 250, "{count}");
}

#[tokio::test]
async fn an_unknown_member_is_reported_at_any_depth() {
    let server = TestServer::new().await;
    for (action, mut request, Found { path, pointer, member }) in cases() {
        let unknown = format!("{}x", member.name);
        let path = path.strip_suffix(member.name).unwrap();
        holder(&mut request, &pointer).insert(unknown.clone(), json!(1));
        let expected = format!("The parameter `{path}{unknown}` is not recognized.");
        let response = server.call(action, &request).await;
        assert_eq!(error(&response), ("UnknownParameter", &*expected), "{action}");
    }
}

#[tokio::test]
async fn a_wrong_type_is_reported_at_any_depth() {
    let server = TestServer::new().await;
    for (action, mut request, Found { path, pointer, member }) in cases() {
        let wrong = if matches!(member.r#type, Type::String) { json!(1) } else { json!("x") };
        holder(&mut request, &pointer).insert(member.name.to_owned(), wrong);
        let expected = format!(
            "The value type of parameter `{path}` is not valid, input type should be `{}`",
            member.r#type.name()
        );
        let response = server.call(action, &request).await;
        assert_eq!(error(&response), ("InvalidParameter", &*expected), "{action}");
    }
}

/// Extensions, such as the `ReadsLeft` of a private IP, exist only in fixtures.
#[tokio::test]
async fn an_extension_is_unknown_in_calls() {
    let server = TestServer::new().await;
    let request = json!({
        "NetworkInterfaceId": "eni-demo0002", "EcmRegion": "ap-hangzhou-ecm",
        "PrivateIpAddresses": [{ "PrivateIpAddress": "172.16.0.9", "ReadsLeft": 1 }],
    });
    let response = server.call("AssignPrivateIpAddresses", &request).await;
    let expected = "The parameter `PrivateIpAddresses.0.ReadsLeft` is not recognized.";
    assert_eq!(error(&response), ("UnknownParameter", expected));
}

#[tokio::test]
async fn an_action_that_is_not_emulated_is_unsupported_if_its_parameters_are_valid() {
    let server = TestServer::new().await;
    let mut emulated = 0;
    for model in CATALOG.models {
        let request = Value::Object(object(&model.parameters));
        let response = server.call(model.name, &request).await;
        assert!(response["RequestId"].is_string(), "{response}");
        if CATALOG.is_emulated(model.name) {
            emulated += 1;
            continue;
        }
        let (code, message) = error(&response);
        assert_eq!(code, "UnsupportedOperation");
        assert!(message.contains(&format!("`{}`", model.name)), "{message}");
        assert!(message.contains("ecmock actions"), "{message}");
    }
    assert_eq!((emulated, CATALOG.models.len()), (CATALOG.entries().count(), 132));
}
