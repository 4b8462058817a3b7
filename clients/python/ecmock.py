"""ecmock from Python: starts the server or attaches to one, and holds each account's calls, faults, clock and state.

    with ecmock.Server() as server:
        account = server.account()  # a cloud of its own
        ...  # an SDK's client of server.host, with account.secret_id and account.secret_key
        account.fail("CreateHaVip", "InternalError", times=1)
        account.wait_for("CreateHaVip", "OK", timeout=5)
        with account.expect("CreateHaVip", times=2):
            ...  # calls of which two create a HAVIP
        account.assert_called("CreateHaVip", {"HaVipName": "web"}, times=2)

With `pytest_plugins = ["ecmock"]` in its outermost conftest.py, or `-p ecmock`, a pytest suite has the fixtures
`ecmock_server` and `ecmock_account`. This one file needs Python 3.10 or later on Linux, macOS or another POSIX system,
and nothing else.

What the server says is JSON as it comes, under the server's names. Times here are seconds. Whatever asks the server
raises `EcmockError` where it refuses, and `OSError` where it is gone.

PYTEST_DONT_REWRITE: there is nothing to rewrite, and a conftest.py may import it before pytest does.
"""

# mypy: disable-error-code=no-any-return
from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from typing import IO, Any, Literal, TypedDict
from urllib.parse import quote, urlencode, urlsplit

__all__ = ["Account", "EcmockError", "Expectation", "Server", "StartError"]

ANSWER_SECONDS_MAX = 30
END_SECONDS_MAX = 5
CALLS_SHOWN_MAX = 3

# Stands between whoever starts the server and the server, which so ends with them even where they are killed.
_GUARD = f"""
import os, subprocess, sys
server = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
os.close(1)  # now the server's alone, so that it ends with it
os.read(0, 1)  # until somebody writes, or nobody is left to
server.terminate()
try:
    code = server.wait({END_SECONDS_MAX})
except subprocess.TimeoutExpired:
    server.kill()
    code = server.wait()
sys.exit(code)
"""


class EcmockError(Exception):
    """The server refuses what it was asked for."""

    def __init__(self, status: int, code: str, message: str, problems: Sequence[str] = ()) -> None:
        super().__init__("\n  ".join([f"{status} {code}: {message}", *problems]))
        self.status = status  # of HTTP
        self.code = code  # such as `NotFound`
        self.message = message
        self.problems = list(problems)  # each of a fixture's, with its JSON path


class StartError(Exception):
    """There is no server: it is not to be found, does not start or does not answer. Has what it wrote to stderr."""


class Client(TypedDict):
    """What called: an SDK by its name (`Python`, `tccli`, `Node`, ...), if it is a known one."""

    Name: str | None
    Version: str | None
    RequestClient: str | None
    UserAgent: str | None


class Diagnosis(TypedDict):
    """What a client did to a signature: the name of the mistake, and a sentence or two."""

    Name: str
    Text: str


class Explanation(TypedDict, total=False):
    """What was computed of a signature that is wrong, or not for the host that it came to."""

    Valid: bool
    Scheme: str
    SignedHost: str
    CanonicalRequest: str
    StringToSign: str
    Candidates: list[str]
    Diagnosis: Diagnosis


class Signature(TypedDict):
    """How a call was signed, and what came of checking that: `unchecked`, `valid` or `invalid`."""

    Scheme: str | None
    Verdict: str
    Diagnosis: Diagnosis | None


class Call(TypedDict):
    """A call in the journal. `Code` is an error code or `OK`, and None if the call got no envelope."""

    Sequence: int
    Time: str
    Account: str
    Action: str | None
    Params: dict[str, Any] | None
    Region: str | None
    Method: str
    Host: str | None
    Client: Client
    Code: str | None
    Message: str | None
    RequestId: str
    DurationUs: int
    Signature: Signature
    FaultId: str | None


class CallInFull(Call):
    """A call with all that is known of it; no explanation of a signature that is right or was not checked."""

    Explanation: Explanation | None


class Difference(TypedDict):
    """Where a call is not as expected: `Action`, `Code`, or a parameter's path such as `Filters.0.Name`."""

    Path: str
    Expected: Any
    Got: Any


