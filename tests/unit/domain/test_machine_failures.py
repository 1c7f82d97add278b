"""What a machine did to a program is no result of its inputs; what the program did itself is."""

from __future__ import annotations

import pytest

from interlock.domain.training import machine_failures

FAILED = "'python train.py' of stage train ended with status {}"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (137, "killed"),
        (-9, "killed"),
        (143, "terminated"),
        (-15, "terminated"),
        (130, "interrupted"),
        (129, "went away"),
        (135, "memory that it shares"),
    ],
)
def test_find__a_signal_from_outside(status: int, words: str) -> None:
    assert words in machine_failures.find(FAILED.format(status), "epoch 3")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("OSError: [Errno 28] No space left on device: 'model.bin'", "disk is full"),
        ("OSError: [Errno 122] Disk quota exceeded", "quota"),
        ("MemoryError", "memory ran out"),
        ("MemoryError: Unable to allocate 74.5 GiB for an array", "memory ran out"),
        ("terminate called after throwing an instance of 'std::bad_alloc'", "memory ran out"),
        ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB", "GPU's memory"),
        ("RuntimeError: DataLoader worker (pid 7) is killed by signal: Killed.", "was killed"),
        ("RuntimeError: CUDA error: unspecified launch failure", "GPU failed"),
        ("ConnectionRefusedError: [Errno 111] Connection refused", "network failed"),
        ("socket.gaierror: [Errno -3] Temporary failure in name resolution", "network failed"),
    ],
)
def test_find__the_last_words_of_a_program(line: str, words: str) -> None:
    tail = f"epoch 3\nTraceback (most recent call last):\n{line}\n\n"
    assert words in machine_failures.find(FAILED.format(1), tail)


@pytest.mark.parametrize(
    ("status", "tail"),
    [
        (1, "ValueError: Input X contains NaN"),
        (1, ""),
        (3, "memory: 3 GB"),
        (139, "Segmentation fault"),
        (-11, ""),
        (134, "Aborted"),
        (127, "python3.99: not found"),
        # What a program survived has not ended it.
        (1, "CUDA out of memory: a smaller batch\n" + "epoch\n" * 9 + "KeyError: 'lr'"),
    ],
)
def test_find__what_would_fail_again_is_a_result(status: int, tail: str) -> None:
    assert machine_failures.find(FAILED.format(status), tail) == ""


def test_find__of_a_command_that_holds_our_words_the_last_status_counts() -> None:
    reason = "'echo ended with status 137' of stage train ended with status 1"
    assert machine_failures.find(reason, "") == ""


def test_find__without_a_status_the_words_count() -> None:
    assert machine_failures.find("the set-up commands broke", "MemoryError") == "memory ran out"
