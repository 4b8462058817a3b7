//! Elastic network interfaces (ENIs).

use std::net::Ipv4Addr;

use crate::{
    ecm::{
        Error, Store,
        api::{objects, requests, responses},
        families::{
            config::NetworkLimits,
            parts::{any_region, at_most, name, page, region, short, tags},
        },
        model::{LocalTime, PendingChange},
        query::{
            Describe, Filter, FilterSet, Listed, Order, Query, Selected, any_of, has_tag,
            has_tag_key,
        },
    },
    protocol::{Action, Context, action::Entry, spelling},
};

use super::{
    DESCRIPTION_CHARS_MAX, InterfaceChange, IpChange, NetworkInterface, PrivateIp,
    error::NetworkInterfaceError, private_ip::specified, view::just_begun,
};

/// Actions on network interfaces.
pub(in crate::ecm) const ACTIONS: &[Entry<Store>] = &[
    Entry::new::<requests::CreateNetworkInterface>(),
    Entry::new::<requests::DeleteNetworkInterface>(),
    Entry::new::<requests::DescribeNetworkInterfaces>(),
    Entry::new::<requests::AttachNetworkInterface>(),
    Entry::new::<requests::DetachNetworkInterface>(),
    Entry::new::<requests::MigrateNetworkInterface>(),
    Entry::new::<requests::AssignPrivateIpAddresses>(),
    Entry::new::<requests::RemovePrivateIpAddresses>(),
    Entry::new::<requests::ModifyPrivateIpAddressesAttribute>(),
    Entry::new::<requests::MigratePrivateIpAddress>(),
];

/// Maximum number of security groups of an interface.
///
/// Ours (eni.security-group-count): the vendor states no limit.
const SECURITY_GROUPS_MAX: usize = 100;

/// Creates an interface with a primary private IP and any number of secondary ones.
///
/// Assumed (eni.primary-address): the address marked as primary becomes the primary one. If none is
/// marked, it is the first that the call names, or else the lowest free one.
impl Action for requests::CreateNetworkInterface {
    type Product = Store;

    fn run(
        self,
        store: &mut Store,
        cx: &Context,
    ) -> Result<responses::CreateNetworkInterfaceResponse, Error> {
        let region = region(self.ecm_region)?;
        let name = name("NetworkInterfaceName", self.network_interface_name)?;
        let description = self.network_interface_description.unwrap_or_default();
        let description = short("NetworkInterfaceDescription", description, DESCRIPTION_CHARS_MAX)?;
        let tags = tags(self.tags.unwrap_or_default())?;
        let mut wanted = specified(self.private_ip_addresses.unwrap_or_default())?;
        let count = self.secondary_private_ip_address_count.unwrap_or_default();
        primary_first(&mut wanted)?;
        // Assumed (eni.security-groups): any security group is accepted.
        let groups = self.security_group_ids.unwrap_or_default();
        at_most("SecurityGroupIds", groups.len(), SECURITY_GROUPS_MAX)?;
        let vpc = store.find(self.vpc_id, Some(region))?;
        store.subnet_of(self.vpc_id, self.subnet_id)?;
        store.check_network_interface_quota(vpc)?;
        // One more if no address is given to be the primary one.
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let more = count.saturating_add(usize::from(wanted.is_empty()));
        let all = wanted.len().saturating_add(more);
        let max = NetworkLimits::of(None).private_ips;
        if all > max {
            return Err(NetworkInterfaceError::PrivateIps { asked: all, max }.into());
        }
        let named: Vec<Ipv4Addr> = wanted.iter().map(|it| it.address).collect();
        // Assumed (eni.secondary-addresses): the lowest free addresses are allocated.
        let taken = store.take_addresses(self.subnet_id, &named, more)?;

        let id = store.new_id();
        let mut interface =
            NetworkInterface::new(id, self.vpc_id, self.subnet_id, LocalTime::new(cx.now));
        (interface.name, interface.description, interface.tags) = (name, description, tags);
        interface.groups = groups;
        let left = store.settings().settle.begin(cx.now);
        interface.transit = PendingChange::new(InterfaceChange::Pending, left);
        let settling = PendingChange::new(IpChange::Pending, left);
        let lowest = taken.into_iter().skip(wanted.len());
        wanted.extend(lowest.map(|address| PrivateIp::new(address, false)));
        for (index, ip) in wanted.iter_mut().enumerate() {
            (ip.is_primary, ip.transit) = (index == 0, settling);
        }
        interface.addresses = wanted;
        let view = just_begun(store.view_network_interface(&interface));
        store.insert_network_interface(interface);
        Ok(responses::CreateNetworkInterfaceResponse { network_interface: view })
    }
}

