//! Subnets: ranges of a VPC, each in one zone.

use serde::{Deserialize, Serialize};

use crate::{
    ecm::{
        Error, Store, cidr,
        families::parts::{
            AnyRegion, Cidr, EcmRegion, EcmZone, Empty, Ipv6Cidr, MaybeBlank, Parsed, SORT_BY_TIME,
            any_region, flag, given, name, order, tags,
        },
        ids::{SubnetId, VpcId},
        model::{LocalTime, Tag},
        query::{Filter, FilterSet, Page, Query, any_of, has_tag, has_tag_key, one, select},
    },
    protocol::{Action, Context},
};

use super::{Subnet, SubnetView, error::SubnetError};

/// Makes a subnet, which becomes the default one of its zone.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct CreateSubnet {
    vpc_id: VpcId,
    subnet_name: String,
    cidr_block: Parsed<Cidr>,
    zone: EcmZone,
    ecm_region: EcmRegion,
    tags: Option<Vec<Tag>>,
    #[serde(rename = "IPv6CidrBlock")]
    ipv6_cidr_block: Option<MaybeBlank<Ipv6Cidr>>,
}

/// Response of [`CreateSubnet`] and [`DescribeDefaultSubnet`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::ecm::families) struct SubnetOutput {
    subnet: SubnetView,
}

impl Action for CreateSubnet {
    type Product = Store;
    type Output = SubnetOutput;

    fn run(self, store: &mut Store, cx: &Context) -> Result<SubnetOutput, Error> {
        let region = self.ecm_region.known()?;
        let zone = self.zone.known_in(region)?;
        let name = name("SubnetName", self.subnet_name)?;
        let Parsed(Cidr(net)) = self.cidr_block;
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
        if let Some(Ipv6Cidr(range)) = given(self.ipv6_cidr_block) {
            subnet.kept.set("Ipv6CidrBlock", range.into());
        }
        let view = store.view_subnet(&subnet);
        store.insert_subnet(subnet);
        Ok(SubnetOutput { subnet: view })
    }
}

/// Deletes a subnet none of whose addresses is in use.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct DeleteSubnet {
    subnet_id: SubnetId,
    ecm_region: EcmRegion,
}

impl Action for DeleteSubnet {
    type Product = Store;
    type Output = Empty;

    fn run(self, store: &mut Store, _: &Context) -> Result<Empty, Error> {
        let region = self.ecm_region.known()?;
        store.remove_subnet(self.subnet_id, region)?;
        Ok(Empty {})
    }
}

/// Lists subnets. `Offset` and `Limit` are texts.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct DescribeSubnets {
    subnet_ids: Option<Vec<SubnetId>>,
    filters: Option<Vec<Filter>>,
    offset: Option<String>,
    limit: Option<String>,
    ecm_region: Option<AnyRegion>,
    sort: Option<String>,
}

/// Response of [`DescribeSubnets`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::ecm::families) struct DescribeSubnetsOutput {
    total_count: usize,
    subnet_set: Vec<SubnetView>,
}

const FILTERS: FilterSet<Subnet> = FilterSet {
    ids: "SubnetIds",
    id_filter: "subnet-id",
    rules: &[
        any_of("subnet-id", |it, text, _, _| it.id == *text),
        one("subnet-name", |it, text, _, _| it.name.contains(text)),
        one("cidr-block", |it, text, _, _| it.net().to_string().contains(text)),
        any_of("vpc-id", |it, text, _, _| it.vpc_id == *text),
        one("vpc-cidr-block", |it, text, _, store| {
            store.get(it.vpc_id).is_some_and(|vpc| vpc.cidr.to_string().contains(text))
        }),
        any_of("region", |it, text, _, _| it.zone.node().region.as_str() == text),
        any_of("zone", |it, text, _, _| it.zone.as_str() == text),
        any_of("ipv6-cidr-block", |it, text, _, _| it.kept.text("Ipv6CidrBlock") == text),
        any_of("isp-type", |it, text, _, _| it.kept.text("ISPType") == text),
        any_of("tag-key", |it, text, _, _| has_tag_key(&it.tags, text)),
        any_of("tag:", |it, text, key, _| has_tag(&it.tags, key, text)),
    ],
};

