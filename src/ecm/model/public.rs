//! EIPs with their tasks, and the instances that fixtures bring.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
    str::FromStr,
};

use serde::{Serialize, Serializer};

use crate::ecm::{
    api::objects,
    ids::{AddressId, HaVipId, InstanceId, NetworkInterfaceId, SubnetId, TaskId, VpcId},
    zones::{Isp, Region, Zone},
};

use super::{Left, LocalTime, Passthrough, Tag, UtcTime};

/// An elastic IP (EIP).
#[derive(Debug, Clone, PartialEq)]
pub struct Address {
    /// Key.
    pub id: AddressId,
    /// Display name.
    pub name: String,
    /// The public address.
    pub ip: IpAddr,
    /// Region that it lies in.
    pub region: Region,
    /// Provider of the public address.
    pub isp: Isp,
    /// Most that may go out, in Mbps.
    pub bandwidth_mbps: u64,
    /// Whether the instance sees the public address itself.
    pub is_direct: bool,
    /// Whether the vendor has blocked it, so that it cannot be unbound.
    pub is_blocked: bool,
    /// What it is bound to.
    pub target: Option<Target>,
    /// When it was made.
    pub created_time: UtcTime,
    /// What is changing, and the task that does it.
    pub pending: Option<(AddressChange, TaskId)>,
    /// Members that no action changes.
    pub passthrough: Passthrough<objects::Address>,
}

impl Address {}

/// What an EIP is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A private address of an interface.
    PrivateIp(NetworkInterfaceId, Ipv4Addr),
    /// A HAVIP.
    HaVip(HaVipId),
}

/// How an EIP changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressChange {
    /// It is being made.
    Creating,
    /// It is being bound to its target.
    Binding,
    /// It is being unbound from its target.
    Unbinding,
    /// It is being released.
    Offlining,
}

/// Something that an action began and that takes a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// EIPs that it changes.
    pub addresses: Vec<AddressId>,
    /// What is left of it; nothing once it is done.
    pub left: Option<Left>,
}

/// An instance, as a fixture brings it.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// Key.
    pub id: InstanceId,
    /// Display name.
    pub name: String,
    /// What it does.
    pub state: InstanceState,
    /// VPC that it lies in.
    pub vpc_id: VpcId,
    /// Subnet that it lies in.
    pub subnet_id: SubnetId,
    /// Zone of that subnet.
    pub zone: Zone,
    /// Processors, which limit what can be attached to it.
    pub vcpus: Option<u64>,
    /// Private addresses that it has itself, beside those of its interfaces.
    pub own_addresses: Vec<Ipv4Addr>,
    /// Tags.
    pub tags: Vec<Tag>,
    /// When it was made.
    pub created_time: LocalTime,
    /// Members that no action changes.
    pub passthrough: Passthrough<objects::Instance>,
    /// Interfaces that are attached to it, in the order of their numbers.
    pub(in crate::ecm) network_interfaces: Vec<NetworkInterfaceId>,
}

impl Instance {
    /// An instance that runs, and of which nothing is said.
    pub fn new(
        id: InstanceId,
        (vpc_id, subnet_id): (VpcId, SubnetId),
        zone: Zone,
        created_time: LocalTime,
    ) -> Self {
        Self {
            id,
            name: String::new(),
            state: InstanceState::Running,
            vpc_id,
            subnet_id,
            zone,
            vcpus: None,
            own_addresses: Vec::new(),
            tags: Vec::new(),
            created_time,
            passthrough: Passthrough::default(),
            network_interfaces: Vec::new(),
        }
    }

    /// The family of its type, such as `SN3ne`.
    pub fn has_family(&self, family: &str) -> bool {
        self.passthrough.with(|object| {
            let config = object.instance_type_config.as_ref();
            config.is_some_and(|it| it.instance_family_config.instance_family == family)
        })
    }
}

macro_rules! instance_states {
    ($($(#[$meta:meta])* $name:ident = $text:literal;)*) => {
        /// What an instance does.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum InstanceState { $($(#[$meta])* $name,)* }

        impl InstanceState {
            const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As the wire has it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

instance_states! {
    /// Being made.
    Pending = "PENDING";
    /// Could not be made.
    LaunchFailed = "LAUNCH_FAILED";
    /// Running.
    Running = "RUNNING";
    /// Stopped.
    Stopped = "STOPPED";
    /// Being started.
    Starting = "STARTING";
    /// Being stopped.
    Stopping = "STOPPING";
    /// Being started again.
    Rebooting = "REBOOTING";
    /// Stopped, and to be deleted.
    Shutdown = "SHUTDOWN";
    /// Being deleted.
    Terminating = "TERMINATING";
}

/// A text that is no state of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be PENDING, LAUNCH_FAILED, RUNNING, STOPPED, STARTING, STOPPING, REBOOTING, SHUTDOWN or TERMINATING"
)]
pub struct BadInstanceState;

impl FromStr for InstanceState {
    type Err = BadInstanceState;

    fn from_str(text: &str) -> Result<Self, BadInstanceState> {
        Self::ALL.iter().copied().find(|state| state.as_str() == text).ok_or(BadInstanceState)
    }
}

impl fmt::Display for InstanceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for InstanceState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
