//! Validation of fault rules.

use crate::{
    ecm::CATALOG,
    nearest::{did_you_mean, nearest},
    protocol::{
        Code, Model, refusal,
        text::{Backticked, Name},
    },
};

use super::{HttpAnswer, RULES_MAX, Rule};

/// Milliseconds that an answer is delayed at most: ten minutes.
pub(super) const DELAY_MS_MAX: u64 = 600_000;
/// HTTP statuses that end a call.
const STATUSES: std::ops::RangeInclusive<u16> = 200..=599;
/// Those of them whose answers have no body, by RFC 9110.
const BODILESS: [u16; 3] = [204, 205, 304];

/// Why a fault rule is invalid.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BadRule {
    /// It does nothing.
    #[error("the rule does nothing; it needs one of Error, Http and Connection, or a DelayMs")]
    NoEffect,
    /// It does two things that exclude each other.
    #[error("{0} and {1} exclude each other: a call has one end")]
    TwoEffects(&'static str, &'static str),
    /// There is no such action.
    #[error("Action: there is no action `{}`{}", Name(.action), did_you_mean(.nearest.map(Backticked), ""))]
    Action {
        /// Action asked for.
        action: String,
        /// What was probably meant.
        nearest: Option<&'static str>,
    },
    /// The action has no such parameter, so no call would match.
    #[error("Params.{}: {action} has no such parameter; it has {}{}", Name(.parameter), list(.known), did_you_mean(.nearest.map(Backticked), ""))]
    Parameter {
        /// The action.
        action: &'static str,
        /// Parameter asked for.
        parameter: String,
        /// What was probably meant.
        nearest: Option<&'static str>,
        /// Its parameters.
        known: Vec<&'static str>,
    },
    /// The action cannot return the code.
    #[error("Error.Code: {action} cannot return `{}`; it can return {}, and what the gateway returns to any call: {}; \"Force\":true takes any code", Name(.code), list(.own), list(.gateways))]
    Code {
        /// The action.
        action: &'static str,
        /// Code asked for.
        code: String,
        /// Codes of the action.
        own: Vec<&'static str>,
        /// Codes of the gateway, less those of the action.
        gateways: Vec<&'static str>,
    },
    /// Not every action can return the code.
    #[error("Error.Code: not every action can return `{}`; name the Action, or one of the gateway's codes: {}; \"Force\":true takes any code", Name(.code), list(.gateways))]
    CodeOfAny {
        /// Code asked for.
        code: String,
        /// Codes of the gateway.
        gateways: Vec<&'static str>,
    },
    /// The code is empty.
    #[error("Error.Code is empty")]
    EmptyCode,
    /// The probability is none.
    #[error("Probability is {0}; it must be from 0 to 1")]
    Probability(f64),
    /// The delay is too long.
    #[error("DelayMs is {0}; at most {DELAY_MS_MAX} are allowed")]
    Delay(u64),
    /// No call ends with the status.
    #[error("Http.Status is {0}; it must be from 200 to 599")]
    Status(u16),
    /// An answer of the status has no body.
    #[error("Http.Body: an answer of the status {0} has no body; leave it out")]
    Body(u16),
    /// The account has too many rules.
    #[error("there are {RULES_MAX} rules already, which are as many as an account may have")]
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
        self.check_http()
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
            (None, _) if self.delay_ms == 0 => Err(BadRule::NoEffect),
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
        match self.params.keys().find(|name| !known().any(|it| it == *name)) {
            None => Ok(()),
            Some(parameter) => Err(BadRule::Parameter {
                action: action.name,
                parameter: parameter.clone(),
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

/// The code that is so called, wherever it is documented.
pub fn known_code(name: &str) -> Option<Code> {
    let known = crate::ecm::codes::ALL.iter().chain(refusal::codes::ALL);
    known.copied().find(|it| it.as_str() == name)
}
