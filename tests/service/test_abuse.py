"""Bodies that mean harm, over real HTTP: refused soon, with what is wrong with them, and without anybody's memory."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.service.cities import inline_city, tiny_request
from tests.service.running import API, RunningService

PLANS, CARS, STUDIES = "/v1/rebalancing-plans", "/v1/relocation-plans", "/v1/siting-studies"
JSON = {"content-type": "application/json"}
CPU_S = 3.0
"""Processor time of the API for one body, on a machine that is shared; alone it is about one."""
MEMORY_MB = 400


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    with RunningService(tmp_path_factory.mktemp("abuse")) as running:
        yield running


class Watch:
    """What the API process takes between two looks."""

    def __init__(self, service: RunningService) -> None:
        [self.process] = service.processes(API)
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")  # The peak counts from now.
        self.before_s = self._cpu_s()

    def _cpu_s(self) -> float:
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)

    def check(self) -> None:
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        peak_mb = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
        assert self._cpu_s() - self.before_s < CPU_S
        assert peak_mb < MEMORY_MB


def post(service: RunningService, path: str, body: bytes, **headers: str) -> httpx.Response:
    return service.http.post(path, content=body, headers={**JSON, **headers})


def told(answer: httpx.Response, status: int) -> list[tuple[str, str]]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text[:500]
    assert answer.status_code == status, answer.text[:500]
    assert len(answer.content) < 100_000
    return [(finding["pointer"], finding["code"]) for finding in answer.json()["errors"]]


def filled(start: bytes, unit: bytes, end: bytes, *, size: int = 7_900_000) -> bytes:
    return start + unit * ((size - len(start) - len(end)) // len(unit)) + end


def city(**more: Any) -> bytes:
    return json.dumps({"city": {**inline_city(), **more}}).encode()


MANY = 380_000
"""Just below the most values of a body."""

BODIES: dict[str, tuple[Callable[[], bytes], int, tuple[str, str] | None]] = {
    "a million deep": (lambda: b'{"city":' + b"[" * 10**6 + b"]" * 10**6 + b"}", 400, None),
    "a million deep, unclosed": (lambda: b'{"a":' * 10**6, 400, None),
    "33 deep": (lambda: b'{"city":' + b"[" * 32 + b"]" * 32 + b"}", 400, None),
    "NaN": (lambda: b'{"city":"goteborg","limits":{"seconds":NaN}}', 400, None),
    "Infinity": (lambda: b'{"city":"goteborg","limits":{"seconds":-Infinity}}', 400, None),
    "no UTF-8": (lambda: b'{"city":"\xff\xfe"}', 400, None),
    "no end": (lambda: b'{"city":"goteborg', 400, None),
    "4000 digits": (
        lambda: b'{"city":"goteborg","limits":{"seed":' + b"9" * 4000 + b"}}",
        422,
        ("/limits/seed", "less_than"),
    ),
    "100000 digits": (lambda: b'{"city":"goteborg","limits":{"seed":' + b"9" * 100_000 + b"}}", 400, None),
    "said twice": (lambda: b'{"city":"paris-8e","city":"goteborg"}', 400, ("/city", "name_twice")),
    "said twice inside": (
        lambda: b'{"city":"goteborg","limits":{"gap":0,"g\\u0061p":1}}',
        400,
        ("/limits/gap", "name_twice"),
    ),
    "everything said twice": (
        lambda: b'{"city":"goteborg"' + b"".join(b',"k%d":0' % (row % 999) for row in range(MANY)) + b"}",
        400,
        ("/k0", "name_twice"),
    ),
    "a time limit of a billion": (
        lambda: b'{"city":"goteborg","limits":{"seconds":1e9}}',
        422,
        ("/limits/seconds", "limit_exceeded"),
    ),
    "a text of megabytes": (lambda: filled(b'{"city":"', b"x", b'"}'), 422, ("/city", "string_too_long")),
    "escapes": (lambda: filled(b'{"city":"', rb"\"", b'"}'), 422, ("/city", "string_too_long")),
    "lists": (lambda: filled(b'{"city":[', b"[],", b"0]}"), 422, ("", "limit_exceeded")),
    "objects": (lambda: filled(b'{"city":[', b'{"a":0},', b"0]}"), 422, ("", "limit_exceeded")),
    "unknown names": (
        lambda: b'{"city":"goteborg"' + b"".join(b',"k%d":0' % row for row in range(MANY)) + b"}",
        422,
        ("/k0", "extra_forbidden"),
    ),
    "50000 stations": (
        lambda: city(stations=[{"id": f"s{row}", "lon": 1, "lat": 2, "capacity": 3} for row in range(50_000)]),
        422,
        ("/city/stations", "limit_exceeded"),
    ),
    "stations of unknown names": (
        lambda: city(stations=[{f"k{name}": 0 for name in range(180)}] * 2000),
        422,
        ("/city/stations/0/k0", "extra_forbidden"),
    ),
    "a zone of one station": (
        lambda: city(zones=[{"id": "z", "floor": 1, "stations": ["s0"] * MANY}]),
        422,
        ("/city/zones/0/stations/1", "duplicate_id"),
    ),
    "zones of strangers": (
        lambda: city(zones=[{"id": f"z{row}", "floor": 1, "stations": ["zz"] * 370} for row in range(1000)]),
        422,
        ("/city/zones/0/stations/0", "unknown_station"),
    ),
    "off the globe": (
        lambda: city(stations=[{"id": "s", "name": "S", "lon": 11, "lat": 91, "capacity": 3}]),
        422,
        ("/city/stations/0/lat", "less_than_equal"),
    ),
    "no vans": (lambda: city(vans=[]), 422, ("/city/vans", "too_short")),
    "less than nothing": (
        lambda: city(handling={"stop_s": -1, "bike_s": 45}),
        422,
        ("/city/handling/stop_s", "greater_than_equal"),
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_harmful_body_is_refused_with_its_place_and_costs_little(service: RunningService, name: str):
    body, status, place = BODIES[name][0](), *BODIES[name][1:]
    watch = Watch(service)
    found = told(post(service, PLANS, body), status)
    watch.check()
    if place is not None:
        assert place in found, found


@pytest.mark.parametrize("path", [CARS, STUDIES])
@pytest.mark.parametrize(
    "name", ["a million deep", "objects", "unknown names", "a text of megabytes", "50000 stations"]
)
def test_cars_and_studies_are_no_easier_to_harm(service: RunningService, path: str, name: str):
    watch = Watch(service)
    assert post(service, path, BODIES[name][0]()).status_code in (400, 422)
    watch.check()


@pytest.mark.parametrize("path", [PLANS, CARS, STUDIES])
def test_a_compressed_body_is_not_even_unpacked(service: RunningService, path: str):
    bomb = gzip.compress(b" " * 10_000_000)
    watch = Watch(service)
    told(post(service, path, bomb, **{"content-encoding": "gzip"}), 415)
    told(post(service, path, b"{}", **{"content-encoding": "br"}), 415)
    watch.check()


@pytest.mark.parametrize("path", [PLANS, CARS, STUDIES])
@pytest.mark.parametrize("is_announced", [True, False])
def test_a_body_of_a_gigabyte_is_refused_while_it_comes_in(service: RunningService, path: str, is_announced: bool):
    watch = Watch(service)
    answer, sent = send_forever(service, path, 10**9, is_announced=is_announced)
    assert b" 413 " in answer.split(b"\r\n")[0]
    assert b"max_body_bytes" in answer
    assert sent < 60_000_000
    watch.check()
    assert service.http.get("/livez").status_code == 200


def send_forever(service: RunningService, path: str, size: int, *, is_announced: bool) -> tuple[bytes, int]:
    """What comes back while so many bytes are sent, and how many were taken."""
    url, sent = service.http.base_url, 0
    length = f"Content-Length: {size}" if is_announced else "Transfer-Encoding: chunked"
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{length}\r\n\r\n"
    piece = b" " * 100_000 if is_announced else b"%x\r\n" % 100_000 + b" " * 100_000 + b"\r\n"
    with socket.create_connection((url.host, url.port or 80), timeout=20) as line:
        line.sendall(head.encode())
        answer = b""
        with suppress(ConnectionError):
            while sent < size and not answer.endswith(b"}"):
                line.setblocking(False)
                with suppress(BlockingIOError):
                    answer += line.recv(65536)
                line.settimeout(20)
                if not answer:
                    line.sendall(piece)
                    sent += 100_000
        return answer, sent


def test_requests_that_never_end_hold_nobody_up(service: RunningService):
    """Two hundred lines on which half a request came, and as many whose other side has said its last."""
    url, watch = service.http.base_url, Watch(service)
    head = f"POST {PLANS} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n"
    with ExitStack() as lines:
        for number in range(400):
            line = lines.enter_context(socket.create_connection((url.host, url.port or 80), timeout=20))
            line.sendall((head if number % 4 else f"{head}\r\n{{").encode())
            if number % 2:
                line.shutdown(socket.SHUT_WR)
        assert [service.http.get("/v1/limits").status_code for _ in range(5)] == [200] * 5
        watch.check()
    assert service.http.get(PLANS).status_code == 200


def test_after_all_that_a_plan_is_made_as_ever(service: RunningService):
    service.wait_until(service.submit(tiny_request())["id"], "succeeded")
