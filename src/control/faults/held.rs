//! Calls that wait until a test releases them.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{oneshot, watch},
    time::timeout,
};
use uuid::Uuid;

use super::{Faults, Rule};

/// The calls that a rule holds, oldest first. Dropping it releases them.
#[derive(Debug, Default)]
pub(super) struct HeldCalls(watch::Sender<Vec<Waiting>>);

/// A call that waits.
#[derive(Debug)]
struct Waiting {
    request_id: Uuid,
    /// Dropped to release the call.
    _hold: oneshot::Sender<()>,
}

impl HeldCalls {
    /// Adds a call. The receiver fails when the call is released.
    pub(super) fn add(&self, request_id: Uuid) -> oneshot::Receiver<()> {
        let (hold, released) = oneshot::channel();
        self.0.send_modify(|waiting| waiting.push(Waiting { request_id, _hold: hold }));
        released
    }

    /// Removes a call, if it is still held.
    pub(super) fn remove(&self, request_id: Uuid) {
        self.0.send_if_modified(|waiting| {
            let before = waiting.len();
            waiting.retain(|it| it.request_id != request_id);
            waiting.len() < before
        });
    }

    /// Releases the oldest calls, and returns how many were released.
    pub(super) fn release(&self, calls: usize) -> usize {
        let mut released = 0;
        self.0.send_modify(|waiting| {
            released = calls.min(waiting.len());
            waiting.drain(..released);
        });
        released
    }

    /// Returns the request IDs of the calls.
    pub(super) fn ids(&self) -> Vec<String> {
        ids(&self.0.borrow())
    }

    /// Returns a watch of the calls.
    pub(super) fn watch(&self) -> HeldWatch {
        HeldWatch(self.0.subscribe())
    }
}

impl Drop for HeldCalls {
    fn drop(&mut self) {
        // A watch keeps the calls otherwise.
        self.0.send_modify(Vec::clear);
    }
}

fn ids(waiting: &[Waiting]) -> Vec<String> {
    waiting.iter().map(|it| it.request_id.to_string()).collect()
}

/// A watch of the calls that a rule holds.
#[derive(Debug)]
pub struct HeldWatch(watch::Receiver<Vec<Waiting>>);

impl HeldWatch {
    /// Waits until the rule holds at least `calls` calls, and returns their request IDs. Returns `None`
    /// if the rule is removed, or if its account is reset.
    pub(super) async fn held(mut self, calls: usize) -> Option<Vec<String>> {
        let held = self.0.wait_for(|waiting| waiting.len() >= calls).await;
        held.ok().map(|waiting| ids(&waiting))
    }
}

/// A call that is held by a rule. Dropping it ends the hold.
#[derive(Debug)]
pub struct HeldCall {
    faults: Arc<Faults>,
    rule: Arc<Rule>,
    request_id: Uuid,
    released: oneshot::Receiver<()>,
}

impl HeldCall {
    pub(super) const fn new(
        faults: Arc<Faults>,
        rule: Arc<Rule>,
        request_id: Uuid,
        released: oneshot::Receiver<()>,
    ) -> Self {
        Self { faults, rule, request_id, released }
    }

    /// Waits until the call is released, or for the maximum time of its rule.
    pub async fn end(mut self) {
        let time_max: Duration = self.rule.hold_time_max();
        _ = timeout(time_max, &mut self.released).await;
    }
}

impl Drop for HeldCall {
    fn drop(&mut self) {
        self.faults.forget_held(&self.rule, self.request_id);
    }
}
