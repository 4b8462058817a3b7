//! Typed actions, and the table that finds one by name.
//!
//! A call has two halves, so that malformed input never takes a lock: [`ResolvedAction::decode`] turns
//! parameters into a typed request, and [`Call::run`] applies it to the product's state.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::nearest::nearest;

use super::{
    decode::Decode,
    envelope,
    error::{ApiError, Code},
    params::{Malformed, Params},
    refusal::Refusal,
    schema::Schema,
};

/// Facts about a call that are not parameters of it.
#[derive(Debug, Clone, Copy)]
pub struct Context {
    /// The account's clock, read once a call.
    pub now: DateTime<Utc>,
}

/// The state of one product, and how it refuses calls.
pub trait Product: Send + 'static {
    /// Why a call is refused, in the product's own terms.
    type Error;

    /// Returns the error for a parameter of the right type that does not parse.
    fn malformed(parameter: String, reason: String) -> Self::Error;

    /// Returns `error` with one of the codes that are documented for the action.
    fn refuse(error: &Self::Error, documented: &[Code]) -> ApiError;
}

/// The parameters of an action. Generated from the model.
pub trait Request: Decode + Send + 'static {
    /// The action.
    const MODEL: &'static Model;
    /// Members of a successful response, less `RequestId`.
    type Response: Serialize + Send + 'static;
}

/// One API action. The type is the request, and its name the action's name.
pub trait Action: Request {
    /// Product that the action belongs to.
    type Product: Product;

    /// Checks everything, then changes `product`: an `Err` leaves it untouched.
    fn run(self, product: &mut Self::Product, cx: &Context) -> Outcome<Self>;

    /// Whether the work grows with the number of resources or with a number in the request, instead
    /// of taking microseconds. Such a call must not run where it keeps other calls waiting.
    fn is_long(&self) -> bool {
        false
    }

    /// Settles the changes that a read of `output` settles, and returns whether there were any. The
    /// read itself may have seen a copy of `product`.
    fn settle(output: &Self::Response, product: &mut Self::Product) -> bool {
        _ = (output, product);
        false
    }
}

/// Result of [`Action::run`].
pub type Outcome<A> = Result<<A as Request>::Response, <<A as Action>::Product as Product>::Error>;

/// A decoded request of some action, ready to run.
pub trait Call<P>: Send {
    /// Runs the action. [`Output::settle`] is left to the caller.
    fn run(self: Box<Self>, product: &mut P, cx: &Context) -> Result<Box<dyn Output<P>>, ApiError>;

    /// See [`Action::is_long`].
    fn is_long(&self) -> bool;

    /// Whether the action changes nothing, except what [`Output::settle`] does.
    fn only_reads(&self) -> bool;
}

/// A request.
struct Ready<A>(A);

impl<A: Action> Call<A::Product> for Ready<A> {
    fn run(
        self: Box<Self>,
        product: &mut A::Product,
        cx: &Context,
    ) -> Result<Box<dyn Output<A::Product>>, ApiError> {
        match self.0.run(product, cx) {
            Ok(output) => Ok(Box::new(Completed::<A>(output))),
            Err(error) => Err(A::Product::refuse(&error, A::MODEL.codes)),
        }
    }

    fn is_long(&self) -> bool {
        self.0.is_long()
    }

    /// The vendor names every action that reads, and no other, `Describe...`.
    fn only_reads(&self) -> bool {
        A::MODEL.name.starts_with("Describe")
    }
}

/// A call ready to run, or why its parameters cannot be read.
pub type Decoded<P> = Result<Box<dyn Call<P>>, ApiError>;

/// The fields of a successful response.
pub trait Output<P>: Send {
    /// The response's body, written after every lock is released.
    fn body(&self, request_id: &str) -> Vec<u8>;

    /// See [`Action::settle`].
    fn settle(&self, product: &mut P) -> bool;
}

/// The output of an action.
struct Completed<A: Action>(A::Response);

