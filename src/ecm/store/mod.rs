//! All state of the product in one account. No locks, no clock, no chance.

mod check;
mod settle;

pub(in crate::ecm) use settle::Changing;
pub use settle::{BadSettle, Settle};

use std::{net::IpAddr, sync::Arc};

use imbl::{OrdMap, OrdSet, Vector};

use crate::protocol::{ApiError, Product};

use super::{
    Error, documented,
    error::{Counted, Holder, Resource},
    families::{
        address::{self, Address, Applications, Task},
        ha_vip::HaVip,
        instance::Instance,
        network_interface::NetworkInterface,
        subnet::Subnet,
        vpc::Vpc,
    },
    ids::{
        AddressId, HaVipId, Id, IdSequence, InstanceId, NetworkInterfaceId, SubnetId, TaskId, VpcId,
    },
    pool::Pool,
    table::Table,
    zones::{Region, Zone},
};

/// Limits that a real account has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// VPCs in one region.
    pub vpcs_per_region: usize,
    /// Subnets in one VPC.
    pub subnets_per_vpc: usize,
    /// HAVIPs in one VPC.
    pub ha_vips_per_vpc: usize,
    /// Network interfaces in one VPC.
    pub network_interfaces_per_vpc: usize,
    /// EIPs in one region. Twice as many may be applied for in a day.
    pub addresses_per_region: usize,
}

impl Default for Quotas {
    /// Assumed: ECM publishes none of its own but for EIPs, so these are those of the vendor's VPC.
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

/// How an account behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settings {
    /// Its limits.
    pub quotas: Quotas,
    /// How changes of interfaces and EIPs settle.
    pub settle: Settle,
}

/// The product's state.
///
/// Invariants, which [`Store::check`] verifies: a subnet lies inside its VPC and overlaps no
/// sibling; every address of a pool that is not free belongs to exactly one interface, HAVIP or
/// instance; what has a link is linked back; every count is true.
///
/// To clone one costs the same however much is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    pub(in crate::ecm) vpcs: Table<VpcId, Vpc>,
    pub(in crate::ecm) subnets: Table<SubnetId, Subnet>,
    pub(in crate::ecm) network_interfaces: Table<NetworkInterfaceId, NetworkInterface>,
    pub(in crate::ecm) ha_vips: Table<HaVipId, HaVip>,
    pub(in crate::ecm) addresses: Table<AddressId, Address>,
    pub(in crate::ecm) instances: Table<InstanceId, Instance>,
    /// The subnet of each zone that instances get which name none.
    pub(in crate::ecm) default_subnets: OrdMap<Zone, SubnetId>,
    /// The subnet of each zone that the vendor made.
    pub(in crate::ecm) vendor_subnets: OrdMap<Zone, SubnetId>,
    /// Public addresses in use.
    pub(in crate::ecm) public_ips: OrdSet<IpAddr>,
    /// Public addresses that ecmock gives out.
    pub(in crate::ecm) public_pool: Arc<Pool>,
    pub(in crate::ecm) tasks: OrdMap<TaskId, Task>,
    /// The tasks, the oldest first.
    pub(in crate::ecm) task_queue: Vector<TaskId>,
    /// What settles when.
    pub(in crate::ecm) due: settle::Due,
    pub(in crate::ecm) applications: OrdMap<Region, Applications>,
    pub(in crate::ecm) settings: Settings,
    pub(in crate::ecm) ids: IdSequence,
}

impl Store {
    /// An empty store.
    pub fn new(settings: Settings, ids: IdSequence) -> Self {
        Self {
            vpcs: Table::default(),
            subnets: Table::default(),
            network_interfaces: Table::default(),
            ha_vips: Table::default(),
            addresses: Table::default(),
            instances: Table::default(),
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
        }
    }

    /// The same state with other ids to come: what another account begins with.
    #[must_use]
    pub fn with_ids(&self, ids: IdSequence) -> Self {
        Self { ids, ..self.clone() }
    }

    /// The ids to come.
    pub const fn ids(&self) -> &IdSequence {
        &self.ids
    }

    /// How the account behaves.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// All VPCs.
    pub const fn vpcs(&self) -> &Table<VpcId, Vpc> {
        &self.vpcs
    }

    /// All subnets.
    pub const fn subnets(&self) -> &Table<SubnetId, Subnet> {
        &self.subnets
    }

