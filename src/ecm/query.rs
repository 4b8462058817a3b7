//! Queries of Describe calls: IDs, filters, and pages.

use std::{fmt, str::FromStr};

use crate::{
    nearest::{did_you_mean, nearest},
    protocol::{Action, Context, Request, text::BacktickedValue},
};

use super::{
    Error, Store,
    fields::count,
    kinds::Resource,
    model::{LocalTime, Tag},
    table::Row,
    zones::Region,
};

/// Maximum number of IDs in one call.
pub const IDS_MAX: usize = 100;
/// Maximum number of filters in one call.
pub const FILTERS_MAX: usize = 10;
/// Maximum number of values of one filter.
pub const FILTER_VALUES_MAX: usize = 5;
/// Maximum number of resources in one response.
pub const LIMIT_MAX: usize = 100;
/// Default number of resources in one response.
pub const LIMIT_DEFAULT: usize = 20;

pub use super::api::objects::Filter;

/// A filter that a family documents.
pub struct FilterRule<V> {
    /// Name of the filter. A name that ends in `:` is followed by a key.
    pub name: &'static str,
    /// Returns whether a resource matches a value and the key, which is empty if the name has none.
    pub matches: fn(&V, &str, &str, &Store) -> bool,
    /// Maximum number of values.
    pub values_max: usize,
}

/// Creates a rule for a filter that matches any of several values.
pub const fn any_of<V>(
    name: &'static str,
    matches: fn(&V, &str, &str, &Store) -> bool,
) -> FilterRule<V> {
    FilterRule { name, matches, values_max: FILTER_VALUES_MAX }
}

/// Creates a rule for a filter with a single value.
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
    /// Name of the parameter that lists IDs.
    pub ids: &'static str,
    /// Name of the filter by the resource's ID, which uses a look-up instead of a scan.
    pub id_filter: &'static str,
    pub rules: &'static [FilterRule<V>],
}

/// The requested part of the results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    offset: usize,
    limit: usize,
}

impl Page {
    /// Checks `Offset` and `Limit`.
    ///
    /// Assumed (describe.limit-zero, describe.limit-max): a limit of 0 is refused, and 100 is the
    /// maximum even where none is documented.
    pub fn new(offset: Option<i128>, limit: Option<i128>) -> Result<Self, Error> {
        let refuse = |parameter, value: i128, rule| {
            Err(Error::Page { parameter, value: value.to_string(), rule, is_too_large: value > 0 })
        };
        let offset = offset.unwrap_or(0);
        if offset < 0 {
            return refuse("Offset", offset, "must be 0 or more");
        }
        // No list is this long.
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let limit = limit.unwrap_or(LIMIT_DEFAULT as i128);
        match usize::try_from(limit) {
            Ok(limit @ 1..=LIMIT_MAX) => Ok(Self { offset, limit }),
            _ => refuse("Limit", limit, "must be 1 to 100"),
        }
    }

    /// Parses `Offset` and `Limit` from strings. An empty string counts as absent.
    pub fn parse(offset: Option<&str>, limit: Option<&str>) -> Result<Self, Error> {
        let number = |parameter, text: Option<&str>, rule| {
            let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
            i128::from_str(text).map(Some).map_err(|_| {
                let value = BacktickedValue(text).to_string();
                Error::Page { parameter, value, rule, is_too_large: false }
            })
        };
        let offset = number("Offset", offset, "must be a number of up to 38 digits")?;
        let limit = number("Limit", limit, "must be a number from 1 to 100")?;
        Self::new(offset, limit)
    }
}

/// The query of a Describe call.
#[derive(Debug)]
pub struct Query<R: Resource> {
    /// IDs. Matches any ID if empty.
    pub ids: Vec<R::Id>,
    /// Filters. A resource must pass all of them.
    pub filters: Vec<Filter>,
    /// Region. Matches any region if `None`.
    pub region: Option<Region>,
    /// Requested part of the results.
    pub page: Page,
    /// Order of the results.
    pub order: Order<R>,
}

/// Order of the results.
#[derive(Debug, Clone, Copy)]
pub enum Order<V> {
    /// In creation order.
    Oldest,
    /// In reverse creation order.
    Latest,
    /// By time, the newest first. Scans every resource of the region.
    Newest(fn(&V) -> LocalTime),
}

/// A page of results, and the total number of results.
#[derive(Debug)]
pub struct Selected<T> {
    /// Number of results on all pages.
    total: usize,
    /// Resources of the page, as responses show them.
    pub views: Vec<T>,
}

