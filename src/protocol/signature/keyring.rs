//! The credentials that signatures are verified with.

use std::{borrow::Cow, fmt, str::FromStr};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::{
    lock::Lock,
    protocol::secret::{KnownKeys, MASK},
};

/// Last part of a v3 credential's scope.
pub(super) const SCOPE_END: &str = "tc3_request";

/// The key of the default credential. It is never masked: it is documented, and resources may have
/// the same name.
pub const PUBLIC_KEY: &str = "ecmock";

/// Length of the vendor's keys in bytes.
const VENDOR_KEY_BYTES: usize = 32;

/// Maximum number of signing keys cached per credential, one for each day and service.
const DAY_KEYS_MAX: usize = 16;

/// A secret key. Its `Debug` output is masked.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey(String);

impl SecretKey {
    /// Wraps a key.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// Returns the key itself, for tests that sign with it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

/// A SecretId, its secret key, and the account that they belong to.
///
/// Parsed from `ID:KEY` or `ID:KEY@ACCOUNT`. An ID that ends in `*` covers all `SecretId`s with
/// that prefix. If no account is given, the SecretId `ecmock-NAME` belongs to the account `NAME`,
/// and any other to the account `default`.
///
/// ```
/// use ecmock::Credential;
///
/// let credential = Credential::new("AKIDexample", "a key").for_account("web");
/// let parsed: Credential = "AKIDexample:a key@web".parse()?;
/// # Ok::<(), ecmock::InvalidCredential>(())
/// ```
#[derive(Debug)]
pub struct Credential {
    /// The SecretId, or its prefix.
    id: String,
    /// Whether `id` is a prefix.
    is_prefix: bool,
    key: SecretKey,
    account: Option<String>,
    /// Cached v3 signing keys. Deriving one costs as much as a whole verification.
    day_keys: Lock<Vec<DayKey>>,
}

/// The error of a string that is not a [`Credential`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be ID:KEY or ID:KEY@ACCOUNT, where ID may end in `*` and no part is empty")]
pub struct InvalidCredential;

impl FromStr for Credential {
    type Err = InvalidCredential;

    fn from_str(text: &str) -> Result<Self, InvalidCredential> {
        let (id, rest) = text.split_once(':').ok_or(InvalidCredential)?;
        let (key, account) = match rest.rsplit_once('@') {
            Some((key, account)) => (key, Some(account)),
            None => (rest, None),
        };
        if id.is_empty() || key.is_empty() || account == Some("") {
            return Err(InvalidCredential);
        }
        let credential = Self::new(id, key);
        Ok(Self { account: account.map(str::to_owned), ..credential })
    }
}

impl Clone for Credential {
    fn clone(&self) -> Self {
        Self {
            id: self.id.clone(),
            is_prefix: self.is_prefix,
            key: self.key.clone(),
            account: self.account.clone(),
            day_keys: Lock::default(),
        }
    }
}

impl Credential {
    /// Creates a credential.
    pub fn new(secret_id: impl Into<String>, secret_key: impl Into<String>) -> Self {
        let id = secret_id.into();
        let (id, is_prefix) = match id.strip_suffix('*') {
            Some(prefix) => (prefix.to_owned(), true),
            None => (id, false),
        };
        let key = SecretKey::new(secret_key);
        Self { id, is_prefix, key, account: None, day_keys: Lock::default() }
    }

    /// Sets the account that the credential belongs to.
    #[must_use]
    pub fn for_account(self, name: impl Into<String>) -> Self {
        Self { account: Some(name.into()), ..self }
    }

    /// Returns the secret key.
    pub(crate) const fn key(&self) -> &SecretKey {
        &self.key
    }

    /// Returns the account, if the credential names one.
    pub(crate) fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// Returns the SecretId, or its prefix followed by `*`.
    pub(crate) fn pattern(&self) -> String {
        format!("{}{}", self.id, if self.is_prefix { "*" } else { "" })
    }

    fn covers(&self, secret_id: &str) -> bool {
        if self.is_prefix { secret_id.starts_with(&self.id) } else { secret_id == self.id }
    }

    /// Returns the v3 signing key of a day and a service, ready to sign with.
    pub(super) fn day_key(&self, date: &str, service: &str) -> Hmac<Sha256> {
        let mut keys = self.day_keys.lock();
        if let Some(found) = keys.iter().find(|it| it.date == date && it.service == service) {
            return found.key.clone();
        }
        let key = signing_key(&v3_seed(self.key.as_bytes()), date, service);
        if keys.len() >= DAY_KEYS_MAX {
            keys.clear();
        }
        keys.push(DayKey { date: date.to_owned(), service: service.to_owned(), key: key.clone() });
        key
    }
}

/// The signing key of a day and a service. Its `Debug` output is masked.
struct DayKey {
    date: String,
    service: String,
    key: Hmac<Sha256>,
}

impl fmt::Debug for DayKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DayKey({}/{})", self.date, self.service)
    }
}

/// Returns a secret key with the v3 prefix `TC3`.
pub(super) fn v3_seed(key: &[u8]) -> Vec<u8> {
    [b"TC3", key].concat()
}

