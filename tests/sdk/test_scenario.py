"""Scenarios of real programs: create a network, move a HAVIP, delete everything, and wait for changes."""

import pytest

from fixture import HA_VIP, MASTER, OTHER_ENI, REGION, SECOND_ENI, STANDBY, SUBNET, VPC
from model import EMULATED
from sdk import SCHEMES, Cloud

ZONE = f"{REGION}-1"
READS_MAX = 9


@pytest.fixture(params=SCHEMES.values(), ids=SCHEMES.keys())
def cloud(request, fixture_server, secret_id):
    return Cloud(fixture_server(REGION), secret_id, request.param)


@pytest.fixture
def slow(fixture_server, secret_id):
    """A cloud where two reads see each change before it completes."""
    return Cloud(fixture_server(REGION, "--settle", "2"), secret_id)


def test_the_scenario_calls_every_emulated_action(cloud):
    check_regions(cloud)
    vpc_id, subnet_id = create_network(cloud)
    ha_vip_id = create_and_rename_ha_vip(cloud, vpc_id, subnet_id)
    migrate_the_announcing_interface(cloud)
    interface_id = attach_interface(cloud)
    assign_and_remove_addresses(cloud, interface_id)
    bind_eip(cloud, interface_id)
    cloud.ask("DetachNetworkInterface", NetworkInterfaceId=interface_id, InstanceId=STANDBY, EcmRegion=REGION)
    cloud.ask("DeleteNetworkInterface", NetworkInterfaceId=interface_id, EcmRegion=REGION)
    cloud.ask("DeleteHaVip", HaVipId=ha_vip_id)
    cloud.ask("DeleteSubnet", SubnetId=subnet_id, EcmRegion=REGION)
    cloud.ask("DeleteVpc", VpcId=vpc_id, EcmRegion=REGION)
    assert cloud.ask("DescribeVpcs", VpcIds=[vpc_id]).TotalCount == 0
    assert cloud.ask("DescribeNetworkInterfaces", NetworkInterfaceIds=[interface_id]).TotalCount == 0
    assert cloud.answered == set(EMULATED)


def check_regions(cloud):
    assert ZONE in [node.ZoneInfo.Zone for node in cloud.ask("DescribeNode").NodeSet]
    limits = cloud.ask("DescribeConfig").InstanceNetworkLimitConfigs
    assert [it.NetworkInterfaceLimit for it in limits if it.CpuNum == 8] == [4]
    assert cloud.ask("DescribeInstanceTypeConfig").TotalCount == 17
    assert "CentOS" in cloud.ask("DescribeImportImageOs").ImportImageOsListSupported.Linux
    assert cloud.ask("DescribeSecurityGroupLimits").SecurityGroupLimitSet.SecurityGroupLimit == 50


def create_network(cloud):
    vpc = cloud.ask(
        "CreateVpc",
        VpcName="made",
        CidrBlock="10.0.0.0/16",
        EcmRegion=REGION,
        Tags=[{"Key": "city", "Value": "杭州"}],
        DnsServers=["10.0.0.2", "10.0.0.3"],
        DomainName="example.com",
        EnableMulticast="true",
        ISPTypes=[{"ISPType": "CTCC", "Count": 1}],
    ).Vpc
    assert (vpc.DnsServerSet, vpc.DomainName, vpc.EnableMulticast) == (["10.0.0.2", "10.0.0.3"], "example.com", True)
    cloud.ask("ModifyVpcAttribute", VpcId=vpc.VpcId, EcmRegion=REGION, VpcName="renamed", Description="a & b = c")
    place = {"VpcId": vpc.VpcId, "Zone": ZONE, "EcmRegion": REGION}
    subnet = cloud.ask("CreateSubnet", SubnetName="made", CidrBlock="10.0.1.0/24", **place).Subnet
    cloud.ask("ModifySubnetAttribute", SubnetId=subnet.SubnetId, EcmRegion=REGION, EnableBroadcast="TRUE")
    cloud.ask("ModifyDefaultSubnet", SubnetId=subnet.SubnetId, **place)
    assert cloud.ask("DescribeDefaultSubnet", EcmRegion=REGION, Zone=ZONE).Subnet.SubnetId == subnet.SubnetId

    [vpc] = cloud.ask("DescribeVpcs", Filters=[{"Name": "vpc-name", "Values": ["named"]}], Limit=1).VpcSet
    assert (vpc.VpcName, vpc.Description, vpc.SubnetCount) == ("renamed", "a & b = c", 1)
    assert (vpc.TagSet[0].Key, vpc.TagSet[0].Value) == ("city", "杭州")
    # `Offset` and `Limit` are strings in this action only.
    [subnet] = cloud.ask("DescribeSubnets", SubnetIds=[subnet.SubnetId], Offset="0", Limit="1").SubnetSet
    assert (subnet.EnableBroadcast, subnet.AvailableIpAddressCount) == (True, 253)
    return vpc.VpcId, subnet.SubnetId


