//! Results of Describe calls by IDs, filters, region, and page.
//!
//! The rules are the same for every action with filters. A table has the differences.

mod filters;
mod pages;
mod rules;

use crate::ecm::store::Settings;
use serde_json::{Value, json};

use crate::tests::cloud::{Cloud, HANGZHOU};

/// Resources that differ in every field that a filter matches.
const VARIED: &str = include_str!("data/varied.json");

/// A Describe action with filters.
struct Family {
    action: &'static str,
    /// Parameter that lists IDs. Empty if the action has none.
    ids: &'static str,
    /// Set of the response, and the ID field of its resources.
    set: &'static str,
    id: &'static str,
    /// Filter by the ID of the resource.
    id_filter: &'static str,
    /// Prefix of IDs.
    prefix: &'static str,
    /// Parameters that every call needs.
    base: fn() -> Value,
    /// Filter with a single value that matches part of a string. Empty if the action has none.
    fuzzy: &'static str,
    codes: Codes,
}

/// Documented codes of an action for each mistake.
struct Codes {
    coexist: &'static str,
    too_many_ids: &'static str,
    too_many_filters: &'static str,
    filter: &'static str,
    page_too_small: &'static str,
    page_too_large: &'static str,
    malformed: &'static str,
    region: &'static str,
}

fn none() -> Value {
    json!({})
}

fn hangzhou() -> Value {
    json!({ "EcmRegion": HANGZHOU })
}

const FAMILIES: [Family; 6] = [
    Family {
        action: "DescribeHaVips",
        ids: "HaVipIds",
        set: "HaVipSet",
        id: "HaVipId",
        id_filter: "havip-id",
        prefix: "havip-",
        base: none,
        fuzzy: "",
        codes: Codes {
            coexist: "InvalidParameter.Coexist",
            too_many_ids: "InvalidParameterValue.TooLong",
            too_many_filters: "InvalidParameterValue.InvalidFilter",
            filter: "InvalidParameterValue.InvalidFilter",
            page_too_small: "InvalidParameterValue.InvaildPageParam",
            page_too_large: "InvalidParameterValue.InvaildPageParam",
            malformed: "InvalidParameterValue.Malformed",
            region: "InvalidParameterValue.InvalidRegion",
        },
    },
    Family {
        action: "DescribeVpcs",
        ids: "VpcIds",
        set: "VpcSet",
        id: "VpcId",
        id_filter: "vpc-id",
        prefix: "vpc-",
        base: none,
        fuzzy: "vpc-name",
        codes: Codes {
            coexist: "InvalidParameter.Coexist",
            too_many_ids: "InvalidParameterValue",
            too_many_filters: "InvalidParameterValue.FilterLimitExceeded",
            filter: "InvalidParameterValue.InvalidFilter",
            page_too_small: "InvalidParameterValue",
            page_too_large: "InvalidParameterValue",
            malformed: "InvalidParameterValue.Malformed",
            region: "InvalidParameterValue.InvalidRegion",
        },
    },
    Family {
        action: "DescribeSubnets",
        ids: "SubnetIds",
        set: "SubnetSet",
        id: "SubnetId",
        id_filter: "subnet-id",
        prefix: "subnet-",
        base: none,
        fuzzy: "subnet-name",
        codes: Codes {
            coexist: "InvalidParameter.Coexist",
            too_many_ids: "InvalidParameterValue.LimitExceeded",
            too_many_filters: "InvalidParameterValue.FilterLimitExceeded",
            filter: "InvalidParameterValue.InvalidFilter",
            page_too_small: "InvalidParameterValue.Range",
            page_too_large: "InvalidParameterValue.Range",
            malformed: "InvalidParameterValue.Malformed",
            region: "InvalidParameterValue.InvalidRegion",
        },
    },
    Family {
        action: "DescribeNetworkInterfaces",
        ids: "NetworkInterfaceIds",
        set: "NetworkInterfaceSet",
        id: "NetworkInterfaceId",
        id_filter: "network-interface-id",
        prefix: "eni-",
        base: none,
        fuzzy: "",
        codes: Codes {
            coexist: "InvalidParameter.Coexist",
            too_many_ids: "InvalidParameterValue.ParameterValueTooLarge",
            too_many_filters: "InvalidParameterValue.InvalidFilter",
            filter: "InvalidParameterValue.InvalidFilter",
            page_too_small: "InvalidParameterValue.Malformed",
            page_too_large: "InvalidParameterValue.ParameterValueTooLarge",
            malformed: "InvalidParameterValue.Malformed",
            region: "InvalidParameterValue.InvalidRegion",
        },
    },
    Family {
        action: "DescribeAddresses",
        ids: "AddressIds",
        set: "AddressSet",
        id: "AddressId",
        id_filter: "address-id",
        prefix: "eip-",
        base: hangzhou,
        fuzzy: "",
        codes: Codes {
            coexist: "InvalidParameter",
            too_many_ids: "InvalidParameterValue.ParameterValueTooLarge",
            too_many_filters: "InvalidParameterValue.ParameterValueTooLarge",
            filter: "InvalidParameterValue",
            page_too_small: "InvalidParameterValue",
            page_too_large: "InvalidParameterValue.ParameterValueTooLarge",
            malformed: "UnsupportedOperation.Malformed",
            region: "InvalidParameterValue.InvalidRegion",
        },
    },
    Family {
        action: "DescribeInstances",
        ids: "",
        set: "InstanceSet",
        id: "InstanceId",
        id_filter: "instance-id",
        prefix: "ein-",
        base: || json!({ "OrderDirection": 1 }),
        fuzzy: "",
        codes: Codes {
            coexist: "",
            too_many_ids: "",
            too_many_filters: "InvalidParameterValue.InvalidFilter",
            filter: "InvalidParameterValue.InvalidFilter",
            page_too_small: "InvalidParameterValue.InvaildPageParam",
            page_too_large: "InvalidParameterValue.InvaildPageParam",
            malformed: "",
            region: "",
        },
    },
];

