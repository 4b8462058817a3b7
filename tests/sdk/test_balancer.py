"""deploy/nginx.conf: nginx with three replicas, and calls of the Python SDK and of the Python client through it."""

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import ecmock
import pytest
import requests
from ecmock import EcmockError
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.http.request import RequestInternal

from cloud import CREATE, KEY
from sdk import SCHEMES, Cloud, refusal

CONFIGURATION = Path(__file__).parents[2] / "deploy/nginx.conf"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
REPLICAS = 3
ACCOUNTS = 200
END_SECONDS_MAX = 10

# A v1 form hides its SecretId in the body.
BALANCED = [name for name in SCHEMES if name.startswith("TC3") or name.endswith("GET")]
FORMS = [name for name in SCHEMES if name not in BALANCED]

pytestmark = pytest.mark.skipif(not NGINX, reason="nginx is not installed")


class Cluster:
    """Replicas, and a client of the balancer in front of them."""

    def __init__(self, replicas, balancer):
        self.replicas = replicas
        self.balancer = balancer

    def account(self, name):
        return self.balancer.account_named(name)

    def cloud(self, name, scheme="TC3 POST"):
        return Cloud(self.balancer, f"ecmock-{name}", SCHEMES[scheme])

    def owners(self, name):
        """Returns the numbers of the replicas that have an account."""
        running = [(number, it) for number, it in enumerate(self.replicas) if it]
        return [number for number, it in running if name in {account["Name"] for account in it.accounts()}]

    def names(self, count):
        """Returns the names of new accounts by replica, `count` of them for each."""
        found = {number: [] for number in range(REPLICAS)}
        for index in range(1000):
            name = f"account-{index}"
            self.account(name).reset()
            [owner] = self.owners(name)
            found[owner].append(name)
            if all(len(names) >= count for names in found.values()):
                return {owner: names[:count] for owner, names in found.items()}
        raise AssertionError(found)


@contextmanager
def balancing(replicas, folder):
    """Runs nginx in front of replicas during the block, with only the addresses of the configuration replaced."""
    with socket.create_server(("127.0.0.1", 0), backlog=511) as listener:
        address = "{}:{}".format(*listener.getsockname())
        addresses = {"listen 7190;": f"listen {address};"}
        addresses |= {f"server ecmock-{number}:7190 ": f"server {it.host} " for number, it in enumerate(replicas)}
        text = CONFIGURATION.read_text(encoding="utf-8")
        for ours, replaced in addresses.items():
            assert text.count(ours) == 1
            text = text.replace(ours, replaced)
        configuration = folder / "nginx.conf"
        configuration.write_text(text, encoding="utf-8")
        # nginx takes the listening socket over, as a new version of it does from an older one, and expects it not to
        # block. A worker would otherwise block if another one accepts the connection first.
        listener.setblocking(False)
        environment = os.environ | {"NGINX": f"{listener.fileno()};"}
        command = [NGINX, "-e", "stderr", "-c", str(configuration), "-g", f"daemon off; pid {folder / 'pid'};"]
        log = (folder / "log").open("wb")
        nginx = subprocess.Popen(command, pass_fds=[listener.fileno()], env=environment, stderr=log)
    try:
        yield ecmock.Server.at(f"http://{address}", secret_key=KEY)
    except ecmock.StartError as error:
        raise AssertionError((folder / "log").read_text(encoding="utf-8")) from error
    finally:
        nginx.terminate()
        nginx.wait(END_SECONDS_MAX)
        log.close()


@contextmanager
def clustering(folder):
    with ExitStack() as servers:
        replicas = [servers.enter_context(ecmock.Server(auth="verify", secret_key=KEY)) for _ in range(REPLICAS)]
        yield Cluster(replicas, servers.enter_context(balancing(replicas, folder)))


@pytest.fixture(scope="module")
def cluster(plain_environment, tmp_path_factory):
    with clustering(tmp_path_factory.mktemp("nginx")) as cluster:
        yield cluster


@pytest.fixture
def name(secret_id):
    return secret_id.removeprefix("ecmock-")


