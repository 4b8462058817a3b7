//! Clients' mistakes in signatures, and their descriptions.

use std::fmt;

use serde::Serialize;

use crate::protocol::{
    secret::{KnownKeys, without_password},
    text::Cut,
};

/// Maximum length of a diagnosis in a header, in bytes.
pub const HEADER_BYTES_MAX: usize = 300;
/// Maximum length of a client's string in a diagnosis, in characters.
const SHOWN_CHARS_MAX: usize = 60;

/// A client's mistake, and its fix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Diagnosis {
    pub name: Mistake,
    /// Facts and fix, in one or two sentences of printable ASCII.
    pub text: String,
}

impl Diagnosis {
    /// Creates a diagnosis. `text` must be printable ASCII: pass clients' texts through [`shown`].
    pub(super) fn new(name: Mistake, text: impl Into<String>) -> Self {
        Self { name, text: text.into() }
    }

    /// Masks secret keys in the text.
    pub(super) fn masked(self, keys: &KnownKeys) -> Self {
        Self { text: keys.mask(&self.text).into_owned(), ..self }
    }

    /// Returns `Name: text` as a header value: one line of printable ASCII, of at most
    /// [`HEADER_BYTES_MAX`] bytes.
    pub fn header(&self) -> String {
        let line: String = self.to_string().chars().filter(|it| matches!(it, ' '..='~')).collect();
        if line.len() <= HEADER_BYTES_MAX {
            return line;
        }
        Cut(&line, HEADER_BYTES_MAX - "...".len()).to_string()
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.text)
    }
}

/// Formats a client's string for a diagnosis: in backticks, truncated, and with everything except
/// printable ASCII escaped. An empty string becomes `empty`.
pub(super) fn shown(text: &str) -> String {
    if text.is_empty() {
        return "empty".to_owned();
    }
    let escape = |it: char| match it {
        ' '..='~' => it.to_string(),
        _ => it.escape_default().to_string(),
    };
    let short = Cut(text, SHOWN_CHARS_MAX).to_string();
    format!("`{}`", short.chars().map(escape).collect::<String>())
}

/// Formats a host for a diagnosis, without a password.
pub(super) fn shown_host(host: &str) -> String {
    shown(&without_password(host))
}

