"""Servers that continue with the state of a directory, with calls of the Python SDK."""

import signal
from datetime import timedelta

import ecmock
import pytest

from cloud import CREATE, KEY
from sdk import Cloud, names, refusal


def create(cloud, name):
    return cloud.ask("CreateHaVip", **CREATE | {"HaVipName": name}).HaVip.HaVipId


def kill(server):
    """Kills a server as the kernel does that has no memory left."""
    server._process.send_signal(signal.SIGKILL)
    server._process.wait()


@pytest.mark.parametrize("flags", [[], ["--state-sync"]])
def test_a_killed_server_loses_nothing(tmp_path, flags):
    options = {"state_dir": tmp_path / "state", "args": flags, "auth": "verify", "secret_key": KEY}
    with ecmock.Server(**options) as server:
        cloud = Cloud(server, server.account("web").secret_id)
        ids = [create(cloud, str(number)) for number in range(5)]
        cloud.ask("DeleteHaVip", HaVipId=ids[0])
        server.account("web").advance_clock(timedelta(hours=1))
        before = server.account("web").state()
        kill(server)
    with ecmock.Server(**options) as server:
        account = server.account("web")
        assert account.state() == before
        assert account.clock()["OffsetMs"] == 3_600_000
        assert account.calls() == []
        account.real_clock()
        cloud = Cloud(server, account.secret_id)
        assert names(cloud) == ["1", "2", "3", "4"]
        # The ID of a deleted resource is not used again.
        assert create(cloud, "next") not in ids
        account.reset()
    with ecmock.Server(**options) as server:
        assert names(Cloud(server, server.account("web").secret_id)) == []


def test_a_directory_has_one_server(tmp_path):
    with ecmock.Server(state_dir=tmp_path), pytest.raises(ecmock.StartError) as refused:
        ecmock.Server(state_dir=tmp_path).start()
    assert f"--state-dir: {tmp_path} is in use by another server" in str(refused.value)


def test_syncing_needs_a_directory():
    with pytest.raises(ecmock.StartError, match="--state-dir"):
        ecmock.Server(args=["--state-sync"]).start()


def test_a_full_disk_refuses_calls_until_a_reset(tmp_path):
    with ecmock.Server(state_dir=tmp_path) as server:
        account = server.account()
        cloud = Cloud(server, account.secret_id)
        (tmp_path / "accounts").rmdir()
        for action, params in [("CreateHaVip", CREATE), ("DescribeHaVips", {})]:
            code, message = refusal(cloud.ask, action, **params)
            assert code == "InternalError"
            assert "state directory" in message
        (tmp_path / "accounts").mkdir()
        account.reset()
        create(cloud, "web")
        assert names(cloud) == ["web"]
