//! `ecmock actions`.

use crate::{
    control::{
        coverage::{self, fault_rule},
        throttle::DOCUMENTED_CALLS_PER_SECOND,
    },
    ecm::{
        CATALOG,
        recipes::{self, Recipe, Step, Trigger},
    },
    nearest::did_you_mean,
    protocol::{Code, Model, schema::Schema, text::Backticked},
};
use serde::Serialize;
use serde_json::Value;

use super::{CommandError, say};

/// Maximum length of a list that is shown in full, in items.
const ITEMS_MAX: usize = 20;

/// Prints a line per action, or one action in full.
pub(super) fn actions(name: Option<&str>, json: bool) -> Result<(), CommandError> {
    let all = CATALOG.models;
    let Some(name) = name else {
        if json {
            return pretty(&coverage::all());
        }
        let emulated = all.iter().filter(|action| CATALOG.is_emulated(action.name)).count();
        all.iter().try_for_each(|action| say(in_a_line(action)))?;
        return say(format_args!("{emulated} of {} actions are emulated", all.len()));
    };
    let action = CATALOG.model(name).ok_or_else(|| unknown(name))?;
    if json { pretty(&coverage::one(action)) } else { say(in_full(action)) }
}

fn pretty(value: &impl Serialize) -> Result<(), CommandError> {
    say(serde_json::to_string_pretty(value).unwrap_or_default())
}

fn unknown(name: &str) -> CommandError {
    let near = CATALOG.nearest(name).map(Backticked);
    let hint = did_you_mean(near, "; run `ecmock actions` for a list");
    CommandError::invalid(format!("unknown action `{}`{hint}", name.escape_debug()))
}

fn in_a_line(action: &Model) -> String {
    let state = if CATALOG.is_emulated(action.name) { "emulated" } else { "recognized" };
    let parameters = action.parameters.of_calls();
    let parameters: Vec<String> = parameters
        .map(|it| if it.required { it.name.to_owned() } else { format!("[{}]", it.name) })
        .collect();
    let line = format!("{:<44}{state:<12}{}", action.name, parameters.join(" "));
    line.trim_end().to_owned()
}

fn in_full(action: &Model) -> String {
    let state =
        if CATALOG.is_emulated(action.name) { "emulated" } else { "recognized, not emulated" };
    let mut lines = vec![
        format!("{}: {state}; {DOCUMENTED_CALLS_PER_SECOND} calls per second", action.name),
        "\nParameters".to_owned(),
    ];
    if action.parameters.members.is_empty() {
        lines.push("  none".to_owned());
    }
    list_members(&action.parameters, 1, &mut lines);
    if let Some(recipe) = recipes::example(action.name) {
        lines.push("\nExample, a request that succeeds in the built-in demo".to_owned());
        lines.extend(in_lines(recipe, action));
    }
    lines.push("\nErrors of the action, and how to trigger each in the built-in demo".to_owned());
    for (code, trigger) in recipes::of(action.name) {
        lines.push(code_and_phrase(code));
        match trigger {
            Trigger::Request(recipe) => lines.extend(in_lines(recipe, action)),
            Trigger::FaultOnly => lines.push("    fault rule only".to_owned()),
        }
    }
    lines.push("\nErrors of the gateway, for any call".to_owned());
    lines.extend(coverage::gateways(action).map(code_and_phrase));
    lines.push("\nFault rule for any of these codes".to_owned());
    lines.push(format!("  {}", fault_rule(action.name, "CODE")));
    lines.join("\n")
}

/// Lists members. Nested members are indented below their parent.
fn list_members(schema: &Schema, depth: usize, lines: &mut Vec<String>) {
    for member in schema.of_calls() {
        let need = if member.required { "required" } else { "optional" };
        let name = format!("{:indent$}{}", "", member.name, indent = 2 * depth);
        lines.push(format!("{name:<34}{:<16}{need}", member.r#type.to_string()));
        if let Some(schema) = member.r#type.object() {
            list_members(schema, depth + 1, lines);
        }
    }
}

fn code_and_phrase(code: Code) -> String {
    format!("  {:<64}{}", code.as_str(), code.phrase())
}

pub(crate) fn in_lines(recipe: &Recipe, action: &Model) -> impl Iterator<Item = String> {
    let line = |label: &str, text: String| format!("    {label:<8} {text}");
    let state = recipe.state.iter().map(move |state| line("state", brief(state)));
    let before = recipe.before.iter().map(move |step| line("before", in_words(step)));
    state.chain(before).chain([line("request", in_order(&recipe.request, action))])
}

fn in_words(step: &Step) -> String {
    let action = CATALOG.model(&step.action);
    let params = action.map_or_else(String::new, |action| in_order(&step.params, action));
    let call = format!("{} {params}", step.action);
    match step.times {
        1 => call,
        times if call.contains("{n}") => format!("{call} for n from 1 to {times}"),
        times if call.contains("{nn}") => format!("{call} for nn from 01 to {times}"),
        times => format!("{call} {times} times"),
    }
}

/// Formats parameters in their documented order.
fn in_order(params: &Value, action: &Model) -> String {
    let names = action.parameters.of_calls().map(|it| it.name);
    object(names.filter_map(|name| Some((name, params.get(name)?))))
}

/// Formats JSON. A long list has only its first item and the number of the others; `--json` has all.
fn brief(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let shown = if items.len() > ITEMS_MAX { 1 } else { items.len() };
            let mut parts: Vec<String> = items.iter().take(shown).map(brief).collect();
            if items.len() > shown {
                parts.push(format!(" {} more", items.len() - shown));
            }
            format!("[{}]", parts.join(","))
        }
        Value::Object(members) => object(members.iter().map(|(name, it)| (name.as_str(), it))),
        other => other.to_string(),
    }
}

fn object<'a>(members: impl Iterator<Item = (&'a str, &'a Value)>) -> String {
    let members = members.map(|(name, it)| format!("\"{name}\":{}", brief(it)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}
