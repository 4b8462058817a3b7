//! The name that was probably meant.

use std::fmt::Display;

/// Smallest likeness of two names that is worth a guess.
const LIKENESS_MIN: f64 = 0.7;
/// Longest name for which a guess is made: a longer one is no typing error, and takes long to compare.
const NAME_BYTES_MAX: usize = 64;

/// Returns the name in `known` that is most like `name`, if any is like it.
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

/// Ends a sentence about an unknown name: it suggests the nearest known name, in the quotes that the
/// caller gives it, or says `otherwise` if no name is near.
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
    fn a_sentence_ends_in_a_suggestion_or_says_something_else() {
        assert_eq!(did_you_mean(Some("`a`"), "; or not"), "; did you mean `a`?");
        assert_eq!(did_you_mean(None::<&str>, "; or not"), "; or not");
    }

    #[test]
    fn only_a_name_that_is_alike_is_named() {
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
