//! Decoding of API values from parameters, or from JSON of the same shape.
//!
//! A query's `Limit=20` and a body's `"Limit":20` decode to the same integer. Decoding continues
//! after a malformed value, so that all of them are reported.

use std::{fmt, marker::PhantomData, str::FromStr};

use compact_str::CompactString;
use serde::{
    Deserializer,
    de::{self, Visitor},
};
use serde_json::Number;

use super::{path::Path, spelling, text::BacktickedValue};

/// Encoding of scalars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// JSON, where scalars have types.
    Json,
    /// Strings only, as in a query, a form, or a multipart body.
    Text,
}

/// A JSON value, independent of its storage.
pub trait Node {
    /// Returns the value. A list or an object is represented only by its length.
    fn value(&self) -> Value<'_>;

    fn item(&self, index: usize) -> Option<&dyn Node>;
    fn member(&self, name: &str) -> Option<&dyn Node>;

    /// Visits the names of an object's members in order, until `visit` returns `false`.
    fn names(&self, visit: &mut dyn FnMut(&str) -> bool);
}

/// The value of a [`Node`].
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// `null`, equivalent to an absent value.
    Null,
    Bool(bool),
    Number(&'a Number),
    /// A string. In a query or form, any scalar.
    Text(&'a str),
    /// A list, with its number of items.
    List(usize),
    /// An object, with its number of members.
    Object(usize),
    /// Placeholder for a name that occurs twice in an object.
    Repeated,
}

/// A value to decode, and its path.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    node: &'a dyn Node,
    encoding: Encoding,
    path: &'a Path<'a>,
    /// Whether an empty string is malformed if the value is parsed.
    is_filled: bool,
    /// Whether the value belongs to a fixture.
    is_fixture: bool,
    note: &'a Note<'a>,
}

/// Callback for a malformed value: its path and the problem, which shows the value.
pub type Note<'a> = dyn Fn(&Path<'_>, &dyn fmt::Display) + 'a;

impl fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input").field("path", &self.path.to_string()).finish_non_exhaustive()
    }
}

impl<'a> Input<'a> {
    /// Creates the input for a root value. Malformed values are reported to `malformed`.
    pub const fn new(node: &'a dyn Node, encoding: Encoding, malformed: &'a Note<'a>) -> Self {
        Self {
            node,
            encoding,
            path: &Path::Root,
            is_filled: false,
            is_fixture: false,
            note: malformed,
        }
    }

    /// Decodes the value as part of a fixture: extension members are known, and integers must not
    /// be negative.
    #[must_use]
    pub const fn of_fixture(self) -> Self {
        Self { is_fixture: true, ..self }
    }

    pub(super) const fn is_fixture(self) -> bool {
        self.is_fixture
    }

    pub(super) const fn path(&self) -> &'a Path<'a> {
        self.path
    }

