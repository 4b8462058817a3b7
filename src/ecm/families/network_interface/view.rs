//! Network interfaces and their private IPs in responses.

use crate::ecm::{
    Store,
    api::objects,
    families::AVAILABLE,
    fields::{Blank, PrivateAddress},
    model::Defaults,
};

use super::{NetworkInterface, PrivateIp};

const PENDING: &str = "PENDING";

/// A new interface as the response to its creation shows it: without a time, and with its changes
/// still pending.
#[must_use]
pub(super) fn just_begun(mut interface: objects::NetworkInterface) -> objects::NetworkInterface {
    interface.created_time = Blank(None);
    interface.state = PENDING.into();
    for ip in &mut interface.private_ip_address_set {
        ip.state = Some(PENDING.into());
    }
    interface
}

/// A new private IP as the response to its assignment shows it.
#[must_use]
pub(super) fn assigned(
    mut ip: objects::PrivateIpAddressSpecification,
) -> objects::PrivateIpAddressSpecification {
    ip.state = Some(PENDING.into());
    ip
}

impl Defaults for objects::NetworkInterface {}

impl Store {
    /// Returns an interface as responses show it.
    pub fn view_network_interface(
        &self,
        interface: &NetworkInterface,
    ) -> objects::NetworkInterface {
        let zone = self.existing(interface.subnet_id).zone;
        let attachment =
            interface.attachment.as_ref().map(|it| objects::NetworkInterfaceAttachment {
                instance_id: it.instance_id.into(),
                device_index: it.device_index,
                instance_account_id: it.instance_account_id.clone(),
                attach_time: it.attach_time.into(),
            });
        let addresses = interface.addresses.iter();
        objects::NetworkInterface {
            network_interface_id: interface.id.into(),
            network_interface_name: interface.name.clone(),
            network_interface_description: interface.description.clone(),
            subnet_id: interface.subnet_id.into(),
            vpc_id: interface.vpc_id.into(),
            group_set: interface.groups.clone(),
            primary: interface.is_primary,
            mac_address: interface.mac_address.clone(),
            state: interface.transit.map_or(AVAILABLE, |it| it.change.as_str()).into(),
            private_ip_address_set: addresses.map(|it| self.view_private_ip(it)).collect(),
            attachment: attachment.map(Box::new),
            zone: zone.as_str().into(),
            created_time: interface.created_time.into(),
            tag_set: interface.tags.clone(),
            ecm_region: zone.node().region.as_str().into(),
            ..interface.passthrough.object()
        }
    }

    /// Returns a private IP as responses show it.
    pub fn view_private_ip(&self, ip: &PrivateIp) -> objects::PrivateIpAddressSpecification {
        let public = self.public_ip(ip.address_id).or(ip.public_ip);
        objects::PrivateIpAddressSpecification {
            private_ip_address: PrivateAddress(ip.address),
            primary: Some(ip.is_primary),
            public_ip_address: Some(public.map_or_else(String::new, |it| it.to_string()).into()),
            address_id: Some(ip.address_id.map_or_else(String::new, |it| it.to_string()).into()),
            description: Some(ip.description.clone()),
            is_wan_ip_blocked: Some(ip.is_wan_ip_blocked),
            state: Some(ip.transit.map_or(AVAILABLE, |it| it.change.as_str()).into()),
            reads_left: None,
            settles_at: None,
        }
    }
}
