//! The model of the API: actions, objects, and error codes, as text.
//!
//! `model/README.md` describes the format.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    path::Path,
};

use crate::Failure;

/// The API.
#[derive(Debug, Default)]
pub(crate) struct Model {
    /// Actions, by families.
    pub(crate) actions: Vec<Action>,
    pub(crate) objects: BTreeMap<String, Object>,
    /// Error codes, sorted by name.
    pub(crate) codes: Vec<Code>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Action {
    pub(crate) name: String,
    /// Name of the folder of the action's family.
    pub(crate) family: String,
    pub(crate) parameters: Vec<Member>,
    /// Members of the response, without `RequestId`.
    pub(crate) response: Vec<Member>,
    pub(crate) codes: BTreeSet<String>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Object {
    pub(crate) members: Vec<Member>,
    /// Order of the members in responses, if it differs.
    pub(crate) shown: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) name: String,
    /// Whether requests may omit it.
    pub(crate) is_optional: bool,
    /// Whether responses may have `null`.
    pub(crate) is_nullable: bool,
    /// Whether it exists in fixtures only.
    pub(crate) is_extension: bool,
    pub(crate) kind: Kind,
}

/// Type of a member on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    String,
    Bool,
    Int64,
    Uint64,
    Float,
    Object(String),
    List(Box<Kind>),
}

#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) name: String,
    /// English and Chinese phrase; `None` if the gateway declares the code.
    pub(crate) phrases: Option<(String, String)>,
}

impl Kind {
    /// The name of the object, if the value is one or a list of them.
    pub(crate) fn object(&self) -> Option<&str> {
        match self {
            Self::Object(name) => Some(name),
            Self::List(item) => item.object(),
            _ => None,
        }
    }

    pub(crate) fn parse(text: &str) -> Self {
        match text {
            // The vendor's types of times are texts on the wire.
            "string" | "datetime" | "datetime_iso" => Self::String,
            "bool" => Self::Bool,
            "int64" => Self::Int64,
            "uint64" => Self::Uint64,
            "float" => Self::Float,
            _ => match text.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
                Some(item) => Self::List(Box::new(Self::parse(item))),
                None => Self::Object(text.to_owned()),
            },
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String => f.write_str("string"),
            Self::Bool => f.write_str("bool"),
            Self::Int64 => f.write_str("int64"),
            Self::Uint64 => f.write_str("uint64"),
            Self::Float => f.write_str("float"),
            Self::Object(name) => f.write_str(name),
            Self::List(item) => write!(f, "[{item}]"),
        }
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let optional = if self.is_optional { "?" } else { "" };
        let null = if self.is_nullable { " | null" } else { "" };
        write!(f, "{}{optional}: {}{null}", self.name, self.kind)
    }
}

impl Member {
    /// Parses `Name?: type | null`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (name, kind) = text.split_once(": ")?;
        let (kind, is_nullable) = match kind.strip_suffix(" | null") {
            Some(kind) => (kind, true),
            None => (kind, false),
        };
        let (name, is_optional) = match name.strip_suffix('?') {
            Some(name) => (name, true),
            None => (name, false),
        };
        let is_name = name.chars().all(|it| it.is_ascii_alphanumeric());
        (is_name && !kind.contains(' ')).then(|| Self {
            name: name.to_owned(),
            is_optional,
            is_nullable,
            is_extension: false,
            kind: Kind::parse(kind),
        })
    }
}

/// A block of a file: its first line, and the indented lines below, each with its number.
pub(crate) struct Block<'a> {
    pub(crate) file: &'a Path,
    pub(crate) number: usize,
    pub(crate) head: &'a str,
    pub(crate) lines: Vec<(usize, &'a str)>,
}

impl Block<'_> {
    pub(crate) fn fails(&self, number: usize, what: &str) -> Failure {
        Failure(format!("{}:{number}: {what}", self.file.display()))
    }

    pub(crate) fn members(&self) -> Result<Vec<Member>, Failure> {
        let member = |(number, line): &(usize, &str)| {
            Member::parse(line)
                .ok_or_else(|| self.fails(*number, "expected `Name: type` or `Name?: type | null`"))
        };
        self.lines.iter().map(member).collect()
    }
}

/// Splits the text of a file into blocks. Empty lines and lines that begin with `#` are ignored.
pub(crate) fn blocks<'a>(file: &'a Path, text: &'a str) -> Result<Vec<Block<'a>>, Failure> {
    let mut blocks: Vec<Block<'a>> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        match (line.strip_prefix("  "), blocks.last_mut()) {
            (Some(line), Some(block)) => block.lines.push((number, line)),
            (Some(_), None) => {
                return Err(Failure(format!("{}:{number}: no block begins", file.display())));
            }
            (None, _) => blocks.push(Block { file, number, head: line, lines: Vec::new() }),
        }
    }
    Ok(blocks)
}

pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure(format!("{}: {error}", path.display())))
}

impl Model {
    /// Reads the facts in a folder, without the overrides.
    pub(crate) fn read(folder: &Path) -> Result<Self, Failure> {
        let mut model = Self::default();
        let path = folder.join("actions.txt");
        model.read_actions(&path, &read(&path)?)?;
        let path = folder.join("objects.txt");
        for block in blocks(&path, &read(&path)?)? {
            let name = block.head.strip_prefix("object ");
            let name = name.ok_or_else(|| block.fails(block.number, "expected `object NAME`"))?;
            let object = Object { members: block.members()?, ..Object::default() };
            if model.objects.insert(name.to_owned(), object).is_some() {
                return Err(block.fails(block.number, "the object is listed twice"));
            }
        }
        let path = folder.join("codes.txt");
        for block in blocks(&path, &read(&path)?)? {
            model.codes.push(code(&block)?);
        }
        model.codes.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(model)
    }

