//! Account names, derived from the SecretId of a call.

use std::borrow::Cow;

use base16ct::lower as hex;
use sha2::{Digest as _, Sha256};

use crate::protocol::{
    signature::keyring::{Credential, Keyring},
    text::prefix_of_bytes,
};

/// Account of calls that do not specify one.
pub const DEFAULT_ACCOUNT: &str = "default";
/// Prefix of a SecretId that contains an account name.
pub const ACCOUNT_PREFIX: &str = "ecmock-";

/// Maximum size of an account name, in bytes.
pub const ACCOUNT_NAME_BYTES_MAX: usize = 128;
/// Hash digits at the end of a masked or shortened name.
const ACCOUNT_HASH_DIGITS: usize = 16;

/// The account of a SecretId.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountName<'a> {
    /// Name of the account, without a secret key.
    pub name: Cow<'a, str>,
    /// Warning that the name unexpectedly differs from the SecretId.
    pub warning: Option<String>,
}

/// Returns the account of a SecretId: the account of its credential, or else the account that is part
/// of the SecretId.
pub fn account_name<'a>(keyring: &'a Keyring, secret_id: Option<&'a str>) -> AccountName<'a> {
    let whole = secret_id.unwrap_or_default().trim_ascii();
    let before_key = keyring.secret_id_before_key(whole);
    let secret_id = before_key.unwrap_or(whole);
    let credential = if secret_id.is_empty() { None } else { keyring.find(secret_id) };
    let configured = credential.and_then(Credential::account);
    let named = secret_id.strip_prefix(ACCOUNT_PREFIX).filter(|name| !name.is_empty());
    let whole_name = configured.or(named).unwrap_or(DEFAULT_ACCOUNT);
    let bytes = whole_name.len();
    let masked = match configured {
        Some(name) => Cow::Borrowed(name),
        None => keyring.known_keys().mask(whole_name),
    };
    let is_masked = masked != whole_name;
    let name = kept_name(masked, whole_name);
    let warning = if is_masked {
        Some(format!(
            "SecretId contains a secret key in the account name; the key is masked, and the account is `{name}`"
        ))
    } else if name != whole_name {
        Some(format!(
            "SecretId contains an account name of {bytes} bytes; must be at most {ACCOUNT_NAME_BYTES_MAX}, so the account is `{name}`"
        ))
    } else {
        before_key.map(|_| {
            format!(
                "SecretId contains a secret key after `:`; the key is ignored, and the account is `{name}`"
            )
        })
    };
    AccountName { name, warning }
}

