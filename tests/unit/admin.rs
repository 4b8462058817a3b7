//! The admin API.

mod accounts;
mod bad_holds;
mod call;
mod clock;
mod connections;
mod console;
mod explanations;
mod fault_effects;
mod faults;
mod guard;
mod ha_vips;
mod holds;
mod input;
mod known_keys;
mod metrics;
mod requests;
mod retries;
mod secrets;
mod state;
mod traces;
mod verdict;
mod verify;
mod waiting;

use crate::config::Auth;
use serde_json::{Value, json};

use crate::tests::support::{Connection, TestServer, VERSION, create};

/// A client of the admin API for one account.
pub(crate) struct Admin<'a> {
    server: &'a TestServer,
    account: &'a str,
}

impl TestServer {
    /// Returns the admin API for the account `default`.
    pub(crate) const fn admin(&self) -> Admin<'_> {
        self.admin_of("default")
    }

    /// Returns the admin API for an account.
    pub(crate) const fn admin_of<'a>(&'a self, account: &'a str) -> Admin<'a> {
        Admin { server: self, account }
    }

    /// Calls an action on a new connection, and reads nothing of the response.
    pub(crate) async fn begin(&self, account: &str, action: &str, params: &Value) -> Connection {
        let body = params.to_string();
        let length = body.len();
        let head = format!(
            "POST / HTTP/1.1\r\nHost: ecmock\r\nX-TC-Action: {action}\r\nX-TC-Version: {VERSION}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\nAuthorization: \
             TC3-HMAC-SHA256 Credential=ecmock-{account}/2026-11-22/ecm/tc3_request\r\n\r\n"
        );
        let mut connection = self.connect().await;
        connection.write(&[head, body].concat().into_bytes()).await;
        connection
    }

    /// Calls an action, and reads the response with any code.
    pub(crate) async fn any_call(&self, account: &str, action: &str, params: &Value) -> Value {
        self.begin(account, action, params).await.read("POST").await.response()
    }
}

