"""Holds of the Python client, with calls of the Python SDK: races without sleeps."""

from concurrent.futures import ThreadPoolExecutor

import ecmock
import pytest
from ecmock import EcmockError
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.ecm.v20190719.ecm_client import EcmClient

from cloud import CREATE
from sdk import Cloud, names, refusal

REGION = "ap-hangzhou-ecm"


@pytest.fixture
def threads():
    with ThreadPoolExecutor() as threads:
        yield threads


def create(cloud, name="demo", **params):
    return cloud.ask("CreateHaVip", **CREATE | {"HaVipName": name} | params)


@pytest.mark.parametrize("winner", [0, 1])
def test_two_controllers_want_one_address(server, account, threads, winner):
    clouds = [Cloud(server, account.secret_id) for _ in range(2)]
    vip = "172.16.0.99"
    with account.hold("CreateHaVip", params={"Vip": vip}, times=2) as gate:
        order = [winner, 1 - winner]
        calls, ids = [], []
        for number, index in enumerate(order, 1):
            calls.append(threads.submit(create, clouds[index], f"controller-{index}", Vip=vip))
            ids = gate.wait(number)
        assert gate.release(1) == 1
        assert calls[0].result().RequestId == ids[0]
        assert gate.held() == ids[1:]
        gate.release()
        code, message = refusal(calls[1].result)
    assert (code, vip in message) == ("InvalidParameterValue.Duplicate", True)
    assert names(clouds[0]) == [f"controller-{winner}"]


def test_a_subnet_is_deleted_during_a_create(account, cloud, threads):
    place = {"EcmRegion": REGION, "Zone": f"{REGION}-1"}
    subnet = cloud.ask(
        "CreateSubnet", VpcId=CREATE["VpcId"], SubnetName="short-lived", CidrBlock="172.16.9.0/24", **place
    ).Subnet.SubnetId
    with account.hold("CreateHaVip", times=1) as gate:
        call = threads.submit(create, cloud, SubnetId=subnet)
        gate.wait()
        cloud.ask("DeleteSubnet", SubnetId=subnet, EcmRegion=REGION)
        gate.release()
        assert refusal(call.result)[0] == "ResourceNotFound"


def test_a_subnet_is_not_deleted_after_a_create(account, cloud, threads):
    place = {"EcmRegion": REGION, "Zone": f"{REGION}-1"}
    subnet = cloud.ask(
        "CreateSubnet", VpcId=CREATE["VpcId"], SubnetName="in-use", CidrBlock="172.16.9.0/24", **place
    ).Subnet.SubnetId
    with account.hold("CreateHaVip", at="committed", times=1) as gate:
        call = threads.submit(create, cloud, SubnetId=subnet)
        gate.wait()
        assert refusal(cloud.ask, "DeleteSubnet", SubnetId=subnet, EcmRegion=REGION)[0] == "ResourceInUse"
    assert call.result().HaVip.SubnetId == subnet


def test_a_client_gives_up_after_the_commit(account, cloud):
    cloud.profile.httpProfile.reqTimeout = 1
    hasty = EcmClient(cloud.credential, cloud.region, cloud.profile)
    with account.hold("CreateHaVip", at="committed", times=1) as gate:
        with pytest.raises(TencentCloudSDKException) as error:
            hasty.call_json("CreateHaVip", CREATE | {"HaVipName": "web"})
        assert error.value.code == "ClientNetworkError"
        assert names(cloud) == ["web"]
        gate.release()
    call = account.wait_for("CreateHaVip", "OK")
    assert call["FaultId"] == "fault-1" and call["DurationUs"] >= 900_000


def test_a_block_removes_its_rule_and_its_calls_go_on(account, cloud, threads):
    with account.hold("CreateHaVip", seconds=600, skip=1) as gate:
        create(cloud, "first")
        call = threads.submit(create, cloud, "second")
        [held] = gate.wait()
        assert (gate.fault["Hold"], gate.fault["HoldMs"], gate.fault["Held"]) == ("checked", 600_000, [])
        assert account.faults()[0]["Held"] == [held]
        assert names(cloud) == ["first"]
    assert call.result().RequestId == held
    assert account.faults() == []
    with account.hold("CreateHaVip") as gate:
        gate.remove()


def test_a_hold_ends_after_its_time(account, cloud):
    with account.hold("CreateHaVip", seconds=0.25):
        create(cloud)
    assert account.calls("CreateHaVip")[0]["DurationUs"] >= 250_000


def test_a_timeout_shows_the_last_calls(account, cloud):
    names(cloud)
    with account.hold("CreateHaVip") as gate:
        with pytest.raises(TimeoutError) as error:
            gate.wait(2, timeout=0.01)
        first, call = str(error.value).split("\n")
        assert first == "fault-1 holds 0 of 2 calls after 0.01 s (matches: 0, hits: 0)"
        assert call.startswith("  call: DescribeHaVips {} -> OK")


def test_a_wait_ends_at_a_reset(account, threads):
    with account.hold("CreateHaVip") as gate:
        wait = threads.submit(gate.wait, timeout=600)
        account.reset()
        with pytest.raises(EcmockError) as error:
            wait.result()
        assert error.value.status == 404


def test_invalid_values_are_refused(account):
    for hold in [{"at": "later"}, {"seconds": 601}, {"seconds": 0}]:
        with pytest.raises(EcmockError) as error:
            account.hold("CreateHaVip", **hold)
        assert error.value.status == 400
    with account.hold("CreateHaVip") as gate, pytest.raises(EcmockError) as error:
        gate.release(0)
    assert error.value.message == "Calls is 0; must be at least 1"
    assert isinstance(gate, ecmock.Gate)
