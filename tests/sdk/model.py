"""The vendor's API model and examples, from the package tccli, and the actions that ecmock lists."""

import json
import os
import re
import subprocess
from pathlib import Path
from urllib.parse import parse_qsl

import tccli

FOLDER = Path(tccli.__file__).parent / "services" / "ecm" / "v20190719"
API = json.loads((FOLDER / "api.json").read_text(encoding="utf-8"))
ACTIONS = API["actions"]
EXAMPLES = json.loads((FOLDER / "examples.json").read_text(encoding="utf-8"))["actions"]

LISTED = json.loads(subprocess.check_output([os.environ["ECMOCK_BIN"], "actions", "--json"]))
EMULATED = [action["Name"] for action in LISTED if action["Emulated"]]
RECOGNIZED = [action["Name"] for action in LISTED if not action["Emulated"]]

# Scalar types.
KINDS = {
    "string": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "int64": lambda value: type(value) is int,
    "uint64": lambda value: type(value) is int and value >= 0,
    "float": lambda value: type(value) in (int, float),
}


def members(kind):
    """Returns the fields of an object in the model, by name."""
    return {member["name"]: member for member in API["objects"][kind]["members"]}


def faults(value, kind, path):
    """Yields each difference of `value` from the model's `kind`. A field can be null if the model says so, never absent."""
    if kind in KINDS:
        if not KINDS[kind](value):
            yield f"{path}: {value!r} is not of type {kind}"
        return
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is not of type {kind}"
        return
    known = members(kind)
    yield from (f"{path}.{name}: not in the model" for name in sorted(value.keys() - known.keys()))
    yield from (f"{path}.{name}: missing" for name in sorted(known.keys() - value.keys()))
    for name in known.keys() & value.keys():
        yield from faults_of_member(value[name], known[name], f"{path}.{name}")


def faults_of_member(value, member, path):
    if value is None:
        if not member.get("value_allowed_null"):
            yield f"{path}: null"
    elif member["type"] != "list":
        yield from faults(value, member["member"], path)
    elif not isinstance(value, list):
        yield f"{path}: {value!r} is not a list"
    else:
        for index, item in enumerate(value):
            yield from faults(item, member["member"], f"{path}[{index}]")


def fields(value, path=""):
    """Returns the paths of all fields (`VpcSet[].VpcId`), with the formats of times (`CreatedTime 0000-00-00`)."""
    if isinstance(value, dict):
        forms = {f"{path}{name} " + re.sub(r"\d", "0", it) for name, it in value.items() if name.endswith("Time")}
        return forms.union(*({path + name} | fields(it, f"{path}{name}.") for name, it in value.items()))
    if isinstance(value, list):
        return set().union(*(fields(item, f"{path[:-1]}[].") for item in value))
    return set()


def published_request(action, example):
    """Returns the parameters of an example: JSON after a blank line, or a query with one parameter per line."""
    lines = example["input"].splitlines()
    if "" in lines:
        return json.loads("".join(lines[lines.index("") :]))
    # The placeholder for the common parameters has no value, so `parse_qsl` drops it.
    query = dict(parse_qsl("".join(lines).partition("?")[2]))
    assert query.pop("Action") == action
    return parsed(query, ACTIONS[action]["input"])


def published_response(example):
    return json.loads(example["output"])["Response"]


def parsed(query, kind):
    """Returns the value of `kind` that flattened parameters such as `Filters.0.Name` encode."""
    if kind in KINDS:
        text = query[""]
        return text if kind == "string" else json.loads(text)
    value = {}
    for name, inner in grouped(query).items():
        member = members(kind)[name]
        items = grouped(inner).values() if member["type"] == "list" else [inner]
        found = [parsed(item, member["member"]) for item in items]
        value[name] = found if member["type"] == "list" else found[0]
    return value


def grouped(query):
    groups = {}
    for path, text in query.items():
        first, _, rest = path.partition(".")
        groups.setdefault(first, {})[rest] = text
    return groups
