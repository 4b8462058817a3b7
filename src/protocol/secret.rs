//! Masking of secrets: the values of parameters and headers with secret names, and secret keys.

use std::{
    borrow::Cow,
    cmp::Reverse,
    collections::{HashMap, HashSet},
    fmt,
    ops::Deref,
    sync::Arc,
};

use serde::{Serialize, Serializer, ser::SerializeMap as _};

use super::{
    text::prefix,
    tree::{Members, Tree},
};

/// Replacement for a masked value.
pub const MASK: &str = "***";

/// Minimum length of a key that is masked within a longer string, in bytes. A shorter key might be
/// part of a word, so it is masked only where it is the whole string.
const SEARCHED_KEY_BYTES_MIN: usize = 8;
/// Length of a parameter times the number of keys, above which no keys are searched for: 64 MiB.
const SEARCHED_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Words that make a name secret.
const WORDS: [&str; 8] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "signature",
    "authorization",
    "credential",
    "privatekey",
];
/// Suffixes that make a name secret.
const ENDS: [&str; 10] = [
    "accesskey",
    "apikey",
    "authkey",
    "cookie",
    "encryptionkey",
    "passcode",
    "pwd",
    "signingkey",
    "token",
    "userdata",
];
/// Suffixes that make a name public regardless: IDs, and tokens for pages and retries.
const PUBLIC_ENDS: [&str; 6] =
    ["secretid", "signaturemethod", "clienttoken", "continuationtoken", "nexttoken", "pagetoken"];

/// Names of members that describe the value of a sibling, as `Key` does for `Value`.
const NAMING: [&str; 5] = ["Key", "Name", "TagKey", "key", "name"];

/// Whether the value of a parameter or header with this name is masked.
///
/// Ignores case, hyphens, underscores, a trailing number, and a plural `s`. A dotted name is secret
/// if any of its steps is.
pub fn is_secret(name: &str) -> bool {
    name.split('.').any(|step| {
        let step = step.as_bytes();
        // This runs for every name in every call, and most names need no copy.
        if step.iter().all(u8::is_ascii_alphanumeric) {
            is_secret_step(step)
        } else {
            let plain: Vec<u8> = step.iter().copied().filter(u8::is_ascii_alphanumeric).collect();
            is_secret_step(&plain)
        }
    })
}

/// Like [`is_secret`], for a step of letters and digits only.
fn is_secret_step(step: &[u8]) -> bool {
    let digits = step.iter().rev().take_while(|it| it.is_ascii_digit()).count();
    let name = step.get(..step.len() - digits).unwrap_or_default();
    let name = name.strip_suffix(b"s").or_else(|| name.strip_suffix(b"S")).unwrap_or(name);
    let ends = |end: &&str| {
        let start = name.len().checked_sub(end.len());
        let last = start.and_then(|start| name.get(start..)).unwrap_or_default();
        last.eq_ignore_ascii_case(end.as_bytes())
    };
    (has_word(name) || ENDS.iter().any(ends)) && !PUBLIC_ENDS.iter().any(ends)
}

/// Whether a name contains one of [`WORDS`].
fn has_word(name: &[u8]) -> bool {
    let begins_at = |at: usize| {
        let rest = name.get(at..).unwrap_or_default();
        let is_first = |first: &u8| matches!(first.to_ascii_lowercase(), b'p' | b's' | b'a' | b'c');
        rest.first().is_some_and(is_first)
            && WORDS.iter().any(|word| {
                rest.get(..word.len()).is_some_and(|it| it.eq_ignore_ascii_case(word.as_bytes()))
            })
    };
    (0..name.len()).any(begins_at)
}

/// Whether a member with this name holds a value that a sibling describes.
fn is_holding(name: &str) -> bool {
    matches!(name, "Value" | "Values" | "TagValue" | "value" | "values")
}

/// Whether one member of an object describes the value of another as secret, as in
/// `{"Key": "Password", "Value": "..."}`.
fn is_secret_pair(members: &Members<'_>) -> bool {
    members.names().any(is_holding)
        && NAMING.iter().any(|name| match members.get(name) {
            Some(Tree::Text(text)) => is_secret(text),
            _ => false,
        })
}

