//! The only place that reads the time.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

/// Emulated wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Clock {
    /// The machine's.
    #[default]
    Real,
    /// Stands still.
    Frozen(DateTime<Utc>),
}

impl Clock {
    /// The emulated time.
    pub fn now(self) -> DateTime<Utc> {
        match self {
            Self::Real => Utc::now(),
            Self::Frozen(now) => now,
        }
    }
}

/// Measures real time, whatever the emulated clock does.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts measuring.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}
