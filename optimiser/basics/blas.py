"""
Holds the linear algebra of NumPy and SciPy to one thread.

OpenBLAS takes all cores and waits for them awake. Beside a thread of ours that searches, its steps then take several
times as long as on one core. Other libraries (MKL, Accelerate) are left as they are.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module

LIBRARIES = ("numpy.linalg._umath_linalg", "scipy.linalg._fblas")
"""Modules that are linked to linear algebra, in wheels each to an OpenBLAS of its own."""
NAMES = tuple(
    (f"{maker}openblas_get_num_threads{kind}", f"{maker}openblas_set_num_threads{kind}")
    for maker in ("", "scipy_")
    for kind in ("", "64_")
)
"""What OpenBLAS calls the number of its threads, by who built it."""

Before = list[tuple[Callable[[int], object], int]]
"""How to tell each library its number of threads, and what that was."""

_lock = threading.Lock()
_holders: list[Before] = []


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """For the whole process, until the last of those that hold it lets go; nothing where there is no OpenBLAS."""
    with _lock:
        before = _holders[0] if _holders else [(put, get()) for get, put in _found()]
        _holders.append(before)
        for put, _ in before:
            put(1)
    try:
        yield
    finally:
        with _lock:
            _holders.pop()
            if not _holders:
                for put, threads in before:
                    put(threads)


def _found() -> Iterator[tuple[Callable[[], int], Callable[[int], object]]]:
    """How each library tells the number of its threads, and is told it."""
    for name in LIBRARIES:
        library = _opened(name)
        for get, put in NAMES:
            if hasattr(library, get) and hasattr(library, put):
                yield getattr(library, get), getattr(library, put)


def _opened(name: str) -> ctypes.CDLL | None:
    """The library of a module that is in use; None where there is no such module, or it is no file to be opened."""
    try:
        path = getattr(import_module(name), "__file__", None)
        return ctypes.CDLL(path) if path else None
    except (ImportError, OSError):
        return None
