//! What becomes of a call that a fault strikes.

use std::{borrow::Cow, sync::Arc, time::Duration};

use crate::control::{
    clock::Stopwatch,
    faults::{Connection, Effect, ErrorAnswer, HttpAnswer, Rule, When, known_code},
};

use super::{
    Gateway,
    call::{Envelope, Pending},
};

/// How a struck call ends.
pub(super) enum End {
    /// With an envelope, its own or another.
    Envelope(Vec<u8>),
    /// With what is no envelope.
    Http(HttpAnswer),
    /// With its connection; of an answer that is cut, this is the whole.
    Connection(Connection, Vec<u8>),
}

/// Ends a struck call. What it changes it changes even if its client does not wait.
pub(super) async fn end(gateway: Arc<Gateway>, call: Pending, stopwatch: Stopwatch) -> Option<End> {
    let rule = Arc::clone(&call.strike()?.rule);
    if rule.delay_ms == 0 {
        return Some(end_now(&gateway, call, &rule, None, stopwatch));
    }
    let delayed = async move {
        let delay = Duration::from_millis(rule.delay_ms);
        let mut call = call;
        // Afterwards the answer is lost, or late; what was changed is to be seen meanwhile.
        let answer = (rule.when == When::After).then(|| call.run());
        tokio::time::sleep(delay).await;
        end_now(&gateway, call, &rule, answer, stopwatch)
    };
    tokio::spawn(delayed).await.ok()
}

fn end_now(
    gateway: &Gateway,
    mut call: Pending,
    rule: &Rule,
    answer: Option<Envelope>,
    stopwatch: Stopwatch,
) -> End {
    let answer = answer.or_else(|| rule.lets_run().then(|| call.run()));
    let answer = match rule.effect() {
        Effect::Error(error) => Some(said(&call, error)),
        _ => answer,
    };
    call.record(gateway, answer.as_ref(), stopwatch);
    let body = answer.map(|it| it.body).unwrap_or_default();
    match rule.effect() {
        Effect::Delay | Effect::Error(_) => End::Envelope(body),
        Effect::Http(answer) => End::Http(answer.clone()),
        Effect::Connection(connection) => End::Connection(connection, body),
    }
}

/// The error that a rule answers with.
fn said(call: &Pending, error: &ErrorAnswer) -> Envelope {
    match (known_code(&error.code), &error.message) {
        (Some(code), None) => call.failure(&code.into()),
        (Some(code), Some(message)) => call.forced(code.as_str().into(), message.clone()),
        (None, message) => {
            call.forced(Cow::Owned(error.code.clone()), message.clone().unwrap_or_default())
        }
    }
}
