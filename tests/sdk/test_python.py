"""The Python SDK: every signature method with every way to redirect the SDK."""

import asyncio
import json
import socket

import pytest
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import RegionBreakerProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.ecm.v20190719 import ecm_client_async, models
from tencentcloud.ecm.v20190719.ecm_client import EcmClient

from cloud import (
    CREATE,
    CREATE_IN_UNKNOWN_SUBNET,
    KEY,
    NON_ASCII_NAME,
    REGION,
    UNKNOWN_SECRET_ID,
    UNKNOWN_SUBNET,
    WRONG_SIGNATURE,
    assert_first_ha_vip,
    assert_request_id,
)
from sdk import SCHEMES, by_host, client_profile, refusal


def by_url(server):
    """Sends and signs a Host header that includes the scheme."""
    return HttpProfile(endpoint=server.url)


def behind_a_gateway(root_domain):
    """Signs the real host and sends the server's own, so the signed host is not in the request."""

    def http_profile(server):
        http = HttpProfile(protocol="http", rootDomain=root_domain)
        http.apigw_endpoint = server.host
        return http

    return http_profile


ENDPOINTS = {
    "host": by_host,
    "url": by_url,
    "apigw": behind_a_gateway("tencentcloudapi.com"),
    "intl apigw": behind_a_gateway("intl.tencentcloudapi.com"),
}

FOUR_NAMES = ["demo", "other", NON_ASCII_NAME, "demo"]
WITHOUT_VPC_ID = {name: value for name, value in CREATE.items() if name != "VpcId"}

every_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=ENDPOINTS.keys())
every_language = pytest.mark.parametrize("language", ["zh-CN", "en-US"])
only_json = pytest.mark.parametrize("scheme", [SCHEMES["TC3 POST"]], ids=["TC3 POST"])


@pytest.fixture(params=SCHEMES.values(), ids=SCHEMES.keys())
def scheme(request):
    return request.param


@pytest.fixture
def endpoint():
    """The way most tests reach the server. `every_endpoint` overrides it."""
    return by_host


@pytest.fixture
def profile(server, scheme, endpoint):
    return client_profile(scheme, endpoint(server))


def model(request_class, params):
    request = request_class()
    request.from_json_string(json.dumps(params))
    return request


def create(profile, secret_id, key=KEY, params=CREATE):
    client = EcmClient(Credential(secret_id, key), REGION, profile)
    return client.CreateHaVip(model(models.CreateHaVipRequest, params))


def describe(profile, secret_id, params):
    client = EcmClient(Credential(secret_id, KEY), REGION, profile)
    return client.DescribeHaVips(model(models.DescribeHaVipsRequest, params))


def create_async(profile, secret_id, key=KEY, params=CREATE):
    async def call():
        async with ecm_client_async.EcmClient(Credential(secret_id, key), REGION, profile) as client:
            return await client.CreateHaVip(model(models.CreateHaVipRequest, params))

    return asyncio.run(call())


def call_json(profile, secret_id, action, params):
    """Makes an untyped call, which can have any parameter."""
    return CommonClient("ecm", "2019-07-19", Credential(secret_id, KEY), REGION, profile).call_json(action, params)


def assert_created(response, name=CREATE["HaVipName"]):
    assert_request_id(response.RequestId)
    assert_first_ha_vip(json.loads(response.HaVip.to_json_string()), name)


@every_endpoint
def test_a_fresh_account_gets_the_first_free_address(profile, secret_id):
    assert_created(create(profile, secret_id))


@every_endpoint
def test_an_unknown_subnet_is_not_found(profile, secret_id):
    assert refusal(create, profile, secret_id, params=CREATE_IN_UNKNOWN_SUBNET) == ("ResourceNotFound", UNKNOWN_SUBNET["zh-CN"])


@every_endpoint
@every_language
def test_a_wrong_key_is_refused_in_the_requested_language(profile, secret_id, language):
    profile.language = language
    answer = refusal(create, profile, secret_id, key="another-key")
    assert answer == ("AuthFailure.SignatureFailure", WRONG_SIGNATURE[language])


@every_endpoint
@every_language
def test_an_unknown_secret_id_is_refused_in_the_requested_language(profile, language):
    profile.language = language
    assert refusal(create, profile, "AKIDnobody") == ("AuthFailure.SecretIdNotFound", UNKNOWN_SECRET_ID[language])


def test_a_non_ascii_name_is_returned_unchanged(profile, secret_id):
    assert_created(create(profile, secret_id, params=CREATE | {"HaVipName": NON_ASCII_NAME}), NON_ASCII_NAME)