class Miss(TypedDict):
    """A call that is not as expected; without `Differences` it is as expected, and one too many."""

    RequestId: str
    Differences: list[Difference]


class Verification(TypedDict):
    """Whether calls were as expected, how many were, and a few calls of interest if not.

    Where there are too few, they are those that miss by least; where there are too many, some that are as expected.
    """

    Ok: bool
    Matched: int
    Nearest: list[Miss]


class Rule(TypedDict, total=False):
    """A fault rule. It needs one of `Error` (`Code`, `Message`), `Http` (`Status`, `Body`), `Connection`, `DelayMs`."""

    Action: str | None
    Params: Mapping[str, Any]
    Skip: int
    Times: int | None
    Probability: float
    When: Literal["before", "after"]
    Error: Mapping[str, str | None]
    DelayMs: int
    Http: Mapping[str, int | str]
    Connection: Literal["reset", "close", "hang", "truncate"]
    Force: bool


class Fault(Rule):
    """A rule of an account, the calls that it matched, and those of them that it struck."""

    Id: str
    Matches: int
    Hits: int


class Clock(TypedDict):
    """An account's time (RFC 3339) and mode (`real`, `offset` or `frozen`); a frozen one has no offset."""

    Now: str
    Mode: str
    OffsetMs: int | None


class Codes(TypedDict):
    """Which documented codes of an action its calls have met: `Summary` is such as `7 of 10`."""

    Action: str
    Calls: int
    Ok: int
    Summary: str
    Met: dict[str, int]
    NotMet: list[str]
    Other: dict[str, int]


