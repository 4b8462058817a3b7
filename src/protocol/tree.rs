//! Untyped parameters, before they are checked against a schema.

use std::{borrow::Cow, cell::Cell, cmp::Ordering, collections::BTreeMap, fmt};

use serde::{
    Deserialize, Serialize, Serializer,
    de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor},
};
use serde_json::Number;

use super::{
    decode::{Node, Value},
    refusal::Syntax,
};

/// Maximum number of values in a call, where each list and object counts as one.
///
/// Far more than any action needs, and few enough that a body of 10 MB does not become gigabytes.
pub const VALUES_MAX: usize = 100_000;

/// A parameter of a call. Strings without escapes borrow from the body.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Tree<'a> {
    /// JSON `null`, equivalent to an absent value.
    Null,
    Bool(bool),
    Number(Number),
    /// A string. In a query or form, any scalar.
    Text(Cow<'a, str>),
    List(Vec<Tree<'a>>),
    Object(Members<'a>),
    /// Placeholder for a name that occurs twice in an object.
    Repeated,
}

/// The members of an object, sorted by name. The client's order has no meaning, so it is not kept.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Members<'a>(Vec<(Cow<'a, str>, Tree<'a>)>);

impl<'a> Members<'a> {
    /// Creates an object without members.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Returns the number of members.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there are no members.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the value of a member.
    pub fn get(&self, name: &str) -> Option<&Tree<'a>> {
        let index = self.0.binary_search_by(|(it, _)| (**it).cmp(name)).ok()?;
        self.0.get(index).map(|(_, value)| value)
    }

    /// Returns the members by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Tree<'a>)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    /// Returns the names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| &**name)
    }

    /// Copies all borrowed strings.
    pub fn into_owned(self) -> Members<'static> {
        let members = self.0.into_iter();
        Members(members.map(|(name, it)| (name.into_owned().into(), it.into_owned())).collect())
    }
}

impl<'a> From<Vec<(Cow<'a, str>, Tree<'a>)>> for Members<'a> {
    /// Sorts the members. The value of a name that occurs twice becomes [`Tree::Repeated`].
    fn from(mut members: Vec<(Cow<'a, str>, Tree<'a>)>) -> Self {
        let compare = |one: &(Cow<'_, str>, _), other: &(Cow<'_, str>, _)| one.0.cmp(&other.0);
        if !members.is_sorted_by(|one, other| compare(one, other) == Ordering::Less) {
            members.sort_by(compare);
            members.dedup_by(|later, first| {
                let is_repeated = later.0 == first.0;
                if is_repeated {
                    first.1 = Tree::Repeated;
                }
                is_repeated
            });
        }
        Self(members)
    }
}

