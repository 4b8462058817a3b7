//! One account's state, called without HTTP. Every call is checked against the rules for all calls.

use crate::{
    control::fixture::{Source, load},
    ecm::{
        CATALOG, Store,
        ids::IdSequence,
        store::{Quotas, Settings, Settle},
    },
    protocol::{Context, Language, Tree, decode::Encoding, params::Params},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::tests::support::assert_documented;

/// Resources of every kind: two VPCs in Hangzhou, and one in Xi'an.
pub(crate) const CLOUD: &str = include_str!("data/cloud.json");
pub(crate) const HANGZHOU: &str = "ap-hangzhou-ecm";
pub(crate) const XIAN: &str = "ap-xian-ecm";

pub(crate) struct Cloud {
    pub(crate) store: Store,
    now: DateTime<Utc>,
}

impl Cloud {
    /// [`CLOUD`] with changes that settle immediately.
    pub(crate) fn new() -> Self {
        Self::of(CLOUD, Settings::default())
    }

    /// [`CLOUD`] with other quotas.
    pub(crate) fn with_quotas(quotas: Quotas) -> Self {
        Self::of(CLOUD, Settings { quotas, ..Settings::default() })
    }

    /// [`CLOUD`] with changes that settle after a number of reads.
    pub(crate) fn settling(reads: u32) -> Self {
        Self::that_settles(Settle::Reads(reads))
    }

    /// [`CLOUD`] with changes that settle as given.
    pub(crate) fn that_settles(settle: Settle) -> Self {
        Self::of(CLOUD, Settings { settle, ..Settings::default() })
    }

    /// Any fixture, at 2026-11-22 12:00:00 in Beijing.
    pub(crate) fn of(fixture: &str, settings: Settings) -> Self {
        let source = Source { file: "cloud.json".to_owned(), text: fixture.to_owned() };
        Self::merged(&[source], settings)
    }

    /// Several fixtures, merged in order.
    pub(crate) fn merged(sources: &[Source], settings: Settings) -> Self {
        let now = "2026-11-22T04:00:00Z".parse().unwrap();
        let loaded = load(sources, settings, now).unwrap();
        assert_eq!(loaded.warnings.total(), 0);
        Self { store: loaded.store.with_ids(IdSequence::new(1)), now }
    }

    /// Advances the clock.
    pub(crate) fn wait_hours(&mut self, hours: i64) {
        self.wait(TimeDelta::hours(hours));
    }

    /// Advances the clock, or sets it back.
    pub(crate) fn wait(&mut self, time: TimeDelta) {
        self.now += time;
    }

    /// Runs a call, and returns its response without the envelope and the request ID.
    ///
    /// Asserts that the store is consistent. If the call is rejected, asserts that the store is
    /// unchanged and the code documented.
    pub(crate) fn call(&mut self, action: &str, params: &Value) -> Value {
        let json = params.to_string();
        let members = Tree::from_json(json.as_bytes()).unwrap();
        self.store.pass_time(self.now);
        let before = self.store.clone();
        let cx = Context { now: self.now, request_id: uuid::Uuid::nil() };
        let entry = CATALOG.find(action).unwrap();
        let outcome = entry
            .decode(&Params::new(members, Encoding::Json))
            .and_then(|call| self.store.run(call, &cx));
        let is_unchanged = self.store == before;
        assert!(is_unchanged || self.store.check().is_empty(), "{action} {params}");
        match outcome {
            Ok((output, _)) => {
                assert!(is_unchanged || !action.starts_with("Describe"), "{action} {params}");
                output.settle(&mut self.store);
                assert!(self.store.check().is_empty(), "{action} {params}");
                let mut body: Value =
                    serde_json::from_slice(&output.body(uuid::Uuid::nil())).unwrap();
                let mut response = body["Response"].take();
                response.as_object_mut().unwrap().remove("RequestId");
                response
            }
            Err(error) => {
                let code = error.code.as_str();
                assert!(
                    self.store == before,
                    "{action} {params} answered {code} and did something"
                );
                assert_documented(action, code);
                let message = error.message.in_language(Language::English);
                json!({ "Error": { "Code": code, "Message": message } })
            }
        }
    }

    /// Runs a call that must succeed.
    #[track_caller]
    pub(crate) fn ok(&mut self, action: &str, params: &Value) -> Value {
        let response = self.call(action, params);
        assert!(response["Error"].is_null(), "{action} {params}: {response}");
        response
    }

    /// Runs a call that must be rejected, and returns its code and message.
    #[track_caller]
    pub(crate) fn refused(&mut self, action: &str, params: &Value) -> String {
        let response = self.call(action, params);
        let field = |name| response["Error"][name].as_str();
        match (field("Code"), field("Message")) {
            (Some(code), Some(message)) => format!("{code}: {message}"),
            _ => panic!("{action} {params} is accepted: {response}"),
        }
    }

    /// Returns how each change of a valid call is rejected, a line each. `null` removes a parameter.
    #[track_caller]
    pub(crate) fn refusals<const N: usize>(
        &mut self,
        action: &str,
        valid: &Value,
        changes: [(&str, Value); N],
    ) -> String {
        let lines = changes.map(|(what, change)| {
            let refusal = self.refused(action, &changed(valid, &change));
            format!("{what}\n    {refusal}\n")
        });
        lines.concat()
    }

    /// Returns the single resource in the response of a Describe call.
    #[track_caller]
    pub(crate) fn only(&mut self, action: &str, set: &str, params: &Value) -> Value {
        let mut response = self.ok(action, params);
        assert_eq!(response["TotalCount"], 1, "{action} {params}");
        response[set][0].take()
    }

    /// Returns the current state of a VPC.
    pub(crate) fn vpc(&mut self, id: &str) -> Value {
        self.only("DescribeVpcs", "VpcSet", &json!({ "VpcIds": [id] }))
    }

    /// Returns the current state of a subnet.
    pub(crate) fn subnet(&mut self, id: &str) -> Value {
        self.only("DescribeSubnets", "SubnetSet", &json!({ "SubnetIds": [id] }))
    }

    /// Returns the current state of an interface.
    pub(crate) fn interface(&mut self, id: &str) -> Value {
        let ids = json!({ "NetworkInterfaceIds": [id] });
        self.only("DescribeNetworkInterfaces", "NetworkInterfaceSet", &ids)
    }

    /// Assigns the lowest free address to an interface in Hangzhou, and returns it.
    pub(crate) fn assign_private_ip(&mut self, interface: &str) -> Value {
        let one = json!({
            "NetworkInterfaceId": interface, "EcmRegion": HANGZHOU, "SecondaryPrivateIpAddressCount": 1,
        });
        self.ok("AssignPrivateIpAddresses", &one)["PrivateIpAddressSet"][0]["PrivateIpAddress"]
            .take()
    }

    /// Returns the current state of an EIP in Hangzhou.
    pub(crate) fn eip(&mut self, id: &str) -> Value {
        let ids = json!({ "EcmRegion": HANGZHOU, "AddressIds": [id] });
        self.only("DescribeAddresses", "AddressSet", &ids)
    }
}

/// Returns `params` with `change` applied. `null` removes a parameter.
pub(crate) fn changed(params: &Value, change: &Value) -> Value {
    let mut all = params.clone();
    all.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    all
}

/// Returns the private IPs of an interface.
pub(crate) fn private_ips(interface: &Value) -> Vec<&str> {
    let ips = interface["PrivateIpAddressSet"].as_array().unwrap();
    ips.iter().map(|it| it["PrivateIpAddress"].as_str().unwrap()).collect()
}
