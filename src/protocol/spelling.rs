//! String spellings of booleans and numbers.
//!
//! Queries and forms contain only strings. Decoding and comparing parameters share these rules, so
//! that a string that an action reads as a value also equals that value in an expectation.

use serde_json::Number;

/// Parses a boolean. Most clients send `true`. Python and .NET send `True`, and PHP sends `1` or an
/// empty string.
pub fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" => Some(true),
        // Assumed (gateway.query-bool-zero): `0` is false.
        "0" | "" => Some(false),
        // Assumed (gateway.query-bool-case): other cases than those that SDKs send are accepted.
        _ => boolean_word(text),
    }
}

/// Parses `true` or `false`, ignoring case. The API declares some boolean parameters and filters as
/// strings.
pub fn boolean_word(text: &str) -> Option<bool> {
    [("true", true), ("false", false)]
        .into_iter()
        .find_map(|(word, value)| word.eq_ignore_ascii_case(text).then_some(value))
}

/// Parses an integer: digits with an optional sign.
///
/// Assumed (gateway.integral-double): `10.0` and `1e1` are not integers, in a text and in JSON.
pub fn integer(text: &str) -> Option<i128> {
    // Assumed (gateway.query-integer): a sign and leading zeros are accepted.
    text.parse().ok()
}

/// Parses a finite number.
pub fn float(text: &str) -> Option<f64> {
    text.parse().ok().filter(|it: &f64| it.is_finite())
}

/// Whether two numbers are equal, such as `10` and `10.0`.
pub fn is_same_number(one: &Number, other: &Number) -> bool {
    one == other || (one.is_f64() || other.is_f64()) && one.as_f64() == other.as_f64()
}

/// Whether `text` spells `number`.
pub fn is_number(text: &str, number: &Number) -> bool {
    match (integer(text), number.as_i128()) {
        (Some(integer), Some(number)) => integer == number,
        (Some(_), None) => number.as_f64() == text.parse().ok(),
        (None, _) => number.to_string() == text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans_are_spelled_in_any_case() {
        for (texts, value) in [
            (["true", "True", "TRUE", "tRuE", "1"], Some(true)),
            (["false", "False", "FALSE", "0", ""], Some(false)),
            (["yes", "2", " true", "01", "ｔrue"], None),
        ] {
            for text in texts {
                assert_eq!(boolean(text), value, "{text:?}");
            }
        }
    }

    #[test]
    fn integers_are_spelled_in_digits() {
        for (text, value) in [
            ("5", Some(5)),
            ("+5", Some(5)),
            ("05", Some(5)),
            ("-0", Some(0)),
            ("-7", Some(-7)),
            ("18446744073709551615", Some(i128::from(u64::MAX))),
            ("", None),
            (" 5", None),
            ("5 ", None),
            ("5.0", None),
            ("1e1", None),
            ("0x5", None),
            ("５", None),
        ] {
            assert_eq!(integer(text), value, "{text:?}");
        }
    }

    #[test]
    fn a_number_has_many_spellings() {
        let number = |json: &str| -> Number { serde_json::from_str(json).unwrap() };
        for (text, json, expected) in [
            ("5", "5", true),
            ("+05", "5", true),
            ("5", "5.0", true),
            ("1.5", "1.5", true),
            ("5.0", "5", false),
            ("5", "6", false),
            ("5x", "5", false),
            ("", "0", false),
        ] {
            assert_eq!(is_number(text, &number(json)), expected, "{text:?} {json}");
        }
        assert!(is_same_number(&number("10"), &number("1e1")));
        assert!(is_same_number(&number("-3.0"), &number("-3")));
        assert!(!is_same_number(&number("10"), &number("10.5")));
        assert!(!is_same_number(&number("18446744073709551615"), &number("-1")));
    }
}
