"""
A worker process: takes jobs from the queue, one at a time, and runs each in a solver child.

    python -m service.jobs.worker
"""

from __future__ import annotations

import os
import signal
import threading
import time
import uuid

import sqlalchemy as sa
import structlog

from service import db
from service.jobs import attempt, engine, liveness, solver
from service.jobs.forking import ForkServer
from service.logs import configure_logs
from service.processes import PARENT, die_with_parent
from service.schedules.running import submit_due
from service.settings import Settings
from service.storage import retention
from service.webhooks.courier import Courier

log = structlog.get_logger()


def main(command: tuple[str, ...] = solver.COMMAND) -> None:
    """Work until SIGTERM or SIGINT; then finish what runs, as far as `drain_s` allows."""
    if PARENT in os.environ:
        die_with_parent(int(os.environ[PARENT]))
    settings = Settings()
    configure_logs(settings.log_level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    database = db.open_engine(settings.database_url)
    db.migrate(database)
    engine.prepare(settings.database_url)
    work(settings, database, stop, command=command)
    # The engine's threads would hold the process back. A solver child that outlived the drain dies with us, and a job
    # whose end the engine has not written down yet is looked at once more by another worker, who finds it final.
    os._exit(0)


def work(
    settings: Settings, database: sa.Engine, stop: threading.Event, *, command: tuple[str, ...] = solver.COMMAND
) -> None:
    """Run jobs, each in a child started by `command`, and look after those of dead workers until `stop` is set."""
    executor_id = uuid.uuid4().hex
    forks = _fork_server(settings) if command == solver.COMMAND else None
    runner = attempt.Runner(engine=database, settings=settings, executor_id=executor_id, command=command, forks=forks)
    jobs = _Jobs(runner)
    liveness.beat(database, executor_id)
    engine.start_worker(settings.database_url, jobs.run, executor_id=executor_id, poll_s=settings.poll_s)
    courier = Courier(database=database, settings=settings)
    sending = threading.Thread(target=courier.run, args=(stop,), daemon=True)
    sending.start()
    log.info("worker_started", executor_id=executor_id)
    next_sweep_s, strays = time.monotonic(), set[str]()
    while True:
        try:
            liveness.beat(database, executor_id)
            dead = liveness.look_after(database, lease_s=settings.lease_s)
            if dead:
                log.warning("dead_workers", executor_ids=sorted(dead))
            strays = liveness.put_back_strays(database, executor_id, running=jobs.running, seen=strays)
            submit_due(database, settings)
            if forks is not None:
                forks.tend()
            if time.monotonic() >= next_sweep_s:
                retention.sweep(database, settings)
                next_sweep_s = time.monotonic() + retention.EVERY_S
            if stop.wait(settings.beat_s):
                break
        except sa.exc.DBAPIError as error:
            log.error("database_away", error=type(error.orig).__name__)
            if stop.wait(1.0):
                break
        except OSError as error:
            log.error("housekeeping_failed", error=type(error).__name__)
            if stop.wait(settings.beat_s):
                break
    log.info("worker_stopping", drain_s=settings.drain_s)
    until_s = time.monotonic() + settings.drain_s
    engine.stop_taking_jobs(drain_s=settings.drain_s)
    jobs.idle.wait(settings.drain_s)
    courier.finish(within_s=until_s - time.monotonic())
    liveness.leave(database, executor_id)


class _Jobs:
    """Runs jobs for the engine, and knows which run now."""

    def __init__(self, runner: attempt.Runner) -> None:
        self._runner = runner
        self.running: set[str] = set()
        self.idle = threading.Event()
        self.idle.set()

    def run(self, job_id: str) -> None:
        """Run a job in the engine's thread."""
        self.idle.clear()
        self.running.add(job_id)
        try:
            attempt.run(self._runner, job_id)
        finally:
            self.running.discard(job_id)
            self.idle.set()


def _fork_server(settings: Settings) -> ForkServer | None:
    try:
        return ForkServer(nice=settings.solver_nice) if settings.preload else None
    except OSError:
        return None


if __name__ == "__main__":
    main()
