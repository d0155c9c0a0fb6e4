"""
Load from a process of its own, light enough that it is the service that is measured.

    python -m tests.bench.serving.load ORDERS.json       {"address": …, "connections": …, "seconds": …, "requests": […]}

Every connection asks one thing after another and keeps its line. HTTP is spoken by hand, because a client library costs
more per request than the service. Prints counts and latencies as JSON.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What came of it."""

    seconds: float
    statuses: dict[str, int]
    """Answers by status; `broken` = lines that ended without one."""
    latencies_ms: list[float]
    """Of answers 2xx, ascending."""

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return len(self.latencies_ms) / self.seconds

    @property
    def errors(self) -> int:
        """Everything but good answers."""
        return sum(count for status, count in self.statuses.items() if not status.startswith("2"))

    def ms(self, share: float) -> float:
        """The latency that this share of the answers kept within; infinite when there was no good answer."""
        return percentile(self.latencies_ms, share)


def percentile(ascending: Sequence[float], share: float) -> float:
    """The value that this share of the values keeps within (nearest rank)."""
    if not ascending:
        return float("inf")
    return ascending[min(len(ascending) - 1, int(share * len(ascending)))]


def request(
    method: str, path: str, *, headers: dict[str, str] | None = None, body: Any = None, host: str = "127.0.0.1"
) -> str:
    """One request as it goes over the line."""
    content = "" if body is None else json.dumps(body)
    told = {"Host": host, "Accept": "application/json", **(headers or {})}
    if body is not None:
        told |= {"Content-Type": "application/json", "Content-Length": str(len(content.encode()))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n{content}"


def put_on(address: str, requests: list[str], *, connections: int, seconds: float, is_once: bool = False) -> Load:
    """Ask the requests in turn for so long, or each once if `is_once`; waits for the end of it."""
    orders = {"address": address, "connections": connections, "seconds": seconds, "requests": requests}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({**orders, "is_once": is_once}, file)
        file.flush()
        command = [sys.executable, "-m", "tests.bench.serving.load", file.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[3])
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return Load(**json.loads(done.stdout))


class Line(asyncio.Protocol):
    """One connection: asks, reads the answer whole, asks again."""

    def __init__(self, asked: Iterator[bytes], deadline_s: float, statuses: Counter[str], took_ms: list[float]) -> None:
        self._asked, self._deadline_s, self._statuses, self._took_ms = asked, deadline_s, statuses, took_ms
        self._got = bytearray()
        self._length: int | None = None
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self._transport: asyncio.Transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._got += data
        if self._length is None:
            end = self._got.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._got[:end]).decode("latin-1").lower()
            self._status = head[9:12]
            told = head.partition("content-length:")[2].partition("\r\n")[0].strip()
            self._length = end + 4 + int(told or 0)
        if len(self._got) >= self._length:
            self._statuses[self._status] += 1
            if self._status.startswith("2"):
                self._took_ms.append(1000 * (time.perf_counter() - self._asked_s))
            self._ask()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.done.done():
            self._statuses["broken"] += 1
            self.done.set_result(None)

    def _ask(self) -> None:
        wanted = next(self._asked, None) if time.perf_counter() < self._deadline_s else None
        if wanted is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._got.clear()
        self._length = None
        self._asked_s = time.perf_counter()
        self._transport.write(wanted)


async def _run(orders: dict[str, Any]) -> Load:
    place = urlsplit(orders["address"])
    requests = [text.encode() for text in orders["requests"]]
    asked = iter(requests) if orders["is_once"] else cycle(requests)
    statuses: Counter[str] = Counter()
    took_ms: list[float] = []
    begun_s = time.perf_counter()
    lines = []
    for _ in range(orders["connections"]):
        line = Line(asked, begun_s + orders["seconds"], statuses, took_ms)
        await asyncio.get_running_loop().create_connection(lambda line=line: line, place.hostname, place.port)
        lines.append(line.done)
    await asyncio.wait_for(asyncio.gather(*lines), orders["seconds"] + 60)
    return Load(seconds=time.perf_counter() - begun_s, statuses=dict(statuses), latencies_ms=sorted(took_ms))


if __name__ == "__main__":
    outcome = asyncio.run(_run(json.loads(Path(sys.argv[1]).read_text())))
    json.dump({name: getattr(outcome, name) for name in Load.__dataclass_fields__}, sys.stdout)
