//! `ecmock actions`.

use ecmock::{
    control::throttle::DOCUMENTED_CALLS_PER_SECOND,
    ecm::{CATALOG, Store},
    nearest::nearest,
    protocol::{Code, action::Entry, refusal::codes, schema::Parameter},
};
use serde_json::{Value, json};

use super::{Failure, say};

/// Shows all actions, or one in full.
pub(super) fn actions(name: Option<&str>, json: bool) -> Result<(), Failure> {
    let entries = match name {
        None => CATALOG.entries.iter().collect(),
        Some(name) => vec![CATALOG.find(name).ok_or_else(|| unknown(name))?],
    };
    if json {
        let all: Vec<Value> = entries.into_iter().map(in_json).collect();
        return say(serde_json::to_string_pretty(&all).unwrap_or_default());
    }
    let text: fn(&Entry<Store>) -> String = if name.is_some() { in_full } else { in_a_line };
    entries.into_iter().try_for_each(|entry| say(text(entry)))
}

fn unknown(name: &str) -> Failure {
    let hint = match nearest(name, CATALOG.entries.iter().map(|entry| entry.name)) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => "`ecmock actions` lists those that are".to_owned(),
    };
    Failure::invalid(format!("no action `{}` is emulated; {hint}", name.escape_debug()))
}

fn in_json(entry: &Entry<Store>) -> Value {
    let names = |codes: &[Code]| codes.iter().map(|code| code.as_str()).collect::<Vec<_>>();
    json!({
        "Name": entry.name,
        "Emulated": true,
        "CallsPerSecond": DOCUMENTED_CALLS_PER_SECOND,
        "Parameters": entry.schema(),
        "Codes": names(entry.codes),
        "GatewayCodes": names(codes::ALL),
    })
}

fn in_a_line(entry: &Entry<Store>) -> String {
    let parameter = |it: &Parameter| {
        if it.required { it.name.to_owned() } else { format!("[{}]", it.name) }
    };
    let parameters: Vec<String> = entry.schema().parameters.iter().map(parameter).collect();
    format!("{:<28}{}", entry.name, parameters.join(" "))
}

fn in_full(entry: &Entry<Store>) -> String {
    let mut lines = vec![
        format!("{}: {DOCUMENTED_CALLS_PER_SECOND} calls a second", entry.name),
        "\nParameters".to_owned(),
    ];
    lines.extend(entry.schema().parameters.iter().map(|it| {
        let need = if it.required { "required" } else { "optional" };
        format!("  {:<16}{:<16}{need}", it.name, it.r#type.to_string())
    }));
    let code = |it: &Code| format!("  {:<48}{}", it.as_str(), it.phrase());
    lines.push("\nErrors of the action".to_owned());
    lines.extend(entry.codes.iter().map(code));
    lines.push("\nErrors of the gateway, to any call".to_owned());
    lines.extend(codes::ALL.iter().map(code));
    lines.join("\n")
}