class Server:
    """One ecmock: a process that this starts on a free port, or one that runs already; see `Server.at`.

    As a context manager it has started inside and ended outside. It ends, too, where this process is killed.

    binary: else the variable `ECMOCK_BIN`, else `ecmock` on the PATH.
    fixtures, faults: files; the fixture "none" is an empty cloud.
    credentials: "ID:KEY" or "ID:KEY@ACCOUNT", beside the one that all accounts of `Server.account` sign with.
    quotas: such as {"havips-per-vpc": 2}.
    clock: an aware datetime or RFC 3339, at which it stands still.
    settle, rate_limit: as the flags of these names take them.
    args: more flags, as the command line takes them. What is not said here is the environment's (`ECMOCK_...`) to say.
    start_seconds: how long it may take to be ready.
    """

    def __init__(
        self,
        binary: str | os.PathLike[str] | None = None,
        *,
        fixtures: Sequence[str | os.PathLike[str]] = (),
        auth: Literal["open", "verify"] | None = None,
        secret_key: str = "ecmock",
        credentials: Sequence[str] = (),
        quotas: Mapping[str, int] | None = None,
        seed: int | None = None,
        clock: datetime | str | None = None,
        settle: int | str | None = None,
        rate_limit: int | str | None = None,
        faults: Sequence[str | os.PathLike[str]] = (),
        args: Sequence[str] = (),
        start_seconds: float = 10,
    ) -> None:
        self.secret_key = secret_key
        self._binary = os.fspath(binary) if binary else None
        self._start_seconds = start_seconds
        options: dict[str, Sequence[Any]] = {
            "listen": ["127.0.0.1:0"],
            "fixture": fixtures,
            "auth": [auth],
            "credential": [f"ecmock-*:{secret_key}", *credentials],
            "quota": [f"{name}={number}" for name, number in (quotas or {}).items()],
            "seed": [seed],
            "clock": [_rfc3339(clock)],
            "settle": [settle],
            "rate-limit": [rate_limit],
            "fault": faults,
        }
        self._args = [f"--{name}={it}" for name, values in options.items() for it in values if it is not None]
        self._args += args
        self._endpoint: str | None = None
        self._process: subprocess.Popen[str] | None = None
        self._log_file: IO[bytes] | None = None  # while it runs
        self._log = ""  # what it had written when it ended

    @classmethod
    def at(cls, endpoint: str | None = None, *, secret_key: str = "ecmock") -> Server:
        """The one that runs at `endpoint`, else at the variable `ECMOCK_ENDPOINT`; to stop it does nothing.

        Raises StartError if none answers there.
        """
        endpoint = endpoint or os.environ.get("ECMOCK_ENDPOINT") or ""
        if not re.fullmatch(r"http://[^/]+/?", endpoint):
            raise StartError(f"an endpoint is such as http://127.0.0.1:7190, not {endpoint!r}")
        server = cls(secret_key=secret_key)
        server._endpoint = endpoint.rstrip("/")
        try:
            server.health()
        except (EcmockError, OSError, http.client.HTTPException, ValueError) as error:
            raise StartError(f"no ecmock answers at {endpoint}: {error}") from error
        return server

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Server:
        """Starts it unless it runs, and returns it when it is ready. Raises StartError."""
        if self._endpoint:
            return self
        wanted = self._binary or os.environ.get("ECMOCK_BIN") or "ecmock"
        binary = shutil.which(wanted)
        if not binary:
            raise StartError(f"there is no program {wanted!r}; name it by the argument `binary` or by ECMOCK_BIN")
        self._log_file = tempfile.TemporaryFile()  # no pipe, which would fill up
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-ISc", _GUARD, binary, *self._args],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log_file,
                encoding="utf-8",
                start_new_session=True,  # Ctrl-C is not for it: tests that end may still ask it
            )
            self._endpoint = self._await_ready(binary)
        except BaseException:
            self.stop()
            raise
        return self

    def _await_ready(self, binary: str) -> str:
        """Reads up to `Ready.`, and returns the endpoint."""
        assert self._process and self._process.stdout
        began = time.monotonic()
        watchdog = threading.Timer(self._start_seconds, _end, [self._process])
        watchdog.daemon = True
        watchdog.start()
        lines = []
        for line in self._process.stdout:
            lines.append(line)
            if line == "Ready.\n":
                break
        watchdog.cancel()
        said = "".join(lines)
        endpoint = re.search(r"^http://\S+", said, re.MULTILINE)
        if said.endswith("Ready.\n") and endpoint:
            return endpoint.group()
        is_late = time.monotonic() - began >= self._start_seconds
        code = self.stop()
        how = f"was not ready after {self._start_seconds} s" if is_late else f"ended with {code}"
        raise StartError(f"{binary} {how}; it wrote:\n{said}{self.log}".rstrip())

    def stop(self) -> int | None:
        """Ends it if this started it, and returns its exit code: 0 if calls in flight were answered in time."""
        code = None
        if self._process:
            _end(self._process)
            code = self._process.wait()
            if self._process.stdout:
                self._process.stdout.close()
            self._endpoint = self._process = None
        if self._log_file:
            self._log = self.log
            self._log_file.close()
            self._log_file = None
        return code

    @property
    def endpoint(self) -> str:
        """Such as http://127.0.0.1:7190."""
        if not self._endpoint:
            raise StartError("the server has not been started")
        return self._endpoint

    @property
    def host(self) -> str:
        """The endpoint without its scheme, such as 127.0.0.1:7190."""
        return urlsplit(self.endpoint).netloc

    @property
    def log(self) -> str:
        """What it wrote to stderr since its last start, a line a call; empty if this did not start it."""
        if not self._log_file:
            return self._log
        file = self._log_file.fileno()
        # At an offset of its own, as that of the file is the server's too.
        return os.pread(file, os.fstat(file).st_size, 0).decode(errors="replace")

    def account(self, name: str | None = None) -> Account:
        """The account `name` of at most 128 bytes, or else one that nobody has used: a whole cloud of its own."""
        return Account(self, name or uuid.uuid4().hex)

    def account_named(self, name: str) -> Account:
        """Returns the account `name`, which has 1 to 128 bytes."""
        return Account(self, name)

    def accounts(self) -> list[dict[str, Any]]:
        """The accounts: `Name`, and how many `Requests` and `Faults` each has."""
        return self._ask("GET", "accounts")["Accounts"]

    def forget(self, name: str) -> None:
        """Forgets an account. EcmockError 404 if there is none."""
        self._ask("DELETE", f"accounts/{quote(name, safe='')}")

    def actions(self) -> list[dict[str, Any]]:
        """All actions of the product: `Name`, `Emulated`, `Parameters`, `Codes`, `GatewayCodes`."""
        return self._ask("GET", "actions")["Actions"]

    def action(self, name: str) -> dict[str, Any]:
        """Returns an action with its `Example` and `Errors`.

        The `Example` is a request that succeeds in the built-in demo; only emulated actions have one. An error is
        `natural` if a `Request` triggers it, and `injectable` if only a `Fault` does.
        """
        return self._ask("GET", f"actions/{quote(name, safe='')}")

    def health(self) -> dict[str, Any]:
        """`Status`, `Version` and `UptimeMs`."""
        return self._ask("GET", "health")

    def metrics(self) -> str:
        """Counts of all accounts' calls since the start, as Prometheus reads them."""
        return self._send("GET", "metrics").decode()

    def ca_pem(self) -> str:
        """The certificate of the CA that clients trust to call over https."""
        return self._send("GET", "ca.pem").decode()

    def _ask(self, method: str, path: str, body: object = None, seconds: float = 0, **query: object) -> Any:
        return json.loads(self._send(method, path, body, seconds, **query))

    def _send(self, method: str, path: str, body: object = None, seconds: float = 0, **query: object) -> bytes:
        """Asks the admin API, which may take `seconds` longer than usual."""
        given = {name: value for name, value in query.items() if value is not None}
        # To the server itself, whatever proxy the environment names.
        with closing(http.client.HTTPConnection(self.host, timeout=ANSWER_SECONDS_MAX + seconds)) as connection:
            text = None if body is None else json.dumps(body).encode()
            connection.request(method, f"/_ecmock/{path}?{urlencode(given)}", text)
            response = connection.getresponse()
            answer = response.read()
        if response.status < 400:
            return answer
        try:
            failure = json.loads(answer)
            error = EcmockError(response.status, failure["Code"], failure["Message"], failure.get("Problems", ()))
        except (ValueError, LookupError, TypeError):
            error = EcmockError(response.status, "Unknown", answer.decode(errors="replace"))
        raise error


