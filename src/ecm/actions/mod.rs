//! The product's actions, one file a family.

mod address;
mod ha_vip;
mod instance;
mod network_interface;
mod node;
mod parts;
mod private_ip;
mod subnet;
mod task;
mod vpc;

use crate::{catalog, protocol::Catalog};

use super::{Store, api::actions::ACTIONS};

/// Every action that is emulated. A new one is a type in its family's file, and a line here.
pub static CATALOG: Catalog<Store> = catalog!(Store, "ecm", "2019-07-19", &ACTIONS, {
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
    private_ip::AssignPrivateIpAddresses,
    private_ip::RemovePrivateIpAddresses,
    private_ip::ModifyPrivateIpAddressesAttribute,
    private_ip::MigratePrivateIpAddress,
    address::AllocateAddresses,
    address::ReleaseAddresses,
    address::DescribeAddresses,
    address::AssociateAddress,
    address::DisassociateAddress,
    address::ModifyAddressAttribute,
    address::ModifyAddressesBandwidth,
    task::DescribeAddressQuota,
    task::DescribeTaskResult,
    instance::DescribeInstances,
    node::DescribeNode,
    node::DescribeConfig,
});
