"""Events of a job as server-sent events."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from functools import partial

from anyio.to_thread import run_sync
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

from service.jobs.desk import Desk
from service.jobs.lookout import Lookout
from service.jobs.views import event_view


async def follow(
    desk: Desk, lookout: Lookout, job_id: str, *, seen: int, is_welcome: Callable[[], bool] = lambda: True
) -> AsyncIterator[bytes]:
    """
    Every event after `seen` as it happens, to the end of the job.

    The id of each is its number, so that a client that was cut off goes on where it was. A comment is sent when
    nothing has happened for a while, so that neither side takes the line for dead. As often it is asked whether the
    caller is still welcome, and when not the stream ends: a key may be revoked while it lasts.
    """
    heartbeat_s = desk.settings.heartbeat_s
    sent_s = asked_s = time.monotonic()
    events, is_final = await run_sync(partial(desk.events, job_id, after=seen))
    with lookout.follow(job_id) as followed:
        while True:
            for event in events:
                data = event_view(event).model_dump_json()
                yield format_sse_event(data_str=data, event=event.kind, id=str(event.seq))
                seen, sent_s = event.seq, time.monotonic()
            if is_final or (followed.is_over and followed.last_seq <= seen):
                return
            if time.monotonic() - asked_s >= heartbeat_s:
                if not await run_sync(is_welcome):
                    return
                asked_s = time.monotonic()
            if time.monotonic() - sent_s >= heartbeat_s:
                yield KEEPALIVE_COMMENT
                sent_s = time.monotonic()
            events = await lookout.news(job_id, seen=seen)
            is_final = bool(events) and events[-1].kind == "end"
