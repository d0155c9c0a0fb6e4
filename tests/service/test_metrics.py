"""What Prometheus is told, counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from service import db
from service.app import create_app, prepare_storage
from service.jobs import liveness, store
from service.settings import Settings


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
        ended = {"state": "succeeded", "created_ms": now - 5000, "started_ms": now - 3000, "finished_ms": now}
        progress = {"elapsed_s": 1.0, "objective": 4.0, "best_bound": 3.0, "gap": 0.25}
        connection.execute(sa.update(db.job).where(db.job.c.id == "ended").values(progress=progress, **ended))
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
    assert (told["evenfleet_job_run_seconds_sum", kind], told["evenfleet_job_run_seconds_count", kind]) == (3, 1)
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
