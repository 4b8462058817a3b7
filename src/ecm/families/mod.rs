//! The product's families of resources and actions, one folder each.

pub mod address;
pub mod config;
pub mod ha_vip;
pub mod instance;
pub mod network_interface;
mod parts;
pub mod subnet;
pub mod vpc;

use crate::{catalog, protocol::Catalog};

use super::{Store, documented};

/// Every action that is emulated. A new one is a type in its family's folder, and a line here.
pub static CATALOG: Catalog<Store> = catalog!(Store, "ecm", "2019-07-19", documented::name_of, {
    ha_vip::CreateHaVip,
    ha_vip::DeleteHaVip,
    ha_vip::DescribeHaVips,
    ha_vip::ModifyHaVipAttribute,
    vpc::CreateVpc,
    vpc::DeleteVpc,
    vpc::DescribeVpcs,
    vpc::ModifyVpcAttribute,
    subnet::CreateSubnet,
    subnet::DeleteSubnet,
    subnet::DescribeSubnets,
    subnet::ModifySubnetAttribute,
    subnet::DescribeDefaultSubnet,
    subnet::ModifyDefaultSubnet,
    network_interface::CreateNetworkInterface,
    network_interface::DeleteNetworkInterface,
    network_interface::DescribeNetworkInterfaces,
    network_interface::AttachNetworkInterface,
    network_interface::DetachNetworkInterface,
    network_interface::MigrateNetworkInterface,
    network_interface::AssignPrivateIpAddresses,
    network_interface::RemovePrivateIpAddresses,
    network_interface::ModifyPrivateIpAddressesAttribute,
    network_interface::MigratePrivateIpAddress,
    address::AllocateAddresses,
    address::ReleaseAddresses,
    address::DescribeAddresses,
    address::AssociateAddress,
    address::DisassociateAddress,
    address::ModifyAddressAttribute,
    address::ModifyAddressesBandwidth,
    address::DescribeAddressQuota,
    address::DescribeTaskResult,
    instance::DescribeInstances,
    config::DescribeNode,
    config::DescribeConfig,
});
