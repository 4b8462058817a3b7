//! Subnets: ranges of a VPC, each in one zone.

use crate::{
    ecm::{
        Error, Store,
        api::{objects, requests, responses},
        cidr,
        families::parts::{any_region, flag, name, order, region, tags, zone_in},
        fields::{Cidr, Ipv6Cidr},
        model::{LocalTime, Passthrough},
        query::{
            Describe, Filter, FilterSet, Listed, Page, Query, Selected, any_of, has_tag,
            has_tag_key, one,
        },
    },
    protocol::{Action, Context, action::Entry},
};

use super::{Subnet, error::SubnetError};

/// Actions on subnets.
pub(in crate::ecm) const ACTIONS: &[Entry<Store>] = &[
    Entry::new::<requests::CreateSubnet>(),
    Entry::new::<requests::DeleteSubnet>(),
    Entry::new::<requests::DescribeSubnets>(),
    Entry::new::<requests::ModifySubnetAttribute>(),
    Entry::new::<requests::DescribeDefaultSubnet>(),
    Entry::new::<requests::ModifyDefaultSubnet>(),
];

/// Creates a subnet, which becomes the default subnet of its zone.
impl Action for requests::CreateSubnet {
    type Product = Store;

    fn run(
        self,
        store: &mut Store,
        cx: &Context,
    ) -> Result<responses::CreateSubnetResponse, Error> {
        let region = region(self.ecm_region)?;
        let zone = zone_in(region, self.zone)?;
        let name = name("SubnetName", self.subnet_name)?;
        let Cidr(net) = self.cidr_block;
        cidr::check_mask(net).map_err(|bad| SubnetError::Mask { net, bad })?;
        let tags = tags(self.tags.unwrap_or_default())?;
        let vpc = store.find(self.vpc_id, None)?;
        if vpc.region != region {
            return Err(SubnetError::VpcElsewhere { vpc: vpc.id, region }.into());
        }
        store.check_subnet(vpc, net)?;
        store.check_subnet_quota(vpc)?;

        let id = store.new_id();
        let mut subnet = Subnet {
            name,
            tags,
            ..Subnet::new(id, self.vpc_id, net, zone, LocalTime::new(cx.now))
        };
        // Assumed (subnet.ipv6-cidr): the range is stored and has no effect.
        if let Some(Ipv6Cidr(range)) = self.ipv6_cidr_block {
            let object = objects::Subnet { ipv6_cidr_block: range.into(), ..Default::default() };
            subnet.passthrough = Passthrough::new(object);
        }
        let view = store.view_subnet(&subnet);
        store.insert_subnet(subnet);
        Ok(responses::CreateSubnetResponse { subnet: view })
    }
}

/// Deletes a subnet. Fails if any of its addresses is in use.
impl Action for requests::DeleteSubnet {
    type Product = Store;

    fn run(self, store: &mut Store, _: &Context) -> Result<responses::DeleteSubnetResponse, Error> {
        let region = region(self.ecm_region)?;
        store.remove_subnet(self.subnet_id, region)?;
        Ok(responses::DeleteSubnetResponse {})
    }
}

impl Listed for Subnet {
    type View = objects::Subnet;

    const FILTERS: FilterSet<Self> = FilterSet {
        ids: "SubnetIds",
        id_filter: "subnet-id",
        rules: &[
            any_of("subnet-id", |it, text, _, _| it.id == *text),
            one("subnet-name", |it, text, _, _| it.name.contains(text)),
            one("cidr-block", |it, text, _, _| it.net().to_string().contains(text)),
            any_of("vpc-id", |it, text, _, _| it.vpc_id == *text),
            one("vpc-cidr-block", |it, text, _, store| {
                store.existing(it.vpc_id).cidr.to_string().contains(text)
            }),
            any_of("region", |it, text, _, _| it.zone.node().region.as_str() == text),
            any_of("zone", |it, text, _, _| it.zone.as_str() == text),
            any_of("ipv6-cidr-block", |it, text, _, _| {
                it.passthrough.with(|it| it.ipv6_cidr_block == text)
            }),
            any_of("isp-type", |it, text, _, _| it.passthrough.with(|it| it.isp_type == text)),
            any_of("tag-key", |it, text, _, _| has_tag_key(&it.tags, text)),
            any_of("tag:", |it, text, key, _| has_tag(&it.tags, key, text)),
        ],
    };

