//! Elastic IPs (EIPs). What takes a while answers with the id of a task.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::{
    ecm::{
        Error, Store,
        error::Subject,
        families::instance::InstanceState,
        families::parts::{
            Address, EcmRegion, Empty, MaybeBlank, at_most, flag, given, page, short, tags,
        },
        ids::{AddressId, InstanceId, NetworkInterfaceId, TaskId},
        model::{Kept, LocalTime, Tag, UtcTime},
        query::{Filter, FilterSet, IDS_MAX, Order, Query, any_of, select},
        zones::{Isp, Region},
    },
    protocol::{Action, Context},
};

use super::{
    ADDRESS_NAME_CHARS_MAX, Address as Eip, AddressChange, AddressStatus, AddressView, Target,
    error::{AddressError, NamedTarget},
};

/// Applies for EIPs, and binds one if there is something to bind it to.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct AllocateAddresses {
    ecm_region: EcmRegion,
    address_count: Option<u64>,
    internet_service_provider: Option<MaybeBlank<Isp>>,
    internet_max_bandwidth_out: Option<u64>,
    tags: Option<Vec<Tag>>,
    instance_id: Option<MaybeBlank<InstanceId>>,
    network_interface_id: Option<MaybeBlank<NetworkInterfaceId>>,
    private_ip_address: Option<MaybeBlank<Address>>,
}

/// Response of [`AllocateAddresses`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::ecm::families) struct AllocateAddressesOutput {
    address_set: Vec<AddressId>,
    task_id: TaskId,
}

impl Action for AllocateAddresses {
    type Product = Store;
    type Output = AllocateAddressesOutput;

    fn is_long(&self) -> bool {
        self.address_count.is_some_and(|count| count > IDS_MAX as u64)
    }

    fn run(self, store: &mut Store, cx: &Context) -> Result<AllocateAddressesOutput, Error> {
        let region = self.ecm_region.known()?;
        let count = self.address_count.unwrap_or(1);
        let isp = isp_of(region, given(self.internet_service_provider))?;
        let bandwidth_mbps = bandwidth(self.internet_max_bandwidth_out.unwrap_or(1))?;
        // Assumed: nothing shows them, so they are not kept.
        tags(self.tags.unwrap_or_default())?;
        let wanted =
            Wanted::named(self.instance_id, self.network_interface_id, self.private_ip_address)?;
        if count == 0 {
            let reason = "must be at least 1".to_owned();
            return Err(Error::Value { parameter: "AddressCount", reason });
        }
        if wanted.is_some() && count > 1 {
            return Err(AddressError::AddressCount(count).into());
        }
        let target = wanted.map(|it| it.find(store, region)).transpose()?;
        let now = LocalTime::new(cx.now);
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        store.check_address_quota(region, count, now)?;

        store.count_application(region, count, now);
        let mut ids = Vec::new();
        for _ in 0..count {
            let (id, ip) = (store.new_id(), store.take_public_ip()?);
            ids.push(id);
            store.insert_address(Eip {
                id,
                name: String::new(),
                ip,
                region,
                isp,
                bandwidth_mbps,
                is_direct: false,
                is_blocked: false,
                target: None,
                created_time: UtcTime::new(cx.now),
                pending: None,
                kept: Kept::new(Eip::KEPT),
            });
        }
        if let (Some((interface, ip)), [id]) = (target, &*ids) {
            store.link_address(*id, Target::PrivateIp(interface, ip));
        }
        let task_id = store.begin_task(ids.clone(), Some(AddressChange::Creating), cx.now);
        Ok(AllocateAddressesOutput { address_set: ids, task_id })
    }
}

/// Assumed: without a provider, the first of the region.
fn isp_of(region: Region, wanted: Option<Isp>) -> Result<Isp, Error> {
    let isps = region.isps();
    match wanted {
        Some(isp) if !isps.contains(&isp) => {
            let reason = format!("{} does not serve region `{region}`", isp.as_str());
            Err(Error::Value { parameter: "InternetServiceProvider", reason })
        }
        Some(isp) => Ok(isp),
        None => Ok(isps.first().copied().unwrap_or(Isp::Ctcc)),
    }
}