class Account:
    """One account of a server: what a client calls as `secret_id`, with `secret_key` where signatures are checked.

    Wherever an `action` may be None, any is meant. `params` are those that a call has at least: members that are not
    named are free, a list has as many items as are expected, and None stands for what is not there.
    """

    def __init__(self, server: Server, name: str) -> None:
        self.server = server
        self.name = name
        self.secret_id = f"ecmock-{name}"
        self.secret_key = server.secret_key

    def __repr__(self) -> str:
        return f"<Account {self.name!r}>"

    def _ask(self, method: str, path: str, body: object = None, seconds: float = 0, **query: object) -> Any:
        return self.server._ask(method, path, body, seconds, account=self.name, **query)

    def reset(self) -> None:
        """Makes it as new: resources, calls, faults, clock and rate limits."""
        self._ask("POST", "reset")

    def state(self) -> dict[str, Any]:
        """Its resources as a fixture: `VpcSet`, `SubnetSet`, `HaVipSet` and so on."""
        return self._ask("GET", "state")

    def replace_state(self, fixture: Mapping[str, Any]) -> list[str]:
        """Puts a fixture in its place; returns warnings. EcmockError 422, with `problems`, if the fixture is none."""
        return self._ask("PUT", "state", fixture)["Warnings"]

    def merge_state(self, fixture: Mapping[str, Any]) -> list[str]:
        """Adds a fixture's resources, in place of those with their ids; otherwise as `replace_state`."""
        return self._ask("PATCH", "state", fixture)["Warnings"]

    def calls(
        self, action: str | None = None, code: str | None = None, *, since: int = 0, limit: int | None = None
    ) -> list[Call]:
        """Its calls that ended with `code` (or `OK`) and came after number `since` of `Sequence`, the oldest first."""
        return self._ask("GET", "requests", action=action, code=code, since=since, limit=limit)["Requests"]

    requests = calls  # the older name

    def call(self, request_id: str) -> CallInFull:
        """The call of a request id. EcmockError 404 if there is none."""
        return self._ask("GET", f"requests/{quote(request_id, safe='')}")

    request = call  # the older name

    def clear_calls(self) -> int:
        """Removes its calls from the journal, and returns how many there were."""
        return self._ask("DELETE", "requests")["Deleted"]

    forget_requests = clear_calls  # the older name

    def _last_sequence(self) -> int:
        """Returns the `Sequence` of its latest call, or 0 if the journal is empty."""
        oldest = self._ask("GET", "requests", limit=1)
        if not oldest["Requests"]:
            return 0
        # A reset during a call leaves a gap in the numbers, so the last one is this or a later one.
        least = oldest["Requests"][0]["Sequence"] + oldest["Total"] - 1
        latest = self.calls(since=least - 1)
        return latest[-1]["Sequence"] if latest else least

    def wait_for(
        self, action: str | None = None, code: str | None = None, *, since: int = 0, timeout: float = 10
    ) -> Call:
        """The first call that `calls` finds, now or soon. TimeoutError after `timeout`, at most 600."""
        query = {"action": action, "code": code, "since": since, "limit": 1, "wait_ms": round(timeout * 1000)}
        found = self._ask("GET", "requests", seconds=timeout, **query)["Requests"]
        if found:
            return found[0]
        expected = " -> ".join(filter(None, [action or "call", code]))
        others = [f"  call: {_line(it)}" for it in self.calls(since=since)[-CALLS_SHOWN_MAX:]]
        raise TimeoutError("\n".join([f"there was no {expected} within {timeout} s", *others]))

    def codes(self, action: str | None = None) -> list[Codes]:
        """Which of the documented codes of each action its calls have met."""
        return self._ask("GET", "requests", action=action, summary="codes")["Actions"]

    def verify(
        self,
        action: str | None = None,
        params: Mapping[str, Any] | None = None,
        *,
        code: str | None = None,
        times: int | tuple[int, int | None] | None = None,
        since: int = 0,
    ) -> Verification:
        """Whether calls were so: `times` is a number, or the least and the most; at least once if it is None.

        Only calls after number `since` of `Sequence` count.
        """
        bounds = {"min": times[0], "max": times[1]} if isinstance(times, tuple) else times
        expected = {"Action": action, "Params": params, "Code": code, "Times": bounds, "Since": since or None}
        return self._ask("POST", "verify", {name: value for name, value in expected.items() if value is not None})

    def assert_called(
        self,
        action: str | None = None,
        params: Mapping[str, Any] | None = None,
        *,
        code: str | None = None,
        times: int | tuple[int, int | None] | None = None,
        since: int = 0,
    ) -> None:
        """Raises AssertionError unless `verify` finds all well.

        Where calls are too few, it shows the nearest others and how they differ; where too many, some that match.
        """
        __tracebackhide__ = True
        found = self.verify(action, params, code=code, times=times, since=since)
        if found["Ok"]:
            return
        expected = [action or "any call", _text(params) if params else "", f"-> {code}" if code else ""]
        lines = [f"expected {' '.join(filter(None, expected))} {_bounds(times)}, got {found['Matched']}"]
        for miss in found["Nearest"]:
            what = "nearest" if miss["Differences"] else "call"
            lines.append(f"  {what}: {_line(self.call(miss['RequestId']))}")
            for it in miss["Differences"]:
                lines.append(f"    {it['Path']}: expected {_text(it['Expected'])}, got {_text(it['Got'])}")
        raise AssertionError("\n".join(lines))

    def expect(
        self,
        action: str | None = None,
        params: Mapping[str, Any] | None = None,
        *,
        code: str | None = None,
        times: int | tuple[int, int | None] | None = None,
    ) -> Expectation:
        """Expects calls from now on: in the block of a `with`, or up to `Expectation.verify`.

        The arguments are those of `assert_called`.
        """
        return Expectation(self, action, params, code=code, times=times)

    def faults(self) -> list[Fault]:
        """Its fault rules, in the order in which they are tried."""
        return self._ask("GET", "faults")["Faults"]

    def add_fault(self, rule: Rule) -> Fault:
        """Adds a rule after the others. EcmockError 400 if it could not do what it says."""
        return self._ask("POST", "faults", rule)

    def remove_fault(self, fault_id: str) -> None:
        """Takes a rule away. EcmockError 404 if there is none."""
        self._ask("DELETE", f"faults/{quote(fault_id, safe='')}")

    @contextmanager
    def scoped(self, fault: Fault) -> Iterator[Fault]:
        """Removes a rule at the end of the block. A rule that is already gone is no error.

        with account.scoped(account.fail("CreateHaVip", "InternalError")) as fault:
            ...
        """
        try:
            yield fault
        finally:
            # A reset numbers rules from 1 again, so another rule may have the id by now.
            if any(_is_same(it, fault) for it in self.faults()):
                try:
                    self.remove_fault(fault["Id"])
                except EcmockError as error:
                    if error.status != 404:
                        raise

    def clear_faults(self) -> int:
        """Takes all rules away, and returns how many there were."""
        return self._ask("DELETE", "faults")["Deleted"]

    def fail(
        self,
        action: str | None,
        code: str,
        message: str | None = None,
        *,
        times: int | None = None,
        skip: int = 0,
        params: Mapping[str, Any] | None = None,
        after: bool = False,
    ) -> Fault:
        """Lets calls fail with an error code that the action can return; `after` they have done what they do, if so.

        It is the calls after the first `skip` with these `params`, and all or so many `times` of them.
        """
        error = {"Code": code, "Message": message}
        return self.add_fault({**_calls(action, times, skip, params, after), "Error": error})

    def answer(
        self,
        action: str | None,
        status: int,
        body: str = "",
        *,
        times: int | None = None,
        skip: int = 0,
        params: Mapping[str, Any] | None = None,
        after: bool = False,
    ) -> Fault:
        """Lets calls, as `fail` does, be answered by an HTTP status from 200 to 599, as by a proxy."""
        http: dict[str, int | str] = {"Status": status, "Body": body}
        return self.add_fault({**_calls(action, times, skip, params, after), "Http": http})

    def cut(
        self,
        action: str | None,
        how: Literal["reset", "close", "hang", "truncate"] = "reset",
        *,
        times: int | None = None,
        skip: int = 0,
        params: Mapping[str, Any] | None = None,
        after: bool = False,
    ) -> Fault:
        """Cuts the connection of calls, as `fail` does; "hang" leaves it open, "truncate" ends it within the answer."""
        return self.add_fault({**_calls(action, times, skip, params, after), "Connection": how})

    def delay(
        self,
        action: str | None,
        seconds: float,
        *,
        times: int | None = None,
        skip: int = 0,
        params: Mapping[str, Any] | None = None,
    ) -> Fault:
        """Answers calls, chosen as by `fail`, so many seconds later, and truly."""
        ms = round(seconds * 1000)
        return self.add_fault({**_calls(action, times, skip, params), "DelayMs": ms})

    def clock(self) -> Clock:
        """Its clock, which signatures, rate limits and all times follow."""
        return self._ask("GET", "clock")

    def freeze_clock(self, now: datetime | str | None = None) -> Clock:
        """Stops it as it is, or at an aware datetime or RFC 3339 text."""
        return self._ask("PUT", "clock", {"Frozen": True} | ({"Now": _rfc3339(now)} if now else {}))

    def set_clock(self, now: datetime | str) -> Clock:
        """Lets it run on from then."""
        return self._ask("PUT", "clock", {"Now": _rfc3339(now)})

    def advance_clock(self, by: float | timedelta) -> Clock:
        """Puts it forward by so many seconds; one that stands still does so later."""
        seconds = by.total_seconds() if isinstance(by, timedelta) else by
        return self._ask("POST", "clock/advance", {"Ms": round(seconds * 1000)})

    def real_clock(self) -> Clock:
        """Lets it be the machine's."""
        return self._ask("PUT", "clock", {"Real": True})

    def announce(self, ha_vip_id: str, network_interface_id: str) -> dict[str, Any]:
        """Lets an interface have a HAVIP, as if it sent ARP; returns the HAVIP. EcmockError 409 if it may not."""
        body = {"NetworkInterfaceId": network_interface_id}
        return self._ask("POST", f"havips/{quote(ha_vip_id, safe='')}/announce", body)["HaVip"]

    def withdraw(self, ha_vip_id: str) -> dict[str, Any]:
        """Lets nobody have a HAVIP, and returns it."""
        return self._ask("POST", f"havips/{quote(ha_vip_id, safe='')}/withdraw")["HaVip"]

    def bind_address(self, ha_vip_id: str, address_id: str | None) -> dict[str, Any]:
        """Binds an EIP to a HAVIP, or none, and returns the HAVIP."""
        return self._ask("PUT", f"havips/{quote(ha_vip_id, safe='')}/address", {"AddressId": address_id})["HaVip"]


