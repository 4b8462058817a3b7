//! Typed actions, and the catalog that looks them up by name.
//!
//! A call runs in two steps, so that malformed input never takes a lock: [`ResolvedAction::decode`]
//! turns parameters into a typed request, and [`Call::run`] applies it to the product's state.

use std::{fmt, sync::OnceLock};

use chrono::{DateTime, Utc};
use foldhash::HashMap;
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::nearest::nearest;

use super::{
    decode::Decode,
    envelope,
    error::{ApiError, Code},
    params::{Malformed, Params},
    refusal::Refusal,
    schema::Schema,
    tree::VALUES_MAX,
};

/// Context of a call, apart from its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// Time of the account's clock, read once per call.
    pub now: DateTime<Utc>,
    /// Request ID of the response.
    pub request_id: Uuid,
}

/// The state of a product, and its errors.
pub trait Product: Send + 'static {
    /// Reason for rejecting a call, in the product's terms.
    type Error;

    /// Returns the error for a parameter that has the right type but does not parse.
    fn malformed(parameter: String, reason: String) -> Self::Error;

    /// Converts `error` to an API error, with one of the codes documented for the action.
    fn refuse(error: &Self::Error, documented: &[Code]) -> ApiError;
}

/// The parameters of an action, generated from the model.
///
/// A JSON body deserializes to the request that [`Decode`] returns, or else fails: deserializing is fast
/// and has no errors to show.
pub trait Request: Decode + DeserializeOwned + fmt::Debug + Send + 'static {
    /// Model of the action.
    const MODEL: &'static Model;
    /// Members of a successful response, without `RequestId`.
    type Response: Serialize + Send + 'static;
}

/// An API action. The type is the action's request and has the action's name.
pub trait Action: Request {
    /// Product of the action.
    type Product: Product;

    /// Runs the action. All checks precede the first change: an `Err` leaves `product` untouched.
    fn run(self, product: &mut Self::Product, cx: &Context) -> Outcome<Self>;

    /// Whether the work grows with the number of resources or with a number in the request.
    ///
    /// Other calls take microseconds. A long call must not run where it blocks other calls.
    fn is_long(&self) -> bool {
        false
    }

    /// Settles the pending changes that a read of `output` completes, and returns whether there
    /// were any. The read itself may have used a copy of `product`.
    fn settle(output: &Self::Response, product: &mut Self::Product) -> bool {
        _ = (output, product);
        false
    }
}

/// Result of [`Action::run`].
pub type Outcome<A> = Result<<A as Request>::Response, <<A as Action>::Product as Product>::Error>;

/// A decoded request, ready to run.
pub trait Call<P>: fmt::Debug + Send {
    /// Runs the action. The caller must call [`Output::settle`].
    fn run(self: Box<Self>, product: &mut P, cx: &Context) -> Result<Box<dyn Output<P>>, ApiError>;

    /// See [`Action::is_long`].
    fn is_long(&self) -> bool;

    /// Whether the action is read-only, apart from [`Output::settle`].
    fn only_reads(&self) -> bool;
}

#[derive(Debug)]
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

    /// The vendor names all read-only actions, and no others, `Describe...`.
    fn only_reads(&self) -> bool {
        A::MODEL.name.starts_with("Describe")
    }
}

/// A call ready to run, or the error in its parameters.
pub type Decoded<P> = Result<Box<dyn Call<P>>, ApiError>;

pub trait Output<P>: Send {
    /// Serializes the body of the response. Called after all locks are released.
    fn body(&self, request_id: Uuid) -> Vec<u8>;

    /// See [`Action::settle`].
    fn settle(&self, product: &mut P) -> bool;
}

struct Completed<A: Action>(A::Response);

impl<A: Action> Output<A::Product> for Completed<A> {
    fn body(&self, request_id: Uuid) -> Vec<u8> {
        envelope::success(&self.0, request_id)
    }

    fn settle(&self, product: &mut A::Product) -> bool {
        A::settle(&self.0, product)
    }
}

impl<P> fmt::Debug for dyn Output<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.body(uuid::Uuid::nil())))
    }
}

/// An action in the API's model.
#[derive(Debug)]
pub struct Model {
    /// Name of the action.
    pub name: &'static str,
    /// Family of resources that the action belongs to, such as `ha_vip`.
    pub family: &'static str,
    /// Parameters, without the common ones.
    pub parameters: Schema,
    /// Error codes that the vendor documents for the action, sorted by name.
    pub codes: &'static [Code],
}

/// An emulated action of the product `P`.
pub struct Entry<P: 'static> {
    /// Model of the action.
    pub model: &'static Model,
    decode: fn(&Params<'_>) -> Decoded<P>,
    decode_valid: DecodeValid<P>,
}

impl<P: Product> Entry<P> {
    /// Creates the entry of the action `A`.
    pub const fn new<A: Action<Product = P>>() -> Self {
        Self { model: A::MODEL, decode: decode::<A>, decode_valid: decode_valid::<A> }
    }
}

