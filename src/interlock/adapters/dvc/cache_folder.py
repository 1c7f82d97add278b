"""Prints the cache folder of a training: `python -m ….cache_folder SETTINGS`. The folder SETTINGS
is read as a training reads it; the rest comes on standard input."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from interlock.adapters.dvc import config

if __name__ == "__main__":
    print(config.of_training(Path(sys.argv[1]), json.load(sys.stdin))["cache"]["dir"])
