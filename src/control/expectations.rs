//! Expectations that an account keeps for its verdict.

use std::sync::Arc;

use crate::lock::Lock;

use super::journal::Expectation;

/// Maximum number of expectations per account. A verdict compares each with the whole journal.
pub const EXPECTATIONS_MAX: usize = 100;

/// The expectations of one account, in the order of their addition.
#[derive(Debug, Default)]
pub struct Expectations(Lock<Vec<Arc<Expectation>>>);

/// An account has the maximum number of expectations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many expectations: at most {EXPECTATIONS_MAX} per account")]
pub struct TooManyExpectations;

impl Expectations {
    /// Adds an expectation, and returns it.
    pub fn add(&self, expected: Expectation) -> Result<Arc<Expectation>, TooManyExpectations> {
        let mut all = self.0.lock();
        if all.len() >= EXPECTATIONS_MAX {
            return Err(TooManyExpectations);
        }
        Ok(Arc::clone(all.push_mut(Arc::new(expected))))
    }

    /// Returns the expectations.
    pub fn list(&self) -> Vec<Arc<Expectation>> {
        self.0.lock().clone()
    }

    /// Removes all expectations, and returns how many were removed.
    pub fn clear(&self) -> usize {
        std::mem::take(&mut *self.0.lock()).len()
    }
}
