//! Commands other than `serve`.

use std::{
    io::Write as _,
    net::{TcpListener, TcpStream},
    process::Command,
    thread,
};

use insta::assert_snapshot;
use rstest::rstest;
use serde_json::{Value, json};

use super::{Connection, Serving, ecmock, file, finish, path, request, run, vpc};
use crate::{
    json::{SUBNET, VPC, vip},
    signer::V3,
};

const PARAMETERS: [&str; 4] = ["VpcId", "SubnetId", "HaVipName", "Vip"];
/// <https://www.tencentcloud.com/document/product/1119/45732>
const CODES: [&str; 10] = [
    "FailedOperation.InternalOperationFailure",
    "InvalidParameter",
    "InvalidParameterValue",
    "InvalidParameterValue.Duplicate",
    "InvalidParameterValue.Malformed",
    "InvalidParameterValue.ObjectNotCurrentSubnet",
    "InvalidParameterValue.TooLong",
    "LimitExceeded",
    "ResourceInsufficient",
    "ResourceNotFound",
];

#[test]
fn actions_are_listed() {
    let list = run(&["actions"]).printed();
    assert!(list.lines().any(|line| line.starts_with("CreateHaVip ")), "{list}");
}

#[test]
fn an_action_is_shown_with_parameters_and_codes() {
    let text = run(&["actions", "CreateHaVip"]).printed();
    let names = text.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let first_words: Vec<&str> =
        names.filter_map(|line| line.trim_start().split(' ').next()).collect();
    let (own, gateways) = first_words.split_at(PARAMETERS.len() + CODES.len());
    assert_eq!(own, [&PARAMETERS[..], &CODES].concat());
    assert!(gateways.contains(&"UnknownParameter") && gateways.len() > 10, "{gateways:?}");
    assert!(gateways.iter().all(|it| !CODES.contains(it)), "{gateways:?}");
}

#[rstest]
fn actions_in_json_are_the_same(
    #[values(&["actions", "--json"], &["actions", "CreateHaVip", "--json"])] args: &[&str],
) {
    let shown: Value = serde_json::from_str(&run(args).printed()).unwrap();
    let action = match &shown {
        Value::Array(all) => all.iter().find(|it| it["Name"] == "CreateHaVip").unwrap(),
        one => one,
    };
    let parameters = action["Parameters"].as_array().unwrap().iter();
    let parameters: Vec<Value> =
        parameters.map(|it| json!([it["Name"], it["Type"], it["Required"]])).collect();
    assert_eq!(
        json!(parameters),
        json!(PARAMETERS.map(|name| json!([name, "string", name != "Vip"])))
    );
    assert_eq!(action["Codes"], json!(CODES));
}

