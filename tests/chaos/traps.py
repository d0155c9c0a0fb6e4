"""Named points at which a process of the service ends itself, or waits, once, when somebody has laid a trap there."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

FOLDER = "CHAOS_TRAPS"
"""Environment variable with the folder in which a file of a point's name is its trap."""

WORKER_POINTS = ("claimed", "child_started", "result_written", "documents_kept", "before_commit", "after_commit")
API_POINTS = ("before_accepting", "accepted")
CLAIM_UNREAD = "claim_unread"
"""The engine of a worker has claimed a job and not read it yet; here a worker waits."""
HELD_S = 30.0
"""Longest wait at a point."""


def lay(folder: Path, point: str) -> Path:
    """Lay a trap; the first process that comes to this point takes it away and is killed."""
    folder.mkdir(parents=True, exist_ok=True)
    trap = folder / point
    trap.touch()
    return trap


def step(point: str) -> None:
    """Die here if there is a trap."""
    trap = Path(os.environ[FOLDER]) / point
    try:
        trap.rename(trap.with_name(f"{point}.sprung.{os.getpid()}"))
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def hold(point: str) -> None:
    """Wait here if there is a trap, until whoever laid it takes away what has become of it."""
    trap = Path(os.environ[FOLDER]) / point
    held = trap.with_name(f"{point}.held.{os.getpid()}")
    try:
        trap.rename(held)
    except FileNotFoundError:
        return
    until_s = time.monotonic() + HELD_S
    while held.exists() and time.monotonic() < until_s:
        time.sleep(0.01)


def before(function: Callable[..., Any], point: str) -> Callable[..., Any]:
    """`function`, with the point before it."""

    def stepping(*arguments: Any, **options: Any) -> Any:
        step(point)
        return function(*arguments, **options)

    return stepping


def after(function: Callable[..., Any], point: str) -> Callable[..., Any]:
    """`function`, with the point behind it."""

    def stepping(*arguments: Any, **options: Any) -> Any:
        result = function(*arguments, **options)
        step(point)
        return result

    return stepping
