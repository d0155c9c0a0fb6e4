"""
All SQL about jobs; what is told of them is in the journal.

Every function works inside the caller's transaction. A worker's writes name the attempt they belong to and only
touch a job that is still running this attempt: a worker that was given up for dead and comes back changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa

from service.db import job, job_result, now_ms
from service.jobs import journal
from service.jobs.states import OPEN, RUNNING, Job, Outcome, State
from service.jobs.turns import turn_of

_JOB = [column for column in job.c if column.name in Job.__dataclass_fields__]
_NAMES = [column.name for column in _JOB]

# Asked with most requests, so they are built once.
_FOUND = sa.select(*_JOB).where(
    job.c.id == sa.bindparam("job_id"), job.c.tenant_id == sa.bindparam("tenant"), job.c.kind == sa.bindparam("of_kind")
)
_WITH_FILES = _FOUND.add_columns(job_result.c.files).outerjoin_from(job, job_result, job_result.c.job_id == job.c.id)


def create(
    connection: sa.Connection,
    *,
    tenant_id: str,
    job_id: str,
    kind: str,
    name: str,
    request_sha256: str,
    idempotency_key: str | None,
    city_version: str | None = None,
    revises: str | None = None,
    body_sha256: str | None = None,
) -> int:
    """
    Insert a queued job with its first event; gives its turn in the queue, see `turn_of`.

    Raises
    ------
    sqlalchemy.exc.IntegrityError
        When the tenant already used this idempotency key for this kind of job.
    """
    turn = turn_of(connection, tenant_id)
    connection.execute(
        sa.insert(job).values(
            tenant_id=tenant_id,
            id=job_id,
            kind=kind,
            name=name,
            state=State.QUEUED,
            request_sha256=request_sha256,
            idempotency_key=idempotency_key,
            city_version=city_version,
            revises=revises,
            body_sha256=body_sha256,
            created_ms=now_ms(),
            turn=turn,
        )
    )
    _change(connection, job.c.id == job_id, kind="status", data={"status": State.QUEUED})
    return turn


def find(connection: sa.Connection, job_id: str, *, tenant_id: str, kind: str) -> Job | None:
    """The job, if it is this tenant's and of this kind."""
    asked = {"job_id": job_id, "tenant": tenant_id, "of_kind": kind}
    row = connection.execute(_FOUND, asked).one_or_none()
    return None if row is None else _job(row)


def find_with_files(
    connection: sa.Connection, job_id: str, *, tenant_id: str, kind: str
) -> tuple[Job, dict[str, str] | None] | None:
    """The job, and of its result document name to sha256; None for these when it has no result."""
    asked = {"job_id": job_id, "tenant": tenant_id, "of_kind": kind}
    row = connection.execute(_WITH_FILES, asked).one_or_none()
    return None if row is None else (_job(row[:-1]), None if row[-1] is None else dict(row[-1]))


def find_by_key(connection: sa.Connection, idempotency_key: str, *, tenant_id: str, kind: str) -> Job | None:
    """The job that was submitted under this key."""
    return one(connection, job.c.idempotency_key == idempotency_key, job.c.tenant_id == tenant_id, job.c.kind == kind)


def page(
    connection: sa.Connection,
    *,
    tenant_id: str,
    kind: str,
    limit: int,
    state: State | None = None,
    stage: str | None = None,
    revises: str | None = None,
    before: tuple[int, str] | None = None,
) -> list[Job]:
    """Newest first; `before` is (created_ms, id) of the last job already seen."""
    before_ms, before_id = before or (None, None)
    narrower = {
        "in_state": state,
        "at_stage": stage,
        "of_plan": revises,
        "before_ms": before_ms,
        "before_id": before_id,
    }
    told = {name: value for name, value in narrower.items() if value is not None}
    asked = {"tenant": tenant_id, "of_kind": kind, "most": limit, **told}
    return [_job(row) for row in connection.execute(_page(frozenset(asked)), asked)]


@cache
def _page(asked: frozenset[str]) -> sa.Select[Any]:
    """The query of a page that is asked for with these parameters."""
    query = sa.select(*_JOB).where(job.c.tenant_id == sa.bindparam("tenant"), job.c.kind == sa.bindparam("of_kind"))
    if "in_state" in asked:
        query = query.where(job.c.state == sa.bindparam("in_state"))
    if "at_stage" in asked:
        query = query.where(job.c.stage == sa.bindparam("at_stage"))
    if "of_plan" in asked:
        query = query.where(job.c.revises == sa.bindparam("of_plan"))
    if "before_ms" in asked:
        last = sa.tuple_(sa.bindparam("before_ms", type_=sa.BigInteger), sa.bindparam("before_id", type_=sa.Text))
        query = query.where(sa.tuple_(job.c.created_ms, job.c.id) < last)
    return query.order_by(job.c.created_ms.desc(), job.c.id.desc()).limit(sa.bindparam("most"))


def count_open(connection: sa.Connection, *, tenant_id: str) -> int:
    """How many jobs of the tenant wait or run."""
    query = sa.select(sa.func.count()).where(job.c.tenant_id == tenant_id, job.c.state.in_(OPEN))
    return int(connection.execute(query).scalar_one())