def create_and_rename_ha_vip(cloud, vpc_id, subnet_id):
    made = cloud.ask("CreateHaVip", VpcId=vpc_id, SubnetId=subnet_id, HaVipName="made").HaVip
    assert (made.State, made.Vip) == ("UNBIND", "10.0.1.2")
    cloud.ask("ModifyHaVipAttribute", HaVipId=made.HaVipId, HaVipName="renamed")
    [found] = cloud.ask("DescribeHaVips", HaVipIds=[made.HaVipId]).HaVipSet
    made.HaVipName = "renamed"
    assert found.to_json_string() == made.to_json_string()
    return made.HaVipId


def migrate_the_announcing_interface(cloud):
    [before] = cloud.ask("DescribeHaVips", HaVipIds=[HA_VIP]).HaVipSet
    assert (before.State, before.InstanceId, before.NetworkInterfaceId) == ("AVAILABLE", MASTER, SECOND_ENI)
    of_vpc = [{"Name": "vpc-id", "Values": [VPC]}]
    instances = cloud.ask("DescribeInstances", Filters=of_vpc, OrderByField="timestamp", OrderDirection=1).InstanceSet
    assert [it.InstanceId for it in instances] == [MASTER, STANDBY]
    ends = {"SourceInstanceId": MASTER, "DestinationInstanceId": STANDBY}
    cloud.ask("MigrateNetworkInterface", NetworkInterfaceId=SECOND_ENI, EcmRegion=REGION, **ends)
    [after] = cloud.ask("DescribeHaVips", HaVipIds=[HA_VIP]).HaVipSet
    assert (after.State, after.InstanceId, after.NetworkInterfaceId) == ("UNBIND", "", "")
    assert (after.Vip, after.AddressIp) == (before.Vip, before.AddressIp)


def attach_interface(cloud):
    made = cloud.ask(
        "CreateNetworkInterface",
        VpcId=VPC,
        SubnetId=SUBNET,
        EcmRegion=REGION,
        NetworkInterfaceName="made",
        PrivateIpAddresses=[{"PrivateIpAddress": "10.0.0.99", "Primary": True, "Description": "first"}],
    ).NetworkInterface
    interface_id = made.NetworkInterfaceId
    assert (made.State, made.Attachment) == ("PENDING", None)
    assert interface(cloud, interface_id).State == "AVAILABLE"
    cloud.ask("AttachNetworkInterface", NetworkInterfaceId=interface_id, InstanceId=STANDBY, EcmRegion=REGION)
    assert interface(cloud, interface_id).Attachment.InstanceId == STANDBY
    return interface_id


def assign_and_remove_addresses(cloud, interface_id):
    place = {"NetworkInterfaceId": interface_id, "EcmRegion": REGION}
    given = cloud.ask("AssignPrivateIpAddresses", SecondaryPrivateIpAddressCount=2, **place).PrivateIpAddressSet
    moved, described = [it.PrivateIpAddress for it in given]
    changes = [{"PrivateIpAddress": described, "Description": "second"}]
    cloud.ask("ModifyPrivateIpAddressesAttribute", PrivateIpAddresses=changes, **place)
    ends = {"SourceNetworkInterfaceId": interface_id, "DestinationNetworkInterfaceId": OTHER_ENI}
    cloud.ask("MigratePrivateIpAddress", EcmRegion=REGION, PrivateIpAddress=moved, **ends)
    assert moved in [it.PrivateIpAddress for it in interface(cloud, OTHER_ENI).PrivateIpAddressSet]
    ips = interface(cloud, interface_id).PrivateIpAddressSet
    assert [(it.PrivateIpAddress, it.Description) for it in ips] == [("10.0.0.99", "first"), (described, "second")]
    cloud.ask("RemovePrivateIpAddresses", PrivateIpAddresses=[{"PrivateIpAddress": described}], **place)
    assert len(interface(cloud, interface_id).PrivateIpAddressSet) == 1


