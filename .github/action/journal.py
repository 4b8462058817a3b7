#!/usr/bin/env python3
"""Saves the journal and the verdict of every account, and the log of the server, for upload-journal/action.yml.

usage: journal.py      needs the variables of a runner, and ECMOCK_ENDPOINT
Leaves journal.json with the calls of each account, verdict.xml with the verdict of each account as JUnit XML, and
server.log if action.yml started the server, in $RUNNER_TEMP/ecmock/journal.
"""

import json
import os
import shutil
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree
from pathlib import Path

FOLDER = Path(os.environ["RUNNER_TEMP"]) / "ecmock"
OUT = FOLDER / "journal"
# A proxy would redirect the calls.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    log = FOLDER / "server.log"
    if log.exists():  # first, because a server that has ended has no journal
        shutil.copy(log, OUT)
    names = [it["Name"] for it in json.loads(get("accounts"))["Accounts"]]
    journal = {name: json.loads(get("requests", account=name))["Requests"] for name in names}
    (OUT / "journal.json").write_text(json.dumps(journal, indent=2) + "\n", encoding="utf-8")
    suites = ElementTree.Element("testsuites")
    for name in names:
        suites.extend(ElementTree.fromstring(get("verdict", account=name, format="junit")))
    ElementTree.ElementTree(suites).write(OUT / "verdict.xml", encoding="utf-8", xml_declaration=True)


def get(path, **query):
    url = f"{os.environ['ECMOCK_ENDPOINT']}/_ecmock/{path}?{urllib.parse.urlencode(query)}"
    with OPENER.open(url, timeout=30) as response:
        return response.read()


main()
