//! The directory of a server's logs.

use std::{
    collections::HashMap,
    fmt::Write as _,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{
    control::{Clock, fixture::Pieces},
    ecm::{Store, store::Settings},
};

use super::{
    TEMPORARY,
    log::{AccountFile, Header, Log},
    private, replace,
    replay::{Reader, Replayed, Restored, load},
    sync_parent,
};

const VERSION: &str = env!("CARGO_PKG_VERSION");
/// File that is locked while a server uses the directory.
const LOCK: &str = "lock";
/// Directory of the initial states.
const INITIAL: &str = "initial";
/// Directory of the logs.
const ACCOUNTS: &str = "accounts";
/// Maximum length of a file's name before it is cut, in bytes. Most file systems allow 255.
const NAME_BYTES_MAX: usize = 200;
/// Bytes of the hash that names an initial state.
const HASH_BYTES: usize = 8;
/// Extension of a log.
const LOG: &str = "log";

/// Characters of an account's name that its file name encodes, among them letters in uppercase: some file
/// systems do not distinguish case.
const ENCODED: AsciiSet = {
    let mut set = NON_ALPHANUMERIC.remove(b'-').remove(b'_');
    let mut letter = b'A';
    while letter <= b'Z' {
        set = set.add(letter);
        letter += 1;
    }
    set
};

/// The reason why a state directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// A file or a directory cannot be read or written.
    #[error("cannot {attempt} {}: {reason}", .path.display())]
    Io {
        /// The operation, for example `read`.
        attempt: &'static str,
        path: PathBuf,
        reason: io::Error,
    },
    /// Another server uses the directory.
    #[error("{} is in use by another server; use another directory, or stop that server", .0.display())]
    InUse(PathBuf),
    /// The directory has other files.
    #[error("{} has files that ecmock did not write; use an empty directory", .0.display())]
    Foreign(PathBuf),
    /// Another version of ecmock wrote the directory.
    #[error(
        "{} was written by ecmock {version}, and this is ecmock {}; export the state with that version \
         and use another directory, or delete this one", .path.display(), VERSION
    )]
    Version { path: PathBuf, version: String },
    /// The server has another seed.
    #[error("{} was written with the seed {own}, not {given}; omit the seed, or use another directory", .path.display())]
    Seed { path: PathBuf, own: u64, given: u64 },
    /// A file that all accounts need is invalid.
    #[error("{}: {problem}; restore the file, or use another directory", .path.display())]
    File { path: PathBuf, problem: String },
    /// A line of a log is invalid.
    #[error("{}:{line}: {problem}; restore the file, or delete it to discard its account", .path.display())]
    Line { path: PathBuf, line: usize, problem: String },
}

impl StateError {
    pub(super) fn io(attempt: &'static str, path: &Path, reason: io::Error) -> Self {
        Self::Io { attempt, path: path.to_owned(), reason }
    }
}

/// The file with the facts about all logs.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Manifest {
    version: String,
    seed: u64,
    /// Number of starts, this one included.
    starts: u64,
}

/// A directory of logs, which no other server can use at the same time.
#[derive(Debug)]
pub struct StateDirectory {
    path: PathBuf,
    syncs: bool,
    manifest: Manifest,
    /// Hash of the initial state of new accounts.
    initial: String,
    settings: Settings,
    /// Locked until [`StateDirectory::unlock`].
    lock: File,
}