def bind_eip(cloud, interface_id):
    before = quotas(cloud)
    allocated = cloud.ask("AllocateAddresses", EcmRegion=REGION, AddressCount=1, InternetServiceProvider="CMCC")
    [address_id] = allocated.AddressSet
    eip = {"AddressId": address_id, "EcmRegion": REGION}
    assert task(cloud, allocated) == "SUCCESS"
    cloud.ask("ModifyAddressAttribute", AddressName="made", EipDirectConnection="TRUE", **eip)
    several = {"AddressIds": [address_id], "EcmRegion": REGION}
    assert task(cloud, cloud.ask("ModifyAddressesBandwidth", InternetMaxBandwidthOut=5, **several)) == "SUCCESS"
    target = {"NetworkInterfaceId": interface_id, "PrivateIpAddress": "10.0.0.99"}
    assert task(cloud, cloud.ask("AssociateAddress", **eip, **target)) == "SUCCESS"

    found = address(cloud, address_id)
    assert (found.AddressStatus, found.InstanceId, found.PrivateAddressIp) == ("BIND", STANDBY, "10.0.0.99")
    assert (found.AddressName, found.IsEipDirectConnection, found.Bandwidth) == ("made", True, 5)
    assert interface(cloud, interface_id).PrivateIpAddressSet[0].PublicIpAddress == found.AddressIp

    assert task(cloud, cloud.ask("DisassociateAddress", ReallocateNormalPublicIp=False, **eip)) == "SUCCESS"
    assert address(cloud, address_id).AddressStatus == "UNBIND"
    assert quotas(cloud)["TOTAL_EIP_QUOTA"] == before["TOTAL_EIP_QUOTA"] + 1
    assert task(cloud, cloud.ask("ReleaseAddresses", **several)) == "SUCCESS"
    assert address(cloud, address_id) is None
    assert quotas(cloud) == before | {"DAILY_EIP_APPLY": before["DAILY_EIP_APPLY"] + 1}


def interface(cloud, interface_id):
    found = cloud.ask("DescribeNetworkInterfaces", NetworkInterfaceIds=[interface_id]).NetworkInterfaceSet
    return found[0] if found else None


def address(cloud, address_id):
    found = cloud.ask("DescribeAddresses", EcmRegion=REGION, AddressIds=[address_id]).AddressSet
    return found[0] if found else None


def task(cloud, begun):
    return cloud.ask("DescribeTaskResult", EcmRegion=REGION, TaskId=begun.TaskId).Result


def quotas(cloud):
    return {it.QuotaId: it.QuotaCurrent for it in cloud.ask("DescribeAddressQuota", EcmRegion=REGION).QuotaSet}


def reads_until(last, read):
    """Reads until the result is `last`, and returns all results."""
    seen = []
    while seen[-1:] != [last]:
        assert len(seen) < READS_MAX, seen
        seen.append(read())
    return seen


def test_an_interface_passes_through_its_states(slow):
    place = {"VpcId": VPC, "SubnetId": SUBNET, "EcmRegion": REGION}
    made = slow.ask("CreateNetworkInterface", NetworkInterfaceName="made", **place).NetworkInterface
    it = {"NetworkInterfaceId": made.NetworkInterfaceId, "EcmRegion": REGION}

    def state():
        found = interface(slow, made.NetworkInterfaceId)
        return found and found.State

    assert reads_until("AVAILABLE", state) == ["PENDING", "PENDING", "AVAILABLE"]
    slow.ask("AttachNetworkInterface", InstanceId=STANDBY, **it)
    assert reads_until("AVAILABLE", state) == ["ATTACHING", "ATTACHING", "AVAILABLE"]
    slow.ask("DetachNetworkInterface", InstanceId=STANDBY, **it)
    assert reads_until("AVAILABLE", state) == ["DETACHING", "DETACHING", "AVAILABLE"]
    slow.ask("DeleteNetworkInterface", **it)
    assert reads_until(None, state) == ["DELETING", "DELETING", None]


def test_an_eip_passes_through_its_states(slow):
    [address_id] = slow.ask("AllocateAddresses", EcmRegion=REGION).AddressSet
    eip = {"AddressId": address_id, "EcmRegion": REGION}

    def status():
        found = address(slow, address_id)
        return found and found.AddressStatus

    assert reads_until("UNBIND", status) == ["CREATING", "CREATING", "UNBIND"]
    slow.ask("AssociateAddress", InstanceId=STANDBY, **eip)
    assert reads_until("BIND", status) == ["BINDING", "BINDING", "BIND"]
    slow.ask("DisassociateAddress", **eip)
    assert reads_until("UNBIND", status) == ["UNBINDING", "UNBINDING", "UNBIND"]
    slow.ask("ReleaseAddresses", AddressIds=[address_id], EcmRegion=REGION)
    assert reads_until(None, status) == ["OFFLINING", "OFFLINING", None]


def test_a_task_completes_with_its_eip(slow):
    allocated = slow.ask("AllocateAddresses", EcmRegion=REGION)
    [address_id] = allocated.AddressSet
    assert reads_until("SUCCESS", lambda: task(slow, allocated)) == ["RUNNING", "RUNNING", "SUCCESS"]
    assert address(slow, address_id).AddressStatus == "UNBIND"
