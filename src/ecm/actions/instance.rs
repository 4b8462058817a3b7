//! The instances that fixtures bring. None can be started.

use serde::{Deserialize, Serialize};

use crate::{
    ecm::{
        Error, Store,
        model::Instance,
        query::{Family, Filter, Query, exact, fuzzy, has_tag, has_tag_key, select},
        view::InstanceView,
        zones::Isp,
    },
    protocol::{Action, Context},
};

use super::parts::page;

/// Lists instances, the newest first unless told otherwise.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeInstances {
    filters: Option<Vec<Filter>>,
    offset: Option<i64>,
    limit: Option<i64>,
    order_by_field: Option<String>,
    order_direction: Option<i64>,
}

/// Response of [`DescribeInstances`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeInstancesOutput {
    total_count: usize,
    instance_set: Vec<InstanceView>,
}

const FAMILY: Family<Instance> = Family {
    ids: "InstanceIds",
    id_filter: "instance-id",
    rules: &[
        exact("zone", |it, text, _, _| it.zone.as_str() == text),
        fuzzy("zone-name", |it, text, _, _| it.zone.node().zone_name.contains(text)),
        exact("module-id", |it, text, _, _| it.kept_text("SimpleModule", "ModuleId") == Some(text)),
        exact("instance-id", |it, text, _, _| it.id == *text),
        fuzzy("instance-name", |it, text, _, _| it.name.contains(text)),
        exact("ip-address", |it, text, _, store| text.parse().is_ok_and(|ip| store.has_ip(it, ip))),
        exact("instance-uuid", |it, text, _, _| {
            it.kept.get("UUID").is_some_and(|uuid| uuid == text)
        }),
        exact("instance-state", |it, text, _, _| it.state.as_str() == text),
        exact("internet-service-provider", |it, text, _, store| {
            text.parse().is_ok_and(|isp: Isp| store.has_isp(it, isp))
        }),
        exact("tag-key", |it, text, _, _| has_tag_key(&it.tags, text)),
        exact("tag:", |it, text, key, _| has_tag(&it.tags, key, text)),
        exact("instance-family", |it, text, _, _| it.family() == Some(text)),
        fuzzy("module-name", |it, text, _, _| {
            it.kept_text("SimpleModule", "ModuleName").is_some_and(|name| name.contains(text))
        }),
        exact("image-id", |it, text, _, _| it.kept_text("Image", "ImageId") == Some(text)),
        exact("vpc-id", |it, text, _, _| it.vpc_id == *text),
        exact("subnet-id", |it, text, _, _| it.subnet_id == *text),
    ],
};

impl Action for DescribeInstances {
    type Product = Store;
    type Output = DescribeInstancesOutput;

    fn run(self, store: &mut Store, _: &Context) -> Result<DescribeInstancesOutput, Error> {
        match self.order_by_field.as_deref() {
            None | Some("" | "timestamp") => {}
            Some(other) => return Err(Error::OrderBy(other.to_owned())),
        }
        let newest_first = match self.order_direction {
            None | Some(0) => true,
            Some(1) => false,
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
            newest_first,
        };
        let found = select(store, store.instances(), &FAMILY, &query, Store::view_instance)?;
        Ok(DescribeInstancesOutput { total_count: found.total, instance_set: found.views })
    }
}
