//! The calls that wrk sends, and the fixture that they need.
//!
//! All servers receive the same calls, as the Python SDK sends them. They rotate over subnets that
//! have enough addresses for a whole run.

use base16ct::lower::encode_string as hex;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// Number of subnets, each in its own VPC. A subnet has 65,533 free addresses.
const SUBNETS: u32 = 16;
const HOST: &str = "ecm.intl.tencentcloudapi.com";
/// Time of all signatures: noon in Beijing on 2026-11-22.
const TIMESTAMP: u64 = 1_795_320_000;
const DATE: &str = "2026-11-22";
/// Time of all signatures, for the frozen clock of the server.
pub(super) const CLOCK: &str = "2026-11-22T04:00:00Z";
const SECRET_ID: &str = "ecmock-bench";
const SECRET_KEY: &str = "ecmock";
/// Credential of all calls, as a flag of the server.
pub(super) const CREDENTIAL: &str = "ecmock-*:ecmock";

/// Returns a Lua script for wrk that sends the calls in turn.
pub(super) fn script() -> String {
    // The strings have no characters that JSON and Lua escape differently.
    let requests: Vec<String> =
        (0..SUBNETS).map(|number| json!(request(number)).to_string()).collect();
    let requests = requests.join(",\n");
    format!(
        "local requests = {{\n{requests}\n}}\nlocal last = 0\n\
        function request()\n  last = last % #requests + 1\n  return requests[last]\nend\n"
    )
}

/// Returns a fixture with the subnets.
pub(super) fn fixture() -> String {
    let numbers = 0..SUBNETS;
    let cidr = |number: u32| format!("10.{number}.0.0/16");
    let vpcs = numbers.clone().map(|it| json!({ "VpcId": vpc_id(it), "CidrBlock": cidr(it) }));
    let subnets = numbers.map(|number| {
        let (vpc, subnet) = (vpc_id(number), subnet_id(number));
        json!({ "VpcId": vpc, "SubnetId": subnet, "CidrBlock": cidr(number) })
    });
    let (vpcs, subnets): (Vec<_>, Vec<_>) = (vpcs.collect(), subnets.collect());
    json!({ "VpcSet": vpcs, "SubnetSet": subnets }).to_string()
}

fn vpc_id(number: u32) -> String {
    format!("vpc-{number:08}")
}

fn subnet_id(number: u32) -> String {
    format!("subnet-{number:08}")
}

/// Returns a call that creates a HAVIP in a subnet.
fn request(subnet: u32) -> String {
    let (vpc, subnet) = (vpc_id(subnet), subnet_id(subnet));
    let body = json!({ "VpcId": vpc, "SubnetId": subnet, "HaVipName": "bench" }).to_string();
    let (authorization, length) = (authorization(SECRET_ID, HOST, &body), body.len());
    [
        "POST / HTTP/1.1",
        &format!("Host: {HOST}"),
        "User-Agent: python-requests/2.32.5",
        "Accept: */*",
        "Content-Type: application/json",
        "X-TC-Action: CreateHaVip",
        "X-TC-RequestClient: SDK_PYTHON_3.0.1490",
        &format!("X-TC-Timestamp: {TIMESTAMP}"),
        "X-TC-Version: 2019-07-19",
        "X-TC-Region: ap-hangzhou",
        &format!("Authorization: {authorization}"),
        &format!("Content-Length: {length}"),
        "",
        &body,
    ]
    .join("\r\n")
}

/// Signs a body with TC3-HMAC-SHA256, and returns the `Authorization` header.
fn authorization(secret_id: &str, host: &str, body: &str) -> String {
    let canonical = format!(
        "POST\n/\n\ncontent-type:application/json\nhost:{host}\n\ncontent-type;host\n{}",
        hex(&Sha256::digest(body))
    );
    let scope = format!("{DATE}/ecm/tc3_request");
    let text =
        format!("TC3-HMAC-SHA256\n{TIMESTAMP}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
    let seed = format!("TC3{SECRET_KEY}").into_bytes();
    let steps = [DATE, "ecm", "tc3_request", &text];
    let signature = hex(&steps.iter().fold(seed, |key, step| mac(&key, step)));
    format!(
        "TC3-HMAC-SHA256 Credential={secret_id}/{scope}, SignedHeaders=content-type;host, Signature={signature}"
    )
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC accepts keys of any length");
    mac.chain_update(text).finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_benchmarks_in_process() {
        let calls = include_str!("../../../benches/calls.rs");
        let body = r#"{"VpcId":"vpc-m0c2kcun","SubnetId":"subnet-rtmfkg4w","HaVipName":"irang_testHaVip"}"#;
        assert!(calls.contains(body));
        let authorization = authorization("ecmock-default", "127.0.0.1:7190", body);
        assert_eq!(
            authorization,
            "TC3-HMAC-SHA256 Credential=ecmock-default/2026-11-22/ecm/tc3_request, \
            SignedHeaders=content-type;host, \
            Signature=84ece6a43d5cfc43235e27bdc1374e53332a29ddfa87f2a591f788284f89d52d"
        );
    }

    #[test]
    fn a_call_has_the_length_of_its_body() {
        let request = request(3);
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("\r\nContent-Length: {}", body.len())));
        assert!(body.contains("\"subnet-00000003\""));
    }

    #[test]
    fn a_script_has_all_calls_as_strings() {
        let script = script();
        assert_eq!(script.matches("\n\"POST / HTTP/1.1\\r\\nHost: ").count(), 16);
        assert!(!script.contains("\\u"));
    }

    #[test]
    fn a_fixture_has_the_subnet_of_each_call() {
        let fixture = fixture();
        for number in 0..SUBNETS {
            assert!(fixture.contains(&format!("\"{}\"", subnet_id(number))));
        }
    }
}
