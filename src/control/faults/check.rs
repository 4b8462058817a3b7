//! Validation of fault rules.

use crate::{
    ecm::CATALOG,
    nearest::{did_you_mean, nearest},
    protocol::{
        Code, Model, refusal,
        text::{Backticked, Name},
    },
};

use super::{Effect, Hold, HttpAnswer, RULES_MAX, Rule, When};

/// Maximum delay in milliseconds: ten minutes.
pub(super) const DELAY_MS_MAX: u64 = 600_000;
/// Maximum time of a hold in milliseconds: ten minutes.
const HOLD_MS_MAX: u64 = 600_000;
/// HTTP statuses that a rule can return.
const STATUSES: std::ops::RangeInclusive<u16> = 200..=599;
/// HTTP statuses without a body, by RFC 9110.
const BODILESS: [u16; 3] = [204, 205, 304];

/// An error in a fault rule.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BadRule {
    /// The rule has no effect.
    #[error("the rule has no effect; set Error, Http, Connection, DelayMs, or Hold")]
    NoEffect,
    /// The rule has two effects that cannot be combined.
    #[error("{0} and {1} cannot be combined; set only one of them")]
    TwoEffects(&'static str, &'static str),
    /// The action does not exist.
    #[error("Action: unknown action `{}`{}", Name(.action), did_you_mean(.nearest.map(Backticked), ""))]
    Action {
        /// The unknown action.
        action: String,
        /// The action with the most similar name.
        nearest: Option<&'static str>,
    },
    /// The action does not have the parameter, so no call would match.
    #[error("Params.{}: {action} has no such parameter; expected one of {}{}", Name(.parameter), list(.known), did_you_mean(.nearest.map(Backticked), ""))]
    Parameter {
        /// The action.
        action: &'static str,
        /// The unknown parameter.
        parameter: String,
        /// The parameter with the most similar name.
        nearest: Option<&'static str>,
        /// The parameters of the action.
        known: Vec<&'static str>,
    },
    /// The action cannot return the code.
    #[error("Error.Code: {action} cannot return `{}`; expected one of {}, or a gateway code: {}; set \"Force\":true to allow any code", Name(.code), list(.own), list(.gateways))]
    Code {
        /// The action.
        action: &'static str,
        /// The invalid code.
        code: String,
        /// Codes of the action.
        own: Vec<&'static str>,
        /// Codes of the gateway, without those of the action.
        gateways: Vec<&'static str>,
    },
    /// Not every action can return the code.
    #[error("Error.Code: not every action can return `{}`; set Action, or use a gateway code: {}; set \"Force\":true to allow any code", Name(.code), list(.gateways))]
    CodeOfAny {
        /// The invalid code.
        code: String,
        /// Codes of the gateway.
        gateways: Vec<&'static str>,
    },
    /// The code is empty.
    #[error("Error.Code is empty")]
    EmptyCode,
    /// The probability is out of range.
    #[error("Probability is {0}; must be 0 to 1")]
    Probability(f64),
    /// The delay is too long.
    #[error("DelayMs is {0}; must be at most {DELAY_MS_MAX}")]
    Delay(u64),
    /// A call that does not run cannot be held after it ran.
    #[error(
        "Hold is `committed`, but the call does not run; set When to `after`, or Hold to `checked`"
    )]
    CommittedBefore,
    /// `When` has no effect on a call that is only held.
    #[error(
        "When is `after`, but the response is not replaced; set Hold to `committed` to hold the response"
    )]
    CheckedAfter,
    /// The maximum time of a hold is out of range.
    #[error("HoldMs is {0}; must be 1 to {HOLD_MS_MAX}")]
    HoldTime(u64),
    /// The rule has a maximum time of a hold, but no hold.
    #[error("HoldMs requires Hold")]
    HoldTimeOnly,
    /// The HTTP status is out of range.
    #[error("Http.Status is {0}; must be 200 to 599")]
    Status(u16),
    /// A response with this HTTP status has no body.
    #[error("Http.Body: a response with status {0} has no body; omit it")]
    Body(u16),
    /// The account has too many rules.
    #[error("too many fault rules: at most {RULES_MAX} per account")]
    TooMany,
}

