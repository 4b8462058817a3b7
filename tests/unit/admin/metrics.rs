//! `GET metrics`: metrics for Prometheus.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::tests::support::{TestServer, create};

/// Returns the samples by name and labels, and checks the format of every line.
async fn samples(server: &TestServer) -> BTreeMap<String, String> {
    let answer = server.send("GET", "/_ecmock/metrics", &[], b"").await;
    assert_eq!(answer.status(), "200 OK");
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4"));
    let page = String::from_utf8(answer.body).unwrap();
    assert!(page.ends_with('\n'));
    let (mut samples, mut families) = (BTreeMap::new(), BTreeSet::new());
    for line in page.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, help) = help.split_once(' ').unwrap();
            assert!(families.insert(name.to_owned()) && !help.is_empty(), "{line}");
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').unwrap();
            assert!(families.contains(name), "{line}");
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
        } else {
            let (sample, value) = line.rsplit_once(' ').unwrap();
            let name = sample.split('{').next().unwrap();
            let family = ["_bucket", "_sum", "_count"].iter().find_map(|it| name.strip_suffix(it));
            assert!(families.contains(family.unwrap_or(name)), "{line}");
            assert!(is_labeled(sample.strip_prefix(name).unwrap()), "{line}");
            assert!(value.parse::<f64>().is_ok(), "{line}");
            assert!(samples.insert(sample.to_owned(), value.to_owned()).is_none(), "{line}");
        }
    }
    samples
}

/// Whether a string is empty or `{name="value",...}`.
fn is_labeled(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('{').and_then(|it| it.strip_suffix('}')) else {
        return text.is_empty();
    };
    inner.split(',').all(|label| {
        let Some((name, value)) = label.split_once('=') else { return false };
        let value = value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
        name.bytes().all(|it| it.is_ascii_lowercase())
            && value.is_some_and(|it| !it.contains(['"', '\\', '\n']))
    })
}

fn number(text: &str) -> f64 {
    text.parse().unwrap()
}

fn calls(samples: &BTreeMap<String, String>) -> Vec<String> {
    let calls = samples.iter().filter_map(|(sample, count)| {
        Some(format!("{} {count}", sample.strip_prefix("ecmock_calls_total")?))
    });
    calls.collect()
}

#[tokio::test]
async fn calls_are_counted_by_action_and_code() {
    let server = TestServer::new().await;
    assert_eq!(calls(&samples(&server).await), [""; 0]);
    for account in ["one", "other"] {
        server.call_as(account, "CreateHaVip", &create(json!({}))).await;
        server.call_as(account, "CreateHaVip", &create(json!({ "Vip": "x" }))).await;
    }
    server.call("DescribeVpcs", &json!({})).await;
    server.any_call("default", "RunInstances", &json!({})).await;
    let samples = samples(&server).await;
    assert_eq!(
        calls(&samples),
        [
            r#"{action="CreateHaVip",code="InvalidParameterValue.Malformed"} 2"#,
            r#"{action="CreateHaVip",code="OK"} 2"#,
            r#"{action="DescribeVpcs",code="OK"} 1"#,
            r#"{action="RunInstances",code="MissingParameter"} 1"#,
        ]
    );
    assert_eq!(samples["ecmock_accounts"], "3");
    assert_eq!(samples["ecmock_journal_entries"], "6");
    assert!(number(&samples["ecmock_journal_bytes"]) > 1000.0);
    assert!(number(&samples["ecmock_uptime_seconds"]) > 0.0);
}

#[tokio::test]
async fn durations_are_counted_in_cumulative_buckets() {
    let server = TestServer::new().await;
    server.admin().add_fault(&json!({ "Action": "DescribeVpcs", "Times": 1, "DelayMs": 20 })).await;
    for _ in 0..3 {
        server.call("DescribeVpcs", &json!({})).await;
    }
    let samples = samples(&server).await;
    let name = "ecmock_call_duration_seconds";
    let bucket = |le: &str| {
        number(&samples[&format!("{name}_bucket{{action=\"DescribeVpcs\",le=\"{le}\"}}")])
    };
    let bounds = ["0.0001", "0.0005", "0.001", "0.005", "0.01", "0.05", "0.1", "1", "10", "+Inf"];
    let counts = bounds.map(bucket);
    assert!(counts.is_sorted(), "{counts:?}");
    assert!(counts[4] < 2.5 && counts[9] > 2.5, "{counts:?}");
    assert_eq!(samples[&format!("{name}_count{{action=\"DescribeVpcs\"}}")], "3");
    assert!(number(&samples[&format!("{name}_sum{{action=\"DescribeVpcs\"}}")]) >= 0.02);
}

/// Strings from clients do not add labels.
#[tokio::test]
async fn no_label_has_text_of_a_client() {
    let server = TestServer::new().await;
    for number in 0..5 {
        server.any_call("default", &format!("Unknown{number}"), &json!({})).await;
    }
    for number in 0..5 {
        let error = json!({ "Code": format!("Made.Up{number}") });
        let rule = json!({ "Action": "CreateHaVip", "Error": error, "Force": true, "Times": 1 });
        server.admin().add_fault(&rule).await;
        server.any_call("default", "CreateHaVip", &create(json!({}))).await;
    }
    server.admin().add_fault(&json!({ "Action": "CreateVpc", "Http": { "Status": 503 } })).await;
    server.begin("default", "CreateVpc", &json!({})).await.read("POST").await;
    assert_eq!(
        calls(&samples(&server).await),
        [
            r#"{action="-",code="InvalidAction"} 5"#,
            r#"{action="CreateHaVip",code="forced"} 5"#,
            r#"{action="CreateVpc",code="-"} 1"#,
        ]
    );
}
