"""The GitHub Action: its script installs a local release, and starts the server. Its files fit each other."""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import tarfile
import urllib.parse
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import yaml
from ecmock import Server

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / ".github/action"
VERSION = re.search(r'^version = "(.+)"$', (ROOT / "Cargo.toml").read_text(encoding="utf-8"), re.MULTILINE)[1]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
UPLOAD = yaml.safe_load((ROOT / "upload-journal/action.yml").read_text(encoding="utf-8"))
PLATFORMS = {
    ("Linux", "X64"): "x86_64-unknown-linux-gnu",
    ("Linux", "ARM64"): "aarch64-unknown-linux-gnu",
    ("macOS", "X64"): "x86_64-apple-darwin",
    ("macOS", "ARM64"): "aarch64-apple-darwin",
}


class Runner:
    """A folder with the variables of a runner, and with releases of ECMOCK_BIN or of another program."""

    def __init__(self, folder):
        self.folder = folder
        self.variables = {
            "RUNNER_TEMP": str(folder / "temp"),
            "RUNNER_OS": "Linux",
            "RUNNER_ARCH": "X64",
            "GITHUB_ENV": str(folder / "env"),
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_PATH": str(folder / "path"),
            "GITHUB_ACTION_PATH": str(ROOT),
            "ECMOCK_ACTION_RELEASES": (folder / "releases").as_uri(),
            **{f"INPUT_{name.upper()}": it["default"] for name, it in ACTION["inputs"].items()},
            "INPUT_PORT": "0",
        }

    def release(self, version, triple=PLATFORMS["Linux", "X64"], program=os.environ["ECMOCK_BIN"], checksum=None):
        """Adds a release, or an archive to it. Its binary is a link, because a copy of a debug build is large."""
        release = self.folder / f"releases/v{version}"
        release.mkdir(parents=True, exist_ok=True)
        name = f"ecmock-{version}-{triple}"
        archive = release / f"{name}.tar.gz"
        with tarfile.open(archive, "w:gz") as tar:
            link = tarfile.TarInfo(f"{name}/ecmock")
            link.type, link.linkname = tarfile.SYMTYPE, str(program)
            tar.addfile(link)
        checksum = checksum or hashlib.sha256(archive.read_bytes()).hexdigest()
        with open(release / "SHA256SUMS", "a", encoding="utf-8") as sums:
            sums.write(f"{checksum}  {archive.name}\n")

    def program(self, text):
        """Writes a program that a release can have instead of ecmock."""
        program = self.folder / "program"
        program.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        program.chmod(0o755)
        return program

    def run(self, *command, **variables):
        return subprocess.run(
            [*map(str, command)],
            env=os.environ | self.variables | variables,
            cwd=self.folder,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )

    def start(self, **variables):
        """Runs the script, which succeeds, and returns the endpoint."""
        ran = self.run(SCRIPTS / "start.sh", **variables)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return self.written("output")["endpoint"]

    def refusal(self, **variables):
        """Runs the script, which fails, and returns its output."""
        ran = self.run(SCRIPTS / "start.sh", **variables)
        assert ran.returncode == 1, ran.stdout + ran.stderr
        assert not (self.folder / "output").exists()
        return ran.stdout + ran.stderr

    def call(self, endpoint, account="default"):
        """Calls DescribeVpcs with curl, and returns the response."""
        query = {"Action": "DescribeVpcs", "Version": "2019-07-19", "SecretId": f"ecmock-{account}"}
        ran = self.run("curl", "--silent", "--noproxy", "*", f"{endpoint}/?{urllib.parse.urlencode(query)}")
        return json.loads(ran.stdout)["Response"]

    def written(self, name):
        lines = (self.folder / name).read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)

    def pid(self):
        pid = self.folder / "temp/ecmock/pid"
        return int(pid.read_text()) if pid.exists() else None


@pytest.fixture
def runner(tmp_path, plain_environment):
    runner = Runner(tmp_path)
    yield runner
    if pid := runner.pid():
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            pass


