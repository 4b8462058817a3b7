"""What the README tells the users of Python, tccli and Node, as it stands there."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from test_node import NODE_MODULES

README = Path(__file__).parents[2].joinpath("README.md").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent


def block(language, word):
    """The code block in `language` that has `word` in it."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return next(block for block in blocks if word in block)


@pytest.fixture
def run(default_server, tmp_path):
    def run(*command):
        path = [str(BIN), str(Path(os.environ["ECMOCK_BIN"]).parent), os.environ["PATH"]]
        environment = os.environ | {
            "PATH": os.pathsep.join(path),
            "HOME": str(tmp_path),
            "NODE_PATH": str(NODE_MODULES),
            "ECMOCK_LISTEN": default_server.host,
        }
        command = [part.replace("127.0.0.1:7190", default_server.host) for part in command]
        result = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", timeout=60)
        assert (result.returncode, result.stderr) == (0, "")
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
