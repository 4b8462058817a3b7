//! Resources of one kind: found by id, and listed by page in the order in which they came.

use std::sync::Arc;

use imbl::{OrdMap, Vector};

use super::zones::Region;

/// Resources by id, and in the order in which they came.
///
/// To clone one costs the same however much is in it. Invariant: each resource is listed once
/// among all and once in its region. Two are equal if they have the same resources in the same
/// order, however many others have come and gone.
#[derive(Debug, Clone)]
pub struct Table<K: Ord + Copy, V: Clone> {
    rows: OrdMap<K, Row<V>>,
    all: Listing<K>,
    by_region: OrdMap<Region, Listing<K>>,
    /// Number of the next resource to come.
    next: u64,
}

#[derive(Debug, Clone)]
struct Row<V> {
    /// Which in the order of all that ever came.
    number: u64,
    region: Region,
    value: Arc<V>,
}

/// Ids in the order in which their resources came; any page of them costs no more than a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<K: Clone>(Vector<(u64, K)>);

impl<K: Ord + Copy, V: Clone> Default for Table<K, V> {
    fn default() -> Self {
        Self { rows: OrdMap::new(), all: Listing::default(), by_region: OrdMap::new(), next: 0 }
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
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Up to `limit` ids after the first `offset` ones.
    pub fn page(&self, offset: usize, limit: usize) -> Vec<K> {
        let end = offset.saturating_add(limit).min(self.0.len());
        (offset..end).filter_map(|index| self.0.get(index)).map(|(_, id)| *id).collect()
    }

    /// Up to `limit` ids before the last `offset` ones, the last one first.
    pub fn page_from_the_end(&self, offset: usize, limit: usize) -> Vec<K> {
        let end = self.0.len().saturating_sub(offset);
        let mut page = self.page(end.saturating_sub(limit), limit.min(end));
        page.reverse();
        page
    }

    /// All ids.
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
    /// How many resources there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The resource `id`.
    pub fn get(&self, id: K) -> Option<&V> {
        self.rows.get(&id).map(|row| &*row.value)
    }

    /// The resource `id`, to change it.
    pub fn get_mut(&mut self, id: K) -> Option<&mut V> {
        self.rows.get_mut(&id).map(|row| Arc::make_mut(&mut row.value))
    }

    /// The region of the resource `id`.
    pub fn region(&self, id: K) -> Option<Region> {
        self.rows.get(&id).map(|row| row.region)
    }

    /// Whether there is a resource `id`.
    pub fn contains(&self, id: K) -> bool {
        self.rows.contains_key(&id)
    }

    /// Which in the order of all that ever came the resource `id` is.
    pub fn number(&self, id: K) -> Option<u64> {
        self.rows.get(&id).map(|row| row.number)
    }

    /// Adds a resource with an ID that none has.
    ///
    /// # Panics
    ///
    /// If a resource has the ID.
    pub fn insert(&mut self, id: K, region: Region, value: V) {
        let number = self.next;
        self.next += 1;
        let before = self.rows.insert(id, Row { number, region, value: Arc::new(value) });
        assert!(before.is_none(), "an ID must be new");
        self.all.push(number, id);
        self.by_region.entry(region).or_default().push(number, id);
    }

    /// Removes a resource, if it exists.
    ///
    /// # Panics
    ///
    /// If it is not listed, which breaks the invariant.
    pub fn remove(&mut self, id: K) -> Option<Arc<V>> {
        let row = self.rows.remove(&id)?;
        self.all.remove(row.number);
        let listing = self.by_region.get_mut(&row.region).expect("a resource is listed");
        listing.remove(row.number);
        Some(row.value)
    }

    /// Those of a region, or all.
    pub fn listing(&self, region: Option<Region>) -> Listing<K> {
        match region {
            None => self.all.clone(),
            Some(region) => self.by_region.get(&region).cloned().unwrap_or_default(),
        }
    }

    /// The resource at an index of all, in the order in which they came.
    pub fn at(&self, index: usize) -> Option<&V> {
        self.all.0.get(index).and_then(|(_, id)| self.get(*id))
    }

    /// The index of the resource `id` among all.
    pub fn index(&self, id: K) -> Option<usize> {
        self.all.index(self.rows.get(&id)?.number)
    }

    /// All resources, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = &V> {
        self.all.0.iter().filter_map(|(_, id)| self.get(*id))
    }

    /// Every broken invariant. Walks through all there is: for tests.
    pub fn check(&self, what: &str) -> Vec<String> {
        let mut broken = Vec::new();
        let listed: usize = self.by_region.values().map(Listing::len).sum();
        if self.all.len() != self.rows.len() || listed != self.rows.len() {
            broken.push(format!("{what}: {} rows, and others are listed", self.rows.len()));
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
