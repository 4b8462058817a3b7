//! Which resources a Describe call asks for: by ids, by filters, and by page.

use std::{fmt, str::FromStr};

use crate::{
    nearest::{did_you_mean, nearest},
    protocol::{Action, Context, Request, text::Quoted},
};

use super::{
    Error, Store,
    fields::count,
    ids::Id,
    kinds::Resource,
    model::{LocalTime, Tag},
    table::Table,
    zones::Region,
};

/// Ids that one call may name.
pub const IDS_MAX: usize = 100;
/// Filters that one call may have.
pub const FILTERS_MAX: usize = 10;
/// Values that one filter may have.
pub const FILTER_VALUES_MAX: usize = 5;
/// Resources that one call answers with at most.
pub const LIMIT_MAX: usize = 100;
/// Resources that one call answers with unless told otherwise.
pub const LIMIT_DEFAULT: usize = 20;

pub use super::api::objects::Filter;

/// A filter that a family documents.
pub struct FilterRule<V> {
    /// Name on the wire; one that ends in `:` is followed by a key.
    pub name: &'static str,
    /// Whether a resource matches a value, and the key if the name has one.
    pub matches: fn(&V, &str, &str, &Store) -> bool,
    /// How many values it may have.
    pub values_max: usize,
}

/// A filter of which a resource may match any of several values.
pub const fn any_of<V>(
    name: &'static str,
    matches: fn(&V, &str, &str, &Store) -> bool,
) -> FilterRule<V> {
    FilterRule { name, matches, values_max: FILTER_VALUES_MAX }
}

/// A filter that has one value.
pub const fn one<V>(
    name: &'static str,
    matches: fn(&V, &str, &str, &Store) -> bool,
) -> FilterRule<V> {
    FilterRule { name, matches, values_max: 1 }
}

impl<V> fmt::Debug for FilterRule<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The filters of a Describe action.
#[derive(Debug)]
pub struct FilterSet<V: 'static> {
    /// Name of the parameter that lists ids.
    pub ids: &'static str,
    /// Name of the filter that is the resource's own id, which is looked up.
    pub id_filter: &'static str,
    /// The documented filters.
    pub rules: &'static [FilterRule<V>],
}

/// Which part of the answer is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    offset: usize,
    limit: usize,
}

impl Page {
    /// Reads `Offset` and `Limit`.
    ///
    /// Assumed (describe.limit-zero, describe.limit-max): a limit of 0 is refused, and 100 is the
    /// maximum even where none is documented.
    pub fn new(offset: Option<i128>, limit: Option<i128>) -> Result<Self, Error> {
        let refuse = |parameter, value: i128, rule| {
            Err(Error::Page { parameter, value: value.to_string(), rule, is_too_large: value > 0 })
        };
        let offset = offset.unwrap_or(0);
        if offset < 0 {
            return refuse("Offset", offset, "it must be 0 or more");
        }
        // Nothing is so far down.
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let limit = limit.unwrap_or(LIMIT_DEFAULT as i128);
        match usize::try_from(limit) {
            Ok(limit @ 1..=LIMIT_MAX) => Ok(Self { offset, limit }),
            _ => refuse("Limit", limit, "it must be 1 to 100"),
        }
    }

    /// Reads `Offset` and `Limit` where they are texts. An empty one counts as none.
    pub fn parse(offset: Option<&str>, limit: Option<&str>) -> Result<Self, Error> {
        let number = |parameter, text: Option<&str>, rule| {
            let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
            i128::from_str(text).map(Some).map_err(|_| {
                let value = Quoted::value(text).to_string();
                Error::Page { parameter, value, rule, is_too_large: false }
            })
        };
        let offset = number("Offset", offset, "it must be a number of up to 38 digits")?;
        let limit = number("Limit", limit, "it must be a number from 1 to 100")?;
        Self::new(offset, limit)
    }
}

/// What a Describe call asks for.
#[derive(Debug)]
pub struct Query<R: Resource> {
    /// Ids; none for any.
    pub ids: Vec<R::Id>,
    /// Filters, all of which a resource must pass.
    pub filters: Vec<Filter>,
    /// Region, if any.
    pub region: Option<Region>,
    /// Part of the answer.
    pub page: Page,
    /// What comes first.
    pub order: Order<R>,
}

