//! Documented members of objects that no action changes.

use std::sync::Arc;

/// Members of an object that pass unchanged from a fixture to responses.
///
/// Members that the resource models itself are empty.
///
/// Invariant: an object with only default members is not stored, and a stored object has its
/// defaults filled in. So equal members compare equal.
#[derive(Debug, Clone, PartialEq)]
pub struct Passthrough<T>(Option<Arc<T>>);

impl<T> Default for Passthrough<T> {
    fn default() -> Self {
        Self(None)
    }
}

/// An object whose members have defaults for fixtures that omit them.
pub trait Defaults: Default + Clone + PartialEq {
    /// Fills in the non-empty defaults.
    fn fill(&mut self) {}

    /// Returns an object with only default members.
    fn filled() -> Self {
        // Assumed (describe.empty-set): a list without items is empty, not `null`.
        let mut object = Self::default();
        object.fill();
        object
    }
}

impl<T: Defaults> Passthrough<T> {
    /// Wraps an object after filling in its defaults.
    pub fn new(mut object: T) -> Self {
        object.fill();
        Self((object != T::filled()).then(|| Arc::new(object)))
    }

    /// Returns the object.
    pub fn object(&self) -> T {
        self.0.as_deref().map_or_else(T::filled, T::clone)
    }

    /// Calls `look` with the object.
    pub fn with<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        match &self.0 {
            Some(object) => look(object),
            None => look(&T::filled()),
        }
    }

    /// Returns whether every member has its default.
    pub const fn is_default(&self) -> bool {
        self.0.is_none()
    }
}
