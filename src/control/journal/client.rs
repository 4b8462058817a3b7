//! Detection of the SDK that made a call.

use serde::Serialize;

use crate::protocol::secret::{KnownKeys, Shown};

/// Maximum length of a string that identifies a client.
const TEXT_CHARS_MAX: usize = 256;

/// Prefixes of `X-TC-RequestClient`, and the names of their SDKs.
const SDKS: [(&str, &str); 8] = [
    ("SDK_PYTHON_", "Python"),
    ("SDK_NODEJS_", "Node"),
    ("SDK_GO_", "Go"),
    ("SDK_JAVA_", "Java"),
    ("SDK_PHP_", "PHP"),
    ("SDK_NET_", ".NET"),
    ("SDK_CPP_", "C++"),
    ("SDK_RUBY_", "Ruby"),
];
/// Marker of tccli, which uses the Python SDK.
const TCCLI: &str = "_CLI_";
/// `X-TC-RequestClient` of the npm package `@tencent-sdk/capi`, which does not send its version.
const CAPI: &str = "TENCENT_SDK_CAPI";
/// `User-Agent` of Ruby's HTTP library. The Ruby SDK sends no `X-TC-RequestClient` with signature v3.
const RUBY: &str = "Ruby";

/// The client of a call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Client {
    /// Name of the SDK, such as `Python`, `tccli`, or `Go`. `None` if it is unknown.
    pub name: Option<&'static str>,
    /// Version of the SDK.
    pub version: Option<Shown>,
    /// `X-TC-RequestClient`, or `RequestClient` of signature v1.
    pub request_client: Option<Shown>,
    /// `User-Agent`.
    pub user_agent: Option<Shown>,
}

impl Client {
    /// Identifies a client by its headers.
    pub fn new(request_client: Option<&str>, user_agent: Option<&str>, keys: &KnownKeys) -> Self {
        let shown = |text: &str| Shown::new(text, TEXT_CHARS_MAX, keys);
        let (name, version) = match (request_client, user_agent) {
            (Some(CAPI), _) => (Some("capi"), None),
            (Some(text), _) => known(text).unzip(),
            (None, Some(RUBY)) => (Some("Ruby"), None),
            (None, _) => (None, None),
        };
        Self {
            name,
            version: version.map(shown),
            request_client: request_client.map(shown),
            user_agent: user_agent.map(shown),
        }
    }

    /// Returns the size of the strings in bytes.
    pub(super) fn bytes(&self) -> usize {
        let texts = [&self.version, &self.request_client, &self.user_agent];
        texts.into_iter().flatten().map(|it| it.len()).sum()
    }
}

/// Returns the name and version of an SDK. The version ends at the first separator, because programs
/// can append their own strings.
fn known(text: &str) -> Option<(&'static str, &str)> {
    let version = |text| str::split(text, [';', ':', ',', ' ']).next().unwrap_or_default();
    if let Some((_, rest)) = text.split_once(TCCLI) {
        return Some(("tccli", version(rest)));
    }
    let (prefix, name) = SDKS.into_iter().find(|(prefix, _)| text.starts_with(prefix))?;
    let rest = text.strip_prefix(prefix)?;
    // The Ruby SDK puts the product name before the version.
    Some((name, version(rest.strip_prefix("ECM_").unwrap_or(rest))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sdks_are_known() {
        let keys = KnownKeys::default();
        for (text, name, version) in [
            ("SDK_PYTHON_3.1.105", "Python", "3.1.105"),
            ("SDK_PYTHON_3.1.105; mine", "Python", "3.1.105"),
            ("SDK_PYTHON_3.1.105; _CLI_3.1.189.1", "tccli", "3.1.189.1"),
            ("SDK_NODEJS_4.1.313", "Node", "4.1.313"),
            ("SDK_GO_1.3.166", "Go", "1.3.166"),
            ("SDK_GO_1.3.166: mine", "Go", "1.3.166"),
            ("SDK_JAVA_3.2.11", "Java", "3.2.11"),
            ("SDK_PHP_3.0.1656", "PHP", "3.0.1656"),
            ("SDK_NET_3.0.1493", ".NET", "3.0.1493"),
            ("SDK_CPP_3.3.165", "C++", "3.3.165"),
            ("SDK_RUBY_ECM_3.0.1275", "Ruby", "3.0.1275"),
        ] {
            let client = Client::new(Some(text), None, &keys);
            assert_eq!((client.name, client.version.as_deref()), (Some(name), Some(version)));
        }
        assert_eq!(Client::new(Some("Terraform-latest"), None, &keys).name, None);
        let curl = Client::new(None, Some("curl/8"), &keys);
        assert_eq!(curl.user_agent.as_deref(), Some("curl/8"));
        assert_eq!(curl.name, None);
    }

    #[test]
    fn clients_without_a_version_are_known() {
        let keys = KnownKeys::default();
        for (request_client, user_agent, name) in [
            (Some("TENCENT_SDK_CAPI"), None, Some("capi")),
            (None, Some("Ruby"), Some("Ruby")),
            (Some("mine"), Some("Ruby"), None),
            (None, Some("Ruby/3"), None),
        ] {
            let client = Client::new(request_client, user_agent, &keys);
            assert_eq!((client.name, client.version), (name, None));
        }
    }
}
