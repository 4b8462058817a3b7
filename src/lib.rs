//! A local Tencent Cloud Edge Computing Machine (ECM) API for integration tests.
//!

mod account;
mod admin;
mod body;
mod builder;
#[cfg(feature = "command")]
mod cli;
mod config;
mod control;
mod ecm;
mod emulator;
mod error;
pub mod faults;
pub mod fixture;
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

pub use account::{Account, FailoverError};
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
