//! Quotas on the command line.

use std::str::FromStr;

use crate::ecm::store::Quotas;

/// Returns the field of a quota.
pub(crate) type QuotaPlace = fn(&mut Quotas) -> &mut usize;

pub(crate) const QUOTAS: [(&str, QuotaPlace); 5] = [
    ("vpcs-per-region", |all| &mut all.vpcs_per_region),
    ("subnets-per-vpc", |all| &mut all.subnets_per_vpc),
    ("havips-per-vpc", |all| &mut all.ha_vips_per_vpc),
    ("enis-per-vpc", |all| &mut all.network_interfaces_per_vpc),
    ("eips-per-region", |all| &mut all.addresses_per_region),
];

/// One quota: `NAME=N`.
#[derive(Debug, Clone, Copy)]
pub struct Quota {
    place: QuotaPlace,
    number: usize,
}

impl Quota {
    /// Sets this quota.
    pub fn set(self, quotas: &mut Quotas) {
        *(self.place)(quotas) = self.number;
    }
}

/// The reason why a quota is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadQuota {
    /// Not `NAME=N`.
    #[error("must be NAME=N, for example havips-per-vpc=10")]
    Form,
    /// Unknown name.
    #[error("unknown quota `{0}`; must be one of {names}", names = QUOTAS.map(|it| it.0).join(", "))]
    Name(String),
}

impl FromStr for Quota {
    type Err = BadQuota;

    fn from_str(text: &str) -> Result<Self, BadQuota> {
        let (name, number) = text.split_once('=').ok_or(BadQuota::Form)?;
        let number = number.trim().parse().map_err(|_| BadQuota::Form)?;
        let name = name.trim();
        match QUOTAS.into_iter().find(|(known, _)| *known == name) {
            Some((_, place)) => Ok(Self { place, number }),
            None => Err(BadQuota::Name(name.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_has_a_known_name_and_a_number() {
        for (index, (name, _)) in QUOTAS.into_iter().enumerate() {
            let mut all = Quotas::default();
            format!("{name}={}", 70 + index).parse::<Quota>().unwrap().set(&mut all);
            let set = QUOTAS.into_iter().position(|(_, place)| *place(&mut all) == 70 + index);
            assert_eq!(set, Some(index));
        }
        for text in ["", "havips-per-vpc", "havips-per-vpc=", "havips-per-vpc=-1"] {
            assert_eq!(text.parse::<Quota>().unwrap_err(), BadQuota::Form, "{text}");
        }
        let error = "vips=1".parse::<Quota>().unwrap_err();
        let expected = "unknown quota `vips`; must be one of vpcs-per-region, ";
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}
