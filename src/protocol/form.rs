//! Parsing of flattened parameters: queries, forms, and multipart bodies.
//!
//! `Filters.0.Name=vpc-id&Filters.0.Values.0=vpc-1` is a list `Filters` with one object.

use std::collections::BTreeMap;

use futures_util::FutureExt as _;
use percent_encoding::percent_decode;

use super::{
    path::Path,
    refusal::Syntax,
    tree::{Members, Tree, VALUES_MAX},
};

/// Decoded names and values, in the client's order.
pub type Pairs = Vec<(String, String)>;

/// Steps in a dotted name. No action needs more than five.
const DEPTH_STEPS_MAX: usize = 8;

/// Parses a query or urlencoded body into `pairs`, up to the first malformed pair.
///
/// A name without `=` is an error, as on the real gateway, unless `bare` accepts it: the Ruby SDK
/// sends a bare `Region`.
pub fn urlencoded(
    text: &[u8],
    bare: impl Fn(&str) -> bool,
    pairs: &mut Pairs,
) -> Result<(), Syntax> {
    for piece in text.split(|&byte| byte == b'&').filter(|piece| !piece.is_empty()) {
        // Assumed (gateway.first-equals): only the first `=` is a separator.
        let mut halves = piece.splitn(2, |&byte| byte == b'=');
        let name = decode(halves.next().unwrap_or_default()).map_err(Syntax::Format)?;
        let value = match halves.next() {
            Some(value) => decode(value).map_err(|_| Syntax::Format(name.clone()))?,
            None if bare(&name) => String::new(),
            None => return Err(Syntax::PairWithoutEquals),
        };
        push(pairs, named(name)?, value)?;
    }
    Ok(())
}

/// Whether a body looks like the form of a v1 call: it contains an `Action` and is neither JSON nor
/// multipart.
pub fn names_action(body: &[u8]) -> bool {
    let start = body.trim_ascii_start();
    // JSON that contains such a name is an object, a list, or a string.
    let is_other =
        start.first().is_some_and(|byte| b"{[\"".contains(byte)) || start.starts_with(b"--");
    !is_other && body.split(|&byte| byte == b'&').any(|piece| piece.starts_with(b"Action="))
}

/// Parses a multipart body into `pairs`. The content type contains the boundary.
pub fn multipart(content_type: &str, body: &[u8], pairs: &mut Pairs) -> Result<(), Syntax> {
    let not_multipart = |_: multer::Error| Syntax::NotMultipart;
    let boundary = multer::parse_boundary(content_type).map_err(not_multipart)?;
    let whole = futures_util::stream::once(async { Ok::<_, multer::Error>(body.to_vec()) });
    let mut parts = multer::Multipart::new(whole, boundary);
    let read = async {
        while let Some(part) = parts.next_field().await.map_err(not_multipart)? {
            let name = named(part.name().unwrap_or_default().to_owned())?;
            let value = part.bytes().await.map_err(not_multipart)?;
            let value =
                String::from_utf8(value.into()).map_err(|_| Syntax::Format(name.clone()))?;
            push(pairs, name, value)?;
        }
        Ok(())
    };
    // The body is complete, so the future is always ready.
    read.now_or_never().unwrap_or(Err(Syntax::NotMultipart))
}

/// Converts dotted names to lists and objects.
pub fn unflatten(
    pairs: impl IntoIterator<Item = (String, String)>,
) -> Result<Members<'static>, Syntax> {
    let mut root = Branch::new();
    let mut steps = 0;
    for (name, value) in pairs {
        steps += name.split('.').count();
        insert(&mut root, &name, value)?;
        if steps > VALUES_MAX {
            return Err(Syntax::TooMany);
        }
    }
    root.into_iter()
        .map(|(name, node)| {
            let tree = tree(&Path::of(&name), node)?;
            Ok((name.into(), tree))
        })
        .collect()
}

fn push(pairs: &mut Pairs, name: String, value: String) -> Result<(), Syntax> {
    if pairs.len() >= VALUES_MAX {
        return Err(Syntax::TooMany);
    }
    pairs.push((name, value));
    Ok(())
}

fn named(name: String) -> Result<String, Syntax> {
    if name.is_empty() { Err(Syntax::EmptyKey) } else { Ok(name) }
}

