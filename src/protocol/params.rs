//! The parameters of a call, read as what its action asks for.
//!
//! [`Params::check`] finds the gateway's errors, in its order: a missing parameter, then an unknown one,
//! then a wrong type, whatever the order of the client's keys. [`Params::read`] finds malformed values,
//! which are the product's errors.

use serde::de::DeserializeOwned;

use super::{
    input::{Encoding, Input},
    refusal::Refusal,
    schema::{Pass, Schema},
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
        let input = Input::new(&self.tree, self.encoding);
        let passes = [Pass::Missing, Pass::Unknown, Pass::Type];
        passes.into_iter().try_for_each(|pass| schema.check(input, pass))
    }

    /// Reads the parameters, which have been checked, as a `T`.
    ///
    /// # Errors
    /// The first value that does not parse.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Malformed> {
        T::deserialize(Input::new(&self.tree, self.encoding)).map_err(|malformed| Malformed {
            parameter: malformed.path(),
            reason: malformed.reason,
        })
    }
}
