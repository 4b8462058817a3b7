//! How changes settle: with the reads that show them, or with the account's clock.

use std::{collections::BTreeSet, fmt, str::FromStr, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use imbl::OrdSet;

use crate::ecm::{
    families::network_interface::{IpChange, NetworkInterface},
    ids::{AddressId, NetworkInterfaceId, TaskId},
    model::{PendingChange, Remaining},
};

use super::Store;

/// When state changes of interfaces and EIPs complete.
///
/// As text it is a number of reads, or a time such as `1500ms`, `2s`, or `5m`.
///
/// ```
/// use std::time::Duration;
///
/// use ecmock::Settle;
///
/// assert_eq!("2".parse(), Ok(Settle::Reads(2)));
/// assert_eq!("5m".parse(), Ok(Settle::After(Duration::from_secs(300))));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Settle {
    /// After a number of reads that show the change in progress. With 0, immediately.
    Reads(u32),
    /// After a time on the account's clock. With zero, immediately.
    After(Duration),
}

/// Hours that a change takes at most.
const SETTLE_HOURS_MAX: u64 = 24;
/// Units in which a time is written, the smallest first, and their milliseconds. Each is looked for
/// at the end of a text, so that one that ends like another comes before it.
const UNITS: [(&str, u64); 4] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

/// A text that is no [`Settle`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a number of reads from 0 to {}, or a time of up to {SETTLE_HOURS_MAX}h such as 1500ms, 2s or 5m",
    u32::MAX
)]
pub struct InvalidSettle;

impl Settle {
    /// What is left of a change that begins; nothing if it settles at once.
    pub(crate) fn begin(self, now: DateTime<Utc>) -> Option<Remaining> {
        match self {
            Self::Reads(reads) => Remaining::reads(reads),
            Self::After(Duration::ZERO) => None,
            Self::After(time) => Some(Remaining::until(later(now, time))),
        }
    }

    /// What is left of a change that is there from the start: one read at least, so that it is seen.
    pub(crate) fn begun(self, now: DateTime<Utc>) -> Remaining {
        match self {
            Self::Reads(reads) => {
                Remaining::Reads(reads.try_into().unwrap_or(std::num::NonZeroU32::MIN))
            }
            Self::After(time) => Remaining::until(later(now, time)),
        }
    }
}

/// So much later, as far as there is time.
fn later(now: DateTime<Utc>, time: Duration) -> DateTime<Utc> {
    let time = TimeDelta::from_std(time).unwrap_or(TimeDelta::MAX);
    now.checked_add_signed(time).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

impl Default for Settle {
    /// At once.
    fn default() -> Self {
        Self::Reads(0)
    }
}

impl FromStr for Settle {
    type Err = InvalidSettle;

    fn from_str(text: &str) -> Result<Self, InvalidSettle> {
        if let Ok(reads) = text.parse() {
            return Ok(Self::Reads(reads));
        }
        let split = |(unit, millis)| Some((text.strip_suffix(unit)?, millis));
        let (number, millis) = UNITS.into_iter().find_map(split).ok_or(InvalidSettle)?;
        let number: u64 = number.parse().map_err(|_| InvalidSettle)?;
        let time = number.checked_mul(millis).map(Duration::from_millis).ok_or(InvalidSettle)?;
        let is_short = time <= Duration::from_hours(SETTLE_HOURS_MAX);
        if is_short { Ok(Self::After(time)) } else { Err(InvalidSettle) }
    }
}

impl fmt::Display for Settle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reads(reads) => reads.fmt(f),
            Self::After(time) => {
                let time = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
                let fits = |(_, millis): &(_, u64)| time >= *millis && time.is_multiple_of(*millis);
                let (unit, millis) = UNITS.into_iter().rev().find(fits).unwrap_or(("ms", 1));
                write!(f, "{}{unit}", time / millis)
            }
        }
    }
}

/// What settles at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::ecm) enum Changing {
    /// An interface, or some of its addresses.
    NetworkInterface(NetworkInterfaceId),
    /// A task, and what it does to EIPs.
    Task(TaskId),
}

/// What settles when, the first of it first.
///
/// Invariant: it has each change that is left until a time, and nothing else. Who begins one adds
/// it, and who ends one early takes it out: a task that is forgotten, or an interface that is deleted
/// while its addresses change. So it does not grow with what is gone.
pub(in crate::ecm) type Due = OrdSet<(DateTime<Utc>, Changing)>;

impl Store {
    /// Settles what is due, and returns whether anything was. Must come before any other use of the
    /// store.
    ///
    /// It costs nothing for what is not due. If the clock is set back, things settle later.
    pub fn pass_time(&mut self, now: DateTime<Utc>) -> bool {
        let mut was_due = false;
        while let Some((at, changing)) = self.due.get_min().copied().filter(|it| it.0 <= now) {
            self.due.remove(&(at, changing));
            was_due = true;
            match changing {
                // Those of its changes that are left until later have entries of their own.
                Changing::NetworkInterface(id) => self.go_on(id, |left| left.at(at)),
                Changing::Task(id) => self.finish_task(id),
            }
        }
        was_due
    }

