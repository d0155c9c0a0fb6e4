"""The thin client against the running service: it submits once, and waits through whatever breaks in between."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from service.client import AsyncClient, Client, Kind, Problem
from service.client.events import Listener
from tests.city_documents import write_city_folder
from tests.feed_folders import write_gbfs_2
from tests.service.cities import inline_city, packed, tiny_request
from tests.service.running import API, RunningService

PLANS: Kind = "rebalancing-plans"
ROOT = Path(__file__).parents[2]


def few_seconds() -> dict[str, Any]:
    return {"city": inline_city(stations=30, vans=2), "limits": {"seconds": 3}}


def address(service: RunningService) -> str:
    return str(service.http.base_url)


def jobs_of(service: RunningService) -> set[str]:
    return {plan["id"] for plan in service.http.get("/v1/rebalancing-plans?limit=100").json()["items"]}


@contextmanager
def answering(*answers: tuple[int, dict[str, str], bytes] | None) -> Iterator[tuple[str, list[Any]]]:
    """A service that answers in this order, None by hanging up; and the requests it got, with path and key."""
    left, got = list(answers), []

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.path, self.headers["Idempotency-Key"]))
            answer = left.pop(0)
            if answer is None:
                self.close_connection = True
                return
            status, headers, body = answer
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_plan_is_submitted_followed_and_fetched(service: RunningService, tmp_path: Path):
    heard: list[Any] = []
    with Client(address(service)) as client:
        job = client.submit_and_wait(PLANS, tiny_request(), on_event=heard.append)
        assert (job.status, job.is_final) == ("succeeded", True)
        assert client.part(job, "routes") == job.result["routes"]
        saved = client.export(job, "geojson", tmp_path / "routes.geojson")
        assert saved.read_bytes() == service.http.get(f"{job.path}/export.geojson").content
        assert client.get("/v1/limits")["max_page"] > 0
        # Asked again, as somebody who comes late: from the first event to the last, none twice.
        late: list[Any] = []
        assert client.wait(job, on_event=late.append, by="polling") == job
    assert heard == late
    assert [event["seq"] for event in heard] == list(range(1, len(heard) + 1))
    assert heard[-1]["kind"] == "end"


def test_the_asynchronous_form_does_the_same_for_many_at_once(service: RunningService, tmp_path: Path):
    async def ask() -> None:
        async with AsyncClient(address(service)) as client:
            by_stream, by_polling = await asyncio.gather(
                client.submit_and_wait(PLANS, tiny_request()),
                client.submit_and_wait(PLANS, tiny_request(), by="polling"),
            )
            assert by_stream.id != by_polling.id
            assert by_stream.status == by_polling.status == "succeeded"
            assert await client.part(by_stream, "unserved") == await client.part(by_polling, "unserved")
            page = await client.export(by_stream, "html", tmp_path / "report.html")
            assert page.read_bytes().lower().startswith(b"<!doctype html")
            with pytest.raises(Problem) as refused:
                await client.get("/v1/nothing")
            assert (refused.value.status, refused.value.code) == (404, "not_found")

    asyncio.run(ask())


def test_waiting_goes_on_where_it_was_when_the_api_dies_in_the_middle(service: RunningService):
    heard: list[Any] = []
    killed: list[int] = []

    def hear(event: Any) -> None:
        heard.append(event)
        if event["data"].get("status") == "solving" and not killed:
            [api] = service.processes(API)
            killed.append(api.pid)
            api.kill()

    before = jobs_of(service)
    with Client(address(service)) as client:
        job = client.submit_and_wait(PLANS, few_seconds(), on_event=hear)

    assert killed
    assert job.status == "succeeded"
    assert [event["seq"] for event in heard] == list(range(1, len(heard) + 1))
    assert jobs_of(service) - before == {job.id}


def test_the_asynchronous_form_waits_through_the_death_of_the_api_too(service: RunningService):
    async def ask() -> Any:
        async with AsyncClient(address(service)) as client:
            job = await client.submit(PLANS, few_seconds())
            waiting = asyncio.create_task(client.wait(job))
            await asyncio.to_thread(service.wait_until, job.id, "solving")
            [api] = service.processes(API)
            api.kill()
            return await waiting

    assert asyncio.run(ask()).status == "succeeded"


def test_what_is_wrong_is_told_with_every_finding(service: RunningService):
    with Client(address(service)) as client, pytest.raises(Problem) as refused:
        client.submit(PLANS, {"city": "goteburg", "limits": {"seconds": -3}, "nmae": 1})
    problem = refused.value
    assert (problem.status, problem.code, len(problem.findings)) == (422, "invalid_request", 3)
    assert problem.request_id
    for words in ("/limits/seconds", "did you mean goteborg?", "did you mean name?"):
        assert words in str(problem)


def test_a_job_is_cancelled_and_a_second_submission_under_its_key_is_the_same(service: RunningService):
    with Client(address(service)) as client:
        request = {**few_seconds(), "limits": {"seconds": 60}}
        job = client.submit(PLANS, request, idempotency_key="of-the-client")
        assert client.submit(PLANS, request, idempotency_key="of-the-client").id == job.id
        client.cancel(job)
        assert client.wait(job).status == "cancelled"


def test_a_city_is_brought(service: RunningService, tmp_path: Path):
    archive = tmp_path / "town.zip"
    archive.write_bytes(packed(write_gbfs_2(write_city_folder(tmp_path / "town"))))
    with Client(address(service)) as client:
        city = client.bring_city("town-of-the-client", archive)
        assert client.get("/v1/cities/town-of-the-client")["version"] == city["version"]


def test_a_line_that_breaks_and_a_service_in_distress_get_the_same_submission_again():
    accepted = b'{"id": "pln_1", "status": "queued", "links": {"self": "/v1/rebalancing-plans/pln_1"}}'
    busy = (429, {"Retry-After": "1"}, b"{}")
    away = (503, {"Retry-After": "0"}, b"not even JSON")
    with answering(None, busy, away, (202, {}, accepted)) as (url, got), Client(url) as client:
        began_s = time.monotonic()
        assert client.submit(PLANS, {}).id == "pln_1"
        # As long as the first of them asked for, which is more than the client would have waited by itself.
        assert time.monotonic() - began_s >= 1
    assert [path for path, _ in got] == ["/v1/rebalancing-plans"] * 4
    assert len({key for _, key in got}) == 1
    assert len(got[0][1]) >= 32


def test_patience_ends():
    busy = (429, {"Retry-After": "30"}, b'{"code": "too_many_requests", "detail": "slower", "errors": []}')
    with answering(busy) as (url, got), Client(url, patience_s=5) as client:
        with pytest.raises(Problem, match="slower") as refused:
            client.submit(PLANS, {})
        assert refused.value.status == 429
    assert len(got) == 1
    # Nobody listens any more.
    with Client(url, patience_s=0.5) as client, pytest.raises(Problem) as unreachable:
        client.get("/v1/limits")
    assert (unreachable.value.code, unreachable.value.status) == ("unreachable", None)


def test_a_stream_may_be_broken_off_anywhere_and_a_name_may_hold_any_character():
    first = {"seq": 1, "kind": "status", "data": "a\u2028b"}
    text = f": still here\n\nid: 1\ndata: {json.dumps(first, ensure_ascii=False)}\n\n"
    text += 'id: 2\ndata: {"seq": 2, "kind": "end"}\n\n'
    for cut in range(len(text)):
        heard: list[Any] = []
        in_two = Listener(heard.append)
        in_two.begin()
        in_two.read(text[:cut])
        assert in_two.last_id == len(heard)
        in_two.read(text[cut:])
        assert (heard[0], heard[1]["seq"], len(heard), in_two.has_ended) == (first, 2, 2, True)
        told: list[Any] = []
        taken_up = Listener(told.append)
        for part in (text[:cut], text):
            taken_up.begin()
            taken_up.read(part)
        assert told == heard


def test_the_client_needs_nothing_of_the_server():
    heavy = "{'service', 'scenarios', 'optimiser', 'fastapi', 'pydantic', 'sqlalchemy', 'numpy'}"
    code = f"import sys, service.client; print(*(name for name in sys.modules if name.split('.')[0] in {heavy}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    own = {
        "service",
        "service.client",
        *(f"service.client.{name}" for name in ("calls", "client", "events", "problem")),
    }
    assert set(done.stdout.split()) == own
