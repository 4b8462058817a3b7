//! A CA that is kept in a folder, so that it is trusted once and for all.

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

/// Why a folder gives no CA.
#[derive(Debug, thiserror::Error)]
pub enum BadFolder {
    /// It cannot be made, or a file of it cannot be read or written.
    #[error("cannot {attempt} {}: {reason}", .path.display())]
    Io {
        /// What was attempted, such as `read`.
        attempt: &'static str,
        /// The folder or file.
        path: PathBuf,
        /// Why it failed.
        reason: io::Error,
    },
    /// One of the two files is not there.
    #[error(
        "{} is missing, though {} is there; bring it back, or remove both to have them made anew",
        .missing.display(), .present.display()
    )]
    Half {
        /// The file that is missing.
        missing: PathBuf,
        /// The file that is there.
        present: PathBuf,
    },
    /// No certificate is in the file for it.
    #[error("{} is not a certificate in PEM: {reason}", .path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// No key is in the file for it.
    #[error("{} is not a private key in PEM (PKCS #8): {reason}", .path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: rcgen::Error,
    },
    /// The two files do not belong together.
    #[error(
        "{} is not the certificate of {}; bring back the one that is, or remove both to have them \
         made anew", .certificate.display(), .key.display()
    )]
    Pair {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
    },
    /// The certificate is that of another CA.
    #[error(
        "{} was not made by ecmock, which signs with its own CA only; name another folder",
        .path.display()
    )]
    Foreign {
        /// The file of the certificate.
        path: PathBuf,
    },
    /// A CA cannot be made.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// A key that is not secret: users other than its owner have access to the file.
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

/// The CA of a folder, made if neither of its files is there, and a warning if its key is not secret.
pub(super) fn open(folder: &Path) -> Result<(Ca, Option<OpenKey>), BadFolder> {
    fs::create_dir_all(folder).map_err(|reason| failed("make the folder", folder, reason))?;
    // Of servers that start at once, one makes the CA. Where folders have no locks, they may differ.
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

/// A warning if users other than the owner of a key have access to it.
#[cfg(unix)]
fn open_key(path: PathBuf) -> Option<OpenKey> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = fs::metadata(&path).ok()?.permissions().mode() & 0o7777;
    (mode & 0o077 != 0).then_some(OpenKey { path, mode })
}

/// Other systems have no mode to warn of.
#[cfg(not(unix))]
fn open_key(_: PathBuf) -> Option<OpenKey> {
    None
}

/// The text of a file, if it is there.
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

/// The CA of a certificate and a key. What they say of it must be what ecmock would write today.
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

/// What a certificate says to those who trust it.
fn anchor(certificate: CertificateDer<'static>) -> Result<TrustAnchor<'static>, rustls::Error> {
    let mut store = RootCertStore::empty();
    store.add(certificate)?;
    store.roots.pop().ok_or_else(|| rustls::Error::General("it is empty".to_owned()))
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

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    Owner,
    All,
}

/// Writes a file anew: what is left of another may be open to others.
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

/// Elsewhere a file is for those for whom its folder is.
#[cfg(not(unix))]
fn options(_: Reader) -> OpenOptions {
    let mut options = File::options();
    options.write(true).create_new(true);
    options
}
