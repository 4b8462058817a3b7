//! The instances that fixtures bring. None can be started.

use serde::{Deserialize, Serialize};

use crate::{
    ecm::{
        Error, Store,
        families::parts::page,
        query::{Filter, FilterSet, Order, Query, any_of, has_tag, has_tag_key, select},
        quote::Quoted,
        zones::Isp,
    },
    protocol::{Action, Context},
};

use super::{Instance, InstanceView, error::InstanceError};

/// Lists instances, the newest first unless told otherwise.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct DescribeInstances {
    filters: Option<Vec<Filter>>,
    offset: Option<i64>,
    limit: Option<i64>,
    order_by_field: Option<String>,
    order_direction: Option<i64>,
}

/// Response of [`DescribeInstances`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::ecm::families) struct DescribeInstancesOutput {
    total_count: usize,
    instance_set: Vec<InstanceView>,
}

const FILTERS: FilterSet<Instance> = FilterSet {
    ids: "InstanceIds",
    id_filter: "instance-id",
    rules: &[
        any_of("zone", |it, text, _, _| it.zone.as_str() == text),
        any_of("zone-name", |it, text, _, _| it.zone.node().zone_name.contains(text)),
        any_of("module-id", |it, text, _, _| {
            it.kept_text("SimpleModule", "ModuleId") == Some(text)
        }),
        any_of("instance-id", |it, text, _, _| it.id == *text),
        any_of("instance-name", |it, text, _, _| it.name.contains(text)),
        any_of("ip-address", |it, text, _, store| {
            text.parse().is_ok_and(|ip| store.has_ip(it, ip))
        }),
        any_of("instance-uuid", |it, text, _, _| {
            it.kept.get("UUID").is_some_and(|uuid| uuid == text)
        }),
        any_of("instance-state", |it, text, _, _| it.state.as_str() == text),
        any_of("internet-service-provider", |it, text, _, store| {
            text.parse().is_ok_and(|isp: Isp| store.has_isp(it, isp))
        }),
        any_of("tag-key", |it, text, _, _| has_tag_key(&it.tags, text)),
        any_of("tag:", |it, text, key, _| has_tag(&it.tags, key, text)),
        any_of("instance-family", |it, text, _, _| it.family() == Some(text)),
        any_of("module-name", |it, text, _, _| {
            it.kept_text("SimpleModule", "ModuleName").is_some_and(|name| name.contains(text))
        }),
        any_of("image-id", |it, text, _, _| it.kept_text("Image", "ImageId") == Some(text)),
        any_of("vpc-id", |it, text, _, _| it.vpc_id == *text),
        any_of("subnet-id", |it, text, _, _| it.subnet_id == *text),
    ],
};

impl Action for DescribeInstances {
    type Product = Store;
    type Output = DescribeInstancesOutput;

    fn is_long(&self) -> bool {
        FILTERS.scans(self.filters.as_deref())
    }

    fn run(self, store: &mut Store, _: &Context) -> Result<DescribeInstancesOutput, Error> {
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
        let query = Query {
            ids: Vec::new(),
            filters: self.filters.unwrap_or_default(),
            region: None,
            page: page(self.offset, self.limit)?,
            order,
        };
        let found = select(store, &FILTERS, &query, Store::view_instance)?;
        Ok(DescribeInstancesOutput { total_count: found.total, instance_set: found.views })
    }
}
