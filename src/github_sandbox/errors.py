"""Errors of the Python API; GitHub's own errors are HTTP responses."""

from __future__ import annotations


class SandboxError(Exception):
    """A call of the Python API failed; `hint` is the advice."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InvalidCall(SandboxError):
    """An argument is not valid, or the call is not allowed now."""


class UnknownName(SandboxError):
    """There is no account or repository with this name."""
