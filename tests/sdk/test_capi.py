"""The npm package `@tencent-sdk/capi` 1.x and 2.x, one process per call."""

import pytest

from cloud import (
    CREATE,
    CREATE_IN_UNKNOWN_SUBNET,
    KEY,
    NON_ASCII_NAME,
    UNKNOWN_SUBNET,
    WRONG_SIGNATURE,
    assert_first_ha_vip,
    assert_request_id,
)
from test_node import call_node, refusal

SCHEMES = {
    "v3 POST": {"isV3": True, "method": "POST"},
    "SHA1 POST": {"signatureMethod": "sha1", "method": "POST"},
    "SHA1 GET": {"signatureMethod": "sha1", "method": "GET"},
    "SHA256 POST": {"signatureMethod": "sha256", "method": "POST"},
    "SHA256 GET": {"signatureMethod": "sha256", "method": "GET"},
}
V1_POST = ["SHA1 POST", "SHA256 POST"]


@pytest.fixture(params=["capi-1", "capi-2"])
def version(request):
    return request.param


@pytest.fixture(params=SCHEMES)
def scheme(request):
    return request.param


@pytest.fixture
def ask(server, version, scheme, secret_id):
    """Calls an action with the version and scheme under test. See `call_node`."""

    def ask(action, params, key=KEY, **changes):
        profile = SCHEMES[scheme] | {"host": server.host} | changes
        return call_node(version, action, params, profile, secret_id, key)

    return ask


@pytest.fixture
def last_call(server, secret_id):
    """Returns the latest call in the journal."""

    def last_call():
        account = server.account(secret_id.removeprefix("ecmock-"))
        return account.call(account.calls()[-1]["RequestId"])

    return last_call


def test_a_fresh_account_gets_the_first_free_address(ask, scheme, last_call):
    response = ask("CreateHaVip", CREATE | {"HaVipName": NON_ASCII_NAME})["response"]
    assert_request_id(response.pop("RequestId"))
    assert_first_ha_vip(response.pop("HaVip"), NON_ASCII_NAME)
    assert response == {}
    call = last_call()
    expected = "TC3-HMAC-SHA256" if scheme.startswith("v3") else f"Hmac{scheme.split()[0]}"
    assert (call["Client"]["Name"], call["Client"]["RequestClient"]) == ("capi", "TENCENT_SDK_CAPI")
    assert (call["Signature"]["Scheme"], call["Signature"]["Verdict"]) == (expected, "valid")
    assert (call["Params"]["HaVipName"], call["Warning"]) == (NON_ASCII_NAME, None)


def test_lists_and_special_characters_arrive(ask):
    name = "a&b=c+d %\"e'/?#~*"
    ask("CreateHaVip", CREATE | {"HaVipName": name})
    filters = [{"Name": "vpc-id", "Values": [CREATE["VpcId"]]}, {"Name": "havip-name", "Values": ["x", name]}]
    found = ask("DescribeHaVips", {"Filters": filters, "Limit": 5})["response"]
    assert [it["HaVipName"] for it in found["HaVipSet"]] == [name]
    assert ask("DescribeConfig", {})["response"]["NetworkStorageRange"]


def test_errors_are_returned_in_english(ask):
    assert refusal(ask("CreateHaVip", CREATE_IN_UNKNOWN_SUBNET)) == ("ResourceNotFound", UNKNOWN_SUBNET["en-US"])
    answer = refusal(ask("CreateHaVip", CREATE, key="another-key"))
    assert answer == ("AuthFailure.SignatureFailure", WRONG_SIGNATURE["en-US"])


@pytest.mark.parametrize("scheme", V1_POST, indirect=True)
def test_a_value_that_begins_with_at_is_not_signed(ask, last_call):
    code, _ = refusal(ask("CreateHaVip", CREATE | {"HaVipName": "@web"}))
    diagnosis = last_call()["Signature"]["Diagnosis"]["Name"]
    assert (code, diagnosis) == ("AuthFailure.SignatureFailure", "AtValuesLeftOut")


@pytest.mark.parametrize("scheme", ["v3 POST"], indirect=True)
def test_the_signed_method_is_the_option_although_v3_always_posts(ask, last_call):
    code, _ = refusal(ask("CreateHaVip", CREATE, method="GET"))
    diagnosis = last_call()["Signature"]["Diagnosis"]["Name"]
    assert (code, diagnosis) == ("AuthFailure.SignatureFailure", "MethodOther")
