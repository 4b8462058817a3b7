//! A local Tencent Cloud Edge Computing Machine (ECM) API for integration tests.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), ecmock::StartError> {
//! let server = ecmock::Server::start(ecmock::Config::default()).await?;
//! assert!(server.endpoint().starts_with("http://127.0.0.1:"));
//! server.shutdown().await;
//! # Ok(())
//! # }
//! ```

pub mod admin;
mod body;
pub mod builder;
pub mod config;
pub mod control;
pub mod ecm;
pub mod gateway;
pub mod nearest;
pub mod protocol;
pub mod server;
mod time_limits;
pub mod tls;

pub use builder::Builder;
pub use config::{Auth, Config, Fixtures};
pub use server::{Server, StartError};
