"""
Holds the linear algebra of NumPy and SciPy to one thread.

OpenBLAS takes all cores and waits for them awake. Beside a thread of ours that searches, its steps then take several
times as long as on one core.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy.linalg._umath_linalg
import scipy.linalg._fblas

LIBRARIES = (numpy.linalg._umath_linalg, scipy.linalg._fblas)
"""Each is linked to an OpenBLAS of its own."""
NAMES = tuple(
    (f"{maker}openblas_get_num_threads{kind}", f"{maker}openblas_set_num_threads{kind}")
    for maker in ("", "scipy_")
    for kind in ("", "64_")
)
"""What OpenBLAS calls the number of its threads, by who built it; with other libraries nothing is held."""

Before = list[tuple[Callable[[int], object], int]]
"""How to tell each library its number of threads, and what that was."""

_lock = threading.Lock()
_holders: list[Before] = []


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """For the whole process, until the last of those that hold it lets go."""
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
            for put, threads in () if _holders else before:
                put(threads)


def _found() -> Iterator[tuple[Callable[[], int], Callable[[int], object]]]:
    """How each library tells the number of its threads, and is told it."""
    for module in LIBRARIES:
        library = ctypes.CDLL(module.__file__)
        for get, put in NAMES:
            if hasattr(library, get) and hasattr(library, put):
                yield getattr(library, get), getattr(library, put)
