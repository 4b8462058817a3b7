//! Paths of values in parameters and documents.

use std::fmt;

use super::text::Cut;

/// Maximum length of a name in a [`JsonPath`], in characters.
const JSON_NAME_CHARS_MAX: usize = 64;

/// The path from the root to a value, formatted only on demand.
///
/// Displayed with dots, as in `Filters.0.Name`.
#[derive(Debug, Clone, Copy)]
pub enum Path<'a> {
    /// The whole set of parameters, object, or document.
    Root,
    /// A member of an object.
    Member(&'a Path<'a>, &'a str),
    /// An item of a list.
    Item(&'a Path<'a>, usize),
}

impl<'a> Path<'a> {
    /// Returns the path of a member of the root.
    pub const fn of(name: &'a str) -> Self {
        Self::Member(&Path::Root, name)
    }

    /// Returns the first step of the path, which is a member of the root.
    pub fn first(&self) -> Option<&'a str> {
        match self {
            Self::Member(Self::Root, name) => Some(name),
            Self::Member(parent, _) | Self::Item(parent, _) => parent.first(),
            Self::Root => None,
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (parent, step): (_, &dyn fmt::Display) = match self {
            Self::Root => return Ok(()),
            Self::Member(parent, name) => (parent, name),
            Self::Item(parent, index) => (parent, index),
        };
        match parent {
            Self::Root => write!(f, "{step}"),
            _ => write!(f, "{parent}.{step}"),
        }
    }
}

/// A path in `JSONPath` notation, without the leading `$`: `.VpcSet[0].Name`.
///
/// Names that are not alphanumeric are quoted, as in `["a b"]`. Long names are truncated.
#[derive(Debug, Clone, Copy)]
pub struct JsonPath<'a>(pub &'a Path<'a>);

impl fmt::Display for JsonPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self.0 {
            Path::Root => Ok(()),
            Path::Item(parent, index) => write!(f, "{}[{index}]", Self(parent)),
            Path::Member(parent, name) => {
                let is_plain =
                    !name.is_empty() && name.bytes().all(|it| it.is_ascii_alphanumeric());
                let name = Cut(name, JSON_NAME_CHARS_MAX);
                if is_plain {
                    write!(f, "{}.{name}", Self(parent))
                } else {
                    write!(f, "{}[{:?}]", Self(parent), name.to_string())
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_formatted_with_dots_or_as_a_json_path() {
        let set = Path::of("VpcSet");
        let item = Path::Item(&set, 0);
        let name = Path::Member(&item, "a \"b\"");
        let long = "x".repeat(JSON_NAME_CHARS_MAX + 1);
        for (path, dotted, json) in [
            (Path::Root, "", ""),
            (set, "VpcSet", ".VpcSet"),
            (item, "VpcSet.0", ".VpcSet[0]"),
            (name, "VpcSet.0.a \"b\"", r#".VpcSet[0]["a \"b\""]"#),
            (Path::of(&long), &long, &format!(".{}...", "x".repeat(JSON_NAME_CHARS_MAX))),
        ] {
            assert_eq!(path.to_string(), dotted);
            assert_eq!(JsonPath(&path).to_string(), json);
        }
        assert_eq!(name.first(), Some("VpcSet"));
    }
}
