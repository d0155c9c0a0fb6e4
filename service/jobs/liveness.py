"""
Who is alive: each worker says so, and each looks after the jobs of those that fell silent.

Only the database's clock counts. A worker of this machine whose process is gone is dead at once; any other when its
last beat is older than the lease. A worker wrongly given up for dead keeps running, but its writes are refused.

    python -m service.jobs.liveness        exit 0 when a worker of this machine is alive, else 1; for health checks
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Set

import sqlalchemy as sa
import structlog

from service.db import executor, now_ms, open_engine, reading, writing
from service.jobs import engine as job_engine
from service.jobs import store
from service.jobs.states import FailureCode, failure
from service.settings import Settings

log = structlog.get_logger()

FORGET_MS = 3_600_000


def beat(database: sa.Engine, executor_id: str) -> None:
    """Say that this process is alive."""
    with writing(database) as connection:
        beating = sa.update(executor).where(executor.c.id == executor_id).values(beat_ms=now_ms())
        if connection.execute(beating).rowcount == 0:
            here, pid = socket.gethostname(), os.getpid()
            # Whoever had the number of this process before is gone, however fresh its last beat: in a container that
            # is started again the numbers are the same ones.
            connection.execute(sa.delete(executor).where(executor.c.host == here, executor.c.pid == pid))
            connection.execute(
                sa.insert(executor).values(id=executor_id, host=here, pid=pid, started_ms=now_ms(), beat_ms=now_ms())
            )
        connection.execute(sa.delete(executor).where(executor.c.beat_ms < now_ms() - FORGET_MS))


def leave(database: sa.Engine, executor_id: str) -> None:
    """Say that this process will not beat again."""
    with writing(database) as connection:
        connection.execute(sa.delete(executor).where(executor.c.id == executor_id))


def alive(connection: sa.Connection, *, lease_s: float, host: str | None = None) -> set[str]:
    """Ids of the workers that are alive, of all machines or of `host`."""
    query = sa.select(executor.c.id, executor.c.host, executor.c.pid)
    rows = connection.execute(query.where(executor.c.beat_ms >= now_ms() - round(lease_s * 1000)))
    return {
        row.id
        for row in rows
        if host in (None, row.host) and (row.host != socket.gethostname() or _is_running(row.pid))
    }


def look_after(database: sa.Engine, *, lease_s: float) -> set[str]:
    """Queue the jobs of dead workers again and end jobs that nothing will end; gives the ids of the dead."""
    with reading(database) as connection:
        candidates = store.open_job_ids(connection)
        living = alive(connection, lease_s=lease_s)
    dead = job_engine.busy_executors() - living
    with writing(database) as connection:
        job_engine.adopt(connection, dead)
    if dead:
        job_engine.requeue_jobs_of(dead)
    # Asked in this order: a job that was open before its workflow ended may be final by now, and then stays so.
    for job_id in job_engine.given_up(candidates):
        outcome = failure(FailureCode.ATTEMPTS_EXHAUSTED, "the job engine gave this job up")
        with writing(database) as connection:
            store.abandon(connection, job_id, outcome=outcome)
    return dead


def put_back_strays(database: sa.Engine, executor_id: str, *, running: Set[str], seen: Set[str]) -> set[str]:
    """
    Queue again what the engine has claimed for this living worker and never started here; gives what may be such.

    The engine claims a job and then reads it: where the database goes away between the two nobody runs it, and its
    owner is alive. A job that is just about to start looks the same, so `seen` holds what did so a beat ago.
    """
    strays = job_engine.claimed_by(executor_id) - running
    lost = strays & seen
    if lost:
        with writing(database) as connection:
            job_engine.put_back(connection, lost, executor_id=executor_id)
        log.warning("jobs_put_back", job_ids=sorted(lost))
    return strays - lost


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def main() -> int:
    """Whether a worker of this machine is alive, as an exit code."""
    settings = Settings()
    with reading(open_engine(settings.database_url)) as connection:
        return 0 if alive(connection, lease_s=settings.lease_s, host=socket.gethostname()) else 1


if __name__ == "__main__":
    sys.exit(main())