    /// Notes when what is left of a change settles.
    pub(in crate::ecm) fn note_due(&mut self, left: Option<Remaining>, changing: Changing) {
        if let Some(Remaining::Until(at)) = left {
            self.due.insert((at, changing));
        }
    }

    /// Notes when the changes of an interface settle.
    pub(in crate::ecm) fn note_changes(&mut self, id: NetworkInterfaceId) {
        let left: Vec<Remaining> = self.existing(id).left().collect();
        for left in left {
            self.note_due(Some(left), Changing::NetworkInterface(id));
        }
    }

    /// Forgets when what was left of a change would have settled.
    pub(in crate::ecm) fn forget_due(&mut self, left: Option<Remaining>, changing: Changing) {
        if let Some(Remaining::Until(at)) = left {
            self.due.remove(&(at, changing));
        }
    }

    /// Counts a read that has shown interfaces, and returns whether any of them is changing.
    pub fn see_network_interfaces(
        &mut self,
        ids: impl Iterator<Item = NetworkInterfaceId>,
    ) -> bool {
        let counts = |it: &NetworkInterface| it.left().any(|it| matches!(it, Remaining::Reads(_)));
        let mut is_changing = false;
        for id in ids {
            // A long scan shows a copy: the interface may be gone.
            if self.get(id).is_some_and(counts) {
                self.go_on(id, Remaining::after_read);
                is_changing = true;
            }
        }
        is_changing
    }

    /// Advances the changes of an interface and of its addresses.
    fn go_on(&mut self, id: NetworkInterfaceId, next: impl Fn(Remaining) -> Option<Remaining>) {
        let interface = self.existing_mut(id);
        let mut gone = Vec::new();
        for ip in &mut interface.addresses {
            let Some(transit) = ip.transit else { continue };
            ip.transit = transit.go_on(&next);
            if ip.transit.is_none() && transit.change == IpChange::Deleting {
                gone.push(ip.address);
            }
        }
        let before = interface.transit;
        interface.transit = before.and_then(|it: PendingChange<_>| it.go_on(&next));
        let settled = before.filter(|_| interface.transit.is_none());
        for address in gone {
            self.take_private_ip(id, address);
        }
        if let Some(transit) = settled {
            self.finish_interface_change(id, transit.change);
        }
    }

    /// Counts a read that has shown EIPs, one for each task that changes any of them, and returns
    /// whether there is such a task.
    pub fn see_addresses(&mut self, ids: impl Iterator<Item = AddressId>) -> bool {
        // A long scan shows a copy: the EIP may be gone.
        let task = |id: AddressId| Some(self.get(id)?.pending?.1);
        let tasks: BTreeSet<TaskId> = ids.filter_map(task).collect();
        let mut is_changing = false;
        for id in tasks {
            is_changing |= self.see_task(id);
        }
        is_changing
    }

    /// Counts a read that has shown a task, and returns whether the task is running.
    pub fn see_task(&mut self, id: TaskId) -> bool {
        let Some(task) = self.tasks.get_mut(&id) else {
            return false; // Newer tasks have displaced it.
        };
        let Some(left @ Remaining::Reads(_)) = task.left else { return false };
        match left.after_read() {
            None => self.finish_task(id),
            left => task.left = left,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_counts_reads_and_a_time_has_a_unit() {
        let after = |millis| Settle::After(Duration::from_millis(millis));
        for (text, settle, shown) in [
            ("0", Settle::Reads(0), "0"),
            ("2", Settle::Reads(2), "2"),
            ("1500ms", after(1500), "1500ms"),
            ("2s", after(2000), "2s"),
            ("300s", after(300_000), "5m"),
            ("24h", after(86_400_000), "24h"),
            ("0s", after(0), "0ms"),
        ] {
            assert_eq!(text.parse(), Ok(settle), "{text}");
            assert_eq!(settle.to_string(), shown);
        }
        let bad =
            ["", "-1", "4294967296", "s", "1.5s", "-2s", "2 s", "2d", "25h", "99999999999999999h"];
        for text in bad {
            assert_eq!(text.parse::<Settle>(), Err(InvalidSettle), "{text}");
        }
    }

    #[test]
    fn the_end_of_time_is_time_enough() {
        let begun = Settle::After(Duration::MAX).begin(DateTime::<Utc>::MAX_UTC);
        assert_eq!(begun.and_then(|it| it.at(DateTime::<Utc>::MAX_UTC)), None);
    }
}
