//! Changes of instances, and the interfaces that are attached to an instance.

use std::net::Ipv4Addr;

use crate::ecm::{Store, families::network_interface::NetworkInterface, ids::InstanceId};

use super::Instance;

impl Store {
    /// Adds an instance whose own addresses have been taken, and to which nothing is attached.
    pub fn insert_instance(&mut self, instance: Instance) {
        let vpc = self.existing_mut(instance.vpc_id);
        vpc.contents.instances += 1;
        let region = vpc.region;
        self.existing_mut(instance.subnet_id).instances += 1;
        self.tables.instances.insert(instance.id, region, instance);
    }

    /// Adds an address that has been taken to those of an instance itself.
    pub fn give_own_address(&mut self, id: InstanceId, address: Ipv4Addr) {
        self.existing_mut(id).own_addresses.push(address);
    }

    /// The interface that came with an instance.
    pub fn primary_interface(&self, instance: &Instance) -> Option<&NetworkInterface> {
        self.interfaces_of(instance).find(|it| it.is_primary)
    }

    /// The interfaces that are attached to an instance.
    pub fn interfaces_of(&self, instance: &Instance) -> impl Iterator<Item = &NetworkInterface> {
        instance.network_interfaces.iter().map(|id| self.existing(*id))
    }
}
