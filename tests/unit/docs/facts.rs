//! Facts that the guides state.

use crate::{
    control::faults::{Connection, ErrorAnswer, HttpAnswer, Rule},
    protocol::signature::explain::Mistake,
};
use serde_json::Value;

const FAULTS: &str = include_str!("../../../docs/guides/faults.md");
const SIGNATURES: &str = include_str!("../../../docs/guides/signatures.md");

#[test]
fn the_guide_has_every_member_of_a_fault_rule() {
    let rule = Rule {
        error: Some(ErrorAnswer { code: "InternalError".to_owned(), message: None }),
        http: Some(HttpAnswer { status: 503, body: String::new() }),
        connection: Some(Connection::Reset),
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
