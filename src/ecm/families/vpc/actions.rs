//! VPCs: private networks, each in one region.

use serde::{Deserialize, Serialize};

use crate::{
    ecm::{
        Error, Store, cidr,
        families::parts::{
            AnyRegion, Cidr, DnsServer, EcmRegion, Empty, Parsed, SORT_BY_TIME, any_region,
            at_most, flag, name, order, page, short, tags, text,
        },
        ids::VpcId,
        model::{LocalTime, NAME_BYTES_MAX, Tag},
        query::{Filter, FilterSet, Query, any_of, has_tag, has_tag_key, one, select},
    },
    protocol::{Action, Context},
};

use super::{Vpc, VpcView};

/// DNS servers of a VPC at most.
const DNS_SERVERS_MAX: usize = 4;

/// Makes a VPC.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct CreateVpc {
    vpc_name: String,
    cidr_block: Parsed<Cidr>,
    ecm_region: EcmRegion,
    enable_multicast: Option<String>,
    dns_servers: Option<Vec<Parsed<DnsServer>>>,
    domain_name: Option<String>,
    tags: Option<Vec<Tag>>,
    description: Option<String>,
    /// Assumed: without effect. It asks for IPv6 ranges, of which ecmock has none.
    #[serde(rename = "ISPTypes")]
    #[expect(dead_code, reason = "has no effect")]
    isp_types: Option<Vec<IspType>>,
}

/// How many IPv6 ranges of a provider are asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "has no effect")]
struct IspType {
    #[serde(rename = "ISPType")]
    isp: Option<String>,
    #[serde(rename = "Count")]
    count: Option<u64>,
}

/// Response of [`CreateVpc`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::ecm::families) struct CreateVpcOutput {
    vpc: VpcView,
}

impl Action for CreateVpc {
    type Product = Store;
    type Output = CreateVpcOutput;

    fn run(self, store: &mut Store, cx: &Context) -> Result<CreateVpcOutput, Error> {
        let region = self.ecm_region.known()?;
        let name = name("VpcName", self.vpc_name)?;
        let Parsed(Cidr(net)) = self.cidr_block;
        cidr::check_vpc(net).map_err(|bad| Error::Value {
            parameter: "CidrBlock",
            reason: format!("{net} {bad}"),
        })?;
        let enable_multicast = flag("EnableMulticast", self.enable_multicast.as_deref())?;
        let dns_servers = servers(self.dns_servers.unwrap_or_default())?;
        let tags = tags(self.tags.unwrap_or_default())?;
        let description = text("Description", self.description.unwrap_or_default())?;
        let domain_name = text("DomainName", self.domain_name.unwrap_or_default())?;
        store.check_vpc_quota(region)?;

        let id = store.new_id();
        let vpc = Vpc {
            name,
            description,
            enable_multicast: enable_multicast.unwrap_or_default(),
            dns_servers: dns_servers.into_iter().map(|it| it.0.0).collect(),
            domain_name,
            tags,
            ..Vpc::new(id, net, region, LocalTime::new(cx.now))
        };
        let view = store.view_vpc(&vpc);
        store.insert_vpc(vpc);
        Ok(CreateVpcOutput { vpc: view })
    }
}

fn servers(servers: Vec<Parsed<DnsServer>>) -> Result<Vec<Parsed<DnsServer>>, Error> {
    at_most("DnsServers", servers.len(), DNS_SERVERS_MAX)?;
    Ok(servers)
}

/// Deletes a VPC in which nothing is but subnets.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct DeleteVpc {
    vpc_id: VpcId,
    ecm_region: EcmRegion,
}

impl Action for DeleteVpc {
    type Product = Store;
    type Output = Empty;

    /// A VPC goes with all its subnets.
    fn is_long(&self) -> bool {
        true
    }

    fn run(self, store: &mut Store, _: &Context) -> Result<Empty, Error> {
        let region = self.ecm_region.known()?;
        store.remove_vpc(self.vpc_id, region)?;
        Ok(Empty {})
    }
}

