"""The two forms of the client: one that blocks, and one for `async`; the same calls with the same words."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

import httpx

from service.client import calls
from service.client.calls import Ask, Call, Event, Job, Kind, Outcome

T = TypeVar("T")

OnEvent = Callable[[Event], None]
By = Literal["stream", "polling"]

TIMEOUT = httpx.Timeout(60, connect=10)
"""Longer than the comments between which an event stream is silent; bringing a large city takes longer."""
BRING_S = 600
JSON, ZIP = "application/json", "application/zip"


def _options(url: str, key: str | None) -> dict[str, Any]:
    headers = {"Accept": JSON, **({"Authorization": f"Bearer {key}"} if key else {})}
    return {"base_url": url, "headers": headers, "timeout": TIMEOUT}


class _Words:
    """What can be asked for, each as a call that is still to be made."""

    patience_s: float

    def _send(self, method: str, path: str, **options: Any) -> Call[httpx.Response]:
        return calls.send(method, path, patience_s=self.patience_s, **options)

    def _submit(self, kind: Kind, body: Mapping[str, Any], key: str | None) -> Call[Job]:
        return calls.submit(kind, body, key=key, patience_s=self.patience_s)

    def _submit_revision(self, plan: Job, body: Mapping[str, Any], key: str | None) -> Call[Job]:
        return calls.submit_revision(plan, body, key=key, patience_s=self.patience_s)

    def _wait(self, job: Job, on_event: OnEvent | None, by: By) -> Call[Job]:
        return calls.wait(job, patience_s=self.patience_s, on_event=on_event, by=by)

    def _cancel(self, job: Job) -> Call[Job]:
        return Job((yield from self._send("POST", f"{job.path}:cancel")).json())

    def _part(self, job: Job, name: str) -> Call[Any]:
        return (yield from self._send("GET", f"{job.path}/{name}")).json()

    def _export(self, job: Job, suffix: str) -> Call[bytes]:
        answer = yield from self._send("GET", f"{job.path}/export.{suffix}", headers={"Accept": "*/*"})
        return answer.content

    def _bring_city(self, name: str, archive: bytes) -> Call[dict[str, Any]]:
        headers = {"Content-Type": ZIP}
        answer = yield from self._send("PUT", f"/v1/cities/{name}", content=archive, headers=headers, timeout=BRING_S)
        city: dict[str, Any] = answer.json()
        return city


class Client(_Words):
    """
    Talks to one service; close it, or use it in a `with`.

    Every call raises `Problem` for what the service refuses, after it has tried again, for `patience_s` seconds at
    most, where the line broke or the service asked for patience.
    """

    def __init__(self, url: str = "http://127.0.0.1:8000", *, key: str | None = None, patience_s: float = 60.0) -> None:
        self.patience_s = patience_s
        self._http = httpx.Client(**_options(url, key))

    def submit_and_wait(
        self, kind: Kind, body: Mapping[str, Any], *, on_event: OnEvent | None = None, by: By = "stream"
    ) -> Job:
        """Submit and wait for the result."""
        return self.wait(self.submit(kind, body), on_event=on_event, by=by)

    def submit(self, kind: Kind, body: Mapping[str, Any], *, idempotency_key: str | None = None) -> Job:
        """Submit once, under a key of its own when none is given."""
        return self._make(self._submit(kind, body, idempotency_key))

    def submit_revision(self, plan: Job, body: Mapping[str, Any], *, idempotency_key: str | None = None) -> Job:
        """Have the rest of a running night planned anew: a plan of its own, to be waited for like any."""
        return self._make(self._submit_revision(plan, body, idempotency_key))

    def wait(self, job: Job, *, on_event: OnEvent | None = None, by: By = "stream") -> Job:
        """The job when it has ended; a Problem where it ended without a result."""
        return self._make(self._wait(job, on_event, by))

    def cancel(self, job: Job) -> Job:
        """End it with the best so far."""
        return self._make(self._cancel(job))

    def part(self, job: Job, name: str) -> Any:
        """A part of the result, as `routes` or `sites`."""
        return self._make(self._part(job, name))

    def export(self, job: Job, suffix: str, to: Path) -> Path:
        """Save a document of the result, as `geojson` or `html`."""
        to.write_bytes(self._make(self._export(job, suffix)))
        return to

    def bring_city(self, name: str, archive: Path) -> dict[str, Any]:
        """Bring the zip file of a city folder, or a new version of it."""
        return self._make(self._bring_city(name, archive.read_bytes()))

    def get(self, path: str, **params: Any) -> Any:
        """The JSON of any other path, as `/v1/limits`."""
        return self._make(self._send("GET", path, params=params)).json()

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _make(self, call: Call[T]) -> T:
        outcome: Outcome = None
        while True:
            try:
                step = call.send(outcome)
            except StopIteration as end:
                made: T = end.value
                return made
            if isinstance(step, Ask):
                outcome = self._ask(step)
            else:
                time.sleep(step.seconds)
                outcome = None

    def _ask(self, ask: Ask) -> Outcome:
        answer = None
        try:
            with self._http.stream(ask.method, ask.path, **ask.options) as answer:
                if ask.listener is None or not _is_stream(answer):
                    answer.read()
                    return answer
                ask.listener.begin()
                for text in answer.iter_text():
                    ask.listener.read(text)
        except httpx.TransportError as error:
            return answer if answer is not None and _is_stream(answer) else error
        return answer


class AsyncClient(_Words):
    """`Client` for `async` programs; close it with `aclose`, or use it in an `async with`."""

    def __init__(self, url: str = "http://127.0.0.1:8000", *, key: str | None = None, patience_s: float = 60.0) -> None:
        self.patience_s = patience_s
        self._http = httpx.AsyncClient(**_options(url, key))

    async def submit_and_wait(
        self, kind: Kind, body: Mapping[str, Any], *, on_event: OnEvent | None = None, by: By = "stream"
    ) -> Job:
        """As that of `Client`."""
        return await self.wait(await self.submit(kind, body), on_event=on_event, by=by)

    async def submit(self, kind: Kind, body: Mapping[str, Any], *, idempotency_key: str | None = None) -> Job:
        """As that of `Client`."""
        return await self._make(self._submit(kind, body, idempotency_key))

    async def submit_revision(self, plan: Job, body: Mapping[str, Any], *, idempotency_key: str | None = None) -> Job:
        """As that of `Client`."""
        return await self._make(self._submit_revision(plan, body, idempotency_key))

    async def wait(self, job: Job, *, on_event: OnEvent | None = None, by: By = "stream") -> Job:
        """As that of `Client`."""
        return await self._make(self._wait(job, on_event, by))

    async def cancel(self, job: Job) -> Job:
        """As that of `Client`."""
        return await self._make(self._cancel(job))

    async def part(self, job: Job, name: str) -> Any:
        """As that of `Client`."""
        return await self._make(self._part(job, name))

    async def export(self, job: Job, suffix: str, to: Path) -> Path:
        """As that of `Client`."""
        content = await self._make(self._export(job, suffix))
        await asyncio.to_thread(to.write_bytes, content)
        return to

    async def bring_city(self, name: str, archive: Path) -> dict[str, Any]:
        """As that of `Client`."""
        return await self._make(self._bring_city(name, await asyncio.to_thread(archive.read_bytes)))

    async def get(self, path: str, **params: Any) -> Any:
        """As that of `Client`."""
        return (await self._make(self._send("GET", path, params=params))).json()

    async def aclose(self) -> None:
        """Close its connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _make(self, call: Call[T]) -> T:
        outcome: Outcome = None
        while True:
            try:
                step = call.send(outcome)
            except StopIteration as end:
                made: T = end.value
                return made
            if isinstance(step, Ask):
                outcome = await self._ask(step)
            else:
                await asyncio.sleep(step.seconds)
                outcome = None

    async def _ask(self, ask: Ask) -> Outcome:
        answer = None
        try:
            async with self._http.stream(ask.method, ask.path, **ask.options) as answer:
                if ask.listener is None or not _is_stream(answer):
                    await answer.aread()
                    return answer
                ask.listener.begin()
                async for text in answer.aiter_text():
                    ask.listener.read(text)
        except httpx.TransportError as error:
            return answer if answer is not None and _is_stream(answer) else error
        return answer


def _is_stream(answer: httpx.Response) -> bool:
    return answer.status_code == 200 and answer.headers.get("content-type", "").startswith("text/event-stream")
