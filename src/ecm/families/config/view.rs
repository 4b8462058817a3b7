//! Places and providers as the wire shows them.

use serde::Serialize;

use crate::ecm::zones::{Isp, Place, Region, Zone};

/// What the vendor's `Position` and `Node` have in common.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Position {
    zone_info: ZoneInfo,
    country: Country,
    area: Area,
    province: Province,
    city: City,
    region_info: RegionInfo,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ZoneInfo {
    zone_id: u64,
    zone_name: &'static str,
    zone: Zone,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Country {
    country_id: &'static str,
    country_name: &'static str,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Area {
    area_id: String,
    area_name: &'static str,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Province {
    province_id: String,
    province_name: &'static str,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct City {
    city_id: String,
    city_name: &'static str,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct RegionInfo {
    region_id: u64,
    region: Region,
    region_name: &'static str,
}

/// The vendor's `ISP`.
#[derive(Debug, Clone, Serialize)]
pub struct IspView {
    #[serde(rename = "ISPId")]
    id: String,
    #[serde(rename = "ISPName")]
    name: &'static str,
}

impl IspView {
    /// One provider.
    pub fn of(isp: Isp) -> Self {
        Self { id: isp.as_str().to_owned(), name: isp.name() }
    }

    /// All providers of a zone, as one more.
    pub fn all() -> Self {
        Self { id: "CTCC;CUCC;CMCC".to_owned(), name: "三网" }
    }
}

impl Position {
    /// Where a zone is.
    ///
    /// Assumed: a zone whose number is not known has none.
    pub fn of(zone: Zone) -> Self {
        let node = zone.node();
        let number = u64::from(node.region_number.unwrap_or_default());
        let Place { id: area, name: area_name } = node.area;
        let Place { id: province, name: province_name } = node.province;
        let Place { id: city, name: city_name } = node.city;
        Self {
            zone_info: ZoneInfo {
                zone_id: if number == 0 { 0 } else { number * 10_000 + 1 },
                zone_name: node.zone_name,
                zone,
            },
            country: Country { country_id: "china", country_name: "中国" },
            area: Area { area_id: format!("china-{area}"), area_name },
            province: Province { province_id: format!("china-{area}-{province}"), province_name },
            city: City { city_id: format!("china-{area}-{province}-{city}"), city_name },
            region_info: RegionInfo {
                region_id: number,
                region: node.region,
                region_name: node.region_name,
            },
        }
    }
}
