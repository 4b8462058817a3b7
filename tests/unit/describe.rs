//! What Describe calls find: by ids, by filters, by region and by page. The rules are those of
//! every action that has filters; what is an action's own stands in a table.

mod filters;
mod pages;
mod rules;

use crate::ecm::store::Settings;
use serde_json::{Value, json};

use crate::tests::cloud::{Cloud, HANGZHOU};

/// Resources that differ in everything that a filter asks for.
const VARIED: &str = include_str!("data/varied.json");

/// A Describe action with filters.
struct Family {
    action: &'static str,
    /// Its parameter that lists ids; empty if it has none.
    ids: &'static str,
    /// The set that it answers with, and the id of a resource in it.
    set: &'static str,
    id: &'static str,
    /// The filter that is the resource's own id.
    id_filter: &'static str,
    /// What begins an id.
    prefix: &'static str,
    /// Parameters that every call needs.
    base: fn() -> Value,
    /// A filter that has one value, of which a part of the text is enough; empty if it has none.
    fuzzy: &'static str,
    codes: Codes,
}

/// What the documents of an action have for each mistake.
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
    /// Its parameters with others.
    fn with(&self, params: &Value) -> Value {
        crate::tests::cloud::changed(&(self.base)(), params)
    }

    /// The ids that a call finds, and how many there are in all.
    #[track_caller]
    fn find(&self, cloud: &mut Cloud, params: &Value) -> (u64, Vec<String>) {
        let response = cloud.ok(self.action, &self.with(params));
        let found = response[self.set].as_array().unwrap();
        let ids = found.iter().map(|it| it[self.id].as_str().unwrap().to_owned()).collect();
        (response["TotalCount"].as_u64().unwrap(), ids)
    }

    /// A page, as numbers or as the texts that some actions have.
    fn page(&self, page: &[(&str, i64)]) -> Value {
        let is_text = self.action == "DescribeSubnets";
        let value = |it: i64| if is_text { json!(it.to_string()) } else { json!(it) };
        page.iter().map(|(name, it)| ((*name).to_owned(), value(*it))).collect()
    }

    /// Fails unless a call is refused so.
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
