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
    FAMILIES.iter().map(|(family, name)| actions_of(name, &members(family))).collect::<String>()
        + "\n"
}

fn actions_of(family: &str, models: &[&Model]) -> String {
    let parameter = |it: &Member| {
        if it.required { code(it.name) } else { format!("[{}]", code(it.name)) }
    };
    let rows = models.iter().map(|model| {
        let parameters: Vec<String> = model.parameters.of_calls().map(parameter).collect();
        let state = if CATALOG.is_emulated(model.name) { "yes" } else { "" };
        vec![code(model.name), state.to_owned(), parameters.join(" ")]
    });
    let (done, all) = (emulated(models), models.len());
    let table = table(&["action", "emulated", "parameters"], rows);
    format!("\n## {family}\n\n{done} of {all} actions are emulated.\n\n{table}")
}

pub(super) fn errors() -> String {
    let phrase = |code: &Code| vec![self::code(code.as_str()), code.phrase().to_owned()];
    let gateways = table(&["code", "message"], codes::ALL.iter().map(phrase));
    let families = FAMILIES.iter().map(|(family, name)| errors_of(name, &members(family)));
    let families: String = families.collect();
    format!("\n## Gateway\n\nAny call can get these errors.\n\n{gateways}{families}\n")
}

fn errors_of(family: &str, models: &[&'static Model]) -> String {
    let (done, rest): (Vec<_>, Vec<_>) =
        models.iter().copied().partition(|it| CATALOG.is_emulated(it.name));
    let done: String = done.into_iter().map(errors_of_action).collect();
    if rest.is_empty() {
        return format!("\n## {family}\n{done}");
    }
    let rows = rest.iter().map(|model| {
        let codes: Vec<_> = model.codes.iter().map(|it| code(it.as_str())).collect();
        vec![code(model.name), codes.join(" ")]
    });
    let table = table(&["action", "codes"], rows);
    format!("\n## {family}\n{done}\nNot emulated; fault rules can inject these codes:\n\n{table}")
}

fn errors_of_action(model: &'static Model) -> String {
    let rows = recipes::of(model.name).map(|(code, trigger)| row(model, code, trigger));
    let table = if model.codes.is_empty() {
        "No error code is documented for this action.\n".to_owned()
    } else {
        table(&["code", "request that triggers it", "message"], rows)
    };
    format!("\n### {}\n\n{table}", model.name)
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
