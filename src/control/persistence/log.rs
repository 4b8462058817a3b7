//! The log of one account.

use std::{
    fs::{self, File},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    num::NonZeroU32,
    path::PathBuf,
    sync::Arc,
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    control::fixture::Pieces,
    ecm::{
        Store,
        model::Remaining,
        store::{InvalidSettle, Quotas, Settings},
    },
    lock::Lock,
};

use super::{
    TEMPORARY, private,
    record::{Record, SavedClock},
    sync_parent,
};

/// Minimum size of a log that is compacted, in bytes.
const COMPACTED_BYTES_MIN: u64 = 256 * 1024;
/// A log is compacted when it is as many times larger than after the last time.
const GROWTH: u64 = 4;

/// The first line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Header {
    /// Version of ecmock.
    pub version: String,
    pub seed: u64,
    pub account: String,
    pub lane: u64,
    #[serde(with = "SavedQuotas")]
    pub quotas: Quotas,
    pub settle: String,
    pub visible_after: String,
    /// Hash of the initial state that the records change. `None` if the second line is a state.
    pub initial: Option<String>,
}

impl Header {
    /// Returns the settings of the account.
    pub fn settings(&self) -> Result<Settings, String> {
        let delay = |text: &str| text.parse().map_err(|error: InvalidSettle| error.to_string());
        let (settle, visible_after) = (delay(&self.settle)?, delay(&self.visible_after)?);
        Ok(Settings { quotas: self.quotas, settle, visible_after })
    }
}

/// [`Quotas`] as a header has them.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Quotas", rename_all = "PascalCase")]
struct SavedQuotas {
    vpcs_per_region: usize,
    subnets_per_vpc: usize,
    ha_vips_per_vpc: usize,
    network_interfaces_per_vpc: usize,
    addresses_per_region: usize,
}

/// The second line of a compacted log, without its fixture, which ends the line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SavedState<'a> {
    /// The clock, if it was set.
    pub clock: Option<SavedClock>,
    /// Number of IDs allocated so far.
    pub ids: u64,
    /// Resources that calls have created, with the calls' request IDs.
    pub created: Vec<(String, uuid::Uuid)>,
    /// Delay until Describe calls show new resources.
    pub visible_after: String,
    /// Resources that Describe calls do not show yet.
    pub hidden: Vec<(String, SavedDelay)>,
    #[serde(borrow)]
    pub fixture: &'a serde_json::value::RawValue,
}

/// When a hidden resource is shown.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub enum SavedDelay {
    Reads(NonZeroU32),
    Until(DateTime<Utc>),
}

impl From<Remaining> for SavedDelay {
    fn from(until: Remaining) -> Self {
        match until {
            Remaining::Reads(reads) => Self::Reads(reads),
            Remaining::Until(at) => Self::Until(at),
        }
    }
}

impl From<SavedDelay> for Remaining {
    fn from(saved: SavedDelay) -> Self {
        match saved {
            SavedDelay::Reads(reads) => Self::Reads(reads),
            SavedDelay::Until(at) => Self::Until(at),
        }
    }
}

/// The file of an account's log, shared by the account's states before and after resets.
#[derive(Debug)]
pub struct AccountFile {
    path: PathBuf,
    header: Header,
    /// Whether changes are written to the disk before they are acknowledged.
    syncs: bool,
    /// Number of the state that owns the file. Only its log may change the file. `None` if the account is
    /// deleted, or its emulator has ended. The lock is held for a change of the file or its directory.
    owner: Lock<Option<u64>>,
}

impl AccountFile {
    pub(super) fn new(path: PathBuf, header: Header, syncs: bool) -> Arc<Self> {
        Arc::new(Self { path, header, syncs, owner: Lock::new(Some(0)) })
    }

    /// Returns an empty log of the account's first state.
    pub fn log(self: &Arc<Self>) -> Log {
        Log::new(Arc::clone(self), 0)
    }

    /// Deletes the file, and returns an empty log. `replace` is called while no other log can begin.
    pub fn reset<T>(self: &Arc<Self>, replace: impl FnOnce(Log) -> T) -> T {
        let mut owner = self.owner.lock();
        let number = owner.map_or(0, |number| number + 1);
        if let Some(owner) = &mut *owner {
            *owner = number;
            self.delete();
        }
        replace(Log::new(Arc::clone(self), number))
    }

