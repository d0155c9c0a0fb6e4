"""How the event loop asks the database something short, and reads what is kept beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Hashable, Mapping
from pathlib import Path
from typing import Generic, TypeVar

import sqlalchemy as sa
from anyio.to_thread import run_sync
from sqlalchemy.util import greenlet_spawn

from service.db import glance
from service.recent import Recent

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

SHORT_BYTES = 256 * 1024
"""Documents up to here are read without a thread; the plan of `make demo` has about half of it."""

_RECENT = Recent(most_bytes=64 * SHORT_BYTES, longest=SHORT_BYTES)
"""Documents and parts of them that were shown lately by this process."""


async def ask(database: sa.Engine, question: Callable[[], T]) -> T:
    """
    What `question` finds: told at once by SQLite, awaited of a server, which may let one wait.

    For a few rows by an index and no more, by glances alone (`service.db.glance`). In WAL mode whoever reads SQLite
    waits for nobody, and to hand such a question to a thread and its answer back costs more than the question, with
    either database. Whatever writes belongs into a thread.
    """
    return question() if database.dialect.name == "sqlite" else await greenlet_spawn(question)


async def read(database: sa.Engine, path: Path, what: str, cut: Callable[[bytes], bytes] = bytes) -> bytes:
    """
    What is to be shown of a document that never changes: all of it, or what `cut` makes of it, which `what` names.

    At once where it was asked for lately, and in a short document beside SQLite; through a thread in any other, which
    may be on a volume that is shared.
    """
    shown = _RECENT.find((path, what))
    if shown is None:
        if database.dialect.name == "sqlite" and path.stat().st_size <= SHORT_BYTES:
            shown = cut(path.read_bytes())
        else:
            shown = await run_sync(lambda: cut(path.read_bytes()))
        _RECENT.keep((path, what), shown)
    return shown


class Together(Generic[K, T]):
    """
    Asks a server once for everything of a kind that is wanted in the same turn of the event loop.

    Nothing is remembered: each round asks after the last of those came for whom it asks, so that what they are told is
    never older than by a question of their own. Of SQLite each asks by itself, which takes no time to speak of.
    """

    def __init__(
        self,
        database: sa.Engine,
        *,
        one: Callable[[sa.Connection, K], T | None],
        many: Callable[[sa.Connection, Collection[K]], Mapping[K, T]],
    ) -> None:
        self._database, self._one, self._many = database, one, many
        self._wanted: set[K] = set()
        self._round: asyncio.Task[Mapping[K, T]] | None = None
        """Which has not set out yet."""

    async def find(self, wanted: K) -> T | None:
        """What there is of it; None when there is nothing."""
        if self._database.dialect.name == "sqlite":
            return glance(self._database, lambda connection: self._one(connection, wanted))
        self._wanted.add(wanted)
        if self._round is None:
            self._round = asyncio.create_task(self._ask())
        # Who gives up waiting leaves the others their round.
        return (await asyncio.shield(self._round)).get(wanted)

    async def _ask(self) -> Mapping[K, T]:
        wanted, self._wanted, self._round = self._wanted, set(), None
        return await greenlet_spawn(glance, self._database, lambda connection: self._many(connection, wanted))
