//! Secrets are never in the journal, and names of clients are.

use crate::config::Auth;
use serde_json::{Value, json};

use crate::tests::{
    signer::{self, SECRET_KEY, V3},
    support::{TestServer, VERSION},
};

/// Strings that must not appear.
const SECRETS: [&str; 4] = ["hunter2", "5ec2e7", "t0k3n", "SignedHeaders"];

/// Returns the output of all endpoints of the journal.
async fn journal_output(server: &TestServer, account: &str) -> String {
    let admin = server.admin_of(account);
    let mut told = vec![admin.get("requests").await];
    for entry in admin.requests("").await {
        told.push(admin.get(&format!("requests/{}", entry["RequestId"].as_str().unwrap())).await);
    }
    let expected = json!({ "Action": "NoSuchAction", "Params": { "Password": "x" } });
    told.push(admin.post("verify", expected).await);
    told.push(admin.get("requests?summary=codes").await);
    told.iter().map(Value::to_string).collect()
}

#[tokio::test]
async fn a_v3_call_leaves_no_secret_in_the_journal() {
    let server = TestServer::new().await;
    let authorization = "TC3-HMAC-SHA256 Credential=ecmock-one/2026-11-22/ecm/tc3_request, \
                         SignedHeaders=content-type;host, Signature=5ec2e7";
    for action in ["RunInstances", "CreateHaVip", "Nonsense"] {
        let headers = [
            ("X-TC-Action", action),
            ("X-TC-Version", VERSION),
            ("X-TC-Token", "t0k3n"),
            ("Content-Type", "application/json"),
            ("Authorization", authorization),
        ];
        let body = json!({
            "Password": "hunter2",
            "InstanceSettings": [{ "NewPassword": "hunter2", "Secrets": ["hunter2"] }],
            "Token": "t0k3n",
            "Signature": "5ec2e7",
            "Authorization": authorization,
        });
        server.send("POST", "/", &headers, body.to_string().as_bytes()).await.response();
    }
    let told = journal_output(&server, "one").await;
    assert!(told.contains(r#""Password":"***""#), "{told}");
    for secret in SECRETS {
        assert!(!told.contains(secret), "{secret} is in {told}");
    }
}

#[tokio::test]
async fn a_v1_call_leaves_no_secret_in_the_journal() {
    let server = TestServer::new().await;
    let pairs = [
        ("Action", "RunInstances"),
        ("Version", VERSION),
        ("Timestamp", "1795320000"),
        ("Nonce", "7"),
        ("SecretId", "ecmock-one"),
        ("Token", "t0k3n"),
        ("Password", "hunter2"),
    ];
    let query = signer::v1("GET", "ecmock", &pairs, SECRET_KEY);
    let (_, signature) = query.split_once("&Signature=").unwrap();
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    server.send("GET", &format!("/?{query}"), &[], b"").await.response();
    server.send("POST", "/", &form, query.as_bytes()).await.response();
    // With the header, it is a v3 call, where the signature is an ordinary parameter.
    let header = [("X-TC-Action", "RunInstances"), ("X-TC-Version", VERSION)];
    let without = query.replace("Action=RunInstances&", "");
    server.send("GET", &format!("/?{without}"), &header, b"").await.response();

    for (account, calls) in [("one", 2), ("default", 1)] {
        assert_eq!(server.admin_of(account).requests("").await.len(), calls);
        let told = journal_output(&server, account).await;
        let decoded: String =
            percent_encoding::percent_decode_str(signature).decode_utf8_lossy().into();
        for secret in SECRETS.into_iter().chain([signature, &decoded]) {
            assert!(!told.contains(secret), "{secret} is in {told}");
        }
    }
}

/// Explanations repeat the signed string: of a wrong signature, and of a signature for another host.
#[tokio::test]
async fn an_explanation_leaves_no_secret_in_the_journal() {
    let server = TestServer::with(|config| config.auth = Auth::Verify).await;
    for (key, code) in [("wrong", "AuthFailure.SignatureFailure"), (SECRET_KEY, "MissingParameter")]
    {
        let query = "InstanceIds.0=ein-1&Login.%50assword=hunter2&Password=hunter2";
        let host = "ecm.tencentcloudapi.com";
        let signed_headers =
            vec![("content-type", "application/json"), ("cookie", "t0k3n"), ("host", host)];
        let signed = V3 {
            method: "GET",
            query,
            headers: signed_headers,
            secret_key: key,
            ..V3::post(host, b"")
        };
        let authorization = signed.authorization();
        let headers = [
            ("X-TC-Action", "ResetInstancesPassword"),
            ("X-TC-Version", VERSION),
            ("X-TC-Timestamp", "1795320000"),
            ("Content-Type", "application/json"),
            ("Cookie", "t0k3n"),
            ("Authorization", &authorization),
        ];
        let answer = server.send("GET", &format!("/?{query}"), &headers, b"").await.response();
        assert_eq!(answer["Error"]["Code"], code);

        let pairs = [
            ("Action", "ResetInstancesPassword"),
            ("Version", VERSION),
            ("Timestamp", "1795320000"),
            ("Nonce", "7"),
            ("SecretId", "ecmock-default"),
            ("Password", "hunter2"),
        ];
        let query = signer::v1("GET", host, &pairs, key);
        let answer = server.send("GET", &format!("/?{query}"), &[], b"").await.response();
        assert_eq!(answer["Error"]["Code"], code);
    }
    let told = journal_output(&server, "default").await;
    assert_eq!(told.matches("StringToSign").count(), 4, "{told}");
    for shown in ["Login.%50assword=***", "&Password=***", "cookie:***", "SecretId=ecmock-default"]
    {
        assert!(told.contains(shown), "{shown} is not in {told}");
    }
    for secret in ["hunter2", "t0k3n"] {
        assert!(!told.contains(secret), "{secret} is in {told}");
    }
}

#[tokio::test]
async fn clients_are_known_by_the_header_of_v3() {
    let server = TestServer::new().await;
    for (text, name, version) in [
        ("SDK_PYTHON_3.1.105", "Python", "3.1.105"),
        ("SDK_PYTHON_3.1.105; _CLI_3.1.189.1", "tccli", "3.1.189.1"),
        ("SDK_NODEJS_4.1.313", "Node", "4.1.313"),
        ("SDK_GO_1.3.166", "Go", "1.3.166"),
        ("SDK_JAVA_3.2.11", "Java", "3.2.11"),
    ] {
        let headers = [
            ("X-TC-Action", "DescribeVpcs"),
            ("X-TC-Version", VERSION),
            ("Content-Type", "application/json"),
            ("X-TC-RequestClient", text),
        ];
        server.send("POST", "/", &headers, b"{}").await.response();
        let client = server.admin().requests("").await.pop().unwrap()["Client"].take();
        assert_eq!(
            client,
            json!({
                "Name": name, "Version": version, "RequestClient": text, "UserAgent": null,
            })
        );
    }
}

#[tokio::test]
async fn clients_are_known_by_the_parameter_of_v1() {
    let server = TestServer::new().await;
    for (text, name) in
        [("SDK_PYTHON_3.1.105", "Python"), ("SDK_GO_1.3.166", "Go"), ("SDK_JAVA_3.2.11", "Java")]
    {
        let target = format!("/?Action=DescribeVpcs&Version={VERSION}&RequestClient={text}");
        let headers = [("User-Agent", "Go-http-client/1.1")];
        server.send("GET", &target, &headers, b"").await.response();
        let entry = server.admin().requests("").await.pop().unwrap();
        assert_eq!(entry["Client"]["Name"], name);
        assert_eq!(entry["Client"]["UserAgent"], "Go-http-client/1.1");
        assert_eq!(entry["Params"], json!({}));
    }
}

#[tokio::test]
async fn an_unknown_client_has_no_name_and_a_truncated_string() {
    let server = TestServer::new().await;
    let agent = "a".repeat(10_000);
    let headers = [("User-Agent", agent.as_str()), ("X-TC-RequestClient", agent.as_str())];
    server.send("POST", "/", &headers, b"{}").await.response();
    let client = server.admin().requests("").await.pop().unwrap()["Client"].take();
    assert_eq!(client["Name"], Value::Null);
    assert_eq!(client["UserAgent"], "a".repeat(256));
    assert_eq!(client["RequestClient"], "a".repeat(256));
}