    /// All network interfaces.
    pub const fn network_interfaces(&self) -> &Table<NetworkInterfaceId, NetworkInterface> {
        &self.network_interfaces
    }

    /// All HAVIPs.
    pub const fn ha_vips(&self) -> &Table<HaVipId, HaVip> {
        &self.ha_vips
    }

    /// All EIPs.
    pub const fn addresses(&self) -> &Table<AddressId, Address> {
        &self.addresses
    }

    /// All instances.
    pub const fn instances(&self) -> &Table<InstanceId, Instance> {
        &self.instances
    }

    /// How many tasks are remembered.
    pub fn task_count(&self) -> usize {
        self.tasks.len()
    }

    /// The tasks that are remembered, the oldest first.
    pub fn tasks(&self) -> impl Iterator<Item = (TaskId, &Task)> {
        self.task_queue.iter().filter_map(|id| Some((*id, self.tasks.get(id)?)))
    }

    /// The task at an index of [`Store::tasks`].
    pub fn task_at(&self, index: usize) -> Option<(TaskId, &Task)> {
        let id = self.task_queue.get(index)?;
        Some((*id, self.tasks.get(id)?))
    }

    /// The subnet of each zone that instances get which name none.
    pub fn default_subnets(&self) -> impl Iterator<Item = (Zone, SubnetId)> {
        self.default_subnets.iter().map(|(zone, id)| (*zone, *id))
    }

    /// How many resources there are of each kind.
    pub fn counts(&self) -> [(usize, &'static str); 6] {
        [
            (self.vpcs.len(), "VPC"),
            (self.subnets.len(), "subnet"),
            (self.network_interfaces.len(), "network interface"),
            (self.ha_vips.len(), "HAVIP"),
            (self.addresses.len(), "EIP"),
            (self.instances.len(), "instance"),
        ]
    }

    /// The VPC `id`, which must be in `region` if one is given.
    pub fn vpc(&self, id: VpcId, region: Option<Region>) -> Result<&Vpc, Error> {
        find(&self.vpcs, id, region, Resource::Vpc)
    }

    /// The subnet `id`, which must be in `region` if one is given.
    pub fn subnet(&self, id: SubnetId, region: Option<Region>) -> Result<&Subnet, Error> {
        find(&self.subnets, id, region, Resource::Subnet)
    }

    /// The subnet `id` of the VPC `vpc`.
    pub fn subnet_of(&self, vpc: VpcId, id: SubnetId) -> Result<&Subnet, Error> {
        let subnet = self.subnet(id, None)?;
        if subnet.vpc_id == vpc {
            Ok(subnet)
        } else {
            Err(Error::SubnetNotInVpc { subnet: id, vpc })
        }
    }

    /// The network interface `id`, which must be in `region` if one is given.
    pub fn network_interface(
        &self,
        id: NetworkInterfaceId,
        region: Option<Region>,
    ) -> Result<&NetworkInterface, Error> {
        find(&self.network_interfaces, id, region, Resource::NetworkInterface)
    }

    /// The HAVIP `id`.
    pub fn ha_vip(&self, id: HaVipId) -> Result<&HaVip, Error> {
        find(&self.ha_vips, id, None, Resource::HaVip)
    }

    /// The EIP `id`, which must be in `region` if one is given.
    pub fn address(&self, id: AddressId, region: Option<Region>) -> Result<&Address, Error> {
        find(&self.addresses, id, region, Resource::Address)
    }

    /// The instance `id`, which must be in `region` if one is given.
    pub fn instance(&self, id: InstanceId, region: Option<Region>) -> Result<&Instance, Error> {
        find(&self.instances, id, region, Resource::Instance)
    }

    /// An id that no VPC has.
    pub fn new_vpc_id(&mut self) -> VpcId {
        new_id(&mut self.ids, &self.vpcs)
    }

    /// An id that no subnet has.
    pub fn new_subnet_id(&mut self) -> SubnetId {
        new_id(&mut self.ids, &self.subnets)
    }

    /// An id that no network interface has.
    pub fn new_network_interface_id(&mut self) -> NetworkInterfaceId {
        new_id(&mut self.ids, &self.network_interfaces)
    }

    /// An id that no HAVIP has.
    pub fn new_ha_vip_id(&mut self) -> HaVipId {
        new_id(&mut self.ids, &self.ha_vips)
    }

    /// An id that no EIP has.
    pub fn new_address_id(&mut self) -> AddressId {
        new_id(&mut self.ids, &self.addresses)
    }
}

fn find<K: Ord + Copy, V: Clone>(
    table: &Table<K, V>,
    id: K,
    region: Option<Region>,
    resource: fn(K) -> Resource,
) -> Result<&V, Error> {
    let found = table.get(id).ok_or(Error::NotFound(resource(id)))?;
    match region {
        Some(region) if table.region(id) != Some(region) => {
            Err(Error::Elsewhere { resource: resource(id), region })
        }
        _ => Ok(found),
    }
}

pub(in crate::ecm) fn find_mut<K: Ord + Copy, V: Clone>(
    table: &mut Table<K, V>,
    id: K,
    region: Option<Region>,
    resource: fn(K) -> Resource,
) -> Result<&mut V, Error> {
    find(table, id, region, resource)?;
    table.get_mut(id).ok_or(Error::NotFound(resource(id)))
}

/// An id that no resource in `table` has, for which [`check_capacity`] made sure there is room.
///
/// The IDs of one lap differ, so one more of them than there are resources includes a free one. IDs
/// in use are skipped once a lap: a call costs the same on average, however many there are.
fn new_id<K: Id, V: Clone>(ids: &mut IdSequence, table: &Table<K, V>) -> K {
    let mut candidates = (0..=table.len()).map(|_| K::new(ids.next_tail()));
    candidates.find(|id| !table.contains(*id)).expect("the table has fewer resources than IDs")
}

/// Fails if an account has no IDs for `more` resources of one kind.
///
/// Assumed: an account with millions of resources is over its quota, whatever that is.
pub(in crate::ecm) fn check_capacity<K: Id, V: Clone>(
    ids: &IdSequence,
    table: &Table<K, V>,
    more: usize,
    what: Counted,
) -> Result<(), Error> {
    check_quota(Holder::Account, table.len(), more, what, ids.capacity())
}

/// Fails if `more` than `count` would be too many.
pub(in crate::ecm) fn check_quota(
    of: Holder,
    count: usize,
    more: usize,
    what: Counted,
    quota: usize,
) -> Result<(), Error> {
    if count.saturating_add(more) <= quota {
        Ok(())
    } else {
        Err(Error::Quota { of, count, more, what, quota })
    }
}

impl Product for Store {
    type Error = Error;

