"""
What the client does, without doing it: generators that yield an `Ask` or a `Pause` and are sent what came of it.

So there is one text of retrying and waiting for the two forms of the client, which differ in how they ask.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import httpx

from service.client.events import Listener
from service.client.problem import Problem

Kind = Literal["rebalancing-plans", "relocation-plans", "siting-studies"]
"""What can be submitted; the last part of its path."""
Event = Mapping[str, Any]
T = TypeVar("T")

FINAL = frozenset({"succeeded", "failed", "cancelled", "invalid"})
WITHOUT_RESULT = frozenset({"failed", "invalid"})
PASSING = frozenset({429, 502, 503, 504})
"""Answers after which the same request may succeed."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 15.0


@dataclass(frozen=True, slots=True)
class Job:
    """A plan or a study as the service showed it last: its `document` is the JSON of that answer."""

    document: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Of the plan or study."""
        return str(self.document["id"])

    @property
    def status(self) -> str:
        """See docs/api.md."""
        return str(self.document["status"])

    @property
    def path(self) -> str:
        """Where it is."""
        return str(self.document["links"]["self"])

    @property
    def is_final(self) -> bool:
        """Whether it has ended, in whatever way."""
        return self.status in FINAL

    @property
    def result(self) -> Mapping[str, Any]:
        """plan.json or study.json; empty while there is none."""
        return self.document.get("plan") or self.document.get("study") or {}


@dataclass(frozen=True, slots=True)
class Ask:
    """Send a request; sent back is the answer, or the error of a line that broke."""

    method: str
    path: str
    options: Mapping[str, Any] = field(default_factory=dict)
    listener: Listener | None = None
    """Is fed an event stream while it comes; one that breaks is an answer all the same."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Sleep; sent back is None."""

    seconds: float


Outcome = httpx.Response | httpx.TransportError | None
Call = Generator[Ask | Pause, Outcome, T]


def send(
    method: str, path: str, *, patience_s: float, listener: Listener | None = None, **options: Any
) -> Call[httpx.Response]:
    """
    One request, again after a broken line or an answer that says so, until `patience_s` would be over.

    Raises
    ------
    Problem
        The service refuses it, or there was no answer for so long.
    """
    waited_s, pause_s = 0.0, FIRST_PAUSE_S
    while True:
        answer = yield Ask(method, path, options, listener)
        if isinstance(answer, httpx.Response) and answer.status_code < 400:
            return answer
        if isinstance(answer, httpx.Response) and answer.status_code not in PASSING:
            raise Problem.of_answer(answer)
        wished_s = _retry_after_s(answer)
        wait_s = pause_s * random.uniform(0.5, 1.0) if wished_s is None else wished_s  # noqa: S311  (no secret)
        if waited_s + wait_s > patience_s:
            if isinstance(answer, httpx.Response):
                raise Problem.of_answer(answer)
            raise Problem(code="unreachable", detail=f"{method} {path}: {type(answer).__name__}: {answer}")
        yield Pause(wait_s)
        waited_s, pause_s = waited_s + wait_s, min(2 * pause_s, LONGEST_PAUSE_S)


def submit(kind: Kind, body: Mapping[str, Any], *, key: str | None, patience_s: float) -> Call[Job]:
    """Submit once: however often it is sent again, its key stays, and so there is one job."""
    headers = {"Idempotency-Key": key or uuid.uuid4().hex}
    answer = yield from send("POST", f"/v1/{kind}", patience_s=patience_s, json=body, headers=headers)
    return Job(answer.json())


def submit_revision(plan: Job, body: Mapping[str, Any], *, key: str | None, patience_s: float) -> Call[Job]:
    """Have the rest of a running night planned anew, once however often it is sent again."""
    headers = {"Idempotency-Key": key or uuid.uuid4().hex}
    path = f"{plan.path}/revisions"
    answer = yield from send("POST", path, patience_s=patience_s, json=body, headers=headers)
    return Job(answer.json())


def look(path: str, *, patience_s: float) -> Call[Job]:
    """The job as it is."""
    return Job((yield from send("GET", path, patience_s=patience_s)).json())


def wait(job: Job, *, patience_s: float, on_event: Callable[[Event], None] | None, by: str) -> Call[Job]:
    """
    Follow a job to its end by its events; a line that breaks is taken up again behind the last one that was seen.

    Parameters
    ----------
    by
        `stream`, or `polling` where something in between holds streams back.

    Raises
    ------
    Problem
        It ended without a result, and why; or there was no answer for `patience_s`.
    """
    listener = Listener(on_event)
    pause_s = FIRST_PAUSE_S
    while not listener.has_ended:
        seen = listener.last_id
        if by == "stream":
            headers = {"Accept": "text/event-stream", "Last-Event-ID": str(seen)}
            answer = yield from send(
                "GET", f"{job.path}/events", patience_s=patience_s, listener=listener, headers=headers
            )
            listener.has_ended |= answer.status_code == 204
        else:
            answer = yield from send("GET", f"{job.path}/events", patience_s=patience_s, params={"after": seen})
            listener.read_page(answer.json())
        if not listener.has_ended:
            pause_s = FIRST_PAUSE_S if listener.last_id > seen else min(2 * pause_s, LONGEST_PAUSE_S)
            yield Pause(pause_s)
    job = yield from look(job.path, patience_s=patience_s)
    if job.status in WITHOUT_RESULT:
        raise Problem(**(job.document.get("error") or {"code": job.status, "detail": f"{job.id} is {job.status}"}))
    return job


def _retry_after_s(answer: Outcome) -> float | None:
    if not isinstance(answer, httpx.Response):
        return None
    try:
        return max(0.0, float(answer.headers.get("Retry-After", "")))
    except ValueError:
        return None
