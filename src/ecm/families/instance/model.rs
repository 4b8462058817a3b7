//! Instances in the store.

use std::{fmt, net::Ipv4Addr, str::FromStr};

use serde::{Serialize, Serializer};

use crate::ecm::{
    api::objects,
    fields::Str,
    ids::{InstanceId, NetworkInterfaceId, SubnetId, VpcId},
    model::{LocalTime, Passthrough, Tag},
    zones::Zone,
};

/// An instance. Only fixtures create instances.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    pub id: InstanceId,
    /// Display name.
    pub name: Str,
    pub state: InstanceState,
    /// VPC of the instance.
    pub vpc_id: VpcId,
    /// Subnet of the instance.
    pub subnet_id: SubnetId,
    /// Zone of the subnet.
    pub zone: Zone,
    /// Number of vCPUs, which determines the network limits.
    pub vcpus: Option<u64>,
    /// Private IPs of the instance itself, in addition to those of its interfaces.
    pub own_addresses: Vec<Ipv4Addr>,
    pub tags: Vec<Tag>,
    /// Creation time.
    pub created_time: LocalTime,
    /// Members that no action changes.
    pub passthrough: Passthrough<objects::Instance>,
    /// Attached interfaces, in the order of their device indexes.
    pub(in crate::ecm) network_interfaces: Vec<NetworkInterfaceId>,
}

impl Instance {
    /// Creates a running instance with default settings.
    pub fn new(
        id: InstanceId,
        (vpc_id, subnet_id): (VpcId, SubnetId),
        zone: Zone,
        created_time: LocalTime,
    ) -> Self {
        Self {
            id,
            name: Str::default(),
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

    /// Returns whether the instance type is in a family, such as `SN3ne`.
    pub fn has_family(&self, family: &str) -> bool {
        self.passthrough.with(|object| {
            let config = object.instance_type_config.as_ref();
            config.is_some_and(|it| it.instance_family_config.instance_family == family)
        })
    }
}

macro_rules! instance_states {
    ($($(#[$meta:meta])* $name:ident = $text:literal;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum InstanceState { $($(#[$meta])* $name,)* }

        impl InstanceState {
            const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Returns the state as responses show it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

instance_states! {
    /// Being created.
    Pending = "PENDING";
    /// Creation failed.
    LaunchFailed = "LAUNCH_FAILED";
    Running = "RUNNING";
    Stopped = "STOPPED";
    /// Being started.
    Starting = "STARTING";
    /// Being stopped.
    Stopping = "STOPPING";
    /// Being restarted.
    Rebooting = "REBOOTING";
    /// Stopped, and will be deleted.
    Shutdown = "SHUTDOWN";
    /// Being deleted.
    Terminating = "TERMINATING";
}

/// A string that is not the state of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be PENDING, LAUNCH_FAILED, RUNNING, STOPPED, STARTING, STOPPING, REBOOTING, SHUTDOWN, or TERMINATING"
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
