//! Parameters of actions and members of objects, from the API's model.
//!
//! The real gateway checks a call against the model before it reaches the product.

use std::{
    fmt,
    ops::ControlFlow::{self, Break, Continue},
};

use super::{
    decode::{Input, Value},
    path::Path,
    refusal::Refusal,
};

/// The members of an object, or the parameters of an action.
#[derive(Debug)]
pub struct Schema {
    /// Members, in the model's order.
    pub members: &'static [Member],
}

/// A member of an object.
#[derive(Debug)]
pub struct Member {
    /// Name on the wire.
    pub name: &'static str,
    /// Type of the value.
    pub r#type: Type,
    /// Whether calls must include the member.
    pub required: bool,
    /// Whether the member exists only in fixtures, so that calls cannot include it.
    pub is_extension: bool,
}

impl Member {
    /// Declares a member that calls must include.
    pub const fn required(name: &'static str, r#type: Type) -> Self {
        Self { name, r#type, required: true, is_extension: false }
    }

    /// Declares a member that calls may omit.
    pub const fn optional(name: &'static str, r#type: Type) -> Self {
        Self { required: false, ..Self::required(name, r#type) }
    }

    /// Declares a member that exists only in fixtures.
    pub const fn extension(name: &'static str, r#type: Type) -> Self {
        Self { is_extension: true, ..Self::optional(name, r#type) }
    }
}

/// Type of a value on the wire.
#[derive(Debug, Clone, Copy)]
pub enum Type {
    String,
    /// `true` or `false`.
    Bool,
    Int64,
    /// A non-negative integer.
    Uint64,
    Float,
    /// A list of values of one type.
    List(&'static Type),
    Object(&'static Schema),
}

impl Type {
    /// Returns the type's name in the gateway's messages.
    ///
    /// Assumed (gateway.type-names): the names are those of the vendor's API model. Only `string` has
    /// been seen in a real message.
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

    /// Returns the schema of an object, or of the objects in a list.
    pub const fn object(self) -> Option<&'static Schema> {
        match self {
            Self::List(item) => item.object(),
            Self::Object(schema) => Some(schema),
            _ => None,
        }
    }

    /// Whether a value has this type, regardless of its items or members.
    fn fits(self, input: Input<'_>) -> bool {
        match self {
            Self::String => input.text().is_some(),
            Self::Bool => input.boolean().is_some(),
            Self::Int64 => input.signed().is_some_and(|it| it >= 0 || !input.is_fixture()),
            Self::Uint64 => input.unsigned().is_some(),
            Self::Float => input.float().is_some(),
            Self::List(_) => matches!(input.node().value(), Value::List(_)),
            Self::Object(_) => matches!(input.node().value(), Value::Object(_)),
        }
    }

    fn problems(self, input: Input<'_>, found: &mut dyn FnMut(&Path<'_>, Problem)) {
        match (self, input.node().value()) {
            (Self::List(item), Value::List(length)) => {
                for index in 0..length {
                    let path = Path::Item(input.path(), index);
                    if let Some(node) = input.node().item(index) {
                        item.problems(input.at(node, &path), found);
                    }
                }
            }
            (Self::Object(schema), Value::Object(_)) => schema.problems(input, found),
            // Repeated names are reported separately.
            (_, Value::Repeated) => {}
            _ if !self.fits(input) => found(input.path(), Problem::Type(self)),
            _ => {}
        }
    }

    fn walk(self, input: Input<'_>, pass: Pass, found: &mut OnProblem<'_>) -> ControlFlow<()> {
        match (self, input.node().value()) {
            (Self::List(item), Value::List(length)) => (0..length).try_for_each(|index| {
                let path = Path::Item(input.path(), index);
                let node = input.node().item(index);
                node.map_or(Continue(()), |node| item.walk(input.at(node, &path), pass, found))
            }),
            (Self::Object(schema), Value::Object(_)) => schema.walk(input, pass, found),
            // Repeated names are reported separately.
            (_, Value::Repeated) => Continue(()),
            _ if pass == Pass::Type && !self.fits(input) => {
                found(input.path(), Problem::Type(self))
            }
            _ => Continue(()),
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

/// The kind of problem that a walk looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    /// Missing members.
    Missing,
    /// Members that are not in the schema.
    Unknown,
    /// Members of the wrong type.
    Type,
}

/// A problem with a member.
#[derive(Debug, Clone, Copy)]
pub enum Problem {
    /// The member is required but missing.
    Missing,
    /// The name is not among these members.
    Unknown(&'static [Member]),
    /// The value should have this type.
    Type(Type),
}

/// Callback for a problem. Returns whether to continue.
type OnProblem<'f> = dyn FnMut(&Path<'_>, Problem) -> ControlFlow<()> + 'f;

impl Schema {
    /// Returns the members that calls may include.
    pub fn of_calls(&self) -> impl Iterator<Item = &'static Member> {
        self.members.iter().filter(|member| !member.is_extension)
    }

    /// Checks an object in a call.
    ///
    /// # Errors
    /// Returns the first missing member, else the first unknown one, else the first of the wrong
    /// type.
    pub(super) fn check(&self, input: Input<'_>) -> Result<(), Refusal> {
        // Nearly all calls are valid, which a single walk confirms.
        let mut is_right = true;
        self.problems(input, &mut |_, _| is_right = false);
        if is_right {
            return Ok(());
        }
        let mut refusal = None;
        // Assumed (gateway.problem-order, gateway.unknown-order): a missing member is reported
        // before an unknown one, an unknown one before a wrong type, and each by the order of
        // names.
        for pass in [Pass::Missing, Pass::Unknown, Pass::Type] {
            let flow = self.walk(input, pass, &mut |path, problem| {
                let parameter = path.to_string();
                refusal = Some(match problem {
                    Problem::Missing => Refusal::Missing(parameter),
                    Problem::Unknown(_) => Refusal::Unknown(parameter),
                    Problem::Type(expected) => {
                        Refusal::Type { parameter, expected: expected.name() }
                    }
                });
                Break(())
            });
            if flow.is_break() {
                break;
            }
        }
        refusal.map_or(Ok(()), Err)
    }

    /// Reports all problems in an object, in no particular order.
    ///
    /// Extensions are known only in fixtures.
    pub fn problems(&self, input: Input<'_>, found: &mut dyn FnMut(&Path<'_>, Problem)) {
        let node = input.node();
        let is_known = |it: &&Member| input.is_fixture() || !it.is_extension;
        let mut known = 0;
        for member in self.members.iter().filter(is_known) {
            let path = Path::Member(input.path(), member.name);
            let value = node.member(member.name);
            known += usize::from(value.is_some());
            match value.filter(|it| !matches!(it.value(), Value::Null)) {
                Some(value) => member.r#type.problems(input.at(value, &path), found),
                None if member.required => found(&path, Problem::Missing),
                None => {}
            }
        }
        // Names are compared with all members only if one of them is unknown.
        if !matches!(node.value(), Value::Object(length) if length == known) {
            node.names(&mut |name| {
                if !self.members.iter().filter(is_known).any(|it| it.name == name) {
                    let path = Path::Member(input.path(), name);
                    found(&path, Problem::Unknown(self.members));
                }
                true
            });
        }
    }

    /// Reports problems of one kind in an object of a call, outer members first.
    fn walk(&self, input: Input<'_>, pass: Pass, found: &mut OnProblem<'_>) -> ControlFlow<()> {
        let node = input.node();
        let present =
            |name: &str| node.member(name).filter(|it| !matches!(it.value(), Value::Null));
        if pass == Pass::Missing {
            for member in self.members.iter().filter(|it| it.required) {
                if present(member.name).is_none() {
                    found(&Path::Member(input.path(), member.name), Problem::Missing)?;
                }
            }
        }
        if pass == Pass::Unknown {
            let mut flow = Continue(());
            node.names(&mut |name| {
                if !self.of_calls().any(|it| it.name == name) {
                    let path = Path::Member(input.path(), name);
                    flow = found(&path, Problem::Unknown(self.members));
                }
                flow.is_continue()
            });
            flow?;
        }
        self.members.iter().try_for_each(|member| {
            let Some(node) = present(member.name) else { return Continue(()) };
            let path = Path::Member(input.path(), member.name);
            member.r#type.walk(input.at(node, &path), pass, found)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{
        decode::{Decode, Encoding},
        params::{Malformed, Params},
        tree::Tree,
    };
    use rstest::rstest;

    #[derive(Debug)]
    struct Request {
        #[expect(dead_code, reason = "only decoded")]
        address: Option<Address>,
        filters: Option<Vec<Filter>>,
        limit: Option<u64>,
        offset: Option<i64>,
        force: Option<bool>,
    }

    #[derive(Debug)]
    struct Filter {
        values: Vec<String>,
    }

    #[derive(Debug)]
    struct Address;

    impl Decode for Request {
        fn decode(input: Input<'_>) -> Option<Self> {
            let address = input.member("Address")?;
            let (filters, limit) = (input.member("Filters")?, input.member("Limit")?);
            let (offset, force) = (input.member("Offset")?, input.member("Force")?);
            Some(Self { address, filters, limit, offset, force })
        }
    }

    impl Decode for Filter {
        fn decode(input: Input<'_>) -> Option<Self> {
            Some(Self { values: input.member("Values")? })
        }
    }

    impl Decode for Address {
        fn decode(input: Input<'_>) -> Option<Self> {
            input.parse::<std::net::Ipv4Addr>().map(|_| Self)
        }
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

    fn params(body: &str) -> Params<'_> {
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
    fn a_missing_or_unknown_member_is_reported(#[case] body: &str, #[case] expected: Refusal) {
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
    fn a_wrong_type_is_reported_before_a_malformed_value(
        #[case] member: &str,
        #[case] parameter: &str,
        #[case] expected: &'static str,
    ) {
        let name = if member.starts_with("\"Name\"") { "" } else { r#""Name":"","# };
        let body = format!(r#"{{"Address":"malformed",{name}{member}}}"#);
        assert_eq!(refused(&body), Refusal::Type { parameter: parameter.into(), expected });
    }

    #[test]
    fn a_malformed_value_is_reported_last() {
        let params = params(r#"{"Name":"a","Address":"10.0.0"}"#);
        params.check(&REQUEST).unwrap();
        let Malformed { parameter, reason } = params.read::<Request>().unwrap_err();
        assert_eq!(
            (parameter.as_str(), reason.as_str()),
            ("Address", "`10.0.0` invalid IPv4 address syntax")
        );
    }

    #[test]
    fn strings_decode_to_the_types_of_the_schema() {
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
