"""What a machine says of itself, and what is used of it, with and without GPUs."""

from __future__ import annotations

import http.server
import os
import platform
import sys
import threading
import time
import venv
from collections.abc import Iterable
from email.utils import formatdate
from importlib import metadata
from pathlib import Path

import pytest

from interlock.adapters import machine
from interlock.adapters.machine import gpu_nvml, probes
from interlock.adapters.machine.gpu_watch import GpuWatch
from interlock.domain.model.gpus import GpuDriver, GpuReading
from interlock.domain.training.interpreters import Launch
from interlock.domain.training.preflight import Torch
from interlock.ports.machine import Description
from tests.fakes.gpus import MIB, FakeGpu, FakeGpus

TWO = FakeGpus(
    (
        FakeGpu("GPU-a", name="NVIDIA H200", busy_percent=100),
        FakeGpu("GPU-b", name="NVIDIA H200", busy_percent=0),
    )
)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose programs come first; NVML, which a real GPU would have, is kept out."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(gpu_nvml, "find", lambda: None)
    return tmp_path


def install(programs: Path, name: str, script: str) -> None:
    program = programs / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def describe(
    *words: str, script: str = "", visible: str | None = None, env: dict[str, str] | None = None
) -> Description:
    launch = Launch("it", "", words=words, script=script) if words or script else None
    local_machine = machine.LocalMachine(visible=visible)
    return local_machine.describe(launch, tree=Path("/"), env=os.environ if env is None else env)


def test_describe__versions_are_those_that_the_packages_themselves_tell() -> None:
    description = describe(sys.executable)
    assert description.python == platform.python_version()
    assert description.cpu
    for name in ("dvc", "mlflow", "scikit-learn"):
        assert description.packages[name] == metadata.version(name)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with one package and one console script; its programs' folder."""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder, with_pip=False, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    for name, version in (("Their_Package", "1.2.3"), ("pandas", "0.0.1")):
        info = packages / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    scripts = {
        "fit": f"#!{folder}/bin/python\nimport them\n",
        "long": f"#!/bin/sh\n'''exec' {folder}/bin/python \"$0\" \"$@\"\n' '''\nimport them\n",
        "by-env": "#!/usr/bin/env python\nimport them\n",
        "shell": "#!/bin/bash\npython train.py\n",
        "binary": "\x7fELF",
    }
    for name, text in scripts.items():
        (folder / "bin" / name).write_text(text)
        (folder / "bin" / name).chmod(0o755)
    return folder / "bin"


