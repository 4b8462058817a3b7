"""pytest plugin of ecmock: the fixtures `ecmock_server` and `ecmock_account`."""

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

from ecmock import Account, Server, StartError


WORKERS_MAX = 1024  # that ask at the same time


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
def ecmock_account(ecmock_server: Server, request: pytest.FixtureRequest) -> Account:
    """An account that no other test uses, in this run or any other."""
    test = re.sub(r"[^0-9A-Za-z]+", "-", request.node.name)[:64]
    return ecmock_server.account(f"{test}-{uuid.uuid4().hex[:8]}")
