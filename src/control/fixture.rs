//! Fixtures: state in the shape of what the cloud's own Describe calls return.
//!
//! Everything that is wrong is found in one go, each with its file and JSON path.

mod export;
mod merge;
mod objects;
mod reader;

use std::{collections::HashMap, fmt};

use chrono::{DateTime, Utc};

use crate::{
    ecm::{Store, ids::IdSequence, store::Settings},
    nearest::nearest,
    protocol::tree::{Members, Tree},
};

pub use export::export;
pub use merge::merge;

use objects::Loader;
use reader::{Findings, Place};

/// The state that ecmock begins with unless it is told otherwise: that of the vendor's
/// `CreateHaVip` page.
pub const DEMO: &str = include_str!("../../fixtures/demo.json");

/// Sets of objects that a fixture may hold, each with the field that identifies an object.
const SETS: [(&str, &str); 9] = [
    ("VpcSet", "VpcId"),
    ("SubnetSet", "SubnetId"),
    ("InstanceSet", "InstanceId"),
    ("NetworkInterfaceSet", "NetworkInterfaceId"),
    ("HaVipSet", "HaVipId"),
    ("AddressSet", "AddressId"),
    ("TaskSet", "TaskId"),
    ("DefaultSubnetSet", "Zone"),
    ("DailyApplicationSet", "EcmRegion"),
];
/// What a Describe call returns beside its set.
const BESIDE: [&str; 2] = ["TotalCount", "RequestId"];
/// What an SDK puts around it all.
const WRAPPING: &str = "Response";

/// What some editors put before a text.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// One fixture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its file, for messages.
    pub file: String,
    /// Its JSON text.
    pub text: String,
}

/// Something about a fixture: what, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file.
    pub file: String,
    /// JSON path in the file, such as `$.SubnetSet[1].CidrBlock`; empty for the file itself.
    pub path: String,
    /// A sentence without its end.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, path, what } = self;
        if path.is_empty() {
            write!(f, "{file}: {what}")
        } else {
            write!(f, "{file}: {path}: {what}")
        }
    }
}

/// State that was read.
#[derive(Debug)]
pub struct Loaded {
    /// The state.
    pub store: Store,
    /// What was passed over.
    pub warnings: Vec<Finding>,
}

/// Reads fixtures, merged in order: an object replaces one of an earlier file with its id.
///
/// `now` is the creation time of a HAVIP that has none. The error is every problem there is.
pub fn load(
    sources: &[Source],
    settings: Settings,
    now: DateTime<Utc>,
) -> Result<Loaded, Vec<Finding>> {
    read(sources, settings, now, |_, problem| problem)
}

/// Like [`load`], and says of each problem what it is in the end.
fn read(
    sources: &[Source],
    settings: Settings,
    now: DateTime<Utc>,
    judge: impl Fn(&Sets<'_>, Finding) -> Finding,
) -> Result<Loaded, Vec<Finding>> {
    let mut findings = Findings::default();
    let documents: Vec<(Place<'_>, Members)> = sources
        .iter()
        .enumerate()
        .filter_map(|(number, source)| document(number, source, &mut findings))
        .collect();
    let mut sets = Sets::default();
    for (place, members) in &documents {
        collect(place, members, &mut sets, &mut findings);
    }
    let empty = Store::new(settings, IdSequence::new(0, 0));
    let store = Loader::new(&sets, empty, now, &mut findings).load();
    if findings.problems.is_empty() {
        Ok(Loaded { store, warnings: findings.warnings })
    } else {
        let number = |it: &Finding| sources.iter().position(|source| source.file == it.file);
        let problems = findings.problems.into_iter();
        let mut problems: Vec<Finding> = problems.map(|it| judge(&sets, it)).collect();
        problems.sort_by_key(number);
        Err(problems)
    }
}

/// The object of a fixture, without what is around it, and where it stands.
fn document<'a>(
    number: usize,
    source: &'a Source,
    findings: &mut Findings,
) -> Option<(Place<'a>, Members)> {
    let root = Place::root(number, &source.file);
    let tree = match serde_json::from_str::<Tree>(source.text.trim_start_matches(BYTE_ORDER_MARK)) {
        Ok(tree) => tree,
        Err(error) => {
            findings.problem(&root, format!("is not JSON: {error}"));
            return None;
        }
    };
    findings.repeated(&root, &tree);
    let Tree::Object(mut members) = tree else {
        findings.problem(&root, "must be an object such as {\"VpcSet\": [...]}");
        return None;
    };
    match members.remove(WRAPPING) {
        Some(Tree::Object(inner)) if members.is_empty() => Some((root.member(WRAPPING), inner)),
        Some(_) => {
            findings.problem(&root.member(WRAPPING), "must be an object, and the only key");
            None
        }
        None => Some((root, members)),
    }
}

/// The objects of all files, by set.
type Sets<'a> = HashMap<&'static str, Set<'a>>;

/// Objects of one kind.
#[derive(Debug, Default)]
struct Set<'a> {
    objects: Vec<Object<'a>>,
    /// Where in `objects` an id stands.
    by_id: HashMap<&'a str, usize>,
}

/// One object, and where it stands.
#[derive(Debug, Clone)]
struct Object<'a> {
    place: Place<'a>,
    members: &'a Members,
}

impl Object<'_> {
    /// Whether a field is there, neither `null` nor empty.
    fn has(&self, name: &str) -> bool {
        match self.members.get(name) {
            None | Some(Tree::Null) => false,
            Some(Tree::Text(text)) => !text.is_empty(),
            Some(_) => true,
        }
    }
}

fn collect<'a>(
    root: &Place<'a>,
    members: &'a Members,
    sets: &mut Sets<'a>,
    findings: &mut Findings,
) {
    for name in members.keys() {
        if !SETS.iter().any(|(set, _)| set == name) && !BESIDE.contains(&name.as_str()) {
            findings.problem(&root.member(name), unknown_key(name));
        }
    }
    for (set, id) in SETS {
        let place = root.member(set);
        let items = match members.get(set) {
            None | Some(Tree::Null | Tree::Repeated) => continue,
            Some(Tree::List(items)) => items,
            Some(_) => {
                findings.problem(&place, "must be a list");
                continue;
            }
        };
        let found = sets.entry(set).or_default();
        for (index, item) in items.iter().enumerate() {
            let place = place.item(index);
            match item {
                Tree::Object(members) => {
                    found.put(Object { place, members }, id, findings);
                }
                _ => findings.problem(&place, "must be an object"),
            }
        }
    }
}

impl<'a> Set<'a> {
    /// Adds an object, in place of one of an earlier file with its id.
    fn put(&mut self, object: Object<'a>, id: &str, findings: &mut Findings) {
        let text = match object.members.get(id) {
            Some(Tree::Text(text)) => text.as_str(),
            // Has no id that could be another's; what is wrong with it is found later.
            _ => return self.objects.push(object),
        };
        let Some(other) = self.by_id.get(text).and_then(|it| self.objects.get_mut(*it)) else {
            self.by_id.insert(text, self.objects.len());
            return self.objects.push(object);
        };
        if other.place.document == object.place.document {
            findings.problem(
                &object.place.member(id),
                format!("{text:?} is the id of {} too", other.place.path),
            );
        } else {
            *other = object;
        }
    }
}

fn unknown_key(name: &str) -> String {
    let known = SETS.map(|(set, _)| set);
    match nearest(name, known) {
        Some(set) => format!("is not a set that ecmock knows; did you mean `{set}`?"),
        None => format!("is not a set that ecmock knows; those are {}", known.join(", ")),
    }
}