class Expectation:
    """Calls that a test expects of an account from now on; see `Account.expect`.

    Only calls after its creation count: those after number `since` of `Sequence`. As a context manager it verifies at
    the end of the block, unless the block raises. Without a `with`, the test calls `verify`.
    """

    def __init__(
        self,
        account: Account,
        action: str | None = None,
        params: Mapping[str, Any] | None = None,
        *,
        code: str | None = None,
        times: int | tuple[int, int | None] | None = None,
    ) -> None:
        self.account = account
        self.action = action
        self.params = params
        self.code = code
        self.times = times
        self.since = account._last_sequence()

    def verify(self) -> None:
        """Raises AssertionError, as `Account.assert_called` does, unless the calls up to now are as expected."""
        __tracebackhide__ = True
        self.account.assert_called(self.action, self.params, code=self.code, times=self.times, since=self.since)

    def __enter__(self) -> Expectation:
        return self

    def __exit__(self, raised: type[BaseException] | None, *_: object) -> None:
        __tracebackhide__ = True
        if raised is None:
            self.verify()


def _end(process: subprocess.Popen[str]) -> None:
    """Lets the guard end the server."""
    with suppress(OSError, ValueError):
        if process.stdin:
            process.stdin.write(".")  # not only closed, as a fork of this process may have it too
            process.stdin.close()


