//! Flags, variables, help, and the log.

use rstest::rstest;
use serde_json::{Value, json};

use super::{Connection, Serving, VARIABLES, ecmock, file, finish, path, run, vpc};
use crate::json::{VERSION, code, vip};

/// Fault rules in a file.
const FAULTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/unit/data/faults.json");

/// Time of the frozen clock.
const CLOCK: &str = "2026-11-22T04:00:00Z";

/// Flags, each with its variable, a valid value, and an invalid value. `--state-dir` has tests of its own,
/// because two servers cannot use the same directory.
const SETTINGS: [(&str, &str, &str, &str); 17] = [
    ("--listen", "ECMOCK_LISTEN", "127.0.0.1:0", "banana"),
    ("--fixture", "ECMOCK_FIXTURE", "none", "no-such-file.json"),
    ("--auth", "ECMOCK_AUTH", "verify", "maybe"),
    ("--credential", "ECMOCK_CREDENTIALS", "AKIDx:key@team", "nope"),
    ("--rate-limit", "ECMOCK_RATE_LIMIT", "documented", "0"),
    ("--quota", "ECMOCK_QUOTAS", "havips-per-vpc=1", "x=1"),
    ("--settle", "ECMOCK_SETTLE", "2", "-1"),
    ("--visible-after", "ECMOCK_VISIBLE_AFTER", "5s", "soon"),
    ("--seed", "ECMOCK_SEED", "7", "x"),
    ("--clock", "ECMOCK_CLOCK", CLOCK, "yesterday"),
    ("--tls-dir", "ECMOCK_TLS_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/tls"), "Cargo.toml/tls"),
    ("--tls-name", "ECMOCK_TLS_NAMES", "ecmock,*.ecm.test", "ecm.*.test"),
    ("--admin-host", "ECMOCK_ADMIN_HOSTS", "mock.example.com,*.example.org", "a b"),
    ("--fault", "ECMOCK_FAULT", FAULTS, "no-such-file.json"),
    ("--journal-entries", "ECMOCK_JOURNAL_ENTRIES", "0", "-1"),
    ("--journal-bytes", "ECMOCK_JOURNAL_BYTES", "1000", "1k"),
    ("--log", "ECMOCK_LOG", "json", "loud"),
];

#[rstest]
#[case::listen("--listen", "banana", "must be ADDRESS:PORT, for example")]
#[case::listen_without_port("--listen", "127.0.0.1", "must be ADDRESS:PORT, for example")]
#[case::quota_name("--quota", "x=1", "unknown quota `x`; must be one of vpcs-per-region, ")]
#[case::quota_number("--quota", "havips-per-vpc=-1", "must be NAME=N")]
#[case::settle("--settle", "-1", "must be a number of reads from 0 to")]
#[case::settle_time("--settle", "2d", "or a duration of up to 24h, such as 1500ms, 2s, or 5m")]
#[case::visible_after("--visible-after", "2d", "or a duration of up to 24h, such as")]
#[case::credential("--credential", "nope", "ID:KEY or ID:KEY@ACCOUNT")]
#[case::rate_limit_below_0("--rate-limit", "-5", "must be `off`, `documented`, or a number")]
#[case::rate_limit("--rate-limit", "0", "must be `off`, `documented`, or a number")]
#[case::clock(
    "--clock",
    "yesterday",
    "must be a time with a zone, for example 2026-01-31T12:00:00Z"
)]
#[case::clock_without_zone("--clock", "2026-11-22T04:00:00", "must be a time with a zone")]
#[case::auth("--auth", "maybe", "open, verify")]
#[case::log("--log", "loud", "pretty, json")]
#[case::state_dir("--state-dir", "Cargo.toml/state", "cannot create Cargo.toml/state: ")]
#[case::tls_dir("--tls-dir", "Cargo.toml/tls", "cannot create the directory Cargo.toml/tls: ")]
#[case::tls_name("--tls-name", "ecm.*.test", "must be a DNS name (ecm.test), a wildcard name")]
#[case::tls_name_wildcard(
    "--tls-name",
    "*.test",
    "must have at least two labels after the wildcard"
)]
#[case::admin_host("--admin-host", "http://mock", "must be a DNS name (ecm.test), a wildcard name")]
#[case::seed("--seed", "x", "must be a whole number from 0 to")]
#[case::journal_entries("--journal-entries", "many", "must be a whole number from 0 to")]
#[case::journal_entries_below_0("--journal-entries", "-1", "must be a whole number from 0 to")]
#[case::journal_bytes("--journal-bytes", "32MiB", "must be a whole number from 0 to")]
#[case::seed_below_0("--seed", "-1", "must be a whole number from 0 to")]
fn a_bad_value_is_an_error_in_one_line(
    #[values(&[], &["serve"])] command: &[&str],
    #[case] flag: &str,
    #[case] value: &str,
    #[case] reason: &str,
) {
    let refusal = run(&[command, &[flag, value]].concat()).refusal_line(1);
    assert!(refusal.contains(flag) && refusal.contains(reason), "{refusal}");
}

