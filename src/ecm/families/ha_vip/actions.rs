//! HAVIPs: addresses of a subnet that move between instances.

use crate::{
    ecm::{
        Error, Store,
        api::{objects, requests, responses},
        families::parts::{any_region, page, short},
        fields::{PrivateAddress, Str},
        model::{LocalTime, Passthrough},
        query::{Describe, Filter, FilterSet, Listed, Order, Query, Selected, any_of},
    },
    protocol::{Action, Context, action::Entry},
};

use super::{HA_VIP_NAME_CHARS_MAX, HaVip};

/// Actions on HAVIPs.
pub(in crate::ecm) const ACTIONS: &[Entry<Store>] = &[
    Entry::new::<requests::CreateHaVip>(),
    Entry::new::<requests::DeleteHaVip>(),
    Entry::new::<requests::DescribeHaVips>(),
    Entry::new::<requests::ModifyHaVipAttribute>(),
];

/// Creates a HAVIP with the address `Vip`, or the lowest free address of the subnet.
///
/// <https://www.tencentcloud.com/document/product/1119/45732>
impl Action for requests::CreateHaVip {
    type Product = Store;

    /// Assumed (havip.check-order): the checks run in this order, which no source states.
    fn run(self, store: &mut Store, cx: &Context) -> Result<responses::CreateHaVipResponse, Error> {
        // Assumed (havip.internal-failure): no call triggers
        // `FailedOperation.InternalOperationFailure`.
        // Assumed (havip.empty-text): an empty text is `InvalidParameter`.
        let vpc_id = self.vpc_id.ok_or(Error::Empty("VpcId"))?;
        let subnet_id = self.subnet_id.ok_or(Error::Empty("SubnetId"))?;
        let name = ha_vip_name(self.ha_vip_name)?;
        let vpc = store.find(vpc_id, None)?;
        store.subnet_of(vpc_id, subnet_id)?;
        // Assumed (havip.repeated-name): HAVIPs may have the same name, so names are not compared.
        store.check_ha_vip_quota(vpc)?;
        // Assumed (vip.empty): an empty `Vip` has been read as absent.
        let wanted = self.vip.map(|PrivateAddress(vip)| vip);
        // Assumed (vip.order): the lowest free address is allocated.
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
            passthrough: Passthrough::default(),
        };
        let view = store.view_ha_vip(&ha_vip);
        store.insert_ha_vip(ha_vip);
        Ok(responses::CreateHaVipResponse { ha_vip: view })
    }
}

/// Deletes a HAVIP and releases its address.
impl Action for requests::DeleteHaVip {
    type Product = Store;

    fn run(self, store: &mut Store, _: &Context) -> Result<responses::DeleteHaVipResponse, Error> {
        store.remove_ha_vip(self.ha_vip_id.ok_or(Error::Empty("HaVipId"))?)?;
        Ok(responses::DeleteHaVipResponse {})
    }
}

impl Listed for HaVip {
    type View = objects::HaVip;

    /// Assumed (describe.havip-name): the filter matches the whole name. Actions where a part is enough
    /// say so.
    const FILTERS: FilterSet<Self> = FilterSet {
        ids: "HaVipIds",
        id_filter: "havip-id",
        rules: &[
            any_of("havip-id", |it, text, _, _| it.id == *text),
            any_of("havip-name", |it, text, _, _| it.name == text),
            any_of("vpc-id", |it, text, _, _| it.vpc_id == *text),
            any_of("subnet-id", |it, text, _, _| it.subnet_id == *text),
        ],
    };

    fn view(&self, store: &Store) -> objects::HaVip {
        store.view_ha_vip(self)
    }
}

/// Lists HAVIPs.
impl Describe for requests::DescribeHaVips {
    type Resource = HaVip;

    fn filters(&self) -> Option<&[Filter]> {
        self.filters.as_deref()
    }

    fn query(self) -> Result<Query<HaVip>, Error> {
        Ok(Query {
            ids: self.ha_vip_ids.unwrap_or_default(),
            filters: self.filters.unwrap_or_default(),
            region: any_region(self.ecm_region)?,
            page: page(self.offset, self.limit)?,
            order: Order::Oldest,
        })
    }

    fn response(found: Selected<objects::HaVip>) -> responses::DescribeHaVipsResponse {
        responses::DescribeHaVipsResponse { total_count: found.total(), ha_vip_set: found.views }
    }
}

/// Renames a HAVIP.
impl Action for requests::ModifyHaVipAttribute {
    type Product = Store;

    fn run(
        self,
        store: &mut Store,
        _: &Context,
    ) -> Result<responses::ModifyHaVipAttributeResponse, Error> {
        let id = self.ha_vip_id.ok_or(Error::Empty("HaVipId"))?;
        let name = ha_vip_name(self.ha_vip_name)?;
        store.find_mut(id, None)?.name = name;
        Ok(responses::ModifyHaVipAttributeResponse {})
    }
}

/// Checks the name of a HAVIP. All characters are allowed.
fn ha_vip_name(name: Str) -> Result<Str, Error> {
    if name.is_empty() {
        return Err(Error::Empty("HaVipName"));
    }
    short("HaVipName", name, HA_VIP_NAME_CHARS_MAX)
}
