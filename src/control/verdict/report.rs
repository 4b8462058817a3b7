//! The findings of a verdict as text.

use std::fmt::Write as _;

use chrono::SecondsFormat;

use crate::{
    control::{faults::ActiveRule, journal::retries::Retries},
    protocol::text::count_of,
};

use super::{BusySecond, Check, Leak, Verdict};

/// Maximum number of findings of a check in a report.
const FINDINGS_MAX: usize = 20;

/// The findings of one check.
pub(super) struct Finding {
    /// One line, such as `2 resources are left`.
    pub(super) summary: String,
    /// The findings. Each has one or more lines.
    details: Vec<String>,
    /// Number of all findings.
    total: usize,
}

impl Finding {
    fn new(summary: String, details: Vec<String>) -> Option<Self> {
        let total = details.len();
        (total > 0).then_some(Self { summary, details, total })
    }

    /// Returns the first findings, indented by two spaces, and the number of the others.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for detail in self.details.iter().take(FINDINGS_MAX) {
            text.extend(detail.lines().flat_map(|line| ["  ", line, "\n"]));
        }
        let others = self.total - self.details.len().min(FINDINGS_MAX);
        if others > 0 {
            // Writing to a string never fails.
            _ = writeln!(text, "  and {others} more");
        }
        text
    }
}

impl Verdict {
    /// Returns the findings of a check. `None` if it has none.
    pub(super) fn finding(&self, check: Check) -> Option<Finding> {
        match check {
            Check::Leaks => {
                let summary = format!("{} left", count_of(self.leak_count, "resource"));
                let found = Finding::new(summary, self.leaks.iter().map(leak).collect())?;
                Some(Finding { total: self.leak_count, ..found })
            }
            Check::Faults => {
                let unused = self.faults.unused.iter().map(unused);
                let held: Vec<String> = self.faults.held.iter().flat_map(held).collect();
                let unused: Vec<String> = unused.collect();
                let (rules, calls) = (unused.len(), held.len());
                let summary = format!(
                    "{} and {}",
                    count_of(rules, "unused rule"),
                    count_of(calls, "held call")
                );
                Finding::new(summary, [unused, held].concat())
            }
            Check::Expectations => {
                let unmet: Vec<String> =
                    self.expectations.iter().map(|it| it.text.clone()).collect();
                Finding::new(count_of(unmet.len(), "unmet expectation"), unmet)
            }
            Check::Rate => {
                let busy: Vec<String> = self.rate.iter().map(busy).collect();
                let summary =
                    format!("{} above the documented rate", count_of(busy.len(), "second"));
                Finding::new(summary, busy)
            }
            Check::Retries => {
                let wrong: Vec<String> = self.retries.iter().filter_map(wrong).collect();
                Finding::new(count_of(wrong.len(), "wrongly retried request"), wrong)
            }
        }
    }

    pub(super) fn write_report(&self) -> String {
        let failed = match self.failed.len() {
            0 => "no check failed".to_owned(),
            count => format!("{} failed", count_of(count, "check")),
        };
        let mut report = format!("verdict of account `{}`: {failed}", self.account);
        for (checks, note) in [(&self.failed, ""), (&self.ignored, " (ignored)")] {
            for check in checks {
                if let Some(found) = self.finding(*check) {
                    let text = found.text();
                    _ = write!(report, "\n{check}{note}: {}\n{}", found.summary, text.trim_end());
                }
            }
        }
        report
    }
}

fn leak(leak: &Leak) -> String {
    let Leak { id, kind, call } = leak;
    let creator = match (call.action, call.sequence, call.time) {
        (Some(action), Some(sequence), Some(time)) => {
            let time = time.to_rfc3339_opts(SecondsFormat::Millis, true);
            format!("call {sequence}: {action} at {time}")
        }
        _ => "a call that left the journal".to_owned(),
    };
    format!("{kind} {id}, created by {creator} ({})", call.request_id)
}

fn name(rule: &ActiveRule) -> String {
    format!("{} for {}", rule.id, rule.rule.action.as_deref().unwrap_or("any action"))
}

fn unused(rule: &ActiveRule) -> String {
    let why = match rule.matches {
        0 => "no call matched".to_owned(),
        matches => {
            format!("{} matched, and Skip is {}", count_of(calls(matches), "call"), rule.rule.skip)
        }
    };
    format!("{}: {why}", name(rule))
}

fn calls(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn held(rule: &ActiveRule) -> impl Iterator<Item = String> {
    rule.held().iter().map(|id| format!("{}: holds {id}", name(rule)))
}

fn busy(BusySecond { action, second, calls, limit }: &BusySecond) -> String {
    let second = second.to_rfc3339_opts(SecondsFormat::Secs, true);
    format!("{action}: {calls} calls in the second {second}; at most {limit} are allowed")
}

/// Describes a request with a retry that repeated a change or retried a code in vain.
fn wrong(it: &Retries) -> Option<String> {
    let repeated = it.succeeded.saturating_sub(1);
    if repeated == 0 && it.retried_in_vain.is_empty() {
        return None;
    }
    let codes: Vec<&str> =
        it.codes.iter().map(|it| it.as_deref().unwrap_or("no envelope")).collect();
    let mut text = format!("{} {}: {}", it.action, it.params, codes.join(", "));
    if repeated > 0 {
        _ = write!(text, "\n  {} repeated a change", count_of(repeated, "attempt"));
    }
    if !it.duplicates.is_empty() {
        _ = write!(text, "\n  created in addition: {}", it.duplicates.join(", "));
    }
    if !it.retried_in_vain.is_empty() {
        _ = write!(text, "\n  retried in vain: {}", it.retried_in_vain.join(", "));
    }
    Some(text)
}
