//! Table of the resources of one kind, with look-up by ID and pages in creation order.

mod late;

use std::sync::Arc;

use imbl::{OrdMap, Vector};
use uuid::Uuid;

use super::{ids::Id, model::Remaining, zones::Region};
use late::Late;

/// Resources by ID and in creation order.
///
/// Cloning takes constant time. Tables are equal if they have the same resources in the same order;
/// removed resources do not matter.
///
/// Invariant: each resource is listed exactly once among all resources, and once in its region.
#[derive(Debug, Clone)]
pub struct Table<K: Id, V: Clone> {
    rows: OrdMap<K, Arc<Row<V>>>,
    listed: Listings<K>,
    /// `None` if Describe calls show all resources.
    late: Option<Box<Late<K>>>,
    /// Number of the next resource.
    next: u64,
    /// The greatest ID that was ever added. Nearly every new ID is greater, and needs no lookup.
    greatest: Option<K>,
}

/// A resource in its table.
#[derive(Debug, Clone)]
pub struct Row<V> {
    /// Position among all resources that were ever added.
    pub number: u64,
    pub region: Region,
    /// Request ID of the call that created the resource. Nil if a fixture did.
    pub created_by: Uuid,
    pub value: V,
}

/// IDs in creation order. The cost of a page does not depend on its offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<K: Clone>(Vector<K>);

/// The IDs of all resources, and those of each region.
#[derive(Debug, Clone)]
struct Listings<K: Clone> {
    all: Listing<K>,
    by_region: OrdMap<Region, Listing<K>>,
}

impl<K: Id, V: Clone> Default for Table<K, V> {
    fn default() -> Self {
        Self {
            rows: OrdMap::new(),
            listed: Listings::default(),
            late: None,
            next: 0,
            greatest: None,
        }
    }
}

impl<K: Id, V: Clone + PartialEq> PartialEq for Table<K, V> {
    fn eq(&self, other: &Self) -> bool {
        let mut rows = self.rows.values().zip(other.rows.values());
        self.listed.all.iter().eq(other.listed.all.iter())
            && self.hidden().eq(other.hidden())
            && rows.all(|(one, other)| one.region == other.region && one.value == other.value)
    }
}

impl<K: Id, V: Clone + Eq> Eq for Table<K, V> {}

impl<K: Clone> Default for Listings<K> {
    fn default() -> Self {
        Self { all: Listing::default(), by_region: OrdMap::new() }
    }
}

/// Returns the numbers of resources by their IDs.
fn number_in<K: Ord + Copy, V: Clone>(
    rows: &OrdMap<K, Arc<Row<V>>>,
) -> impl Fn(K) -> Option<u64> + use<'_, K, V> {
    |id| rows.get(&id).map(|row| row.number)
}

impl<K: Copy> Listings<K> {
    fn of(&self, region: Option<Region>) -> Listing<K> {
        match region {
            None => self.all.clone(),
            Some(region) => self.by_region.get(&region).cloned().unwrap_or_default(),
        }
    }

    /// Adds the ID of the newest resource.
    fn push(&mut self, region: Region, id: K) {
        self.all.0.push_back(id);
        self.in_region(region).0.push_back(id);
    }

    /// Adds an ID at the place of its number.
    fn insert(&mut self, region: Region, id: K, number: &impl Fn(K) -> Option<u64>) {
        for listing in [&mut self.all, self.by_region.entry(region).or_default()] {
            if let Err(place) = listing.place(id, number) {
                listing.0.insert(place, id);
            }
        }
    }

    /// Removes an ID.
    ///
    /// # Panics
    /// Panics if the ID is not listed.
    fn remove(&mut self, region: Region, id: K, number: &impl Fn(K) -> Option<u64>) {
        for listing in [&mut self.all, self.by_region.entry(region).or_default()] {
            let place = listing.place(id, number).expect("a resource is listed");
            listing.0.remove(place);
        }
    }