def send(server, method, target, body=None, headers=()):
    """Sends a request, and returns its status and its JSON."""
    with closing(http.client.HTTPConnection(server.host, timeout=30)) as connection:
        connection.request(method, target, body, dict(headers))
        response = connection.getresponse()
        return response.status, json.loads(response.read())


def code_of(server, method, target, body=None, headers=()):
    status, answer = send(server, method, target, body, headers)
    assert status == 200
    return answer["Response"]["Error"]["Code"]


def test_each_of_200_accounts_stays_on_one_replica(cluster):
    names = [f"parallel-{number}" for number in range(ACCOUNTS)]

    def use(number):
        name = names[number]
        clouds = [cluster.cloud(name, scheme) for scheme in BALANCED]
        creator = clouds[number % len(clouds)]
        created = creator.call_json("CreateHaVip", CREATE)["Response"]["HaVip"]
        seen = [cloud.call_json("DescribeHaVips", {})["Response"]["HaVipSet"] for cloud in clouds]
        state = cluster.account(name).state()["HaVipSet"]
        calls = cluster.account(name).calls()
        return created, seen, state, {call["Signature"]["Verdict"] for call in calls}

    with ThreadPoolExecutor(32) as threads:
        results = list(threads.map(use, range(ACCOUNTS)))

    for created, seen, [in_state], verdicts in results:
        assert created["Vip"] == "172.16.0.17"  # the first free address, so the account is new
        assert [[it["HaVipId"] for it in page] for page in seen] == [[created["HaVipId"]]] * len(BALANCED)
        assert in_state["HaVipId"] == created["HaVipId"]
        assert verdicts == {"valid"}
    requests = [{it["Name"]: it["Requests"] for it in replica.accounts()} for replica in cluster.replicas]
    for name in names:
        assert [it[name] for it in requests if name in it] == [1 + len(BALANCED)]
    # Each replica has its share: a third of 200 is 67.
    assert all(len(it.keys() & set(names)) > 20 for it in requests)


@pytest.mark.parametrize(
    "method, target, headers",
    [
        ("GET", "/?Action=DescribeVpcs&SecretId=ecmock-{}", {}),
        ("GET", "/?SecretId=ecmock-{}&Action=DescribeVpcs", {"Authorization": ""}),
        ("GET", "/?Action=DescribeVpcs&NotSecretId=x&SecretId=ecmock-{}&SecretId=ecmock-other", {}),
        ("GET", "/?Action=DescribeVpcs&SecretId=x", {"Authorization": "TC3-HMAC-SHA256 Credential=ecmock-{}/d/"}),
        ("POST", "/", {"Authorization": "TC3-HMAC-SHA256 Credential=ecmock-{}/d/s/tc3_request, Signature=c"}),
        ("POST", "/", {"Authorization": "TC3-HMAC-SHA256  Credential=ecmock-{}/d/s/tc3_request,Signature=c"}),
        ("POST", "/", {"Authorization": "TC3-HMAC-SHA256 Signature=c ,  Credential=ecmock-{}/d/s/tc3_request"}),
        ("POST", "/?SecretId=ecmock-other", {"Authorization": "TC3-HMAC-SHA256 Credential=ecmock-{}/d/s, A=b"}),
    ],
    ids=range(8),
)
def test_the_balancer_and_the_replica_find_the_same_account(cluster, name, method, target, headers):
    account = cluster.account(name)
    account.reset()
    [owner] = cluster.owners(name)
    headers = {key: value.format(name) for key, value in headers.items()}
    send(cluster.balancer, method, target.format(name), b"{}" if method == "POST" else None, headers)
    assert len(account.calls()) == 1
    assert cluster.owners(name) == [owner]


