//! Zones, limits, and other configuration.

use crate::{
    ecm::{
        Error, Store,
        api::{
            objects::{self, ImageLimitConfig, InstanceNetworkLimitConfig, NetworkStorageRange},
            requests, responses,
        },
        fields::count,
        query::{FilterSet, any_of, check},
        zones::{NODES, Node},
    },
    protocol::{Action, Context, action::Entry},
};

use super::{NETWORK_LIMITS, NetworkLimits, position};

/// Actions that return zones and limits.
pub(in crate::ecm) const ACTIONS: &[Entry<Store>] = &[
    Entry::new::<requests::DescribeNode>(),
    Entry::new::<requests::DescribeConfig>(),
    Entry::new::<requests::DescribeImportImageOs>(),
    Entry::new::<requests::DescribeSecurityGroupLimits>(),
];

/// Assumed (zone.instance-families): every zone has instances of every family.
const FILTERS: FilterSet<Node> =
    FilterSet { ids: "", id_filter: "", rules: &[any_of("InstanceFamily", |_, _, _, _| true)] };

/// Lists the zones.
impl Action for requests::DescribeNode {
    type Product = Store;

    fn run(self, _: &mut Store, _: &Context) -> Result<responses::DescribeNodeResponse, Error> {
        check(&FILTERS, 0, &self.filters.unwrap_or_default())?;
        let listed = NODES.iter().filter(|node| node.region_number.is_some());
        let node_set: Vec<objects::Node> = listed.map(view).collect();
        Ok(responses::DescribeNodeResponse { total_count: count(node_set.len()), node_set })
    }
}

fn view(node: &Node) -> objects::Node {
    let mut isp_set: Vec<objects::Isp> = node.isps.iter().copied().map(Into::into).collect();
    if node.isps.len() > 1 {
        // An additional entry for all providers together.
        isp_set.push(objects::Isp { isp_id: "CTCC;CUCC;CMCC".into(), isp_name: "三网".into() });
    }
    let objects::Position { zone_info, country, area, province, city, region_info, .. } =
        position(node.zone);
    objects::Node {
        zone_info,
        country,
        area,
        province,
        city,
        region_info,
        isp_set,
        isp_num: count(node.isps.len()),
        // Assumed (zone.load-balancers): every zone has load balancers.
        lb_supported: true,
    }
}

/// Values from the vendor's example, which lacks the last two; these are assumed.
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
    // Assumed (config.storage-range): the vendor's example lacks these two.
    cbs_supported: false,
    disk_num_limit: 10,
};

/// Returns limits of bandwidths, disks, and network interfaces.
impl Action for requests::DescribeConfig {
    type Product = Store;

    fn run(self, _: &mut Store, _: &Context) -> Result<responses::DescribeConfigResponse, Error> {
        Ok(responses::DescribeConfigResponse {
            network_storage_range: NETWORK_STORAGE_RANGE,
            image_white_set: IMAGES.iter().copied().map(Into::into).collect(),
            instance_network_limit_configs: NETWORK_LIMITS.iter().map(limits).collect(),
            image_limits: Some(ImageLimitConfig { max_image_size: 0 }),
            default_ip_direct: true,
        })
    }
}

fn limits(limits: &NetworkLimits) -> InstanceNetworkLimitConfig {
    InstanceNetworkLimitConfig {
        cpu_num: count(limits.vcpus),
        network_interface_limit: count(limits.network_interfaces),
        inner_ip_per_network_interface: count(limits.private_ips),
        public_ip_per_instance: count(limits.public_ips),
    }
}

/// Images that can be imported.
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

/// Windows systems whose images can be imported, from an older example of the vendor.
const WINDOWS: &[&str] = &["Windows Server 2008", "Windows Server 2012", "Windows Server 2016"];
/// Other systems and their versions. The vendor's list of names lacks Redhat.
const LINUX: &[(&str, &[&str])] = &[
    ("CentOS", &["5", "6", "7"]),
    ("CoreOS", &["7"]),
    ("Debian", &["6", "7", "8", "9"]),
    ("FreeBSD", &["10"]),
    (REDHAT, &["5", "6", "7"]),
    ("OpenSUSE", &["11", "12"]),
    ("SUSE", &["10", "11", "12", "13"]),
    ("Ubuntu", &["10", "12", "14", "16"]),
    ("Other Linux", &["-"]),
];
const REDHAT: &str = "Redhat";

fn os_version((name, versions): (&'static str, &[&'static str])) -> objects::OsVersion {
    objects::OsVersion {
        os_name: name.into(),
        os_versions: versions.iter().copied().map(Into::into).collect(),
        architecture: vec!["x86_64".into(), "i386".into()],
    }
}

/// Lists the operating systems whose images can be imported.
impl Action for requests::DescribeImportImageOs {
    type Product = Store;

    fn run(
        self,
        _: &mut Store,
        _: &Context,
    ) -> Result<responses::DescribeImportImageOsResponse, Error> {
        let windows = WINDOWS.iter().copied();
        let linux = LINUX.iter().copied();
        Ok(responses::DescribeImportImageOsResponse {
            import_image_os_list_supported: objects::ImageOsList {
                windows: windows.clone().map(Into::into).collect(),
                linux: linux
                    .clone()
                    .map(|it| it.0)
                    .filter(|it| *it != REDHAT)
                    .map(Into::into)
                    .collect(),
            },
            import_image_os_version_set: windows
                .map(|name| (name, &["-"][..]))
                .chain(linux)
                .map(os_version)
                .collect(),
        })
    }
}

/// Returns the quotas of security groups from the vendor's example.
impl Action for requests::DescribeSecurityGroupLimits {
    type Product = Store;

    fn run(
        self,
        _: &mut Store,
        _: &Context,
    ) -> Result<responses::DescribeSecurityGroupLimitsResponse, Error> {
        Ok(responses::DescribeSecurityGroupLimitsResponse {
            security_group_limit_set: objects::SecurityGroupLimitSet {
                security_group_limit: 50,
                security_group_policy_limit: 100,
                refered_security_group_limit: 10,
                security_group_instance_limit: 2000,
                instance_security_group_limit: 2000,
                security_group_module_limit: 10,
                module_security_group_limit: 10,
            },
        })
    }
}
