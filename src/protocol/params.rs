//! The parameters of a call, read as what its action asks for.
//!
//! [`Params::read`] finds what the gateway finds, in its order: what is missing, then what is
//! unknown, then what has the wrong type, whatever the order of the client's keys; and only then
//! what is malformed, which is the product's to say.

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

/// Why [`Params::read`] fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// The gateway refuses the call.
    Refused(Refusal),
    /// A value of the right type does not parse.
    Malformed {
        /// Dotted path.
        parameter: String,
        /// The problem.
        reason: String,
    },
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

    /// Reads the parameters as a `T`, whose schema is `schema`.
    pub fn read<T: DeserializeOwned>(&self, schema: &Schema) -> Result<T, Unreadable> {
        let input = Input::new(&self.tree, self.encoding);
        for pass in [Pass::Missing, Pass::Unknown, Pass::Type] {
            schema.check(input, pass).map_err(Unreadable::Refused)?;
        }
        T::deserialize(input).map_err(|malformed| Unreadable::Malformed {
            parameter: malformed.path(),
            reason: malformed.reason,
        })
    }
}