impl<'a> FromIterator<(Cow<'a, str>, Tree<'a>)> for Members<'a> {
    fn from_iter<I: IntoIterator<Item = (Cow<'a, str>, Tree<'a>)>>(members: I) -> Self {
        Self::from(members.into_iter().collect::<Vec<_>>())
    }
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'a> Tree<'a> {
    /// Parses a JSON body, which must be an object or `null`.
    pub fn from_json(body: &'a [u8]) -> Result<Members<'a>, Syntax> {
        let (left, has_repeated) = (Cell::new(VALUES_MAX), Cell::new(false));
        // Assumed (gateway.json-depth, gateway.number-range): the limits of the JSON library apply:
        // a depth of 128, and numbers that fit in a double.
        let mut json = serde_json::Deserializer::from_slice(body);
        let tree = Reader { left: &left, has_repeated: &has_repeated }
            .deserialize(&mut json)
            .and_then(|tree| json.end().map(|()| tree))
            .map_err(|_| if left.get() == 0 { Syntax::TooMany } else { Syntax::NotJson })?;
        // Assumed (gateway.repeated-member): a name that occurs twice is an error.
        if has_repeated.get() {
            return Err(Syntax::Repeated(tree.repeated().unwrap_or_default()));
        }
        match tree {
            Self::Object(members) => Ok(members),
            // Assumed (gateway.null-body): `null` counts as `{}`. The Ruby SDK sends it for each request
            // without parameters.
            Self::Null => Ok(Members::new()),
            _ => Err(Syntax::NotJson),
        }
    }

    /// Returns the dotted path of a name that occurs twice in an object.
    fn repeated(&self) -> Option<String> {
        let inner = |step: &dyn fmt::Display, tree: &Self| match tree {
            Self::Repeated => Some(step.to_string()),
            tree => tree.repeated().map(|path| format!("{step}.{path}")),
        };
        match self {
            Self::List(items) => {
                items.iter().enumerate().find_map(|(index, item)| inner(&index, item))
            }
            Self::Object(members) => members.iter().find_map(|(name, member)| inner(&name, member)),
            _ => None,
        }
    }

    /// Copies all borrowed strings.
    pub fn into_owned(self) -> Tree<'static> {
        match self {
            Self::Null => Tree::Null,
            Self::Repeated => Tree::Repeated,
            Self::Bool(it) => Tree::Bool(it),
            Self::Number(it) => Tree::Number(it),
            Self::Text(it) => Tree::Text(it.into_owned().into()),
            Self::List(items) => Tree::List(items.into_iter().map(Tree::into_owned).collect()),
            Self::Object(members) => Tree::Object(members.into_owned()),
        }
    }
}

impl Node for Tree<'_> {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Repeated => Value::Repeated,
            Self::Bool(it) => Value::Bool(*it),
            Self::Number(it) => Value::Number(it),
            Self::Text(it) => Value::Text(it),
            Self::List(items) => Value::List(items.len()),
            Self::Object(members) => Node::value(members),
        }
    }

    fn item(&self, index: usize) -> Option<&dyn Node> {
        match self {
            Self::List(items) => items.get(index).map(|it| it as &dyn Node),
            _ => None,
        }
    }

    fn member(&self, name: &str) -> Option<&dyn Node> {
        match self {
            Self::Object(members) => Node::member(members, name),
            _ => None,
        }
    }

    fn names(&self, visit: &mut dyn FnMut(&str) -> bool) {
        if let Self::Object(members) = self {
            Node::names(members, visit);
        }
    }
}

impl Node for Members<'_> {
    fn value(&self) -> Value<'_> {
        Value::Object(self.len())
    }

    fn item(&self, _: usize) -> Option<&dyn Node> {
        None
    }

    fn member(&self, name: &str) -> Option<&dyn Node> {
        self.get(name).map(|it| it as &dyn Node)
    }

    fn names(&self, visit: &mut dyn FnMut(&str) -> bool) {
        _ = self.names().all(visit);
    }
}

impl<'de> Deserialize<'de> for Tree<'static> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (left, has_repeated) = (Cell::new(usize::MAX), Cell::new(false));
        let reader = Reader { left: &left, has_repeated: &has_repeated };
        reader.deserialize(deserializer).map(Tree::into_owned)
    }
}

impl<'de> Deserialize<'de> for Members<'static> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members: BTreeMap<String, Tree<'static>> = BTreeMap::deserialize(deserializer)?;
        Ok(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}

/// Deserializes a tree with a limited number of values.
#[derive(Clone, Copy)]
struct Reader<'a> {
    left: &'a Cell<usize>,
    /// Set if a name occurs twice in an object.
    has_repeated: &'a Cell<bool>,
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Tree<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree<'de>, D::Error> {
        let left = self.left.get().checked_sub(1);
        self.left.set(left.ok_or_else(|| de::Error::custom("too many values"))?);
        deserializer.deserialize_any(self)
    }
}

