//! Isolation of the resources of two accounts.

use serde_json::{Value, json};

use crate::tests::{
    cloud::{HANGZHOU, changed},
    support::{TestServer, error},
};

/// Returns the IDs of a VPC, subnet, HAVIP, interface, EIP, and task that account `a` creates.
async fn made(server: &TestServer) -> Value {
    let region = json!({ "EcmRegion": HANGZHOU });
    let make = async |action: &str, params: Value| {
        let params = if action == "CreateHaVip" { params } else { changed(&region, &params) };
        let response = server.call_as("a", action, &params).await;
        assert_eq!(response["Error"], json!(null), "{action}");
        response
    };
    let vpc = json!({ "VpcName": "demo", "CidrBlock": "10.9.0.0/16" });
    let vpc = make("CreateVpc", vpc).await["Vpc"]["VpcId"].take();
    let subnet = json!({
        "VpcId": vpc, "SubnetName": "demo", "CidrBlock": "10.9.0.0/24", "Zone": "ap-hangzhou-ecm-1",
    });
    let subnet = make("CreateSubnet", subnet).await["Subnet"]["SubnetId"].take();
    let home = json!({ "VpcId": vpc, "SubnetId": subnet });
    let ha_vip = changed(&home, &json!({ "HaVipName": "demo" }));
    let ha_vip = make("CreateHaVip", ha_vip).await["HaVip"]["HaVipId"].take();
    let interface = changed(&home, &json!({ "NetworkInterfaceName": "demo" }));
    let mut interface = make("CreateNetworkInterface", interface).await;
    let eips = make("AllocateAddresses", json!({})).await;
    json!({
        "VpcId": vpc,
        "SubnetId": subnet,
        "HaVipId": ha_vip,
        "NetworkInterfaceId": interface["NetworkInterface"]["NetworkInterfaceId"].take(),
        "AddressId": eips["AddressSet"][0],
        "TaskId": eips["TaskId"],
    })
}

#[tokio::test]
async fn resources_of_another_account_cannot_be_changed() {
    let server = TestServer::new().await;
    let ids = made(&server).await;
    let ips = json!([{ "PrivateIpAddress": "10.9.0.2" }]);
    let mut lines = String::new();
    for (action, names, more) in [
        ("DeleteVpc", &["VpcId"][..], json!({})),
        ("ModifyVpcAttribute", &["VpcId"], json!({})),
        ("DeleteSubnet", &["SubnetId"], json!({})),
        ("ModifySubnetAttribute", &["SubnetId"], json!({})),
        ("ModifyDefaultSubnet", &["VpcId", "SubnetId"], json!({ "Zone": "ap-hangzhou-ecm-1" })),
        ("DeleteHaVip", &["HaVipId"], json!({ "EcmRegion": null })),
        ("DeleteNetworkInterface", &["NetworkInterfaceId"], json!({})),
        ("RemovePrivateIpAddresses", &["NetworkInterfaceId"], json!({ "PrivateIpAddresses": ips })),
        ("DisassociateAddress", &["AddressId"], json!({})),
        ("ModifyAddressAttribute", &["AddressId"], json!({})),
        ("DescribeTaskResult", &["TaskId"], json!({})),
    ] {
        let mut params = changed(&json!({ "EcmRegion": HANGZHOU }), &more);
        params.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        for name in names {
            params[name] = ids[name].clone();
        }
        let response = server.call_as("b", action, &params).await;
        let (code, message) = error(&response);
        lines.extend([action, "\n    ", code, ": ", message, "\n"]);
    }
    insta::assert_snapshot!(lines, @"
    DeleteVpc
        ResourceNotFound: The resource does not exist. (VPC `vpc-a6etugrg`)
    ModifyVpcAttribute
        ResourceNotFound: The resource does not exist. (VPC `vpc-a6etugrg`)
    DeleteSubnet
        ResourceNotFound: The resource does not exist. (subnet `subnet-ry95ynvk`)
    ModifySubnetAttribute
        ResourceNotFound: The resource does not exist. (subnet `subnet-ry95ynvk`)
    ModifyDefaultSubnet
        ResourceNotFound: The resource does not exist. (VPC `vpc-a6etugrg`)
    DeleteHaVip
        ResourceNotFound: The resource does not exist. (HAVIP `havip-3ylr3ta5`)
    DeleteNetworkInterface
        ResourceNotFound: The resource does not exist. (network interface `eni-6bxgbt0k`)
    RemovePrivateIpAddresses
        ResourceNotFound: The resource does not exist. (network interface `eni-6bxgbt0k`)
    DisassociateAddress
        UnsupportedOperation.AddressIdNotFound: The IP was not found. (EIP `eip-mx0jaxe2`)
    ModifyAddressAttribute
        UnsupportedOperation.AddressIdNotFound: The IP was not found. (EIP `eip-mx0jaxe2`)
    DescribeTaskResult
        InvalidParameterValue: The parameter value is incorrect. (task `504961036` does not exist)
    ");
}

#[tokio::test]
async fn resources_of_another_account_are_not_described() {
    let server = TestServer::new().await;
    let ids = made(&server).await;
    for (action, list, name) in [
        ("DescribeVpcs", "VpcIds", "VpcId"),
        ("DescribeSubnets", "SubnetIds", "SubnetId"),
        ("DescribeHaVips", "HaVipIds", "HaVipId"),
        ("DescribeNetworkInterfaces", "NetworkInterfaceIds", "NetworkInterfaceId"),
        ("DescribeAddresses", "AddressIds", "AddressId"),
    ] {
        let params = json!({ "EcmRegion": HANGZHOU, list: [ids[name]] });
        assert_eq!(server.call_as("a", action, &params).await["TotalCount"], 1, "{action}");
        assert_eq!(server.call_as("b", action, &params).await["TotalCount"], 0, "{action}");
    }
}
