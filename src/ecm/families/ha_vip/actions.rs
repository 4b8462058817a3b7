//! HAVIPs: addresses of a subnet that move between instances.

use serde::{Deserialize, Serialize};

use crate::{
    ecm::{
        Error, Store,
        families::parts::{Address, AnyRegion, Empty, MaybeBlank, any_region, given, page, short},
        ids::{HaVipId, SubnetId, VpcId},
        model::LocalTime,
        query::{Filter, FilterSet, Order, Query, any_of, select},
    },
    protocol::{Action, Context},
};

use super::{HA_VIP_NAME_CHARS_MAX, HaVip, HaVipView};

/// Reserves an address of a subnet: `Vip` if given, else the lowest free one.
///
/// <https://www.tencentcloud.com/document/product/1119/45732>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct CreateHaVip {
    vpc_id: MaybeBlank<VpcId>,
    subnet_id: MaybeBlank<SubnetId>,
    ha_vip_name: String,
    /// Assumed: an empty text counts as none.
    vip: Option<MaybeBlank<Address>>,
}

/// Response of [`CreateHaVip`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::ecm::families) struct CreateHaVipOutput {
    ha_vip: HaVipView,
}

impl Action for CreateHaVip {
    type Product = Store;
    type Output = CreateHaVipOutput;

    /// Assumed: the order of the checks, which no source states.
    fn run(self, store: &mut Store, cx: &Context) -> Result<CreateHaVipOutput, Error> {
        let vpc_id = self.vpc_id.required("VpcId")?;
        let subnet_id = self.subnet_id.required("SubnetId")?;
        let name = ha_vip_name(self.ha_vip_name)?;
        let vpc = store.find(vpc_id, None)?;
        store.subnet_of(vpc_id, subnet_id)?;
        store.check_ha_vip_quota(vpc)?;
        let wanted = given(self.vip).map(|Address(vip)| vip);
        let vip = store.take_address(subnet_id, wanted)?;

        let ha_vip = HaVip {
            id: store.new_id(),
            name,
            vip,
            vpc_id,
            subnet_id,
            network_interface_id: None,
            address_id: None,
            created_time: LocalTime::new(cx.now),
            business: String::new(),
        };
        store.insert_ha_vip(ha_vip.clone());
        Ok(CreateHaVipOutput { ha_vip: store.view_ha_vip(&ha_vip) })
    }
}

/// Gives the address of a HAVIP back.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct DeleteHaVip {
    ha_vip_id: MaybeBlank<HaVipId>,
}

impl Action for DeleteHaVip {
    type Product = Store;
    type Output = Empty;

    fn run(self, store: &mut Store, _: &Context) -> Result<Empty, Error> {
        store.remove_ha_vip(self.ha_vip_id.required("HaVipId")?)?;
        Ok(Empty {})
    }
}

/// Lists HAVIPs.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct DescribeHaVips {
    ha_vip_ids: Option<Vec<HaVipId>>,
    filters: Option<Vec<Filter>>,
    offset: Option<i64>,
    limit: Option<i64>,
    ecm_region: Option<AnyRegion>,
}

/// Response of [`DescribeHaVips`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::ecm::families) struct DescribeHaVipsOutput {
    total_count: usize,
    ha_vip_set: Vec<HaVipView>,
}

/// Assumed: a name matches as a whole; where a part is enough, other actions say so.
const FILTERS: FilterSet<HaVip> = FilterSet {
    ids: "HaVipIds",
    id_filter: "havip-id",
    rules: &[
        any_of("havip-id", |it, text, _, _| it.id == *text),
        any_of("havip-name", |it, text, _, _| it.name == text),
        any_of("vpc-id", |it, text, _, _| it.vpc_id == *text),
        any_of("subnet-id", |it, text, _, _| it.subnet_id == *text),
    ],
};

impl Action for DescribeHaVips {
    type Product = Store;
    type Output = DescribeHaVipsOutput;

    fn is_long(&self) -> bool {
        FILTERS.scans(self.filters.as_deref())
    }

    fn run(self, store: &mut Store, _: &Context) -> Result<DescribeHaVipsOutput, Error> {
        let query = Query {
            ids: self.ha_vip_ids.unwrap_or_default(),
            filters: self.filters.unwrap_or_default(),
            region: any_region(self.ecm_region)?,
            page: page(self.offset, self.limit)?,
            order: Order::Oldest,
        };
        let found = select(store, &FILTERS, &query, Store::view_ha_vip)?;
        Ok(DescribeHaVipsOutput { total_count: found.total, ha_vip_set: found.views })
    }
}

/// Renames a HAVIP.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct ModifyHaVipAttribute {
    ha_vip_id: MaybeBlank<HaVipId>,
    ha_vip_name: String,
}

impl Action for ModifyHaVipAttribute {
    type Product = Store;
    type Output = Empty;

    fn run(self, store: &mut Store, _: &Context) -> Result<Empty, Error> {
        let id = self.ha_vip_id.required("HaVipId")?;
        let name = ha_vip_name(self.ha_vip_name)?;
        store.find_mut(id, None)?.name = name;
        Ok(Empty {})
    }
}

/// Any characters will do, as many as the limit.
fn ha_vip_name(name: String) -> Result<String, Error> {
    if name.is_empty() {
        return Err(Error::Empty("HaVipName"));
    }
    short("HaVipName", name, HA_VIP_NAME_CHARS_MAX)
}
