//! The product's state in one account, without locks, clocks, or randomness.

mod check;
mod created;
mod settle;
mod visibility;

pub use created::{AnyId, Created};
pub(in crate::ecm) use settle::Changing;
pub use settle::{InvalidSettle, Settle};

use std::{net::IpAddr, sync::Arc};

use imbl::{OrdMap, OrdSet, Vector};

use crate::protocol::{ApiError, Code, Context, Product};

use super::{
    Error,
    error::{QuotaKind, QuotaScope, Subject},
    families::{
        address::{self, Applications, Task},
        subnet::Subnet,
    },
    ids::{IdSequence, SubnetId, TaskId, VpcId},
    kinds::{KINDS, Resource, ResourceId, Tables},
    pool::Pool,
    table::Table,
    zones::{Region, Zone},
};

/// Maximum numbers of resources in an account.
///
/// ```
/// let quotas = ecmock::Quotas::default().with_ha_vips_per_vpc(2);
/// assert_eq!(quotas.ha_vips_per_vpc, 2);
/// assert_eq!(quotas.vpcs_per_region, 20);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quotas {
    /// VPCs in one region.
    pub vpcs_per_region: usize,
    /// Subnets in one VPC.
    pub subnets_per_vpc: usize,
    /// HAVIPs in one VPC.
    pub ha_vips_per_vpc: usize,
    /// Network interfaces in one VPC.
    pub network_interfaces_per_vpc: usize,
    /// EIPs in one region. Twice as many can be allocated in a day.
    pub addresses_per_region: usize,
}

impl Quotas {
    /// Sets the number of VPCs in one region.
    #[must_use]
    pub const fn with_vpcs_per_region(self, number: usize) -> Self {
        Self { vpcs_per_region: number, ..self }
    }

    /// Sets the number of subnets in one VPC.
    #[must_use]
    pub const fn with_subnets_per_vpc(self, number: usize) -> Self {
        Self { subnets_per_vpc: number, ..self }
    }

    /// Sets the number of HAVIPs in one VPC.
    #[must_use]
    pub const fn with_ha_vips_per_vpc(self, number: usize) -> Self {
        Self { ha_vips_per_vpc: number, ..self }
    }

    /// Sets the number of network interfaces in one VPC.
    #[must_use]
    pub const fn with_network_interfaces_per_vpc(self, number: usize) -> Self {
        Self { network_interfaces_per_vpc: number, ..self }
    }

    /// Sets the number of EIPs in one region. Twice as many can be allocated in a day.
    #[must_use]
    pub const fn with_addresses_per_region(self, number: usize) -> Self {
        Self { addresses_per_region: number, ..self }
    }
}

impl Default for Quotas {
    /// Assumed (vpc.quota, subnet.quota, havip.quota, eni.quota): the quotas are those of the vendor's
    /// VPC. ECM publishes only the quota of EIPs.
    fn default() -> Self {
        Self {
            vpcs_per_region: 20,
            subnets_per_vpc: 100,
            ha_vips_per_vpc: 10,
            network_interfaces_per_vpc: 1000,
            addresses_per_region: 20,
        }
    }
}

/// Settings of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settings {
    /// Maximum numbers of resources.
    pub quotas: Quotas,
    /// Delay until changes of interfaces and EIPs settle.
    pub settle: Settle,
    /// Delay until Describe calls show the resources that calls create.
    pub visible_after: Settle,
}

/// The product's state.
///
/// Invariants, which [`Store::check`] verifies:
///
/// - a subnet is within its VPC and does not overlap its siblings;
/// - every address in use belongs to exactly one interface, HAVIP, or instance;
/// - every link has a matching link back;
/// - every stored count is exact.
///
/// Cloning takes constant time. Only this module and the `rules` of the families change the fields;
/// actions call the methods in `rules`.
#[derive(Debug, Clone, PartialEq)]
pub struct Store {
    pub(in crate::ecm) tables: Tables,
    /// Default subnet of each zone.
    pub(in crate::ecm) default_subnets: OrdMap<Zone, SubnetId>,
    /// Vendor-created subnet of each zone.
    pub(in crate::ecm) vendor_subnets: OrdMap<Zone, SubnetId>,
    /// Public addresses in use.
    pub(in crate::ecm) public_ips: OrdSet<IpAddr>,
    /// Public addresses that ecmock allocates from.
    pub(in crate::ecm) public_pool: Arc<Pool>,
    pub(in crate::ecm) tasks: OrdMap<TaskId, Task>,
    /// IDs of the tasks, the oldest first.
    pub(in crate::ecm) task_queue: Vector<TaskId>,
    /// Pending changes that settle at a time.
    pub(in crate::ecm) due: settle::Due,
    pub(in crate::ecm) applications: OrdMap<Region, Applications>,
    pub(in crate::ecm) settings: Settings,
    pub(in crate::ecm) ids: IdSequence,
    /// Call that runs.
    call: Option<Context>,
    /// Resources that this call has created so far.
    created: Created,
}