impl<P> fmt::Debug for Entry<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("model", &self.model.name).finish_non_exhaustive()
    }
}

/// Decodes parameters that passed [`Params::check`].
fn decode<A: Action>(params: &Params<'_>) -> Decoded<A::Product> {
    // Assumed (api.malformed-first): malformed values are reported before `Action::run` checks
    // anything.
    match params.read::<A>() {
        Ok(request) => Ok(Box::new(Ready(request))),
        Err(Malformed { parameter, reason }) => {
            Err(A::Product::refuse(&A::Product::malformed(parameter, reason), A::MODEL.codes))
        }
    }
}

type DecodeValid<P> = fn(&[u8]) -> Option<Box<dyn Call<P>>>;

/// Decodes a valid JSON body. Returns `None` if it is invalid, or if only [`decode`] can tell.
fn decode_valid<A: Action>(body: &[u8]) -> Option<Box<dyn Call<A::Product>>> {
    // Checking all bytes at once costs less than each string on its own.
    let request = serde_json::from_str::<A>(std::str::from_utf8(body).ok()?).ok()?;
    Some(Box::new(Ready(request)))
}

/// The actions of one product.
#[derive(Debug)]
pub struct Catalog<P: 'static> {
    /// All actions by name, from the first use on.
    by_name: OnceLock<HashMap<&'static str, ResolvedAction<P>>>,
    /// Name of the product, as in a credential's scope.
    pub service: &'static str,
    /// API version.
    pub version: &'static str,
    /// All actions, including those that are not emulated.
    pub models: &'static [&'static Model],
    /// Emulated actions, grouped by family.
    pub families: &'static [&'static [Entry<P>]],
}

/// The action named by a call.
#[derive(Debug)]
pub struct ResolvedAction<P: 'static> {
    /// Model of the action.
    pub model: &'static Model,
    /// Index among all actions.
    pub index: usize,
    /// `None` if the action is not emulated.
    entry: Option<&'static Entry<P>>,
}

impl<P> Clone for ResolvedAction<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for ResolvedAction<P> {}

impl<P: Product> ResolvedAction<P> {
    /// Decodes a JSON body as a request for the action, if it is valid.
    ///
    /// Nearly every call is valid, and this takes half the time of parsing a [`Tree`] and decoding it. But only [`decode`](Self::decode) finds the error that the gateway returns, and
    /// accepts all spellings. If this returns a request, then `decode` returns the same.
    ///
    /// [`Tree`]: super::tree::Tree
    pub fn decode_valid(&self, body: &[u8]) -> Option<Box<dyn Call<P>>> {
        // A body of so many bytes cannot have too many values.
        let is_small = body.len() <= VALUES_MAX;
        is_small.then_some(self.entry?).and_then(|entry| (entry.decode_valid)(body))
    }

    /// Decodes `params` as a request for the action.
    ///
    /// Parameters are checked even if the action is not emulated, and their errors come first.
    pub fn decode(&self, params: &Params<'_>) -> Decoded<P> {
        params.check(&self.model.parameters)?;
        match self.entry {
            Some(entry) => (entry.decode)(params),
            None => Err(Refusal::NotEmulated(self.model.name).into()),
        }
    }
}

impl<P> Catalog<P> {
    /// Creates a catalog of all actions, and of the emulated ones by family.
    pub const fn new(
        service: &'static str,
        version: &'static str,
        models: &'static [&'static Model],
        families: &'static [&'static [Entry<P>]],
    ) -> Self {
        Self { by_name: OnceLock::new(), service, version, models, families }
    }

    /// Finds an action by its exact name.
    pub fn model(&self, name: &str) -> Option<&'static Model> {
        self.find(name).map(|action| action.model)
    }

    /// Iterates over the emulated actions, family by family.
    pub fn entries(&self) -> impl Iterator<Item = &'static Entry<P>> {
        self.families.iter().copied().flatten()
    }

    /// Finds an action by its exact name, together with its entry if it is emulated.
    pub fn find(&self, name: &str) -> Option<ResolvedAction<P>> {
        let by_name = self.by_name.get_or_init(|| {
            let entry = |model: &Model| self.entries().find(|it| it.model.name == model.name);
            let models = self.models.iter().enumerate();
            models
                .map(|(index, model)| {
                    (model.name, ResolvedAction { model, index, entry: entry(model) })
                })
                .collect()
        });
        by_name.get(name).copied()
    }

    /// Whether an action is emulated.
    pub fn is_emulated(&self, name: &str) -> bool {
        self.find(name).is_some_and(|action| action.entry.is_some())
    }

    /// Returns the error codes documented for an action, or none if the action is unknown.
    pub fn codes(&self, name: &str) -> &'static [Code] {
        self.model(name).map_or(&[], |model| model.codes)
    }

    /// Returns the action name that is most similar to an unknown `name`.
    pub fn nearest(&self, name: &str) -> Option<&'static str> {
        nearest(name, self.models.iter().map(|model| model.name))
    }
}
