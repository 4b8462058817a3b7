//! Parameters and responses of calls.

use serde_json::{Value, json};

/// VPC and subnet of the demo state.
pub(crate) const VPC: &str = "vpc-m0c2kcun";
pub(crate) const SUBNET: &str = "subnet-rtmfkg4w";
pub(crate) const VERSION: &str = "2019-07-19";

/// Returns parameters of `CreateHaVip` in the demo subnet. `null` removes a parameter.
pub(crate) fn create(params: Value) -> Value {
    let mut all = json!({ "VpcId": VPC, "SubnetId": SUBNET, "HaVipName": "irang_testHaVip" });
    let Value::Object(params) = params else { panic!("parameters are an object") };
    all.as_object_mut().unwrap().extend(params);
    all
}

/// Returns the code and the message of an error.
pub(crate) fn error(response: &Value) -> (&str, &str) {
    let field = |name| response["Error"][name].as_str();
    match (field("Code"), field("Message")) {
        (Some(code), Some(message)) => (code, message),
        _ => panic!("no error: {response}"),
    }
}

pub(crate) fn code(response: &Value) -> &str {
    error(response).0
}

/// Returns the address of a created HAVIP.
pub(crate) fn vip(response: &Value) -> &str {
    response["HaVip"]["Vip"].as_str().unwrap_or_else(|| panic!("no HAVIP: {response}"))
}
