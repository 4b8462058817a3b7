"""One ecmock for the whole run; each test calls it as an account of its own."""

import json
import os
import re
from contextlib import ExitStack, contextmanager
from functools import cache

import ecmock
import pytest

pytest.register_assert_rewrite("cloud", "model", "sdk")

from cloud import KEY
from world import world


class Server(ecmock.Server):
    @property
    def url(self):
        return self.endpoint


@pytest.fixture(scope="session", autouse=True)
def plain_environment():
    """Keeps the caller's settings out: a proxy would send the calls elsewhere, `ECMOCK_*` would change the server."""
    foreign = re.compile(r"(https?|all)_proxy|(ECMOCK|TENCENTCLOUD)_(?!BIN$).*|RUST_LOG", re.IGNORECASE)
    with pytest.MonkeyPatch.context() as patch:
        for name in filter(foreign.fullmatch, list(os.environ)):
            patch.delenv(name)
        yield


@contextmanager
def serving(**options):
    """Runs ecmock; it has started before the block does, and ends well after it."""
    server = Server(**options).start()
    try:
        yield server
    finally:
        code = server.stop()
    assert code == 0, server.log


@pytest.fixture(scope="session")
def server(plain_environment):
    """One that checks signatures."""
    with serving(auth="verify", secret_key=KEY, seed=1) as server:
        yield server


@pytest.fixture(scope="session")
def default_server(plain_environment):
    """One with nothing but defaults."""
    with serving() as server:
        yield server


@pytest.fixture(scope="session")
def world_server(plain_environment, tmp_path_factory):
    """One that checks signatures and begins with the world in a region, for each region and options that tests need."""
    with ExitStack() as servers:

        @cache
        def world_server(region, *options):
            fixture = tmp_path_factory.mktemp("world") / "world.json"
            fixture.write_text(json.dumps(world(region)), encoding="utf-8")
            always = {"auth": "verify", "secret_key": KEY, "seed": 1, "fixtures": [fixture]}
            return servers.enter_context(serving(**always, args=options))

        yield world_server


@pytest.fixture
def secret_id(request):
    """A SecretId no other test has, hence a cloud no other test has."""
    test = f"{request.path.stem}-{request.node.name}"
    return "ecmock-" + re.sub(r"[^0-9A-Za-z]+", "-", test).strip("-")
