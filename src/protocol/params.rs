//! The parameters of a call, read as what its action asks for.
//!
//! [`Params::check`] finds the gateway's errors, in its order: a missing parameter, then an unknown one,
//! then a wrong type, whatever the order of the client's keys. [`Params::read`] finds malformed values,
//! which are the product's errors.

use std::{cell::RefCell, fmt};

use super::{
    decode::{Decode, Encoding, Input},
    path::Path,
    refusal::Refusal,
    schema::Schema,
    text::Quoted,
    tree::{Members, Tree},
};

/// The parameters of one call, less the common ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    /// An object.
    tree: Tree,
    encoding: Encoding,
}

/// A value of the right type that does not parse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// Dotted path.
    pub parameter: String,
    /// The problem.
    pub reason: String,
}

impl Params {
    /// Puts the parameters of a call together.
    pub fn new(members: Members, encoding: Encoding) -> Self {
        Self { tree: Tree::Object(members), encoding }
    }

    /// The parameters by name.
    pub const fn members(&self) -> &Members {
        static NONE: Members = Members::new();
        match &self.tree {
            Tree::Object(members) => members,
            _ => &NONE,
        }
    }

    /// Checks the parameters against a schema.
    ///
    /// # Errors
    /// The first parameter that is missing, then the first that is unknown, then the first that has the
    /// wrong type.
    pub fn check(&self, schema: &Schema) -> Result<(), Refusal> {
        schema.check(Input::new(&self.tree, self.encoding, &|_, _, _| {}))
    }

    /// Reads the parameters, which have been checked, as a `T`.
    ///
    /// # Errors
    /// The first value that does not parse.
    pub fn read<T: Decode>(&self) -> Result<T, Malformed> {
        let first = RefCell::new(None);
        let note = |path: &Path<'_>, text: &str, reason: &dyn fmt::Display| {
            let parameter = || path.to_string();
            let reason = || format!("{} {reason}", Quoted::value(text));
            let malformed = || Malformed { parameter: parameter(), reason: reason() };
            first.borrow_mut().get_or_insert_with(malformed);
        };
        let read = T::decode(Input::new(&self.tree, self.encoding, &note));
        match (first.take(), read) {
            (None, Some(read)) => Ok(read),
            (Some(malformed), _) => Err(malformed),
            (None, None) => unreachable!("what was checked is missing nothing"),
        }
    }
}
