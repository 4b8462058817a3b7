//! A CA stored in a directory, so that clients need to trust it only once.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use rcgen::KeyPair;
use tokio_rustls::rustls::{
    self, RootCertStore,
    pki_types::{CertificateDer, TrustAnchor, pem::PemObject as _},
};

use super::{TlsError, ca::Ca};

const CERTIFICATE_FILE: &str = "ca.pem";
const KEY_FILE: &str = "ca-key.pem";

/// The reason why the CA of a directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadFolder {
    /// The directory cannot be created, or a file cannot be read or written.
    #[error("cannot {attempt} {}: {reason}", .path.display())]
    Io {
        /// The operation, for example `read`.
        attempt: &'static str,
        /// The directory or file.
        path: PathBuf,
        reason: io::Error,
    },
    /// Only one of the two files exists.
    #[error(
        "{} is missing, but {} exists; restore it, or remove both files to create a new CA",
        .missing.display(), .present.display()
    )]
    Half {
        /// The file that is missing.
        missing: PathBuf,
        /// The file that exists.
        present: PathBuf,
    },
    /// The file of the certificate contains none.
    #[error("{} is not a PEM certificate: {reason}", .path.display())]
    Certificate { path: PathBuf, reason: String },
    /// The file of the key contains none.
    #[error("{} is not a PEM private key (PKCS #8): {reason}", .path.display())]
    Key { path: PathBuf, reason: rcgen::Error },
    /// The two files do not match.
    #[error(
        "{} is not the certificate of {}; restore the right one, or remove both files to create a \
         new CA", .certificate.display(), .key.display()
    )]
    Pair {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
    },
    /// The certificate belongs to another CA.
    #[error(
        "{} was not created by ecmock, which only signs with its own CA; use another directory",
        .path.display()
    )]
    Foreign {
        /// The file of the certificate.
        path: PathBuf,
    },
    /// A CA cannot be created.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// A warning that users other than the owner have access to a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{path}: mode {mode:04o} lets other users read the CA's key and impersonate any server to clients \
     that trust the CA; run `chmod 600 {path}`", path = .path.display()
)]
pub struct OpenKey {
    /// The file of the key.
    pub path: PathBuf,
    /// Permission bits of the file.
    pub mode: u32,
}

/// Opens the CA of a directory, or creates it if both files are missing. Also returns a warning if
/// other users have access to the key.
pub(super) fn open(folder: &Path) -> Result<(Ca, Option<OpenKey>), BadFolder> {
    fs::create_dir_all(folder).map_err(|reason| failed("create the directory", folder, reason))?;
    // If several servers start at the same time, one creates the CA. On systems without directory
    // locks, they may create different ones.
    let folder_lock = File::open(folder);
    _ = folder_lock.as_ref().map(File::lock);

    let [certificate, key] = [CERTIFICATE_FILE, KEY_FILE].map(|name| folder.join(name));
    match (read(&certificate)?, read(&key)?) {
        (Some(certificate_pem), Some(key_pem)) => {
            let ca = parse((&certificate, certificate_pem), (&key, &key_pem))?;
            Ok((ca, open_key(key)))
        }
        (None, None) => {
            let ca = Ca::make().map_err(TlsError::Certificate)?;
            write_both((&certificate, ca.pem()), (&key, &ca.key_pem()))?;
            Ok((ca, None))
        }
        (Some(_), None) => Err(BadFolder::Half { missing: key, present: certificate }),
        (None, Some(_)) => Err(BadFolder::Half { missing: certificate, present: key }),
    }
}

/// Returns a warning if users other than the owner have access to a key.
#[cfg(unix)]
fn open_key(path: PathBuf) -> Option<OpenKey> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = fs::metadata(&path).ok()?.permissions().mode() & 0o7777;
    (mode & 0o077 != 0).then_some(OpenKey { path, mode })
}

/// Other systems have no file mode.
#[cfg(not(unix))]
fn open_key(_: PathBuf) -> Option<OpenKey> {
    None
}

/// Returns the text of a file, or `None` if the file is missing.
fn read(path: &Path) -> Result<Option<String>, BadFolder> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(reason) => Err(failed("read", path, reason)),
    }
}

fn failed(attempt: &'static str, path: &Path, reason: io::Error) -> BadFolder {
    BadFolder::Io { attempt, path: path.to_owned(), reason }
}

/// Parses a CA. Its name and key must be those that ecmock would write today.
fn parse(
    (certificate_path, certificate_pem): (&Path, String),
    (key_path, key_pem): (&Path, &str),
) -> Result<Ca, BadFolder> {
    let key = KeyPair::from_pem(key_pem)
        .map_err(|reason| BadFolder::Key { path: key_path.to_owned(), reason })?;
    let is_bad =
        |reason: String| BadFolder::Certificate { path: certificate_path.to_owned(), reason };
    let written = CertificateDer::from_pem_slice(certificate_pem.as_bytes())
        .map_err(|error| is_bad(error.to_string()))?;
    let written = anchor(written).map_err(|error| is_bad(error.to_string()))?;
    let own = Ca::certificate(&key).map_err(TlsError::Certificate)?;
    let own = anchor(own.der().clone()).map_err(TlsError::Setup)?;
    if written.subject != own.subject {
        return Err(BadFolder::Foreign { path: certificate_path.to_owned() });
    }
    if written.subject_public_key_info != own.subject_public_key_info {
        return Err(BadFolder::Pair {
            certificate: certificate_path.to_owned(),
            key: key_path.to_owned(),
        });
    }
    Ok(Ca::with(certificate_pem, key))
}

/// Returns the trust anchor of a certificate: its name and key.
fn anchor(certificate: CertificateDer<'static>) -> Result<TrustAnchor<'static>, rustls::Error> {
    let mut store = RootCertStore::empty();
    store.add(certificate)?;
    store.roots.pop().ok_or_else(|| rustls::Error::General("no trust anchor".to_owned()))
}

/// Writes both files or neither.
fn write_both(certificate: (&Path, &str), key: (&Path, &str)) -> Result<(), BadFolder> {
    let files = [(key, Reader::Owner), (certificate, Reader::All)]
        .map(|((path, text), reader)| (path, path.with_extension("pem.new"), text, reader));
    let written = files
        .iter()
        .try_for_each(|(path, new, text, reader)| {
            write(new, text, *reader).map_err(|reason| failed("write", path, reason))
        })
        .and_then(|()| {
            files.iter().try_for_each(|(path, new, ..)| {
                fs::rename(new, path).map_err(|reason| failed("write", path, reason))
            })
        });
    if written.is_err() {
        for (path, new, ..) in &files {
            _ = fs::remove_file(new);
            _ = fs::remove_file(path);
        }
    }
    written
}

/// The users that may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    Owner,
    All,
}

/// Writes a new file. An existing file is removed first, since other users may have it open.
fn write(path: &Path, text: &str, reader: Reader) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    options(reader).open(path)?.write_all(text.as_bytes())
}

#[cfg(unix)]
fn options(reader: Reader) -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;

    let mut options = File::options();
    let mode = if reader == Reader::Owner { 0o600 } else { 0o644 };
    options.write(true).create_new(true).mode(mode);
    options
}

/// On other systems, files inherit the permissions of their directory.
#[cfg(not(unix))]
fn options(_: Reader) -> OpenOptions {
    let mut options = File::options();
    options.write(true).create_new(true);
    options
}
