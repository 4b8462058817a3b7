"""Verdicts of accounts, with calls of the Python SDK, and the options of the pytest plugin."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ecmock import CHECKS, EcmockError
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from cloud import CREATE
from sdk import names, refusal

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


def create(cloud, name="demo"):
    return cloud.ask("CreateHaVip", **CREATE | {"HaVipName": name}).HaVip.HaVipId


def test_a_leak_has_the_call_that_created_it(account, cloud):
    names(cloud)
    kept, deleted = create(cloud, "kept"), create(cloud, "deleted")
    cloud.ask("DeleteHaVip", HaVipId=deleted)
    verdict = account.verdict()
    [leak] = verdict["Leaks"]
    call = account.calls("CreateHaVip")[0]
    assert leak == {
        "Id": kept,
        "Kind": "HAVIP",
        "Call": {name: call[name] for name in ("RequestId", "Sequence", "Action", "Time")},
    }
    assert (verdict["Ok"], verdict["Failed"], verdict["LeakCount"]) == (False, ["leaks"], 1)
    with pytest.raises(AssertionError, match=rf"HAVIP {kept}, created by call 2: CreateHaVip at .* \({call['RequestId']}\)$"):
        account.assert_verdict()
    account.assert_verdict(fail=["faults"])
    cloud.ask("DeleteHaVip", HaVipId=kept)
    account.assert_verdict()


def test_an_unused_rule_and_a_held_call(account, cloud):
    account.fail("DeleteHaVip", "InternalError")
    with ThreadPoolExecutor() as threads, account.hold("DescribeHaVips") as gate:
        call = threads.submit(names, cloud)
        [held] = gate.wait()
        verdict = account.verdict()
        assert [it["Id"] for it in verdict["Faults"]["Unused"]] == ["fault-1"]
        assert [it["Held"] for it in verdict["Faults"]["Held"]] == [[held]]
        assert verdict["Report"].splitlines()[1:] == [
            "faults: 1 unused rule and 1 held call",
            "  fault-1 for DeleteHaVip: no call matched",
            f"  fault-2 for DescribeHaVips: holds {held}",
        ]
        gate.release()
        call.result()
    assert account.verdict()["Faults"]["Held"] == []
    assert refusal(cloud.ask, "DeleteHaVip", HaVipId="havip-00000000")[0] == "InternalError"
    account.assert_verdict()


def test_an_unmet_expectation_has_the_nearest_call(account, cloud):
    added = account.add_expectation("CreateHaVip", {"HaVipName": "db"}, code="OK", times=(1, 2))
    assert added["Times"] == {"min": 1, "max": 2}
    account.add_expectation("DeleteHaVip", times=0)
    assert account.expectations()[0] == added
    create(cloud, "web")
    [unmet] = account.verdict()["Expectations"]
    assert (unmet["Action"], unmet["Matched"], unmet["Times"]) == ("CreateHaVip", 0, added["Times"])
    assert unmet["Nearest"][0]["Differences"] == [{"Path": "HaVipName", "Expected": "db", "Got": "web"}]
    with pytest.raises(AssertionError, match='\n    +HaVipName: expected "db", got "web"') as error:
        account.assert_verdict(fail=["expectations"])
    assert "\nleaks (ignored): 1 resource left\n" in str(error.value)
    create(cloud, "db")
    account.assert_verdict(fail=["expectations"])
    assert account.clear_expectations() == 2


def test_calls_above_the_documented_rate(default_server):
    account = default_server.account("test-rate")
    # SDKs cannot sign for a time that stands still, but this server does not verify signatures.
    account.freeze_clock("2026-01-31T12:00:00Z")
    for calls in (20, 21):
        for _ in range(calls):
            account.call_action("DescribeVpcs")
        account.advance_clock(1)
    assert account.verdict()["Rate"] == [
        {"Action": "DescribeVpcs", "Second": "2026-01-31T12:00:01Z", "Calls": 21, "Limit": 20}
    ]
    account.assert_verdict()
    with pytest.raises(AssertionError, match="DescribeVpcs: 21 calls in the second 2026-01-31T12:00:01Z"):
        account.assert_verdict(fail=["rate"])


def test_a_retry_that_repeats_a_change(account, cloud):
    account.fail("CreateHaVip", "InternalError", times=1, after=True)
    with pytest.raises(TencentCloudSDKException):
        create(cloud)
    create(cloud)
    verdict = account.verdict(fail=["retries"])
    assert verdict["Retries"] == account.retries()
    assert verdict["Failed"] == ["retries"]
    assert "}: InternalError, OK\n    1 attempt repeated a change\n" in verdict["Report"]


def test_codes_and_assumptions(account, cloud):
    names(cloud)
    assert account.verdict()["Codes"] == account.codes()
    found = {it["Id"]: it["Text"] for it in account.verdict()["Assumptions"]}
    page = (ROOT / "docs/concepts/fidelity.md").read_text(encoding="utf-8")
    assert "havip.available" in found and "havip.check-order" not in found
    for id, text in found.items():
        assert f"| `{id}` | {text} | assumed" in page
    create(cloud)
    assert "havip.check-order" in {it["Id"] for it in account.verdict()["Assumptions"]}


def test_the_xml_is_well_formed(server, cloud, account):
    create(cloud, 'a<b>&"c"')
    account.fail("DeleteVpc", "InternalError", "\x00\x1b")
    account.add_expectation("CreateHaVip", {"HaVipName": "]]>\x00\x1b\ufffe\r\n\té𝄞"})
    suites = ElementTree.fromstring(account.verdict_junit(fail=["leaks", "expectations"]))
    [suite] = suites
    assert (suites.tag, suite.get("name"), suite.get("tests"), suite.get("failures")) == (
        "testsuites",
        account.name,
        str(len(CHECKS)),
        "2",
    )
    cases = {it.get("name"): it for it in suite.iter("testcase")}
    assert tuple(cases) == CHECKS
    assert [name for name, it in cases.items() if it.find("failure") is not None] == ["leaks", "expectations"]
    assert "fault-1 for DeleteVpc: no call matched" in cases["faults"].findtext("system-out")
    # The text is JSON, which escapes control characters itself.
    assert r'"]]>\u0000\u001b' in cases["expectations"].findtext("failure")
    assert r'got "a<b>&\"c\""' in cases["expectations"].findtext("failure")
    properties = {it.get("name"): it.get("value") for it in suite.iter("property")}
    assert re.match(r"0 of \d+: $", properties["codes.CreateHaVip"])
    assert properties["assumption.havip.available"]
    strange = server.account("x\x00\n\"<&>'")
    [suite] = ElementTree.fromstring(strange.verdict_junit())
    assert suite.get("name") == "x\ufffd\n\"<&>'"


def test_an_unknown_check_is_refused(account):
    for call in (account.verdict, account.verdict_junit, account.assert_verdict):
        with pytest.raises(EcmockError) as error:
            call(fail=["leek"])
        assert error.value.message.startswith("query: fail: unknown check `leek`; expected leaks, faults,")
    assert account.verdict(fail=[])["Ok"]


# The pytest plugin.

TESTS = """
import pytest


