"""What a worker of the Dask cluster does for one part: the same solver child as anywhere, while somebody wants it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import structlog

from service.jobs import child, solver
from service.jobs.parts import RUN_FILE

log = structlog.get_logger()

LOOK_S = 0.2


class PartFailed(Exception):
    """This part cannot be made here; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartTask:
    """All that a worker of the cluster has to know."""

    job_id: str
    sha256: str
    version: str
    request: bytes
    part: dict[str, Any]
    limits: solver.ChildLimits
    wall_s: float
    cache_dir: Path
    city: Path | None


def run(task: PartTask) -> str:
    """
    The result of a part; its child is killed as soon as nobody waits for it any more.

    Raises
    ------
    PartFailed
        The worker has another version, its child failed or took too long, or the part is not wanted.
    """
    if task.version != version("evenfleet"):
        raise PartFailed(f"this worker has evenfleet {version('evenfleet')}, wanted is {task.version}")
    is_wanted = _watch()
    logger = log.bind(job_id=task.job_id, part=task.sha256)
    logger.info("part_started")
    with tempfile.TemporaryDirectory(prefix="evenfleet-part-") as folder:
        process = solver.SolverChild(
            Path(folder) / "attempt",
            task.request,
            kind="siting-run",
            limits=task.limits,
            cache_dir=task.cache_dir,
            city=task.city,
            part=task.part,
        )
        try:
            _follow(process, is_wanted, until_s=time.monotonic() + task.wall_s)
        except PartFailed as error:
            logger.info("part_given_up", why=str(error))
            raise
        finally:
            process.kill()
        logger.info("part_made")
        return (process.folder / "result" / RUN_FILE).read_text()


def _follow(process: solver.SolverChild, is_wanted: Callable[[], bool], *, until_s: float) -> None:
    while process.process.poll() is None:
        process.progress(wait_s=LOOK_S)
        if not is_wanted():
            raise PartFailed("it is not wanted any more")
        if time.monotonic() > until_s:
            raise PartFailed("it takes too long")
    if process.process.returncode != child.DONE:
        raise PartFailed(f"the solver ended with code {process.process.returncode}: {process.last_words()}")


def _watch() -> Callable[[], bool]:
    """
    Whether this task is still wanted.

    Dask cannot interrupt what runs: when a task is cancelled, or its client or scheduler are gone, it only changes what
    the worker knows of it, and that is what is looked at.
    """
    from distributed import get_worker
    from distributed.core import Status

    worker = get_worker()
    key = worker.get_current_task()
    running = {Status.running, Status.paused, Status.closing_gracefully}

    def is_wanted() -> bool:
        known = worker.state.tasks.get(key)
        return worker.status in running and known is not None and known.state == "executing"

    return is_wanted