    fn in_region(&mut self, region: Region) -> &mut Listing<K> {
        // A look-up costs less than an entry, which few resources need.
        if !self.by_region.contains_key(&region) {
            self.by_region.insert(region, Listing::default());
        }
        self.by_region.get_mut(&region).expect("the region has a list")
    }
}

impl<K: Clone> Default for Listing<K> {
    fn default() -> Self {
        Self(Vector::new())
    }
}

impl<K: Clone> From<Vec<K>> for Listing<K> {
    fn from(ids: Vec<K>) -> Self {
        Self(ids.into())
    }
}

impl<K: Copy> Listing<K> {
    /// Returns the number of IDs.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns up to `limit` IDs after the first `offset` IDs.
    pub fn page(&self, offset: usize, limit: usize) -> Vec<K> {
        let end = offset.saturating_add(limit).min(self.0.len());
        (offset..end).filter_map(|index| self.0.get(index)).copied().collect()
    }

    /// Returns up to `limit` IDs before the last `offset` IDs, in reverse order.
    pub fn page_from_the_end(&self, offset: usize, limit: usize) -> Vec<K> {
        let end = self.0.len().saturating_sub(offset);
        let mut page = self.page(end.saturating_sub(limit), limit.min(end));
        page.reverse();
        page
    }

    /// Returns the index of an ID, or the index where its number belongs.
    fn place(&self, id: K, number: &impl Fn(K) -> Option<u64>) -> Result<usize, usize> {
        let wanted = number(id);
        self.0.binary_search_by(|other| number(*other).cmp(&wanted))
    }

    /// Returns all IDs.
    pub fn iter(&self) -> impl Iterator<Item = K> {
        self.0.iter().copied()
    }
}

impl<K: Id, V: Clone> Table<K, V> {
    /// Returns the number of resources.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns the resource `id`, if it exists.
    pub fn get(&self, id: K) -> Option<&V> {
        self.rows.get(&id).map(|row| &row.value)
    }

    /// Returns the resource `id` mutably, if it exists.
    pub fn get_mut(&mut self, id: K) -> Option<&mut V> {
        self.rows.get_mut(&id).map(|row| &mut Arc::make_mut(row).value)
    }

    /// Returns the region of the resource `id`, if it exists.
    pub fn region(&self, id: K) -> Option<Region> {
        self.rows.get(&id).map(|row| row.region)
    }

    /// Returns whether the resource `id` exists.
    pub fn contains(&self, id: K) -> bool {
        Some(id) <= self.greatest && self.rows.contains_key(&id)
    }

    /// Returns the row of the resource `id`, if it exists.
    pub fn row(&self, id: K) -> Option<&Row<V>> {
        self.rows.get(&id).map(|row| &**row)
    }

    /// Returns the existing resources among `ids`. Resources that were created one after another have
    /// consecutive IDs, and only the first of them is looked up.
    pub fn these(&self, ids: &[K]) -> impl Iterator<Item = &V> {
        let first = ids.first().copied();
        let mut rows = first.map(|id| self.rows.range(id..)).into_iter().flatten().peekable();
        ids.iter().filter_map(move |id| match rows.next_if(|(next, _)| *next == id) {
            Some((_, row)) => Some(&row.value),
            None => self.get(*id),
        })
    }

    /// Returns all rows in the order of their IDs, several times faster than in creation order.
    pub fn rows(&self) -> impl Iterator<Item = (K, &Row<V>)> {
        self.rows.iter().map(|(id, row)| (*id, &**row))
    }

    /// Adds a resource with an unused ID. `created_by` is nil if no call creates it.
    ///
    /// # Panics
    ///
    /// Panics if the ID is in use.
    pub fn insert(&mut self, id: K, region: Region, created_by: Uuid, value: V) {
        let number = self.next;
        self.next += 1;
        self.greatest = self.greatest.max(Some(id));
        let before = self.rows.insert(id, Arc::new(Row { number, region, created_by, value }));
        assert!(before.is_none(), "the ID must be unused");
        self.listed.push(region, id);
        if let Some(late) = &mut self.late {
            late.shown.push(region, id);
        }
    }