impl<T> Selected<T> {
    /// Returns the number of results on all pages.
    pub fn total<N: TryFrom<usize, Error: fmt::Debug>>(&self) -> N {
        count(self.total)
    }
}

/// A kind of resource that a Describe action lists.
pub trait Listed: Resource {
    /// Object of the API that shows a resource.
    type View;
    /// The filters that the vendor documents.
    const FILTERS: FilterSet<Self>;

    /// Returns the resource as responses show it.
    fn view(&self, store: &Store) -> Self::View;
}

/// A Describe action: an [`Action`] that lists a page of the matching resources.
pub trait Describe: Request {
    /// Kind of resource that the action lists.
    type Resource: Listed;

    /// Returns the filters of the call.
    fn filters(&self) -> Option<&[Filter]>;

    /// Returns the `Sort` of the call.
    fn sort(&self) -> Option<&str> {
        None
    }

    /// Returns the query of the call.
    fn query(self) -> Result<Query<Self::Resource>, Error>;

    /// Builds the response.
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
        let is_counted = store.count_describe::<D::Resource>();
        D::settle(response, store) || is_counted
    }
}

/// `Sort` value that lists the newest resource first. Scans every resource.
pub const SORT_BY_TIME: &str = "time";

/// Runs a query.
///
/// Without filters, the cost depends on the page only; with IDs or a filter by ID, on the number of
/// IDs. Other filters scan every resource of the region.
fn select<R: Listed>(store: &Store, query: &Query<R>) -> Result<Selected<R::View>, Error> {
    let (table, set) = (store.table::<R>(), &R::FILTERS);
    let matchers = check(set, query.ids.len(), &query.filters)?;
    // Assumed (visibility.off): without a delay, a resource is shown as soon as it is created.
    // Assumed (api.empty-list): an empty list counts as absent.
    let mut listing = if query.ids.is_empty() && query.filters.is_empty() {
        table.shown(query.region)
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
    let views = table.these(&ids).map(|it| it.view(store)).collect();
    Ok(Selected { total: listing.len(), views })
}

/// A filter, its rule, and its key.
pub(super) type Matcher<'q, V> = (&'q Filter, &'q FilterRule<V>, &'q str);

/// Checks the IDs and filters of a call, and returns the filters with their rules.
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
    let is_asked_for = |row: &Row<R>| {
        query.region.is_none_or(|region| row.region == region)
            && matchers.iter().all(|(filter, rule, key)| {
                filter.values.iter().any(|text| (rule.matches)(&row.value, text, key, store))
            })
    };
    let number = |(id, row): (R::Id, &Row<R>)| {
        (is_asked_for(row) && !table.is_hidden(id)).then_some((row.number, id))
    };
    let by_id = matchers.iter().find(|(_, rule, _)| rule.name == filters.id_filter);
    let of_ids = |ids: Vec<R::Id>| ids.into_iter().filter_map(|id| Some((id, table.row(id)?)));
    let mut found: Vec<(u64, R::Id)> = if !query.ids.is_empty() {
        of_ids(query.ids.clone()).filter_map(number).collect()
    } else if let Some((filter, ..)) = by_id {
        // Assumed (describe.impossible-value): a malformed ID matches nothing.
        let ids = filter.values.iter().filter_map(|text| text.parse().ok()).collect();
        of_ids(ids).filter_map(number).collect()
    } else {
        table.rows().filter_map(number).collect()
    };
    // In the order of creation, without duplicates.
    found.sort_unstable();
    found.dedup();
    found.into_iter().map(|(_, id)| id).collect()
}

impl<V> FilterSet<V> {
    /// Returns whether these filters scan every resource, because none of them filters by ID.
    pub fn scans(&self, filters: Option<&[Filter]>) -> bool {
        let filters = filters.unwrap_or_default();
        !filters.is_empty() && filters.iter().all(|filter| filter.name != self.id_filter)
    }

    /// Returns the rule for a filter's name, and the key in the name.
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
        let near = nearest(name, names.iter().map(String::as_str)).map(BacktickedValue);
        let hint = did_you_mean(near, format_args!("; expected one of {}", names.join(", ")));
        let reason = format!("unknown filter {}{hint}", BacktickedValue(name));
        Error::Filter { path: path.to_owned(), reason }
    }
}

/// Returns whether one of the tags has the key.
pub fn has_tag_key(tags: &[Tag], key: &str) -> bool {
    tags.iter().any(|tag| tag.key == key)
}

/// Returns whether one of the tags has the key and the value.
pub fn has_tag(tags: &[Tag], key: &str, value: &str) -> bool {
    tags.iter().any(|tag| tag.key == key && tag.value == value)
}
