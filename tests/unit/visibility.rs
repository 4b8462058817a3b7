//! Resources that Describe calls do not show at once.

use std::{collections::BTreeMap, time::Duration};

use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

use super::{
    cloud::{Cloud, HANGZHOU},
    support::{SUBNET, TestServer, VPC, code, examples},
};
use crate::{
    control::fixture::{DEMO, Source},
    ecm::store::{Settings, Settle},
};

fn after(delay: Settle) -> Settings {
    Settings { visible_after: delay, ..Settings::default() }
}

/// A cloud with the demo, and calls by name.
fn cloud(delay: Settle) -> Cloud {
    Cloud::merged(&[Source { file: "demo".into(), text: DEMO.into() }], after(delay))
}

impl Cloud {
    fn create_ha_vip(&mut self, name: &str) -> String {
        let params = json!({ "VpcId": VPC, "SubnetId": SUBNET, "HaVipName": name });
        let made = self.call("CreateHaVip", &params);
        made["HaVip"]["HaVipId"].as_str().unwrap().to_owned()
    }

    fn ha_vips(&mut self, params: &Value) -> Vec<String> {
        let listed = self.call("DescribeHaVips", params);
        let set = listed["HaVipSet"].as_array().unwrap();
        assert_eq!(listed["TotalCount"], set.len());
        set.iter().map(|it| it["HaVipId"].as_str().unwrap().to_owned()).collect()
    }
}

#[test]
fn a_resource_is_visible_after_describe_calls_of_its_kind() {
    let mut cloud = cloud(Settle::Reads(2));
    let id = cloud.create_ha_vip("web");
    let by_name = json!({ "Filters": [{ "Name": "havip-name", "Values": ["web"] }] });
    assert_eq!(cloud.ha_vips(&json!({})), [""; 0]);
    // Calls of other kinds and rejected calls do not count.
    cloud.call("DescribeVpcs", &json!({}));
    cloud.call("DescribeHaVips", &json!({ "Limit": 0 }));
    assert_eq!(cloud.ha_vips(&by_name), [""; 0]);
    for params in [json!({}), by_name, json!({ "HaVipIds": [id] })] {
        assert_eq!(cloud.ha_vips(&params), [&*id], "{params}");
    }
}

#[rstest]
#[case::all(json!({}))]
#[case::by_id(json!({ "HaVipIds": ["ID"] }))]
#[case::by_id_filter(json!({ "Filters": [{ "Name": "havip-id", "Values": ["ID"] }] }))]
#[case::by_filter(json!({ "Filters": [{ "Name": "vpc-id", "Values": [VPC] }] }))]
fn every_query_leaves_hidden_resources_out(#[case] params: Value) {
    let mut cloud = cloud(Settle::Reads(1));
    let id = cloud.create_ha_vip("web");
    let params: Value = serde_json::from_str(&params.to_string().replace("ID", &id)).unwrap();
    let params = if params["HaVipIds"].is_array() { json!({ "HaVipIds": [id] }) } else { params };
    assert_eq!(cloud.ha_vips(&params), [""; 0]);
    assert_eq!(cloud.ha_vips(&params), [&*id]);
}

#[test]
fn a_resource_is_visible_after_a_time_and_stays_visible() {
    let mut cloud = cloud(Settle::After(Duration::from_secs(5)));
    let id = cloud.create_ha_vip("web");
    cloud.wait(chrono::TimeDelta::milliseconds(4999));
    assert_eq!(cloud.ha_vips(&json!({})), [""; 0]);
    cloud.wait(chrono::TimeDelta::milliseconds(1));
    assert_eq!(cloud.ha_vips(&json!({})), [&*id]);
    cloud.wait(chrono::TimeDelta::seconds(-60));
    assert_eq!(cloud.ha_vips(&json!({})), [&*id]);
}

#[test]
fn changes_see_hidden_resources() {
    let mut cloud = cloud(Settle::Reads(9));
    let vpc = json!({ "VpcName": "v", "CidrBlock": "10.0.0.0/16", "EcmRegion": HANGZHOU });
    let vpc = cloud.call("CreateVpc", &vpc)["Vpc"]["VpcId"].take();
    let subnet = json!({ "VpcId": vpc, "SubnetName": "s", "CidrBlock": "10.0.1.0/24",
        "Zone": "ap-hangzhou-ecm-1", "EcmRegion": HANGZHOU });
    let subnet = cloud.call("CreateSubnet", &subnet)["Subnet"]["SubnetId"].take();
    let ha_vip = json!({ "VpcId": vpc, "SubnetId": subnet, "HaVipName": "h", "Vip": "10.0.1.9" });
    let made = cloud.call("CreateHaVip", &ha_vip);
    let taken = cloud.call("CreateHaVip", &ha_vip);
    assert_eq!(code(&taken), "InvalidParameterValue.Duplicate");
    let used = cloud.call("DeleteVpc", &json!({ "VpcId": vpc, "EcmRegion": HANGZHOU }));
    assert_eq!(code(&used), "ResourceInUse");
    let id = &made["HaVip"]["HaVipId"];
    let renamed = json!({ "HaVipId": id, "HaVipName": "other" });
    assert!(cloud.call("ModifyHaVipAttribute", &renamed)["Error"].is_null());
    assert!(cloud.call("DeleteHaVip", &json!({ "HaVipId": id }))["Error"].is_null());
    assert_eq!(cloud.store.hidden().len(), 2);
    assert_eq!(cloud.store.check(), [""; 0]);
}

