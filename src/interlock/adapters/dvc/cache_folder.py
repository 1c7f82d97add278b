"""Prints where the cache of a training lies: `python -m ….cache_folder SETTINGS`, a folder that is
read as a training reads it; the rest comes on standard input."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from interlock.adapters.dvc import config

if __name__ == "__main__":
    print(config.of_training(Path(sys.argv[1]), json.load(sys.stdin))["cache"]["dir"])
