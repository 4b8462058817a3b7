//! Typed actions, and the table that finds one by name.
//!
//! A call has two halves, so that malformed input never takes a lock: [`Entry::decode`] turns
//! parameters into a typed request, and [`Call::run`] applies it to the product's state.

use std::{fmt, sync::OnceLock};

use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    envelope,
    error::ApiError,
    params::{Params, Unreadable},
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

    /// Returns `error` as `action` has it on the wire.
    fn refuse(error: &Self::Error, action: &str) -> ApiError;
}

/// One API action. The type is the request, and its name the action's name.
pub trait Action: DeserializeOwned + Send + 'static {
    /// Product that the action belongs to.
    type Product: Product;
    /// Fields of a successful response, less `RequestId`.
    type Output: Serialize + Send + 'static;

    /// Checks everything, then changes `product`: an `Err` leaves it untouched.
    fn run(self, product: &mut Self::Product, cx: &Context) -> Outcome<Self>;

    /// Whether the work grows with the number of resources or with a number in the request, instead
    /// of taking microseconds. Such a call must not run where it keeps other calls waiting.
    fn is_long(&self) -> bool {
        false
    }

    /// Settles the changes that a read of `output` settles, and returns whether there were any. The
    /// read itself may have seen a copy of `product`.
    fn settle(output: &Self::Output, product: &mut Self::Product) -> bool {
        _ = (output, product);
        false
    }
}

/// Result of [`Action::run`].
pub type Outcome<A> = Result<<A as Action>::Output, <<A as Action>::Product as Product>::Error>;

/// A decoded request of some action, ready to run.
pub trait Call<P>: Send {
    /// Runs the action. [`Output::settle`] is left to the caller.
    fn run(self: Box<Self>, product: &mut P, cx: &Context) -> Result<Box<dyn Output<P>>, ApiError>;

    /// See [`Action::is_long`].
    fn is_long(&self) -> bool;

    /// Whether the action changes nothing, except what [`Output::settle`] does.
    fn only_reads(&self) -> bool;
}

/// A request, and the name of its action.
struct Ready<A> {
    request: A,
    action: &'static str,
}

impl<A: Action> Call<A::Product> for Ready<A> {
    fn run(
        self: Box<Self>,
        product: &mut A::Product,
        cx: &Context,
    ) -> Result<Box<dyn Output<A::Product>>, ApiError> {
        match self.request.run(product, cx) {
            Ok(output) => Ok(Box::new(Done::<A>(output))),
            Err(error) => Err(A::Product::refuse(&error, self.action)),
        }
    }

    fn is_long(&self) -> bool {
        self.request.is_long()
    }

    /// The vendor names every action that reads, and no other, `Describe...`.
    fn only_reads(&self) -> bool {
        self.action.starts_with("Describe")
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
struct Done<A: Action>(A::Output);

impl<A: Action> Output<A::Product> for Done<A> {
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

/// An action of the product `P`, as the table lists it.
pub struct Entry<P: 'static> {
    /// The action's name.
    pub name: &'static str,
    decode: fn(&'static str, &Params, &Schema) -> Decoded<P>,
    learn: fn() -> Schema,
    schema: OnceLock<Schema>,
}

impl<P: Product> Entry<P> {
    /// Lists the action `A`.
    pub const fn new<A: Action<Product = P>>(name: &'static str) -> Self {
        Self { name, decode: decode::<A>, learn: Schema::of::<A>, schema: OnceLock::new() }
    }

    /// The action's parameters.
    pub fn schema(&self) -> &Schema {
        self.schema.get_or_init(self.learn)
    }

    /// Reads `params` as a request of the action.
    pub fn decode(&self, params: &Params) -> Decoded<P> {
        (self.decode)(self.name, params, self.schema())
    }
}

impl<P> fmt::Debug for Entry<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("name", &self.name).finish_non_exhaustive()
    }
}

fn decode<A: Action>(
    action: &'static str,
    params: &Params,
    schema: &Schema,
) -> Decoded<A::Product> {
    match params.read::<A>(schema) {
        Ok(request) => Ok(Box::new(Ready { request, action })),
        Err(Unreadable::Refused(refusal)) => Err(refusal.into()),
        Err(Unreadable::Malformed { parameter, reason }) => {
            Err(A::Product::refuse(&A::Product::malformed(parameter, reason), action))
        }
    }
}

/// The actions of one product. Built by [`catalog!`](crate::catalog).
#[derive(Debug)]
pub struct Catalog<P: 'static> {
    /// Name of the product, as in a credential's scope.
    pub service: &'static str,
    /// Version of the API.
    pub version: &'static str,
    /// Its actions that are emulated.
    pub entries: &'static [Entry<P>],
    /// The name of an action that the product has, emulated or not.
    pub recognise: fn(&str) -> Option<&'static str>,
}

/// An action that a call names.
#[derive(Debug)]
pub enum Found<P: 'static> {
    /// It can be run.
    Emulated(&'static Entry<P>),
    /// The product has it, and nothing more is known of it here.
    Recognised(&'static str),
}

impl<P: Product> Found<P> {
    /// The action's name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Emulated(entry) => entry.name,
            Self::Recognised(name) => name,
        }
    }

    /// Reads `params` as a request of the action.
    pub fn decode(&self, params: &Params) -> Decoded<P> {
        match self {
            Self::Emulated(entry) => entry.decode(params),
            Self::Recognised(name) => Err(Refusal::NotEmulated(name).into()),
        }
    }
}

impl<P> Catalog<P> {
    /// Finds an emulated action by its exact name. The table is short, so it is searched in order.
    pub fn find(&self, name: &str) -> Option<&'static Entry<P>> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// Finds an action of the product by its exact name.
    pub fn recognise(&self, name: &str) -> Option<Found<P>> {
        let emulated = self.find(name).map(Found::Emulated);
        emulated.or_else(|| (self.recognise)(name).map(Found::Recognised))
    }
}

/// Lists the actions of a product that are emulated, a line each, after a function that knows the
/// name of every one that there is.
#[macro_export]
macro_rules! catalog {
    ($product:ty, $service:literal, $version:literal, $recognise:expr, {
        $($family:ident::$action:ident,)*
    }) => {{
        #[expect(dead_code, reason = "the compiler rejects a name listed twice")]
        enum EachOnce { $($action),* }
        const NAMES: &[&str] = &[$(stringify!($action)),*];
        static ENTRIES: [$crate::protocol::action::Entry<$product>; NAMES.len()] = [$(
            $crate::protocol::action::Entry::new::<$family::$action>(stringify!($action)),
        )*];
        $crate::protocol::Catalog {
            service: $service,
            version: $version,
            entries: &ENTRIES,
            recognise: $recognise,
        }
    }};
}