    fn read_actions(&mut self, path: &Path, text: &str) -> Result<(), Failure> {
        let mut family = String::new();
        for block in blocks(path, text)? {
            if let Some(name) = block.head.strip_prefix("family ") {
                name.clone_into(&mut family);
                continue;
            }
            let name = block.head.strip_prefix("action ");
            let name = name.ok_or_else(|| {
                block.fails(block.number, "expected `action NAME` or `family NAME`")
            })?;
            let mut action =
                Action { name: name.to_owned(), family: family.clone(), ..Action::default() };
            for (number, line) in &block.lines {
                let member = |text| {
                    Member::parse(text)
                        .ok_or_else(|| block.fails(*number, "expected `Name: type`, `->`, or `!`"))
                };
                if let Some(code) = line.strip_prefix("! ") {
                    action.codes.insert(code.to_owned());
                } else if let Some(line) = line.strip_prefix("-> ") {
                    action.response.push(member(line)?);
                } else {
                    action.parameters.push(member(line)?);
                }
            }
            if self.actions.iter().any(|it| it.name == action.name) {
                return Err(block.fails(block.number, "the action is listed twice"));
            }
            self.actions.push(action);
        }
        Ok(())
    }

    /// Fails if a member has the type of an object, or an action a code, that does not exist.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let known: BTreeSet<&str> = self.codes.iter().map(|it| it.name.as_str()).collect();
        for action in &self.actions {
            for code in &action.codes {
                if !known.contains(code.as_str()) {
                    return Err(Failure(format!("{}: unknown code `{code}`", action.name)));
                }
            }
            self.check_members(&action.name, &action.parameters)?;
            self.check_members(&action.name, &action.response)?;
        }
        let mut objects = self.objects.iter();
        objects.try_for_each(|(name, object)| self.check_members(name, &object.members))
    }

    fn check_members(&self, owner: &str, members: &[Member]) -> Result<(), Failure> {
        for member in members {
            if let Some(object) = member.kind.object()
                && !self.objects.contains_key(object)
            {
                let name = &member.name;
                return Err(Failure(format!("{owner}.{name}: unknown type `{object}`")));
            }
        }
        Ok(())
    }

    /// The objects that are members of `roots`, at any depth.
    pub(crate) fn reachable<'a>(
        &'a self,
        roots: impl IntoIterator<Item = &'a Member>,
    ) -> BTreeSet<&'a str> {
        let mut found = BTreeSet::new();
        let mut left: Vec<&str> = roots.into_iter().filter_map(|it| it.kind.object()).collect();
        while let Some(name) = left.pop() {
            if found.insert(name) {
                left.extend(self.objects[name].members.iter().filter_map(|it| it.kind.object()));
            }
        }
        found
    }
}

fn code(block: &Block<'_>) -> Result<Code, Failure> {
    if let Some(name) = block.head.strip_prefix("gateway ") {
        return Ok(Code { name: name.to_owned(), phrases: None });
    }
    let phrase = |language| block.lines.iter().find_map(|(_, it)| it.strip_prefix(language));
    let name = block.head.strip_prefix("code ");
    match (name, phrase("en "), phrase("zh ")) {
        (Some(name), Some(en), Some(zh)) => {
            Ok(Code { name: name.to_owned(), phrases: Some((en.to_owned(), zh.to_owned())) })
        }
        _ => Err(block.fails(block.number, "expected `code NAME` with `en` and `zh` below")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_written_as_it_is_read() {
        for text in
            ["VpcId: string", "Tags?: [Tag]", "DnsServerSet: [string] | null", "Vgpu: float"]
        {
            assert_eq!(Member::parse(text).map(|it| it.to_string()).as_deref(), Some(text));
        }
        for text in ["VpcId", "VpcId : string", "VpcId: string or null", "Vpc Id: string"] {
            assert_eq!(Member::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        let path = Path::new("actions.txt");
        let read = |text| Model::default().read_actions(path, text).map_err(|it| it.0);
        let expected = "expected `Name: type`, `->`, or `!`";
        for (text, message) in [
            ("action A\n  B", format!("actions.txt:2: {expected}")),
            ("  B: string", "actions.txt:1: no block begins".to_owned()),
            ("actions A", "actions.txt:1: expected `action NAME` or `family NAME`".to_owned()),
            ("action A\n\naction A", "actions.txt:3: the action is listed twice".to_owned()),
        ] {
            assert_eq!(read(text), Err(message));
        }
    }

    #[test]
    fn a_type_or_a_code_that_does_not_exist_is_named() {
        let check = |text| {
            let mut model = Model::default();
            model.read_actions(Path::new("a"), text)?;
            model.check()
        };
        let fails = |text| check(text).map_err(|it| it.0);
        assert_eq!(fails("action A\n  B: [C]"), Err("A.B: unknown type `C`".to_owned()));
        assert_eq!(fails("action A\n  ! B"), Err("A: unknown code `B`".to_owned()));
    }
}
