"""
The job engine, DBOS, behind this one module.

DBOS decides which worker runs which job and notices when one must be run again; it never holds a request, a result
or a state that a user sees: those are in our tables, and the id of a workflow is the id of its job. On SQLite its
tables live in the same file as ours, so that accepting a job and queueing it is one transaction.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, run_dbos_database_migrations
from dbos._serialization import DBOSPortableJSON

from service.postgres import TRANSPORT

APPLICATION = "evenfleet"
WORKFLOW = "run_job"
QUEUE = "jobs"

WORKFLOW_SCHEMA = "1"
"""Raised only when a running workflow of the old code could not be continued by the new; never by a mere release."""

# Our own count of attempts ends a job first; this only stops a job that kills its worker before it is counted.
MAX_RECOVERIES = 10

MANY = 10_000
"""Ids in one question; SQLite takes 32,766 values at most."""


def _teach_old_sqlite(connection: Any, _record: Any) -> None:
    # DBOS takes it that Python 3.12 and newer come with SQLite 3.42, whose unixepoch knows 'subsec'. A Python built
    # against the system's library may not (Debian 12 has 3.40), and every row would lack its time.
    if isinstance(connection, sqlite3.Connection):
        connection.create_function("unixepoch", 1, lambda _subsec: round(time.time(), 3))


if sqlite3.sqlite_version_info < (3, 42):
    # For all engines of this process: DBOS opens its own.
    sa.event.listen(sa.Engine, "connect", _teach_old_sqlite)


def prepare(url: str) -> None:
    """Create or update the engine's tables."""
    run_dbos_database_migrations(url)


def open_client(url: str) -> DBOSClient:
    """What the API needs of the engine; connects when first used."""
    return DBOSClient(system_database_url=url, serializer=DBOSPortableJSON, application_name=APPLICATION, lazy=True)


def enqueue(client: DBOSClient, connection: sa.Connection, job_id: str, *, turn: int = 1) -> None:
    """Queue the job as part of the caller's transaction; lower turns go first."""
    client.enqueue_in_transaction(
        connection,
        {
            "workflow_name": WORKFLOW,
            "queue_name": QUEUE,
            "workflow_id": job_id,
            "app_version": WORKFLOW_SCHEMA,
            "priority": turn,
        },
        job_id,
    )


def start_worker(url: str, run: Callable[[str], None], *, executor_id: str, poll_s: float) -> None:
    """Begin to take jobs from the queue in background threads, one at a time, and call `run` with their ids."""
    DBOS(
        config={
            "name": APPLICATION,
            "system_database_url": url,
            "executor_id": executor_id,
            "application_version": WORKFLOW_SCHEMA,
            "serializer": DBOSPortableJSON,
            "log_level": "WARNING",
            "run_migrations": False,
            **({} if url.startswith("sqlite") else {"db_engine_kwargs": {"connect_args": dict(TRANSPORT)}}),
        }
    )

    @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=MAX_RECOVERIES)
    def run_job(job_id: str) -> None:
        run(job_id)

    DBOS.launch()
    DBOS.register_queue(QUEUE, worker_concurrency=1, polling_interval_sec=poll_s, on_conflict="always_update")


def stop_taking_jobs(*, drain_s: float) -> None:
    """Take no more jobs; what runs has `drain_s` to end before the engine lets go of the database."""
    # In a thread of its own, because the engine waits for its own threads long after the last job has ended.
    stopping = partial(DBOS.destroy, workflow_completion_timeout_sec=round(drain_s) + 1)
    threading.Thread(target=stopping, daemon=True).start()


def busy_executors() -> set[str]:
    """Ids of all workers, dead or alive, that the engine believes to be running something."""
    pending = DBOS.list_workflows(status="PENDING", queue_name=QUEUE, load_input=False, load_output=False)
    return {workflow.executor_id for workflow in pending if workflow.executor_id}


def claimed_by(executor_id: str) -> set[str]:
    """Ids of the jobs that the engine believes to be running on a worker."""
    pending = DBOS.list_workflows(
        status="PENDING", queue_name=QUEUE, executor_id=executor_id, load_input=False, load_output=False
    )
    return {workflow.workflow_id for workflow in pending}


def put_back(connection: sa.Connection, job_ids: Iterable[str], *, executor_id: str) -> None:
    """Queue again those of the jobs that a worker still has claimed."""
    schema = "dbos." if connection.dialect.name == "postgresql" else ""
    update = sa.text(
        f"UPDATE {schema}workflow_status SET status = 'ENQUEUED', owner_xid = NULL, started_at_epoch_ms = NULL"  # noqa: S608
        " WHERE workflow_uuid IN :ids AND status = 'PENDING' AND executor_id = :mine"
    )
    found = {"ids": sorted(job_ids), "mine": executor_id}
    connection.execute(update.bindparams(sa.bindparam("ids", expanding=True, type_=sa.Text)), found)


def adopt(connection: sa.Connection, executor_ids: Iterable[str]) -> None:
    """
    Take over what was queued under another workflow schema, or run under it by one of these dead workers.

    The engine hands a workflow only to workers of its own schema. Ours is one body that begins anew, so that any
    version can run it; without this an upgrade would leave queued jobs behind for ever.
    """
    schema = "dbos." if connection.dialect.name == "postgresql" else ""
    update = sa.text(
        f"UPDATE {schema}workflow_status SET application_version = :ours WHERE queue_name = :queue"  # noqa: S608
        " AND application_version <> :ours AND (status = 'ENQUEUED' OR (status = 'PENDING' AND executor_id IN :dead))"
    )
    found = {"ours": WORKFLOW_SCHEMA, "queue": QUEUE, "dead": sorted(executor_ids)}
    connection.execute(update.bindparams(sa.bindparam("dead", expanding=True, type_=sa.Text)), found)


def forget(connection: sa.Connection, job_ids: Iterable[str]) -> None:
    """Remove what the engine knows of these jobs, which have ended."""
    schema = "dbos." if connection.dialect.name == "postgresql" else ""
    delete = sa.text(f"DELETE FROM {schema}workflow_status WHERE workflow_uuid IN :ids")  # noqa: S608
    connection.execute(delete.bindparams(sa.bindparam("ids", expanding=True, type_=sa.Text)), {"ids": list(job_ids)})


def requeue_jobs_of(executor_ids: Iterable[str]) -> None:
    """
    Queue again what these dead workers were running.

    The engine's update asks for "pending and owned by one of these", so it neither revives a cancelled job nor takes
    one from a living worker, and doing it twice changes nothing. (`DBOS.resume_workflows` does revive; and this call
    is private to DBOS, so its version is pinned and a test holds it to this.)
    """
    DBOS._recover_pending_workflows(sorted(executor_ids))


def given_up(job_ids: Iterable[str]) -> set[str]:
    """Those of the jobs whose workflow has ended, one way or another."""
    ids = list(job_ids)
    ended = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
    found: set[str] = set()
    for first in range(0, len(ids), MANY):
        some = ids[first : first + MANY]
        workflows = DBOS.list_workflows(workflow_ids=some, status=ended, load_input=False, load_output=False)
        found |= {workflow.workflow_id for workflow in workflows}
    return found
