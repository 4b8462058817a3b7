//! Checks and changes of EIPs, with their targets and tasks.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use ipnet::Ipv4Net;

use crate::ecm::{
    Error,
    error::{QuotaScope, Subject},
    families::{
        config::NetworkLimits,
        instance::Instance,
        network_interface::{NetworkInterfaceError, PrivateIp, check_ip_settled, check_unchanged},
    },
    ids::{AddressId, NetworkInterfaceId, TaskId},
    model::LocalTime,
    pool::PoolError,
    store::{Changing, Store, check_quota},
    zones::Region,
};

use super::{
    Address, AddressChange, Applications, Target, Task,
    error::{ADDRESSES, ADDRESSES_TODAY, AddressError, NamedTarget, PUBLIC_IPS, PUBLIC_IPS_TODAY},
};

/// Range that ecmock allocates public addresses from.
///
/// Ours (eip.range): this range is reserved for benchmarking networks.
pub(in crate::ecm) const PUBLIC: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(198, 18, 0, 0), 15);
/// Maximum number of tasks in an account. A new task evicts the oldest.
pub const TASKS_MAX: usize = 1000;
/// Maximum number of general public IPs that an account can allocate per day in each region.
///
/// Assumed (eip.daily-public-ips): an example of the vendor has 40, its text says 10.
pub const PUBLIC_IPS_A_DAY_MAX: usize = 40;

/// Status of an EIP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressStatus {
    /// Being created.
    Creating,
    /// Being bound.
    Binding,
    /// Bound.
    Bind,
    /// Bound to an interface that is not attached.
    BindEni,
    /// Being unbound.
    Unbinding,
    /// Not bound.
    Unbind,
    /// Being released.
    Offlining,
}

impl AddressStatus {
    /// Returns the status as responses show it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "CREATING",
            Self::Binding => "BINDING",
            Self::Bind => "BIND",
            Self::BindEni => "BIND_ENI",
            Self::Unbinding => "UNBINDING",
            Self::Unbind => "UNBIND",
            Self::Offlining => "OFFLINING",
        }
    }
}

impl Store {
    /// Returns the status of an EIP.
    pub fn address_status(&self, address: &Address) -> AddressStatus {
        match (address.pending, address.target) {
            (Some((AddressChange::Creating, _)), _) => AddressStatus::Creating,
            (Some((AddressChange::Binding, _)), _) => AddressStatus::Binding,
            (Some((AddressChange::Unbinding, _)), _) => AddressStatus::Unbinding,
            (Some((AddressChange::Offlining, _)), _) => AddressStatus::Offlining,
            (None, None) => AddressStatus::Unbind,
            (None, Some(Target::HaVip(_))) => AddressStatus::Bind,
            (None, Some(Target::PrivateIp(id, _))) => {
                if self.existing(id).attachment.is_some() {
                    AddressStatus::Bind
                } else {
                    AddressStatus::BindEni
                }
            }
        }
    }

    /// Fails unless the status of the EIP is `allowed`.
    pub fn check_status(&self, address: &Address, allowed: &[AddressStatus]) -> Result<(), Error> {
        let status = self.address_status(address);
        if allowed.contains(&status) {
            return Ok(());
        }
        Err(Error::State { resource: Subject::of(address.id), state: status.as_str() })
    }

    /// Fails if `count` more EIPs exceed the quota of a region, in all or for the day of `now`.
    pub fn check_address_quota(
        &self,
        region: Region,
        count: usize,
        now: LocalTime,
    ) -> Result<(), Error> {
        let of = || QuotaScope::Region(region);
        let quota = self.settings.quotas.addresses_per_region;
        let held = self.tables.addresses.listing(Some(region)).len();
        check_quota(of, held, count, &ADDRESSES, quota)?;
        let today = self.applied_today(region, now);
        check_quota(of, today, count, &ADDRESSES_TODAY, quota.saturating_mul(2))?;
        self.check_capacity::<Address>(count, &ADDRESSES)?;
        if self.public_pool.available() < count as u64 {
            return Err(AddressError::PublicExhausted.into());
        }
        Ok(())
    }

    /// Returns the number of EIPs allocated in a region on the day of `now`.
    pub fn applied_today(&self, region: Region, now: LocalTime) -> usize {
        self.today(region, now).addresses
    }

    /// Returns the number of general public IPs allocated in a region on the day of `now`.
    pub fn public_ips_today(&self, region: Region, now: LocalTime) -> usize {
        self.today(region, now).public_ips
    }

    /// Counts `count` EIPs as allocated on the day of `now`.
    pub fn count_application(&mut self, region: Region, count: usize, now: LocalTime) {
        let mut today = self.today(region, now);
        today.addresses = today.addresses.saturating_add(count);
        self.applications.insert(region, today);
    }

    /// Returns the daily allocations of each region that ever had any.
    pub fn applications(&self) -> impl Iterator<Item = (Region, Applications)> {
        self.applications.iter().map(|(region, it)| (*region, *it))
    }

