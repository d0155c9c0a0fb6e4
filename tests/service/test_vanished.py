"""A worker whose machine is gone for good: silent, with nobody there to tell that its process has ended."""

from __future__ import annotations

from pathlib import Path

import psutil
import sqlalchemy as sa

from service import db
from tests.service.cities import inline_city
from tests.service.running import CHILD, RunningService

LEASE_S = 4


def test_the_job_of_a_machine_that_never_comes_back_is_taken_over_once_its_lease_is_over(tmp_path: Path, db_url: str):
    request = {"city": inline_city(stations=30, vans=2), "limits": {"seconds": 3}}
    with RunningService(tmp_path, db_url=db_url, workers=2, lease_s=str(LEASE_S), max_attempts="10") as service:
        plan_id = service.submit(request)["id"]
        service.wait_until(plan_id, "solving")
        [child] = service.processes(CHILD)
        worker = psutil.Process(child.ppid())
        # Its process stays, as far as anybody can tell from this machine, and will never say anything again.
        worker.suspend()
        child.kill()
        engine = db.open_engine(db_url or f"sqlite:///{tmp_path / 'data' / 'evenfleet.sqlite'}")
        try:
            with engine.connect() as connection:
                beaten = sa.select(db.executor.c.beat_ms).where(db.executor.c.pid == worker.pid)
                last_beat_ms = connection.execute(beaten).scalar_one()
            plan = service.wait_until(plan_id, "succeeded", within_s=120)
        finally:
            worker.kill()
        assert plan["attempt"] >= 2
        with engine.connect() as connection:
            events, results = db.job_event.c, db.job_result.c
            begun = sa.select(sa.func.min(events.at_ms)).where(events.job_id == plan_id, events.attempt == 2)
            assert connection.execute(begun).scalar_one() - last_beat_ms >= 1000 * LEASE_S, "not before"
            count = sa.select(sa.func.count()).where(results.job_id == plan_id)
            assert connection.execute(count).scalar_one() == 1
        engine.dispose()
