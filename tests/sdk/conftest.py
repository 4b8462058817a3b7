"""One ecmock for the whole run; each test calls it as an account of its own."""

import json
import os
import re
import signal
import subprocess
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache

import pytest

pytest.register_assert_rewrite("cloud", "model", "sdk")

from cloud import KEY
from world import world

START_SECONDS_MAX = 10
STOP_SECONDS_MAX = 2  # one by contract, and one for a busy machine


@dataclass(frozen=True)
class Server:
    host: str  # with the port

    @property
    def url(self):
        return f"http://{self.host}"


@pytest.fixture(scope="session", autouse=True)
def plain_environment():
    """Keeps the caller's settings out: a proxy would send the calls elsewhere, `ECMOCK_*` would change the server."""
    foreign = re.compile(r"(https?|all)_proxy|(ECMOCK|TENCENTCLOUD)_(?!BIN$).*|RUST_LOG", re.IGNORECASE)
    with pytest.MonkeyPatch.context() as patch:
        for name in filter(foreign.fullmatch, list(os.environ)):
            patch.delenv(name)
        yield


@contextmanager
def serving(options, log):
    """Runs ecmock; it has started before the block does, and is told to end after it."""
    with log.open("w") as stderr:
        command = [os.environ["ECMOCK_BIN"], "--listen", "127.0.0.1:0", *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, encoding="utf-8")
    try:
        start = start_lines(process)
        assert start[-1:] == ["Ready.\n"], f"ecmock did not start: {start}\n{log.read_text()}"
        yield Server(re.search(r"http://(127\.0\.0\.1:\d+)", "".join(start)).group(1))
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_SECONDS_MAX) == 0, log.read_text()
    finally:
        process.kill()


@pytest.fixture(scope="session")
def server(plain_environment, tmp_path_factory):
    """One that checks signatures."""
    options = ["--auth", "verify", "--credential", f"ecmock-*:{KEY}", "--seed", "1"]
    with serving(options, tmp_path_factory.mktemp("ecmock") / "log") as server:
        yield server


@pytest.fixture(scope="session")
def default_server(plain_environment, tmp_path_factory):
    """One with nothing but defaults."""
    with serving([], tmp_path_factory.mktemp("ecmock") / "log") as server:
        yield server


@pytest.fixture(scope="session")
def world_server(plain_environment, tmp_path_factory):
    """One that checks signatures and begins with the world in a region, for each region and options that tests need."""
    with ExitStack() as servers:

        @cache
        def world_server(region, *options):
            folder = tmp_path_factory.mktemp("world")
            fixture = folder / "world.json"
            fixture.write_text(json.dumps(world(region)), encoding="utf-8")
            always = ["--auth", "verify", "--credential", f"ecmock-*:{KEY}", "--seed", "1", "--fixture", str(fixture)]
            return servers.enter_context(serving([*always, *options], folder / "log"))

        yield world_server


def start_lines(process):
    """What the server says up to `Ready.`, or all of it where that never comes."""
    watchdog = threading.Timer(START_SECONDS_MAX, process.kill)
    watchdog.start()
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line == "Ready.\n":
            break
    watchdog.cancel()
    return lines


@pytest.fixture
def secret_id(request):
    """A SecretId no other test has, hence a cloud no other test has."""
    test = f"{request.path.stem}-{request.node.name}"
    return "ecmock-" + re.sub(r"[^0-9A-Za-z]+", "-", test).strip("-")