    /// Deletes the file for good, because its account is deleted.
    pub fn close(&self) {
        let mut owner = self.owner.lock();
        if owner.take().is_some() {
            self.delete();
        }
    }

    /// Leaves the file to the next emulator with the directory. Calls that still run change nothing in it.
    pub fn release(&self) {
        *self.owner.lock() = None;
    }

    /// Returns the path of the state that is about to replace the log with a number.
    fn temporary(&self, number: u64) -> PathBuf {
        self.path.with_extension(format!("{number}.{TEMPORARY}"))
    }

    fn delete(&self) {
        let deleted = match fs::remove_file(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            deleted => deleted.and_then(|()| sync_parent(&self.path, self.syncs)),
        };
        if let Err(error) = deleted {
            let path = self.path.display();
            tracing::error!("cannot delete {path}: {error}; the next start restores its account");
        }
    }
}

/// A log that grows. It is written under the lock of its account.
#[derive(Debug)]
pub struct Log {
    place: Arc<AccountFile>,
    /// Number of the state that the log belongs to.
    number: u64,
    /// `None` until the first change.
    file: Option<Arc<SyncedFile>>,
    /// Size of the file in bytes.
    bytes: u64,
    /// Maximum size of the log before it is compacted, in bytes.
    bytes_max: u64,
    is_compacting: bool,
    /// The clock, if it was set.
    clock: Option<SavedClock>,
    /// Whether the directory of the file may not be on the disk, so that later changes could be lost.
    is_misplaced: bool,
}

impl Log {
    const fn new(place: Arc<AccountFile>, number: u64) -> Self {
        Self {
            place,
            number,
            file: None,
            bytes: 0,
            bytes_max: COMPACTED_BYTES_MIN,
            is_compacting: false,
            clock: None,
            is_misplaced: false,
        }
    }

    /// Returns a log that continues the file.
    pub(super) fn continued(
        place: Arc<AccountFile>,
        file: File,
        bytes: u64,
        clock: Option<SavedClock>,
    ) -> Self {
        Self { file: Some(Arc::new(SyncedFile::new(file))), bytes, clock, ..Self::new(place, 0) }
    }

    /// Adds a record, unless a reset has replaced the state or the account is deleted.
    pub fn append(&mut self, record: &Record<'_>) -> io::Result<()> {
        let place = Arc::clone(&self.place);
        let owner = place.owner.lock();
        if *owner != Some(self.number) {
            return Ok(());
        }
        if self.is_misplaced {
            return Err(io::Error::other("the directory cannot be written to the disk"));
        }
        if let Record::Clock { clock } = record {
            self.clock = Some(*clock);
        }
        let mut line = Vec::new();
        if self.file.is_none() {
            serde_json::to_writer(&mut line, &place.header)?;
            line.push(b'\n');
            let file = private().append(true).create_new(true).open(&place.path)?;
            sync_parent(&place.path, place.syncs)?;
            self.file = Some(Arc::new(SyncedFile::new(file)));
        }
        let Some(SyncedFile { file, .. }) = self.file.as_deref() else { return Ok(()) };
        serde_json::to_writer(&mut line, record)?;
        line.push(b'\n');
        let mut writer = file;
        if let Err(error) = writer.write_all(&line) {
            // The next start would drop an incomplete line.
            _ = file.set_len(self.bytes);
            return Err(error);
        }
        self.bytes += line.len() as u64;
        Ok(())
    }

    /// Whether changes are written to the disk before they are acknowledged.
    pub fn syncs(&self) -> bool {
        self.place.syncs
    }

    /// Returns what must be written to the disk before the last change is acknowledged.
    pub fn unsynced(&self) -> Option<Unsynced> {
        let file = self.file.as_ref().filter(|_| self.place.syncs)?;
        Some(Unsynced { file: Arc::clone(file), bytes: self.bytes })
    }

    /// Whether the log should be compacted.
    pub const fn is_large(&self) -> bool {
        self.bytes > self.bytes_max && !self.is_compacting
    }

    /// Begins to compact the log to a state, unless another compaction has not ended.
    pub fn begin_compaction(&mut self, store: Store) -> Option<Snapshot> {
        if std::mem::replace(&mut self.is_compacting, true) {
            return None;
        }
        Some(Snapshot {
            place: Arc::clone(&self.place),
            number: self.number,
            store,
            clock: self.clock,
            log_bytes: self.bytes,
        })
    }

