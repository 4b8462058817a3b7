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
    ($struct:ident { $($field:ident: $kind:ident $name:literal,)* }) => {
        impl<'de> serde::Deserialize<'de> for $struct {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Members;

                impl<'de> serde::de::Visitor<'de> for Members {
                    type Value = $struct;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }

                    #[allow(
                        clippy::diverging_sub_expression,
                        unreachable_code,
                        unused_assignments,
                        unused_mut,
                        unused_variables,
                        reason = "structs without fields, and extensions"
                    )]
                    fn visit_map<A: serde::de::MapAccess<'de>>(
                        self,
                        mut map: A,
                    ) -> Result<$struct, A::Error> {
                        $(let mut $field = None;)*
                        let names = $crate::protocol::members::MemberIndex(&[$($name),*]);
                        while let Some(index) = map.next_key_seed(names)? {
                            let mut at = 0;
                            $(
                                if index == at {
                                    let value = members!(@read $kind map $name);
                                    if $field.replace(value).is_some() {
                                        return Err(serde::de::Error::duplicate_field($name));
                                    }
                                    continue;
                                }
                                at += 1;
                            )*
                        }
                        Ok($struct { $($field: members!(@value $kind $field $name)),* })
                    }
                }

                deserializer.deserialize_map(Members)
            }
        }
    };
    (@read present $map:ident $name:literal) => { Some($map.next_value()?) };
    (@read extension $map:ident $name:literal) => {
        return Err(serde::de::Error::unknown_field($name, &[]))
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