/// Derives the signing key of a day and a service from a seed.
pub(super) fn signing_key(seed: &[u8], date: &str, service: &str) -> Hmac<Sha256> {
    let mac = |key: &[u8]| Hmac::new_from_slice(key).expect("HMAC accepts keys of any length");
    [date, service, SCOPE_END].iter().fold(mac(seed), |key: Hmac<Sha256>, step| {
        mac(&key.chain_update(step).finalize().into_bytes())
    })
}

#[derive(Debug, Clone, Default)]
pub struct Keyring {
    /// Exact `SecretId`s first, then prefixes from the longest to the shortest.
    credentials: Vec<Credential>,
    /// Keys of the credentials, except for the public one.
    known_keys: KnownKeys,
}

impl Keyring {
    /// Creates a keyring from credentials in any order.
    pub fn new(mut credentials: Vec<Credential>) -> Self {
        credentials.sort_by_key(|it| (it.is_prefix, std::cmp::Reverse(it.id.len())));
        let keys = credentials.iter().map(|it| it.key.0.clone()).filter(|it| it != PUBLIC_KEY);
        let known_keys = KnownKeys::new(keys);
        Self { credentials, known_keys }
    }

    /// Finds the credential of a SecretId. A SecretId with white space around it has none, even if
    /// a prefix matches.
    // Assumed (auth.secret-id-blanks): the real gateway does not trim a SecretId.
    pub fn find(&self, secret_id: &str) -> Option<&Credential> {
        if secret_id.trim_ascii() != secret_id {
            return None;
        }
        self.credentials.iter().find(|it| it.covers(secret_id))
    }

    /// Returns all credentials, in the order they are matched.
    pub fn iter(&self) -> impl Iterator<Item = &Credential> {
        self.credentials.iter()
    }

    /// Returns the keys that are never shown.
    pub const fn known_keys(&self) -> &KnownKeys {
        &self.known_keys
    }

    /// Returns the SecretId of a string `ID:KEY` or `ID:KEY@ACCOUNT`, the form of the `--credential`
    /// flag. The key must be known or look like one of the vendor's.
    pub fn secret_id_before_key<'t>(&self, text: &'t str) -> Option<&'t str> {
        if !text.as_bytes().contains(&b':') {
            return None; // Nearly every call.
        }
        let (secret_id, rest) = text.split_once(':')?;
        let is_key = |text: &str| self.has_key(text) || is_like_a_key(text);
        let is_before_account = rest.rsplit_once('@').is_some_and(|(key, _)| is_key(key));
        (is_key(rest) || is_before_account).then_some(secret_id)
    }

    /// Masks the known keys in a SecretId, and any key that follows it.
    pub(super) fn mask_secret_id<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.secret_id_before_key(text.trim_ascii()) {
            Some(secret_id) => format!("{}:{MASK}", self.known_keys.mask(secret_id)).into(),
            None => self.known_keys.mask(text),
        }
    }

    /// Whether a string is the secret key of any credential.
    pub(super) fn has_key(&self, text: &str) -> bool {
        self.credentials.iter().any(|it| it.key.as_bytes() == text.as_bytes())
    }
}

/// Whether a string has the form of the vendor's keys: 32 letters and digits, with at least one digit
/// and letters of both cases.
// Assumed (account.key-form): every key has the form of the keys in the vendor's examples.
fn is_like_a_key(text: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| text.bytes().any(|it| kind(&it));
    text.len() == VENDOR_KEY_BYTES
        && text.bytes().all(|it| it.is_ascii_alphanumeric())
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vendor_key_is_recognized_by_its_form() {
        assert!(is_like_a_key("Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"));
        for text in [
            "",
            "d41d8cd98f00b204e9800998ecf8427e",
            "test_creates_a_vpc_in_a_region_1",
            "GuxtxxGARNpqxxcdxxjoQYCNxEXAMPLE",
            "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE1",
        ] {
            assert!(!is_like_a_key(text), "{text}");
        }
    }

    #[test]
    fn the_longest_prefix_comes_first() {
        let texts = ["*:all", "AKID*:some", "AKIDme:one", "AKIDm*:few"];
        let keyring = Keyring::new(texts.iter().map(|it| it.parse().unwrap()).collect());
        for (secret_id, key) in
            [("AKIDme", "one"), ("AKIDmine", "few"), ("AKID", "some"), ("x", "all")]
        {
            assert_eq!(keyring.find(secret_id).unwrap().key(), &SecretKey::new(key), "{secret_id}");
        }
        assert!(Keyring::default().find("AKID").is_none());
        for secret_id in ["AKIDme ", " AKIDme", "AKIDmine\n", "\tx", " "] {
            assert!(keyring.find(secret_id).is_none(), "{secret_id:?}");
        }
    }

    #[test]
    fn a_credential_requires_an_id_and_a_key() {
        for text in ["", "id", "id:", ":key", "id:key@", "id:@account"] {
            assert_eq!(text.parse::<Credential>().unwrap_err(), InvalidCredential, "{text}");
        }
        let credential: Credential = "id:k@e:y@account".parse().unwrap();
        assert_eq!(credential.key(), &SecretKey::new("k@e:y"));
    }

    #[test]
    fn a_secret_key_does_not_print() {
        let shown = format!("{:?}", "id:hunter2".parse::<Credential>());
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
