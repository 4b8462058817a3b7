//! Settling of changes: after reads that show them, or at a time on the account's clock.

use std::{collections::BTreeSet, fmt, str::FromStr, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use imbl::OrdSet;

use crate::ecm::{
    families::network_interface::{IpChange, NetworkInterface},
    ids::{AddressId, NetworkInterfaceId, TaskId},
    model::{PendingChange, Remaining},
};

use super::{AnyId, Store};

/// The delay until state changes of interfaces and EIPs complete.
///
/// The string form is a number of reads, or a duration such as `1500ms`, `2s`, or `5m`.
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
    /// After a number of reads that show the change in progress. 0 means immediately.
    Reads(u32),
    /// After a duration on the account's clock. Zero means immediately.
    After(Duration),
}

/// Maximum duration of a change, in hours.
const SETTLE_HOURS_MAX: u64 = 24;
/// Units of durations and their milliseconds, the smallest first. Units are matched in order as
/// suffixes, so `ms` must precede `s`.
const UNITS: [(&str, u64); 4] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

/// A string that is not a [`Settle`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a number of reads from 0 to {}, or a duration of up to {SETTLE_HOURS_MAX}h, such as 1500ms, 2s, or 5m",
    u32::MAX
)]
pub struct InvalidSettle;

impl Settle {
    /// Whether there is no delay.
    pub(crate) const fn is_immediate(self) -> bool {
        matches!(self, Self::Reads(0) | Self::After(Duration::ZERO))
    }

    /// Returns the remainder of a change that begins now. Returns `None` if it settles immediately.
    pub(crate) fn begin(self, now: DateTime<Utc>) -> Option<Remaining> {
        match self {
            Self::Reads(reads) => Remaining::reads(reads),
            Self::After(Duration::ZERO) => None,
            Self::After(time) => Some(Remaining::until(later(now, time))),
        }
    }

    /// Returns the remainder of a change that is part of the initial state. At least one read shows
    /// the change.
    pub(crate) fn begun(self, now: DateTime<Utc>) -> Remaining {
        match self {
            Self::Reads(reads) => {
                Remaining::Reads(reads.try_into().unwrap_or(std::num::NonZeroU32::MIN))
            }
            Self::After(time) => Remaining::until(later(now, time)),
        }
    }
}

/// Returns `now` plus `time`, saturating at the latest representable time.
fn later(now: DateTime<Utc>, time: Duration) -> DateTime<Utc> {
    let time = TimeDelta::from_std(time).unwrap_or(TimeDelta::MAX);
    now.checked_add_signed(time).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

impl Default for Settle {
    /// Returns `Reads(0)`: changes settle immediately.
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

/// An object with a change that settles at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::ecm) enum Changing {
    /// An interface or its addresses.
    NetworkInterface(NetworkInterfaceId),
    /// A task and the EIPs that it changes.
    Task(TaskId),
    /// A resource that Describe calls do not show yet.
    Visibility(AnyId),
}

/// Pending changes that settle at a time, the earliest first.
///
/// Invariant: it holds exactly the changes that settle at a time. Code that begins a change adds
/// it. Code that ends a change early removes it: if a task is evicted, or if an interface is
/// deleted while its addresses change. So entries never outlive their objects.
pub(in crate::ecm) type Due = OrdSet<(DateTime<Utc>, Changing)>;

impl Store {
    /// Settles all due changes, and returns whether any was due. Must be called before any other
    /// use of the store.
    ///
    /// Changes that are not due cost nothing. If the clock is set back, changes settle later.
    pub fn pass_time(&mut self, now: DateTime<Utc>) -> bool {
        let mut was_due = false;
        while let Some((at, changing)) = self.due.get_min().copied().filter(|it| it.0 <= now) {
            self.due.remove(&(at, changing));
            was_due = true;
            match changing {
                // Later changes of the interface have their own entries.
                Changing::NetworkInterface(id) => self.go_on(id, |left| left.at(at)),
                Changing::Task(id) => self.finish_task(id),
                Changing::Visibility(id) => (id.kind().show)(self, id),
            }
        }
        was_due
    }

    /// Schedules the end of a change, if it settles at a time.
    pub(in crate::ecm) fn note_due(&mut self, left: Option<Remaining>, changing: Changing) {
        if let Some(Remaining::Until(at)) = left {
            self.due.insert((at, changing));
        }
    }

    /// Schedules the end of all changes of an interface.
    pub(in crate::ecm) fn note_changes(&mut self, id: NetworkInterfaceId) {
        let left: Vec<Remaining> = self.existing(id).left().collect();
        for left in left {
            self.note_due(Some(left), Changing::NetworkInterface(id));
        }
    }

    /// Removes the scheduled end of a change.
    pub(in crate::ecm) fn forget_due(&mut self, left: Option<Remaining>, changing: Changing) {
        if let Some(Remaining::Until(at)) = left {
            self.due.remove(&(at, changing));
        }
    }

    /// Counts a read that showed interfaces. Returns whether any of them is changing.
    pub fn see_network_interfaces(
        &mut self,
        ids: impl Iterator<Item = NetworkInterfaceId>,
    ) -> bool {
        let counts = |it: &NetworkInterface| it.left().any(|it| matches!(it, Remaining::Reads(_)));
        let mut is_changing = false;
        for id in ids {
            // A long scan shows a copy: the interface may have been deleted.
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

    /// Counts a read that showed EIPs, once for each task that changes any of them. Returns whether
    /// any task does.
    pub fn see_addresses(&mut self, ids: impl Iterator<Item = AddressId>) -> bool {
        // A long scan shows a copy: the EIP may have been released.
        let task = |id: AddressId| Some(self.get(id)?.pending?.1);
        let tasks: BTreeSet<TaskId> = ids.filter_map(task).collect();
        let mut is_changing = false;
        for id in tasks {
            is_changing |= self.see_task(id);
        }
        is_changing
    }

    /// Counts a read that showed a task. Returns whether the task is running.
    pub fn see_task(&mut self, id: TaskId) -> bool {
        let Some(task) = self.tasks.get_mut(&id) else {
            return false; // It has been evicted.
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
    fn a_number_means_reads_and_a_unit_means_a_duration() {
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
    fn a_change_at_the_latest_time_settles() {
        let begun = Settle::After(Duration::MAX).begin(DateTime::<Utc>::MAX_UTC);
        assert_eq!(begun.and_then(|it| it.at(DateTime::<Utc>::MAX_UTC)), None);
    }
}
