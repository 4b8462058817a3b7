//! EIPs in responses.

use std::net::{IpAddr, Ipv4Addr};

use compact_str::ToCompactString as _;

use crate::ecm::{
    Store,
    api::objects,
    fields::{PrivateAddress, PublicAddress, Str},
    ids::{AddressId, NetworkInterfaceId},
    model::Defaults,
};

use super::{Address, Target};

impl Defaults for objects::Address {
    fn fill(&mut self) {
        self.address_type.get_or_insert("EIP".into());
        self.pay_mode.get_or_insert("BANDWIDTH_PACKAGE".into());
    }
}

impl Store {
    /// Returns an EIP as responses show it.
    ///
    /// Assumed (eip.havip-instance): an EIP that is bound to a HAVIP shows the HAVIP as its instance, as
    /// in the vendor's VPC.
    pub fn view_address(&self, address: &Address) -> objects::Address {
        let (instance, interface, ip) = self.target_of(address);
        objects::Address {
            address_id: address.id.into(),
            address_name: address.name.clone(),
            address_status: self.address_status(address).as_str().into(),
            address_ip: PublicAddress(address.ip).into(),
            instance_id: instance.unwrap_or_default(),
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

    /// Returns the instance (or HAVIP), interface, and private IP that an EIP is bound to.
    pub fn target_of(
        &self,
        address: &Address,
    ) -> (Option<Str>, Option<NetworkInterfaceId>, Option<Ipv4Addr>) {
        match address.target {
            None => (None, None, None),
            Some(Target::HaVip(id)) => {
                (Some(id.to_compact_string()), None, Some(self.existing(id).vip))
            }
            Some(Target::PrivateIp(id, ip)) => {
                let attachment = self.existing(id).attachment.as_ref();
                (attachment.map(|it| it.instance_id.to_compact_string()), Some(id), Some(ip))
            }
        }
    }

    pub(in crate::ecm) fn public_ip(&self, id: Option<AddressId>) -> Option<IpAddr> {
        id.map(|id| self.existing(id).ip)
    }
}
