"""What Prometheus is told at `/metrics`: how the queue is, how jobs went, who is alive, how the API answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric, SummaryMetricFamily
from starlette.types import Scope

from service.db import executor, job, job_tally, now_ms, reading
from service.jobs.states import State
from service.problems import responses

router = APIRouter(tags=["service"])

RECENT = 200
"""Jobs whose gap is looked at."""
FRESH_S = 2.0
"""The database is asked no more often, however many ask here without a key."""
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""Those that are counted by name: anybody may make up others."""
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Counts of this API process, and at each scrape what the database says of all."""

    def __init__(self, database: sa.Engine) -> None:
        self._database = database
        self._asking = threading.Lock()
        self._asked_s = -FRESH_S
        self._found: tuple[Metric, ...] = ()
        self.registry = CollectorRegistry()
        self._requests = Histogram(
            "evenfleet_http_request_seconds",
            "Answers of this API process, by method, route and status",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.registry.register(self)

    def observe(self, scope: Scope, status: int, seconds: float) -> None:
        """Count one answer; by the route's pattern, so that neither ids nor made-up methods make series without end."""
        route = getattr(scope.get("route"), "path", "none")
        method = scope["method"] if scope["method"] in METHODS else "other"
        self._requests.labels(method, route, str(status)).observe(seconds)

    def collect(self) -> Iterator[Metric]:
        """What the database says; nothing but that it is away, when it is."""
        with self._asking:
            if time.monotonic() - self._asked_s >= FRESH_S:
                self._found = self._ask()
                self._asked_s = time.monotonic()
            found = self._found
        up = GaugeMetricFamily("evenfleet_database_up", "Whether the database answers")
        up.add_metric([], float(bool(found)))
        yield up
        yield from found

    def _ask(self) -> tuple[Metric, ...]:
        try:
            return tuple(self._of_database())
        except sa.exc.SQLAlchemyError:
            return ()

    def _of_database(self) -> Iterator[Metric]:
        with reading(self._database) as connection:
            yield _jobs(connection)
            yield _oldest(connection)
            yield from _times(connection)
            yield _gaps(connection)
            yield _beats(connection)


def _jobs(connection: sa.Connection) -> Metric:
    found = GaugeMetricFamily("evenfleet_jobs", "Jobs by state; queued ones are the queue", labels=["state"])
    rows = connection.execute(sa.select(job.c.state, sa.func.count()).group_by(job.c.state))
    counts: dict[str, int] = {row[0]: row[1] for row in rows}
    for state in State:
        found.add_metric([state], counts.get(state, 0))
    return found


def _oldest(connection: sa.Connection) -> Metric:
    found = GaugeMetricFamily("evenfleet_queue_oldest_seconds", "How long the job that came first has been waiting")
    query = sa.select(now_ms() - sa.func.min(job.c.created_ms)).where(job.c.state == State.QUEUED)
    found.add_metric([], (connection.execute(query).scalar() or 0) / 1000)
    return found


def _times(connection: sa.Connection) -> Iterator[Metric]:
    wait = SummaryMetricFamily("evenfleet_job_wait_seconds", "From submission to the first attempt", labels=["kind"])
    solve = SummaryMetricFamily("evenfleet_job_run_seconds", "From the first attempt to the end", labels=["kind"])
    for row in connection.execute(sa.select(job_tally)):
        wait.add_metric([row.kind], row.jobs, row.waited_ms / 1000)
        solve.add_metric([row.kind], row.jobs, row.run_ms / 1000)
    yield wait
    yield solve


def _gaps(connection: sa.Connection) -> Metric:
    found = GaugeMetricFamily(
        "evenfleet_job_gap", f"Mean gap at the end of those of the last {RECENT} jobs that told one", labels=["kind"]
    )
    query = sa.select(job.c.kind, job.c.progress).where(job.c.state == State.SUCCEEDED)
    told: dict[str, list[float]] = {}
    for kind, progress in connection.execute(query.order_by(job.c.finished_ms.desc()).limit(RECENT)):
        gap: Any = (progress or {}).get("gap")
        if isinstance(gap, (int, float)):
            told.setdefault(kind, []).append(float(gap))
    for kind, gaps in told.items():
        found.add_metric([kind], sum(gaps) / len(gaps))
    return found


def _beats(connection: sa.Connection) -> Metric:
    found = GaugeMetricFamily(
        "evenfleet_worker_beat_age_seconds", "Since a worker last said that it is alive", labels=["host", "worker"]
    )
    for row in connection.execute(sa.select(executor.c.host, executor.c.id, (now_ms() - executor.c.beat_ms))):
        found.add_metric([row[0], row[1][:8]], row[2] / 1000)
    return found


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={
        200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}, "description": "As Prometheus reads them"},
        **responses(is_public=True),
    },
)
def show_metrics(request: Request) -> Response:
    """Nothing of any tenant, request or result is in them."""
    metrics: Metrics = request.app.state.metrics
    return Response(generate_latest(metrics.registry), media_type=MEDIA_TYPE)
