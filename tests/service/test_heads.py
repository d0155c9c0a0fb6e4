"""What comes before a body, or after one in chunks, over a real line: as long as it may be, and too long."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import psutil
import pytest

from service.heads import MAX_HEAD_BYTES
from tests.service.running import API, RunningService

GET = b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n"
CHUNKS = (
    b"POST /v1/rebalancing-plans HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"
)
FLOOD_BYTES = 64_000_000


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    with RunningService(tmp_path_factory.mktemp("heads")) as running:
        yield running


def flood(service: RunningService, start: bytes, piece: bytes) -> tuple[bytes, int]:
    """What is answered to a start and then the same piece for ever, and how much was taken before."""
    url, sent = service.http.base_url, 0
    with socket.create_connection((url.host, url.port or 80), timeout=20) as line:
        line.sendall(start)
        with suppress(ConnectionError):
            while sent < FLOOD_BYTES:
                line.sendall(piece)
                sent += len(piece)
        answer = b""
        with suppress(ConnectionError):
            while more := line.recv(65536):
                answer += more
    return answer, sent


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (GET, b"X-Name: " + b"v" * 990 + b"\r\n"),
        (GET + b"X-Name: ", b"v" * 1000),
        (b"", b"n" * 1000),
        (b"GET /", b"a" * 1000),
        (b"", b"\r\n" * 500),
        (CHUNKS + b"0\r\n", b"X-Name: " + b"v" * 990 + b"\r\n"),
        (CHUNKS + b"0\r\nX-Name: ", b"v" * 1000),
        (CHUNKS + b"1;", b"e" * 1000),
    ],
    ids=["headers", "one header", "no method", "address", "empty lines", "trailers", "one trailer", "chunk extension"],
)
def test_a_head_without_end_is_cut_off_and_takes_no_memory(service: RunningService, start: bytes, piece: bytes):
    [api] = service.processes(API)
    before_mb = psutil.Process(api.pid).memory_info().rss / 2**20
    answer, sent = flood(service, start, piece)
    assert sent < FLOOD_BYTES / 4  # What fits between the two sides, and no more.
    # The answer may have been lost with the line, on which more was coming; and a request that has been answered
    # before its end is told nothing else.
    assert re.match(rb"HTTP/1\.1 4(00|22) ", answer) or not answer
    assert psutil.Process(api.pid).memory_info().rss / 2**20 < before_mb + 30
    assert service.http.get("/livez").status_code == 200


@pytest.mark.parametrize("extra", [-4_000, 600_000])
def test_a_head_of_sixty_thousand_bytes_is_read_and_one_of_ten_times_that_is_not(service: RunningService, extra: int):
    url = service.http.base_url
    with socket.create_connection((url.host, url.port or 80), timeout=20) as line:
        line.sendall(GET + b"X-Name: " + b"v" * (MAX_HEAD_BYTES - len(GET) + extra) + b"\r\n\r\n")
        answer = line.recv(65536)
    if extra < 0:
        assert answer.startswith(b"HTTP/1.1 200 ")
    else:
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert answer.endswith(b"The head of this request is too long.")


def test_no_answer_waits_for_the_acknowledgement_of_its_first_half(service: RunningService):
    """A line that has been used for a while is acknowledged late, 40 ms on Linux; the soonest of many is none of it."""
    url, took_s = service.http.base_url, []
    with socket.create_connection((url.host, url.port or 80), timeout=20) as line:
        for _ in range(60):
            began_s, answer = time.perf_counter(), b""
            line.sendall(GET + b"\r\n")
            while not answer.endswith(b"}"):
                answer += line.recv(65536)
            took_s.append(time.perf_counter() - began_s)
    assert min(took_s[-20:]) < 0.03


def test_two_lengths_of_one_body_are_refused(service: RunningService):
    """What another server in front would read as two requests."""
    url = service.http.base_url
    for lengths in (b"Content-Length: 2\r\nTransfer-Encoding: chunked", b"Content-Length: 2\r\nContent-Length: 4"):
        with socket.create_connection((url.host, url.port or 80), timeout=20) as line:
            line.sendall(b"POST /v1/rebalancing-plans HTTP/1.1\r\nHost: 127.0.0.1\r\n" + lengths + b"\r\n\r\n{}")
            assert line.recv(65536).startswith(b"HTTP/1.1 400 ")


def test_nobody_changes_to_another_protocol(service: RunningService):
    url = service.http.base_url
    for protocol in (b"websocket", b"h2c"):
        with socket.create_connection((url.host, url.port or 80), timeout=20) as line:
            line.sendall(GET + b"Connection: Upgrade\r\nUpgrade: " + protocol + b"\r\n\r\n")
            assert re.match(rb"HTTP/1\.1 (200|400) ", line.recv(65536))
