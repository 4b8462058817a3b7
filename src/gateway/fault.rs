//! Faults applied to calls.

use std::{borrow::Cow, sync::Arc, time::Duration};

use tokio::{sync::oneshot, time::sleep};

use crate::control::{
    clock::Stopwatch,
    faults::{Connection, Effect, ErrorAnswer, HeldCall, Hold, HttpAnswer, Rule, known_code},
};

use super::{
    Gateway,
    call::{Answer, Pending, run},
};

/// Outcome of a call with a fault.
pub(super) enum FaultOutcome {
    /// An envelope: the call's own, or the rule's error.
    Envelope(Vec<u8>),
    /// A response without an envelope.
    Http(HttpAnswer),
    /// A connection fault, with the whole body of a response that is truncated.
    Connection(Connection, Vec<u8>),
}

/// Completes a call that matched a fault rule. Its side effects happen even if the client
/// disconnects, which ends its delay or hold.
pub(super) async fn end(
    gateway: Arc<Gateway>,
    call: Pending,
    stopwatch: Stopwatch,
) -> Option<FaultOutcome> {
    let rule = Arc::clone(&call.fault()?.rule);
    // Dropped with this future when the client disconnects.
    let (client, disconnected) = oneshot::channel::<()>();
    let held = hold(&call, &rule, Hold::Checked);
    // Assumed (fault.delayed-call): the call runs even if the client disconnects.
    let end = async move {
        let (mut call, mut answer, mut held) = (call, None, held);
        let runs_first = rule.runs_call_first();
        if runs_first {
            // The response is lost or late. Changes are already visible.
            (call, answer) = run(call, keep).await.ok()?;
            held = hold(&call, &rule, Hold::Committed);
        }
        // Assumed (fault.delay-end, fault.hold-end): a delay or hold ends when the client disconnects.
        tokio::select! {
            biased;
            _ = disconnected => {}
            () = pause(&rule, held) => {}
        }
        if rule.runs_call() && !runs_first {
            (call, answer) = run(call, keep).await.ok()?;
        }
        Some(record(&gateway, call, &rule, answer, stopwatch))
    };
    let end = tokio::spawn(end).await.ok().flatten();
    drop(client);
    end
}

/// Holds a call, if its rule does so at this point.
fn hold(call: &Pending, rule: &Arc<Rule>, point: Hold) -> Option<HeldCall> {
    if rule.hold != Some(point) {
        return None;
    }
    call.state.faults.hold(rule, call.request_id)
}

/// Waits for the delay of a rule, or for the end of a hold.
async fn pause(rule: &Rule, held: Option<HeldCall>) {
    if let Some(held) = held {
        held.end().await;
    }
    if rule.delay_ms > 0 {
        sleep(Duration::from_millis(rule.delay_ms)).await;
    }
}

const fn keep(call: Pending, answer: Answer) -> (Pending, Option<Answer>) {
    (call, Some(answer))
}

fn record(
    gateway: &Gateway,
    mut call: Pending,
    rule: &Rule,
    answer: Option<Answer>,
    stopwatch: Stopwatch,
) -> FaultOutcome {
    call.own_code = answer.as_ref().map(|it| it.code.clone());
    let answer = match rule.effect() {
        Effect::Error(error) => Some(error_answer(&call, error)),
        _ => answer,
    };
    call.record(gateway, answer.as_ref(), stopwatch);
    let body = answer.map(|it| it.body).unwrap_or_default();
    match rule.effect() {
        Effect::Late | Effect::Error(_) => FaultOutcome::Envelope(body),
        Effect::Http(answer) => FaultOutcome::Http(answer.clone()),
        Effect::Connection(connection) => FaultOutcome::Connection(connection, body),
    }
}

/// Returns the response for the error of a rule.
fn error_answer(call: &Pending, error: &ErrorAnswer) -> Answer {
    match (known_code(&error.code), &error.message) {
        (Some(code), None) => call.failure(&code.into()),
        (Some(code), Some(message)) => call.forced(code.as_str().into(), message.clone()),
        (None, message) => {
            call.forced(Cow::Owned(error.code.clone()), message.clone().unwrap_or_default())
        }
    }
}
