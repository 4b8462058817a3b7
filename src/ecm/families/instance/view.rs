//! Instances as the wire shows them.

use std::net::{IpAddr, Ipv4Addr};

use serde::Serialize;

use crate::ecm::{
    Store,
    families::{
        config::{IspView, Position},
        network_interface::{NetworkInterface, PrivateIp},
    },
    ids::{InstanceId, NetworkInterfaceId, SubnetId, VpcId},
    model::{Kept, LocalTime, Tag},
    zones::Isp,
};

use super::{Instance, InstanceState};

/// The vendor's `Instance`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct InstanceView {
    instance_id: InstanceId,
    instance_name: String,
    instance_state: InstanceState,
    position: PositionView,
    internet: Internet,
    create_time: LocalTime,
    tag_set: Vec<Tag>,
    virtual_private_cloud: VirtualPrivateCloud,
    #[serde(flatten)]
    kept: Kept,
}

/// The vendor's `Position`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct PositionView {
    #[serde(flatten)]
    position: Position,
    ipv6_supported: bool,
}

#[derive(Debug, Clone, Serialize)]
struct Internet {
    #[serde(rename = "PrivateIPAddressSet")]
    private: Vec<PrivateAddress>,
    #[serde(rename = "PublicIPAddressSet")]
    public: Vec<PublicAddress>,
    #[serde(rename = "InstanceNetworkInfoSet")]
    interfaces: Vec<NetworkInfo>,
}

#[derive(Debug, Clone, Serialize)]
struct PrivateAddress {
    #[serde(rename = "PrivateIPAddress")]
    address: Ipv4Addr,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct PublicAddress {
    charge_mode: &'static str,
    #[serde(rename = "PublicIPAddress")]
    address: IpAddr,
    #[serde(rename = "ISP")]
    isp: IspView,
    max_bandwidth_out: u64,
    max_bandwidth_in: u64,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct NetworkInfo {
    address_info_set: Vec<AddressInfo>,
    network_interface_id: NetworkInterfaceId,
    network_interface_name: String,
    primary: bool,
}

#[derive(Debug, Clone, Serialize)]
struct AddressInfo {
    #[serde(rename = "PublicIPAddressInfo")]
    public: Option<PublicAddress>,
    #[serde(rename = "PrivateIPAddressInfo")]
    private: PrivateAddress,
    #[serde(rename = "PublicIPv6AddressInfo")]
    public_ipv6: Option<PublicAddress>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct VirtualPrivateCloud {
    vpc_id: VpcId,
    subnet_id: SubnetId,
    private_ip_addresses: Vec<Ipv4Addr>,
    #[serde(flatten)]
    kept: Kept,
}

impl Store {
    /// An instance as the wire shows it.
    pub fn view_instance(&self, instance: &Instance) -> InstanceView {
        let interfaces = || self.interfaces_of(instance);
        let lent = interfaces().flat_map(|it| &it.addresses).map(|it| it.address);
        let addresses: Vec<Ipv4Addr> = instance.own_addresses.iter().copied().chain(lent).collect();
        let public = interfaces().flat_map(|it| &it.addresses);
        InstanceView {
            instance_id: instance.id,
            instance_name: instance.name.clone(),
            instance_state: instance.state,
            position: PositionView { position: Position::of(instance.zone), ipv6_supported: false },
            internet: Internet {
                private: addresses.iter().map(|it| PrivateAddress { address: *it }).collect(),
                public: public.filter_map(|it| self.view_public(instance, it)).collect(),
                interfaces: interfaces().map(|it| self.view_network_info(instance, it)).collect(),
            },
            create_time: instance.created_time,
            tag_set: instance.tags.clone(),
            virtual_private_cloud: VirtualPrivateCloud {
                vpc_id: instance.vpc_id,
                subnet_id: instance.subnet_id,
                private_ip_addresses: addresses,
                kept: instance.network_kept.clone(),
            },
            kept: instance.kept.clone(),
        }
    }

    fn view_network_info(&self, instance: &Instance, interface: &NetworkInterface) -> NetworkInfo {
        let info = |ip: &PrivateIp| AddressInfo {
            public: self.view_public(instance, ip),
            private: PrivateAddress { address: ip.address },
            public_ipv6: None,
        };
        NetworkInfo {
            address_info_set: interface.addresses.iter().map(info).collect(),
            network_interface_id: interface.id,
            network_interface_name: interface.name.clone(),
            primary: interface.is_primary,
        }
    }

    fn view_public(&self, instance: &Instance, ip: &PrivateIp) -> Option<PublicAddress> {
        let (address, isp, bandwidth) = self.public_of(instance, ip)?;
        Some(PublicAddress {
            charge_mode: "BANDWIDTH_PACKAGE",
            address,
            isp: IspView::of(isp),
            max_bandwidth_out: bandwidth,
            max_bandwidth_in: 0,
        })
    }

    /// The public address of a private one, its provider, and its bandwidth in Mbps.
    ///
    /// Assumed: one that is no EIP has the first provider of the region, and 1 Mbps.
    fn public_of(&self, instance: &Instance, ip: &PrivateIp) -> Option<(IpAddr, Isp, u64)> {
        let bound = ip.address_id.and_then(|id| self.get(id));
        let general = || {
            let isp = instance.zone.node().region.isps().first()?;
            Some((ip.public_ip?, *isp, 1))
        };
        bound.map(|it| (it.ip, it.isp, it.bandwidth_mbps)).or_else(general)
    }

    /// Whether an instance or one of its interfaces has a private or public address.
    pub fn has_ip(&self, instance: &Instance, ip: IpAddr) -> bool {
        let mut lent = self.interfaces_of(instance).flat_map(|it| &it.addresses);
        instance.own_addresses.iter().any(|own| *own == ip)
            || lent.any(|it| {
                it.address == ip || self.public_of(instance, it).is_some_and(|it| it.0 == ip)
            })
    }

    /// Whether an instance has a public address of a provider.
    pub fn has_isp(&self, instance: &Instance, isp: Isp) -> bool {
        let mut lent = self.interfaces_of(instance).flat_map(|it| &it.addresses);
        lent.any(|it| self.public_of(instance, it).is_some_and(|it| it.1 == isp))
    }
}
