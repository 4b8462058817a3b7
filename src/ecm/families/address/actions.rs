//! Elastic IPs (EIPs). Asynchronous actions return the ID of a task.

use std::net::Ipv4Addr;

use crate::{
    ecm::{
        Error, Store,
        api::{objects, requests, responses},
        error::Subject,
        families::{
            instance::InstanceState,
            parts::{at_most, flag, page, region, short, tags},
        },
        fields::{PrivateAddress, Str},
        ids::{AddressId, InstanceId, NetworkInterfaceId},
        model::{LocalTime, Passthrough, UtcTime},
        query::{Describe, Filter, FilterSet, IDS_MAX, Listed, Order, Query, Selected, any_of},
        zones::{Isp, Region},
    },
    protocol::{Action, Context, action::Entry, spelling},
};

use super::{
    ADDRESS_NAME_CHARS_MAX, Address as Eip, AddressChange, AddressStatus, Target,
    error::{AddressError, NamedTarget},
};

/// Actions on EIPs.
pub(in crate::ecm) const ACTIONS: &[Entry<Store>] = &[
    Entry::new::<requests::AllocateAddresses>(),
    Entry::new::<requests::ReleaseAddresses>(),
    Entry::new::<requests::DescribeAddresses>(),
    Entry::new::<requests::AssociateAddress>(),
    Entry::new::<requests::DisassociateAddress>(),
    Entry::new::<requests::ModifyAddressAttribute>(),
    Entry::new::<requests::ModifyAddressesBandwidth>(),
    Entry::new::<requests::DescribeAddressQuota>(),
    Entry::new::<requests::DescribeTaskResult>(),
];

/// Allocates EIPs, and binds the EIP if a binding target is given.
impl Action for requests::AllocateAddresses {
    type Product = Store;

    fn is_long(&self) -> bool {
        self.address_count.is_some_and(|count| count > IDS_MAX as u64)
    }

    fn run(
        self,
        store: &mut Store,
        cx: &Context,
    ) -> Result<responses::AllocateAddressesResponse, Error> {
        let region = region(self.ecm_region)?;
        let count = self.address_count.unwrap_or(1);
        let isp = isp_of(region, self.internet_service_provider)?;
        let bandwidth_mbps = bandwidth(self.internet_max_bandwidth_out.unwrap_or(1))?;
        // Assumed (eip.tags): tags are not stored, as no response shows them.
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
            let ip = store.take_public_ip().expect("the quota has room");
            let id = store.new_id();
            ids.push(id);
            store.insert_address(Eip {
                id,
                name: Str::default(),
                ip,
                region,
                isp,
                bandwidth_mbps,
                is_direct: false,
                is_blocked: false,
                target: None,
                created_time: UtcTime::new(cx.now),
                pending: None,
                passthrough: Passthrough::default(),
            });
        }
        if let (Some((interface, ip)), [id]) = (target, &*ids) {
            store.link_address(*id, Target::PrivateIp(interface, ip));
        }
        let task_id = store.begin_task(ids.clone(), Some(AddressChange::Creating), cx.now);
        Ok(responses::AllocateAddressesResponse { address_set: ids, task_id })
    }
}

/// Assumed (eip.provider): a call that names no provider gets the first one of the region.
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

/// Checks a bandwidth in Mbps.
fn bandwidth(mbps: u64) -> Result<u64, Error> {
    if (1..=5000).contains(&mbps) { Ok(mbps) } else { Err(AddressError::Bandwidth(mbps).into()) }
}

/// Binding target that a call names.
enum Wanted {
    /// The primary private IP of the primary interface of an instance.
    Instance(InstanceId),
    /// A private IP of an interface.
    PrivateIp(NetworkInterfaceId, Ipv4Addr),
}

