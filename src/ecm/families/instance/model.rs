//! Instances as the store keeps them.

use std::{fmt, net::Ipv4Addr, str::FromStr};

use serde::{Serialize, Serializer};

use crate::ecm::{
    ids::{InstanceId, NetworkInterfaceId, SubnetId, VpcId},
    model::{Field, Kept, Kind, LocalTime, Tag},
    zones::Zone,
};

/// An instance, as a fixture brings it.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Fields that are only kept.
    pub kept: Kept,
    /// Those of its network.
    pub network_kept: Kept,
    /// Interfaces that are attached to it, in the order of their numbers.
    pub(in crate::ecm) network_interfaces: Vec<NetworkInterfaceId>,
}

impl Instance {
    /// Fields that are only kept.
    pub const KEPT: &'static [Field] = &[
        Field::null("Image", Kind::Object),
        Field::null("SimpleModule", Kind::Object),
        Field::null("InstanceTypeConfig", Kind::Object),
        Field::null("LatestOperation", Kind::Text),
        Field::null("LatestOperationState", Kind::Text),
        Field::word("RestrictState", "NORMAL"),
        Field::null("SystemDiskSize", Kind::Count),
        Field::null("DataDiskSize", Kind::Count),
        Field::null("UUID", Kind::Text),
        Field::null("PayMode", Kind::Count),
        Field::null("ExpireTime", Kind::Text),
        Field::null("IsolatedTime", Kind::Text),
        Field::null("RenewFlag", Kind::Count),
        Field::null("ExpireState", Kind::Text),
        Field::null("SystemDisk", Kind::Object),
        Field::null("DataDisks", Kind::List),
        Field::null("NewFlag", Kind::Count),
        Field::list("SecurityGroupIds"),
        Field::null("ISP", Kind::Text),
        Field::null("PhysicalPosition", Kind::Object),
    ];

    /// An instance that runs, and of which nothing is said.
    pub const fn new(
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
            kept: Kept::new(Self::KEPT),
            network_kept: Kept::new(Self::NETWORK_KEPT),
            network_interfaces: Vec::new(),
        }
    }

    /// The family of its type, such as `SN3ne`.
    pub fn family(&self) -> Option<&str> {
        let family = self.kept.get("InstanceTypeConfig")?.get("InstanceFamilyConfig")?;
        family.get("InstanceFamily")?.as_str()
    }

    /// Fields of its `VirtualPrivateCloud` that are only kept.
    pub const NETWORK_KEPT: &'static [Field] = &[
        Field::flag("AsVpcGateway", false),
        Field::count("Ipv6AddressCount"),
        Field::list("Ipv6SubnetIds"),
    ];

    /// A text inside a kept object, such as `SimpleModule.ModuleId`.
    pub fn kept_text(&self, object: &str, name: &str) -> Option<&str> {
        self.kept.get(object)?.get(name)?.as_str()
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
