//! `ecmock actions`.

use ecmock::{
    control::throttle::DOCUMENTED_CALLS_PER_SECOND,
    ecm::{
        CATALOG,
        documented::{self, Documented},
    },
    nearest::nearest,
    protocol::{Code, refusal::codes},
};
use serde_json::{Value, json};

use super::{Failure, say};

/// Shows all actions, or one in full.
pub(super) fn actions(name: Option<&str>, json: bool) -> Result<(), Failure> {
    let all = documented::actions();
    let Some(name) = name else {
        if json {
            return pretty(&all.iter().map(in_json).collect());
        }
        let emulated = all.iter().filter(|action| is_emulated(action)).count();
        all.iter().try_for_each(|action| say(in_a_line(action)))?;
        return say(format_args!("{emulated} of {} actions are emulated", all.len()));
    };
    let action = documented::find(name).ok_or_else(|| unknown(name))?;
    if json { pretty(&json!([in_json(action)])) } else { say(in_full(action)) }
}

fn pretty(value: &Value) -> Result<(), Failure> {
    say(serde_json::to_string_pretty(value).unwrap_or_default())
}

fn unknown(name: &str) -> Failure {
    let hint = match nearest(name, documented::actions().iter().map(|action| action.name)) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => "`ecmock actions` lists those that are".to_owned(),
    };
    Failure::invalid(format!("there is no action `{}`; {hint}", name.escape_debug()))
}

fn is_emulated(action: &Documented) -> bool {
    CATALOG.find(action.name).is_some()
}

/// A parameter's type as a message of the gateway has it.
fn type_of(kind: &str) -> String {
    match kind.strip_prefix('[').and_then(|kind| kind.strip_suffix(']')) {
        Some(item) => format!("list of {item}"),
        None => kind.to_owned(),
    }
}

fn in_json(action: &Documented) -> Value {
    let names = |codes: &[Code]| codes.iter().map(|code| code.as_str()).collect::<Vec<_>>();
    let parameters: Vec<Value> = action
        .parameters
        .iter()
        .map(|it| json!({ "Name": it.name, "Type": type_of(it.kind), "Required": it.required }))
        .collect();
    json!({
        "Name": action.name,
        "Emulated": is_emulated(action),
        "CallsPerSecond": DOCUMENTED_CALLS_PER_SECOND,
        "Parameters": parameters,
        "Codes": names(&action.codes),
        "GatewayCodes": names(codes::ALL),
    })
}

fn in_a_line(action: &Documented) -> String {
    let state = if is_emulated(action) { "emulated" } else { "recognised" };
    let parameters = action.parameters.iter();
    let parameters: Vec<String> = parameters
        .map(|it| if it.required { it.name.to_owned() } else { format!("[{}]", it.name) })
        .collect();
    let line = format!("{:<44}{state:<12}{}", action.name, parameters.join(" "));
    line.trim_end().to_owned()
}

fn in_full(action: &Documented) -> String {
    let state = if is_emulated(action) { "emulated" } else { "recognised, not emulated" };
    let mut lines = vec![
        format!("{}: {state}; {DOCUMENTED_CALLS_PER_SECOND} calls a second", action.name),
        "\nParameters".to_owned(),
    ];
    if action.parameters.is_empty() {
        lines.push("  none".to_owned());
    }
    lines.extend(action.parameters.iter().map(|it| {
        let need = if it.required { "required" } else { "optional" };
        format!("  {:<32}{:<16}{need}", it.name, type_of(it.kind))
    }));
    let code = |it: &Code| format!("  {:<64}{}", it.as_str(), it.phrase());
    lines.push("\nErrors of the action".to_owned());
    lines.extend(action.codes.iter().map(code));
    lines.push("\nErrors of the gateway, to any call".to_owned());
    lines.extend(codes::ALL.iter().map(code));
    lines.join("\n")
}
