"""Servers that continue with the state of a directory, with calls of the Python SDK."""

import http.client
import json
import os
import signal
import sys
from contextlib import closing
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


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process")
def test_a_log_that_replaced_another_is_continued(tmp_path):
    import resource

    def call(connection, **params):
        headers = {"X-TC-Action": "CreateHaVip", "X-TC-Version": "2019-07-19", "Content-Type": "application/json"}
        # Spaces make the log large.
        body = json.dumps(CREATE | params).replace("}", " " * 300_000 + "}")
        connection.request("POST", "/", body, headers)
        return json.loads(connection.getresponse().read())["Response"].get("HaVip", {}).get("HaVipId")

    with ecmock.Server(state_dir=tmp_path, args=["--state-sync"]) as server:
        pid, log = server._process.pid, tmp_path / "accounts" / "default.log"
        with closing(http.client.HTTPConnection(server.host)) as connection:
            limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            server.account("default").advance_clock(timedelta(hours=1))
            create(Cloud(server, "ecmock-default"), "first")
            connection.connect()
            connection.request("GET", "/_ecmock/health")
            connection.getresponse().read()
            before = log.stat().st_ino
            # The file that replaces the log can be opened. After it, the directory cannot.
            files = {int(name) for name in os.listdir(f"/proc/{pid}/fd")}
            free = [number for number in range(len(files) + 2) if number not in files]
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (free[1], limits[1]))
            call(connection)
            while log.stat().st_ino == before:
                pass
            # A call that is refused after this is not acknowledged, so it may be lost.
            resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
            acknowledged = call(connection)
        kill(server)
    with ecmock.Server(state_dir=tmp_path) as server:
        listed = Cloud(server, "ecmock-default").ask("DescribeHaVips").HaVipSet
        assert acknowledged is None or acknowledged in [it.HaVipId for it in listed]
