"""Calls ecmock with the official Python SDK, and prints PASS or FAIL for each check.

usage: ecmsdk.py CHECK...

Settings are the `ECM_*` variables that record.py sets.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.ecm.v20190719 import models
from tencentcloud.ecm.v20190719.ecm_client import EcmClient

VPC = "vpc-m0c2kcun"
SUBNET = "subnet-rtmfkg4w"
REGION = "ap-hangzhou-ecm"
ZONE = f"{REGION}-1"


def client(key: str = os.environ["ECM_KEY"]) -> EcmClient:
    http = HttpProfile(
        protocol=os.environ["ECM_SCHEME"],
        endpoint=os.environ["ECM_ENDPOINT"],
        reqMethod=os.environ["ECM_METHOD"],
        reqTimeout=10,
    )
    profile = ClientProfile(signMethod=os.environ["ECM_SIGN"], httpProfile=http)
    return EcmClient(Credential(os.environ["ECM_ID"], key), "ap-guangzhou", profile)


def call(ecm: EcmClient, action: str, **params: Any) -> Any:
    """Calls an action with its typed request."""
    request = getattr(models, f"{action}Request")()
    request.from_json_string(json.dumps(params))
    return getattr(ecm, action)(request)


def create(ecm: EcmClient, name: str, **params: str) -> Any:
    return call(ecm, "CreateHaVip", **{"VpcId": VPC, "SubnetId": SUBNET, "HaVipName": name} | params).HaVip


def delete(ecm: EcmClient, ha_vip_id: str) -> None:
    call(ecm, "DeleteHaVip", HaVipId=ha_vip_id)


def expect(got: object, expected: object) -> None:
    if got != expected:
        raise AssertionError(f"expected {expected!r}, got {got!r}")


def expect_error(code: str, ecm: EcmClient, action: str, **params: Any) -> str:
    """Returns the error that the SDK raises. The error must have a message and a request ID."""
    try:
        call(ecm, action, **params)
    except TencentCloudSDKException as error:
        expect(error.get_code(), code)
        expect(bool(error.get_message()), True)
        expect(len(error.get_request_id()), 36)
        return f"{error.get_code()}: {error.get_message()}"
    raise AssertionError(f"expected {code}, got a response")


def create_and_delete(name: str, vip: str, **params: str) -> str:
    """Creates a HAVIP, which must get an address."""
    ecm = client()
    ha_vip = create(ecm, name, **params)
    delete(ecm, ha_vip.HaVipId)
    expect(ha_vip.Vip, vip)
    return vip


def find_by_name(name: str) -> str:
    """Creates a HAVIP, and finds it with a filter. Responses must have its name unchanged."""
    ecm = client()
    ha_vip = create(ecm, name)
    expect(ha_vip.HaVipName, name)
    found = call(ecm, "DescribeHaVips", Filters=[{"Name": "havip-name", "Values": [name]}])
    expect([it.HaVipName for it in found.HaVipSet], [name])
    delete(ecm, ha_vip.HaVipId)
    return name


def filters() -> str:
    ecm = client()
    ids = [create(ecm, f"page-{number}").HaVipId for number in range(5)]
    by_vpc = {"Name": "vpc-id", "Values": [VPC]}
    by_name = {"Name": "havip-name", "Values": ["page-1", "page-3", "none"]}
    expect(call(ecm, "DescribeHaVips", Filters=[by_vpc, by_name]).TotalCount, 2)
    names = []
    for offset in (0, 2, 4, 6):  # the last page is empty
        page = call(ecm, "DescribeHaVips", Offset=offset, Limit=2)
        expect(page.TotalCount, 5)
        names += [it.HaVipName for it in page.HaVipSet]
    expect(names, ["page-0", "page-1", "page-2", "page-3", "page-4"])
    expect(call(ecm, "DescribeHaVips", HaVipIds=ids[1:3]).TotalCount, 2)
    for ha_vip_id in ids:
        delete(ecm, ha_vip_id)
    return ", ".join(names)


def empty() -> str:
    ecm = client()
    call(ecm, "DescribeHaVips")
    call(ecm, "DescribeConfig")
    return "no parameters"


def network() -> str:
    ecm = client()
    vpc = call(
        ecm,
        "CreateVpc",
        VpcName="made",
        CidrBlock="10.0.0.0/16",
        EcmRegion=REGION,
        DnsServers=["10.0.0.2", "10.0.0.3"],
        Tags=[{"Key": "city", "Value": "杭州"}],
    ).Vpc.VpcId
    subnet = call(
        ecm, "CreateSubnet", VpcId=vpc, SubnetName="made", CidrBlock="10.0.1.0/24", Zone=ZONE, EcmRegion=REGION
    ).Subnet.SubnetId
    ha_vip = create(ecm, "in-it", VpcId=vpc, SubnetId=subnet)
    expect(ha_vip.Vip, "10.0.1.2")
    expect_error("ResourceInUse", ecm, "DeleteSubnet", SubnetId=subnet, EcmRegion=REGION)
    delete(ecm, ha_vip.HaVipId)
    call(ecm, "DeleteSubnet", SubnetId=subnet, EcmRegion=REGION)
    call(ecm, "DeleteVpc", VpcId=vpc, EcmRegion=REGION)
    return f"{vpc} {subnet}"


def addresses() -> str:
    ecm = client()
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    ids = call(
        ecm, "AllocateAddresses", EcmRegion=REGION, AddressCount=2, InternetMaxBandwidthOut=5, Tags=tags
    ).AddressSet
    expect(len(ids), 2)
    expect(call(ecm, "DescribeAddresses", EcmRegion=REGION, AddressIds=ids).TotalCount, 2)
    call(ecm, "ReleaseAddresses", EcmRegion=REGION, AddressIds=ids)
    return " ".join(ids)


def send_bool(value: bool) -> str:
    """Sends a Boolean parameter. The EIP does not exist."""
    params = {"EcmRegion": REGION, "AddressId": "eip-zzzzzzzz", "ReallocateNormalPublicIp": value}
    return expect_error("UnsupportedOperation.AddressIdNotFound", client(), "DisassociateAddress", **params)


UNKNOWN_SUBNET = {"VpcId": VPC, "SubnetId": "subnet-zzzzzzzz", "HaVipName": "x"}

CHECKS: dict[str, Callable[[], str]] = {
    "demo": lambda: create_and_delete("demo", "172.16.0.17"),
    "vip": lambda: create_and_delete("explicit", "172.16.0.99", Vip="172.16.0.99"),
    "notfound": lambda: expect_error("ResourceNotFound", client(), "CreateHaVip", **UNKNOWN_SUBNET),
    "badkey": lambda: expect_error("AuthFailure.SignatureFailure", client("wrong"), "DescribeHaVips", Limit=20),
    "filters": filters,
    "empty": empty,
    "network": network,
    "addresses": addresses,
    "true": lambda: send_bool(True),
    "false": lambda: send_bool(False),
    "chinese": lambda: find_by_name("测试用的高可用虚拟IP"),
    "special": lambda: find_by_name("a&b=c+d %\"e'/?#~*<>\\;:,(x)|"),
}


def main() -> None:
    for name in sys.argv[1:]:
        try:
            result = f"PASS {name} {CHECKS[name]()}"
        except Exception as error:
            result = f"FAIL {name} {type(error).__name__}: {error}"
        print(" ".join(result.split("\n")))


if __name__ == "__main__":
    main()
