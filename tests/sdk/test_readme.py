"""What the README tells the users of Python, tccli and Node, as it stands there."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from test_node import NODE_MODULES

ROOT = Path(__file__).parents[2]
README = ROOT.joinpath("README.md").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent


def block(language, word):
    """The code block in `language` that has `word` in it."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return next(block for block in blocks if word in block)


def section(heading):
    """What stands between a heading and the next one of its rank."""
    return README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


@pytest.fixture
def run(default_server, tmp_path):
    (tmp_path / ".curlrc").write_text("silent", encoding="utf-8")

    def run(*command, folder=None, **variables):
        path = [str(BIN), str(Path(os.environ["ECMOCK_BIN"]).parent), os.environ["PATH"]]
        environment = os.environ | {
            "PATH": os.pathsep.join(path),
            "HOME": str(tmp_path),
            "NODE_PATH": str(NODE_MODULES),
            "ECMOCK_LISTEN": default_server.host,
        }
        command = [part.replace("127.0.0.1:7190", default_server.host) for part in command]
        result = subprocess.run(
            command, env=environment | variables, cwd=folder, capture_output=True, encoding="utf-8", timeout=60
        )
        assert (result.returncode, result.stderr) == (0, ""), result.stdout
        return result.stdout

    return run


def test_python_prints_the_address(run):
    assert run(sys.executable, "-c", block("python", "CreateHaVip")) == "172.16.0.17\n"


def test_tccli_prints_the_ha_vip(run):
    assert json.loads(run("bash", "-c", block("sh", "tccli ecm")))["HaVip"]["Vip"] == "172.16.0.17"


def test_node_prints_the_address(run):
    assert run("node", "-e", block("js", "CreateHaVip")) == "172.16.0.17\n"


def test_the_life_of_a_ha_vip_is_a_test(run, default_server, tmp_path):
    text = block("python", "test_the_life_of_a_ha_vip").replace("127.0.0.1:7190", default_server.host)
    test = tmp_path / "test_ha_vip.py"
    test.write_text(text, encoding="utf-8")
    assert "1 passed" in run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(test))


def test_the_client_prints_how_its_server_is_called(run):
    printed = run(sys.executable, "-c", block("python", "ecmock.Server("))
    assert re.fullmatch(r"127\.0\.0\.1:\d+ ecmock-[0-9a-f]{32} ecmock\n", printed)


def test_mixed_up_keys_are_told_apart(run):
    example = section("Why a signature is wrong")
    printed = run(sys.executable, "-c", block("python", "another-key"))
    assert f"It prints:\n\n```\n{printed}```" in example


@pytest.fixture
def suite(tmp_path):
    """A folder with the README's conftest.py, the client copied beside it, and nothing else on Python's path."""
    folder = tmp_path / "suite"
    folder.mkdir()
    shutil.copy(ROOT / "clients" / "python" / "ecmock.py", folder)
    (folder / "conftest.py").write_text(block("python", "pytest_plugins"), encoding="utf-8")
    (folder / "fixtures").symlink_to(ROOT / "fixtures")
    return folder


def counted(folder):
    """A command that serves, and writes down that it was started."""
    command = folder / "ecmock"
    command.write_text(f'#!/bin/sh\necho >> {folder}/starts\nexec {os.environ["ECMOCK_BIN"]} "$@"\n')
    command.chmod(0o755)
    return command


PARALLEL = block("python", "range(40)")
ALONE = re.sub(r"range\(40\)", "range(1)", PARALLEL)


def test_forty_tests_run_at_once_against_one_server_that_is_started_for_them(run, suite):
    (suite / "test_parallel.py").write_text(PARALLEL, encoding="utf-8")
    out = run("bash", "-c", block("sh", "pytest -n"), folder=suite, PYTHONPATH="", ECMOCK_BIN=str(counted(suite)))
    assert "8 workers [40 items]" in out and "40 passed" in out
    assert (suite / "starts").read_text() == "\n"


