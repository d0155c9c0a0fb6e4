"""How the event loop asks the database something short, and reads what is kept beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from anyio.to_thread import run_sync
from sqlalchemy.util import greenlet_spawn

T = TypeVar("T")

SHORT_BYTES = 256 * 1024
"""Documents up to here are read without a thread; the plan of `make demo` has about half of it."""


async def ask(database: sa.Engine, question: Callable[[], T]) -> T:
    """
    What `question` finds: told at once by SQLite, awaited of a server, which may let one wait.

    For a few rows by an index and no more, by glances alone (`service.db.glance`). In WAL mode whoever reads SQLite
    waits for nobody, and to hand such a question to a thread and its answer back costs more than the question, with
    either database. Whatever writes belongs into a thread.
    """
    return question() if database.dialect.name == "sqlite" else await greenlet_spawn(question)


async def read(database: sa.Engine, path: Path, question: Callable[[bytes], T]) -> T:
    """What `question` finds in a document: at once in a short one beside SQLite, through a thread in any other."""
    if database.dialect.name == "sqlite" and path.stat().st_size <= SHORT_BYTES:
        return question(path.read_bytes())
    return await run_sync(lambda: question(path.read_bytes()))
