//! The product's resources as the wire shows them: the vendor's objects, with all their fields.

mod instance;

pub use instance::{InstanceView, IspView, Position};

use std::net::{IpAddr, Ipv4Addr};

use serde::Serialize;

use super::{
    Store,
    ids::{AddressId, HaVipId, InstanceId, NetworkInterfaceId, SecurityGroupId, SubnetId, VpcId},
    model::{
        Address, HaVip, Kept, LocalTime, NetworkInterface, PrivateIp, Subnet, Tag, Target, UtcTime,
        Vpc,
    },
    zones::{Region, Zone},
};

const AVAILABLE: &str = "AVAILABLE";

/// What is there, or an empty text.
#[derive(Debug, Clone, Copy)]
pub struct OrEmpty<T>(pub Option<T>);

impl<T: Serialize> Serialize for OrEmpty<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Some(it) => it.serialize(serializer),
            None => serializer.serialize_str(""),
        }
    }
}

/// The vendor's `HaVip`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct HaVipView {
    address_ip: OrEmpty<IpAddr>,
    created_time: LocalTime,
    ha_vip_id: HaVipId,
    ha_vip_name: String,
    instance_id: OrEmpty<InstanceId>,
    network_interface_id: OrEmpty<NetworkInterfaceId>,
    state: &'static str,
    subnet_id: SubnetId,
    vip: Ipv4Addr,
    vpc_id: VpcId,
    business: String,
}

/// The vendor's `VpcInfo`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct VpcView {
    vpc_name: String,
    vpc_id: VpcId,
    cidr_block: String,
    is_default: bool,
    enable_multicast: bool,
    created_time: LocalTime,
    dns_server_set: Vec<IpAddr>,
    domain_name: String,
    tag_set: Vec<Tag>,
    region: Region,
    description: String,
    region_name: &'static str,
    subnet_count: usize,
    instance_count: usize,
    #[serde(flatten)]
    kept: Kept,
}

/// The vendor's `Subnet`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SubnetView {
    vpc_id: VpcId,
    subnet_id: SubnetId,
    subnet_name: String,
    cidr_block: String,
    is_default: bool,
    enable_broadcast: bool,
    created_time: LocalTime,
    available_ip_address_count: u64,
    tag_set: Vec<Tag>,
    zone: Zone,
    zone_name: &'static str,
    instance_count: usize,
    vpc_cidr_block: String,
    region: Region,
    #[serde(flatten)]
    kept: Kept,
}

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

/// The vendor's `Address`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AddressView {
    pub(super) address_id: AddressId,
    address_name: String,
    address_status: &'static str,
    address_ip: IpAddr,
    instance_id: String,
    created_time: UtcTime,
    network_interface_id: OrEmpty<NetworkInterfaceId>,
    private_address_ip: OrEmpty<Ipv4Addr>,
    is_blocked: bool,
    is_eip_direct_connection: bool,
    internet_service_provider: &'static str,
    bandwidth: u64,
    #[serde(flatten)]
    kept: Kept,
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
    /// A HAVIP as the wire shows it.
    pub fn view_ha_vip(&self, ha_vip: &HaVip) -> HaVipView {
        let announcer = ha_vip.network_interface_id;
        let announcer = announcer.and_then(|id| self.network_interfaces().get(id));
        let instance = announcer.and_then(|it| it.attachment.as_ref()).map(|it| it.instance_id);
        HaVipView {
            address_ip: OrEmpty(self.public_ip(ha_vip.address_id)),
            created_time: ha_vip.created_time,
            ha_vip_id: ha_vip.id,
            ha_vip_name: ha_vip.name.clone(),
            instance_id: OrEmpty(instance),
            network_interface_id: OrEmpty(ha_vip.network_interface_id),
            state: if ha_vip.network_interface_id.is_some() { AVAILABLE } else { "UNBIND" },
            subnet_id: ha_vip.subnet_id,
            vip: ha_vip.vip,
            vpc_id: ha_vip.vpc_id,
            business: ha_vip.business.clone(),
        }
    }

    /// A VPC as the wire shows it.
    pub fn view_vpc(&self, vpc: &Vpc) -> VpcView {
        VpcView {
            vpc_name: vpc.name.clone(),
            vpc_id: vpc.id,
            cidr_block: vpc.cidr.to_string(),
            is_default: vpc.is_default,
            enable_multicast: vpc.enable_multicast,
            created_time: vpc.created_time,
            dns_server_set: vpc.dns_servers.clone(),
            domain_name: vpc.domain_name.clone(),
            tag_set: vpc.tags.clone(),
            region: vpc.region,
            description: vpc.description.clone(),
            region_name: vpc.region.shown_name(),
            subnet_count: vpc.contents.subnets.len(),
            instance_count: vpc.contents.instances,
            kept: vpc.kept.clone(),
        }
    }

    /// A subnet as the wire shows it.
    pub fn view_subnet(&self, subnet: &Subnet) -> SubnetView {
        let vpc = self.vpcs().get(subnet.vpc_id);
        SubnetView {
            vpc_id: subnet.vpc_id,
            subnet_id: subnet.id,
            subnet_name: subnet.name.clone(),
            cidr_block: subnet.net().to_string(),
            is_default: subnet.is_default,
            enable_broadcast: subnet.enable_broadcast,
            created_time: subnet.created_time,
            available_ip_address_count: subnet.pool.available(),
            tag_set: subnet.tags.clone(),
            zone: subnet.zone,
            zone_name: subnet.zone.node().zone_name,
            instance_count: subnet.instances,
            vpc_cidr_block: vpc.map_or_else(String::new, |it| it.cidr.to_string()),
            region: subnet.zone.node().region,
            kept: subnet.kept.clone(),
        }
    }

    /// An interface as the wire shows it.
    pub fn view_network_interface(&self, interface: &NetworkInterface) -> NetworkInterfaceView {
        let zone = self.subnets().get(interface.subnet_id).map(|it| it.zone);
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

    /// An EIP as the wire shows it.
    ///
    /// Assumed: one that is bound to a HAVIP shows the HAVIP as its instance, as the vendor's VPC
    /// does.
    pub fn view_address(&self, address: &Address) -> AddressView {
        let (instance, interface, ip) = self.target_of(address);
        AddressView {
            address_id: address.id,
            address_name: address.name.clone(),
            address_status: self.address_status(address).as_str(),
            address_ip: address.ip,
            instance_id: instance.unwrap_or_default(),
            created_time: address.created_time,
            network_interface_id: OrEmpty(interface),
            private_address_ip: OrEmpty(ip),
            is_blocked: address.is_blocked,
            is_eip_direct_connection: address.is_direct,
            internet_service_provider: address.isp.as_str(),
            bandwidth: address.bandwidth_mbps,
            kept: address.kept.clone(),
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
