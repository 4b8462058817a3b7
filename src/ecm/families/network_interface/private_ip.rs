//! The private addresses of network interfaces.

use std::{collections::BTreeSet, net::Ipv4Addr};

use serde::{Deserialize, Serialize};

use crate::{
    ecm::{
        Error, Store,
        families::{
            config::NetworkLimits,
            parts::{Address, EcmRegion, Empty, Parsed, at_most, text},
        },
        ids::NetworkInterfaceId,
    },
    protocol::{Action, Context},
};

use super::{PrivateIp, PrivateIpView, error::NetworkInterfaceError, rules::check_settled};

/// Private addresses that one call may name.
const NAMED_MAX: usize = 10;

/// The vendor's `PrivateIpAddressSpecification`, as a call has it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[expect(dead_code, reason = "what the vendor decides has no effect in a call")]
pub(in crate::ecm::families) struct PrivateIpAddress {
    #[serde(rename = "PrivateIpAddress")]
    address: Parsed<Address>,
    primary: Option<bool>,
    public_ip_address: Option<String>,
    address_id: Option<String>,
    description: Option<String>,
    is_wan_ip_blocked: Option<bool>,
    state: Option<String>,
}

impl PrivateIpAddress {
    const fn address(&self) -> Ipv4Addr {
        let Parsed(Address(address)) = self.address;
        address
    }
}

/// The addresses that a call asks for.
pub(super) fn specified(named: Vec<PrivateIpAddress>) -> Result<Vec<PrivateIp>, Error> {
    at_most("PrivateIpAddresses", named.len(), NAMED_MAX)?;
    each_once(&named)?;
    let ip = |it: PrivateIpAddress| {
        let mut ip = PrivateIp::new(it.address(), it.primary.unwrap_or_default());
        ip.description = text("Description", it.description.unwrap_or_default())?;
        Ok(ip)
    };
    named.into_iter().map(ip).collect()
}

/// Gives an interface secondary addresses: those that are named, and a number of others.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct AssignPrivateIpAddresses {
    network_interface_id: NetworkInterfaceId,
    ecm_region: EcmRegion,
    private_ip_addresses: Option<Vec<PrivateIpAddress>>,
    secondary_private_ip_address_count: Option<u64>,
}

/// Response of [`AssignPrivateIpAddresses`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::ecm::families) struct AssignPrivateIpAddressesOutput {
    private_ip_address_set: Vec<PrivateIpView>,
}

impl Action for AssignPrivateIpAddresses {
    type Product = Store;
    type Output = AssignPrivateIpAddressesOutput;

    /// Assumed: what is given is secondary even if the call marks it as primary.
    fn run(self, store: &mut Store, cx: &Context) -> Result<AssignPrivateIpAddressesOutput, Error> {
        let region = self.ecm_region.known()?;
        let mut ips = specified(self.private_ip_addresses.unwrap_or_default())?;
        let count = self.secondary_private_ip_address_count.unwrap_or_default();
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        if ips.is_empty() && count == 0 {
            return Err(Error::MissingEntity(
                "give PrivateIpAddresses or SecondaryPrivateIpAddressCount",
            ));
        }
        let id = self.network_interface_id;
        let interface = store.find(id, Some(region))?;
        check_settled(interface)?;
        store.check_private_ip_quota(interface, ips.len().saturating_add(count))?;
        let named: Vec<Ipv4Addr> = ips.iter().map(|it| it.address).collect();
        let subnet = interface.subnet_id;
        let taken = store.take_addresses(subnet, &named, count)?;

        for ip in &mut ips {
            ip.is_primary = false;
        }
        let lowest = taken.into_iter().skip(ips.len());
        ips.extend(lowest.map(|address| PrivateIp::new(address, false)));
        let views = ips.iter().map(|it| store.view_private_ip(it).just_begun()).collect();
        store.add_private_ips(id, ips, cx.now);
        Ok(AssignPrivateIpAddressesOutput { private_ip_address_set: views })
    }
}

