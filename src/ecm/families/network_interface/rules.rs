//! Checks and changes of network interfaces and their private IPs.

use std::{collections::BTreeSet, net::Ipv4Addr};

use chrono::{DateTime, Utc};

use crate::ecm::{
    Error,
    error::{QuotaScope, Subject},
    families::{
        config::NetworkLimits,
        instance::{Instance, InstanceState},
        vpc::Vpc,
    },
    fields::Str,
    ids::{InstanceId, NetworkInterfaceId},
    model::{LocalTime, PendingChange},
    store::{Changing, Store, check_quota},
    zones::Region,
};

use super::{
    Attachment, InterfaceChange, IpChange, NetworkInterface, PrivateIp,
    error::{NETWORK_INTERFACES, NetworkInterfaceError, PRIVATE_IPS, private_ip},
};

/// Assumed (eni.instance-account): any number is possible. The vendor's are numbers of accounts.
const INSTANCE_ACCOUNT_ID: &str = "1250000000";

impl Store {
    /// Fails if the quota of `vpc` does not allow another interface.
    pub fn check_network_interface_quota(&self, vpc: &Vpc) -> Result<(), Error> {
        let (of, count) = (|| QuotaScope::Of(Subject::of(vpc.id)), vpc.contents.network_interfaces);
        let quota = self.settings.quotas.network_interfaces_per_vpc;
        check_quota(of, count, 1, &NETWORK_INTERFACES, quota)?;
        self.check_capacity::<NetworkInterface>(1, &NETWORK_INTERFACES)
    }

    /// Adds an interface without EIPs. Its addresses must be allocated already.
    pub fn insert_network_interface(&mut self, interface: NetworkInterface) {
        let vpc = self.existing_mut(interface.vpc_id);
        vpc.contents.network_interfaces += 1;
        let region = vpc.region;
        for public in interface.addresses.iter().filter_map(|it| it.public_ip) {
            self.claim_public_ip(public);
        }
        let (id, attachment) = (interface.id, interface.attachment.clone());
        self.insert(id, region, interface);
        self.note_changes(id);
        // If a fixture's instance is invalid, it is missing here and reported separately.
        if let Some(Attachment { instance_id, device_index, .. }) = attachment
            && self.get(instance_id).is_some()
        {
            self.plug_in(id, instance_id, device_index);
        }
    }

    /// Begins to delete an interface. Fails if it is attached.
    pub fn delete_network_interface(
        &mut self,
        id: NetworkInterfaceId,
        region: Region,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let interface = self.find(id, Some(region))?;
        check_settled(interface)?;
        if let Some(attachment) = &interface.attachment {
            let instance = attachment.instance_id;
            let reason = format!("is attached to instance `{instance}`");
            return Err(Error::InUse { resource: Subject::of(id), reason });
        }
        interface.addresses.iter().try_for_each(|it| self.check_unbindable(it))?;
        // Assumed (eni.delete-unbinds): EIPs are unbound when the deletion begins.
        self.unbind_all(id);
        self.begin_interface_change(id, InterfaceChange::Deleting, now);
        Ok(())
    }

    /// Unbinds the EIPs of an interface.
    fn unbind_all(&mut self, id: NetworkInterfaceId) {
        let addresses = &self.existing(id).addresses;
        let addresses: Vec<Ipv4Addr> = addresses.iter().map(|it| it.address).collect();
        for address in addresses {
            self.unbind_private_ip(id, address);
        }
    }

    /// Begins to attach an interface to an instance in its VPC.
    pub fn attach(
        &mut self,
        id: NetworkInterfaceId,
        instance_id: InstanceId,
        region: Region,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let interface = self.find(id, Some(region))?;
        let target = self.find(instance_id, Some(region))?;
        check_settled(interface)?;
        if let Some(attachment) = &interface.attachment {
            let instance = attachment.instance_id;
            return Err(NetworkInterfaceError::Attached { interface: id, instance }.into());
        }
        self.check_room_on(target, interface)?;
        self.link(id, instance_id, now);
        self.begin_interface_change(id, InterfaceChange::Attaching, now);
        Ok(())
    }

