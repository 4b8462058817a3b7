//! How changes settle: each read that shows one counts, and the last one is followed by its end.

use std::collections::BTreeSet;

use crate::ecm::{
    ids::{AddressId, NetworkInterfaceId, TaskId},
    model::{IpChange, NetworkInterface, Transit},
};

use super::Store;

impl Store {
    /// Counts a read that has shown interfaces.
    pub fn see_network_interfaces(&mut self, ids: &[NetworkInterfaceId]) {
        for id in ids {
            if self.network_interfaces.get(*id).is_some_and(NetworkInterface::is_changing) {
                self.see_network_interface(*id);
            }
        }
    }

    fn see_network_interface(&mut self, id: NetworkInterfaceId) {
        let Some(interface) = self.network_interfaces.get_mut(id) else { return };
        let mut gone = Vec::new();
        for ip in &mut interface.addresses {
            let Some(transit) = ip.transit else { continue };
            ip.transit = transit.seen();
            if ip.transit.is_none() && transit.change == IpChange::Deleting {
                gone.push(ip.address);
            }
        }
        let before = interface.transit;
        interface.transit = before.and_then(Transit::seen);
        let settled = before.filter(|_| interface.transit.is_none());
        for address in gone {
            self.take_private_ip(id, address);
        }
        if let Some(transit) = settled {
            self.finish_interface_change(id, transit.change);
        }
    }

    /// Counts a read that has shown EIPs: one for each task that changes any of them.
    pub fn see_addresses(&mut self, ids: &[AddressId]) {
        let task = |id: &AddressId| Some(self.addresses.get(*id)?.pending?.1);
        let tasks: BTreeSet<TaskId> = ids.iter().filter_map(task).collect();
        for id in tasks {
            self.see_task(id);
        }
    }

    /// Counts a read that has shown a task.
    pub fn see_task(&mut self, id: TaskId) {
        let Some(task) = self.tasks.get_mut(&id).filter(|task| task.reads_left > 0) else {
            return;
        };
        task.reads_left -= 1;
        if task.reads_left == 0 {
            self.finish_task(id);
        }
    }
}
