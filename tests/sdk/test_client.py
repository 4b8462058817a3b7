"""The Python client: each of its wrappers, with calls of the Python SDK."""

import http.server
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import ecmock
import pytest
from ecmock import EcmockError, Server, StartError
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from cloud import CREATE, CREATE_IN_UNKNOWN_SUBNET, KEY
from sdk import Cloud, names, refusal

FAILOVER = json.loads(Path(__file__).parents[2].joinpath("fixtures/failover.json").read_text(encoding="utf-8"))
HA_VIP, PRIMARY, STANDBY, EIP = "havip-failover", "eni-primary1", "eni-standby1", "eip-failover"

# Starts and stops servers in every way.
STARTS_AND_STOPS = """
import ecmock, gc
server = ecmock.Server()
for _ in range(2):
    with server:
        server.account().state()
        assert server.log == ""
server.stop()
assert server.log == ""
broken = ecmock.Server(args=["--seed", "x"])
for _ in range(2):
    try:
        broken.start()
    except ecmock.StartError as error:
        assert broken.log and str(error).endswith(broken.log.rstrip())
late = ecmock.Server(args=["\\0"])  # no process is started
try:
    late.start()
except ValueError:
    pass
del server, broken, late
gc.collect()
print("done")
"""

# Prints the endpoint of a server, and then ends by a signal.
STARTS_AND_DIES = """
import ecmock, os, signal, sys
server = ecmock.Server().start()
print(server.endpoint, flush=True)
how = int(sys.argv[1])
if how == signal.SIGINT:
    signal.signal(how, signal.default_int_handler)  # a process in the background has no such handler
elif how != signal.SIGKILL:
    signal.signal(how, signal.SIG_DFL)
os.kill(os.getpid(), how)
signal.pause()
"""


class NotEcmock(http.server.BaseHTTPRequestHandler):
    """Answers every GET with an empty JSON object."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        """Prints nothing."""


def create(cloud, name="demo"):
    return cloud.ask("CreateHaVip", **CREATE | {"HaVipName": name}).HaVip


def failure(call, *args, **kwargs):
    """Returns the code and message of the SDK's error for a call without an envelope."""
    with pytest.raises(TencentCloudSDKException) as raised:
        call(*args, **kwargs)
    return raised.value.get_code(), raised.value.get_message()


def refused(call, *args, **kwargs):
    """Returns the error that a wrapper raises."""
    with pytest.raises(EcmockError) as raised:
        call(*args, **kwargs)
    return raised.value