def test_filters_find_the_ha_vips_of_a_name(profile, secret_id):
    vips = [create(profile, secret_id, params=CREATE | {"HaVipName": name}).HaVip.Vip for name in FOUR_NAMES]
    names = {"Name": "havip-name", "Values": ["demo", NON_ASCII_NAME]}
    filters = [names, {"Name": "vpc-id", "Values": [CREATE["VpcId"]]}]
    found = describe(profile, secret_id, {"Filters": filters, "Offset": 1, "Limit": 2})
    assert (found.TotalCount, [it.Vip for it in found.HaVipSet]) == (3, [vips[2], vips[3]])


@pytest.mark.parametrize(
    "action, params, language, answer",
    [
        pytest.param(
            "CreateHaVip",
            CREATE | {"EcmRegion": "ap-xian-ecm"},
            "en-US",
            ("UnknownParameter", "The parameter `EcmRegion` is not recognized."),
            id="unknown parameter",
        ),
        pytest.param(
            "CreateHaVip",
            WITHOUT_VPC_ID,
            "en-US",
            ("MissingParameter", "The request is missing a required parameter `VpcId`."),
            id="missing parameter",
        ),
        pytest.param(
            "CreateHaVip",
            WITHOUT_VPC_ID,
            "zh-CN",
            ("MissingParameter", "请求缺少必传参数 `VpcId` 。"),
            id="missing parameter, zh-CN",
        ),
        pytest.param(
            "CreateHighVip",
            CREATE,
            "en-US",
            (
                "InvalidAction",
                "The request action=`CreateHighVip` is invalid or not found in service=`ecm` and version=`2019-07-19`.",
            ),
            id="unknown action",
        ),
    ],
)
def test_a_call_outside_the_model_is_refused(profile, secret_id, action, params, language, answer):
    profile.language = language
    assert refusal(call_json, profile, secret_id, action, params) == answer


# Only JSON distinguishes a number from a string.
@only_json
def test_a_number_for_a_string_is_refused(profile, secret_id):
    profile.language = "en-US"
    code, message = refusal(call_json, profile, secret_id, "CreateHaVip", CREATE | {"HaVipName": 5})
    assert code == "InvalidParameter"
    # Older texts of the cloud end here. Newer texts also name the type.
    assert message.startswith("The value type of parameter `HaVipName` is not valid")


def test_call_json_returns_the_whole_envelope(profile, secret_id):
    response = call_json(profile, secret_id, "createHaVip", CREATE)["Response"]
    assert_request_id(response.pop("RequestId"))
    assert_first_ha_vip(response.pop("HaVip"))
    assert response == {}


def test_the_async_client_gets_the_first_free_address(profile, secret_id):
    assert_created(create_async(profile, secret_id, params=CREATE | {"HaVipName": NON_ASCII_NAME}), NON_ASCII_NAME)


def test_the_async_client_raises_a_business_error(profile, secret_id):
    assert refusal(create_async, profile, secret_id, params=CREATE_IN_UNKNOWN_SUBNET) == ("ResourceNotFound", UNKNOWN_SUBNET["zh-CN"])


def test_the_async_client_is_refused_with_a_wrong_key(profile, secret_id):
    answer = refusal(create_async, profile, secret_id, key="another-key")
    assert answer == ("AuthFailure.SignatureFailure", WRONG_SIGNATURE["zh-CN"])


def test_a_region_breaker_moves_calls_after_five_lost_connections(server, secret_id, monkeypatch):
    account = server.account(secret_id.removeprefix("ecmock-"))
    profile = client_profile(SCHEMES["TC3 POST"], by_host(server))
    profile.disable_region_breaker = False
    profile.region_breaker_profile = RegionBreakerProfile()
    client = EcmClient(Credential(secret_id, KEY), REGION, profile)
    look_up = socket.getaddrinfo
    names = []

    def with_hosts_entry(host, port, *args, **kwargs):
        """Resolves the vendor's names to the server, and their port to its port."""
        names.append(host)
        if host.endswith(".tencentcloudapi.com"):
            host, port = server.host.split(":")
        return look_up(host, port, *args, **kwargs)

    account.cut("DescribeVpcs", "reset", times=5)
    monkeypatch.setattr(socket, "getaddrinfo", with_hosts_entry)
    for _ in range(5):
        # The breaker hides the exception of the lost connection.
        with pytest.raises(TencentCloudSDKException, match="'NoneType' object has no attribute 'status_code'"):
            client.DescribeVpcs(models.DescribeVpcsRequest())
    client.DescribeVpcs(models.DescribeVpcsRequest())
    own, _ = server.host.split(":")
    assert names == [own] * 5 + ["ecm.ap-guangzhou.tencentcloudapi.com"]
    # The SDK keeps the Host header, so the server cannot tell that the call was moved.
    assert [(it["Host"], it["Warning"]) for it in account.calls()] == [(server.host, None)] * 6
