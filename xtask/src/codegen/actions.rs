//! Actions: the table, and the structs of requests and responses.

use std::{collections::BTreeSet, fmt::Write as _};

use crate::{
    model::{Action, Member},
    names,
    types::Owner,
};

use super::{Api, codes, decode, deserialize, fields, import, schema_members};

/// The table of all actions.
pub(super) fn table(api: &Api) -> String {
    let constants = codes::constants(&api.model);
    let mut text = String::new();
    for action in &api.model.actions {
        let codes: Vec<String> =
            action.codes.iter().map(|it| format!("codes::{}", constants[it.as_str()])).collect();
        _ = writeln!(
            text,
            "/// `{name}`.\npub static {constant}: Model = Model {{ name: \"{name}\", \
             family: \"{family}\", parameters: Schema {{ members: &[{members}] }}, codes: &[{codes}] }};\n",
            name = action.name,
            family = action.family,
            constant = names::constant(&action.name),
            members = schema_members(&action.parameters),
            codes = codes.join(", "),
        );
    }
    let list: Vec<String> =
        api.model.actions.iter().map(|it| format!("&{},", names::constant(&it.name))).collect();
    _ = writeln!(
        text,
        "/// Every action, by families.\npub static ACTIONS: [&Model; {}] = [{}];",
        list.len(),
        list.join("\n")
    );
    let parameters = api.model.actions.iter().flat_map(|it| &it.parameters);
    let schemas: BTreeSet<String> =
        parameters.filter_map(|it| it.kind.object()).map(names::constant).collect();
    format!(
        "//! The actions of the API: their parameters and their error codes.\n\n\
         use crate::protocol::{{Model, schema::{{Member, Schema, Type}}}};\n\n\
         use super::codes;\n{}\n{text}",
        import("super::schemas", schemas.iter().map(String::as_str), &text)
    )
}

/// The structs of requests.
pub(super) fn requests(api: &Api) -> String {
    let mut text = String::new();
    for action in &api.model.actions {
        let owner = Owner { name: &action.name, role: "request" };
        let name = &action.name;
        let fields = fields(api, owner, &action.parameters, false);
        _ = writeln!(
            text,
            "/// Parameters of `{name}`.\n#[derive(Debug, Clone, PartialEq)]\npub struct {name} \
             {{\n{fields}}}\n\n{decode}\n{deserialize}\nimpl Request for {name} {{\n\
             const MODEL: &'static Model = &actions::{constant};\n\
             type Response = responses::{name}Response;\n}}\n",
            decode = decode(name, &action.parameters, false, |_| false),
            deserialize = deserialize(api, owner, name, &action.parameters),
            constant = names::constant(name),
        );
    }
    format!(
        "//! The parameters of every action.\n\n{}\
         use crate::protocol::{{Model, Request, decode::{{Decode, Input}}, members::members}};\n\n\
         use super::{{actions, responses}};\n{}\n{text}",
        import("crate::ecm::fields", api.types.names(), &text),
        objects_import(api.model.actions.iter().flat_map(|it| &it.parameters)),
    )
}

fn objects_import<'a>(members: impl Iterator<Item = &'a Member>) -> String {
    let names: BTreeSet<String> =
        members.filter_map(|it| it.kind.object()).map(names::type_name).collect();
    let names: Vec<String> = names.into_iter().collect();
    format!("use super::objects::{{{}}};\n", names.join(", "))
}

/// The structs of responses.
pub(super) fn responses(api: &Api) -> String {
    let mut text = String::new();
    for Action { name, response, .. } in &api.model.actions {
        let owner = Owner { name, role: "response" };
        let fields = fields(api, owner, response, true);
        _ = writeln!(
            text,
            "/// Response of `{name}`.\n#[derive(Debug, Clone, PartialEq, Serialize)]\n\
             #[serde(rename_all = \"PascalCase\")]\npub struct {name}Response {{\n{fields}}}\n"
        );
    }
    format!(
        "//! The responses of every action, without `RequestId`.\n\n\
         use serde::Serialize;\n\n{}{}\n{text}",
        import("crate::ecm::fields", api.types.names(), &text),
        objects_import(api.model.actions.iter().flat_map(|it| &it.response)),
    )
}
