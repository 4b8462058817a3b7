//! API errors as clients see them, without their cause.

use std::borrow::Cow;

/// An API 3.0 error code such as `InvalidParameterValue.Duplicate`, with its documented phrase.
///
/// Codes are constants, never built at run time: a typo does not compile, and `grep` finds every
/// code that ecmock can return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code(&'static Phrases);

/// The name and phrases of a code, shared by all actions that document it.
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

    /// Returns the code as clients see it.
    pub const fn as_str(self) -> &'static str {
        self.0.name
    }

    /// Returns the documented English phrase.
    pub const fn phrase(self) -> &'static str {
        self.0.en
    }

    /// Returns an error whose message is the documented phrase, followed by `fact` in parentheses.
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
    /// Returns an error whose message is only the documented phrase.
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

        /// All codes declared here.
        pub const ALL: &[$crate::protocol::Code] = &[$($constant),*];
    };
}
pub(crate) use codes;

/// Language of messages: `X-TC-Language`, or `Language` in signature v1.
///
/// Defaults to English, as seen on the real gateway. The vendor's page says Chinese.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// `en-US`.
    #[default]
    English,
    /// `zh-CN`.
    Chinese,
}

impl Language {
    /// Parses the name of a language, ignoring case.
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

/// A message in English and, if the real text is known, in Chinese.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    en: Cow<'static, str>,
    zh: Option<Cow<'static, str>>,
}

impl Text {
    /// Creates a message known in both languages.
    pub fn both(en: impl Into<Cow<'static, str>>, zh: impl Into<Cow<'static, str>>) -> Self {
        Self { en: en.into(), zh: Some(zh.into()) }
    }

    /// Creates a message whose Chinese text is unknown. The real gateway mixes languages, too.
    pub fn english(en: impl Into<Cow<'static, str>>) -> Self {
        Self { en: en.into(), zh: None }
    }

    /// Returns the message in `language`, or in English if there is none.
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
    /// Human-readable message.
    pub message: Text,
}
