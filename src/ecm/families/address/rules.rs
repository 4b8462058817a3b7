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

/// Where public addresses come from that ecmock gives out.
///
/// Ours (eip.range): this range is reserved for benchmarking networks.
pub(in crate::ecm) const PUBLIC: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(198, 18, 0, 0), 15);
/// Tasks that are remembered.
pub const TASKS_MAX: usize = 1000;
/// General public addresses that an account is given in a day in each region.
///
/// Assumed (eip.daily-public-ips): an example of the vendor has 40, its text says 10.
pub const PUBLIC_IPS_A_DAY_MAX: usize = 40;

/// What an EIP is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressStatus {
    /// Being made.
    Creating,
    /// Being bound.
    Binding,
    /// Bound.
    Bind,
    /// Bound to an interface that is attached to nothing.
    BindEni,
    /// Being unbound.
    Unbinding,
    /// Not bound.
    Unbind,
    /// Being released.
    Offlining,
}

impl AddressStatus {
    /// As the wire has it.
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
    /// What an EIP is doing.
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

    /// Fails unless the EIP is in one of the `allowed` states.
    pub fn check_status(&self, address: &Address, allowed: &[AddressStatus]) -> Result<(), Error> {
        let status = self.address_status(address);
        if allowed.contains(&status) {
            return Ok(());
        }
        Err(Error::State { resource: Subject::of(address.id), state: status.as_str() })
    }

    /// Fails if `count` more EIPs would be too many in a region, or on the day of `now`.
    pub fn check_address_quota(
        &self,
        region: Region,
        count: usize,
        now: LocalTime,
    ) -> Result<(), Error> {
        let of = || QuotaScope::Region(region);
        let quota = self.settings.quotas.addresses_per_region;
        let held = self.tables.addresses.listing(Some(region)).len();
        check_quota(of(), held, count, &ADDRESSES, quota)?;
        let today = self.applied_today(region, now);
        check_quota(of(), today, count, &ADDRESSES_TODAY, quota.saturating_mul(2))?;
        self.check_capacity::<Address>(count, &ADDRESSES)?;
        if self.public_pool.available() < count as u64 {
            return Err(AddressError::PublicExhausted.into());
        }
        Ok(())
    }

    /// How many EIPs were applied for in a region on the day of `now`.
    pub fn applied_today(&self, region: Region, now: LocalTime) -> usize {
        self.today(region, now).addresses
    }

    /// How many general public addresses were given in a region on the day of `now`.
    pub fn public_ips_today(&self, region: Region, now: LocalTime) -> usize {
        self.today(region, now).public_ips
    }

    /// Notes that `count` EIPs were applied for.
    pub fn count_application(&mut self, region: Region, count: usize, now: LocalTime) {
        let mut today = self.today(region, now);
        today.addresses = today.addresses.saturating_add(count);
        self.applications.insert(region, today);
    }

    /// What was applied for in each region in which anything ever was.
    pub fn applications(&self) -> impl Iterator<Item = (Region, Applications)> {
        self.applications.iter().map(|(region, it)| (*region, *it))
    }

    /// Says what was applied for in a region.
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

    /// A public address that nobody has, lowest first.
    pub fn take_public_ip(&mut self) -> Result<IpAddr, Error> {
        let ip = Arc::make_mut(&mut self.public_pool)
            .take(None)
            .map_err(|_| AddressError::PublicExhausted)?;
        Ok(IpAddr::V4(ip))
    }

    /// Whether a public address is in use.
    pub fn has_public_ip(&self, ip: IpAddr) -> bool {
        self.public_ips.contains(&ip)
    }

    /// Notes that a public address is in use.
    pub fn claim_public_ip(&mut self, ip: IpAddr) {
        if let IpAddr::V4(ip) = ip
            && PUBLIC.contains(&ip)
        {
            // It is not free if it was just taken.
            let _ = Arc::make_mut(&mut self.public_pool).take(Some(ip));
        }
        self.public_ips.insert(ip);
    }

