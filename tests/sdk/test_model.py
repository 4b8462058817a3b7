"""The vendor's model: the parameters of every action, and the responses of all published examples."""

import json
import os
import re
import subprocess

import pytest

from fixture import (
    EMPTY_SUBNET,
    EMPTY_VPC,
    FREE_EIP,
    FREE_ENI,
    HA_VIP,
    IDLE_HA_VIP,
    INSTANCE_EIP,
    MASTER,
    OTHER_ENI,
    REGION,
    SECOND_ENI,
    SECONDARY_IP,
    STANDBY,
    SUBNET,
    TASK,
    VPC,
    fixture,
)
from model import ACTIONS, EMULATED, EXAMPLES, LISTED, RECOGNIZED, fields, members, published_request, published_response
from sdk import SCHEMES, Cloud, refusal

# Replacements for the IDs and addresses in the examples, by the name of a parameter or filter.
IDS = {
    "VpcId": VPC,
    "VpcIds": [VPC],
    "vpc-id": [VPC],
    "SubnetId": SUBNET,
    "subnet-id": [SUBNET],
    "HaVipId": IDLE_HA_VIP,
    "HaVipIds": [HA_VIP, IDLE_HA_VIP],
    "NetworkInterfaceId": FREE_ENI,
    "SourceNetworkInterfaceId": FREE_ENI,
    "DestinationNetworkInterfaceId": OTHER_ENI,
    "PrivateIpAddress": SECONDARY_IP,
    "InstanceId": STANDBY,
    "SourceInstanceId": MASTER,
    "DestinationInstanceId": STANDBY,
    "AddressId": FREE_EIP,
    "AddressIds": [FREE_EIP],
    "TaskId": TASK,
}
# Replacements for single actions.
IDS_OF = {
    "DeleteVpc": {"VpcId": EMPTY_VPC},
    "DeleteSubnet": {"SubnetId": EMPTY_SUBNET},
    "DetachNetworkInterface": {"NetworkInterfaceId": SECOND_ENI, "InstanceId": MASTER},
    "MigrateNetworkInterface": {"NetworkInterfaceId": SECOND_ENI},
    "DescribeAddresses": {"AddressIds": [INSTANCE_EIP]},
    "DisassociateAddress": {"AddressId": INSTANCE_EIP},
}

# A line that documents a filter, in the text of a parameter.
FILTER = re.compile(r"^([a-z][-.:a-z0-9]*[a-z0-9])[ -]+(?:string|boolean)\b", re.IGNORECASE | re.MULTILINE)
FILTERS = [
    pytest.param(action, name, id=f"{action}-{name}")
    for action in EMULATED
    if "Filters" in members(ACTIONS[action]["input"])
    for name in FILTER.findall(members(ACTIONS[action]["input"])["Filters"]["document"])
]


def named(cases):
    return {"argvalues": cases, "ids": [case["Name"] for case in cases]}


def kind(member):
    """Returns the type of a parameter, as ecmock shows it."""
    inner = member["member"]
    inner = "object" if inner[0].isupper() else inner
    return f"list of {inner}" if member["type"] == "list" else inner


def adapted(value, ids):
    """Returns parameters with the IDs of the fixture."""
    if isinstance(value, list):
        return [adapted(item, ids) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("Name") in ids:
        return value | {"Values": ids[value["Name"]]}
    return {name: ids.get(name) or adapted(inner, ids) for name, inner in value.items()}


def test_all_actions_of_the_model_are_listed():
    assert sorted(action["Name"] for action in LISTED) == sorted(ACTIONS)
    assert len(LISTED) == 132
    assert len(EMULATED) >= 36


@pytest.mark.parametrize("action", **named(LISTED))
def test_the_parameters_of_an_action_are_those_of_the_model(action):
    model = members(ACTIONS[action["Name"]]["input"]).values()
    expected = {it["name"]: (kind(it), it["required"]) for it in model}
    assert {it["Name"]: (it["Type"], it["Required"]) for it in action["Parameters"]} == expected


def test_published_responses_are_a_fixture(tmp_path):
    path = tmp_path / "fixture.json"
    path.write_text(json.dumps(fixture(REGION)), encoding="utf-8")
    check = subprocess.run([os.environ["ECMOCK_BIN"], "check", path], capture_output=True, encoding="utf-8")
    assert (check.returncode, check.stderr) == (0, "")


@pytest.mark.parametrize(
    "action, example",
    [
        pytest.param(action, example, id=f"{action}-{number}")
        for action in EMULATED
        for number, example in enumerate(EXAMPLES[action])
    ],
)
def test_an_example_returns_the_published_fields(fixture_server, secret_id, action, example):
    params = adapted(published_request(action, example), IDS | IDS_OF.get(action, {}))
    method = "POST" if example["input"].startswith("POST") else "GET"
    cloud = Cloud(fixture_server(params.get("EcmRegion", REGION)), secret_id, SCHEMES[f"TC3 {method}"])
    cloud.ask(action, **params)
    assert fields(published_response(example)) - fields(cloud.answer()) == set()


@pytest.mark.parametrize("action, name", FILTERS)
def test_a_documented_filter_is_accepted(fixture_server, secret_id, action, name):
    region = {"EcmRegion": REGION} if "EcmRegion" in members(ACTIONS[action]["input"]) else {}
    Cloud(fixture_server(REGION), secret_id).ask(action, Filters=[{"Name": name, "Values": ["true"]}], **region)


@pytest.mark.parametrize("action", RECOGNIZED)
def test_an_action_that_is_not_emulated_is_refused(server, secret_id, action):
    cloud = Cloud(server, secret_id)
    code, message = refusal(lambda: cloud.ask(action, **filled(ACTIONS[action]["input"])))
    assert code == "UnsupportedOperation"
    assert f"`{action}`" in message


def filled(object_name):
    """Returns the required members of an object, each with a value of its type."""
    return {it["name"]: value_of(it) for it in members(object_name).values() if it["required"]}


def value_of(member):
    scalars = {"string": "x", "int": 1, "int64": 1, "uint64": 1, "float": 1.5, "bool": True}
    value = scalars[member["member"]] if member["member"] in scalars else filled(member["member"])
    return [value] if member["type"] == "list" else value