/// What comes first.
#[derive(Debug, Clone, Copy)]
pub enum Order<V> {
    /// What came first.
    Oldest,
    /// What came last.
    Latest,
    /// What has the latest time. Looks at every resource of the region.
    Newest(fn(&V) -> LocalTime),
}

/// A page, and how many resources there are in all.
#[derive(Debug)]
pub struct Selected<T> {
    /// How many resources there are, on this page or another.
    total: usize,
    /// Those of the page, as the wire shows them.
    pub views: Vec<T>,
}

impl<T> Selected<T> {
    /// How many resources there are, on this page or another.
    pub fn total<N: TryFrom<usize, Error: fmt::Debug>>(&self) -> N {
        count(self.total)
    }
}

/// A kind of resource that a Describe action lists.
pub trait Listed: Resource {
    /// The vendor's object.
    type View;
    /// The filters that the vendor documents.
    const FILTERS: FilterSet<Self>;

    /// The resource as the wire shows it.
    fn view(&self, store: &Store) -> Self::View;
}

/// A Describe action. It is an [`Action`] that lists a page of the resources that match.
pub trait Describe: Request {
    /// What it lists.
    type Resource: Listed;

    /// The filters of the call.
    fn filters(&self) -> Option<&[Filter]>;

    /// The `Sort` of the call.
    fn sort(&self) -> Option<&str> {
        None
    }

    /// What the call asks for.
    fn query(self) -> Result<Query<Self::Resource>, Error>;

    /// The response to the call.
    fn response(found: Selected<<Self::Resource as Listed>::View>) -> Self::Response;

    /// See [`Action::settle`].
    fn settle(response: &Self::Response, store: &mut Store) -> bool {
        _ = (response, store);
        false
    }
}

impl<D: Describe> Action for D {
    type Product = Store;

    fn is_long(&self) -> bool {
        D::Resource::FILTERS.scans(self.filters()) || self.sort() == Some(SORT_BY_TIME)
    }

    fn run(self, store: &mut Store, _: &Context) -> Result<Self::Response, Error> {
        let query = self.query()?;
        select(store, &query).map(D::response)
    }

    fn settle(response: &Self::Response, store: &mut Store) -> bool {
        D::settle(response, store)
    }
}

/// The `Sort` that has the newest resource first, and so looks at every one.
pub const SORT_BY_TIME: &str = "time";

/// Finds what a call asks for, in the order in which the resources came, or the other way round.
///
/// Costs a page without filters, and as much as there are ids with ids or a filter by id. Any other
/// filter looks at every resource of the region.
fn select<R: Listed>(store: &Store, query: &Query<R>) -> Result<Selected<R::View>, Error> {
    let (table, set) = (store.table::<R>(), &R::FILTERS);
    let matchers = check(set, query.ids.len(), &query.filters)?;
    // Assumed (api.empty-list): an empty list counts as absent.
    let mut listing = if query.ids.is_empty() && query.filters.is_empty() {
        table.listing(query.region)
    } else {
        matching(store, set, query, &matchers).into()
    };
    if let Order::Newest(time) = query.order {
        let mut ids: Vec<R::Id> = listing.iter().collect();
        ids.sort_by_key(|id| time(store.existing(*id)));
        listing = ids.into();
    }
    let Page { offset, limit } = query.page;
    let ids = match query.order {
        // Assumed (describe.order): the order is that of creation.
        Order::Oldest => listing.page(offset, limit),
        Order::Latest | Order::Newest(_) => listing.page_from_the_end(offset, limit),
    };
    let views = ids.iter().map(|id| store.existing(*id).view(store)).collect();
    Ok(Selected { total: listing.len(), views })
}

/// A filter with the rule that it names, and its key.
pub(super) type Matcher<'q, V> = (&'q Filter, &'q FilterRule<V>, &'q str);

