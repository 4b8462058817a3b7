//! Recipes: for each emulated action, a call that succeeds; for each documented error, a call that
//! triggers it, or a fault rule.
//!
//! The file `recipes.json` of a family has a recipe for each action and code that a call can
//! trigger in a new account with the built-in demo and default settings. The recipe of a successful
//! call has the key `OK`, which is not a code. A test runs every recipe.

use std::{collections::HashMap, sync::LazyLock};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::protocol::Code;

use super::{CATALOG, families};

/// Key of the recipe that succeeds.
const OK: &str = "OK";

static ALL: LazyLock<Recipes> =
    LazyLock::new(|| families::RECIPES.iter().copied().flat_map(read).collect());

/// Recipes by action, then by code or [`OK`].
type Recipes = HashMap<&'static str, HashMap<&'static str, Recipe>>;

/// The way to trigger an error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Trigger {
    /// By a call.
    Request(&'static Recipe),
    /// By a fault rule only.
    FaultOnly,
}

/// A call that succeeds or is rejected with one code, and its prerequisites.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Recipe {
    /// A fixture that is merged into the built-in demo first. Its objects replace those with the
    /// same ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<Value>,
    /// Preceding calls, in order. All of them succeed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Step>,
    /// Parameters of the call.
    pub request: Value,
}

/// A call that a recipe needs, once or several times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Step {
    /// Name of the action.
    pub action: String,
    /// Parameters. `{n}` stands for the number of the call, `{nn}` for the number with two digits,
    /// and a string such as `{AddressSet}` for that field of the previous response. See
    /// [`Step::params`].
    pub params: Value,
    /// Number of times that the call is made.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub times: u32,
}

#[cfg(test)]
impl Step {
    /// Returns the parameters of the `number`th call of this step, counted from 1. `answer` is the
    /// response of the previous call, of this step or an earlier one.
    pub fn params(&self, number: u32, answer: &Value) -> Value {
        filled(&self.params, number.into(), answer)
    }
}

/// Returns the recipe of a successful call of `action`, or `None` if `action` is not emulated.
pub fn example(action: &str) -> Option<&'static Recipe> {
    ALL.get(action)?.get(OK)
}

/// Returns how each documented code of `action` is triggered, in order. Empty if the action is
/// unknown.
pub fn of(action: &str) -> impl Iterator<Item = (Code, Trigger)> + use<> {
    let recipes = ALL.get(action);
    CATALOG.codes(action).iter().map(move |code| {
        let recipe = recipes.and_then(|recipes| recipes.get(code.as_str()));
        (*code, recipe.map_or(Trigger::FaultOnly, Trigger::Request))
    })
}

/// Contents of a recipe file.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Family<'a> {
    /// States that recipes refer to by name.
    #[serde(borrow, default)]
    states: HashMap<&'a str, Value>,
    #[serde(borrow)]
    recipes: HashMap<&'a str, HashMap<&'a str, Recipe>>,
}

fn read(file: &'static str) -> HashMap<&'static str, HashMap<&'static str, Recipe>> {
    let Family { states, mut recipes } =
        serde_json::from_str(file).expect("the recipe file is valid");
    for recipe in recipes.values_mut().flat_map(HashMap::values_mut) {
        let named = |state: Value| match &state {
            Value::String(name) => states.get(name.as_str()).expect("the state is defined").clone(),
            _ => state,
        };
        recipe.state = recipe.state.take().map(named).map(written_out);
        recipe.request = written_out(recipe.request.take());
    }
    recipes
}

/// Expands list items such as `{"Times": 3, "Of": ...}` to three numbered items, as
/// [`Step::params`] does.
fn written_out(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().flat_map(repeated).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(name, it)| (name, written_out(it))).collect()
        }
        other => other,
    }
}

fn repeated(item: Value) -> Vec<Value> {
    match (item.get("Times").and_then(Value::as_u64), item.get("Of")) {
        (Some(times), Some(of)) => (1..=times).map(|it| filled(of, it, &Value::Null)).collect(),
        _ => vec![written_out(item)],
    }
}

const fn once() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_once(times: &u32) -> bool {
    *times == 1
}

fn filled(template: &Value, number: u64, answer: &Value) -> Value {
    match template {
        Value::String(text) => {
            let name = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
            let field = name.and_then(|name| answer.get(name));
            let numbered = || {
                let text = text.replace("{n}", &number.to_string());
                text.replace("{nn}", &format!("{number:02}")).into()
            };
            field.cloned().unwrap_or_else(numbered)
        }
        Value::Array(items) => items.iter().map(|it| filled(it, number, answer)).collect(),
        Value::Object(members) => {
            let members = members.iter();
            members.map(|(name, it)| (name.clone(), filled(it, number, answer))).collect()
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_recipe_has_a_documented_code() {
        for (action, recipes) in &*ALL {
            for code in recipes.keys().filter(|code| **code != OK) {
                let is_documented = of(action).any(|(it, _)| it.as_str() == *code);
                assert!(is_documented, "{action} {code}");
            }
        }
    }

    #[test]
    fn every_emulated_action_has_an_example() {
        for action in CATALOG.models {
            let name = action.name;
            assert_eq!(example(name).is_some(), CATALOG.is_emulated(name), "{name}");
        }
        assert_eq!(example("CreateHaVips"), None);
    }

    #[test]
    fn examples_are_not_errors() {
        for action in CATALOG.models {
            assert!(of(action.name).all(|(code, _)| code.as_str() != OK), "{}", action.name);
        }
    }

    #[test]
    fn no_action_is_in_two_files() {
        let count: usize = families::RECIPES.iter().map(|file| read(file).len()).sum();
        assert_eq!(ALL.len(), count);
    }

    #[test]
    fn lists_are_expanded() {
        let short = json!({ "Set": [{ "Times": 2, "Of": { "Id": "{nn}" } }, { "Of": [] }] });
        let long = json!({ "Set": [{ "Id": "01" }, { "Id": "02" }, { "Of": [] }] });
        assert_eq!(written_out(short), long);
    }

    #[test]
    fn steps_use_their_number_and_the_previous_response() {
        let params =
            json!({ "Name": "a{n}-{nn}", "Ids": "{AddressSet}", "List": [{ "It": "{x}" }] });
        let step = Step { action: String::new(), params, times: 2 };
        assert_eq!(
            step.params(2, &json!({ "AddressSet": ["eip-1"] })),
            json!({ "Name": "a2-02", "Ids": ["eip-1"], "List": [{ "It": "{x}" }] })
        );
    }
}