/// Returns whether the value of each parameter in a query or form is masked.
///
/// Members of one object have the same prefix, as in `Tags.0.Key=Password&Tags.0.Value=...`.
pub fn secret_pairs<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> Vec<bool> {
    let mut objects = SecretObjects::default();
    for (name, value) in pairs.clone() {
        let (prefix, last) = match name.rsplit_once('.') {
            Some((prefix, last)) => (Some(prefix), last),
            None => (None, name),
        };
        if NAMING.contains(&last) && is_secret(value) {
            objects.add(prefix);
        }
    }
    pairs.map(|(name, _)| is_secret(name) || objects.hold(name)).collect()
}

/// Objects of a query or form that hold a secret described by a sibling.
///
/// A trie over the steps of dotted names, so that a lookup scans a name only once.
#[derive(Default)]
struct SecretObjects<'a> {
    /// Child nodes by parent and step. The root is 0.
    below: HashMap<(usize, &'a str), usize>,
    /// Nodes of such objects.
    secret: HashSet<usize>,
}

impl<'a> SecretObjects<'a> {
    /// Adds the object with this prefix, or the outermost object if there is none.
    fn add(&mut self, prefix: Option<&'a str>) {
        let steps = prefix.into_iter().flat_map(|it| it.split('.'));
        let node = steps.fold(0, |node, step| {
            let next = self.below.len() + 1;
            *self.below.entry((node, step)).or_insert(next)
        });
        self.secret.insert(node);
    }

    /// Whether a name is that of a secret value or of anything within it.
    fn hold(&self, name: &'a str) -> bool {
        let mut node = 0;
        for step in name.split('.') {
            if is_holding(step) && self.secret.contains(&node) {
                return true;
            }
            let Some(next) = self.below.get(&(node, step)) else { return false };
            node = *next;
        }
        false
    }
}

/// Masks the password or token before the `@` of a host.
pub fn without_password(host: &str) -> Cow<'_, str> {
    if !host.contains('@') {
        return Cow::Borrowed(host);
    }
    let (scheme, rest) = match host.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, host),
    };
    let Some((user, rest)) = rest.rsplit_once('@') else { return Cow::Borrowed(host) };
    let mut shown = scheme.map(|it| format!("{it}://")).unwrap_or_default();
    if let Some((user, _)) = user.split_once(':') {
        shown.extend([user, ":"]);
    }
    shown.extend([MASK, "@", rest]);
    Cow::Owned(shown)
}

/// Secret keys that are masked in all output. Clones share the keys.
#[derive(Clone, Default)]
pub struct KnownKeys(
    /// Sorted by descending length, then by value. `None` if there are no keys, as on most servers,
    /// so that no search is needed.
    Option<Arc<Vec<String>>>,
);

impl KnownKeys {
    /// Creates the set from keys in any order.
    pub fn new(keys: impl Iterator<Item = String>) -> Self {
        let mut keys: Vec<String> = keys.collect();
        keys.sort_by(|one, other| order(one).cmp(&order(other)));
        keys.dedup();
        Self((!keys.is_empty()).then(|| Arc::new(keys)))
    }

    /// Whether a string is one of the keys, ignoring surrounding white space.
    fn has(&self, text: &str) -> bool {
        let Some(keys) = &self.0 else { return false };
        let text = text.trim_ascii();
        keys.binary_search_by(|key| order(key).cmp(&order(text))).is_ok()
    }

    /// Masks all keys in a string.
    pub fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let Some(keys) = &self.0 else { return Cow::Borrowed(text) };
        if self.has(text) {
            return Cow::Borrowed(MASK);
        }
        let mut masked = Cow::Borrowed(text);
        for key in keys.iter().take_while(|key| key.len() >= SEARCHED_KEY_BYTES_MIN) {
            if masked.contains(key) {
                masked = Cow::Owned(masked.replace(key, MASK));
            }
        }
        masked
    }

    /// Masks all keys in a parameter, or the whole parameter if the search would take too long.
    fn mask_parameter<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let keys = self.0.as_ref().map_or(0, |keys| keys.len());
        let is_short = text.len().saturating_mul(keys) <= SEARCHED_BYTES_MAX;
        if is_short { self.mask(text) } else { Cow::Borrowed(MASK) }
    }
}

fn order(key: &str) -> (Reverse<usize>, &str) {
    (Reverse(key.len()), key)
}

impl fmt::Debug for KnownKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KnownKeys(..)")
    }
}

/// A client's string that is safe to show: truncated, and with secret keys masked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Shown(String);

