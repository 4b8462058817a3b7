//! Values with several spellings as strings.

use rstest::rstest;
use serde_json::{Value, json};

use crate::tests::support::{TestServer, VERSION, VPC, code, error};

const REGION: &str = "ap-hangzhou-ecm";

/// Sends a v1 GET of an action, with `parameters` unchanged in the query.
async fn get(server: &TestServer, action: &str, parameters: &str) -> Value {
    let target = format!("/?Action={action}&Version={VERSION}&{parameters}");
    server.send("GET", &target, &[], b"").await.response()
}

async fn post(server: &TestServer, action: &str, body: &str) -> Value {
    let headers =
        [("X-TC-Action", action), ("X-TC-Version", VERSION), ("Content-Type", "application/json")];
    server.send("POST", "/", &headers, body.as_bytes()).await.response()
}

/// Asserts that an expectation and a fault rule see the same value as the action.
async fn assert_seen_as(action: &str, parameters: &str, expected: Value, other: Value) {
    let server = TestServer::new().await;
    let admin = server.admin();
    let before = get(&server, action, parameters).await["Error"]["Code"].take();
    assert_ne!(before, "InvalidParameter", "{parameters}");
    for (params, count) in [(&expected, 1), (&other, 0)] {
        let expectation = json!({ "Action": action, "Params": params, "Times": count });
        let verification = admin.post("verify", expectation).await;
        assert_eq!(verification["Ok"], true, "{parameters}: {verification}");
    }
    for (params, code) in [(&other, before), (&expected, json!("InternalError"))] {
        let error = json!({ "Code": "InternalError" });
        let rule = json!({ "Action": action, "Params": params, "Error": error });
        admin.add_fault(&rule).await;
        let answered = get(&server, action, parameters).await;
        assert_eq!(answered["Error"]["Code"], code, "{parameters} {params}");
    }
}

#[rstest]
#[case("true", true)]
#[case("True", true)]
#[case("TRUE", true)]
#[case("tRUE", true)]
#[case("1", true)]
#[case("false", false)]
#[case("False", false)]
#[case("FALSE", false)]
#[case("0", false)]
#[case("", false)]
#[tokio::test]
async fn a_boolean_is_the_same_for_actions_faults_and_expectations(
    #[case] text: &str,
    #[case] value: bool,
) {
    let parameters =
        format!("EcmRegion={REGION}&AddressId=eip-00000001&ReallocateNormalPublicIp={text}");
    let expected = |value| json!({ "ReallocateNormalPublicIp": value });
    assert_seen_as("DisassociateAddress", &parameters, expected(value), expected(!value)).await;
}

#[rstest]
#[case("5")]
#[case("05")]
#[case("%2B5")]
#[tokio::test]
async fn an_integer_is_the_same_for_actions_faults_and_expectations(#[case] text: &str) {
    let (expected, other) = (json!({ "Limit": 5 }), json!({ "Limit": 50 }));
    assert_seen_as("DescribeVpcs", &format!("Limit={text}"), expected, other).await;
}

/// Clients that send integers as doubles, as Gson does for maps, get an error.
#[rstest]
#[case("10.0")]
#[case("1e1")]
#[case("1E1")]
#[tokio::test]
async fn an_integer_with_a_point_or_an_exponent_is_rejected(#[case] text: &str) {
    let server = TestServer::new().await;
    let message = "The value type of parameter `Limit` is not valid, input type should be `uint64`";
    let in_json = post(&server, "DescribeVpcs", &format!("{{\"Limit\":{text}}}")).await;
    let in_query = get(&server, "DescribeVpcs", &format!("Limit={text}")).await;
    for response in [in_json, in_query] {
        let (code, actual) = error(&response);
        assert_eq!(code, "InvalidParameter");
        assert_eq!(actual.replace("`int64`", "`uint64`"), message);
    }
}

#[tokio::test]
async fn only_the_first_equals_sign_separates_a_name_from_its_value() {
    let server = TestServer::new().await;
    let renaming = format!("VpcId={VPC}&EcmRegion={REGION}&VpcName=a=b=c==");
    let renamed = get(&server, "ModifyVpcAttribute", &renaming).await;
    assert_eq!(renamed["Error"], Value::Null, "{renamed}");
    let vpcs = post(&server, "DescribeVpcs", "{}").await;
    assert_eq!(vpcs["VpcSet"][0]["VpcName"], "a=b=c==");
    assert_eq!(code(&get(&server, "DescribeVpcs", "=a=b").await), "InvalidParameter");
}

/// Korean and Japanese are languages of the vendor's console, but no message in them is known.
#[rstest]
#[case("ko-KR", None)]
#[case("ja-JP", None)]
#[case("JA-jp", None)]
#[case("fr-FR", Some("InvalidParameterValue"))]
#[case("ko", Some("InvalidParameterValue"))]
#[case("en", Some("InvalidParameterValue"))]
#[tokio::test]
async fn other_languages_are_answered_in_english(
    #[case] language: &str,
    #[case] refused: Option<&str>,
) {
    let server = TestServer::new().await;
    let headers = [
        ("X-TC-Action", "CreateHaVip"),
        ("X-TC-Version", VERSION),
        ("Content-Type", "application/json"),
        ("X-TC-Language", language),
    ];
    let in_header = server.send("POST", "/", &headers, b"{}").await.response();
    let in_query = get(&server, "CreateHaVip", &format!("Language={language}")).await;
    for response in [in_header, in_query] {
        let missing = "The request is missing a required parameter `VpcId`.";
        match refused {
            None => assert_eq!(error(&response), ("MissingParameter", missing)),
            Some(refused) => assert_eq!(code(&response), refused),
        }
    }
}
