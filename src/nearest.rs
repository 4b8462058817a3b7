//! The name that was probably meant.

/// Names that are less alike than this are not worth a guess.
const LIKENESS_MIN: f64 = 0.7;
/// Longer names are not a slip of anybody's, and take long to compare.
const NAME_BYTES_MAX: usize = 64;

/// The one of `known` that is most like `name`, if any is like it.
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

#[cfg(test)]
mod tests {
    use super::nearest;

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