@pytest.mark.parametrize("script", ["", "fit", "long", "by-env"])
def test_describe__packages_are_those_of_the_program_on_path(elsewhere: Path, script: str) -> None:
    """Not ours: another pandas is named than the one that this test runs with."""
    env = {"PATH": f"{elsewhere}:/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path)}
    description = describe(script=script, env=env) if script else describe("python", env=env)
    assert description.packages == {"their-package": "1.2.3", "pandas": "0.0.1"}
    assert description.python == platform.python_version()


@pytest.mark.parametrize("script", ["shell", "binary", "absent", "./absent"])
def test_describe__a_script_without_python_has_no_version(elsewhere: Path, script: str) -> None:
    description = describe(script=script, env={"PATH": f"{elsewhere}:/usr/bin:/bin"})
    assert (description.python, description.packages) == ("", {})


def test_describe__a_python_that_does_not_answer(programs: Path) -> None:
    install(programs, "python", "echo no; exit 3")
    description = describe("python")
    assert (description.python, description.packages) == ("", {})
    assert describe("absent-manager", "run", "python").python == ""


def test_describe__gpus_and_their_driver(programs: Path) -> None:
    TWO.smi(programs)
    description = describe()
    assert (description.gpu, description.driver) == ("NVIDIA H200, NVIDIA H200", "590.44.01")
    hidden = describe(visible="1")
    assert hidden.gpu == "NVIDIA H200"


@pytest.mark.parametrize("script", ["exit 9", "echo 'No devices were found'"])
def test_describe__a_gpu_program_without_a_gpu(programs: Path, script: str) -> None:
    install(programs, "nvidia-smi", script)
    description = describe()
    assert (description.gpu, description.driver) == ("", "")


def test_inspect__what_the_program_will_see(programs: Path, tmp_path: Path) -> None:
    TWO.smi(programs)
    install(programs, "python", """echo 'a warning'; echo '["2.15.0", "13.2", "sm_80 sm_90"]'""")
    log = "[1.0] NVRM: Xid (PCI:0000:3b:00): 79, pid=123, GPU has fallen off the bus."
    install(programs, "dmesg", f"echo '{log}'")
    machine_facts = machine.LocalMachine(visible="1", runner_version="2.330.0").inspect(
        folder=tmp_path, gpus=1
    )
    assert [gpu.uuid for gpu in machine_facts.gpus] == ["GPU-b"]
    assert machine_facts.driver == GpuDriver("590.44.01", (13, 1))
    assert machine_facts.torch == Torch("2.15.0", "13.2", ("sm_80", "sm_90"))
    assert machine_facts.xids == (79,)
    assert (machine_facts.disk_free_bytes or 0) > 0
    assert machine_facts.runner_version == "2.330.0"


@pytest.mark.parametrize("script", ["echo null", "exit 1", "echo 'no JSON'", "true"])
def test_inspect__a_program_without_torch(programs: Path, tmp_path: Path, script: str) -> None:
    TWO.smi(programs)
    install(programs, "python", script)
    install(programs, "dmesg", "exit 1")
    machine_facts = machine.LocalMachine().inspect(folder=tmp_path, gpus=1)
    assert machine_facts.torch is None
    assert machine_facts.xids == ()


def test_inspect__of_a_training_without_gpus_asks_for_none(programs: Path, tmp_path: Path) -> None:
    TWO.smi(programs)
    install(programs, "python", "touch asked")
    machine_facts = machine.LocalMachine().inspect(folder=tmp_path, gpus=0)
    assert (machine_facts.gpus, machine_facts.torch, machine_facts.xids) == ((), None, ())


def test_torch__is_read_from_a_real_python(programs: Path) -> None:
    """One without torch; the words that it is asked by are Python's, at least."""
    install(programs, "python", f'exec {sys.executable} -S "$@"')
    assert probes.torch() is None


def test_inspect__a_clock_that_is_off(tmp_path: Path) -> None:
    class Server(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response_only(401)
            self.send_header("Date", formatdate(time.time() - 100, usegmt=True))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        servers = [url, "http://127.0.0.1:1", "sqlite:///mlflow.db"]
        machine_facts = machine.LocalMachine(servers=servers).inspect(folder=tmp_path, gpus=0)
    [(address, skew)] = machine_facts.skews
    assert address == url
    assert skew == pytest.approx(100, abs=30)


def test_watch__what_a_program_used(programs: Path) -> None:
    TWO.smi(programs)
    with machine.LocalMachine().watch(gpus=2) as watch:
        assert watch.use is not None
        before = watch.use.seconds
    assert watch.use is not None
    assert watch.use.count == 2
    assert watch.use.seconds > before == 0
    assert (watch.use.busy, watch.use.peak_memory_bytes) == (0.5, 4 * MIB)


def test_watch__looks_again_and_again() -> None:
    """Until it is over, and once more then."""

    class Source:
        seconds_between_looks = 0.0
        looks = 0
        many = threading.Event()

        def read(self, indices: Iterable[int]) -> tuple[GpuReading, ...]:
            self.looks += 1
            if self.looks > 3:
                self.many.set()
            return tuple(GpuReading(1.0, self.looks, float(self.looks)) for _ in indices)

    source = Source()
    with GpuWatch(source, [0]) as watch:
        assert source.many.wait(30)
    assert watch.use is not None
    assert watch.use.peak_memory_bytes == source.looks
    assert watch.use.energy_joules == source.looks - 1


@pytest.mark.parametrize("gpus", [0, 2])
def test_watch__without_a_gpu_there_is_nothing(programs: Path, gpus: int) -> None:
    install(programs, "nvidia-smi", "exit 9")
    with machine.LocalMachine().watch(gpus=gpus) as watch:
        pass
    assert watch.use is None
