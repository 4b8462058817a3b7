//! The two ways to decode a JSON body: the fast one accepts a part of what the slow one accepts, and
//! returns the same request.

use proptest::{prelude::*, sample::select};
use serde_json::{Map, Value, json};

use crate::{
    ecm::CATALOG,
    protocol::{
        Tree,
        decode::Encoding,
        params::Params,
        schema::{Schema, Type},
        tree::VALUES_MAX,
    },
};

use super::{support::examples, table::wrong_requests};

/// Decodes a body in both ways, and returns whether the fast way accepts it.
///
/// # Panics
/// Panics if it accepts a body that the slow way rejects or reads as another request.
fn is_fast(action: &str, body: &[u8]) -> bool {
    let action = CATALOG.find(action).unwrap();
    let Some(fast) = action.decode_valid(body) else { return false };
    let params = Params::new(Tree::from_json(body).unwrap(), Encoding::Json);
    let slow = action.decode(&params).unwrap();
    assert_eq!(format!("{fast:?}"), format!("{slow:?}"));
    true
}

#[test]
fn every_example_is_decoded_fast() {
    for (action, recipe) in examples() {
        assert!(is_fast(action, recipe.request.to_string().as_bytes()), "{action}");
    }
}

#[test]
fn every_wrong_request_is_decoded_alike() {
    for (action, recipe) in examples() {
        let parameters = CATALOG.model(action).unwrap().parameters.members;
        for request in wrong_requests(&recipe.request, parameters) {
            is_fast(action, request.to_string().as_bytes());
        }
    }
}

#[test]
fn a_body_that_may_have_too_many_values_is_decoded_slowly() {
    let ids = vec!["\"havip-00000001\""; VALUES_MAX / 10].join(",");
    assert!(!is_fast("DescribeHaVips", format!("{{\"HaVipIds\":[{ids}]}}").as_bytes()));
    assert!(is_fast("DescribeHaVips", br#"{"HaVipIds":["havip-00000001"]}"#));
}

/// A source of choices, which ends with zeros.
struct Choices<'a>(std::slice::Iter<'a, u8>);

impl Choices<'_> {
    fn next(&mut self, count: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or_default()) % count
    }

    /// Returns a value, most often of the given type.
    fn value(&mut self, of: Type) -> Value {
        let texts = [
            "",
            "x",
            "vpc-00000001",
            "havip-00000001",
            "eni-0",
            "10.0.0.0/16",
            "10.0.0.4",
            "ap-hangzhou-ecm",
            "\"\\\u{1f600}\n",
        ];
        let odd = [
            json!(null),
            json!(true),
            json!(-1),
            json!(1.5),
            json!(u64::MAX),
            json!([]),
            json!({}),
        ];
        match (self.next(12), of) {
            (0, _) => odd[self.next(odd.len())].clone(),
            (_, Type::String) => json!(texts[self.next(texts.len())]),
            (_, Type::Bool) => json!(self.next(2) == 0),
            (_, Type::Int64 | Type::Uint64) => json!(self.next(200)),
            (_, Type::Float) => json!(f64::from(u8::try_from(self.next(200)).unwrap()) / 4.0),
            (_, Type::List(item)) => (0..self.next(3)).map(|_| self.value(*item)).collect(),
            (_, Type::Object(schema)) => self.object(schema).into(),
        }
    }

    fn object(&mut self, schema: &Schema) -> Map<String, Value> {
        let mut object = Map::new();
        for member in schema.members {
            if member.required && self.next(12) > 0 || self.next(3) == 0 {
                object.insert(member.name.to_owned(), self.value(member.r#type));
            }
        }
        object
    }
}

fn actions() -> impl Strategy<Value = &'static str> {
    select(examples().map(|(action, _)| action).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn any_parameters_are_decoded_alike(
        action in actions(),
        choices in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let schema = &CATALOG.model(action).unwrap().parameters;
        let request = Value::from(Choices(choices.iter()).object(schema));
        is_fast(action, request.to_string().as_bytes());
    }

    #[test]
    fn any_edited_body_is_decoded_alike(
        action in actions(),
        choices in prop::collection::vec(any::<u8>(), 0..80),
        edits in prop::collection::vec((any::<prop::sample::Index>(), select(b"{}[]\":,\\0-.eE \n\xffnt".to_vec())), 0..3),
        repeat in any::<bool>(),
    ) {
        let schema = &CATALOG.model(action).unwrap().parameters;
        let request = Value::from(Choices(choices.iter()).object(schema));
        let mut body = request.to_string().into_bytes();
        if repeat {
            // Every name twice.
            let members = body[1..body.len() - 1].to_vec();
            body.splice(1..1, [&members[..], b","].concat());
        }
        for (index, byte) in edits {
            let index = index.index(body.len());
            body[index] = byte;
        }
        is_fast(action, &body);
    }
}
