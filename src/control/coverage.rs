//! JSON views of the actions: which are emulated, a request that succeeds, and how each error is
//! triggered.

use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    ecm::{
        CATALOG,
        recipes::{self, Recipe, Trigger},
    },
    protocol::{
        Code, Model,
        refusal::codes,
        schema::{Member, Schema},
    },
};

use super::throttle::DOCUMENTED_CALLS_PER_SECOND;

/// Returns every action of the product, without examples and triggers.
pub fn all() -> Vec<ActionOverview> {
    CATALOG.models.iter().copied().map(ActionOverview::of).collect()
}

/// Returns one action with an example and the triggers of its errors.
pub fn one(action: &Model) -> ActionDetails {
    let name = action.name;
    ActionDetails {
        overview: ActionOverview::of(action),
        example: recipes::example(name),
        errors: recipes::of(name)
            .map(|(code, trigger)| ErrorView::of(name, code, trigger))
            .collect(),
        gateway_errors: gateways(action).map(|code| GatewayErrorView::of(name, code)).collect(),
    }
}

/// Returns the codes that the gateway can return for any call, without the action's own codes.
pub fn gateways(action: &Model) -> impl Iterator<Item = Code> {
    codes::ALL.iter().copied().filter(|code| !action.codes.contains(code))
}

/// Returns a fault rule that makes the next call of `action` fail with `code`.
pub fn fault_rule(action: &str, code: &str) -> Value {
    json!({ "Action": action, "Error": { "Code": code }, "Times": 1 })
}

/// An action with its parameters and codes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ActionOverview {
    name: &'static str,
    family: &'static str,
    emulated: bool,
    calls_per_second: u32,
    parameters: Vec<ParameterView>,
    codes: Vec<&'static str>,
    gateway_codes: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ParameterView {
    name: &'static str,
    r#type: String,
    required: bool,
    /// Members of an object, or of the objects in a list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    members: Vec<ParameterView>,
}

impl ParameterView {
    fn all(schema: &Schema) -> Vec<Self> {
        schema.of_calls().map(Self::of).collect()
    }

    fn of(member: &Member) -> Self {
        Self {
            name: member.name,
            r#type: member.r#type.to_string(),
            required: member.required,
            members: member.r#type.object().map(Self::all).unwrap_or_default(),
        }
    }
}

/// An action with an example and the triggers of its errors.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ActionDetails {
    #[serde(flatten)]
    overview: ActionOverview,
    /// A request that succeeds in the built-in demo. Absent if the action is not emulated.
    #[serde(skip_serializing_if = "Option::is_none")]
    example: Option<&'static Recipe>,
    errors: Vec<ErrorView>,
    gateway_errors: Vec<GatewayErrorView>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorView {
    code: &'static str,
    phrase: &'static str,
    #[serde(flatten)]
    trigger: TriggerView,
}

/// An error that the gateway returns before a call reaches its action, and the rule that injects it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct GatewayErrorView {
    code: &'static str,
    phrase: &'static str,
    fault: Value,
}

#[derive(Debug, Serialize)]
#[serde(tag = "Origin", rename_all = "lowercase")]
enum TriggerView {
    Natural(&'static Recipe),
    #[serde(rename_all = "PascalCase")]
    Injectable {
        fault: Value,
    },
}

impl ActionOverview {
    fn of(action: &Model) -> Self {
        let names = |codes: &[Code]| codes.iter().map(|code| code.as_str()).collect();
        Self {
            name: action.name,
            family: action.family,
            emulated: CATALOG.is_emulated(action.name),
            calls_per_second: DOCUMENTED_CALLS_PER_SECOND,
            parameters: ParameterView::all(&action.parameters),
            codes: names(action.codes),
            gateway_codes: names(codes::ALL),
        }
    }
}

impl ErrorView {
    fn of(action: &str, code: Code, trigger: Trigger) -> Self {
        let trigger = match trigger {
            Trigger::Request(recipe) => TriggerView::Natural(recipe),
            Trigger::FaultOnly => {
                TriggerView::Injectable { fault: fault_rule(action, code.as_str()) }
            }
        };
        Self { code: code.as_str(), phrase: code.phrase(), trigger }
    }
}

impl GatewayErrorView {
    fn of(action: &str, code: Code) -> Self {
        let fault = fault_rule(action, code.as_str());
        Self { code: code.as_str(), phrase: code.phrase(), fault }
    }
}
