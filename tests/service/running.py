"""Starts `evenfleet serve` as an operator would, and talks to it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil

T = TypeVar("T")

WORKER, CHILD, API = "service.jobs.worker", "service.jobs.child", "service.api"

FINAL = {"succeeded", "failed", "cancelled", "invalid"}


def wait_for(question: Callable[[], T | None], *, within_s: float, what: str) -> T:
    """The first answer that is neither None nor False."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        answer = question()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"waited {within_s} s for {what}")


def gone(process: psutil.Process) -> bool:
    """Whether the process has ended, buried or not."""
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


class RunningService:
    """One supervisor with an API and workers on a free port, in a folder of its own."""

    def __init__(
        self,
        folder: Path,
        *,
        db_url: str = "",
        workers: int = 1,
        command: tuple[str, ...] = ("-c", "from service.cli import main; main()", "serve"),
        **settings: str,
    ) -> None:
        self.folder = folder
        self.command = [sys.executable, *command]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("EVENFLEET_")}
        self.environment = {
            **kept,
            "EVENFLEET_DATA_DIR": str(folder / "data"),
            "EVENFLEET_DB_URL": db_url,
            "EVENFLEET_PORT": "0",
            "EVENFLEET_WORKERS": str(workers),
            "EVENFLEET_POLL_S": "0.1",
            "EVENFLEET_STREAM_POLL_S": "0.1",
            "EVENFLEET_BEAT_S": "0.5",
            "EVENFLEET_DRAIN_S": "2",
            # Tests run side by side, and what one waits for must not give way to all the others.
            "EVENFLEET_SOLVER_NICE": "5",
            "PYTHONPATH": str(Path(__file__).parents[2]),
            **{f"EVENFLEET_{name.upper()}": value for name, value in settings.items()},
        }

    def __enter__(self) -> RunningService:
        try:
            self.start()
        except AssertionError:
            self.process.terminate()
            self.process.wait(30)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start and wait until a worker is there."""
        self.log = self.folder / f"service-{time.monotonic_ns()}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )
        self.http = httpx.Client(base_url=wait_for(self._address, within_s=60, what="the address"), timeout=40)
        wait_for(self._is_ready, within_s=60, what="readiness")

    def stop(self) -> None:
        """End it in order and wait."""
        self.http.close()
        self.process.terminate()
        self.process.wait(30)

    def kill_everything(self) -> None:
        """End every process at once, without a chance to tidy up."""
        self.http.close()
        tree = [*psutil.Process(self.process.pid).children(recursive=True), psutil.Process(self.process.pid)]
        for process in tree:
            with suppress(psutil.NoSuchProcess):  # a solver child dies with its worker, or had just ended
                process.kill()
        psutil.wait_procs(tree, timeout=10)
        self.process.wait(10)

    def processes(self, module: str) -> list[psutil.Process]:
        """Running processes of this service that were started with `python -m module`."""
        found = []
        for process in psutil.Process(self.process.pid).children(recursive=True):
            try:
                if module in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.NoSuchProcess:
                continue
        return found

    def submit(self, request: dict[str, Any], **headers: str) -> dict[str, Any]:
        """Accepted plan."""
        answer = self.http.post("/v1/rebalancing-plans", json=request, headers=headers)
        assert answer.status_code in (200, 202), answer.text
        plan: dict[str, Any] = answer.json()
        return plan

    def plan(self, plan_id: str) -> dict[str, Any]:
        """The plan as it is."""
        plan: dict[str, Any] = self.http.get(f"/v1/rebalancing-plans/{plan_id}").raise_for_status().json()
        return plan

    def wait_until(self, plan_id: str, *statuses: str, within_s: float = 60) -> dict[str, Any]:
        """The plan once it has one of these statuses."""

        def reached() -> dict[str, Any] | None:
            plan = self.plan(plan_id)
            assert plan["status"] in statuses or plan["status"] not in FINAL, plan
            return plan if plan["status"] in statuses else None

        return wait_for(reached, within_s=within_s, what=f"{plan_id} to be {' or '.join(statuses)}")

    def _address(self) -> str | None:
        assert self.process.poll() is None, self.log.read_text()
        found = re.findall(r"listens on (http://\S+)", self.log.read_text())
        return found[-1] if found else None

    def _is_ready(self) -> bool:
        try:
            return self.http.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False