    /// Sets the call that created the resource `id`, if it exists.
    pub fn set_created_by(&mut self, id: K, call: Uuid) {
        if let Some(row) = self.rows.get_mut(&id) {
            Arc::make_mut(row).created_by = call;
        }
    }

    /// Removes a resource, if it exists.
    ///
    /// # Panics
    ///
    /// Panics if the resource is not listed, which breaks the invariant.
    pub fn remove(&mut self, id: K) -> Option<V> {
        let region = self.row(id)?.region;
        let number = number_in(&self.rows);
        self.listed.remove(region, id, &number);
        if let Some(late) = &mut self.late {
            if late.hidden.forget(id.rank()).is_none() {
                late.shown.remove(region, id, &number);
            }
            self.late.take_if(|late| late.hidden.is_empty());
        }
        drop(number);
        self.rows.remove(&id).map(|row| Arc::unwrap_or_clone(row).value)
    }

    /// Returns the list of a region, or of all resources.
    pub fn listing(&self, region: Option<Region>) -> Listing<K> {
        self.listed.of(region)
    }

    /// Returns the list of a region, or of all resources, as Describe calls show it.
    pub fn shown(&self, region: Option<Region>) -> Listing<K> {
        self.late.as_ref().map_or(&self.listed, |late| &late.shown).of(region)
    }

    /// Whether Describe calls do not show the resource `id` yet.
    pub fn is_hidden(&self, id: K) -> bool {
        self.late.as_ref().is_some_and(|late| late.hidden.contains(id.rank()))
    }

    /// Returns when Describe calls show the resource `id`, if they do not show it yet.
    pub fn hidden_until(&self, id: K) -> Option<Remaining> {
        self.late.as_ref().and_then(|late| late.hidden.until(id.rank()))
    }

    /// Returns the resources that Describe calls do not show yet, by ID.
    pub fn hidden(&self) -> impl Iterator<Item = (K, Remaining)> {
        let late = self.late.iter();
        late.flat_map(|late| {
            let hidden = &late.hidden;
            hidden.ranks().filter_map(|id| Some((K::new(id), hidden.until(id)?)))
        })
    }

    /// Hides the resource `id` from Describe calls, if it exists.
    pub fn hide(&mut self, id: K, until: Remaining) {
        let Some(region) = self.region(id) else { return };
        let late = self.late.get_or_insert_with(|| Box::new(Late::new(self.listed.clone())));
        if late.hidden.forget(id.rank()).is_none() {
            late.shown.remove(region, id, &number_in(&self.rows));
        }
        late.hidden.remember(id.rank(), until);
    }

    /// Shows the resource `id` to Describe calls.
    pub fn show(&mut self, id: K) {
        let Some(region) = self.region(id) else { return };
        let Some(late) = &mut self.late else { return };
        if late.hidden.forget(id.rank()).is_some() {
            late.shown.insert(region, id, &number_in(&self.rows));
        }
        self.late.take_if(|late| late.hidden.is_empty());
    }

    /// Counts a Describe call, and shows the resources that waited for it. Returns whether a resource waits
    /// for a number of calls.
    pub fn count_describe(&mut self) -> bool {
        let is_counted = self.late.as_mut().is_some_and(|late| late.hidden.count());
        // Usually, all hidden resources are due, and the listings with all resources are the ones to show.
        self.late.take_if(|late| late.hidden.are_all_due());
        while let Some(id) = self.late.as_ref().and_then(|late| late.hidden.next_due()) {
            self.show(K::new(id));
        }
        is_counted
    }

    /// Returns the resource at an index in creation order.
    pub fn at(&self, index: usize) -> Option<&V> {
        self.listed.all.0.get(index).and_then(|id| self.get(*id))
    }

    /// Returns the index of the resource `id` in creation order.
    pub fn index(&self, id: K) -> Option<usize> {
        self.index_in(&self.listed.all, id)
    }