impl Admin<'_> {
    /// Returns the status and the JSON body of a response.
    async fn send(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let joint = if path.contains('?') { '&' } else { '?' };
        let target = format!("/_ecmock/{path}{joint}account={}", self.account);
        let answer = self.server.send(method, &target, &[], body.as_bytes()).await;
        assert_eq!(answer.header("content-type"), Some("application/json"), "{answer:?}");
        let status = answer.status().split(' ').next().unwrap().parse().unwrap();
        (status, serde_json::from_slice(&answer.body).unwrap())
    }

    async fn ok(&self, method: &str, path: &str, body: &str) -> Value {
        let (status, json) = self.send(method, path, body).await;
        assert_eq!(status, 200, "{method} {path} {body}: {json}");
        json
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.ok("GET", path, "").await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        self.ok("POST", path, &body.to_string()).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Value {
        self.ok("PUT", path, &body.to_string()).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Value {
        self.ok("PATCH", path, &body.to_string()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Value {
        self.ok("DELETE", path, "").await
    }

    /// Adds a fault rule, and returns the response.
    pub(crate) async fn add_fault(&self, rule: &Value) -> Value {
        let (status, json) = self.send("POST", "faults", &rule.to_string()).await;
        assert_eq!(status, 201, "{rule}: {json}");
        json
    }

    /// Returns the status, code, and message of an error.
    pub(crate) async fn refusal(&self, method: &str, path: &str, body: &str) -> String {
        let (status, json) = self.send(method, path, body).await;
        assert!((400..500).contains(&status), "{method} {path} {body}: {status} {json}");
        assert_eq!(json["Status"], status);
        let text = |name| json[name].as_str().unwrap_or_else(|| panic!("no {name}: {json}"));
        format!("{status} {}: {}", text("Code"), text("Message"))
    }

    /// Returns the calls that match a query of the journal.
    pub(crate) async fn requests(&self, query: &str) -> Vec<Value> {
        let mut found = self.get(&format!("requests?{query}")).await;
        let Value::Array(requests) = found["Requests"].take() else { panic!("{found}") };
        requests
    }

    /// Waits until the first fault rule was applied `calls` times.
    pub(crate) async fn wait_for_hits(&self, calls: u64) {
        while self.get("faults").await["Faults"][0]["Hits"] != calls {}
    }
}

/// Returns a field of each item.
pub(crate) fn fields(list: &[Value], name: &str) -> Vec<Value> {
    list.iter().map(|it| it[name].clone()).collect()
}

#[tokio::test]
async fn health_and_readiness_have_no_envelope() {
    let server = TestServer::with(|config| config.auth = Auth::Verify).await;
    for path in ["/_ecmock/health", "/_ecmock/ready"] {
        let answer = server.send("GET", path, &[], b"").await;
        assert_eq!(answer.status(), "200 OK");
        let health: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(health["Status"], "ready");
        assert_eq!(health["Version"], env!("CARGO_PKG_VERSION"));
        assert!(health["UptimeMs"].is_u64());
    }
}

/// All endpoints of the contract.
const PROMISED: [&str; 31] = [
    "GET health",
    "GET ready",
    "GET accounts",
    "DELETE accounts/{name}",
    "POST reset",
    "GET state",
    "PUT state",
    "PATCH state",
    "POST call",
    "GET requests",
    "GET requests/{id}",
    "DELETE requests",
    "GET retries",
    "POST verify",
    "GET expectations",
    "POST expectations",
    "DELETE expectations",
    "GET verdict",
    "GET faults",
    "POST faults",
    "DELETE faults",
    "GET faults/{id}",
    "DELETE faults/{id}",
    "POST faults/{id}/release",
    "GET clock",
    "PUT clock",
    "POST clock/advance",
    "POST havips/{id}/announce",
    "POST havips/{id}/withdraw",
    "PUT havips/{id}/address",
    "GET metrics",
];

/// Returns the lines of the index, for example `GET health`.
async fn index(server: &TestServer) -> Vec<String> {
    let index = server.admin().get("").await;
    assert_eq!(index["Version"], env!("CARGO_PKG_VERSION"));
    let lines = index["Paths"].as_array().unwrap();
    assert!(lines.iter().all(|it| it["What"].as_str().is_some_and(|what| !what.is_empty())));
    let text = |line: &Value, name| line[name].as_str().unwrap().to_owned();
    let path = |line| text(line, "Path").strip_prefix("/_ecmock/").unwrap().to_owned();
    lines.iter().map(|it| format!("{} {}", text(it, "Method"), path(it))).collect()
}

#[tokio::test]
async fn the_index_lists_all_endpoints_of_the_contract() {
    let server = TestServer::new().await;
    let lines = index(&server).await;
    for promised in PROMISED {
        assert!(lines.iter().any(|it| it == promised), "{promised} is not in {lines:?}");
    }
}

#[tokio::test]
async fn every_endpoint_of_the_index_exists() {
    let server = TestServer::new().await;
    for line in index(&server).await {
        let (method, path) = line.split_once(' ').unwrap();
        let target = format!("/_ecmock/{}", path.replace("{name}", "x").replace("{id}", "x"));
        let answer = server.send(method, &target, &[], b"").await;
        assert_ne!(answer.status(), "405 Method Not Allowed", "{line}");
        let text = String::from_utf8(answer.body).unwrap();
        assert!(!text.contains("unknown path /_ecmock/"), "{line}: {text}");
    }
}

#[tokio::test]
async fn the_index_is_served_with_and_without_a_trailing_slash() {
    let server = TestServer::new().await;
    let [with, without] = ["/_ecmock/", "/_ecmock"];
    let with = server.send("GET", with, &[], b"").await;
    assert_eq!(with.status(), "200 OK");
    assert_eq!(server.send("GET", without, &[], b"").await.body, with.body);
}

#[tokio::test]
async fn an_unknown_path_is_an_error_that_lists_the_known_ones() {
    let server = TestServer::new().await;
    for path in ["nope", "health//", "faults/1/2", "/health"] {
        for method in ["GET", "POST", "BREW"] {
            let refusal = server.admin().refusal(method, path, "").await;
            let known = format!(
                "404 NotFound: unknown path /_ecmock/{path}; paths below /_ecmock/: health, \
                 ready, metrics, ca.pem, actions, actions/{{name}}, accounts, accounts/{{name}}, reset, \
                 state, visibility, call, requests, "
            );
            assert!(refusal.starts_with(&known), "{refusal}");
        }
    }
}

#[tokio::test]
async fn a_wrong_method_is_an_error_that_lists_the_allowed_ones() {
    let server = TestServer::new().await;
    for (method, path, expected) in [
        ("POST", "health", "POST is not allowed for /_ecmock/health; allowed: GET"),
        ("GET", "reset", "GET is not allowed for /_ecmock/reset; allowed: POST"),
        ("POST", "state", "POST is not allowed for /_ecmock/state; allowed: GET, PUT, PATCH"),
        (
            "PUT",
            "faults/fault-1",
            "PUT is not allowed for /_ecmock/faults/fault-1; allowed: GET, DELETE",
        ),
        (
            "GET",
            "faults/fault-1/release",
            "GET is not allowed for /_ecmock/faults/fault-1/release; allowed: POST",
        ),
        (
            "GET",
            "havips/x/address",
            "GET is not allowed for /_ecmock/havips/x/address; allowed: PUT",
        ),
        ("DELETE", "", "DELETE is not allowed for /_ecmock/; allowed: GET"),
    ] {
        let refusal = server.admin().refusal(method, path, "").await;
        assert_eq!(refusal, format!("405 MethodNotAllowed: {expected}"));
    }
}

/// With a rate limit of one call, and a fault rule that matches every call.
#[tokio::test]
async fn admin_requests_are_not_journaled_limited_or_faulted() {
    let server = TestServer::with(|config| config.rate_limit = "1".parse().unwrap()).await;
    let admin = server.admin();
    admin.add_fault(&json!({ "Connection": "reset", "DelayMs": 1 })).await;
    for line in index(&server).await {
        let (method, path) = line.split_once(' ').unwrap();
        if !matches!(path, "reset" | "faults" | "requests") {
            let path = path.replace("{name}", "x").replace("{id}", "x");
            server.send(method, &format!("/_ecmock/{path}"), &[], b"{}").await;
        }
    }
    assert_eq!(admin.get("faults").await["Faults"][0]["Matches"], 0);
    assert_eq!(admin.get("requests").await["Total"], 0);
    admin.delete("faults").await;
    assert!(server.call("DescribeVpcs", &json!({})).await["Error"].is_null());
    assert_eq!(admin.get("requests").await["Total"], 1);
}

#[tokio::test]
async fn each_account_has_its_own_journal_faults_clock_and_state() {
    let server = TestServer::new().await;
    let (one, other) = (server.admin_of("one"), server.admin_of("other"));
    one.add_fault(&json!({ "Action": "CreateVpc", "DelayMs": 1 })).await;
    one.put("clock", json!({ "Now": "2030-01-01T00:00:00Z", "Frozen": true })).await;
    server.call_as("one", "CreateHaVip", &create(json!({}))).await;
    assert_eq!(one.get("faults").await["Total"], 1);
    assert_eq!(one.get("clock").await["Now"], "2030-01-01T00:00:00.000Z");
    assert_eq!(one.get("requests").await["Total"], 1);
    assert_eq!(one.get("state").await["HaVipSet"].as_array().unwrap().len(), 1);
    for of_another in [other, server.admin()] {
        assert_eq!(of_another.get("faults").await["Total"], 0);
        assert_eq!(of_another.get("clock").await["Now"], "2026-11-22T04:00:00.000Z");
        assert_eq!(of_another.get("requests").await["Total"], 0);
        assert!(of_another.get("state").await["HaVipSet"].as_array().is_none_or(Vec::is_empty));
    }
}
