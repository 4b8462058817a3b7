//! Tencent Cloud's API 3.0 protocol, independent of any product.

pub mod action;
pub mod decode;
pub mod envelope;
pub mod error;
pub mod form;
pub mod json;
pub mod members;
pub mod params;
pub mod path;
pub mod refusal;
pub mod request;
pub mod schema;
pub mod secret;
pub mod signature;
pub mod spelling;
pub mod text;
pub mod trace;
pub mod tree;

pub use action::{Action, Catalog, Context, Model, Product, Request};
pub use error::{ApiError, Code, Language};
pub use refusal::{AuthFailure, Refusal, Syntax};
pub use trace::TraceId;
pub use tree::Tree;
