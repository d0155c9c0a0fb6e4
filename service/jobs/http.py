"""HTTP words that all kinds of jobs share: bodies, waiting, pages, events, downloads."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import anyio
from anyio.to_thread import run_sync
from fastapi import Request, Response
from fastapi.responses import FileResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from service.access.quotas import Quotas
from service.access.service import Keys
from service.asking import ask
from service.cursors import link_next, read_cursor, write_cursor
from service.errors import BodyTooLarge, NotJson
from service.jobs import streams
from service.jobs.desk import Desk
from service.jobs.states import Job, State
from service.jobs.views import EventPage, event_view

# A report draws itself with a script of its own; it must not act in the name of this site.
EXPORT_POLICY = "sandbox allow-scripts allow-downloads"


async def read_body(request: Request, *, limit: int) -> bytes:
    """The body, counted while it comes in."""
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise NotJson(f"the content type is {kind}")
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("", "identity"):
        raise NotJson(
            f"the content encoding is {coding}; send the body as it is", headers={"Accept-Encoding": "identity"}
        )
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise BodyTooLarge(
                f"the body is over the limit max_body_bytes of {limit:,}", headers={"Connection": "close"}
            )
    return bytes(body)


async def answer_submission(
    desk: Desk, job: Job, request: Request, response: Response, *, path: str, prefer: str | None
) -> None:
    """Wait as long as the client prefers, then say where the job is and whether to ask again."""
    wait_s = min(_wait_s(prefer), desk.settings.max_wait_s)
    if wait_s > 0:
        job = await _wait(desk, job, request, wait_s)
    response.headers["Location"] = path
    if job.state.is_final:
        response.status_code = 200
        if wait_s > 0:
            response.headers["Preference-Applied"] = f"wait={wait_s:g}"
    else:
        response.headers["Retry-After"] = "2"


async def read_page(
    desk: Desk,
    response: Response,
    *,
    prefix: str,
    limit: int,
    cursor: str | None,
    state: State | None,
    stage: str | None = None,
    revises: str | None = None,
) -> tuple[list[Job], str | None]:
    """The jobs of one page, newest first, and the cursor of the next one."""
    limit = min(limit, desk.settings.max_page)
    before = read_cursor(cursor, is_id=desk.is_id) if cursor else None
    jobs = await ask(
        desk.database,
        lambda: desk.page(limit=limit + 1, state=state, stage=stage, revises=revises, before=before),
    )
    shown = jobs[:limit]
    following = write_cursor(shown[-1].created_ms, shown[-1].id) if len(jobs) > limit else None
    asked = "".join(f"&{name}={value}" for name, value in (("status", state), ("stage", stage)) if value)
    link_next(response, f"{prefix}?limit={limit}{asked}", following)
    return shown, following


async def tell_events(
    desk: Desk, job_id: str, request: Request, *, after: int | None, last_event_id: int | None
) -> Any:
    """Server-sent events when they are accepted and the tenant may have one more stream; else one page of JSON."""
    quotas: Quotas = request.app.state.quotas
    keys: Keys = request.app.state.keys
    is_stream = after is None and "text/event-stream" in request.headers.get("accept", "")
    seen = after if after is not None else last_event_id or 0
    items, is_final = await ask(desk.database, lambda: desk.events(job_id, after=seen))
    if not is_stream:
        next_after = items[-1].seq if items else seen
        return EventPage(items=[event_view(item) for item in items], next_after=next_after, is_final=is_final)
    if is_final and not items:
        return Response(status_code=204)
    stream: AsyncIterator[bytes] = streams.follow(
        desk, request.app.state.lookout, job_id, seen=seen, is_welcome=partial(keys.is_welcome, desk.caller)
    )
    return CountedStream(
        stream,
        close=quotas.streams.open(desk.caller),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


class CountedStream(StreamingResponse):
    """A stream that says when it has ended, however it did."""

    def __init__(self, content: AsyncIterator[bytes], *, close: Callable[[], None], **options: Any) -> None:
        super().__init__(content, **options)
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all of it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._close()


def download(path: Path, *, filename: str, media_type: str) -> FileResponse:
    """A document of a result; pages are shown, the rest is saved."""
    return FileResponse(
        path,
        media_type=media_type,
        filename=filename,
        content_disposition_type="inline" if media_type.startswith("text/html") else "attachment",
        headers={"ETag": f'"{path.name}"', "Content-Security-Policy": EXPORT_POLICY},
    )


def _wait_s(prefer: str | None) -> float:
    found = re.search(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})", prefer or "", re.IGNORECASE)
    return float(found[1]) if found else 0.0


async def _wait(desk: Desk, job: Job, request: Request, wait_s: float) -> Job:
    deadline = time.monotonic() + wait_s
    while not job.state.is_final and time.monotonic() < deadline and not await request.is_disconnected():
        await anyio.sleep(desk.settings.poll_s)
        job = await run_sync(desk.find, job.id)
    return job