impl Wanted {
    /// Returns the target that the parameters of a call name, if any.
    fn named(
        instance: Option<InstanceId>,
        interface: Option<NetworkInterfaceId>,
        ip: Option<PrivateAddress>,
    ) -> Result<Option<Self>, Error> {
        match (instance, interface, ip) {
            (None, None, None) => Ok(None),
            (Some(_), Some(_), _) => Err(AddressError::TwoTargets.into()),
            (_, None, Some(_)) => {
                let reason = "requires NetworkInterfaceId".to_owned();
                Err(Error::Value { parameter: "PrivateIpAddress", reason })
            }
            (None, Some(_), None) => Err(AddressError::MissingPrivateIp.into()),
            (None, Some(interface), Some(PrivateAddress(ip))) => {
                Ok(Some(Self::PrivateIp(interface, ip)))
            }
            (Some(instance), None, None) => Ok(Some(Self::Instance(instance))),
        }
    }

    /// Returns the private IP of the target. Fails if no EIP can be bound to it.
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

/// Checks the IDs of a call, and removes duplicates.
fn ids(mut ids: Vec<AddressId>) -> Result<Vec<AddressId>, Error> {
    if ids.is_empty() {
        return Err(Error::Empty("AddressIds"));
    }
    at_most("AddressIds", ids.len(), IDS_MAX)?;
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// Releases unbound EIPs.
impl Action for requests::ReleaseAddresses {
    type Product = Store;

    fn run(
        self,
        store: &mut Store,
        cx: &Context,
    ) -> Result<responses::ReleaseAddressesResponse, Error> {
        let region = region(self.ecm_region)?;
        let ids = ids(self.address_ids)?;
        for id in &ids {
            let address = store.find(*id, Some(region))?;
            store.check_status(address, &[AddressStatus::Unbind])?;
        }
        Ok(responses::ReleaseAddressesResponse {
            task_id: store.begin_task(ids, Some(AddressChange::Offlining), cx.now),
        })
    }
}

impl Listed for Eip {
    type View = objects::Address;

    const FILTERS: FilterSet<Self> = FilterSet {
        ids: "AddressIds",
        id_filter: "address-id",
        rules: &[
            any_of("address-id", |it, text, _, _| it.id == *text),
            any_of("address-name", |it, text, _, _| it.name == text),
            any_of("address-ip", |it, text, _, _| text.parse() == Ok(it.ip)),
            any_of("address-status", |it, text, _, store| {
                store.address_status(it).as_str() == text
            }),
            any_of("instance-id", |it, text, _, store| {
                store.target_of(it).0.is_some_and(|instance| instance == text)
            }),
            any_of("private-ip-address", |it, text, _, store| {
                store.target_of(it).2.is_some_and(|ip| text.parse() == Ok(ip))
            }),
            any_of("network-interface-id", |it, text, _, store| {
                store.target_of(it).1.is_some_and(|interface| interface == *text)
            }),
            // Assumed (describe.address-type): without this filter, EIPs of any type are listed.
            any_of("address-type", |it, text, _, _| {
                it.passthrough.with(|it| it.address_type.as_deref() == Some(text))
            }),
            any_of("is-arrears", |it, text, _, _| {
                let is_arrears = it.passthrough.with(|it| it.is_arrears);
                spelling::boolean_word(text) == Some(is_arrears)
            }),
        ],
    };

    fn view(&self, store: &Store) -> objects::Address {
        store.view_address(self)
    }
}

/// Lists the EIPs of a region.
impl Describe for requests::DescribeAddresses {
    type Resource = Eip;

    fn filters(&self) -> Option<&[Filter]> {
        self.filters.as_deref()
    }

    fn query(self) -> Result<Query<Eip>, Error> {
        Ok(Query {
            ids: self.address_ids.unwrap_or_default(),
            filters: self.filters.unwrap_or_default(),
            region: Some(region(self.ecm_region)?),
            page: page(self.offset, self.limit)?,
            order: Order::Oldest,
        })
    }

    fn response(found: Selected<objects::Address>) -> responses::DescribeAddressesResponse {
        responses::DescribeAddressesResponse {
            total_count: found.total(),
            address_set: found.views,
        }
    }

    fn settle(response: &responses::DescribeAddressesResponse, store: &mut Store) -> bool {
        store.see_addresses(response.address_set.iter().filter_map(|it| it.address_id.0))
    }
}

/// Binds an EIP to a private IP.
impl Action for requests::AssociateAddress {
    type Product = Store;

    fn run(
        self,
        store: &mut Store,
        cx: &Context,
    ) -> Result<responses::AssociateAddressResponse, Error> {
        let region = region(self.ecm_region)?;
        let wanted =
            Wanted::named(self.instance_id, self.network_interface_id, self.private_ip_address)?;
        let wanted =
            wanted.ok_or(Error::MissingEntity("InstanceId or NetworkInterfaceId is required"))?;
        let address = store.find(self.address_id, Some(region))?;
        store.check_status(address, &[AddressStatus::Unbind])?;
        let (interface, ip) = wanted.find(store, region)?;

        store.link_address(self.address_id, Target::PrivateIp(interface, ip));
        let task_id = store.begin_task(vec![self.address_id], Some(AddressChange::Binding), cx.now);
        Ok(responses::AssociateAddressResponse { task_id })
    }
}

/// Unbinds an EIP.
impl Action for requests::DisassociateAddress {
    type Product = Store;

    fn run(
        self,
        store: &mut Store,
        cx: &Context,
    ) -> Result<responses::DisassociateAddressResponse, Error> {
        let region = region(self.ecm_region)?;
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

        // Assumed (eip.havip-unbind): the target may be a HAVIP.
        let task_id = store.begin_unbinding(self.address_id, cx.now);
        if let Some((interface, ip)) = primary {
            store.give_public_ip(interface, ip, region, now);
        }
        Ok(responses::DisassociateAddressResponse { task_id })
    }
}

/// Returns the target of an EIP. Fails unless it is the primary private IP of a primary interface.
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

/// Updates an EIP's name, and whether the public address is visible inside the instance.
impl Action for requests::ModifyAddressAttribute {
    type Product = Store;

    fn run(
        self,
        store: &mut Store,
        _: &Context,
    ) -> Result<responses::ModifyAddressAttributeResponse, Error> {
        let region = region(self.ecm_region)?;
        let name = self.address_name;
        let name = name.map(|it| short("AddressName", it, ADDRESS_NAME_CHARS_MAX)).transpose()?;
        let is_direct = flag("EipDirectConnection", self.eip_direct_connection.as_deref())?;
        let address = store.find_mut(self.address_id, Some(region))?;
        address.name = name.unwrap_or(std::mem::take(&mut address.name));
        address.is_direct = is_direct.unwrap_or(address.is_direct);
        Ok(responses::ModifyAddressAttributeResponse {})
    }
}

/// Changes the bandwidth of EIPs.
impl Action for requests::ModifyAddressesBandwidth {
    type Product = Store;

    /// Assumed (eip.bandwidth): the bandwidth is shown immediately, even if the task is still running.
    fn run(
        self,
        store: &mut Store,
        cx: &Context,
    ) -> Result<responses::ModifyAddressesBandwidthResponse, Error> {
        let region = region(self.ecm_region)?;
        let ids = ids(self.address_ids)?;
        let bandwidth_mbps = bandwidth(self.internet_max_bandwidth_out)?;
        for id in &ids {
            let address = store.find(*id, Some(region))?;
            let settled = [AddressStatus::Unbind, AddressStatus::Bind, AddressStatus::BindEni];
            store.check_status(address, &settled)?;
        }
        for id in &ids {
            store.existing_mut(*id).bandwidth_mbps = bandwidth_mbps;
        }
        Ok(responses::ModifyAddressesBandwidthResponse {
            task_id: store.begin_task(ids, None, cx.now),
        })
    }
}
