//! Typed actions, and the table that finds one by name.
//!
//! A call has two halves, so that malformed input never takes a lock: [`Entry::decode`] turns
//! parameters into a typed request, and [`Call::run`] applies it to the product's state.

use std::{fmt, sync::OnceLock};

use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    envelope,
    error::{ApiError, Code},
    params::{Params, Unreadable},
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
    type Error: Into<ApiError>;

    /// What the product says of a parameter of the right type that does not parse.
    fn malformed(parameter: String, reason: String) -> Self::Error;
}

/// One API action. The type is the request, and its name the action's name.
pub trait Action: DeserializeOwned + Send + 'static {
    /// Product that the action belongs to.
    type Product: Product;
    /// Fields of a successful response, less `RequestId`.
    type Output: Serialize + Send + 'static;

    /// Checks everything, then changes `product`: an `Err` leaves it untouched.
    fn run(self, product: &mut Self::Product, cx: &Context) -> Outcome<Self>;
}

/// What [`Action::run`] returns.
pub type Outcome<A> = Result<<A as Action>::Output, <<A as Action>::Product as Product>::Error>;

/// A decoded request of some action, ready to run.
pub trait Call<P>: Send {
    /// Runs the action.
    fn run(self: Box<Self>, product: &mut P, cx: &Context) -> Result<Box<dyn Output>, ApiError>;
}

impl<A: Action> Call<A::Product> for A {
    fn run(
        self: Box<Self>,
        product: &mut A::Product,
        cx: &Context,
    ) -> Result<Box<dyn Output>, ApiError> {
        match Action::run(*self, product, cx) {
            Ok(output) => Ok(Box::new(output)),
            Err(error) => Err(error.into()),
        }
    }
}

/// A call ready to run, or why its parameters cannot be read.
pub type Decoded<P> = Result<Box<dyn Call<P>>, ApiError>;

/// The fields of a successful response.
pub trait Output: Send {
    /// The response's body, written after every lock is released.
    fn body(&self, request_id: &str) -> Vec<u8>;
}

impl<T: Serialize + Send> Output for T {
    fn body(&self, request_id: &str) -> Vec<u8> {
        envelope::success(self, request_id)
    }
}

impl fmt::Debug for dyn Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.body("")))
    }
}

/// An action of the product `P`, as the table lists it.
pub struct Entry<P: 'static> {
    /// The action's name.
    pub name: &'static str,
    /// Codes that the vendor documents for the action.
    pub codes: &'static [Code],
    decode: fn(&Params, &Schema) -> Decoded<P>,
    learn: fn() -> Schema,
    schema: OnceLock<Schema>,
}

impl<P: Product> Entry<P> {
    /// Lists the action `A`.
    pub const fn new<A: Action<Product = P>>(name: &'static str, codes: &'static [Code]) -> Self {
        Self { name, codes, decode: decode::<A>, learn: Schema::of::<A>, schema: OnceLock::new() }
    }

    /// The action's parameters.
    pub fn schema(&self) -> &Schema {
        self.schema.get_or_init(self.learn)
    }

    /// Reads `params` as a request of the action.
    pub fn decode(&self, params: &Params) -> Decoded<P> {
        (self.decode)(params, self.schema())
    }
}

impl<P> fmt::Debug for Entry<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("name", &self.name).finish_non_exhaustive()
    }
}

fn decode<A: Action>(params: &Params, schema: &Schema) -> Decoded<A::Product> {
    match params.read::<A>(schema) {
        Ok(request) => Ok(Box::new(request)),
        Err(Unreadable::Refused(refusal)) => Err(refusal.into()),
        Err(Unreadable::Malformed { parameter, reason }) => {
            Err(A::Product::malformed(parameter, reason).into())
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
    /// Its actions.
    pub entries: &'static [Entry<P>],
}

impl<P> Catalog<P> {
    /// Finds an action by its exact name. The table is short, so it is searched in order.
    pub fn find(&self, name: &str) -> Option<&'static Entry<P>> {
        self.entries.iter().find(|entry| entry.name == name)
    }
}

/// Lists the actions of a product, a line each: the type, and the codes documented for it.
#[macro_export]
macro_rules! catalog {
    ($product:ty, $service:literal, $version:literal, {
        $($family:ident::$action:ident: $codes:expr,)*
    }) => {{
        #[expect(dead_code, reason = "the compiler rejects a name listed twice")]
        enum EachOnce { $($action),* }
        const NAMES: &[&str] = &[$(stringify!($action)),*];
        static ENTRIES: [$crate::protocol::action::Entry<$product>; NAMES.len()] = [$(
            $crate::protocol::action::Entry::new::<$family::$action>(
                stringify!($action),
                $codes,
            ),
        )*];
        $crate::protocol::Catalog { service: $service, version: $version, entries: &ENTRIES }
    }};
}