impl StateDirectory {
    /// Opens a directory, or creates it. New accounts have the state `initial`.
    ///
    /// A `seed` must be that of the directory. If it is `None`, it is that of the directory, or `new_seed` for
    /// a new directory.
    pub fn open(
        path: &Path,
        syncs: bool,
        seed: Option<u64>,
        initial: &Store,
        new_seed: impl FnOnce() -> u64,
    ) -> Result<Self, StateError> {
        let create = |path: &Path| {
            fs::create_dir_all(path).map_err(|error| StateError::io("create", path, error))
        };
        create(path)?;
        let lock = lock(path)?;
        let file = path.join("ecmock.json");
        let manifest = match fs::read(&file) {
            Ok(json) => known(&file, &json, seed)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                check_empty(path)?;
                let seed = seed.unwrap_or_else(new_seed);
                Manifest { version: VERSION.to_owned(), seed, starts: 0 }
            }
            Err(error) => return Err(StateError::io("read", &file, error)),
        };
        let manifest = Manifest { starts: manifest.starts + 1, ..manifest };
        let write = |file: &mut File| Ok(serde_json::to_writer(file, &manifest)?);
        replace(&file, syncs, write).map_err(|error| StateError::io("write", &file, error))?;
        for part in [INITIAL, ACCOUNTS] {
            create(&path.join(part))?;
            let synced = sync_parent(&path.join(part), syncs);
            synced.map_err(|error| StateError::io("write", path, error))?;
        }
        let (path, settings) = (path.to_owned(), *initial.settings());
        let hash = hash(initial);
        let directory = Self { path, syncs, manifest, initial: hash, settings, lock };
        directory.keep_initial(initial)?;
        Ok(directory)
    }

    /// Leaves the directory to another server. No log may change after this.
    pub fn unlock(&self) {
        _ = self.lock.unlock();
    }

    /// Returns the seed of IDs and fault probabilities.
    pub const fn seed(&self) -> u64 {
        self.manifest.seed
    }

    /// Returns the number of earlier starts with the directory.
    pub const fn restarts(&self) -> u64 {
        self.manifest.starts - 1
    }

    /// Keeps the initial state of new accounts, which their logs begin with.
    fn keep_initial(&self, store: &Store) -> Result<(), StateError> {
        let path = self.initial_path(&self.initial);
        if path.exists() {
            return Ok(());
        }
        let write = |file: &mut File| {
            let mut writer = io::BufWriter::new(file);
            Pieces::new(store.clone()).try_for_each(|piece| writer.write_all(&piece))?;
            writer.flush()
        };
        replace(&path, self.syncs, write).map_err(|error| StateError::io("write", &path, error))
    }

    fn initial_path(&self, hash: &str) -> PathBuf {
        self.path.join(INITIAL).join(format!("{hash}.json"))
    }

    /// Returns the file of a new account.
    pub fn file(&self, account: &str, lane: u64) -> Arc<AccountFile> {
        let Settings { quotas, settle, visible_after } = self.settings;
        let header = Header {
            version: VERSION.to_owned(),
            seed: self.seed(),
            account: account.to_owned(),
            lane,
            quotas,
            settle: settle.to_string(),
            visible_after: visible_after.to_string(),
            initial: Some(self.initial.clone()),
        };
        let path = self.path.join(ACCOUNTS).join(format!("{}.{LOG}", file_name(account, lane)));
        AccountFile::new(path, header, self.syncs)
    }

    /// Restores the accounts of all logs, and deletes files that no log needs. `clock` is the clock of
    /// accounts that have not set another one.
    pub fn restore(&self, clock: Clock) -> Result<Vec<Restored>, StateError> {
        let mut needed = vec![self.initial.clone()];
        let mut restored = Vec::new();
        let mut states = InitialStates::new();
        for path in files(&self.path.join(ACCOUNTS))? {
            if path.extension().is_some_and(|it| it == TEMPORARY) {
                delete(&path)?;
                continue;
            }
            let mut reader = Reader::open(&path)?;
            let Some(header) = reader.header()? else {
                delete(&path)?;
                continue;
            };
            check_origin(&path, &header.version, header.seed, Some(self.seed()))?;
            needed.extend(header.initial.clone());
            restored.push(self.restore_account(&path, reader, header, clock, &mut states)?);
        }
        for path in files(&self.path.join(INITIAL))? {
            let is_needed = needed.iter().any(|hash| path == self.initial_path(hash));
            if !is_needed {
                delete(&path)?;
            }
        }
        Ok(restored)
    }

    fn restore_account(
        &self,
        path: &Path,
        reader: Reader<'_>,
        header: Header,
        clock: Clock,
        states: &mut InitialStates,
    ) -> Result<Restored, StateError> {
        let line = |problem| StateError::Line { path: path.to_owned(), line: 1, problem };
        let settings = header.settings().map_err(line)?;
        let initial = |hash: &str| {
            let key = (hash.to_owned(), header.settle.clone(), header.visible_after.clone());
            if let Some(store) = states.get(&key) {
                return Ok(store.clone().with_settings(settings));
            }
            let path = self.initial_path(hash);
            let text =
                fs::read_to_string(&path).map_err(|error| StateError::io("read", &path, error))?;
            let store = load(&text, settings, chrono::DateTime::UNIX_EPOCH)
                .map_err(|problem| StateError::File { path, problem })?;
            states.insert(key, store.clone());
            Ok(store)
        };
        let replayed = reader.replay(&header, initial)?;
        let open = || {
            let file = OpenOptions::new().append(true).open(path)?;
            // Removes an incomplete line.
            file.set_len(replayed.bytes)?;
            Ok(file)
        };
        let file = open().map_err(|error| StateError::io("write", path, error))?;
        let Header { account, lane, .. } = header;
        let Replayed { store, clock: set, bytes } = replayed;
        let clock = set.map_or(clock, Clock::from);
        let place = self.file(&account, lane);
        let mut log = Log::continued(Arc::clone(&place), file, bytes, set);
        let own = store.settings().visible_after;
        let is_set = own != settings.visible_after;
        let visible_after = if is_set { own } else { self.settings.visible_after };
        let store = store.with_settings(Settings { visible_after, ..self.settings });
        if settings != self.settings {
            // Later calls run with the new settings, and the next start needs them to replay these calls.
            if let Some(snapshot) = log.begin_compaction(store.clone()) {
                let ended = log.end_compaction(snapshot.write());
                ended.map_err(|error| StateError::io("write", path, error))?;
            }
        }
        Ok(Restored { account, lane, store, clock, file: place, log })
    }
}

