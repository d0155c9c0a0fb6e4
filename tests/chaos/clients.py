"""Clients that submit, ask and cancel whatever happens, and note what they were told."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx

from tests.chaos.history import History
from tests.service.cities import inline_city

PATH = "/v1/rebalancing-plans"
CITY = inline_city()


class Client(threading.Thread):
    """One client with keys of its own; it repeats a submission until it is told an id."""

    def __init__(self, address: Callable[[], str], history: History, *, name: str, seed: int, jobs: int) -> None:
        super().__init__(name=name, daemon=True)
        self._address, self._history, self._jobs = address, history, jobs
        self._rng = random.Random(f"{seed}/{name}")
        self._http = httpx.Client(timeout=10)
        self.errors = 0
        self.accepted: list[str] = []
        self.failure: Exception | None = None

    def run(self) -> None:
        """Submit all jobs; on the way cancel some, repeat some, ask how others are."""
        try:
            for number in range(self._jobs):
                self._one(number)
                time.sleep(self._rng.uniform(0, 0.05))
        except Exception as error:  # told by the campaign in its own thread
            self.failure = error
        finally:
            self._http.close()

    def _one(self, number: int) -> None:
        key = f"{self.name}-{number}"
        body = {"city": CITY, "limits": {"seconds": 0.4, "rounds": 20, "seed": self._rng.randrange(1000)}, "name": key}
        job_id = self._submit(key, body)
        self.accepted.append(job_id)
        if self._rng.random() < 0.2:
            time.sleep(self._rng.uniform(0, 0.3))
            self._ask("cancel", "POST", f"{PATH}/{job_id}:cancel", job_id)
        if self._rng.random() < 0.1:
            self._submit(key, body)
        asked = self._rng.choice(self.accepted)
        self._ask("read", "GET", f"{PATH}/{asked}", asked)

    def _submit(self, key: str, body: dict[str, Any]) -> str:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            called_s = time.monotonic()
            answer = self._call("POST", PATH, json=body, headers={"Idempotency-Key": key})
            if answer is None:
                self._history.add("submit", called_s, key=key)
                time.sleep(self._rng.uniform(0.05, 0.3))
                continue
            told = answer.json()
            self._history.add("submit", called_s, key=key, job_id=told["id"], status=told["status"])
            job_id: str = told["id"]
            return job_id
        raise AssertionError(f"{key} was not accepted within 120 s")

    def _ask(self, kind: str, method: str, path: str, job_id: str) -> None:
        called_s = time.monotonic()
        answer = self._call(method, path)
        status = answer.json()["status"] if answer is not None else ""
        self._history.add(kind, called_s, job_id=job_id, status=status)

    def _call(self, method: str, path: str, **options: Any) -> httpx.Response | None:
        """The answer; None where there is none or the service asks to come back later."""
        try:
            answer = self._http.request(method, self._address() + path, **options)
        except httpx.TransportError:
            self.errors += 1
            return None
        if answer.status_code == 503:
            self.errors += 1
            assert int(answer.headers["retry-after"]) > 0
            return None
        assert answer.status_code in (200, 202), f"{answer.status_code} {answer.text}"
        return answer