/// Quotas count hidden resources.
#[test]
fn quotas_count_hidden_resources() {
    let mut cloud = cloud(Settle::Reads(9));
    (0..10).for_each(|number| _ = cloud.create_ha_vip(&number.to_string()));
    let params = json!({ "VpcId": VPC, "SubnetId": SUBNET, "HaVipName": "h" });
    assert_eq!(code(&cloud.call("CreateHaVip", &params)), "LimitExceeded");
    for number in 1..20 {
        let vpc = json!({ "VpcName": "v", "CidrBlock": format!("10.{number}.0.0/16"), "EcmRegion": HANGZHOU });
        assert!(cloud.call("CreateVpc", &vpc)["Error"].is_null());
    }
    let vpc = json!({ "VpcName": "v", "CidrBlock": "10.99.0.0/16", "EcmRegion": HANGZHOU });
    assert_eq!(code(&cloud.call("CreateVpc", &vpc)), "LimitExceeded");
}

/// All Describe actions that list resources which calls create.
#[tokio::test]
async fn no_list_shows_a_hidden_resource() {
    let server = TestServer::with(|config| config.visible_after = Settle::Reads(1)).await;
    let region = json!({ "EcmRegion": HANGZHOU });
    for (create, describe, set, params) in [
        ("CreateVpc", "DescribeVpcs", "VpcSet", &region),
        ("CreateSubnet", "DescribeSubnets", "SubnetSet", &region),
        ("CreateHaVip", "DescribeHaVips", "HaVipSet", &json!({})),
        ("CreateNetworkInterface", "DescribeNetworkInterfaces", "NetworkInterfaceSet", &region),
        ("AllocateAddresses", "DescribeAddresses", "AddressSet", &region),
    ] {
        let (_, recipe) = examples().find(|(action, _)| *action == create).unwrap();
        server.prepare(create, recipe).await;
        let list = async || {
            let listed = server.call_as(create, describe, params).await;
            assert!(listed["Error"].is_null(), "{describe}: {listed}");
            (listed["TotalCount"].as_u64().unwrap(), listed[set].as_array().unwrap().len())
        };
        let before = list().await;
        let made = server.call_as(create, create, &recipe.request).await;
        assert!(made["Error"].is_null(), "{create}: {made}");
        assert_eq!(list().await, before, "{create}");
        let created = made["AddressSet"].as_array().map_or(1, Vec::len);
        let after = (before.0 + created as u64, before.1 + created);
        assert_eq!(list().await, after, "{create}");
    }
}

#[tokio::test]
async fn the_delay_can_be_set_for_an_account() {
    let server = TestServer::new().await;
    let admin = server.admin();
    assert_eq!(admin.get("visibility").await, json!({ "VisibleAfter": "0", "Hidden": [] }));
    let made = server.create(json!({})).await;
    assert_eq!(admin.put("visibility", json!({ "VisibleAfter": 2 })).await["VisibleAfter"], "2");
    let other = server.create(json!({})).await["HaVip"]["HaVipId"].take();
    let hidden = json!({ "VisibleAfter": "2", "Hidden": [{ "Id": other, "ReadsLeft": 2 }] });
    assert_eq!(admin.get("visibility").await, hidden);
    let listed = server.call("DescribeHaVips", &json!({})).await;
    assert_eq!(listed["HaVipSet"], json!([made["HaVip"]]));
    assert_eq!(admin.get("visibility").await["Hidden"][0]["ReadsLeft"], 1);
    // A later delay leaves hidden resources as they are.
    let set = admin.put("visibility", json!({ "VisibleAfter": "90s" })).await;
    assert_eq!((&set["VisibleAfter"], &set["Hidden"][0]["ReadsLeft"]), (&json!("90s"), &json!(1)));
    let third = server.create(json!({})).await["HaVip"]["HaVipId"].take();
    let at = json!({ "Id": third, "VisibleAt": "2026-11-22T04:01:30Z" });
    assert_eq!(admin.get("visibility").await["Hidden"][1], at);
    // Without a delay, all are visible.
    assert_eq!(admin.put("visibility", json!({ "VisibleAfter": "0" })).await["Hidden"], json!([]));
    assert_eq!(server.call("DescribeHaVips", &json!({})).await["TotalCount"], 3);
    admin.put("visibility", json!({ "VisibleAfter": "5m" })).await;
    admin.post("reset", json!({})).await;
    assert_eq!(admin.get("visibility").await["VisibleAfter"], "0");
}