/// Returns the name of an account's file, without its extension. A long name is cut, and has the lane, which
/// no other account has.
fn file_name(account: &str, lane: u64) -> String {
    let mut name: String = utf8_percent_encode(account, &ENCODED).collect();
    if name.len() > NAME_BYTES_MAX {
        name.truncate(NAME_BYTES_MAX);
        _ = write!(name, "~{lane}");
    }
    name
}

/// Returns a hash of a state.
fn hash(store: &Store) -> String {
    let mut hash = Sha256::new();
    for piece in Pieces::new(store.clone()) {
        hash.update(piece);
    }
    hash.finalize().iter().take(HASH_BYTES).fold(String::new(), |mut hex, byte| {
        _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The initial states that logs begin with, by their hash and the delays of their accounts. Accounts share
/// them, as without a directory.
type InitialStates = HashMap<(String, String, String), Store>;

/// Locks a directory until the file is closed, which the end of the process does, too.
fn lock(path: &Path) -> Result<File, StateError> {
    let file = path.join(LOCK);
    let open = private().write(true).create(true).truncate(false).open(&file);
    let lock = open.map_err(|error| StateError::io("write", &file, error))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(StateError::InUse(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(StateError::io("lock", &file, error)),
    }
}

/// Reads the manifest of a directory that this server can continue.
fn known(path: &Path, json: &[u8], seed: Option<u64>) -> Result<Manifest, StateError> {
    let manifest: Manifest = serde_json::from_slice(json)
        .map_err(|error| StateError::File { path: path.to_owned(), problem: error.to_string() })?;
    check_origin(path, &manifest.version, manifest.seed, seed)?;
    Ok(manifest)
}

/// Fails if another version wrote a file, or if it was written with another seed than the `given` one.
fn check_origin(
    path: &Path,
    version: &str,
    own: u64,
    given: Option<u64>,
) -> Result<(), StateError> {
    let path = path.to_owned();
    if version != VERSION {
        return Err(StateError::Version { path, version: version.to_owned() });
    }
    match given {
        Some(given) if given != own => Err(StateError::Seed { path, own, given }),
        _ => Ok(()),
    }
}

/// Fails if a directory has files besides its lock, so that the logs of a lost manifest and other files
/// stay as they are.
fn check_empty(path: &Path) -> Result<(), StateError> {
    let is_own =
        |it: &PathBuf| it.ends_with(LOCK) || it.extension().is_some_and(|it| it == TEMPORARY);
    if files(path)?.iter().all(is_own) { Ok(()) } else { Err(StateError::Foreign(path.to_owned())) }
}

/// Returns the paths of a directory, sorted.
fn files(directory: &Path) -> Result<Vec<PathBuf>, StateError> {
    let read = || -> io::Result<Vec<PathBuf>> {
        fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect()
    };
    let mut paths = read().map_err(|error| StateError::io("read", directory, error))?;
    paths.sort();
    Ok(paths)
}

fn delete(path: &Path) -> Result<(), StateError> {
    fs::remove_file(path).map_err(|error| StateError::io("delete", path, error))
}
