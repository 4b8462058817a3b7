//! Verdicts: what a test has left behind in its account, never used, or done too often.
//!
//! # Examples
//!
//! ```
//! use ecmock::verdict::Check;
//!
//! let account = ecmock::Emulator::new().account();
//! account.fail("CreateHaVip", "InternalError").add();
//! // ... the program under test runs, and makes no call:
//! let verdict = account.verdict(Check::DEFAULT);
//! assert_eq!(verdict.failed, [Check::Faults]);
//! assert!(verdict.to_string().contains("fault-1 for CreateHaVip: no call matched"));
//! ```

pub use crate::control::verdict::{
    Assumption, BusySecond, Check, Creator, FaultFindings, Leak, UnknownCheck, UnmetExpectation,
    Verdict,
};
