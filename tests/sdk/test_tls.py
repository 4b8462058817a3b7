"""The SDKs over HTTPS: they trust the server's CA only if configured to."""

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
    """A host name of the server, with its port."""
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
def test_python_trusts_a_ca_file(host, ca, secret_id, scheme):
    assert_created(create(profile(host, ca, scheme), secret_id))


def test_python_does_not_trust_the_ca_by_default(host, secret_id):
    with pytest.raises(TencentCloudSDKException, match="CERTIFICATE_VERIFY_FAILED"):
        create(profile(host), secret_id)


# The async client uses `certification` as a client certificate, so trust comes from its HTTP library.
def test_the_async_client_trusts_the_ca_of_the_environment(host, ca, secret_id, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", ca)
    assert_created(create_async(profile(host), secret_id))


@pytest.mark.parametrize("sdk", [MAINLAND, INTERNATIONAL])
def test_node_trusts_the_ca_of_the_environment(host, ca, secret_id, sdk):
    http = {"protocol": "https://", "endpoint": host, "reqMethod": "POST"}
    profile = {"signMethod": "TC3-HMAC-SHA256", "httpProfile": http}
    outcome = call_node(sdk, "CreateHaVip", CREATE, profile, secret_id, NODE_EXTRA_CA_CERTS=ca)
    assert_first_ha_vip(outcome["response"]["HaVip"])


@pytest.mark.parametrize("scheme", [{"isV3": True, "method": "POST"}, {"signatureMethod": "sha1", "method": "GET"}])
def test_capi_2_trusts_the_ca_of_the_environment(host, ca, secret_id, scheme):
    profile = scheme | {"protocol": "https", "host": host}
    outcome = call_node("capi-2", "CreateHaVip", CREATE, profile, secret_id, NODE_EXTRA_CA_CERTS=ca)
    assert_first_ha_vip(outcome["response"]["HaVip"])
    outcome = call_node("capi-2", "CreateHaVip", CREATE, profile, secret_id)
    assert outcome["error"]["code"] == "UNABLE_TO_VERIFY_LEAF_SIGNATURE"


def test_capi_1_accepts_any_certificate(host, secret_id):
    profile = {"isV3": True, "method": "POST", "protocol": "https", "host": host}
    outcome = call_node("capi-1", "CreateHaVip", CREATE, profile, secret_id)
    assert_first_ha_vip(outcome["response"]["HaVip"])
