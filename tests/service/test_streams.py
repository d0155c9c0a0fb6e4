"""What an event stream says while nothing happens, how it ends, and how many may read it at the price of one."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import anyio

from service import db
from service.access.caller import local
from service.app import create_app, prepare_storage
from service.jobs import store, streams
from service.jobs.desk import Desk
from service.jobs.lookout import Lookout, News
from service.jobs.states import Outcome, State
from service.settings import Settings
from tests.service.cities import tiny_request

PING = b": ping\n\n"


async def read(stream: AsyncIterator[bytes], plans: Desk, plan_id: str) -> list[bytes]:
    said = [await anext(stream), await anext(stream), await anext(stream)]
    plans.cancel(plan_id)
    return [*said, *[part async for part in stream if part != PING]]


def test_a_silent_stream_is_kept_alive_and_ends_with_the_plan(tmp_path: Path):
    settings = Settings(data_dir=tmp_path, heartbeat_s=0.05, stream_poll_s=0.02)
    prepare_storage(settings)
    plans: Desk = create_app(settings).state.desks["rebalancing"](caller=local())
    job, _ = plans.submit(json.dumps(tiny_request()).encode(), idempotency_key=None)

    stream = streams.follow(plans, Lookout(plans.database, poll_s=0.02), job.id, seen=0)
    queued, *pings, end = anyio.run(read, stream, plans, job.id)

    assert queued.startswith(b"event: status\n")
    assert queued.endswith(b"id: 1\n\n")
    assert pings == [PING, PING]
    assert end.startswith(b"event: end\n")
    assert end.endswith(b"id: 2\n\n")


class Counting(Lookout):
    """Counts how often the database is asked."""

    asked = 0

    def _ask(self, known: dict[str, int]) -> dict[str, News]:
        self.asked += 1
        return super()._ask(known)


def test_a_hundred_streams_tell_everything_once_in_order_and_ask_the_database_as_one(tmp_path: Path, db_url: str):
    settings = Settings(data_dir=tmp_path, db_url=db_url, stream_poll_s=0.02)
    prepare_storage(settings)
    plans: Desk = create_app(settings).state.desks["rebalancing"](caller=local())
    lookout = Counting(plans.database, poll_s=0.02)
    jobs = [plans.submit(json.dumps(tiny_request(seed=n)).encode(), idempotency_key=None)[0].id for n in (1, 2)]
    read: dict[int, list[bytes]] = {}

    async def one(number: int, seen: int) -> None:
        stream = streams.follow(plans, lookout, jobs[number % 2], seen=seen)
        read[number] = [part async for part in stream if part != PING]

    async def solve(job_id: str) -> None:
        with db.writing(plans.database) as connection:
            store.claim(connection, job_id, executor_id="me")
        for moment in range(20):
            with db.writing(plans.database) as connection:
                store.record_progress(connection, job_id, attempt=1, progress={"objective": float(moment)})
            await anyio.sleep(0.01)
        with db.writing(plans.database) as connection:
            outcome = Outcome(state=State.SUCCEEDED, files={}, stop_reason="optimal")
            assert store.finish(connection, job_id, attempt=1, outcome=outcome)

    async def all_of_it() -> None:
        async with anyio.create_task_group() as group:
            # Some come back after having seen something, one after what there never was; some come late.
            for number in range(96):
                group.start_soon(one, number, number % 3)
            group.start_soon(one, 96, 10_000)
            group.start_soon(solve, jobs[0])
            await solve(jobs[1])
            for number in (97, 98):
                group.start_soon(one, number, 0)

    begun_s = time.monotonic()
    anyio.run(all_of_it)
    # Told are: accepted, claimed, twenty moments, the end.
    for number, parts in read.items():
        first = number % 3 if number < 96 else 10_000 if number == 96 else 0
        assert [int(part.partition(b"id: ")[2]) for part in parts] == list(range(first + 1, 24)), number
    assert lookout.asked <= (time.monotonic() - begun_s) / 0.02 + 1
    assert not lookout._followed