    pub(in crate::ecm) fn release_public_ip(&mut self, ip: Option<IpAddr>) {
        let Some(ip) = ip else { return };
        let was_in_use = self.public_ips.remove(&ip).is_some();
        assert!(was_in_use, "public IP {ip} must be in use");
        // A fixture may claim a reserved address, which is never free.
        if let IpAddr::V4(ip) = ip
            && PUBLIC.contains(&ip)
            && self.public_pool.check(Some(ip)) == Err(PoolError::InUse(ip))
        {
            Arc::make_mut(&mut self.public_pool).give_back(ip);
        }
    }

    /// Adds an EIP, bound to nothing.
    pub fn insert_address(&mut self, address: Address) {
        self.claim_public_ip(address.ip);
        self.tables.addresses.insert(address.id, address.region, address);
    }

    /// Fails if an EIP cannot be bound to a private IP, which the call names as `target`.
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

    /// Fails if an instance has no room for `more` public addresses.
    pub(in crate::ecm) fn check_public_room(
        &self,
        instance: &Instance,
        more: usize,
    ) -> Result<(), Error> {
        if more == 0 {
            return Ok(());
        }
        let of = QuotaScope::Of(Subject::of(instance.id));
        let ips = self.interfaces_of(instance).flat_map(|it| &it.addresses);
        // Assumed (eni.limits-public): all public addresses count, not only EIPs.
        let count = ips.filter(|it| it.is_public()).count();
        let quota = NetworkLimits::of(instance.vcpus).public_ips;
        check_quota(of, count, more, &PUBLIC_IPS, quota)
    }

    /// Links an EIP and what it is bound to.
    pub fn link_address(&mut self, id: AddressId, target: Target) {
        self.existing_mut(id).target = Some(target);
        self.set_address_of(target, Some(id));
    }

    /// Unbinds an EIP at once.
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

    /// Fails if the EIP of a private address cannot be unbound now.
    pub(in crate::ecm) fn check_unbindable(&self, ip: &PrivateIp) -> Result<(), Error> {
        let Some(id) = ip.address_id else { return Ok(()) };
        let address = self.existing(id);
        if address.is_blocked {
            return Err(AddressError::Blocked(address.id).into());
        }
        self.check_status(address, &[AddressStatus::Bind, AddressStatus::BindEni])
    }

    /// Begins to unbind an EIP.
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

    /// Allocates a general public address for a private address, for which
    /// [`Store::check_public_ip_quota`] has succeeded.
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

    /// Fails if no more general public addresses are given in a region on the day of `now`.
    pub fn check_public_ip_quota(&self, region: Region, now: LocalTime) -> Result<(), Error> {
        let today = self.public_ips_today(region, now);
        let of = QuotaScope::Region(region);
        check_quota(of, today, 1, &PUBLIC_IPS_TODAY, PUBLIC_IPS_A_DAY_MAX)?;
        if self.public_pool.available() == 0 {
            return Err(AddressError::PublicExhausted.into());
        }
        Ok(())
    }

    /// Begins a task that changes EIPs; with no change to see, one that only takes its time.
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

    /// An id that no task has.
    ///
    /// There are 900,000,000 IDs and at most [`TASKS_MAX`] tasks, so the first is nearly always free,
    /// and one more try than there are tasks is enough.
    ///
    /// # Panics
    ///
    /// If so many IDs in a row are in use, which a chance of one in 900,000 for each rules out.
    pub fn new_task_id(&mut self) -> TaskId {
        let mut candidates = (0..=self.tasks.len()).map(|_| self.ids.next_task());
        let is_free = |id: &TaskId| !self.tasks.contains_key(id);
        candidates.find(is_free).expect("there are fewer tasks than IDs")
    }

    /// Adds a task with an id that none has. The oldest one is forgotten if there are too many.
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

    /// The task `id`.
    pub fn task(&self, id: TaskId) -> Result<&Task, Error> {
        self.tasks.get(&id).ok_or_else(|| AddressError::TaskNotFound(id).into())
    }

    pub(in crate::ecm) fn finish_task(&mut self, id: TaskId) {
        let task = self.tasks.get_mut(&id).expect("the task is remembered");
        let (left, addresses) = (task.left.take(), task.addresses.clone());
        self.forget_due(left, Changing::Task(id));
        for address in addresses {
            // The EIP may have been released, or have a newer task.
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
