"""A service as an operator starts it, with the settings that it has by itself, and a look at its processes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
import sqlalchemy as sa

from service import db
from service.access.caller import COMMAND_LINE, Caller
from service.access.scopes import Scope
from service.access.service import Keys
from service.settings import Settings
from tests.service.backends import create_database
from tests.service.postgres import running_postgres
from tests.service.running import API, RunningService

PLANS = "/v1/rebalancing-plans"
UNHURRIED = {
    name: str(Settings.model_fields[name].default) for name in ("poll_s", "stream_poll_s", "beat_s", "solver_nice")
}
"""`RunningService` hurries, and is heard, for tests; here figures are those of the defaults."""
UNCOUNTED = {
    "rate_requests": "1e9",
    "burst_requests": "1000000000",
    "rate_submissions": "1e9",
    "burst_submissions": "1000000000",
    "max_open_jobs": "1000000",
    "max_tenant_streams": "500",
}
"""One tenant is to bring all the load, so its quotas are out of the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the page."""

    what: str
    target: str
    figure: str
    is_met: bool | None = None
    """None = there is no target."""


class House:
    """API and workers over a database of their own, and a key."""

    def __init__(self, folder: Path, db_url: str, **settings: Any) -> None:
        self.running = RunningService(folder, db_url=db_url, **{"workers": 2, **UNHURRIED, **settings})
        self.url = db_url or f"sqlite:///{folder / 'data' / 'evenfleet.sqlite'}"
        self.documents = folder / "data" / "documents"
        self.database = db.open_engine(self.url)

    def open(self) -> None:
        """Make a key and come in with it; the service runs."""
        self.headers = self.key("default")
        self.enter()

    def restart(self) -> None:
        """Start what was killed, at an address of its own."""
        self.running.start()
        self.enter()

    def enter(self) -> None:
        """Speak to the service with the key, at the address that it has now."""
        self.running.http.headers.update(self.headers)
        self.address = str(self.running.http.base_url)

    def key(self, tenant_id: str) -> dict[str, str]:
        """Headers of a caller who may everything."""
        caller = Caller(tenant_id=tenant_id, actor=COMMAND_LINE, scopes=frozenset(Scope))
        keys = Keys(database=self.database, settings=Settings())
        _, text = keys.create(caller, tenant_id=tenant_id, name="bench", scopes=tuple(Scope), expires_at=None)
        return {"Authorization": f"Bearer {text}"}

    def one(self, query: str, **values: Any) -> Any:
        """The one row that the database answers, as an object with the names of its columns."""
        with self.database.connect() as connection:
            return connection.execute(sa.text(query), values).one()

    @property
    def api(self) -> psutil.Process:
        """The API process."""
        (found,) = self.running.processes(API)
        return found


@contextmanager
def house(backend: str, **settings: Any) -> Iterator[House]:
    """A running house on `sqlite` or `postgresql`, both waiting for the disk at each commit."""
    server = running_postgres(is_durable=True) if backend == "postgresql" else nullcontext()
    with TemporaryDirectory(prefix="evenfleet-bench-") as folder, server as started:
        made = House(Path(folder), create_database(started.url) if started else "", **settings)
        try:
            with made.running:
                made.open()
                yield made
        finally:
            made.database.dispose()


class Watch:
    """What a process takes while a block runs: CPU seconds, and the most memory it ever had then, in MB."""

    def __init__(self, process: psutil.Process) -> None:
        self.process = process
        self.cpu_s = self.seconds = self.most_mb = 0.0

    def __enter__(self) -> Watch:
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")  # The peak counts from now.
        self._before_s, self._begun_s = cpu_seconds(self.process), time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self.cpu_s = cpu_seconds(self.process) - self._before_s
        self.seconds = time.monotonic() - self._begun_s
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        self.most_mb = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def cpu_seconds(process: psutil.Process) -> float:
    """CPU time of a process so far."""
    times = process.cpu_times()
    return float(times.user + times.system)
