//! A local Tencent Cloud Edge Computing Machine (ECM) API for integration tests.
//!
//! The primary types in this crate are [`Server`], which listens on sockets, and [`Emulator`], which
//! answers requests in process. To use a server, point an unmodified SDK at its endpoint.
//!
//! Error codes are those that the vendor documents. The [fidelity page] lists which behavior is
//! documented, seen, or assumed. Tests also control what the real service does not expose: faults, the
//! clock, and the state of resources.
//!
//! [fidelity page]: https://github.com/ecmock/ecmock/blob/main/docs/concepts/fidelity.md
//!
//! # A first test
//!
//! ```
//! use ecmock::Server;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let server = Server::start().await;
//! let account = server.account();
//!
//! // Point a client at these, and run the program under test:
//! let endpoint = server.endpoint(); // for example, http://127.0.0.1:40123
//! let (secret_id, secret_key) = (account.secret_id(), account.secret_key());
//!
//! assert!(account.calls().iter().all(|call| call.is_ok()));
//! # assert!(endpoint.starts_with("http://") && secret_id.starts_with("ecmock-"));
//! # assert_eq!(secret_key, "ecmock");
//! # }
//! ```
//!
//! # Isolation
//!
//! An [`Account`] is an isolated cloud with its own resources, calls, faults, and clock. The SecretId
//! of a call selects the account, and [`Server::account`] returns a new one. Parallel tests can share
//! a server, and a process can run several servers.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! # let server = ecmock::Server::start().await;
//! let (web, other) = (server.account_named("web"), server.account());
//! web.merge_state(&serde_json::json!({
//!     "VpcSet": [{ "VpcId": "vpc-00000001", "CidrBlock": "10.0.0.0/16" }],
//! })).unwrap();
//! assert_eq!(web.state()["VpcSet"].as_array().map(Vec::len), Some(2));
//! assert_eq!(other.state()["VpcSet"].as_array().map(Vec::len), Some(1));
//! web.reset();
//! # }
//! ```
//!
//! # Faults
//!
//! A fault rule makes calls fail with an error code, an HTTP response, or a broken connection, or
//! delays their responses. See [`faults`].
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! # let server = ecmock::Server::start().await;
//! # let account = server.account();
//! use ecmock::faults::Connection;
//!
//! // The first call fails without effect. The second call takes effect, but its response is lost:
//! account.fail("CreateHaVip", "InternalError").times(1).add();
//! account.cut("CreateHaVip", Connection::Reset).after().times(1).add();
//! {
//!     let _down = account.fail("DescribeHaVips", "InternalError").scoped();
//!     // ... DescribeHaVips fails until the end of this block.
//! }
//! # }
//! ```
//!
//! # Expectations
//!
//! An expectation is verified when it is dropped. If it is not met, the panic lists the closest calls
//! and how they differ. See [`journal`].
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! # let server = ecmock::Server::start().await;
//! # let account = server.account();
//! use std::time::Duration;
//!
//! use serde_json::json;
//!
//! let created = account.expect("CreateHaVip").with(json!({ "HaVipName": "web" })).times(..=1);
//! // ... the program under test runs.
//! created.verify();
//!
//! let wait = account.wait_for("CreateHaVip").code("OK").timeout(Duration::from_millis(1));
//! let error = wait.await.unwrap_err(); // no such call in time
//! # drop(error);
//! # }
//! ```
//!
//! # In process
//!
//! [`Emulator::service`] returns a [`tower::Service`]. Call it without sockets, or mount it in an axum
//! application.
//!
//! ```
//! use ecmock::Emulator;
//! use http::Request;
//! use http_body_util::BodyExt as _;
//! use tower::ServiceExt as _;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let emulator = Emulator::new();
//! let request = Request::get("/?Action=DescribeVpcs&Version=2019-07-19").body(String::new())?;
//! let response = emulator.service().oneshot(request).await?;
//! let body = response.into_body().collect().await?.to_bytes();
//! assert!(body.starts_with(b"{\"Response\":{\"TotalCount\":1,"));
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! - `command` (enabled by default): builds the `ecmock` command. The library does not need its
//!   dependencies, so disable the feature in tests:
//!
//!   ```toml
//!   [dev-dependencies]
//!   ecmock = { version = "0.1", default-features = false }
//!   ```
//!
//! # Stability
//!
//! The public API follows semantic versioning. Error messages and the initial state of accounts
//! follow the real service, and can change in any release.

mod account;
mod admin;
mod body;
mod builder;
#[cfg(feature = "command")]
mod cli;
mod config;
mod console;
mod control;
mod ecm;
mod emulator;
mod error;
pub mod faults;
pub mod fixture;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod gateway;
pub mod journal;
mod lock;
mod nearest;
mod protocol;
mod server;
#[cfg(test)]
#[path = "../tests/unit/mod.rs"]
mod tests;
mod time_limits;
mod tls;
pub mod verdict;

pub use account::{Account, failover::FailoverError};
pub use builder::Builder;
#[cfg(feature = "command")]
#[doc(hidden)]
pub use cli::run as run_command;
pub use control::{
    clock::ClockOutOfRange,
    throttle::{InvalidRateLimit, RateLimit},
};
pub use ecm::store::{InvalidSettle, Quotas, Settle};
pub use emulator::{Emulator, EmulatorService, ResponseBody, ResponseFuture};
pub use error::StartError;
pub use protocol::signature::keyring::{Credential, InvalidCredential};
pub use server::Server;
