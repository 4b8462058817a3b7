"""The mainland and international Node SDKs, one process per call. Their TC3 signs the host without its port."""

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from cloud import (
    CREATE,
    CREATE_IN_UNKNOWN_SUBNET,
    KEY,
    NON_ASCII_NAME,
    REGION,
    UNKNOWN_SUBNET,
    WRONG_SIGNATURE,
    assert_first_ha_vip,
    assert_request_id,
)

CLIENT = Path(__file__).with_name("client.cjs")
NODE_MODULES = Path(sys.prefix).with_name("node") / "node_modules"  # `run` installs both
MAINLAND = "tencentcloud-sdk-nodejs"
INTERNATIONAL = "tencentcloud-sdk-nodejs-intl-en"


@pytest.fixture(params=["TC3-HMAC-SHA256", "HmacSHA1", "HmacSHA256"])
def sign_method(request):
    return request.param


@pytest.fixture(params=["POST", "GET"])
def http_method(request):
    return request.param


@pytest.fixture(params=[MAINLAND, INTERNATIONAL])
def sdk(request):
    return request.param


def call_node(sdk, action, params, profile, secret_id, key=KEY, **variables):
    """Calls an action with an SDK, and returns the `response` or the `error` of its promise."""
    argument = {
        "sdk": sdk,
        "action": action,
        "params": params,
        "credential": {"secretId": secret_id, "secretKey": key},
        "region": REGION,
        "profile": profile,
    }
    environment = os.environ | {"NODE_PATH": str(NODE_MODULES)} | variables
    command = ["node", CLIENT, json.dumps(argument)]
    result = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", timeout=60)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.fixture
def ask(server, sdk, sign_method, http_method, secret_id):
    """Calls an action with the SDK under test. See `call_node`."""

    def call(action, params, key=KEY, language=None, trace_id=None):
        http = {"protocol": "http://", "endpoint": server.host, "reqMethod": http_method}
        if trace_id:
            http["headers"] = {"X-TC-TraceId": trace_id}
        profile = {"signMethod": sign_method, "language": language, "httpProfile": http}
        return call_node(sdk, action, params, profile, secret_id, key)

    return call


@pytest.fixture
def create(ask):
    """Calls CreateHaVip."""

    def call(params=CREATE, **how):
        return ask("CreateHaVip", params, **how)

    return call


def refusal(outcome):
    """Returns the code and message of a refused call."""
    error = outcome["error"]
    assert_request_id(error["requestId"])
    return error["code"], error["message"]


def test_a_fresh_account_gets_the_first_free_address(create):
    response = create(CREATE | {"HaVipName": NON_ASCII_NAME})["response"]
    assert_request_id(response.pop("RequestId"))
    assert_first_ha_vip(response.pop("HaVip"), NON_ASCII_NAME)
    assert response == {}


def test_an_unknown_subnet_is_not_found_and_the_trace_id_is_returned(create):
    trace_id = str(uuid.uuid4())
    outcome = create(CREATE_IN_UNKNOWN_SUBNET, trace_id=trace_id)
    assert refusal(outcome) == ("ResourceNotFound", UNKNOWN_SUBNET["en-US"])
    assert outcome["error"]["traceId"] == trace_id


def test_ha_vips_and_vpcs_are_listed(ask, create):
    create(CREATE | {"HaVipName": NON_ASCII_NAME})
    filters = [{"Name": "havip-name", "Values": [NON_ASCII_NAME]}]
    found = ask("DescribeHaVips", {"Filters": filters, "Limit": 5})["response"]
    assert found["TotalCount"] == 1
    assert_first_ha_vip(found["HaVipSet"][0], NON_ASCII_NAME)
    found = ask("DescribeVpcs", {"VpcIds": [CREATE["VpcId"]]})["response"]
    assert [vpc["CidrBlock"] for vpc in found["VpcSet"]] == ["172.16.0.0/16"]
    assert found["VpcSet"][0]["SubnetCount"] == 1


def test_a_wrong_key_is_refused_in_english_by_default(create):
    answer = refusal(create(key="another-key"))
    assert answer == ("AuthFailure.SignatureFailure", WRONG_SIGNATURE["en-US"])


# The international SDK has no such setting.
@pytest.mark.parametrize("sdk", [MAINLAND], indirect=True)
def test_a_wrong_key_is_refused_in_the_requested_language(create):
    answer = refusal(create(key="another-key", language="zh-CN"))
    assert answer == ("AuthFailure.SignatureFailure", WRONG_SIGNATURE["zh-CN"])