/// The methods of a [`Visitor`] that reads `null`, a boolean, or a number as a [`Tree`].
macro_rules! visit_scalars {
    ($de:lifetime) => {
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a JSON value")
        }
        fn visit_unit<E: serde::de::Error>(self) -> Result<$crate::protocol::Tree<$de>, E> {
            Ok($crate::protocol::Tree::Null)
        }
        fn visit_bool<E: serde::de::Error>(
            self,
            value: bool,
        ) -> Result<$crate::protocol::Tree<$de>, E> {
            Ok($crate::protocol::Tree::Bool(value))
        }
        fn visit_u64<E: serde::de::Error>(
            self,
            value: u64,
        ) -> Result<$crate::protocol::Tree<$de>, E> {
            Ok($crate::protocol::Tree::Number(value.into()))
        }
        fn visit_i64<E: serde::de::Error>(
            self,
            value: i64,
        ) -> Result<$crate::protocol::Tree<$de>, E> {
            Ok($crate::protocol::Tree::Number(value.into()))
        }
        fn visit_f64<E: serde::de::Error>(
            self,
            value: f64,
        ) -> Result<$crate::protocol::Tree<$de>, E> {
            Ok(serde_json::Number::from_f64(value)
                .map_or($crate::protocol::Tree::Null, $crate::protocol::Tree::Number))
        }
    };
}
pub(crate) use visit_scalars;

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Tree<'de>;

    visit_scalars!('de);

    fn visit_borrowed_str<E: de::Error>(self, value: &'de str) -> Result<Tree<'de>, E> {
        Ok(Tree::Text(value.into()))
    }
    fn visit_str<E: de::Error>(self, value: &str) -> Result<Tree<'de>, E> {
        Ok(Tree::Text(value.to_owned().into()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Tree<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Tree<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(MemberName(name)) = access.next_key()? {
            members.push((name, access.next_value_seed(self)?));
        }
        let count = members.len();
        let members = Members::from(members);
        if members.len() < count {
            self.has_repeated.set(true);
        }
        Ok(Tree::Object(members))
    }
}

/// A name that borrows from the body if it has no escapes. Serde's own [`Cow`] never borrows.
pub struct MemberName<'a>(pub Cow<'a, str>);

impl<'de> Deserialize<'de> for MemberName<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;

        impl<'de> Visitor<'de> for Name {
            type Value = MemberName<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_borrowed_str<E: de::Error>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(MemberName(name.into()))
            }
            fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
                Ok(MemberName(name.to_owned().into()))
            }
        }

        deserializer.deserialize_str(Name)
    }
}

/// Converts the JSON parameters of a test.
///
/// # Panics
/// Panics if `json` is not an object.
#[track_caller]
pub fn members(json: &serde_json::Value) -> Members<'static> {
    let members = if json.is_object() { Members::deserialize(json).ok() } else { None };
    members.unwrap_or_else(|| panic!("parameters must be a JSON object, not {json}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_is_not_an_object_is_rejected() {
        for body in [
            "",
            "[]",
            "true",
            "\"null\"",
            "null null",
            "nul",
            "7",
            "{",
            "{}x",
            "{\"a\":\"\u{1}\"}",
            &"[".repeat(100_000),
        ] {
            assert_eq!(Tree::from_json(body.as_bytes()), Err(Syntax::NotJson), "{body:.20}");
        }
        assert_eq!(Tree::from_json(b"{\"a\":\"\xff\"}"), Err(Syntax::NotJson));
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(1000), "]".repeat(1000));
        assert_eq!(Tree::from_json(deep.as_bytes()), Err(Syntax::NotJson));
    }

    #[test]
    fn null_is_an_empty_object() {
        for body in ["null", " \r\n\tnull \n"] {
            assert_eq!(Tree::from_json(body.as_bytes()), Ok(Members::new()), "{body}");
        }
    }

    #[test]
    fn a_repeated_name_is_found_at_any_depth() {
        for (body, path) in [
            (r#"{"A":1,"A":2}"#, "A"),
            (r#"{"A":1,"A":2,"A":3}"#, "A"),
            (r#"{"F":[{"N":1},{"N":1,"N":1}]}"#, "F.1.N"),
        ] {
            assert_eq!(Tree::from_json(body.as_bytes()), Err(Syntax::Repeated(path.into())));
        }
    }

    #[test]
    fn a_body_with_too_many_values_is_rejected() {
        let body = |count| format!(r#"{{"A":[{}]}}"#, vec!["0"; count].join(","));
        assert!(Tree::from_json(body(VALUES_MAX - 2).as_bytes()).is_ok());
        assert_eq!(Tree::from_json(body(VALUES_MAX).as_bytes()), Err(Syntax::TooMany));
    }
}