/// Declares [`Mistake`] and the list of its variants.
macro_rules! mistakes {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A known mistake, or a deviation that is accepted here.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub enum Mistake {
            $($(#[$doc])* $name,)*
        }

        impl Mistake {
            /// All mistakes.
            #[cfg(test)]
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Returns the mistake's name in the journal and in headers.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }
        }
    };
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

mistakes! {
    // Accepted.
    /// The signed host lacks the port of the host on the wire.
    HostWithoutPort,
    /// The signed host lacks the scheme that the host on the wire has.
    HostWithoutScheme,
    /// The signed host is a real host of the product.
    HostReal,

    // Hosts.
    /// The signed host has a port that the host on the wire lacks.
    HostWithPort,
    /// The signed host has a scheme that the host on the wire lacks.
    HostWithScheme,
    /// The signed host ends in a slash.
    HostWithSlash,
    /// The signed host differs in case from the host on the wire.
    HostInOtherCase,
    /// The signed host is another name of the local machine.
    HostLoopback,
    /// The signed host belongs to another product.
    HostOfOtherProduct,
    /// The signed host is that of another region than the one called.
    HostOfOtherRegion,
    /// A v1 string to sign has no host.
    HostLeftOut,

    // Claims of the call about its signature.
    /// The `Authorization` header is malformed.
    AuthorizationMalformed,
    /// `SignedHeaders` lacks a required name or repeats one.
    SignedHeadersInvalid,
    /// The credential's service does not match the host.
    ServiceOther,
    /// The credential's date is malformed.
    DateMalformed,
    /// The credential's date is the date in another time zone.
    DateLocal,
    /// The credential's date is not the timestamp's.
    DateOther,
    /// The stated hash is not the body's.
    ContentHashOther,
    /// The timestamp is in a smaller unit than seconds.
    TimestampNotInSeconds,
    /// The timestamp is whole hours off.
    TimestampLocal,
    /// The timestamp is off.
    TimestampOff,
    /// The signed timestamp is not the one sent.
    TimestampOther,
    /// No credential has this SecretId.
    SecretIdUnknown,
    /// The SecretId is the secret key of a credential.
    SecretIdIsKey,
    /// The SecretId has white space around it.
    SecretIdWithSpace,
    /// The call has a token, but the key needs none.
    TokenNotNeeded,

    // Keys.
    /// The key belongs to another credential.
    KeyOfOther,
    /// The key has white space around it.
    KeyWithSpace,
    /// The key is the SecretId.
    KeyIsSecretId,
    /// The key lacks the prefix `TC3` in v3, or has it in v1.
    KeyPrefix,
    /// The key or the string to sign is for another date than the credential.
    ScopeOtherDate,
    /// The key or the string to sign is for another service than the credential.
    ScopeOtherService,

    // Signed parts of the call.
    /// The signed body is the same JSON, serialized differently.
    BodyRespelled,
    /// The signed body has an extra newline at the end, or lacks one.
    BodyNewline,
    /// The signed body is not the one sent, or is empty.
    BodyLeftOut,
    /// The signed body has newlines that the one sent lacks.
    BodyNewlinesStripped,
    /// The payload is signed as unsigned, but the header that declares it was not sent.
    PayloadUnsigned,
    /// The payload is signed, but a header declares it unsigned.
    PayloadSigned,
    /// The canonical request ends in the payload instead of its hash.
    PayloadNotHashed,
    /// The signed content type has other parameters than the one sent.
    ContentTypeCharset,
    /// The signed content type is not the one sent.
    ContentTypeOther,
    /// The signed query is encoded differently from the one sent.
    QueryRespelled,
    /// The query is not signed.
    QueryLeftOut,
    /// The query of a POST is signed.
    QueryOfPost,
    /// The signed path is not `/`, or is missing.
    PathOther,
    /// The signed method is in lower case.
    MethodInLowerCase,
    /// The signed method is not the one sent.
    MethodOther,
    /// A signed header's value is not in lower case.
    ValueNotLowerCased,
    /// Names of signed headers are not in lower case.
    NamesNotLowerCased,
    /// Signed headers are not sorted.
    HeadersUnsorted,
    /// A signed header was not sent.
    HeaderNotSent,

    // Layout.
    /// The canonical request ends in a newline.
    RequestEndsInNewline,
    /// The string to sign ends in a newline.
    StringEndsInNewline,
    /// A v1 string to sign ends in `&`.
    StringEndsInAmpersand,
    /// Lines end in CR LF.
    CarriageReturns,
    /// There is no blank line after the headers.
    BlankLineLeftOut,
    /// The canonical request is not hashed.
    RequestNotHashed,
    /// A hash is in upper-case hex.
    HashInUpperCase,
    /// Values in a v1 string to sign are url-encoded.
    ValuesEncoded,
    /// Parameters in a v1 string to sign are not sorted.
    ParametersUnsorted,
    /// Parameters without a value are missing from a v1 string to sign.
    EmptyValuesLeftOut,
    /// Values that begin with `@` are missing from a v1 string to sign.
    AtValuesLeftOut,
    /// A list in a v1 string to sign is `Array`, PHP's text of a list.
    ListSignedAsArray,
    /// A boolean in a v1 string to sign is empty, PHP's text of `false`.
    FalseSignedAsEmpty,
    /// The algorithm is not the one named by `SignatureMethod`.
    AlgorithmOther,

    // Encoding of the signature.
    /// The signature is in upper-case hex.
    SignatureInUpperCase,
    /// The signature is in base64 instead of hex.
    SignatureInBase64,
    /// The signature is in hex instead of base64.
    SignatureInHex,
    /// The signature is not url-encoded, so that a `+` became a space.
    SignatureNotEncoded,
    /// The signature is url-encoded twice.
    SignatureEncodedTwice,
    /// The string cannot be a signature.
    SignatureMalformed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_one_short_line_of_ascii() {
        let wild = shown(&"\r\n\u{1b}名`\"".repeat(100));
        assert!(wild.bytes().all(|it| matches!(it, b' '..=b'~')), "{wild}");
        let text = format!("a {wild} b {wild} c {wild} d {wild} e");
        for text in [text, "名\r\nX-Other: 1".to_owned(), String::new()] {
            let header = Diagnosis::new(Mistake::HostReal, text).header();
            assert!(header.starts_with("HostReal: "), "{header}");
            assert!(header.len() <= HEADER_BYTES_MAX, "{header}");
            assert!(header.bytes().all(|it| matches!(it, b' '..=b'~')), "{header}");
        }
    }

    #[test]
    fn a_long_string_is_truncated() {
        assert_eq!(shown("a\nb"), "`a\\nb`");
        assert_eq!(shown(""), "empty");
        let long = "x".repeat(SHOWN_CHARS_MAX + 1);
        assert_eq!(shown(&long), format!("`{}...`", "x".repeat(SHOWN_CHARS_MAX)));
    }
}
