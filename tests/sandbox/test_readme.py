"""The example of the README, and `python -m github_sandbox`."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx

import github_sandbox

README = Path(github_sandbox.__file__).with_name("README.md")


def test_example__of_the_readme_runs(tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(example, str(README), "exec"), {"tmp_path": tmp_path})  # noqa: S102 - ours


def test_program__serves_until_it_is_interrupted(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "github_sandbox", str(tmp_path / "state")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url, token = process.stdout.readline().strip(), process.stdout.readline().split()[1]
        headers = {"Authorization": f"Bearer {token}"}
        repository = httpx.get(f"{url}/api/repos/acme/models", headers=headers).json()
        assert repository["permissions"]["admin"]
        process.send_signal(signal.SIGINT)
    assert process.returncode == 0