fn list(names: &[&str]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

impl Rule {
    /// Fails if the rule is invalid.
    pub(crate) fn check(&self) -> Result<(), BadRule> {
        self.check_effect()?;
        let action = self.check_action()?;
        if let Some(action) = action {
            self.check_params(action)?;
        }
        self.check_code(action)?;
        if !(0.0..=1.0).contains(&self.probability) {
            return Err(BadRule::Probability(self.probability));
        }
        if self.delay_ms > DELAY_MS_MAX {
            return Err(BadRule::Delay(self.delay_ms));
        }
        self.check_hold()?;
        self.check_http()
    }

    fn check_hold(&self) -> Result<(), BadRule> {
        let Some(hold) = self.hold else {
            return if self.hold_ms.is_some() { Err(BadRule::HoldTimeOnly) } else { Ok(()) };
        };
        match hold {
            Hold::Committed if !self.runs_call() => return Err(BadRule::CommittedBefore),
            Hold::Checked if self.when == When::After && self.effect() == Effect::Late => {
                return Err(BadRule::CheckedAfter);
            }
            Hold::Checked | Hold::Committed => {}
        }
        match self.hold_ms {
            Some(ms) if !(1..=HOLD_MS_MAX).contains(&ms) => Err(BadRule::HoldTime(ms)),
            _ => Ok(()),
        }
    }

    fn check_http(&self) -> Result<(), BadRule> {
        let Some(HttpAnswer { status, body }) = &self.http else { return Ok(()) };
        if !STATUSES.contains(status) {
            return Err(BadRule::Status(*status));
        }
        if BODILESS.contains(status) && !body.is_empty() {
            return Err(BadRule::Body(*status));
        }
        Ok(())
    }

    fn check_effect(&self) -> Result<(), BadRule> {
        let effects = [
            ("Error", self.error.is_some()),
            ("Http", self.http.is_some()),
            ("Connection", self.connection.is_some()),
        ];
        let mut named = effects.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name);
        match (named.next(), named.next()) {
            (Some(one), Some(other)) => Err(BadRule::TwoEffects(one, other)),
            _ if self.hold.is_some() && self.delay_ms > 0 => {
                Err(BadRule::TwoEffects("Hold", "DelayMs"))
            }
            (None, _) if self.delay_ms == 0 && self.hold.is_none() => Err(BadRule::NoEffect),
            _ => Ok(()),
        }
    }

    fn check_action(&self) -> Result<Option<&'static Model>, BadRule> {
        let Some(name) = &self.action else { return Ok(None) };
        let unknown = || BadRule::Action { action: name.clone(), nearest: CATALOG.nearest(name) };
        CATALOG.model(name).map(Some).ok_or_else(unknown)
    }

    fn check_params(&self, action: &'static Model) -> Result<(), BadRule> {
        let known = || action.parameters.of_calls().map(|it| it.name);
        match self.params.names().find(|name| !known().any(|it| it == *name)) {
            None => Ok(()),
            Some(parameter) => Err(BadRule::Parameter {
                action: action.name,
                parameter: parameter.to_owned(),
                nearest: nearest(parameter, known()),
                known: known().collect(),
            }),
        }
    }

    fn check_code(&self, action: Option<&'static Model>) -> Result<(), BadRule> {
        let Some(error) = &self.error else { return Ok(()) };
        if error.code.is_empty() {
            return Err(BadRule::EmptyCode);
        }
        let own = action.map_or(&[][..], |it| it.codes);
        let gateways = refusal::codes::ALL;
        let is_known = own.iter().chain(gateways).any(|it| it.as_str() == error.code);
        if self.force || is_known {
            return Ok(());
        }
        let name = |it: &Code| it.as_str();
        let code = error.code.clone();
        let gateways = gateways.iter().filter(|it| !own.contains(it)).map(name).collect();
        Err(match action {
            Some(action) => {
                let own = own.iter().map(name).collect();
                BadRule::Code { action: action.name, code, own, gateways }
            }
            None => BadRule::CodeOfAny { code, gateways },
        })
    }
}

/// Returns the code with a name, whether it is a code of the gateway or of an action.
pub fn known_code(name: &str) -> Option<Code> {
    let known = crate::ecm::codes::ALL.iter().chain(refusal::codes::ALL);
    known.copied().find(|it| it.as_str() == name)
}
