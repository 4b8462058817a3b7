//! Files of fault rules.

use serde_json::Value;

use crate::control::read_json;

use super::Rule;

/// Member that contains the rules in an admin API response.
const WRAPPING: &str = "Faults";
/// Members that the admin API adds to a rule.
const OTHER_MEMBERS: [&str; 4] = ["Id", "Matches", "Hits", "Held"];

/// Parses a rule, a list of rules, or a response of `GET /_ecmock/faults`. The error contains the
/// number of the invalid rule, starting at 1.
pub fn read(text: &str) -> Result<Vec<Rule>, String> {
    let json: Value =
        serde_json::from_str(text).map_err(|error| format!("invalid JSON: {error}"))?;
    let rules = match json {
        Value::Array(rules) => rules,
        Value::Object(mut object) => match object.remove(WRAPPING) {
            Some(Value::Array(rules)) => rules,
            Some(_) => return Err(format!("$.{WRAPPING}: must be a list of rules")),
            None => vec![Value::Object(object)],
        },
        _ => return Err("must be a rule or a list of rules".to_owned()),
    };
    let read =
        |(index, rule)| rule_of(rule).map_err(|reason| format!("rule {}: {reason}", index + 1));
    rules.into_iter().enumerate().map(read).collect()
}

fn rule_of(mut json: Value) -> Result<Rule, String> {
    if let Value::Object(members) = &mut json {
        members.retain(|name, _| !OTHER_MEMBERS.contains(&name.as_str()));
    }
    let rule: Rule = read_json(json)?;
    rule.check().map_err(|error| error.to_string())?;
    Ok(rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_contains_one_rule_or_several() {
        let rule = r#"{"Error":{"Code":"InternalError"}}"#;
        let shown = r#"{"Id":"fault-1","Hits":0,"Matches":0,"DelayMs":1}"#;
        for (text, count) in [
            (rule.to_owned(), 1),
            (format!("[{rule},{shown}]"), 2),
            (format!(r#"{{"Total":1,"Faults":[{shown}]}}"#), 1),
            ("[]".to_owned(), 0),
        ] {
            assert_eq!(read(&text).unwrap().len(), count, "{text}");
        }
    }

    #[test]
    fn an_error_contains_the_rule_and_the_reason() {
        let rule = r#"{"DelayMs":1}"#;
        for (text, expected) in [
            ("{".to_owned(), "invalid JSON: EOF while parsing an object at line 1 column 1"),
            ("7".to_owned(), "must be a rule or a list of rules"),
            (r#"{"Faults":{}}"#.to_owned(), "$.Faults: must be a list of rules"),
            (format!("[{rule},{{}}]"), "rule 2: the rule has no effect;"),
            (
                r#"{"Delay":1}"#.to_owned(),
                "rule 1: unknown field `Delay`; expected one of `Action`",
            ),
        ] {
            let error = read(&text).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