/// Lists VPCs.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct DescribeVpcs {
    vpc_ids: Option<Vec<VpcId>>,
    filters: Option<Vec<Filter>>,
    offset: Option<u64>,
    limit: Option<u64>,
    ecm_region: Option<AnyRegion>,
    sort: Option<String>,
}

/// Response of [`DescribeVpcs`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::ecm::families) struct DescribeVpcsOutput {
    total_count: usize,
    vpc_set: Vec<VpcView>,
}

const FILTERS: FilterSet<Vpc> = FilterSet {
    ids: "VpcIds",
    id_filter: "vpc-id",
    rules: &[
        one("vpc-name", |it, text, _, _| it.name.contains(text)),
        any_of("vpc-id", |it, text, _, _| it.id == *text),
        one("cidr-block", |it, text, _, _| it.cidr.to_string().contains(text)),
        any_of("region", |it, text, _, _| it.region.as_str() == text),
        any_of("ipv6-cidr-block", |it, text, _, _| it.kept.text("Ipv6CidrBlock") == text),
        any_of("isp-type", |it, text, _, _| it.kept.text("Ipv6ISP") == text),
        any_of("tag-key", |it, text, _, _| has_tag_key(&it.tags, text)),
        any_of("tag:", |it, text, key, _| has_tag(&it.tags, key, text)),
    ],
};

impl Action for DescribeVpcs {
    type Product = Store;
    type Output = DescribeVpcsOutput;

    fn is_long(&self) -> bool {
        FILTERS.scans(self.filters.as_deref()) || self.sort.as_deref() == Some(SORT_BY_TIME)
    }

    fn run(self, store: &mut Store, _: &Context) -> Result<DescribeVpcsOutput, Error> {
        let query = Query {
            ids: self.vpc_ids.unwrap_or_default(),
            filters: self.filters.unwrap_or_default(),
            region: any_region(self.ecm_region)?,
            page: page(self.offset, self.limit)?,
            order: order(self.sort.as_deref(), |it: &Vpc| it.created_time)?,
        };
        let found = select(store, &FILTERS, &query, Store::view_vpc)?;
        Ok(DescribeVpcsOutput { total_count: found.total, vpc_set: found.views })
    }
}

/// Changes what is said of a VPC.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct ModifyVpcAttribute {
    vpc_id: VpcId,
    ecm_region: EcmRegion,
    vpc_name: Option<String>,
    tags: Option<Vec<Tag>>,
    description: Option<String>,
    dns_servers: Option<Vec<Parsed<DnsServer>>>,
    domain_name: Option<String>,
}

impl Action for ModifyVpcAttribute {
    type Product = Store;
    type Output = Empty;

    /// Assumed: an empty name is none, so the name stays.
    fn run(self, store: &mut Store, _: &Context) -> Result<Empty, Error> {
        let region = self.ecm_region.known()?;
        let name = self.vpc_name.filter(|name| !name.is_empty());
        let name = name.map(|name| short("VpcName", name, NAME_BYTES_MAX)).transpose()?;
        let tags = self.tags.map(tags).transpose()?;
        let dns_servers = self.dns_servers.map(servers).transpose()?;
        let description = self.description.map(|it| text("Description", it)).transpose()?;
        let domain_name = self.domain_name.map(|it| text("DomainName", it)).transpose()?;
        let vpc = store.find_mut(self.vpc_id, Some(region))?;
        vpc.name = name.unwrap_or(std::mem::take(&mut vpc.name));
        vpc.tags = tags.unwrap_or(std::mem::take(&mut vpc.tags));
        vpc.description = description.unwrap_or(std::mem::take(&mut vpc.description));
        vpc.domain_name = domain_name.unwrap_or(std::mem::take(&mut vpc.domain_name));
        if let Some(servers) = dns_servers {
            vpc.dns_servers = servers.into_iter().map(|it| it.0.0).collect();
        }
        Ok(Empty {})
    }
}