    /// Begins to detach an interface from its instance, and withdraws the HAVIPs that it announces.
    pub fn detach(
        &mut self,
        id: NetworkInterfaceId,
        instance_id: InstanceId,
        region: Region,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let interface = self.find(id, Some(region))?;
        self.find(instance_id, Some(region))?;
        check_movable(interface, instance_id)?;
        // Assumed (havip.withdrawn): the interface no longer announces HAVIPs.
        self.withdraw_all(id);
        self.begin_interface_change(id, InterfaceChange::Detaching, now);
        Ok(())
    }

    /// Begins to move an interface from one instance to another in its VPC.
    pub fn migrate(
        &mut self,
        id: NetworkInterfaceId,
        (from, to): (InstanceId, InstanceId),
        region: Region,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let interface = self.find(id, Some(region))?;
        self.find(from, Some(region))?;
        let target = self.find(to, Some(region))?;
        check_movable(interface, from)?;
        if from == to {
            return Err(NetworkInterfaceError::Attached { interface: id, instance: to }.into());
        }
        self.check_room_on(target, interface)?;
        // Assumed (havip.withdrawn): the interface no longer announces HAVIPs.
        self.withdraw_all(id);
        self.unlink(id);
        self.link(id, to, now);
        self.begin_interface_change(id, InterfaceChange::Attaching, now);
        Ok(())
    }

    /// Fails if `interface` cannot be attached to `instance`.
    ///
    /// Assumed (eni.attach-vpc, eni.attach-state): the instance must be in the interface's VPC, and
    /// running or stopped.
    fn check_room_on(
        &self,
        instance: &Instance,
        interface: &NetworkInterface,
    ) -> Result<(), Error> {
        if instance.vpc_id != interface.vpc_id {
            let (interface, instance) = (interface.id, instance.id);
            return Err(NetworkInterfaceError::VpcMismatch { interface, instance }.into());
        }
        if !matches!(instance.state, InstanceState::Running | InstanceState::Stopped) {
            let resource = Subject::of(instance.id);
            return Err(Error::State { resource, state: instance.state.as_str() });
        }
        let limits = NetworkLimits::of(instance.vcpus);
        let (of, count) =
            (|| QuotaScope::Of(Subject::of(instance.id)), instance.network_interfaces.len());
        check_quota(of, count, 1, &NETWORK_INTERFACES, limits.network_interfaces)?;
        let (id, ips) = (Subject::of(interface.id), interface.addresses.len());
        check_quota(|| QuotaScope::Of(id), ips, 0, &PRIVATE_IPS, limits.private_ips)?;
        let public = interface.addresses.iter().filter(|it| it.is_public()).count();
        self.check_public_room(instance, public)
    }

    fn link(&mut self, id: NetworkInterfaceId, instance_id: InstanceId, now: DateTime<Utc>) {
        let attached =
            self.interfaces_of(self.existing(instance_id)).filter_map(|it| it.attachment.as_ref());
        let taken: BTreeSet<u64> = attached.map(|it| it.device_index).collect();
        // Among `n + 1` indexes, at least one is unused if `n` are in use.
        let mut indexes = 0..=taken.len() as u64;
        let device_index =
            // Assumed (eni.device-index): the lowest free number is used.
            indexes.find(|index| !taken.contains(index)).expect("one index is unused");
        self.plug_in(id, instance_id, device_index);
        self.existing_mut(id).attachment = Some(Attachment {
            instance_id,
            device_index,
            instance_account_id: INSTANCE_ACCOUNT_ID.into(),
            attach_time: LocalTime::new(now),
        });
    }

    /// Adds an interface to those of an instance, in the order of their device indexes.
    fn plug_in(&mut self, id: NetworkInterfaceId, instance: InstanceId, device_index: u64) {
        let place = self.existing(instance).network_interfaces.partition_point(|it| {
            let attachment = self.existing(*it).attachment.as_ref();
            attachment.expect("the interface is attached").device_index <= device_index
        });
        self.existing_mut(instance).network_interfaces.insert(place, id);
    }

