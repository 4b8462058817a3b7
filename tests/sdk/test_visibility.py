"""Resources that Describe calls do not show at once, with calls of the Python SDK."""

from datetime import timedelta

import ecmock
import pytest
from ecmock import EcmockError

from cloud import CREATE
from sdk import Cloud, names


def create(cloud, name="web"):
    return cloud.ask("CreateHaVip", **CREATE | {"HaVipName": name}).HaVip.HaVipId


def listed(cloud, id):
    return cloud.ask("DescribeHaVips", HaVipIds=[id]).TotalCount


def test_describe_right_after_create_finds_nothing(account, cloud):
    """The bug of a controller that does not retry."""
    account.set_visible_after(2)
    id = create(cloud)
    assert listed(cloud, id) == 0
    # A controller with a retry finds it.
    assert [listed(cloud, id) for _ in range(3)] == [0, 1, 1]
    # Calls that change resources saw it all the time.
    id = create(cloud, "other")
    cloud.ask("ModifyHaVipAttribute", HaVipId=id, HaVipName="renamed")
    assert names(cloud) == ["web"]
    assert account.visibility() == {"VisibleAfter": "2", "Hidden": [{"Id": id, "ReadsLeft": 1}]}
    assert account.set_visible_after(0) == {"VisibleAfter": "0", "Hidden": []}
    assert names(cloud) == ["web", "renamed"]


def test_a_resource_is_visible_after_a_time(account, cloud):
    account.freeze_clock()
    now = account.clock()["Now"]
    account.set_visible_after("5s")
    id = create(cloud)
    assert account.visibility()["Hidden"][0]["Id"] == id
    assert names(cloud) == []
    account.advance_clock(timedelta(seconds=5))
    assert names(cloud) == ["web"]
    # A resource that was visible stays visible.
    account.freeze_clock(now)
    assert names(cloud) == ["web"]


def test_the_server_has_a_delay_for_all_accounts():
    with ecmock.Server(visible_after=1) as server:
        account = server.account()
        cloud = Cloud(server, account.secret_id)
        create(cloud)
        assert names(cloud) == []
        assert names(cloud) == ["web"]
        account.set_visible_after("1h")
        account.reset()
        assert account.visibility()["VisibleAfter"] == "1"


def test_an_invalid_delay_is_an_error(account):
    with pytest.raises(EcmockError, match="VisibleAfter: `soon` must be a number of reads"):
        account.set_visible_after("soon")
    with pytest.raises(ecmock.StartError, match="--visible-after"):
        ecmock.Server(visible_after="soon").start()
