//! The product's resources as the wire shows them: the vendor's objects, with all their fields.

mod instance;

pub use instance::position;

use std::net::{IpAddr, Ipv4Addr};

use super::{
    Store,
    api::objects,
    fields::{Blank, Cidr, DnsServer, PrivateAddress, PublicAddress},
    ids::{AddressId, NetworkInterfaceId},
    model::{Address, HaVip, NetworkInterface, PrivateIp, Subnet, Target, Vpc},
    zones::Region,
};

const AVAILABLE: &str = "AVAILABLE";
const PENDING: &str = "PENDING";

/// A new interface as the response to its creation shows it: without a time, and with its changes
/// still pending.
#[must_use]
pub fn just_begun(mut interface: objects::NetworkInterface) -> objects::NetworkInterface {
    interface.created_time = Blank(None);
    interface.state = PENDING.into();
    for ip in &mut interface.private_ip_address_set {
        ip.state = Some(PENDING.into());
    }
    interface
}

/// A new private address as the response to its assignment shows it.
#[must_use]
pub fn assigned(
    mut ip: objects::PrivateIpAddressSpecification,
) -> objects::PrivateIpAddressSpecification {
    ip.state = Some(PENDING.into());
    ip
}

impl Store {
    /// A HAVIP as the wire shows it.
    pub fn view_ha_vip(&self, ha_vip: &HaVip) -> objects::HaVip {
        let announcer = ha_vip.network_interface_id;
        let announcer = announcer.and_then(|id| self.network_interfaces().get(id));
        let instance = announcer.and_then(|it| it.attachment.as_ref()).map(|it| it.instance_id);
        let state = if ha_vip.network_interface_id.is_some() { AVAILABLE } else { "UNBIND" };
        objects::HaVip {
            address_ip: self.public_ip(ha_vip.address_id).map(PublicAddress).into(),
            created_time: ha_vip.created_time.into(),
            ha_vip_id: ha_vip.id.into(),
            ha_vip_name: ha_vip.name.clone().into(),
            instance_id: instance.into(),
            network_interface_id: ha_vip.network_interface_id.into(),
            state: state.into(),
            subnet_id: ha_vip.subnet_id.into(),
            vip: PrivateAddress(ha_vip.vip).into(),
            vpc_id: ha_vip.vpc_id.into(),
            ..ha_vip.passthrough.object()
        }
    }

    /// A VPC as the wire shows it.
    pub fn view_vpc(&self, vpc: &Vpc) -> objects::VpcInfo {
        objects::VpcInfo {
            vpc_name: vpc.name.clone().into(),
            vpc_id: vpc.id.into(),
            cidr_block: Cidr(vpc.cidr).into(),
            is_default: vpc.is_default,
            enable_multicast: vpc.enable_multicast,
            created_time: vpc.created_time.into(),
            dns_server_set: vpc.dns_servers.iter().copied().map(DnsServer).collect(),
            domain_name: vpc.domain_name.clone().into(),
            tag_set: vpc.tags.clone(),
            region: vpc.region.into(),
            description: vpc.description.clone().into(),
            region_name: vpc.region.shown_name().into(),
            subnet_count: vpc.contents.subnets.len() as u64,
            instance_count: vpc.contents.instances as u64,
            ..vpc.passthrough.object()
        }
    }

    /// A subnet as the wire shows it.
    pub fn view_subnet(&self, subnet: &Subnet) -> objects::Subnet {
        let vpc = self.vpcs().get(subnet.vpc_id);
        objects::Subnet {
            vpc_id: subnet.vpc_id.into(),
            subnet_id: subnet.id.into(),
            subnet_name: subnet.name.clone().into(),
            cidr_block: Cidr(subnet.net()).into(),
            is_default: subnet.is_default,
            enable_broadcast: subnet.enable_broadcast,
            created_time: subnet.created_time.into(),
            available_ip_address_count: subnet.pool.available(),
            tag_set: subnet.tags.clone(),
            zone: subnet.zone.into(),
            zone_name: subnet.zone.node().zone_name.into(),
            instance_count: subnet.instances as u64,
            vpc_cidr_block: vpc.map_or_else(String::new, |it| it.cidr.to_string()).into(),
            region: subnet.zone.node().region.as_str().into(),
            ..subnet.passthrough.object()
        }
    }

