//! Deserialization of objects in calls.

use std::fmt;

use serde::{
    Deserializer,
    de::{self, DeserializeSeed, Visitor},
};

/// Reads the name of a member as its index.
#[derive(Debug, Clone, Copy)]
pub struct MemberIndex(pub &'static [&'static str]);

impl<'de> DeserializeSeed<'de> for MemberIndex {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for MemberIndex {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<usize, E> {
        let index = self.0.iter().position(|it| *it == name);
        index.ok_or_else(|| E::unknown_field(name, self.0))
    }
}

/// Implements `Deserialize` for a struct.
///
/// Unlike that of serde's derive, a struct is only read from an object and not from a list, and
/// `absent` values are those of [`Decode`](super::decode::Decode). Each field has a kind:
///
/// - `required`: the object has the member;
/// - `present`: so it does, and the value is not `null`, though the field is an `Option`;
/// - `optional`: the member may be absent;
/// - `extension`: calls cannot have the member.
macro_rules! members {
    ($struct:ident {}) => {
        members!(@impl $struct, self, map {
            match map.next_key_seed($crate::protocol::members::MemberIndex(&[]))? {
                Some(_) => Err(serde::de::Error::custom("unknown member")),
                None => Ok($struct {}),
            }
        });
    };
    ($struct:ident { $($field:ident: $kind:ident $name:literal,)+ }) => {
        members!(@impl $struct, self, map {
            $(let mut $field = None;)+
            let names = $crate::protocol::members::MemberIndex(&[$($name),+]);
            while let Some(index) = map.next_key_seed(names)? {
                let mut indexes = 0..;
                $(if indexes.next() == Some(index) {
                    let value = members!(@read $kind map $name);
                    if $field.replace(value).is_some() {
                        return Err(serde::de::Error::duplicate_field($name));
                    }
                    continue;
                })+
            }
            Ok($struct { $($field: members!(@value $kind $field $name)),+ })
        });
    };
    (@impl $struct:ident, $self:ident, $map:ident $body:block) => {
        impl<'de> serde::Deserialize<'de> for $struct {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Members;

                impl<'de> serde::de::Visitor<'de> for Members {
                    type Value = $struct;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(
                        $self,
                        mut $map: A,
                    ) -> Result<$struct, A::Error> {
                        $body
                    }
                }

                deserializer.deserialize_map(Members)
            }
        }
    };
    (@read present $map:ident $name:literal) => { Some($map.next_value()?) };
    (@read extension $map:ident $name:literal) => {
        Err::<_, A::Error>(serde::de::Error::unknown_field($name, &[]))?
    };
    (@read $kind:ident $map:ident $name:literal) => { $map.next_value()? };
    (@value optional $field:ident $name:literal) => {
        members!(@absent $field.or_else($crate::protocol::decode::Decode::absent), $name)
    };
    (@value extension $field:ident $name:literal) => {
        members!(@absent $field.or_else($crate::protocol::decode::Decode::absent), $name)
    };
    (@value $kind:ident $field:ident $name:literal) => { members!(@absent $field, $name) };
    (@absent $value:expr, $name:literal) => {
        match $value {
            Some(value) => value,
            None => return Err(serde::de::Error::missing_field($name)),
        }
    };
}
pub(crate) use members;
