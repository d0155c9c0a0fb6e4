"""What the service needs to carry plans out: a database that answers, a worker that beats, a disk with room."""

from __future__ import annotations

import os
from pathlib import Path

import sqlalchemy as sa

from optimiser.basics.findings import Findings
from service.db import reading
from service.jobs import liveness
from service.settings import Settings


def look(database: sa.Engine, settings: Settings) -> tuple[int, Findings]:
    """How many workers are alive, and everything that is missing."""
    findings = Findings()
    living: set[str] = set()
    try:
        with reading(database) as connection:
            living = liveness.alive(connection, lease_s=settings.lease_s)
    except sa.exc.SQLAlchemyError as error:
        findings.error("database_away", "the database does not answer", source="database", value=type(error).__name__)
    else:
        if not living:
            hint = "start one: evenfleet serve"
            findings.error("no_worker", "no worker's heartbeat is fresh", source="workers", value=0, hint=hint)
    free_mb = room_mb(settings.data_dir)
    if free_mb < settings.least_free_mb:
        findings.error(
            "disk_full",
            f"{free_mb} MB are free for documents",
            source="disk",
            value=free_mb,
            hint=f"make room: at least {settings.least_free_mb} MB",
        )
    return len(living), findings


def room_mb(folder: Path) -> int:
    """Room on the disk of a folder; 0 when it may not be written."""
    stat = os.statvfs(folder)
    is_read_only = bool(stat.f_flag & os.ST_RDONLY)
    return 0 if is_read_only else stat.f_bavail * stat.f_frsize // 1_000_000
