"""The vendor's model: every action with its parameters, and every published example with its answer."""

import json
import os
import re
import subprocess

import pytest

from model import ACTIONS, EMULATED, EXAMPLES, LISTED, RECOGNISED, fields, members, published_request, published_response
from sdk import SCHEMES, Cloud, refusal
from world import (
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
    world,
)

# What the examples' ids and addresses become: by parameter, or by the name of a filter,
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
# and where an action needs another.
IDS_OF = {
    "DeleteVpc": {"VpcId": EMPTY_VPC},
    "DeleteSubnet": {"SubnetId": EMPTY_SUBNET},
    "DetachNetworkInterface": {"NetworkInterfaceId": SECOND_ENI, "InstanceId": MASTER},
    "MigrateNetworkInterface": {"NetworkInterfaceId": SECOND_ENI},
    "DescribeAddresses": {"AddressIds": [INSTANCE_EIP]},
    "DisassociateAddress": {"AddressId": INSTANCE_EIP},
}

# Such a line in the text of a parameter documents a filter.
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
    """The type of a parameter, as ecmock shows it."""
    inner = member["member"]
    inner = "object" if inner[0].isupper() else inner
    return f"list of {inner}" if member["type"] == "list" else inner


def adapted(value, ids):
    """What a call sends, with the ids of the world."""
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


def test_what_the_vendor_publishes_is_a_fixture(tmp_path):
    fixture = tmp_path / "world.json"
    fixture.write_text(json.dumps(world(REGION)), encoding="utf-8")
    check = subprocess.run([os.environ["ECMOCK_BIN"], "check", fixture], capture_output=True, encoding="utf-8")
    assert (check.returncode, check.stderr) == (0, "")


@pytest.mark.parametrize(
    "action, example",
    [
        pytest.param(action, example, id=f"{action}-{number}")
        for action in EMULATED
        for number, example in enumerate(EXAMPLES[action])
    ],
)
def test_an_example_is_answered_in_its_shape(world_server, secret_id, action, example):
    params = adapted(published_request(action, example), IDS | IDS_OF.get(action, {}))
    method = "POST" if example["input"].startswith("POST") else "GET"
    cloud = Cloud(world_server(params.get("EcmRegion", REGION)), secret_id, SCHEMES[f"TC3 {method}"])
    cloud.ask(action, **params)
    assert fields(published_response(example)) - fields(cloud.answer()) == set()


@pytest.mark.parametrize("action, name", FILTERS)
def test_a_documented_filter_is_known(world_server, secret_id, action, name):
    region = {"EcmRegion": REGION} if "EcmRegion" in members(ACTIONS[action]["input"]) else {}
    Cloud(world_server(REGION), secret_id).ask(action, Filters=[{"Name": name, "Values": ["true"]}], **region)


@pytest.mark.parametrize("action", RECOGNISED)
def test_an_action_that_is_not_emulated_says_so(server, secret_id, action):
    cloud = Cloud(server, secret_id)
    code, message = refusal(lambda: cloud.ask(action, **filled(ACTIONS[action]["input"])))
    assert code == "UnsupportedOperation"
    assert f"`{action}`" in message


def filled(object_name):
    """The required members of an object, each with a value of its type."""
    return {it["name"]: value_of(it) for it in members(object_name).values() if it["required"]}


def value_of(member):
    scalars = {"string": "x", "int": 1, "int64": 1, "uint64": 1, "float": 1.5, "bool": True}
    value = scalars[member["member"]] if member["member"] in scalars else filled(member["member"])
    return [value] if member["type"] == "list" else value
