//! VPCs: private networks, each in one region.

use crate::{
    ecm::{
        Error, Store,
        api::{objects, requests, responses},
        cidr,
        families::parts::{
            any_region, at_most, flag, name, order, page, region, short, tags, text,
        },
        fields::{Cidr, DnsServer},
        model::{LocalTime, NAME_BYTES_MAX},
        query::{
            Describe, Filter, FilterSet, Listed, Query, Selected, any_of, has_tag, has_tag_key, one,
        },
    },
    protocol::{Action, Context, action::Entry},
};

use super::Vpc;

/// Actions on VPCs.
pub(in crate::ecm) const ACTIONS: &[Entry<Store>] = &[
    Entry::new::<requests::CreateVpc>(),
    Entry::new::<requests::DeleteVpc>(),
    Entry::new::<requests::DescribeVpcs>(),
    Entry::new::<requests::ModifyVpcAttribute>(),
];

const DNS_SERVERS_MAX: usize = 4;

/// Creates a VPC.
impl Action for requests::CreateVpc {
    type Product = Store;

    fn run(self, store: &mut Store, cx: &Context) -> Result<responses::CreateVpcResponse, Error> {
        let region = region(self.ecm_region)?;
        let name = name("VpcName", self.vpc_name)?;
        let Cidr(net) = self.cidr_block;
        cidr::check_vpc(net).map_err(|bad| Error::Value {
            parameter: "CidrBlock",
            reason: format!("{net} {bad}"),
        })?;
        let enable_multicast = flag("EnableMulticast", self.enable_multicast.as_deref())?;
        let dns_servers = servers(self.dns_servers.unwrap_or_default())?;
        let tags = tags(self.tags.unwrap_or_default())?;
        let description = text("Description", self.description.unwrap_or_default())?;
        // Assumed (vpc.isp-types): `ISPTypes` has no effect.
        let domain_name = text("DomainName", self.domain_name.unwrap_or_default())?;
        store.check_vpc_quota(region)?;

        let id = store.new_id();
        let vpc = Vpc {
            name,
            description,
            enable_multicast: enable_multicast.unwrap_or_default(),
            dns_servers: dns_servers.into_iter().map(|it| it.0).collect(),
            domain_name,
            tags,
            ..Vpc::new(id, net, region, LocalTime::new(cx.now))
        };
        let view = store.view_vpc(&vpc);
        store.insert_vpc(vpc);
        Ok(responses::CreateVpcResponse { vpc: view })
    }
}

fn servers(servers: Vec<DnsServer>) -> Result<Vec<DnsServer>, Error> {
    at_most("DnsServers", servers.len(), DNS_SERVERS_MAX)?;
    Ok(servers)
}

/// Deletes a VPC and its subnets. Fails if the VPC contains anything else.
impl Action for requests::DeleteVpc {
    type Product = Store;

    /// Deleting a VPC deletes all its subnets.
    fn is_long(&self) -> bool {
        true
    }

    fn run(self, store: &mut Store, _: &Context) -> Result<responses::DeleteVpcResponse, Error> {
        let region = region(self.ecm_region)?;
        store.remove_vpc(self.vpc_id, region)?;
        Ok(responses::DeleteVpcResponse {})
    }
}

impl Listed for Vpc {
    type View = objects::VpcInfo;

    const FILTERS: FilterSet<Self> = FilterSet {
        ids: "VpcIds",
        id_filter: "vpc-id",
        rules: &[
            one("vpc-name", |it, text, _, _| it.name.contains(text)),
            any_of("vpc-id", |it, text, _, _| it.id == *text),
            one("cidr-block", |it, text, _, _| it.cidr.to_string().contains(text)),
            any_of("region", |it, text, _, _| it.region.as_str() == text),
            any_of("ipv6-cidr-block", |it, text, _, _| {
                it.passthrough.with(|it| it.ipv6_cidr_block == text)
            }),
            any_of("isp-type", |it, text, _, _| it.passthrough.with(|it| it.ipv6_isp == text)),
            any_of("tag-key", |it, text, _, _| has_tag_key(&it.tags, text)),
            any_of("tag:", |it, text, key, _| has_tag(&it.tags, key, text)),
        ],
    };

    fn view(&self, store: &Store) -> objects::VpcInfo {
        store.view_vpc(self)
    }
}

/// Lists VPCs.
impl Describe for requests::DescribeVpcs {
    type Resource = Vpc;

    fn filters(&self) -> Option<&[Filter]> {
        self.filters.as_deref()
    }

    fn sort(&self) -> Option<&str> {
        self.sort.as_deref()
    }

    fn query(self) -> Result<Query<Vpc>, Error> {
        Ok(Query {
            ids: self.vpc_ids.unwrap_or_default(),
            filters: self.filters.unwrap_or_default(),
            region: any_region(self.ecm_region)?,
            page: page(self.offset, self.limit)?,
            order: order(self.sort.as_deref(), |it: &Vpc| it.created_time)?,
        })
    }

    fn response(found: Selected<objects::VpcInfo>) -> responses::DescribeVpcsResponse {
        responses::DescribeVpcsResponse { total_count: found.total(), vpc_set: found.views }
    }
}

/// Updates a VPC's name, description, tags, and DNS settings.
impl Action for requests::ModifyVpcAttribute {
    type Product = Store;

    /// Assumed (vpc.empty-name): an empty name counts as absent, so the name stays.
    fn run(
        self,
        store: &mut Store,
        _: &Context,
    ) -> Result<responses::ModifyVpcAttributeResponse, Error> {
        let region = region(self.ecm_region)?;
        let name = self.vpc_name.filter(|name| !name.is_empty());
        let name = name.map(|name| short("VpcName", name, NAME_BYTES_MAX)).transpose()?;
        // Assumed (api.empty-new-value): an empty list or text is the new value.
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
            vpc.dns_servers = servers.into_iter().map(|it| it.0).collect();
        }
        Ok(responses::ModifyVpcAttributeResponse {})
    }
}
