"""Finds the failure of a machine that ended a program, from its exit status and its last output."""

from __future__ import annotations

import re

_STATUS = re.compile(r"ended with status (-?\d+)(?!.*ended with status)", re.DOTALL)
# POSIX shells report 128 + the signal's number, subprocess its negative.
_SIGNALS = {
    1: "its terminal or its runner went away",
    2: "it was interrupted",
    7: "memory that it shares, or a file that it maps, could not grow",
    9: "it was killed, as the kernel does when memory runs out",
    15: "it was terminated",
}
_WORDS = {
    r"No space left on device|Errno 28\b": "the disk is full",
    r"Disk quota exceeded|Errno 122\b": "the disk's quota is used up",
    r"\bMemoryError\b|Cannot allocate memory|Errno 12\b|std::bad_alloc": "memory ran out",
    r"CUDA out of memory|OutOfMemoryError|CUDA_ERROR_OUT_OF_MEMORY": "the GPU's memory ran out",
    r"is killed by signal: (Killed|Bus error)": "a process of it was killed",
    r"\bECC error|CUDA error: unspecified launch failure|Xid\b": "the GPU failed",
    r"Connection (refused|reset|timed out)|Name or service not known"
    r"|Temporary failure in name resolution|Network is unreachable": "the network failed",
}
_LAST_LINES = 5


def find(reason: str, log_tail: str) -> str:
    """Return the failure of the machine that ended a program; "" if the program itself failed, and
    would fail again.

    `reason` is a sentence with its status. Only the last lines of the log count: a program that
    continued after an error was not ended by it.
    """
    status = _STATUS.search(reason)
    code = int(status[1]) if status else 0
    number = -code if code < 0 else code - 128
    if number in _SIGNALS:
        return _SIGNALS[number]
    lines = [line for line in log_tail.splitlines() if line.strip()]
    last = "\n".join(lines[-_LAST_LINES:])
    return next((sentence for words, sentence in _WORDS.items() if re.search(words, last)), "")