impl<A: Action> Output<A::Product> for Completed<A> {
    fn body(&self, request_id: &str) -> Vec<u8> {
        envelope::success(&self.0, request_id)
    }

    fn settle(&self, product: &mut A::Product) -> bool {
        A::settle(&self.0, product)
    }
}

impl<P> fmt::Debug for dyn Output<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.body("")))
    }
}

/// An action as the API's model has it.
#[derive(Debug)]
pub struct Model {
    /// The action's name.
    pub name: &'static str,
    /// Its parameters, less the common ones.
    pub parameters: Schema,
    /// The error codes that the vendor documents for it, sorted by name.
    pub codes: &'static [Code],
}

/// An action of the product `P` that is emulated.
pub struct Entry<P: 'static> {
    /// The action.
    pub model: &'static Model,
    decode: fn(&Params) -> Decoded<P>,
}

impl<P: Product> Entry<P> {
    /// Lists the action `A`.
    pub const fn new<A: Action<Product = P>>() -> Self {
        Self { model: A::MODEL, decode: decode::<A> }
    }
}

impl<P> fmt::Debug for Entry<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("model", &self.model.name).finish_non_exhaustive()
    }
}

/// Reads parameters that have been checked.
fn decode<A: Action>(params: &Params) -> Decoded<A::Product> {
    // Assumed (api.malformed-first): malformed values are reported before `Action::run` checks
    // anything.
    match params.read::<A>() {
        Ok(request) => Ok(Box::new(Ready(request))),
        Err(Malformed { parameter, reason }) => {
            Err(A::Product::refuse(&A::Product::malformed(parameter, reason), A::MODEL.codes))
        }
    }
}

/// The actions of one product.
#[derive(Debug)]
pub struct Catalog<P: 'static> {
    /// Name of the product, as in a credential's scope.
    pub service: &'static str,
    /// Version of the API.
    pub version: &'static str,
    /// Its actions, emulated or not.
    pub models: &'static [&'static Model],
    /// Its actions that are emulated, by families.
    pub families: &'static [&'static [Entry<P>]],
}

/// An action that a call names.
#[derive(Debug)]
pub struct ResolvedAction<P: 'static> {
    /// The action.
    pub model: &'static Model,
    /// How to run it, if it is emulated.
    entry: Option<&'static Entry<P>>,
}

impl<P: Product> ResolvedAction<P> {
    /// Reads `params` as a request of the action. An action that is not emulated is refused only if
    /// its parameters are right.
    pub fn decode(&self, params: &Params) -> Decoded<P> {
        params.check(&self.model.parameters)?;
        match self.entry {
            Some(entry) => (entry.decode)(params),
            None => Err(Refusal::NotEmulated(self.model.name).into()),
        }
    }
}

impl<P> Catalog<P> {
    /// Finds an action by its exact name. There are few, so they are searched in order.
    pub fn model(&self, name: &str) -> Option<&'static Model> {
        self.models.iter().copied().find(|model| model.name == name)
    }

    /// The actions that are emulated, by families.
    pub fn entries(&self) -> impl Iterator<Item = &'static Entry<P>> {
        self.families.iter().copied().flatten()
    }

    /// Finds an action by its exact name, and how to run it.
    pub fn find(&self, name: &str) -> Option<ResolvedAction<P>> {
        let entry = self.entries().find(|entry| entry.model.name == name);
        let model = entry.map(|entry| entry.model).or_else(|| self.model(name))?;
        Some(ResolvedAction { model, entry })
    }

    /// Whether an action is emulated.
    pub fn is_emulated(&self, name: &str) -> bool {
        self.entries().any(|entry| entry.model.name == name)
    }

    /// The error codes that are documented for an action; none if there is no such action.
    pub fn codes(&self, name: &str) -> &'static [Code] {
        self.model(name).map_or(&[], |model| model.codes)
    }

    /// The name of an action that resembles a name that none has.
    pub fn nearest(&self, name: &str) -> Option<&'static str> {
        nearest(name, self.models.iter().map(|model| model.name))
    }
}
