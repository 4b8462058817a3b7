//! Untyped parameters, before they are checked against a schema.

use std::{cell::Cell, collections::BTreeMap, fmt};

use serde::{
    Deserialize, Serialize,
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

/// The members of an object by name. The client's order has no meaning, so it is not kept.
pub type Members = BTreeMap<String, Tree>;

/// A parameter of a call.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Tree {
    /// JSON `null`, equivalent to an absent value.
    Null,
    Bool(bool),
    Number(Number),
    /// A string. In a query or form, any scalar.
    Text(String),
    List(Vec<Tree>),
    Object(Members),
    /// Placeholder for a name that occurs twice in an object.
    Repeated,
}

impl Tree {
    /// Parses a JSON body, which must be an object or `null`.
    pub fn from_json(body: &[u8]) -> Result<Members, Syntax> {
        let left = Cell::new(VALUES_MAX);
        // Assumed (gateway.json-depth, gateway.number-range): the limits of the JSON library apply:
        // a depth of 128, and numbers that fit in a double.
        let mut json = serde_json::Deserializer::from_slice(body);
        let tree = Reader { left: &left }
            .deserialize(&mut json)
            .and_then(|tree| json.end().map(|()| tree))
            .map_err(|_| if left.get() == 0 { Syntax::TooMany } else { Syntax::NotJson })?;
        // Assumed (gateway.repeated-member): a name that occurs twice is an error.
        if let Some(path) = tree.repeated() {
            return Err(Syntax::Repeated(path));
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
            Self::Object(members) => members.iter().find_map(|(name, member)| inner(name, member)),
            _ => None,
        }
    }
}

impl Node for Tree {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Repeated => Value::Repeated,
            Self::Bool(it) => Value::Bool(*it),
            Self::Number(it) => Value::Number(it),
            Self::Text(it) => Value::Text(it),
            Self::List(items) => Value::List(items.len()),
            Self::Object(members) => Value::Object(members.len()),
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
            Self::Object(members) => members.get(name).map(|it| it as &dyn Node),
            _ => None,
        }
    }

    fn names(&self, visit: &mut dyn FnMut(&str) -> bool) {
        if let Self::Object(members) = self {
            _ = members.keys().all(|name| visit(name));
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Reader { left: &Cell::new(usize::MAX) }.deserialize(deserializer)
    }
}

/// Deserializes a tree with a limited number of values.
#[derive(Clone, Copy)]
struct Reader<'a> {
    left: &'a Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Tree;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        let left = self.left.get().checked_sub(1);
        self.left.set(left.ok_or_else(|| de::Error::custom("too many values"))?);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E: de::Error>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }
    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(value))
    }
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Number(value.into()))
    }
    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Number(value.into()))
    }
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Tree, E> {
        Ok(Number::from_f64(value).map_or(Tree::Null, Tree::Number))
    }
    fn visit_str<E: de::Error>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Text(value.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut members = Members::new();
        while let Some(name) = access.next_key()? {
            let member = access.next_value_seed(self)?;
            members.entry(name).and_modify(|first| *first = Tree::Repeated).or_insert(member);
        }
        Ok(Tree::Object(members))
    }
}

/// Converts the JSON parameters of a test.
///
/// # Panics
/// Panics if `json` is not an object.
#[track_caller]
pub fn members(json: &serde_json::Value) -> Members {
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
