//! Instances, which only fixtures create. No action can start one.

use crate::{
    ecm::{
        Error, Store,
        api::{objects, requests, responses},
        families::parts::page,
        fields::count,
        query::{
            Describe, Filter, FilterSet, Listed, Order, Query, Selected, any_of, has_tag,
            has_tag_key,
        },
        zones::Isp,
    },
    protocol::{Action, Context, action::Entry, text::BacktickedValue},
};

use super::{Instance, error::InstanceError};

/// Actions on instances.
pub(in crate::ecm) const ACTIONS: &[Entry<Store>] = &[
    Entry::new::<requests::DescribeInstances>(),
    Entry::new::<requests::DescribeInstanceTypeConfig>(),
];

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

/// Lists instances. Defaults to the newest first.
impl Describe for requests::DescribeInstances {
    type Resource = Instance;

    fn filters(&self) -> Option<&[Filter]> {
        self.filters.as_deref()
    }

    fn query(self) -> Result<Query<Instance>, Error> {
        match self.order_by_field.as_deref() {
            None | Some("" | "timestamp") => {}
            Some(other) => {
                return Err(InstanceError::OrderBy(BacktickedValue(other).to_string()).into());
            }
        }
        // Fixtures create instances in the order of their times, and calls cannot create any.
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

/// Instance types from the vendor's example: suffix of the name, number of vCPUs, and memory in GB.
const TYPES: [(&str, i64, i64); 17] = [
    ("SMALL2", 1, 2),
    ("SMALL4", 1, 4),
    ("SMALL8", 1, 8),
    ("MEDIUM4", 2, 4),
    ("MEDIUM8", 2, 8),
    ("MEDIUM16", 2, 16),
    ("LARGE8", 4, 8),
    ("LARGE16", 4, 16),
    ("LARGE32", 4, 32),
    ("2XLARGE16", 8, 16),
    ("2XLARGE32", 8, 32),
    ("2XLARGE64", 8, 64),
    ("4XLARGE32", 16, 32),
    ("4XLARGE64", 16, 64),
    ("6XLARGE48", 24, 48),
    ("6XLARGE64", 24, 64),
    ("8XLARGE64", 32, 64),
];

fn instance_type((size, vcpu, memory): (&str, i64, i64)) -> objects::InstanceTypeConfig {
    objects::InstanceTypeConfig {
        instance_family_config: objects::InstanceFamilyConfig {
            instance_family: "SN3ne".into(),
            instance_family_name: "标准网络优化型".into(),
        },
        instance_type: format!("SN3ne.{size}").into(),
        vcpu,
        memory,
        frequency: "2.5 GHz".into(),
        cpu_model_name: "Intel Xeon Skylake 6133".into(),
        instance_family_type_config: objects::InstanceFamilyTypeConfig {
            instance_family_type: "S".into(),
            instance_family_type_name: "标准型".into(),
        },
        ext_info: Some("".into()),
        ..objects::InstanceTypeConfig::default()
    }
}

/// Lists the instance types, by name.
impl Action for requests::DescribeInstanceTypeConfig {
    type Product = Store;

    fn run(
        self,
        _: &mut Store,
        _: &Context,
    ) -> Result<responses::DescribeInstanceTypeConfigResponse, Error> {
        let mut instance_type_config_set: Vec<_> = TYPES.into_iter().map(instance_type).collect();
        instance_type_config_set.sort_by(|one, other| one.instance_type.cmp(&other.instance_type));
        Ok(responses::DescribeInstanceTypeConfigResponse {
            total_count: count(instance_type_config_set.len()),
            instance_type_config_set,
        })
    }
}
