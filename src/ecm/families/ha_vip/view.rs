//! HAVIPs in responses.

use crate::ecm::{
    Store,
    api::objects,
    families::AVAILABLE,
    fields::{PrivateAddress, PublicAddress},
    model::Defaults,
};

use super::HaVip;

impl Defaults for objects::HaVip {}

impl Store {
    /// Returns a HAVIP as responses show it.
    pub fn view_ha_vip(&self, ha_vip: &HaVip) -> objects::HaVip {
        let announcer = ha_vip.network_interface_id;
        let announcer = announcer.map(|id| self.existing(id));
        let instance = announcer.and_then(|it| it.attachment.as_ref()).map(|it| it.instance_id);
        // Assumed (havip.available, havip.announcer): an announced HAVIP is shown as in the
        // vendor's VPC.
        let state = if ha_vip.network_interface_id.is_some() { AVAILABLE } else { "UNBIND" };
        objects::HaVip {
            address_ip: self.public_ip(ha_vip.address_id).map(PublicAddress).into(),
            created_time: ha_vip.created_time.into(),
            ha_vip_id: ha_vip.id.into(),
            ha_vip_name: ha_vip.name.clone(),
            instance_id: instance.into(),
            network_interface_id: ha_vip.network_interface_id.into(),
            state: state.into(),
            subnet_id: ha_vip.subnet_id.into(),
            vip: PrivateAddress(ha_vip.vip).into(),
            vpc_id: ha_vip.vpc_id.into(),
            // Assumed (havip.business): `Business` is empty.
            ..ha_vip.passthrough.object()
        }
    }
}
