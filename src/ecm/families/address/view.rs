//! EIPs as the wire shows them.

use std::net::{IpAddr, Ipv4Addr};

use serde::Serialize;

use crate::ecm::{
    Store,
    ids::{AddressId, NetworkInterfaceId},
    model::{Kept, UtcTime},
    view::OrEmpty,
};

use super::{Address, Target};

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

impl Store {
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
            Some(Target::HaVip(id)) => (Some(id.to_string()), None, self.get(id).map(|it| it.vip)),
            Some(Target::PrivateIp(id, ip)) => {
                let attachment = self.get(id).and_then(|it| it.attachment.as_ref());
                (attachment.map(|it| it.instance_id.to_string()), Some(id), Some(ip))
            }
        }
    }

    pub(in crate::ecm) fn public_ip(&self, id: Option<AddressId>) -> Option<IpAddr> {
        self.get(id?).map(|it| it.ip)
    }
}