def test_the_action_starts_the_release_of_its_tag(runner):
    runner.release(VERSION)
    endpoint = runner.start()
    assert runner.written("env") == {
        "ECMOCK_ENDPOINT": endpoint,
        "TENCENTCLOUD_SECRET_ID": "ecmock-default",
        "TENCENTCLOUD_SECRET_KEY": "ecmock",
        "TENCENTCLOUD_REGION": "ap-guangzhou",
    }
    folder = Path((runner.folder / "path").read_text().strip())
    assert (folder / "ecmock").samefile(os.environ["ECMOCK_BIN"])
    assert runner.call(endpoint)["TotalCount"] == 1


@pytest.mark.parametrize("version", ["1.2.3", "v1.2.3"])
def test_the_action_starts_another_release_with_flags(runner, version):
    runner.release("1.2.3")
    (runner.folder / "own.json").write_text("{}")
    args = "--fixture own.json\n--tls-name *.ecm.test  --seed 1"
    endpoint = runner.start(INPUT_VERSION=version, INPUT_ARGS=args)
    assert runner.call(endpoint)["TotalCount"] == 0


def test_the_action_installs_the_archive_of_the_platform(runner):
    for (system, machine), triple in PLATFORMS.items():
        runner.release("1.2.3", triple, runner.program(f"echo {triple} >&2"))
        out = runner.refusal(INPUT_VERSION="1.2.3", RUNNER_OS=system, RUNNER_ARCH=machine)
        assert f"{triple}\n" in out


def test_an_unsupported_platform_is_an_error(runner):
    out = runner.refusal(INPUT_VERSION="1.2.3", RUNNER_OS="Windows")
    assert out.startswith("::error title=ecmock::this action does not support Windows on X64;")


def test_a_wrong_checksum_is_an_error(runner):
    runner.release("1.2.3", checksum="0" * 64)
    out = runner.refusal(INPUT_VERSION="1.2.3")
    name = f"ecmock-1.2.3-{PLATFORMS['Linux', 'X64']}.tar.gz"
    assert re.fullmatch(rf"::error title=ecmock::the SHA-256 of {name} is \w{{64}}; expected 0{{64}}\n", out)
    assert runner.pid() is None


def test_a_missing_checksum_is_an_error(runner):
    runner.release("1.2.3")
    (runner.folder / "releases/v1.2.3/SHA256SUMS").write_text("")
    assert "SHA256SUMS of release 1.2.3 does not list ecmock-1.2.3-" in runner.refusal(INPUT_VERSION="1.2.3")


def test_a_missing_release_is_an_error(runner):
    out = runner.refusal(INPUT_VERSION="1.2.3")
    assert "::error title=ecmock::cannot download file:///" in out


def test_a_server_that_ends_is_an_error_with_its_log(runner):
    runner.release("1.2.3")
    out = runner.refusal(INPUT_VERSION="1.2.3", INPUT_ARGS="--fixture missing.json")
    assert "missing.json" in out and "::error title=ecmock::the server is not ready; its log is above\n" in out


def test_a_server_that_does_not_become_ready_is_killed(runner):
    program = runner.program("echo waiting >&2; exec tail -f /dev/null")
    runner.release("1.2.3", program=program)
    out = runner.refusal(INPUT_VERSION="1.2.3", ECMOCK_ACTION_READY_SECONDS="1")
    assert out == "waiting\n::error title=ecmock::the server is not ready; its log is above\n"
    with pytest.raises(ProcessLookupError):
        os.kill(runner.pid(), 0)