@pytest.mark.parametrize(
    "method, target, headers",
    [
        ("GET", "/?Action=DescribeVpcs&Version=2019-07-19", {}),
        ("GET", "/?Action=DescribeVpcs&SecretId=AKIDother", {}),
        ("GET", "/?Action=DescribeVpcs&SecretId=ecmock-", {}),
        ("GET", "/?SecretId=ecmock-other", {"Authorization": "another scheme"}),
        ("POST", "/?SecretId=ecmock-other", {"X-TC-Action": "DescribeVpcs"}),
        ("POST", "/", {"Authorization": "TC3-HMAC-SHA256 Credential=AKIDother/d/s/tc3_request, Signature=c"}),
        ("POST", "/", {"Authorization": "AWS4 Credential=ecmock-other/d/s/tc3_request, Signature=c"}),
        ("PUT", "/", {}),
    ],
    ids=range(8),
)
def test_other_calls_belong_to_the_default_account(cluster, name, method, target, headers):
    send(cluster.balancer, method, target, b"{}" if method != "GET" else None, {"User-Agent": name, **headers})
    agents = [it["Client"]["UserAgent"] for it in cluster.account("default").calls()]
    assert agents.count(name) == len(cluster.owners("default")) == 1


@pytest.mark.parametrize("scheme", FORMS)
def test_a_form_is_rejected_because_its_secret_id_is_in_the_body(cluster, name, scheme):
    code, message = refusal_by_the_balancer(cluster.cloud(name, scheme).call_json, "DescribeVpcs", {})
    assert (code, message) == (
        "UnsupportedOperation",
        "The balancer cannot read the SecretId in a body. Sign with TC3-HMAC-SHA256, or send the call with GET.",
    )
    assert cluster.owners(name) == []


def refusal_by_the_balancer(call, *args):
    """Returns the code and the message of an error. The request ID of the balancer is no UUID."""
    with pytest.raises(TencentCloudSDKException) as raised:
        call(*args)
    assert re.fullmatch(r"[0-9a-f]{32}", raised.value.get_request_id())
    return raised.value.get_code(), raised.value.get_message()


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded; charset=utf-8", "APPLICATION/X-WWW-FORM-URLENCODED"]
)
def test_a_form_with_a_header_for_the_action_is_rejected(cluster, content_type):
    headers = {"Content-Type": content_type, "X-TC-Action": "DescribeVpcs"}
    assert code_of(cluster.balancer, "POST", "/", "Action=DescribeVpcs", headers) == "UnsupportedOperation"


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data; boundary=b", ""])
def test_a_body_without_a_header_for_the_action_is_rejected(cluster, content_type):
    body = "Action=DescribeVpcs&SecretId=ecmock-other"
    headers = {"Content-Type": content_type}
    assert code_of(cluster.balancer, "POST", "/", body, headers) == "UnsupportedOperation"


@pytest.mark.parametrize("secret_id", ["ecmock-a b", "ecmock-a:b", "ecmock-a%62", "ecmock-a~b"])
@pytest.mark.parametrize("scheme", ["TC3 POST", "SHA1 GET"])
def test_a_secret_id_with_other_characters_is_rejected(cluster, secret_id, scheme):
    cloud = Cloud(cluster.balancer, secret_id, SCHEMES[scheme])
    code, message = refusal_by_the_balancer(cloud.call_json, "DescribeVpcs", {})
    assert code == "UnsupportedOperation"
    assert message == "The balancer accepts only letters, digits, and the characters . _ - in a SecretId."


@pytest.mark.parametrize("name", ["a b", "a:b", "é", "a/b", "a~b", ""])
def test_an_account_name_with_other_characters_is_rejected(cluster, name):
    for request in (cluster.account(name).state, lambda: cluster.balancer.forget(name or " ")):
        with pytest.raises(EcmockError) as raised:
            request()
        assert (raised.value.status, raised.value.code) == (400, "BadRequest")
        assert "letters, digits" in raised.value.message


@pytest.mark.parametrize("path", ["accounts", "metrics", "ca.pem"])
def test_requests_that_one_replica_cannot_answer_are_rejected(cluster, path):
    with pytest.raises(EcmockError) as raised:
        cluster.balancer._send("GET", path)
    assert (raised.value.status, raised.value.code) == (501, "NotImplemented")


