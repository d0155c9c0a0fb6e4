"""What processes of the service do about their parent, and about what they may use."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

PARENT = "EVENFLEET_PARENT_PID"
"""Environment variable by which a supervisor tells its children who it is."""

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36

POLITE = 5
"""How far a process for which somebody waits gives way to those that answer (`nice`); alone it is no slower for it."""


def die_with_parent(parent_pid: int) -> None:
    """
    Let the kernel kill this process when its parent dies; on Linux, elsewhere a no-op.

    Raises
    ------
    SystemExit
        When the parent died before the kernel could be asked.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_pid:
        raise SystemExit("the parent is gone")


def adopt_orphans() -> None:
    """
    From now on this process is the parent of its children's children when those die.

    Raises
    ------
    OSError
        This kernel cannot; only Linux can.
    """
    if sys.platform != "linux" or ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError("processes cannot adopt others here")


def child_environment() -> dict[str, str]:
    """Nothing of this process's environment, where secrets may be, but what Python and its libraries need."""
    names = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "NUMBA_CACHE_DIR")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return {**kept, "PYTHONPATH": str(Path(__file__).parents[1])}


def limit_process(task: Mapping[str, int]) -> None:
    """
    Hold this process and its children to `memory_mb` of address space, `cpu_s`, and files of `file_mb`.

    And let them give way at least as far as `nice` says where it does: what a solver takes of the last core must not be
    what an answer waits for.
    """
    os.nice(max(0, task.get("nice", POLITE) - os.nice(0)))
    for name, amount in (
        (resource.RLIMIT_AS, task["memory_mb"] * 2**20),
        (resource.RLIMIT_CPU, task["cpu_s"]),
        (resource.RLIMIT_FSIZE, task["file_mb"] * 2**20),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(name)
        allowed = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
        resource.setrlimit(name, (allowed, hard))
