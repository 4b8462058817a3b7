#!/usr/bin/env python3
"""Records the calls that a program makes with an SDK.

usage: record.py --client NAME --package NAME --version VERSION --runtime TEXT [OPTION...] OUTPUT.jsonl -- COMMAND...

For each combination of signature method and HTTP method, runs COMMAND followed by the names of the checks. The program
calls ecmock through a proxy that keeps the bytes of each request. README.md in this folder describes the variables
that the program gets, and the file that is written. The variable ECMOCK_BIN is the path of ecmock, and defaults to
`ecmock` on the PATH.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from io import BufferedIOBase
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[2] / "clients/python"))
import ecmock

CHECKS = (
    *("demo", "vip", "notfound", "badkey", "filters", "empty"),
    *("network", "addresses", "true", "false", "chinese", "special"),
)
SCHEMES = [f"{sign}-{http}" for sign in ("TC3-HMAC-SHA256", "HmacSHA1", "HmacSHA256") for http in ("POST", "GET")]
PROGRAM_SECONDS_MAX = 120

Response = dict[str, Any]  # without the envelope


class Proxy(socketserver.ThreadingTCPServer):
    """A proxy that keeps each request and the `Response` of its answer, by request ID."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, listen: str, upstream: str) -> None:
        super().__init__(_address(listen), Relay)
        self.upstream = _address(upstream)
        self.exchanges: dict[str, tuple[bytes, Response]] = {}

    @property
    def host(self) -> str:
        """The address for clients. Port 80 is omitted, because the Ruby SDK rejects an endpoint with a port."""
        host, port = self.socket.getsockname()
        return str(host) if port == 80 else f"{host}:{port}"


class Relay(socketserver.StreamRequestHandler):
    """One connection of a client, with its own connection to the server."""

    server: Proxy

    def handle(self) -> None:
        with socket.create_connection(self.server.upstream) as upstream, upstream.makefile("rb") as responses:
            while request := _read_message(self.rfile, self.wfile):
                upstream.sendall(request)
                answer = _read_message(responses)
                while answer.startswith(b"HTTP/1.1 100 "):  # the request has `Expect: 100-continue`
                    answer = _read_message(responses)
                response = json.loads(answer.partition(b"\r\n\r\n")[2])["Response"]
                self.server.exchanges[response["RequestId"]] = request, response
                self.wfile.write(answer)


def main() -> int:
    options = _options()
    header = {
        "Client": options.client,
        "Package": options.package,
        "Version": options.version,
        "Runtime": options.runtime,
        "Date": datetime.now(timezone.utc).date().isoformat(),
    }
    lines: list[Mapping[str, object]] = [header]
    failed = 0
    with ecmock.Server(auth="verify", seed=1) as server, Proxy(options.listen, server.host) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        for scheme in options.only or SCHEMES:
            account = server.account(f"{options.output.stem}-{scheme}".lower())
            failed += _run(options.command, account, proxy.host, scheme)
            lines += _calls(account, proxy.exchanges)
        proxy.shutdown()
    if failed and not options.expect_failures:
        print(f"record.py: {failed} checks failed; {options.output} is not written", file=sys.stderr)
        return 1
    text = "".join(json.dumps(it, ensure_ascii=False, separators=(",", ":")) + "\n" for it in lines)
    options.output.write_text(text, encoding="utf-8")
    print(f"wrote {len(lines) - 1} calls to {options.output}; {failed} checks failed")
    return 0


def _options() -> argparse.Namespace:
    required = "--client NAME --package NAME --version VERSION --runtime TEXT"
    parser = argparse.ArgumentParser(
        usage=f"record.py {required} [OPTION...] OUTPUT.jsonl -- COMMAND...",
        description="Record the calls that a program makes with an SDK.",
    )
    parser.add_argument("--client", required=True, help="name of the SDK in ecmock's journal")
    parser.add_argument("--package", required=True, help="name of the SDK in its package registry")
    parser.add_argument("--version", required=True, help="version of the package")
    parser.add_argument("--runtime", required=True, help="versions of the language and its HTTP library")
    parser.add_argument("--listen", default="127.0.0.1:0", help="address of the proxy (default: a free port)")
    parser.add_argument("--only", action="append", choices=SCHEMES, help="scheme to record; repeatable (default: all)")
    parser.add_argument("--expect-failures", action="store_true", help="write the file even if checks fail")
    parser.add_argument("output", type=Path, help="file to write; its stem begins the names of the accounts")
    parser.add_argument("command", nargs="+", help="program that calls the SDK")
    return parser.parse_args()


def _run(command: list[str], account: ecmock.Account, endpoint: str, scheme: str) -> int:
    """Runs the program with one scheme, prints its output, and returns the number of checks that did not pass."""
    sign, _, http = scheme.rpartition("-")
    # A proxy of the environment would redirect calls.
    env = {name: value for name, value in os.environ.items() if not re.fullmatch(r"(?i)(https?|all)_proxy", name)}
    env |= {"ECM_ENDPOINT": endpoint, "ECM_SCHEME": "http", "ECM_AUTH": "verify"}
    env |= {"ECM_ID": account.secret_id, "ECM_KEY": account.secret_key, "ECM_SIGN": sign, "ECM_METHOD": http}
    print(f"== {account.name}", flush=True)
    program = subprocess.run([*command, *CHECKS], env=env, stdout=subprocess.PIPE, timeout=PROGRAM_SECONDS_MAX)
    output = program.stdout.decode(errors="replace")
    print(output, end="", flush=True)
    if program.returncode:
        raise subprocess.CalledProcessError(program.returncode, command)
    passed = re.findall(r"^PASS (\S+)", output, re.MULTILINE)
    return len(set(CHECKS) - set(passed))


def _calls(account: ecmock.Account, exchanges: Mapping[str, tuple[bytes, Response]]) -> Iterator[dict[str, object]]:
    """Yields the calls of an account, in the order of its journal."""
    for call in account.calls():
        request, response = exchanges[call["RequestId"]]
        line: dict[str, object] = {
            "Account": account.name,
            "Time": re.sub(r"\.\d+", "", call["Time"]),
            "Request": request.decode(),
            "Code": call["Code"],
        }
        if created := _created(response):
            line["Created"] = created
        if diagnosis := call["Signature"]["Diagnosis"]:
            line["Diagnosis"] = diagnosis["Name"]
        yield line


def _created(response: Response) -> list[str]:
    """Returns the IDs of the resources that a call created."""
    ids = [response.get(name, {}).get(f"{name}Id") for name in ("HaVip", "Vpc", "Subnet")]
    ids += response.get("AddressSet", [])  # IDs, or objects if the addresses existed before
    return [it for it in ids if isinstance(it, str)]


def _read_message(stream: BufferedIOBase, client: BufferedIOBase | None = None) -> bytes:
    """Reads a request or response. Returns no bytes at the end of the connection.

    `client` is where a request comes from: it can wait for an interim response before it sends the body.
    """
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline()
        if not line:
            return b""
        head += line
    if re.search(rb"(?im)^transfer-encoding:", head):
        raise ValueError(f"chunked messages cannot be recorded: {head!r}")
    if client and re.search(rb"(?im)^expect: *100-continue", head):
        client.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    length = re.search(rb"(?im)^content-length: *(\d+)", head)
    return head + stream.read(int(length[1]) if length else 0)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host, int(port)


if __name__ == "__main__":
    sys.exit(main())