    pub(super) const fn node(&self) -> &'a dyn Node {
        self.node
    }

    pub(super) const fn at(self, node: &'a dyn Node, path: &'a Path<'a>) -> Self {
        Self { node, path, ..self }
    }

    /// Decodes a member of an object. A member that is `null`, malformed, or of the wrong type
    /// counts as absent.
    pub fn member<T: Decode>(self, name: &'static str) -> Option<T> {
        Self { is_filled: false, ..self }.any_member(name)
    }

    /// Decodes a member of an object, where an empty string is malformed.
    pub fn filled<T: Decode>(self, name: &'static str) -> Option<T> {
        Self { is_filled: true, ..self }.any_member(name)
    }

    fn any_member<T: Decode>(self, name: &'static str) -> Option<T> {
        let path = Path::Member(self.path, name);
        // Assumed (gateway.null-parameter): `null` counts as absent.
        let present = self.node.member(name).filter(|it| !matches!(it.value(), Value::Null));
        present.and_then(|node| T::decode(self.at(node, &path))).or_else(T::absent)
    }

    /// Parses the value if it is a string, and reports it if it is malformed.
    pub fn parse<T: FromStr<Err: fmt::Display>>(self) -> Option<T> {
        let text = self.text()?;
        match text.parse() {
            Ok(value) => Some(value),
            Err(reason) => {
                let value = BacktickedValue(text);
                if text.is_empty() {
                    (self.note)(self.path, &format_args!("is empty; {reason}"));
                } else {
                    (self.note)(self.path, &format_args!("{value} {reason}"));
                }
                None
            }
        }
    }

    /// Parses the value if it is a string. The error of an unknown name contains the name.
    pub fn parse_name<T: FromStr<Err: fmt::Display>>(self) -> Option<T> {
        let parsed = self.text()?.parse();
        parsed.map_err(|unknown| (self.note)(self.path, &unknown)).ok()
    }

    /// Returns the value if it is a string.
    pub fn text(self) -> Option<&'a str> {
        match self.node.value() {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn boolean(self) -> Option<bool> {
        match (self.node.value(), self.encoding) {
            (Value::Bool(it), Encoding::Json) => Some(it),
            (Value::Text(text), Encoding::Text) => spelling::boolean(text),
            _ => None,
        }
    }

    pub(super) fn unsigned(self) -> Option<u64> {
        match (self.node.value(), self.encoding) {
            (Value::Number(number), Encoding::Json) => number.as_u64(),
            (Value::Text(text), Encoding::Text) => spelling::integer(text)?.try_into().ok(),
            _ => None,
        }
    }

    pub(super) fn signed(self) -> Option<i64> {
        match (self.node.value(), self.encoding) {
            (Value::Number(number), Encoding::Json) => number.as_i64(),
            (Value::Text(text), Encoding::Text) => spelling::integer(text)?.try_into().ok(),
            _ => None,
        }
    }

    pub(super) fn float(self) -> Option<f64> {
        match (self.node.value(), self.encoding) {
            (Value::Number(number), Encoding::Json) => number.as_f64(),
            (Value::Text(text), Encoding::Text) => spelling::float(text),
            _ => None,
        }
    }
}

/// Deserializes a value from a string, which need not be copied. The error contains the string.
pub fn deserialize_text<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err: fmt::Display>,
    D: Deserializer<'de>,
{
    struct Parse<T>(PhantomData<T>);

    impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for Parse<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(|bad| E::custom(format_args!("{} {bad}", BacktickedValue(text))))
        }
    }

    deserializer.deserialize_str(Parse(PhantomData))
}

/// A type that API values decode to. Generated for requests and objects.
pub trait Decode: Sized {
    /// Whether the type is parsed from a string. If so, an empty string is an absent optional value.
    const IS_PARSED: bool = false;

    /// Decodes a value that is present. Returns `None` if it has the wrong type or is malformed.
    fn decode(input: Input<'_>) -> Option<Self>;

    /// Returns the value of an absent member, or `None` if the member is required.
    fn absent() -> Option<Self> {
        None
    }
}

impl Decode for String {
    fn decode(input: Input<'_>) -> Option<Self> {
        input.text().map(ToOwned::to_owned)
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }
}

impl Decode for CompactString {
    fn decode(input: Input<'_>) -> Option<Self> {
        input.text().map(Self::new)
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}

macro_rules! scalars {
    ($($type:ident: $read:ident;)*) => {$(
        impl Decode for $type {
            fn decode(input: Input<'_>) -> Option<Self> {
                input.$read()
            }

            fn absent() -> Option<Self> {
                Some(Self::default())
            }
        }
    )*};
}

scalars! {
    bool: boolean;
    i64: signed;
    u64: unsigned;
    f64: float;
}

impl<T: Decode> Decode for Option<T> {
    fn decode(input: Input<'_>) -> Option<Self> {
        // Assumed (api.empty-text): an empty text counts as absent where a value is optional.
        if T::IS_PARSED && !input.is_filled && input.text() == Some("") {
            return Some(None);
        }
        T::decode(input).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Decode> Decode for Box<T> {
    fn decode(input: Input<'_>) -> Option<Self> {
        T::decode(input).map(Self::new)
    }

    fn absent() -> Option<Self> {
        T::absent().map(Self::new)
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(input: Input<'_>) -> Option<Self> {
        let Value::List(length) = input.node.value() else { return None };
        let item = |index| {
            let path = Path::Item(input.path, index);
            T::decode(input.at(input.node.item(index)?, &path))
        };
        Some((0..length).filter_map(item).collect())
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }
}