def test_forty_tests_run_at_once_against_a_server_that_runs(run, suite, default_server):
    (suite / "test_parallel.py").write_text(PARALLEL, encoding="utf-8")
    variables = {"PYTHONPATH": "", "ECMOCK_ENDPOINT": default_server.endpoint, "ECMOCK_BIN": "no-such-program"}
    out = run("bash", "-c", block("sh", "pytest -n"), folder=suite, **variables)
    assert "8 workers [40 items]" in out and "40 passed" in out
    accounts = [it for it in default_server.accounts() if it["Name"].startswith("test-the-first-address-is-free-")]
    assert [it["Requests"] for it in accounts] == [1] * 40  # so none was shared, and none was reset


def test_a_run_without_workers_starts_its_server(run, suite):
    (suite / "test_alone.py").write_text(ALONE, encoding="utf-8")
    out = run("pytest", folder=suite, PYTHONPATH="", ECMOCK_BIN=str(counted(suite)))
    assert "1 passed" in out and "warning" not in out
    assert (suite / "starts").read_text() == "\n"


def test_a_suite_may_have_a_server_of_its_own(run, suite):
    own = """
import ecmock

@pytest.fixture(scope="session")
def ecmock_server():
    with ecmock.Server(quotas={"havips-per-vpc": 0}) as server:
        yield server
"""
    with (suite / "conftest.py").open("a", encoding="utf-8") as conftest:
        conftest.write(own)
    text = "def test_it(create, ecmock_account):\n    ecmock_account.assert_called(times=0)\n"
    text += "    with pytest.raises(Exception, match='LimitExceeded'):\n        create('web')\n"
    (suite / "test_own.py").write_text("import pytest\n\n\n" + text, encoding="utf-8")
    out = run("pytest", folder=suite, PYTHONPATH="")
    assert "1 passed" in out and "warning" not in out


@pytest.mark.parametrize("heading", ["Faults", "Waiting for a call", "What was called", "Failover", "Time"])
def test_each_example_is_a_test(run, suite, default_server, heading):
    [example] = re.findall(r"^```python\n(.*?)^```$", section(heading), re.MULTILINE | re.DOTALL)
    (suite / "test_example.py").write_text(example, encoding="utf-8")
    assert "1 passed" in run("pytest", folder=suite, PYTHONPATH="", ECMOCK_ENDPOINT=default_server.endpoint)


def test_the_curl_of_a_fault_adds_it(run, default_server):
    added = json.loads(run("bash", "-c", block("sh", "/_ecmock/faults")))
    assert default_server.account("web").faults() == [added]
    assert (added["Error"]["Code"], added["When"], added["Times"]) == ("InternalError", "after", 1)


def test_the_admin_api_is_listed_as_the_server_lists_it(default_server):
    rows = re.findall(r"^\| ([A-Z]+) \| `(.*)` \| (.*) \|$", section("The admin API"), re.MULTILINE)
    listed = default_server._ask("GET", "")["Paths"]
    assert rows == [(it["Method"], it["Path"].removeprefix("/_ecmock/"), it["What"]) for it in listed]


def test_the_workflow_is_one():
    [job] = yaml.safe_load(block("yaml", "services:"))["jobs"].values()
    service = job["services"]["ecmock"]
    # The image has no shell for a health check of another's, and the server needs no arguments.
    assert set(service) == {"image", "ports", "env"}
    assert service["ports"] == ["127.0.0.1:7190:7190"]
    assert job["env"] == {"ECMOCK_ENDPOINT": "http://127.0.0.1:7190"}
    assert all(f"`{name}`" in section("Flags") for name in service["env"])
    assert job["steps"][-1] == {"run": block("sh", "pytest -n").strip()}
    ours = yaml.safe_load(ROOT.joinpath(".github/workflows/ci.yml").read_text(encoding="utf-8"))
    assert job["steps"][0]["uses"] in [it.get("uses") for it in ours["jobs"]["sdk"]["steps"]]
