//! The `Authorization` header.

use super::{super::keyring::SCOPE_END, ALGORITHM};
use crate::protocol::{refusal::AuthorizationPart as Part, text::split_once};

/// The parts of an `Authorization` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authorization<'a> {
    pub(in crate::protocol::signature) secret_id: &'a str,
    pub(in crate::protocol::signature) date: &'a str,
    pub(in crate::protocol::signature) service: &'a str,
    pub(in crate::protocol::signature) signed_headers: &'a str,
    pub(in crate::protocol::signature) signature: &'a str,
}

impl<'a> Authorization<'a> {
    /// Parses the header. Any ASCII white space separates its parts: .NET sends two spaces after
    /// the algorithm.
    pub(in crate::protocol::signature) fn parse(text: &'a str) -> Result<Self, Part> {
        let (algorithm, rest) = text.split_once(is_space).ok_or(Part::Algorithm)?;
        if algorithm != ALGORITHM {
            return Err(Part::Algorithm);
        }
        let [credential, signed_headers, signature] = fields(rest);
        // A service may contain slashes (`http://127`), so the parts are split off from both ends.
        // Spaces are part of a SecretId, as in v1.
        let (secret_id, scope) = credential
            .and_then(|it| split_once(it, b'/'))
            .filter(|(secret_id, _)| !secret_id.is_empty())
            .ok_or(Part::Credential)?;
        let (date, service) = scope
            .strip_suffix(SCOPE_END)
            .and_then(|it| it.strip_suffix('/'))
            .and_then(|it| split_once(it, b'/'))
            .ok_or(Part::Credential)?;
        Ok(Self {
            secret_id,
            date,
            service,
            signed_headers: not_empty(signed_headers).ok_or(Part::SignedHeaders)?,
            signature: not_empty(signature).ok_or(Part::Signature)?,
        })
    }

    /// Returns the SecretId, if the header contains a well-formed one.
    pub fn secret_id(text: &'a str) -> Option<&'a str> {
        // In most headers, the credential is the first field. Its end is not needed.
        let mut rest = text.strip_prefix(ALGORITHM)?;
        let value = loop {
            match rest.trim_ascii_start().strip_prefix("Credential=") {
                Some(value) => break value,
                None => rest = rest.split_once(',')?.1,
            }
        };
        let end = value.bytes().position(|it| matches!(it, b'/' | b','))?;
        let (secret_id, rest) = value.split_at(end);
        (rest.starts_with('/') && !secret_id.is_empty()).then_some(secret_id)
    }
}

/// Whether a character separates the parts of the header. Non-ASCII white space does not, as no
/// client sends it on purpose.
pub(in crate::protocol::signature) const fn is_space(character: char) -> bool {
    // Assumed (auth.field-separators): Unicode has other white space, which separates nothing.
    character.is_ascii_whitespace()
}

/// Returns the values of the fields `Credential`, `SignedHeaders`, and `Signature`: `name=value`, between
/// commas. The first field of a name counts.
fn fields(text: &str) -> [Option<&str>; 3] {
    let (mut values, mut rest) = ([None; 3], Some(text));
    while let Some(text) = rest {
        let (field, more) =
            split_once(text, b',').map_or((text, None), |(it, more)| (it, Some(more)));
        rest = more;
        let Some((name, value)) = split_once(field.trim_ascii(), b'=') else { continue };
        let [credential, signed_headers, signature] = &mut values;
        let slot = match name {
            "Credential" => credential,
            "SignedHeaders" => signed_headers,
            "Signature" => signature,
            _ => continue,
        };
        slot.get_or_insert(value);
    }
    values
}

/// Returns the trimmed value of a field, unless it is empty.
fn not_empty(value: Option<&str>) -> Option<&str> {
    value.map(str::trim_ascii).filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_parsed_leniently() {
        for text in [
            "TC3-HMAC-SHA256 Credential=id/2019-02-25/ecm/tc3_request, SignedHeaders=a;b, Signature=c",
            "TC3-HMAC-SHA256  Credential=id/2019-02-25/ecm/tc3_request,SignedHeaders=a;b,Signature=c",
            "TC3-HMAC-SHA256 Signature=c , SignedHeaders=a;b ,  Credential=id/2019-02-25/ecm/tc3_request",
        ] {
            let authorization = Authorization {
                secret_id: "id",
                date: "2019-02-25",
                service: "ecm",
                signed_headers: "a;b",
                signature: "c",
            };
            assert_eq!(Authorization::parse(text), Ok(authorization));
        }
        let odd = "TC3-HMAC-SHA256 Credential=id/2026-11-22/http://127/tc3_request, SignedHeaders=a, Signature=c";
        assert_eq!(Authorization::parse(odd).unwrap().service, "http://127");
    }

    #[test]
    fn the_malformed_part_is_named() {
        let credential = "Credential=id/2019-02-25/ecm/tc3_request";
        for (text, part) in [
            ("TC3-HMAC-SHA256".to_owned(), Part::Algorithm),
            (
                format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders=a, Signature=c"),
                Part::Algorithm,
            ),
            ("TC3-HMAC-SHA256 SignedHeaders=a, Signature=c".to_owned(), Part::Credential),
            (
                "TC3-HMAC-SHA256 Credential=id, SignedHeaders=a, Signature=c".to_owned(),
                Part::Credential,
            ),
            (
                "TC3-HMAC-SHA256 Credential=/d/s/tc3_request, SignedHeaders=a".to_owned(),
                Part::Credential,
            ),
            (
                "TC3-HMAC-SHA256 Credential=id/d/s/aws4_request, Signature=c".to_owned(),
                Part::Credential,
            ),
            (format!("TC3-HMAC-SHA256 {credential}, Signature=c"), Part::SignedHeaders),
            (format!("TC3-HMAC-SHA256 {credential}, SignedHeaders=a"), Part::Signature),
        ] {
            assert_eq!(Authorization::parse(&text), Err(part), "{text}");
        }
    }

    #[test]
    fn only_ascii_spaces_separate_the_fields() {
        let text = "TC3-HMAC-SHA256 Credential=id/2019-02-25/ecm/tc3_request, SignedHeaders=a;b, Signature=c";
        for odd in ['\u{a0}', '\u{3000}', '\u{2028}', '\u{85}'] {
            for (from, to, part) in [
                ("256 ", format!("256{odd}"), Part::Algorithm),
                ("256 ", format!("256 {odd}"), Part::Credential),
                (", SignedHeaders", format!(",{odd}SignedHeaders"), Part::SignedHeaders),
                (", Signature=", format!(",{odd}Signature="), Part::Signature),
            ] {
                let text = text.replace(from, &to);
                assert_eq!(Authorization::parse(&text), Err(part), "{text}");
            }
            let text = format!("{text}{odd}");
            assert_eq!(Authorization::parse(&text).unwrap().signature, format!("c{odd}"));
        }
    }
}
