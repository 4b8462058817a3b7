"""The Python SDK: its settings, and a client that compares responses with the vendor's model."""

import json
import warnings
from dataclasses import dataclass

import pytest
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.ecm.v20190719 import models
from tencentcloud.ecm.v20190719.ecm_client import EcmClient

from cloud import KEY, REGION, assert_request_id
from model import ACTIONS, faults


@dataclass(frozen=True)
class Scheme:
    sign_method: str
    http_method: str
    unsigned_payload: bool = False


SCHEMES = {
    "TC3 POST": Scheme("TC3-HMAC-SHA256", "POST"),
    "TC3 POST unsigned payload": Scheme("TC3-HMAC-SHA256", "POST", unsigned_payload=True),
    "TC3 GET": Scheme("TC3-HMAC-SHA256", "GET"),
    "SHA1 POST": Scheme("HmacSHA1", "POST"),
    "SHA1 GET": Scheme("HmacSHA1", "GET"),
    "SHA256 POST": Scheme("HmacSHA256", "POST"),
    "SHA256 GET": Scheme("HmacSHA256", "GET"),
}


def by_host(server):
    return HttpProfile(protocol="http", endpoint=server.host)


def client_profile(scheme, http):
    http.reqMethod = scheme.http_method
    profile = ClientProfile(signMethod=scheme.sign_method, httpProfile=http)
    profile.unsignedPayload = scheme.unsigned_payload
    return profile


def refusal(call, *args, **kwargs):
    """Returns the code and message of the error that `call` raises."""
    with pytest.raises(TencentCloudSDKException) as raised:
        call(*args, **kwargs)
    assert_request_id(raised.value.get_request_id())
    return raised.value.get_code(), raised.value.get_message()


def names(cloud):
    return [it.HaVipName for it in cloud.ask("DescribeHaVips").HaVipSet]


class Cloud(EcmClient):
    """An SDK client that checks each response against the vendor's model and the SDK's types."""

    def __init__(self, server, secret_id, scheme=SCHEMES["TC3 POST"]):
        super().__init__(Credential(secret_id, KEY), REGION, client_profile(scheme, by_host(server)))
        self.answered = set()
        self.body = None

    def call(self, *args, **kwargs):
        """Keeps the raw response. Every action calls this method."""
        self.body = super().call(*args, **kwargs)
        return self.body

    def ask(self, action, **params):
        """Calls an action with its typed models."""
        request = getattr(models, f"{action}Request")()
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # the SDK warns of unknown fields
            request.from_json_string(json.dumps(params))
            response = getattr(self, action)(request)
        self.answered.add(action)
        assert list(faults(self.answer(), ACTIONS[action]["output"], action)) == []
        # The types lose no field and add none.
        assert json.loads(response.to_json_string()) == self.answer()
        return response

    def answer(self):
        """Returns the latest response, without the envelope."""
        return json.loads(self.body)["Response"]
