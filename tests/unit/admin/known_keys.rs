//! Known secret keys are masked in every part of a call.

use std::collections::BTreeSet;

use crate::ecm::CATALOG;
use crate::{
    config::Auth,
    protocol::{secret::is_secret, signature::keyring::Credential},
};
use serde_json::{Value, json};

use crate::tests::{
    signer::{self, V3},
    support::{TestServer, VERSION, VPC, code, create, error},
};

const KEY: &str = "correct-horse";

async fn server(auth: Auth) -> TestServer {
    TestServer::with(|config| {
        config.auth = auth;
        config.credentials =
            ["ecmock-*:ecmock", "AKIDme:correct-horse@team"].map(|it| it.parse().unwrap()).into();
    })
    .await
}

/// Returns all output about all calls, and their number.
async fn all_output(server: &TestServer) -> (String, usize) {
    let accounts = server.admin().get("accounts").await;
    let mut told = accounts.to_string();
    let mut calls = 0;
    for account in accounts["Accounts"].as_array().unwrap() {
        let admin = server.admin_of(account["Name"].as_str().unwrap());
        for entry in admin.requests("").await {
            let path = format!("requests/{}", entry["RequestId"].as_str().unwrap());
            told.extend([entry.to_string(), admin.get(&path).await.to_string()]);
            calls += 1;
        }
        let expected = json!({ "Action": "Nope", "Params": { "VpcName": "other" } });
        told.push_str(&admin.post("verify", expected).await.to_string());
    }
    (told, calls)
}

#[tokio::test]
async fn a_key_in_any_place_of_a_v3_call_is_masked() {
    for auth in [Auth::Open, Auth::Verify] {
        let server = server(auth).await;
        let (host, agent) = (format!("me:{KEY}@ecmock.test"), format!("tool {KEY}"));
        let body = json!({ "VpcId": KEY, "Tags": [{ "Key": "a", "Value": format!("x{KEY}") }] });
        let body = body.to_string();
        let unknown = json!({ KEY: KEY }).to_string();
        for (action, secret_id, body) in [
            ("CreateHaVip", "AKIDme", body.as_str()),
            ("CreateHaVip", "AKIDme", unknown.as_str()),
            (KEY, "AKIDme", "{}"),
            ("DescribeVpcs", KEY, "{}"),
            ("DescribeVpcs", "AKIDme:correct-horse", "{}"),
            ("DescribeVpcs", "ecmock-web:correct-horse@team", "{}"),
            ("DescribeVpcs", "ecmock-correct-horse", "{}"),
        ] {
            let signed = V3 { secret_id, secret_key: "wrong", ..V3::post(&host, body.as_bytes()) };
            let headers = [
                ("Host", host.as_str()),
                ("X-TC-Action", action),
                ("X-TC-Version", VERSION),
                ("X-TC-Timestamp", "1795320000"),
                ("X-TC-RequestClient", KEY),
                ("User-Agent", &agent),
                ("Content-Type", "application/json"),
                ("Authorization", &signed.authorization()),
            ];
            let answer = server.send("POST", "/", &headers, body.as_bytes()).await;
            let text = String::from_utf8(answer.body).unwrap();
            assert!(!answer.head.contains(KEY) && !text.contains(KEY), "{}{text}", answer.head);
        }
        let (told, calls) = all_output(&server).await;
        assert_eq!(calls, 7);
        assert!(!told.contains(KEY), "{told}");
        for shown in [r#""Host":"me:***@ecmock.test""#, r#""UserAgent":"tool ***""#, "x***"] {
            assert!(told.contains(shown), "{shown} is not in {told}");
        }
    }
}

#[tokio::test]
async fn a_key_in_any_place_of_a_v1_call_is_masked() {
    for auth in [Auth::Open, Auth::Verify] {
        let server = server(auth).await;
        let host = format!("http://{KEY}@ecmock.test");
        for (name, value) in [
            ("HaVipName", KEY),
            ("HaVipName", "x correct-horse"),
            ("SecretId", "AKIDme:correct-horse"),
            ("SecretId", "ecmock-web:correct-horse"),
            ("Action", KEY),
            ("Version", KEY),
            ("Region", KEY),
            ("RequestClient", KEY),
            ("Tags.0.Value", KEY),
            (KEY, "x"),
        ] {
            let defaults = [
                ("Action", "CreateHaVip"),
                ("Version", VERSION),
                ("Timestamp", "1795320000"),
                ("Nonce", "7"),
                ("SecretId", "AKIDme"),
            ];
            let mut pairs: Vec<_> = defaults.into_iter().filter(|it| it.0 != name).collect();
            pairs.push((name, value));
            let target = format!("/?{}", signer::v1("GET", "elsewhere", &pairs, "wrong"));
            let answer = server.send("GET", &target, &[("Host", &host)], b"").await;
            let text = String::from_utf8(answer.body).unwrap();
            assert!(!answer.head.contains(KEY) && !text.contains(KEY), "{}{text}", answer.head);
        }
        let (told, calls) = all_output(&server).await;
        assert_eq!(calls, 10);
        assert!(!told.contains(KEY), "{told}");
    }
}

