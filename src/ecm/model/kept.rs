//! Fields that the product documents and that no action changes: kept as they came.

use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::Value;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// `true` or `false`.
    Bool,
    /// An integer that is not negative.
    Count,
    /// A list.
    List,
    /// An object.
    Object,
}

/// A field that is only kept, and what it is where nobody said it.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// Name on the wire.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What it is by default.
    pub default: Blank,
}

/// The default of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blank {
    /// No value.
    Null,
    /// The empty list.
    Empty,
    /// A text.
    Text(&'static str),
    /// A truth value.
    Bool(bool),
    /// A number.
    Count(u64),
}

impl Field {
    const fn new(name: &'static str, kind: Kind, default: Blank) -> Self {
        Self { name, kind, default }
    }

    /// A text, empty by default.
    pub const fn text(name: &'static str) -> Self {
        Self::new(name, Kind::Text, Blank::Text(""))
    }

    /// A text that is not empty by default.
    pub const fn word(name: &'static str, default: &'static str) -> Self {
        Self::new(name, Kind::Text, Blank::Text(default))
    }

    /// A truth value.
    pub const fn flag(name: &'static str, default: bool) -> Self {
        Self::new(name, Kind::Bool, Blank::Bool(default))
    }

    /// A number.
    pub const fn count(name: &'static str) -> Self {
        Self::new(name, Kind::Count, Blank::Count(0))
    }

    /// A list, empty by default.
    pub const fn list(name: &'static str) -> Self {
        Self::new(name, Kind::List, Blank::Empty)
    }

    /// A field that is `null` by default.
    pub const fn null(name: &'static str, kind: Kind) -> Self {
        Self::new(name, kind, Blank::Null)
    }
}

/// The fields of one object that are only kept.
///
/// Invariant: a field that has its default value is kept as if nobody had said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    fields: &'static [Field],
    /// One for each of `fields`; nothing for the default.
    values: Option<Arc<[Option<Value>]>>,
}

impl Kept {
    /// The defaults of `fields`.
    pub const fn new(fields: &'static [Field]) -> Self {
        Self { fields, values: None }
    }

    /// What there is of `fields`, in their order.
    pub fn with(fields: &'static [Field], mut values: Vec<Option<Value>>) -> Self {
        for (field, value) in fields.iter().zip(&mut values) {
            value.take_if(|it| field.default.is(it));
        }
        let is_default = values.iter().all(Option::is_none);
        Self { fields, values: (!is_default).then(|| values.into()) }
    }

    /// Gives a field a value.
    pub fn set(&mut self, name: &str, value: Value) {
        let mut values: Vec<Option<Value>> =
            self.values.as_ref().map_or_else(|| vec![None; self.fields.len()], |it| it.to_vec());
        let index = self.fields.iter().position(|field| field.name == name);
        if let Some(slot) = index.and_then(|index| values.get_mut(index)) {
            *slot = Some(value);
        }
        *self = Self::with(self.fields, values);
    }

    /// A field that is a text.
    pub fn text(&self, name: &str) -> &str {
        let field = self.fields.iter().find(|field| field.name == name);
        match (self.get(name), field.map(|field| field.default)) {
            (Some(Value::String(text)), _) => text,
            (None, Some(Blank::Text(text))) => text,
            _ => "",
        }
    }

    /// The value of a field, unless it is the default.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let index = self.fields.iter().position(|field| field.name == name)?;
        self.values.as_ref()?.get(index)?.as_ref()
    }
}

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let values = self.values.iter().flat_map(|values| values.iter()).map(Option::as_ref);
        let values = values.chain(std::iter::repeat(None));
        let shown = |(field, value): (&'static Field, Option<&Value>)| {
            (field.name, value.cloned().unwrap_or_else(|| field.default.value()))
        };
        serializer.collect_map(self.fields.iter().zip(values).map(shown))
    }
}

impl Blank {
    fn is(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Null, Value::Null) => true,
            (Self::Empty, Value::Array(items)) => items.is_empty(),
            (Self::Text(text), Value::String(it)) => text == it,
            (Self::Bool(default), Value::Bool(it)) => default == *it,
            (Self::Count(default), Value::Number(it)) => it.as_u64() == Some(default),
            _ => false,
        }
    }

    fn value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Empty => Value::Array(Vec::new()),
            Self::Text(text) => text.into(),
            Self::Bool(it) => it.into(),
            Self::Count(it) => it.into(),
        }
    }
}