impl Shown {
    /// Masks the known keys in a string and truncates it.
    pub fn new(text: &str, chars_max: usize, keys: &KnownKeys) -> Self {
        Self(prefix(&keys.mask(text), chars_max).to_owned())
    }
}

impl Deref for Shown {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// Parameters that are safe to show: secrets are masked during serialization.
#[derive(Debug, Clone, Copy)]
pub struct ShownMembers<'a>(pub &'a Members<'a>, pub &'a KnownKeys);

impl Serialize for ShownMembers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(members, keys) = *self;
        let is_pair = is_secret_pair(members);
        let mut map = serializer.serialize_map(Some(members.len()))?;
        for (name, value) in members.iter() {
            map.serialize_key(&keys.mask_parameter(name))?;
            if is_secret(name) || is_pair && is_holding(name) {
                map.serialize_value(MASK)?;
            } else {
                map.serialize_value(&ShownTree(value, keys))?;
            }
        }
        map.end()
    }
}

struct ShownTree<'a>(&'a Tree<'a>, &'a KnownKeys);

impl Serialize for ShownTree<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(tree, keys) = *self;
        match tree {
            Tree::Object(members) => ShownMembers(members, keys).serialize(serializer),
            Tree::List(items) => {
                serializer.collect_seq(items.iter().map(|item| ShownTree(item, keys)))
            }
            Tree::Text(text) => serializer.serialize_str(&keys.mask_parameter(text)),
            scalar => scalar.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "correct-horse";

    fn keys() -> KnownKeys {
        KnownKeys::new(["short", KEY, "correct-horse-battery"].map(str::to_owned).into_iter())
    }

    #[test]
    fn secret_names_are_recognized_in_any_spelling() {
        for name in [
            "Password",
            "LoginSettings.Password",
            "Passwords.0",
            "image_password",
            "SecretKey",
            "secret-access-key",
            "Token",
            "X-TC-Token",
            "AccessToken",
            "sessionToken",
            "SECURITY_TOKEN",
            "AccessKey",
            "API-Keys",
            "PrivateKey",
            "private_key_pem",
            "Passwd",
            "RootPwd",
            "Pwd2",
            "Passphrase",
            "Credential",
            "DbCredentials",
            "UserData",
            "Authorization",
            "Signature",
            "Set-Cookie",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "SecretId",
            "TmpSecretIds",
            "SignatureMethod",
            "ClientToken",
            "NextToken",
            "next_page_token",
            "ContinuationToken",
            "SignedHeaders",
            "Key",
            "KeyName",
            "KeyIds",
            "PublicKey",
            "AccessKeyId",
            "TokenCount",
            "UserDataSize",
            "Address",
            "VpcId",
            "host",
            "",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn passwords_are_masked_at_any_depth() {
        let body = br#"{"Password":"hunter2","L":[{"ImagePassword":{"x":"hunter2"}}],"A":null}"#;
        assert_eq!(shown(body), r#"{"A":null,"L":[{"ImagePassword":"***"}],"Password":"***"}"#);
    }

    fn shown(body: &[u8]) -> String {
        let members = Tree::from_json(body).unwrap();
        serde_json::to_string(&ShownMembers(&members, &keys())).unwrap()
    }

    #[test]
    fn a_pair_with_a_secret_name_has_a_secret_value() {
        for (body, expected) in [
            (
                r#"{"T":[{"Key":"Password","Value":"x"}]}"#,
                r#"{"T":[{"Key":"Password","Value":"***"}]}"#,
            ),
            (
                r#"{"F":[{"Name":"api-key","Values":["x"]}]}"#,
                r#"{"F":[{"Name":"api-key","Values":"***"}]}"#,
            ),
            (r#"{"name":"token","value":{"a":1}}"#, r#"{"name":"token","value":"***"}"#),
            (r#"{"Key":"Name","Value":"x"}"#, r#"{"Key":"Name","Value":"x"}"#),
            (r#"{"Name":"password","Zone":"x"}"#, r#"{"Name":"password","Zone":"x"}"#),
        ] {
            assert_eq!(shown(body.as_bytes()), expected);
        }
        let pairs = [
            ("Tags.0.Key", "Password"),
            ("Tags.0.Value", "x"),
            ("Tags.1.Value", "x"),
            ("Filters.1.Values.0", "x"),
            ("Filters.1.Name", "secret"),
            ("Filters.10.Values.0", "x"),
            ("Login.Pwd", "x"),
        ];
        let secret = secret_pairs(pairs.into_iter());
        assert_eq!(secret, [false, true, false, true, false, false, true]);
        assert_eq!(secret_pairs([("Name", "token"), ("Value", "x")].into_iter()), [false, true]);
    }

    /// The oracle: compares every name with every object.
    fn naive_secret_pairs(pairs: &[(String, &str)]) -> Vec<bool> {
        let steps = |name: &str| name.split('.').map(str::to_owned).collect::<Vec<_>>();
        let objects: Vec<Vec<String>> = pairs
            .iter()
            .filter(|(_, value)| is_secret(value))
            .map(|(name, _)| steps(name))
            .filter(|it| NAMING.contains(&it.last().unwrap().as_str()))
            .map(|it| it[..it.len() - 1].to_vec())
            .collect();
        let is_held = |name: &[String], object: &Vec<String>| {
            name.starts_with(object) && name.get(object.len()).is_some_and(|it| is_holding(it))
        };
        let is_held = |name: &str| objects.iter().any(|object| is_held(&steps(name), object));
        pairs.iter().map(|(name, _)| is_secret(name) || is_held(name)).collect()
    }

    proptest::proptest! {
        #[test]
        fn secret_pairs_agree_with_a_naive_search(
            pairs in proptest::collection::vec(
                (
                    proptest::collection::vec(
                        proptest::sample::select(vec!["0", "1", "Key", "name", "Value", "values", "Pwd", ""]),
                        1..5,
                    ),
                    proptest::sample::select(vec!["token", "x"]),
                ),
                0..12,
            )
        ) {
            let pairs: Vec<_> =
                pairs.into_iter().map(|(steps, value)| (steps.join("."), value)).collect();
            let found = secret_pairs(pairs.iter().map(|(name, value)| (name.as_str(), *value)));
            proptest::prop_assert_eq!(found, naive_secret_pairs(&pairs));
        }
    }

    #[test]
    fn a_form_with_many_pairs_is_scanned_in_linear_time() {
        const PAIRS: usize = 100_000;
        let names = |last: &str| (0..PAIRS).map(|it| format!("{it}.{last}")).collect::<Vec<_>>();
        let (keys, values) = (names("Key"), names("Value"));
        let all = keys.iter().map(|it| (it.as_str(), "token"));
        let all = all.chain(values.iter().map(|it| (it.as_str(), "x")));
        let found = secret_pairs(all);
        assert_eq!(found, [vec![false; PAIRS], vec![true; PAIRS]].concat());
        // A name with many steps, in an object with just as many.
        let deep = "Value.".repeat(PAIRS);
        let (key, value) = (format!("0.{deep}Key"), format!("0.{deep}Value"));
        let found = secret_pairs([(key.as_str(), "token"), (value.as_str(), "x")].into_iter());
        assert_eq!(found, [false, true]);
    }

    #[test]
    fn a_known_key_is_masked_in_any_string() {
        let keys = keys();
        for (text, expected) in [
            (KEY, "***"),
            (" correct-horse\n", "***"),
            ("AKIDme:correct-horse@team", "AKIDme:***@team"),
            ("correct-horse-battery correct-horse", "*** ***"),
            ("short", "***"),
            ("shorter", "shorter"),
            ("", ""),
        ] {
            assert_eq!(keys.mask(text), expected, "{text}");
            assert_eq!(KnownKeys::default().mask(text), text);
        }
        let body = format!(r#"{{"A":"{KEY}","B":["x{KEY}y",1],"{KEY}":null,"C":"short"}}"#);
        assert_eq!(shown(body.as_bytes()), r#"{"A":"***","B":["x***y",1],"C":"***","***":null}"#);
        assert_eq!(&*Shown::new("correct-horse-x", 4, &keys), "***-");
        assert!(!format!("{keys:?}").contains("horse"));
    }

    #[test]
    fn a_host_is_shown_without_a_password() {
        for (host, expected) in [
            ("127.0.0.1:7190", "127.0.0.1:7190"),
            ("user:pw@host:80", "user:***@host:80"),
            ("http://user:p@w:x@host", "http://user:***@host"),
            ("t0k3n@host", "***@host"),
            ("http://host", "http://host"),
            ("", ""),
        ] {
            assert_eq!(without_password(host), expected);
        }
    }
}
