"""Compiles inner loops with Numba, and runs them on as many cores as this process may use."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba.core import event

from optimiser.basics.kept import stamped

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile at the first call, without the interpreter lock; kept on disk where the disk allows."""
    return _compiled(function)


def in_place(function: F) -> F:
    """
    The same for functions that make no arrays, only change those they are given.

    Numba then leaves out the counting of references, which costs far more than the work itself where a small
    function is handed many arrays.
    """
    return _compiled(function, _nrt=False)


def summing(function: F) -> F:
    """The same as `in_place` for long sums of finite numbers, which may be taken in any order: several at once."""
    return _compiled(function, _nrt=False, fastmath={"reassoc", "nsz", "nnan"})


def inlined(function: F) -> F:
    """Compile into whoever calls it: for small functions of the innermost loops that are handed many arrays."""
    return cast("F", numba.njit(inline="always", nogil=True, _nrt=False)(function))


@inlined
def whole(number: int) -> int:
    """The number as a plain 64-bit integer, so that functions are not compiled once more for another kind of it."""
    return int(np.int64(number))


def _compiled(function: F, **options: Any) -> F:
    try:
        with stamped():
            made = numba.njit(cache=True, nogil=True, **options)(function)
    except RuntimeError:
        # Numba refuses to cache when neither the package's folder nor the user's may be written, as in a container
        # with a read-only file system; then each process compiles for itself.
        made = numba.njit(nogil=True, **options)(function)
    return cast("F", made)


@contextmanager
def told_compiling(tell: Callable[[], None]) -> Iterator[None]:
    """Call `tell` once, as soon as anything has to be compiled in the block, in any thread; not where it is on disk."""
    with event.install_listener("numba:compile", _First(tell)):
        yield


class _First(event.Listener):  # type: ignore[misc]
    """Tells of the first thing that begins."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell: Callable[[], None] | None = tell

    def on_start(self, _event: event.Event) -> None:
        """Tell, unless that is done."""
        tell, self._tell = self._tell, None
        if tell is not None:
            tell()

    def on_end(self, _event: event.Event) -> None:
        """Say nothing."""


def available_cores() -> int:
    """Cores that this process may use; a container often allows fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_blocks(work: Callable[[int, int], None], count: int, *, block: int, threads: int | None = None) -> None:
    """Call `work(first, last)` for blocks of 0..count on all cores; for compiled work that lets go of the lock."""
    with ThreadPoolExecutor(threads or available_cores()) as pool:
        list(pool.map(lambda first: work(first, min(first + block, count)), range(0, count, block)))