/// Returns the final name of an account. A masked or shortened name ends with a hash of the full
/// name, so that different names remain different accounts.
fn kept_name<'a>(masked: Cow<'a, str>, whole: &str) -> Cow<'a, str> {
    if masked == whole && whole.len() <= ACCOUNT_NAME_BYTES_MAX {
        return masked;
    }
    let hash = hex::encode_string(&Sha256::digest(whole.as_bytes()));
    let digits = hash.get(..ACCOUNT_HASH_DIGITS).unwrap_or_default();
    let start = prefix_of_bytes(&masked, ACCOUNT_NAME_BYTES_MAX - ACCOUNT_HASH_DIGITS - 1);
    format!("{start}~{digits}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_id_belongs_to_one_account() {
        let credentials = ["ecmock-*:k", "AKID*:k@team", "AKIDme:k@me", "plain:k"];
        let keyring = Keyring::new(credentials.iter().map(|it| it.parse().unwrap()).collect());
        for (secret_id, account) in [
            (None, "default"),
            (Some("ecmock-one"), "one"),
            (Some("ecmock-"), "default"),
            (Some("ecmock- "), "default"),
            (Some(" \tecmock-one\r\n"), "one"),
            (Some("AKIDme "), "me"),
            (Some("AKIDyou"), "team"),
            (Some("AKIDme"), "me"),
            (Some("plain"), "default"),
            (Some("unknown"), "default"),
        ] {
            let expected = AccountName { name: account.into(), warning: None };
            assert_eq!(account_name(&keyring, secret_id), expected, "{secret_id:?}");
        }
    }

    #[test]
    fn an_empty_secret_id_matches_no_credential() {
        let keyring = Keyring::new(vec!["*:k@team".parse().unwrap()]);
        for (secret_id, account) in [(None, "default"), (Some(" "), "default"), (Some("x"), "team")]
        {
            assert_eq!(account_name(&keyring, secret_id).name, account, "{secret_id:?}");
        }
    }

    #[test]
    fn a_long_name_ends_with_a_hash_of_the_full_name() {
        let keyring = Keyring::default();
        let named = |name: &str| {
            let secret_id = format!("ecmock-{name}");
            let AccountName { name, warning } = account_name(&keyring, Some(&secret_id));
            (name.into_owned(), warning.is_some())
        };
        let longest = "n".repeat(ACCOUNT_NAME_BYTES_MAX);
        assert_eq!(named(&longest), (longest.clone(), false));
        let (name, is_warned) = named(&format!("{longest}n"));
        assert!(is_warned);
        assert_eq!(name, format!("{}~0bf2917cc7e3d671", "n".repeat(111)));
        // Cut between characters.
        let (name, _) = named(&"😀".repeat(33));
        assert_eq!(name.split_once('~').unwrap().0, "😀".repeat(27));
        // A name that looks like a shortened name is unchanged.
        assert_eq!(named(&name), (name.clone(), false));
    }

    #[test]
    fn masked_names_of_different_accounts_differ() {
        let credentials = ["ecmock-*:correct-horse", "other:battery-staple", "me:k@battery-staple"];
        let keyring = Keyring::new(credentials.iter().map(|it| it.parse().unwrap()).collect());
        let end = "n".repeat(ACCOUNT_NAME_BYTES_MAX);
        let names = ["correct-horse", "battery-staple"].map(|key| {
            [key.to_owned(), format!("{key}{end}")].map(|name| {
                let secret_id = format!("ecmock-{name}");
                let AccountName { name, warning } = account_name(&keyring, Some(&secret_id));
                assert!(name.starts_with("***"), "{name}");
                assert!(name.len() <= ACCOUNT_NAME_BYTES_MAX, "{name}");
                assert!(warning.unwrap().contains("the key is masked"));
                name.into_owned()
            })
        });
        assert_ne!(names[0][0], names[1][0]);
        assert_ne!(names[0][1], names[1][1]);
        // A configured name is unchanged.
        let expected = AccountName { name: "battery-staple".into(), warning: None };
        assert_eq!(account_name(&keyring, Some("me")), expected);
    }

    #[test]
    fn account_names_do_not_contain_secret_keys() {
        let credentials = ["ecmock-*:ecmock", "AKIDme:correct:horse@me", "other:battery-staple"];
        let keyring = Keyring::new(credentials.iter().map(|it| it.parse().unwrap()).collect());
        for (secret_id, account, is_warned) in [
            ("ecmock-web:ecmock", "web", true),
            ("ecmock-web:battery-staple", "web", true),
            ("ecmock-web:correct:horse@me", "web", true),
            ("AKIDme:correct:horse", "me", true),
            ("other:battery-staple", "default", true),
            ("ecmock-web:Gu5t9xGARNpq86cd98joQYCN3EXAMPLE@a", "web", true),
            ("ecmock-suite::case", "suite::case", false),
            ("ecmock-ecmock", "ecmock", false),
            ("ecmock-battery-staple", "***~481fd32833966be5", true),
            ("ecmock-battery-staple-rotation", "***-rotation~35168efca1a128cc", true),
            ("ecmock-a:b:battery-staple", "a:b:***~9b0ff56c6f1cfffa", true),
        ] {
            let AccountName { name, warning } = account_name(&keyring, Some(secret_id));
            assert_eq!((&*name, warning.is_some()), (account, is_warned), "{secret_id}");
        }
    }
}
