//! Locations and providers in responses.

use crate::ecm::{
    api::objects,
    zones::{Isp, Location, Zone},
};

impl From<Isp> for objects::Isp {
    fn from(isp: Isp) -> Self {
        Self { isp_id: isp.as_str().into(), isp_name: isp.name().into() }
    }
}

/// Returns the location of a zone.
///
/// Assumed (zone.number-zero): a zone without a known number has the number 0.
pub(in crate::ecm) fn position(zone: Zone) -> objects::Position {
    let node = zone.node();
    let number = i64::from(node.region_number.unwrap_or_default());
    let Location { id: area, name: area_name } = node.area;
    let Location { id: province, name: province_name } = node.province;
    let Location { id: city, name: city_name } = node.city;
    objects::Position {
        zone_info: objects::ZoneInfo {
            zone_id: if number == 0 { 0 } else { number * 10_000 + 1 },
            zone_name: node.zone_name.into(),
            zone: zone.as_str().into(),
        },
        country: objects::Country { country_id: "china".into(), country_name: "中国".into() },
        area: objects::Area {
            area_id: format!("china-{area}").into(),
            area_name: area_name.into(),
        },
        province: objects::Province {
            province_id: format!("china-{area}-{province}").into(),
            province_name: province_name.into(),
        },
        city: objects::City {
            city_id: format!("china-{area}-{province}-{city}").into(),
            city_name: city_name.into(),
        },
        region_info: objects::RegionInfo {
            region: node.region.as_str().into(),
            region_name: node.region_name.into(),
            region_id: number,
        },
        // Assumed (zone.ipv6): no position supports IPv6.
        ipv6_supported: Some(false),
    }
}