def _rfc3339(when: datetime | str | None) -> str | None:
    return when.isoformat() if isinstance(when, datetime) else when


def _calls(
    action: str | None, times: int | None, skip: int, params: Mapping[str, Any] | None, after: bool = False
) -> Rule:
    """Which calls a rule strikes, and when."""
    when: Literal["before", "after"] = "after" if after else "before"
    return {"Action": action, "Times": times, "Skip": skip, "Params": params or {}, "When": when}


def _is_same(one: Fault, other: Fault) -> bool:
    """Whether two are the same rule, whatever it has counted."""
    counts = {"Matches": 0, "Hits": 0}
    return {**one, **counts} == {**other, **counts}


def _bounds(times: int | tuple[int, int | None] | None) -> str:
    least, most = times if isinstance(times, tuple) else (times, times)
    if least is None:
        return "at least once"
    if least == most:
        return f"{least} times"
    return f"{least} times or more" if most is None else f"{least} to {most} times"


def _text(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)


def _line(call: Call) -> str:
    what = f"{call['Action'] or 'no action'} {_text(call['Params'])} -> {call['Code'] or 'no envelope'}"
    return f"{what} ({call['RequestId']})"


try:
    import pytest
except ImportError:  # It is of use without.
    pass
else:

    def _has_endpoint() -> bool:
        return bool(os.environ.get("ECMOCK_ENDPOINT"))

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(node: Any) -> None:
        """Starts one server for all workers of pytest-xdist."""
        if _has_endpoint():
            return
        if not hasattr(node.config, "_ecmock"):
            try:
                node.config._ecmock = Server().start()
            except StartError as error:
                raise pytest.UsageError(str(error)) from error
            node.config.add_cleanup(node.config._ecmock.stop)
        node.workerinput["ecmock_endpoint"] = node.config._ecmock.endpoint

    @pytest.fixture(scope="session")
    def ecmock_server(pytestconfig: pytest.Config) -> Iterator[Server]:
        """One server for the whole run, and for all its workers: at `ECMOCK_ENDPOINT`, or else started for it."""
        shared = getattr(pytestconfig, "workerinput", {}).get("ecmock_endpoint")
        with Server.at(shared) if shared or _has_endpoint() else Server() as server:
            yield server

    @pytest.fixture
    def ecmock_account(ecmock_server: Server, request: pytest.FixtureRequest) -> Account:
        """An account that no other test has, in this run or another."""
        test = re.sub(r"[^0-9A-Za-z]+", "-", request.node.name)[:64]
        return ecmock_server.account(f"{test}-{uuid.uuid4().hex[:8]}")
