"""Python client of ecmock: starts a server or attaches to one, and controls its accounts.

    with ecmock.Server() as server:
        account = server.account()  # an isolated cloud
        ...  # point an SDK at server.host, with account.secret_id and account.secret_key
        account.fail("CreateHaVip", "InternalError", times=1)
        account.wait_for("CreateHaVip", "OK", timeout=5)
        with account.expect("CreateHaVip", times=2):
            ...  # two calls of CreateHaVip
        account.assert_called("CreateHaVip", {"HaVipName": "web"}, times=2)

The module `ecmock.pytest_plugin` has the fixtures `ecmock_server` and `ecmock_account`. pytest loads it if the package is
installed. The package requires Python 3.10 or later on Linux, macOS, or another POSIX system, and no other package.

Methods return the server's JSON unchanged, under the server's names. Durations are in seconds. Methods that send a
request raise `EcmockError` if the server refuses it, and `OSError` if the server cannot be reached.
"""

# mypy: disable-error-code=no-any-return
from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sysconfig
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from typing import IO, Any, Literal, TypedDict
from urllib.parse import quote, urlencode, urlsplit

__all__ = ["CHECKS", "Account", "EcmockError", "Expectation", "Gate", "Server", "StartError"]

ANSWER_SECONDS_MAX = 30
END_SECONDS_MAX = 5
CALLS_SHOWN_MAX = 3
CHECKS = ("leaks", "faults", "expectations", "rate", "retries")  # of a verdict


class EcmockError(Exception):
    """The server refused a request."""

    def __init__(self, status: int, code: str, message: str, problems: Sequence[str] = ()) -> None:
        super().__init__("\n  ".join([f"{status} {code}: {message}", *problems]))
        self.status = status  # HTTP status
        self.code = code  # for example `NotFound`
        self.message = message
        self.problems = list(problems)  # of a fixture, each with its JSON path


class StartError(Exception):
    """The server could not be found, did not start, or did not respond. Includes its stderr."""


class Client(TypedDict):
    """The client of a call. `Name` is that of a known SDK (`Python`, `tccli`, `Node`, ...)."""

    Name: str | None
    Version: str | None
    RequestClient: str | None
    UserAgent: str | None


class Diagnosis(TypedDict):
    """The mistake in a signature: its name, and an explanation in one or two sentences."""

    Name: str
    Text: str


class Explanation(TypedDict, total=False):
    """The computed texts of a signature that is wrong, or that is for a host other than the one called."""

    Valid: bool
    Scheme: str
    SignedHost: str
    CanonicalRequest: str
    StringToSign: str
    Candidates: list[str]
    Diagnosis: Diagnosis


class Signature(TypedDict):
    """The signature of a call. `Verdict` is `unchecked`, `valid`, or `invalid`."""

    Scheme: str | None
    Verdict: str
    Diagnosis: Diagnosis | None


class Call(TypedDict):
    """A call in the journal. `Code` is an error code or `OK`, or None if the response had no envelope.

    `TraceId` is that of the W3C header `traceparent`, or None if the call has no valid one. `OwnCode` is the code of the
    call itself, which a fault rule can replace, or None if the call did not run. `Created` has the IDs of the resources
    that the call created.
    """

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
    TraceId: str | None
    DurationUs: int
    Signature: Signature
    Warning: str | None
    FaultId: str | None
    OwnCode: str | None
    Created: list[str]


class CallInFull(Call):
    """A call with all details. `Explanation` is None if the signature is valid or was not checked."""

    Explanation: Explanation | None


class Difference(TypedDict):
    """A difference from the expected call. `Path` is `Action`, `Code`, `Trace`, or a parameter: `Filters.0.Name`."""

    Path: str
    Expected: Any
    Got: Any


class Miss(TypedDict):
    """A call that differs from an expectation, or exceeds its count.

    If `Differences` is empty, the call matches and is one too many.
    """

    RequestId: str
    Differences: list[Difference]


class Verification(TypedDict):
    """Whether calls were as expected, and how many matched.

    If too few calls matched, `Nearest` has those with the fewest differences. If too many matched, it has some of them.
    """

    Ok: bool
    Matched: int
    Nearest: list[Miss]


