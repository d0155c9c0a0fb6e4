"""
The short form of `make chaos`: every kind of fault once or more, on both databases, with the checker's verdict.

Worker and API die at every named point, one worker is held still beyond its lease, clocks are an hour off.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.chaos import traps
from tests.chaos.campaign import Campaign, Orders
from tests.service.backends import create_database
from tests.service.cities import tiny_request
from tests.service.postgres import running_postgres

POINTS = (*traps.WORKER_POINTS, *traps.API_POINTS)


def run(folder: Path, orders: Orders, **database: Any) -> Campaign:
    campaign = Campaign(folder, orders, **database)
    for point in POINTS:
        traps.lay(folder / "traps", point)
    report = campaign.run()
    print(report.line())
    assert report.verdict.is_clean, report.verdict
    assert report.accepted == orders.jobs == sum(report.ends.values())
    assert report.ends["failed"] == 0
    sprung = {trap.name.partition(".")[0] for trap in (folder / "traps").glob("*.sprung.*")}
    assert sprung == set(POINTS), "every named point was reached"
    return campaign


def test_nothing_is_lost_on_sqlite(tmp_path: Path):
    faults = (("worker", 1), ("tree", 1), ("stop", 1))
    run(tmp_path, Orders(seed=11, jobs=28, faults=faults))


def test_nothing_is_lost_on_postgresql(tmp_path: Path):
    with running_postgres() as server:
        orders = Orders(seed=12, jobs=28, faults=(("database", 1), ("stop", 1)), clock_s=3600)
        run(tmp_path, orders, db_url=create_database(server.url), server=server)


def test_a_job_that_was_claimed_when_postgresql_died_is_not_left_behind(tmp_path: Path):
    """By the only worker: another would take it for dead, as it cannot beat meanwhile, and free the job as well."""
    with running_postgres() as server:
        orders = Orders(seed=13, jobs=40, workers=1, faults=(("claim", 1),))
        report = Campaign(tmp_path, orders, db_url=create_database(server.url), server=server).run()
    print(report.line())
    assert report.verdict.is_clean, report.verdict
    assert report.accepted == orders.jobs == sum(report.ends.values())
    assert sum(log.read_text().count('"jobs_put_back"') for log in tmp_path.glob("*.log")) == 1


def test_a_submission_whose_answer_was_cut_off_is_the_same_job_when_it_is_repeated(tmp_path: Path):
    """The API dies between commit and answer."""
    campaign = Campaign(tmp_path, Orders(seed=1, jobs=0, workers=1))
    request, key = tiny_request(), {"Idempotency-Key": "one"}
    with campaign.service as service:
        traps.lay(tmp_path / "traps", "accepted")
        with pytest.raises(httpx.TransportError):
            service.submit(request, **key)
        told = [service.submit(request, **key)["id"] for _ in range(2)]
        listed = service.http.get("/v1/rebalancing-plans").json()["items"]
    assert [plan["id"] for plan in listed] == told[:1] == told[1:]