impl Store {
    /// Creates an empty store.
    pub fn new(settings: Settings, ids: IdSequence) -> Self {
        Self {
            tables: Tables::default(),
            default_subnets: OrdMap::new(),
            vendor_subnets: OrdMap::new(),
            public_ips: OrdSet::new(),
            public_pool: Arc::new(Pool::new(address::PUBLIC)),
            tasks: OrdMap::new(),
            task_queue: Vector::new(),
            due: settle::Due::new(),
            applications: OrdMap::new(),
            settings,
            ids,
            call: None,
            created: Created::default(),
        }
    }

    /// Returns the same state with another ID sequence, as the initial state of another account.
    #[must_use]
    pub fn with_ids(&self, ids: IdSequence) -> Self {
        Self { ids, ..self.clone() }
    }

    /// Returns the same state with other settings, which apply to later calls.
    #[must_use]
    pub fn with_settings(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// Returns the sequence of IDs to allocate next.
    pub const fn ids(&self) -> &IdSequence {
        &self.ids
    }

    /// Returns the settings of the account.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns the number of tasks in the store.
    pub fn task_count(&self) -> usize {
        self.tasks.len()
    }

    /// Returns the tasks in the store, the oldest first.
    pub fn tasks(&self) -> impl Iterator<Item = (TaskId, &Task)> {
        self.task_queue.iter().map(|id| (*id, self.remembered(*id)))
    }

    /// Returns the task at an index of [`Store::tasks`].
    pub fn task_at(&self, index: usize) -> Option<(TaskId, &Task)> {
        self.task_queue.get(index).map(|id| (*id, self.remembered(*id)))
    }

    fn remembered(&self, id: TaskId) -> &Task {
        self.tasks.get(&id).expect("a queued task exists")
    }

    /// Returns the default subnet of each zone.
    pub fn default_subnets(&self) -> impl Iterator<Item = (Zone, SubnetId)> {
        self.default_subnets.iter().map(|(zone, id)| (*zone, *id))
    }

    /// Returns the number of resources of each kind, with the kind's noun. Kinds that only fixtures
    /// create come last.
    pub fn counts(&self) -> [(usize, &'static str); KINDS.len()] {
        let mut kinds = KINDS;
        kinds.sort_by_key(|kind| !kind.is_creatable);
        kinds.map(|kind| ((kind.len)(self), kind.noun))
    }

    /// Returns the resources of a kind.
    pub fn table<R: Resource>(&self) -> &Table<R::Id, R> {
        R::table(&self.tables)
    }

    /// Returns the resource `id`, if it exists.
    pub fn get<I: ResourceId>(&self, id: I) -> Option<&I::Resource> {
        self.table::<I::Resource>().get(id)
    }

    /// Returns the resource `id`, which must exist: a check has found it, or another resource links
    /// to it.
    ///
    /// # Panics
    ///
    /// Panics if the resource does not exist, which breaks an invariant.
    #[track_caller]
    pub(in crate::ecm) fn existing<I: ResourceId>(&self, id: I) -> &I::Resource {
        match self.get(id) {
            Some(resource) => resource,
            None => panic!("{} must exist", Subject::of(id)),
        }
    }

    /// Returns the resource `id` mutably, like [`Store::existing`].
    #[track_caller]
    pub(in crate::ecm) fn existing_mut<I: ResourceId>(&mut self, id: I) -> &mut I::Resource {
        match self.get_mut(id) {
            Some(resource) => resource,
            None => panic!("{} must exist", Subject::of(id)),
        }
    }

    /// Removes the resource `id` from its table. It must exist, as for [`Store::existing`].
    #[track_caller]
    pub(in crate::ecm) fn remove_existing<I: ResourceId>(&mut self, id: I) -> I::Resource {
        let left = self.table::<I::Resource>().hidden_until(id);
        self.forget_due(left, Changing::Visibility(id.into()));
        match I::Resource::table_mut(&mut self.tables).remove(id) {
            Some(resource) => resource,
            None => panic!("{} must exist", Subject::of(id)),
        }
    }

    /// Returns the resource `id` mutably, if it exists.
    pub(in crate::ecm) fn get_mut<I: ResourceId>(&mut self, id: I) -> Option<&mut I::Resource> {
        I::Resource::table_mut(&mut self.tables).get_mut(id)
    }

    /// Returns the region of the resource `id`, if it exists.
    pub fn region_of<I: ResourceId>(&self, id: I) -> Option<Region> {
        self.table::<I::Resource>().region(id)
    }

    /// Returns the resource `id`, which must be in `region` if a region is given.
    ///
    /// # Errors
    /// Fails if the resource does not exist or is in another region.
    pub fn find<I: ResourceId>(
        &self,
        id: I,
        region: Option<Region>,
    ) -> Result<&I::Resource, Error> {
        let table = self.table::<I::Resource>();
        let row = table.row(id).ok_or_else(|| Error::NotFound(Subject::of(id)))?;
        match region {
            Some(region) if row.region != region => {
                Err(Error::Elsewhere { resource: Subject::of(id), region })
            }
            _ => Ok(&row.value),
        }
    }

    /// Returns the resource `id` mutably, like [`Store::find`].
    pub(crate) fn find_mut<I: ResourceId>(
        &mut self,
        id: I,
        region: Option<Region>,
    ) -> Result<&mut I::Resource, Error> {
        if region.is_some() {
            self.find(id, region)?;
        }
        self.get_mut(id).ok_or_else(|| Error::NotFound(Subject::of(id)))
    }

    /// Returns an unused ID. [`Store::check_capacity`] must have succeeded.
    ///
    /// The IDs of one lap are distinct, so `n + 1` of them include an unused one if there are `n`
    /// resources. Each ID in use is skipped once a lap, so the average cost of a call is constant.
    pub(in crate::ecm) fn new_id<I: ResourceId>(&mut self) -> I {
        let table = I::Resource::table(&self.tables);
        let mut candidates = (0..=table.len()).map(|_| I::new(self.ids.next_rank()));
        candidates.find(|id| !table.contains(*id)).expect("the table has fewer resources than IDs")
    }

    /// Fails if the account has no IDs left for `more` resources of a kind.
    ///
    /// Assumed (account.capacity-code): an account with millions of resources is over its quota,
    /// whatever the quota is.
    pub(in crate::ecm) fn check_capacity<R: Resource>(
        &self,
        more: usize,
        what: &'static QuotaKind,
    ) -> Result<(), Error> {
        let count = self.table::<R>().len();
        check_quota(|| QuotaScope::Account, count, more, what, self.ids.capacity())
    }

    /// Returns the subnet `id`, which must be in the VPC `vpc`.
    pub fn subnet_of(&self, vpc: VpcId, id: SubnetId) -> Result<&Subnet, Error> {
        let subnet = self.find(id, None)?;
        if subnet.vpc_id == vpc {
            Ok(subnet)
        } else {
            Err(Error::SubnetNotInVpc { subnet: id, vpc })
        }
    }
}

/// Fails if `count` plus `more` exceeds a quota. The error names the scope, `of`.
pub(in crate::ecm) fn check_quota(
    of: impl FnOnce() -> QuotaScope,
    count: usize,
    more: usize,
    what: &'static QuotaKind,
    quota: usize,
) -> Result<(), Error> {
    if count.saturating_add(more) <= quota {
        Ok(())
    } else {
        Err(Error::Quota { of: of(), count, more, what, quota })
    }
}

impl Product for Store {
    type Error = Error;

    fn malformed(parameter: String, reason: String) -> Error {
        Error::Malformed { parameter, reason }
    }

    fn refuse(error: &Error, documented: &[Code]) -> ApiError {
        error.on_the_wire(documented)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ecm::CATALOG,
        protocol::{Tree, decode::Encoding, params::Params},
    };
    use chrono::DateTime;
    use serde_json::{Value, json};

    /// Runs an action. Returns its response or the error code.
    fn call(store: &mut Store, action: &str, params: &Value) -> Result<Value, &'static str> {
        let json = params.to_string();
        let params = Tree::from_json(json.as_bytes()).unwrap();
        let params = Params::new(params, Encoding::Json);
        let call = CATALOG.find(action).unwrap().decode(&params).unwrap();
        let output =
            store.run(call, &Context { now: DateTime::UNIX_EPOCH, request_id: uuid::Uuid::nil() });
        output
            .map(|(output, _)| serde_json::from_slice(&output.body(uuid::Uuid::nil())).unwrap())
            .map_err(|error| error.code.as_str())
    }

    #[test]
    #[should_panic(expected = "VPC `vpc-00000001` must exist")]
    fn a_broken_invariant_panics() {
        let mut store = Store::new(Settings::default(), IdSequence::new(0));
        store.existing_mut("vpc-00000001".parse::<VpcId>().unwrap());
    }

    #[test]
    fn an_account_without_free_ids_rejects_new_resources() {
        const IDS: usize = 40;
        let max = usize::MAX;
        let quotas = Quotas {
            vpcs_per_region: max,
            subnets_per_vpc: max,
            ha_vips_per_vpc: max,
            network_interfaces_per_vpc: max,
            addresses_per_region: max,
        };
        let ids = IdSequence::new(1).with_capacity(IDS as u64);
        let mut store = Store::new(Settings { quotas, ..Settings::default() }, ids);
        let region = "ap-hangzhou-ecm";
        let vpc = json!({"VpcName": "v", "CidrBlock": "10.0.0.0/16", "EcmRegion": region});
        let made = call(&mut store, "CreateVpc", &vpc).unwrap();
        let vpc_id = &made["Response"]["Vpc"]["VpcId"];
        let subnet = |number: usize| {
            json!({"VpcId": vpc_id, "SubnetName": "s", "CidrBlock": format!("10.0.{number}.0/24"),
                "Zone": "ap-hangzhou-ecm-1", "EcmRegion": region})
        };
        let made = call(&mut store, "CreateSubnet", &subnet(200)).unwrap();
        let subnet_id = &made["Response"]["Subnet"]["SubnetId"];
        let ha_vip = json!({"VpcId": vpc_id, "SubnetId": subnet_id, "HaVipName": "h"});
        let interface = json!({"VpcId": vpc_id, "SubnetId": subnet_id, "EcmRegion": region,
            "NetworkInterfaceName": "i"});
        let address = json!({"EcmRegion": region});
        let params = |action: &str, number: usize| match action {
            "CreateVpc" => vpc.clone(),
            "CreateSubnet" => subnet(number),
            "CreateHaVip" => ha_vip.clone(),
            "CreateNetworkInterface" => interface.clone(),
            _ => address.clone(),
        };
        for (action, kind, code) in [
            ("CreateVpc", "VPC", "LimitExceeded"),
            ("CreateSubnet", "subnet", "LimitExceeded"),
            ("CreateHaVip", "HAVIP", "LimitExceeded"),
            ("CreateNetworkInterface", "network interface", "LimitExceeded.EniQuotaLimitExceeded"),
            ("AllocateAddresses", "EIP", "LimitExceeded.AddressQuotaLimitExceeded"),
        ] {
            let count = |store: &Store| store.counts().iter().find(|it| it.1 == kind).unwrap().0;
            while count(&store) < IDS {
                let params = params(action, count(&store));
                call(&mut store, action, &params).unwrap();
            }
            let before = store.clone();
            assert_eq!(call(&mut store, action, &params(action, IDS)), Err(code), "{action}");
            assert_eq!(store, before, "{action}");
        }
        let one = store.tables.ha_vips.iter().next().unwrap().id;
        call(&mut store, "DeleteHaVip", &json!({"HaVipId": one})).unwrap();
        let made = call(&mut store, "CreateHaVip", &ha_vip).unwrap();
        assert_eq!(made["Response"]["HaVip"]["HaVipId"], one.to_string());
    }
}