class Rule(TypedDict, total=False):
    """A fault rule.

    It requires `Error` (`Code`, `Message`), `Http` (`Status`, `Body`), `Connection`, `DelayMs`, or `Hold`.
    """

    Action: str | None
    Params: Mapping[str, Any]
    Skip: int
    Times: int | None
    Probability: float
    When: Literal["before", "after"]
    Error: Mapping[str, str | None]
    DelayMs: int
    Hold: Literal["checked", "committed"]
    HoldMs: int
    Http: Mapping[str, int | str]
    Connection: Literal["reset", "close", "hang", "truncate"]
    Force: bool


class _ActiveRule(Rule, total=False):
    Held: list[str]


class Fault(_ActiveRule):
    """A fault rule of an account, with the number of calls that matched it and the number that it was applied to.

    A rule with `Hold` also has `Held`: the request IDs of the calls that it holds now, oldest first.
    """

    Id: str
    Matches: int
    Hits: int


class Clock(TypedDict):
    """The time (RFC 3339) and mode (`real`, `offset`, or `frozen`) of an account. A frozen clock has no offset."""

    Now: str
    Mode: str
    OffsetMs: int | None


class Codes(TypedDict):
    """The documented codes that calls of an action returned. `Summary` is, for example, `7 of 10`."""

    Action: str
    Calls: int
    Ok: int
    Summary: str
    Met: dict[str, int]
    NotMet: list[str]
    Other: dict[str, int]


class Retries(TypedDict):
    """The attempts of one request: calls of one action with equal parameters.

    `GapsMs` are the times between them by the account's clock. `RetriedInVain` has the codes that depend only on the
    request, and that the client retried. `Succeeded` counts the attempts that took effect. `Created` has the IDs of the
    resources that each attempt created, and `Duplicates` those of attempts after the first success.
    """

    Action: str
    Params: dict[str, Any]
    Attempts: int
    GapsMs: list[int]
    Codes: list[str | None]
    RequestIds: list[str]
    RetriedInVain: list[str]
    Succeeded: int
    Created: list[list[str]]
    Duplicates: list[str]


class Hidden(TypedDict, total=False):
    Id: str
    ReadsLeft: int
    VisibleAt: str


class Visibility(TypedDict):
    VisibleAfter: str
    Hidden: list[Hidden]


class AddedExpectation(TypedDict):
    """An expectation that the verdict checks. Members that are None match any call."""

    Action: str | None
    Params: dict[str, Any]
    Code: str | None
    Trace: str | None
    Times: int | dict[str, int | None]
    Since: int


class UnmetExpectation(AddedExpectation, Verification):
    """An unmet expectation, also as `Text` with the nearest calls."""

    Text: str


class Creator(TypedDict):
    """The call that created a resource. Only `RequestId` is set if the journal no longer has the call."""

    RequestId: str
    Sequence: int | None
    Action: str | None
    Time: str | None


class Leak(TypedDict):
    """A resource that a call created, and that still exists."""

    Id: str
    Kind: str
    Call: Creator


class FaultFindings(TypedDict):
    """The fault rules that no call has reached, and those that hold calls."""

    Unused: list[Fault]
    Held: list[Fault]


class BusySecond(TypedDict):
    """A second of the account's clock with more calls of an action than `Limit`."""

    Action: str
    Second: str
    Calls: int
    Limit: int


class Assumption(TypedDict):
    """A row of the fidelity page that no source states."""

    Id: str
    Text: str


class Verdict(TypedDict):
    """The verdict of an account. See `Account.verdict`.

    `Failed` has the checks with findings that fail the verdict, and `Ignored` those that do not. `Report` is the findings
    as text.
    """

    Account: str
    Ok: bool
    Failed: list[str]
    Ignored: list[str]
    Report: str
    LeakCount: int
    Leaks: list[Leak]
    Faults: FaultFindings
    Expectations: list[UnmetExpectation]
    Rate: list[BusySecond]
    Retries: list[Retries]
    Codes: list[Codes]
    Assumptions: list[Assumption]