    /// Returns the index of the resource `id` in a list that it belongs to.
    fn index_in(&self, listing: &Listing<K>, id: K) -> Option<usize> {
        listing.place(id, &number_in(&self.rows)).ok()
    }

    /// Returns all resources in creation order.
    pub fn iter(&self) -> impl Iterator<Item = &V> {
        self.listed.all.0.iter().filter_map(|id| self.get(*id))
    }

    /// Returns every broken invariant. Scans all resources: for tests.
    pub fn check(&self, what: &str) -> Vec<String> {
        let mut broken = Vec::new();
        let listed: usize = self.listed.by_region.values().map(Listing::len).sum();
        if self.listed.all.len() != self.rows.len() || listed != self.rows.len() {
            broken.push(format!("{what}: {} rows do not match the list", self.rows.len()));
        }
        for (id, row) in &self.rows {
            let is_listed = |listing: &Listing<K>| {
                let index = self.index_in(listing, *id);
                index.and_then(|index| listing.0.get(index)) == Some(id)
            };
            let is_in_both = |listings: &Listings<K>| {
                is_listed(&listings.all) && is_listed(&listings.of(Some(row.region)))
            };
            if !is_in_both(&self.listed) {
                broken.push(format!("{what}: number {} is not listed", row.number));
            }
            if self.late.as_ref().is_some_and(|it| is_in_both(&it.shown) == self.is_hidden(*id)) {
                broken
                    .push(format!("{what}: number {} is shown and hidden, or neither", row.number));
            }
        }
        let shown = self.late.as_ref().map(|late| late.shown.all.len() + late.hidden.len());
        if shown.is_some_and(|shown| shown != self.rows.len()) {
            broken.push(format!("{what}: {} rows are neither shown nor hidden", self.rows.len()));
        }
        broken
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::ecm::ids::{HaVipId, IdSequence};

    const REGIONS: [&str; 2] = ["ap-hangzhou-ecm", "ap-xian-ecm"];

    /// A change of a table: the ID to add or remove, and the region to add it to.
    fn change() -> impl Strategy<Value = (bool, usize, usize)> {
        (prop::bool::weighted(0.7), 0..400_usize, 0..REGIONS.len())
    }

    /// Returns IDs: most of them consecutive, and others far apart.
    fn ids() -> Vec<HaVipId> {
        let mut near = IdSequence::new(7);
        let far = (0..100).map(|lane| IdSequence::new(lane * 1000).next_rank());
        let near = (0..300).map(|_| near.next_rank());
        far.chain(near).map(HaVipId::new).collect()
    }

    proptest! {
        #[test]
        fn a_table_finds_the_resources_that_were_added(
            in_order in 0..300_usize,
            changes in prop::collection::vec(change(), 0..200),
        ) {
            let ids = ids();
            let (mut table, mut expected) = (Table::default(), BTreeMap::new());
            let added = (100..100 + in_order).map(|index| (true, index, 0));
            for (is_added, index, region) in added.chain(changes) {
                let (id, region) = (ids[index], REGIONS[region].parse().unwrap());
                prop_assert_eq!(table.contains(id), expected.contains_key(&id));
                if is_added && !table.contains(id) {
                    table.insert(id, region, Uuid::nil(), index);
                    expected.insert(id, (region, index));
                } else if !is_added {
                    prop_assert_eq!(table.remove(id), expected.remove(&id).map(|(_, index)| index));
                }
            }
            prop_assert_eq!(table.check("HAVIP"), [""; 0]);
            for id in &ids {
                let row = table.row(*id).map(|row| (row.region, row.value));
                prop_assert_eq!(row, expected.get(id).copied());
                prop_assert_eq!(table.get_mut(*id).copied(), row.map(|(_, index)| index));
            }
            let rows: Vec<_> =
                table.rows().map(|(id, row)| (id, (row.region, row.value))).collect();
            prop_assert_eq!(rows, expected.into_iter().collect::<Vec<_>>());
        }
    }
}