def script(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


# Processes.


def test_a_started_server_ends_with_the_block_and_can_be_started_again():
    server = Server()
    with server as started:
        assert server.health()["Status"] == "ready"
        assert started is server is server.start()
        first = server.endpoint
        assert first == f"http://{server.host}"
    with pytest.raises(StartError, match="the server has not been started"):
        server.account().state()
    with pytest.raises(StartError, match=f"no ecmock server answers at {first}: "):
        Server.at(first)
    with server:
        assert server.health()["Status"] == "ready"
    assert server.stop() is None


def test_every_option_reaches_the_server(tmp_path):
    fault = tmp_path / "fault.json"
    fault.write_text('{"Action":"DeleteHaVip","DelayMs":1}', encoding="utf-8")
    now = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
    options = {
        "binary": Path(os.environ["ECMOCK_BIN"]),
        "fixtures": [Path(__file__).parents[2] / "fixtures" / "failover.json"],
        "auth": "verify",
        "secret_key": "mine",
        "credentials": ["AKIDother:key@other"],
        "quotas": {"havips-per-vpc": 7},
        "seed": 5,
        "clock": now,
        "settle": 2,
        "visible_after": "3s",
        "rate_limit": "documented",
        "faults": [fault],
        "state_dir": tmp_path / "state",
        "args": ["--log", "json"],
    }
    with Server(**options) as server:
        account = server.account()
        assert account.secret_key == "mine"
        assert account.clock() == {"Now": "2026-01-31T12:00:00.000Z", "Mode": "frozen", "OffsetMs": None}
        assert account.faults()[0]["Action"] == "DeleteHaVip"
        assert account.state()["HaVipSet"][0]["HaVipId"] == HA_VIP
        code, _ = refusal(Cloud(server, account.secret_id).ask, "DescribeHaVips")
        assert code == "AuthFailure.SignatureExpire"
    # The log is complete once the server has ended.
    assert json.loads(server.log)["code"] == code
    command = server._args
    for flag in ["--credential=AKIDother:key@other", "--quota=havips-per-vpc=7", "--seed=5", "--settle=2", "--visible-after=3s"]:
        assert flag in command
    assert "--rate-limit=documented" in command
    assert f"--state-dir={tmp_path / 'state'}" in command


def test_the_log_covers_the_last_start_and_is_complete_at_the_end():
    server = Server(args=["--log", "json"])
    for calls in [3, 1]:
        with server:
            cloud = Cloud(server, server.account().secret_id)
            for _ in range(calls):
                cloud.ask("DescribeHaVips")
        assert len(server.log.splitlines()) == calls


def test_no_resource_leaks():
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", STARTS_AND_STOPS]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60)
    assert (result.returncode, result.stdout, result.stderr) == (0, "done\n", "")


def test_a_failed_start_raises_the_reason(tmp_path):
    with pytest.raises(StartError, match=r"(?s)ecmock exited with status 1; its output:.*invalid value 'x'"):
        Server(args=["--seed", "x"]).start()
    with pytest.raises(StartError, match="program 'no-such-program' not found; set the argument `binary`"):
        Server("no-such-program").start()
    no_program = script(tmp_path / "nothing", "exec no-such-program")
    with pytest.raises(StartError, match="(?s)nothing exited with status 127; its output:.*not found"):
        Server(no_program).start()


def test_a_server_that_is_not_ready_in_time_is_stopped(tmp_path):
    slow = script(tmp_path / "slow", "echo 'still thinking' >&2; echo $$ > \"$0.pid\"; exec sleep 600")
    with pytest.raises(StartError, match=r"slow was not ready after 0\.5 s; its output:\nstill thinking"):
        Server(slow, start_seconds=0.5).start()
    with pytest.raises(ProcessLookupError):
        os.kill(int(Path(f"{slow}.pid").read_text()), 0)


def test_the_children_of_a_script_are_stopped(tmp_path):
    script(tmp_path / "wrapped", "sleep 600")  # the child keeps stdout open
    with pytest.raises(StartError, match="wrapped was not ready after 0.1 s"):
        Server(tmp_path / "wrapped", start_seconds=0.1).start()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda it: it.name)
def test_a_server_stops_when_its_parent_process_ends(how):
    result = subprocess.run(
        [sys.executable, "-c", STARTS_AND_DIES, str(int(how))], capture_output=True, encoding="utf-8", timeout=60
    )
    endpoint = result.stdout.strip()
    assert result.returncode != 0 and endpoint.startswith("http://"), result.stderr
    give_up = time.monotonic() + 10
    while True:
        try:
            Server.at(endpoint)
        except StartError:
            break
        assert time.monotonic() < give_up
        time.sleep(0.01)


def test_an_attached_server_keeps_running(server, secret_id, monkeypatch):
    with Server.at(server.endpoint + "/", secret_key=KEY) as attached:
        assert (attached.endpoint, attached.host, attached.log) == (server.endpoint, server.host, "")
        account = attached.account(secret_id.removeprefix("ecmock-"))
        assert create(Cloud(attached, account.secret_id)).Vip == "172.16.0.17"
    monkeypatch.setenv("ECMOCK_ENDPOINT", server.endpoint)
    assert Server.at().health()["Status"] == "ready"


def test_only_an_ecmock_server_can_be_attached_to(monkeypatch):
    monkeypatch.setenv("ECMOCK_ENDPOINT", "")
    with pytest.raises(StartError, match="invalid endpoint ''; expected, for example, http://127.0.0.1:7190"):
        Server.at()
    with http.server.HTTPServer(("127.0.0.1", 0), NotEcmock) as other:
        thread = threading.Thread(target=other.handle_request)
        thread.start()
        with pytest.raises(StartError, match="no ecmock server answers at .*: the response is not that of ecmock"):
            Server.at(f"http://127.0.0.1:{other.server_port}")
        thread.join()
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as other:
        thread = threading.Thread(target=other.handle_request)
        thread.start()
        with pytest.raises(StartError, match="no ecmock server answers at http://127.0.0.1:[0-9]+: 501 Unknown: "):
            Server.at(f"http://127.0.0.1:{other.server_port}")
        thread.join()


