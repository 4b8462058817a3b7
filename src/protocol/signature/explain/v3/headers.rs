//! Mistakes in the signed headers.

use super::{
    super::{Diagnosis, Mistake, shown},
    Call, Change, Draft, Trials, is_shown,
};
use crate::protocol::secret::MASK;

/// Media types that clients send unknowingly.
const MEDIA_TYPES: [&str; 6] = [
    "application/json",
    "application/x-www-form-urlencoded",
    "text/plain",
    "application/octet-stream",
    "multipart/form-data",
    "",
];
const CHARSETS: [&str; 5] =
    ["", "; charset=utf-8", "; charset=UTF-8", ";charset=utf-8", ";charset=UTF-8"];
/// Number of charsets that are tried with other media types.
const OTHER_CHARSETS: usize = 2;

pub(super) fn wrong_content_type<'a>(call: &Call<'a>) -> Trials<'a> {
    let sent = call.case.request.head.content_type();
    let base = sent.split(';').next().unwrap_or_default().trim_ascii();
    let with = |base, charset| (base, format!("{base}{charset}"));
    let own = CHARSETS.into_iter().map(|charset| with(base, charset));
    let others = MEDIA_TYPES.into_iter().filter(|it| *it != base).flat_map(|other| {
        CHARSETS.into_iter().take(OTHER_CHARSETS).map(move |charset| with(other, charset))
    });
    own.chain(others)
        .filter(|(_, value)| value != sent)
        .map(|(media_type, value)| {
            let mistake = if media_type == base {
                Mistake::ContentTypeCharset
            } else {
                Mistake::ContentTypeOther
            };
            let text = format!(
                "The signed content type is {}, but the one that is sent is {}. Sign the one that is sent.",
                shown(&value),
                shown(sent)
            );
            call.claim.but(Diagnosis::new(mistake, text), |it| it.draft.set_content_type(value))
        })
        .collect()
}

/// Tries each value separately, then all of them.
pub(super) fn value_not_lower_cased<'a>(call: &Call<'a>) -> Trials<'a> {
    let head = call.case.request.head;
    let headers = &call.claim.draft.headers;
    let sent: Vec<_> = headers.iter().map(|it| head.joined_header(&*it.name)).collect();
    let is_raised = |index: &usize| {
        let header = headers.get(*index);
        header.is_some_and(|it| !matches!(&*it.name, "host" | "content-type"))
            && header.map(|it| &it.value) != sent.get(*index)
    };
    let raised: Vec<usize> = (0..headers.len()).filter(is_raised).collect();
    let all = Some(raised.clone()).filter(|it| it.len() > 1);
    raised
        .iter()
        .map(|index| vec![*index])
        .chain(all)
        .filter_map(|indexes| {
            let header = headers.get(*indexes.first()?)?;
            let value = if is_shown(&header.name) { &*header.value } else { MASK };
            let text = format!(
                "The value of the signed header {} is not in lower case. Sign it as {}.",
                shown(&header.name),
                shown(value)
            );
            let diagnosis = Diagnosis::new(Mistake::ValueNotLowerCased, text);
            Some(call.claim.but(diagnosis, |it| {
                for (index, header) in it.draft.headers.iter_mut().enumerate() {
                    if let Some(value) = sent.get(index).filter(|_| indexes.contains(&index)) {
                        header.value.clone_from(value);
                    }
                }
            }))
        })
        .collect()
}

/// Tries the headers in the order of `SignedHeaders` and in reverse, with and without the list of
/// their names.
pub(super) fn headers_unsorted<'a>(call: &Call<'a>) -> Trials<'a> {
    let stated = call.authorization.signed_headers;
    let place = |name: &str| {
        stated
            .split(';')
            .position(|it| it.trim_ascii().eq_ignore_ascii_case(name))
            .unwrap_or_default()
    };
    let names: [(&str, Change); 2] = [
        ("headers and in SignedHeaders", |_| ()),
        ("headers only", |it| it.layout.request = names_in_order),
    ];
    let trial = |order: &dyn Fn(&mut Draft<'a>), (texts, change): (&str, Change)| {
        let text = format!(
            "The signed headers are not sorted by name (in the canonical {texts}); SignedHeaders is {}. Sort them.",
            shown(stated)
        );
        call.claim.but(Diagnosis::new(Mistake::HeadersUnsorted, text), |it| {
            order(&mut it.draft);
            change(&mut it.draft);
        })
    };
    names
        .into_iter()
        .flat_map(|names| {
            [
                trial(&|it| it.headers.sort_by_key(|header| place(&header.name)), names),
                trial(&|it| it.headers.reverse(), names),
            ]
        })
        .collect()
}

/// Tries the names as in `SignedHeaders` and in their usual spelling, with and without the list of
/// names.
pub(super) fn names_not_lower_cased<'a>(call: &Call<'a>) -> Trials<'a> {
    let stated: Vec<&str> =
        call.authorization.signed_headers.split(';').map(str::trim_ascii).collect();
    let as_stated = |name: &str| {
        let found = stated.iter().find(|it| it.eq_ignore_ascii_case(name));
        found.map_or_else(|| name.to_owned(), |it| (*it).to_owned())
    };
    let trial = |spell: &dyn Fn(&str) -> String, change: Change| {
        let text = format!(
            "Names of signed headers are not in lower case, as in {}. Write them in lower case.",
            shown(&spell("content-type"))
        );
        call.claim.but(Diagnosis::new(Mistake::NamesNotLowerCased, text), |it| {
            for header in &mut it.draft.headers {
                header.name = spell(&header.name).into();
            }
            change(&mut it.draft);
        })
    };
    let lower: Change = |it| it.layout.request = names_in_lower_case;
    vec![
        trial(&as_stated, |_| ()),
        trial(&as_stated, lower),
        trial(&train_case, |_| ()),
        trial(&train_case, lower),
    ]
}

/// Converts `content-type` to `Content-Type`, and `x-tc-action` to `X-TC-Action`.
fn train_case(name: &str) -> String {
    let raised = |part: &str| match part.split_at_checked(1) {
        _ if part == "tc" => "TC".to_owned(),
        Some((first, rest)) => first.to_ascii_uppercase() + rest,
        None => part.to_owned(),
    };
    name.split('-').map(raised).collect::<Vec<_>>().join("-")
}

/// Changes the line of header names in a canonical request.
fn with_names(text: &mut String, change: impl FnOnce(&str) -> String) {
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    if let Some(line) = lines.iter_mut().rev().nth(1) {
        *line = change(line);
    }
    *text = lines.join("\n");
}

fn names_in_order(text: &mut String) {
    with_names(text, |line| {
        let mut names: Vec<&str> = line.split(';').collect();
        names.sort_unstable();
        names.join(";")
    });
}

fn names_in_lower_case(text: &mut String) {
    with_names(text, str::to_ascii_lowercase);
}
