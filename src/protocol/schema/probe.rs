//! Asks a `Deserialize` implementation what it would read, and never lets it.

use std::fmt;

use serde::de::{self, DeserializeOwned, DeserializeSeed, value::BorrowedStrDeserializer};

use super::{Parameter, Schema, Type};

/// Learns what stands at `path` of a `T`: whether it may be absent, and its type.
pub(super) fn probe<T: DeserializeOwned>(path: &mut Vec<usize>) -> (bool, Type) {
    let mut seen = Seen { optional: false, shape: None };
    // Always an error: a probe has no value to give, and has learned what it came for.
    let _: Result<T, Stop> = T::deserialize(Probe { path, seen: &mut seen });
    let mut below = |step: usize| {
        path.push(step);
        let found = probe::<T>(path);
        path.pop();
        found
    };
    let found = match seen.shape {
        Some(Shape::Scalar(scalar)) => scalar,
        Some(Shape::List) => Type::List(Box::new(below(0).1)),
        Some(Shape::Struct(names)) => {
            let parameter = |(index, name): (usize, &&'static str)| {
                let (optional, r#type) = below(index);
                Parameter { name, r#type, required: !optional }
            };
            Type::Object(Schema { parameters: names.iter().enumerate().map(parameter).collect() })
        }
        None => unreachable!("a request holds scalars, lists and structs"),
    };
    (seen.optional, found)
}

/// A deserializer that notes what it is asked for at the end of `path`.
struct Probe<'a> {
    path: &'a [usize],
    seen: &'a mut Seen,
}

struct Seen {
    optional: bool,
    shape: Option<Shape>,
}

enum Shape {
    Scalar(Type),
    List,
    Struct(&'static [&'static str]),
}

/// Ends a probe.
#[derive(Debug)]
struct Stop;

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a probe has no value")
    }
}

impl std::error::Error for Stop {}

impl de::Error for Stop {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl Probe<'_> {
    fn scalar<V>(self, scalar: Type) -> Result<V, Stop> {
        if self.path.is_empty() {
            self.seen.shape = Some(Shape::Scalar(scalar));
        }
        Err(Stop)
    }
}

macro_rules! scalars {
    ($($method:ident $type:ident;)*) => {
        $(fn $method<V: de::Visitor<'de>>(self, _: V) -> Result<V::Value, Stop> {
            self.scalar(Type::$type)
        })*
    };
}

impl<'de> de::Deserializer<'de> for Probe<'_> {
    type Error = Stop;

    scalars! {
        deserialize_str String;
        deserialize_string String;
        deserialize_bool Bool;
        deserialize_u32 Uint64;
        deserialize_u64 Uint64;
        deserialize_i32 Int64;
        deserialize_i64 Int64;
    }

    fn deserialize_option<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.seen.optional |= self.path.is_empty();
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: de::Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match self.path.split_first() {
            None => self.seen.shape = Some(Shape::List),
            Some((_, rest)) => {
                visitor.visit_seq(Only { name: "", probe: Probe { path: rest, ..self } })?;
            }
        }
        Err(Stop)
    }

    fn deserialize_struct<V: de::Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        match self.path.split_first() {
            None => self.seen.shape = Some(Shape::Struct(names)),
            Some((&index, rest)) => {
                let name = names.get(index).copied().unwrap_or_default();
                visitor.visit_map(Only { name, probe: Probe { path: rest, ..self } })?;
            }
        }
        Err(Stop)
    }

    fn deserialize_enum<V: de::Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Stop> {
        self.scalar(Type::String)
    }

    /// A type that [`Input`](crate::protocol::input) does not read either.
    fn deserialize_any<V: de::Visitor<'de>>(self, _: V) -> Result<V::Value, Stop> {
        unreachable!(
            "a request holds texts, booleans, integers of 32 or 64 bits, lists and structs"
        )
    }

    serde::forward_to_deserialize_any! {
        i8 i16 u8 u16 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct map
        identifier ignored_any
    }
}

/// The one member or item on a probe's path.
struct Only<'a> {
    name: &'static str,
    probe: Probe<'a>,
}

impl Only<'_> {
    fn value<'de, T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Stop> {
        seed.deserialize(Probe { path: self.probe.path, seen: self.probe.seen })
    }
}

impl<'de> de::MapAccess<'de> for Only<'_> {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Stop> {
        seed.deserialize(BorrowedStrDeserializer::new(self.name)).map(Some)
    }
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Stop> {
        self.value(seed)
    }
}

impl<'de> de::SeqAccess<'de> for Only<'_> {
    type Error = Stop;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Stop> {
        self.value(seed).map(Some)
    }
}
