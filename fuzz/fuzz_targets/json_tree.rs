//! The JSON tree: it accepts only JSON, and a tree prints as JSON that reads back as the same tree.

#![no_main]

use ecmock::fuzzing::json_tree;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|input: &[u8]| {
    let value = serde_json::from_slice::<Value>(input);
    match json_tree(input) {
        Ok(json) => {
            assert_eq!(json_tree(json.as_bytes()).as_ref(), Ok(&json));
            let members = match value.expect("the tree accepts only JSON") {
                Value::Null => Value::Object(serde_json::Map::new()),
                other => other,
            };
            assert_eq!(serde_json::from_str::<Value>(&json).expect("JSON"), members);
        }
        Err(code) => {
            let codes = ["InvalidParameter", "RequestSizeLimitExceeded"];
            assert!(codes.contains(&code), "{code}");
        }
    }
});
