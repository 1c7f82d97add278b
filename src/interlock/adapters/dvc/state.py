"""Starts a process of DVC that looks at a repository and its remote."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from interlock.domain.doctor.data_lines import DataFacts
from interlock.domain.training import training_environment

_PATIENCE_SECONDS = 120


class DvcProcessState:
    """DVC prints, locks and caches, so that it gets a process of its own."""

    def inspect(self, root: Path, *, folder: str, with_write: bool) -> DataFacts:
        """See ports.dvc_state."""
        name = "interlock.adapters.dvc.state_program"
        command = [
            sys.executable,
            "-I",
            "-m",
            name,
            str(root / folder),
            "write" if with_write else "",
        ]
        try:
            done = subprocess.run(
                command,
                env={**training_environment.without_job(os.environ), "DVC_NO_ANALYTICS": "1"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PATIENCE_SECONDS,
                check=True,
            )
            answer = json.loads(done.stdout.splitlines()[-1])
        except subprocess.TimeoutExpired:
            return DataFacts(folder, load_error=f"no answer in {_PATIENCE_SECONDS} seconds")
        except (OSError, subprocess.SubprocessError, ValueError, IndexError) as error:
            return DataFacts(folder, load_error=f"the process of DVC failed: {error}")
        answer |= {key: tuple(answer.get(key, ())) for key in ("missing", "unpushed")}
        return DataFacts(folder, **answer)
