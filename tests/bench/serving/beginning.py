"""How soon a solver child searches: started afresh, and as a copy of what its worker has loaded."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import psutil

from service.jobs import forking
from service.jobs.forking import ForkServer
from tests.bench.serving.house import Figure
from tests.service.children import solver_child
from tests.service.running import wait_for

CITY, TIMES = "goteborg", 5
REQUEST = {"city": CITY, "limits": {"seconds": 60}}


def measure(_backend: str, _share: float) -> Iterator[Figure]:
    """Of a city whose streets have been looked up before; no database has a part in it."""
    with TemporaryDirectory() as folder, patch.object(forking, "FIRST_S", 0.0):
        server = ForkServer(nice=0)
        try:
            begin(None, Path(folder))
            afresh = [begin(None, Path(folder)) for _ in range(TIMES)]
            server.tend()
            wait_for(lambda: server.is_ready, within_s=120, what="the fork server")
            copied = [begin(server, Path(folder)) for _ in range(TIMES)]
        finally:
            server.close()
    for way, seen in (("started afresh", afresh), ("copied from its worker's fork server", copied)):
        wall_s, cpu_s = (statistics.median(one) for one in zip(*seen, strict=True))
        yield Figure(
            what=f"a solver child, {way}, searches for a night of {CITY}",
            target="",
            figure=f"after {wall_s:.2f} s, {cpu_s:.2f} s of processor",
        )


def begin(forks: ForkServer | None, folder: Path) -> tuple[float, float]:
    """Seconds, and seconds of processor, until the first plan is told."""
    begun_s = time.monotonic()
    child = solver_child(folder, REQUEST, forks=forks)
    try:
        wait_for(lambda: child.progress(wait_s=0.01)[0], within_s=120, what="the child to speak")
        used = psutil.Process(child.process.pid).cpu_times()
        return time.monotonic() - begun_s, used.user + used.system
    finally:
        child.kill()
