//! Suggestions for misspelled names.

use std::fmt::Display;

/// Minimum Jaro-Winkler similarity of a suggestion.
const LIKENESS_MIN: f64 = 0.7;
/// Maximum length of a name that gets a suggestion, in bytes. Longer names are not typos,
/// and are slow to compare.
const NAME_BYTES_MAX: usize = 64;

/// Returns the name in `known` that is most similar to `name`, if any is similar enough.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > NAME_BYTES_MAX {
        return None;
    }
    known
        .into_iter()
        .map(|it| (strsim::jaro_winkler(name, it), it))
        .filter(|(likeness, _)| *likeness >= LIKENESS_MIN)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, it)| it)
}

/// Returns the end of a message about an unknown name: a suggestion, or `otherwise` if `near` is
/// `None`. The caller quotes the suggested name.
pub fn did_you_mean(near: Option<impl Display>, otherwise: impl Display) -> String {
    match near {
        Some(near) => format!("; did you mean {near}?"),
        None => otherwise.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_ends_with_a_suggestion_or_another_text() {
        assert_eq!(did_you_mean(Some("`a`"), "; or not"), "; did you mean `a`?");
        assert_eq!(did_you_mean(None::<&str>, "; or not"), "; or not");
    }

    #[test]
    fn only_a_similar_name_is_suggested() {
        let known = ["VpcSet", "SubnetSet", "HaVipSet"];
        for (name, expected) in [
            ("Subnets", Some("SubnetSet")),
            ("vpcSet", Some("VpcSet")),
            ("HaVips", Some("HaVipSet")),
            ("zzz", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, known), expected, "{name}");
        }
    }
}