/// In Mbps.
fn bandwidth(mbps: u64) -> Result<u64, Error> {
    if (1..=5000).contains(&mbps) { Ok(mbps) } else { Err(AddressError::Bandwidth(mbps).into()) }
}

/// To what a call would bind an EIP.
enum Wanted {
    /// The primary private address of the primary interface of an instance.
    Instance(InstanceId),
    /// A private address of an interface.
    PrivateIp(NetworkInterfaceId, Ipv4Addr),
}

impl Wanted {
    /// What the parameters of a call say, if they say anything.
    fn named(
        instance: Option<MaybeBlank<InstanceId>>,
        interface: Option<MaybeBlank<NetworkInterfaceId>>,
        ip: Option<MaybeBlank<Address>>,
    ) -> Result<Option<Self>, Error> {
        match (given(instance), given(interface), given(ip)) {
            (None, None, None) => Ok(None),
            (Some(_), Some(_), _) => Err(AddressError::TwoTargets.into()),
            (_, None, Some(_)) => {
                let reason = "needs NetworkInterfaceId".to_owned();
                Err(Error::Value { parameter: "PrivateIpAddress", reason })
            }
            (None, Some(_), None) => Err(AddressError::MissingPrivateIp.into()),
            (None, Some(interface), Some(Address(ip))) => Ok(Some(Self::PrivateIp(interface, ip))),
            (Some(instance), None, None) => Ok(Some(Self::Instance(instance))),
        }
    }

    /// The private address that it is, to which an EIP can be bound.
    fn find(&self, store: &Store, region: Region) -> Result<(NetworkInterfaceId, Ipv4Addr), Error> {
        match *self {
            Self::Instance(instance) => primary_of(store, region, instance),
            Self::PrivateIp(interface, ip) => {
                store.find(interface, Some(region))?;
                store.check_bindable(interface, ip, NamedTarget::PrivateIp(ip))?;
                Ok((interface, ip))
            }
        }
    }
}

fn primary_of(
    store: &Store,
    region: Region,
    id: InstanceId,
) -> Result<(NetworkInterfaceId, Ipv4Addr), Error> {
    let instance = store.find(id, Some(region))?;
    if !matches!(instance.state, InstanceState::Running | InstanceState::Stopped) {
        return Err(Error::State { resource: Subject::of(id), state: instance.state.as_str() });
    }
    let interface =
        store.primary_interface(instance).ok_or(AddressError::NoPrimaryInterface(id))?;
    let ip = interface.primary_address().ok_or(AddressError::NoPrimaryInterface(id))?.address;
    store.check_bindable(interface.id, ip, NamedTarget::Instance(id))?;
    Ok((interface.id, ip))
}

/// Response of the actions that start a task.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::ecm::families) struct TaskStarted {
    task_id: TaskId,
}

/// Ids that a call names, each once.
fn ids(mut ids: Vec<AddressId>) -> Result<Vec<AddressId>, Error> {
    if ids.is_empty() {
        return Err(Error::Empty("AddressIds"));
    }
    at_most("AddressIds", ids.len(), IDS_MAX)?;
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// Gives EIPs back that are bound to nothing.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct ReleaseAddresses {
    ecm_region: EcmRegion,
    address_ids: Vec<AddressId>,
}

impl Action for ReleaseAddresses {
    type Product = Store;
    type Output = TaskStarted;

    fn run(self, store: &mut Store, cx: &Context) -> Result<TaskStarted, Error> {
        let region = self.ecm_region.known()?;
        let ids = ids(self.address_ids)?;
        for id in &ids {
            let address = store.find(*id, Some(region))?;
            store.check_status(address, &[AddressStatus::Unbind])?;
        }
        Ok(TaskStarted { task_id: store.begin_task(ids, Some(AddressChange::Offlining), cx.now) })
    }
}

