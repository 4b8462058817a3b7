//! A server on a free port, and a client that sends bytes as they are.

use std::time::Duration;

use ecmock::{
    Config, Fixtures, Server,
    ecm::{
        CATALOG,
        recipes::{self, Recipe},
    },
    protocol::refusal,
};
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
};

/// Time in which a server ends: one second by contract, and one for a busy machine.
pub(crate) const END_TIME_MAX: Duration = Duration::from_secs(2);

/// The demo state's VPC and subnet.
pub(crate) const VPC: &str = "vpc-m0c2kcun";
pub(crate) const SUBNET: &str = "subnet-rtmfkg4w";
pub(crate) const VERSION: &str = "2019-07-19";

/// A server of the test's own.
pub(crate) struct TestServer {
    server: Server,
}

impl TestServer {
    /// Demo state, open, seed 1, and the clock standing still.
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// The same with other settings.
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config {
            seed: Some(1),
            clock: "2026-11-22T04:00:00Z".parse().ok(),
            ..Config::default()
        };
        change(&mut config);
        Self { server: Server::start(config).await.unwrap() }
    }

    /// A server whose accounts begin with the state of a fixture.
    pub(crate) async fn with_fixture(text: &str) -> Self {
        Self::with_fixture_and(text, |_| ()).await
    }

    /// The same with other settings.
    pub(crate) async fn with_fixture_and(text: &str, change: impl FnOnce(&mut Config)) -> Self {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let files = vec![file.path().to_owned()];
        Self::with(|config| {
            config.fixtures = Fixtures::Files(files);
            change(config);
        })
        .await
    }

    /// The cloud of an account, as a Rust test holds it.
    pub(crate) fn account(&self, name: &str) -> std::sync::Arc<ecmock::control::Account> {
        self.server.account(name)
    }

    pub(crate) fn endpoint(&self) -> String {
        self.server.endpoint()
    }

    /// `127.0.0.1:PORT`.
    pub(crate) fn address(&self) -> String {
        self.server.addresses()[0].to_string()
    }

    /// Calls an action as the account `default`, with a JSON body and no signature.
    pub(crate) async fn call(&self, action: &str, params: &Value) -> Value {
        self.call_as("default", action, params).await
    }

    /// Calls an action as any account. Whatever the answer is, its code is one that it may have.
    pub(crate) async fn call_as(&self, account: &str, action: &str, params: &Value) -> Value {
        let response = self.forced_as(account, action, params).await;
        if let Some(code) = response["Error"]["Code"].as_str() {
            assert_documented(action, code);
        }
        response
    }

    /// The same where a fault may answer any code.
    pub(crate) async fn forced_as(&self, account: &str, action: &str, params: &Value) -> Value {
        let authorization =
            format!("TC3-HMAC-SHA256 Credential=ecmock-{account}/2026-11-22/ecm/tc3_request");
        let headers = [
            ("X-TC-Action", action),
            ("X-TC-Version", VERSION),
            ("Content-Type", "application/json"),
            ("Authorization", &authorization),
        ];
        let body = params.to_string();
        self.send("POST", "/", &headers, body.as_bytes()).await.response()
    }

    /// `CreateHaVip` in the demo subnet, with more parameters or other ones.
    pub(crate) async fn create(&self, params: Value) -> Value {
        self.call("CreateHaVip", &create(params)).await
    }

    /// Merges the state of a recipe into an account, then makes the calls before the request.
    pub(crate) async fn prepare(&self, account: &str, recipe: &Recipe) {
        if let Some(state) = &recipe.state {
            let target = format!("/_ecmock/state?account={account}");
            let answer = self.send("PATCH", &target, &[], state.to_string().as_bytes()).await;
            assert!(answer.status().starts_with('2'), "{account}: {answer:?}");
        }
        let mut answer = Value::Null;
        for step in &recipe.before {
            for number in 1..=step.times {
                let params = step.params(number, &answer);
                answer = self.call_as(account, &step.action, &params).await;
                assert!(answer["Error"].is_null(), "{account}: {} {params}: {answer}", step.action);
            }
        }
    }

    /// Sends one request with `Host` and `Content-Length`, unless `headers` has others.
    pub(crate) async fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut head = format!("{method} {target} HTTP/1.1\r\n");
        let (address, length) = (self.address(), body.len().to_string());
        let defaults = [("Host", address.as_str()), ("Content-Length", length.as_str())];
        let has = |name: &str| headers.iter().any(|(it, _)| it.eq_ignore_ascii_case(name));
        let missing = defaults.iter().filter(|(name, _)| !has(name));
        for (name, value) in missing.chain(headers) {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head.push_str("\r\n");
        let mut connection = self.connect().await;
        connection.write(&[head.as_bytes(), body].concat()).await;
        connection.read(method).await
    }

    /// Opens a connection to write any bytes to.
    pub(crate) async fn connect(&self) -> Connection {
        Connection::over(TcpStream::connect(self.address()).await.unwrap())
    }

    pub(crate) async fn shutdown(self) {
        self.server.shutdown().await;
    }
}

