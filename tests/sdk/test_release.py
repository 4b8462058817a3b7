"""The release: its notes, its packages, and the workflow that publishes them."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
CARGO = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
NODE = json.loads((ROOT / "clients/node/package.json").read_text(encoding="utf-8"))
WORKFLOWS = {it.stem: it.read_text(encoding="utf-8") for it in (ROOT / ".github/workflows").iterdir()}
JOBS = yaml.safe_load(WORKFLOWS["release"])["jobs"]
TARGETS = [it["target"] for it in JOBS["build"]["strategy"]["matrix"]["include"]]
CHANGELOG = """# Changelog

## 1.2.0 - Unreleased

- A line
  that is wrapped.
- Another.

### Part

A paragraph
of two lines.

## 1.1.0 - 2026-01-31

The first release.
"""


def repository(folder, version="1.2.0", changelog=CHANGELOG, npm=None):
    """Copies the scripts into a folder with the files that they read."""
    for name in ("notes", "collect"):
        script = folder / f".ci/{name}"
        script.parent.mkdir(exist_ok=True)
        script.write_bytes((ROOT / f".ci/{name}").read_bytes())
        script.chmod(0o755)
    (folder / "Cargo.toml").write_text(f'[package]\nname = "ecmock"\nversion = "{version}"\n')
    (folder / "CHANGELOG.md").write_text(changelog)
    (folder / "clients/node").mkdir(parents=True)
    package = {"version": version, "optionalDependencies": {"@ecmock/linux-x64": npm or version}}
    (folder / "clients/node/package.json").write_text(json.dumps(package))
    return folder


def run(script, *arguments):
    return subprocess.run([script, *arguments], capture_output=True, encoding="utf-8", timeout=60)


def error(*command):
    ran = run(*command)
    assert ran.returncode == 1
    return ran.stderr


def test_the_notes_are_the_section_of_the_version(tmp_path):
    ran = run(repository(tmp_path) / ".ci/notes")
    assert (ran.returncode, ran.stdout) == (
        0,
        "- A line that is wrapped.\n- Another.\n\n### Part\n\nA paragraph of two lines.\n",
    )


def test_the_last_section_ends_with_the_changelog(tmp_path):
    ran = run(repository(tmp_path, version="1.1.0") / ".ci/notes", "v1.1.0")
    assert (ran.returncode, ran.stdout) == (0, "The first release.\n")


@pytest.mark.parametrize(
    "changes, tag, expected",
    [
        ({}, "v1.2.0", "CHANGELOG.md: the date of 1.2.0 is `Unreleased`"),
        ({}, "v1.1.0", "the tag is `v1.1.0`; expected `v1.2.0`"),
        ({"version": "1.3.0"}, None, "CHANGELOG.md has no section for 1.3.0"),
        ({"version": "1x1.0"}, None, "CHANGELOG.md has no section for 1x1.0"),
        ({"changelog": "## 1.2.0 - 2026-01-31\n\n## 1.1.0 - 2026-01-31\n\nText.\n"}, None, "section for 1.2.0 is empty"),
        ({"npm": "1.1.0"}, None, "version 1.1.0 of @ecmock/linux-x64; Cargo.toml has 1.2.0"),
    ],
)
def test_notes_of_a_wrong_version_are_an_error(tmp_path, changes, tag, expected):
    assert expected in error(repository(tmp_path, **changes) / ".ci/notes", *([tag] if tag else []))


def test_this_version_has_notes():
    ran = run(ROOT / ".ci/notes")
    assert ran.returncode == 0, ran.stderr
    assert "\n### " in ran.stdout and "\n## " not in ran.stdout


def builds(folder):
    """Writes the files that .ci/dist leaves on each platform."""
    for target, name in zip(TARGETS, packages_of_npm()):
        build = folder / f"builds/build-{target}"
        build.mkdir(parents=True)
        suffix = "zip" if "windows" in target else "tar.gz"
        for file in (f"1.2.0-{target}.{suffix}", "1.2.0.tar.gz", f"1.2.0-py3-none-{target}.whl", "1.2.0.tgz"):
            (build / f"ecmock-{file}").write_text(target)
        (build / f"ecmock-{name}-1.2.0.tgz").write_text(target)
    return folder / "builds"


def packages_of_npm():
    """The packages of npm for the targets, in their order."""
    systems = {"linux": "linux", "darwin": "darwin", "windows": "win32"}
    machines = {"x86_64": "x64", "aarch64": "arm64"}
    parts = [it.split("-") for it in TARGETS]
    return [f"{systems[system]}-{machines[machine]}" for machine, _, system, *_ in parts]


def test_the_packages_are_sorted_by_registry(tmp_path):
    script = repository(tmp_path) / ".ci/collect"
    ran = run(script, builds(tmp_path), tmp_path)
    assert ran.returncode == 0, ran.stderr
    archives, python, node = ([*(tmp_path / it).iterdir()] for it in ("archives", "python", "node"))
    assert (len(archives), len(python), len(node)) == (6, 6, 6)
    assert (tmp_path / "python/ecmock-1.2.0.tar.gz").read_text() == TARGETS[0]
    checked = subprocess.run(["sha256sum", "--check", "SHA256SUMS"], cwd=tmp_path / "archives", capture_output=True)
    assert checked.returncode == 0 and checked.stdout.count(b": OK") == 5


def test_a_missing_or_unknown_package_is_an_error(tmp_path):
    script, folder = repository(tmp_path) / ".ci/collect", builds(tmp_path)
    extra = folder / f"build-{TARGETS[0]}/ecmock-1.1.0.tgz"
    extra.write_text("")
    assert f"build-{TARGETS[0]} has unknown packages: ecmock-1.1.0.tgz" in error(script, folder, tmp_path)
    extra.unlink()
    (folder / f"build-{TARGETS[1]}/ecmock-1.2.0-{TARGETS[1]}.tar.gz").unlink()
    assert f"build-{TARGETS[1]} has 0 packages ecmock-1.2.0-{TARGETS[1]}.tar.gz" in error(script, folder, tmp_path)


def test_the_npm_client_depends_on_the_package_of_each_platform():
    assert NODE["optionalDependencies"].keys() == {f"@ecmock/{it}" for it in packages_of_npm()}


def test_cargo_binstall_finds_the_archives():
    [default, windows] = re.findall(r'^pkg-url = "(.+)"$', CARGO, re.MULTILINE)
    assert "[package.metadata.binstall.overrides.x86_64-pc-windows-msvc]" in CARGO
    [folder] = re.findall(r'^bin-dir = "(.+)"$', CARGO, re.MULTILINE)
    values = {"repo": "REPO", "version": "1.2.0", "name": "ecmock", "target": "T", "bin": "ecmock", "binary-ext": ""}
    found = [re.sub(r"\{ (\S+) \}", lambda it: values[it[1]], text) for text in (default, windows, folder)]
    assert found == [
        "REPO/releases/download/v1.2.0/ecmock-1.2.0-T.tar.gz",
        "REPO/releases/download/v1.2.0/ecmock-1.2.0-T.zip",
        "ecmock-1.2.0-T/ecmock",
    ]


def test_the_github_action_installs_the_archives_of_linux_and_macos():
    script = (ROOT / ".github/action/start.sh").read_text(encoding="utf-8")
    assert re.findall(r"triple=(\S+)", script) == [it for it in TARGETS if "windows" not in it]


def test_only_a_tag_publishes():
    workflow = yaml.safe_load(WORKFLOWS["release"])
    assert workflow["permissions"] == {}
    assert workflow[True] == {"push": {"tags": ["v*"]}, "pull_request": None}  # `on` is a boolean of YAML 1.1
    for name, job in JOBS.items():
        if name.startswith("publish-"):
            assert (job["if"], job["environment"]) == ("github.event_name == 'push'", "release"), name
            assert {"packages", "image"} <= {*job["needs"]}, name
        else:
            assert "if" not in job and job["permissions"] == {"contents": "read"}, name


def test_actions_have_one_version():
    actions = [ROOT / "action.yml", ROOT / "upload-journal/action.yml"]
    texts = [*WORKFLOWS.values(), *(it.read_text(encoding="utf-8") for it in actions)]
    used = {tuple(it.split("@")) for text in texts for it in re.findall(r"uses: (\S+)", text)}
    assert len(used) == len({name for name, _ in used})
    assert all(re.fullmatch(r"v\d+\.\d+\.\d+", version) for _, version in used)