def test_the_journals_and_verdicts_of_all_accounts_are_saved(runner):
    runner.release("1.2.3")
    endpoint = runner.start(INPUT_VERSION="1.2.3")
    for account in ("web", "a&b"):
        runner.call(endpoint, account)
    Server.at(endpoint).account("web").delay("DeleteVpc", 1)
    runner.run(sys.executable, SCRIPTS / "journal.py", ECMOCK_ENDPOINT=endpoint).check_returncode()
    saved = runner.folder / "temp/ecmock/journal"
    journal = json.loads((saved / "journal.json").read_text(encoding="utf-8"))
    assert {name: [it["Action"] for it in calls] for name, calls in journal.items()} == {
        "web": ["DescribeVpcs"],
        "a&b": ["DescribeVpcs"],
    }
    suites = {it.get("name"): it for it in ElementTree.parse(saved / "verdict.xml").getroot()}
    assert {name: it.get("failures") for name, it in suites.items()} == {"web": "1", "a&b": "0"}
    assert suites["web"].find("testcase/failure").get("message") == "1 unused rule and 0 held calls"
    assert (saved / "server.log").read_text(encoding="utf-8").count("DescribeVpcs -> OK") == 2


@pytest.mark.parametrize("action", [ACTION, UPLOAD], ids=["action.yml", "upload-journal/action.yml"])
def test_the_inputs_of_an_action_are_used(action):
    assert action["runs"]["using"] == "composite"
    text = json.dumps(action["runs"])
    assert {*re.findall(r"inputs\.(\w+)", text)} == action["inputs"].keys()
    for name, it in action["inputs"].items():
        assert it.keys() == {"description", "default"} and isinstance(it["default"], str), name
    for step in action["runs"]["steps"]:
        assert ("uses" in step) != (step.get("shell") == "bash")
        # An expression in a script could inject commands.
        assert "${{" not in step.get("run", "")


def test_the_scripts_of_the_actions_exist():
    for folder, action in ((ROOT, ACTION), (ROOT / "upload-journal", UPLOAD)):
        [path] = re.findall(r'"\$GITHUB_ACTION_PATH/(\S+)"', action["runs"]["steps"][0]["run"])
        script = (folder / path).resolve(strict=True)
        assert script.parent == SCRIPTS and os.access(script, os.X_OK)


def test_the_steps_of_the_action_give_the_script_its_variables():
    [step] = ACTION["runs"]["steps"]
    assert step["env"] == {f"INPUT_{name.upper()}": f"${{{{ inputs.{name} }}}}" for name in ACTION["inputs"]}
    assert {*re.findall(r"\bINPUT_\w+", (SCRIPTS / "start.sh").read_text(encoding="utf-8"))} == step["env"].keys()
    outputs = {name: it["value"] for name, it in ACTION["outputs"].items()}
    assert outputs == {"endpoint": f"${{{{ steps.{step['id']}.outputs.endpoint }}}}"}


def test_the_guide_uses_the_actions_of_this_version():
    page = (ROOT / "docs/guides/ci.md").read_text(encoding="utf-8")
    steps = yaml.safe_load(re.search(r"```yaml\n(steps:.*?)```", page, re.DOTALL)[1])["steps"]
    used = {it["uses"]: it.get("with", {}) for it in steps if "ecmock" in it.get("uses", "")}
    assert used.keys() == {f"ecmock/ecmock@v{VERSION}", f"ecmock/ecmock/upload-journal@v{VERSION}"}
    inputs = used[f"ecmock/ecmock@v{VERSION}"]
    assert inputs.keys() <= ACTION["inputs"].keys()
    flags = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")
    assert all(f"`{it} " in flags for it in re.findall(r"--\S+", inputs["args"]))
    table = re.findall(r"^\| `(\w+)` \| ", page.partition("## A service container")[0], re.MULTILINE)
    assert table == [*ACTION["inputs"]]
    [(name, default)] = [(name, it["default"]) for name, it in UPLOAD["inputs"].items()]
    assert re.search(rf"Its input `{name}` is .* defaults to `{default}`", page, re.DOTALL)
    # The last step runs only after a failure.
    assert steps[-1] == {"if": "failure()", "uses": f"ecmock/ecmock/upload-journal@v{VERSION}"}
