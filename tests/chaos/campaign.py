"""One campaign: clients at work, faults drawn by a seed, and in the end a verdict."""

from __future__ import annotations

import json
import random
import re
import signal
import time
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.chaos import serve, traps
from tests.chaos.checker import Verdict, judge
from tests.chaos.clients import Client
from tests.chaos.history import History
from tests.chaos.tables import read_tables
from tests.service.postgres import PostgresServer
from tests.service.receiver import Receiver, receiver
from tests.service.running import RunningService, wait_for

LEASE_S, PAUSE_S = 1.5, (0.3, 1.2)
SERVER_FAULTS = ("database", "claim")
"""Those that need a server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """How much is done, and how often what is killed."""

    seed: int
    jobs: int
    workers: int = 2
    clients: int = 4
    faults: tuple[tuple[str, int], ...] = ()
    """
    Of `worker`, `api`, `tree`, `database`, `claim` (the database, while a worker has claimed a job and not read it),
    `stop` (a worker held still beyond its lease), `trap`; with counts.
    """
    real: bool = False
    """With the real solver child."""
    clock_s: float = 0.0
    """By how much the clocks of workers are wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What happened."""

    orders: Orders
    backend: str
    verdict: Verdict
    accepted: int
    ends: Counter[str]
    attempts: int
    refused: int
    """Writes of attempts that had been given to another worker."""
    errors: int
    """Calls without an answer, and answers 503."""
    seconds: float

    def line(self) -> str:
        """All of it in a line."""
        faults = ", ".join(f"{count} x {name}" for name, count in self.orders.faults)
        ends = ", ".join(f"{count} {state}" for state, count in sorted(self.ends.items()))
        verdict = self.verdict
        return (
            f"{self.backend}, seed {self.orders.seed}: {faults}; {self.accepted} accepted: {ends}; "
            f"{self.attempts} attempts, {self.refused} disowned, {self.errors} calls unanswered; "
            f"lost {len(verdict.lost)}, twice {len(verdict.twice)}, illegal {len(verdict.illegal)}, "
            f"revived {len(verdict.revived)}; {self.seconds:.0f} s"
        )


class Campaign:
    """The service under fire."""

    def __init__(self, folder: Path, orders: Orders, *, db_url: str = "", server: PostgresServer | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.orders, self._folder, self._server = orders, folder, server
        self.history = History(folder / "history.jsonl")
        self._rng = random.Random(orders.seed)
        self.service = RunningService(
            folder,
            db_url=db_url,
            workers=orders.workers,
            command=serve.COMMAND,
            lease_s=str(LEASE_S),
            beat_s="0.3",
            poll_s="0.05",
            # Kills come so fast here that three attempts are soon used up; that end is tested by itself.
            max_attempts="100",
            allow_hosts="127.0.0.1",
            webhook_timeout_s="1",
            webhook_retries_s=json.dumps([0.1] * 50),
        )
        self.service.environment[traps.FOLDER] = str(folder / "traps")
        if orders.clock_s:
            self.service.environment["CHAOS_CLOCK_S"] = str(orders.clock_s)
        if orders.real:
            self.service.environment["CHAOS_REAL"] = "1"
        self._url = db_url or f"sqlite:///{folder / 'data' / 'evenfleet.sqlite'}"

    def run(self) -> Report:
        """Everything from the first start to the verdict."""
        with receiver() as hook:
            return self._run(hook)

    def _run(self, hook: Receiver) -> Report:
        begun_s = time.monotonic()
        try:
            self.service.start()
            self.service.http.post("/v1/webhook-endpoints", json={"url": hook.url}).raise_for_status()
            clients = [
                Client(self._address, self.history, name=f"c{number}", seed=self.orders.seed, jobs=share)
                for number, share in enumerate(_shares(self.orders.jobs, self.orders.clients))
            ]
            for client in clients:
                client.start()
            for fault in self._plan():
                time.sleep(self._rng.uniform(*PAUSE_S))
                self.inflict(fault)
            for client in clients:
                client.join(180)
                assert client.failure is None, client.failure
                assert not client.is_alive(), f"{client.name} hangs"
            accepted = {job_id for client in clients for job_id in client.accepted}
            self.rest(sorted(accepted))
            with suppress(AssertionError):  # the checker says of which nobody was told
                wait_for(lambda: accepted <= {one["job_id"] for one in told_by(hook)}, within_s=30, what="webhooks")
        finally:
            with suppress(psutil.NoSuchProcess):
                self.service.stop()
        tables = read_tables(self._url, self._folder / "data" / "documents", told_by(hook))
        return Report(
            orders=self.orders,
            backend="sqlite" if self._url.startswith("sqlite") else "postgresql",
            verdict=judge(self.history.operations, tables),
            accepted=sum(len(client.accepted) for client in clients),
            ends=Counter(job["state"] for job in tables.jobs),
            attempts=sum(job["attempt"] for job in tables.jobs),
            refused=sum(len(re.findall("attempt_disowned", log.read_text())) for log in self._folder.glob("*.log")),
            errors=sum(client.errors for client in clients),
            seconds=time.monotonic() - begun_s,
        )

    def inflict(self, fault: str) -> None:
        """One fault, noted."""
        called_s = time.monotonic()
        what = getattr(self, f"_{fault}")()
        self.history.add("fault", called_s, what=f"{fault} {what}")

    def rest(self, job_ids: list[str], *, within_s: float = 120.0) -> None:
        """Wait until all have ended, or until none of them has for too long; the checker says which have not."""
        deadline, waiting = time.monotonic() + within_s, deque(job_ids)
        while waiting and time.monotonic() < deadline:
            job_id, status = waiting.popleft(), ""
            called_s = time.monotonic()
            with suppress(Exception):
                status = self.service.plan(job_id)["status"]
                self.history.add("read", called_s, job_id=job_id, status=status)
            if status in ("succeeded", "failed", "cancelled", "invalid"):
                deadline = time.monotonic() + within_s
            else:
                waiting.append(job_id)
                time.sleep(0.05)

    def _plan(self) -> list[str]:
        faults = [name for name, count in self.orders.faults for _ in range(count)]
        self._rng.shuffle(faults)
        return faults

    def _address(self) -> str:
        return str(self.service.http.base_url).rstrip("/")

    def _pick(self, module: str) -> psutil.Process | None:
        """One of the processes of a kind, waiting a while for one to be there."""
        for _ in range(200):
            found = self.service.processes(module)
            if found:
                return self._rng.choice(found)
            time.sleep(0.05)
        return None

    def _kill(self, module: str) -> str:
        process = self._pick(module)
        if process is None:
            return "nobody there"
        with suppress(psutil.NoSuchProcess):
            process.kill()
        return str(process.pid)

    def _worker(self) -> str:
        # A worker in the middle of a job, as far as one can tell from outside.
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline and not self.service.processes(serve.CHILD):
            time.sleep(0.01)
        busy = {child.ppid() for child in self.service.processes(serve.CHILD) if child.is_running()}
        for pid in sorted(busy):
            with suppress(psutil.NoSuchProcess):
                psutil.Process(pid).kill()
                return f"{pid}, at work"
        return self._kill(serve.WORKER)

    def _api(self) -> str:
        return self._kill(serve.API)

    def _tree(self) -> str:
        self.service.kill_everything()
        begun_s = time.monotonic()
        self.service.start()
        return f"ready again after {time.monotonic() - begun_s:.1f} s"

    def _database(self) -> str:
        assert self._server is not None
        self._server.kill()
        time.sleep(self._rng.uniform(0, 1.5))
        self._server.start()
        return ""

    def _claim(self) -> str:
        assert self._server is not None
        folder, point = self._folder / "traps", traps.CLAIM_UNREAD
        trap = traps.lay_pipe(folder, point)
        with suppress(AssertionError):
            wait_for(lambda: traps.held(folder, point), within_s=10, what="a claim")
        trap.unlink(missing_ok=True)
        # Whoever came in the last moment waits as well.
        held = traps.held(folder, point)
        if held is None:
            return "nobody claimed anything"
        self._server.kill()
        held.open("w").close()
        wait_for(lambda: not held.exists(), within_s=60, what="the next claim of the same engine")
        self._server.start()
        return held.name.rpartition(".")[2]

    def _stop(self) -> str:
        process = self._pick(serve.WORKER)
        if process is None:
            return "nobody there"
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGSTOP)
            time.sleep(2 * LEASE_S)
            process.send_signal(signal.SIGCONT)
        return str(process.pid)

    def _trap(self) -> str:
        point = self._rng.choice((*traps.WORKER_POINTS, *traps.API_POINTS))
        traps.lay(self._folder / "traps", point)
        return point


def told_by(hook: Receiver) -> list[dict[str, Any]]:
    """Every webhook that was received, as the checker wants it."""
    events = [(one.id, json.loads(one.body)["data"]) for one in list(hook.received)]
    return [{"message": message, "job_id": data["id"], "status": data["status"]} for message, data in events]


def _shares(total: int, parts: int) -> list[int]:
    return [total // parts + (number < total % parts) for number in range(parts)]
