"""Processes that die in the middle: nothing accepted is lost, nothing is recorded twice, nobody is left behind."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from service import db
from tests.service.cities import inline_city, tiny_request
from tests.service.running import CHILD, WORKER, RunningService, gone, wait_for


def few_seconds() -> dict[str, Any]:
    return {"city": inline_city(stations=30, vans=2), "limits": {"seconds": 3}}


def results_of(service: RunningService, plan_id: str) -> int:
    url = service.environment["EVENFLEET_DB_URL"] or f"sqlite:///{service.folder / 'data' / 'evenfleet.sqlite'}"
    engine = db.open_engine(url)
    query = sa.select(sa.func.count()).select_from(db.job_result).where(db.job_result.c.job_id == plan_id)
    with db.reading(engine) as connection:
        count: int = connection.execute(query).scalar_one()
    engine.dispose()
    return count


def test_a_worker_killed_in_the_middle_of_a_search_costs_an_attempt_but_not_the_plan(service: RunningService):
    plan_id = service.submit(few_seconds())["id"]
    service.wait_until(plan_id, "solving")
    [worker], [child] = service.processes(WORKER), service.processes(CHILD)

    worker.kill()

    wait_for(lambda: gone(child), within_s=2, what="the orphaned solver child to die with its worker")
    plan = service.wait_until(plan_id, "succeeded")
    assert plan["attempt"] == 2
    assert results_of(service, plan_id) == 1
    events = service.http.get(f"/v1/rebalancing-plans/{plan_id}/events", params={"after": 0}).json()["items"]
    assert [event["kind"] for event in events].count("end") == 1
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert {event["attempt"] for event in events} == {0, 1, 2}


def test_everything_killed_at_once_goes_on_after_a_restart_and_keeps_every_promise(service: RunningService):
    running = service.submit(few_seconds(), **{"Idempotency-Key": "k"})["id"]
    waiting = service.submit(tiny_request())["id"]
    service.wait_until(running, "solving")
    [child] = service.processes(CHILD)

    service.kill_everything()

    wait_for(lambda: gone(child), within_s=2, what="the solver child to die")
    service.start()
    assert service.submit(few_seconds(), **{"Idempotency-Key": "k"})["id"] == running
    assert service.wait_until(running, "succeeded")["attempt"] == 2
    assert service.wait_until(waiting, "succeeded")["attempt"] == 1
    assert results_of(service, running) == results_of(service, waiting) == 1
