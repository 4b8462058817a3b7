"""A fixture that makes each of the vendor's example requests succeed. Its objects come from the examples' responses."""

from model import EXAMPLES, published_response

REGION = "ap-hangzhou-ecm"

VPC, EMPTY_VPC = "vpc-main0001", "vpc-empty001"
SUBNET, EMPTY_SUBNET = "subnet-main0001", "subnet-empty001"
MASTER, STANDBY = "ein-master01", "ein-standby1"
# The primary interface of each instance, a secondary interface of the master, and two detached interfaces.
MASTER_ENI, STANDBY_ENI, SECOND_ENI, FREE_ENI, OTHER_ENI = (
    "eni-master01",
    "eni-standby1",
    "eni-second01",
    "eni-free0001",
    "eni-other001",
)
SECONDARY_IP = "10.0.0.21"  # of `FREE_ENI`
HA_VIP, IDLE_HA_VIP = "havip-active01", "havip-idle0001"
HA_VIP_EIP, INSTANCE_EIP, FREE_EIP = "eip-havip001", "eip-master01", "eip-free0001"
TASK = "1528600"


def published(action, name, **changes):
    """Returns the first object of a list in an example's response, with some fields changed."""
    return published_response(EXAMPLES[action][0])[name][0] | changes


def fixture(region):
    """Returns the fixture for a region."""
    zone = f"{region}-1"
    return {
        "VpcSet": [vpc(region, VPC, "10.0.0.0/16"), vpc(region, EMPTY_VPC, "192.168.0.0/16")],
        "SubnetSet": [subnet(zone, SUBNET, "10.0.0.0/24"), subnet(zone, EMPTY_SUBNET, "10.0.2.0/24")],
        "InstanceSet": [instance(MASTER, "10.0.0.11"), instance(STANDBY, "10.0.0.12")],
        "NetworkInterfaceSet": [
            interface(zone, MASTER_ENI, "10.0.0.11", instance_id=MASTER, is_primary=True),
            interface(zone, STANDBY_ENI, "10.0.0.12", instance_id=STANDBY, is_primary=True),
            interface(zone, SECOND_ENI, "10.0.0.13", instance_id=MASTER),
            interface(zone, FREE_ENI, "10.0.0.20", SECONDARY_IP),
            interface(zone, OTHER_ENI, "10.0.0.22"),
        ],
        "HaVipSet": [
            ha_vip(HA_VIP, NetworkInterfaceId=SECOND_ENI, InstanceId=MASTER, AddressIp="203.0.113.1", State="AVAILABLE"),
            ha_vip(IDLE_HA_VIP, Vip="10.0.0.31", NetworkInterfaceId="", InstanceId="", State="UNBIND"),
        ],
        "AddressSet": [
            address(region, HA_VIP_EIP, "203.0.113.1", "BIND", InstanceId=HA_VIP, PrivateAddressIp="10.0.0.30"),
            address(
                region,
                INSTANCE_EIP,
                "203.0.113.2",
                "BIND",
                InstanceId=MASTER,
                NetworkInterfaceId=MASTER_ENI,
                PrivateAddressIp="10.0.0.11",
            ),
            address(region, FREE_EIP, "203.0.113.3", "UNBIND"),
        ],
        "TaskSet": [{"TaskId": TASK, "Result": "SUCCESS"}],
        "DefaultSubnetSet": [{"Zone": zone, "SubnetId": SUBNET}],
    }


def vpc(region, vpc_id, cidr):
    return published("DescribeVpcs", "VpcSet", VpcId=vpc_id, CidrBlock=cidr, Region=region)


def subnet(zone, subnet_id, cidr):
    region = zone.removesuffix("-1")
    place = {"VpcId": VPC, "CidrBlock": cidr, "Zone": zone, "Region": region}
    return published("DescribeSubnets", "SubnetSet", SubnetId=subnet_id, **place)


def instance(instance_id, ip):
    return published(
        "DescribeInstances",
        "InstanceSet",
        InstanceId=instance_id,
        VirtualPrivateCloud={"VpcId": VPC, "SubnetId": SUBNET, "PrivateIpAddresses": [ip]},
        Internet={"PrivateIPAddressSet": [{"PrivateIPAddress": ip}]},
    )


def interface(zone, interface_id, ip, *secondary_ips, instance_id=None, is_primary=False):
    ips = [{"PrivateIpAddress": ip, "Primary": True}]
    ips += [{"PrivateIpAddress": secondary_ip, "Primary": False} for secondary_ip in secondary_ips]
    return published(
        "DescribeNetworkInterfaces",
        "NetworkInterfaceSet",
        NetworkInterfaceId=interface_id,
        VpcId=VPC,
        SubnetId=SUBNET,
        Zone=zone,
        EcmRegion=zone.removesuffix("-1"),
        Primary=is_primary,
        PrivateIpAddressSet=ips,
        Attachment={"InstanceId": instance_id, "DeviceIndex": 0 if is_primary else 1} if instance_id else None,
    )


def ha_vip(ha_vip_id, **changes):
    place = {"VpcId": VPC, "SubnetId": SUBNET, "Vip": "10.0.0.30"}
    return published("DescribeHaVips", "HaVipSet", HaVipId=ha_vip_id, **place | changes)


def address(region, address_id, ip, status, **target):
    target = {"InstanceId": "", "NetworkInterfaceId": "", "PrivateAddressIp": ""} | target
    place = {"AddressIp": ip, "AddressStatus": status, "EcmRegion": region}
    return published("DescribeAddresses", "AddressSet", AddressId=address_id, **place, **target)
