"""Connections to PostgreSQL that are not waited for without end, whatever lies between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from pydantic_core import from_json
from sqlalchemy.util.concurrency import in_greenlet

if TYPE_CHECKING:
    import psycopg

T = TypeVar("T")

ANSWER_S = 8.0
"""Longest wait for one answer of the server; every statement of ours takes milliseconds."""

TRANSPORT: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""A server that vanished without a word is noticed by the kernel; without these only after hours."""


class _Short(NamedTuple):
    """Where the glances of an engine come from: threads wait for their answer, an event loop does other things."""

    threads: sa.Engine
    loop: sa.Engine


_SHORT: WeakKeyDictionary[sa.Engine, _Short] = WeakKeyDictionary()


def open_postgres(url: str) -> sa.Engine:
    """
    A pool of connections that give up after `ANSWER_S` without an answer.

    The kernel notices a server that is gone, not one behind something that keeps the line open and says nothing: there
    a statement would never end, and with it neither would the thread.
    """
    from sqlalchemy.ext.asyncio import create_async_engine

    pool: dict[str, Any] = {"pool_size": 10, "max_overflow": 10, "pool_timeout": 10, "json_deserializer": from_json}
    # Lines of glances are all kept, as each asks for a moment, and many at once: one that is closed when the others are
    # free is opened again for the next crowd. Nothing is left open on them that would have to be rolled back.
    kept = {**pool, "pool_size": 20, "max_overflow": 0}
    each_by_itself: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None, **kept}
    engine = sa.create_engine(url, pool_pre_ping=True, creator=lambda: _connect(url), **pool)
    short = _Short(
        threads=sa.create_engine(url, creator=lambda: _connect(url), **each_by_itself),
        loop=create_async_engine(url, async_creator=lambda: _connect_in_loop(url), **each_by_itself).sync_engine,
    )

    @sa.event.listens_for(engine, "engine_disposed")
    def dispose(_: sa.Engine) -> None:
        for one in short:
            one.dispose()

    _SHORT[engine] = short
    return engine


def glance(engine: sa.Engine, question: Callable[[sa.Connection], T]) -> T:
    """
    What `question` finds, by a connection that is not tried before and begins no transaction.

    Each of these would be an answer more to wait for. When the line turns out to have been cut, it is asked again by
    another: it only reads. Where an event loop asks (`greenlet_spawn`), it goes on meanwhile.
    """
    short = _SHORT[engine].loop if in_greenlet() else _SHORT[engine].threads
    try:
        with short.connect() as connection:
            return question(connection)
    except sa.exc.DBAPIError as error:
        if not error.connection_invalidated:
            raise
    with short.connect() as connection:
        return question(connection)


def _connect(url: str) -> psycopg.Connection[Any]:
    import psycopg

    class Impatient(psycopg.Connection[Any]):
        def wait(self, gen: Any, *arguments: Any, **options: Any) -> Any:
            with _given_up(self):
                return super().wait(gen, *arguments, **{"timeout": ANSWER_S, **options})

    return Impatient.connect(_plain(url), **TRANSPORT)


async def _connect_in_loop(url: str) -> psycopg.AsyncConnection[Any]:
    import psycopg

    class Impatient(psycopg.AsyncConnection[Any]):
        async def wait(self, gen: Any, *arguments: Any, **options: Any) -> Any:
            with _given_up(self):
                return await super().wait(gen, *arguments, **{"timeout": ANSWER_S, **options})

    return await Impatient.connect(_plain(url), **TRANSPORT)


def _plain(url: str) -> str:
    return sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def _given_up(connection: Any) -> Iterator[None]:
    """A line whose answer is still to come is of no use any more."""
    import psycopg

    try:
        yield
    except psycopg.OperationalError:
        if connection.pgconn.transaction_status == psycopg.pq.TransactionStatus.ACTIVE:
            connection.pgconn.finish()
        raise
