//! Rust names for the vendor's names.

/// Words of a name, such as `Ip`, `Address`, and `ID` in `IpAddressID`.
fn words(name: &str) -> Vec<String> {
    // `IPv6` is one word.
    let name = name.replace("IPv", "Ipv");
    let chars: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    for (index, char) in chars.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|it| chars.get(it));
        let after = chars.get(index + 1);
        let begins = char.is_uppercase()
            && before.is_none_or(|it| {
                !it.is_uppercase() || after.is_some_and(|after| after.is_lowercase())
            });
        match words.last_mut() {
            Some(word) if !begins => word.push(*char),
            _ => words.push(char.to_string()),
        }
    }
    words
}

/// `VpcId` as `vpc_id`.
pub(crate) fn snake(name: &str) -> String {
    let words: Vec<String> = words(name).iter().map(|it| it.to_lowercase()).collect();
    match words.join("_") {
        name if name == "type" => "r#type".to_owned(),
        name => name,
    }
}

/// `VpcId` as `VPC_ID`.
pub(crate) fn constant(name: &str) -> String {
    let words: Vec<String> = words(name).iter().map(|it| it.to_uppercase()).collect();
    words.join("_")
}

/// `ISP` as `Isp`; other names are types as they are.
pub(crate) fn type_name(name: &str) -> String {
    if name.chars().all(|it| it.is_ascii_uppercase()) {
        pascal(&snake(name))
    } else {
        name.to_owned()
    }
}

/// `vpc_id` as `VpcId`, as serde does it.
pub(crate) fn pascal(name: &str) -> String {
    let capitalized = |word: &str| {
        let mut chars = word.chars();
        let first = chars.next().map(|it| it.to_ascii_uppercase());
        first.into_iter().chain(chars).collect::<String>()
    };
    name.trim_start_matches("r#").split('_').map(capitalized).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acronyms_are_words() {
        for (name, field, constant_name) in [
            ("VpcId", "vpc_id", "VPC_ID"),
            ("ISPTypes", "isp_types", "ISP_TYPES"),
            ("IPv6CidrBlock", "ipv6_cidr_block", "IPV6_CIDR_BLOCK"),
            ("PrivateIPAddressSet", "private_ip_address_set", "PRIVATE_IP_ADDRESS_SET"),
            ("DefaultIPDirect", "default_ip_direct", "DEFAULT_IP_DIRECT"),
            ("UUID", "uuid", "UUID"),
            ("Ipv6ISP", "ipv6_isp", "IPV6_ISP"),
            ("Type", "r#type", "TYPE"),
        ] {
            assert_eq!((snake(name).as_str(), constant(name).as_str()), (field, constant_name));
        }
        assert_eq!((type_name("ISP"), type_name("HaVip")), ("Isp".to_owned(), "HaVip".to_owned()));
    }
}