    fn malformed(parameter: String, reason: String) -> Error {
        Error::Malformed { parameter, reason }
    }

    fn refuse(error: &Error, action: &str) -> ApiError {
        error.on_the_wire(documented::codes_of(action))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ecm::CATALOG,
        protocol::{Context, Tree, input::Encoding, params::Params},
    };
    use chrono::DateTime;
    use serde_json::{Value, json};

    /// Answer of a call that creates or deletes something.
    fn call(store: &mut Store, action: &str, params: &Value) -> Result<Value, &'static str> {
        let params = Tree::from_json(params.to_string().as_bytes()).unwrap();
        let params = Params::new(params, Encoding::Json);
        let call = CATALOG.find(action).unwrap().decode(&params).unwrap();
        let output = call.run(store, &Context { now: DateTime::UNIX_EPOCH });
        output
            .map(|output| serde_json::from_slice(&output.body("")).unwrap())
            .map_err(|error| error.code.as_str())
    }

    #[test]
    fn an_account_without_free_ids_refuses_what_it_has_no_id_for() {
        const IDS: usize = 40;
        let max = usize::MAX;
        let quotas = Quotas {
            vpcs_per_region: max,
            subnets_per_vpc: max,
            ha_vips_per_vpc: max,
            network_interfaces_per_vpc: max,
            addresses_per_region: max,
        };
        let ids = IdSequence::new(7, 1).with_capacity(IDS as u64);
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
        let one = store.ha_vips.iter().next().unwrap().id;
        call(&mut store, "DeleteHaVip", &json!({"HaVipId": one})).unwrap();
        let made = call(&mut store, "CreateHaVip", &ha_vip).unwrap();
        assert_eq!(made["Response"]["HaVip"]["HaVipId"], one.to_string());
    }
}