    fn view(&self, store: &Store) -> objects::Subnet {
        store.view_subnet(self)
    }
}

/// Lists subnets. `Offset` and `Limit` are strings.
impl Describe for requests::DescribeSubnets {
    type Resource = Subnet;

    fn filters(&self) -> Option<&[Filter]> {
        self.filters.as_deref()
    }

    fn sort(&self) -> Option<&str> {
        self.sort.as_deref()
    }

    /// Assumed (describe.unknown-id): an unknown ID is skipped, even though the vendor documents
    /// `ResourceNotFound`.
    fn query(self) -> Result<Query<Subnet>, Error> {
        Ok(Query {
            ids: self.subnet_ids.unwrap_or_default(),
            filters: self.filters.unwrap_or_default(),
            region: any_region(self.ecm_region)?,
            page: Page::parse(self.offset.as_deref(), self.limit.as_deref())?,
            order: order(self.sort.as_deref(), |it: &Subnet| it.created_time)?,
        })
    }

    fn response(found: Selected<objects::Subnet>) -> responses::DescribeSubnetsResponse {
        responses::DescribeSubnetsResponse { total_count: found.total(), subnet_set: found.views }
    }
}

/// Updates a subnet's name, tags, and broadcast setting.
impl Action for requests::ModifySubnetAttribute {
    type Product = Store;

    /// Assumed (subnet.empty-name): an empty name counts as absent, so the name stays.
    fn run(
        self,
        store: &mut Store,
        _: &Context,
    ) -> Result<responses::ModifySubnetAttributeResponse, Error> {
        let region = region(self.ecm_region)?;
        let new_name = self.subnet_name.filter(|name| !name.is_empty());
        let new_name = new_name.map(|text| name("SubnetName", text)).transpose()?;
        // Assumed (subnet.broadcast): the flag is stored and has no effect.
        let enable_broadcast = flag("EnableBroadcast", self.enable_broadcast.as_deref())?;
        let tags = self.tags.map(tags).transpose()?;
        let subnet = store.find_mut(self.subnet_id, Some(region))?;
        subnet.name = new_name.unwrap_or(std::mem::take(&mut subnet.name));
        subnet.enable_broadcast = enable_broadcast.unwrap_or(subnet.enable_broadcast);
        subnet.tags = tags.unwrap_or(std::mem::take(&mut subnet.tags));
        Ok(responses::ModifySubnetAttributeResponse {})
    }
}

/// Returns the default subnet of a zone.
impl Action for requests::DescribeDefaultSubnet {
    type Product = Store;

    /// Assumed (subnet.no-default): a zone without a default subnet is refused. The vendor creates a
    /// subnet and a VPC in this case, which a test that counts VPCs does not expect.
    fn run(
        self,
        store: &mut Store,
        _: &Context,
    ) -> Result<responses::DescribeDefaultSubnetResponse, Error> {
        let zone = zone_in(region(self.ecm_region)?, self.zone)?;
        let subnet = store.view_subnet(store.default_subnet(zone)?);
        Ok(responses::DescribeDefaultSubnetResponse { subnet })
    }
}

/// Sets the default subnet of a zone.
impl Action for requests::ModifyDefaultSubnet {
    type Product = Store;

    fn run(
        self,
        store: &mut Store,
        _: &Context,
    ) -> Result<responses::ModifyDefaultSubnetResponse, Error> {
        let region = region(self.ecm_region)?;
        let zone = zone_in(region, self.zone)?;
        store.find(self.vpc_id, Some(region))?;
        let subnet = store.subnet_of(self.vpc_id, self.subnet_id)?;
        if subnet.zone != zone {
            return Err(SubnetError::Elsewhere { subnet: subnet.id, zone }.into());
        }
        store.set_default_subnet(zone, self.subnet_id);
        Ok(responses::ModifyDefaultSubnetResponse {})
    }
}
