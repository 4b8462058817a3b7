//! Elastic network interfaces (ENIs).

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::{
    ecm::{
        Error, Store,
        families::{
            config::NetworkLimits,
            parts::{AnyRegion, EcmRegion, Empty, any_region, at_most, name, page, short, tags},
        },
        ids::{InstanceId, NetworkInterfaceId, SecurityGroupId, SubnetId, VpcId},
        model::{LocalTime, Tag, Transit},
        query::{Filter, FilterSet, Order, Query, any_of, has_tag, has_tag_key, select},
    },
    protocol::{Action, Context},
};

use super::{
    DESCRIPTION_CHARS_MAX, InterfaceChange, IpChange, NetworkInterface, NetworkInterfaceView,
    PrivateIp,
    error::NetworkInterfaceError,
    private_ip::{PrivateIpAddress, specified},
};

/// Security groups of one interface at most.
///
/// Assumed: ours.
const SECURITY_GROUPS_MAX: usize = 100;

/// Makes an interface with a primary private address and any number of others.
///
/// Assumed: the address that is marked as primary is it, or else the first that is named, or else
/// the lowest free one.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct CreateNetworkInterface {
    vpc_id: VpcId,
    network_interface_name: String,
    subnet_id: SubnetId,
    ecm_region: EcmRegion,
    network_interface_description: Option<String>,
    secondary_private_ip_address_count: Option<u64>,
    security_group_ids: Option<Vec<SecurityGroupId>>,
    private_ip_addresses: Option<Vec<PrivateIpAddress>>,
    tags: Option<Vec<Tag>>,
}

/// Response of [`CreateNetworkInterface`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::ecm::families) struct CreateNetworkInterfaceOutput {
    network_interface: NetworkInterfaceView,
}

impl Action for CreateNetworkInterface {
    type Product = Store;
    type Output = CreateNetworkInterfaceOutput;

    fn run(self, store: &mut Store, cx: &Context) -> Result<CreateNetworkInterfaceOutput, Error> {
        let region = self.ecm_region.known()?;
        let name = name("NetworkInterfaceName", self.network_interface_name)?;
        let description = self.network_interface_description.unwrap_or_default();
        let description = short("NetworkInterfaceDescription", description, DESCRIPTION_CHARS_MAX)?;
        let tags = tags(self.tags.unwrap_or_default())?;
        let mut wanted = specified(self.private_ip_addresses.unwrap_or_default())?;
        let count = self.secondary_private_ip_address_count.unwrap_or_default();
        primary_first(&mut wanted)?;
        let groups = self.security_group_ids.unwrap_or_default();
        at_most("SecurityGroupIds", groups.len(), SECURITY_GROUPS_MAX)?;
        let vpc = store.find(self.vpc_id, Some(region))?;
        store.subnet_of(self.vpc_id, self.subnet_id)?;
        store.check_network_interface_quota(vpc)?;
        // One more if the primary address is not among those that are named.
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let more = count.saturating_add(usize::from(wanted.is_empty()));
        let all = wanted.len().saturating_add(more);
        let max = NetworkLimits::of(None).private_ips;
        if all > max {
            return Err(NetworkInterfaceError::PrivateIps { asked: all, max }.into());
        }
        let named: Vec<Ipv4Addr> = wanted.iter().map(|it| it.address).collect();
        let taken = store.take_addresses(self.subnet_id, &named, more)?;

        let id = store.new_id();
        let mut interface =
            NetworkInterface::new(id, self.vpc_id, self.subnet_id, LocalTime::new(cx.now));
        (interface.name, interface.description, interface.tags) = (name, description, tags);
        interface.groups = groups;
        let left = store.settings().settle.begin(cx.now);
        interface.transit = Transit::new(InterfaceChange::Pending, left);
        let settling = Transit::new(IpChange::Pending, left);
        let lowest = taken.into_iter().skip(wanted.len());
        wanted.extend(lowest.map(|address| PrivateIp::new(address, false)));
        for (index, ip) in wanted.iter_mut().enumerate() {
            (ip.is_primary, ip.transit) = (index == 0, settling);
        }
        interface.addresses = wanted;
        let view = store.view_network_interface(&interface).just_begun();
        store.insert_network_interface(interface);
        Ok(CreateNetworkInterfaceOutput { network_interface: view })
    }
}

/// Puts the primary address before the others.
fn primary_first(wanted: &mut [PrivateIp]) -> Result<(), Error> {
    if wanted.iter().filter(|it| it.is_primary).count() > 1 {
        let reason = "several are primary".to_owned();
        return Err(Error::Value { parameter: "PrivateIpAddresses", reason });
    }
    wanted.sort_by_key(|it| !it.is_primary);
    Ok(())
}

/// Deletes an interface that is attached to nothing.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct DeleteNetworkInterface {
    network_interface_id: NetworkInterfaceId,
    ecm_region: EcmRegion,
}