/// Lists EIPs of a region.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct DescribeAddresses {
    ecm_region: EcmRegion,
    address_ids: Option<Vec<AddressId>>,
    filters: Option<Vec<Filter>>,
    offset: Option<u64>,
    limit: Option<u64>,
}

/// Response of [`DescribeAddresses`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::ecm::families) struct DescribeAddressesOutput {
    total_count: usize,
    address_set: Vec<AddressView>,
}

const FILTERS: FilterSet<Eip> = FilterSet {
    ids: "AddressIds",
    id_filter: "address-id",
    rules: &[
        any_of("address-id", |it, text, _, _| it.id == *text),
        any_of("address-name", |it, text, _, _| it.name == text),
        any_of("address-ip", |it, text, _, _| text.parse() == Ok(it.ip)),
        any_of("address-status", |it, text, _, store| store.address_status(it).as_str() == text),
        any_of("instance-id", |it, text, _, store| {
            store.target_of(it).0.is_some_and(|instance| instance == text)
        }),
        any_of("private-ip-address", |it, text, _, store| {
            store.target_of(it).2.is_some_and(|ip| text.parse() == Ok(ip))
        }),
        any_of("network-interface-id", |it, text, _, store| {
            store.target_of(it).1.is_some_and(|interface| interface == *text)
        }),
        any_of("address-type", |it, text, _, _| it.kept.text("AddressType") == text),
        any_of("is-arrears", |it, text, _, _| {
            let arrears = it.kept.get("IsArrears").and_then(serde_json::Value::as_bool);
            text.eq_ignore_ascii_case(if arrears == Some(true) { "true" } else { "false" })
        }),
    ],
};

impl Action for DescribeAddresses {
    type Product = Store;
    type Output = DescribeAddressesOutput;

    fn is_long(&self) -> bool {
        FILTERS.scans(self.filters.as_deref())
    }

    fn settle(output: &DescribeAddressesOutput, store: &mut Store) -> bool {
        store.see_addresses(output.address_set.iter().map(|it| it.address_id))
    }

    fn run(self, store: &mut Store, _: &Context) -> Result<DescribeAddressesOutput, Error> {
        let query = Query {
            ids: self.address_ids.unwrap_or_default(),
            filters: self.filters.unwrap_or_default(),
            region: Some(self.ecm_region.known()?),
            page: page(self.offset, self.limit)?,
            order: Order::Oldest,
        };
        let found = select(store, &FILTERS, &query, Store::view_address)?;
        Ok(DescribeAddressesOutput { total_count: found.total, address_set: found.views })
    }
}

/// Binds an EIP to a private address.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct AssociateAddress {
    ecm_region: EcmRegion,
    address_id: AddressId,
    instance_id: Option<MaybeBlank<InstanceId>>,
    network_interface_id: Option<MaybeBlank<NetworkInterfaceId>>,
    private_ip_address: Option<MaybeBlank<Address>>,
}

impl Action for AssociateAddress {
    type Product = Store;
    type Output = TaskStarted;

    fn run(self, store: &mut Store, cx: &Context) -> Result<TaskStarted, Error> {
        let region = self.ecm_region.known()?;
        let wanted =
            Wanted::named(self.instance_id, self.network_interface_id, self.private_ip_address)?;
        let wanted = wanted.ok_or(Error::MissingEntity("give InstanceId or NetworkInterfaceId"))?;
        let address = store.find(self.address_id, Some(region))?;
        store.check_status(address, &[AddressStatus::Unbind])?;
        let (interface, ip) = wanted.find(store, region)?;

        store.link_address(self.address_id, Target::PrivateIp(interface, ip));
        let task_id = store.begin_task(vec![self.address_id], Some(AddressChange::Binding), cx.now);
        Ok(TaskStarted { task_id })
    }
}