    fn unlink(&mut self, id: NetworkInterfaceId) {
        let attachment = self.existing_mut(id).attachment.take();
        let instance = attachment.expect("the interface is attached").instance_id;
        self.existing_mut(instance).network_interfaces.retain(|it| *it != id);
    }

    fn begin_interface_change(
        &mut self,
        id: NetworkInterfaceId,
        change: InterfaceChange,
        now: DateTime<Utc>,
    ) {
        let transit = PendingChange::new(change, self.settings.settle.begin(now));
        self.existing_mut(id).transit = transit;
        self.note_changes(id);
        if transit.is_none() {
            self.finish_interface_change(id, change);
        }
    }

    pub(in crate::ecm) fn finish_interface_change(
        &mut self,
        id: NetworkInterfaceId,
        change: InterfaceChange,
    ) {
        match change {
            InterfaceChange::Pending | InterfaceChange::Attaching => {}
            InterfaceChange::Detaching => self.unlink(id),
            InterfaceChange::Deleting => {
                self.unbind_all(id);
                let interface = self.remove_existing(id);
                for left in interface.left() {
                    self.forget_due(Some(left), Changing::NetworkInterface(id));
                }
                for address in &interface.addresses {
                    // Assumed (settle.removed-addresses): the addresses are in use until the
                    // deletion has settled.
                    self.release(interface.subnet_id, address.address);
                    self.release_public_ip(address.public_ip);
                }
                self.existing_mut(interface.vpc_id).contents.network_interfaces -= 1;
            }
        }
    }

    /// Fails if the limits of `interface` do not allow `more` private IPs.
    pub fn check_private_ip_quota(
        &self,
        interface: &NetworkInterface,
        more: usize,
    ) -> Result<(), Error> {
        let instance = interface.attachment.as_ref();
        let instance = instance.map(|it| self.existing(it.instance_id));
        let quota = NetworkLimits::of(instance.and_then(|it| it.vcpus)).private_ips;
        let of = || QuotaScope::Of(Subject::of(interface.id));
        check_quota(of, interface.addresses.len(), more, &PRIVATE_IPS, quota)
    }

    /// Adds allocated addresses to an interface.
    pub fn add_private_ips(
        &mut self,
        id: NetworkInterfaceId,
        mut addresses: Vec<PrivateIp>,
        now: DateTime<Utc>,
    ) {
        let transit = PendingChange::new(IpChange::Pending, self.settings.settle.begin(now));
        for address in &mut addresses {
            address.transit = transit;
        }
        self.existing_mut(id).addresses.extend(addresses);
        self.note_changes(id);
    }

    /// Begins to remove secondary addresses, and unbinds their EIPs.
    ///
    /// Assumed (eni.eip-in-the-way): an EIP that is blocked or changing prevents the removal.
    pub fn remove_private_ips(
        &mut self,
        id: NetworkInterfaceId,
        region: Region,
        addresses: &[Ipv4Addr],
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let interface = self.find(id, Some(region))?;
        for address in addresses {
            self.check_unbindable(check_ip_movable(interface, *address)?)?;
        }
        let transit = PendingChange::new(IpChange::Deleting, self.settings.settle.begin(now));
        for address in addresses {
            self.unbind_private_ip(id, *address);
            self.private_ip_mut(id, *address).transit = transit;
            if transit.is_none() {
                self.take_private_ip(id, *address);
            }
        }
        self.note_changes(id);
        Ok(())
    }

    pub(in crate::ecm) fn take_private_ip(&mut self, id: NetworkInterfaceId, address: Ipv4Addr) {
        // A fixture can bind an EIP to an address that is being removed.
        self.unbind_private_ip(id, address);
        let interface = self.existing_mut(id);
        let (subnet, removed) = (interface.subnet_id, interface.remove_address(address));
        self.release(subnet, address);
        self.release_public_ip(removed.public_ip);
    }

    /// Returns a private IP of an interface mutably. Both must exist, as for [`Store::existing`].
    #[track_caller]
    pub(in crate::ecm) fn private_ip_mut(
        &mut self,
        id: NetworkInterfaceId,
        address: Ipv4Addr,
    ) -> &mut PrivateIp {
        match self.existing_mut(id).address_mut(address) {
            Some(ip) => ip,
            None => panic!("{} must be on {}", private_ip(address), Subject::of(id)),
        }
    }

