//! Network interfaces as the wire shows them.

use std::net::{IpAddr, Ipv4Addr};

use serde::Serialize;

use crate::ecm::{
    Store,
    ids::{AddressId, InstanceId, NetworkInterfaceId, SecurityGroupId, SubnetId, VpcId},
    model::{Kept, LocalTime, Tag},
    view::{AVAILABLE, OrEmpty},
    zones::{Region, Zone},
};

use super::{NetworkInterface, PrivateIp};

/// The vendor's `NetworkInterface`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct NetworkInterfaceView {
    pub(super) network_interface_id: NetworkInterfaceId,
    network_interface_name: String,
    network_interface_description: String,
    subnet_id: SubnetId,
    vpc_id: VpcId,
    group_set: Vec<SecurityGroupId>,
    primary: bool,
    mac_address: String,
    state: &'static str,
    private_ip_address_set: Vec<PrivateIpView>,
    attachment: Option<AttachmentView>,
    zone: Zone,
    created_time: OrEmpty<LocalTime>,
    tag_set: Vec<Tag>,
    ecm_region: Region,
    #[serde(flatten)]
    kept: Kept,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct AttachmentView {
    instance_id: InstanceId,
    device_index: u64,
    instance_account_id: String,
    attach_time: LocalTime,
}

/// The vendor's `PrivateIpAddressSpecification`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PrivateIpView {
    private_ip_address: Ipv4Addr,
    primary: bool,
    public_ip_address: OrEmpty<IpAddr>,
    address_id: OrEmpty<AddressId>,
    description: String,
    is_wan_ip_blocked: bool,
    state: &'static str,
}

impl NetworkInterfaceView {
    /// As the answer to the call that makes it shows it: without a time, and with its changes
    /// still to settle.
    #[must_use]
    pub fn just_begun(mut self) -> Self {
        self.created_time = OrEmpty(None);
        self.state = "PENDING";
        self.private_ip_address_set =
            self.private_ip_address_set.into_iter().map(PrivateIpView::just_begun).collect();
        self
    }
}

impl PrivateIpView {
    /// As the answer to the call that gives it shows it.
    #[must_use]
    pub fn just_begun(mut self) -> Self {
        self.state = "PENDING";
        self
    }
}

impl Store {
    /// An interface as the wire shows it.
    pub fn view_network_interface(&self, interface: &NetworkInterface) -> NetworkInterfaceView {
        let zone = self.get(interface.subnet_id).map(|it| it.zone);
        let zone = zone.unwrap_or(Region::DEFAULT.first_zone());
        let attachment = interface.attachment.as_ref().map(|it| AttachmentView {
            instance_id: it.instance_id,
            device_index: it.device_index,
            instance_account_id: it.instance_account_id.clone(),
            attach_time: it.attach_time,
        });
        let addresses = interface.addresses.iter();
        NetworkInterfaceView {
            network_interface_id: interface.id,
            network_interface_name: interface.name.clone(),
            network_interface_description: interface.description.clone(),
            subnet_id: interface.subnet_id,
            vpc_id: interface.vpc_id,
            group_set: interface.groups.clone(),
            primary: interface.is_primary,
            mac_address: interface.mac_address.clone(),
            state: interface.transit.map_or(AVAILABLE, |it| it.change.as_str()),
            private_ip_address_set: addresses.map(|it| self.view_private_ip(it)).collect(),
            attachment,
            zone,
            created_time: OrEmpty(Some(interface.created_time)),
            tag_set: interface.tags.clone(),
            ecm_region: zone.node().region,
            kept: interface.kept.clone(),
        }
    }

    /// A private address as the wire shows it.
    pub fn view_private_ip(&self, ip: &PrivateIp) -> PrivateIpView {
        PrivateIpView {
            private_ip_address: ip.address,
            primary: ip.is_primary,
            public_ip_address: OrEmpty(self.public_ip(ip.address_id).or(ip.public_ip)),
            address_id: OrEmpty(ip.address_id),
            description: ip.description.clone(),
            is_wan_ip_blocked: ip.is_wan_ip_blocked,
            state: ip.transit.map_or(AVAILABLE, |it| it.change.as_str()),
        }
    }
}
