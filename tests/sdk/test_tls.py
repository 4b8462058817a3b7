"""The SDKs over https: they trust the CA that the server gives away, and no other."""

import urllib.request

import pytest
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.http_profile import HttpProfile

from cloud import CREATE, assert_first_ha_vip
from sdk import SCHEMES, client_profile
from test_node import INTERNATIONAL, MAINLAND, call_node
from test_python import assert_created, create, create_async


@pytest.fixture(params=["localhost", "127.0.0.1"])
def host(request, server):
    """A name of the server, with its port."""
    return f"{request.param}:{server.host.rpartition(':')[2]}"


@pytest.fixture
def ca(server, tmp_path):
    path = tmp_path / "ca.pem"
    with urllib.request.urlopen(f"{server.url}/_ecmock/ca.pem", timeout=5) as response:
        path.write_bytes(response.read())
    return str(path)


def profile(host, certification=None, scheme=SCHEMES["TC3 POST"]):
    return client_profile(scheme, HttpProfile(protocol="https", endpoint=host, certification=certification))


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES.keys())
def test_python_trusts_a_file(host, ca, secret_id, scheme):
    assert_created(create(profile(host, ca, scheme), secret_id))


def test_python_trusts_nothing_else(host, secret_id):
    with pytest.raises(TencentCloudSDKException, match="CERTIFICATE_VERIFY_FAILED"):
        create(profile(host), secret_id)


# It takes `certification` for a certificate of its own, and trusts what its HTTP library does.
def test_the_async_client_trusts_what_the_environment_names(host, ca, secret_id, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", ca)
    assert_created(create_async(profile(host), secret_id))


@pytest.mark.parametrize("sdk", [MAINLAND, INTERNATIONAL])
def test_node_trusts_what_the_environment_names(host, ca, secret_id, sdk):
    http = {"protocol": "https://", "endpoint": host, "reqMethod": "POST"}
    profile = {"signMethod": "TC3-HMAC-SHA256", "httpProfile": http}
    outcome = call_node(sdk, "CreateHaVip", CREATE, profile, secret_id, NODE_EXTRA_CA_CERTS=ca)
    assert_first_ha_vip(outcome["response"]["HaVip"])
