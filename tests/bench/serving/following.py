"""Two hundred event streams at once: everything told once, in order, and soon."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile

from tests.bench.serving.house import PLANS, UNCOUNTED, Figure, Watch, house
from tests.bench.serving.load import percentile
from tests.service.cities import long_request, tiny_request

STREAMS, SEARCHES, CUT_AFTER = 200, 4, 5


def measure(backend: str, share: float) -> Iterator[Figure]:
    """A quarter of the streams is cut after every few events and taken up again."""
    count = max(20, round(share * STREAMS))
    with house(backend, **UNCOUNTED) as served:
        running = served.running
        running.wait_until(running.submit(tiny_request())["id"], "succeeded", within_s=300)
        seconds = max(5.0, 20 * share)
        jobs = [running.submit(long_request(seconds=seconds))["id"] for _ in range(SEARCHES)]
        paths = [f"{PLANS}/{jobs[number % len(jobs)]}/events" for number in range(count)]
        orders = {"address": served.address, "paths": paths, "headers": served.headers, "cut_after": CUT_AFTER}
        with NamedTemporaryFile("w", suffix=".json") as file, Watch(served.api) as api:
            json.dump(orders, file)
            file.flush()
            command = [sys.executable, "-m", "tests.bench.serving.listen", file.name]
            done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[3])
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        told = json.loads(done.stdout)
        lasts = {
            path: served.one("SELECT last_seq FROM job WHERE id = :id", id=path.split("/")[3]).last_seq
            for path in set(paths)
        }
    whole = sum(one["seen"] == list(range(1, lasts[path] + 1)) for path, one in zip(paths, told, strict=True))
    late_s = sorted(late for one in told for late in one["late_s"])
    yield Figure(
        what=f"{count} event streams at once, a quarter cut every {CUT_AFTER} events",
        target=f"{count} whole: all events, in order, none twice",
        figure=f"{whole} whole",
        is_met=whole == count,
    )
    yield Figure(
        what=f"an event behind its recording, {len(late_s):,} events",
        target="<= 1.5 s",
        figure=f"p50 {percentile(late_s, 0.5):.2f} s, p99 {percentile(late_s, 0.99):.2f} s, most {late_s[-1]:.2f} s",
        is_met=late_s[-1] <= 1.5,
    )
    yield Figure(
        what="processor time of the API meanwhile",
        target="",
        figure=f"{100 * api.cpu_s / api.seconds:.0f} % of a core",
    )
