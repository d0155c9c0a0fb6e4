"""Nights that are planned by themselves: due by the city's clock, once for each service date, on both databases."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from service import db
from service.access.caller import local
from service.app import prepare_storage
from service.errors import InvalidRequest, NotFound
from service.schedules import moments
from service.schedules.running import submit_due
from service.schedules.schemas import ScheduleChange, ScheduleRequest
from service.schedules.service import Schedules
from service.settings import Settings
from tests.service.running import RunningService, wait_for

STOCKHOLM = ZoneInfo("Europe/Stockholm")
SIX_HOURS = timedelta(hours=6)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "local_time", "utc"),
    [
        # Winter is UTC+1, summer UTC+2.
        (date(2026, 1, 15), time(21, 30), "2026-01-15T20:30"),
        (date(2026, 7, 15), time(21, 30), "2026-07-15T19:30"),
        # On 29 March 2026 the clock goes from 02:00 to 03:00: 02:30 would have been 01:30 UTC, shown as 03:30.
        (date(2026, 3, 29), time(2, 30), "2026-03-29T01:30"),
        (date(2026, 3, 29), time(3, 0), "2026-03-29T01:00"),
        # On 25 October 2026 it goes from 03:00 back to 02:00: 02:30 comes at 00:30 and at 01:30 UTC; the first counts.
        (date(2026, 10, 25), time(2, 30), "2026-10-25T00:30"),
        (date(2026, 10, 25), time(3, 0), "2026-10-25T02:00"),
    ],
)
def test_a_night_is_due_by_the_clock_of_its_city(day: date, local_time: time, utc: str):
    assert moments.due_at(day, local_time, STOCKHOLM) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def due(now: str, *, last: date | None = None, since: datetime = LONG_AGO) -> tuple[date, ...]:
    """Of a schedule for 02:30, looked at `now` in UTC."""
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    return moments.due_dates(at, time(2, 30), STOCKHOLM, since=since, catch_up=SIX_HOURS, last=last)


def test_a_night_is_due_for_six_hours_and_then_missed():
    night = date(2026, 1, 15)  # due at 01:30 UTC
    assert due("2026-01-15T01:29:59") == ()
    assert due("2026-01-15T01:30:00") == due("2026-01-15T07:30:00") == (night,)
    assert due("2026-01-15T07:30:01") == ()
    assert due("2026-01-15T05:00:00", last=night) == ()
    assert due("2026-01-15T05:00:00", since=datetime(2026, 1, 15, 1, 31, tzinfo=UTC)) == (), "nothing is made up for"


def test_every_date_is_due_exactly_once_in_the_nights_when_clocks_change():
    for first, hours in (("2026-03-28T00:00", 72), ("2026-10-24T00:00", 72)):
        found: list[date] = []
        for minutes in range(0, hours * 60, 10):
            now = datetime.fromisoformat(first).replace(tzinfo=UTC) + timedelta(minutes=minutes)
            found += due(now.isoformat()[:19], last=found[-1] if found else None)
        start = date.fromisoformat(first[:10])
        assert found == [start + timedelta(days=number) for number in range(3)]


@pytest.fixture
def settings(tmp_path: Path, db_url: str) -> Settings:
    made = Settings(data_dir=tmp_path, db_url=db_url)
    prepare_storage(made)
    return made


@pytest.fixture
def schedules(settings: Settings) -> Iterator[Schedules]:
    database = db.open_engine(settings.database_url)
    yield Schedules(database=database, settings=settings, caller=local())
    database.dispose()


def jobs(schedules: Schedules) -> list[tuple[str, str]]:
    with db.reading(schedules.database) as connection:
        return [tuple(row) for row in connection.execute(sa.select(db.job.c.id, db.job.c.idempotency_key))]


CHILDREN = """
import sys
from datetime import datetime
from service import db
from service.schedules.running import submit_due
from service.settings import Settings
settings = Settings()
submit_due(db.open_engine(settings.database_url), settings, now=datetime.fromisoformat(sys.argv[1]))
"""


def test_workers_that_see_the_same_night_at_once_and_a_restart_make_one_plan(schedules: Schedules, settings: Settings):
    wanted = ScheduleRequest(city="paris-8e", local_time="21:30", options={"limits": {"seconds": 1}})
    one = schedules.create(wanted)
    assert one.time_zone == "Europe/Paris"
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    now = moments.due_at(tomorrow, time(21, 30), ZoneInfo("Europe/Paris")) + timedelta(minutes=1)

    environment = {
        "EVENFLEET_DATA_DIR": str(settings.data_dir),
        "EVENFLEET_DB_URL": settings.db_url,
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    command = [sys.executable, "-c", CHILDREN, now.isoformat()]
    running = [subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) for _ in range(2)]
    for process in running:
        _, told = process.communicate(timeout=120)
        assert process.returncode == 0, told

    # As if a worker had died between submitting and keeping that it did.
    with db.writing(schedules.database) as connection:
        connection.execute(sa.update(db.schedule).values(last_date=None, last_job_id=None))
    [job_id] = submit_due(schedules.database, settings, now=now)
    assert submit_due(schedules.database, settings, now=now) == []
    assert jobs(schedules) == [(job_id, f"schedule:{one.id}:{tomorrow.isoformat()}")]
    found = schedules.find(one.id)
    assert (found.last_date, found.last_job_id) == (tomorrow.isoformat(), job_id)

    schedules.change(one.id, ScheduleChange(is_paused=True))
    assert submit_due(schedules.database, settings, now=now + timedelta(days=1)) == []
    schedules.delete(one.id)
    with pytest.raises(NotFound):
        schedules.find(one.id)
    assert len(jobs(schedules)) == 1, "plans stay"


def test_what_could_not_be_submitted_is_refused_when_it_is_scheduled(schedules: Schedules):
    wanted = ScheduleRequest(city="parris", local_time="21:30", options={"limits": {"seconds": -1}})
    with pytest.raises(InvalidRequest) as refused:
        schedules.create(wanted)
    assert {finding.where for finding in refused.value.findings} == {"/city", "/options/limits/seconds"}


def test_a_night_that_is_due_is_planned_by_a_worker_over_http(service: RunningService):
    stockholm = datetime.now(STOCKHOLM) + timedelta(minutes=1)
    wanted = {
        "city": "goteborg",
        "local_time": stockholm.strftime("%H:%M"),
        "options": {"limits": {"seconds": 1}},
    }
    answer = service.http.post("/v1/schedules", json=wanted)
    assert answer.status_code == 201, answer.text
    where = answer.headers["location"]
    assert service.http.get(where).json()["next_at"] is not None
    path = wait_for(lambda: service.http.get(where).json()["last_plan"], within_s=90, what="the night to be submitted")
    assert service.http.get(path).json()["name"].startswith("goteborg bikes ")
    assert service.http.patch(where, json={"is_paused": True}).json()["next_at"] is None
    assert where.endswith(service.http.get("/v1/schedules").json()["items"][-1]["id"])
    assert service.http.post("/v1/schedules", json={**wanted, "local_time": "25:00"}).status_code == 422
    assert service.http.delete(where).status_code == 204
    assert service.http.get(where).status_code == 404
