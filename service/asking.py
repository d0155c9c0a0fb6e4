"""How the event loop asks the database something short."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from anyio.to_thread import run_sync

T = TypeVar("T")


async def ask(database: sa.Engine, question: Callable[[], T]) -> T:
    """
    What `question` finds: told at once by SQLite, through a thread by a server, which may let one wait.

    For a few rows by an index and no more. In WAL mode whoever reads SQLite waits for nobody, and to hand such a
    question to a thread and its answer back costs more than the question. Whatever writes belongs into a thread.
    """
    return question() if database.dialect.name == "sqlite" else await run_sync(question)