class Server:
    """An ecmock server: a process on a free port, or a running server (see `Server.at`).

    A `with` block starts the server and stops it at the end. The server also stops if this process is killed.

    binary: path or name of the program. Defaults to the variable `ECMOCK_BIN`, then to the program that is installed
        with this package, then to `ecmock` on the PATH.
    fixtures, faults: paths of files. The fixture "none" is an empty cloud.
    secret_key: key that the accounts of `Server.account` sign with.
    credentials: additional credentials, each "ID:KEY" or "ID:KEY@ACCOUNT".
    quotas: numbers by name, for example {"havips-per-vpc": 2}.
    clock: time of a frozen clock, as an aware datetime or RFC 3339 text.
    state_dir: directory that keeps the state of accounts for the next server.
    settle, visible_after, rate_limit: values of the flags with these names.
    args: additional command-line flags.
    start_seconds: time limit for the server to become ready.

    Options that are omitted here default to the environment (`ECMOCK_...`), except the credentials.
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
        visible_after: int | str | None = None,
        rate_limit: int | str | None = None,
        faults: Sequence[str | os.PathLike[str]] = (),
        state_dir: str | os.PathLike[str] | None = None,
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
            "visible-after": [visible_after],
            "rate-limit": [rate_limit],
            "fault": faults,
            "state-dir": [os.fspath(state_dir) if state_dir else None],
        }
        self._args = ["--stop-on-stdin-eof"]  # stdin closes when this process ends, even if it is killed
        self._args += [f"--{name}={it}" for name, values in options.items() for it in values if it is not None]
        self._args += args
        self._endpoint: str | None = None
        self._process: subprocess.Popen[str] | None = None
        self._log_file: IO[bytes] | None = None  # while the server runs
        self._log = ""  # stderr of the last run

    @classmethod
    def at(cls, endpoint: str | None = None, *, secret_key: str = "ecmock") -> Server:
        """Returns the server that runs at `endpoint`, which defaults to the variable `ECMOCK_ENDPOINT`.

        `stop` has no effect on it. Raises StartError if no server answers.
        """
        endpoint = endpoint or os.environ.get("ECMOCK_ENDPOINT") or ""
        if not re.fullmatch(r"http://[^/]+/?", endpoint):
            raise StartError(f"invalid endpoint {endpoint!r}; expected, for example, http://127.0.0.1:7190")
        server = cls(secret_key=secret_key)
        server._endpoint = endpoint.rstrip("/")
        try:
            health = server.health()
            if not isinstance(health, dict) or health.get("Status") != "ready":
                raise ValueError("the response is not that of ecmock")
        except (EcmockError, OSError, http.client.HTTPException, ValueError) as error:
            raise StartError(f"no ecmock server answers at {endpoint}: {error}") from error
        return server

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Server:
        """Starts the server and waits until it is ready. Has no effect on a running server. Raises StartError."""
        if self._endpoint:
            return self
        binary = _find(self._binary or os.environ.get("ECMOCK_BIN"))
        self._log_file = tempfile.TemporaryFile()  # a pipe would fill up
        try:
            self._process = subprocess.Popen(
                [binary, *self._args],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log_file,
                encoding="utf-8",
                start_new_session=True,  # keeps Ctrl-C from the server: tests that clean up may still call it
            )
            self._endpoint = self._await_ready(binary)
        except BaseException:
            self.stop()
            raise
        return self

    def _await_ready(self, binary: str) -> str:
        """Waits for `Ready.`, and returns the endpoint."""
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
        how = f"was not ready after {self._start_seconds} s" if is_late else f"exited with status {code}"
        raise StartError(f"{binary} {how}; its output:\n{said}{self.log}".rstrip())

    def stop(self) -> int | None:
        """Stops a server that `start` started, and returns its exit status.

        The status is 0 if all calls in flight were answered in time.
        """
        code = None
        if self._process:
            code = _end(self._process)
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe:
                    pipe.close()
            self._endpoint = self._process = None
        if self._log_file:
            self._log = self.log
            self._log_file.close()
            self._log_file = None
        return code

    @property
    def endpoint(self) -> str:
        """The URL of the server, for example http://127.0.0.1:7190."""
        if not self._endpoint:
            raise StartError("the server has not been started")
        return self._endpoint

    @property
    def host(self) -> str:
        """The endpoint without its scheme, for example 127.0.0.1:7190."""
        return urlsplit(self.endpoint).netloc

    @property
    def log(self) -> str:
        """The server's stderr since its last start, one line per call. Empty if `start` did not start the server."""
        if not self._log_file:
            return self._log
        file = self._log_file.fileno()
        # Reads at an explicit offset, as the server shares the offset of the file.
        return os.pread(file, os.fstat(file).st_size, 0).decode(errors="replace")

    def account(self, name: str | None = None) -> Account:
        """Returns the account `name` (at most 128 bytes), or a new account. Each account is an isolated cloud."""
        return Account(self, name or uuid.uuid4().hex)

    def account_named(self, name: str) -> Account:
        """Returns the account `name`, which has 1 to 128 bytes."""
        return Account(self, name)

    def accounts(self) -> list[dict[str, Any]]:
        """Returns all accounts: `Name`, and the numbers of `Requests` and `Faults`."""
        return self._ask("GET", "accounts")["Accounts"]

    def forget(self, name: str) -> None:
        """Deletes an account. Raises EcmockError 404 if it does not exist."""
        self._ask("DELETE", f"accounts/{quote(name, safe='')}")

    def actions(self) -> list[dict[str, Any]]:
        """Returns all actions of the product: `Name`, `Emulated`, `Parameters`, `Codes`, `GatewayCodes`."""
        return self._ask("GET", "actions")["Actions"]

    def action(self, name: str) -> dict[str, Any]:
        """Returns an action with its `Example` and `Errors`.

        The `Example` is a request that succeeds in the built-in demo; only emulated actions have one. An error is
        `natural` if a `Request` triggers it, and `injectable` if only a `Fault` does.
        """
        return self._ask("GET", f"actions/{quote(name, safe='')}")

    def health(self) -> dict[str, Any]:
        """Returns `Status`, `Version`, and `UptimeMs`."""
        return self._ask("GET", "health")

    def metrics(self) -> str:
        """Returns metrics of all accounts since the start, in the Prometheus text format."""
        return self._send("GET", "metrics").decode()

    def ca_pem(self) -> str:
        """Returns the certificate of the CA, which clients must trust to use HTTPS."""
        return self._send("GET", "ca.pem").decode()

    def _ask(self, method: str, path: str, body: object = None, seconds: float = 0, **query: object) -> Any:
        return json.loads(self._send(method, path, body, seconds, **query))

    def _send(self, method: str, path: str, body: object = None, seconds: float = 0, **query: object) -> bytes:
        """Sends a request to the admin API. `seconds` is added to the usual time limit."""
        given = {name: value for name, value in query.items() if value is not None}
        # Connects directly: a proxy of the environment does not apply.
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
    """One account of a server. Calls that are signed with its `secret_id` and `secret_key` use it.

    If an `action` is None, any action matches. `params` match a call partially: members that they omit can have any
    value, a list must have the same length, and None matches a member that is absent.
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
        """Resets resources, calls, faults, clock, and rate limits to their initial state."""
        self._ask("POST", "reset")

    def state(self) -> dict[str, Any]:
        """Returns all resources as a fixture: `VpcSet`, `SubnetSet`, `HaVipSet`, and so on."""
        return self._ask("GET", "state")

    def replace_state(self, fixture: Mapping[str, Any]) -> list[str]:
        """Replaces all resources, and returns warnings.

        Raises EcmockError 422, with `problems`, if the fixture is invalid.
        """
        return self._ask("PUT", "state", fixture)["Warnings"]

    def merge_state(self, fixture: Mapping[str, Any]) -> list[str]:
        """Adds the resources of a fixture. They replace those with the same IDs. See also `replace_state`."""
        return self._ask("PATCH", "state", fixture)["Warnings"]

    def calls(
        self,
        action: str | None = None,
        code: str | None = None,
        *,
        trace: str | None = None,
        since: int = 0,
        limit: int | None = None,
    ) -> list[Call]:
        """Returns calls, oldest first, that ended with `code` (or `OK`) and have a `Sequence` greater than `since`.

        `trace` is the `TraceId` of the calls: 32 hexadecimal digits.
        """
        query = {"action": action, "code": code, "trace": trace, "since": since, "limit": limit}
        return self._ask("GET", "requests", **query)["Requests"]

    requests = calls  # the older name

    def call(self, request_id: str) -> CallInFull:
        """Returns the call with a request ID. Raises EcmockError 404 if it does not exist."""
        return self._ask("GET", f"requests/{quote(request_id, safe='')}")

    request = call  # the older name

    def clear_calls(self) -> int:
        """Removes all calls from the journal, and returns their number."""
        return self._ask("DELETE", "requests")["Deleted"]

    forget_requests = clear_calls  # the older name

    def _last_sequence(self) -> int:
        """Returns the `Sequence` of the latest call, or 0 if the journal is empty."""
        oldest = self._ask("GET", "requests", limit=1)
        if not oldest["Requests"]:
            return 0
        # A reset during a call leaves a gap in the numbers, so the latest number can be greater.
        least = oldest["Requests"][0]["Sequence"] + oldest["Total"] - 1
        latest = self.calls(since=least - 1)
        return latest[-1]["Sequence"] if latest else least

    def wait_for(
        self,
        action: str | None = None,
        code: str | None = None,
        *,
        trace: str | None = None,
        since: int = 0,
        timeout: float = 10,
    ) -> Call:
        """Returns the first call that `calls` would return. Waits until there is such a call.

        Raises TimeoutError after `timeout`, which is at most 600.
        """
        query = {"action": action, "code": code, "trace": trace, "since": since, "limit": 1}
        wait_ms = round(timeout * 1000)
        found = self._ask("GET", "requests", seconds=timeout, wait_ms=wait_ms, **query)["Requests"]
        if found:
            return found[0]
        expected = " -> ".join(filter(None, [action or "call", code])) + (f" of trace {trace}" if trace else "")
        others = [f"  call: {_line(it)}" for it in self.calls(since=since)[-CALLS_SHOWN_MAX:]]
        raise TimeoutError("\n".join([f"no {expected} within {timeout} s", *others]))

    def codes(self, action: str | None = None) -> list[Codes]:
        """Returns the documented codes that the calls of each action returned, and those that they did not."""
        return self._ask("GET", "requests", action=action, summary="codes")["Actions"]

    def call_action(self, action: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Calls an action without a signature, and returns its response, which has an `Error` if the call failed."""
        return self._ask("POST", "call", {"Action": action, "Params": params or {}})["Response"]

    def retries(self, action: str | None = None, *, attempts: int = 2, since: int = 0) -> list[Retries]:
        """Returns the requests with at least `attempts` attempts, in the order of their first attempts."""
        return self._ask("GET", "retries", action=action, attempts=attempts, since=since)["Retries"]

    def assert_retried(
        self,
        action: str | None = None,
        *,
        attempts: int | tuple[int, int | None] | None = None,
        gap_ms: int | tuple[int, int | None] | None = None,
        succeeded: int | tuple[int, int | None] | None = None,
        duplicates: int | tuple[int, int | None] | None = None,
        since: int = 0,
    ) -> None:
        """Raises AssertionError if a request of the action was not retried as expected, or if there was no request.

        Each argument is a number or a pair of bounds, and is not checked if it is None. `gap_ms` is the time from each
        attempt to the next. `succeeded` is the number of attempts that took effect, and `duplicates` the number of
        resources that attempts after the first success created. The message lists the attempts.
        """
        __tracebackhide__ = True
        bounds = {"Attempts": attempts, "GapMs": gap_ms, "Succeeded": succeeded, "Duplicates": duplicates}
        expected = {name: _times(it) for name, it in bounds.items()}
        found = self._ask("POST", "retries/verify", {"Action": action, "Since": since, **expected})
        if not found["Ok"]:
            raise AssertionError("\n".join(found["Problems"]))

    def verify(
        self,
        action: str | None = None,
        params: Mapping[str, Any] | None = None,
        *,
        code: str | None = None,
        trace: str | None = None,
        times: int | tuple[int, int | None] | None = None,
        since: int = 0,
    ) -> Verification:
        """Checks how many calls match. `times` is a number or a pair of bounds, and defaults to at least once.

        Only calls with a `Sequence` greater than `since` count.
        """
        return self._ask("POST", "verify", _expected(action, params, code, trace, times, since))

    def assert_called(
        self,
        action: str | None = None,
        params: Mapping[str, Any] | None = None,
        *,
        code: str | None = None,
        trace: str | None = None,
        times: int | tuple[int, int | None] | None = None,
        since: int = 0,
    ) -> None:
        """Raises AssertionError if `verify` finds too few or too many calls.

        If too few calls match, the message lists the nearest calls and their differences. If too many match, it lists
        some of them.
        """
        __tracebackhide__ = True
        found = self.verify(action, params, code=code, trace=trace, times=times, since=since)
        if found["Ok"]:
            return
        expected = [action or "any call", _text(params) if params else "", f"-> {code}" if code else ""]
        expected.append(f"of trace {trace}" if trace else "")
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
        trace: str | None = None,
        times: int | tuple[int, int | None] | None = None,
    ) -> Expectation:
        """Expects calls from now until the end of a `with` block, or until `Expectation.verify`.

        The arguments are those of `assert_called`.
        """
        return Expectation(self, action, params, code=code, trace=trace, times=times)

    def add_expectation(
        self,
        action: str | None = None,
        params: Mapping[str, Any] | None = None,
        *,
        code: str | None = None,
        trace: str | None = None,
        times: int | tuple[int, int | None] | None = None,
        since: int = 0,
    ) -> AddedExpectation:
        """Adds an expectation that the verdict checks, until a reset. The arguments are those of `verify`."""
        return self._ask("POST", "expectations", _expected(action, params, code, trace, times, since))

    def expectations(self) -> list[AddedExpectation]:
        """Returns the expectations that the verdict checks."""
        return self._ask("GET", "expectations")["Expectations"]

    def clear_expectations(self) -> int:
        """Removes all expectations that the verdict checks, and returns their number."""
        return self._ask("DELETE", "expectations")["Deleted"]

    def verdict(self, *, fail: Sequence[str] | None = None) -> Verdict:
        """Returns the verdict: resources that are left, unused fault rules, calls above the documented rate, and so on.

        `fail` names the `CHECKS` that fail it, and defaults to leaks, faults, and expectations.
        """
        return self._ask("GET", "verdict", fail=_names(fail))

    def verdict_junit(self, *, fail: Sequence[str] | None = None) -> str:
        """Returns the verdict as JUnit XML: a test suite with a test per check."""
        return self.server._send("GET", "verdict", account=self.name, format="junit", fail=_names(fail)).decode()

    def assert_verdict(self, *, fail: Sequence[str] | None = None) -> None:
        """Raises AssertionError with the findings if a check of `verdict` fails."""
        __tracebackhide__ = True
        found = self.verdict(fail=fail)
        if not found["Ok"]:
            raise AssertionError(found["Report"])

    def faults(self) -> list[Fault]:
        """Returns the fault rules, in the order they are tried."""
        return self._ask("GET", "faults")["Faults"]

    def add_fault(self, rule: Rule) -> Fault:
        """Adds a fault rule after all others. Raises EcmockError 400 if the rule is invalid."""
        return self._ask("POST", "faults", rule)

    def remove_fault(self, fault_id: str) -> None:
        """Removes a fault rule. Raises EcmockError 404 if it does not exist."""
        self._ask("DELETE", f"faults/{quote(fault_id, safe='')}")

    @contextmanager
    def scoped(self, fault: Fault) -> Iterator[Fault]:
        """Removes a fault rule at the end of a `with` block, if it still exists.

        with account.scoped(account.fail("CreateHaVip", "InternalError")) as fault:
            ...
        """
        try:
            yield fault
        finally:
            self._remove_same(fault)

    def _remove_same(self, fault: Fault) -> None:
        """Removes a fault rule, if it still exists."""
        # A reset numbers rules from 1 again, so another rule may have the id by now.
        if any(_is_same(it, fault) for it in self.faults()):
            try:
                self.remove_fault(fault["Id"])
            except EcmockError as error:
                if error.status != 404:
                    raise

    def clear_faults(self) -> int:
        """Removes all fault rules, and returns their number."""
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
        """Adds a rule that makes calls fail with an error code of the action.

        The rule applies to calls that match `params`: it lets the first `skip` of them through, then applies `times`
        times, or always if `times` is None. If `after` is set, the call takes effect and only its response is replaced.
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
        """Adds a rule that answers calls with an HTTP status from 200 to 599, as a proxy would. See also `fail`."""
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
        """Adds a rule that cuts connections. See also `fail`.

        "hang" sends no response and keeps the connection open. "truncate" sends a part of the response.
        """
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
        """Adds a rule that delays the real responses of calls. See also `fail`."""
        ms = round(seconds * 1000)
        return self.add_fault({**_calls(action, times, skip, params), "DelayMs": ms})

    def hold(
        self,
        action: str | None,
        at: Literal["checked", "committed"] = "checked",
        *,
        seconds: float = 60,
        times: int | None = None,
        skip: int = 0,
        params: Mapping[str, Any] | None = None,
    ) -> Gate:
        """Adds a rule that holds calls until they are released, and removes it at the end of a `with` block.

        A call is held before it runs, or with "committed" after it ran. It is held for at most `seconds`, up to 600. See
        also `fail`.

        with account.hold("DeleteSubnet", times=1) as gate:
            ...  # another thread calls DeleteSubnet
            gate.wait()
            ...  # the call has not run yet
            gate.release()
        """
        rule: Rule = {**_calls(action, times, skip, params), "Hold": at, "HoldMs": round(seconds * 1000)}
        return Gate(self, self.add_fault(rule))

    def visibility(self) -> Visibility:
        """Returns when Describe calls show created resources, and the resources that are hidden."""
        return self._ask("GET", "visibility")

    def set_visible_after(self, delay: int | str) -> Visibility:
        """Sets when Describe calls show the resources that later calls create.

        delay: a number of Describe calls of the resource's kind that do not show it, or a duration of the account's
            clock such as "1500ms", "2s", or "5m". 0 shows all resources.
        """
        return self._ask("PUT", "visibility", {"VisibleAfter": delay})

    def clock(self) -> Clock:
        """Returns the clock, which determines signatures, rate limits, and all times."""
        return self._ask("GET", "clock")

    def freeze_clock(self, now: datetime | str | None = None) -> Clock:
        """Freezes the clock at its current time, or at an aware datetime or RFC 3339 text."""
        return self._ask("PUT", "clock", {"Frozen": True} | ({"Now": _rfc3339(now)} if now else {}))

    def set_clock(self, now: datetime | str) -> Clock:
        """Sets the clock, which continues to run."""
        return self._ask("PUT", "clock", {"Now": _rfc3339(now)})

    def advance_clock(self, by: float | timedelta) -> Clock:
        """Advances the clock by a duration. A frozen clock stays frozen."""
        seconds = by.total_seconds() if isinstance(by, timedelta) else by
        return self._ask("POST", "clock/advance", {"Ms": round(seconds * 1000)})

    def real_clock(self) -> Clock:
        """Sets the clock to the time of the machine."""
        return self._ask("PUT", "clock", {"Real": True})

    def announce(self, ha_vip_id: str, network_interface_id: str) -> dict[str, Any]:
        """Makes an interface announce a HAVIP, as by ARP, and returns the HAVIP.

        Raises EcmockError 409 if the interface cannot announce it.
        """
        body = {"NetworkInterfaceId": network_interface_id}
        return self._ask("POST", f"havips/{quote(ha_vip_id, safe='')}/announce", body)["HaVip"]

    def withdraw(self, ha_vip_id: str) -> dict[str, Any]:
        """Withdraws a HAVIP and returns it."""
        return self._ask("POST", f"havips/{quote(ha_vip_id, safe='')}/withdraw")["HaVip"]

    def bind_address(self, ha_vip_id: str, address_id: str | None) -> dict[str, Any]:
        """Binds an EIP to a HAVIP, or unbinds its EIP if `address_id` is None. Returns the HAVIP."""
        return self._ask("PUT", f"havips/{quote(ha_vip_id, safe='')}/address", {"AddressId": address_id})["HaVip"]


class Expectation:
    """Calls that a test expects from now on. See `Account.expect`.

    Only calls with a `Sequence` greater than `since` count. As a context manager, it verifies at the end of the block,
    except if the block raises. Without a `with` block, the test calls `verify`.
    """

    def __init__(
        self,
        account: Account,
        action: str | None = None,
        params: Mapping[str, Any] | None = None,
        *,
        code: str | None = None,
        trace: str | None = None,
        times: int | tuple[int, int | None] | None = None,
    ) -> None:
        self.account = account
        self.action = action
        self.params = params
        self.code = code
        self.trace = trace
        self.times = times
        self.since = account._last_sequence()

    def verify(self) -> None:
        """Raises AssertionError if the calls so far are not as expected. See `Account.assert_called`."""
        __tracebackhide__ = True
        self.account.assert_called(
            self.action, self.params, code=self.code, trace=self.trace, times=self.times, since=self.since
        )

    def __enter__(self) -> Expectation:
        return self

    def __exit__(self, raised: type[BaseException] | None, *_: object) -> None:
        __tracebackhide__ = True
        if raised is None:
            self.verify()


class Gate:
    """A fault rule that holds calls. See `Account.hold`."""

    def __init__(self, account: Account, fault: Fault) -> None:
        self.account = account
        self.fault = fault
        self._path = f"faults/{quote(fault['Id'], safe='')}"

    def held(self) -> list[str]:
        """Returns the request IDs of the calls that are held now, oldest first."""
        return self.account._ask("GET", self._path)["Held"]

    def wait(self, calls: int = 1, *, timeout: float = 10) -> list[str]:
        """Returns what `held` returns. Waits until at least `calls` calls are held.

        Raises TimeoutError after `timeout`, which is at most 600, and EcmockError 404 if the rule is removed.
        """
        wait_ms = round(timeout * 1000)
        rule = self.account._ask("GET", self._path, seconds=timeout, wait_ms=wait_ms, held=calls)
        if len(rule["Held"]) >= calls:
            return rule["Held"]
        counts = f"{rule['Id']} holds {len(rule['Held'])} of {calls} calls after {timeout} s"
        others = [f"  call: {_line(it)}" for it in self.account.calls()[-CALLS_SHOWN_MAX:]]
        raise TimeoutError("\n".join([f"{counts} (matches: {rule['Matches']}, hits: {rule['Hits']})", *others]))

    def release(self, calls: int | None = None) -> int:
        """Lets the oldest `calls` held calls go on, or all if `calls` is None. Returns how many were released."""
        return self.account._ask("POST", f"{self._path}/release", {"Calls": calls})["Released"]

    def remove(self) -> None:
        """Removes the rule, if it still exists. The calls that it holds go on."""
        self.account._remove_same(self.fault)

    def __enter__(self) -> Gate:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


def _find(wanted: str | None) -> str:
    """Returns the path of the program `wanted`, which defaults to the one that is installed with this package."""
    installed = [sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)]
    path = shutil.which(wanted) if wanted else shutil.which("ecmock", path=os.pathsep.join(installed))
    if not path:
        name = wanted or "ecmock"
        raise StartError(f"program {name!r} not found; set the argument `binary` or the variable ECMOCK_BIN")
    return path


def _end(process: subprocess.Popen[str]) -> int:
    """Stops a process and its children, and returns its exit status. The program can be a script."""
    _signal(process, signal.SIGTERM)
    try:
        return process.wait(END_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        _signal(process, signal.SIGKILL)
        return process.wait()


def _signal(process: subprocess.Popen[str], number: signal.Signals) -> None:
    """Sends a signal to the process group of a process that has not been waited for."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)


