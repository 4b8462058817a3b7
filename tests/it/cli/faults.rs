//! `--fault FILE`, and the limits of the journal.

use std::io::Write as _;

use rstest::rstest;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::{Connection, Serving, file, path, run};
use crate::json::{code, error, vip};

fn get(server: &Serving, target: &str) -> Value {
    let mut connection = Connection::open(server.address());
    connection.write(&format!("GET /_ecmock/{target} HTTP/1.1\r\nHost: ecmock\r\n\r\n"));
    serde_json::from_str(&connection.read()).unwrap()
}

fn fails(code: &str) -> Value {
    json!({ "Action": "CreateHaVip", "Times": 1, "Error": { "Code": code } })
}

#[test]
fn the_rules_of_all_files_apply_in_order() {
    let first = file(&fails("InternalError"));
    let second = file(&json!([fails("RequestLimitExceeded"), fails("LimitExceeded")]));
    let server = Serving::with(&["--fault", path(&first), "--fault", path(&second)]);
    for expected in ["InternalError", "RequestLimitExceeded", "LimitExceeded"] {
        assert_eq!(code(&server.create(json!({}))), expected);
    }
    vip(&server.create(json!({})));
}

/// A program can save rules from the admin API.
#[test]
fn a_response_of_the_admin_api_is_a_valid_file() {
    let rule = file(&json!([{ "Action": "CreateHaVip", "Skip": 1, "DelayMs": 1,
        "Error": { "Code": "InternalError", "Message": "now" } }]));
    let server = Serving::with(&["--fault", path(&rule)]);
    vip(&server.create(json!({})));
    assert_eq!(error(&server.create(json!({}))), ("InternalError", "now"));
    let shown = get(&server, "faults");
    assert_eq!(shown["Faults"][0]["Hits"], 1);

    let again = file(&shown);
    let server = Serving::with(&["--fault", path(&again)]);
    vip(&server.create(json!({})));
    assert_eq!(error(&server.create(json!({}))), ("InternalError", "now"));
}

#[test]
fn a_faulted_call_is_one_log_line_with_its_fault() {
    let rule = file(&fails("InternalError"));
    let server = Serving::with(&["--fault", path(&rule), "--log", "json"]);
    server.create(json!({ "HaVipName": "hunter2" }));
    let log = server.stop().stderr;
    assert_eq!(log.len(), 1, "{log:?}");
    let line: Value = serde_json::from_str(&log[0]).unwrap();
    assert_eq!(line["message"], "CreateHaVip -> InternalError: Internal error.");
    assert_eq!((&line["fault"], &line["code"]), (&json!("fault-1"), &json!("InternalError")));
    assert!(!log[0].contains("hunter2"), "{log:?}");
}

#[rstest]
#[case::http(json!({ "Http": { "Status": 503, "Body": "" } }), "HTTP 503")]
#[case::lost(json!({ "When": "after", "Http": { "Status": 502 } }), "HTTP 502")]
#[case::truncate(json!({ "Connection": "truncate" }), "truncated response")]
#[case::reset(json!({ "Connection": "reset" }), "connection reset")]
#[case::close(json!({ "Connection": "close" }), "connection closed")]
#[case::error(
    json!({ "Error": { "Code": "InternalError", "Message": "one\u{1b}[2Jtwo" } }),
    "InternalError: one\\u{1b}[2Jtwo"
)]
fn the_log_has_the_effect_of_a_fault(#[case] rule: Value, #[case] outcome: &str) {
    let rule = file(&rule);
    let server = Serving::with(&["--fault", path(&rule)]);
    let (head, body) = super::request(json!({}), &[]);
    Connection::open(server.address()).write(&(head + &body));
    let line = super::next(&server.process.stderr).unwrap();
    assert!(line.contains(&format!(" CreateHaVip -> {outcome} ")), "{line}");
}

#[test]
fn a_hung_call_does_not_delay_the_exit() {
    let rule = file(&json!({ "Action": "CreateHaVip", "Connection": "hang" }));
    let server = Serving::with(&["--fault", path(&rule)]);
    let (head, body) = super::request(json!({}), &[]);
    let mut hung = Connection::open(server.address());
    hung.write(&(head + &body));
    let line = super::next(&server.process.stderr).unwrap();
    assert!(line.contains("CreateHaVip -> no response ") && line.ends_with(" fault=fault-1"));
    assert_eq!(server.stop().code, Some(0));
}

#[rstest]
#[case::no_json("{", "invalid JSON: EOF while parsing an object at line 1 column 1")]
#[case::no_rule("7", "must be a rule or a list of rules")]
#[case::no_list(r#"{"Faults":7}"#, "$.Faults: must be a list of rules")]
#[case::nothing("{}", "rule 1: the rule has no effect; set Error, ")]
#[case::field(r#"{"Delay":1}"#, "rule 1: unknown field `Delay`; expected one of `Action`, ")]
#[case::kind(
    r#"[{"DelayMs":1},{"DelayMs":"1"}]"#,
    "rule 2: DelayMs: is `1`; must be a whole number from 0"
)]
#[case::inner(r#"{"Error":{"Code":7}}"#, "rule 1: Error.Code: is `7`; must be a string")]
#[case::action(
    r#"{"Action":"CreateHaVpi","DelayMs":1}"#,
    "rule 1: Action: unknown action `CreateHaVpi`"
)]
#[case::code(
    r#"{"Action":"DeleteHaVip","Error":{"Code":"LimitExceeded"}}"#,
    "rule 1: Error.Code: DeleteHaVip cannot return `LimitExceeded`; expected one of FailedOperation, "
)]
fn a_bad_file_is_an_error_in_one_line(#[case] text: &str, #[case] reason: &str) {
    let mut file = NamedTempFile::new().unwrap();
    write!(file, "{text}").unwrap();
    let refusal = run(&["--listen", "127.0.0.1:0", "--fault", path(&file)]).refusal_line(1);
    let expected = format!("ecmock: fault {}: {reason}", path(&file));
    assert!(refusal.starts_with(&expected), "{refusal}");
}

#[rstest]
#[case::missing("no-such-file.json")]
#[case::directory("/")]
fn a_file_that_cannot_be_read_is_named(#[case] file: &str) {
    let refusal = run(&["--listen", "127.0.0.1:0", "--fault", file]).refusal_line(1);
    assert!(refusal.starts_with(&format!("ecmock: fault {file}: cannot be read: ")), "{refusal}");
}

#[test]
fn the_number_of_kept_calls_is_limited() {
    let server = Serving::with(&["--journal-entries", "2"]);
    for _ in 0..3 {
        server.create(json!({}));
    }
    let found = get(&server, "requests");
    assert_eq!((&found["Total"], &found["Requests"][0]["Sequence"]), (&json!(2), &json!(2)));
}

#[test]
fn the_size_of_the_journal_is_limited() {
    let server = Serving::with(&["--journal-bytes", "10000"]);
    for _ in 0..10 {
        server.create(json!({ "HaVipName": "x".repeat(4000) }));
    }
    let found = get(&server, "requests");
    assert_eq!((&found["Total"], &found["Requests"][0]["Sequence"]), (&json!(2), &json!(9)));
}
