"""The recorder of calls in tests/recordings, with the Python SDK."""

import json
import re
import subprocess
import sys
from collections import Counter
from datetime import datetime
from http.client import HTTPResponse
from importlib.metadata import version
from pathlib import Path
from socket import create_connection

import pytest

from conftest import serving

RECORDINGS = Path(__file__).resolve().parents[1] / "recordings"
RECORD = [sys.executable, RECORDINGS / "record.py"]
PACKAGE = "tencentcloud-sdk-python-ecm"
HEADER = {"Client": "Python", "Package": PACKAGE, "Version": version(PACKAGE), "Runtime": "Python 3"}
FLAGS = [word for name, value in HEADER.items() for word in (f"--{name.lower()}", value)]
PROGRAM = [sys.executable, RECORDINGS / "programs/python/ecmsdk.py"]

ACCOUNTS = {f"made-{sign}-{http}" for sign in ("tc3-hmac-sha256", "hmacsha1", "hmacsha256") for http in ("post", "get")}
CODES = {
    "OK": 37,
    "ResourceNotFound": 1,
    "AuthFailure.SignatureFailure": 1,
    "ResourceInUse": 1,
    "UnsupportedOperation.AddressIdNotFound": 2,
}


def record(*words):
    return subprocess.run([*RECORD, *FLAGS, *words], capture_output=True, encoding="utf-8")


@pytest.fixture(scope="module")
def recording(plain_environment, tmp_path_factory):
    """The header and the calls of a file that contains all checks with all schemes."""
    path = tmp_path_factory.mktemp("recording") / "made.jsonl"
    run = record(path, "--", *PROGRAM)
    assert run.returncode == 0, run.stdout + run.stderr
    header, *calls = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return header, calls


def test_the_header_names_the_client_and_the_date(recording):
    header, _ = recording
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", header.pop("Date"))
    assert header == HEADER


def test_each_scheme_has_an_account_with_the_calls_of_all_checks(recording):
    _, calls = recording
    expected = {(account, code): number for account in ACCOUNTS for code, number in CODES.items()}
    assert Counter((call["Account"], call["Code"]) for call in calls) == expected


def test_a_call_is_a_whole_request_with_its_second(recording):
    for call in recording[1]:
        assert set(call) - {"Created", "Diagnosis"} == {"Account", "Time", "Request", "Code"}
        datetime.strptime(call["Time"], "%Y-%m-%dT%H:%M:%SZ")
        head, _, body = call["Request"].partition("\r\n\r\n")
        method = call["Account"].rpartition("-")[2].upper()
        assert re.match(rf"{method} /\S* HTTP/1\.1\r\n", head)
        length = re.search(r"(?im)^content-length: *(\d+)\r?$", head)
        assert len(body.encode()) == (int(length[1]) if length else 0)
        assert f"ecmock-{call['Account']}" in call["Request"]


def test_a_call_that_creates_resources_has_the_ids_that_later_calls_name(recording):
    _, calls = recording
    created = [(index, name) for index, call in enumerate(calls) for name in call.get("Created", [])]
    assert Counter(name.split("-")[0] for _, name in created) == {"havip": 60, "vpc": 6, "subnet": 6, "eip": 12}
    for index, name in created:
        later = (call["Request"] for call in calls[index + 1 :] if call["Account"] == calls[index]["Account"])
        assert any(name in request for request in later)


def test_a_replay_gets_the_recorded_codes(recording):
    got = []
    with serving(auth="verify", seed=1) as server:
        for call in recording[1]:
            account = server.account_named(call["Account"])
            account.freeze_clock(call["Time"])
            request_id = send(server, call["Request"])
            journal = account.call(request_id)
            diagnosis = journal["Signature"]["Diagnosis"]
            got.append((journal["Code"], diagnosis and diagnosis["Name"]))
    assert got == [(call["Code"], call.get("Diagnosis")) for call in recording[1]]


def send(server, request):
    """Sends the bytes of a request, and returns the request ID of the response."""
    host, port = server.host.split(":")
    with create_connection((host, int(port))) as connection:
        connection.sendall(request.encode())
        response = HTTPResponse(connection)
        response.begin()
        return json.loads(response.read())["Response"]["RequestId"]


def test_one_scheme_can_be_recorded(tmp_path):
    path = tmp_path / "made.jsonl"
    run = record("--only", "HmacSHA1-GET", path, "--", *PROGRAM)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.startswith("== made-hmacsha1-get\nPASS demo 172.16.0.17\n")
    _, *calls = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    assert {call["Account"] for call in calls} == {"made-hmacsha1-get"}


def test_a_failed_check_prevents_the_file(tmp_path):
    path = tmp_path / "made.jsonl"
    broken = [sys.executable, "-c", "print('FAIL demo out of order')"]
    run = record("--only", "HmacSHA1-GET", path, "--", *broken)
    assert run.returncode == 1
    assert run.stdout == "== made-hmacsha1-get\nFAIL demo out of order\n"
    assert run.stderr == f"record.py: 12 checks failed; {path} is not written\n"
    assert not path.exists()


def test_an_expected_failure_does_not_prevent_the_file(tmp_path):
    path = tmp_path / "made.jsonl"
    broken = [sys.executable, "-c", "print('FAIL demo out of order')"]
    run = record("--only", "HmacSHA1-GET", "--expect-failures", path, "--", *broken)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.endswith(f"wrote 0 calls to {path}; 12 checks failed\n")
    assert len(path.read_text(encoding="utf-8").splitlines()) == 1