    /// Replaces the log by a state and the records that followed it.
    pub fn end_compaction(&mut self, written: io::Result<WrittenSnapshot>) -> io::Result<()> {
        self.is_compacting = false;
        // A failure is not repeated at once.
        self.bytes_max = self.bytes.saturating_mul(2);
        let place = Arc::clone(&self.place);
        let owner = place.owner.lock();
        if *owner != Some(self.number) {
            // The rest is deleted by the next start.
            return Ok(());
        }
        let temporary = place.temporary(self.number);
        let WrittenSnapshot { mut file, log_bytes } = written?;
        let state_bytes = file.stream_position()?;
        let mut bytes = state_bytes;
        if self.bytes > log_bytes {
            let mut rest = File::open(&place.path)?;
            rest.seek(SeekFrom::Start(log_bytes))?;
            bytes += io::copy(&mut rest.take(self.bytes - log_bytes), &mut file)?;
        }
        if place.syncs {
            file.sync_data()?;
        }
        fs::rename(temporary, &place.path)?;
        // From here on, the old file is gone.
        self.file = Some(Arc::new(SyncedFile::new(file)));
        self.bytes = bytes;
        self.bytes_max = COMPACTED_BYTES_MIN.max(state_bytes.saturating_mul(GROWTH));
        let synced = sync_parent(&place.path, place.syncs);
        self.is_misplaced = synced.is_err();
        synced
    }
}

/// A state that is about to replace a log.
#[derive(Debug)]
pub struct Snapshot {
    place: Arc<AccountFile>,
    number: u64,
    store: Store,
    clock: Option<SavedClock>,
    /// Size of the log that led to the state, in bytes.
    log_bytes: u64,
}

/// The incomplete file of a compacted log, with a state and no records yet.
#[derive(Debug)]
pub struct WrittenSnapshot {
    file: File,
    log_bytes: u64,
}

impl Snapshot {
    /// Writes the state next to the log. No lock of the account is held, because a state can be large.
    pub fn write(self) -> io::Result<WrittenSnapshot> {
        let Self { place, number, store, clock, log_bytes } = self;
        let header = Header { initial: None, ..place.header.clone() };
        let file = private().append(true).create(true).open(place.temporary(number))?;
        // An earlier compaction may have failed.
        file.set_len(0)?;
        let mut writer = io::BufWriter::new(file);
        serde_json::to_writer(&mut writer, &header)?;
        let created = store.created_by_calls().into_iter();
        let hidden = store.hidden().into_iter();
        let state = SavedState {
            clock,
            ids: store.ids().allocated(),
            created: created.map(|(id, call)| (id.to_string(), call)).collect(),
            visible_after: store.settings().visible_after.to_string(),
            hidden: hidden.map(|(id, until)| (id.to_string(), until.into())).collect(),
            fixture: serde_json::value::RawValue::NULL,
        };
        let state = serde_json::to_string(&state)?;
        // The fixture is written in pieces, because it can be large.
        let start = state.strip_suffix("null}").unwrap_or(&state);
        write!(writer, "\n{start}")?;
        for piece in Pieces::new(store) {
            let line: Vec<u8> = piece.into_iter().filter(|it| *it != b'\n').collect();
            writer.write_all(&line)?;
        }
        writer.write_all(b"}\n")?;
        let file = writer.into_inner()?;
        if place.syncs {
            // Only the rest is left to be synced under the account's lock.
            file.sync_all()?;
        }
        Ok(WrittenSnapshot { file, log_bytes })
    }
}

/// A file, and the number of its bytes that are on the disk.
#[derive(Debug)]
struct SyncedFile {
    file: File,
    /// The lock is held while the file is synced, so that one sync serves all calls that wait for it.
    synced: Lock<u64>,
}

impl SyncedFile {
    fn new(file: File) -> Self {
        Self { file, synced: Lock::new(0) }
    }
}

/// A change that may not be on the disk yet.
#[derive(Debug)]
#[must_use]
pub struct Unsynced {
    file: Arc<SyncedFile>,
    /// Size of the file with the change.
    bytes: u64,
}

impl Unsynced {
    /// Writes the change to the disk. Must not be called with a lock of the account.
    pub fn sync(self) -> io::Result<()> {
        let mut synced = self.file.synced.lock();
        if *synced < self.bytes {
            let bytes = self.file.file.metadata()?.len();
            self.file.file.sync_data()?;
            *synced = bytes;
        }
        Ok(())
    }
}