def test_a_proxy_of_the_environment_is_ignored(server, monkeypatch):
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy"]:
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert Server.at(server.endpoint).health()["Status"] == "ready"


def test_the_client_works_without_pytest():
    code = (
        "import sys; sys.modules['pytest'] = None; import ecmock; ecmock.Server; assert not hasattr(ecmock, 'pytest')"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


# Servers.


def test_accounts_are_listed_until_they_are_deleted(server, account, cloud):
    create(cloud)
    assert {"Name": account.name, "Requests": 1, "Faults": 0} in server.accounts()
    server.forget(account.name)
    assert account.name not in [it["Name"] for it in server.accounts()]
    error = refused(server.forget, account.name)
    assert (error.status, error.code, error.problems) == (404, "NotFound", [])
    assert str(error) == f"404 NotFound: unknown account `{account.name}`"


def test_actions_and_metrics_are_returned(server, cloud):
    create(cloud)
    assert len(server.actions()) == 132
    assert [it["Name"] for it in server.actions() if it["Emulated"]].count("CreateHaVip") == 1
    action = server.action("CreateHaVip")
    assert action["Example"]["Request"]["VpcId"] == "vpc-m0c2kcun"
    assert "Example" not in server.action("RunInstances")
    errors = {it["Code"]: it for it in action["Errors"]}
    assert (errors["ResourceNotFound"]["Origin"], "Fault" in errors["ResourceNotFound"]) == ("natural", False)
    injectable = errors["FailedOperation.InternalOperationFailure"]
    assert (injectable["Origin"], injectable["Fault"]["Action"]) == ("injectable", "CreateHaVip")
    message = "unknown action `CreateHaVipp`; did you mean `CreateHaVip`?"
    assert refused(server.action, "CreateHaVipp").message == message
    assert 'ecmock_calls_total{action="CreateHaVip",code="OK"}' in server.metrics()
    assert server.ca_pem().startswith("-----BEGIN CERTIFICATE-----")


# Accounts.


def test_each_account_is_an_isolated_cloud(server):
    accounts = [server.account() for _ in range(3)]
    assert len({it.name for it in accounts}) == 3
    assert [create(Cloud(server, it.secret_id)).Vip for it in accounts] == ["172.16.0.17"] * 3
    assert [len(it.calls()) for it in accounts] == [1, 1, 1]


def test_an_account_can_be_named(server):
    account = server.account_named("mine")
    assert (account.name, account.secret_id, account.server) == ("mine", "ecmock-mine", server)
    assert server.account("mine").name == "mine"
    assert refused(server.account_named("").state).status == 400


def test_the_older_names_of_calls_work(account, cloud):
    create(cloud)
    [call] = account.requests("CreateHaVip", "OK", since=0, limit=2)
    assert [call] == account.calls()
    assert account.request(call["RequestId"]) == account.call(call["RequestId"])
    assert account.forget_requests() == 1
    assert account.calls() == []


def test_a_reset_restores_the_initial_state(account, cloud):
    create(cloud)
    account.fail("CreateHaVip", "InternalError")
    account.freeze_clock()
    account.reset()
    assert (account.calls(), account.faults(), account.clock()["Mode"]) == ([], [], "real")
    assert names(cloud) == []


def test_resources_are_exported_replaced_and_merged(account, cloud):
    create(cloud)
    before = account.state()
    assert [it["HaVipName"] for it in before["HaVipSet"]] == ["demo"]
    assert account.merge_state(FAILOVER) == []
    assert names(cloud) == ["demo", "failover"]
    assert account.replace_state(FAILOVER) == []
    assert names(cloud) == ["failover"]
    [warning] = account.replace_state(before | {"VpcSet": [it | {"Mine": 1} for it in before["VpcSet"]]})
    assert "$.VpcSet[0].Mine" in warning
    assert account.state() == before


def test_a_bad_fixture_is_refused_with_all_its_problems(account):
    before = account.state()
    for change in [account.replace_state, account.merge_state]:
        error = refused(change, {"VpcSet": [{"VpcId": "x"}, {"VpcId": "vpc-12345678", "CidrBlock": "y"}]})
        assert (error.status, error.code, len(error.problems)) == (422, "BadFixture", 3)
        assert str(error).splitlines()[1:] == [f"  {it}" for it in error.problems]
    assert account.state() == before


def test_calls_are_found_by_action_code_and_number(account, cloud):
    create(cloud)
    refusal(cloud.ask, "CreateHaVip", **CREATE_IN_UNKNOWN_SUBNET)
    names(cloud)
    assert [it["Code"] for it in account.calls()] == ["OK", "ResourceNotFound", "OK"]
    assert [it["Code"] for it in account.calls("CreateHaVip")] == ["OK", "ResourceNotFound"]
    assert [it["Action"] for it in account.calls(code="OK")] == ["CreateHaVip", "DescribeHaVips"]
    assert [it["Sequence"] for it in account.calls(since=1)] == [2, 3]
    assert [it["Sequence"] for it in account.calls(since=1, limit=1)] == [2]
    [call] = account.calls("CreateHaVip", "OK")
    assert account.call(call["RequestId"]) == call | {"Explanation": None}
    assert set(call) >= set(ecmock.Call.__annotations__)
    assert (call["Params"], call["Account"], call["Client"]["Name"]) == (CREATE, account.name, "Python")
    assert (call["Signature"]["Scheme"], call["Signature"]["Verdict"]) == ("TC3-HMAC-SHA256", "valid")
    assert account.clear_calls() == 3
    assert account.calls() == []
    assert refused(account.call, call["RequestId"]).status == 404


def test_a_wait_ends_when_the_call_arrives(account, cloud):
    refusal(cloud.ask, "CreateHaVip", **CREATE_IN_UNKNOWN_SUBNET)
    began = time.monotonic()
    later = threading.Timer(0.3, create, [cloud])
    later.start()
    call = account.wait_for("CreateHaVip", "OK", timeout=60)
    assert (call["Sequence"], call["Params"]) == (2, CREATE)
    assert 0.3 <= time.monotonic() - began < 30
    later.join()
    assert account.wait_for("CreateHaVip")["Sequence"] == 1
    assert account.wait_for("CreateHaVip", since=1)["Sequence"] == 2


def test_calls_are_found_by_their_trace(account, cloud):
    trace, other = "4bf92f3577b34da6a3ce929d0e0e4736", "0af7651916cd43dd8448eb211c80319c"
    for trace_id in [trace, other]:
        cloud.call("DescribeVpcs", {}, headers={"traceparent": f"00-{trace_id}-b7ad6b7169203331-01"})
    create(cloud)
    assert [it["TraceId"] for it in account.calls()] == [trace, other, None]
    assert [it["Sequence"] for it in account.calls(trace=other)] == [2]
    assert account.wait_for("DescribeVpcs", trace=other)["Sequence"] == 2
    account.assert_called("DescribeVpcs", trace=trace, times=1)
    account.expect("DescribeVpcs", trace=trace, times=0).verify()
    with pytest.raises(TimeoutError, match=f"^no CreateHaVip of trace {trace} within"):
        account.wait_for("CreateHaVip", trace=trace, timeout=0.01)
    with pytest.raises(AssertionError, match=f"of trace {trace} at least once, got 0") as error:
        account.assert_called("CreateHaVip", trace=trace)
    assert f'Trace: expected "{trace}", got nothing' in str(error.value)
    assert refused(account.calls, trace="x").status == 400


def test_a_timeout_shows_the_last_calls(account, cloud):
    with pytest.raises(TimeoutError) as error:
        account.wait_for(timeout=0.1)
    assert str(error.value) == "no call within 0.1 s"
    for name in ["1", "2", "3", "4"]:
        create(cloud, name)
    with pytest.raises(TimeoutError) as error:
        account.wait_for("DeleteHaVip", "OK", timeout=0.1)
    first, *calls = str(error.value).splitlines()
    assert first == "no DeleteHaVip -> OK within 0.1 s"
    assert [json.loads(re.fullmatch(r"  call: CreateHaVip (.*) -> OK \(.*\)", it)[1])["HaVipName"] for it in calls] == [
        "2",
        "3",
        "4",
    ]
    assert refused(account.wait_for, timeout=601).status == 400


def test_calls_are_verified(account, cloud):
    create(cloud, "one")
    create(cloud, "two")
    filters = [{"Name": "havip-name", "Values": ["one", "two"]}]
    cloud.ask("DescribeHaVips", Filters=filters, Limit=5)
    account.assert_called()
    account.assert_called("CreateHaVip", times=2)
    account.assert_called("CreateHaVip", {"HaVipName": "one"}, code="OK", times=1)
    account.assert_called("CreateHaVip", times=(1, 2))
    account.assert_called(times=(3, None))
    account.assert_called("DeleteHaVip", times=0)
    account.assert_called("DescribeHaVips", {"Filters": [{"Name": "havip-name"}], "Offset": None})
    assert account.verify("CreateHaVip", times=3)["Matched"] == 2
    assert account.verify("CreateHaVip", since=1) == {"Ok": True, "Matched": 1, "Nearest": []}
    account.assert_called("CreateHaVip", times=0, since=2)
    with pytest.raises(AssertionError, match=r'"one".* 1 times, got 0\n  nearest: .*"two"'):
        account.assert_called("CreateHaVip", {"HaVipName": "one"}, times=1, since=1)


def test_an_expectation_counts_the_calls_of_its_block(account, cloud):
    create(cloud, "before")
    with account.expect("CreateHaVip", {"HaVipName": "web"}, code="OK", times=1) as expectation:
        assert expectation.since == 1
        with pytest.raises(AssertionError, match="1 times, got 0$"):
            expectation.verify()
        create(cloud, "web")
        expectation.verify()
    create(cloud, "web")
    with pytest.raises(AssertionError, match="1 times, got 2\n  call: "):
        expectation.verify()
    with account.expect("CreateHaVip", times=0), account.expect(times=(1, 2)), account.expect():
        names(cloud)


def test_an_unmet_expectation_shows_the_nearest_calls_of_its_block(account, cloud):
    create(cloud, "web")
    with (
        pytest.raises(AssertionError) as error,
        account.expect("CreateHaVip", {"HaVipName": "web"}),
    ):
        create(cloud, "db")
    call = account.calls()[-1]
    assert str(error.value).splitlines() == [
        'expected CreateHaVip {"HaVipName": "web"} at least once, got 0',
        f"  nearest: CreateHaVip {json.dumps(call['Params'])} -> OK ({call['RequestId']})",
        '    HaVipName: expected "web", got "db"',
    ]
    with pytest.raises(AssertionError, match="^expected any call at least once, got 0$"), account.expect():
        pass


def test_an_expectation_masks_no_exception(account):
    with pytest.raises(KeyError, match="mine") as error, account.expect("CreateHaVip"):
        raise KeyError("mine")
    assert error.value.__context__ is None


def test_an_expectation_can_be_verified_without_a_block(account, cloud):
    expectation = account.expect("CreateHaVip", times=2)
    for name in ["one", "two"]:
        with pytest.raises(AssertionError):
            expectation.verify()
        create(cloud, name)
    expectation.verify()


def test_an_expectation_ignores_earlier_calls(account, cloud):
    for calls in range(3):
        assert account.expect().since == calls
        names(cloud)
    account.clear_calls()
    with account.expect("DescribeHaVips", times=1):
        names(cloud)
    assert account.expect().since == 4
    account.reset()
    with account.expect("DescribeHaVips", times=2):
        names(cloud)
        account.reset()
        names(cloud)
        names(cloud)
    assert account.expect().since == 7


def test_an_expectation_allows_a_gap_in_the_numbers(account, cloud, monkeypatch):
    for _ in range(3):
        names(cloud)
    ask = account._ask

    def with_gap(*args, limit=None, **query):
        answer = ask(*args, limit=limit, **query)
        return answer | {"Total": 2} if limit == 1 else answer  # as if a call were missing

    monkeypatch.setattr(account, "_ask", with_gap)
    assert account.expect().since == 3


def test_too_few_calls_show_the_nearest_ones(account, cloud):
    place = {"VpcId": CREATE["VpcId"], "SubnetId": CREATE["SubnetId"]}
    create(cloud, "网")
    cloud.ask("DescribeHaVips", Filters=[{"Name": "havip-name", "Values": ["one", "two"]}], Limit=5)
    ids = [it["RequestId"] for it in account.calls()]
    with pytest.raises(AssertionError) as error:
        account.assert_called("CreateHaVip", {"HaVipName": "web", "Vip": "172.16.0.9"}, code="OK")
    made = json.dumps(account.call(ids[0])["Params"], ensure_ascii=False)
    listed = json.dumps(account.call(ids[1])["Params"])
    assert json.loads(made) == place | {"HaVipName": "网"}
    assert str(error.value).splitlines() == [
        'expected CreateHaVip {"HaVipName": "web", "Vip": "172.16.0.9"} -> OK at least once, got 0',
        f"  nearest: CreateHaVip {made} -> OK ({ids[0]})",
        '    HaVipName: expected "web", got "网"',
        '    Vip: expected "172.16.0.9", got nothing',
        f"  nearest: DescribeHaVips {listed} -> OK ({ids[1]})",
        '    Action: expected "CreateHaVip", got "DescribeHaVips"',
        '    HaVipName: expected "web", got nothing',
        '    Vip: expected "172.16.0.9", got nothing',
    ]
    with pytest.raises(AssertionError, match=r'Filters\.0\.Values\.1: expected nothing, got "two"'):
        account.assert_called("DescribeHaVips", {"Filters": [{"Values": ["one"]}]}, times=(2, 3))


def test_too_many_calls_show_only_matching_ones(account, cloud):
    for name in ["web", "web", "other", "other", "other"]:
        create(cloud, name)
    calls = account.calls()[:2]
    with pytest.raises(AssertionError) as error:
        account.assert_called("CreateHaVip", {"HaVipName": "web"}, times=1)
    first, *shown = str(error.value).splitlines()
    assert first == 'expected CreateHaVip {"HaVipName": "web"} 1 times, got 2'
    lines = [f"  call: CreateHaVip {json.dumps(it['Params'])} -> OK ({it['RequestId']})" for it in calls]
    assert set(shown) <= set(lines)

    # A server can also return matching calls, without differences.
    matching = [{"RequestId": it["RequestId"], "Differences": []} for it in calls]
    account.verify = lambda *_, **__: {"Ok": False, "Matched": 2, "Nearest": matching}
    with pytest.raises(AssertionError) as error:
        account.assert_called("CreateHaVip", {"HaVipName": "web"}, times=1)
    assert str(error.value).splitlines() == [first, *lines]


def test_a_fault_is_an_error_of_the_sdk(account, cloud):
    fault = account.fail("CreateHaVip", "InternalError", "mine", times=1, skip=1, params={"HaVipName": "web"})
    assert (fault["Id"], fault["Matches"], fault["Hits"]) == ("fault-1", 0, 0)
    create(cloud, "web")
    create(cloud, "other")
    assert refusal(create, cloud, "web") == ("InternalError", "mine")
    create(cloud, "web")
    assert names(cloud) == ["web", "other", "web"]
    assert [(it["Matches"], it["Hits"]) for it in account.faults()] == [(2, 1)]
    assert account.calls(code="InternalError")[0]["FaultId"] == "fault-1"
    account.remove_fault("fault-1")
    assert refused(account.remove_fault, "fault-1").status == 404


def test_a_fault_can_apply_after_the_change(account, cloud):
    account.fail(None, "InternalError", after=True, times=1)
    assert refusal(create, cloud)[0] == "InternalError"
    assert names(cloud) == ["demo"]


def test_an_http_status_is_an_error_of_the_sdk(account, cloud):
    account.answer("CreateHaVip", 503, "busy", times=1)
    code, message = failure(create, cloud)
    assert (code, message) == ("ServerNetworkError", b"busy")
    create(cloud)


@pytest.mark.parametrize(
    "how, code",
    [
        ("reset", "ClientNetworkError"),
        ("close", "ClientNetworkError"),
        ("hang", "ClientNetworkError"),
        ("truncate", "ChunkedEncodingError"),
    ],
)
def test_a_cut_connection_is_an_error_of_the_sdk(account, cloud, how, code):
    cloud.request.conn.timeout = 1  # second
    account.cut("CreateHaVip", how, times=1)
    assert failure(create, cloud)[0] == code
    assert names(cloud) == (["demo"] if how == "truncate" else [])


def test_a_delayed_call_has_its_real_response(account, cloud):
    account.delay("CreateHaVip", 0.25, times=1)
    assert create(cloud).Vip == "172.16.0.17"
    assert account.calls()[0]["DurationUs"] >= 250_000


def test_a_scoped_fault_is_removed_at_the_end_of_its_block(account, cloud):
    always = account.fail("DeleteHaVip", "InternalError")
    with account.scoped(account.fail("CreateHaVip", "InternalError")) as fault:
        assert fault["Id"] == "fault-2"
        assert refusal(create, cloud)[0] == "InternalError"
    create(cloud)
    assert account.faults() == [always]
    with pytest.raises(KeyError), account.scoped(account.delay(None, 1)):
        raise KeyError
    assert account.faults() == [always]


def test_a_scoped_fault_can_be_removed_before_its_block_ends(account, monkeypatch):
    def rule():
        return account.fail("CreateHaVip", "InternalError")

    with account.scoped(rule()) as fault:
        account.remove_fault(fault["Id"])
    with account.scoped(rule()):
        account.clear_faults()
    with account.scoped(rule()):
        account.reset()
    # IDs of rules start again after a reset.
    with account.scoped(rule()) as fault:
        account.reset()
        other = account.delay("CreateHaVip", 1)
        assert other["Id"] == fault["Id"]
    assert account.faults() == [other]
    # As if the rule were removed between the two requests.
    with account.scoped(other):
        account.clear_faults()
        monkeypatch.setattr(account, "faults", lambda: [other])


def test_any_rule_can_be_added_and_all_can_be_removed(account):
    rule = {"Action": "CreateHaVip", "Error": {"Code": "Mine"}, "Force": True, "Probability": 0.5}
    assert account.add_fault(rule)["Probability"] == 0.5
    account.fail("CreateHaVip", "LimitExceeded")
    assert [it["Error"]["Code"] for it in account.faults()] == ["Mine", "LimitExceeded"]
    assert account.clear_faults() == 2
    error = refused(account.fail, "CreateHaVip", "ResourceInUse")
    assert (error.status, error.code) == (400, "BadRequest")
    assert "CreateHaVip cannot return `ResourceInUse`; expected one of FailedOperation" in error.message


def test_a_signed_call_expires_by_the_clock(account, cloud):
    create(cloud)
    account.advance_clock(timedelta(minutes=10))
    assert refusal(create, cloud)[0] == "AuthFailure.SignatureExpire"
    assert account.real_clock()["Mode"] == "real"
    create(cloud)


def test_a_clock_is_set_frozen_and_advanced(account):
    noon = datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=8)))
    assert account.freeze_clock(noon) == {"Now": "2026-01-31T04:00:00.000Z", "Mode": "frozen", "OffsetMs": None}
    assert account.advance_clock(1.5)["Now"] == "2026-01-31T04:00:01.500Z"
    assert account.clock()["Now"] == "2026-01-31T04:00:01.500Z"
    assert account.set_clock("2030-01-01T00:00:00Z")["Mode"] == "offset"
    stopped = account.freeze_clock()
    assert stopped["Now"].startswith("2030-01-01T00:00:") and stopped["Mode"] == "frozen"
    assert refused(account.set_clock, datetime(2030, 1, 1)).status == 400


