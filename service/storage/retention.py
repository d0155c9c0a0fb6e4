"""Old jobs go, with their events and results; documents and versions of cities go when nothing means them any more."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import sqlalchemy as sa
import structlog

from service import once
from service.cities import store as cities
from service.db import job, job_result, now_ms, reading, writing
from service.jobs import documents, engine
from service.jobs.states import OPEN
from service.settings import Settings

log = structlog.get_logger()

EVERY_S = 3_600.0
GRACE_S = 86_400.0
"""How old a document is at least before it may go: one that was just written is not named yet."""
BATCH = 500
DAY_MS = 86_400_000


def sweep(database: sa.Engine, settings: Settings, *, grace_s: float = GRACE_S) -> tuple[int, int]:
    """
    Let go what is older than `retain_days`; numbers of jobs and of documents. No job and no document when that is 0.

    Versions of cities that neither a name nor an open job means go in any case.
    """
    _remove_cities(database, settings.cities_dir, grace_s)
    with writing(database) as connection:
        once.forget(connection)
    if not settings.retain_days:
        return 0, 0
    # Documents first: who has just read of a job that goes now still finds them, until the next time.
    files, jobs = _remove_documents(database, settings.documents_dir, grace_s), 0
    while removed := _remove_jobs(database, settings.retain_days):
        jobs += removed
    if jobs or files:
        log.info("retention", jobs=jobs, documents=files)
    return jobs, files


def _remove_jobs(database: sa.Engine, days: float) -> int:
    """Some jobs, with everything that hangs on them, in one transaction."""
    old = sa.and_(job.c.finished_ms < now_ms() - round(days * DAY_MS), job.c.state.not_in(OPEN))
    with writing(database) as connection:
        ids = list(connection.execute(sa.select(job.c.id).where(old).limit(BATCH)).scalars())
        if ids:
            connection.execute(sa.delete(job).where(job.c.id.in_(ids)))
            engine.forget(connection, ids)
    return len(ids)


def _remove_documents(database: sa.Engine, folder: Path, grace_s: float) -> int:
    """Documents that no row names. One that is wanted again meanwhile is as good as new, and stays."""
    before_s = time.time() - grace_s
    old = [path for path in folder.glob("*/*") if _written_s(path) < before_s]
    with reading(database) as connection:
        named = set(connection.execute(sa.select(job.c.request_sha256)).scalars())
        for files in connection.execute(sa.select(job_result.c.files)).scalars():
            named.update(files.values())
    return sum(documents.remove(path, written_before_s=before_s) for path in old if path.name not in named)


def _remove_cities(database: sa.Engine, folder: Path, grace_s: float) -> None:
    before_s = time.time() - grace_s
    old = [path for path in folder.glob("*") if _written_s(path) < before_s]
    with reading(database) as connection:
        needed = cities.needed(connection)
    for path in old:
        # What a killed process left half-made has no version for a name, and goes as well.
        if path.name not in needed and _written_s(path) < before_s:
            shutil.rmtree(path, ignore_errors=True)


def _written_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