def _rfc3339(when: datetime | str | None) -> str | None:
    return when.isoformat() if isinstance(when, datetime) else when


def _calls(
    action: str | None, times: int | None, skip: int, params: Mapping[str, Any] | None, after: bool = False
) -> Rule:
    """Returns the members of a rule that select calls."""
    when: Literal["before", "after"] = "after" if after else "before"
    return {"Action": action, "Times": times, "Skip": skip, "Params": params or {}, "When": when}


def _expected(
    action: str | None,
    params: Mapping[str, Any] | None,
    code: str | None,
    trace: str | None,
    times: int | tuple[int, int | None] | None,
    since: int,
) -> dict[str, Any]:
    """Returns an expectation as JSON."""
    bounds = {"min": times[0], "max": times[1]} if isinstance(times, tuple) else times
    expected = {"Action": action, "Params": params, "Code": code, "Trace": trace, "Times": bounds}
    expected["Since"] = since or None
    return {name: value for name, value in expected.items() if value is not None}


def _names(checks: Sequence[str] | None) -> str | None:
    return None if checks is None else ",".join(checks)


def _is_same(one: Fault, other: Fault) -> bool:
    """Whether two rules are the same, apart from their counts and held calls."""
    changing: dict[str, Any] = {"Matches": 0, "Hits": 0, "Held": []}
    return {**one, **changing} == {**other, **changing}


def _times(times: int | tuple[int, int | None] | None) -> dict[str, int | None] | int | None:
    return {"min": times[0], "max": times[1]} if isinstance(times, tuple) else times


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
