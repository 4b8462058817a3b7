//! The tree of parameters as a serde data format.
//!
//! JSON and the flattened text forms are one format here: a query's `Limit=20` and a body's
//! `"Limit":20` both read as the integer that the action asks for.

use std::fmt;

use serde::de::{
    self, DeserializeSeed, IntoDeserializer,
    value::{BorrowedStrDeserializer, StrDeserializer},
};

use super::{
    spelling,
    tree::{Members, Tree},
};

/// How scalars are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Typed, in JSON.
    Json,
    /// All as text, in a query, a form or a multipart body.
    Text,
}

/// A parameter to read, and how it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Input<'de> {
    pub(super) tree: &'de Tree,
    encoding: Encoding,
}

impl<'de> Input<'de> {
    pub(super) fn new(tree: &'de Tree, encoding: Encoding) -> Self {
        Self { tree, encoding }
    }

    pub(super) fn with(self, tree: &'de Tree) -> Self {
        Self { tree, ..self }
    }

    pub(super) fn text(self) -> Option<&'de str> {
        match self.tree {
            Tree::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn boolean(self) -> Option<bool> {
        match (self.tree, self.encoding) {
            (Tree::Bool(it), Encoding::Json) => Some(*it),
            (Tree::Text(text), Encoding::Text) => spelling::boolean(text),
            _ => None,
        }
    }

    pub(super) fn unsigned(self) -> Option<u64> {
        match (self.tree, self.encoding) {
            (Tree::Number(number), Encoding::Json) => number.as_u64(),
            (Tree::Text(text), Encoding::Text) => spelling::integer(text)?.try_into().ok(),
            _ => None,
        }
    }

    pub(super) fn signed(self) -> Option<i64> {
        match (self.tree, self.encoding) {
            (Tree::Number(number), Encoding::Json) => number.as_i64(),
            (Tree::Text(text), Encoding::Text) => spelling::integer(text)?.try_into().ok(),
            _ => None,
        }
    }

    pub(super) fn float(self) -> Option<f64> {
        match (self.tree, self.encoding) {
            (Tree::Number(number), Encoding::Json) => number.as_f64(),
            (Tree::Text(text), Encoding::Text) => spelling::float(text),
            _ => None,
        }
    }
}

/// A value that does not parse.
#[derive(Debug)]
pub(super) struct Malformed {
    /// Innermost step first.
    steps: Vec<String>,
    pub(super) reason: String,
}

impl Malformed {
    /// Dotted path.
    pub(super) fn path(&self) -> String {
        let steps: Vec<&str> = self.steps.iter().rev().map(String::as_str).collect();
        steps.join(".")
    }

    fn at(mut self, step: impl fmt::Display) -> Self {
        self.steps.push(step.to_string());
        self
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Malformed {}

impl de::Error for Malformed {
    fn custom<T: fmt::Display>(reason: T) -> Self {
        Self { steps: Vec::new(), reason: reason.to_string() }
    }
}

macro_rules! scalars {
    ($($method:ident $visit:ident $read:ident;)*) => {
        $(fn $method<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
            match self.$read() {
                Some(it) => visitor.$visit(it),
                None => self.deserialize_any(visitor),
            }
        })*
    };
}

impl<'de> de::Deserializer<'de> for Input<'de> {
    type Error = Malformed;

    scalars! {
        deserialize_bool visit_bool boolean;
        deserialize_u32 visit_u64 unsigned;
        deserialize_u64 visit_u64 unsigned;
        deserialize_i32 visit_i64 signed;
        deserialize_i64 visit_i64 signed;
    }

    fn deserialize_any<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        match self.tree {
            // Only a struct is read from an object.
            Tree::Null | Tree::Repeated | Tree::Object(_) => visitor.visit_unit(),
            Tree::Bool(it) => visitor.visit_bool(*it),
            Tree::Number(it) => it.deserialize_any(visitor).map_err(de::Error::custom),
            Tree::Text(it) => visitor.visit_borrowed_str(it),
            Tree::List(items) => {
                visitor.visit_seq(Items { rest: items.iter().enumerate(), parent: self })
            }
        }
    }

    /// In the order of the struct, whatever that of the client.
    fn deserialize_struct<V: de::Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        match self.tree {
            Tree::Object(members) => {
                let rest = names.iter();
                visitor.visit_map(Fields { rest, members, current: None, parent: self })
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        match self.tree {
            Tree::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: de::Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: de::Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        let variant: StrDeserializer<'_, Malformed> =
            self.text().unwrap_or_default().into_deserializer();
        variant.deserialize_enum(name, variants, visitor)
    }

    serde::forward_to_deserialize_any! {
        i8 i16 u8 u16 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map
        identifier ignored_any
    }
}

struct Items<'de> {
    rest: std::iter::Enumerate<std::slice::Iter<'de, Tree>>,
    parent: Input<'de>,
}

impl<'de> de::SeqAccess<'de> for Items<'de> {
    type Error = Malformed;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Malformed> {
        let Some((index, item)) = self.rest.next() else { return Ok(None) };
        seed.deserialize(self.parent.with(item)).map(Some).map_err(|error| error.at(index))
    }
}

struct Fields<'de> {
    rest: std::slice::Iter<'static, &'static str>,
    members: &'de Members,
    current: Option<(&'de str, &'de Tree)>,
    parent: Input<'de>,
}

impl<'de> de::MapAccess<'de> for Fields<'de> {
    type Error = Malformed;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Malformed> {
        let members = self.members;
        let present = |name: &&'static str| {
            let member = members.get(*name).filter(|it| **it != Tree::Null)?;
            Some((*name, member))
        };
        self.current = self.rest.find_map(present);
        let Some((name, _)) = self.current else { return Ok(None) };
        seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Malformed> {
        let (name, member) = self.current.take().expect("serde asks for a key first");
        seed.deserialize(self.parent.with(member)).map_err(|error| error.at(name))
    }
}