    /// An interface as the wire shows it.
    pub fn view_network_interface(
        &self,
        interface: &NetworkInterface,
    ) -> objects::NetworkInterface {
        let zone = self.subnets().get(interface.subnet_id).map(|it| it.zone);
        let zone = zone.unwrap_or(Region::DEFAULT.first_zone());
        let attachment =
            interface.attachment.as_ref().map(|it| objects::NetworkInterfaceAttachment {
                instance_id: it.instance_id.into(),
                device_index: it.device_index,
                instance_account_id: it.instance_account_id.clone().into(),
                attach_time: it.attach_time.into(),
            });
        let addresses = interface.addresses.iter();
        objects::NetworkInterface {
            network_interface_id: interface.id.into(),
            network_interface_name: interface.name.clone().into(),
            network_interface_description: interface.description.clone().into(),
            subnet_id: interface.subnet_id.into(),
            vpc_id: interface.vpc_id.into(),
            group_set: interface.groups.clone(),
            primary: interface.is_primary,
            mac_address: interface.mac_address.clone().into(),
            state: interface.transit.map_or(AVAILABLE, |it| it.change.as_str()).into(),
            private_ip_address_set: addresses.map(|it| self.view_private_ip(it)).collect(),
            attachment,
            zone: zone.as_str().into(),
            created_time: interface.created_time.into(),
            tag_set: interface.tags.clone(),
            ecm_region: zone.node().region.as_str().into(),
            ..interface.passthrough.object()
        }
    }

    /// A private address as the wire shows it.
    pub fn view_private_ip(&self, ip: &PrivateIp) -> objects::PrivateIpAddressSpecification {
        let public = self.public_ip(ip.address_id).or(ip.public_ip);
        objects::PrivateIpAddressSpecification {
            private_ip_address: PrivateAddress(ip.address),
            primary: Some(ip.is_primary),
            public_ip_address: Some(public.map_or_else(String::new, |it| it.to_string()).into()),
            address_id: Some(ip.address_id.map_or_else(String::new, |it| it.to_string()).into()),
            description: Some(ip.description.clone().into()),
            is_wan_ip_blocked: Some(ip.is_wan_ip_blocked),
            state: Some(ip.transit.map_or(AVAILABLE, |it| it.change.as_str()).into()),
            reads_left: None,
            settles_at: None,
        }
    }

    /// An EIP as the wire shows it.
    ///
    /// Assumed: one that is bound to a HAVIP shows the HAVIP as its instance, as the vendor's VPC
    /// does.
    pub fn view_address(&self, address: &Address) -> objects::Address {
        let (instance, interface, ip) = self.target_of(address);
        objects::Address {
            address_id: address.id.into(),
            address_name: address.name.clone().into(),
            address_status: self.address_status(address).as_str().into(),
            address_ip: PublicAddress(address.ip).into(),
            instance_id: instance.unwrap_or_default().into(),
            created_time: address.created_time.into(),
            network_interface_id: interface.into(),
            private_address_ip: ip.map(PrivateAddress).into(),
            is_blocked: address.is_blocked,
            is_eip_direct_connection: address.is_direct,
            internet_service_provider: address.isp.into(),
            bandwidth: Some(address.bandwidth_mbps),
            ..address.passthrough.object()
        }
    }

    /// The instance (or HAVIP), the interface and the private address that an EIP is bound to.
    pub fn target_of(
        &self,
        address: &Address,
    ) -> (Option<String>, Option<NetworkInterfaceId>, Option<Ipv4Addr>) {
        match address.target {
            None => (None, None, None),
            Some(Target::HaVip(id)) => {
                (Some(id.to_string()), None, self.ha_vips().get(id).map(|it| it.vip))
            }
            Some(Target::PrivateIp(id, ip)) => {
                let attachment =
                    self.network_interfaces().get(id).and_then(|it| it.attachment.as_ref());
                (attachment.map(|it| it.instance_id.to_string()), Some(id), Some(ip))
            }
        }
    }

    fn public_ip(&self, id: Option<AddressId>) -> Option<IpAddr> {
        self.addresses().get(id?).map(|it| it.ip)
    }
}
