"""pytest plugin of ecmock: the fixtures `ecmock_server` and `ecmock_account`, and verdicts of tests.

    pytest --ecmock-verdict                       fails tests that leave resources, unused faults, or unmet expectations
    pytest --ecmock-verdict=leaks,rate            fails tests by these checks
    pytest --ecmock-junit=FOLDER                  writes the verdict of each test to a file
"""

from __future__ import annotations

import os
import re
import threading
import uuid
from collections.abc import Iterator
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Listener
from typing import Any

import pytest

from ecmock import CHECKS, Account, Server, StartError


WORKERS_MAX = 1024  # that ask at the same time
DEFAULT = "leaks,faults,expectations"  # checks that fail a test
HAS_FAILED = pytest.StashKey[bool]()  # of a test, before the end of its fixtures


class SharedServer:
    """A server for all pytest-xdist workers. It starts when the first worker asks for its endpoint."""

    def __init__(self) -> None:
        self._server = Server()
        self._key = uuid.uuid4().bytes
        self._listener = Listener(("127.0.0.1", 0), backlog=WORKERS_MAX, authkey=self._key)
        threading.Thread(target=self._answer, daemon=True).start()

    @property
    def address(self) -> dict[str, Any]:
        """The arguments of `ask`, as values that pytest-xdist can send to a worker."""
        host, port = self._listener.address
        return {"host": host, "port": port, "key": self._key}

    @staticmethod
    def ask(host: str, port: int, key: bytes) -> str:
        """Returns the endpoint of the server. Raises StartError."""
        with Client((host, port), authkey=key) as connection:
            endpoint, error = connection.recv()
        if error:
            raise StartError(error)
        return str(endpoint)

    def stop(self) -> None:
        self._listener.close()
        self._server.stop()

    def _answer(self) -> None:
        while True:
            try:
                with self._listener.accept() as connection:
                    connection.send(self._start())
            except (AuthenticationError, ConnectionError, EOFError):
                continue  # the client is not a worker, or is gone
            except OSError:
                return  # the listener is closed

    def _start(self) -> tuple[str | None, str | None]:
        try:
            return self._server.start().endpoint, None
        except StartError as error:
            return None, str(error)


def _has_endpoint() -> bool:
    return bool(os.environ.get("ECMOCK_ENDPOINT"))


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("ecmock")
    fails = f"fail a test with `ecmock_account` by the verdict of its account; CHECKS defaults to {DEFAULT}"
    group.addoption("--ecmock-verdict", metavar="CHECKS", nargs="?", const=DEFAULT, help=fails)
    writes = "write the verdict of each test with `ecmock_account` as JUnit XML to this folder"
    group.addoption("--ecmock-junit", metavar="FOLDER", help=writes)
    parser.addini("ecmock_verdict", "checks that fail a test, like --ecmock-verdict", default="")
    parser.addini("ecmock_junit", "folder for JUnit XML, like --ecmock-junit", default="")


def pytest_configure(config: pytest.Config) -> None:
    for name in _checks(config):
        if name not in CHECKS:
            expected = f"expected one or more of {', '.join(CHECKS)}, with commas between them"
            hint = "; write a path before the option" if os.path.exists(name) else ""
            raise pytest.UsageError(f"--ecmock-verdict: unknown check {name!r}; {expected}{hint}")


def _setting(config: pytest.Config, name: str) -> str:
    """Returns the value of an option, or else of its ini setting."""
    given = config.getoption(name)
    return str(config.getini(name) if given is None else given)


def _checks(config: pytest.Config) -> list[str]:
    return [name for name in _setting(config, "ecmock_verdict").split(",") if name]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome: Any = yield
    if outcome.get_result().failed:
        item.stash[HAS_FAILED] = True


def _judge(account: Account, request: pytest.FixtureRequest) -> None:
    """Fails a test that has not failed yet by the verdict of its account, and writes the verdict."""
    checks, folder = _checks(request.config), _setting(request.config, "ecmock_junit")
    if folder:
        path = request.config.invocation_params.dir / folder / f"{account.name}.xml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(account.verdict_junit(fail=checks or None), encoding="utf-8")
    if checks and not request.node.stash.get(HAS_FAILED, False):
        found = account.verdict(fail=checks)
        if not found["Ok"]:
            pytest.fail(found["Report"], pytrace=False)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tells a pytest-xdist worker where to ask for the shared server."""
    if _has_endpoint():
        return
    if not hasattr(node.config, "_ecmock"):
        node.config._ecmock = SharedServer()
        node.config.add_cleanup(node.config._ecmock.stop)
    node.workerinput["ecmock"] = node.config._ecmock.address


@pytest.fixture(scope="session")
def ecmock_server(pytestconfig: pytest.Config) -> Iterator[Server]:
    """One server for the whole run and all its workers: the one at `ECMOCK_ENDPOINT`, or a new process."""
    shared = getattr(pytestconfig, "workerinput", {}).get("ecmock")
    if shared:
        server = Server.at(SharedServer.ask(**shared))
    else:
        server = Server.at() if _has_endpoint() else Server()
    with server:
        yield server


@pytest.fixture
def ecmock_account(ecmock_server: Server, request: pytest.FixtureRequest) -> Iterator[Account]:
    """An account that no other test uses, in this run or any other. With `--ecmock-verdict`, it judges the test."""
    test = re.sub(r"[^0-9A-Za-z]+", "-", request.node.name)[:64]
    account = ecmock_server.account(f"{test}-{uuid.uuid4().hex[:8]}")
    yield account
    _judge(account, request)
