//! Parameters of an action, and members of an object, as the API's model has them.
//!
//! The real gateway checks a call against the model before the product sees it.

use std::fmt;

use super::{input::Input, refusal::Refusal, tree::Tree};

/// The members of an object, or the parameters of an action.
#[derive(Debug)]
pub struct Schema {
    /// In the order of the model.
    pub members: &'static [Member],
}

/// A member of an object.
#[derive(Debug)]
pub struct Member {
    /// Name on the wire.
    pub name: &'static str,
    /// Type of its value.
    pub r#type: Type,
    /// Whether a call must have it.
    pub required: bool,
    /// Whether it exists in fixtures only, so that a call cannot have it.
    pub is_extension: bool,
}

impl Member {
    /// A member that a call must have.
    pub const fn required(name: &'static str, r#type: Type) -> Self {
        Self { name, r#type, required: true, is_extension: false }
    }

    /// A member that a call may omit.
    pub const fn optional(name: &'static str, r#type: Type) -> Self {
        Self { required: false, ..Self::required(name, r#type) }
    }

    /// A member that exists in fixtures only.
    pub const fn extension(name: &'static str, r#type: Type) -> Self {
        Self { is_extension: true, ..Self::optional(name, r#type) }
    }
}

/// Type of a value on the wire.
#[derive(Debug, Clone, Copy)]
pub enum Type {
    /// Text, whatever it means.
    String,
    /// `true` or `false`.
    Bool,
    /// An integer.
    Int64,
    /// An integer that is not negative.
    Uint64,
    /// A number.
    Float,
    /// Any number of values of one type.
    List(&'static Type),
    /// Named values.
    Object(&'static Schema),
}

impl Type {
    /// The type's name in the gateway's messages.
    ///
    /// Assumed: of these only `string` has been seen in a real message; the others are the names
    /// that the vendor's API model uses.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Bool => "bool",
            Self::Int64 => "int64",
            Self::Uint64 => "uint64",
            Self::Float => "float",
            Self::List(_) => "list",
            Self::Object(_) => "object",
        }
    }

    /// The members of an object, or of the objects of a list.
    pub const fn object(self) -> Option<&'static Schema> {
        match self {
            Self::List(item) => item.object(),
            Self::Object(schema) => Some(schema),
            _ => None,
        }
    }

    /// Whether a scalar is of this type.
    fn fits(&self, input: Input<'_>) -> bool {
        match self {
            Self::String => input.text().is_some(),
            Self::Bool => input.boolean().is_some(),
            Self::Int64 => input.signed().is_some(),
            Self::Uint64 => input.unsigned().is_some(),
            Self::Float => input.float().is_some(),
            Self::List(_) | Self::Object(_) => false,
        }
    }

    fn check(&self, input: Input<'_>, pass: Pass, path: &Path<'_>) -> Result<(), Refusal> {
        match (self, input.tree) {
            (Self::List(item), Tree::List(items)) => items
                .iter()
                .enumerate()
                .try_for_each(|(index, tree)| item.check(input.with(tree), pass, &path.to(&index))),
            (Self::Object(schema), Tree::Object(_)) => schema.check_at(input, pass, path),
            _ if pass == Pass::Type && !self.fits(input) => {
                Err(Refusal::Type { parameter: path.to_string(), expected: self.name() })
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List(item) => write!(f, "list of {item}"),
            other => f.write_str(other.name()),
        }
    }
}

/// Goal of one walk through the parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    Missing,
    Unknown,
    Type,
}

impl Schema {
    /// The members that a call may have.
    pub fn of_calls(&self) -> impl Iterator<Item = &'static Member> {
        self.members.iter().filter(|member| !member.is_extension)
    }

    /// Finds the first thing wrong of the kind that `pass` looks for.
    pub(super) fn check(&self, input: Input<'_>, pass: Pass) -> Result<(), Refusal> {
        self.check_at(input, pass, &Path::Root)
    }

    fn check_at(&self, input: Input<'_>, pass: Pass, path: &Path<'_>) -> Result<(), Refusal> {
        let Tree::Object(members) = input.tree else { return Ok(()) };
        let present = |name: &str| members.get(name).filter(|tree| **tree != Tree::Null);
        if pass == Pass::Missing {
            let absent = |it: &&Member| it.required && present(it.name).is_none();
            if let Some(missing) = self.members.iter().find(absent) {
                return Err(Refusal::Missing(path.to(&missing.name).to_string()));
            }
        }
        if pass == Pass::Unknown {
            let known =
                |name: &str| self.members.iter().any(|it| it.name == name && !it.is_extension);
            if let Some(unknown) = members.keys().find(|name| !known(name)) {
                return Err(Refusal::Unknown(path.to(unknown).to_string()));
            }
        }
        self.members.iter().try_for_each(|member| match present(member.name) {
            Some(tree) => member.r#type.check(input.with(tree), pass, &path.to(&member.name)),
            None => Ok(()),
        })
    }
}

/// Where a walk is. Becomes text only when there is something to say.
enum Path<'a> {
    Root,
    Step(&'a Path<'a>, &'a dyn fmt::Display),
}

impl<'a> Path<'a> {
    fn to(&'a self, step: &'a dyn fmt::Display) -> Self {
        Path::Step(self, step)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Step(Self::Root, step) => write!(f, "{step}"),
            Self::Step(parent, step) => write!(f, "{parent}.{step}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{
        input::Encoding,
        params::{Malformed, Params},
        tree::Tree,
    };
    use rstest::rstest;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Request {
        name: String,
        address: std::net::Ipv4Addr,
        filters: Option<Vec<Filter>>,
        limit: Option<u64>,
        offset: Option<i64>,
        force: Option<bool>,
        ratio: Option<f64>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Filter {
        name: String,
        values: Vec<String>,
    }

    static REQUEST: Schema = Schema {
        members: &[
            Member::required("Name", Type::String),
            Member::required("Address", Type::String),
            Member::optional("Filters", Type::List(&Type::Object(&FILTER))),
            Member::optional("Limit", Type::Uint64),
            Member::optional("Offset", Type::Int64),
            Member::optional("Force", Type::Bool),
            Member::optional("Ratio", Type::Float),
        ],
    };
    static FILTER: Schema = Schema {
        members: &[
            Member::required("Name", Type::String),
            Member::required("Values", Type::List(&Type::String)),
            Member::extension("Age", Type::Uint64),
        ],
    };

    fn params(body: &str) -> Params {
        Params::new(Tree::from_json(body.as_bytes()).unwrap(), Encoding::Json)
    }

    fn refused(body: &str) -> Refusal {
        params(body).check(&REQUEST).unwrap_err()
    }

    #[rstest]
    #[case::missing_comes_first(r#"{"Bogus":1,"Address":5}"#, Refusal::Missing("Name".into()))]
    #[case::null_is_missing(r#"{"Name":null,"Address":""}"#, Refusal::Missing("Name".into()))]
    #[case::then_unknown(r#"{"Name":5,"Address":"x","Zzz":1}"#, Refusal::Unknown("Zzz".into()))]
    #[case::missing_below(
        r#"{"Name":"","Address":"","Bogus":1,"Filters":[{"Name":"a","Values":[]},{"Name":"a"}]}"#,
        Refusal::Missing("Filters.1.Values".into())
    )]
    #[case::unknown_extension(
        r#"{"Name":"","Address":"","Filters":[{"Name":"a","Values":[],"Age":1}]}"#,
        Refusal::Unknown("Filters.0.Age".into())
    )]
    #[case::unknown_below(
        r#"{"Name":1,"Address":"","Filters":[{"Name":"a","Values":[],"X":1}]}"#,
        Refusal::Unknown("Filters.0.X".into())
    )]
    fn what_is_missing_or_unknown_is_named(#[case] body: &str, #[case] expected: Refusal) {
        assert_eq!(refused(body), expected);
    }

    #[rstest]
    #[case(r#""Name":5"#, "Name", "string")]
    #[case(r#""Limit":-1"#, "Limit", "uint64")]
    #[case(r#""Limit":1.0"#, "Limit", "uint64")]
    #[case(r#""Limit":1e99"#, "Limit", "uint64")]
    #[case(r#""Limit":"1""#, "Limit", "uint64")]
    #[case(r#""Offset":9223372036854775808"#, "Offset", "int64")]
    #[case(r#""Force":1"#, "Force", "bool")]
    #[case(r#""Ratio":"1""#, "Ratio", "float")]
    #[case(r#""Filters":{}"#, "Filters", "list")]
    #[case(r#""Filters":["a"]"#, "Filters.0", "object")]
    #[case(r#""Filters":[{"Name":"a","Values":["a",null]}]"#, "Filters.0.Values.1", "string")]
    fn a_wrong_type_is_named_before_anything_malformed(
        #[case] member: &str,
        #[case] parameter: &str,
        #[case] expected: &'static str,
    ) {
        let name = if member.starts_with("\"Name\"") { "" } else { r#""Name":"","# };
        let body = format!(r#"{{"Address":"malformed",{name}{member}}}"#);
        assert_eq!(refused(&body), Refusal::Type { parameter: parameter.into(), expected });
    }

    #[test]
    fn a_malformed_value_is_named_last() {
        let params = params(r#"{"Name":"a","Address":"10.0.0"}"#);
        params.check(&REQUEST).unwrap();
        let Malformed { parameter, reason } = params.read::<Request>().unwrap_err();
        assert_eq!(
            (parameter.as_str(), reason.as_str()),
            ("Address", "invalid IPv4 address syntax")
        );
    }

    #[test]
    fn texts_read_as_what_the_action_asks_for() {
        use crate::protocol::form::{unflatten, urlencoded};
        let read = |text: &str| {
            let mut pairs = Vec::new();
            urlencoded(text.as_bytes(), |_| false, &mut pairs).unwrap();
            let params = Params::new(unflatten(pairs).unwrap(), Encoding::Text);
            params.check(&REQUEST).map(|()| params.read::<Request>().unwrap())
        };
        let head = "Name=5&Address=10.0.0.1";
        let text =
            format!("{head}&Limit=20&Offset=-1&Force=True&Filters.0.Name=a&Filters.0.Values.0=7");
        let request = read(&text).unwrap();
        assert_eq!(
            (request.limit, request.offset, request.force),
            (Some(20), Some(-1), Some(true))
        );
        assert_eq!(request.filters.unwrap()[0].values, ["7"]);
        for (member, parameter, expected) in [
            ("Limit=-1", "Limit", "uint64"),
            ("Limit=", "Limit", "uint64"),
            ("Ratio=inf", "Ratio", "float"),
            ("Force=yes", "Force", "bool"),
            ("Filters=a", "Filters", "list"),
            ("Filters.0=a", "Filters.0", "object"),
        ] {
            let error = read(&format!("{head}&{member}")).unwrap_err();
            let refusal = Refusal::Type { parameter: parameter.into(), expected };
            assert_eq!(error, refusal, "{member}");
        }
    }
}
