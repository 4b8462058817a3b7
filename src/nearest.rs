//! The name that was probably meant.

/// Names that are less alike than this are not worth a guess.
const LIKENESS_MIN: f64 = 0.7;

/// The one of `known` that is most like `name`, if any is like it.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |it: &str| strsim::jaro_winkler(name, it);
    known
        .into_iter()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
        .filter(|it| likeness(it) >= LIKENESS_MIN)
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
