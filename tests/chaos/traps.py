"""Named points at which a process of the service ends itself, or waits, once, when somebody has laid a trap there."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

FOLDER = "CHAOS_TRAPS"
"""Environment variable with the folder in which a file of a point's name is its trap."""

WORKER_POINTS = ("claimed", "child_started", "result_written", "documents_kept", "before_commit", "after_commit")
API_POINTS = ("before_accepting", "accepted")
CLAIM_UNREAD = "claim_unread"
"""The engine of a worker has claimed a job and not read it yet; here a worker waits."""


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


def lay_pipe(folder: Path, point: str) -> Path:
    """Lay a trap at which the first process that comes there waits."""
    folder.mkdir(parents=True, exist_ok=True)
    trap = folder / point
    os.mkfifo(trap)
    return trap


def held(folder: Path, point: str) -> Path | None:
    """What has become of a trap at which somebody waits."""
    return next(folder.glob(f"{point}.held.*"), None)


def hold(point: str) -> Path | None:
    """Wait here if there is a trap, until whoever laid it opens its other end; what has become of it."""
    trap = Path(os.environ[FOLDER]) / point
    sprung = trap.with_name(f"{point}.held.{os.getpid()}")
    try:
        trap.rename(sprung)
    except FileNotFoundError:
        return None
    sprung.open().close()
    return sprung


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
