//! Private IPs of network interfaces.

use std::{collections::BTreeSet, net::Ipv4Addr};

use crate::{
    ecm::{
        Error, Store,
        api::{objects::PrivateIpAddressSpecification, requests, responses},
        families::{
            config::NetworkLimits,
            parts::{at_most, region, text},
        },
        fields::PrivateAddress,
    },
    protocol::{Action, Context},
};

use super::{PrivateIp, error::NetworkInterfaceError, rules::check_settled, view::assigned};

/// Maximum number of private IPs in one call.
const NAMED_MAX: usize = 10;

impl PrivateIpAddressSpecification {
    const fn address(&self) -> Ipv4Addr {
        let PrivateAddress(address) = self.private_ip_address;
        address
    }
}

/// Returns the private IPs that a call requests.
pub(super) fn specified(
    named: Vec<PrivateIpAddressSpecification>,
) -> Result<Vec<PrivateIp>, Error> {
    at_most("PrivateIpAddresses", named.len(), NAMED_MAX)?;
    each_once(&named)?;
    let ip = |it: PrivateIpAddressSpecification| {
        let mut ip = PrivateIp::new(it.address(), it.primary.unwrap_or_default());
        ip.description = text("Description", it.description.unwrap_or_default())?;
        Ok(ip)
    };
    named.into_iter().map(ip).collect()
}

/// Assigns secondary addresses to an interface: the given addresses, and a number of others.
impl Action for requests::AssignPrivateIpAddresses {
    type Product = Store;

    /// Assumed (eni.assign-primary): the addresses are secondary, even if the call marks one as
    /// primary.
    fn run(
        self,
        store: &mut Store,
        cx: &Context,
    ) -> Result<responses::AssignPrivateIpAddressesResponse, Error> {
        let region = region(self.ecm_region)?;
        let mut ips = specified(self.private_ip_addresses.unwrap_or_default())?;
        let count = self.secondary_private_ip_address_count.unwrap_or_default();
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        if ips.is_empty() && count == 0 {
            return Err(Error::MissingEntity(
                "PrivateIpAddresses or SecondaryPrivateIpAddressCount is required",
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
        let views = ips.iter().map(|it| assigned(store.view_private_ip(it))).collect();
        store.add_private_ips(id, ips, cx.now);
        Ok(responses::AssignPrivateIpAddressesResponse { private_ip_address_set: views })
    }
}

/// Returns the addresses of a call. Fails if there are none or if any repeats.
fn named(list: &[PrivateIpAddressSpecification]) -> Result<Vec<Ipv4Addr>, Error> {
    if list.is_empty() {
        return Err(Error::Empty("PrivateIpAddresses"));
    }
    each_once(list)
}

/// Returns the addresses of a call. Fails if any repeats.
fn each_once(list: &[PrivateIpAddressSpecification]) -> Result<Vec<Ipv4Addr>, Error> {
    let addresses: Vec<Ipv4Addr> =
        list.iter().map(PrivateIpAddressSpecification::address).collect();
    let mut seen = BTreeSet::new();
    match addresses.iter().find(|it| !seen.insert(**it)) {
        Some(twice) => {
            let reason = format!("{twice} is listed twice");
            Err(Error::Value { parameter: "PrivateIpAddresses", reason })
        }
        None => Ok(addresses),
    }
}

/// Removes secondary addresses from an interface, and unbinds their EIPs.
impl Action for requests::RemovePrivateIpAddresses {
    type Product = Store;

    fn run(
        self,
        store: &mut Store,
        cx: &Context,
    ) -> Result<responses::RemovePrivateIpAddressesResponse, Error> {
        let region = region(self.ecm_region)?;
        at_most("PrivateIpAddresses", self.private_ip_addresses.len(), NAMED_MAX)?;
        let addresses = named(&self.private_ip_addresses)?;
        store.remove_private_ips(self.network_interface_id, region, &addresses, cx.now)?;
        Ok(responses::RemovePrivateIpAddressesResponse {})
    }
}

/// Sets the descriptions of private IPs.
impl Action for requests::ModifyPrivateIpAddressesAttribute {
    type Product = Store;

    /// Assumed (eni.description-only, eni.ignored-members): only the description can be modified, and
    /// the other members have no effect.
    fn run(
        self,
        store: &mut Store,
        _: &Context,
    ) -> Result<responses::ModifyPrivateIpAddressesAttributeResponse, Error> {
        let region = region(self.ecm_region)?;
        let max = NetworkLimits::of(None).private_ips;
        at_most("PrivateIpAddresses", self.private_ip_addresses.len(), max)?;
        let addresses = named(&self.private_ip_addresses)?;
        let mut descriptions = Vec::new();
        for it in self.private_ip_addresses {
            let address = it.address();
            let description = it.description;
            let description = description.map(|it| text("Description", it)).transpose()?;
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
        Ok(responses::ModifyPrivateIpAddressesAttributeResponse {})
    }
}

/// Moves a secondary address to another interface in the same subnet.
impl Action for requests::MigratePrivateIpAddress {
    type Product = Store;

    fn run(
        self,
        store: &mut Store,
        cx: &Context,
    ) -> Result<responses::MigratePrivateIpAddressResponse, Error> {
        let region = region(self.ecm_region)?;
        let way = (self.source_network_interface_id, self.destination_network_interface_id);
        let PrivateAddress(address) = self.private_ip_address;
        store.migrate_private_ip(way, region, address, cx.now)?;
        Ok(responses::MigratePrivateIpAddressResponse {})
    }
}
