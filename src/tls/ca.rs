//! The certificate authority.

use std::{fmt, time::Duration};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use tokio_rustls::rustls::{
    crypto::ring::sign::any_ecdsa_type,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    sign::CertifiedKey,
};

use super::TlsError;
use crate::control::Clock;

/// Common name of the CA.
const CA_NAME: &str = "ecmock CA";
const SERVER_NAME: &str = "ecmock";
const DAY: Duration = Duration::from_hours(24);
/// Certificates are backdated because clocks differ.
const BACKDATED_DAYS: u32 = 1;
/// Ten years: clients trust a stored CA by hand.
const CA_DAYS: u32 = 3650;
/// Some clients reject more than [825](https://support.apple.com/103769).
const SERVER_DAYS: u32 = 800;

/// A CA. Its `Debug` output does not contain the key.
pub(super) struct Ca {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Ca {
    /// Creates a CA with a new key.
    pub(super) fn make() -> Result<Self, rcgen::Error> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let certificate = Self::certificate(&key)?;
        Ok(Self::with(certificate.pem(), key))
    }

    /// Creates a CA from a key and its certificate.
    pub(super) fn with(pem: String, key: KeyPair) -> Self {
        Self { pem, issuer: Issuer::new(Self::params(), key) }
    }

    /// Returns the certificate of the CA with this key.
    pub(super) fn certificate(key: &KeyPair) -> Result<Certificate, rcgen::Error> {
        Self::params().self_signed(key)
    }

    fn params() -> CertificateParams {
        let mut params = params(CA_NAME, CA_DAYS);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params
    }

    pub(super) fn pem(&self) -> &str {
        &self.pem
    }

    pub(super) fn key_pem(&self) -> String {
        self.issuer.key().serialize_pem()
    }

    /// Returns a new key and a server certificate with these names. The serial number derives from the
    /// key.
    pub(super) fn sign(&self, names: Vec<String>) -> Result<CertifiedKey, TlsError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(TlsError::Certificate)?;
        let certificate = self.certify(names, &key).map_err(TlsError::Certificate)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let key = any_ecdsa_type(&key).map_err(TlsError::Setup)?;
        Ok(CertifiedKey::new(vec![certificate.der().clone()], key))
    }

    fn certify(&self, names: Vec<String>, key: &KeyPair) -> Result<Certificate, rcgen::Error> {
        let mut params = params(SERVER_NAME, SERVER_DAYS);
        params.subject_alt_names = CertificateParams::new(names)?.subject_alt_names;
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.signed_by(key, &self.issuer)
    }
}

impl fmt::Debug for Ca {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ca").finish_non_exhaustive()
    }
}

/// Returns the parameters shared by all certificates. Their validity is in real time, which clients
/// use.
fn params(subject: &str, valid_days: u32) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, subject);
    let now = u64::try_from(Clock::Real.now().timestamp()).unwrap_or_default();
    let now = rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(now);
    params.not_before = now - BACKDATED_DAYS * DAY;
    params.not_after = params.not_before + valid_days * DAY;
    params
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rstest::rstest;
    use tokio_rustls::rustls::{
        RootCertStore,
        client::{WebPkiServerVerifier, danger::ServerCertVerifier as _},
        crypto::ring,
        pki_types::{CertificateDer, UnixTime, pem::PemObject as _},
    };

    use super::*;

    #[rstest]
    #[case::yesterday(-23, true)]
    #[case::today(0, true)]
    #[case::in_two_years(2 * 365 * 24, true)]
    #[case::later_than_clients_allow(826 * 24, false)]
    fn a_certificate_is_valid_for_as_long_as_clients_allow(
        #[case] hours: i64,
        #[case] is_valid: bool,
    ) {
        let ca = Ca::make().unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ca.pem().as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
        let signed = ca.sign(vec!["ecm.test".to_owned()]).unwrap();
        let seconds = Clock::Real.now().timestamp() + hours * 3600;
        let verified = verifier.build().unwrap().verify_server_cert(
            &signed.cert[0],
            &[],
            &"ecm.test".try_into().unwrap(),
            &[],
            UnixTime::since_unix_epoch(Duration::from_secs(seconds.unsigned_abs())),
        );
        assert_eq!(verified.is_ok(), is_valid, "{verified:?}");
    }

    #[test]
    fn debug_output_has_no_key() {
        let ca = Ca::make().unwrap();
        assert_eq!(format!("{ca:?}"), "Ca { .. }");
    }
}