def test_the_python_client_controls_accounts_through_the_balancer(cluster, name):
    names = [f"{name}-{number}" for number in range(6)]
    for name in names:
        account, cloud = cluster.account(name), cluster.cloud(name)
        account.fail("CreateHaVip", "InternalError", times=1)
        with ThreadPoolExecutor(1) as threads, account.expect("CreateHaVip", times=2):
            waiting = threads.submit(account.wait_for, "CreateHaVip", "OK", timeout=30)
            assert refusal(cloud.ask, "CreateHaVip", **CREATE)[0] == "InternalError"
            ha_vip = cloud.ask("CreateHaVip", **CREATE).HaVip
            assert waiting.result()["RequestId"] == account.calls("CreateHaVip", "OK")[0]["RequestId"]
        assert [it["HaVipId"] for it in account.state()["HaVipSet"]] == [ha_vip.HaVipId]
        account.freeze_clock("2026-01-31T12:00:00Z")
        assert account.clock()["Mode"] == "frozen"
        assert account.call(account.calls()[0]["RequestId"])["Code"] == "InternalError"
        assert account.replace_state(account.state()) == []
        account.reset()
        assert account.state().get("HaVipSet", []) == [] and account.calls() == []
        cluster.balancer.forget(name)
        assert cluster.owners(name) == []


def test_any_replica_answers_requests_about_the_product(cluster):
    assert cluster.balancer.health()["Status"] == "ready"
    assert len(cluster.balancer.actions()) == 132
    assert cluster.balancer.action("CreateHaVip")["Name"] == "CreateHaVip"


@pytest.mark.parametrize("path", ["/_ecmock/console", "/_ecmock/console/", "/_ecmock/console/app.js"])
def test_any_replica_serves_the_console(cluster, path):
    response = requests.get(cluster.balancer.endpoint + path, timeout=10)
    assert response.status_code == 200
    assert response.headers["Content-Security-Policy"].startswith("default-src 'self';")


def test_a_call_of_the_admin_api_reaches_the_replica_of_its_account(cluster, name):
    call = {"Action": "CreateHaVip", "Params": CREATE}
    url = f"{cluster.balancer.endpoint}/_ecmock/call?account={name}"
    ha_vip = requests.post(url, json=call, timeout=10).json()["Response"]["HaVip"]
    assert [it["HaVipId"] for it in cluster.account(name).state()["HaVipSet"]] == [ha_vip["HaVipId"]]
    assert len(cluster.owners(name)) == 1


def test_headers_arrive_unchanged(cluster, name):
    # An IPv6 literal is a host that no proxy would invent.
    headers = {"Host": "[2001:db8::1]:80", "X_Custom": "x", "Authorization": f"TC3-HMAC-SHA256 Credential=ecmock-{name}/"}
    send(cluster.balancer, "POST", "/?a=%2f+", b"{}", headers)
    [call] = cluster.account(name).calls()
    assert call["Host"] == "[2001:db8::1]:80"