impl Action for DescribeSubnets {
    type Product = Store;
    type Output = DescribeSubnetsOutput;

    fn is_long(&self) -> bool {
        FILTERS.scans(self.filters.as_deref()) || self.sort.as_deref() == Some(SORT_BY_TIME)
    }

    /// Assumed: an id that is not there is passed over, though `ResourceNotFound` is documented.
    fn run(self, store: &mut Store, _: &Context) -> Result<DescribeSubnetsOutput, Error> {
        let query = Query {
            ids: self.subnet_ids.unwrap_or_default(),
            filters: self.filters.unwrap_or_default(),
            region: any_region(self.ecm_region)?,
            page: Page::parse(self.offset.as_deref(), self.limit.as_deref())?,
            order: order(self.sort.as_deref(), |it: &Subnet| it.created_time)?,
        };
        let found = select(store, &FILTERS, &query, Store::view_subnet)?;
        Ok(DescribeSubnetsOutput { total_count: found.total, subnet_set: found.views })
    }
}

/// Changes what is said of a subnet.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct ModifySubnetAttribute {
    subnet_id: SubnetId,
    ecm_region: EcmRegion,
    subnet_name: Option<String>,
    enable_broadcast: Option<String>,
    tags: Option<Vec<Tag>>,
}

impl Action for ModifySubnetAttribute {
    type Product = Store;
    type Output = Empty;

    /// Assumed: an empty name is none, so the name stays.
    fn run(self, store: &mut Store, _: &Context) -> Result<Empty, Error> {
        let region = self.ecm_region.known()?;
        let new_name = self.subnet_name.filter(|name| !name.is_empty());
        let new_name = new_name.map(|text| name("SubnetName", text)).transpose()?;
        let enable_broadcast = flag("EnableBroadcast", self.enable_broadcast.as_deref())?;
        let tags = self.tags.map(tags).transpose()?;
        let subnet = store.find_mut(self.subnet_id, Some(region))?;
        subnet.name = new_name.unwrap_or(std::mem::take(&mut subnet.name));
        subnet.enable_broadcast = enable_broadcast.unwrap_or(subnet.enable_broadcast);
        subnet.tags = tags.unwrap_or(std::mem::take(&mut subnet.tags));
        Ok(Empty {})
    }
}

/// Shows the default subnet of a zone.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct DescribeDefaultSubnet {
    ecm_region: EcmRegion,
    zone: EcmZone,
}

impl Action for DescribeDefaultSubnet {
    type Product = Store;
    type Output = SubnetOutput;

    /// Assumed: a zone without a default subnet is refused. The vendor makes one in such a case,
    /// with a VPC around it, which a test that counts VPCs would not expect.
    fn run(self, store: &mut Store, _: &Context) -> Result<SubnetOutput, Error> {
        let zone = self.zone.known_in(self.ecm_region.known()?)?;
        let subnet = store.view_subnet(store.default_subnet(zone)?);
        Ok(SubnetOutput { subnet })
    }
}

/// Makes another subnet the default one of its zone.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct ModifyDefaultSubnet {
    ecm_region: EcmRegion,
    zone: EcmZone,
    vpc_id: VpcId,
    subnet_id: SubnetId,
}

impl Action for ModifyDefaultSubnet {
    type Product = Store;
    type Output = Empty;

    fn run(self, store: &mut Store, _: &Context) -> Result<Empty, Error> {
        let region = self.ecm_region.known()?;
        let zone = self.zone.known_in(region)?;
        store.find(self.vpc_id, Some(region))?;
        let subnet = store.subnet_of(self.vpc_id, self.subnet_id)?;
        if subnet.zone != zone {
            return Err(SubnetError::Elsewhere { subnet: subnet.id, zone }.into());
        }
        store.set_default_subnet(zone, self.subnet_id);
        Ok(Empty {})
    }
}