/// Every emulated action, with the recipe that succeeds in the built-in demo.
pub(crate) fn examples() -> impl Iterator<Item = (&'static str, &'static Recipe)> {
    let actions = CATALOG.models.iter().map(|action| action.name);
    actions.filter_map(|name| Some((name, recipes::example(name)?)))
}

/// Fails if the vendor does not document a code for an action, and the gateway does not answer it
/// either.
#[track_caller]
pub(crate) fn assert_documented(action: &str, code: &str) {
    let is_documented = CATALOG.codes(action).iter().any(|it| it.as_str() == code);
    assert!(is_documented || is_gateways(action, code), "{action} answered {code}");
}

/// Whether the gateway answers a code to a call that [`TestServer::call_as`] makes.
fn is_gateways(action: &str, code: &str) -> bool {
    match code {
        // Something is broken; or a common parameter is, of which there are none that could be.
        "InternalError" | "InvalidParameterValue" => false,
        "UnsupportedOperation" => !CATALOG.is_emulated(action),
        _ => refusal::codes::ALL.iter().any(|it| it.as_str() == code),
    }
}

/// Parameters of `CreateHaVip` in the demo subnet; `null` takes one away.
pub(crate) fn create(params: Value) -> Value {
    let mut all = recipes::example("CreateHaVip").unwrap().request.clone();
    let Value::Object(params) = params else { panic!("parameters are an object") };
    all.as_object_mut().unwrap().extend(params);
    all
}

/// The code and the message of an error.
pub(crate) fn error(response: &Value) -> (&str, &str) {
    let field = |name| response["Error"][name].as_str();
    match (field("Code"), field("Message")) {
        (Some(code), Some(message)) => (code, message),
        _ => panic!("no error: {response}"),
    }
}

pub(crate) fn code(response: &Value) -> &str {
    error(response).0
}

/// The address of a HAVIP that was made.
pub(crate) fn vip(response: &Value) -> &str {
    response["HaVip"]["Vip"].as_str().unwrap_or_else(|| panic!("no HAVIP: {response}"))
}

/// A connection that stays open until it is dropped.
pub(crate) struct Connection<S = TcpStream> {
    pub(crate) stream: S,
    read: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(crate) fn over(stream: S) -> Self {
        Self { stream, read: Vec::new() }
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// Waits until an answer begins.
    pub(crate) async fn first_byte(&mut self) {
        assert!(self.more().await, "the connection ended before an answer");
    }

    /// Reads one answer: its head, and as much body as it says.
    pub(crate) async fn read(&mut self, method: &str) -> Answer {
        let end = loop {
            if let Some(end) = self.read.windows(4).position(|it| it == b"\r\n\r\n") {
                break end;
            }
            assert!(self.more().await, "the connection ended before an answer");
        };
        let head = String::from_utf8(self.read[..end].to_vec()).unwrap();
        self.read.drain(..end + 4);
        let mut answer = Answer { head, body: Vec::new() };
        if answer.header("transfer-encoding") == Some("chunked") {
            answer.body = self.chunks().await;
            return answer;
        }
        let length = answer.header("content-length").map_or(0, |it| it.parse().unwrap());
        let length = if method == "HEAD" { 0 } else { length };
        while self.read.len() < length {
            assert!(self.more().await, "the connection ended inside an answer");
        }
        answer.body = self.read.drain(..length).collect();
        answer
    }

    /// Reads a chunked body.
    async fn chunks(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let end = loop {
                if let Some(end) = self.read.windows(2).position(|it| it == b"\r\n") {
                    break end;
                }
                assert!(self.more().await, "the connection ended before a chunk");
            };
            let length = std::str::from_utf8(&self.read[..end]).unwrap();
            let length = usize::from_str_radix(length, 16).unwrap();
            while self.read.len() < end + 2 + length + 2 {
                assert!(self.more().await, "the connection ended inside a chunk");
            }
            body.extend(&self.read[end + 2..end + 2 + length]);
            self.read.drain(..end + 2 + length + 2);
            if length == 0 {
                return body;
            }
        }
    }

    pub(crate) async fn close_own_side(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// Whether the server has closed its side, and nothing is left to read.
    pub(crate) async fn is_at_its_end(&mut self) -> bool {
        self.read.is_empty() && !self.more().await
    }

    /// Reads until the server closes its side.
    pub(crate) async fn drained(&mut self) {
        while self.more().await {}
    }

    async fn more(&mut self) -> bool {
        self.stream.read_buf(&mut self.read).await.unwrap() > 0
    }
}

/// An answer, byte for byte.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn status(&self) -> &str {
        self.head.lines().next().unwrap().split_once(' ').unwrap().1
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (it, value) = line.split_once(": ")?;
            it.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// What is in the envelope.
    pub(crate) fn response(&self) -> Value {
        assert_eq!(self.status(), "200 OK");
        assert_eq!(self.header("content-type"), Some("application/json"));
        let mut body: Value = serde_json::from_slice(&self.body).unwrap();
        body["Response"].take()
    }
}