    /// Sets the daily allocations of a region.
    pub fn set_applications(&mut self, region: Region, applications: Applications) {
        let Applications { addresses, public_ips, .. } = applications;
        if (addresses, public_ips) == (0, 0) {
            self.applications.remove(&region);
        } else {
            self.applications.insert(region, applications);
        }
    }

    fn today(&self, region: Region, now: LocalTime) -> Applications {
        let day = now.day();
        let last = self.applications.get(&region).filter(|it| it.day == day);
        last.copied().unwrap_or(Applications { day, addresses: 0, public_ips: 0 })
    }

    /// Allocates the lowest free public address.
    pub fn take_public_ip(&mut self) -> Result<IpAddr, Error> {
        let ip = Arc::make_mut(&mut self.public_pool)
            .take(None)
            .map_err(|_| AddressError::PublicExhausted)?;
        Ok(IpAddr::V4(ip))
    }

    /// Returns whether a public address is in use.
    pub fn has_public_ip(&self, ip: IpAddr) -> bool {
        self.public_ips.contains(&ip)
    }

    /// Marks a public address as in use.
    pub fn claim_public_ip(&mut self, ip: IpAddr) {
        if let IpAddr::V4(ip) = ip
            && PUBLIC.contains(&ip)
        {
            // The address is not free if it was just allocated.
            let _ = Arc::make_mut(&mut self.public_pool).take(Some(ip));
        }
        self.public_ips.insert(ip);
    }

    pub(in crate::ecm) fn release_public_ip(&mut self, ip: Option<IpAddr>) {
        let Some(ip) = ip else { return };
        let was_in_use = self.public_ips.remove(&ip).is_some();
        assert!(was_in_use, "public IP {ip} must be in use");
        // A fixture can use a reserved address, which is never free.
        if let IpAddr::V4(ip) = ip
            && PUBLIC.contains(&ip)
            && self.public_pool.check(Some(ip)) == Err(PoolError::InUse(ip))
        {
            Arc::make_mut(&mut self.public_pool).release(ip);
        }
    }

    /// Adds an unbound EIP.
    pub fn insert_address(&mut self, address: Address) {
        self.claim_public_ip(address.ip);
        self.insert(address.id, address.region, address);
    }

    /// Fails if no EIP can be bound to a private IP. The call names the private IP as `target`.
    pub(super) fn check_bindable(
        &self,
        interface: NetworkInterfaceId,
        address: Ipv4Addr,
        target: NamedTarget,
    ) -> Result<(), Error> {
        let found = self.find(interface, None)?;
        let ip = found
            .address(address)
            .ok_or(NetworkInterfaceError::NotOnInterface { address, interface })?;
        check_unchanged(found)?;
        check_ip_settled(ip)?;
        if let Some(id) = ip.address_id {
            return Err(AddressError::HasAddress { target, address: id }.into());
        }
        if ip.public_ip.is_some() {
            return Err(AddressError::HasPublicIp(address).into());
        }
        match &found.attachment {
            Some(it) => self.check_public_room(self.find(it.instance_id, None)?, 1),
            None => Ok(()),
        }
    }

    /// Fails if the limits of an instance do not allow `more` public IPs.
    pub(in crate::ecm) fn check_public_room(
        &self,
        instance: &Instance,
        more: usize,
    ) -> Result<(), Error> {
        if more == 0 {
            return Ok(());
        }
        let of = || QuotaScope::Of(Subject::of(instance.id));
        let ips = self.interfaces_of(instance).flat_map(|it| &it.addresses);
        // Assumed (eni.limits-public): all public addresses count, not only EIPs.
        let count = ips.filter(|it| it.is_public()).count();
        let quota = NetworkLimits::of(instance.vcpus).public_ips;
        check_quota(of, count, more, &PUBLIC_IPS, quota)
    }

    /// Links an EIP and its target.
    pub fn link_address(&mut self, id: AddressId, target: Target) {
        self.existing_mut(id).target = Some(target);
        self.set_address_of(target, Some(id));
    }

    /// Unbinds an EIP immediately.
    pub fn unlink_address(&mut self, id: AddressId) {
        let address = self.existing_mut(id);
        address.pending = None;
        if let Some(target) = address.target.take() {
            self.set_address_of(target, None);
        }
    }

    fn set_address_of(&mut self, target: Target, id: Option<AddressId>) {
        match target {
            Target::PrivateIp(interface, ip) => self.private_ip_mut(interface, ip).address_id = id,
            Target::HaVip(ha_vip) => self.existing_mut(ha_vip).address_id = id,
        }
    }

    /// Fails if a private IP has an EIP that cannot be unbound now.
    pub(in crate::ecm) fn check_unbindable(&self, ip: &PrivateIp) -> Result<(), Error> {
        let Some(id) = ip.address_id else { return Ok(()) };
        let address = self.existing(id);
        if address.is_blocked {
            return Err(AddressError::Blocked(address.id).into());
        }
        self.check_status(address, &[AddressStatus::Bind, AddressStatus::BindEni])
    }