@pytest.mark.parametrize("how", ["reset", "close"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_dropped_connection_is_dropped_for_the_client(cluster, name, how, when):
    account = cluster.account(name)
    account.cut("CreateHaVip", how, times=1, after=when == "after")
    with pytest.raises(TencentCloudSDKException) as raised:
        cluster.cloud(name).call_json("CreateHaVip", CREATE)
    assert raised.value.get_code() == "ClientNetworkError"
    assert "Remote end closed connection without response" in str(raised.value)
    # The call is neither repeated nor sent to another replica.
    assert len(account.calls()) == 1 and len(cluster.owners(name)) == 1
    assert len(account.state().get("HaVipSet", [])) == (when == "after")


def test_a_truncated_response_is_truncated_for_the_client(cluster, name):
    account = cluster.account(name)
    account.cut("CreateHaVip", "truncate", times=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        cluster.cloud(name).call_json("CreateHaVip", CREATE)
    assert len(account.calls()) == len(account.state()["HaVipSet"]) == 1


def test_a_call_that_hangs_gets_no_response(cluster, name):
    account = cluster.account(name)
    account.cut(None, "hang", times=1)
    call = RequestInternal(cluster.balancer.host, "POST", "/")
    cluster.cloud(name)._build_req_inter("DescribeVpcs", {}, call)
    with closing(http.client.HTTPConnection(cluster.balancer.host)) as connection:
        connection.request(call.method, call.uri, call.data, call.header)
        account.wait_for("DescribeVpcs", timeout=30)
        connection.sock.setblocking(False)
        with pytest.raises(BlockingIOError):
            connection.sock.recv(1)
    assert len(account.calls()) == 1


@pytest.mark.parametrize("status", [404, 502, 503, 504])
def test_the_status_of_a_fault_arrives_unchanged(cluster, name, status):
    cluster.account(name).answer(None, status, '{"busy":true}', times=1)
    response = cluster.cloud(name)._call("DescribeVpcs", {}, None, None)
    assert (response.status_code, response.json()) == (status, {"busy": True})


@pytest.mark.parametrize("size, code", [(10 * 2**20, "InvalidParameter"), (10 * 2**20 + 1, "RequestSizeLimitExceeded")])
def test_the_replica_limits_the_size_of_a_body(cluster, name, size, code):
    headers = {
        "Authorization": f"TC3-HMAC-SHA256 Credential=ecmock-{name}/",
        "Content-Type": "application/json",
        "X-TC-Action": "CreateHaVip",
        "X-TC-Version": "2019-07-19",
    }
    assert code_of(cluster.balancer, "POST", "/", b"{" * size, headers).startswith(code)
    [call] = cluster.account(name).calls()
    assert call["Code"].startswith(code)


def test_a_long_query_arrives(cluster, name):
    params = CREATE | {"HaVipName": "n" * 30_000}
    code, _ = refusal(cluster.cloud(name, "SHA256 GET").call_json, "CreateHaVip", params)
    assert code.startswith("InvalidParameter")
    assert cluster.account(name).calls()[0]["Params"]["HaVipName"].startswith("nnn")


def test_a_large_fixture_passes_in_both_directions(cluster, name):
    account = cluster.account(name)
    vpc = account.state()["VpcSet"][0]
    vpcs = [vpc | {"VpcId": f"vpc-{number:08}", "VpcName": "n" * 60} for number in range(20_000)]
    account.replace_state({"VpcSet": vpcs})
    assert len(account.state()["VpcSet"]) == 20_000


def test_waits_and_delays_fit_the_time_limit():
    [seconds] = re.findall(r"proxy_read_timeout (\d+)s;", CONFIGURATION.read_text(encoding="utf-8"))
    assert int(seconds) > 600


def test_a_dead_replica_fails_only_its_own_accounts(plain_environment, tmp_path):
    with clustering(tmp_path) as cluster:
        names = cluster.names(3)
        created = {}
        for name in [it for own in names.values() for it in own]:
            created[name] = cluster.cloud(name).call_json("CreateHaVip", CREATE)["Response"]["HaVip"]["HaVipId"]
        # This replica also has the account of requests that name none.
        cluster.account("default").reset()
        [dead] = cluster.owners("default")
        cluster.replicas[dead]._process.kill()
        cluster.replicas[dead].stop()
        cluster.replicas[dead] = None
        accounts = [it.accounts() for it in cluster.replicas if it]

        for _ in range(2):  # the balancer does not move them later either
            for name in names[dead]:
                with pytest.raises(TencentCloudSDKException) as raised:
                    cluster.cloud(name).call_json("DescribeHaVips", {})
                assert raised.value.get_code() == "ServerNetworkError"
                assert "The replica of the account cannot be reached." in str(raised.value)
                with pytest.raises(EcmockError) as refused:
                    cluster.account(name).state()
                assert (refused.value.status, refused.value.code) == (502, "Unavailable")
                assert cluster.owners(name) == []
        assert [it.accounts() for it in cluster.replicas if it] == accounts

        for owner in names.keys() - {dead}:
            for name in names[owner]:
                [ha_vip] = cluster.cloud(name).call_json("DescribeHaVips", {})["Response"]["HaVipSet"]
                assert ha_vip["HaVipId"] == created[name]
                assert cluster.owners(name) == [owner]
        # A client can still attach to the balancer.
        ecmock.Server.at(cluster.balancer.endpoint)