impl Family {
    /// Returns the parameters that every call needs, with `params`.
    fn with(&self, params: &Value) -> Value {
        crate::tests::cloud::changed(&(self.base)(), params)
    }

    /// Returns the total count and the IDs that a call finds.
    #[track_caller]
    fn find(&self, cloud: &mut Cloud, params: &Value) -> (u64, Vec<String>) {
        let response = cloud.ok(self.action, &self.with(params));
        let found = response[self.set].as_array().unwrap();
        let ids = found.iter().map(|it| it[self.id].as_str().unwrap().to_owned()).collect();
        (response["TotalCount"].as_u64().unwrap(), ids)
    }

    /// Returns the parameters of a page, as numbers or, for some actions, as strings.
    fn page(&self, page: &[(&str, i64)]) -> Value {
        let is_text = self.action == "DescribeSubnets";
        let value = |it: i64| if is_text { json!(it.to_string()) } else { json!(it) };
        page.iter().map(|(name, it)| ((*name).to_owned(), value(*it))).collect()
    }

    /// Asserts that a call is rejected with `code` and `fact`.
    #[track_caller]
    fn refused(&self, cloud: &mut Cloud, params: &Value, code: &str, fact: &str) {
        let refusal = cloud.refused(self.action, &self.with(params));
        let starts = refusal.starts_with(&format!("{code}: "));
        assert!(starts && refusal.ends_with(&format!("({fact})")), "{}: {refusal}", self.action);
    }
}

fn filter(name: &str, values: &[&str]) -> Value {
    json!({ "Name": name, "Values": values })
}

fn filters(filters: &[Value]) -> Value {
    json!({ "Filters": filters })
}

fn varied() -> Cloud {
    Cloud::of(VARIED, Settings::default())
}
