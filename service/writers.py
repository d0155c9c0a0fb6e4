"""Writers of one process stand in line for SQLite, which has one writer at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

_TURNS: dict[str, threading.Lock] = {}
"""By file."""


@contextmanager
def turn_to_write(engine: sa.Engine, *, patience_s: float) -> Iterator[None]:
    """
    Nobody else of this process writes to the same SQLite file while the block runs; nothing at all with a server.

    Without it each of them looks again and again whether the file's lock is free, ever less often, and one that came
    early can be passed by many that came late.

    Raises
    ------
    sqlalchemy.exc.TimeoutError
        The others took longer than `patience_s`.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    turn = _TURNS.setdefault(str(engine.url.database), threading.Lock())
    if not turn.acquire(timeout=patience_s):
        raise sa.exc.TimeoutError(f"other writers of this process held the database for {patience_s:g} s")
    try:
        yield
    finally:
        turn.release()
