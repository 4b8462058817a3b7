//! Waits for calls.

use std::{sync::Arc, time::Duration};

use crate::control::{Accounts, offload};

use super::{CallFilter, Entry, Journal};

impl Accounts {
    /// Waits until calls of an account match a filter, and returns them, oldest first. Returns no calls
    /// on timeout, or if the account is evicted.
    ///
    /// The wait continues across a reset, and across a deletion if the account is created again.
    pub async fn wait_for(&self, name: &str, filter: &CallFilter, time: Duration) -> Vec<Entry> {
        let found = async {
            loop {
                let account = self.get(name);
                let _in_use = account.hold();
                let journal = account.journal();
                if let Some(found) = journal.awaited(filter).await {
                    return found;
                }
                if Arc::ptr_eq(&journal, &self.get(name).journal()) {
                    return Vec::new(); // The account was deleted and not created again.
                }
            }
        };
        tokio::time::timeout(time, found).await.unwrap_or_default()
    }
}

impl Journal {
    /// Waits until entries match a filter. Returns `None` if the journal ends.
    async fn awaited(&self, filter: &CallFilter) -> Option<Vec<Entry>> {
        // Registered before the first search, so that no entry is missed.
        let mut waiter = self.waiters.register(filter.clone())?;
        let (entries, all) = (self.entries(), filter.clone());
        let found = offload::run_busy(move || all.select(&entries)).await.unwrap_or_default();
        if !found.is_empty() {
            return Some(found);
        }
        let entry = (&mut waiter.entry).await.ok()?;
        // This is the first match. It may have been dropped from the journal already.
        let since = CallFilter { since: entry.sequence - 1, ..filter.clone() };
        let found = since.select(&self.entries());
        Some(if found.is_empty() { vec![entry] } else { found })
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt as _;

    use super::*;
    use crate::{
        control::{
            AccountTemplate,
            accounts::ACCOUNTS_MAX,
            journal::{JournalLimits, JournalSet, waiters::tests::entry},
        },
        ecm::{Store, ids::IdSequence, store::Settings},
    };

    /// Longer than any test takes.
    const LONG: Duration = Duration::from_mins(10);

    fn accounts(limits: JournalLimits) -> Accounts {
        let store = Store::new(Settings::default(), IdSequence::new(0));
        let journals = Arc::new(JournalSet::new(limits));
        Accounts::new(AccountTemplate { journals, ..AccountTemplate::new(store, 7) })
    }

    #[tokio::test]
    async fn a_call_that_was_dropped_from_the_journal_ends_a_wait() {
        let accounts = accounts(JournalLimits { entries: 1, ..JournalLimits::default() });
        let account = accounts.get("a");
        let created = CallFilter { action: Some("CreateHaVip".into()), ..CallFilter::default() };
        let mut wait = pin!(accounts.wait_for("a", &created, LONG));
        assert!(wait.as_mut().now_or_never().is_none());
        account.journal().add(entry("CreateHaVip", "OK"));
        account.journal().add(entry("DescribeHaVips", "OK"));
        let found = wait.await;
        assert_eq!(found.iter().map(|it| it.sequence).collect::<Vec<_>>(), [1]);
    }

    #[tokio::test]
    async fn no_account_with_a_pending_wait_is_evicted() {
        let accounts = accounts(JournalLimits::default());
        let names: Vec<String> = (0..ACCOUNTS_MAX + 200).map(|it| it.to_string()).collect();
        let filter = CallFilter::default();
        let mut waits = Vec::new();
        for name in &names {
            let mut wait = Box::pin(accounts.wait_for(name, &filter, LONG));
            assert!(wait.as_mut().now_or_never().is_none());
            waits.push(wait);
        }
        assert_eq!(accounts.len(), names.len());
        for name in &names {
            accounts.get(name).journal().add(entry("DescribeHaVips", "OK"));
        }
        for wait in &mut waits {
            assert_eq!(wait.await.len(), 1);
        }
        drop(waits);
        accounts.get("one more");
        assert_eq!(accounts.len(), ACCOUNTS_MAX);
    }
}
