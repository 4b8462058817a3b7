//! The constants of error codes.

use std::{collections::BTreeMap, fmt::Write as _};

use crate::{
    model::{Code, Model},
    names,
};

/// Declares every code.
pub(super) fn render(model: &Model) -> String {
    let constants = constants(model);
    let name = |code: &Code| constants[code.name.as_str()].as_str();
    let gateway: Vec<&str> =
        model.codes.iter().filter(|it| it.phrases.is_none()).map(name).collect();
    let mut text = format!(
        "//! The product's error codes, with the phrases that the vendor documents.\n\n\
         use crate::protocol::error::codes;\n\n\
         pub use crate::protocol::refusal::codes::{{{}}};\n\ncodes! {{\n",
        gateway.join(", ")
    );
    for code in &model.codes {
        if let Some((en, zh)) = &code.phrases {
            _ = writeln!(text, "    {} = {:?},\n        {en:?}, {zh:?};", name(code), code.name);
        }
    }
    text.push_str("}\n");
    text
}

/// The constant of each code: its last word, or all of them if two codes have the same last word.
pub(super) fn constants(model: &Model) -> BTreeMap<&str, String> {
    let last = |name: &str| names::constant(name.rsplit('.').next().unwrap_or(name));
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for code in &model.codes {
        *counts.entry(last(&code.name)).or_default() += 1;
    }
    let constant = |name: &str| {
        if counts[&last(name)] == 1 {
            return last(name);
        }
        let words: Vec<String> = name.split('.').map(names::constant).collect();
        words.join("_")
    };
    model.codes.iter().map(|it| (it.name.as_str(), constant(&it.name))).collect()
}
