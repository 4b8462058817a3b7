"""The command line tccli: TC3 over POST, and a Host header that includes `http://`."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

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

TCCLI = Path(sys.executable).with_name("tccli")


@pytest.fixture
def tccli(server, secret_id, tmp_path):
    """Runs `tccli ecm ACTION --NAME VALUE...` with a temporary home directory for its settings and logs."""

    def run(action, params, secret_id=secret_id, key=KEY, options=()):
        command = [TCCLI, "ecm", action, "--endpoint", server.url, "--region", REGION, *options]
        for name, value in params.items():
            command += [f"--{name}", value]
        environment = os.environ | {
            "HOME": str(tmp_path),
            "PYTHONUTF8": "1",
            "TENCENTCLOUD_SECRET_ID": secret_id,
            "TENCENTCLOUD_SECRET_KEY": key,
        }
        return subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", timeout=60)

    return run


def printed(result):
    """Returns the JSON that a successful call prints."""
    assert (result.returncode, result.stderr) == (0, "")
    return json.loads(result.stdout)


def refusal(result):
    """Returns the code and message of the error that a refused call prints."""
    assert (result.returncode, result.stdout) == (255, "")
    form = r"\[TencentCloudSDKException\] code:(.*) message:(.*) requestId:(.*)\n"
    code, message, request_id = re.fullmatch(form, result.stderr).groups()
    assert_request_id(request_id)
    return code, message


def test_a_fresh_account_gets_the_first_free_address(tccli):
    response = printed(tccli("CreateHaVip", CREATE | {"HaVipName": NON_ASCII_NAME}))
    assert_request_id(response.pop("RequestId"))
    assert_first_ha_vip(response.pop("HaVip"), NON_ASCII_NAME)
    assert response == {}


def test_an_unknown_subnet_is_not_found(tccli):
    assert refusal(tccli("CreateHaVip", CREATE_IN_UNKNOWN_SUBNET)) == ("ResourceNotFound", UNKNOWN_SUBNET["zh-CN"])


@pytest.mark.parametrize(
    "options, language", [((), "zh-CN"), (("--language", "en-US"), "en-US")], ids=["by default", "en-US"]
)
def test_a_wrong_key_is_refused_in_the_requested_language(tccli, options, language):
    answer = refusal(tccli("CreateHaVip", CREATE, key="another-key", options=options))
    assert answer == ("AuthFailure.SignatureFailure", WRONG_SIGNATURE[language])


def test_an_unknown_secret_id_is_refused(tccli):
    answer = refusal(tccli("CreateHaVip", CREATE, secret_id="AKIDnobody"))
    assert answer == ("AuthFailure.SecretIdNotFound", UNKNOWN_SECRET_ID["zh-CN"])


def test_filters_find_the_ha_vips_of_a_name(tccli):
    for name in ["demo", "other", "demo"]:
        printed(tccli("CreateHaVip", CREATE | {"HaVipName": name}))
    filters = json.dumps([{"Name": "havip-name", "Values": ["demo"]}])
    found = printed(tccli("DescribeHaVips", {"Filters": filters, "Limit": "1"}))
    assert (found["TotalCount"], len(found["HaVipSet"])) == (2, 1)
    assert_first_ha_vip(found["HaVipSet"][0])


def test_a_network_and_its_ha_vip_are_created_and_deleted(tccli):
    def ask(action, **params):
        return printed(tccli(action, params))

    region = {"EcmRegion": "ap-hangzhou-ecm"}
    vpc = ask("CreateVpc", VpcName="vpc名称", CidrBlock="10.0.0.0/16", Description="vpc描述", **region)["Vpc"]
    home = {"VpcId": vpc["VpcId"]}
    range_of_it = {"CidrBlock": "10.0.1.0/24", "Zone": "ap-hangzhou-ecm-1"}
    tags = json.dumps([{"Key": "city", "Value": "hangzhou"}])
    subnet = ask("CreateSubnet", SubnetName="demo", Tags=tags, **home, **range_of_it, **region)["Subnet"]
    home |= {"SubnetId": subnet["SubnetId"]}
    ha_vip = ask("CreateHaVip", HaVipName="irang_testHaVip", **home)["HaVip"]

    ask("ModifyHaVipAttribute", HaVipId=ha_vip["HaVipId"], HaVipName="new+name")
    found = ask("DescribeHaVips", HaVipIds=json.dumps([ha_vip["HaVipId"]]))
    assert (found["TotalCount"], found["HaVipSet"]) == (1, [ha_vip | {"HaVipName": "new+name"}])

    allocated = ask("AllocateAddresses", AddressCount="1", InternetServiceProvider="CTCC", **region)
    task_id = allocated["TaskId"]
    assert ask("DescribeTaskResult", TaskId=task_id, **region)["Result"] == "SUCCESS"
    released = ask("ReleaseAddresses", AddressIds=json.dumps(allocated["AddressSet"]), **region)
    assert ask("DescribeTaskResult", TaskId=released["TaskId"], **region)["Result"] == "SUCCESS"

    ask("DeleteHaVip", HaVipId=ha_vip["HaVipId"])
    ask("DeleteSubnet", SubnetId=subnet["SubnetId"], **region)
    ask("DeleteVpc", VpcId=vpc["VpcId"], **region)
    assert ask("DescribeVpcs", VpcIds=json.dumps([vpc["VpcId"]]), **region)["VpcSet"] == []