#[test]
fn a_bad_variable_is_an_error_in_one_line() {
    for (flag, variable, _, bad) in SETTINGS {
        let mut command = ecmock(&[]);
        command.env("ECMOCK_LISTEN", "127.0.0.1:0").env(variable, bad);
        let refusal = finish(command).refusal_line(1);
        let names_the_value =
            matches!(flag, "--fixture" | "--credential" | "--tls-dir" | "--fault");
        assert!(names_the_value || refusal.contains(variable), "{refusal}");
    }
}

/// CI systems set variables without a value to an empty string.
#[test]
fn an_empty_variable_counts_as_unset() {
    let mut command = ecmock(&["env"]);
    for (_, variable, ..) in SETTINGS {
        command.env(variable, "");
    }
    command.env("ECMOCK_LISTEN", "");
    assert!(finish(command).printed().contains("http://127.0.0.1:7190"));
}

#[test]
fn localhost_is_an_address() {
    let printed = run(&["env", "--listen", "localhost:7"]).printed();
    assert!(printed.contains("http://127.0.0.1:7'"), "{printed}");
}

#[rstest]
fn a_client_needs_a_port(#[values("env", "healthcheck", "wait")] command: &str) {
    let refusal = run(&[command, "--listen", "127.0.0.1:0"]).refusal_line(2);
    assert_eq!(refusal, "ecmock: --listen: port is 0; must be the port that the server printed");
}

#[test]
fn a_flag_overrides_its_variable() {
    for (flag, variable, good, bad) in SETTINGS {
        let mut command = ecmock(&[flag, good]);
        command.env("ECMOCK_LISTEN", "127.0.0.1:0").env(variable, bad);
        Serving::of(command);
    }
}

#[test]
fn variables_without_flags_suffice() {
    let mut command = ecmock(&[]);
    command.envs(SETTINGS.map(|(_, variable, good, _)| (variable, good)));
    let server = Serving::of(command);
    assert!(server.start[0].ends_with("0 instances; auth verify, seed 7"), "{:?}", server.start);
}

#[test]
fn a_variable_holds_a_list_with_commas() {
    let fixtures = [file(&vpc("vpc-00000001")), file(&vpc("vpc-00000002"))];
    let mut command = ecmock(&[]);
    command
        .env("ECMOCK_LISTEN", "127.0.0.1:0,[::1]:0")
        .env("ECMOCK_FIXTURE", fixtures.each_ref().map(path).join(","));
    let server = Serving::of(command);
    assert_eq!(server.addresses().len(), 2);
    assert!(server.start[0].contains(": 2 VPCs, "), "{:?}", server.start);
}

/// The value may be a key without its ID.
#[test]
fn a_bad_credential_is_not_printed() {
    let refusal = run(&["--credential", "hunter2"]).refusal_line(1);
    assert!(!refusal.contains("hunter2"), "{refusal}");
}

#[rstest]
#[case::flag(&["--banana"], "--banana")]
#[case::flag_of_serve(&["serve", "--banana"], "--banana")]
#[case::flag_of_another_command(&["check", "--seed", "1", "file"], "--seed")]
#[case::command(&["banana"], "banana")]
#[case::no_file(&["check"], "<FILE>")]
fn invalid_arguments_show_the_usage(#[case] args: &[&str], #[case] culprit: &str) {
    let refusal = run(args).refusal(2);
    assert!(refusal.contains(culprit) && refusal.contains("Usage: ecmock"), "{refusal}");
}

/// A server with an invalid value fails to start. For other commands, the value is invalid usage.
#[rstest]
#[case::after_a_space(&["env", "--listen", "nope"])]
#[case::after_an_equals_sign(&["healthcheck", "--listen=nope"])]
fn a_bad_value_of_another_command_is_invalid_usage(#[case] args: &[&str]) {
    let refusal = run(args).refusal(2);
    assert!(refusal.contains("--listen"), "{refusal}");
}

