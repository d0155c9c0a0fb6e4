"""How soon the service answers: reads beside two searches, submissions, and lists of many jobs."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from service import db
from service.cursors import write_cursor
from tests.bench.serving import peer
from tests.bench.serving.house import PLANS, UNCOUNTED, Figure, House, Watch, house
from tests.bench.serving.load import put_on, request
from tests.service.cities import long_request, tiny_request
from tests.service.running import wait_for

CONNECTIONS = 32
JOBS = 100_000
FIRST_MS = 1_700_000_000_000


def measure(backend: str, share: float) -> Iterator[Figure]:
    """Figures of one house whose database holds many jobs already; `share` of the time and of the jobs."""
    with house(backend, **UNCOUNTED) as served:
        jobs = max(1_000, round(share * JOBS))
        fill(served, jobs)
        yield from _lists(served, jobs, seconds=max(2.0, 10 * share))
        yield from _reads(served, seconds=max(3.0, 60 * share))
        yield from _submissions(served, seconds=max(3.0, 30 * share))


def fill(served: House, jobs: int) -> None:
    """Jobs that have ended, one in a thousand badly, straight into the tables."""
    rows = [
        {
            "tenant_id": "default",
            "id": f"pln_{number:020x}",
            "kind": "rebalancing",
            "name": f"Night {number}",
            "state": "failed" if number % 1000 == 7 else "succeeded",
            "attempt": 1,
            "request_sha256": f"{number:064x}",
            "created_ms": FIRST_MS + 1000 * number,
            "started_ms": FIRST_MS + 1000 * number + 500,
            "finished_ms": FIRST_MS + 1000 * number + 900,
            "stop_reason": "gap",
            "progress": {"elapsed_s": 0.3, "objective": 90.0, "best_bound": 88.0, "gap": 0.02},
            "last_seq": 3,
        }
        for number in range(jobs)
    ]
    steps = (("status", {"status": "queued"}), ("status", {"status": "preparing"}), ("end", {"status": "succeeded"}))
    events = [
        {"job_id": row["id"], "seq": seq, "tenant_id": "default", "at_ms": row["created_ms"], "kind": kind}
        | {"attempt": min(1, seq - 1), "data": data}
        for row in rows
        for seq, (kind, data) in enumerate(steps, 1)
    ]
    for table, made in ((db.job, rows), (db.job_event, events)):
        for first in range(0, len(made), 5_000):
            with db.writing(served.database) as connection:
                connection.execute(sa.insert(table), made[first : first + 5_000])
    # As the server does by itself, but a minute later.
    db.glance(served.database, lambda connection: connection.exec_driver_sql("ANALYZE"))


def _lists(served: House, jobs: int, *, seconds: float) -> Iterator[Figure]:
    middle = write_cursor(FIRST_MS + 500 * jobs, f"pln_{0:020x}")
    for name, query in (
        ("newest", ""),
        ("from the middle", f"?cursor={middle}"),
        ("that failed", "?status=failed"),
        ("of 100", "?limit=100"),
    ):
        asked = [request("GET", f"{PLANS}{query}", headers=served.headers)]
        answered = put_on(served.address, asked, connections=4, seconds=seconds)
        yield Figure(
            what=f"list page, {name}, {jobs:,} jobs in the database",
            target="p99 < 150 ms",
            figure=f"p50 {answered.ms(0.5):.0f} ms, p99 {answered.ms(0.99):.0f} ms, {answered.errors} errors",
            is_met=answered.ms(0.99) < 150 and answered.errors == 0,
        )


def _reads(served: House, *, seconds: float) -> Iterator[Figure]:
    running = served.running
    done = running.submit(tiny_request())["id"]
    running.wait_until(done, "succeeded", within_s=300)
    busy = [running.submit(long_request(seconds=3 * seconds + 60))["id"] for _ in range(2)]
    for job_id in busy:
        running.wait_until(job_id, "solving", within_s=300)
    paths = [
        f"{PLANS}/{done}",
        f"{PLANS}/{busy[0]}",
        PLANS,
        f"{PLANS}/{busy[1]}/events?after=0",
        f"{PLANS}/{done}/kpis",
    ]
    asked = [request("GET", path, headers=served.headers) for path in paths]
    with Watch(served.api) as api:
        ours = put_on(served.address, asked, connections=CONNECTIONS, seconds=seconds)
    with bare_peer() as address:
        asked = [request("GET", peer.PATH, headers={"Authorization": f"Bearer {peer.KEY}"})]
        bare = put_on(address, asked, connections=CONNECTIONS, seconds=max(3.0, seconds / 4))
    still = [running.plan(job_id)["status"] for job_id in busy]
    if still != ["solving"] * 2:
        raise RuntimeError(f"the searches beside which it was measured are {still}")
    for job_id in busy:
        running.http.post(f"{PLANS}/{job_id}:cancel").raise_for_status()
    yield Figure(
        what=f"reads beside two searches, {CONNECTIONS} connections, {seconds:.0f} s",
        target=">= 300/s, p99 < 150 ms, 0 errors",
        figure=f"{ours.rate:.0f}/s, p50 {ours.ms(0.5):.0f} ms, p99 {ours.ms(0.99):.0f} ms, {ours.errors} errors",
        is_met=ours.rate >= 300 and ours.ms(0.99) < 150 and ours.errors == 0,
    )
    yield Figure(
        what="processor time of the API for a read",
        target="",
        figure=f"{1000 * api.cpu_s / max(1, len(ours.latencies_ms)):.2f} ms",
    )
    yield Figure(
        what="the same load on a bare peer (FastAPI, SQLite, a key and one row)",
        target="",
        figure=f"{bare.rate:.0f}/s, p50 {bare.ms(0.5):.0f} ms, p99 {bare.ms(0.99):.0f} ms",
    )


def _submissions(served: House, *, seconds: float) -> Iterator[Figure]:
    asked = [
        request("POST", PLANS, headers=served.headers, body={**tiny_request(seed=number), "name": f"Night {number}"})
        for number in range(round(seconds * 300))
    ]
    with Watch(served.api) as api:
        answered = put_on(served.address, asked, connections=8, seconds=seconds, is_once=True)
    accepted = len(answered.latencies_ms)
    kept = served.one(
        "SELECT count(*) AS count FROM job WHERE name LIKE 'Night %' AND created_ms > :then", then=1.79e12
    )
    assert kept.count == accepted == answered.statuses.get("202", 0), (kept.count, answered.statuses)
    yield Figure(
        what=f"durable submissions, 8 connections, {seconds:.0f} s, workers at work",
        target=">= 20/s, p99 < 500 ms",
        figure=f"{answered.rate:.0f}/s, p99 {answered.ms(0.99):.0f} ms, {answered.errors} errors",
        is_met=answered.rate >= 20 and answered.ms(0.99) < 500 and answered.errors == 0,
    )
    yield Figure(
        what="processor time of the API for a submission",
        target="",
        figure=f"{1000 * api.cpu_s / max(1, accepted):.2f} ms",
    )


@contextmanager
def bare_peer() -> Iterator[str]:
    """Address of the peer while it runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with TemporaryDirectory(prefix="evenfleet-peer-") as folder:
        command = [sys.executable, "-m", "tests.bench.serving.peer", str(Path(folder) / "peer.sqlite"), str(port)]
        process = subprocess.Popen(command, cwd=Path(__file__).parents[3])
        try:
            wait_for(lambda: _listens(port), within_s=60, what="the bare peer")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def _listens(port: int) -> bool:
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0