/// Moves the primary address to the front. Fails if several are marked as primary.
fn primary_first(wanted: &mut [PrivateIp]) -> Result<(), Error> {
    if wanted.iter().filter(|it| it.is_primary).count() > 1 {
        let reason = "more than one is primary".to_owned();
        return Err(Error::Value { parameter: "PrivateIpAddresses", reason });
    }
    wanted.sort_by_key(|it| !it.is_primary);
    Ok(())
}

/// Deletes an interface. Fails if it is attached.
impl Action for requests::DeleteNetworkInterface {
    type Product = Store;

    fn run(
        self,
        store: &mut Store,
        cx: &Context,
    ) -> Result<responses::DeleteNetworkInterfaceResponse, Error> {
        let region = region(self.ecm_region)?;
        store.delete_network_interface(self.network_interface_id, region, cx.now)?;
        Ok(responses::DeleteNetworkInterfaceResponse {})
    }
}

impl Listed for NetworkInterface {
    type View = objects::NetworkInterface;

    const FILTERS: FilterSet<Self> = FilterSet {
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
            // Assumed (describe.eni-name): the filter matches the whole name.
            any_of("network-interface-name", |it, text, _, _| it.name == text),
            any_of("network-interface-description", |it, text, _, _| it.description == text),
            any_of("address-ip", |it, text, _, _| {
                text.parse().is_ok_and(|address| it.address(address).is_some())
            }),
            any_of("tag-key", |it, text, _, _| has_tag_key(&it.tags, text)),
            any_of("tag:", |it, text, key, _| has_tag(&it.tags, key, text)),
            any_of("is-primary", |it, text, _, _| {
                spelling::boolean_word(text) == Some(it.is_primary)
            }),
        ],
    };

    fn view(&self, store: &Store) -> objects::NetworkInterface {
        store.view_network_interface(self)
    }
}

/// Lists interfaces.
impl Describe for requests::DescribeNetworkInterfaces {
    type Resource = NetworkInterface;

    fn filters(&self) -> Option<&[Filter]> {
        self.filters.as_deref()
    }

    fn query(self) -> Result<Query<NetworkInterface>, Error> {
        Ok(Query {
            ids: self.network_interface_ids.unwrap_or_default(),
            filters: self.filters.unwrap_or_default(),
            region: any_region(self.ecm_region)?,
            page: page(self.offset, self.limit)?,
            order: Order::Oldest,
        })
    }

    fn response(
        found: Selected<objects::NetworkInterface>,
    ) -> responses::DescribeNetworkInterfacesResponse {
        responses::DescribeNetworkInterfacesResponse {
            total_count: found.total(),
            network_interface_set: found.views,
        }
    }

    fn settle(response: &responses::DescribeNetworkInterfacesResponse, store: &mut Store) -> bool {
        store.see_network_interfaces(
            response.network_interface_set.iter().filter_map(|it| it.network_interface_id.0),
        )
    }
}

/// Attaches an interface to an instance in its VPC.
impl Action for requests::AttachNetworkInterface {
    type Product = Store;

    fn run(
        self,
        store: &mut Store,
        cx: &Context,
    ) -> Result<responses::AttachNetworkInterfaceResponse, Error> {
        let region = region(self.ecm_region)?;
        store.attach(self.network_interface_id, self.instance_id, region, cx.now)?;
        Ok(responses::AttachNetworkInterfaceResponse {})
    }
}

/// Detaches an interface, and withdraws its HAVIPs.
impl Action for requests::DetachNetworkInterface {
    type Product = Store;

    fn run(
        self,
        store: &mut Store,
        cx: &Context,
    ) -> Result<responses::DetachNetworkInterfaceResponse, Error> {
        let region = region(self.ecm_region)?;
        store.detach(self.network_interface_id, self.instance_id, region, cx.now)?;
        Ok(responses::DetachNetworkInterfaceResponse {})
    }
}

/// Moves an interface from one instance to another.
impl Action for requests::MigrateNetworkInterface {
    type Product = Store;

    fn run(
        self,
        store: &mut Store,
        cx: &Context,
    ) -> Result<responses::MigrateNetworkInterfaceResponse, Error> {
        let region = region(self.ecm_region)?;
        let way = (self.source_instance_id, self.destination_instance_id);
        store.migrate(self.network_interface_id, way, region, cx.now)?;
        Ok(responses::MigrateNetworkInterfaceResponse {})
    }
}
