"""Run the demo with the workflow files under act: `python -m tests.act.demo FOLDER`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from interlock import cli
from interlock.demo import results, run_steps
from interlock.demo.run_steps import DemoOptions
from tests.act.runner import ActRunner


def main(folder: Path) -> int:
    folder.mkdir()
    options = DemoOptions(new_runner=ActRunner.prepared, provenance="required")
    result = run_steps.run(folder.resolve(), _interlock, options)
    print(json.dumps(results.document(result)))
    return 0 if result.passed else 1


def _interlock(arguments: list[str]) -> object:
    return cli.group.main(arguments, standalone_mode=False)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
