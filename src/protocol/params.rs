//! The parameters of a call, checked and decoded for its action.
//!
//! [`Params::check`] finds the gateway's errors in its order, whatever the order of the client's
//! keys: a missing parameter, then an unknown one, then a wrong type. [`Params::read`] finds
//! malformed values, which are the product's errors.

use std::{cell::RefCell, fmt};

use super::{
    decode::{Decode, Encoding, Input},
    path::Path,
    refusal::Refusal,
    schema::Schema,
    tree::{Members, Tree},
};

/// The parameters of one call, without the common ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Params<'a> {
    /// Always an object.
    tree: Tree<'a>,
    encoding: Encoding,
}

/// A value that has the right type but does not parse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// Dotted path.
    pub parameter: String,
    /// Value and parse error.
    pub reason: String,
}

impl<'a> Params<'a> {
    /// Creates the parameters of a call.
    pub fn new(members: Members<'a>, encoding: Encoding) -> Self {
        Self { tree: Tree::Object(members), encoding }
    }

    /// Returns the parameters by name.
    pub const fn members(&self) -> &Members<'a> {
        static NONE: Members<'static> = Members::new();
        match &self.tree {
            Tree::Object(members) => members,
            _ => &NONE,
        }
    }

    /// Checks the parameters against a schema.
    ///
    /// # Errors
    /// Returns the first missing parameter, else the first unknown one, else the first of the wrong
    /// type.
    pub fn check(&self, schema: &Schema) -> Result<(), Refusal> {
        schema.check(Input::new(&self.tree, self.encoding, &|_, _| {}))
    }

    /// Decodes parameters that passed [`check`](Self::check).
    ///
    /// # Errors
    /// Returns the first value that does not parse.
    pub fn read<T: Decode>(&self) -> Result<T, Malformed> {
        let first = RefCell::new(None);
        let note = |path: &Path<'_>, reason: &dyn fmt::Display| {
            let malformed =
                || Malformed { parameter: path.to_string(), reason: reason.to_string() };
            first.borrow_mut().get_or_insert_with(malformed);
        };
        let read = T::decode(Input::new(&self.tree, self.encoding, &note));
        match (first.take(), read) {
            (None, Some(read)) => Ok(read),
            (Some(malformed), _) => Err(malformed),
            (None, None) => unreachable!("checked parameters are complete"),
        }
    }
}
