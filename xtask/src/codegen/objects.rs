//! Objects, and the schemas of those that are read.

use std::{collections::BTreeSet, fmt::Write as _};

use crate::{
    model::{Member, Object},
    names,
    types::Owner,
};

use super::{Api, decode, deserialize, fields, import, schema_members};

/// The structs of all objects.
pub(super) fn structs(api: &Api) -> String {
    let mut text = String::new();
    for (name, object) in &api.model.objects {
        let is_output = api.outputs.contains(name);
        struct_of(api, name, object, is_output, &mut text);
    }
    let head = format!(
        "//! The objects of requests, responses, and fixtures.\n\n\
         use serde::Serialize;\n\n{}{}use crate::protocol::members::members;\n\n",
        import("crate::ecm::fields", api.types.names(), &text),
        import("crate::protocol::decode", ["Decode", "Input"], &text)
    );
    head + &text
}

fn struct_of(api: &Api, name: &str, object: &Object, is_output: bool, text: &mut String) {
    let rust = names::type_name(name);
    let is_input = api.inputs.contains(name);
    let owner = Owner { name, role: "object" };
    let has_default = api.has_default(name);
    let mut derives = vec!["Debug", "Clone", "PartialEq"];
    if has_default {
        derives.push("Default");
    }
    if is_output {
        derives.push("Serialize");
    }
    _ = writeln!(text, "/// The vendor's `{name}`.\n#[derive({})]", derives.join(", "));
    if is_output {
        text.push_str("#[serde(rename_all = \"PascalCase\")]\n");
    }
    let mut shown = object.members.clone();
    shown.sort_by_key(|member| object.shown.iter().position(|name| *name == member.name));
    let fields = fields(api, owner, &shown, is_output);
    _ = writeln!(text, "pub struct {rust} {{\n{fields}}}\n");
    if is_input || api.fixture.contains(name) {
        // A fixture's required members may not be empty.
        let is_filled = |member: &Member| !is_input && !member.is_optional;
        text.push_str(&decode(&rust, &object.members, has_default, is_filled));
        text.push('\n');
    }
    if is_input {
        text.push_str(&deserialize(api, owner, &rust, &object.members));
        text.push('\n');
    }
}

/// The schemas of objects that requests or fixtures have.
pub(super) fn schemas(api: &Api) -> String {
    let mut text = "//! The members of the objects of requests and fixtures.\n\n\
        use crate::protocol::schema::{Member, Schema, Type};\n\n"
        .to_owned();
    let names: BTreeSet<&String> = api.inputs.union(&api.fixture).collect();
    for name in names {
        let members = schema_members(&api.model.objects[name].members);
        _ = writeln!(
            text,
            "/// Members of `{name}`.\npub static {}: Schema = Schema {{ members: &[{members}] }};\n",
            names::constant(name)
        );
    }
    text
}
