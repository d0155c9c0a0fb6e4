"""What every process of the service does about its parent."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PARENT = "EVENFLEET_PARENT_PID"
"""Environment variable by which a supervisor tells its children who it is."""

_PR_SET_PDEATHSIG = 1


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