@pytest.fixture
def fault(ecmock_account):
    fault = ecmock_account.fail("DeleteVpc", "InternalError")
    yield
    ecmock_account.remove_fault(fault["Id"])


def test_clean(ecmock_account):
    pass


def test_cleaned_by_a_fixture(fault):
    pass


def test_unclean(ecmock_account):
    ecmock_account.fail("DeleteVpc", "InternalError")


def test_busy(ecmock_account):
    ecmock_account.freeze_clock()
    for _ in range(21):
        ecmock_account.call_action("DescribeVpcs")


def test_failed(ecmock_account):
    ecmock_account.fail("DeleteVpc", "InternalError")
    assert False


def test_without_an_account():
    pass
"""


@pytest.fixture
def suite(default_server, tmp_path):
    """Returns a function that runs pytest on a suite, and returns its exit status and its output."""
    (tmp_path / "test_suite.py").write_text(TESTS, encoding="utf-8")

    def run(*options, ini=""):
        (tmp_path / "pytest.ini").write_text(f"[pytest]\n{ini}", encoding="utf-8")
        variables = {"PYTHONPATH": str(ROOT / "clients/python"), "ECMOCK_ENDPOINT": default_server.endpoint}
        command = [BIN / "pytest", "-p", "ecmock.pytest_plugin", "-p", "no:cacheprovider", "-rA", *options]
        ran = subprocess.run(
            command, env=os.environ | variables, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=60
        )
        return ran.returncode, ran.stdout + ran.stderr

    return run


def outcomes(out, outcome):
    return re.findall(rf"^{outcome} test_suite.py::(\w+)", out, re.MULTILINE)


def test_no_verdict_by_default(suite):
    _, out = suite()
    assert outcomes(out, "ERROR") == [] and outcomes(out, "FAILED") == ["test_failed"]


@pytest.mark.parametrize(
    ("options", "ini", "failing"),
    [
        (["--ecmock-verdict"], "", ["test_unclean"]),
        (["--ecmock-verdict=rate"], "", ["test_busy"]),
        (["--ecmock-verdict=faults,rate", "-n", "2"], "", ["test_busy", "test_unclean"]),
        ([], "ecmock_verdict = faults", ["test_unclean"]),
        (["--ecmock-verdict=leaks"], "ecmock_verdict = faults", []),
        (["--ecmock-verdict="], "ecmock_verdict = faults", []),
    ],
)
def test_a_test_fails_by_its_verdict(suite, options, ini, failing):
    _, out = suite(*options, ini=ini)
    assert sorted(outcomes(out, "ERROR")) == failing
    assert outcomes(out, "FAILED") == ["test_failed"]
    if "test_unclean" in failing:
        found = r"^verdict of account `test-unclean-\w{8}`: 1 check failed\nfaults: 1 unused rule and 0 held calls\n  fault-1 for DeleteVpc: no call matched$"
        assert len(re.findall(found, out, re.MULTILINE)) == 1


@pytest.mark.parametrize("ini", [False, True])
def test_verdicts_are_written_to_files(suite, tmp_path, ini):
    _, out = suite("--ecmock-verdict=rate", ini="ecmock_junit = out/xml") if ini else suite("--ecmock-junit=out/xml")
    assert len(outcomes(out, "ERROR")) == ini
    files = {re.sub(r"-\w{8}$", "", it.stem): it for it in (tmp_path / "out/xml").iterdir()}
    assert set(files) == {"test-clean", "test-cleaned-by-a-fixture", "test-unclean", "test-busy", "test-failed"}
    failures = {name: ElementTree.parse(it).find("testsuite").get("failures") for name, it in files.items()}
    failed = ["test-busy"] if ini else ["test-failed", "test-unclean"]
    assert sorted(name for name, count in failures.items() if count != "0") == failed


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--ecmock-verdict=leaks,leek"], "unknown check 'leek'; expected one or more of leaks, faults, "),
        (["--ecmock-verdict", "test_suite.py"], "with commas between them; write a path before the option"),
    ],
)
def test_an_unknown_check_is_an_error_of_usage(suite, options, problem):
    code, out = suite(*options)
    assert code == pytest.ExitCode.USAGE_ERROR
    assert "--ecmock-verdict: unknown check" in out and problem in out
