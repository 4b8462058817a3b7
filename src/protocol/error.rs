//! A failed call as it looks on the wire, without its cause.

use std::borrow::Cow;

/// An API 3.0 error code such as `InvalidParameterValue.Duplicate`, with the phrase that the
/// vendor documents for it.
///
/// Codes are constants, never built at run time: a typo cannot compile, and `grep` finds every
/// code that ecmock can answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code(&'static Phrases);

/// A code and its phrases, of which each action that documents the code has a reference.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Phrases {
    pub(crate) name: &'static str,
    pub(crate) en: &'static str,
    pub(crate) zh: &'static str,
}

impl Code {
    /// Declares a code with its documented phrase in English and in Chinese.
    pub(crate) const fn new(phrases: &'static Phrases) -> Self {
        Self(phrases)
    }

    /// The code as the client sees it.
    pub const fn as_str(self) -> &'static str {
        self.0.name
    }

    /// The documented English phrase.
    pub const fn phrase(self) -> &'static str {
        self.0.en
    }

    /// An error whose message is the documented phrase, followed by the fact behind it.
    pub fn because(self, fact: &impl std::fmt::Display) -> ApiError {
        ApiError {
            code: self,
            message: Text::both(
                format!("{} ({fact})", self.0.en),
                format!("{} ({fact})", self.0.zh),
            ),
        }
    }
}

impl From<Code> for ApiError {
    /// An error whose message is the documented phrase alone.
    fn from(code: Code) -> Self {
        Self { code, message: Text::both(code.0.en, code.0.zh) }
    }
}

/// Declares codes, each with its documented phrase in English and in Chinese.
macro_rules! codes {
    ($($constant:ident = $name:literal, $en:literal, $zh:literal;)*) => {
        $(#[doc = concat!("`", $name, "`: ", $en)]
        pub const $constant: $crate::protocol::Code =
            $crate::protocol::Code::new(&$crate::protocol::error::Phrases {
                name: $name,
                en: $en,
                zh: $zh,
            });)*

        /// All of these.
        pub const ALL: &[$crate::protocol::Code] = &[$($constant),*];
    };
}
pub(crate) use codes;

/// Language of messages: `X-TC-Language`, or `Language` in signature v1.
///
/// A call that names none gets English, as seen of the real gateway (the vendor's page says
/// Chinese).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// `en-US`.
    #[default]
    English,
    /// `zh-CN`.
    Chinese,
}

impl Language {
    /// Reads the name of a language, ignoring case.
    pub fn named(name: &str) -> Option<Self> {
        [
            ("en-US", Self::English),
            ("zh-CN", Self::Chinese),
            // Assumed (gateway.language-ja-ko): messages are in English. The vendor's plugin for Grafana
            // sends these names, and no text in these languages is known.
            ("ja-JP", Self::English),
            ("ko-KR", Self::English),
        ]
        .into_iter()
        // Assumed (gateway.language-case): names may have any case.
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, language)| language)
    }
}

/// A message in English and, where its real text is known, in Chinese.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    en: Cow<'static, str>,
    zh: Option<Cow<'static, str>>,
}

impl Text {
    /// A message known in both languages.
    pub fn both(en: impl Into<Cow<'static, str>>, zh: impl Into<Cow<'static, str>>) -> Self {
        Self { en: en.into(), zh: Some(zh.into()) }
    }

    /// A message whose Chinese text is not known; the real gateway mixes languages too.
    pub fn english(en: impl Into<Cow<'static, str>>) -> Self {
        Self { en: en.into(), zh: None }
    }

    /// The message in `language`, or else in English.
    pub fn in_language(&self, language: Language) -> &str {
        match (language, &self.zh) {
            (Language::Chinese, Some(zh)) => zh,
            _ => &self.en,
        }
    }
}

/// A failed call: the `Error` object of the response envelope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", code.as_str(), message.en)]
pub struct ApiError {
    /// Machine-readable code.
    pub code: Code,
    /// Sentence for a human.
    pub message: Text,
}