impl Action for DeleteNetworkInterface {
    type Product = Store;
    type Output = Empty;

    fn run(self, store: &mut Store, cx: &Context) -> Result<Empty, Error> {
        let region = self.ecm_region.known()?;
        store.delete_network_interface(self.network_interface_id, region, cx.now)?;
        Ok(Empty {})
    }
}

/// Lists interfaces.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct DescribeNetworkInterfaces {
    network_interface_ids: Option<Vec<NetworkInterfaceId>>,
    filters: Option<Vec<Filter>>,
    offset: Option<u64>,
    limit: Option<u64>,
    ecm_region: Option<AnyRegion>,
}

/// Response of [`DescribeNetworkInterfaces`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::ecm::families) struct DescribeNetworkInterfacesOutput {
    total_count: usize,
    network_interface_set: Vec<NetworkInterfaceView>,
}

const FILTERS: FilterSet<NetworkInterface> = FilterSet {
    ids: "NetworkInterfaceIds",
    id_filter: "network-interface-id",
    rules: &[
        any_of("vpc-id", |it, text, _, _| it.vpc_id == *text),
        any_of("subnet-id", |it, text, _, _| it.subnet_id == *text),
        any_of("network-interface-id", |it, text, _, _| it.id == *text),
        any_of("attachment.instance-id", |it, text, _, _| {
            it.attachment.as_ref().is_some_and(|it| it.instance_id == *text)
        }),
        any_of("groups.security-group-id", |it, text, _, _| {
            it.groups.iter().any(|group| *group == *text)
        }),
        any_of("network-interface-name", |it, text, _, _| it.name == text),
        any_of("network-interface-description", |it, text, _, _| it.description == text),
        any_of("address-ip", |it, text, _, _| {
            text.parse().is_ok_and(|address| it.address(address).is_some())
        }),
        any_of("tag-key", |it, text, _, _| has_tag_key(&it.tags, text)),
        any_of("tag:", |it, text, key, _| has_tag(&it.tags, key, text)),
        any_of("is-primary", |it, text, _, _| {
            text.eq_ignore_ascii_case(if it.is_primary { "true" } else { "false" })
        }),
    ],
};

impl Action for DescribeNetworkInterfaces {
    type Product = Store;
    type Output = DescribeNetworkInterfacesOutput;

    fn is_long(&self) -> bool {
        FILTERS.scans(self.filters.as_deref())
    }

    fn settle(output: &DescribeNetworkInterfacesOutput, store: &mut Store) -> bool {
        store.see_network_interfaces(
            output.network_interface_set.iter().map(|it| it.network_interface_id),
        )
    }

    fn run(self, store: &mut Store, _: &Context) -> Result<DescribeNetworkInterfacesOutput, Error> {
        let query = Query {
            ids: self.network_interface_ids.unwrap_or_default(),
            filters: self.filters.unwrap_or_default(),
            region: any_region(self.ecm_region)?,
            page: page(self.offset, self.limit)?,
            order: Order::Oldest,
        };
        let found = select(store, &FILTERS, &query, Store::view_network_interface)?;
        Ok(DescribeNetworkInterfacesOutput {
            total_count: found.total,
            network_interface_set: found.views,
        })
    }
}

/// Attaches an interface to an instance of its VPC.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct AttachNetworkInterface {
    network_interface_id: NetworkInterfaceId,
    instance_id: InstanceId,
    ecm_region: EcmRegion,
}

impl Action for AttachNetworkInterface {
    type Product = Store;
    type Output = Empty;

    fn run(self, store: &mut Store, cx: &Context) -> Result<Empty, Error> {
        let region = self.ecm_region.known()?;
        store.attach(self.network_interface_id, self.instance_id, region, cx.now)?;
        Ok(Empty {})
    }
}

/// Detaches an interface, which announces no HAVIP any more.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct DetachNetworkInterface {
    network_interface_id: NetworkInterfaceId,
    instance_id: InstanceId,
    ecm_region: EcmRegion,
}

impl Action for DetachNetworkInterface {
    type Product = Store;
    type Output = Empty;

    fn run(self, store: &mut Store, cx: &Context) -> Result<Empty, Error> {
        let region = self.ecm_region.known()?;
        store.detach(self.network_interface_id, self.instance_id, region, cx.now)?;
        Ok(Empty {})
    }
}

/// Moves an interface from one instance to another.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct MigrateNetworkInterface {
    ecm_region: EcmRegion,
    network_interface_id: NetworkInterfaceId,
    source_instance_id: InstanceId,
    destination_instance_id: InstanceId,
}

impl Action for MigrateNetworkInterface {
    type Product = Store;
    type Output = Empty;

    fn run(self, store: &mut Store, cx: &Context) -> Result<Empty, Error> {
        let region = self.ecm_region.known()?;
        let way = (self.source_instance_id, self.destination_instance_id);
        store.migrate(self.network_interface_id, way, region, cx.now)?;
        Ok(Empty {})
    }
}
