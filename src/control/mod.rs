//! What the emulator adds to the product: accounts, the clock, rate limits, fixtures.

pub mod accounts;
pub mod clock;
pub mod coverage;
pub mod fixture;
pub mod throttle;

pub use accounts::{Account, Accounts};
pub use clock::Clock;
