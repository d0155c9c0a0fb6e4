"""All SQL about stages of plans, inside the caller's transaction."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from service.db import job, now_ms
from service.jobs import store as jobs
from service.jobs.kinds import KINDS
from service.jobs.states import Job
from service.publication.stages import CURRENT, Stage
from service.webhooks import outbox
from service.webhooks.states import EventType


def current(connection: sa.Connection, *, tenant_id: str, kind: str, city: str, service_date: str) -> Job | None:
    """The plan of this kind that holds for the city and the date."""
    return jobs.one(
        connection,
        job.c.tenant_id == tenant_id,
        job.c.kind == kind,
        job.c.city == city,
        job.c.service_date == service_date,
        job.c.stage.in_(CURRENT),
    )


def set_stage(connection: sa.Connection, job_id: str, stage: Stage, **more: Any) -> None:
    """Move a plan; `more` are other columns."""
    values = {"stage": stage, "stage_seq": job.c.stage_seq + 1, "stage_ms": now_ms(), **more}
    connection.execute(sa.update(job).where(job.c.id == job_id).values(values))


def announce_published(connection: sa.Connection, found: Job, *, supersedes: str | None) -> None:
    """Have those who listen told that this plan holds now."""
    assert found.stage_ms is not None, "it was just published"
    outbox.announce(
        connection,
        tenant_id=found.tenant_id,
        event_type=EventType.PLAN_PUBLISHED,
        at_ms=found.stage_ms,
        data={
            "id": found.id,
            "kind": found.kind,
            "name": found.name,
            "path": f"{KINDS[found.kind].path}/{found.id}",
            "status": found.state,
            "stop_reason": found.stop_reason,
            "error": None,
            "city": found.city,
            "service_date": found.service_date,
            "supersedes": supersedes,
        },
    )
