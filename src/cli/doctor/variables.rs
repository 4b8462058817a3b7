//! Variables of the SDKs and tccli.

use crate::{
    config::DEFAULT_CREDENTIAL,
    control::accounts::{ACCOUNT_PREFIX, account_name},
    protocol::{
        request::is_region,
        signature::keyring::{Keyring, PUBLIC_KEY},
    },
};

use super::{Finding, Setup};

const SECRET_ID: &str = "TENCENTCLOUD_SECRET_ID";
const SECRET_KEY: &str = "TENCENTCLOUD_SECRET_KEY";
const REGION: &str = "TENCENTCLOUD_REGION";
/// Tokens of temporary credentials: of tccli, and of the Node SDK.
const TOKENS: [&str; 2] = ["TENCENTCLOUD_TOKEN", "TENCENTCLOUD_SESSION_TOKEN"];
/// If both are set, tccli gets its credentials from the real cloud.
const ROLE: [&str; 2] = ["TENCENTCLOUD_ROLE_ARN", "TENCENTCLOUD_ROLE_SESSION_NAME"];

const FIX: &str = "run `eval \"$(ecmock env)\"`";

/// Returns the account that calls with the SecretId of the environment use.
pub(super) fn account(setup: &Setup) -> String {
    let keyring = Keyring::new(DEFAULT_CREDENTIAL.parse().into_iter().collect());
    account_name(&keyring, setup.variable(SECRET_ID)).name.into_owned()
}

/// Checks the credentials and the region.
pub(super) fn check(setup: &Setup) -> Vec<Finding> {
    let mut findings = credentials(setup);
    findings.push(region(setup));
    findings
}

/// Checks the credentials. No finding contains their values, except the account.
fn credentials(setup: &Setup) -> Vec<Finding> {
    let warning = |message: String, fix: &str| Finding::warning("credentials", message, fix);
    let message = match (setup.variable(SECRET_ID), setup.variable(SECRET_KEY)) {
        (None, None) => None,
        (Some(_), None) => Some(format!("{SECRET_KEY} is not set, but {SECRET_ID} is")),
        (None, Some(_)) => Some(format!("{SECRET_ID} is not set, but {SECRET_KEY} is")),
        (Some(id), _) if !id.starts_with(ACCOUNT_PREFIX) => Some(format!(
            "{SECRET_ID} does not begin with `{ACCOUNT_PREFIX}`; if it is real, a call that misses the server changes the real cloud"
        )),
        (_, Some(key)) => (key != PUBLIC_KEY).then(|| {
            format!("{SECRET_KEY} is not `{PUBLIC_KEY}`; --auth verify rejects it unless it is a --credential")
        }),
    };
    let mut findings: Vec<Finding> = message.into_iter().map(|it| warning(it, FIX)).collect();
    for token in setup.set(&TOKENS) {
        findings.push(warning(
            format!("{token} is set; --auth verify rejects calls with a token"),
            &format!("run `unset {token}`"),
        ));
    }
    if setup.set(&ROLE).len() == ROLE.len() {
        let [arn, session] = ROLE;
        let message = format!("{arn} is set; tccli requests credentials from the real cloud");
        findings.push(warning(message, &format!("run `unset {arn} {session}`")));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(
            "credentials",
            match setup.variable(SECRET_ID) {
                None => format!("{SECRET_ID} is not set; the program sets its credentials"),
                Some(_) => format!("{SECRET_ID} selects account `{}`", account(setup)),
            },
        ));
    }
    findings
}

fn region(setup: &Setup) -> Finding {
    match setup.variable(REGION) {
        None => Finding::ok("region", format!("{REGION} is not set; no ECM action needs a region")),
        Some(region) if is_region(region) => Finding::ok("region", format!("{REGION} is {region}")),
        Some(_) => {
            let message = format!("{REGION} is malformed; calls with it fail");
            Finding::problem("region", message, &format!("run `export {REGION}=ap-guangzhou`"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::tests::{lines, setup};

    fn checked(variables: &[(&str, &str)]) -> String {
        lines(check(&setup("127.0.0.1:7190", variables)))
    }

    #[test]
    fn the_variables_of_env_are_ok() {
        let variables =
            [(SECRET_ID, "ecmock-web"), (SECRET_KEY, "ecmock"), (REGION, "ap-guangzhou")];
        insta::assert_snapshot!(checked(&variables) + &checked(&[]), @"
        ok       credentials: TENCENTCLOUD_SECRET_ID selects account `web`
        ok       region: TENCENTCLOUD_REGION is ap-guangzhou
        ok       credentials: TENCENTCLOUD_SECRET_ID is not set; the program sets its credentials
        ok       region: TENCENTCLOUD_REGION is not set; no ECM action needs a region
        ");
    }

    #[test]
    fn other_credentials_are_warned_of_and_never_shown() {
        let cases: [&[(&str, &str)]; 6] = [
            &[(SECRET_ID, "AKIDhunter2"), (SECRET_KEY, "hunter2")],
            &[(SECRET_ID, "ecmock-web"), (SECRET_KEY, "hunter2")],
            &[(SECRET_ID, "AKIDhunter2")],
            &[(SECRET_KEY, "hunter2")],
            &[(TOKENS[0], "hunter2"), (TOKENS[1], "hunter2")],
            &[(ROLE[0], "hunter2"), (ROLE[1], "hunter2"), (REGION, "Hunter2")],
        ];
        let lines: Vec<String> = cases.iter().map(|it| checked(it)).collect();
        let lines = lines.concat();
        assert!(!lines.to_lowercase().contains("hunter2"), "{lines}");
        insta::assert_snapshot!(lines, @r#"
        warning  credentials: TENCENTCLOUD_SECRET_ID does not begin with `ecmock-`; if it is real, a call that misses the server changes the real cloud; run `eval "$(ecmock env)"`
        ok       region: TENCENTCLOUD_REGION is not set; no ECM action needs a region
        warning  credentials: TENCENTCLOUD_SECRET_KEY is not `ecmock`; --auth verify rejects it unless it is a --credential; run `eval "$(ecmock env)"`
        ok       region: TENCENTCLOUD_REGION is not set; no ECM action needs a region
        warning  credentials: TENCENTCLOUD_SECRET_KEY is not set, but TENCENTCLOUD_SECRET_ID is; run `eval "$(ecmock env)"`
        ok       region: TENCENTCLOUD_REGION is not set; no ECM action needs a region
        warning  credentials: TENCENTCLOUD_SECRET_ID is not set, but TENCENTCLOUD_SECRET_KEY is; run `eval "$(ecmock env)"`
        ok       region: TENCENTCLOUD_REGION is not set; no ECM action needs a region
        warning  credentials: TENCENTCLOUD_TOKEN is set; --auth verify rejects calls with a token; run `unset TENCENTCLOUD_TOKEN`
        warning  credentials: TENCENTCLOUD_SESSION_TOKEN is set; --auth verify rejects calls with a token; run `unset TENCENTCLOUD_SESSION_TOKEN`
        ok       region: TENCENTCLOUD_REGION is not set; no ECM action needs a region
        warning  credentials: TENCENTCLOUD_ROLE_ARN is set; tccli requests credentials from the real cloud; run `unset TENCENTCLOUD_ROLE_ARN TENCENTCLOUD_ROLE_SESSION_NAME`
        problem  region: TENCENTCLOUD_REGION is malformed; calls with it fail; run `export TENCENTCLOUD_REGION=ap-guangzhou`
        "#);
    }
}
