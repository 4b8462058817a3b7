//! Regions and zones of the product, from observed responses of `DescribeNode`.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

use crate::{
    nearest::{did_you_mean, nearest},
    protocol::text::{Backticked, BacktickedValue},
};

/// A region, such as `ap-hangzhou-ecm`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(&'static str);

/// A zone of a region, such as `ap-hangzhou-ecm-1`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Zone(&'static str);

/// An internet service provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isp {
    /// China Mobile.
    Cmcc,
    /// China Unicom.
    Cucc,
    /// China Telecom.
    Ctcc,
}

/// A place in China.
#[derive(Debug, Clone, Copy)]
pub struct Location {
    /// Last part of the ID.
    pub id: &'static str,
    /// Chinese name.
    pub name: &'static str,
}

/// A zone with its region, location, and providers.
#[derive(Debug)]
pub struct Node {
    pub zone: Zone,
    pub zone_name: &'static str,
    /// Region of the zone.
    pub region: Region,
    pub region_name: &'static str,
    /// Number of the region, which the number of the zone derives from. Unknown for zones that
    /// observed responses of `DescribeNode` do not list.
    pub region_number: Option<u32>,
    /// Part of China.
    pub area: Location,
    pub province: Location,
    pub city: Location,
    /// Providers of the zone.
    pub isps: &'static [Isp],
}

/// A string that is not the name of a region.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown region {}{}", BacktickedValue(name), did_you_mean(near.map(Backticked), ""))]
pub struct BadRegion {
    name: String,
    near: Option<&'static str>,
}

/// A string that is not the name of a zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown zone {}{}", BacktickedValue(name), did_you_mean(near.map(Backticked), ""))]
pub struct BadZone {
    name: String,
    near: Option<&'static str>,
}

impl Region {
    /// Default region of resources that specify none.
    pub const DEFAULT: Self = Self("ap-hangzhou-ecm");

    /// Returns the first zone of the region.
    pub fn first_zone(self) -> Zone {
        self.node().zone
    }

    /// Returns the providers of the region.
    pub fn isps(self) -> &'static [Isp] {
        self.node().isps
    }

    /// Returns the region name that VPCs show, which is the name of the first zone.
    pub fn shown_name(self) -> &'static str {
        self.node().zone_name
    }

    fn node(self) -> &'static Node {
        NODES.iter().find(|node| node.region == self).expect("the table has every region")
    }
}

impl Zone {
    /// Returns the zone's entry in [`NODES`].
    pub fn node(self) -> &'static Node {
        NODES.iter().find(|node| node.zone == self).expect("the table has every zone")
    }
}

impl FromStr for Region {
    type Err = BadRegion;

    fn from_str(text: &str) -> Result<Self, BadRegion> {
        let names = || NODES.iter().map(|node| node.region);
        names().find(|region| region.0 == text).ok_or_else(|| BadRegion {
            name: text.to_owned(),
            near: nearest(text, names().map(|it| it.0)),
        })
    }
}

impl FromStr for Zone {
    type Err = BadZone;

    fn from_str(text: &str) -> Result<Self, BadZone> {
        let names = || NODES.iter().map(|node| node.zone);
        names().find(|zone| zone.0 == text).ok_or_else(|| BadZone {
            name: text.to_owned(),
            near: nearest(text, names().map(|it| it.0)),
        })
    }
}

impl Isp {
    /// Returns the Chinese name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cmcc => "移动",
            Self::Cucc => "联通",
            Self::Ctcc => "电信",
        }
    }

    /// Returns the short name, such as `CMCC`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cmcc => "CMCC",
            Self::Cucc => "CUCC",
            Self::Ctcc => "CTCC",
        }
    }
}

/// A string that is not the short name of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be CMCC, CUCC, or CTCC")]
pub struct BadIsp;

impl Serialize for Isp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl FromStr for Isp {
    type Err = BadIsp;

    fn from_str(text: &str) -> Result<Self, BadIsp> {
        ALL.iter().copied().find(|isp| isp.as_str() == text).ok_or(BadIsp)
    }
}

macro_rules! text {
    ($($name:ident)*) => {$(
        impl $name {
            /// Returns the name as requests and responses have it.
            pub const fn as_str(self) -> &'static str {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.0)
            }
        }
    )*};
}

text!(Region Zone);

const ALL: &[Isp] = &[Isp::Cmcc, Isp::Cucc, Isp::Ctcc];
const MOBILE: &[Isp] = &[Isp::Cmcc];
const UNICOM: &[Isp] = &[Isp::Cucc];
const TELECOM: &[Isp] = &[Isp::Ctcc];