def claim(connection: sa.Connection, job_id: str, *, executor_id: str) -> Job | None:
    """Begin a new attempt, which disowns the one before; None when the job is final already."""
    changed = _change(
        connection,
        sa.and_(job.c.id == job_id, job.c.state.in_(OPEN)),
        kind="status",
        data={"status": State.PREPARING},
        state=State.PREPARING,
        attempt=job.c.attempt + 1,
        executor_id=executor_id,
        progress=None,
        started_ms=sa.func.coalesce(job.c.started_ms, now_ms()),
    )
    return one(connection, job.c.id == job_id) if changed else None


def record_solving(connection: sa.Connection, job_id: str, *, attempt: int) -> bool:
    """The search has begun; False when this attempt has been disowned."""
    data = {"status": State.SOLVING}
    return _change(connection, _owned(job_id, attempt), kind="status", data=data, state=State.SOLVING)


def record_progress(connection: sa.Connection, job_id: str, *, attempt: int, progress: dict[str, Any]) -> bool:
    """Keep one moment of the search; False when this attempt has been disowned."""
    return _change(connection, _owned(job_id, attempt), kind="progress", data=progress, progress=progress)


def is_cancel_requested(connection: sa.Connection, job_id: str, *, attempt: int) -> bool | None:
    """Whether somebody wants the job stopped; None when this attempt has been disowned."""
    query = sa.select(job.c.cancel_requested_ms).where(_owned(job_id, attempt))
    row = connection.execute(query).one_or_none()
    return None if row is None else row[0] is not None


def finish(connection: sa.Connection, job_id: str, *, attempt: int, outcome: Outcome) -> bool:
    """
    Record how the job ended, once.

    Returns False, and changes nothing, when this attempt has been disowned or the job is final already.
    """
    end = {"status": outcome.state, "stop_reason": outcome.stop_reason, "error": outcome.error}
    changed = _change(
        connection,
        _owned(job_id, attempt),
        kind="end",
        data=end,
        state=outcome.state,
        stop_reason=outcome.stop_reason,
        error=outcome.error,
        finished_ms=now_ms(),
    )
    if changed and outcome.files is not None:
        tenant = sa.select(job.c.tenant_id).where(job.c.id == job_id).scalar_subquery()
        connection.execute(
            sa.insert(job_result).values(
                job_id=job_id, tenant_id=tenant, attempt=attempt, recorded_ms=now_ms(), files=outcome.files
            )
        )
    return changed


def cancel(connection: sa.Connection, job_id: str) -> bool:
    """End a queued job at once, ask a running one to stop; False where nothing was left to do."""
    end = {"status": State.CANCELLED, "stop_reason": "cancelled", "error": None}
    if _change(
        connection,
        sa.and_(job.c.id == job_id, job.c.state == State.QUEUED),
        kind="end",
        data=end,
        state=State.CANCELLED,
        stop_reason="cancelled",
        cancel_requested_ms=now_ms(),
        finished_ms=now_ms(),
    ):
        return True
    asking = sa.update(job).where(job.c.id == job_id, job.c.state.in_(RUNNING), job.c.cancel_requested_ms.is_(None))
    return connection.execute(asking.values(cancel_requested_ms=now_ms())).rowcount == 1


def abandon(connection: sa.Connection, job_id: str, *, outcome: Outcome) -> bool:
    """End an open job that no attempt will ever end; used when the job engine has given it up."""
    return _change(
        connection,
        sa.and_(job.c.id == job_id, job.c.state.in_(OPEN)),
        kind="end",
        data={"status": outcome.state, "stop_reason": None, "error": outcome.error},
        state=outcome.state,
        error=outcome.error,
        finished_ms=now_ms(),
    )


def open_job_ids(connection: sa.Connection) -> list[str]:
    """Ids of all jobs that are not final."""
    return list(connection.execute(sa.select(job.c.id).where(job.c.state.in_(OPEN))).scalars())


def _owned(job_id: str, attempt: int) -> sa.ColumnElement[bool]:
    return sa.and_(job.c.id == job_id, job.c.attempt == attempt, job.c.state.in_(RUNNING))


def _change(
    connection: sa.Connection, where: sa.ColumnElement[bool], *, kind: str, data: dict[str, Any], **values: Any
) -> bool:
    """Update the job and tell of it, both or neither."""
    update = sa.update(job).where(where).values(last_seq=job.c.last_seq + 1, **values)
    row = connection.execute(update.returning(*_JOB, job.c.last_seq)).one_or_none()
    if row is None:
        return False
    journal.note(connection, row, kind=kind, data=data)
    return True


def one(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> Job | None:
    """The only job of which all this is true."""
    row = connection.execute(sa.select(*_JOB).where(*where)).one_or_none()
    return None if row is None else _job(row)


def _job(values: Sequence[Any]) -> Job:
    fields = dict(zip(_NAMES, values, strict=True))
    fields["state"] = State(fields["state"])
    return Job(**fields)
