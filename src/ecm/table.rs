//! Table of the resources of one kind, with look-up by ID and pages in creation order.

use std::sync::Arc;

use imbl::{OrdMap, Vector};

use super::zones::Region;

/// Resources by ID and in creation order.
///
/// Cloning takes constant time. Tables are equal if they have the same resources in the same order;
/// removed resources do not matter.
///
/// Invariant: each resource is listed exactly once among all resources, and once in its region.
#[derive(Debug, Clone)]
pub struct Table<K: Ord + Copy, V: Clone> {
    rows: OrdMap<K, Row<V>>,
    all: Listing<K>,
    by_region: OrdMap<Region, Listing<K>>,
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
    pub value: Arc<V>,
}

/// IDs in creation order. The cost of a page does not depend on its offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<K: Clone>(Vector<(u64, K)>);

impl<K: Ord + Copy, V: Clone> Default for Table<K, V> {
    fn default() -> Self {
        Self {
            rows: OrdMap::new(),
            all: Listing::default(),
            by_region: OrdMap::new(),
            next: 0,
            greatest: None,
        }
    }
}

impl<K: Ord + Copy, V: Clone + PartialEq> PartialEq for Table<K, V> {
    fn eq(&self, other: &Self) -> bool {
        let mut rows = self.rows.values().zip(other.rows.values());
        self.all.iter().eq(other.all.iter())
            && rows.all(|(one, other)| one.region == other.region && one.value == other.value)
    }
}

impl<K: Ord + Copy, V: Clone + Eq> Eq for Table<K, V> {}

impl<K: Clone> Default for Listing<K> {
    fn default() -> Self {
        Self(Vector::new())
    }
}

impl<K: Clone> From<Vec<K>> for Listing<K> {
    fn from(ids: Vec<K>) -> Self {
        Self((0..).zip(ids).collect())
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
        (offset..end).filter_map(|index| self.0.get(index)).map(|(_, id)| *id).collect()
    }

    /// Returns up to `limit` IDs before the last `offset` IDs, in reverse order.
    pub fn page_from_the_end(&self, offset: usize, limit: usize) -> Vec<K> {
        let end = self.0.len().saturating_sub(offset);
        let mut page = self.page(end.saturating_sub(limit), limit.min(end));
        page.reverse();
        page
    }

    /// Returns all IDs.
    pub fn iter(&self) -> impl Iterator<Item = K> {
        self.0.iter().map(|(_, id)| *id)
    }

    fn index(&self, number: u64) -> Option<usize> {
        self.0.binary_search_by(|(other, _)| other.cmp(&number)).ok()
    }

    fn id_of(&self, number: u64) -> Option<K> {
        self.0.get(self.index(number)?).map(|(_, id)| *id)
    }

    fn push(&mut self, number: u64, id: K) {
        self.0.push_back((number, id));
    }

    fn remove(&mut self, number: u64) {
        let index = self.index(number).expect("a resource is listed");
        self.0.remove(index);
    }
}

impl<K: Ord + Copy, V: Clone> Table<K, V> {
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
        self.rows.get(&id).map(|row| &*row.value)
    }

    /// Returns the resource `id` mutably, if it exists.
    pub fn get_mut(&mut self, id: K) -> Option<&mut V> {
        self.rows.get_mut(&id).map(|row| Arc::make_mut(&mut row.value))
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
        self.rows.get(&id)
    }

    /// Returns the existing resources among `ids`. Resources that were created one after another have
    /// consecutive IDs, and only the first of them is looked up.
    pub fn these(&self, ids: &[K]) -> impl Iterator<Item = &V> {
        let first = ids.first().copied();
        let mut rows = first.map(|id| self.rows.range(id..)).into_iter().flatten().peekable();
        ids.iter().filter_map(move |id| match rows.next_if(|(next, _)| *next == id) {
            Some((_, row)) => Some(&*row.value),
            None => self.get(*id),
        })
    }

    /// Returns all rows in the order of their IDs, several times faster than in creation order.
    pub fn rows(&self) -> impl Iterator<Item = (K, &Row<V>)> {
        self.rows.iter().map(|(id, row)| (*id, row))
    }

    /// Adds a resource with an unused ID.
    ///
    /// # Panics
    ///
    /// Panics if the ID is in use.
    pub fn insert(&mut self, id: K, region: Region, value: V) {
        let number = self.next;
        self.next += 1;
        self.greatest = self.greatest.max(Some(id));
        let before = self.rows.insert(id, Row { number, region, value: Arc::new(value) });
        assert!(before.is_none(), "the ID must be unused");
        self.all.push(number, id);
        match self.by_region.get_mut(&region) {
            Some(listing) => listing.push(number, id),
            None => self.by_region.entry(region).or_default().push(number, id),
        }
    }

    /// Removes a resource, if it exists.
    ///
    /// # Panics
    ///
    /// Panics if the resource is not listed, which breaks the invariant.
    pub fn remove(&mut self, id: K) -> Option<Arc<V>> {
        let row = self.rows.remove(&id)?;
        self.all.remove(row.number);
        let listing = self.by_region.get_mut(&row.region).expect("a resource is listed");
        listing.remove(row.number);
        Some(row.value)
    }

    /// Returns the list of a region, or of all resources.
    pub fn listing(&self, region: Option<Region>) -> Listing<K> {
        match region {
            None => self.all.clone(),
            Some(region) => self.by_region.get(&region).cloned().unwrap_or_default(),
        }
    }

    /// Returns the resource at an index in creation order.
    pub fn at(&self, index: usize) -> Option<&V> {
        self.all.0.get(index).and_then(|(_, id)| self.get(*id))
    }

    /// Returns the index of the resource `id` in creation order.
    pub fn index(&self, id: K) -> Option<usize> {
        self.all.index(self.rows.get(&id)?.number)
    }

    /// Returns all resources in creation order.
    pub fn iter(&self) -> impl Iterator<Item = &V> {
        self.all.0.iter().filter_map(|(_, id)| self.get(*id))
    }

    /// Returns every broken invariant. Scans all resources: for tests.
    pub fn check(&self, what: &str) -> Vec<String> {
        let mut broken = Vec::new();
        let listed: usize = self.by_region.values().map(Listing::len).sum();
        if self.all.len() != self.rows.len() || listed != self.rows.len() {
            broken.push(format!("{what}: {} rows do not match the list", self.rows.len()));
        }
        for (id, row) in &self.rows {
            let is_listed = |listing: &Listing<K>| listing.id_of(row.number) == Some(*id);
            if !is_listed(&self.all) || !self.by_region.get(&row.region).is_some_and(is_listed) {
                broken.push(format!("{what}: number {} is not listed", row.number));
            }
        }
        broken
    }
}
