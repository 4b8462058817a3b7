//! Members of objects that the product documents and that no action changes.

use std::sync::Arc;

/// The members of an object that a resource only passes through, from a fixture to responses.
///
/// The members that the resource knows are empty in it. Invariant: an object with all defaults is not
/// stored, and a stored one has its defaults filled in, so equal members are equal here.
#[derive(Debug, Clone, PartialEq)]
pub struct Passthrough<T>(Option<Arc<T>>);

impl<T> Default for Passthrough<T> {
    fn default() -> Self {
        Self(None)
    }
}

/// An object whose members have defaults where a fixture does not have them.
pub trait Defaults: Default + Clone + PartialEq {
    /// Fills in the defaults that are not empty values.
    fn fill(&mut self) {}

    /// The object with all defaults.
    fn filled() -> Self {
        // Assumed (describe.empty-set): a list without items is empty, not `null`.
        let mut object = Self::default();
        object.fill();
        object
    }
}

impl<T: Defaults> Passthrough<T> {
    /// The members of an object.
    pub fn new(mut object: T) -> Self {
        object.fill();
        Self((object != T::filled()).then(|| Arc::new(object)))
    }

    /// The object.
    pub fn object(&self) -> T {
        self.0.as_deref().map_or_else(T::filled, T::clone)
    }

    /// Looks at the object.
    pub fn with<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        match &self.0 {
            Some(object) => look(object),
            None => look(&T::filled()),
        }
    }

    /// Whether all members have their defaults.
    pub const fn is_default(&self) -> bool {
        self.0.is_none()
    }
}
