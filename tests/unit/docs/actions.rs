//! The tables of families, actions, and errors.

use crate::{
    cli::actions::in_lines,
    ecm::{
        CATALOG,
        recipes::{self, Recipe, Trigger},
    },
    protocol::{Code, Model, refusal::codes, schema::Member},
    tests::recipes::ANSWERS,
};

use super::{code, table};

/// Names of the families, by folder.
const FAMILIES: [(&str, &str); 15] = [
    ("ha_vip", "HAVIPs"),
    ("vpc", "VPCs"),
    ("subnet", "Subnets"),
    ("network_interface", "Network interfaces"),
    ("address", "EIPs"),
    ("task", "Tasks"),
    ("instance", "Instances"),
    ("config", "Configuration"),
    ("image", "Images"),
    ("key_pair", "Key pairs"),
    ("module", "Modules"),
    ("security_group", "Security groups"),
    ("route_table", "Route tables"),
    ("load_balancer", "Load balancers"),
    ("ipv6", "IPv6"),
];

fn members(family: &str) -> Vec<&'static Model> {
    CATALOG.models.iter().copied().filter(|it| it.family == family).collect()
}

fn emulated(models: &[&Model]) -> usize {
    models.iter().filter(|it| CATALOG.is_emulated(it.name)).count()
}

#[test]
fn every_family_has_a_name() {
    for model in CATALOG.models {
        assert!(FAMILIES.iter().any(|(family, _)| *family == model.family), "{}", model.family);
    }
}

/// Two families a row, so that the table is short.
pub(super) fn families() -> String {
    let cells = |name: &str, models: &[&Model]| {
        [name.to_owned(), format!("{} of {}", emulated(models), models.len())]
    };
    let mut all: Vec<_> =
        FAMILIES.iter().map(|(family, name)| cells(name, &members(family))).collect();
    all.push(cells("**All**", CATALOG.models));
    table(&["family", "emulated", "family", "emulated"], all.chunks(2).map(<[_]>::concat))
}

pub(super) fn actions() -> String {
    let parameter = |it: &Member| {
        if it.required { code(it.name) } else { format!("[{}]", code(it.name)) }
    };
    let mut text = String::new();
    for (family, name) in FAMILIES {
        let models = members(family);
        let rows = models.iter().map(|model| {
            let is_emulated = CATALOG.is_emulated(model.name);
            let parameters: Vec<String> = model.parameters.of_calls().map(parameter).collect();
            let state = if is_emulated { "yes" } else { "" };
            vec![code(model.name), state.to_owned(), parameters.join(" ")]
        });
        let (done, all) = (emulated(&models), models.len());
        text += &format!("\n## {name}\n\n{done} of {all} actions are emulated.\n\n");
        text += &table(&["action", "emulated", "parameters"], rows);
    }
    text + "\n"
}

pub(super) fn errors() -> String {
    let mut text = String::from("\n## Gateway\n\nAny call can get these errors.\n\n");
    let phrase = |code: &Code| vec![self::code(code.as_str()), code.phrase().to_owned()];
    text += &table(&["code", "message"], codes::ALL.iter().map(phrase));
    for (family, name) in FAMILIES {
        let models = members(family);
        text += &format!("\n## {name}\n");
        for model in models.iter().filter(|it| CATALOG.is_emulated(it.name)) {
            text += &format!("\n### {}\n\n", model.name);
            if model.codes.is_empty() {
                text += "No error code is documented for this action.\n";
                continue;
            }
            let rows = recipes::of(model.name).map(|(code, trigger)| row(model, code, trigger));
            text += &table(&["code", "request that triggers it", "message"], rows);
        }
        let others: Vec<_> = models.iter().filter(|it| !CATALOG.is_emulated(it.name)).collect();
        if !others.is_empty() {
            text += "\nNot emulated; fault rules can inject these codes:\n\n";
            text += &table(
                &["action", "codes"],
                others.iter().map(|model| {
                    let codes: Vec<_> = model.codes.iter().map(|it| code(it.as_str())).collect();
                    vec![code(model.name), codes.join(" ")]
                }),
            );
        }
    }
    text + "\n"
}

fn row(model: &Model, code: Code, trigger: Trigger) -> Vec<String> {
    let (request, message) = match trigger {
        Trigger::Request(recipe) => (request(recipe, model), message(model, code)),
        Trigger::FaultOnly => ("fault rule only".to_owned(), code.phrase().to_owned()),
    };
    vec![self::code(code.as_str()), request, message]
}

/// The steps of a recipe, each with its label unless there is only the request.
fn request(recipe: &Recipe, model: &Model) -> String {
    let lines: Vec<String> = in_lines(recipe, model).collect();
    let steps = lines.iter().map(|line| {
        let (label, text) = line.trim().split_once(' ').unwrap_or_default();
        let text = code(text.trim());
        if lines.len() == 1 { text } else { format!("{label}: {text}") }
    });
    steps.collect::<Vec<_>>().join("<br>")
}

/// The message that the emulator returns.
fn message(model: &Model, code: Code) -> String {
    let answer = &ANSWERS[&(model.name, code.as_str())];
    // `<` and `>` are HTML in Markdown.
    answer["Error"]["Message"].as_str().unwrap().replace('<', "&lt;").replace('>', "&gt;")
}