/// Takes secondary addresses from an interface, and unbinds the EIPs that they have.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct RemovePrivateIpAddresses {
    ecm_region: EcmRegion,
    network_interface_id: NetworkInterfaceId,
    private_ip_addresses: Vec<PrivateIpAddress>,
}

/// The addresses that a call names, of which there must be one.
fn named(list: &[PrivateIpAddress]) -> Result<Vec<Ipv4Addr>, Error> {
    if list.is_empty() {
        return Err(Error::Empty("PrivateIpAddresses"));
    }
    each_once(list)
}

/// The addresses that a call names, none of them twice.
fn each_once(list: &[PrivateIpAddress]) -> Result<Vec<Ipv4Addr>, Error> {
    let addresses: Vec<Ipv4Addr> = list.iter().map(PrivateIpAddress::address).collect();
    let mut seen = BTreeSet::new();
    match addresses.iter().find(|it| !seen.insert(**it)) {
        Some(twice) => {
            let reason = format!("{twice} is named twice");
            Err(Error::Value { parameter: "PrivateIpAddresses", reason })
        }
        None => Ok(addresses),
    }
}

impl Action for RemovePrivateIpAddresses {
    type Product = Store;
    type Output = Empty;

    fn run(self, store: &mut Store, cx: &Context) -> Result<Empty, Error> {
        let region = self.ecm_region.known()?;
        at_most("PrivateIpAddresses", self.private_ip_addresses.len(), NAMED_MAX)?;
        let addresses = named(&self.private_ip_addresses)?;
        store.remove_private_ips(self.network_interface_id, region, &addresses, cx.now)?;
        Ok(Empty {})
    }
}

/// Describes private addresses of an interface.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct ModifyPrivateIpAddressesAttribute {
    network_interface_id: NetworkInterfaceId,
    private_ip_addresses: Vec<PrivateIpAddress>,
    ecm_region: EcmRegion,
}

impl Action for ModifyPrivateIpAddressesAttribute {
    type Product = Store;
    type Output = Empty;

    /// Assumed: only the description can be changed.
    fn run(self, store: &mut Store, _: &Context) -> Result<Empty, Error> {
        let region = self.ecm_region.known()?;
        let max = NetworkLimits::of(None).private_ips;
        at_most("PrivateIpAddresses", self.private_ip_addresses.len(), max)?;
        let addresses = named(&self.private_ip_addresses)?;
        let mut descriptions = Vec::new();
        for it in self.private_ip_addresses {
            let address = it.address();
            let description = it.description.map(|it| text("Description", it)).transpose()?;
            descriptions.extend(description.map(|description| (address, description)));
        }
        let id = self.network_interface_id;
        let interface = store.find(id, Some(region))?;
        let other = addresses.into_iter().find(|it| interface.address(*it).is_none());
        if let Some(address) = other {
            return Err(NetworkInterfaceError::NotOnInterface { address, interface: id }.into());
        }
        check_settled(interface)?;
        for (address, description) in descriptions {
            store.describe_private_ip(id, address, description);
        }
        Ok(Empty {})
    }
}

/// Moves a secondary address to another interface of the same subnet.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct MigratePrivateIpAddress {
    ecm_region: EcmRegion,
    source_network_interface_id: NetworkInterfaceId,
    destination_network_interface_id: NetworkInterfaceId,
    private_ip_address: Parsed<Address>,
}

impl Action for MigratePrivateIpAddress {
    type Product = Store;
    type Output = Empty;

    fn run(self, store: &mut Store, cx: &Context) -> Result<Empty, Error> {
        let region = self.ecm_region.known()?;
        let way = (self.source_network_interface_id, self.destination_network_interface_id);
        let Parsed(Address(address)) = self.private_ip_address;
        store.migrate_private_ip(way, region, address, cx.now)?;
        Ok(Empty {})
    }
}
