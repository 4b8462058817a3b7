"""Runs every code block of README.md and docs/, unless it is listed below with a reason.

A block is run as a reader would run it, in a folder of the page's own and against a server of the page's own. Blocks of
a page run in order. A `text` or `json` block after a block that runs is its output, where `...` stands for any text.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from conftest import serving
from test_node import NODE_MODULES

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "clients").glob("*/README.md")), *sorted((ROOT / "docs").rglob("*.md"))]
BIN = Path(sys.executable).parent
SUBCOMMANDS = {"actions", "check", "completions", "doctor", "env", "healthcheck", "help", "wait"}

# Blocks that do not run here, by their page and the start of their text, with the reason.
NOT_RUN = {
    ("README.md", "cargo run"): "builds the binary that runs the other blocks",
    ("docs/guides/ci.md", "docker build"): "needs a container engine; `.ci/run image` builds and runs the image",
    ("README.md", "jobs:"): "is a workflow; a test below compares it with the image",
    ("docs/guides/ci.md", "jobs:"): "is a workflow; a test below compares it with the image",
    ("docs/guides/ci.md", "steps:"): "is a part of a workflow; test_action.py compares it with the action",
    **{
        ("docs/guides/ci.md", start): "needs a container engine; a test below checks the image, the port, and the path"
        for start in ("from testcontainers", "import { GenericContainer", "import org.testcontainers", "package example")
    },
    ("docs/guides/scaling.md", "docker compose"): "needs a container engine; test_deploy.py checks the files",
    ("docs/guides/scaling.md", "kubectl"): "needs a cluster; test_deploy.py checks the files",
    ("docs/guides/scaling.md", "# Envoy"): "needs Envoy; test_deploy.py checks the patterns",
    ("docs/guides/scaling.md", "# Ingress"): "needs a cluster; test_deploy.py compares it with the other files",
    ("docs/guides/verdict.md", "pytest --"): "test_verdict.py runs a suite with these options",
    ("docs/guides/rust.md", "[dev-dependencies]"): "a test below compares it with tests/external",
    ("docs/dev/adding-an-action.md", ""): "its steps change the source",
    ("docs/dev/releasing.md", ""): "its steps publish a release",
}
if not shutil.which("keytool"):
    NOT_RUN["docs/guides/https.md", "keytool"] = "needs a JDK"


@dataclass(frozen=True)
class Block:
    page: Path
    line: int
    language: str
    text: str

    @property
    def name(self):
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def reason(self):
        """Why the block is not run, or None."""
        return next((why for where, why in NOT_RUN.items() if self.is_at(*where)), None)

    def is_at(self, page, start):
        return self.page == ROOT / page and self.text.startswith(start)


def blocks(page):
    text = page.read_text(encoding="utf-8")
    for match in re.finditer(r"^( *)```(\S*)\n(.*?)^\1```$", text, re.MULTILINE | re.DOTALL):
        line = text.count("\n", 0, match.start()) + 1
        yield Block(page, line, match[2], textwrap.dedent(match[3]))


def block_with(page, word):
    """The first block of a page that contains a word."""
    return next(it.text for it in blocks(ROOT / page) if word in it.text)


CONFTEST = block_with("README.md", "@pytest.fixture")
PARALLEL = block_with("docs/guides/pytest.md", "range(40)")


class Reader:
    """Runs blocks in a folder that has what the pages tell a reader to put there."""

    def __init__(self, server, folder):
        self.server = server
        self.folder = folder
        (folder / "conftest.py").write_text(CONFTEST, encoding="utf-8")
        (folder / "fixtures").symlink_to(ROOT / "fixtures")
        (folder / "node_modules").symlink_to(NODE_MODULES)  # also has the Node client
        (folder / ".curlrc").write_text("silent", encoding="utf-8")

    def run(self, *command, **variables):
        """Runs a command, and returns its output."""
        path = [str(BIN), str(Path(os.environ["ECMOCK_BIN"]).parent), os.environ["PATH"]]
        environment = os.environ | {
            "PATH": os.pathsep.join(path),
            "HOME": str(self.folder),
            "PYTHONPATH": str(ROOT / "clients/python"),
            "PYTEST_ADDOPTS": "-p ecmock.pytest_plugin",  # an installed package has an entry point instead
            "ECMOCK_LISTEN": self.server.host,
        }
        command = [part.replace("127.0.0.1:7190", self.server.host) for part in command]
        result = subprocess.run(
            command,
            env=environment | variables,
            cwd=self.folder,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )
        assert result.returncode == 0, f"{result.stdout}\n{result.stderr}"
        return result.stdout

    def python(self, text):
        if "def test_" not in text:
            if "@pytest.fixture" in text:
                assert text == CONFTEST
                return ""
            return self.run(sys.executable, "-c", text)
        test = self.folder / "test_block.py"
        test.write_text(text, encoding="utf-8")
        # A block with a server of its own must not get the one of the page.
        endpoint = "" if "def ecmock_server" in text else self.server.endpoint
        out = self.run("pytest", "-q", "-p", "no:cacheprovider", str(test), ECMOCK_ENDPOINT=endpoint)
        assert re.search(r"^[1-9]\d* passed in", out, re.MULTILINE), out
        return out

    def sh(self, text):
        words = text.split()
        if words[0] == "ecmock" and not {*SUBCOMMANDS, "&"} & {*words[1:2]}:
            return self.serve(words[1:])
        if "pytest" in words:
            return self.run_suite(text)
        if text == "node --test\n":
            return self.run_node_tests()
        if "ecmock &" in text:  # on a port of its own
            return self.run("bash", "-ec", text, ECMOCK_LISTEN=free_address())
        return self.run("bash", "-ec", text)

    def run_suite(self, text):
        """Runs pytest on the parallel tests of the page, against a server that it starts once."""
        (self.folder / "test_parallel.py").write_text(PARALLEL, encoding="utf-8")
        command = self.folder / "counted"
        command.write_text(f'#!/bin/sh\necho >> starts\nexec {os.environ["ECMOCK_BIN"]} "$@"\n')
        command.chmod(0o755)
        out = self.run("bash", "-ec", text.replace("pytest", "pytest test_parallel.py"), ECMOCK_BIN=str(command))
        assert "8 workers [40 items]" in out and "40 passed" in out
        assert (self.folder / "starts").read_text() == "\n"
        return out

    def serve(self, options):
        """Starts a server as the block does, on a free port, and ends it once it is ready."""
        command = [os.environ["ECMOCK_BIN"], "--listen", "127.0.0.1:0", *options]
        with subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, encoding="utf-8") as server:
            lines = []
            for line in server.stdout:
                lines.append(line)
                if line == "Ready.\n":
                    server.terminate()
        assert server.returncode == 0 and lines[-1] == "Ready.\n", lines
        return "".join(lines)

    def run_node_tests(self, *files):
        out = self.run("node", "--test", "--test-reporter=tap", *files)
        assert re.search(r"^# pass [1-9]", out, re.MULTILINE), out
        return out

    def js(self, text):
        """Runs CommonJS from the command line, and modules as files. Modules with tests run with `node --test`."""
        if "import " not in text:
            return self.run("node", "-e", text)
        name = re.match(r"// (\S+\.mjs)\n", text)  # of a module that other blocks import
        module = self.folder / (name[1] if name else "block.test.mjs")
        module.write_text(text.replace("127.0.0.1:7190", self.server.host), encoding="utf-8")
        if name:
            return ""
        if "test(" not in text:
            return self.run("node", str(module))
        return self.run_node_tests(str(module))


def free_address():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return "127.0.0.1:{}".format(listener.getsockname()[1])


def assert_output(printed, expected, name):
    """Compares an output with the one on the page, where `...` stands for any text."""
    pattern = ".*?".join(re.escape(part) for part in expected.strip().split("..."))
    assert re.fullmatch(pattern, printed.strip(), re.DOTALL), f"{name}: {printed}"


RUNNERS = {"python": Reader.python, "sh": Reader.sh, "js": Reader.js}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_of_a_page_runs(page, tmp_path, plain_environment):
    with serving() as server:
        reader = Reader(server, tmp_path)
        printed = None
        for block in blocks(page):
            if block.reason:
                printed = None
            elif run := RUNNERS.get(block.language):
                try:
                    printed = run(reader, block.text)
                except AssertionError as error:
                    raise AssertionError(f"{block.name}: {error}") from error
            elif block.language in ("text", "json") and printed is not None:
                assert_output(printed, block.text, block.name)
                printed = None
            else:
                check_data(block)
                printed = None


def check_data(block):
    """Checks a block that is not run."""
    match block.language:
        case "json":
            json.loads(block.text)
        case "rust":
            pass  # tests/external runs it
        case language:
            raise AssertionError(f"{block.name}: a block of `{language}` is neither run nor checked")


def test_each_exception_is_a_block():
    for where in NOT_RUN:
        assert any(block.is_at(*where) for page in PAGES for block in blocks(page)), where


def test_the_rust_blocks_are_run_by_the_tests_of_another_crate():
    build = (ROOT / "tests/external/build.rs").read_text(encoding="utf-8")
    assert 'join("README.md")' in build and 'join("docs")' in build
    for page in PAGES:
        for block in blocks(page):
            if block.language == "rust" and not block.reason:
                assert re.search(r"#\[(tokio::)?test\]", block.text), f"{block.name} is no test"


def test_the_dependencies_are_those_of_the_tests():
    [block] = [it for page in PAGES for it in blocks(page) if it.language == "toml"]
    manifest = (ROOT / "tests/external/Cargo.toml").read_text(encoding="utf-8")
    own = {line.partition(" = ")[0]: line for line in manifest.splitlines()}
    for line in block.text.splitlines()[1:]:
        name, _, value = line.partition(" = ")
        assert name in own
        if name == "ecmock":
            assert own[name].replace("../..", "../ecmock") == line
        features = re.search(r"features = \[(.*)\]", value)
        for feature in features[1].split(", ") if features else []:
            assert feature in own[name]


def test_the_conftest_is_the_same_everywhere():
    found = [it.text for page in PAGES for it in blocks(page) if "def client(ecmock_account" in it.text]
    assert len(found) == 2 and set(found) == {CONFTEST}


@pytest.mark.parametrize("page", ["README.md", "docs/guides/ci.md"])
def test_the_workflow_fits_the_image(page):
    [block] = [it for it in blocks(ROOT / page) if it.text.startswith("jobs:")]
    [job] = yaml.safe_load(block.text)["jobs"].values()
    service = job["services"]["ecmock"]
    # The image has no shell for another health check, and the server needs no arguments.
    assert set(service) <= {"image", "ports", "env"}
    assert service["ports"] == ["127.0.0.1:7190:7190"]
    assert job["env"] == {"ECMOCK_ENDPOINT": "http://127.0.0.1:7190"}
    flags = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in flags for name in service.get("env", {}))
    assert job["steps"][-1] == {"run": "pytest -n 8"}
    ours = yaml.safe_load(ROOT.joinpath(".github/workflows/ci.yml").read_text(encoding="utf-8"))
    assert job["steps"][0]["uses"] in [it.get("uses") for it in ours["jobs"]["sdk"]["steps"]]


def test_the_testcontainers_examples_wait_for_the_server_of_the_image(default_server):
    found = [it for it in blocks(ROOT / "docs/guides/ci.md") if "testcontainers" in it.text]
    assert [it.language for it in found] == ["python", "js", "java", "go"]
    exposed = re.search(r"^EXPOSE (\d+)$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)[1]
    paths = {it["Path"] for it in default_server._ask("GET", "")["Paths"]}
    for block in found:
        assert '"ecmock"' in block.text
        assert set(re.findall(r"\b\d{4}\b", block.text)) == {exposed}
        [path] = re.findall(r'"(/_ecmock/[^"]*)"', block.text)
        assert path in paths
    compile(found[0].text, found[0].name, "exec")


def test_the_curl_of_a_fault_adds_it(default_server, tmp_path):
    block = next(it for it in blocks(ROOT / "docs/guides/faults.md") if it.language == "sh")
    added = json.loads(Reader(default_server, tmp_path).sh(block.text))
    assert default_server.account("web").faults() == [added]
    assert (added["Error"]["Code"], added["When"], added["Times"]) == ("InternalError", "after", 1)


def test_the_fixture_of_the_guide_is_valid(default_server, tmp_path):
    [block] = [it for it in blocks(ROOT / "docs/guides/fixtures.md") if it.language == "json"]
    (tmp_path / "own.json").write_text(block.text, encoding="utf-8")
    assert Reader(default_server, tmp_path).run("ecmock", "check", "own.json").startswith("ok: ")


def test_forty_tests_run_in_parallel_against_a_server_that_runs(default_server, tmp_path):
    reader = Reader(default_server, tmp_path)
    (tmp_path / "test_parallel.py").write_text(PARALLEL, encoding="utf-8")
    variables = {"ECMOCK_ENDPOINT": default_server.endpoint, "ECMOCK_BIN": "no-such-program"}
    assert "40 passed" in reader.run("pytest", "-n", "8", **variables)
    accounts = [it for it in default_server.accounts() if it["Name"].startswith("test-the-first-address-is-free-")]
    assert [it["Requests"] for it in accounts] == [1] * 40  # no account is shared, and none is reset


def test_a_run_without_workers_starts_its_server(default_server, tmp_path):
    reader = Reader(default_server, tmp_path)
    text = "def test_it(create):\n    assert create('web')['Vip'] == '172.16.0.17'\n"
    (tmp_path / "test_one.py").write_text(text, encoding="utf-8")
    out = reader.run("pytest", ECMOCK_ENDPOINT="")
    assert "1 passed" in out and "warning" not in out


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_run_that_uses_no_fixture_starts_no_server(default_server, tmp_path, workers):
    reader = Reader(default_server, tmp_path)
    (tmp_path / "conftest.py").unlink()
    (tmp_path / "test_other.py").write_text("def test_it():\n    pass\n", encoding="utf-8")
    assert "1 passed" in reader.run("pytest", "-n", workers, ECMOCK_BIN="no-such-program", ECMOCK_ENDPOINT="")
