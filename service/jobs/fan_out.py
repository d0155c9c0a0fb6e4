"""Has the parts that a solver child asks for made on the Dask cluster, and keeps each as soon as it is there."""

from __future__ import annotations

import threading
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog

from service.db import persist, reading, writing
from service.jobs import cluster, part_store, parts, solver
from service.jobs.part_task import PartTask
from service.jobs.states import Job
from service.settings import Settings

log = structlog.get_logger()

LOOK_S, AGAIN_S = 0.2, 1.0


class FanOut:
    """Looks after the wishes of one solver child, in a thread of its own, until `stop`."""

    def __init__(
        self,
        engine: sa.Engine,
        settings: Settings,
        job: Job,
        *,
        request: bytes,
        folder: Path,
        limits: solver.ChildLimits,
    ) -> None:
        self._engine, self._settings, self._job = engine, settings, job
        self._request, self._folder, self._limits = request, folder, limits
        self._stop = threading.Event()
        self._log = log.bind(job_id=job.id, attempt=job.attempt)
        self._rows: dict[str, int] = {}
        self._tasks: dict[str, PartTask] = {}
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self, *, within_s: float = 0.0) -> None:
        """Have the cluster make nothing more for this child."""
        self._stop.set()
        self._thread.join(within_s)

    def _run(self) -> None:
        while (wanted := parts.wanted(self._folder)) is None:
            if self._stop.wait(LOOK_S):
                return
        try:
            self._take(wanted)
            self._make()
        except Exception as error:
            # The child must not wait for who has died: what is missing it makes itself.
            if not self._stop.is_set():
                self._log.error("parts_failed", error=type(error).__name__)
        finally:
            if not self._stop.is_set():
                for sha256 in list(self._tasks):
                    self._answer(sha256, "")

    def _take(self, wanted: list[dict[str, Any]]) -> None:
        """Answer what an earlier attempt has kept; the rest is to be made."""
        job, settings = self._job, self._settings
        for row, part in enumerate(wanted):
            sha256 = parts.hash_of(part, request_sha256=job.request_sha256, city_version=job.city_version)
            self._rows[sha256] = row
            self._tasks[sha256] = PartTask(
                job_id=job.id,
                sha256=sha256,
                version=version("evenfleet"),
                request=self._request,
                part=part,
                limits=self._limits,
                wall_s=settings.solver_wall_s,
                cache_dir=settings.cache_dir.resolve(),
                city=settings.city_folder(job.city_version).resolve() if job.city_version else None,
            )
        kept = persist(self._kept)
        for sha256 in self._rows.keys() & kept.keys():
            self._answer(sha256, kept[sha256])
        self._log.info("parts_wanted", parts=len(wanted), kept=len(wanted) - len(self._tasks))

    def _make(self) -> None:
        """Have all made that is missing; gives up when nobody could make it for too long."""
        away_at_s = time.monotonic() + self._settings.dask_patience_s
        while self._tasks and not self._stop.is_set():
            try:
                with cluster.connect(self._settings) as client:
                    futures = cluster.hand_out(client, self._tasks)
                    while futures and not self._stop.wait(LOOK_S):
                        for sha256, result in cluster.collect(client, futures):
                            self._settle(sha256, result)
                        if cluster.has_workers(client):
                            away_at_s = time.monotonic() + self._settings.dask_patience_s
                        elif time.monotonic() > away_at_s:
                            raise cluster.ClusterAway("it has no workers")
                    cluster.recall(client, futures)
            except cluster.ClusterAway as error:
                self._log.warning("cluster_away", why=str(error), missing=len(self._tasks))
                if time.monotonic() > away_at_s:
                    return
                self._stop.wait(AGAIN_S)

    def _settle(self, sha256: str, result: str | None) -> None:
        if result is None:
            self._log.warning("part_failed", part=sha256)
        else:
            persist(lambda: self._keep(sha256, result))
        self._answer(sha256, result or "")

    def _answer(self, sha256: str, result: str) -> None:
        del self._tasks[sha256]
        parts.answer(self._rows[sha256], result, self._folder)

    def _kept(self) -> dict[str, str]:
        with reading(self._engine) as connection:
            return part_store.kept(connection, self._job.id)

    def _keep(self, sha256: str, result: str) -> None:
        with writing(self._engine) as connection:
            part_store.keep(connection, self._job.id, sha256, attempt=self._job.attempt, result=result)