    /// Sets the description of a private IP of an interface.
    pub fn describe_private_ip(
        &mut self,
        id: NetworkInterfaceId,
        address: Ipv4Addr,
        description: Str,
    ) {
        self.private_ip_mut(id, address).description = description;
    }

    /// Begins to move a secondary address to another interface in the same subnet.
    ///
    /// Assumed (eni.migrate-eip): its EIP moves with it.
    pub fn migrate_private_ip(
        &mut self,
        (from, to): (NetworkInterfaceId, NetworkInterfaceId),
        region: Region,
        address: Ipv4Addr,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let source = self.find(from, Some(region))?;
        let target = self.find(to, Some(region))?;
        if source.subnet_id != target.subnet_id {
            return Err(NetworkInterfaceError::SubnetMismatch(from, to).into());
        }
        let ip = check_ip_movable(source, address)?;
        if from == to {
            return Err(NetworkInterfaceError::AlreadyThere { address, interface: to }.into());
        }
        check_settled(target)?;
        self.check_private_ip_quota(target, 1)?;
        let instance_of = |it: &NetworkInterface| Some(it.attachment.as_ref()?.instance_id);
        if let Some(instance) = instance_of(target).filter(|it| instance_of(source) != Some(*it)) {
            let more = usize::from(ip.is_public());
            self.check_public_room(self.find(instance, None)?, more)?;
        }
        let mut moved = self.existing_mut(from).remove_address(address);
        moved.transit = PendingChange::new(IpChange::Migrating, self.settings.settle.begin(now));
        if let Some(id) = moved.address_id {
            self.retarget(id, to, address);
        }
        self.existing_mut(to).addresses.push(moved);
        self.note_changes(to);
        Ok(())
    }
}

/// Fails if the interface or any of its addresses is changing.
pub(in crate::ecm) fn check_settled(interface: &NetworkInterface) -> Result<(), Error> {
    // Assumed (eni.busy): a change of an address blocks the interface too.
    check_unchanged(interface)?;
    interface.addresses.iter().try_for_each(check_ip_settled)
}

/// Fails if the interface itself is changing.
pub(in crate::ecm) fn check_unchanged(interface: &NetworkInterface) -> Result<(), Error> {
    let resource = Subject::of(interface.id);
    let refuse = |it: PendingChange<InterfaceChange>| {
        Err(Error::State { resource, state: it.change.as_str() })
    };
    interface.transit.map_or(Ok(()), refuse)
}

/// Fails if the private IP is changing.
pub(in crate::ecm) fn check_ip_settled(ip: &PrivateIp) -> Result<(), Error> {
    let resource = private_ip(ip.address);
    let refuse =
        |it: PendingChange<IpChange>| Err(Error::State { resource, state: it.change.as_str() });
    ip.transit.map_or(Ok(()), refuse)
}

/// Fails unless the interface can be detached from the instance `from`.
fn check_movable(interface: &NetworkInterface, from: InstanceId) -> Result<(), Error> {
    if interface.attachment.as_ref().map(|it| it.instance_id) != Some(from) {
        return Err(
            NetworkInterfaceError::NotAttached { interface: interface.id, instance: from }.into()
        );
    }
    // Assumed (eni.primary-interface): a primary interface cannot be detached or migrated.
    if interface.is_primary {
        return Err(NetworkInterfaceError::Primary(Subject::of(interface.id)).into());
    }
    check_settled(interface)
}

/// Fails unless a private IP can be removed from the interface.
fn check_ip_movable(interface: &NetworkInterface, address: Ipv4Addr) -> Result<&PrivateIp, Error> {
    let Some(ip) = interface.address(address) else {
        return Err(
            NetworkInterfaceError::NotOnInterface { address, interface: interface.id }.into()
        );
    };
    if ip.is_primary {
        return Err(NetworkInterfaceError::Primary(private_ip(address)).into());
    }
    check_settled(interface).map(|()| ip)
}
