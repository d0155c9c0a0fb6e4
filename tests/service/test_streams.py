"""What an event stream says while nothing happens, and how it ends."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import anyio

from service.access.caller import local
from service.app import create_app, prepare_storage
from service.jobs import streams
from service.jobs.desk import Desk
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

    queued, *pings, end = anyio.run(read, streams.follow(plans, job.id, seen=0), plans, job.id)

    assert queued.startswith(b"event: status\n")
    assert queued.endswith(b"id: 1\n\n")
    assert pings == [PING, PING]
    assert end.startswith(b"event: end\n")
    assert end.endswith(b"id: 2\n\n")
