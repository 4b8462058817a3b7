//! Our corrections of the model and our additions to it, each with its reason.

use std::{collections::BTreeSet, path::Path};

use crate::{
    Failure,
    model::{Block, Kind, Member, Model, Object, blocks, read},
};

/// The overrides that do not correct the model.
#[derive(Debug, Default)]
pub(crate) struct Overrides {
    /// Objects that fixtures consist of.
    pub(crate) fixture: Vec<String>,
    /// Members that fixtures must have, each with its object.
    pub(crate) required: BTreeSet<(String, String)>,
    /// Objects that the vendor does not have.
    pub(crate) own: BTreeSet<String>,
}

/// Applies the overrides in a file to a model.
pub(crate) fn apply(model: &mut Model, path: &Path) -> Result<Overrides, Failure> {
    let mut overrides = Overrides::default();
    for mut block in blocks(path, &read(path)?)? {
        match block.lines.first() {
            Some((_, line)) if line.starts_with("because ") => block.lines.remove(0),
            _ => return Err(block.fails(block.number, "expected `because REASON` below")),
        };
        // A reason may go on in lines that are indented further.
        block.lines.retain(|(_, line)| !line.starts_with("  "));
        let words: Vec<&str> = block.head.split(' ').collect();
        match *words {
            ["order", object, ref names @ ..] => {
                order(object_mut(model, &block, object)?, names)
                    .ok_or_else(|| block.fails(block.number, "expected every member once"))?;
            }
            ["lists-present"] => {
                let objects = model.objects.values_mut().flat_map(|it| &mut it.members);
                let responses = model.actions.iter_mut().flat_map(|it| &mut it.response);
                let members = objects.chain(responses);
                for list in members.filter(|it| matches!(it.kind, Kind::List(_))) {
                    list.is_nullable = false;
                }
            }
            ["present", object, ref names @ ..] => {
                let object = object_mut(model, &block, object)?;
                set_nullable(&block, object, names, false)?;
            }
            ["nullable", object, ref names @ ..] => {
                let object = object_mut(model, &block, object)?;
                set_nullable(&block, object, names, true)?;
            }
            ["require", object, ref names @ ..] => {
                let members = &object_mut(model, &block, object)?.members;
                let has = |name: &&str| members.iter().any(|it| it.name == **name);
                if let Some(name) = names.iter().find(|name| !has(name)) {
                    return Err(block.fails(block.number, &format!("unknown member `{name}`")));
                }
                let required = names.iter().map(|it| (object.to_owned(), (*it).to_owned()));
                overrides.required.extend(required);
            }
            ["extend", object] => {
                let members = block.members()?;
                let extension = |it| Member { is_extension: true, ..it };
                let object = object_mut(model, &block, object)?;
                object.members.extend(members.into_iter().map(extension));
            }
            ["object", name] => {
                let mut object = Object { members: block.members()?, ..Object::default() };
                for member in &mut object.members {
                    member.is_extension = member.is_optional;
                }
                model.objects.insert(name.to_owned(), object);
                overrides.own.insert(name.to_owned());
            }
            ["fixture", ref names @ ..] => {
                overrides.fixture = names.iter().map(|it| (*it).to_owned()).collect();
            }
            _ => {
                let what = "expected `order`, `lists-present`, `present`, `nullable`, `require`, `extend`, `object`, or `fixture`";
                return Err(block.fails(block.number, what));
            }
        }
    }
    Ok(overrides)
}

fn object_mut<'m>(
    model: &'m mut Model,
    block: &Block<'_>,
    name: &str,
) -> Result<&'m mut Object, Failure> {
    let unknown = || block.fails(block.number, &format!("unknown object `{name}`"));
    model.objects.get_mut(name).ok_or_else(unknown)
}

fn order(object: &mut Object, names: &[&str]) -> Option<()> {
    let is_named = |member: &Member| names.contains(&member.name.as_str());
    let has_all = object.members.len() == names.len() && object.members.iter().all(is_named);
    object.shown = names.iter().map(|it| (*it).to_owned()).collect();
    has_all.then_some(())
}

fn set_nullable(
    block: &Block<'_>,
    object: &mut Object,
    names: &[&str],
    is_nullable: bool,
) -> Result<(), Failure> {
    for name in names {
        let member = object.members.iter_mut().find(|it| it.name == *name);
        let changed = member.filter(|it| it.is_nullable != is_nullable);
        let unknown = || block.fails(block.number, &format!("`{name}` does not need this"));
        changed.ok_or_else(unknown)?.is_nullable = is_nullable;
    }
    Ok(())
}
