//! Where the cloud is, and what limits it has.

use serde::{Deserialize, Serialize};

use crate::{
    ecm::{
        Error, Store,
        query::{Filter, FilterSet, any_of, check},
        zones::{NODES, Node},
    },
    protocol::{Action, Context},
};

use super::{IspView, NETWORK_LIMITS, NetworkLimits, Position};

/// Lists the zones.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct DescribeNode {
    filters: Option<Vec<Filter>>,
}

/// Response of [`DescribeNode`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::ecm::families) struct DescribeNodeOutput {
    node_set: Vec<NodeView>,
    total_count: usize,
}

/// The vendor's `Node`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct NodeView {
    #[serde(flatten)]
    position: Position,
    #[serde(rename = "ISPSet")]
    isps: Vec<IspView>,
    #[serde(rename = "ISPNum")]
    isp_count: usize,
    #[serde(rename = "LBSupported")]
    has_load_balancers: bool,
}

/// Assumed: every zone has instances of every family, and load balancers.
const FILTERS: FilterSet<Node> =
    FilterSet { ids: "", id_filter: "", rules: &[any_of("InstanceFamily", |_, _, _, _| true)] };

impl Action for DescribeNode {
    type Product = Store;
    type Output = DescribeNodeOutput;

    fn run(self, _: &mut Store, _: &Context) -> Result<DescribeNodeOutput, Error> {
        check(&FILTERS, 0, &self.filters.unwrap_or_default())?;
        let listed = NODES.iter().filter(|node| node.region_number.is_some());
        let node_set: Vec<NodeView> = listed.map(view).collect();
        Ok(DescribeNodeOutput { total_count: node_set.len(), node_set })
    }
}

fn view(node: &Node) -> NodeView {
    let mut isps: Vec<IspView> = node.isps.iter().copied().map(IspView::of).collect();
    if node.isps.len() > 1 {
        isps.push(IspView::all());
    }
    NodeView {
        position: Position::of(node.zone),
        isps,
        isp_count: node.isps.len(),
        has_load_balancers: true,
    }
}

/// Shows limits of bandwidths, disks and interfaces.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::ecm::families) struct DescribeConfig {}

/// Response of [`DescribeConfig`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::ecm::families) struct DescribeConfigOutput {
    network_storage_range: NetworkStorageRange,
    image_white_set: &'static [&'static str],
    instance_network_limit_configs: &'static [NetworkLimits],
    image_limits: ImageLimits,
    #[serde(rename = "DefaultIPDirect")]
    default_ip_direct: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct NetworkStorageRange {
    max_bandwidth: u32,
    max_system_disk_size: u32,
    min_bandwidth: u32,
    min_system_disk_size: u32,
    max_data_disk_size: u32,
    min_data_disk_size: u32,
    suggest_bandwidth: u32,
    suggest_data_disk_size: u32,
    suggest_system_disk_size: u32,
    max_vcpu: u32,
    min_vcpu: u32,
    max_vcpu_per_req: u32,
    per_bandwidth: u32,
    per_data_disk: u32,
    max_module_num: u32,
    #[serde(rename = "CBSSupported")]
    cbs_supported: bool,
    disk_num_limit: u32,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ImageLimits {
    max_image_size: u32,
}

/// As the vendor's example has them; the last two, which it lacks, are assumed.
const NETWORK_STORAGE_RANGE: NetworkStorageRange = NetworkStorageRange {
    max_bandwidth: 1000,
    max_system_disk_size: 100,
    min_bandwidth: 25,
    min_system_disk_size: 0,
    max_data_disk_size: 1024,
    min_data_disk_size: 50,
    suggest_bandwidth: 25,
    suggest_data_disk_size: 1024,
    suggest_system_disk_size: 50,
    max_vcpu: 100,
    min_vcpu: 1,
    max_vcpu_per_req: 100,
    per_bandwidth: 1,
    per_data_disk: 10,
    max_module_num: 1000,
    cbs_supported: false,
    disk_num_limit: 10,
};

impl Action for DescribeConfig {
    type Product = Store;
    type Output = DescribeConfigOutput;

    fn run(self, _: &mut Store, _: &Context) -> Result<DescribeConfigOutput, Error> {
        Ok(DescribeConfigOutput {
            network_storage_range: NETWORK_STORAGE_RANGE,
            image_white_set: IMAGES,
            instance_network_limit_configs: &NETWORK_LIMITS,
            image_limits: ImageLimits { max_image_size: 0 },
            default_ip_direct: true,
        })
    }
}

/// Images of which copies may be imported.
const IMAGES: &[&str] = &[
    "CentOS 6.2 64",
    "CentOS 6.3 64",
    "CentOS 6.8 64",
    "CentOS 6.9 32",
    "CentOS 6.9 64",
    "CentOS 7.2 64",
    "CentOS 7.3 64",
    "CentOS 7.4 64",
    "CentOS 7.5 64",
    "CentOS 7.6 64",
    "Debian 7.4 64",
    "Debian 8.2 32",
    "Debian 8.2 64",
    "Debian 9.0 64",
    "Tencent Linux Release 1.2 (tkernel2)",
    "Tencent Linux Release 2.2 (Final)",
    "Tencent Linux release 2.4 (Final)",
    "Ubuntu Server 14.04.1 LTS 32",
    "Ubuntu Server 14.04.1 LTS 64",
    "Ubuntu Server 16.04.1 LTS 32",
    "Ubuntu Server 16.04.1 LTS 64",
    "Ubuntu Server 18.04.1 LTS 64",
    "Ubuntu 16.0 64",
    "Windows Server 2012 R2",
    "Windows Server 2012 数据中心版 64位英文版",
    "Windows Server 2016 数据中心版 64位英文版",
    "Windows Server 2016 数据中心版 64位中文版",
    "None 2.2 64",
    "CentOS 8.0 64",
    "CentOS 7.7 64",
    "Windows Server 2019",
    "Debian 10.2 64",
    "Tencent tlinux release 2.2",
    "Ubuntu Server 20.04",
    "Tencent Linux release 2.6",
];