/// Finds the rules of the filters, and what is wrong with a call.
pub(super) fn check<'q, V>(
    set: &'q FilterSet<V>,
    ids: usize,
    filters: &'q [Filter],
) -> Result<Vec<Matcher<'q, V>>, Error> {
    if ids > 0 && !filters.is_empty() {
        return Err(Error::Coexist(set.ids, "Filters"));
    }
    if ids > IDS_MAX {
        return Err(Error::TooMany { parameter: set.ids, count: ids, max: IDS_MAX });
    }
    let at_most = |path: String, count: usize, max: usize| {
        if count <= max { Ok(()) } else { Err(Error::TooManyFilters { path, count, max }) }
    };
    at_most("Filters".to_owned(), filters.len(), FILTERS_MAX)?;
    let matcher = |(index, filter): (usize, &'q Filter)| {
        let path = format!("Filters.{index}");
        let (rule, key) = set.rule(&filter.name).ok_or_else(|| set.unknown(&path, &filter.name))?;
        // Assumed (describe.filter-without-values): a filter without values is refused.
        if filter.values.is_empty() {
            return Err(Error::Filter { path, reason: "has no values".to_owned() });
        }
        at_most(format!("{path}.Values"), filter.values.len(), rule.values_max)?;
        Ok((filter, rule, key))
    };
    filters.iter().enumerate().map(matcher).collect()
}

fn matching<R: Resource>(
    store: &Store,
    filters: &FilterSet<R>,
    query: &Query<R>,
    matchers: &[Matcher<'_, R>],
) -> Vec<R::Id> {
    let table = store.table::<R>();
    let by_id = matchers.iter().find(|(_, rule, _)| rule.name == filters.id_filter);
    let candidates: Vec<R::Id> = if !query.ids.is_empty() {
        in_order(table, query.ids.clone())
    } else if let Some((filter, ..)) = by_id {
        // Assumed (describe.impossible-value): a malformed ID matches nothing.
        in_order(table, filter.values.iter().filter_map(|text| text.parse().ok()).collect())
    } else {
        table.listing(query.region).iter().collect()
    };
    let passes = |value: &R| {
        matchers.iter().all(|(filter, rule, key)| {
            filter.values.iter().any(|text| (rule.matches)(value, text, key, store))
        })
    };
    let is_asked_for = |id: &R::Id| {
        query.region.is_none_or(|region| table.region(*id) == Some(region))
            && table.get(*id).is_some_and(passes)
    };
    candidates.into_iter().filter(is_asked_for).collect()
}

/// Those ids that there are, each once, in the order in which the resources came.
fn in_order<K: Id, V: Clone>(table: &Table<K, V>, ids: Vec<K>) -> Vec<K> {
    let mut found: Vec<(u64, K)> =
        ids.into_iter().filter_map(|id| Some((table.number(id)?, id))).collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().map(|(_, id)| id).collect()
}

impl<V> FilterSet<V> {
    /// Whether these filters look at every resource, instead of those that one of them names by ID.
    pub fn scans(&self, filters: Option<&[Filter]>) -> bool {
        let filters = filters.unwrap_or_default();
        !filters.is_empty() && filters.iter().all(|filter| filter.name != self.id_filter)
    }

    /// The rule of a filter's name, and the key that it has.
    fn rule<'q>(&'q self, name: &'q str) -> Option<(&'q FilterRule<V>, &'q str)> {
        self.rules.iter().find_map(|rule| {
            let key = name.strip_prefix(rule.name)?;
            (key.is_empty() != rule.name.ends_with(':')).then_some((rule, key))
        })
    }

    fn unknown(&self, path: &str, name: &str) -> Error {
        let names = self.rules.iter().map(|rule| match rule.name.strip_suffix(':') {
            Some(_) => format!("{}KEY", rule.name),
            None => rule.name.to_owned(),
        });
        let names: Vec<String> = names.collect();
        let near = nearest(name, names.iter().map(String::as_str)).map(Quoted::value);
        let hint = did_you_mean(near, format_args!("; the filters are {}", names.join(", ")));
        let reason = format!("there is no filter {}{hint}", Quoted::value(name));
        Error::Filter { path: path.to_owned(), reason }
    }
}

/// Whether one of the tags has the key.
pub fn has_tag_key(tags: &[Tag], key: &str) -> bool {
    tags.iter().any(|tag| tag.key == key)
}

/// Whether one of the tags has the key and the value.
pub fn has_tag(tags: &[Tag], key: &str, value: &str) -> bool {
    tags.iter().any(|tag| tag.key == key && tag.value == value)
}
