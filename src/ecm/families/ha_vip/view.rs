//! HAVIPs as the wire shows them.

use std::net::{IpAddr, Ipv4Addr};

use serde::Serialize;

use crate::ecm::{
    Store,
    ids::{HaVipId, InstanceId, NetworkInterfaceId, SubnetId, VpcId},
    model::LocalTime,
    view::{AVAILABLE, OrEmpty},
};

use super::HaVip;

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

impl Store {
    /// A HAVIP as the wire shows it.
    pub fn view_ha_vip(&self, ha_vip: &HaVip) -> HaVipView {
        let announcer = ha_vip.network_interface_id;
        let announcer = announcer.and_then(|id| self.get(id));
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
}
