//! The instances that fixtures bring. None can be started.

use crate::{
    ecm::{
        Error, Store,
        api::{objects, requests, responses},
        families::parts::page,
        query::{
            Describe, Filter, FilterSet, Listed, Order, Query, Selected, any_of, has_tag,
            has_tag_key,
        },
        quote::Quoted,
        zones::Isp,
    },
    protocol::action::Entry,
};

use super::{Instance, error::InstanceError};

/// The actions of instances.
pub(in crate::ecm) const ACTIONS: &[Entry<Store>] = &[Entry::new::<requests::DescribeInstances>()];

impl Listed for Instance {
    type View = objects::Instance;

    const FILTERS: FilterSet<Self> = FilterSet {
        ids: "InstanceIds",
        id_filter: "instance-id",
        rules: &[
            any_of("zone", |it, text, _, _| it.zone.as_str() == text),
            any_of("zone-name", |it, text, _, _| it.zone.node().zone_name.contains(text)),
            any_of("module-id", |it, text, _, _| {
                it.passthrough
                    .with(|it| it.simple_module.as_ref().is_some_and(|it| it.module_id == text))
            }),
            any_of("instance-id", |it, text, _, _| it.id == *text),
            any_of("instance-name", |it, text, _, _| it.name.contains(text)),
            any_of("ip-address", |it, text, _, store| {
                text.parse().is_ok_and(|ip| store.has_ip(it, ip))
            }),
            any_of("instance-uuid", |it, text, _, _| {
                it.passthrough.with(|it| it.uuid.as_deref() == Some(text))
            }),
            any_of("instance-state", |it, text, _, _| it.state.as_str() == text),
            any_of("internet-service-provider", |it, text, _, store| {
                text.parse().is_ok_and(|isp: Isp| store.has_isp(it, isp))
            }),
            any_of("tag-key", |it, text, _, _| has_tag_key(&it.tags, text)),
            any_of("tag:", |it, text, key, _| has_tag(&it.tags, key, text)),
            any_of("instance-family", |it, text, _, _| it.has_family(text)),
            any_of("module-name", |it, text, _, _| {
                it.passthrough.with(|it| {
                    it.simple_module.as_ref().is_some_and(|it| it.module_name.contains(text))
                })
            }),
            any_of("image-id", |it, text, _, _| {
                it.passthrough.with(|it| it.image.as_ref().is_some_and(|it| it.image_id == text))
            }),
            any_of("vpc-id", |it, text, _, _| it.vpc_id == *text),
            any_of("subnet-id", |it, text, _, _| it.subnet_id == *text),
        ],
    };

    fn view(&self, store: &Store) -> objects::Instance {
        store.view_instance(self)
    }
}

/// Lists instances, the newest first unless told otherwise.
impl Describe for requests::DescribeInstances {
    type Resource = Instance;

    fn filters(&self) -> Option<&[Filter]> {
        self.filters.as_deref()
    }

    fn query(self) -> Result<Query<Instance>, Error> {
        match self.order_by_field.as_deref() {
            None | Some("" | "timestamp") => {}
            Some(other) => return Err(InstanceError::OrderBy(Quoted(other).to_string()).into()),
        }
        // Fixtures bring them in the order of their times, and nobody makes more.
        let order = match self.order_direction {
            None | Some(0) => Order::Latest,
            Some(1) => Order::Oldest,
            Some(other) => {
                let reason = format!("{other} is neither 0 nor 1");
                return Err(Error::Value { parameter: "OrderDirection", reason });
            }
        };
        Ok(Query {
            ids: Vec::new(),
            filters: self.filters.unwrap_or_default(),
            region: None,
            page: page(self.offset, self.limit)?,
            order,
        })
    }

    fn response(found: Selected<objects::Instance>) -> responses::DescribeInstancesResponse {
        responses::DescribeInstancesResponse {
            total_count: found.total(),
            instance_set: found.views,
        }
    }
}
