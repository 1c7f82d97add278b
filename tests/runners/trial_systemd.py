"""The just-in-time service for real: its units, started by a systemd of their own in a container.

It takes root, `systemd-nspawn` (`apt-get install systemd-container`) and a minute, so no test runs
it:

    sudo env PATH="$PATH" uv run --no-sync python -m tests.runners.trial_systemd

The container sees this machine's files through an overlay, and a network of its own with nothing
but a fake of GitHub's endpoint. A script stands for GitHub's runner: the first job looks around
and leaves things behind; the second one looks for them, and is then stopped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.runners import places

UNITS = places.JUST_IN_TIME / "systemd"
GITHUB = """\
import base64, http.server, json
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        said = json.dumps({"encoded_jit_config": base64.b64encode(b"one job").decode()}).encode()
        self.send_response(201)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)
http.server.HTTPServer(("127.0.0.1", 8099), Handler).serve_forever()
"""
# The MD5 of "data", and one that differs in its last digit.
OBJECT = "files/md5/8d/777f385d3dfec8815d20f7496026dc"
JOB = f"""\
#!/bin/bash
cache=$HOME/../dvc
may() {{ if "${{@:2}}" > /dev/null 2>&1; then echo "SAW $1 yes"; else echo "SAW $1 no"; fi; }}
echo "SAW user $(id -un)"
echo "SAW ticket $ACTIONS_RUNNER_INPUT_JITCONFIG"
echo "SAW rights $(grep CapEff /proc/self/status | cut -f2)"
echo "SAW others $(pgrep -u root | wc -l)"
may reads-credential cat /etc/interlock-runner/github.cred
may reads-settings cat /etc/interlock-runner/ticket.env
may writes-cache touch /var/cache/interlock-runner/dvc/x
may writes-system touch /etc/x
may new-namespace unshare -U true
may writable-code python3 -c 'import mmap; mmap.mmap(-1, 4096, prot=7)'
may finds-file test -e /tmp/planted -o -e "$HOME/planted" -o -e /dev/shm/planted
may finds-process pgrep --full planted-process
may finds-object test -e "$cache/{OBJECT}"
if [ -e "$cache/{OBJECT}" ]; then
  trap 'echo "SAW signal yes"; exit 0' INT TERM
  echo "SAW waiting yes"
  while true; do sleep 0.1; done
fi
touch /tmp/planted "$HOME/planted" /dev/shm/planted
mkdir -p "$cache/files/md5/8d"
printf data > "$cache/{OBJECT}"
printf lie > "$cache/{OBJECT[:-1]}d"
(exec -a planted-process sleep 1000) &
"""
COLLECT = """\
for _ in $(seq 120); do
  journalctl --unit interlock-runner@0 | grep -q 'SAW waiting' && break
  sleep 1
done
systemctl stop interlock-runner@0
journalctl --no-pager --output cat > /journal
find /var/cache/interlock-runner/dvc -type f -printf '%P\\n' > /kept
find /var/lib/interlock-runner/0 -mindepth 1 > /left
systemctl poweroff --force
"""
SERVICES = {
    "fake-github.service": "[Service]\nExecStart=/usr/bin/python3 /opt/github.py\n",
    "collect.service": "[Service]\nExecStart=/bin/sh /opt/collect.sh\n",
    "trial.target": "[Unit]\nRequires=basic.target\nAfter=basic.target\n"
    "Wants=fake-github.service interlock-runner@0.service collect.service\n",
}
ALWAYS = {
    "user": "interlock-runner-0",
    "ticket": "b25lIGpvYg==",
    "rights": "0000000000000000",
    "others": "0",
    "reads-credential": "no",
    "reads-settings": "no",
    "writes-cache": "no",
    "writes-system": "no",
    "new-namespace": "no",
    "writable-code": "yes",
    "finds-file": "no",
    "finds-process": "no",
}


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="interlock-trial-") as name,
        _machine(Path(name)) as root,
    ):
        _furnish(root)
        users = "systemd-sysusers && systemd-creds encrypt --with-key=host --name=github /key "
        _contained(root, "/bin/sh", "-c", users + "/etc/interlock-runner/github.cred && rm /key")
        _contained(root, "--boot", "systemd.unit=trial.target")
        journal = (root / "journal").read_text()
        lines = [line.split()[1:] for line in journal.splitlines() if line.startswith("SAW ")]
        first, second = dict(lines[: len(ALWAYS) + 1]), dict(lines[len(ALWAYS) + 1 :])
        _held("the first job", first, ALWAYS | {"finds-object": "no"})
        again = {"finds-object": "yes", "waiting": "yes", "signal": "yes"}
        _held("the second job", second, ALWAYS | again)
        _held("kept", (root / "kept").read_text().split(), [OBJECT])
        _held("left in the slot", (root / "left").read_text(), "")


def _held(what: str, observed: object, wanted: object) -> None:
    if observed != wanted:
        raise SystemExit(f"{what}: saw {observed!r}, not {wanted!r}")
    print(f"{what}: as it should be")


@contextmanager
def _machine(scratch: Path) -> Iterator[Path]:
    """This machine's files, to be written over without a trace."""
    for name in ("upper", "work", "root"):
        (scratch / name).mkdir()
    root = scratch / "root"
    options = f"lowerdir=/,upperdir={scratch / 'upper'},workdir={scratch / 'work'}"
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, str(root)], check=True)
    try:
        yield root
    finally:
        subprocess.run(["umount", str(root)], check=True)


def _furnish(root: Path) -> None:
    """Do what the guide says, and put the fakes in place."""
    settings, units = root / "etc/interlock-runner", root / "etc/systemd/system"
    programs, runner = root / "opt/interlock-runner", root / "opt/actions-runner"
    for folder in (settings, units, programs, runner):
        folder.mkdir(parents=True, exist_ok=True)
    for program in places.JUST_IN_TIME.glob("*.py"):
        shutil.copy(program, programs)
    for unit in UNITS.glob("*.service"):
        shutil.copy(unit, units)
    for kind in ("sysusers", "tmpfiles"):
        target = root / f"etc/{kind}.d/interlock-runner.conf"
        target.parent.mkdir(exist_ok=True)
        shutil.copy(UNITS / f"{kind}.conf", target)
    venv = str(programs / "venv")
    uv = ["uv", "pip", "install", "--quiet", "--python", venv, "pygithub>=2.10,<3"]
    subprocess.run(
        ["uv", "venv", "-q", "--relocatable", "-p", "/usr/bin/python3", venv], check=True
    )
    subprocess.run(uv, check=True)
    (settings / "ticket.env").write_text(
        "INTERLOCK_RUNNER_SCOPE=orgs/acme\nINTERLOCK_RUNNER_GROUP_ID=2\n"
        "INTERLOCK_RUNNER_LABELS=self-hosted,gpu\nGITHUB_API_URL=http://127.0.0.1:8099\n"
    )
    (root / "key").write_text("a token")
    (runner / "run.sh").write_text(JOB)
    (runner / "run.sh").chmod(0o755)
    (root / "opt/github.py").write_text(GITHUB)
    (root / "opt/collect.sh").write_text(COLLECT)
    for name, text in SERVICES.items():
        (units / name).write_text(text)


def _contained(root: Path, *words: str) -> None:
    nspawn = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network"]
    subprocess.run(
        [*nspawn, "--console=pipe", f"--directory={root}", *words],
        env=os.environ | {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
        check=True,
        timeout=240,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


if __name__ == "__main__":
    main()
