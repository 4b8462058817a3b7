//! Fault injection: rules that make calls fail, delay their responses, or hold them.
//!
//! # Examples
//!
//! ```
//! use ecmock::faults::{Connection, Rule};
//!
//! let account = ecmock::Emulator::new().account();
//! account.fail("CreateHaVip", "InternalError").times(1).add();
//! account.cut("DeleteHaVip", Connection::Reset).after().add();
//! account.add_fault(Rule::delay(None, std::time::Duration::from_millis(20)))?;
//! assert_eq!(account.faults().len(), 3);
//! # Ok::<(), ecmock::faults::InvalidRule>(())
//! ```

pub use crate::{
    account::{
        fault::{FaultBuilder, ScopedFault},
        gate::{Gate, NotHeld, WaitForHeld},
    },
    control::faults::{ActiveRule, BadRule as InvalidRule, Connection, Hold, Rule},
};
