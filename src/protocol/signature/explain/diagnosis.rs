//! Mistakes of clients in signatures, and their descriptions.

use std::fmt;

use serde::Serialize;

use crate::protocol::{
    secret::{KnownKeys, without_password},
    text::Cut,
};

/// Bytes of a diagnosis in a header at most.
pub const HEADER_BYTES_MAX: usize = 300;
/// Characters of a client's text that are repeated in a diagnosis.
const SHOWN_CHARS_MAX: usize = 60;

/// A client's mistake, and its fix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Diagnosis {
    /// Which of the known mistakes it is.
    pub name: Mistake,
    /// One or two sentences of printable ASCII with the facts.
    pub text: String,
}

impl Diagnosis {
    /// `text` must be printable ASCII but for what [`shown`] made so.
    pub(super) fn new(name: Mistake, text: impl Into<String>) -> Self {
        Self { name, text: text.into() }
    }

    /// The same without secret keys.
    pub(super) fn masked(self, keys: &KnownKeys) -> Self {
        Self { text: keys.mask(&self.text).into_owned(), ..self }
    }

    /// `Name: text` as the value of a header: one line of printable ASCII, of at most
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

/// A client's text as a diagnosis may repeat it: between backticks, not long, and with all that is
/// not printable ASCII escaped. If there is none it is `empty`.
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

/// A host as a diagnosis may repeat it: without a password.
pub(super) fn shown_host(host: &str) -> String {
    shown(&without_password(host))
}

/// Declares [`Mistake`], with all of them in a list.
macro_rules! mistakes {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A known mistake, or a habit that is accepted here.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub enum Mistake {
            $($(#[$doc])* $name,)*
        }

        impl Mistake {
            /// All of them.
            #[cfg(test)]
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name in a journal or a header.
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
    /// The signed host is a real name of the product.
    HostReal,

    // Hosts.
    /// The signed host has a port that the host on the wire has not.
    HostWithPort,
    /// The signed host has a scheme that the host on the wire has not.
    HostWithScheme,
    /// The signed host ends in a slash.
    HostWithSlash,
    /// The signed host has other capitals than the host on the wire.
    HostInOtherCase,
    /// The signed host is another name of the machine itself.
    HostLoopback,
    /// The signed host is that of another product.
    HostOfOtherProduct,
    /// A v1 string to sign has no host.
    HostLeftOut,

    // Claims of the call about its signature.
    /// The `Authorization` header has another form.
    AuthorizationMalformed,
    /// `SignedHeaders` lacks a name, or has one twice.
    SignedHeadersInvalid,
    /// The service of the credential is not that of the host.
    ServiceOther,
    /// The date of the credential is not written as a date.
    DateMalformed,
    /// The date of the credential is that of a time zone.
    DateLocal,
    /// The date of the credential is another than the timestamp's.
    DateOther,
    /// The stated hash is not that of the body.
    ContentHashOther,
    /// The timestamp counts smaller units than seconds.
    TimestampNotInSeconds,
    /// The timestamp is whole hours off.
    TimestampLocal,
    /// The timestamp is off.
    TimestampOff,
    /// Another timestamp is signed than sent.
    TimestampOther,
    /// No credential has this SecretId.
    SecretIdUnknown,
    /// The SecretId is the secret key of a credential.
    SecretIdIsKey,
    /// The SecretId has white space around it.
    SecretIdWithSpace,
    /// There is a token, and the key needs none.
    TokenNotNeeded,

    // Keys.
    /// The key is another credential's.
    KeyOfOther,
    /// The key has white space around it.
    KeyWithSpace,
    /// The key is the SecretId.
    KeyIsSecretId,
    /// The key lacks the `TC3` that v3 puts before it, or has it in v1.
    KeyPrefix,
    /// The key or the string to sign is for another date than the credential.
    ScopeOtherDate,
    /// The key or the string to sign is for another service than the credential.
    ScopeOtherService,

    // Signed parts of the call.
    /// The body was written again as JSON.
    BodyRespelled,
    /// The body ends in a newline, or does not.
    BodyNewline,
    /// Another body than the one sent, or none, is signed.
    BodyLeftOut,
    /// The payload counts as unsigned, and the header that says so was not sent.
    PayloadUnsigned,
    /// The payload is signed, and a header says that it is not.
    PayloadSigned,
    /// The content type has other parameters than the one sent.
    ContentTypeCharset,
    /// The content type is another than the one sent.
    ContentTypeOther,
    /// The query was decoded or encoded again.
    QueryRespelled,
    /// The query is not signed.
    QueryLeftOut,
    /// The query of a POST is signed.
    QueryOfPost,
    /// The path is not `/`, or left out.
    PathOther,
    /// The method is not in capitals.
    MethodInLowerCase,
    /// The method is another than the one sent.
    MethodOther,
    /// A signed header's value is not in lower case.
    ValueNotLowerCased,
    /// Names of signed headers are not in lower case.
    NamesNotLowerCased,
    /// Signed headers are not in order.
    HeadersUnsorted,
    /// A signed header was not sent.
    HeaderNotSent,

    // How it is laid out.
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
    /// Parameters in a v1 string to sign are in another order.
    ParametersUnsorted,
    /// Parameters without a value are not in a v1 string to sign.
    EmptyValuesLeftOut,
    /// The algorithm is not the one that `SignatureMethod` says.
    AlgorithmOther,

    // How the signature is written.
    /// It is in upper-case hex.
    SignatureInUpperCase,
    /// It is in base64 where hex is due.
    SignatureInBase64,
    /// It is in hex where base64 is due.
    SignatureInHex,
    /// It is not url-encoded, so that a `+` became a space.
    SignatureNotEncoded,
    /// It is url-encoded twice.
    SignatureEncodedTwice,
    /// It cannot be a signature.
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
    fn a_text_is_shown_in_part() {
        assert_eq!(shown("a\nb"), "`a\\nb`");
        assert_eq!(shown(""), "empty");
        let long = "x".repeat(SHOWN_CHARS_MAX + 1);
        assert_eq!(shown(&long), format!("`{}...`", "x".repeat(SHOWN_CHARS_MAX)));
    }
}