#[tokio::test]
async fn an_invalid_delay_is_an_error() {
    let server = TestServer::new().await;
    let admin = server.admin();
    for (body, problem) in [
        (
            json!({ "VisibleAfter": "soon" }),
            "VisibleAfter: `soon` must be a number of reads from 0 to",
        ),
        (json!({ "VisibleAfter": -1 }), "VisibleAfter: `-1` must be a number of reads"),
        (json!({ "VisibleAfter": 1.5 }), "VisibleAfter: `1.5` must be a number of reads"),
        (json!({ "VisibleAfter": "25h" }), "VisibleAfter: `25h` must be a number of reads"),
        (json!({ "VisibleAfter": null }), "VisibleAfter: `null` must be a number of reads"),
        (json!({ "VisibleAfter": [] }), "VisibleAfter: `[]` must be a number of reads"),
        (json!({}), "missing field `VisibleAfter`"),
        (json!({ "VisibleAfter": 1, "Visible": 1 }), "unknown field `Visible`"),
    ] {
        let refused = admin.refusal("PUT", "visibility", &body.to_string()).await;
        assert!(refused.starts_with("400 ") && refused.contains(problem), "{body}: {refused}");
    }
}

#[tokio::test]
async fn a_fixture_is_visible_and_a_merge_keeps_what_is_hidden() {
    let server = TestServer::with(|config| config.visible_after = Settle::Reads(1)).await;
    let admin = server.admin();
    let made = server.create(json!({})).await["HaVip"].take();
    let hidden = json!([{ "Id": made["HaVipId"], "ReadsLeft": 1 }]);
    // An addition, and a replacement that reads the whole state again.
    for patch in [
        json!({ "VpcSet": [{ "VpcId": "vpc-00000001", "CidrBlock": "10.0.0.0/16" }] }),
        json!({ "VpcSet": [{ "VpcId": "vpc-00000001", "CidrBlock": "10.1.0.0/16" }] }),
    ] {
        admin.patch("state", patch).await;
        assert_eq!(admin.get("visibility").await["Hidden"], hidden);
    }
    assert_eq!(server.call("DescribeVpcs", &json!({})).await["TotalCount"], 2);
    // An export has all resources, and loading it shows them.
    let export = admin.get("state").await;
    assert_eq!(export["HaVipSet"][0], made);
    admin.put("state", export).await;
    assert_eq!(admin.get("visibility").await["Hidden"], json!([]));
    assert_eq!(server.call("DescribeHaVips", &json!({})).await["TotalCount"], 1);
}

#[derive(Debug, Clone)]
enum Step {
    Create,
    Delete(prop::sample::Index),
    Describe,
    Delay(u32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Create),
        2 => any::<prop::sample::Index>().prop_map(Step::Delete),
        4 => Just(Step::Describe),
        1 => (0..4_u32).prop_map(Step::Delay),
    ]
}

proptest! {
    /// The lists are those of a model that keeps how often each resource is still left out.
    #[test]
    fn lists_are_those_of_a_naive_model(steps in prop::collection::vec(step(), 0..60)) {
        let mut cloud = cloud(Settle::Reads(1));
        let (mut all, mut left, mut delay) = (Vec::new(), BTreeMap::new(), 1);
        for step in steps {
            match step {
                Step::Create if all.len() < 10 => {
                    let id = cloud.create_ha_vip("h");
                    left.insert(id.clone(), delay);
                    all.push(id);
                }
                Step::Delete(index) if !all.is_empty() => {
                    let id: String = all.remove(index.index(all.len()));
                    cloud.call("DeleteHaVip", &json!({ "HaVipId": id }));
                    left.remove(&id);
                }
                Step::Create | Step::Delete(_) => {}
                Step::Delay(reads) => {
                    cloud.store.set_visible_after(Settle::Reads(reads));
                    delay = reads;
                    if reads == 0 {
                        left = left.into_keys().map(|id| (id, 0)).collect();
                    }
                }
                Step::Describe => {
                    let shown: Vec<&String> = all.iter().filter(|id| left[*id] == 0).collect();
                    let listed = cloud.ha_vips(&json!({}));
                    prop_assert_eq!(listed.iter().collect::<Vec<_>>(), shown);
                    for left in left.values_mut() {
                        *left = left.saturating_sub(1);
                    }
                }
            }
            prop_assert_eq!(cloud.store.check(), [""; 0]);
        }
    }
}
