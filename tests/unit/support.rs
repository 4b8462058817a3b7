//! An emulator for tests, and a client that sends raw bytes.

mod json;

use std::{sync::OnceLock, time::Duration};

use axum::body::{Bytes, HttpBody as _};
use http_body_util::{BodyExt as _, Full};
use tower::ServiceExt as _;

use crate::{
    Emulator, Server,
    config::Config,
    ecm::{
        CATALOG,
        recipes::{self, Recipe},
    },
    fixture::Fixture,
    protocol::refusal,
};
pub(crate) use json::{SUBNET, VERSION, VPC, code, create, error, vip};
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
};

/// Time limit of a shutdown: one second by contract, and one for a busy machine.
pub(crate) const END_TIME_MAX: Duration = Duration::from_secs(2);

/// An emulator for one test, called in process. A test that uses its address or connects also starts
/// a server on a socket.
pub(crate) struct TestServer {
    emulator: Emulator,
    server: OnceLock<Server>,
}

/// Headers that only apply to a connection.
const CONNECTION_HEADERS: [&str; 4] =
    ["transfer-encoding", "content-length", "expect", "connection"];

impl TestServer {
    /// Starts with the demo state, open authentication, seed 1, and a frozen clock.
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// Starts with other settings.
    #[expect(clippy::unused_async, reason = "a test's server needs a runtime")]
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config {
            seed: Some(1),
            clock: "2026-11-22T04:00:00Z".parse().ok(),
            ..Config::default()
        };
        change(&mut config);
        let emulator = Emulator::with_state(&config, config.load().unwrap()).unwrap();
        Self { emulator, server: OnceLock::new() }
    }

    /// Starts with the state of a fixture.
    pub(crate) async fn with_fixture(text: &str) -> Self {
        Self::with_fixture_and(text, |_| ()).await
    }

    /// Starts with the state of a fixture and other settings.
    pub(crate) async fn with_fixture_and(text: &str, change: impl FnOnce(&mut Config)) -> Self {
        Self::with(|config| {
            config.fixtures = Some(vec![Fixture::text(text)]);
            change(config);
        })
        .await
    }

    /// Returns the server, which is started by the first call.
    fn server(&self) -> &Server {
        let address = ([127, 0, 0, 1], 0).into();
        self.server.get_or_init(|| Server::listening(self.emulator.clone(), &[address]).unwrap())
    }

    /// Returns the library's handle of an account.
    pub(crate) fn account(&self, name: &str) -> std::sync::Arc<crate::control::AccountRecord> {
        self.emulator.accounts().get(name)
    }

    /// Returns `127.0.0.1:PORT`.
    pub(crate) fn address(&self) -> String {
        self.server().addresses()[0].to_string()
    }

    /// Calls an action as the account `default`, with a JSON body and no signature.
    pub(crate) async fn call(&self, action: &str, params: &Value) -> Value {
        self.call_as("default", action, params).await
    }

    /// Calls an action as any account, and checks that the action may return the code.
    pub(crate) async fn call_as(&self, account: &str, action: &str, params: &Value) -> Value {
        let response = self.forced_as(account, action, params).await;
        if let Some(code) = response["Error"]["Code"].as_str() {
            assert_documented(action, code);
        }
        response
    }

    /// Calls an action as any account. A fault may return any code.
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

    /// Calls `CreateHaVip` in the demo subnet, with additional or changed parameters.
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

    /// Sends a request with `Host` and `Content-Length`, which `headers` may override. It runs in
    /// process if no header requires a connection.
    pub(crate) async fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let is = |name: &str, other: &&str| name.eq_ignore_ascii_case(other);
        let needs_connection =
            headers.iter().any(|(name, _)| CONNECTION_HEADERS.iter().any(|it| is(name, it)));
        let has_host = headers.iter().any(|(name, _)| is(name, &"host"));
        let mut request = http::Request::builder().method(method).uri(target);
        if !has_host {
            request = request.header("host", self.host());
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        match request.body(Full::new(Bytes::copy_from_slice(body))) {
            Ok(request) if !needs_connection => self.answer(request).await,
            _ => self.send_by_socket(method, target, headers, body).await,
        }
    }

    /// `Host` of calls in process.
    fn host(&self) -> String {
        self.server.get().map_or("127.0.0.1".to_owned(), |it| it.addresses()[0].to_string())
    }

    async fn answer(&self, request: http::Request<Full<Bytes>>) -> Answer {
        let is_head = request.method() == "HEAD";
        let response = self.emulator.service().oneshot(request).await.unwrap();
        // As on sockets, other tasks can run in between.
        tokio::task::yield_now().await;
        let (parts, body) = response.into_parts();
        let length = body.size_hint().exact();
        let body = body.collect().await.unwrap().to_bytes();
        let mut head = format!("HTTP/1.1 {}", parts.status);
        for (name, value) in &parts.headers {
            head.extend(["\r\n", name.as_str(), ": ", value.to_str().unwrap()]);
        }
        if let Some(length) = length.filter(|_| !parts.headers.contains_key("content-length")) {
            head.extend(["\r\ncontent-length: ", &length.to_string()]);
        }
        Answer { head, body: if is_head { Vec::new() } else { body.into() } }
    }

    /// Sends a request on a new connection.
    pub(crate) async fn send_by_socket(
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

    /// Opens a connection for raw bytes.
    pub(crate) async fn connect(&self) -> Connection {
        Connection::over(TcpStream::connect(self.address()).await.unwrap())
    }

    pub(crate) async fn shutdown(self) {
        if let Some(server) = self.server.into_inner() {
            server.shutdown().await;
        }
    }
}

/// Returns every emulated action, with the recipe that succeeds in the built-in demo.
pub(crate) fn examples() -> impl Iterator<Item = (&'static str, &'static Recipe)> {
    let actions = CATALOG.models.iter().map(|action| action.name);
    actions.filter_map(|name| Some((name, recipes::example(name)?)))
}

/// Checks that the vendor documents a code for an action, or that the gateway may return it.
#[track_caller]
pub(crate) fn assert_documented(action: &str, code: &str) {
    let is_documented = CATALOG.codes(action).iter().any(|it| it.as_str() == code);
    assert!(is_documented || is_gateways(action, code), "{action} answered {code}");
}

/// Whether the gateway may return a code to a call of [`TestServer::call_as`].
fn is_gateways(action: &str, code: &str) -> bool {
    match code {
        // These calls cause no internal error, and have no invalid common parameters.
        "InternalError" | "InvalidParameterValue" => false,
        "UnsupportedOperation" => !CATALOG.is_emulated(action),
        _ => refusal::codes::ALL.iter().any(|it| it.as_str() == code),
    }
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

    /// Waits until a response starts.
    pub(crate) async fn first_byte(&mut self) {
        assert!(self.more().await, "the connection ended before a response");
    }

    /// Reads a response: its head, and a body of the declared length.
    pub(crate) async fn read(&mut self, method: &str) -> Answer {
        let end = loop {
            if let Some(end) = self.read.windows(4).position(|it| it == b"\r\n\r\n") {
                break end;
            }
            assert!(self.more().await, "the connection ended before a response");
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
            assert!(self.more().await, "the connection ended inside a response");
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

    /// Whether the server has closed its side and no bytes are left to read.
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

/// A raw response.
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

    /// Returns the `Response` object of the envelope.
    pub(crate) fn response(&self) -> Value {
        assert_eq!(self.status(), "200 OK");
        assert_eq!(self.header("content-type"), Some("application/json"));
        let mut body: Value = serde_json::from_slice(&self.body).unwrap();
        body["Response"].take()
    }
}
