//! The log of an account's changes.

use std::{
    io,
    sync::{MutexGuard, atomic::Ordering::Relaxed},
};

use crate::control::{
    accounts::resources::Resources,
    clock::AccountClock,
    persistence::{Log, Snapshot, Unsynced, WrittenSnapshot},
};

use super::AccountState;

/// How the changes of an account are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// In memory.
    Memory,
    /// In a file, which survives the end of the process.
    File,
    /// On the disk, which survives the end of the machine.
    Disk,
}

impl Durability {
    pub(super) fn of(log: Option<&Log>) -> Self {
        match log {
            None => Self::Memory,
            Some(log) if log.syncs() => Self::Disk,
            Some(_) => Self::File,
        }
    }
}

impl AccountState {
    /// How the changes of the account are kept.
    pub const fn durability(&self) -> Durability {
        self.durability
    }

    pub(super) fn note_size(&self, resources: &Resources) {
        if resources.log().is_some_and(Log::is_large) {
            self.is_log_large.store(true, Relaxed);
        }
    }

    /// Ends a change: releases the lock, and writes the log to the disk if it has to be there. Returns
    /// whether that succeeded.
    pub(super) fn write(&self, resources: MutexGuard<'_, Resources>) -> bool {
        self.note_size(&resources);
        let unsynced = resources.log().and_then(Log::unsynced);
        drop(resources);
        match unsynced.map(Unsynced::sync) {
            Some(Err(error)) => {
                self.lock().set_unsaved(&error);
                false
            }
            Some(Ok(())) | None => true,
        }
    }

    /// Whether [`AccountState::compact_log`] should be called.
    pub fn take_log_large(&self) -> bool {
        self.is_log_large.load(Relaxed) && self.is_log_large.swap(false, Relaxed)
    }

    /// Replaces a large log by the state that it leads to. Calls continue meanwhile.
    pub fn compact_log(&self) {
        if let Some(snapshot) = self.begin_compaction() {
            self.end_compaction(snapshot.write());
        }
    }

    /// Returns the state that is to replace the log.
    pub(crate) fn begin_compaction(&self) -> Option<Snapshot> {
        self.lock().begin_compaction()
    }

    /// Replaces the log by a written state. If that fails, the log stays as it is.
    pub(crate) fn end_compaction(&self, written: io::Result<WrittenSnapshot>) {
        if let Err(error) = self.lock().end_compaction(written) {
            tracing::warn!("cannot compact a log of the state directory: {error}");
        }
    }

    /// Changes the clock.
    pub fn change_clock<T>(&self, change: impl FnOnce(&AccountClock) -> T) -> T {
        self.set_used();
        if self.durability == Durability::Memory {
            return change(&self.clock);
        }
        let mut resources = self.lock();
        let changed = change(&self.clock);
        resources.log_clock(self.clock.get());
        self.finish(resources);
        changed
    }

    /// Ends a change like [`AccountState::write`].
    ///
    /// # Panics
    /// Panics if the log cannot be written.
    pub(super) fn finish(&self, resources: MutexGuard<'_, Resources>) {
        assert!(self.write(resources), "the state directory cannot be written");
        // Unlike a call, the change runs on a thread that may take its time.
        if self.take_log_large() {
            self.compact_log();
        }
    }
}
