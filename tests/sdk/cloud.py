"""Requests and expected responses that the tests of all clients share."""

import re
import uuid
from datetime import datetime

KEY = "throw-away-key"
REGION = "ap-guangzhou"

# The call of the vendor's CreateHaVip page. It succeeds in the built-in demo.
CREATE = {"VpcId": "vpc-m0c2kcun", "SubnetId": "subnet-rtmfkg4w", "HaVipName": "demo"}
CREATE_IN_UNKNOWN_SUBNET = CREATE | {"SubnetId": "subnet-zzzzzzzz"}

# Escaped in JSON, percent-encoded in a query, and raw in a v1 string to sign. Clients encode `~*/` differently.
NON_ASCII_NAME = "高可用 VIP é~*/+&=%"

UNKNOWN_SUBNET = {
    "en-US": "The resource does not exist. (subnet `subnet-zzzzzzzz`)",
    "zh-CN": "资源不存在。 (subnet `subnet-zzzzzzzz`)",
}
WRONG_SIGNATURE = {
    "en-US": "The provided credentials could not be validated. Please check your signature is correct.",
    "zh-CN": "请求签名验证失败，请检查您的签名计算是否正确。",
}
UNKNOWN_SECRET_ID = {
    "en-US": "The SecretId is not found, please ensure that your SecretId is correct.",
    "zh-CN": "SecretId不存在，请输入正确的密钥。",
}


def assert_request_id(text):
    request_id = uuid.UUID(text)
    assert (request_id.version, str(request_id)) == (4, text)


def assert_first_ha_vip(ha_vip, name=CREATE["HaVipName"]):
    """Checks all eleven fields of the first HAVIP of a new account, created without an address."""
    assert re.fullmatch(r"havip-[0-9a-z]{8}", ha_vip["HaVipId"])
    form = "%Y-%m-%d %H:%M:%S"
    assert datetime.strptime(ha_vip["CreatedTime"], form).strftime(form) == ha_vip["CreatedTime"]
    assert ha_vip == {
        "HaVipId": ha_vip["HaVipId"],
        "HaVipName": name,
        "Vip": "172.16.0.17",
        "VpcId": CREATE["VpcId"],
        "SubnetId": CREATE["SubnetId"],
        "NetworkInterfaceId": "",
        "InstanceId": "",
        "AddressIp": "",
        "State": "UNBIND",
        "CreatedTime": ha_vip["CreatedTime"],
        "Business": "",
    }
