//! TLS: the CA and the server's certificates.
//!
//! Keys and certificates are created on first use, so that they do not delay the start.

mod ca;
mod folder;
mod name;

use std::{
    collections::HashMap,
    fmt,
    path::Path,
    sync::{Arc, OnceLock},
};

use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        crypto::ring,
        server::{ClientHello, ResolvesServerCert},
        sign::CertifiedKey,
    },
};

use crate::{lock::Lock, protocol::signature::DOMAINS};

use ca::Ca;
pub use {
    folder::{BadFolder, OpenKey},
    name::TlsName,
};

/// Built-in names of the server's certificate.
const NAMES: [&str; 7] = [
    "localhost",
    "127.0.0.1",
    "::1",
    "ecm.tencentcloudapi.com",
    "ecm.tencentcloudapi.com.cn",
    "ecm.tencentcloudapi.cn",
    "ecm.intl.tencentcloudapi.com",
];
/// Maximum number of cached certificates of regional names. The vendor has about thirty.
const REGIONAL_CERTIFICATES_MAX: usize = 256;

/// The reason why TLS is not available.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TlsError {
    /// A key or certificate cannot be created.
    #[error("cannot create a certificate: {0}")]
    Certificate(rcgen::Error),
    /// A key or certificate cannot be used.
    #[error("cannot set up TLS: {0}")]
    Setup(rustls::Error),
}

/// The TLS configuration, created with the first TLS connection.
pub struct Tls {
    names: Vec<String>,
    warning: Option<OpenKey>,
    ca: OnceLock<Result<Arc<Ca>, TlsError>>,
    config: OnceLock<Result<Arc<ServerConfig>, TlsError>>,
}

impl Tls {
    /// Uses a temporary CA, and `names` in addition to the built-in names.
    pub fn new(names: &[TlsName]) -> Self {
        let names = NAMES.into_iter().chain(names.iter().map(TlsName::as_str));
        Self {
            names: names.map(str::to_owned).collect(),
            warning: None,
            ca: OnceLock::new(),
            config: OnceLock::new(),
        }
    }

    /// Uses the CA in a directory, which is created if missing, and `names` in addition to the built-in
    /// names.
    pub fn open(folder: &Path, names: &[TlsName]) -> Result<Self, BadFolder> {
        let (ca, warning) = folder::open(folder)?;
        let ca = OnceLock::from(Ok(Arc::new(ca)));
        Ok(Self { warning, ca, ..Self::new(names) })
    }

    /// Returns a warning if other users can read the key of the CA. The server logs it.
    pub const fn warning(&self) -> Option<&OpenKey> {
        self.warning.as_ref()
    }

    /// Returns the certificate of the CA in PEM form, which clients must trust.
    pub fn ca_pem(&self) -> Result<&str, TlsError> {
        self.ca().map(|ca| ca.pem())
    }

    /// Returns the acceptor of TLS connections.
    pub(crate) fn acceptor(&self) -> Result<TlsAcceptor, TlsError> {
        let config = self.config.get_or_init(|| {
            let ca = Arc::clone(self.ca()?);
            config(Certificates {
                named: Arc::new(ca.sign(self.names.clone())?),
                regional: Lock::default(),
                ca,
            })
        });
        config.clone().map(TlsAcceptor::from)
    }

    fn ca(&self) -> Result<&Arc<Ca>, TlsError> {
        let ca = self.ca.get_or_init(|| Ca::make().map(Arc::new).map_err(TlsError::Certificate));
        ca.as_ref().map_err(Clone::clone)
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("names", &self.names).finish_non_exhaustive()
    }
}

fn config(certificates: Certificates) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Setup)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(certificates));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The certificates, selected by the name that a client requests (SNI).
#[derive(Debug)]
struct Certificates {
    ca: Arc<Ca>,
    /// Certificate of all names that are known at startup.
    named: Arc<CertifiedKey>,
    /// Certificates of regional names. A wildcard in the middle of a name is not possible. The lock is
    /// held while a certificate is created, so that it is created once.
    regional: Lock<HashMap<String, Arc<CertifiedKey>>>,
}

impl Certificates {
    fn regional(&self, name: String) -> Result<Arc<CertifiedKey>, TlsError> {
        let mut kept = self.regional.lock();
        if let Some(certificate) = kept.get(&name) {
            return Ok(Arc::clone(certificate));
        }
        let certificate = Arc::new(self.ca.sign(vec![name.clone()])?);
        if kept.len() < REGIONAL_CERTIFICATES_MAX {
            kept.insert(name, Arc::clone(&certificate));
        }
        Ok(certificate)
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        match hello.server_name().map(str::to_ascii_lowercase).filter(|name| is_regional(name)) {
            Some(name) => self
                .regional(name)
                .inspect_err(|error| tracing::warn!("no certificate for a client: {error}"))
                .ok(),
            // For an unknown name, the client's own error is the clearest.
            None => Some(Arc::clone(&self.named)),
        }
    }
}

/// Whether a name is `ecm.REGION.` and one of the vendor's domains.
fn is_regional(name: &str) -> bool {
    let region = |domain| name.strip_prefix("ecm.")?.strip_suffix(domain)?.strip_suffix('.');
    DOMAINS.into_iter().any(|domain| region(domain).is_some_and(|it| !it.contains('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_one_label_in_the_middle() {
        for name in [
            "ecm.ap-xian.tencentcloudapi.com",
            "ecm.intl.tencentcloudapi.com",
            "ecm.ap-xian.tencentcloudapi.com.cn",
            "ecm.internal.tencentcloudapi.cn",
        ] {
            assert!(is_regional(name), "{name}");
        }
        for name in [
            "ecm.tencentcloudapi.com",
            "ecm.tencentcloudapi.com.cn",
            "cvm.ap-xian.tencentcloudapi.com",
            "ecm.ap-xian.tencentcloudapi.com.test",
            "ecm.ap.xian.tencentcloudapi.com",
        ] {
            assert!(!is_regional(name), "{name}");
        }
    }

    #[test]
    fn a_limited_number_of_regional_certificates_is_cached() {
        let ca = Arc::new(Ca::make().unwrap());
        let named = Arc::new(ca.sign(vec!["localhost".to_owned()]).unwrap());
        let certificates = Certificates { ca, named, regional: Lock::default() };
        let of = |name: &str| certificates.regional(name.to_owned()).unwrap();
        assert!(Arc::ptr_eq(&of("ecm.ap-xian.test"), &of("ecm.ap-xian.test")));
        for number in 0..=REGIONAL_CERTIFICATES_MAX {
            of(&format!("ecm.{number}.test"));
        }
        let kept = certificates.regional.lock().len();
        assert_eq!(kept, REGIONAL_CERTIFICATES_MAX);
    }
}
