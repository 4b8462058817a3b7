//! Instances in responses.

use std::net::{IpAddr, Ipv4Addr};

use crate::ecm::{
    Store,
    api::objects::{self, AddressInfo, PrivateIPAddressInfo, PublicIPAddressInfo},
    families::{
        config::position,
        network_interface::{NetworkInterface, PrivateIp},
    },
    fields::{PrivateAddress, PublicAddress},
    model::Defaults,
    zones::Isp,
};

use super::Instance;

impl Defaults for objects::Instance {
    fn fill(&mut self) {
        self.restrict_state.get_or_insert("NORMAL".into());
        self.virtual_private_cloud.get_or_insert_default();
    }
}

const fn private(address: Ipv4Addr) -> PrivateIPAddressInfo {
    PrivateIPAddressInfo { private_ip_address: Some(PrivateAddress(address)) }
}

impl Store {
    /// Returns an instance as responses show it.
    pub fn view_instance(&self, instance: &Instance) -> objects::Instance {
        let interfaces = || self.interfaces_of(instance);
        let lent = interfaces().flat_map(|it| &it.addresses).map(|it| it.address);
        let addresses: Vec<Ipv4Addr> = instance.own_addresses.iter().copied().chain(lent).collect();
        let public = interfaces().flat_map(|it| &it.addresses);
        let object = instance.passthrough.object();
        objects::Instance {
            instance_id: instance.id.into(),
            instance_name: Some(instance.name.clone()),
            instance_state: instance.state.into(),
            position: Some(position(instance.zone).into()),
            internet: Some(Box::new(objects::Internet {
                private_ip_address_set: addresses.iter().copied().map(private).collect(),
                public_ip_address_set: public
                    .filter_map(|it| self.view_public(instance, it))
                    .collect(),
                instance_network_info_set: interfaces()
                    .map(|it| self.view_network_info(instance, it))
                    .collect(),
            })),
            create_time: Some(instance.created_time),
            tag_set: instance.tags.clone(),
            virtual_private_cloud: Some(Box::new(objects::VirtualPrivateCloud {
                vpc_id: instance.vpc_id.into(),
                subnet_id: instance.subnet_id.into(),
                private_ip_addresses: addresses.into_iter().map(PrivateAddress).collect(),
                ..*object.virtual_private_cloud.unwrap_or_default()
            })),
            ..object
        }
    }

    fn view_network_info(
        &self,
        instance: &Instance,
        interface: &NetworkInterface,
    ) -> objects::InstanceNetworkInfo {
        let info = |ip: &PrivateIp| AddressInfo {
            public_ip_address_info: self.view_public(instance, ip).map(Box::new),
            private_ip_address_info: Some(private(ip.address).into()),
            public_ipv6_address_info: None,
        };
        objects::InstanceNetworkInfo {
            address_info_set: interface.addresses.iter().map(info).collect(),
            network_interface_id: interface.id.into(),
            network_interface_name: Some(interface.name.clone()),
            primary: interface.is_primary,
        }
    }

    fn view_public(&self, instance: &Instance, ip: &PrivateIp) -> Option<PublicIPAddressInfo> {
        let (address, isp, bandwidth) = self.public_of(instance, ip)?;
        Some(PublicIPAddressInfo {
            charge_mode: "BANDWIDTH_PACKAGE".into(),
            public_ip_address: PublicAddress(address).into(),
            isp: isp.into(),
            max_bandwidth_out: i64::try_from(bandwidth).unwrap_or(i64::MAX),
            max_bandwidth_in: 0,
        })
    }

    /// Returns the public address of a private IP, its provider, and its bandwidth in Mbps.
    ///
    /// Assumed (eip.general-provider, eip.general-bandwidth): a general public address has the first
    /// provider of the region, and 1 Mbps.
    fn public_of(&self, instance: &Instance, ip: &PrivateIp) -> Option<(IpAddr, Isp, u64)> {
        let bound = ip.address_id.map(|id| self.existing(id));
        let general = || {
            let isp = instance.zone.node().region.isps().first()?;
            Some((ip.public_ip?, *isp, 1))
        };
        bound.map(|it| (it.ip, it.isp, it.bandwidth_mbps)).or_else(general)
    }

    /// Returns whether an instance or one of its interfaces has a private or public address.
    pub fn has_ip(&self, instance: &Instance, ip: IpAddr) -> bool {
        let mut lent = self.interfaces_of(instance).flat_map(|it| &it.addresses);
        instance.own_addresses.iter().any(|own| *own == ip)
            || lent.any(|it| {
                it.address == ip || self.public_of(instance, it).is_some_and(|it| it.0 == ip)
            })
    }

    /// Returns whether an instance has a public address of a provider.
    pub fn has_isp(&self, instance: &Instance, isp: Isp) -> bool {
        let mut lent = self.interfaces_of(instance).flat_map(|it| &it.addresses);
        lent.any(|it| self.public_of(instance, it).is_some_and(|it| it.1 == isp))
    }
}
