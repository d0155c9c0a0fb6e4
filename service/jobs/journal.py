"""What is told of jobs: their events, numbered without gaps, and when they end the webhooks and what they took."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from service.db import job, job_event, job_tally, now_ms
from service.jobs.kinds import KINDS
from service.jobs.states import Event, State
from service.webhooks import outbox
from service.webhooks.states import EventType

MOST = 500
"""Events in one answer."""

_EVENT = [job_event.c[name] for name in Event.__dataclass_fields__]
_LATER = sa.and_(job_event.c.job_id == sa.bindparam("job_id"), job_event.c.seq > sa.bindparam("after"))

# Asked with most requests, so they are built once.
_EVENTS = sa.select(*_EVENT).where(_LATER).order_by(job_event.c.seq).limit(sa.bindparam("most"))
_WITH_STATE = (
    sa.select(job.c.state, *_EVENT)
    .outerjoin_from(job, job_event, _LATER)
    .where(
        job.c.id == sa.bindparam("job_id"),
        job.c.tenant_id == sa.bindparam("tenant"),
        job.c.kind == sa.bindparam("of_kind"),
    )
    .order_by(job_event.c.seq)
    .limit(sa.bindparam("most"))
)


def note(connection: sa.Connection, row: sa.Row[Any], *, kind: str, data: dict[str, Any]) -> None:
    """Keep an event of the job that `row` shows as it is now; with kind `end` it is told to those who listen."""
    connection.execute(
        sa.insert(job_event).values(
            job_id=row.id,
            tenant_id=row.tenant_id,
            seq=row.last_seq,
            at_ms=now_ms(),
            kind=kind,
            attempt=row.attempt,
            data=data,
        )
    )
    if kind == "end":
        _announce(connection, row)
        if row.started_ms is not None:
            _count(connection, row)


def events_after(connection: sa.Connection, job_id: str, *, seq: int) -> list[Event]:
    """Events with a higher number than `seq`, in order; at most `MOST`."""
    rows = connection.execute(_EVENTS, {"job_id": job_id, "after": seq, "most": MOST})
    return [Event(**row._mapping) for row in rows]


def state_and_events(
    connection: sa.Connection, job_id: str, *, tenant_id: str, kind: str, seq: int
) -> tuple[State, list[Event]] | None:
    """The state of the job, if it is this tenant's and of this kind, and of the same moment what is asked for above."""
    asked = {"job_id": job_id, "tenant": tenant_id, "of_kind": kind, "after": seq, "most": MOST}
    rows = [dict(row._mapping) for row in connection.execute(_WITH_STATE, asked)]
    states = [State(row.pop("state")) for row in rows]
    # A job without any such event is one row without an event.
    return (states[0], [Event(**row) for row in rows if row["seq"] is not None]) if rows else None


def last_events(connection: sa.Connection, job_ids: Iterable[str]) -> dict[str, tuple[int, State]]:
    """Number of the last event, and the state, of each of these jobs that is there."""
    query = sa.select(job.c.id, job.c.last_seq, job.c.state).where(job.c.id.in_(list(job_ids)))
    return {row.id: (row.last_seq, State(row.state)) for row in connection.execute(query)}


def _announce(connection: sa.Connection, row: sa.Row[Any]) -> None:
    """Have those who listen told how the job ended."""
    kind = KINDS[row.kind]
    outbox.announce(
        connection,
        tenant_id=row.tenant_id,
        event_type=EventType(f"{kind.noun}.{row.state}"),
        at_ms=row.finished_ms,
        data={
            "id": row.id,
            "kind": row.kind,
            "name": row.name,
            "path": f"{kind.path}/{row.id}",
            "status": row.state,
            "stop_reason": row.stop_reason,
            "error": row.error["code"] if row.error else None,
        },
    )


def _count(connection: sa.Connection, row: sa.Row[Any]) -> None:
    """Add what the job took, for `/metrics`, which then need not read them all and never falls as jobs are removed."""
    took = {"jobs": 1, "waited_ms": row.started_ms - row.created_ms, "run_ms": row.finished_ms - row.started_ms}
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    adding = dialect.insert(job_tally).values(kind=row.kind, **took)
    summed = {name: job_tally.c[name] + amount for name, amount in took.items()}
    connection.execute(adding.on_conflict_do_update(index_elements=["kind"], set_=summed))
