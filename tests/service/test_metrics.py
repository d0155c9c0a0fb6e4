"""What Prometheus is told, counted by hand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from service import db
from service.app import create_app, prepare_storage
from service.jobs import liveness, store
from service.jobs.states import Outcome, State
from service.settings import Settings
from service.storage.retention import sweep


@pytest.fixture
def told(tmp_path: Path, db_url: str) -> dict[tuple[str, tuple[str, ...]], float]:
    """Name and values of labels to figure: of two jobs that wait, and one that waited 2 s, ran 3 s, and has a gap."""
    settings = Settings(data_dir=tmp_path, db_url=db_url)
    prepare_storage(settings)
    app = create_app(settings)
    with db.writing(app.state.database) as connection:
        for name in ("first", "second", "ended"):
            store.create(
                connection,
                tenant_id="default",
                job_id=name,
                kind="rebalancing",
                name="",
                request_sha256="0",
                idempotency_key=None,
            )
        now = connection.execute(sa.select(db.now_ms())).scalar_one()
        store.claim(connection, "ended", executor_id="worker")
        times = {"created_ms": now - 5000, "started_ms": now - 3000}
        connection.execute(sa.update(db.job).where(db.job.c.id == "ended").values(**times))
        progress = {"elapsed_s": 1.0, "objective": 4.0, "best_bound": 3.0, "gap": 0.25}
        store.record_progress(connection, "ended", attempt=1, progress=progress)
        store.finish(connection, "ended", attempt=1, outcome=Outcome(state=State.SUCCEEDED))
        connection.execute(sa.update(db.job).where(db.job.c.id == "first").values(created_ms=now - 60_000))
    liveness.beat(app.state.database, "0123456789abcdef")
    with TestClient(app) as client:
        assert client.get("/v1/rebalancing-plans/pln_0").status_code == 401  # not from this machine, and no key
        assert client.get("/livez").status_code == 200
        text = client.get("/metrics").text
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_figures_are_those_of_the_tables(told: dict[tuple[str, tuple[str, ...]], float]):
    assert told["evenfleet_jobs", ("queued",)] == 2
    assert told["evenfleet_jobs", ("succeeded",)] == 1
    assert told["evenfleet_jobs", ("failed",)] == 0
    assert 60 <= told["evenfleet_queue_oldest_seconds", ()] < 120
    kind = ("rebalancing",)
    assert (told["evenfleet_job_wait_seconds_sum", kind], told["evenfleet_job_wait_seconds_count", kind]) == (2, 1)
    assert told["evenfleet_job_run_seconds_count", kind] == 1
    assert 3 <= told["evenfleet_job_run_seconds_sum", kind] < 60
    assert told["evenfleet_job_gap", kind] == 0.25
    assert told["evenfleet_database_up", ()] == 1
    [beat] = [value for (name, _), value in told.items() if name == "evenfleet_worker_beat_age_seconds"]
    assert 0 <= beat < 60
    assert told["evenfleet_http_request_seconds_count", ("GET", "/livez", "200")] == 1
    assert told["evenfleet_http_request_seconds_count", ("GET", "none", "401")] == 1


def test_the_database_is_asked_once_however_many_scrape(tmp_path: Path, db_url: str):
    settings = Settings(data_dir=tmp_path, db_url=db_url)
    prepare_storage(settings)
    app = create_app(settings)
    asked = []
    sa.event.listen(app.state.database, "before_cursor_execute", lambda *said: asked.append(said[2]))
    with TestClient(app) as client:
        texts = {client.get("/metrics").text.partition("evenfleet_http")[0] for _ in range(4)}
    assert len(texts) == 1
    assert 0 < len([statement for statement in asked if "count(" in statement]) <= 2


def test_made_up_methods_and_paths_make_no_series_of_their_own(tmp_path: Path):
    settings = Settings(data_dir=tmp_path)
    prepare_storage(settings)
    with TestClient(create_app(settings)) as client:
        for number in range(20):
            assert client.request(f"MADEUP{number}", f"/made/up/{number}").status_code == 404
        text = client.get("/metrics").text
    assert "MADEUP" not in text
    assert 'evenfleet_http_request_seconds_count{method="other",route="none",status="404"} 20.0' in text


def test_no_figure_reads_all_jobs_or_falls_when_old_ones_are_removed(tmp_path: Path):
    """Whatever is asked of the table of jobs is answered by an index alone, or by a few rows that it finds."""
    settings = Settings(data_dir=tmp_path, retain_days=1.0)
    prepare_storage(settings)
    app = create_app(settings)
    database = app.state.database
    with db.writing(database) as connection:
        for number, state in enumerate(State):
            name = {"job_id": str(number), "kind": "rebalancing", "name": "", "request_sha256": "0"}
            store.create(connection, tenant_id="default", idempotency_key=None, **name)
            if state.is_final:
                store.claim(connection, str(number), executor_id="worker")
                store.finish(connection, str(number), attempt=1, outcome=Outcome(state=state))
    asked: list[tuple[str, Any]] = []
    sa.event.listen(database, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
    before = _jobs_that_ran(app)
    assert before == len([state for state in State if state.is_final])

    about_jobs = [(text, values) for text, values in asked if re.search(r"FROM job\b", text)]
    assert len(about_jobs) == 3
    with database.connect() as connection:
        for text, values in about_jobs:
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all():
                assert "SCAN job" not in row[-1] or "COVERING INDEX" in row[-1], (text, row[-1])
                assert "TEMP B-TREE FOR ORDER" not in row[-1], (text, row[-1])

    with db.writing(database) as connection:
        connection.execute(sa.update(db.job).values(finished_ms=db.job.c.finished_ms - 2 * 86_400_000))
    assert sweep(database, settings)[0] == before
    assert _jobs_that_ran(create_app(settings)) == before


def _jobs_that_ran(app: FastAPI) -> float:
    with TestClient(app) as client:
        families = list(text_string_to_metric_families(client.get("/metrics").text))
    return sum(
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == "evenfleet_job_run_seconds_count"
    )
