//! Changes of instances, and look-ups of their interfaces.

use std::net::Ipv4Addr;

use crate::ecm::{Store, families::network_interface::NetworkInterface, ids::InstanceId};

use super::Instance;

impl Store {
    /// Adds an instance without interfaces. Its own addresses must be allocated already.
    pub fn insert_instance(&mut self, instance: Instance) {
        let vpc = self.existing_mut(instance.vpc_id);
        vpc.contents.instances += 1;
        let region = vpc.region;
        self.existing_mut(instance.subnet_id).instances += 1;
        self.insert(instance.id, region, instance);
    }

    /// Adds an allocated address to the own addresses of an instance.
    pub fn give_own_address(&mut self, id: InstanceId, address: Ipv4Addr) {
        self.existing_mut(id).own_addresses.push(address);
    }

    /// Returns the primary interface of an instance.
    pub fn primary_interface(&self, instance: &Instance) -> Option<&NetworkInterface> {
        self.interfaces_of(instance).find(|it| it.is_primary)
    }

    /// Returns the interfaces that are attached to an instance.
    pub fn interfaces_of(&self, instance: &Instance) -> impl Iterator<Item = &NetworkInterface> {
        instance.network_interfaces.iter().map(|id| self.existing(*id))
    }
}
