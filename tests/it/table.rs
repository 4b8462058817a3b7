//! What holds for every action there is, and every one to come.

use std::collections::BTreeSet;

use ecmock::ecm::{CATALOG, documented::codes_of};
use serde_json::{Map, Value, json};

use crate::support::{TestServer, code, create};

/// Codes that the gateway may answer to any call that is readable and signed.
const GATEWAY: [&str; 3] = ["InvalidParameter", "MissingParameter", "UnknownParameter"];

/// Requests that are wrong in every way that a table can think of.
fn wrong_requests(parameters: &[&str]) -> Vec<Value> {
    let values = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!(u64::MAX),
        json!(""),
        json!("x"),
        json!("名".repeat(1000)),
        json!([]),
        json!([[[[{}]]]]),
        json!({ "a": { "b": null } }),
    ];
    let mut requests = vec![json!({}), json!({ "Bogus": 1 })];
    for value in &values {
        requests.push(parameters.iter().map(|name| ((*name).to_owned(), value.clone())).collect());
        for name in parameters {
            requests.push(create(json!({ *name: value })));
        }
    }
    requests
}

#[tokio::test]
async fn every_action_answers_only_its_documented_codes() {
    let server = TestServer::new().await;
    for entry in CATALOG.entries {
        let names: Vec<&str> = entry.schema().parameters.iter().map(|it| it.name).collect();
        let documented: BTreeSet<&str> =
            codes_of(entry.name).iter().map(|it| it.as_str()).chain(GATEWAY).collect();
        for request in wrong_requests(&names) {
            let response = server.call(entry.name, &request).await;
            assert!(response["RequestId"].is_string(), "{request}");
            if !response["Error"].is_null() {
                let code = code(&response);
                assert!(documented.contains(code), "{} answered {code} to {request}", entry.name);
            }
        }
    }
}

#[tokio::test]
async fn an_unknown_parameter_is_named_by_every_action() {
    let server = TestServer::new().await;
    for entry in CATALOG.entries {
        let required = entry.schema().parameters.iter().filter(|it| it.required);
        let mut request: Map<String, Value> =
            required.map(|it| (it.name.to_owned(), json!("x"))).collect();
        request.extend(["Aaa", "Zzz"].map(|name| (name.to_owned(), json!(1))));
        let request = Value::Object(request);
        let response = server.call(entry.name, &request).await;
        assert_eq!(response["Error"]["Message"], "The parameter `Aaa` is not recognized.");
    }
}
