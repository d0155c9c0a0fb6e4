"""Whose turn it is: in the queue, and when something is to be counted exactly; inside the caller's transaction."""

from __future__ import annotations

import sqlalchemy as sa

from service.db import job
from service.jobs.states import OPEN, RUNNING, Job, State

SUBMISSIONS = 762_839_452
"""Names the lock of submissions among PostgreSQL's advisory locks."""


def turn_of(connection: sa.Connection, tenant_id: str) -> int:
    """
    Where in the queue a new job of this tenant belongs; lower turns go first, equal ones by age.

    Start-time fair queueing (Goyal, Vin & Cheng 1996) with jobs of length one: a tenant's jobs take turns one after
    another, beginning with the turn that is served now. Whoever has many jobs waiting waits for itself, not others for
    it; and whoever comes often with few passes nobody by more than one job.
    """
    queued, running = sa.func.min(job.c.turn), sa.func.max(job.c.turn)
    served = [sa.select(queued).where(job.c.state == State.QUEUED)]
    served += [sa.select(running).where(job.c.state == state) for state in RUNNING]
    own = [sa.select(running).where(job.c.tenant_id == tenant_id, job.c.state == state) for state in OPEN]
    first_queued, *others = connection.execute(sa.select(*(query.scalar_subquery() for query in (*served, *own)))).one()
    served_now = max((turn for turn in others[: len(RUNNING)] if turn is not None), default=None)
    now = served_now if served_now is not None else first_queued or 0
    last = max((turn for turn in others[len(RUNNING) :] if turn is not None), default=0)
    return max(1, now, last + 1)


def queued_before(connection: sa.Connection, found: Job) -> int:
    """How many jobs of all tenants wait and come first."""
    mine = sa.select(job.c.turn).where(job.c.id == found.id).scalar_subquery()
    first = sa.or_(job.c.turn < mine, sa.and_(job.c.turn == mine, job.c.created_ms < found.created_ms))
    query = sa.select(sa.func.count()).where(job.c.state == State.QUEUED, first)
    return int(connection.execute(query).scalar_one())


def take_turns(connection: sa.Connection, tenant_id: str) -> None:
    """Let the tenant's other submissions wait until this transaction has ended, so that what is counted is exact."""
    # On SQLite every writer waits for every other anyway.
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(SUBMISSIONS, sa.func.hashtext(tenant_id))))
