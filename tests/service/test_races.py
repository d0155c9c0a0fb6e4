"""Cancelling, finishing, taking over and giving up in any order: one end, and nothing comes back to life."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from service import db
from service.jobs import store
from service.jobs.states import FailureCode, Outcome, State, failure
from service.settings import Settings
from tests.chaos.checker import Tables, judge

INTERLEAVINGS, RACES = 1000, 40
DONE = Outcome(state=State.SUCCEEDED, files={}, stop_reason="optimal")
STOPPED = Outcome(state=State.CANCELLED, files={}, stop_reason="cancelled")


@pytest.fixture
def database(tmp_path: Path, db_url: str) -> Iterator[sa.Engine]:
    engine = db.open_engine(Settings(data_dir=tmp_path, db_url=db_url).database_url)
    db.migrate(engine)
    yield engine
    engine.dispose()


def create(connection: sa.Connection, job_id: str) -> None:
    store.create(
        connection,
        tenant_id="default",
        job_id=job_id,
        kind="rebalancing",
        name="",
        request_sha256="0" * 64,
        idempotency_key=job_id,
    )


def steps(job_id: str) -> list[Callable[[sa.Connection], Any]]:
    """What a worker, its heir, a client and the sweeper may do about a job, each in its own time."""
    gave_up = failure(FailureCode.ATTEMPTS_EXHAUSTED, "gave up")
    return [
        partial(store.claim, job_id=job_id, executor_id="first"),
        partial(store.record_solving, job_id=job_id, attempt=1),
        partial(store.record_progress, job_id=job_id, attempt=1, progress={"objective": 1.0}),
        partial(store.finish, job_id=job_id, attempt=1, outcome=DONE),
        partial(store.cancel, job_id=job_id),
        partial(store.claim, job_id=job_id, executor_id="heir"),
        partial(store.record_solving, job_id=job_id, attempt=2),
        partial(store.finish, job_id=job_id, attempt=2, outcome=STOPPED),
        partial(store.finish, job_id=job_id, attempt=2, outcome=DONE),
        partial(store.abandon, job_id=job_id, outcome=gave_up),
    ]


def tables(database: sa.Engine) -> Tables:
    with db.reading(database) as connection:
        jobs = connection.execute(sa.select(db.job.c.id, db.job.c.state, db.job.c.attempt, db.job.c.idempotency_key))
        results = connection.execute(sa.select(db.job_result.c.job_id, db.job_result.c.attempt))
        event = db.job_event.c
        events = connection.execute(
            sa.select(event.job_id, event.seq, event.kind, event.attempt, event.data).order_by(event.job_id, event.seq)
        )
        return Tables(
            jobs=[{"id": row.id, "state": row.state, "attempt": row.attempt, "key": row.id} for row in jobs],
            results=[{**row._mapping, "is_whole": True} for row in results],
            events=[{**row._mapping, "status": row.data.get("status", "")} for row in events],
            told=None,
        )


def test_a_thousand_interleavings_have_one_end_each(database: sa.Engine):
    rng = random.Random(20261127)
    with db.writing(database) as connection:
        for number in range(INTERLEAVINGS):
            job_id = f"pln_{number:04}"
            create(connection, job_id)
            order = steps(job_id)
            rng.shuffle(order)
            for step in order:
                step(connection)
    left = tables(database)
    verdict = judge([], left)
    assert verdict.is_clean, verdict
    # Every order ended somehow, and the seed has all kinds of ends in it.
    assert {job["state"] for job in left.jobs} == {"succeeded", "cancelled", "failed"}


def test_threads_that_cancel_and_finish_at_the_same_moment_agree_on_one_end(database: sa.Engine):
    def act(step: Callable[[sa.Connection], Any], gate: threading.Barrier) -> None:
        gate.wait()
        db.persist(lambda: once(step))

    def once(step: Callable[[sa.Connection], Any]) -> None:
        with db.writing(database) as connection:
            step(connection)

    for number in range(RACES):
        job_id = f"pln_{number:04}"
        with db.writing(database) as connection:
            create(connection, job_id)
            store.claim(connection, job_id, executor_id="first")
        gate = threading.Barrier(3)
        racing = [
            threading.Thread(target=act, args=(step, gate))
            for step in (
                partial(store.finish, job_id=job_id, attempt=1, outcome=DONE),
                partial(store.cancel, job_id=job_id),
                partial(store.finish, job_id=job_id, attempt=1, outcome=STOPPED),
            )
        ]
        for thread in racing:
            thread.start()
        for thread in racing:
            thread.join()
    verdict = judge([], tables(database))
    assert verdict.is_clean, verdict