def test_a_ha_vip_moves_when_it_is_announced(account, cloud):
    account.merge_state(FAILOVER)

    def shown():
        [it] = cloud.ask("DescribeHaVips", HaVipIds=[HA_VIP]).HaVipSet
        return it.State, it.NetworkInterfaceId, it.InstanceId, it.AddressIp

    assert shown() == ("AVAILABLE", PRIMARY, "ein-primary1", "")
    assert account.announce(HA_VIP, STANDBY)["InstanceId"] == "ein-standby1"
    assert account.bind_address(HA_VIP, EIP)["AddressIp"] == "198.18.0.10"
    assert shown() == ("AVAILABLE", STANDBY, "ein-standby1", "198.18.0.10")
    assert account.withdraw(HA_VIP)["State"] == "UNBIND"
    account.bind_address(HA_VIP, None)
    assert shown() == ("UNBIND", "", "", "")
    assert refused(account.announce, "havip-00000000", STANDBY).status == 404
    assert refused(account.announce, HA_VIP, "mine").status == 400
    elsewhere = "eni-demo0002"
    assert refused(account.announce, HA_VIP, elsewhere).status == 409


def test_returned_codes_are_counted(account, cloud):
    create(cloud)
    refusal(cloud.ask, "CreateHaVip", **CREATE_IN_UNKNOWN_SUBNET)
    names(cloud)
    [of_create] = account.codes("CreateHaVip")
    assert set(of_create) == set(ecmock.Codes.__annotations__)
    assert (of_create["Calls"], of_create["Ok"], of_create["Met"]) == (2, 1, {"ResourceNotFound": 1})
    assert of_create["Summary"] == "1 of 10" and len(of_create["NotMet"]) == 9
    assert [it["Action"] for it in account.codes()] == ["CreateHaVip", "DescribeHaVips"]


