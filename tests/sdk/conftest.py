"""One server for the whole run. Each test uses its own account."""

import json
import os
import re
from contextlib import ExitStack, contextmanager
from functools import cache

import ecmock
import pytest

pytest.register_assert_rewrite("cloud", "model", "sdk")

from cloud import KEY
from fixture import fixture
from sdk import Cloud


class Server(ecmock.Server):
    @property
    def url(self):
        return self.endpoint


@pytest.fixture(scope="session", autouse=True)
def plain_environment():
    """Removes settings of the environment: a proxy would redirect calls, and `ECMOCK_*` would configure the server."""
    foreign = re.compile(r"(https?|all)_proxy|(ECMOCK|TENCENTCLOUD)_(?!BIN$).*|RUST_LOG", re.IGNORECASE)
    with pytest.MonkeyPatch.context() as patch:
        for name in filter(foreign.fullmatch, list(os.environ)):
            patch.delenv(name)
        yield


@contextmanager
def serving(**options):
    """Runs a server during the block, and checks that it exits with status 0."""
    server = Server(**options).start()
    try:
        yield server
    finally:
        code = server.stop()
    assert code == 0, server.log


@pytest.fixture(scope="session")
def server(plain_environment):
    """A server that checks signatures."""
    with serving(auth="verify", secret_key=KEY, seed=1) as server:
        yield server


@pytest.fixture(scope="session")
def default_server(plain_environment):
    """A server with default settings."""
    with serving() as server:
        yield server


@pytest.fixture(scope="session")
def fixture_server(plain_environment, tmp_path_factory):
    """Returns a function that starts a server with the fixture of a region and options, once for each combination.

    The servers check signatures.
    """
    with ExitStack() as servers:

        @cache
        def fixture_server(region, *options):
            path = tmp_path_factory.mktemp("fixture") / "fixture.json"
            path.write_text(json.dumps(fixture(region)), encoding="utf-8")
            always = {"auth": "verify", "secret_key": KEY, "seed": 1, "fixtures": [path]}
            return servers.enter_context(serving(**always, args=options))

        yield fixture_server


@pytest.fixture
def secret_id(request):
    """A SecretId that no other test uses, which selects an isolated cloud."""
    test = f"{request.path.stem}-{request.node.name}"
    return "ecmock-" + re.sub(r"[^0-9A-Za-z]+", "-", test).strip("-")


@pytest.fixture
def account(server, secret_id):
    return server.account(secret_id.removeprefix("ecmock-"))


@pytest.fixture
def cloud(server, account):
    """An SDK client of the account."""
    return Cloud(server, account.secret_id)
