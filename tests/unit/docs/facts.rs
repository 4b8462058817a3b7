//! Facts that the guides state.

use crate::{
    control::faults::{Connection, ErrorAnswer, Hold, HttpAnswer, Rule},
    protocol::signature::explain::Mistake,
};
use serde_json::{Value, json};

use crate::tests::support::{TestServer, create};

const ADMIN_API: &str = include_str!("../../../docs/reference/admin-api.md");
const FAULTS: &str = include_str!("../../../docs/guides/faults.md");
const SIGNATURES: &str = include_str!("../../../docs/guides/signatures.md");

#[test]
fn the_guide_has_every_member_of_a_fault_rule() {
    let rule = Rule {
        error: Some(ErrorAnswer { code: "InternalError".to_owned(), message: None }),
        http: Some(HttpAnswer { status: 503, body: String::new() }),
        connection: Some(Connection::Reset),
        hold: Some(Hold::Checked),
        hold_ms: Some(1),
        ..Rule::default()
    };
    let Value::Object(rule) = serde_json::to_value(rule).unwrap() else { panic!() };
    let mut members: Vec<&str> = rule.keys().map(String::as_str).collect();
    let rows = FAULTS.lines().skip_while(|line| !line.starts_with("| member |")).skip(2);
    let mut named: Vec<&str> = rows
        .take_while(|line| line.starts_with('|'))
        .filter_map(|line| line.split('`').nth(1))
        .collect();
    members.sort_unstable();
    named.sort_unstable();
    assert_eq!(named, members);
}

#[test]
fn the_guide_counts_the_known_mistakes_of_signing() {
    // Hosts that differ from the one on the wire, and are accepted.
    let habits = [Mistake::HostWithoutPort, Mistake::HostWithoutScheme, Mistake::HostReal];
    let mistakes = Mistake::ALL.len() - habits.len();
    assert!(SIGNATURES.contains(&format!("ecmock knows {mistakes} mistakes")), "{mistakes}");
    assert!(SIGNATURES.contains("three habits that it accepts"));
}

#[tokio::test]
async fn the_reference_has_every_member_of_a_call() {
    let server = TestServer::new().await;
    server.call("CreateHaVip", &create(json!({}))).await;
    let requests = server.send("GET", "/_ecmock/requests", &[], b"").await;
    let requests: Value = serde_json::from_slice(&requests.body).unwrap();
    let id = requests["Requests"][0]["RequestId"].as_str().unwrap();
    let call = server.send("GET", &format!("/_ecmock/requests/{id}"), &[], b"").await;
    let call: Value = serde_json::from_slice(&call.body).unwrap();
    for (name, value) in call.as_object().unwrap() {
        assert!(ADMIN_API.contains(&format!("`{name}`")), "{name}");
        for inner in value.as_object().into_iter().flatten().map(|(inner, _)| inner) {
            let is_known = name == "Params" || ADMIN_API.contains(&format!("`{inner}`"));
            assert!(is_known, "{name}.{inner}");
        }
    }
}