def test_retries_are_counted(account, cloud):
    account.freeze_clock()
    account.fail("CreateHaVip", "InternalError", times=2, after=True)
    for code in ["InternalError", "InternalError", None]:
        if code:
            assert refusal(cloud.ask, "CreateHaVip", **CREATE)[0] == code
        else:
            cloud.ask("CreateHaVip", **CREATE)
        account.advance_clock(0.25)
    [found] = account.retries("CreateHaVip")
    assert set(found) == set(ecmock.Retries.__annotations__)
    assert (found["Attempts"], found["GapsMs"], found["Succeeded"]) == (3, [250, 250], 3)
    calls = account.calls()
    created = [it["Created"] for it in calls]
    assert (found["Created"], found["Duplicates"]) == (created, created[1] + created[2])
    assert created == [[it["HaVipId"]] for it in account.state()["HaVipSet"]]
    account.assert_retried("CreateHaVip", attempts=3, gap_ms=250, succeeded=3, duplicates=2)
    account.assert_retried(attempts=(1, None), gap_ms=(0, None))
    with pytest.raises(AssertionError) as raised:
        account.assert_retried("CreateHaVip", attempts=(1, 2), gap_ms=(300, None), succeeded=1, duplicates=0)
    assert str(raised.value).splitlines() == [
        f"CreateHaVip {json.dumps(found['Params'], separators=(',', ':'))}",
        "  attempts: expected 1 to 2, got 3",
        "  ms between attempts: expected 300 or more, got 250",
        "  successful attempts: expected 1, got 3",
        "  duplicates: expected 0, got 2",
        *(
            f"  attempt {n}{after}: {it['Code']} ({it['RequestId']}) created {it['Created'][0]}"
            for n, after, it in zip([1, 2, 3], ["", " after 250 ms", " after 250 ms"], calls, strict=True)
        ),
    ]
    with pytest.raises(AssertionError, match="^no call of DeleteHaVip$"):
        account.assert_retried("DeleteHaVip")
    assert account.retries("CreateHaVip", since=3) == []