/// In a tag or a filter, the secret name is the value of another member.
#[tokio::test]
async fn the_value_of_a_secret_name_is_masked_in_a_query() {
    let server = server(Auth::Verify).await;
    let query = "Tags.0.Value=hunter2&Tags.0.Key=Password&Filters.0.Name=api-key\
                 &Filters.0.Values.0=hunter2&AccessToken=hunter2&Nope=1";
    let host = "ecm.tencentcloudapi.com";
    let signed = V3 { method: "GET", query, secret_key: "wrong", ..V3::post(host, b"") };
    let headers = [
        ("Host", host),
        ("X-TC-Action", "CreateVpc"),
        ("X-TC-Version", VERSION),
        ("X-TC-Timestamp", "1795320000"),
        ("Content-Type", "application/json"),
        ("Authorization", &signed.authorization()),
    ];
    let answer = server.send("GET", &format!("/?{query}"), &headers, b"").await.response();
    assert_eq!(code(&answer), "AuthFailure.SignatureFailure");
    let pairs = [
        ("Action", "CreateVpc"),
        ("Version", VERSION),
        ("Timestamp", "1795320000"),
        ("Nonce", "7"),
        ("SecretId", "ecmock-default"),
        ("Tags.0.Key", "Password"),
        ("Tags.0.Value", "hunter2"),
    ];
    let query = signer::v1("GET", host, &pairs, "wrong");
    server.send("GET", &format!("/?{query}"), &[("Host", host)], b"").await.response();
    let (told, calls) = all_output(&server).await;
    assert_eq!(calls, 2);
    assert!(!told.contains("hunter2"), "{told}");
    for shown in ["Filters.0.Values.0=***", "Tags.0.Value=***", r#""Values":"***""#] {
        assert!(told.contains(shown), "{shown} is not in {told}");
    }
}

/// A key is recognized by its form, even if no credential has it.
#[tokio::test]
async fn a_key_after_a_secret_id_is_masked_in_an_explanation() {
    const VENDOR_KEY: &str = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE";
    let server =
        TestServer::with(|config| (config.auth, config.credentials) = (Auth::Verify, any_id()))
            .await;
    let (host, secret_id) = ("ecm.tencentcloudapi.com", format!("AKIDabc:{VENDOR_KEY}"));
    let pairs = [
        ("Action", "CreateVpc"),
        ("Version", VERSION),
        ("Timestamp", "1795320000"),
        ("Nonce", "7"),
        ("SecretId", &secret_id),
    ];
    let query = signer::v1("GET", host, &pairs, "wrong");
    server.send("GET", &format!("/?{query}"), &[("Host", host)], b"").await.response();
    // Signature v3 has the SecretId in a header, but a query may repeat it.
    let query = format!("Action=x&SecretId=AKIDabc%3A{VENDOR_KEY}");
    let signed = V3 {
        method: "GET",
        query: &query,
        secret_id: &secret_id,
        secret_key: "wrong",
        ..V3::post(host, b"")
    };
    let headers = [
        ("Host", host),
        ("X-TC-Action", "CreateVpc"),
        ("X-TC-Version", VERSION),
        ("X-TC-Timestamp", "1795320000"),
        ("Content-Type", "application/json"),
        ("Authorization", &signed.authorization()),
    ];
    server.send("GET", &format!("/?{query}"), &headers, b"").await.response();
    let entries = server.admin().requests("").await;
    assert_eq!(entries.len(), 2);
    for (entry, shown) in entries.iter().zip(["SecretId=AKIDabc:***&", "&SecretId=***"]) {
        let path = format!("requests/{}", entry["RequestId"].as_str().unwrap());
        let explanation = server.admin().get(&path).await["Explanation"].to_string();
        assert!(explanation.contains(shown), "{explanation}");
        assert!(!explanation.contains(VENDOR_KEY), "{explanation}");
    }
}

fn any_id() -> Vec<Credential> {
    vec!["*:correct-horse".parse().unwrap()]
}

/// A pasted flag still names the account, and the journal has a warning.
#[tokio::test]
async fn a_secret_id_with_its_key_names_the_account_without_it() {
    let server = TestServer::new().await;
    for (secret_id, account) in [("web:ecmock", "web"), ("suite:case", "suite:case")] {
        server.call_as(secret_id, "DescribeVpcs", &json!({})).await;
        let entry = server.admin_of(account).requests("").await.pop().unwrap();
        let warning = "SecretId contains a secret key after `:`; the key is ignored, and the account is `web`";
        let expected = if account == "web" { json!(warning) } else { Value::Null };
        assert_eq!((&entry["Account"], &entry["Warning"]), (&json!(account), &expected));
    }
}

/// The default key is documented, and resources may have the same name.
#[tokio::test]
async fn the_default_key_is_not_masked() {
    let server = TestServer::new().await;
    let made = server.create(json!({ "HaVipName": "ecmock" })).await;
    assert_eq!(made["HaVip"]["HaVipName"], "ecmock");
    let expected = json!({ "Params": { "HaVipName": "ecmock" }, "Times": 1 });
    assert_eq!(server.admin().post("verify", expected).await["Ok"], true);
    let unknown = server.call("CreateHaVip", &create(json!({ "ecmock": 1 }))).await;
    assert_eq!(error(&unknown).1, "The parameter `ecmock` is not recognized.");
    assert_eq!(server.call("DescribeVpcs", &json!({})).await["VpcSet"][0]["VpcId"], VPC);
}

#[test]
fn few_parameters_of_the_product_have_secret_names() {
    let parameters = CATALOG.models.iter().flat_map(|model| model.parameters.members);
    let names = parameters.map(|member| member.name);
    let secret: BTreeSet<&str> = names.filter(|it| is_secret(it)).collect();
    assert_eq!(secret, BTreeSet::from(["Password", "UserData"]));
}