/// Decodes `+` and `%XX`. If the result is not UTF-8, the error contains it with replacements.
fn decode(text: &[u8]) -> Result<String, String> {
    let spaced: Vec<u8> = text.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
    String::from_utf8(percent_decode(&spaced).collect())
        .map_err(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

type Branch = BTreeMap<String, Node>;

enum Node {
    Leaf(String),
    Branch(Branch),
}

fn insert(root: &mut Branch, name: &str, value: String) -> Result<(), Syntax> {
    let format = || Syntax::Format(name.to_owned());
    let mut steps: Vec<&str> = name.split('.').collect();
    let last = steps.pop().unwrap_or_default();
    // Assumed (gateway.name-depth): a name with more steps is an error.
    if steps.len() >= DEPTH_STEPS_MAX || last.is_empty() {
        return Err(format());
    }
    let mut branch = root;
    for step in steps {
        if step.is_empty() {
            return Err(format());
        }
        let node = branch.entry(step.to_owned()).or_insert_with(|| Node::Branch(Branch::new()));
        match node {
            Node::Branch(inner) => branch = inner,
            Node::Leaf(_) => return Err(format()),
        }
    }
    match branch.insert(last.to_owned(), Node::Leaf(value)) {
        None => Ok(()),
        // Assumed (gateway.repeated-query-name): a name that occurs twice is an error.
        Some(Node::Leaf(_)) => Err(Syntax::Repeated(name.to_owned())),
        Some(Node::Branch(_)) => Err(format()),
    }
}

/// Converts a node at `path`. A branch whose names are all numbers becomes a list.
fn tree(path: &Path<'_>, node: Node) -> Result<Tree<'static>, Syntax> {
    let branch = match node {
        Node::Leaf(text) => return Ok(Tree::Text(text.into())),
        Node::Branch(branch) => branch,
    };
    let below = |name: &str, node| tree(&Path::Member(path, name), node);
    if !branch.keys().all(|name| name.bytes().all(|byte| byte.is_ascii_digit())) {
        let members = branch.into_iter().map(|(name, node)| {
            let tree = below(&name, node)?;
            Ok((name.into(), tree))
        });
        return Ok(Tree::Object(members.collect::<Result<_, _>>()?));
    }
    let mut items = BTreeMap::new();
    for (name, node) in branch {
        let index = name.parse().ok().filter(|index: &usize| index.to_string() == name);
        let index = index.ok_or_else(|| Syntax::ListIndexes(path.to_string()))?;
        items.insert(index, below(&name, node)?);
    }
    if items.keys().copied().ne(0..items.len()) {
        return Err(Syntax::ListIndexes(path.to_string()));
    }
    Ok(Tree::List(items.into_values().collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(text: &str) -> Result<Value, Syntax> {
        let mut pairs = Pairs::new();
        urlencoded(text.as_bytes(), |name| name == "Region", &mut pairs)?;
        Ok(serde_json::to_value(Tree::Object(unflatten(pairs)?)).unwrap())
    }

    #[test]
    fn names_with_dots_are_lists_and_objects() {
        let text =
            "&Filters.1.Name=b&Filters.0.Values.1=%E5%90%8D+x&Filters.0.Values.0=a%2Bb&S=&Region&";
        let expected = json!({
            "Filters": [{ "Values": ["a+b", "名 x"] }, { "Name": "b" }],
            "Region": "",
            "S": "",
        });
        assert_eq!(read(text), Ok(expected));
    }

    #[test]
    fn eleven_items_keep_their_order() {
        let items: Vec<String> = (0..11).rev().map(|index| format!("L.{index}={index}")).collect();
        let expected: Vec<String> = (0..11).map(|index| index.to_string()).collect();
        assert_eq!(read(&items.join("&")), Ok(json!({ "L": expected })));
    }

    #[test]
    fn a_malformed_parameter_is_rejected_by_name() {
        let format = |name: &str| Syntax::Format(name.to_owned());
        let indexes = |name: &str| Syntax::ListIndexes(name.to_owned());
        for (text, error) in [
            ("Action", Syntax::PairWithoutEquals),
            ("{\"VpcId\":\"vpc-1\"}", Syntax::PairWithoutEquals),
            ("=x", Syntax::EmptyKey),
            ("A=%ff", format("A")),
            ("A%ff=1", format("A\u{fffd}")),
            ("A=1&A=1", Syntax::Repeated("A".into())),
            ("A.0=1&A.0=2", Syntax::Repeated("A.0".into())),
            ("A=1&A.0=1", format("A.0")),
            ("A.0=1&A=1", format("A")),
            ("A..B=1", format("A..B")),
            (".A=1", format(".A")),
            ("A.=1", format("A.")),
            ("A.1=1", indexes("A")),
            ("A.0=1&A.2=1", indexes("A")),
            ("A.00=1", indexes("A")),
            ("A.0.B.99999999999999999999=1", indexes("A.0.B")),
        ] {
            assert_eq!(read(text), Err(error), "{text}");
        }
        let deep = format!("A{}=1", ".0".repeat(5000));
        assert_eq!(read(&deep), Err(format(deep.strip_suffix("=1").unwrap())));
    }

    #[test]
    fn too_many_names_or_steps_are_rejected() {
        let items = |count, step: &str| {
            let items: Vec<String> = (0..count).map(|index| format!("A{step}.{index}=")).collect();
            read(&items.join("&"))
        };
        assert!(items(VALUES_MAX / 2, "").is_ok());
        assert_eq!(items(VALUES_MAX / 2 + 1, ""), Err(Syntax::TooMany));
        assert_eq!(items(VALUES_MAX / 4, ".0.0.0"), Err(Syntax::TooMany));
        assert_eq!(read(&"&A=".repeat(VALUES_MAX + 1)), Err(Syntax::TooMany));
    }

    #[test]
    fn parts_of_a_multipart_body_are_parameters() {
        let body =
            "--b\r\nContent-Disposition: form-data; name=\"VpcId\"\r\n\r\nvpc-1\r\n--b--\r\n";
        let read = |content_type, body: &str| {
            let mut pairs = Pairs::new();
            multipart(content_type, body.as_bytes(), &mut pairs).map(|()| pairs)
        };
        let ok = read("multipart/form-data; boundary=b", body);
        assert_eq!(ok, Ok(vec![("VpcId".into(), "vpc-1".into())]));
        for (content_type, body) in [
            ("multipart/form-data", body),
            ("multipart/form-data; boundary=b", ""),
            ("multipart/form-data; boundary=b", "--b\r\nno end"),
        ] {
            assert_eq!(read(content_type, body), Err(Syntax::NotMultipart), "{body}");
        }
    }
}
