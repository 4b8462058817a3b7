//! Wrong keys that a client may have signed with, and unknown `SecretId`s.

use super::{
    super::{Case, keyring::Credential, secret_id},
    Diagnosis, Mistake, shown,
};
use crate::nearest::nearest;

/// Number of other credentials whose keys are tried.
const OTHERS_MAX: usize = 64;
/// Number of known credentials listed if none is similar.
const NAMED_MAX: usize = 4;

/// Returns wrong keys that a client of `credential` may have used, with a diagnosis for each.
pub(super) fn wrong(case: Case<'_>, credential: &Credential) -> Vec<(Diagnosis, Vec<u8>)> {
    let key = credential.key().as_bytes();
    let mut found = with_space(key);
    let others = case.keyring.iter().filter(|it| it.key() != credential.key());
    found.extend(others.take(OTHERS_MAX).map(|other| {
        let text = format!(
            "The call is signed with the key of the credential {}, not with that of {}.",
            shown(&other.pattern()),
            shown(&credential.pattern())
        );
        (Diagnosis::new(Mistake::KeyOfOther, text), other.key().as_bytes().to_vec())
    }));
    if let Some(secret_id) = secret_id(case.request) {
        let text = "The call is signed with the SecretId as the key. Sign with the SecretKey.";
        let diagnosis = Diagnosis::new(Mistake::KeyIsSecretId, text);
        found.push((diagnosis, secret_id.as_bytes().to_vec()));
    }
    found
}

fn with_space(key: &[u8]) -> Vec<(Diagnosis, Vec<u8>)> {
    let spaces: [(&str, &[u8], &[u8]); 6] = [
        ("a newline after it", b"", b"\n"),
        ("CR LF after it", b"", b"\r\n"),
        ("a space after it", b"", b" "),
        ("a space before it", b" ", b""),
        ("quotes around it", b"\"", b"\""),
        ("single quotes around it", b"'", b"'"),
    ];
    let trial = |(what, before, after): (&str, &[u8], &[u8])| {
        let text = format!("The key that the call is signed with has {what}. Trim the key.");
        (Diagnosis::new(Mistake::KeyWithSpace, text), [before, key, after].concat())
    };
    spaces.map(trial).into()
}

/// Diagnoses an unknown SecretId, and names the nearest known one or the first few.
///
/// The client's string is not repeated, as it may be a secret key.
pub(super) fn unknown(case: Case<'_>) -> Diagnosis {
    let secret_id = secret_id(case.request).unwrap_or_default();
    if case.keyring.has_key(secret_id) {
        let text = "The SecretId is a SecretKey. The two seem to be swapped.";
        return Diagnosis::new(Mistake::SecretIdIsKey, text);
    }
    let trimmed = secret_id.trim_ascii();
    if trimmed != secret_id && case.keyring.find(trimmed).is_some() {
        let text = "The SecretId has white space around it. Trim the SecretId.";
        return Diagnosis::new(Mistake::SecretIdWithSpace, text);
    }
    let patterns: Vec<String> = case.keyring.iter().map(Credential::pattern).collect();
    let bare = |pattern: &str| pattern.trim_end_matches('*').to_owned();
    let names: Vec<String> = patterns.iter().map(|it| bare(it)).collect();
    let near = nearest(secret_id, names.iter().map(String::as_str));
    let near = near.and_then(|near| patterns.iter().find(|it| bare(it) == near));
    let known = match (near, patterns.as_slice()) {
        (Some(near), _) => format!("The nearest known SecretId is {}.", shown(near)),
        (None, []) => "No SecretIds are known.".to_owned(),
        (None, patterns) => {
            let shown_ones: Vec<String> =
                patterns.iter().take(NAMED_MAX).map(|it| shown(it)).collect();
            let more = match patterns.len().saturating_sub(NAMED_MAX) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("The known SecretIds are {}{more}.", shown_ones.join(", "))
        }
    };
    let text = format!("No credential is known for this SecretId. {known}");
    Diagnosis::new(Mistake::SecretIdUnknown, text)
}