    /// Starts a task that unbinds an EIP.
    ///
    /// Assumed (eip.unbinding): its target loses it immediately, while the EIP is still `UNBINDING`.
    pub fn begin_unbinding(&mut self, id: AddressId, now: DateTime<Utc>) -> TaskId {
        self.unlink_address(id);
        self.begin_task(vec![id], Some(AddressChange::Unbinding), now)
    }

    pub(in crate::ecm) fn unbind_private_ip(
        &mut self,
        interface: NetworkInterfaceId,
        ip: Ipv4Addr,
    ) {
        if let Some(id) = self.private_ip_mut(interface, ip).address_id {
            self.unlink_address(id);
        }
    }

    pub(in crate::ecm) fn retarget(&mut self, id: AddressId, to: NetworkInterfaceId, ip: Ipv4Addr) {
        self.existing_mut(id).target = Some(Target::PrivateIp(to, ip));
    }

    /// Allocates a general public IP for a private IP. [`Store::check_public_ip_quota`] must have
    /// succeeded.
    pub(in crate::ecm) fn give_public_ip(
        &mut self,
        interface: NetworkInterfaceId,
        ip: Ipv4Addr,
        region: Region,
        now: LocalTime,
    ) {
        let public = self.take_public_ip().expect("the quota has room");
        self.claim_public_ip(public);
        let mut today = self.today(region, now);
        today.public_ips = today.public_ips.saturating_add(1);
        self.applications.insert(region, today);
        self.private_ip_mut(interface, ip).public_ip = Some(public);
    }

    /// Fails if no general public IP can be allocated in a region on the day of `now`.
    pub fn check_public_ip_quota(&self, region: Region, now: LocalTime) -> Result<(), Error> {
        let today = self.public_ips_today(region, now);
        let of = || QuotaScope::Region(region);
        check_quota(of, today, 1, &PUBLIC_IPS_TODAY, PUBLIC_IPS_A_DAY_MAX)?;
        if self.public_pool.available() == 0 {
            return Err(AddressError::PublicExhausted.into());
        }
        Ok(())
    }

    /// Starts a task that changes EIPs. If `change` is `None`, their status stays the same.
    pub fn begin_task(
        &mut self,
        addresses: Vec<AddressId>,
        change: Option<AddressChange>,
        now: DateTime<Utc>,
    ) -> TaskId {
        let id = self.new_task_id();
        if let Some(change) = change {
            for address in &addresses {
                self.existing_mut(*address).pending = Some((change, id));
            }
        }
        self.insert_task(id, Task { addresses, left: self.settings.settle.begin(now) });
        id
    }

    /// Returns an unused task ID.
    ///
    /// There are 900,000,000 IDs and at most [`TASKS_MAX`] tasks, so the first candidate is nearly
    /// always unused, and `n + 1` candidates are enough for `n` tasks.
    ///
    /// # Panics
    ///
    /// Panics if all candidates are in use. Each is in use with a probability of one in 900,000.
    pub fn new_task_id(&mut self) -> TaskId {
        let mut candidates = (0..=self.tasks.len()).map(|_| self.ids.next_task());
        let is_free = |id: &TaskId| !self.tasks.contains_key(id);
        candidates.find(is_free).expect("there are fewer tasks than IDs")
    }

    /// Adds a task with an unused ID. Evicts the oldest task if there are too many.
    pub fn insert_task(&mut self, id: TaskId, task: Task) {
        let left = task.left;
        self.tasks.insert(id, task);
        self.task_queue.push_back(id);
        self.note_due(left, Changing::Task(id));
        if left.is_none() {
            self.finish_task(id);
        }
        if self.task_queue.len() > TASKS_MAX
            && let Some(oldest) = self.task_queue.pop_front()
        {
            self.finish_task(oldest);
            self.tasks.remove(&oldest);
        }
    }

    /// Returns the task `id`.
    pub fn task(&self, id: TaskId) -> Result<&Task, Error> {
        self.tasks.get(&id).ok_or_else(|| AddressError::TaskNotFound(id).into())
    }

    pub(in crate::ecm) fn finish_task(&mut self, id: TaskId) {
        let task = self.tasks.get_mut(&id).expect("the task exists");
        let (left, addresses) = (task.left.take(), task.addresses.clone());
        self.forget_due(left, Changing::Task(id));
        for address in addresses {
            // The EIP may have been released, or may have a newer task.
            let pending = self.get(address).and_then(|it| it.pending);
            match pending.filter(|(_, task)| *task == id) {
                None => {}
                Some((
                    AddressChange::Creating | AddressChange::Binding | AddressChange::Unbinding,
                    _,
                )) => {
                    self.existing_mut(address).pending = None;
                }
                Some((AddressChange::Offlining, _)) => {
                    let released = self.remove_existing(address);
                    self.release_public_ip(Some(released.ip));
                }
            }
        }
    }
}
