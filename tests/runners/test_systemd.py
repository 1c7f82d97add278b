"""The units of the just-in-time service, read by systemd's own tools; no unit is started."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.runners import places

UNITS = places.JUST_IN_TIME / "systemd"
# systemd's own score, 0 (nothing is open) to 10. The job needs the network, a GPU, and code that
# is made at run time.
_MOST_EXPOSED = {"": 2.5, "-before": 1.5, "-after": 1.0}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A machine that has the units, and programs where the units say that they are."""
    root = tmp_path_factory.mktemp("root")
    shutil.copytree("/usr/lib/systemd/system", root / "usr/lib/systemd/system", symlinks=True)
    (root / "etc/systemd/system").mkdir(parents=True)
    for unit in UNITS.glob("*.service"):
        shutil.copy(unit, root / "etc/systemd/system")
    for program in (
        "usr/bin/systemctl",
        "usr/bin/python3",
        "opt/interlock-runner/venv/bin/python",
    ):
        (root / program).parent.mkdir(parents=True, exist_ok=True)
        (root / program).write_text("#!/bin/sh\n")
        (root / program).chmod(0o755)
    return root


def analyze(verb: str, root: Path, name: str, *more: str) -> subprocess.CompletedProcess[str]:
    command = [places.tool("systemd-analyze"), verb, f"--root={root}", "--man=no", *more, name]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("part", _MOST_EXPOSED)
def test_unit__is_sound(root: Path, part: str) -> None:
    done = analyze("verify", root, f"interlock-runner{part}@0.service")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("part", "most"), _MOST_EXPOSED.items())
def test_unit__is_closed(root: Path, part: str, most: float) -> None:
    done = analyze("security", root, f"interlock-runner{part}@0.service", "--offline=yes")
    match = re.search(r"Overall exposure level .*: ([\d.]+)", done.stdout)
    assert match, done.stderr
    assert float(match[1]) <= most


def settings(part: str) -> dict[str, list[str]]:
    text = (UNITS / f"interlock-runner{part}@.service").read_text().replace("\\\n", "")
    lines: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE):
        lines.setdefault(name, []).append(value)
    return lines


def test_units__the_credential_and_the_job_never_meet() -> None:
    job, before, after = (settings(part) for part in _MOST_EXPOSED)
    assert "LoadCredentialEncrypted" in before
    assert not {"LoadCredential", "LoadCredentialEncrypted"} & (set(job) | set(after))
    assert job["User"] == ["interlock-runner-%i"]
    assert before["User"] == after["User"] == ["interlock-keeper"]
    assert all("-/etc/interlock-runner" in each["InaccessiblePaths"][0] for each in (job, after))


@pytest.mark.parametrize("part", _MOST_EXPOSED)
def test_unit__has_no_rights_to_speak_of(part: str) -> None:
    held = settings(part)
    assert held["NoNewPrivileges"] == ["yes"]
    assert held["CapabilityBoundingSet"] == held["AmbientCapabilities"] == [""]
    assert held["ProtectSystem"] == ["strict"]
    assert held["PrivateTmp"] == ["yes"]
    assert "ReadWritePaths" not in held


def test_users__are_those_that_the_units_name(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    tool = places.tool("systemd-sysusers")
    subprocess.run(
        [tool, f"--root={tmp_path}", str(UNITS / "sysusers.conf")], check=True, timeout=60
    )
    users = [line.split(":") for line in (tmp_path / "etc/passwd").read_text().splitlines()]
    assert {user[0] for user in users} == {"interlock-keeper", "interlock-runner-0"}
    assert all(int(user[2]) > 0 and user[6].endswith("nologin") for user in users)
    folders = places.tool("systemd-tmpfiles")
    subprocess.run(
        [folders, f"--root={tmp_path}", "--create", str(UNITS / "tmpfiles.conf")],
        check=True,
        timeout=60,
    )
    made = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*/interlock-runner")}
    assert made == {"var/cache/interlock-runner", "etc/interlock-runner"}
