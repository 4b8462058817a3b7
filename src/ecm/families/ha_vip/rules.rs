//! Checks and changes of HAVIPs, with their announcements and EIPs.

use crate::ecm::{
    Error, Store,
    error::{QuotaScope, Subject},
    families::{
        address::{AddressStatus, Target},
        instance::InstanceState,
        network_interface::InterfaceChange,
        vpc::Vpc,
    },
    ids::{AddressId, HaVipId, NetworkInterfaceId},
    store::check_quota,
};

use super::{
    HaVip,
    error::{HA_VIPS, HaVipError},
};

impl Store {
    /// Fails if the quota of `vpc` does not allow another HAVIP.
    pub fn check_ha_vip_quota(&self, vpc: &Vpc) -> Result<(), Error> {
        let (of, count) = (|| QuotaScope::Of(Subject::of(vpc.id)), vpc.contents.ha_vips);
        check_quota(of, count, 1, &HA_VIPS, self.settings.quotas.ha_vips_per_vpc)?;
        self.check_capacity::<HaVip>(1, &HA_VIPS)
    }

    /// Adds a HAVIP. Its address must be allocated already, and no interface may announce it.
    pub fn insert_ha_vip(&mut self, ha_vip: HaVip) {
        let vpc = self.existing_mut(ha_vip.vpc_id);
        vpc.contents.ha_vips += 1;
        let region = vpc.region;
        self.insert(ha_vip.id, region, ha_vip);
    }

    /// Replaces a HAVIP and withdraws it. Its EIP stays bound.
    ///
    /// Returns `false` and changes nothing if the HAVIP does not exist, or has a different VPC,
    /// subnet, or address.
    pub fn replace_ha_vip(&mut self, mut ha_vip: HaVip) -> bool {
        let id = ha_vip.id;
        let Some(before) = self.get(id) else { return false };
        let fixed = |it: &HaVip| (it.vpc_id, it.subnet_id, it.vip);
        if fixed(before) != fixed(&ha_vip) || self.withdraw(id).is_err() {
            return false;
        }
        let before = self.existing_mut(id);
        ha_vip.address_id = before.address_id;
        *before = ha_vip;
        true
    }

    /// Deletes a HAVIP. Fails if an EIP is bound to it.
    pub fn remove_ha_vip(&mut self, id: HaVipId) -> Result<(), Error> {
        // Assumed (havip.delete-with-eip, havip.delete-announced): a bound EIP prevents the
        // deletion, an announcement does not.
        if let Some(address) = self.find(id, None)?.address_id {
            return Err(HaVipError::HasAddress { ha_vip: id, address }.into());
        }
        self.withdraw(id)?;
        let ha_vip = self.remove_existing(id);
        self.release(ha_vip.subnet_id, ha_vip.vip);
        self.existing_mut(ha_vip.vpc_id).contents.ha_vips -= 1;
        Ok(())
    }

    /// Announces a HAVIP from an interface, as high-availability software does by ARP. A new
    /// announcement replaces the previous one.
    ///
    /// The interface must be in the HAVIP's subnet and attached to a running instance.
    pub fn announce(&mut self, id: HaVipId, by: NetworkInterfaceId) -> Result<(), Error> {
        let ha_vip = self.find(id, None)?;
        let interface = self.find(by, None)?;
        let refuse =
            |reason| Err(HaVipError::Announcement { interface: by, ha_vip: id, reason }.into());
        // Assumed (havip.announcer-subnet, havip.announcer-attached, havip.announcer-running):
        // these are the rules of the vendor's VPC.
        if interface.subnet_id != ha_vip.subnet_id {
            return refuse("they are not in the same subnet");
        }
        let Some(attachment) = &interface.attachment else {
            return refuse("it is not attached to an instance");
        };
        match interface.transit.map(|it| it.change) {
            Some(InterfaceChange::Attaching) => return refuse("it is being attached"),
            Some(InterfaceChange::Detaching) => return refuse("it is being detached"),
            _ => {}
        }
        if self.find(attachment.instance_id, None)?.state != InstanceState::Running {
            return refuse("its instance is not running");
        }
        self.withdraw(id)?;
        // Assumed (havip.announcer-replaced): the previous announcement has ended.
        self.existing_mut(by).announced.insert(id);
        self.existing_mut(id).network_interface_id = Some(by);
        Ok(())
    }

    /// Withdraws a HAVIP, so that no interface announces it.
    pub fn withdraw(&mut self, id: HaVipId) -> Result<(), Error> {
        let Some(by) = self.find(id, None)?.network_interface_id else { return Ok(()) };
        self.existing_mut(by).announced.remove(&id);
        self.existing_mut(id).network_interface_id = None;
        Ok(())
    }

    pub(in crate::ecm) fn withdraw_all(&mut self, by: NetworkInterfaceId) {
        for id in std::mem::take(&mut self.existing_mut(by).announced) {
            self.existing_mut(id).network_interface_id = None;
        }
    }

    /// Binds an EIP to a HAVIP, as the vendor's console does. If `address` is `None`, unbinds the
    /// EIP. The change settles immediately.
    ///
    /// The EIP must be in the HAVIP's region and unbound.
    pub fn bind_ha_vip(&mut self, id: HaVipId, address: Option<AddressId>) -> Result<(), Error> {
        let bound = self.find(id, None)?.address_id;
        let Some(address) = address else {
            if let Some(bound) = bound {
                self.unlink_address(bound);
            }
            return Ok(());
        };
        let found = self.find(address, self.region_of(id))?;
        if bound == Some(address) {
            return Ok(());
        }
        self.check_status(found, &[AddressStatus::Unbind])?;
        if let Some(address) = bound {
            return Err(HaVipError::HasAddress { ha_vip: id, address }.into());
        }
        self.link_address(address, Target::HaVip(id));
        Ok(())
    }
}
