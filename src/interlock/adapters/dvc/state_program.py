"""The process that looks at a DVC repository: `python -m ….state_program FOLDER [write]`.

The last line of standard output is a JSON document with the fields of DataFacts.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import uuid
from typing import Any

from dvc.repo import Repo
from dvc.repo.brancher import switch

_CONTENT = b"interlock doctor"


def main(folder: str, *, with_write: bool) -> dict[str, Any]:
    """Return the facts up to the first step that fails."""
    # DVC leaves its lock and its index in the repository; a check changes nothing there.
    os.chdir(folder)
    try:
        repo = Repo(folder)
        with switch(repo, "HEAD"):
            wanted = {info for infos in repo.used_objs().values() for info in infos}
    except Exception as error:  # noqa: BLE001 - each failure of DVC is a line of the result
        return {"load_error": _reason(error)}
    try:
        remote = repo.cloud.get_remote(command="status")
    except Exception:  # noqa: BLE001 - as above
        return {}
    facts: dict[str, Any] = {"url": _shown(remote), "files": len(wanted)}
    try:
        # The root is read also if no file is wanted.
        remote.fs.exists(remote.path)
        status = repo.cloud.status(wanted)
    except Exception as error:  # noqa: BLE001 - as above
        return {**facts, "read_error": _reason(error)}
    facts |= {"missing": _names(status.missing), "unpushed": _names(status.new)}
    return facts | (_write(remote) if with_write else {})


def _write(remote: Any) -> dict[str, Any]:
    path = remote.fs.join(remote.path, f"interlock-doctor-{uuid.uuid4().hex}")
    try:
        remote.fs.makedirs(remote.path, exist_ok=True)
        with remote.fs.open(path, "wb") as file:
            file.write(_CONTENT)
        remote.fs.remove(path)
    except Exception as error:  # noqa: BLE001 - as above
        return {"writes": False, "write_error": _reason(error)}
    return {"writes": True}


def _names(infos: Any) -> list[str]:
    return sorted({str(info.obj_name or info.value) for info in infos})


def _shown(remote: Any) -> str:
    return str(remote.fs.unstrip_protocol(remote.path))


def _reason(error: BaseException | None) -> str:
    """Return the causes of an error in one line."""
    texts, cause = [], error
    while cause is not None:
        texts.append(" ".join(str(cause).split()) or type(cause).__name__)
        cause = cause.__cause__
    return ": ".join(dict.fromkeys(texts))


if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):
        _facts = main(sys.argv[1], with_write=sys.argv[2:] == ["write"])
    print(json.dumps(_facts))
