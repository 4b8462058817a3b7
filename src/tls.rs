//! Calls over TLS: the CA, and the certificates of the names that the server answers to.
//!
//! Nothing is made before it is needed, so that a server without such calls starts as fast.

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

use crate::lock::Lock;

use ca::Ca;
pub use {
    folder::{BadFolder, OpenKey},
    name::TlsName,
};

/// The names that always verify.
const NAMES: [&str; 5] =
    ["localhost", "127.0.0.1", "::1", "ecm.tencentcloudapi.com", "ecm.intl.tencentcloudapi.com"];
/// Names of regions whose certificates are kept; the vendor has some thirty.
const REGIONAL_CERTIFICATES_MAX: usize = 256;

/// Why there can be no call over TLS.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TlsError {
    /// No key or certificate comes about.
    #[error("a certificate cannot be made: {0}")]
    Certificate(rcgen::Error),
    /// They are there, and cannot be used.
    #[error("TLS cannot be set up: {0}")]
    Setup(rustls::Error),
}

/// What calls over TLS need, made when the first of them comes.
pub struct Tls {
    names: Vec<String>,
    warning: Option<OpenKey>,
    ca: OnceLock<Result<Arc<Ca>, TlsError>>,
    config: OnceLock<Result<Arc<ServerConfig>, TlsError>>,
}

impl Tls {
    /// For a CA that lives as long as this, and more names than those that always verify.
    pub fn new(names: &[TlsName]) -> Self {
        let names = NAMES.into_iter().chain(names.iter().map(TlsName::as_str));
        Self {
            names: names.map(str::to_owned).collect(),
            warning: None,
            ca: OnceLock::new(),
            config: OnceLock::new(),
        }
    }

    /// The same for the CA that is kept in a folder, in which it is made if it is not there.
    pub fn open(folder: &Path, names: &[TlsName]) -> Result<Self, BadFolder> {
        let (ca, warning) = folder::open(folder)?;
        let ca = OnceLock::from(Ok(Arc::new(ca)));
        Ok(Self { warning, ca, ..Self::new(names) })
    }

    /// A warning if other users can read the key of the folder's CA. The server logs it.
    pub const fn warning(&self) -> Option<&OpenKey> {
        self.warning.as_ref()
    }

    /// The certificate of the CA, which clients have to trust.
    pub fn ca_pem(&self) -> Result<&str, TlsError> {
        self.ca().map(|ca| ca.pem())
    }

    /// Speaks TLS with a client.
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

/// The certificates, of which a client gets the one for the name that it asks for.
#[derive(Debug)]
struct Certificates {
    ca: Arc<Ca>,
    /// For all names that are known from the start.
    named: Arc<CertifiedKey>,
    /// For the names of regions, which no wildcard stands for: it would be in the middle. The lock
    /// is held while one is made, so that it is made once.
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
                .inspect_err(|error| tracing::warn!("a client gets no certificate: {error}"))
                .ok(),
            // With a name that is not in it the client finds that out, and says so best.
            None => Some(Arc::clone(&self.named)),
        }
    }
}

/// Whether a name is `ecm.REGION.tencentcloudapi.com`.
fn is_regional(name: &str) -> bool {
    let region = name.strip_prefix("ecm.").and_then(|it| it.strip_suffix(".tencentcloudapi.com"));
    region.is_some_and(|region| !region.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_one_label_in_the_middle() {
        for name in ["ecm.ap-xian.tencentcloudapi.com", "ecm.intl.tencentcloudapi.com"] {
            assert!(is_regional(name), "{name}");
        }
        for name in [
            "ecm.tencentcloudapi.com",
            "cvm.ap-xian.tencentcloudapi.com",
            "ecm.ap-xian.tencentcloudapi.com.test",
            "ecm.ap.xian.tencentcloudapi.com",
        ] {
            assert!(!is_regional(name), "{name}");
        }
    }

    #[test]
    fn the_certificate_of_a_region_is_kept_and_not_every_one_there_could_be() {
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
