"""What a program that drives the sandbox did wrong; GitHub's own errors are HTTP answers."""

from __future__ import annotations


class SandboxError(Exception):
    """A call of the sandbox's Python API that cannot be done; `hint` says what to do instead."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InvalidCall(SandboxError):
    """An argument is wrong, or the call comes at the wrong time."""


class UnknownName(SandboxError):
    """No account or repository has this name."""
