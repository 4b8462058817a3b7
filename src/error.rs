//! Startup errors.

use std::{error::Error, io, net::SocketAddr};

use crate::{faults::InvalidRule, fixture::InvalidFixture};

/// An error that prevents an emulator or a server from starting. [`source`](Error::source) returns
/// its cause.
///
/// ```
/// let bad = ecmock::faults::Rule::error("CreateHaVpi", "InternalError");
/// let error = ecmock::Emulator::builder().fault(bad).try_build().unwrap_err();
/// assert_eq!(error.to_string(), "fault rule 1 is invalid");
/// assert!(std::error::Error::source(&error).is_some());
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The fixtures cannot be read, or are invalid.
    #[error(transparent)]
    Fixture(#[from] InvalidFixture),
    /// A fault rule is invalid.
    #[error("fault rule {number} is invalid")]
    #[non_exhaustive]
    Fault {
        /// The rule's number, starting at 1.
        number: usize,
        /// The underlying error.
        source: InvalidRule,
    },
    /// The server cannot listen on an address.
    #[error("cannot listen on {address}")]
    #[non_exhaustive]
    Listen {
        /// The address that could not be bound.
        address: SocketAddr,
        /// An address of the same server that overlaps with this one.
        own: Option<SocketAddr>,
        /// The underlying error.
        source: io::Error,
    },
    /// A TLS name or an admin host is invalid.
    #[error("invalid name `{name}`")]
    #[non_exhaustive]
    Name {
        /// The invalid name.
        name: String,
        /// The underlying error.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The state directory cannot be used.
    #[error("cannot use the state directory")]
    #[non_exhaustive]
    State {
        /// The underlying error.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The TLS directory cannot be used.
    #[error("cannot use the TLS directory")]
    #[non_exhaustive]
    Tls {
        /// The underlying error.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl StartError {
    pub(crate) fn tls(source: impl Error + Send + Sync + 'static) -> Self {
        Self::Tls { source: source.into() }
    }

    pub(crate) fn state(source: impl Error + Send + Sync + 'static) -> Self {
        Self::State { source: source.into() }
    }

    /// Returns the error and its causes in one line.
    pub(crate) fn chain(&self) -> String {
        let (mut chain, mut cause) = (vec![self.to_string()], self.source());
        while let Some(error) = cause {
            chain.push(error.to_string());
            cause = error.source();
        }
        chain.join(": ")
    }
}
