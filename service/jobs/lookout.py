"""One look at the database for all the event streams of this process, however many there are."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import anyio
import sqlalchemy as sa
from anyio.to_thread import run_sync

from service.db import reading
from service.jobs import journal
from service.jobs.states import Event


@dataclass(slots=True)
class Followed:
    """A job that somebody follows, as of the last look."""

    last_seq: int = 0
    """Number of its last event; 0 = nobody has looked yet."""
    recent: list[Event] = field(default_factory=list)
    """The last events, those that the last look with news found."""
    is_over: bool = False
    """Nothing will come after `last_seq`."""
    readers: int = 0
    changed: anyio.Event = field(default_factory=anyio.Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a look found of one job."""

    last_seq: int
    events: list[Event]
    is_over: bool


class Lookout:
    """
    Whichever stream finds that nobody has looked for `poll_s` looks for all of them, and wakes those it has news for.

    So the database is asked once in `poll_s` whether any of the followed jobs has something new, and once more for
    each that has; not once for every stream.
    """

    def __init__(self, database: sa.Engine, *, poll_s: float) -> None:
        self._database, self._poll_s = database, poll_s
        self._followed: dict[str, Followed] = {}
        self._looked_s = 0.0
        self._is_looking = False

    @contextmanager
    def follow(self, job_id: str) -> Iterator[Followed]:
        """Have a job looked at while the block runs."""
        followed = self._followed.setdefault(job_id, Followed())
        followed.readers += 1
        try:
            yield followed
        finally:
            followed.readers -= 1
            if not followed.readers:
                del self._followed[job_id]

    async def news(self, job_id: str, *, seen: int) -> list[Event]:
        """Events of a followed job after `seen`; waits about `poll_s` for one, and is empty when none came."""
        followed = self._followed[job_id]
        if followed.last_seq <= seen:
            with anyio.move_on_after(self._poll_s):
                await followed.changed.wait()
            if not self._is_looking and time.monotonic() - self._looked_s >= self._poll_s:
                await self._look()
        if followed.last_seq <= seen:
            return []
        if followed.recent and followed.recent[0].seq <= seen + 1:
            return [event for event in followed.recent if event.seq > seen]
        events = await run_sync(self._events_after, job_id, seen)
        if not events:  # there were some: the job was removed in between
            followed.last_seq, followed.is_over = 0, True
        return events

    async def _look(self) -> None:
        self._is_looking = True
        try:
            known = {job_id: followed.last_seq for job_id, followed in self._followed.items()}
            for job_id, news in (await run_sync(self._ask, known)).items():
                followed = self._followed.get(job_id)
                # It may have been left meanwhile, and taken up again.
                if followed is not None and followed.last_seq == known[job_id]:
                    followed.last_seq, followed.recent, followed.is_over = news.last_seq, news.events, news.is_over
                    followed.changed.set()
                    followed.changed = anyio.Event()
        finally:
            self._is_looking, self._looked_s = False, time.monotonic()

    def _ask(self, known: dict[str, int]) -> dict[str, News]:
        with reading(self._database) as connection:
            ends = journal.last_events(connection, known)
            found = {job_id: News(last_seq=0, events=[], is_over=True) for job_id in known.keys() - ends.keys()}
            for job_id, (last_seq, state) in ends.items():
                if last_seq != known[job_id]:
                    events = journal.events_after(connection, job_id, seq=known[job_id]) if known[job_id] else []
                    last = events[-1].seq if events else last_seq
                    found[job_id] = News(last_seq=last, events=events, is_over=state.is_final and last == last_seq)
        return found

    def _events_after(self, job_id: str, seen: int) -> list[Event]:
        with reading(self._database) as connection:
            return journal.events_after(connection, job_id, seq=seen)