def test_an_action_is_called_without_a_signature(account):
    assert account.call_action("DescribeVpcs", {"Limit": 1})["TotalCount"] >= 1
    assert account.call_action("DescribeVpc")["Error"]["Code"] == "InvalidAction"


def test_every_path_of_the_admin_api_has_a_wrapper(server, account, cloud, monkeypatch):
    asked = set()
    send = Server._send

    def recorded(self, method, path, *args, **kwargs):
        asked.add((method, path))
        return send(self, method, path, *args, **kwargs)

    monkeypatch.setattr(Server, "_send", recorded)
    account.merge_state(FAILOVER)
    names(cloud)
    [call] = account.calls()
    fault, gate = account.delay(None, 1), account.hold("CreateVpc")
    for wrapper, *args in [
        (server.health,),
        (server.metrics,),
        (server.ca_pem,),
        (server.accounts,),
        (server.actions,),
        (server.action, "CreateHaVip"),
        (account.call, call["RequestId"]),
        (account.verify,),
        (account.call_action, "DescribeVpcs"),
        (account.retries,),
        (account.assert_retried,),
        (account.add_expectation,),
        (account.expectations,),
        (account.clear_expectations,),
        (account.verdict,),
        (account.clear_calls,),
        (account.faults,),
        (account.remove_fault, fault["Id"]),
        (gate.held,),
        (gate.release,),
        (account.clear_faults,),
        (account.visibility,),
        (account.set_visible_after, 0),
        (account.clock,),
        (account.real_clock,),
        (account.advance_clock, 1),
        (account.announce, HA_VIP, STANDBY),
        (account.withdraw, HA_VIP),
        (account.bind_address, HA_VIP, EIP),
        (account.replace_state, account.state()),
        (account.reset,),
        (server.forget, account.name),
    ]:
        wrapper(*args)
    listed = [(it["Method"], it["Path"].removeprefix("/_ecmock/")) for it in server._ask("GET", "")["Paths"]]
    listed.remove(("GET", "ready"))  # the same as `health`
    forms = {(method, path): re.sub(r"\{\w+\}", "[^/]+", path) for method, path in listed}
    missing = [
        it for it in listed if not any(it[0] == method and re.fullmatch(forms[it], path) for method, path in asked)
    ]
    assert missing == []
