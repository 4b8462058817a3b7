//! What the README says is so.

use crate::{
    control::faults::{Connection, ErrorAnswer, HttpAnswer, Rule},
    ecm::CATALOG,
    protocol::signature::explain::Mistake,
};
use serde_json::{Map, Value, json};
use tokio::process::Command;

use crate::tests::support::{TestServer, code, create, error};

const README: &str = include_str!("../../README.md");
const ENDPOINT: &str = "http://127.0.0.1:7190";

/// Rows of the table whose header begins so, cell by cell.
fn table(header: &str) -> Vec<Vec<&'static str>> {
    let rows: Vec<_> = README
        .lines()
        .skip_while(|line| !line.starts_with(header))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    assert!(!rows.is_empty(), "there is no table `{header}`");
    rows
}

fn unquoted(cell: &str) -> &str {
    cell.trim_matches('`')
}

#[tokio::test]
async fn the_curl_of_the_readme_answers_as_it_says() {
    let server = TestServer::new().await;
    let start = README.find("curl http").unwrap();
    let command =
        README[start..].split("```").next().unwrap().replace(ENDPOINT, &server.endpoint());
    let output = Command::new("bash").args(["-c", &command]).output().await.unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["Response"]["HaVip"]["Vip"], "172.16.0.17");
    assert!(README.contains(r#"`"Vip":"172.16.0.17"`"#));
}

#[tokio::test]
async fn the_curl_over_https_trusts_what_it_got() {
    let server = TestServer::new().await;
    let folder = tempfile::tempdir().unwrap();
    let start = README.find("curl -o ca.pem").unwrap();
    let commands = README[start..].split("```").next().unwrap();
    let commands = commands.replace("127.0.0.1:7190", &server.address());
    let mut bash = Command::new("bash");
    let output = bash.args(["-e", "-c", &commands]).current_dir(&folder).output().await.unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["Status"], "ready");
}

#[tokio::test]
async fn every_error_of_the_readme_is_provoked_as_it_says() {
    let rows = table("| code |");
    for row in &rows {
        let [name, recipe, fact] = row[..] else { panic!("{row:?}") };
        if recipe == "not by a call" {
            continue;
        }
        let (params, flag) = recipe.split_once(" with ").unwrap_or((recipe, ""));
        let server = match unquoted(flag) {
            "" => TestServer::new().await,
            "--quota havips-per-vpc=0" => {
                TestServer::with(|config| config.quotas.ha_vips_per_vpc = 0).await
            }
            flag => {
                let file = flag.strip_prefix("--fixture ").unwrap();
                TestServer::with_fixture(&std::fs::read_to_string(file).unwrap()).await
            }
        };
        let params: Map<String, Value> = serde_json::from_str(unquoted(params)).unwrap();
        let response = server.call("CreateHaVip", &create(params.into())).await;
        assert_eq!(code(&response), unquoted(name));
        assert!(error(&response).1.contains(fact), "{}", error(&response).1);
    }
    let documented: Vec<&str> =
        CATALOG.codes("CreateHaVip").iter().map(|code| code.as_str()).collect();
    assert_eq!(rows.iter().map(|row| unquoted(row[0])).collect::<Vec<_>>(), documented);
}

/// Set it to write the table of actions anew.
const UPDATE: &str = "ECMOCK_UPDATE_README";

#[test]
fn the_actions_of_the_readme_are_those_of_the_catalog() {
    const HEADER: &str = "| action | parameters |\n| --- | --- |\n";
    let rows: Vec<String> = CATALOG
        .entries()
        .map(|entry| {
            let parameters = entry.model.parameters.of_calls().map(|it| {
                if it.required { format!("`{}`", it.name) } else { format!("[`{}`]", it.name) }
            });
            format!("| `{}` | {} |\n", entry.model.name, parameters.collect::<Vec<_>>().join(" "))
        })
        .collect();
    let rows = rows.concat();
    let (before, after) = README.split_once(HEADER).unwrap();
    let end = after.find("\n\n").map_or(0, |end| end + 1);
    let (written, after) = if after.starts_with('|') { after.split_at(end) } else { ("", after) };
    if std::env::var_os(UPDATE).is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
        std::fs::write(path, format!("{before}{HEADER}{rows}{after}")).unwrap();
    } else {
        assert_eq!(written, rows, "run this test with {UPDATE} set to write the table anew");
    }
    let (emulated, all) = (CATALOG.entries().count(), CATALOG.models.len());
    assert!(README.contains(&format!("it emulates [{emulated} actions](#actions)")));
    assert!(README.contains(&format!("The product's other {} actions", all - emulated)));
}

#[test]
fn the_members_of_a_fault_rule_are_those_of_the_readme() {
    let rule = Rule {
        error: Some(ErrorAnswer { code: "InternalError".to_owned(), message: None }),
        http: Some(HttpAnswer { status: 503, body: String::new() }),
        connection: Some(Connection::Reset),
        ..Rule::default()
    };
    let Value::Object(rule) = serde_json::to_value(rule).unwrap() else { panic!() };
    let mut members: Vec<&str> = rule.keys().map(String::as_str).collect();
    let mut named: Vec<&str> =
        table("| member | default |").iter().map(|row| unquoted(row[0])).collect();
    members.sort_unstable();
    named.sort_unstable();
    assert_eq!(named, members);
}

#[test]
fn the_readme_counts_the_known_mistakes_of_signing() {
    // Hosts that are signed otherwise than they are on the wire, and accepted.
    let habits = [Mistake::HostWithoutPort, Mistake::HostWithoutScheme, Mistake::HostReal];
    let mistakes = Mistake::ALL.len() - habits.len();
    assert!(README.contains(&format!("ecmock knows {mistakes} mistakes")), "{mistakes}");
    assert!(README.contains("three habits that are accepted"));
}

#[tokio::test]
async fn a_secret_id_of_its_own_is_a_cloud_of_its_own() {
    let server = TestServer::new().await;
    for account in ["one", "two"] {
        let response = server.call_as(account, "CreateHaVip", &create(json!({}))).await;
        assert_eq!(response["HaVip"]["Vip"], "172.16.0.17");
    }
}