#[test]
fn each_error_is_shown_with_its_trigger() {
    let text = run(&["actions", "DeleteHaVip"]).printed();
    let (before, errors) = text.split_once("\n\nErrors of the action").unwrap();
    let (_, example) = before.split_once("\n\nExample").unwrap();
    assert_snapshot!(example, @r#"
    , a request that succeeds in the built-in demo
        state    {"HaVipSet":[{"HaVipId":"havip-demo0001","SubnetId":"subnet-rtmfkg4w","VpcId":"vpc-m0c2kcun"}]}
        request  {"HaVipId":"havip-demo0001"}
    "#);
    let (errors, _) = errors.split_once("\n\nErrors of the gateway").unwrap();
    assert_snapshot!(errors, @r#"
    , and how to trigger each in the built-in demo
      FailedOperation                                                 Operation failed.
        fault rule only
      InvalidParameter                                                The parameter is incorrect.
        request  {"HaVipId":""}
      InvalidParameterValue                                           The parameter value is incorrect.
        fault rule only
      InvalidParameterValue.InvalidRegion                             The ECM region is invalid.
        fault rule only
      InvalidParameterValue.Malformed                                 The input parameter format is invalid.
        request  {"HaVipId":"havip-1"}
      ResourceNotFound                                                The resource does not exist.
        request  {"HaVipId":"havip-zzzzzzzz"}
      UnsupportedOperation                                            Unsupported operation.
        state    {"AddressSet":[{"AddressId":"eip-demo0001","InstanceId":"havip-demo0001"}],"HaVipSet":[{"HaVipId":"havip-demo0001","SubnetId":"subnet-rtmfkg4w","VpcId":"vpc-m0c2kcun"}]}
        request  {"HaVipId":"havip-demo0001"}
    "#);
    assert!(
        text.ends_with(
            "\n  {\"Action\":\"DeleteHaVip\",\"Error\":{\"Code\":\"CODE\"},\"Times\":1}"
        )
    );
}

#[test]
fn preceding_calls_are_shown() {
    let text = run(&["actions", "CreateSubnet"]).printed();
    let (_, quota) = text.split_once("\n  LimitExceeded ").unwrap();
    let lines: Vec<&str> = quota.lines().skip(1).take(2).collect();
    assert_snapshot!(lines.join("\n"), @r#"
        before   CreateSubnet {"VpcId":"vpc-m0c2kcun","SubnetName":"demo","CidrBlock":"172.16.{n}.0/24","Zone":"ap-hangzhou-ecm-1","EcmRegion":"ap-hangzhou-ecm"} for n from 1 to 99
        request  {"VpcId":"vpc-m0c2kcun","SubnetName":"demo","CidrBlock":"172.16.100.0/24","Zone":"ap-hangzhou-ecm-1","EcmRegion":"ap-hangzhou-ecm"}
    "#);
}

#[test]
fn a_long_list_is_only_complete_in_json() {
    let ids = "{\"HaVipIds\":[\"havip-zzzzzzzz\", 100 more]}";
    assert!(run(&["actions", "DescribeHaVips"]).printed().contains(ids));
    let json: Value =
        serde_json::from_str(&run(&["actions", "DescribeHaVips", "--json"]).printed()).unwrap();
    let errors = json["Errors"].as_array().unwrap();
    let lists = errors.iter().filter_map(|it| it["Request"]["HaVipIds"].as_array());
    assert_eq!(lists.map(Vec::len).max(), Some(101));
}

#[test]
fn an_error_in_json_is_natural_or_injectable() {
    let text = run(&["actions", "CreateHaVip", "--json"]).printed();
    let action: Value = serde_json::from_str(&text).unwrap();
    let errors = action["Errors"].as_array().unwrap();
    let codes: Vec<&Value> = errors.iter().map(|it| &it["Code"]).collect();
    assert_eq!(json!(codes), json!(CODES));
    let fault = |code| json!({ "Action": "CreateHaVip", "Error": { "Code": code }, "Times": 1 });
    assert_eq!(
        errors[0],
        json!({
            "Code": CODES[0], "Phrase": "Internal error.", "Origin": "injectable",
            "Fault": fault(CODES[0]),
        })
    );
    assert_eq!(
        errors[8],
        json!({
            "Code": "ResourceInsufficient", "Phrase": "Insufficient resource.", "Origin": "natural",
            "State": { "SubnetSet": [{
                "SubnetId": SUBNET, "VpcId": VPC, "CidrBlock": "172.16.0.0/27",
            }] },
            "Before": [{ "Action": "CreateNetworkInterface", "Params": {
                "VpcId": VPC, "SubnetId": SUBNET, "NetworkInterfaceName": "demo",
                "EcmRegion": "ap-hangzhou-ecm", "SecondaryPrivateIpAddressCount": 13,
            } }],
            "Request": { "VpcId": VPC, "SubnetId": SUBNET, "HaVipName": "demo" },
        })
    );
    let gateways = action["GatewayErrors"].as_array().unwrap();
    let others: Vec<&Value> = action["GatewayCodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|code| !codes.contains(code))
        .collect();
    assert_eq!(gateways.iter().map(|it| &it["Code"]).collect::<Vec<_>>(), others);
    assert_eq!(
        gateways[0],
        json!({
            "Code": "AuthFailure.InvalidAuthorization", "Phrase": gateways[0]["Phrase"],
            "Fault": fault("AuthFailure.InvalidAuthorization"),
        })
    );
}

#[test]
fn an_example_in_json_is_a_recipe() {
    let shown = |name| -> Value {
        serde_json::from_str(&run(&["actions", name, "--json"]).printed()).unwrap()
    };
    let request = json!({ "VpcId": VPC, "SubnetId": SUBNET, "HaVipName": "irang_testHaVip" });
    assert_eq!(shown("CreateHaVip")["Example"], json!({ "Request": request }));
    let example = &shown("DetachNetworkInterface")["Example"];
    assert_eq!(example["State"]["InstanceSet"][0]["InstanceId"], "ein-demo0001");
    assert_eq!(example["Before"][0]["Action"], "AttachNetworkInterface");
    assert_eq!(shown("RunInstances").get("Example"), None);
    assert!(!run(&["actions", "RunInstances"]).printed().contains("Example"));
}

#[test]
fn an_unknown_action_is_an_error_with_the_nearest_name() {
    let refusal = run(&["actions", "CreateHavip"]).refusal_line(2);
    assert_eq!(refusal, "ecmock: unknown action `CreateHavip`; did you mean `CreateHaVip`?");
}

#[test]
fn a_good_fixture_is_ok() {
    let fixtures = [file(&vpc("vpc-00000001")), file(&vpc("vpc-00000002"))];
    let printed = run(&["check", path(&fixtures[0]), path(&fixtures[1])]).printed();
    assert_eq!(
        printed,
        "ok: 2 VPCs, 0 subnets, 0 network interfaces, 0 HAVIPs, 0 EIPs, 0 instances"
    );
}

#[test]
fn a_good_fixture_may_have_warnings() {
    let mut fixture = vpc("vpc-00000001");
    fixture["VpcSet"][0]["Color"] = json!("red");
    let fixture = file(&fixture);
    let finished = run(&["check", path(&fixture)]);
    assert_eq!(finished.code, Some(0));
    assert_eq!(
        finished.stdout,
        ["ok: 1 VPC, 0 subnets, 0 network interfaces, 0 HAVIPs, 0 EIPs, 0 instances"]
    );
    let place = format!("{}: $.VpcSet[0].Color", path(&fixture));
    assert_eq!(finished.stderr, [format!("ecmock: warning: {place}: unknown field, ignored")]);
}

#[test]
fn check_reports_every_problem() {
    let fixtures = [file(&vpc("vpc-1")), file(&json!([])), file(&json!({ "VpcSet": [{}] }))];
    let [first, second, third] = fixtures.each_ref().map(path);
    let refusal = run(&["check", first, second, third]).refusal(2);
    for (file, problem) in [
        (first, "$.VpcSet[0].VpcId: "),
        (second, "$: must be an object"),
        (third, "$.VpcSet[0].VpcId: is missing"),
        (third, "$.VpcSet[0].CidrBlock: is missing"),
    ] {
        assert!(refusal.contains(&format!("\n  {file}: {problem}")), "{refusal}");
    }
    assert!(refusal.starts_with("ecmock: the fixtures have 4 problems:\n"), "{refusal}");
}

#[test]
fn an_unreadable_file_is_an_error() {
    let refusal = run(&["check", "no-such-file.json"]).refusal_line(2);
    assert!(
        refusal.starts_with("ecmock: fixture no-such-file.json: cannot be read: "),
        "{refusal}"
    );
}

#[test]
fn an_unreadable_file_hides_no_other_problem() {
    let bad = file(&vpc("vpc-1"));
    let refusal = run(&["check", "no-such-file.json", path(&bad), "nor-this.json"]).refusal(2);
    for place in ["no-such-file.json", "nor-this.json", &format!("{}: $.VpcSet", path(&bad))] {
        assert!(refusal.contains(place), "{place} is not in {refusal}");
    }
}

/// Returns the output of `script` after the lines of `ecmock env`.
fn after_env(shell: &str, address: &str, script: &str) -> String {
    let script = format!("set -eu; eval \"$(\"$0\" env --listen {address})\"; {script}");
    let mut command = Command::new(shell);
    command.args(["-c", &script, env!("CARGO_BIN_EXE_ecmock")]);
    finish(command).printed()
}

#[rstest]
fn a_shell_evaluates_the_endpoint_and_credentials(
    #[values("bash", "sh")] shell: &str,
    #[values("127.0.0.1:7", "[::1]:7")] address: &str,
) {
    let script = "env | grep -E '^(ECMOCK_ENDPOINT|TENCENTCLOUD_[A-Z_]+)=' | sort";
    assert_eq!(
        after_env(shell, address, script),
        format!(
            "ECMOCK_ENDPOINT=http://{address}
TENCENTCLOUD_REGION=ap-guangzhou
TENCENTCLOUD_SECRET_ID=ecmock-default
TENCENTCLOUD_SECRET_KEY=ecmock"
        )
    );
}

#[rstest]
#[case::loopback("127.0.0.1:7", &["127.0.0.1", "::1"])]
#[case::loopback_v6("[::1]:0", &["127.0.0.1", "::1"])]
#[case::everywhere("0.0.0.0:7", &["127.0.0.1", "::1"])]
#[case::mapped("[::ffff:127.0.0.1]:7", &["127.0.0.1", "::1"])]
#[case::another_machine("10.0.0.5:7", &["10.0.0.5"])]
fn env_prints_hosts_entries(#[case] listen: &str, #[case] addresses: &[&str]) {
    let printed = run(&["env", "--hosts", "--listen", listen]).printed();
    let (comment, entries) = printed.split_once('\n').unwrap();
    assert!(comment.starts_with('#'));
    let entries: Vec<Vec<&str>> = entries.lines().map(|it| it.split(' ').collect()).collect();
    for address in addresses {
        for name in ["", "intl.", "internal.", "ap-guangzhou.", "eu-frankfurt."] {
            let names =
                ["com", "com.cn", "cn"].map(|end| format!("ecm.{name}tencentcloudapi.{end}"));
            let expected = [&[*address][..], &names.each_ref().map(String::as_str)].concat();
            assert!(entries.contains(&expected), "{expected:?} is not in {entries:?}");
        }
    }
    assert!(entries.iter().all(|it| addresses.contains(&it[0])), "{entries:?}");
}

/// With a stand-in for tccli. `tests/sdk` runs the real one.
#[rstest]
#[case::ecm("ecm CreateHaVip --Vip ''", "ecm CreateHaVip --Vip <> --endpoint http://127.0.0.1:7")]
#[case::another_product("cvm DescribeZones", "cvm DescribeZones")]
#[case::nothing("", "")]
fn tccli_gets_the_endpoint_only_for_ecm(#[case] args: &str, #[case] received: &str) {
    let directory = tempfile::tempdir().unwrap();
    let tccli = "#!/bin/sh\nfor it; do printf '%s ' \"${it:-<>}\"; done\n";
    std::fs::write(directory.path().join("tccli"), tccli).unwrap();
    let directory = directory.path().display();
    let script =
        format!("chmod +x {directory}/tccli; PATH={directory}:$PATH; set +u; tccli {args}");
    assert_eq!(after_env("bash", "127.0.0.1:7", &script).trim_end(), received);
}

#[test]
fn a_call_with_the_credentials_of_env_passes_verify() {
    let server = Serving::with(&["--auth", "verify", "--clock", "2026-11-22T04:00:00Z"]);
    let script = "echo $TENCENTCLOUD_SECRET_ID; echo $TENCENTCLOUD_SECRET_KEY";
    let credentials = after_env("bash", server.address(), script);
    let (secret_id, secret_key) = credentials.split_once('\n').unwrap();
    let (_, body) = request(json!({}), &[]);
    let signature = V3 { secret_id, secret_key, ..V3::post("ecmock", body.as_bytes()) };
    let headers = [
        ("X-TC-Timestamp", &*signature.timestamp.to_string()),
        ("Authorization", &signature.authorization()),
    ];
    let answer = Connection::open(server.address()).call(json!({}), &headers);
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(vip(&answer["Response"]), "172.16.0.17");
}

#[rstest]
#[case::loopback("127.0.0.1:0")]
#[case::loopback_v6("[::1]:0")]
#[case::everywhere("0.0.0.0:0")]
#[case::everywhere_v6("[::]:0")]
fn a_running_server_is_healthy(#[case] listen: &str) {
    let server = Serving::of(ecmock(&["--listen", listen]));
    let finished = run(&["healthcheck", "--listen", server.address()]);
    assert_eq!(finished.printed(), "");
}

#[test]
fn healthcheck_uses_the_variable() {
    let server = Serving::new();
    let mut command = ecmock(&["healthcheck"]);
    command.env("ECMOCK_LISTEN", server.address());
    assert_eq!(finish(command).printed(), "");
}

#[test]
fn an_unused_address_is_not_healthy() {
    // A client's own address: nothing listens there, and no other process can get it.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let address = client.local_addr().unwrap().to_string();
    let refusal = run(&["healthcheck", "--listen", &address]).refusal_line(1);
    assert!(refusal.starts_with(&format!("ecmock: {address} is not ready: ")), "{refusal}");
}

#[rstest]
#[case::busy("HTTP/1.1 503 Service Unavailable\r\n\r\n")]
#[case::silent("")]
#[case::no_http("SSH-2.0-OpenSSH_9.2\r\n")]
fn another_server_is_not_healthy(#[case] greeting: &'static str) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let other = thread::spawn(move || listener.accept().unwrap().0.write_all(greeting.as_bytes()));
    let refusal = run(&["healthcheck", "--listen", &address]).refusal_line(1);
    assert!(refusal.starts_with(&format!("ecmock: {address} is not ready: ")), "{refusal}");
    other.join().unwrap().unwrap();
}

#[test]
fn healthcheck_takes_two_seconds_at_most() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    // A server that sends its response byte by byte and never completes it.
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        for byte in b"HTTP/1.1 20" {
            if std::io::Write::write_all(&mut stream, &[*byte]).is_err() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(500));
        }
    });
    let begin = std::time::Instant::now();
    let refusal = run(&["healthcheck", "--listen", &address]).refusal_line(1);
    assert_eq!(refusal, format!("ecmock: {address} is not ready: no response within 2 s"));
    assert!(begin.elapsed() < std::time::Duration::from_secs(4));
}