#[cfg(unix)]
#[test]
fn invalid_utf_8_shows_the_usage() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};

    let mut command = ecmock(&[]);
    command.arg(OsStr::from_bytes(b"\xff"));
    let refusal = finish(command).refusal(2);
    assert!(refusal.contains("Usage: ecmock"), "{refusal}");
}

const COMMANDS: [&str; 8] =
    ["serve", "actions", "check", "env", "healthcheck", "wait", "doctor", "completions"];

#[rstest]
fn help_names_every_flag_and_variable(#[values(&["--help"], &["serve", "--help"])] args: &[&str]) {
    let help = run(args).printed();
    for name in SETTINGS.map(|(flag, ..)| flag).into_iter().chain(VARIABLES) {
        assert!(help.contains(name), "{name} is not in {help}");
    }
}

#[rstest]
fn a_line_of_help_has_at_most_79_columns(
    #[values(
        "",
        "serve",
        "actions",
        "check",
        "env",
        "healthcheck",
        "wait",
        "doctor",
        "completions",
        "help"
    )]
    command: &str,
    #[values("-h", "--help")] flag: &str,
) {
    let args = if command == "help" { vec!["help"] } else { vec![command, flag] };
    let args: Vec<&str> = args.into_iter().filter(|arg| !arg.is_empty()).collect();
    let mut process = ecmock(&args);
    process.envs(SETTINGS.map(|(_, variable, good, _)| (variable, good)));
    let help = finish(process).printed();
    let long: Vec<&str> = help.lines().filter(|line| line.chars().count() > 79).collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn short_help_shows_defaults_and_long_help_also_variables() {
    let [short, long] = ["-h", "--help"].map(|flag| run(&[flag]).printed());
    for default in ["127.0.0.1:7190", "built-in demo", "random", "real time", "10000"] {
        let default = format!("[default: {default}]");
        assert!(short.contains(&default) && long.contains(&default), "{default}");
    }
    assert!(!short.contains("[env: ") && long.contains("[env: ECMOCK_SEED]"), "{short}");
}

#[test]
fn long_help_lists_exit_codes() {
    for command in COMMANDS {
        let help = run(&[command, "--help"]).printed();
        let (_, list) = help.split_once("\nExit status:\n").unwrap();
        assert!(list.starts_with("  0  ") && list.contains("\n  2  "), "{command}: {list}");
    }
}

#[test]
fn help_names_every_command() {
    let help = run(&["-h"]).printed();
    for command in COMMANDS {
        assert!(help.contains(&format!("\n  {command} ")), "{command} is not in {help}");
    }
}

#[test]
fn help_does_not_show_the_keys_in_the_environment() {
    let mut command = ecmock(&["--help"]);
    command.env("ECMOCK_CREDENTIALS", "AKIDx:hunter2");
    assert!(!finish(command).printed().contains("hunter2"));
}

#[test]
fn version_is_that_of_the_package() {
    assert_eq!(run(&["--version"]).printed(), concat!("ecmock ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn rust_log_off_silences_the_log() {
    let mut command = ecmock(&["--listen", "127.0.0.1:0"]);
    command.env("RUST_LOG", "off");
    let server = Serving::of(command);
    server.create(json!({}));
    assert_eq!(server.stop().stderr, [""; 0]);
}

#[test]
fn a_bad_rust_log_is_an_error_in_one_line() {
    let mut command = ecmock(&["--listen", "127.0.0.1:0"]);
    command.env("RUST_LOG", "ecmock=loud");
    let refusal = finish(command).refusal_line(1);
    assert!(refusal.contains("RUST_LOG: invalid filter: "), "{refusal}");
}

/// Header with the name of an account, and a signature that must not be logged.
const AUTHORIZATION: (&str, &str) = (
    "Authorization",
    "TC3-HMAC-SHA256 Credential=ecmock-team/2026-11-22/ecm/tc3_request, \
     SignedHeaders=content-type;host, Signature=5ec2e7",
);

#[test]
fn a_json_log_line_has_the_facts_of_its_call() {
    let server = Serving::with(&["--log", "json"]);
    let mut connection = Connection::open(server.address());
    let answer: Value =
        serde_json::from_str(&connection.call(json!({ "Vip": "x" }), &[AUTHORIZATION])).unwrap();
    let line = super::next(&server.process.stderr).unwrap();
    let line: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(line["action"], "CreateHaVip");
    assert_eq!(line["account"], "team");
    assert_eq!(line["code"], "InvalidParameterValue.Malformed");
    assert_eq!(line["request_id"], answer["Response"]["RequestId"]);
    assert!(line["duration_us"].is_u64(), "{line}");
    assert_eq!(line.get("trace"), None, "{line}");
}

#[rstest]
#[case::pretty("pretty", " trace=4bf92f3577b34da6a3ce929d0e0e4736")]
#[case::json("json", "\"trace\":\"4bf92f3577b34da6a3ce929d0e0e4736\"")]
fn a_log_line_has_the_trace_of_its_call(#[case] format: &str, #[case] trace: &str) {
    let server = Serving::with(&["--log", format]);
    let parent = ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-01");
    Connection::open(server.address()).call(json!({}), &[parent]);
    let line = super::next(&server.process.stderr).unwrap();
    assert!(line.contains(trace), "{line}");
}

#[test]
fn every_line_of_a_json_log_is_json() {
    let mut fixture = vpc("vpc-00000001");
    fixture["VpcSet"][0]["Color"] = json!("red");
    let fixture = file(&fixture);
    let server = Serving::with(&["--log", "json", "--fixture", path(&fixture)]);
    server.create(json!({}));
    let mut half_a_call = Connection::open(server.address());
    half_a_call.write("POST / HTTP/1.1\r\n");
    let log = server.stop().stderr;
    assert!(log.len() >= 2, "a warning and a call: {log:?}");
    for line in log {
        serde_json::from_str::<Value>(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
    }
}

#[rstest]
fn a_log_line_has_neither_signature_nor_body(#[values("pretty", "json")] format: &str) {
    let server = Serving::with(&["--log", format]);
    let params = json!({ "HaVipName": "hunter2" });
    Connection::open(server.address()).call(params, &[AUTHORIZATION]);
    let log = server.stop().stderr.join("\n");
    for secret in ["hunter2", "5ec2e7", "SignedHeaders", "172.16.0.17"] {
        assert!(!log.contains(secret), "{log}");
    }
}

const HOSTILE: [&str; 4] =
    ["one%0Atwo", "a%1B%5B2J%C2%9B31m%7F", "%E2%80%AEx%E2%80%A8y", "OK%20x%22"];

/// Sends hostile strings as action, SecretId, version, and language, and returns the log.
fn hostile_log(format: &str) -> Vec<String> {
    let server = Serving::with(&["--log", format]);
    let mut connection = Connection::open(server.address());
    for text in HOSTILE {
        let version = VERSION;
        for query in [
            format!("Action={text}&Version={version}&SecretId={text}"),
            format!("Action=CreateHaVip&Version={text}&SecretId={text}&Language={text}"),
            format!("Action=CreateHaVip&Version={version}&VpcId={text}&SecretId=ecmock-{text}"),
        ] {
            connection.write(&format!("GET /?{query} HTTP/1.1\r\nHost: ecmock\r\n\r\n"));
            connection.read();
        }
    }
    for host in ["a\x1b[31m", "\u{202e}", "a\x0bb"] {
        let mut connection = Connection::open(server.address());
        connection.write(&format!(
            "GET /?Action=X&Version={VERSION} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        ));
        connection.read_to_end();
    }
    server.stop().stderr
}

#[rstest]
fn a_client_can_neither_forge_a_log_line_nor_control_a_terminal(
    #[values("pretty", "json")] format: &str,
) {
    let log = hostile_log(format);
    assert!(log.len() >= 3 * HOSTILE.len() && log.len() <= 3 * HOSTILE.len() + 3, "{log:#?}");
    for line in &log {
        let is_bad = |it: &char| it.is_control() || matches!(it, '\u{2028}'..='\u{202e}');
        assert_eq!(line.chars().find(is_bad), None, "{line:?}");
        let is_call = match format {
            "json" => serde_json::from_str::<Value>(line).unwrap()["action"].is_string(),
            _ => line.as_bytes()[12] == b'Z' && line.contains(" -> "),
        };
        assert!(is_call, "{line}");
    }
    if format == "pretty" {
        assert!(log[0].contains("Z \"one\\ntwo\" -> InvalidAction: "), "{log:#?}");
        assert!(log[9].contains("Z \"OK x\\\"\" -> InvalidAction: "), "{log:#?}");
    }
}

#[test]
fn the_log_has_the_message_of_a_rejected_call_in_english() {
    let server = Serving::new();
    let mut connection = Connection::open(server.address());
    let refused = json!({ "SubnetId": "subnet-zzzzzzzz" });
    for language in ["en-US", "zh-CN"] {
        connection.call(refused.clone(), &[("X-TC-Language", language)]);
    }
    let log = server.stop().stderr;
    let message = "CreateHaVip -> ResourceNotFound: The resource does not exist. \
                   (subnet `subnet-zzzzzzzz`) ";
    assert!(log.len() == 2 && log.iter().all(|line| line.contains(message)), "{log:#?}");
}

#[test]
fn a_message_in_the_log_is_short_and_has_no_key() {
    let server = Serving::with(&["--credential", "AKIDme:correct-horse", "--log", "json"]);
    let mut connection = Connection::open(server.address());
    connection.call(json!({ "SubnetId": "correct-horse" }), &[]);
    connection.call(json!({ "SubnetId": "x".repeat(9000) }), &[]);
    connection.call(json!({ "n".repeat(9000): 1 }), &[]);
    for line in server.stop().stderr {
        assert!(!line.contains("horse"), "{line}");
        let line: Value = serde_json::from_str(&line).unwrap();
        assert!(line["message"].as_str().unwrap().len() < 400, "{line}");
    }
}

/// Returns the bodies of two calls of a new server: a successful and a failed call.
fn bodies(seed: &str) -> [String; 2] {
    let server = Serving::with(&["--seed", seed, "--clock", CLOCK]);
    let mut connection = Connection::open(server.address());
    [json!({}), json!({ "VpcId": "vpc-00000000" })].map(|params| connection.call(params, &[]))
}

#[test]
fn one_seed_gives_the_same_bytes() {
    assert_eq!(bodies("1"), bodies("1"));
}

#[test]
fn different_seeds_give_different_bytes() {
    let ([ok, error], [other_ok, other_error]) = (bodies("1"), bodies("2"));
    assert_ne!(ok, other_ok);
    assert_ne!(error, other_error);
}

#[rstest]
#[case(CLOCK)]
#[case("2026-11-21T23:00:00-05:00")]
fn times_are_in_the_zone_of_the_cloud(#[case] clock: &str) {
    let server = Serving::with(&["--clock", clock]);
    let times = [(); 2].map(|()| server.create(json!({}))["HaVip"]["CreatedTime"].clone());
    assert_eq!(times, ["2026-11-22 12:00:00"; 2]);
}

#[test]
fn the_quota_of_a_vpc_is_enforced() {
    let server = Serving::with(&["--quota", "havips-per-vpc=1"]);
    vip(&server.create(json!({})));
    assert_eq!(code(&server.create(json!({}))), "LimitExceeded");
}

#[test]
fn the_rate_limit_is_enforced() {
    let server = Serving::with(&["--rate-limit", "1", "--clock", CLOCK]);
    vip(&server.create(json!({})));
    assert_eq!(code(&server.create(json!({}))), "RequestLimitExceeded");
}

#[test]
fn without_fixtures_the_state_is_empty() {
    let server = Serving::with(&["--fixture", "none"]);
    assert_eq!(code(&server.create(json!({}))), "ResourceNotFound");
}

#[test]
fn a_later_fixture_overrides_an_earlier_one() {
    let files = [
        json!({ "VpcSet": [{ "VpcId": "vpc-m0c2kcun", "CidrBlock": "10.1.0.0/16" }] }),
        json!({ "VpcSet": [{ "VpcId": "vpc-m0c2kcun", "CidrBlock": "10.2.0.0/16" }],
            "SubnetSet": [{ "SubnetId": "subnet-rtmfkg4w", "VpcId": "vpc-m0c2kcun", "CidrBlock": "10.2.3.0/24" }] }),
    ]
    .each_ref()
    .map(file);
    let server = Serving::with(&["--fixture", path(&files[0]), "--fixture", path(&files[1])]);
    assert_eq!(vip(&server.create(json!({}))), "10.2.3.2");
}

#[test]
fn verify_rejects_an_unsigned_call() {
    let server = Serving::with(&["--auth", "verify"]);
    assert_eq!(code(&server.create(json!({}))), "MissingParameter");
}

#[test]
fn every_tls_name_is_validated() {
    let refusal = run(&["--tls-name", "ecmock,a b"]).refusal_line(1);
    assert!(refusal.contains("'a b'"), "{refusal}");
}

#[test]
fn a_credential_selects_the_account_of_its_id() {
    let server = Serving::with(&["--credential", "ecmock-team:key@other", "--log", "json"]);
    Connection::open(server.address()).call(json!({}), &[AUTHORIZATION]);
    let line: Value = serde_json::from_str(&server.stop().stderr[0]).unwrap();
    assert_eq!(line["account"], "other");
}
