"""How soon things end and begin again: cancels at random moments, a worker's death, the death of everything."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from tests.bench.serving.house import PLANS, Figure, House, house
from tests.bench.serving.load import percentile
from tests.chaos.checker import judge
from tests.chaos.history import History
from tests.chaos.tables import read_tables
from tests.service.cities import inline_city, tiny_request
from tests.service.running import CHILD, gone, wait_for

CANCELS, KILLS = 200, 3
Fault = Callable[[House, str], AbstractContextManager[None]]


def search(seconds: float, seed: int = 1) -> dict[str, Any]:
    """A night that is searched until its time is up."""
    return {"city": inline_city(stations=40, vans=2), "limits": {"seconds": seconds, "seed": seed}}


def measure_cancels(backend: str, share: float) -> Iterator[Figure]:
    """Two at a time, each cancelled at a random moment between its submission and well into its search."""
    count = max(4, round(share * CANCELS))
    with house(backend) as served, TemporaryDirectory() as folder:
        running, history = served.running, History(Path(folder) / "history.jsonl")
        running.wait_until(
            running.submit(tiny_request(), **{"Idempotency-Key": "first"})["id"], "succeeded", within_s=300
        )
        rng, freed_s = random.Random(1), []
        moments = [rng.uniform(0, 8) for _ in range(count)]

        def cancel(number: int) -> str:
            called_s, key = time.monotonic(), f"cancel-{number}"
            job_id: str = running.submit(search(60, seed=number), **{"Idempotency-Key": key})["id"]
            history.add("submit", called_s, key=key, job_id=job_id, status="queued")
            time.sleep(moments[number])
            called_s = time.monotonic()
            told = running.http.post(f"{PLANS}/{job_id}:cancel").raise_for_status().json()
            history.add("cancel", called_s, job_id=job_id, status=told["status"])
            wait_for(lambda: not _at_work(served, job_id), within_s=120, what="the processor to be free")
            freed_s.append(time.monotonic() - called_s)
            called_s = time.monotonic()
            history.add("read", called_s, job_id=job_id, status=running.plan(job_id)["status"])
            return job_id

        with ThreadPoolExecutor(2) as pool:
            job_ids = list(pool.map(cancel, range(count)))
        for job_id in job_ids:
            running.wait_until(job_id, "cancelled", within_s=30)
        time.sleep(2)  # for whatever might come late
        asked = "SELECT finished_ms - cancel_requested_ms AS ms, started_ms FROM job WHERE id = :id"
        rows = [served.one(asked, id=job_id) for job_id in job_ids]
        tables = read_tables(served.url, served.documents, None)
    verdict = judge(history.operations, tables)
    final_s = sorted(row.ms / 1000 for row in rows)
    running_ones = sum(row.started_ms is not None for row in rows)
    freed_s.sort()
    yield Figure(
        what=f"{count} cancels at random moments, {running_ones} of them of running jobs: until the state is final",
        target="p99 <= 2 s",
        figure=f"p50 {percentile(final_s, 0.5):.2f} s, p99 {percentile(final_s, 0.99):.2f} s, most {final_s[-1]:.2f} s",
        is_met=percentile(final_s, 0.99) <= 2,
    )
    yield Figure(
        what="until the solver's processor is free",
        target="<= 8 s",
        figure=f"p50 {percentile(freed_s, 0.5):.2f} s, most {freed_s[-1]:.2f} s",
        is_met=freed_s[-1] <= 8,
    )
    wrong = [*verdict.revived, *verdict.twice, *verdict.illegal, *verdict.lost]
    yield Figure(
        what="cancelled and then something else; results that came late",
        target="0; 0",
        figure=f"{len(verdict.revived)}; {len(verdict.twice) + len(verdict.illegal) + len(verdict.lost)}",
        is_met=not wrong,
    )


def measure_recovery(backend: str, share: float) -> Iterator[Figure]:
    """Seconds until a job runs again: after its worker died, fell silent, or everything died at once."""
    times = max(1, round(share * KILLS))
    with house(backend, max_attempts="100") as served:
        job_id = served.running.submit(search(900))["id"]
        for what, target_s, inflict, start in (
            ("a worker was killed", 45, _kill_worker, None),
            ("a worker fell silent, as when its machine is gone", 45, _stop_worker, None),
            ("everything was killed: from the restart on", 15, _kill_everything, served.restart),
        ):
            seconds = sorted(_until_it_runs_again(served, job_id, inflict, start) for _ in range(times))
            yield Figure(
                what=f"a job runs again after {what}, {times} times",
                target=f"<= {target_s} s",
                figure=f"most {seconds[-1]:.1f} s",
                is_met=seconds[-1] <= target_s,
            )


def _until_it_runs_again(served: House, job_id: str, inflict: Fault, start: Callable[[], None] | None) -> float:
    before: int = served.running.wait_until(job_id, "solving", within_s=300)["attempt"]
    with inflict(served, job_id):
        from_s = time.monotonic()
        if start is not None:
            start()
        wait_for(lambda: served.running.plan(job_id)["attempt"] > before, within_s=300, what="another attempt")
        return time.monotonic() - from_s


@contextmanager
def _kill_worker(served: House, job_id: str) -> Iterator[None]:
    (child,) = _at_work(served, job_id)
    psutil.Process(child.ppid()).kill()
    yield


@contextmanager
def _stop_worker(served: House, job_id: str) -> Iterator[None]:
    (child,) = _at_work(served, job_id)
    worker = psutil.Process(child.ppid())
    worker.send_signal(signal.SIGSTOP)
    child.kill()
    yield
    # Its place is taken; without this the next one would find nobody.
    worker.kill()


@contextmanager
def _kill_everything(served: House, job_id: str) -> Iterator[None]:
    orphans = _at_work(served, job_id)
    served.running.kill_everything()
    wait_for(lambda: all(gone(child) for child in orphans), within_s=2, what="no orphan to be left")
    yield


def _at_work(served: House, job_id: str) -> list[psutil.Process]:
    """Solver children of this job."""
    found = []
    for child in served.running.processes(CHILD):
        try:
            if any(f"/{job_id}." in word for word in child.cmdline()):
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found
