//! Late visibility: resources that calls have created and Describe calls do not show yet.
//!
//! Only the results of Describe actions leave hidden resources out. Everything else, such as the checks of
//! a call and the counters of other resources, sees all resources.

use crate::ecm::{
    kinds::{KINDS, Resource, ResourceId},
    model::Remaining,
};

use super::{AnyId, Changing, Settle, Store};

impl Store {
    /// Sets when Describe calls show resources that later calls create. A delay of 0 also shows all hidden
    /// resources.
    pub fn set_visible_after(&mut self, delay: Settle) {
        self.settings.visible_after = delay;
        if !delay.is_immediate() {
            return;
        }
        for (id, left) in self.hidden() {
            self.forget_due(Some(left), Changing::Visibility(id));
            (id.kind().show)(self, id);
        }
    }

    /// Returns the resources that Describe calls do not show yet.
    pub fn hidden(&self) -> Vec<(AnyId, Remaining)> {
        KINDS.iter().flat_map(|kind| (kind.hidden)(self)).collect()
    }

    /// Hides the resource `id` from Describe calls.
    pub(in crate::ecm) fn hide<I: ResourceId>(&mut self, id: I, until: Remaining) {
        I::Resource::table_mut(&mut self.tables).hide(id, until);
        self.note_due(Some(until), Changing::Visibility(id.into()));
    }

    /// Hides resources by their IDs. Unknown IDs are ignored.
    pub fn hide_all<'a>(&mut self, hidden: impl Iterator<Item = (&'a str, Remaining)>) {
        for (id, until) in hidden {
            if let Some(kind) = KINDS.iter().find(|kind| id.starts_with(kind.id_prefix)) {
                (kind.hide)(self, id, until);
            }
        }
    }

    /// Counts a Describe call of a kind. Returns whether that changed the store.
    pub(in crate::ecm) fn count_describe<R: Resource>(&mut self) -> bool {
        R::table_mut(&mut self.tables).count_describe()
    }
}