/// Defines [`NODES`]. A region with a single provider is named for the provider.
macro_rules! nodes {
    ($($zone:literal $zone_name:literal $region:literal $region_name:literal $number:expr;
        $area:literal $area_name:literal $province:literal $province_name:literal
        $city:literal $city_name:literal $isps:ident;)*) => {
        /// All zones, ordered by region number. Zones without a number come last.
        ///
        /// Assumed (zone.names): the names of provinces and cities are inferred, except those of
        /// Hangzhou and Shenzhen. So are the names and places of the zones without a number, as only
        /// the IDs of these zones have been seen.
        pub static NODES: &[Node] = &[$(Node {
            zone: Zone($zone),
            zone_name: $zone_name,
            region: Region($region),
            region_name: $region_name,
            region_number: $number,
            area: Location { id: $area, name: $area_name },
            province: Location { id: $province, name: $province_name },
            city: Location { id: $city, name: $city_name },
            isps: $isps,
        }),*];
    };
}

nodes! {
    "ap-zhengzhou-ecm-1" "郑州一区" "ap-zhengzhou-ecm" "郑州" Some(48);
        "central" "华中" "henan" "河南" "zhengzhou" "郑州" ALL;
    "ap-qingdao-ecm-1" "青岛一区" "ap-qingdao-ecm" "青岛" Some(49);
        "east" "华东" "shandong" "山东" "qingdao" "青岛" ALL;
    "ap-hangzhou-ecm-1" "杭州一区" "ap-hangzhou-ecm" "杭州" Some(1011);
        "east" "华东" "zhejiang" "浙江" "hangzhou" "杭州" ALL;
    "ap-nanjing-ecm2-1" "南京一区" "ap-nanjing-ecm2" "南京2" Some(1012);
        "east" "华东" "jiangsu" "江苏" "nanjing" "南京" ALL;
    "ap-jinan-ecm-1" "济南一区" "ap-jinan-ecm" "济南" Some(1013);
        "east" "华东" "shandong" "山东" "jinan" "济南" ALL;
    "ap-shijiazhuang-ecm-1" "石家庄一区" "ap-shijiazhuang-ecm" "石家庄" Some(1014);
        "north" "华北" "hebei" "河北" "shijiazhuang" "石家庄" ALL;
    "ap-beijing-ecm-ct-1" "北京三区（电信）" "ap-beijing-ecm-ct" "北京电信" Some(1015);
        "north" "华北" "beijing" "北京" "beijing" "北京" TELECOM;
    "ap-beijing-ecm-cu-1" "北京四区（联通）" "ap-beijing-ecm-cu" "北京联通" Some(1016);
        "north" "华北" "beijing" "北京" "beijing" "北京" UNICOM;
    "ap-beijing-ecm-cm-1" "北京一区（移动）" "ap-beijing-ecm-cm" "北京移动" Some(1017);
        "north" "华北" "beijing" "北京" "beijing" "北京" MOBILE;
    "ap-xian-ecm-1" "西安一区" "ap-xian-ecm" "西安" Some(1018);
        "northwest" "西北" "shaanxi" "陕西" "xian" "西安" ALL;
    "ap-shanghai-ecm-cu-1" "上海二区（联通）" "ap-shanghai-ecm-cu" "上海联通" Some(1020);
        "east" "华东" "shanghai" "上海" "shanghai" "上海" UNICOM;
    "ap-shanghai-ecm-cm-1" "上海一区（移动）" "ap-shanghai-ecm-cm" "上海移动" Some(1021);
        "east" "华东" "shanghai" "上海" "shanghai" "上海" MOBILE;
    "ap-guangzhou-ecm-ct-1" "广州一区（电信）" "ap-guangzhou-ecm-ct" "广州电信" Some(1022);
        "south" "华南" "guangdong" "广东" "guangzhou" "广州" TELECOM;
    "ap-guangzhou-ecm-cu-1" "广州四区（联通）" "ap-guangzhou-ecm-cu" "广州联通" Some(1023);
        "south" "华南" "guangdong" "广东" "guangzhou" "广州" UNICOM;
    "ap-shenzhen-ecm-ct-1" "深圳一区（电信）" "ap-shenzhen-ecm-ct" "深圳电信" Some(1025);
        "south" "华南" "guangdong" "广东" "shenzhen" "深圳" TELECOM;
    "ap-shenzhen-ecm-cu-1" "深圳四区（联通）" "ap-shenzhen-ecm-cu" "深圳联通" Some(1026);
        "south" "华南" "guangdong" "广东" "shenzhen" "深圳" UNICOM;
    "ap-shenzhen-ecm-cm-1" "深圳二区（移动）" "ap-shenzhen-ecm-cm" "深圳移动" Some(1027);
        "south" "华南" "guangdong" "广东" "shenzhen" "深圳" MOBILE;
    "ap-chengdu-ecm-ct-1" "成都一区（电信）" "ap-chengdu-ecm-ct" "成都电信" Some(1028);
        "southwest" "西南" "sichuan" "四川" "chengdu" "成都" TELECOM;
    "ap-chengdu-ecm-cu-1" "成都五区（联通）" "ap-chengdu-ecm-cu" "成都联通2" Some(1029);
        "southwest" "西南" "sichuan" "四川" "chengdu" "成都" UNICOM;
    "ap-chengdu-ecm-cm-1" "成都二区（移动）" "ap-chengdu-ecm-cm" "成都移动" Some(1030);
        "southwest" "西南" "sichuan" "四川" "chengdu" "成都" MOBILE;
    "ap-wuhan-ecm-1" "武汉一区" "ap-wuhan-ecm" "武汉" Some(1031);
        "central" "华中" "hubei" "湖北" "wuhan" "武汉" ALL;
    "ap-beijing-ecm-cu2-1" "北京五区（联通）" "ap-beijing-ecm-cu2" "北京联通2" Some(1032);
        "north" "华北" "beijing" "北京" "beijing" "北京" UNICOM;
    "ap-beijing-ecm-cm2-1" "北京二区（移动）" "ap-beijing-ecm-cm2" "北京移动2" Some(1033);
        "north" "华北" "beijing" "北京" "beijing" "北京" MOBILE;
    "ap-guangzhou-ecm-ct2-1" "广州二区（电信）" "ap-guangzhou-ecm-ct2" "广州电信2" Some(1034);
        "south" "华南" "guangdong" "广东" "guangzhou" "广州" TELECOM;
    "ap-chengdu-ecm-ct2-1" "成都四区（电信）" "ap-chengdu-ecm-ct2" "成都电信2" Some(1035);
        "southwest" "西南" "sichuan" "四川" "chengdu" "成都" TELECOM;
    "ap-chengdu-ecm-cm2-1" "成都三区（移动）" "ap-chengdu-ecm-cm2" "成都移动2" Some(1036);
        "southwest" "西南" "sichuan" "四川" "chengdu" "成都" MOBILE;
    "ap-shenzhen-ecm-cm2-1" "深圳三区（移动）" "ap-shenzhen-ecm-cm2" "深圳移动" Some(1037);
        "south" "华南" "guangdong" "广东" "shenzhen" "深圳" MOBILE;
    "ap-dongguan-ecm-cu-1" "东莞一区（联通）" "ap-dongguan-ecm-cu" "东莞联通" Some(1038);
        "south" "华南" "guangdong" "广东" "dongguan" "东莞" UNICOM;
    "ap-shenzhen-ecm-ct2" "深圳五区（电信）" "ap-shenzhen-ecm-ct2" "深圳" Some(1051);
        "south" "华南" "guangdong" "广东" "shenzhen" "深圳" TELECOM;
    "ap-chongqing-ecm-1" "重庆一区" "ap-chongqing-ecm" "重庆" None;
        "southwest" "西南" "chongqing" "重庆" "chongqing" "重庆" ALL;
    "ap-chongqing-ecm2-1" "重庆2一区" "ap-chongqing-ecm2" "重庆2" None;
        "southwest" "西南" "chongqing" "重庆" "chongqing" "重庆" ALL;
    "ap-guangzhou-ecm-1" "广州一区" "ap-guangzhou-ecm" "广州" None;
        "south" "华南" "guangdong" "广东" "guangzhou" "广州" ALL;
    "ap-guangzhou-ecm-cu2-1" "广州联通2一区" "ap-guangzhou-ecm-cu2" "广州联通2" None;
        "south" "华南" "guangdong" "广东" "guangzhou" "广州" UNICOM;
    "ap-ningbo-ecm-ct2-1" "宁波电信2一区" "ap-ningbo-ecm-ct2" "宁波电信2" None;
        "east" "华东" "zhejiang" "浙江" "ningbo" "宁波" TELECOM;
    "ap-hefei-ecm-1" "合肥一区" "ap-hefei-ecm" "合肥" None;
        "east" "华东" "anhui" "安徽" "hefei" "合肥" ALL;
    "ap-shenyang-ecm-cu-1" "沈阳联通一区" "ap-shenyang-ecm-cu" "沈阳联通" None;
        "northeast" "东北" "liaoning" "辽宁" "shenyang" "沈阳" UNICOM;
    "ap-changchun-ecm-ct2-1" "长春电信2一区" "ap-changchun-ecm-ct2" "长春电信2" None;
        "northeast" "东北" "jilin" "吉林" "changchun" "长春" TELECOM;
    "ap-nanjing-ecm-1" "南京一区" "ap-nanjing-ecm" "南京" None;
        "east" "华东" "jiangsu" "江苏" "nanjing" "南京" ALL;
    "ap-beijing-ecm-cm3-1" "北京移动3一区" "ap-beijing-ecm-cm3" "北京移动3" None;
        "north" "华北" "beijing" "北京" "beijing" "北京" MOBILE;
    "ap-beijing-ecm-cu3-1" "北京联通3一区" "ap-beijing-ecm-cu3" "北京联通3" None;
        "north" "华北" "beijing" "北京" "beijing" "北京" UNICOM;
    "ap-bhmini-ecm-1" "腾讯滨海专区" "ap-bhmini-ecm" "腾讯滨海专区" None;
        "south" "华南" "guangdong" "广东" "shenzhen" "深圳" ALL;
    "ap-guangzhou-yunyou-cm-1" "广州移动云游一区" "ap-guangzhou-yunyou-cm" "广州移动云游" None;
        "south" "华南" "guangdong" "广东" "guangzhou" "广州" MOBILE;
}
