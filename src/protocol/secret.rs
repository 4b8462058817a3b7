//! What is nobody's to read.

/// Stands for a value that is not shown.
pub const MASK: &str = "***";

/// Whether the value of a parameter or a header of this name is not shown: actions of instances
/// take passwords, and what belongs to a signature may stand where it should not.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_said_openly = matches!(name.as_str(), "secretid" | "signaturemethod");
    !is_said_openly
        && (["password", "secret", "signature", "authorization"].iter().any(|it| name.contains(it))
            || matches!(name.as_str(), "token" | "x-tc-token"))
}

#[cfg(test)]
mod tests {
    use super::is_secret;

    #[test]
    fn names_of_secrets_are_known_in_any_case_and_place() {
        for name in ["Password", "LoginSettings.Password", "SecretKey", "Token", "X-TC-Token"] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["SecretId", "SignatureMethod", "ClientToken", "VpcId", "host"] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