/// Parts an EIP from what it is bound to.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct DisassociateAddress {
    ecm_region: EcmRegion,
    address_id: AddressId,
    reallocate_normal_public_ip: Option<bool>,
}

impl Action for DisassociateAddress {
    type Product = Store;
    type Output = TaskStarted;

    fn run(self, store: &mut Store, cx: &Context) -> Result<TaskStarted, Error> {
        let region = self.ecm_region.known()?;
        let address = store.find(self.address_id, Some(region))?;
        store.check_status(address, &[AddressStatus::Bind, AddressStatus::BindEni])?;
        if address.is_blocked {
            return Err(AddressError::Blocked(address.id).into());
        }
        let now = LocalTime::new(cx.now);
        let reallocates = self.reallocate_normal_public_ip.unwrap_or_default();
        let primary = reallocates.then(|| primary_target(store, address)).transpose()?;
        if primary.is_some() {
            store.check_public_ip_quota(region, now)?;
        }

        let task_id = store.begin_unbinding(self.address_id, cx.now);
        if let Some((interface, ip)) = primary {
            store.give_public_ip(interface, ip, region, now)?;
        }
        Ok(TaskStarted { task_id })
    }
}

/// The primary address of a primary interface, if an EIP is bound to one.
fn primary_target(store: &Store, address: &Eip) -> Result<(NetworkInterfaceId, Ipv4Addr), Error> {
    let refused = || Error::Value {
        parameter: "ReallocateNormalPublicIp",
        reason: "the EIP is not bound to the primary private IP of a primary network interface"
            .to_owned(),
    };
    let Some(Target::PrivateIp(id, ip)) = address.target else { return Err(refused()) };
    let interface = store.find(id, None)?;
    let is_primary = interface.is_primary && interface.address(ip).is_some_and(|it| it.is_primary);
    if is_primary { Ok((id, ip)) } else { Err(refused()) }
}

/// Renames an EIP, or changes whether its instance sees the public address.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct ModifyAddressAttribute {
    ecm_region: EcmRegion,
    address_id: AddressId,
    address_name: Option<String>,
    eip_direct_connection: Option<String>,
}

impl Action for ModifyAddressAttribute {
    type Product = Store;
    type Output = Empty;

    fn run(self, store: &mut Store, _: &Context) -> Result<Empty, Error> {
        let region = self.ecm_region.known()?;
        let name = self.address_name;
        let name = name.map(|it| short("AddressName", it, ADDRESS_NAME_CHARS_MAX)).transpose()?;
        let is_direct = flag("EipDirectConnection", self.eip_direct_connection.as_deref())?;
        let address = store.find_mut(self.address_id, Some(region))?;
        address.name = name.unwrap_or(std::mem::take(&mut address.name));
        address.is_direct = is_direct.unwrap_or(address.is_direct);
        Ok(Empty {})
    }
}

/// Changes the bandwidth of EIPs.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct ModifyAddressesBandwidth {
    ecm_region: EcmRegion,
    address_ids: Vec<AddressId>,
    internet_max_bandwidth_out: u64,
}

impl Action for ModifyAddressesBandwidth {
    type Product = Store;
    type Output = TaskStarted;

    /// Assumed: the bandwidth is shown at once, whatever the task still does.
    fn run(self, store: &mut Store, cx: &Context) -> Result<TaskStarted, Error> {
        let region = self.ecm_region.known()?;
        let ids = ids(self.address_ids)?;
        let bandwidth_mbps = bandwidth(self.internet_max_bandwidth_out)?;
        for id in &ids {
            let address = store.find(*id, Some(region))?;
            let settled = [AddressStatus::Unbind, AddressStatus::Bind, AddressStatus::BindEni];
            store.check_status(address, &settled)?;
        }
        for id in &ids {
            store.find_mut(*id, Some(region))?.bandwidth_mbps = bandwidth_mbps;
        }
        Ok(TaskStarted { task_id: store.begin_task(ids, None, cx.now) })
    }
}
