//! The lock for state that threads share.

use std::sync::{
    Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
    TryLockError,
};

/// A std mutex whose poison is ignored.
///
/// A panic under the lock leaves a consistent value, so the next thread can use it. Each critical
/// section checks before it changes anything, and its changes leave the value consistent.
///
/// The lock is held for one lookup or change, and never across an await.
#[derive(Debug, Default)]
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Locks the value, or returns `None` if another thread holds the lock.
    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

/// Like [`Lock`], for a value that is read far more often than it changes. Readers do not wait for each
/// other.
#[derive(Debug, Default)]
pub(crate) struct SharedLock<T>(RwLock<T>);

impl<T> SharedLock<T> {
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Releases a lock until `changed` is notified and `condition` is false, and then reacquires it.
pub(crate) fn wait_while<'a, T>(
    changed: &Condvar,
    guard: MutexGuard<'a, T>,
    condition: impl FnMut(&mut T) -> bool,
) -> MutexGuard<'a, T> {
    changed.wait_while(guard, condition).unwrap_or_else(PoisonError::into_inner)
}

/// Waits like [`wait_while`], for `time_max` at most.
#[cfg(feature = "command")]
pub(crate) fn wait_while_up_to<'a, T>(
    changed: &Condvar,
    guard: MutexGuard<'a, T>,
    time_max: std::time::Duration,
    condition: impl FnMut(&mut T) -> bool,
) -> MutexGuard<'a, T> {
    let waited = changed.wait_timeout_while(guard, time_max, condition);
    waited.unwrap_or_else(PoisonError::into_inner).0
}

#[cfg(test)]
mod tests {
    use std::panic;

    use super::*;

    #[test]
    fn a_lock_is_usable_after_a_panic() {
        let lock = Lock::new(1);
        let panicked = panic::catch_unwind(|| {
            let _guard = lock.lock();
            panic!("under the lock");
        });
        panicked.unwrap_err();
        assert_eq!(lock.try_lock().as_deref(), Some(&1));
        assert_eq!(*lock.lock(), 1);
        let held = lock.lock();
        assert!(lock.try_lock().is_none());
        drop(held);
        let guard = wait_while(&Condvar::new(), lock.lock(), |_| false);
        assert_eq!(*guard, 1);
    }
}
