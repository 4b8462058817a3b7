//! Updates the model from the vendor's machine-readable one.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use serde_json::Value;

use crate::{
    Failure,
    model::{Action, Kind, Member, Model, Object, read},
    write,
};

const ACTIONS_HEAD: &str = "\
# The actions of the API: parameters (`?`: optional), response members (`->`), and error codes (`!`).
# Written by `cargo xtask import`, except the families and the codes. See README.md.
";
const OBJECTS_HEAD: &str = "\
# The objects of the API. Members of requests may be optional (`?`), and members of responses may be null.
# Written by `cargo xtask import`. See README.md.
";

/// Replaces the members of all actions and objects with those in an `api.json`. A new action gets the
/// family `new` and no codes.
pub(crate) fn import(folder: &Path, file: &Path) -> Result<(), Failure> {
    let api: Value = serde_json::from_str(&read(file)?)
        .map_err(|error| Failure(format!("{}: {error}", file.display())))?;
    let mut model = Model::read(folder)?;
    let actions = api["actions"].as_object().ok_or_else(|| Failure("no `actions`".to_owned()))?;
    let objects = api["objects"].as_object().ok_or_else(|| Failure("no `objects`".to_owned()))?;
    model.actions.retain(|it| actions.contains_key(&it.name));
    model.objects = objects
        .iter()
        .filter(|(name, _)| {
            !actions.values().any(|it| it["input"] == **name || it["output"] == **name)
        })
        .map(|(name, object)| {
            Ok((name.clone(), Object { members: members(object)?, ..Object::default() }))
        })
        .collect::<Result<BTreeMap<_, _>, Failure>>()?;
    for (name, action) in actions {
        let of = |side: &str| members(&objects[action[side].as_str().unwrap_or_default()]);
        let place = model.actions.iter().position(|it| it.name == *name);
        let place = place.unwrap_or_else(|| {
            let family = "new".to_owned();
            model.actions.push(Action { name: name.clone(), family, ..Action::default() });
            model.actions.len() - 1
        });
        model.actions[place].parameters = of("input")?;
        model.actions[place].response = of("output")?;
        for member in &mut model.actions[place].response {
            member.is_optional = false;
        }
        model.actions[place].response.retain(|it| it.name != "RequestId");
    }
    write(&folder.join("actions.txt"), &actions_text(&model))?;
    write(&folder.join("objects.txt"), &objects_text(&model))
}

fn members(object: &Value) -> Result<Vec<Member>, Failure> {
    let members = object["members"].as_array().into_iter().flatten();
    members
        .map(|member| {
            let text = |name: &str| member[name].as_str();
            let (Some(name), Some(shape), Some(kind)) =
                (text("name"), text("type"), text("member"))
            else {
                return Err(Failure(format!("a member without name and type: {member}")));
            };
            let kind = Kind::parse(if kind == "int" { "int64" } else { kind });
            Ok(Member {
                name: name.to_owned(),
                is_optional: member["required"] == false,
                is_nullable: member["value_allowed_null"] == true,
                is_extension: false,
                kind: if shape == "list" { Kind::List(Box::new(kind)) } else { kind },
            })
        })
        .collect()
}

fn actions_text(model: &Model) -> String {
    let mut text = ACTIONS_HEAD.to_owned();
    let mut family = "";
    for action in &model.actions {
        if action.family != family {
            family = &action.family;
            _ = writeln!(text, "\nfamily {family}");
        }
        _ = writeln!(text, "\naction {}", action.name);
        for member in &action.parameters {
            _ = writeln!(text, "  {member}");
        }
        for member in &action.response {
            _ = writeln!(text, "  -> {member}");
        }
        for code in &action.codes {
            _ = writeln!(text, "  ! {code}");
        }
    }
    text
}

fn objects_text(model: &Model) -> String {
    let mut text = OBJECTS_HEAD.to_owned();
    for (name, object) in &model.objects {
        _ = writeln!(text, "\nobject {name}");
        for member in &object.members {
            _ = writeln!(text, "  {member}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::root;

    /// An import therefore changes only the lines that the vendor changed.
    #[test]
    fn the_model_is_written_as_it_is_read() {
        let folder = root().join("xtask/model");
        let model = Model::read(&folder).unwrap();
        assert!(actions_text(&model) == read(&folder.join("actions.txt")).unwrap());
        assert!(objects_text(&model) == read(&folder.join("objects.txt")).unwrap());
    }
}
