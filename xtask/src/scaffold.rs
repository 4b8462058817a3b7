//! The stubs of a new action.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};

use crate::{
    Failure,
    codegen::{Api, format},
    model::{Action, Kind, Member, Model, read},
    names, root, write,
};

/// Adds the stubs of an action: behavior, recipe, and test.
pub(crate) fn new_action(folder: &Path, name: &str) -> Result<(), Failure> {
    let api = Api::read(folder)?;
    let action = api.model.actions.iter().find(|it| it.name == name);
    let action = action.ok_or_else(|| Failure(format!("the model has no action `{name}`")))?;
    let families = root().join("src/ecm/families");
    let family = families.join(&action.family);
    let actions = family.join("actions.rs");
    if !actions.exists() {
        new_family(&families, &action.family)?;
    }
    let text = read(&actions)?;
    if text.contains(&format!("Entry::new::<requests::{name}>()")) {
        return Err(Failure(format!("{} has the action already", actions.display())));
    }
    let changes = [
        (actions.clone(), format(&with_behavior(&text, action))?),
        (family.join("recipes.json"), with_recipe(&family.join("recipes.json"), action, &api)?),
        test_file(action, &api)?,
    ];
    for (path, text) in changes {
        write(&path, &text)?;
        println!("{}", path.strip_prefix(root()).unwrap_or(&path).display());
    }
    Ok(())
}

/// Writes the folder of a family without actions, and lists the family.
fn new_family(families: &Path, family: &str) -> Result<(), Failure> {
    let folder = families.join(family);
    let files = [
        (
            "mod.rs",
            format!("//! {family}.\n\nmod actions;\n\npub(super) use actions::ACTIONS;\n"),
        ),
        (
            "actions.rs",
            "//! The actions of the family.\n\nuse crate::{ecm::{Error, Store, api::{requests, responses}}, \
             protocol::{Action, Context, action::Entry}};\n\n/// The actions of the family.\n\
             pub(in crate::ecm) const ACTIONS: &[Entry<Store>] = &[];\n"
                .to_owned(),
        ),
        ("recipes.json", "{\n  \"Recipes\": {\n  }\n}\n".to_owned()),
    ];
    for (name, text) in files {
        write(&folder.join(name), &text)?;
        println!("src/ecm/families/{family}/{name}");
    }
    let path = families.join("mod.rs");
    let text = read(&path)?
        .replacen("pub mod ", &format!("pub mod {family};\npub mod "), 1)
        .replace("::ACTIONS,\n    ],", &format!("::ACTIONS,\n        {family}::ACTIONS,\n    ],"))
        .replace(
            "/recipes.json\"),\n];",
            &format!("/recipes.json\"),\n    include_str!(\"{family}/recipes.json\"),\n];"),
        );
    write(&path, &format(&text)?)?;
    println!("src/ecm/families/mod.rs");
    Ok(())
}

/// Lists the action, and adds its implementation at the end.
fn with_behavior(text: &str, action: &Action) -> String {
    let name = &action.name;
    let (before, after) = text.split_once("Entry<Store>] =").unwrap_or((text, ""));
    let (list, rest) = after.split_once("];").unwrap_or((after, ""));
    let list = list.trim_end().trim_end_matches(',');
    let comma = if list.ends_with('[') { "" } else { "," };
    format!(
        "{before}Entry<Store>] ={list}{comma}Entry::new::<requests::{name}>()];{rest}\n\
         /// <https://www.tencentcloud.com/document/product/1119>\n\
         impl Action for requests::{name} {{\n    type Product = Store;\n\n    \
         fn run(self, store: &mut Store, cx: &Context) -> Result<responses::{name}Response, Error> {{\n        \
         todo!(\"the behavior of {name}\")\n    }}\n}}\n"
    )
}

/// Adds a recipe with every required parameter.
fn with_recipe(path: &Path, action: &Action, api: &Api) -> Result<String, Failure> {
    let text = read(path)?;
    let request = request(&action.parameters, &api.model);
    let recipe =
        format!("    \"{}\": {{\n      \"OK\": {{\"Request\": {request}}}\n    }}", action.name);
    let end = "\n  }\n}\n";
    let recipes = text.strip_suffix(end);
    let recipes = recipes.ok_or_else(|| Failure(format!("{}: unexpected end", path.display())))?;
    let comma = if recipes.ends_with('{') { "" } else { "," };
    Ok(format!("{recipes}{comma}\n{recipe}{end}"))
}

/// The required parameters, each with an empty value.
fn request(parameters: &[Member], model: &Model) -> Value {
    let required = parameters.iter().filter(|it| !it.is_optional);
    let values: Map<String, Value> =
        required.map(|it| (it.name.clone(), value(&it.kind, model))).collect();
    values.into()
}

fn value(kind: &Kind, model: &Model) -> Value {
    match kind {
        Kind::String => "".into(),
        Kind::Bool => false.into(),
        Kind::Int64 | Kind::Uint64 | Kind::Float => 0.into(),
        Kind::List(item) => vec![value(item, model)].into(),
        Kind::Object(name) => request(&model.objects[name].members, model),
    }
}

/// Adds a test to the file of the family.
fn test_file(action: &Action, api: &Api) -> Result<(PathBuf, String), Failure> {
    let path = root().join(format!("tests/unit/actions/{}.rs", action.family));
    let mut text = if path.exists() {
        fs::read_to_string(&path)
            .map_err(|error| Failure(format!("{}: {error}", path.display())))?
    } else {
        println!("list `{}` in tests/unit/actions.rs", action.family);
        String::new()
    };
    _ = write!(
        text,
        "\n#[tokio::test]\nasync fn {}_answers() {{\n    \
         let server = crate::tests::support::TestServer::new().await;\n    \
         let response = server.call(\"{}\", &serde_json::json!({})).await;\n    \
         assert_eq!(response, serde_json::json!({{}}));\n}}\n",
        names::snake(&action.name),
        action.name,
        request(&action.parameters, &api.model),
    );
    Ok((path, format(&text)?))
}
