//! State that survives a restart: a directory with a log of changes for each account.
//!
//! Calls are functions of the state, their parameters, their time, and the sequence of IDs. A log therefore
//! keeps the calls that changed an account, and a start runs them again. A large log is replaced by the
//! state that it leads to.
//!
//! ```text
//! ecmock.json            version, seed, and number of starts
//! lock                   locked while a server uses the directory
//! initial/HASH.json      an initial state that logs begin with
//! accounts/NAME.log      a header, and a record a line
//! ```

mod directory;
mod log;
mod record;
mod replay;

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::Path,
};

pub use directory::{StateDirectory, StateError};
pub use log::{AccountFile, Log, Snapshot, Unsynced, WrittenSnapshot};
pub use record::{CallSource, Record};
pub use replay::Restored;

/// Extension of files that are incomplete.
const TEMPORARY: &str = "tmp";

/// Returns the options for files that only their owner may read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Replaces a file by a complete one: a process that ends at any moment leaves the old or the new one.
fn replace(
    path: &Path,
    syncs: bool,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    let temporary = path.with_extension(TEMPORARY);
    let mut file = private().write(true).create(true).truncate(true).open(&temporary)?;
    write(&mut file)?;
    if syncs {
        file.sync_all()?;
    }
    fs::rename(&temporary, path)?;
    sync_parent(path, syncs)
}

/// Writes the names of the files in a file's directory to the disk.
fn sync_parent(path: &Path, syncs: bool) -> io::Result<()> {
    // Windows has no handle for directories, and writes their changes in order.
    match path.parent() {
        Some(parent) if syncs && cfg!(unix) => File::open(parent)?.sync_all(),
        _ => Ok(()),
    }
}
